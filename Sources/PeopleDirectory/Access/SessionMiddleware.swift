import Hummingbird
import VestigeCore
import VestigeHummingbird

/// Finds out who is asking, for the handlers and for the trail.
struct SessionMiddleware: RouterMiddleware {
    typealias Context = DirectoryContext

    static let cookieName = "directory_session"

    let store: DirectoryStore
    let sessions: Sessions

    func handle(_ request: Request, context: Context, next: (Request, Context) async throws -> Response) async throws -> Response {
        guard let token = request.cookies[Self.cookieName]?.value, let session = sessions.find(token),
            let person = try await store.person(session.personID), !person.isErased
        else { return try await next(request, context) }

        var context = context
        context.viewer = person
        // Address and user agent are the recording middleware's business: it knows which proxies to believe.
        context.recording.actor = AuditActor(person, session: session.name)
        return try await next(request, context)
    }
}

extension AuditActor {
    /// A member has no role that the policy speaks of: only what staff may do is of interest to those who read the trail.
    init(_ person: Person, session: String? = nil) {
        self.init(
            .user, id: person.id, name: person.name.value, email: person.email.value,
            role: person.role.opensEverything ? person.role.rawValue : nil,
            session: session)
    }
}

/// Takes the reason for a look from the header `X-Purpose`, else from the query parameter `purpose`. The policy says which reasons there are.
struct PurposeMiddleware: RouterMiddleware {
    typealias Context = DirectoryContext

    private static let header = HTTPFields.Element.Name("X-Purpose")

    func handle(_ request: Request, context: Context, next: (Request, Context) async throws -> Response) async throws -> Response {
        let header = Self.header.flatMap { request.headers[$0] }
        context.recording.purpose = header ?? request.uri.queryParameters["purpose"].map(String.init)
        return try await next(request, context)
    }
}
