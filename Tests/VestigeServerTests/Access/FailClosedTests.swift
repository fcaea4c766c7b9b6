import Foundation
import Testing
import VestigeDesk
import VestigeTesting
import VestigeTrail

@testable import VestigeServer

@Suite("When something cannot be read or recorded")
struct FailClosedTests {
    /// The same trail with credentials that cannot be read.
    private static func withBrokenDesk(_ host: ServiceHost) -> Tenant {
        let clock = host.clock
        let tokens = TokenBook(desk: BrokenDesk(), vault: host.vestige.vault, recorder: host.vestige.recorder, clock: { clock.now })
        return Tenant(
            name: "broken", recorder: host.vestige.recorder, inquiry: host.vestige.inquiry, vault: host.vestige.vault,
            trail: host.vestige.trail, tokens: tokens, status: { [] }, spool: { (0, nil) }, source: host.tenant.source,
            clock: { clock.now })
    }

    @Test("without the desk nobody is let pass, and nobody is told that their token is bad")
    func desk() async throws {
        let host = try await ServiceHost()
        let service = Service(tenants: [Self.withBrokenDesk(host)], configuration: ServiceHost.anyPort, logger: host.logs.logger)
        let token = host.secrets["dpo"]
        let size = try await host.vestige.trail.checkpoint().size
        try await service.serve { port in
            for route in service.routes where route.need != .nothing {
                let client = ServiceClient(port: port).with(token)
                let answer = try await client.send(route.verb, route.path, body: AccessMatrixTests.bodies[route.id])
                #expect(answer.status == 503, "\(route.id)")
                #expect(answer.problem == "unavailable", "\(route.id)")
            }
        }
        #expect(try await host.vestige.trail.checkpoint().size == size)
        #expect(!host.logs.text.contains("secret of the desk"))
    }

    @Test("a tenant whose desk cannot be read is no trouble of the others'")
    func otherDesk() async throws {
        let host = try await ServiceHost()
        let service = Service(
            tenants: [Self.withBrokenDesk(host), host.tenant], configuration: ServiceHost.anyPort, logger: host.logs.logger)
        let good = host.secrets["dpo"]
        // It may be the broken tenant's.
        let unknown = "vst_" + String(repeating: "0", count: 64)
        let answers = try await service.serve { port in
            let client = ServiceClient(port: port)
            return [try await client.with(good).get("/v1/status").status, try await client.with(unknown).get("/v1/status").status]
        }
        #expect(answers == [200, 503])
        #expect(host.logs.text.contains("Credentials cannot be looked up") && !host.logs.text.contains("secret of the desk"))
    }

    @Test("a clock that is behind the newest entry makes the service not ready, and so does one that cannot be told")
    func clock() async throws {
        struct Unreadable: Error {}
        let host = try await ServiceHost()
        let clocks: [@Sendable () async throws -> Int64?] = [{ 61 }, { throw Unreadable() }]
        for behind in clocks {
            let tenant = Tenant(
                name: "late", recorder: host.vestige.recorder, inquiry: host.vestige.inquiry, vault: host.vestige.vault,
                trail: host.vestige.trail, tokens: host.tokens, status: { [] }, spool: { (0, nil) }, source: host.tenant.source,
                clockBehind: behind, clock: { host.clock.now })
            #expect(try await host.serve(beside: [tenant]) { try await $0.get("/ready").status } == 503)
        }
        #expect(try await host.serve { try await $0.get("/ready").status } == 200)
    }

    @Test("a trail that takes nothing more answers no question and owes no receipt")
    func trail() async throws {
        let host = try await ServiceHost()
        try host.vestige.trail.close()
        let (dpo, hostToken) = (host.secrets["dpo"], host.secrets["host"])
        try await host.serve { client in
            for id in ["searchEntries", "whoViewed", "viewedBy", "resolve", "exportEntries"] {
                let path = try #require(host.service().routes.first { $0.id == id }?.path)
                let answer = try await client.with(dpo).post(path, AccessMatrixTests.bodies[id] ?? "{}")
                #expect(answer.status == 503, "\(id)")
                #expect(answer.problem == "unavailable", "\(id)")
                #expect(answer.headers["retry-after"] != nil)
                #expect(!answer.text.contains("Ana"))
            }
            let recorded = try await client.with(hostToken).post("/v1/record", AccessMatrixTests.bodies["record"] ?? "")
            #expect(recorded.status == 503)
            #expect(recorded.problem == "not-recorded")
        }
    }

    @Test("a spool that takes nothing more makes the service not ready")
    func spool() async throws {
        let host = try await ServiceHost()
        let tenant = Tenant(
            name: "stuck", recorder: host.vestige.recorder, inquiry: host.vestige.inquiry, vault: host.vestige.vault,
            trail: host.vestige.trail, tokens: host.tokens, status: { [] }, spool: { (3, "the disk is full") },
            source: host.tenant.source, clock: { host.clock.now })
        let answer = try await host.serve(beside: [tenant]) { try await $0.get("/ready") }
        #expect(answer.status == 503)
        #expect(answer.problem == "not-ready")
    }
}

private struct BrokenDesk: DeskStore {
    struct Trouble: Error, CustomStringConvertible {
        var description: String { "secret of the desk" }
    }

    func get(_ place: DeskPlace) async throws -> DeskDocument? { throw Trouble() }
    func list(_ collection: String, after key: String?, limit: Int) async throws -> [DeskDocument] { throw Trouble() }
    func put(_ content: [UInt8], at place: DeskPlace, replacing version: UInt64?) async throws -> UInt64 { throw Trouble() }
    func delete(_ place: DeskPlace, version: UInt64) async throws { throw Trouble() }
}
