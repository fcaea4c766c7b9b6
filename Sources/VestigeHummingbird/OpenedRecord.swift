import Foundation
import Hummingbird
import VestigeCore
import VestigePolicy
import VestigeTrail
import VestigeVault

/// One request at a route whose looks are recorded: which record, about whom, and what still speaks against showing it.
struct OpenedRecord {
    private let rule: RouteRule
    private let look: RouteRule.Look
    private let slot: RecordingSlot
    private let policy: Policy
    private let id: String?
    private let page: String

    init(rule: RouteRule, look: RouteRule.Look, context: some RecordingRequestContext, policy: Policy) {
        self.rule = rule
        self.look = look
        self.policy = policy
        slot = context.recording
        let name = rule.idParameter
        let given = name.flatMap { context.parameters.get($0) }
        // The router hands parameters on as they stand in the path. A host that decodes %34%32 shows record 42, so that is what is recorded.
        let tried = slot.recordID ?? given.map { $0.removingPercentEncoding ?? $0 } ?? Self.onlyPerson(in: slot, of: look.record)
        // No record has an id of another length, so only a refused look gets here with one; it is recorded with the type alone.
        id = tried.flatMap { (1...SubjectID.idByteCountMax).contains($0.utf8.count) ? $0 : nil }
        // The other parameters stay templates: they may name other people, and a page stands in the slots of all whom it shows.
        if let name, let id {
            page = rule.template.replacing("{\(name)}", with: Self.asSegment(id))
        } else {
            page = rule.template
        }
    }

    /// Why the record may not be shown although the handler would; nil when nothing speaks against it.
    var problem: Problem? {
        // A list has no id of its own: the persons on it say what was seen.
        guard slot.subjects != nil || (id != nil && !mustNamePersons) else { return .subjectMissing }
        if let purpose = slot.purpose {
            return policy.purposes.contains(purpose) ? nil : .purposeNeeded(given: true, by: policy)
        }
        let isRequired = look.event.isLook && policy.records[look.record]?.reads.purposeIsRequired == true
        return isRequired ? .purposeNeeded(given: false, by: policy) : nil
    }

    /// The entry to record. Nobody signed in is `anonymous`; only an explicit actor is ever `system`.
    func entry(status: EntryStatus) -> Entry {
        Entry(
            event: look.event.rawValue, status: status, actor: slot.completed(slot.actor ?? .anonymous), onBehalfOf: slot.onBehalfOf,
            record: RecordReference(type: look.record, id: status == .success ? id : triedID), subjects: subjects,
            // A refused look disclosed nothing.
            fields: status == .success ? slot.fields ?? look.fields : [],
            purpose: slot.purpose.flatMap { policy.purposes.contains($0) ? $0 : nil }, caseReference: slot.caseReference,
            justification: slot.justification, page: page, details: slot.details, correlationID: slot.correlationID)
    }

    /// The id where the path has none and the handler named one person of the record's own type, as behind `GET /me`.
    private static func onlyPerson(in slot: RecordingSlot, of type: String) -> String? {
        guard let persons = slot.subjects, persons.count == 1, persons[0].type == type else { return nil }
        return persons[0].id
    }

    /// A refused look's id may be anything that somebody typed. Where ids stand in clear it is recorded only if the handler says that
    /// there is such a record; otherwise it is sealed, in the page.
    private var triedID: String? {
        policy.records[look.record]?.idIsClear == true ? slot.recordID : id
    }

    /// What would end the path, or add to it, is written as in a URL.
    private static func asSegment(_ id: String) -> String {
        id.replacing("%", with: "%25").replacing("/", with: "%2F").replacing("?", with: "%3F").replacing("#", with: "%23")
    }

    private var mustNamePersons: Bool {
        if case .field = policy.records[look.record]?.subject { return true }
        return look.subjectFromStore
    }

    /// nil where the record itself is the person and nobody else is named: the recorder knows.
    private var subjects: [EntrySubject]? {
        let named = slot.subjects.map { $0.map { EntrySubject($0) } }
        guard case .itself = policy.records[look.record]?.subject, let id else { return named ?? [] }
        guard let named, let itself = try? SubjectID(type: look.record, id: id) else { return nil }
        return [EntrySubject(itself)] + named.filter { $0.id != itself }
    }
}
