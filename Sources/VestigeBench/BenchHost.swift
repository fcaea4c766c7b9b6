import Hummingbird
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
        return try await LocalServer.serve(router, while: body)
    }
}
