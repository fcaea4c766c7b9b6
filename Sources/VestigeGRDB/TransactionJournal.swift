import Dispatch
import GRDB
import Synchronization
import VestigeCore
import VestigeVault

/// What one run of a transaction has to say, sealed and put into the outbox as it goes.
///
/// Whoever cannot be sealed for yet is noted, their entry keeps its place, and the run goes on, so that at its end all of them are known
/// and can be asked for at once.
final class TransactionJournal {
    /// People first, then their keys; once more for whoever was erased in between.
    private static let roundCountMax = 4
    /// How long a transaction stays open for the vault.
    private static let patience = DispatchTimeInterval.seconds(2)

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

    init(sealing: Sealing, outbox: Outbox) {
        self.sealing = sealing
        self.outbox = outbox
    }

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

    /// Completes what the run has to say.
    ///
    /// - Parameter mayWait: Waits in the open transaction for those who are missing. Otherwise they are waited for between two runs, which holds up
    ///   nobody; but ids that the database gives may be others in the next run, and so its people, for as long as others write too.
    /// - Returns: what was recorded and not taken back since, by a savepoint of the host's, and what was looked at.
    /// - Throws: ``NotReady``: roll back, wait for them, run again. `RecordingError`, `DatabaseError`.
    func close(in db: Database, mayWait: Bool) throws -> Told {
        guard let first = [open.keys.min(), changes.keys.min()].compactMap({ $0 }).min() else {
            return Told(changes: Array(unchanged), looks: merged, missed: Array(missed))
        }
        let standing = try Outbox.standing(from: first, in: db)
        open = open.filter { standing.contains($0.key) }
        for _ in 0..<TransactionJournal.roundCountMax {
            guard mayWait, let missing else { break }
            try wait(for: missing)
            try fill(in: db)
        }
        if let missing { throw missing }
        let recorded = changes.filter { standing.contains($0.key) }.map(\.value)
        return Told(changes: recorded + Array(unchanged), looks: merged, missed: Array(missed))
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

    /// Blocks GRDB's thread, which is none of those that tasks run on.
    private func wait(for missing: NotReady) throws {
        let question = Question()
        Task.detached { [sealing] in await question.ask(for: missing, sealing) }
        guard let answer = question.answer(within: TransactionJournal.patience) else { throw missing }
        sealing = try answer.get()
    }
}

/// Asked by a task, answered to a thread.
private final class Question: Sendable {
    private let isAnswered = DispatchSemaphore(value: 0)
    private let outcome = Mutex<Result<Sealing, any Error>?>(nil)

    func ask(for missing: NotReady, _ sealing: Sealing) async {
        var sealing = sealing
        let result: Result<Sealing, any Error>
        do {
            try await sealing.wait(for: missing)
            result = .success(sealing)
        } catch {
            result = .failure(error)
        }
        outcome.withLock { $0 = result }
        isAnswered.signal()
    }

    /// nil when it takes too long.
    func answer(within limit: DispatchTimeInterval) -> Result<Sealing, any Error>? {
        _ = isAnswered.wait(timeout: .now() + limit)
        return outcome.withLock { $0 }
    }
}

extension Look {
    /// Everybody whom it concerns; who cannot be named was refused when the look was made.
    fileprivate var people: [SubjectID] {
        if let subjects { return subjects }
        return record.id.flatMap { try? SubjectID(type: record.type, id: $0) }.map { [$0] } ?? []
    }
}
