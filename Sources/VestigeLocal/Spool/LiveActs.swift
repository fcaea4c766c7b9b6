import VestigeCore

/// The acts of a spool that are not settled.
struct LiveActs: Sendable {
    /// The newest record of an act.
    struct Act: Sendable {
        let record: SpoolRecord
        let batch: SealedBatch
    }

    private var acts: [UInt64: Act] = [:]
    private(set) var waiting = SpoolWaiting()
    /// What their records take in a file.
    private(set) var byteCount = 0

    var isEmpty: Bool { acts.isEmpty }

    func contains(_ ticket: UInt64) -> Bool { acts[ticket] != nil }

    /// `record` stands in the file; its batch replaces what the act had before.
    mutating func insert(_ record: SpoolRecord, _ batch: SealedBatch) {
        remove(record.ticket)
        acts[record.ticket] = Act(record: record, batch: batch)
        count(record, 1)
    }

    mutating func remove(_ ticket: UInt64) {
        guard let act = acts.removeValue(forKey: ticket) else { return }
        count(act.record, -1)
    }

    private mutating func count(_ record: SpoolRecord, _ step: Int) {
        byteCount += step * record.frameByteCount
        if record.kind == .intent { waiting.intents += step } else { waiting.kept += step }
    }

    /// Oldest act first.
    func kept(limit: Int) -> [(ticket: SpoolTicket, batch: SealedBatch)] {
        let tickets = acts.filter { $0.value.record.kind == .outcome }.keys.sorted().prefix(max(0, limit))
        return tickets.compactMap { ticket in acts[ticket].map { (SpoolTicket(sequence: ticket), $0.batch) } }
    }

    /// Oldest act first.
    var batches: [SealedBatch] { acts.sorted { $0.key < $1.key }.map(\.value.batch) }

    /// In the order in which they were written, as a file must have them.
    var records: [SpoolRecord] { acts.values.map(\.record).sorted { $0.sequence < $1.sequence } }
}
