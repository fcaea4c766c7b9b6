import Synchronization

/// Requests of each credential: as many at once as it may make in a minute, and then as fast as they come back (a token bucket).
final class RateLimits: Sendable {
    private struct Bucket {
        var left: Double
        var at: ContinuousClock.Instant
    }

    /// More are swept: those that are full again say nothing.
    private static let bucketCountMax = 10_000

    private let buckets = Mutex<[String: Bucket]>([:])
    private let now: @Sendable () -> ContinuousClock.Instant

    init(now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) { self.now = now }

    /// - Returns: `nil` where the request may pass, else in how many seconds the next one may.
    func take(_ credential: String, perMinute: Int) -> Int? {
        let now = now()
        let full = Double(perMinute)
        let perSecond = full / 60
        return buckets.withLock { buckets in
            if buckets.count >= Self.bucketCountMax, buckets[credential] == nil {
                buckets = buckets.filter { now - $0.value.at < .seconds(60) }
            }
            var bucket = buckets[credential] ?? Bucket(left: full, at: now)
            bucket.left = min(full, bucket.left + Self.seconds(now - bucket.at) * perSecond)
            bucket.at = now
            defer { buckets[credential] = bucket }
            guard bucket.left < 1 else {
                bucket.left -= 1
                return nil
            }
            return max(1, Int(((1 - bucket.left) / perSecond).rounded(.up)))
        }
    }

    private static func seconds(_ duration: Duration) -> Double {
        Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
    }
}
