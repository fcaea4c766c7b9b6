import VestigeCore

/// A record on its way into the file.
struct SpoolRequest: Sendable {
    let record: SpoolRecord
    /// `nil` for what nobody waits for.
    let durable: Durable?

    struct Durable: Sendable {
        let batch: SealedBatch
        let resume: @Sendable (Result<SpoolTicket, any Error>) -> Void
    }

    func refuse(_ error: SpoolError) {
        durable?.resume(.failure(error))
    }
}

/// What a spool knows: its live acts, and what waits for the thread.
struct SpoolQueue: Sendable {
    var live = LiveActs()
    /// Why nothing more is taken.
    var refusal: SpoolError?
    /// How often a group was made durable.
    var syncs = 0
    private(set) var waiting: [SpoolRequest] = []
    private var lastSequence: UInt64 = 0
    private var isDraining = false

    /// The sequence is given here, so that records stand in the file in its order.
    ///
    /// - Returns: whether the thread must be started.
    mutating func add(_ kind: SpoolRecord.Kind, batch: [UInt8] = [], reference: UInt64, durable: SpoolRequest.Durable? = nil) -> Bool {
        lastSequence += 1
        let record = SpoolRecord(sequence: lastSequence, kind: kind, reference: reference, batch: batch)
        waiting.append(SpoolRequest(record: record, durable: durable))
        defer { isDraining = true }
        return !isDraining
    }

    /// `nil` when there is nothing more; the thread ends then.
    mutating func nextGroup(upTo limit: Int) -> [SpoolRequest]? {
        guard !waiting.isEmpty else {
            isDraining = false
            return nil
        }
        let group = Array(waiting.prefix(limit))
        waiting.removeFirst(group.count)
        return group
    }

    /// - Returns: what must be refused, too.
    mutating func stop(_ error: SpoolError) -> [SpoolRequest] {
        refusal = error
        defer { waiting = [] }
        return waiting
    }
}

extension SpoolError {
    static let closed = SpoolError.storage("it was closed; the act was refused, open the data directory again")
}
