import VestigeCore
import VestigePolicy

/// How an entry that the policy refused is told all the same: with less and less, until it is taken.
enum EntryShortening: CaseIterable {
    /// As it is: another entry of the same request may have been at fault.
    case nothing
    /// Without what a handler or a client added in words.
    case texts
    /// Event, record and actor alone.
    case people
    /// Which record it was, too, as where its id is none that may stand in clear.
    case record

    func shortened(_ entry: Entry, by policy: Policy) -> Entry {
        if self == .nothing { return entry }
        var actor = entry.actor.map { AuditActor($0.kind, id: $0.id) }
        var short = Entry(event: entry.event, status: entry.status, actor: actor, record: entry.record, subjects: entry.subjects)
        if self == .texts {
            actor?.role = entry.actor?.role
            actor?.ip = entry.actor?.ip
            short.actor = actor
            short.onBehalfOf = entry.onBehalfOf.map { AuditActor($0.kind, id: $0.id) }
            short.purpose = entry.purpose
            short.correlationID = entry.correlationID
            return short
        }
        if case .itself = policy.records[entry.record?.type ?? ""]?.subject { short.subjects = nil } else { short.subjects = [] }
        if self == .record, let type = entry.record?.type { short.record = RecordReference(type: type, id: nil) }
        return short
    }
}
