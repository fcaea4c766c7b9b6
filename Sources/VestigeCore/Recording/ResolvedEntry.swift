import VestigePolicy
import VestigeTrail
import VestigeVault

/// An entry that the policy allows, everything filled in; nobody has been looked up yet.
struct ResolvedEntry {
    var id: EntryID
    var occurredAt: Timestamp
    var channel: String
    var event: Event
    var action: String
    var status: EntryStatus
    var actor: AuditActor
    var behalf: AuditActor?
    var record: RecordReference?
    var rule: RecordRule?
    /// The person the record is, or is about, comes first.
    var subjects: [EntrySubject]
    /// Declared field names, each once, in the order given.
    var fields: [String]
    /// Undeclared ones.
    var other: [String]
    var purpose: String?
    var activity: String?
    var recipient: String?
    var details: [String: HeaderDetail]
    /// Of the form that a header takes.
    var correlationID: String?
    /// Of another form.
    var sealedCorrelation: String?
    var page: String?
    var caseReference: String?
    var justification: String?
    /// Before and after of fields declared `personal: no`.
    var clearChanges: [String: FieldChange]
    var description: EntryDescription?
    /// It says what is about to be done; nobody comes to be known by it.
    var isIntent = false
    /// The act cannot be refused for its size any more: values are shortened until its entry can be kept.
    var mustFit = false

    /// One page of a list: people, and a record type without an id. They get no slots.
    var isList: Bool { event.isLook && record != nil && record?.id == nil && !subjects.isEmpty }

    /// What was done is done: its entry may wait until the trail takes it. What would be shown may not be, unless the policy says so.
    var mayWait: Bool { !event.isLook || rule?.reads.onFailure == .spool }

    /// Whether the record is the person.
    var recordIsPerson: Bool { rule?.subject == .itself }
}
