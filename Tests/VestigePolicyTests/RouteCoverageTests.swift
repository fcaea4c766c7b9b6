import Testing
import VestigePolicy
import VestigeTesting

@Suite("Route coverage")
struct RouteCoverageTests {
    private static let routes = """
        routes:
          - { match: "GET /people/{id}", record: user, event: read, fields: [name] }
          - { match: "PUT /people/{id}", record: user, event: updated }
          - { match: "GET /open", unlogged: "shows nobody" }
        """

    private static let all = [
        (method: "GET", path: "/people/:id"), (method: "put", path: "people/{id}/"), (method: "GET", path: "/open"),
    ]

    private func policy() throws -> Policy { try parse(minimal(Self.routes)) }

    @Test("finds a route recorded or unlogged, however the host spells it")
    func covered() throws {
        let coverage = RouteCoverage(of: Self.all, by: try policy())
        #expect(coverage.uncovered.isEmpty)
        #expect(coverage.unused.isEmpty)
        try coverage.require()
        try requireRecordedRoutes(Self.all, by: try policy())
    }

    @Test("takes a HEAD that goes with a covered GET as covered")
    func head() throws {
        let coverage = RouteCoverage(of: Self.all + [(method: "HEAD", path: "/people/{id}")], by: try policy())
        #expect(coverage.uncovered.isEmpty)
    }

    @Test("takes another method on the same path as another route")
    func otherMethod() throws {
        let coverage = RouteCoverage(of: Self.all + [(method: "DELETE", path: "/people/{id}")], by: try policy())
        #expect(coverage.uncovered == ["DELETE /people/{id}"])
    }

    @Test("names each route that the policy does not cover")
    func uncovered() throws {
        let routes = Self.all + [(method: "GET", path: "/people/:id/print"), (method: "GET", path: "/a")]
        let policy = try policy()
        let refusal = #expect(throws: UncoveredRoutes.self) { try RouteCoverage(of: routes, by: policy).require() }
        #expect(refusal?.routes == ["GET /a", "GET /people/{id}/print"])
        #expect(refusal?.description.contains("\"GET /people/{id}/print\"") == true)
        let gaps = #expect(throws: RouteGaps.self) { try requireRecordedRoutes(routes, by: policy) }
        #expect(gaps?.uncovered == ["GET /a", "GET /people/{id}/print"])
        #expect(gaps?.unused == [])
        #expect(gaps?.description.contains("\"GET /people/{id}/print\"") == true)
    }

    @Test("lets a host start with a route too many in its policy, but not pass its tests")
    func unused() throws {
        let policy = try policy()
        let routes = Self.all.filter { $0.path != "/open" }
        try RouteCoverage(of: routes, by: policy).require()
        let gaps = #expect(throws: RouteGaps.self) { try requireRecordedRoutes(routes, by: policy) }
        #expect(gaps?.unused == ["GET /open"])
        #expect(gaps?.description == "the host has no route \"GET /open\", but the policy does; take it out, or mend its spelling")
    }

    @Test("says both kinds of gap at once")
    func both() throws {
        let policy = try policy()
        let gaps = #expect(throws: RouteGaps.self) { try requireRecordedRoutes([(method: "GET", path: "/opne")], by: policy) }
        #expect(gaps?.uncovered == ["GET /opne"])
        #expect(gaps?.unused == ["GET /open", "GET /people/{id}", "PUT /people/{id}"])
        #expect(gaps?.description.split(separator: "\n").count == 2)
    }
}
