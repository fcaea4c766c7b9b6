import Foundation
import Synchronization
import Testing
import VestigeCore
import VestigeDesk
import VestigeInquiry
import VestigeRights
import VestigeTesting
import VestigeTrail
import VestigeVault

@testable import VestigeServer

@Suite("Tokens")
struct TokenBookTests {
    @Test("the desk keeps neither the token nor anybody's id")
    func nothingInClear() async throws {
        let host = try await ServiceHost()
        let kept = await host.vestige.deskStore.list("tokens", after: nil, limit: 100).map {
            $0.key + String(decoding: $0.content, as: UTF8.self)
        }
        #expect(kept.count == ServiceHost.roles.count)
        for text in kept {
            for secret in host.secrets.values { #expect(!text.contains(secret.dropFirst(4))) }
            #expect(!text.contains("dpo-1") && !text.contains("\"42\""))
        }
    }

    @Test("making and revoking are entries that name role and token, and who did it")
    func entries() async throws {
        let host = try await ServiceHost()
        let made = try await host.tokens.create(ServiceHost.order("dpo"), by: ServiceHost.admin).token
        let granted = try #require(try await host.newest())
        #expect(granted.header?.action == "policy.access_granted")
        #expect(granted.header?.details == ["role": .code("dpo"), "token": .code(made.id)])
        #expect(granted.actor?.id == "1")
        try await host.tokens.revoke(made.id, by: ServiceHost.admin)
        #expect(try await host.newest()?.header?.action == "policy.access_revoked")
        let size = try await host.vestige.trail.checkpoint().size
        try await host.tokens.revoke(made.id, by: ServiceHost.admin)
        #expect(try await host.vestige.trail.checkpoint().size == size, "revoked already")
        #expect(try await host.vestige.trail.verify().verdict == .intact)
    }

    @Test("a revocation whose entry failed counts at once, and gets its entry when it is tried again")
    func unrecordedRevocation() async throws {
        let (host, other) = (try await ServiceHost(), try await ServiceHost())
        let (token, secret) = try await host.tokens.create(ServiceHost.order("dpo"), by: ServiceHost.admin)
        try other.vestige.trail.close()
        let stuck = TokenBook(
            desk: host.vestige.deskStore, vault: host.vestige.vault, recorder: other.vestige.recorder, clock: { host.clock.now })
        let size = try await host.vestige.trail.size()
        await #expect(throws: (any Error).self) { try await stuck.revoke(token.id, by: ServiceHost.admin) }
        #expect(try await host.serve { try await $0.with(secret).get("/v1/status").status } == 401)
        #expect(try await host.vestige.trail.size() == size)
        for _ in 0..<2 { try await host.tokens.revoke(token.id, by: ServiceHost.admin) }
        #expect(try await host.vestige.trail.size() == size + 1)
        #expect(try await host.newest()?.header?.action == "policy.access_revoked")
    }

    @Test("a token that is not let pass from where it comes leaves no trace of having been good")
    func foreignAddress() async throws {
        let host = try await ServiceHost { $0.replacing("allowed_addresses: [127.0.0.0/8]", with: "allowed_addresses: [10.0.0.0/8]") }
        let secret = try #require(host.secrets["dpo"])
        let answers = try await host.serve { client in
            [try await client.with(secret).get("/v1/status"), try await client.with(secret.dropLast() + "x").get("/v1/status")]
        }
        #expect(answers.map(\.status) == [403, 403] && answers[0].bytes == answers[1].bytes)
        #expect(try await host.tokens.list().allSatisfy { $0.lastUsed == nil })
    }

    @Test("a proxy that does not say who is behind it is nobody's address")
    func namelessProxy() async throws {
        // 127.0.0.1 is a proxy of this policy, and an address that is let pass.
        let host = try await ServiceHost()
        let secret = host.secrets["dpo"]
        let values = ["unknown", "10.0.0.7", "127.0.0.1", "10.0.0.7, 127.0.0.1"]
        let answers = try await host.serve { client in
            var answers: [Int] = []
            for value in values {
                answers.append(try await client.with(secret).get("/v1/status", headers: ["X-Forwarded-For": value]).status)
            }
            return answers
        }
        #expect(answers == [403, 403, 200, 403])
    }

    @Test("a token ends with its holder's key")
    func erasedHolder() async throws {
        let host = try await ServiceHost {
            $0.replacing(#"actors: { after: 365d, because: "security of processing, Art. 5(2), 32; 17(3)(b)" }"#, with: "")
        }
        let secret = host.secrets["dpo"]
        try await host.serve { client in
            #expect(try await client.with(secret).get("/v1/status").status == 200)
            _ = try await host.vestige.rights.erase(
                .init(
                    subject: try SubjectID(type: "user", id: "dpo-1"), role: .acting, caseReference: "T-1", purpose: "audit",
                    actor: ServiceHost.admin))
            #expect(try await client.with(secret).get("/v1/status").status == 401)
        }
    }

    @Test("what cannot be a token is refused and says why")
    func refused() async throws {
        let host = try await ServiceHost()
        func order(_ change: (inout TokenOrder) -> Void) -> TokenOrder {
            var order = ServiceHost.order("dpo")
            change(&order)
            return order
        }
        let orders: [(TokenOrder, String)] = [
            (order { $0.role = "dop" }, "did you mean \"dpo\""), (order { $0.holder = "dpo-1" }, "KIND/ID"),
            (order { $0.holder = "system/x" }, "KIND/ID"),
            (order { $0.days = 0 }, "1 to 366"), (order { $0.days = 367 }, "1 to 366"), (order { $0.addresses = ["10.0.0.1/8"] }, "range"),
            (order { $0.perMinute = 0 }, "1 or more"),
            (
                order {
                    $0.role = "self"
                    $0.holder = "user/unheard-of"
                }, "nothing is recorded"
            ),
            (
                order {
                    $0.role = "self"
                    $0.holder = "hardware/142"
                }, "KIND/ID"
            ),
        ]
        let size = try await host.vestige.trail.checkpoint().size
        for (order, message) in orders {
            await #expect { try await host.tokens.create(order, by: ServiceHost.admin) } throws: { "\($0)".contains(message) }
        }
        #expect(try await host.vestige.trail.checkpoint().size == size)
        #expect(try await host.tokens.list().count == ServiceHost.roles.count)
    }

    @Test("the last use is kept to the minute")
    func lastUse() async throws {
        let host = try await ServiceHost()
        let secret = host.secrets["auditor"]
        _ = try await host.serve { try await $0.with(secret).get("/v1/status") }
        let used = try #require(try await host.tokens.list().first { $0.role == "auditor" }?.lastUsed)
        #expect(used % 60_000_000 == 0 && host.clock.now.microseconds - used < 60_000_000)
    }

    @Test("a token is good only from its addresses, and the policy's")
    func addresses() async throws {
        let host = try await ServiceHost()
        var order = ServiceHost.order("dpo")
        order.addresses = ["10.0.0.0/8"]
        let elsewhere = try await host.tokens.create(order, by: ServiceHost.admin).secret
        order.addresses = ["127.0.0.0/8"]
        let here = try await host.tokens.create(order, by: ServiceHost.admin).secret
        try await host.serve { client in
            #expect(try await client.with(elsewhere).get("/v1/status").problem == "address-not-allowed")
            #expect(try await client.with(here).get("/v1/status").status == 200)
            // 127.0.0.1 is a proxy of this policy: the address it forwards counts.
            let forwarded = try await client.with(here).get("/v1/status", headers: ["X-Forwarded-For": "10.0.0.9"])
            #expect(forwarded.problem == "address-not-allowed")
            #expect(
                try await client.with(elsewhere).get("/v1/status", headers: ["X-Forwarded-For": "10.0.0.9"]).status == 403,
                "the policy's do not allow it")
        }
    }

    @Test("whoever asks too often waits, and is told for how long; others do not")
    func limits() async throws {
        let host = try await ServiceHost()
        var order = ServiceHost.order("dpo")
        order.perMinute = 3
        let secret = try await host.tokens.create(order, by: ServiceHost.admin).secret
        let other = host.secrets["dpo"]
        try await host.serve(ServiceHost.standingStill) { client in
            var statuses: [Int] = []
            var last: ServiceClient.Answer?
            for _ in 0..<5 {
                last = try await client.with(secret).get("/v1/status")
                statuses.append(last?.status ?? 0)
            }
            #expect(statuses == [200, 200, 200, 429, 429])
            #expect(last?.problem == "too-many-requests")
            #expect((1...20).contains(last?.headers["retry-after"].flatMap { Int($0) } ?? 0))
            #expect(try await client.with(other).get("/v1/status").status == 200)
        }
    }

    @Test("a bucket fills again as time goes by")
    func bucket() {
        let time = Mutex(ContinuousClock.now)
        let limits = RateLimits { time.withLock { $0 } }
        for _ in 0..<60 { #expect(limits.take("a", perMinute: 60) == nil) }
        #expect(limits.take("a", perMinute: 60) == 1)
        time.withLock { $0 += .milliseconds(1100) }
        #expect(limits.take("a", perMinute: 60) == nil)
        #expect(limits.take("a", perMinute: 60) == 1)
    }
}
