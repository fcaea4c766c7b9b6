import Foundation
import Testing
import VestigeCore
import VestigeTesting
import VestigeTrail

@testable import VestigeServer

/// Every route × every role × every kind of credential. The table below is written by hand and not taken from the routes, so that a route
/// whose need was changed, or that was added, fails here.
@Suite("Who may pass")
struct AccessMatrixTests {
    private static let all: Set<String> = ["admin", "auditor", "dpo", "host"]
    private static let asking: Set<String> = ["admin", "auditor", "dpo"]

    /// Open to everybody.
    static let open: Set<String> = ["health", "ready", "openapi"]

    /// Roles by operation.
    static let expected: [String: Set<String>] = [
        "metrics": all, "record": ["host"], "listEntries": asking,
        "searchEntries": asking, "entry": asking, "whoViewed": asking, "viewedBy": asking, "resolve": ["dpo"], "exportEntries": asking,
        "status": asking, "verifierKey": ["auditor", "dpo"], "checkpoint": ["auditor", "dpo"], "proof": ["auditor", "dpo"],
        "tile": ["auditor", "dpo"], "ownLooks": ["self"], "ownActs": ["self"],
    ]

    /// A request to each operation that would do something, if it were let pass.
    static let bodies: [String: String] = [
        "record": #"{"event":"read","actor":{"type":"user","id":"7"},"record":{"type":"user","id":"42"},"purpose":"support"}"#,
        "searchEntries": "{}", "whoViewed": #"{"record":{"type":"user","id":"42"}}"#, "viewedBy": #"{"actor":{"type":"user","id":"7"}}"#,
        "resolve": #"{"pseudonym":"00000000000000000000000000000000"}"#, "exportEntries": #"{"format":"ndjson","limit":1}"#,
    ]

    private static func ask(_ route: Route, _ client: ServiceClient, headers: [String: String] = [:]) async throws -> ServiceClient.Answer {
        let path = route.path.replacing("{seq}", with: "0").replacing("{level}", with: "0").replacing("{tile}", with: "000.p/1")
        return try await client.send(
            route.verb, path, body: bodies[route.id],
            headers: headers.merging(bodies[route.id] == nil ? [:] : ["Content-Type": "application/json"]) { own, _ in own })
    }

    @Test("every route stands in the table")
    func noHole() async throws {
        let host = try await ServiceHost()
        #expect(Set(host.service().routes.map(\.id)) == Set(Self.expected.keys).union(Self.open))
    }

    @Test("every route lets pass the roles of the table, and nobody else", arguments: ServiceHost.roles)
    func roles(role: String) async throws {
        let host = try await ServiceHost()
        let routes = host.service().routes
        try await host.serve(as: role) { client in
            for route in routes {
                let answer = try await Self.ask(route, client)
                let mayPass = Self.open.contains(route.id) || Self.expected[route.id]?.contains(role) == true
                #expect(answer.status == (mayPass ? 200 : 403), "\(role) at \(route.id)")
                if !mayPass { #expect(answer.problem == "right-missing", "\(role) at \(route.id)") }
            }
        }
    }

    @Test(
        "no credential, a wrong one, an expired, a revoked and another tenant's are let pass nowhere, whatever the role",
        arguments: ServiceHost.roles)
    func badCredentials(role: String) async throws {
        let host = try await ServiceHost()
        let stranger = try await ServiceHost(name: "stranger")
        let expired = try await host.tokens.create(ServiceHost.order(role, days: 1), by: ServiceHost.admin).secret
        host.clock.advance(days: 2)
        let revoked = try await host.tokens.create(ServiceHost.order(role), by: ServiceHost.admin)
        try await host.tokens.revoke(revoked.token.id, by: ServiceHost.admin)
        let good = try #require(host.secrets[role])
        let headers: [(name: String, value: String?)] = [
            ("none", nil), ("wrong", "Bearer vst_\(String(repeating: "0", count: 64))"), ("expired", "Bearer \(expired)"),
            ("revoked", "Bearer \(revoked.secret)"), ("another tenant's", "Bearer \(stranger.secrets[role] ?? "")"),
            ("basic", "Basic \(good)"), ("bare", good), ("cut", "Bearer \(good.dropLast())"), ("longer", "Bearer \(good)0"),
            ("upper case", "Bearer \(good.uppercased())"), ("empty", "Bearer "), ("id", "Bearer \(revoked.token.id)"),
        ]
        let size = try await host.vestige.trail.checkpoint().size
        let routes = host.service().routes
        try await host.serve { client in
            for route in routes where !Self.open.contains(route.id) {
                for (name, value) in headers {
                    let answer = try await Self.ask(route, client, headers: value.map { ["Authorization": $0] } ?? [:])
                    #expect(answer.status == 401, "\(name) at \(route.id)")
                    #expect(answer.problem == (value == nil ? "credential-missing" : "credential-invalid"), "\(name) at \(route.id)")
                    #expect(answer.headers["www-authenticate"] == "Bearer")
                }
            }
        }
        #expect(try await host.vestige.trail.checkpoint().size == size, "nobody who was not let pass left an entry")
    }

    @Test("two tenants in one service: a credential sees its own trail and nothing of the other")
    func twoTenants() async throws {
        let host = try await ServiceHost(name: "one")
        let other = try await ServiceHost(name: "two")
        let (own, others) = (try #require(host.secrets["dpo"]), try #require(other.secrets["dpo"]))
        _ = try await other.vestige.recorder.record(
            .read(.init(type: "user", id: "4711"), purpose: "support"), by: .init(.user, id: "9", name: "Olga Other"))
        let size = try await other.vestige.trail.checkpoint().size
        try await host.serve(beside: [other.tenant]) { client in
            let question = #"{"record":{"type":"user","id":"4711"}}"#
            let seen = try await client.with(others).post("/v1/who-viewed", question)
            #expect(seen.json["total"] as? Int == 1)
            let hidden = try await client.with(own).post("/v1/who-viewed", question)
            #expect(hidden.json["total"] as? Int == 0)
            #expect(try await client.with(own).get("/v1/key").text != client.with(others).get("/v1/key").text)
            let metrics = try await client.with(own).get("/metrics").text
            #expect(metrics.contains(#"tenant="one""#) && !metrics.contains(#"tenant="two""#))
        }
        #expect(try await other.vestige.trail.checkpoint().size == size + 1, "the other's trail has its own question alone")
    }
}
