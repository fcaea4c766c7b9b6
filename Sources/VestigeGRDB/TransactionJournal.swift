import GRDB
import VestigeCore
import VestigePolicy
import VestigeVault

/// What one run of a transaction has to say, sealed and put into the outbox as it goes.
///
/// Whoever cannot be sealed for yet is noted, their entry keeps its place, and the run goes on, so that at its end all of them are known
/// and can be asked for at once.
final class TransactionJournal {
    /// People first, then their keys; once more for whoever was erased in between.
    private static let roundCountMax = 4

    private struct Open {
        let entry: Entry
        let missing: NotReady
    }

    /// What was said in a run that is done.
    struct Told: Sendable {
        /// Recorded, or found to change nothing.
        var changes: [RecordingSlot.Change]
        var looks: [Look]
        /// Not there to be changed.
        var missed: [RecordingSlot.Change]
        /// What the blind index is to lose once the transaction is committed.
        var gone: [IndexRemoval]
    }

    private var sealing: Sealing
    private let outbox: Outbox
    /// Entries whose place in the outbox is empty as yet.
    private var open: [Int64: Open] = [:]
    private var changes: [Int64: RecordingSlot.Change] = [:]
    /// Of each type of record, what was handed out as it was.
    private var looks: [String: [Look]] = [:]
    private var unchanged: Set<RecordingSlot.Change> = []
    private var missed: Set<RecordingSlot.Change> = []
    private let mayWait: Bool
    /// Whose keys the sealed columns of this run lacked: it cannot be committed, whatever the closure makes of it.
    private(set) var unready: NotReady?
    private var added: [IndexChange] = []
    private var gone: [IndexRemoval] = []

    /// - Parameter mayWait: Waits in the open transaction for those who are missing. Otherwise they are waited for between two runs, which holds up
    ///   nobody; but ids that the database gives may be others in the next run, and so its people, for as long as others write too.
    init(sealing: Sealing, outbox: Outbox, mayWait: Bool) {
        self.sealing = sealing
        self.outbox = outbox
        self.mayWait = mayWait
    }

    // MARK: Sealed columns

    /// - Throws: ``NotReady``, also to a closure that then goes on: the run is over.
    func open<Record: Recordable>(_ records: inout [Record]) throws {
        for _ in 0..<TransactionJournal.roundCountMax {
            do {
                return try sealing.columns.open(&records)
            } catch let missing as NotReady where mayWait {
                try wait(for: missing)
            } catch let missing as NotReady {
                throw note(missing)
            }
        }
        throw TransactionJournal.keysAreGone
    }

    /// In a first run a record of somebody new is written without its values, so that all who are new are found out at once.
    func sealed<Record: Recordable>(_ record: Record, before: Record? = nil) throws -> Record {
        for _ in 0..<TransactionJournal.roundCountMax {
            var sealed = record
            guard let missing = try sealing.columns.seal(&sealed, before: before) else { return sealed }
            guard mayWait else {
                note(missing)
                return sealed
            }
            try wait(for: missing)
        }
        throw TransactionJournal.keysAreGone
    }

    /// A record as the table gave it back after it was written.
    func readBack<Record: Recordable>(_ record: Record, written: Record) throws -> Record {
        var records = [record]
        try sealing.columns.recall(written, in: &records[0])
        try open(&records)
        return records[0]
    }

    /// What a change of a record does to the blind index.
    func index<Record>(from before: Record?, to after: Record?, _ rule: RecordRule, in db: Database) throws
    where Record: Recordable & FetchableRecord & MutablePersistableRecord {
        let changes = try sealing.columns.indexChanges(from: before, to: after)
        added += changes.added
        // Only where the record is the person is this row the one that has the value: other records of theirs may have the same.
        guard rule.subject == .itself, let before, !changes.gone.isEmpty else { return }
        for change in changes.gone {
            if let removal = try IndexRemoval(change, of: before, in: db) { gone.append(removal) }
        }
    }

    @discardableResult
    private func note(_ missing: NotReady) -> NotReady {
        let all = unready?.union(missing) ?? missing
        unready = all
        return all
    }

    private static let keysAreGone = RecordingError.unavailable(
        "the keys of the people concerned could not be held long enough; nothing was changed, try again")

    // MARK: Entries

