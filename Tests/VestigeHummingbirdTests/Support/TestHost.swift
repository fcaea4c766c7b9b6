import Hummingbird
import Synchronization
import VestigeCore
import VestigePolicy
import VestigeTesting

@testable import VestigeHummingbird

/// A host on a real port, with one person (42) and one device (17), whose behaviour hangs on who asks.
struct TestHost {
    static let secret = "Ελένη Παπαδόπουλος"

    let recorder: RecordedLooks
    let policy: Policy
    /// Set when a handler ran.
    let ran = Flag()

    init(refuses: Bool = false, proxies: String = "[]") throws {
        recorder = RecordedLooks(refusing: refuses)
        policy = try TestPolicy.parse(routes: Self.routes, proxies: proxies)
    }

    final class Flag: Sendable {
        private let value = Mutex(false)
        var isSet: Bool { value.withLock { $0 } }
        func set() { value.withLock { $0 = true } }
    }

    /// A middleware that answers by itself, inside of the recording one.
    struct StaticFiles: RouterMiddleware {
        typealias Context = TestContext

        func handle(_ request: Request, context: Context, next: (Request, Context) async throws -> Response) async throws -> Response {
            guard request.uri.path.hasPrefix("/static/") else { return try await next(request, context) }
            return TestHost.secret.response(from: request, context: context)
        }
    }

    private func router() -> Router<TestContext> {
        let router = Router(context: TestContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: RecordingMiddleware(recorder: recorder, policy: policy))
        router.add(middleware: Authentication())
        router.add(middleware: StaticFiles())
        let ran = ran
        let person: @Sendable (Request, TestContext) async throws -> String = { _, context in
            ran.set()
            guard context.recording.actor != nil else { throw HTTPError(.unauthorized) }
            let id = try context.parameters.require("id")
            if id == "7" { throw HTTPError(.forbidden) }
            if id == "13" { throw CancellationError() }
            guard id == "42" || id == "%34%32" else { throw HTTPError(.notFound) }
            return Self.secret
        }
        router.get("/people/:id", use: person)
        router.get("/people/{id}/edit", use: person)
        router.get("/me") { _, context in
            try context.recording.isAbout("user", id: "42")
            return Self.secret
        }
        router.get("/team") { _, context in
            try context.recording.isAbout("user", id: "42")
            try context.recording.isAbout("user", id: "43")
            return Self.secret
        }
        router.get("/my-device") { _, context in
            context.recording.recordID = "17"
            context.recording.isAboutNobody()
            return Self.secret
        }
        router.get("/hardware/{id}") { _, context in
            switch try context.parameters.require("id") {
            case "17": try context.recording.isAbout("user", id: "42")
            case "18": context.recording.isAboutNobody()
            case "20":
                context.recording.recordID = "20"
                throw HTTPError(.forbidden)
            case "19": break
            default: throw HTTPError(.notFound)
            }
            context.recording.discloses(["serial"])
            return Self.secret
        }
        router.get("/open") { _, _ in "open" }
        router.get("/uncovered") { _, _ in
            ran.set()
            return Self.secret
        }
        return router
    }

    /// Serves while `body` talks to the port.
    func serve(_ body: @escaping @Sendable (TestClient) async throws -> Void) async throws {
        try await VestigeHummingbirdTests.serve(router()) { port in try await body(TestClient(port: port)) }
    }

    private static let routes = [
        #"{ match: "GET /people/{id}", record: user, event: read, fields: [name] }"#,
        #"{ match: "GET /people/{id}/edit", record: user, event: read, fields: [name] }"#,
        #"{ match: "GET /me", record: user, event: read, fields: [name], subject: from_store }"#,
        #"{ match: "GET /team", record: user, event: read, fields: [name], subject: from_store }"#,
        #"{ match: "GET /my-device", record: hardware, event: read, subject: from_store }"#,
        #"{ match: "GET /hardware/{id}", record: hardware, event: read, subject: from_store }"#,
        #"{ match: "GET /open", unlogged: "shows nobody" }"#,
    ]
}
