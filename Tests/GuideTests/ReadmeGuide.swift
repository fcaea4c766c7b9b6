import Hummingbird
import VestigeHummingbird
import VestigeLocal

// The README's host; its context is the one of HummingbirdGuide.swift.
func readmeHost() async throws {
    let vestige = try await Vestige.open("vestige-data", policy: "Policies/people-directory.yaml")
    let router = Router(context: AppContext.self)
    router.add(middleware: RecordingMiddleware(vestige.recorder))
    router.get("/people/{id}") { _, context in
        (context.recording.actor, context.recording.purpose) = (AuditActor(.user, id: "7"), "support")  // your sign-in does this
        return "The page of person \(try context.parameters.require("id"))"
    }
    try await Application(router: router).runService()
}
