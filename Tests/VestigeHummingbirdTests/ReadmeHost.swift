import Foundation
import Hummingbird
import Testing
import VestigeHummingbird
import VestigeLocal

// The host that the README shows, compiled. The test below holds the two against each other.
struct AppContext: RecordingRequestContext {
    var coreContext: CoreRequestContextStorage
    let recording: RecordingSlot
    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        recording = RecordingSlot(source: source)
    }
}

func readmeHost() async throws {
    let vestige = try await Vestige.open("vestige-data", policy: "Policies/people-directory.yaml")
    let router = Router(context: AppContext.self)
    router.add(middleware: RecordingMiddleware(recorder: vestige.recorder, policy: vestige.policy))
    router.get("/people/{id}") { _, context in
        (context.recording.actor, context.recording.purpose) = (AuditActor(.user, id: "7"), "support")  // your sign-in does this
        return "The page of person \(try context.parameters.require("id"))"
    }
    try await Application(router: router).runService()
}

@Suite("The README")
struct ReadmeTests {
    @Test("shows a host that compiles")
    func host() throws {
        let here = URL(fileURLWithPath: #filePath)
        let root = here.deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let readme = try String(contentsOf: root.appendingPathComponent("README.md"), encoding: .utf8)
        let block = try #require(readme.split(separator: "```swift\n").dropFirst().first?.split(separator: "```").first)
        let compiled = Set(
            try String(contentsOf: here, encoding: .utf8).split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) })
        let shown = block.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
        #expect(shown.count > 10)
        for line in shown { #expect(compiled.contains(line), "\(line)") }
    }
}
