import Synchronization
import VestigePolicy
public import VestigeTrail
package import VestigeVault

/// What the trail needs to know of one request, put here by whoever finds it out: authentication the actor, a header the purpose, the
/// handler the persons that its answer shows.
///
/// Request contexts are values, so what an inner middleware or a handler writes into its context is lost on the way back. The slot is
/// an object, made once in the context's `init(source:)`; the recording middleware, which sits outermost, reads it when the answer is ready.
/// It is one request's alone, so no request can see another's actor.
///
/// Looks that a ``RecordedStore`` takes meanwhile wait here and become one entry with the request's final status. Once the answer begins
/// the slot is settled: what is looked at later, by a streamed body or a task left behind, is recorded at once.
public final class RecordingSlot: Sendable {
    private struct Content: Sendable {
        var actor: AuditActor?
        var onBehalfOf: AuditActor?
        var purpose: String?
        var caseReference: String?
        var justification: String?
        var correlationID: String?
        var recordID: String?
        var subjects: [SubjectID]?
        var fields: [String]?
        var details: [String: HeaderDetail] = [:]
        var ip: String?
        var userAgent: String?
        var place: Place?
        var looks: [Look] = []
        var changes: Set<Change> = []
        var misses: Set<Change> = []
        var isSettled = false
        var streams = false
        var streamedEvent = "read"
    }

    /// The route that answers, and the record's id in its path where it has one.
    private struct Place: Sendable {
        let template: String
        let parameter: String?
        let id: String?
        /// nil where the policy does not say what the route opens.
        let type: String?
    }

    /// A change that a store made, or tried to make, in this request.
    package struct Change: Sendable, Hashable {
        package let event: String
        package let record: String
        /// nil: of many records, or of one that may not be named.
        package let id: String?

        package init(event: String, record: String, id: String? = nil) {
            self.event = event
            self.record = record
            self.id = id
        }

        /// Whether both may be the one change. Which record was created is only known afterwards, so no path has its id.
        func covers(_ other: Change) -> Bool {
            guard event == other.event, record == other.record else { return false }
            guard let id, let asked = other.id, event != Event.created.rawValue else { return true }
            return RecordID.mayBeOne(id, asked)
        }
    }

    /// Of a longer User-Agent only so much is recorded: nobody may keep a look out of the trail by sending a long one.
    package static let userAgentByteCountMax = 1024
    /// Of a longer correlation id likewise.
    package static let correlationByteCountMax = 512

    private let content = Mutex(Content())

    /// The address of the other end of the connection, which is a proxy's where there is one.
    package let peer: String?

    /// - Parameter peer: The address of the other end of the connection; nil when it has none, as a Unix socket.
    public init(peer: String?) {
        self.peer = peer
    }

    /// Who acts. Address and user agent are filled in by the middleware where they are nil. nil is recorded as `anonymous`.
    public var actor: AuditActor? {
        get { content.withLock { $0.actor } }
        set { content.withLock { $0.actor = newValue } }
    }

    /// For whom the actor acts, when it is not for themselves.
    public var onBehalfOf: AuditActor? {
        get { content.withLock { $0.onBehalfOf } }
        set { content.withLock { $0.onBehalfOf = newValue } }
    }

    /// Why: a code that the policy declares. Another is refused with 428.
    public var purpose: String? {
        get { content.withLock { $0.purpose } }
        set { content.withLock { $0.purpose = newValue } }
    }

    /// The host's reference of the case that the look belongs to. Sealed.
    public var caseReference: String? {
        get { content.withLock { $0.caseReference } }
        set { content.withLock { $0.caseReference = newValue } }
    }

    /// Why, in words. Sealed.
    public var justification: String? {
        get { content.withLock { $0.justification } }
        set { content.withLock { $0.justification = newValue } }
    }

    /// A UUID or a trace id that joins entries of one piece of work.
    public var correlationID: String? {
        get { content.withLock { $0.correlationID } }
        set { content.withLock { $0.correlationID = newValue } }
    }

    /// The id of the record that was opened, as the host's own store has it. A ``RecordedStore`` that finds it says so by itself. Without
    /// either the route's parameter is taken as it stands in the path: a host whose store finds `42` under `042`, or takes a slug, must
    /// say which record that was.
    ///
    /// A handler that refuses a record whose ids stand in clear sets it too, once it knows that there is such a record: the entry then
    /// names it. Otherwise what was tried is only in the actor's slot, since it may be anything.
    public var recordID: String? {
        get { content.withLock { $0.recordID } }
        set { content.withLock { $0.recordID = newValue } }
    }

    /// Names a person whom the answer shows. On a route with `subject: from_store` somebody must be named, or ``isAboutNobody()`` said.
    ///
    /// - Throws: `VaultError`, when `type` is no code or `id` is empty or longer than 512 bytes.
    public func isAbout(_ type: String, id: String) throws {
        let person = try SubjectID(type: type, id: id)
        content.withLock { $0.subjects = ($0.subjects ?? []) + [person] }
    }

    /// Says that the answer shows no person, which is not the same as saying nothing.
    public func isAboutNobody() {
        content.withLock { $0.subjects = $0.subjects ?? [] }
    }

    /// Names of the fields that the answer shows, in place of those that the policy gives for the route. Never values.
    public func discloses(_ fields: [String]) {
        content.withLock { content in
            let known = content.fields ?? []
            content.fields = known + fields.filter { !known.contains($0) }
        }
    }

