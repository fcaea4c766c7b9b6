import Synchronization

/// Where processes tell each other that keys were destroyed. Looked at before each use of a cached key, so `current` must cost next to nothing.
public protocol EpochBoard: Sendable {
    /// A number that changes whenever keys were destroyed; any change means: wipe what is cached.
    func current() -> UInt64

    /// Has `forget` called whenever the number changed, by whatever thread sees it first, also while nobody uses the vault. What it
    /// answers becomes this process's answer to ``publish(_:)``; after ``EpochAnswer/gone`` it is not called again.
    func register(_ forget: @escaping @Sendable () -> EpochAnswer)

    /// Raises the number, to `epoch` at least, and returns once every vault of every process on this board has wiped its keys and uses
    /// none that it read before. It may be repeated.
    ///
    /// - Throws: ``EpochError/unanswered(pids:)`` if one does not answer; the erasure then stays under way and is resumed.
    func publish(_ epoch: UInt64) async throws
}

/// What a vault says when it is told to forget.
public enum EpochAnswer: Sendable {
    /// Everything from before is wiped and nobody is about to use it.
    case wiped
    /// Wiped, but something read before the wipe is still on its way; to be asked again in a moment.
    case busy
    /// The vault is no more.
    case gone
}

public enum EpochError: Error, Sendable, Equatable, CustomStringConvertible {
    /// These processes live, have the vault open and did not say in time that they had wiped their keys.
    case unanswered(pids: [Int32])

    public var description: String {
        switch self {
        case .unanswered(let pids):
            "\(pids.count == 1 ? "process" : "processes") \(pids.map(String.init).joined(separator: ", ")) did not answer and may still hold "
                + "the destroyed key in memory; let it go on (kill -CONT) or end it, then ask again"
        }
    }
}

/// The vaults of this process that look at one board.
package final class EpochAudience: Sendable {
    private let vaults = Mutex<[@Sendable () -> EpochAnswer]>([])

    package init() {}

    package func add(_ forget: @escaping @Sendable () -> EpochAnswer) { vaults.withLock { $0.append(forget) } }

    /// Tells all of them to forget. True if nothing from before is in use anywhere.
    package func forget() -> Bool {
        vaults.withLock { vaults in
            var isDone = true
            vaults.removeAll { forget in
                let answer = forget()
                if answer == .busy { isDone = false }
                return answer == .gone
            }
            return isDone
        }
    }
}

/// The board of a single process: one atomic number, shared by the vaults that are given it.
public final class InProcessEpochBoard: EpochBoard {
    private let epoch = Atomic<UInt64>(0)
    private let audience = EpochAudience()

    public init() {}

    public func current() -> UInt64 { epoch.load(ordering: .acquiring) }

    public func register(_ forget: @escaping @Sendable () -> EpochAnswer) { audience.add(forget) }

    /// Waits for reads that are on their way, however long they take: they are this process's own.
    public func publish(_ epoch: UInt64) async throws {
        // Raised even where `epoch` is no news: a vault put back from a backup counts from an older number.
        if self.epoch.max(epoch, ordering: .acquiringAndReleasing).oldValue >= epoch {
            self.epoch.wrappingAdd(1, ordering: .acquiringAndReleasing)
        }
        while !audience.forget() { try await Task.sleep(for: .milliseconds(1)) }
    }
}
