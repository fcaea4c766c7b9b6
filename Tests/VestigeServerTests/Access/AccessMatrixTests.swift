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
        "consistency": ["auditor", "dpo"], "tile": ["auditor", "dpo"], "entryBundle": ["auditor", "dpo"], "ownLooks": ["self"],
        "ownActs": ["self"],
    ]

    /// A request to each operation that would do something, if it were let pass.
    static let bodies: [String: String] = [
        "record": #"{"event":"read","actor":{"type":"user","id":"7"},"record":{"type":"user","id":"42"},"purpose":"support"}"#,
        "searchEntries": "{}", "whoViewed": #"{"record":{"type":"user","id":"42"}}"#, "viewedBy": #"{"actor":{"type":"user","id":"7"}}"#,
        "resolve": #"{"pseudonym":"00000000000000000000000000000000"}"#, "exportEntries": #"{"format":"ndjson","limit":1}"#,
    ]

    /// Of a place that the trail of ``ServiceHost`` has.
    static func path(of route: Route) -> String {
        ["seq": "0", "size": "1", "level": "0", "tile": "000.p/1"].reduce(route.path) { $0.replacing("{\($1.key)}", with: $1.value) }
    }

    private static func ask(_ route: Route, _ client: ServiceClient, headers: [String: String] = [:]) async throws -> ServiceClient.Answer {
        try await client.send(
            route.verb, path(of: route), body: bodies[route.id],
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

    @Test("from an address that the policy or the token does not allow nobody is let pass anywhere", arguments: ServiceHost.roles)
    func otherAddress(role: String) async throws {
        // Without a proxy nobody is believed who says that they come from elsewhere.
        let elsewhere = try await ServiceHost {
            $0.replacing("allowed_addresses: [127.0.0.0/8", with: "allowed_addresses: [10.0.0.0/8").replacing(
                "proxies: [127.0.0.1/32]", with: "proxies: []")
        }
        let host = try await ServiceHost { $0.replacing("proxies: [127.0.0.1/32]", with: "proxies: []") }
        var order = ServiceHost.order(role)
        order.addresses = ["10.1.0.0/16"]
        let bound = try await host.tokens.create(order, by: ServiceHost.admin).secret
        for (host, secret) in [(elsewhere, elsewhere.secrets[role]), (host, bound)] {
            let size = try await host.vestige.trail.checkpoint().size
            let routes = host.service().routes
            try await host.serve { client in
                for headers in [[:], ["X-Forwarded-For": "10.1.2.3", "Forwarded": "for=10.1.2.3", "X-Real-IP": "10.1.2.3"]] {
                    for route in routes where !Self.open.contains(route.id) {
                        let answer = try await Self.ask(route, client.with(secret), headers: headers)
                        #expect(answer.status == 403 && answer.problem == "address-not-allowed", "\(role) at \(route.id)")
                    }
                }
            }
            #expect(try await host.vestige.trail.checkpoint().size == size)
        }
    }

    @Test("whoever has made as many requests as they may is let pass nowhere, and told when to come again", arguments: ServiceHost.roles)
    func tooMany(role: String) async throws {
        let host = try await ServiceHost()
        var order = ServiceHost.order(role)
        order.perMinute = 1
        let secret = try await host.tokens.create(order, by: ServiceHost.admin).secret
        let (other, admin) = (host.secrets[role], host.secrets["admin"])
        let routes = host.service().routes
        let size = try await host.vestige.trail.checkpoint().size
        try await host.serve(ServiceHost.standingStill) { client in
            let first = try await client.with(secret).get("/v1/tile/0/000.p/1")
            #expect([200, 403].contains(first.status))
            for route in routes where !Self.open.contains(route.id) {
                let answer = try await Self.ask(route, client.with(secret))
                #expect(answer.status == 429 && answer.problem == "too-many-requests", "\(role) at \(route.id)")
                #expect((1...60).contains(Int(answer.headers["retry-after"] ?? "") ?? 0))
            }
            #expect(try await client.with(other).get("/v1/tile/0/000.p/1").status != 429, "another token has its own count")
            let metrics = try await client.with(admin).get("/metrics").text
            let count = routes.count - Self.open.count
            #expect(metrics.contains("vestige_requests_refused_total{problem=\"too-many-requests\"} \(count)\n"))
        }
        #expect(try await host.vestige.trail.checkpoint().size == size)
    }

    @Test("other spellings of a path, and other methods, are no way past the gate")
    func spellings() async throws {
        let host = try await ServiceHost()
        let routes = host.service().routes
        let token = host.secrets["self"]
        try await host.serve { client in
            for route in routes where !Self.open.contains(route.id) {
                let path = Self.path(of: route)
                for spelled in [
                    path + "/", "/" + path, path.replacing("/v1", with: "/v1/"), path.uppercased(), "/v1/.." + path, path + "%00",
                ] {
                    let answer = try await client.send(route.verb, spelled, body: Self.bodies[route.id])
                    #expect([401, 404, 405, 400].contains(answer.status), "\(route.verb) \(spelled)")
                }
                for method in ["HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE"] {
                    let status = try await client.with(token).send(method, path).status
                    #expect(status == 405, "\(method) \(path)")
                }
            }
        }
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
