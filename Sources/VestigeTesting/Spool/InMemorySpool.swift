import Synchronization
public import VestigeCore

/// A spool in memory, for tests of hosts and as the plainest reading of what a spool does. Nothing in it outlives the process.
public final class InMemorySpool: Sendable {
    private struct Act: Sendable {
        var batch: SealedBatch
        var isKept: Bool
    }

    private struct State {
        var acts: [UInt64: Act] = [:]
        var lastSequence: UInt64 = 0
        var refusesIntents = false
        var refusesKeeps = false
    }

    private let state = Mutex(State())

    public init() {}

    /// Whether no act is let through, as on a full disk.
    public var refusesIntents: Bool {
        get { state.withLock { $0.refusesIntents } }
        set { state.withLock { $0.refusesIntents = newValue } }
    }

    /// Whether no entry is kept for a trail that does not take it: an act's intent stands on then.
    public var refusesKeeps: Bool {
        get { state.withLock { $0.refusesKeeps } }
        set { state.withLock { $0.refusesKeeps = newValue } }
    }

    public var waiting: SpoolWaiting {
        state.withLock { state in
            let kept = state.acts.values.count { $0.isKept }
            return SpoolWaiting(intents: state.acts.count - kept, kept: kept)
        }
    }

    /// What an opener would find after a crash, oldest act first: the outcome, or the intent where none is known.
    package var leftover: [SealedBatch] { state.withLock { $0.acts.sorted { $0.key < $1.key }.map(\.value.batch) } }
}

extension InMemorySpool: Spool {
    package func intend(_ intent: SealedBatch) async throws -> SpoolTicket {
        try state.withLock { state in
            if state.refusesIntents { throw SpoolError.storage("it was told to refuse intents") }
            state.lastSequence += 1
            state.acts[state.lastSequence] = Act(batch: intent, isKept: false)
            return SpoolTicket(sequence: state.lastSequence)
        }
    }

    package func keep(_ outcome: SealedBatch, replacing ticket: SpoolTicket?) async throws {
        try state.withLock { state in
            if state.refusesKeeps { throw SpoolError.storage("it was told to refuse keeps") }
            state.lastSequence += 1
            state.acts[ticket?.sequence ?? state.lastSequence] = Act(batch: outcome, isKept: true)
        }
    }

    package func settle(_ ticket: SpoolTicket) {
        state.withLock { state in _ = state.acts.removeValue(forKey: ticket.sequence) }
    }

    package func kept(limit: Int) -> [(ticket: SpoolTicket, batch: SealedBatch)] {
        state.withLock { state in
            state.acts.filter(\.value.isKept).sorted { $0.key < $1.key }.prefix(max(0, limit)).map {
                (SpoolTicket(sequence: $0.key), $0.value.batch)
            }
        }
    }
}
