import Hummingbird
import VestigeCore

/// The home page, signing in and signing out. No route of the policy records these two: whether somebody came in is known here only.
struct EntranceRoutes: Sendable {
    let signIn: SignIn
    let sessions: Sessions
    let recorder: Recorder

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
        let form = try await request.form(Form.self)
        guard let person = try await signIn.person(email: form.email, passphrase: form.passphrase) else {
            try await recorder.recordSignInFailure(trying: form.email)
            return EntrancePages.signIn(refused: true).response(.unauthorized)
        }
        // First the entry, then the session: nobody is let in unseen.
        try await recorder.recordSignIn(of: AuditActor(person))
        return Self.redirect(to: "/people", token: sessions.start(for: person.id), lifetime: Sessions.lifetime)
    }

    @Sendable private func leave(_ request: Request, context: DirectoryContext) async throws -> Response {
        // First the entry, then the end: a sign-out that cannot be recorded has not happened, and can be tried again.
        if let viewer = context.viewer {
            try await recorder.recordSignOut(of: AuditActor(viewer))
        }
        if let token = request.cookies[SessionMiddleware.cookieName]?.value {
            sessions.end(token)
        }
        return Self.redirect(to: "/", token: "", lifetime: .zero)
    }

    /// SameSite keeps other sites from sending forms in somebody's name. Behind TLS a host adds `secure: true`; this one speaks plain HTTP on the
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
