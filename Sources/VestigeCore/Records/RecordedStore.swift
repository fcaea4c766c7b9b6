import VestigePolicy
import VestigeVault

/// A repository whose every look and change is recorded, so that a host cannot forget to.
///
/// ```swift
/// let people = try RecordedStore(PersonRepository(database), recorder: vestige.recorder)
/// let person = try await people.fetch(id: "42")
/// ```
/// Who acts, why and where come from the ``AuditContext``: in a request from its slot, in background work from ``Vestige/as(_:onBehalfOf:purpose:caseReference:correlationID:isolation:_:)``.
/// Without one it refuses.
///
/// - A **look** within a request waits for the request's one entry, which has the final status; elsewhere, and in a streamed body, it is
///   durable before the data is handed out. Types whose policy says `reads.log: none` leave no looks; lists leave one entry a page where it
///   says `list` or a body streams them, else none.
/// - A **change** is one entry with before and after, its intent durable before the repository is called (see ``Recorder/act(_:_:)``).
///   Saving what was there already is no change; the record that is handed back was looked at.
public struct RecordedStore<Base: Repository>: Sendable {
    public typealias Record = Base.Record

    public let recorder: Recorder
    let base: Base
    let rule: RecordRule

    /// - Throws: ``RecordingError/refused(member:problem:)`` when the policy declares no such type of record.
    public init(_ base: Base, recorder: Recorder) throws(RecordingError) {
        self.base = base
        self.recorder = recorder
        rule = try recorder.policy.rule(of: Record.self)
    }

    /// One record, for somebody to see.
    ///
    /// - Parameters:
    ///   - id: As the repository has it.
    ///   - showing: The fields that will be shown, when not all of them are.
    /// - Returns: nil when there is none; outside of a request that is recorded as a failed look, which makes nobody known.
    /// - Throws: ``RecordingError`` when the look cannot be recorded; what the repository throws.
    public func fetch(id: String, showing: [String]? = nil) async throws -> Record? {
        let record = try await opened(try await base.fetch(id: id).map { [$0] } ?? [], showing).first
        guard rule.reads.logsDetail else { return record }
        guard let record else {
            let isAboutSomebodyElse = rule.subject != .itself
            let reference = RecordReference(type: Record.recordType, id: rule.idIsClear ? nil : id)
            try await recorder.take(Look(record: reference, subjects: isAboutSomebodyElse ? [] : nil, fields: [], isFound: false))
            return nil
        }
        let found = record.recordID ?? id
        AuditScope.slot?.found(found, for: id, of: Record.recordType)
        let reference = RecordReference(type: Record.recordType, id: found)
        try await recorder.take(Look(record: reference, subjects: try rule.people(named: record), fields: showing ?? fields(of: [record])))
        return record
    }

    /// Only what will be shown is opened.
    func opened(_ records: [Record], _ showing: [String]?) async throws -> [Record] {
        do {
            return try await recorder.values.opened(records, only: showing)
        } catch let error as RecordingError {
            throw error
        } catch {
            throw RecordingError.unavailable("\(error)")
        }
    }

    func fields(of records: [Record]) -> [String] {
        Set(records.flatMap(\.recordedFields.keys)).sorted()
    }
}

extension RecordedStore where Base: ListingRepository {
    /// One page of a list, for somebody to see: one entry for all who are on it, or none where the policy logs no lists.
    ///
    /// - Parameters:
    ///   - showing: The fields that will be shown, when not all of them are.
    ///   - isWanted: For what no database can compare, since it is sealed there: asked of each record of the page once its fields of `showing` are
    ///     open. Who is not wanted is not handed out, and so not recorded.
    /// - Throws: as ``fetch(id:showing:)``.
    public func list(
        _ query: Base.Query, showing: [String]? = nil, where isWanted: (@Sendable (Record) throws -> Bool)? = nil
    ) async throws -> [Record] {
        var records = try await opened(try await base.list(query), showing)
        if let isWanted { records = try records.filter(isWanted) }
        // What a body streams names nobody but by its pages.
        guard rule.reads.logsLists || rule.reads.logsDetail && AuditScope.slot?.streams == true else { return records }
        guard !records.isEmpty else {
            // Nobody was seen, so there is no entry; in a request that asks for the page it is an answer all the same.
            _ = AuditScope.slot?.hold(.emptyList(of: Record.recordType))
            return records
        }
        var seen: Set<SubjectID> = []
        let people = try records.flatMap { try peopleOnList($0) }.filter { seen.insert($0).inserted }
        let reference = RecordReference(type: Record.recordType, id: nil)
        try await recorder.take(Look(record: reference, subjects: people, fields: showing ?? fields(of: records)))
        return records
    }

    private func peopleOnList(_ record: Record) throws -> [SubjectID] {
        if let people = try rule.people(named: record) { return people }
        return try record.recordID.map { [try SubjectID(type: Record.recordType, id: $0)] } ?? []
    }
}