    /// Adds a detail that the policy declares for the record or its action.
    public func detail(_ key: String, _ value: HeaderDetail) {
        content.withLock { $0.details[key] = value }
    }

    /// Says that the persons follow with the body: it is streamed out of a ``RecordedStore``, and each of its pages is an entry of its own,
    /// durable before the page's rows leave.
    public func namesPersonsWhileStreaming() {
        content.withLock { $0.streams = true }
    }

    /// `actor` with the address and the user agent of this request where it has none: for acts that a handler records itself, such as
    /// a sign-in. The middleware does the same for the looks that it records.
    public func completed(_ actor: AuditActor) -> AuditActor {
        let (ip, userAgent) = content.withLock { ($0.ip, $0.userAgent) }
        var actor = actor
        actor.ip = actor.ip ?? ip
        actor.userAgent = actor.userAgent ?? userAgent
        return actor
    }

}

// What the recording middleware does with it.
extension RecordingSlot {
    package func comesFrom(ip: String?, userAgent: String?) {
        content.withLock { content in
            content.ip = ip
            content.userAgent = userAgent?.cut(to: Self.userAgentByteCountMax)
        }
    }

    package var subjects: [SubjectID]? { content.withLock { $0.subjects } }
    package var fields: [String]? { content.withLock { $0.fields } }
    package var details: [String: HeaderDetail] { content.withLock { $0.details } }
    package var streams: Bool { content.withLock { $0.streams } }
    /// The event of looks that a streamed body takes.
    package var streamedEvent: String { content.withLock { $0.streamedEvent } }

    /// What an act in this request is recorded with. Nobody signed in is `anonymous`; only an explicit actor is ever `system`.
    package var context: AuditContext {
        let content = content.withLock { $0 }
        // Clients may choose these, and nobody may keep an act out of the trail by a text that is too long for it.
        return AuditContext(
            actor: completed(content.actor ?? .anonymous).cut(), onBehalfOf: content.onBehalfOf?.cut(), purpose: content.purpose,
            caseReference: content.caseReference?.cut(to: EntryResolver.textByteCountMax),
            justification: content.justification?.cut(to: EntryResolver.textByteCountMax),
            correlationID: content.correlationID?.cut(to: Self.correlationByteCountMax))
    }

    /// Where the request goes.
    ///
    /// - Parameters:
    ///   - template: The route's, as the policy has it.
    ///   - parameter: Names the part of it that is the record's id.
    ///   - id: The record's id, as it stands in the path.
    ///   - type: Of the record, where the policy says it.
    ///   - event: Of looks that a streamed body takes.
    package func goes(to template: String, parameter: String?, id: String?, of type: String? = nil, streaming event: String) {
        content.withLock { content in
            content.place = Place(template: template, parameter: parameter, id: id, type: type)
            content.streamedEvent = event
        }
    }

    /// The page as it may stand in the slots of those whom this record is about: the template with this record's id. Other parameters
    /// stay names, since they may name other people; so does its own where the record is of another type and bears the same id by chance.
    package func page(for record: String?, of type: String? = nil) -> String? {
        content.withLock { content in
            guard let place = content.place else { return nil }
            guard type == nil || place.type == nil || type == place.type else { return place.template }
            guard let parameter = place.parameter, let record, record == (content.recordID ?? place.id) else { return place.template }
            return place.template.replacing("{\(parameter)}", with: Self.asSegment(record)).cut(to: EntryResolver.textByteCountMax)
        }
    }

    /// What would end the path, or add to it, is written as in a URL.
    private static func asSegment(_ id: String) -> String {
        id.replacing("%", with: "%25").replacing("/", with: "%2F").replacing("?", with: "%3F").replacing("#", with: "%23")
    }

    /// A store found a record. If it is the path's, this is its id as the store has it, whatever spelling of it the path had; a record of
    /// another type that bears the same id by chance is not.
    package func found(_ id: String, for asked: String, of type: String) {
        content.withLock { content in
            guard content.recordID == nil, let place = content.place, place.type == type, place.id == asked else { return }
            content.recordID = id
        }
    }

    /// Lets a look wait for the request's entry.
    ///
    /// - Returns: false once the answer begins; the look must then be recorded at once.
    package func hold(_ look: Look) -> Bool {
        content.withLock { content in
            guard !content.isSettled else { return false }
            content.looks.append(look)
            return true
        }
    }

    /// A store recorded this change, or found that it changes nothing; the middleware does not record it again.
    package func hasRecorded(_ change: Change) {
        content.withLock { _ = $0.changes.insert(change) }
    }

    package func recorded(_ change: Change) -> Bool {
        content.withLock { $0.changes.contains { $0.covers(change) } }
    }

    /// A store has no such record to change and recorded nothing: whatever is answered, the middleware records a failure.
    package func hasMissed(_ change: Change) {
        content.withLock { _ = $0.misses.insert(change) }
    }

    package func missed(_ change: Change) -> Bool {
        content.withLock { $0.misses.contains { $0.covers(change) } }
    }

    /// Ends the waiting: the looks so far, for the request's entry.
    package func settle() -> [Look] {
        content.withLock { content in
            defer { content.looks = [] }
            content.isSettled = true
            return content.looks
        }
    }
}
