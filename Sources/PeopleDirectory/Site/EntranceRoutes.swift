import Hummingbird
import VestigeHummingbird

/// The home page, signing in and signing out.
struct EntranceRoutes: Sendable {
    static let formByteCountMax = 4 * 1024

    let signIn: SignIn
    let sessions: Sessions
    let journal: SignInJournal

    private struct Form: Decodable {
        let email: String
        let passphrase: String
    }

    func add(to router: Router<DirectoryContext>) {
        router.get("/") { _, context in EntrancePages.home(viewer: context.viewer).response() }
        router.get("/sign-in") { _, _ in EntrancePages.signIn().response() }
        router.post("/sign-in", use: enter)
        router.post("/sign-out", use: leave)
    }

    @Sendable private func enter(_ request: Request, context: DirectoryContext) async throws -> Response {
        let body = try await request.body.collect(upTo: Self.formByteCountMax)
        guard let form = try? URLEncodedFormDecoder().decode(Form.self, from: String(buffer: body)) else { throw HTTPError(.badRequest) }
        guard let person = try await signIn.person(email: form.email, passphrase: form.passphrase) else {
            try await journal.refused(form.email, in: context.recording)
            return EntrancePages.signIn(refused: true).response(.unauthorized)
        }
        // First the entry, then the session: nobody is let in unseen.
        try await journal.entered(person, in: context.recording)
        return Self.redirect(to: "/people", token: sessions.start(for: person.id), lifetime: Sessions.lifetime)
    }

    @Sendable private func leave(_ request: Request, context: DirectoryContext) async throws -> Response {
        if let token = request.cookies[SessionMiddleware.cookieName]?.value {
            sessions.end(token)
        }
        if let viewer = context.viewer {
            try await journal.left(viewer, in: context.recording)
        }
        return Self.redirect(to: "/", token: "", lifetime: .zero)
    }

    /// SameSite keeps other sites from signing somebody out. Behind TLS a host adds `secure: true`; this one speaks plain HTTP on the
    /// machine's own address.
    private static func redirect(to place: String, token: String, lifetime: Duration) -> Response {
        var response = Response(status: .seeOther)
        response.headers[.location] = place
        response.setCookie(
            Cookie(
                name: SessionMiddleware.cookieName, value: token, maxAge: Int(lifetime.components.seconds), path: "/", httpOnly: true,
                sameSite: .lax))
        return response
    }
}

/// Turns a refusal into a page. It sits inside the recording middleware, which sees the status and needs no more.
struct ErrorPageMiddleware: RouterMiddleware {
    typealias Context = DirectoryContext

    func handle(_ request: Request, context: Context, next: (Request, Context) async throws -> Response) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as any HTTPResponseError {
            return EntrancePages.error(error.status).response(error.status)
        }
    }
}
