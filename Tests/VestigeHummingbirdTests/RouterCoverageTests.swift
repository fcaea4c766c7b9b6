import Hummingbird
import Testing
import VestigePolicy
import VestigeTesting

@testable import VestigeHummingbird

@Suite("A router's coverage")
struct RouterCoverageTests {
    private let routes = [
        #"{ match: "GET /people/{id}", record: user, event: read, fields: [name] }"#,
        #"{ match: "GET /people/{id}/notes/{note}", unlogged: "empty" }"#,
    ]

    private func router(_ add: (Router<TestContext>) -> Void = { _ in }) -> Router<TestContext> {
        let router = Router(context: TestContext.self, options: .autoGenerateHeadEndpoints)
        router.get("/people/:id") { _, _ in "" }
        router.group("/people/{id}").get("notes/:note") { _, _ in "" }
        add(router)
        return router
    }

    @Test("is whole when the policy names every route, in groups and however spelled")
    func whole() throws {
        let policy = try TestPolicy.parse(routes: routes)
        let router = router()
        try router.requireCoverage(by: policy)
        #expect(router.coverage(by: policy).unused.isEmpty)
        try requireRecordedRoutes(router.routes.map { (method: $0.method.rawValue, path: "\($0.path)") }, by: policy)
    }

    @Test("fails with the name of each route that is neither recorded nor unlogged")
    func gap() throws {
        let policy = try TestPolicy.parse(routes: routes)
        let router = router { $0.group("admin").delete("people/:id") { _, _ in "" } }
        let refusal = #expect(throws: UncoveredRoutes.self) { try router.requireCoverage(by: policy) }
        #expect(refusal?.routes == ["DELETE /admin/people/{id}"])
        let gaps = #expect(throws: RouteGaps.self) {
            try requireRecordedRoutes(router.routes.map { (method: $0.method.rawValue, path: "\($0.path)") }, by: policy)
        }
        #expect(gaps?.uncovered == ["DELETE /admin/people/{id}"])
    }

    @Test("names a route of the policy that the host does not have")
    func unused() throws {
        let policy = try TestPolicy.parse(routes: routes + [#"{ match: "GET /gone", unlogged: "was here once" }"#])
        #expect(router().coverage(by: policy).unused == ["GET /gone"])
    }
}
