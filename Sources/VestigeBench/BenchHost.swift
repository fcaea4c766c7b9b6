import Hummingbird
import Logging
import PeopleDirectory
import VestigeHummingbird
import VestigeLocal

/// The example host's route for a person, with the middleware or without: one read of the host's own database, three sealed columns opened under
/// the person's key, and a small page. Opening is part of the bare route too: it is what the host's own storage costs, not recording.
struct BenchHost: Sendable {
    struct Context: RecordingRequestContext {
        var coreContext: CoreRequestContextStorage
        let recording: RecordingSlot

        init(source: ApplicationRequestContextSource) {
            coreContext = .init(source: source)
            recording = RecordingSlot(source: source)
        }
    }

    static let viewer = AuditActor(.user, id: "1001", name: "Ana Lima", email: "ana.lima@example.org", role: "agent")

    let name: String
    let store: DirectoryStore
    let middleware: RecordingMiddleware<Context>?

    /// Serves on a free port for as long as `body` runs.
    func serve<Outcome: Sendable>(while body: @escaping @Sendable (_ port: Int) async throws -> Outcome) async throws -> Outcome {
        let router = Router(context: Context.self)
        if let middleware { router.add(middleware: middleware) }
        router.get("/people/{id}") { [store] _, context in
            context.recording.actor = Self.viewer
            context.recording.purpose = "support"
            let id = try context.parameters.require("id")
            guard let person = try await store.person(id, opening: ["name", "email", "phone"]), let name = person.name.value,
                let email = person.email.value, let phone = person.phone.value
            else { throw HTTPError(.notFound) }
            return """
                <!doctype html><title>\(name)</title><h1>\(name)</h1>
                <p>\(email), \(phone), \(person.role.rawValue), \(person.department)</p>
                """
        }
        var logger = Logger(label: "vestige-bench")
        logger.logLevel = .critical
        let (ports, running) = AsyncStream.makeStream(of: Int.self)
        let application = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { channel in
                running.yield(channel.localAddress?.port ?? 0)
            }, logger: logger)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { running.finish() }
                try await application.runService(gracefulShutdownSignals: [])
            }
            guard let port = await ports.first(where: { _ in true }), port > 0 else {
                throw BenchError.environment("no port on 127.0.0.1 could be had")
            }
            let outcome = try await body(port)
            group.cancelAll()
            // Cancelled on purpose: how it ended says nothing.
            while let result = await group.nextResult() { _ = result }
            return outcome
        }
    }
}
