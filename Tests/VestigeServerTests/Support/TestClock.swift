import Synchronization
import VestigeTrail

/// A clock that a test moves.
final class TestClock: Sendable {
    private let time = Mutex(Timestamp(microseconds: 1_780_000_000_000_000))

    var now: Timestamp { time.withLock { $0 } }

    func advance(days: Int64) { time.withLock { $0 = $0.adding(days: days) } }
}
