public import GRDB
public import VestigeCore
import VestigePolicy
import VestigeVault

/// One transaction of a ``RecordedDatabase``; valid only within the closure that it is given to.
///
/// Each change and its entry stand or fall together: a change that throws leaves neither, also when the closure catches the error and goes
/// on. Records are compared as they were read before and after, in this transaction, with what triggers made of them.
///
/// ``VestigeCore/Sealed`` columns are open in the records that a closure gets, and sealed when it is done; people become findable by the searchable ones
/// before the commit, and lose what they had after it.
///
/// A record that an update leaves as it was is handed out all the same: ``RecordedDatabase/write(_:)`` records these looks before it returns.
/// Other looks are not offered here: what is for somebody to see comes from ``RecordedDatabase/fetch(_:id:showing:)`` and its like.
public struct RecordedTransaction {
    /// For statements that touch nobody's record: what is done through it is not recorded. Sealed columns stay closed there.
    public let db: Database
    let values: PersonalValues
    private let policy: Policy
    private let journal: TransactionJournal

    init(db: Database, recorder: Recorder, journal: TransactionJournal) {
        self.db = db
        self.journal = journal
        policy = recorder.policy
        values = recorder.values
    }

    /// Creates a record; every field of it is a change from absent.
    ///
    /// - Returns: the record as it was stored, with what the database gave it.
    /// - Throws: ``RecordingError/refused(member:problem:)``; `DatabaseError`.
    @discardableResult
    public func create<Record>(_ record: Record) throws -> Record where Record: Recordable & FetchableRecord & MutablePersistableRecord {
        let rule = try policy.rule(of: Record.self)
        return try act {
            let written = try journal.sealed(record)
            let created = try journal.readBack(try stored(try written.insertAndFetch(db)), written: written)
            try journal.index(from: nil, to: created, rule, in: db)
            return (created, try entry("created", of: created, Record.difference(from: nil, to: created), rule))
        }
    }

    /// Changes a record.
    ///
    /// Saving what was there already writes nothing and is recorded as a look; so is a change of columns that the record does not name in
    /// its `recordedFields`, which is saved.
    ///
    /// - Parameters:
    ///   - id: The primary key, of one column.
    ///   - edit: May not give the record another id.
    /// - Returns: the record as it is now; nil when there is none, and nothing was done.
    /// - Throws: as ``create(_:)``; what `edit` throws.
    @discardableResult
    public func update<Record>(
        _ type: Record.Type, id: some DatabaseValueConvertible, _ edit: (inout Record) throws -> Void
    ) throws -> Record? where Record: Recordable & FetchableRecord & MutablePersistableRecord {
        let rule = try policy.rule(of: Record.self)
        return try act {
            guard let before = try opened(try Record.fetchOne(db, key: id)) else {
                journal.miss("updated", Record.recordType)
                return (nil, nil)
            }
            let after = try edited(before, edit, rule)
            let changes = Record.difference(from: before, to: after)
            guard changes.isEmpty else { return (after, try entry("updated", of: after, changes, rule)) }
            try look(at: [after], rule)
            journal.foundUnchanged(RecordReference(type: Record.recordType, id: after.recordID))
            return (after, nil)
        }
    }

    /// Deletes a record; every field of it is a change to absent.
    ///
    /// - Returns: the record that was deleted; nil when there was none, and nothing was done.
    /// - Throws: as ``create(_:)``.
    @discardableResult
    public func delete<Record>(
        _ type: Record.Type, id: some DatabaseValueConvertible
    ) throws -> Record? where Record: Recordable & FetchableRecord & MutablePersistableRecord {
        let rule = try policy.rule(of: Record.self)
        return try act {
            guard let deleted = try opened(try Record.fetchOne(db, key: id)) else {
                journal.miss("deleted", Record.recordType)
                return (nil, nil)
            }
            try journal.index(from: deleted, to: nil, rule, in: db)
            _ = try deleted.delete(db)
            return (deleted, try entry("deleted", of: deleted, Record.difference(from: deleted, to: nil), rule))
        }
    }

    /// Changes all records that match: one act with all people whose records differ, each with before and after of their own.
    ///
    /// - Returns: the records as they are now, those that did not change among them.
    /// - Throws: as ``update(_:id:_:)``.
    @discardableResult
    public func updateAll<Record>(
        _ request: QueryInterfaceRequest<Record>, _ edit: (inout Record) throws -> Void
    ) throws -> [Record] where Record: Recordable & FetchableRecord & MutablePersistableRecord {
        let rule = try policy.rule(of: Record.self)
        return try act {
            let updates = try opened(try request.fetchAll(db)).map { (before: $0, after: try edited($0, edit, rule)) }
            try look(at: updates.filter { Record.difference(from: $0.before, to: $0.after).isEmpty }.map(\.after), rule)
            let entry = try bulkEntry("updated", of: updates.map { ($0.before, $0.after) }, rule)
            if updates.isEmpty {
                journal.miss("updated", Record.recordType)
            } else if entry == nil {
                journal.foundUnchanged(RecordReference(type: Record.recordType, id: nil))
            }
            return (updates.map(\.after), entry)
        }
    }

