import Foundation
import JWTKit

/// The public keys of an identity provider (a JWK set, RFC 7517), read again when they are old or a token names one that is not among them.
actor IssuerKeys {
    private struct Known {
        let keys: [String: JWK]
        let at: ContinuousClock.Instant
    }

    private static let freshFor = Duration.seconds(15 * 60)
    /// For so long they serve on if they cannot be read again.
    private static let usableFor = Duration.seconds(60 * 60)
    /// Nobody makes the service ask more often, whatever tokens they send.
    private static let pause = Duration.seconds(30)

    private let read: @Sendable () async throws -> [UInt8]
    private let now: @Sendable () -> ContinuousClock.Instant
    private var known: Known?
    private var lastTry: ContinuousClock.Instant?
    /// Whoever comes while the set is read waits for it.
    private var reading: Task<Void, Never>?

    init(now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }, read: @escaping @Sendable () async throws -> [UInt8]) {
        self.read = read
        self.now = now
    }

    /// The key that a token names, for the algorithm that it names and no other.
    ///
    /// A key may leave its algorithm open. It is then made anew for each token: what one of them claims must not count for the next.
    ///
    /// - Parameter name: may be left out where the provider has one key.
    /// - Throws: ``Problem``: 401 where no key is meant, or one that signs by another algorithm; 503 when there are no keys that could say
    ///   whether a token is good.
    func collection(for name: String?, by algorithm: JWK.Algorithm) async throws -> JWTKeyCollection {
        await refresh(for: name)
        guard let known, now() - known.at < Self.usableFor else {
            var problem = Problem(
                .unavailable, "The identity provider's keys cannot be read, so nobody's token can be checked. Try again later.")
            problem.retryAfter = 30
            throw problem
        }
        let meant = name.map { known.keys[$0] } ?? (known.keys.count == 1 ? known.keys.values.first : nil)
        guard var key = meant, key.algorithm == nil || key.algorithm == algorithm else { throw Problem.badCredential }
        key.algorithm = algorithm
        let collection = JWTKeyCollection()
        do { try await collection.add(jwk: key) } catch { throw Problem.badCredential }
        return collection
    }

    private func refresh(for name: String?) async {
        if let reading { return await reading.value }
        guard isDue(for: name), lastTry.map({ now() - $0 >= Self.pause }) ?? true else { return }
        lastTry = now()
        let task = Task {
            if let fresh = try? Self.parse(try await read(), at: now()) { known = fresh }
            reading = nil
        }
        reading = task
        await task.value
    }

    private func isDue(for name: String?) -> Bool {
        guard let known, now() - known.at < Self.freshFor else { return true }
        return name.map { known.keys[$0] == nil } ?? false
    }

    /// Keys of a kind that is not known here, without a name, or that are for encrypting, are left out.
    private static func parse(_ bytes: [UInt8], at time: ContinuousClock.Instant) throws -> Known {
        let items = try JSONDecoder().decode(KeySet.self, from: Data(bytes)).keys
        let keys = items.filter { $0.use ?? "sig" == "sig" }.compactMap(\.key)
        let named = keys.compactMap { key in key.keyIdentifier.map { ($0.string, key) } }
        guard !named.isEmpty else { throw JWTError.invalidJWK(reason: "no usable key") }
        return Known(keys: Dictionary(named, uniquingKeysWith: { first, _ in first }), at: time)
    }

    private struct KeySet: Decodable {
        let keys: [Item]
    }

    private struct Item: Decodable {
        private enum CodingKeys: String, CodingKey { case use }

        let key: JWK?
        let use: String?

        init(from decoder: any Decoder) throws {
            key = try? JWK(from: decoder)
            use = try decoder.container(keyedBy: CodingKeys.self).decodeIfPresent(String.self, forKey: .use)
        }
    }
}
