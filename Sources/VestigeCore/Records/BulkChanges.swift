package import VestigePolicy
import VestigeVault

/// What an act on many records changed, told to each person by themselves.
///
/// Where the record is the person its fields are named as they are. Where records are about people, one person may have several of them, so
/// a change is named after its record too: `142.assigned_to`. A change of the field that names the person belongs to both: *before* to the old,
/// *after* to the new one.
package struct BulkChanges {
    package private(set) var subjects: [EntrySubject] = []
    /// Names of every field that differs in some record.
    package private(set) var fields: [String] = []
    /// No record differs, and none was deleted.
    package private(set) var isEmpty = true
    private var places: [SubjectID: Int] = [:]

    package init<Record: Recordable>(_ records: [(before: Record, after: Record?)], rule: RecordRule) throws {
        var names: Set<String> = []
        for (before, after) in records {
            let changes = Record.difference(from: before, to: after)
            guard !changes.isEmpty || after == nil else { continue }
            isEmpty = false
            names.formUnion(changes.keys)
            let id = before.recordID ?? after?.recordID
            switch rule.subject {
            case .none: continue
            case .itself:
                if let id { add(changes, to: try SubjectID(type: Record.recordType, id: id)) }
            case .field(let type, let field):
                let named = Dictionary(uniqueKeysWithValues: changes.map { ("\(id ?? "").\($0.key)", $0.value) })
                let old = try before.recordedFields[field]?.namedID.map { try SubjectID(type: type, id: $0) }
                let new = try after?.recordedFields[field]?.namedID.map { try SubjectID(type: type, id: $0) }
                if let old, let new, old == new {
                    add(named, to: old)
                } else {
                    if let old { add(named.mapValues { FieldChange(before: $0.before, after: nil) }, to: old) }
                    if let new { add(named.mapValues { FieldChange(before: nil, after: $0.after) }, to: new) }
                }
            }
        }
        fields = names.sorted()
    }

    private mutating func add(_ changes: [String: FieldChange], to person: SubjectID) {
        if let place = places[person] {
            subjects[place].changes.merge(changes) { _, new in new }
        } else {
            places[person] = subjects.count
            subjects.append(EntrySubject(person, changes: changes))
        }
    }
}

extension Look {
    /// At records that were handed out as they are: at one, or one for all of them, as at a page of a list.
    ///
    /// - Returns: nil where there are none, or where the policy logs no looks at their type.
    package init?<Record: Recordable>(at records: [Record], rule: RecordRule) throws {
        guard rule.reads.logsDetail, let first = records.first else { return nil }
        let fields = Set(records.flatMap(\.recordedFields.keys)).sorted()
        if records.count == 1 {
            let reference = RecordReference(type: Record.recordType, id: first.recordID)
            self.init(record: reference, subjects: try rule.people(named: first), fields: fields)
        } else {
            var seen: Set<SubjectID> = []
            let people = try records.flatMap { record in
                try rule.people(named: record) ?? record.recordID.map { [try SubjectID(type: Record.recordType, id: $0)] } ?? []
            }
            self.init(
                record: RecordReference(type: Record.recordType, id: nil), subjects: people.filter { seen.insert($0).inserted },
                fields: fields)
        }
    }
}