    /// Deletes all records that match: one act with all people.
    ///
    /// - Returns: the records that were deleted.
    /// - Throws: as ``create(_:)``.
    @discardableResult
    public func deleteAll<Record>(
        _ request: QueryInterfaceRequest<Record>
    ) throws -> [Record] where Record: Recordable & FetchableRecord & MutablePersistableRecord {
        let rule = try policy.rule(of: Record.self)
        return try act {
            let deleted = try opened(try request.fetchAll(db))
            for record in deleted {
                try journal.index(from: record, to: nil, rule, in: db)
                _ = try record.delete(db)
            }
            if deleted.isEmpty { journal.miss("deleted", Record.recordType) }
            return (deleted, try bulkEntry("deleted", of: deleted.map { ($0, nil) }, rule))
        }
    }

    /// An entry of the host's own, such as a changed role, that stands or falls with the transaction.
    ///
    /// - Parameter entry: Without an id: it gets one with its row, and each commit has its own. The trail takes an id once, so a second commit
    ///   under one that a host gave would stand without its entry. Keep a request from being done twice by a key of your own tables.
    /// - Throws: ``RecordingError/refused(member:problem:)``; `DatabaseError`.
    public func record(_ entry: Entry) throws {
        guard entry.id == nil else {
            throw RecordingError.refused(member: "id", problem: "an entry of a transaction gets its id with its row; leave it out")
        }
        try act { ((), entry) }
    }

    // MARK: -

    /// Runs one change with its entry: both, or neither.
    private func act<Value>(_ work: () throws -> (Value, Entry?)) throws -> Value {
        var outcome: [Value] = []
        try db.inSavepoint {
            let (value, entry) = try work()
            if let entry { try journal.write(entry, in: db) }
            outcome = [value]
            return .commit
        }
        return outcome[0]
    }

    private func look<Record: Recordable>(at unchanged: [Record], _ rule: RecordRule) throws {
        if let look = try Look(at: unchanged, rule: rule) { journal.look(look) }
    }

    private func edited<Record>(
        _ before: Record, _ edit: (inout Record) throws -> Void, _ rule: RecordRule
    ) throws -> Record where Record: Recordable & FetchableRecord & MutablePersistableRecord {
        var record = before
        try edit(&record)
        guard record.recordID == before.recordID else {
            throw RecordingError.refused(
                member: "record.id", problem: "a change cannot give a record another id; create a record with it and delete this one")
        }
        record = try journal.sealed(record, before: before)
        guard try record.updateChanges(db, from: before) else { return before }
        let after = try journal.readBack(try stored(record), written: record)
        try journal.index(from: before, to: after, rule, in: db)
        return after
    }

    private func opened<Record: Recordable>(_ records: [Record]) throws -> [Record] {
        var records = records
        try journal.open(&records)
        return records
    }

    func opened<Record: Recordable>(_ record: Record?) throws -> Record? {
        try opened(record.map { [$0] } ?? []).first
    }

    /// The record as it stands now, with what triggers made of it; itself where it does not know its key.
    private func stored<Record>(_ record: Record) throws -> Record where Record: FetchableRecord & MutablePersistableRecord {
        guard let key = try record.primaryKey(in: db) else { return record }
        return try Record.fetchOne(db, key: key.mapValues { $0 as (any DatabaseValueConvertible)? }) ?? record
    }

    private func entry<Record: Recordable>(
        _ event: String, of record: Record, _ changes: [String: FieldChange], _ rule: RecordRule
    ) throws -> Entry {
        let people = try rule.people(named: record)
        return Entry(
            event: event, record: RecordReference(type: Record.recordType, id: record.recordID),
            subjects: people.map { $0.map { EntrySubject($0) } }, changes: changes)
    }

    private func bulkEntry<Record: Recordable>(
        _ event: String, of records: [(before: Record, after: Record?)], _ rule: RecordRule
    ) throws -> Entry? {
        let changes = try BulkChanges(records, rule: rule)
        guard !changes.isEmpty else { return nil }
        return Entry(
            event: event, record: RecordReference(type: Record.recordType, id: nil), subjects: changes.subjects, fields: changes.fields)
    }
}
