import Synchronization

/// Where processes tell each other that keys were destroyed. Looked at before each use of a cached key, so `current` must cost next to nothing.
public protocol EpochBoard: Sendable {
    /// The newest epoch published; any change means: wipe what is cached.
    func current() -> UInt64

    /// Publishes `epoch`, unless a newer one is there, and returns once every process that looks at this board has wiped its keys.
    ///
    /// - Throws: if one does not answer; the erasure then stays under way and is resumed.
    func publish(_ epoch: UInt64) async throws
}

/// The board of a single process: one atomic number, shared by the vaults that are given it.
public final class InProcessEpochBoard: EpochBoard {
    private let epoch = Atomic<UInt64>(0)

    public init() {}

    public func current() -> UInt64 { epoch.load(ordering: .acquiring) }

    public func publish(_ epoch: UInt64) async throws { self.epoch.max(epoch, ordering: .acquiringAndReleasing) }
}
