import FoundationNetworking
import Hummingbird
import Logging
import Synchronization
import VestigeCore
import VestigePolicy

@testable import VestigeHummingbird

struct TestContext: RecordingRequestContext {
    var coreContext: CoreRequestContextStorage
    let recording: RecordingSlot

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        recording = RecordingSlot(source: source)
    }
}

/// Keeps what the middleware records, or refuses to.
final class CollectingRecorder: LookRecorder {
    struct Refusal: Error {}

    private let collected = Mutex<[Entry]>([])
    private let refuses: Bool

    init(refuses: Bool = false) {
        self.refuses = refuses
    }

    var entries: [Entry] { collected.withLock { $0 } }

    func recordDurably(_ entry: Entry) async throws {
        if refuses { throw Refusal() }
        collected.withLock { $0.append(entry) }
    }
}

/// A host on a real port, with one person (42) and one device (17), whose behaviour hangs on who asks.
struct TestHost {
    static let secret = "Ελένη Παπαδόπουλος"

    let recorder: CollectingRecorder
    let policy: Policy
    /// Set when a handler ran.
    let ran = Flag()

    init(refuses: Bool = false, proxies: String = "[]") throws {
        recorder = CollectingRecorder(refuses: refuses)
        policy = try Policy.parse(Array(Self.yaml(proxies: proxies).utf8), file: "test.yaml")
    }

    final class Flag: Sendable {
        private let value = Mutex(false)
        var isSet: Bool { value.withLock { $0 } }
        func set() { value.withLock { $0 = true } }
    }

    /// Stands in for a host's authentication: `X-Test-Actor` signs in, `X-Purpose` says why.
    struct Authentication: RouterMiddleware {
        typealias Context = TestContext

        func handle(_ request: Request, context: Context, next: (Request, Context) async throws -> Response) async throws -> Response {
            if let name = HTTPFields.Element.Name("X-Test-Actor"), let id = request.headers[name] {
                context.recording.actor = AuditActor(.user, id: id, name: "Ana Lima", role: "agent")
            }
            if let name = HTTPFields.Element.Name("X-Purpose") {
                context.recording.purpose = request.headers[name]
            }
            if request.uri.path.hasPrefix("/static/") {
                return TestHost.secret.response(from: request, context: context)
            }
            return try await next(request, context)
        }
    }

    private func router() -> Router<TestContext> {
        let router = Router(context: TestContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: RecordingMiddleware(recorder: recorder, policy: policy))
        router.add(middleware: Authentication())
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
        let (ports, running) = AsyncStream.makeStream(of: Int.self)
        var logger = Logger(label: "test-host")
        logger.logLevel = .critical
        let application = Application(
            router: router(), configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { channel in running.yield(channel.localAddress?.port ?? 0) }, logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await application.run() }
            for await port in ports {
                try await body(TestClient(port: port))
                break
            }
            group.cancelAll()
        }
    }

    private static func yaml(proxies: String) -> String {
        """
        vestige: 1
        time_zone: Europe/Berlin
        channels: [pii-read, people, hardware]
        purposes:
          support: { title: Answer a "request", dpv: "dpv:CustomerCare", activity: RPA-12 }
          audit: { title: Review, dpv: "dpv:LegalCompliance", activity: RPA-3 }
        actors: { staff: [user], roles: [agent], show: name }
        records:
          user:
            subject: self
            channels: { look: pii-read, change: people }
            fields: { name: { personal: identity } }
            reads: { log: list, purpose: required, on_failure: refuse }
          hardware:
            id: clear
            channels: { look: pii-read, change: hardware }
            subject: { type: user, from: assigned_to }
            fields: { serial: { personal: no }, assigned_to: { personal: identity } }
            reads: { log: detail }
        routes:
          - { match: "GET /people/{id}", record: user, event: read, fields: [name] }
          - { match: "GET /people/{id}/edit", record: user, event: read, fields: [name] }
          - { match: "GET /me", record: user, event: read, fields: [name], subject: from_store }
          - { match: "GET /team", record: user, event: read, fields: [name], subject: from_store }
          - { match: "GET /my-device", record: hardware, event: read, subject: from_store }
          - { match: "GET /hardware/{id}", record: hardware, event: read, subject: from_store }
          - { match: "GET /open", unlogged: "shows nobody" }
        proxies: \(proxies)
        retention:
          default: { keep: 365d, because: "CNIL 2021-122: 6 to 12 months" }
          prune_at: "03:00"
        erasure: { actors: { after: 365d, because: "security of processing" }, fence: 90d, approvals: 1 }
        backups: { vault: 35d, keyring: 35d }
        cases: { keep: 3y, because: "limitation period" }
        access:
          rights: [query, record]
          roles: { host: [record] }
          allowed_addresses: [127.0.0.0/8]

        """
    }
}
