public import VestigeTrail
public import VestigeVault

/// One act on one record, as a host reports it. What is left out is filled in from the policy and the context.
///
/// Limits: an entry has at most 60 KiB sealed; an id has 1 to 512 bytes of UTF-8.
public struct Entry: Sendable, Equatable {
    /// The idempotency key; made if left out.
    public var id: EntryID?
    /// When it happened; now if left out, at most 24 h ahead.
    public var occurredAt: Timestamp?
    public var channel: String?
    public var event: String
    public var action: String?
    public var status: EntryStatus?
    /// From the `AuditContext` if left out; if there is none either, the entry is refused.
    public var actor: AuditActor?
    public var onBehalfOf: AuditActor?
    public var record: RecordReference?
    /// The people concerned. May be left out where the record is the person; `[]` says nobody.
    public var subjects: [EntrySubject]?
    /// Names of the fields disclosed or changed, never values.
    public var fields: [String]
    public var purpose: String?
    public var caseReference: String?
    public var justification: String?
    /// A path without query string; it stands in slots only.
    public var page: String?
    /// Before and after by field; they belong to the record's subject.
    public var changes: [String: FieldChange]
    /// Keys that the policy declares.
    public var details: [String: HeaderDetail]
    public var correlationID: String?
    /// One that the policy declares, for exports and shares.
    public var recipient: String?
    public var description: EntryDescription?

    public init(
        id: EntryID? = nil, occurredAt: Timestamp? = nil, channel: String? = nil, event: String, action: String? = nil,
        status: EntryStatus? = nil, actor: AuditActor? = nil, onBehalfOf: AuditActor? = nil, record: RecordReference? = nil,
        subjects: [EntrySubject]? = nil, fields: [String] = [], purpose: String? = nil, caseReference: String? = nil,
        justification: String? = nil, page: String? = nil, changes: [String: FieldChange] = [:],
        details: [String: HeaderDetail] = [:], correlationID: String? = nil, recipient: String? = nil,
        description: EntryDescription? = nil
    ) {
        self.id = id
        self.occurredAt = occurredAt
        self.channel = channel
        self.event = event
        self.action = action
        self.status = status
        self.actor = actor
        self.onBehalfOf = onBehalfOf
        self.record = record
        self.subjects = subjects
        self.fields = fields
        self.purpose = purpose
        self.caseReference = caseReference
        self.justification = justification
        self.page = page
        self.changes = changes
        self.details = details
        self.correlationID = correlationID
        self.recipient = recipient
        self.description = description
    }

    /// A look at one record.
    public static func read(
        _ record: RecordReference, subjects: [EntrySubject]? = nil, fields: [String] = [], purpose: String? = nil
    ) -> Entry {
        Entry(event: "read", record: record, subjects: subjects, fields: fields, purpose: purpose)
    }

    /// One page of a list: one entry for all the people on it, without slots of theirs.
    public static func list(_ type: String, of people: [SubjectID], fields: [String] = [], purpose: String? = nil) -> Entry {
        Entry(
            event: "read", record: RecordReference(type: type, id: nil), subjects: people.map { EntrySubject($0) }, fields: fields,
            purpose: purpose)
    }
}

/// A type and an id, `hardware/142`; without an id, the type alone.
public struct RecordReference: Sendable, Hashable {
    public let type: String
    public let id: String?

    public init(type: String, id: String?) {
        self.type = type
        self.id = id
    }

    public init(_ subject: SubjectID) {
        self.init(type: subject.type, id: subject.id)
    }
}

extension RecordReference: CustomStringConvertible, CustomReflectable {
    /// Names nobody.
    public var description: String { "record(\(type))" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// A person concerned, with before and after of fields of their own.
public struct EntrySubject: Sendable, Equatable {
    public let id: SubjectID
    public var changes: [String: FieldChange]

    public init(_ id: SubjectID, changes: [String: FieldChange] = [:]) {
        self.id = id
        self.changes = changes
    }
}

/// A value before and after; a missing side was absent.
public struct FieldChange: Sendable, Equatable {
    public let before: FieldValue?
    public let after: FieldValue?

    public init(before: FieldValue?, after: FieldValue?) {
        self.before = before
        self.after = after
    }
}

/// One side of a change. Numbers that are not whole are given as text.
public enum FieldValue: Sendable, Equatable, ExpressibleByStringLiteral {
    /// Over this, a personal value is kept as its length and a keyed hash.
    public static let byteCountMax = 4096

    case text(String)
    case integer(Int64)
    case boolean(Bool)
    /// The field was there and empty, which is not the same as absent.
    case null
    /// A value over the limit: its length in bytes, and a hash under the subject's key.
    case large(byteCount: Int, hash: String)

    public init(stringLiteral value: String) {
        self = .text(value)
    }
}
