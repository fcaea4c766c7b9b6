import Hummingbird
import Testing
import VestigeCore
import VestigeTesting
import VestigeTrail

@testable import VestigeHummingbird

@Suite("A recording middleware within another")
struct NestedMiddlewareTests {
    @Test("leaves the recording to the outer one: a request is one entry")
    func once() async throws {
        let policy = try TestPolicy.parse(routes: [#"{ match: "GET /people/{id}", record: user, event: read, fields: [name] }"#])
        let looks = RecordedLooks()
        let router = Router(context: TestContext.self)
        router.add(middleware: RecordingMiddleware(recorder: looks, policy: policy))
        router.add(middleware: Authentication())
        router.group("people").add(middleware: RecordingMiddleware(recorder: looks, policy: policy)).get("{id}") { _, _ in "page" }
        let status = try await serve(router) { port in try await TestClient(port: port).get("/people/42").status }
        #expect(status == 200)
        #expect(looks.entries.map(\.status) == [.success])
    }
}
