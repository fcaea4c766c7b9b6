package import VestigePolicy
public import VestigeTrail
package import VestigeVault

/// A record of the host, as the trail is to know it.
///
/// ```swift
/// extension Person: Recordable {
///     static let recordType = "user"
///     var recordID: String? { id }
///     var recordedFields: [String: FieldValue] { ["name": .text(name), "email": .text(email), "salary": .integer(Int64(salary))] }
/// }
/// ```
public protocol Recordable: Sendable {
    /// The type that the policy declares.
    static var recordType: String { get }

    /// As the host's store has it; nil before the store has given it one.
    var recordID: String? { get }

    /// Every field with its value; a field that is missing was absent, which is not the same as ``FieldValue/null``. They are compared in
    /// plaintext; what differs is sealed for the person it belongs to, unless the policy declares it `personal: no`. Values that are only
    /// looked at are never kept.
    ///
    /// A computed or joined value is a field like any other: name it, or what it shows is not known to have been shown.
    var recordedFields: [String: FieldValue] { get }

    /// Shows every ``Sealed`` column with the name that the policy has for it. Leave it out where there is none.
    ///
    /// They are sealed for the person whom the record is about, so its id, or the field that names the person, cannot be sealed itself, and has
    /// to be known before the record is written.
    mutating func visitSealed(_ columns: inout SealedColumns) throws
}

extension Recordable {
    public mutating func visitSealed(_ columns: inout SealedColumns) throws {}

    /// Before and after of each field that differs.
    package static func difference(from before: Self?, to after: Self?) -> [String: FieldChange] {
        let old = before?.recordedFields ?? [:]
        let new = after?.recordedFields ?? [:]
        var changes: [String: FieldChange] = [:]
        for field in Set(old.keys).union(new.keys) where old[field] != new[field] {
            changes[field] = FieldChange(before: old[field], after: new[field])
        }
        return changes
    }
}

extension Policy {
    /// What the policy says of a host's type of record.
    ///
    /// - Throws: ``RecordingError/refused(member:problem:)`` when it declares no such type.
    package func rule<Record: Recordable>(of type: Record.Type) throws(RecordingError) -> RecordRule {
        if let rule = records[type.recordType] { return rule }
        throw .refused(
            member: "record.type", problem: refusal(of: type.recordType, as: .record) ?? "the policy does not declare this type")
    }
}

extension RecordRule {
    /// The person whom a record is about; nil where it is nobody, or has no id yet.
    func owner<Record: Recordable>(of record: Record) throws -> SubjectID? {
        if let people = try people(named: record) { return people.first }
        return try record.recordID.map { try SubjectID(type: Record.recordType, id: $0) }
    }

    /// Whom a record is about beside itself; nil where it is the person.
    package func people<Record: Recordable>(named record: Record) throws -> [SubjectID]? {
        switch subject {
        case .itself: nil
        case .none: []
        case .field(let type, let field): try record.recordedFields[field]?.namedID.map { [try SubjectID(type: type, id: $0)] } ?? []
        }
    }
}

/// A record before and after an update, both from the transaction that made it.
public struct RecordUpdate<Record: Sendable>: Sendable {
    public let before: Record
    public let after: Record

    public init(before: Record, after: Record) {
        self.before = before
        self.after = after
    }
}

extension FieldValue {
    /// The id that a field which names a person holds; nil where it names nobody.
    package var namedID: String? {
        switch self {
        case .text(let text) where !text.isEmpty: text
        case .integer(let number): String(number)
        default: nil
        }
    }
}

// One form for each kind of value, so that the same value never looks like a change.
extension FieldValue {
    public init(_ text: String?) {
        self = text.map { .text($0) } ?? .null
    }

    public init(_ number: (some BinaryInteger)?) {
        self = number.map { number in Int64(exactly: number).map { .integer($0) } ?? .text("\(number)") } ?? .null
    }

    public init(_ flag: Bool?) {
        self = flag.map { .boolean($0) } ?? .null
    }

    /// The shortest decimal that reads back as the same number.
    public init(_ number: Double?) {
        self = number.map { .text("\($0)") } ?? .null
    }

    /// A moment, always in UTC with six digits, whatever time zone it was read in.
    public init(_ moment: Timestamp?) {
        self = moment.map { .text("\($0)") } ?? .null
    }
}
