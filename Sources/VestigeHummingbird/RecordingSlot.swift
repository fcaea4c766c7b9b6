public import Hummingbird
import Synchronization
public import VestigeCore
public import VestigeTrail
import VestigeVault

/// What the trail needs to know of one request, put here by whoever finds it out: authentication the actor, a header the purpose, the
/// handler the persons that its answer shows.
///
/// Request contexts are values, so what an inner middleware or a handler writes into its context is lost on the way back. The slot is
/// an object, made once in the context's `init(source:)`; ``RecordingMiddleware``, which sits outermost, reads it when the answer is ready.
/// Nothing in it is task-local or shared, so no request can see another's actor.
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
    }

    /// Of a longer User-Agent only so much is recorded: nobody may keep a look out of the trail by sending a long one.
    static let userAgentByteCountMax = 1024

    private let content = Mutex(Content())

    /// The address of the other end of the connection, which is a proxy's where there is one.
    let peer: String?

    /// For `init(source:)` of the host's context.
    public convenience init(source: ApplicationRequestContextSource) {
        self.init(peer: source.channel.remoteAddress?.ipAddress)
    }

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

    /// The id of the record that was opened, as the host's own store has it. Without it the route's parameter is taken as it stands in the
    /// path: a host whose store finds `42` under `042`, or takes a slug, must say which record that was.
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

    /// `actor` with the address and the user agent of this request where it has none: for acts that a handler records itself, such as
    /// a sign-in. The middleware does the same for the looks that it records.
    public func completed(_ actor: AuditActor) -> AuditActor {
        let (ip, userAgent) = content.withLock { ($0.ip, $0.userAgent) }
        var actor = actor
        actor.ip = actor.ip ?? ip
        actor.userAgent = actor.userAgent ?? userAgent
        return actor
    }

    func comesFrom(ip: String?, userAgent: String?) {
        content.withLock { content in
            content.ip = ip
            content.userAgent = userAgent.map { String(decoding: $0.utf8.prefix(Self.userAgentByteCountMax), as: UTF8.self) }
        }
    }

    var subjects: [SubjectID]? { content.withLock { $0.subjects } }
    var fields: [String]? { content.withLock { $0.fields } }
    var details: [String: HeaderDetail] { content.withLock { $0.details } }
}

/// A context that carries a ``RecordingSlot``.
///
/// ```swift
/// struct AppContext: RecordingRequestContext {
///     var coreContext: CoreRequestContextStorage
///     let recording: RecordingSlot
///
///     init(source: ApplicationRequestContextSource) {
///         coreContext = .init(source: source)
///         recording = RecordingSlot(source: source)
///     }
/// }
/// ```
public protocol RecordingRequestContext: RequestContext {
    /// The same object for as long as the request lasts.
    var recording: RecordingSlot { get }
}