    /// - Throws: `RecordingError`, `DatabaseError`: the act must not stand.
    func write(_ entry: Entry, in db: Database) throws {
        let seq: Int64
        // A place that a savepoint gave back may be given again.
        do {
            seq = try outbox.put(try sealing.seal(entry), in: db)
            open[seq] = nil
        } catch let missing as NotReady {
            seq = try outbox.put(nil, in: db)
            open[seq] = Open(entry: entry, missing: missing)
        }
        changes[seq] = entry.record.map { .init(event: entry.event, record: $0.type, id: $0.id) }
    }

    /// Whatever becomes of the savepoint: the record was handed out.
    func look(_ look: Look) {
        looks[look.record.type, default: []].append(look)
    }

    /// An update changed nothing, so it has no entry.
    func foundUnchanged(_ record: RecordReference) {
        unchanged.insert(.init(event: "updated", record: record.type, id: record.id))
    }

    /// There was no such record to change or delete.
    func miss(_ event: String, _ type: String) {
        missed.insert(.init(event: event, record: type))
    }

    /// An entry for each type: an import that finds thousands unchanged is not thousands of looks.
    private var merged: [Look] {
        looks.sorted { $0.key < $1.key }.map { type, looks in
            if looks.count == 1 { return looks[0] }
            var seen: Set<SubjectID> = []
            let people = looks.flatMap(\.people).filter { seen.insert($0).inserted }
            let ids = Set(looks.map(\.record.id))
            return Look(
                record: RecordReference(type: type, id: ids.count == 1 ? looks[0].record.id : nil), subjects: people,
                fields: Set(looks.flatMap(\.fields)).sorted())
        }
    }

    /// Completes what the run has to say, and sees to it that people are findable by what is about to be committed.
    ///
    /// - Returns: what was recorded and not taken back since, by a savepoint of the host's, and what was looked at.
    /// - Throws: ``NotReady``: roll back, wait for them, run again. `RecordingError`, `DatabaseError`.
    func close(in db: Database) throws -> Told {
        let recorded = try closeEntries(in: db)
        // In the transaction, so that nobody commits another value of the same person in between; see ``IndexRemoval``.
        if !added.isEmpty { try wait(for: .indexing(added)) }
        return Told(changes: recorded + Array(unchanged), looks: merged, missed: Array(missed), gone: gone)
    }

    private func closeEntries(in db: Database) throws -> [RecordingSlot.Change] {
        if let unready { throw missing.map(unready.union) ?? unready }
        guard let first = [open.keys.min(), changes.keys.min()].compactMap({ $0 }).min() else { return [] }
        let standing = try Outbox.standing(from: first, in: db)
        open = open.filter { standing.contains($0.key) }
        for _ in 0..<TransactionJournal.roundCountMax {
            guard mayWait, let missing else { break }
            try wait(for: missing)
            try fill(in: db)
        }
        if let missing { throw missing }
        return changes.filter { standing.contains($0.key) }.map(\.value)
    }

    /// Everybody whom an open entry needs; nil when none is open.
    private var missing: NotReady? {
        // In pairs: an import of thousands would otherwise copy all before for each.
        var all = open.values.map(\.missing)
        while all.count > 1 {
            all = stride(from: 0, to: all.count, by: 2).map { $0 + 1 < all.count ? all[$0].union(all[$0 + 1]) : all[$0] }
        }
        return all.first
    }

    private func fill(in db: Database) throws {
        for (seq, item) in open {
            do {
                try outbox.fill(seq, with: try sealing.seal(item.entry), in: db)
                open[seq] = nil
            } catch let missing as NotReady {
                open[seq] = Open(entry: item.entry, missing: missing)
            }
        }
    }

    private func wait(for missing: NotReady) throws {
        let answer = try Blocking.wait { [sealing] in
            var sealing = sealing
            try await sealing.wait(for: missing)
            return sealing
        }
        guard let answer else { throw missing }
        sealing = answer
    }
}

extension Look {
    /// Everybody whom it concerns; who cannot be named was refused when the look was made.
    fileprivate var people: [SubjectID] {
        if let subjects { return subjects }
        return record.id.flatMap { try? SubjectID(type: record.type, id: $0) }.map { [$0] } ?? []
    }
}
