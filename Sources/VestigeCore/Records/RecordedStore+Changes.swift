import VestigePolicy
import VestigeVault

extension RecordedStore where Base: EditableRepository {
    /// Creates a record; every field of it is a change from absent.
    ///
    /// - Throws: ``RecordingError`` before anything is done; what the repository throws, recorded as a failure.
    public func create(_ record: Record) async throws -> Record {
        try await recorder.act(entry("created", id: record.recordID)) { act in
            let created = try await base.create(record)
            describe(created, from: nil, to: created, in: &act)
            return created
        }
    }

    /// Changes a record. Its id stays: an edit that gives it another is refused. An edit that changes nothing hands the record out all
    /// the same, so it is recorded as a look at it.
    ///
    /// - Returns: the record as it is now; nil when there is none with this id, which is recorded as a failure.
    /// - Throws: as ``create(_:)``.
    public func update(id: String, _ edit: @escaping @Sendable (inout Record) throws -> Void) async throws -> Record? {
        let outcome = try await changed(entry("updated", id: id)) { act -> (record: Record, isUnchanged: Bool)? in
            guard let update = try await base.update(id: id, keepingID(edit)) else { return nil }
            describe(update.after, from: update.before, to: update.after, in: &act)
            return (update.after, act.changedNothing)
        }
        guard let (record, isUnchanged) = outcome else { return nil }
        if isUnchanged { try await look(at: [record]) }
        return record
    }

    /// Deletes a record; every field of it is a change to absent.
    ///
    /// - Returns: the record that was deleted; nil when there was none with this id, which is recorded as a failure.
    /// - Throws: as ``create(_:)``.
    @discardableResult
    public func delete(id: String) async throws -> Record? {
        try await changed(entry("deleted", id: id)) { act in
            guard let deleted = try await base.delete(id: id) else { return nil }
            describe(deleted, from: deleted, to: nil, in: &act)
            return deleted
        }
    }

    /// An act whose failure to find its record is an answer, not an error, to the host.
    private func changed<Result: Sendable>(
        _ entry: Entry, _ work: @escaping @Sendable (inout Act) async throws -> Result?
    ) async throws -> Result? {
        do {
            return try await recorder.act(entry) { act in
                if let result = try await work(&act) { return result }
                // What was tried may be anything: where ids stand in clear it must not.
                if rule.idIsClear { act.entry.record = RecordReference(type: Record.recordType, id: nil) }
                throw NotThere()
            }
        } catch is NotThere {
            return nil
        }
    }

    /// What an edit left as it was is shown to whoever asked for the edit.
    func look(at unchanged: [Record]) async throws {
        if let look = try Look(at: unchanged, rule: rule) { try await recorder.take(look) }
    }

    /// What is about to happen. An id of a form that no record of a type with clear ids has is not told: most likely there is no such record,
    /// and if there is, the outcome says what is wrong with it.
    func entry(_ event: String, id: String?) -> Entry {
        let known = id.flatMap { !rule.idIsClear || Code.isWellFormed($0) ? $0 : nil }
        return Entry(
            event: event, record: RecordReference(type: Record.recordType, id: known), subjects: rule.subject == .itself ? nil : [])
    }

    /// Under another id what the record said before would be somebody else's; thrown inside of the repository's transaction.
    func keepingID(_ edit: @escaping @Sendable (inout Record) throws -> Void) -> @Sendable (inout Record) throws -> Void {
        { record in
            let id = record.recordID
            try edit(&record)
            guard record.recordID == id else {
                throw RecordingError.refused(
                    member: "record.id", problem: "a change cannot give a record another id; create a record with it and delete this one")
            }
        }
    }

    /// The act is done: what cannot be told of it is no failure of it.
    private func describe(_ record: Record, from before: Record?, to after: Record?, in act: inout Act) {
        act.entry.record = RecordReference(type: Record.recordType, id: record.recordID ?? act.entry.record?.id)
        act.entry.changes = Record.difference(from: before, to: after)
        do {
            act.entry.subjects = try rule.people(named: record)?.map { EntrySubject($0) }
        } catch {
            act.refusal = .refused(member: "subjects", problem: "\(error)")
        }
        act.changedNothing = before != nil && after != nil && act.entry.changes.isEmpty
    }
}

/// Only between the store and the recorder: the act failed because there is no such record.
private struct NotThere: Error {}

extension RecordedStore where Base: BulkRepository {
    /// Changes many records: one entry with all people whose records differ, each with before and after of their own, and one look
    /// at those that do not differ.
    ///
    /// - Returns: the records as they are now, those that were not there left out.
    /// - Throws: as ``create(_:)``.
    public func update(ids: [String], _ edit: @escaping @Sendable (inout Record) throws -> Void) async throws -> [Record] {
        let updates = try await recorder.act(try bulk("updated", ids: ids)) { act in
            let updates = try await base.update(ids: ids, keepingID(edit))
            describe(updates.map { ($0.before, $0.after) }, in: &act)
            return updates
        }
        try await look(at: updates.filter { Record.difference(from: $0.before, to: $0.after).isEmpty }.map(\.after))
        return updates.map(\.after)
    }

    /// Deletes many records: one entry with all people.
    ///
    /// - Returns: the records that were deleted.
    /// - Throws: as ``create(_:)``.
    @discardableResult
    public func delete(ids: [String]) async throws -> [Record] {
        try await recorder.act(try bulk("deleted", ids: ids)) { act in
            let deleted = try await base.delete(ids: ids)
            describe(deleted.map { ($0, nil) }, in: &act)
            return deleted
        }
    }

    private func bulk(_ event: String, ids: [String]) throws -> Entry {
        var entry = entry(event, id: nil)
        entry.subjects = rule.subject == .itself ? try ids.map { EntrySubject(try SubjectID(type: Record.recordType, id: $0)) } : []
        return entry
    }

    private func describe(_ records: [(before: Record, after: Record?)], in act: inout Act) {
        do {
            let changes = try BulkChanges(records, rule: rule)
            act.entry.subjects = changes.subjects
            act.entry.fields = changes.fields
            act.changedNothing = changes.isEmpty
        } catch {
            act.refusal = .refused(member: "subjects", problem: "\(error)")
        }
    }
}
