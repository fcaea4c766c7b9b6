import Foundation
import Testing
import VestigeCore
import VestigeInquiry
import VestigeRights
import VestigeTesting
import VestigeTrail
import VestigeVault

@testable import VestigeServer

@Suite("Tokens of an identity provider")
struct BearerTests {
    private static func host(_ provider: IdentityProvider, claim: String = "groups") async throws -> ServiceHost {
        try await ServiceHost(issuer: provider) {
            $0.replacing(
                "  allowed_addresses:",
                with: IdentityProvider.policy.replacing("claim: groups", with: "claim: \(claim)") + "  allowed_addresses:")
        }
    }

    private static func provider() async throws -> IdentityProvider {
        let provider = IdentityProvider()
        try await provider.addKey("first")
        return provider
    }

    @Test("the policy says what somebody may by one of their claims, and the question is theirs")
    func roles() async throws {
        let provider = try await Self.provider()
        let host = try await Self.host(provider)
        let (dpo, auditor) = (try await provider.token(), try await provider.token { $0.groups = ["revision"] })
        try await host.serve { client in
            #expect(try await client.with(dpo).post("/v1/who-viewed", #"{"record":{"type":"user","id":"42"}}"#).status == 200)
            let entry = try await host.newest()
            #expect(entry?.actor?.id == "ida")
            #expect(entry?.actor?.name == "Ida Dpo")
            #expect(entry?.actor?.session == "OpenID Connect")
            let pseudonym = #"{"pseudonym":"00000000000000000000000000000000"}"#
            #expect(try await client.with(dpo).post("/v1/resolve", pseudonym).status == 200)
            #expect(try await client.with(auditor).post("/v1/resolve", pseudonym).status == 403)
            #expect(try await client.with(auditor).get("/v1/key").status == 200)
            #expect(try await client.with(auditor).post("/v1/record", "{}").status == 403)
        }
        #expect(try await host.vestige.trail.verify().verdict == .intact)
    }

    @Test("RS256 and a claim within a claim")
    func rsa() async throws {
        let provider = IdentityProvider()
        guard try await provider.addRSAKey("first") else { return }
        let host = try await Self.host(provider, claim: "realm_access.roles")
        let token = try await provider.token {
            $0.groups = nil
            $0.realmAccess = ["roles": ["data-protection"]]
        }
        #expect(try await host.serve { try await $0.with(token).get("/v1/status").status } == 200)
    }

    @Test("a key that leaves its algorithm open stays good, whatever a forged token says that it is for")
    func openAlgorithm() async throws {
        let provider = IdentityProvider()
        guard try await provider.addRSAKey("first", saysAlgorithm: false) else { return }
        let host = try await Self.host(provider)
        let good = try await provider.token()
        let claims = try #require(good.split(separator: ".").dropFirst().first)
        let head = Data(#"{"alg":"RS512","kid":"first","typ":"JWT"}"#.utf8).base64EncodedString()
        let forged = "\(IdentityProvider.url(head)).\(claims).AAAA"
        let answers = try await host.serve { client in
            [try await client.with(forged).get("/v1/status").status, try await client.with(good).get("/v1/status").status]
        }
        #expect(answers == [401, 200])
    }

    @Test("numbers at the ends of their range are numbers: one that never expires is good, and nothing ends the service")
    func farTimes() async throws {
        let provider = try await Self.provider()
        let host = try await Self.host(provider)
        let tokens = try await [
            provider.token {
                $0.exp = .max
                $0.nbf = .min
            }, provider.token { $0.exp = .min }, provider.token { $0.nbf = .max },
        ]
        try await host.serve { client in
            var answers: [Int] = []
            for token in tokens { answers.append(try await client.with(token).get("/v1/status").status) }
            #expect(answers == [200, 401, 401])
        }
    }

    @Test("what is expired, not yet good, for others, of others, without a role or without an id is let pass nowhere")
    func refused() async throws {
        let provider = try await Self.provider()
        let host = try await Self.host(provider)
        let now = host.clock.now.microseconds / 1_000_000
        let stranger = try await Self.provider()
        try await provider.addKey("hidden", published: false)
        let good = try await provider.token()
        let parts = good.split(separator: ".").map(String.init)
        func unsigned(_ header: String) -> String {
            IdentityProvider.url(Data(header.utf8).base64EncodedString()) + "." + parts[1] + "."
        }
        let elevated = IdentityProvider.url(
            Data(
                #"{"iss":"https://login.example.org","aud":"vestige","sub":"ida","exp":1780000600,"groups":["data-protection","x"]}"#.utf8
            ).base64EncodedString())
        let tokens: [(String, String)] = [
            ("expired", try await provider.token { $0.exp = now - 61 }), ("without an end", try await provider.token { $0.exp = nil }),
            ("not yet", try await provider.token { $0.nbf = now + 61 }),
            ("another audience", try await provider.token { $0.aud = ["other"] }),
            ("no audience", try await provider.token { $0.aud = nil }),
            ("another issuer", try await provider.token { $0.iss = "https://login.example.com" }),
            ("no role", try await provider.token { $0.groups = ["everybody"] }),
            ("no groups", try await provider.token { $0.groups = nil }),
            ("no id", try await provider.token { $0.sub = nil }), ("empty id", try await provider.token { $0.sub = "" }),
            ("self as a role", try await provider.token { $0.groups = ["self"] }),
            ("another's key", try await stranger.token()), ("a key that is not published", try await provider.token(key: "hidden")),
            ("no signature", unsigned(#"{"alg":"none"}"#)), ("none with a key", unsigned(#"{"alg":"none","kid":"first"}"#)),
            ("HMAC", unsigned(#"{"alg":"HS256","kid":"first"}"#) + parts[2]), ("changed", "\(parts[0]).\(elevated).\(parts[2])"),
            ("cut", "\(parts[0]).\(parts[1])"), ("too long", good + String(repeating: "A", count: 20_000)), ("not JSON", "a.b.c"),
        ]
        let routes = host.service().routes.filter { $0.need != .nothing }
        try await host.serve(Self.roomy) { client in
            #expect(try await client.with(good).get("/v1/status").status == 200)
            for (name, token) in tokens {
                #expect(try await client.with(token).get("/v1/status").status == 401, "\(name)")
            }
            for route in routes {
                let path = AccessMatrixTests.path(of: route)
                let answer = try await client.with(tokens[0].1).send(route.verb, path, body: AccessMatrixTests.bodies[route.id])
                #expect(answer.status == 401, "\(route.id)")
            }
        }
    }

    private static var roomy: ServiceConfiguration {
        var configuration = ServiceHost.anyPort
        configuration.headerByteCountMax = 64 * 1024
        return configuration
    }

    @Test("a clock that is a little off does no harm")
    func leeway() async throws {
        let provider = try await Self.provider()
        let host = try await Self.host(provider)
        let now = host.clock.now.microseconds / 1_000_000
        let tokens = [
            try await provider.token { $0.exp = now - 30 }, try await provider.token { $0.nbf = now + 30 },
            // As far as a number goes, in both directions.
            try await provider.token {
                $0.exp = .max
                $0.nbf = .min
            },
        ]
        try await host.serve { client in
            for token in tokens {
                let answer = try await client.with(token).get("/v1/status")
                #expect(answer.status == 200)
            }
        }
    }

    @Test("without a provider in the policy no token of one is believed")
    func notTrusted() async throws {
        let provider = try await Self.provider()
        let host = try await ServiceHost(issuer: provider)
        let token = try await provider.token()
        #expect(try await host.serve { try await $0.with(token).get("/v1/status").status } == 401)
        #expect(provider.reads == 0)
    }

    @Test("whoever was erased asks nothing, whatever their provider says")
    func erased() async throws {
        let provider = try await Self.provider()
        let host = try await Self.host(provider)
        let token = try await provider.token()
        try await host.serve { client in
            #expect(try await client.with(token).get("/v1/status").status == 200)
            _ = try await host.vestige.rights.erase(
                .init(
                    subject: try SubjectID(type: "user", id: "ida"), role: .acting, caseReference: "T-1", purpose: "audit",
                    actor: ServiceHost.admin))
            #expect(try await client.with(token).get("/v1/status").status == 401)
        }
    }

    @Test("limits count a person, however many tokens they have")
    func limits() async throws {
        let provider = try await Self.provider()
        let host = try await Self.host(provider)
        var configuration = ServiceHost.standingStill
        configuration.requestsPerMinute = 2
        let (one, two, other) = (
            try await provider.token(), try await provider.token { $0.exp = 1_780_000_500 }, try await provider.token { $0.sub = "ole" }
        )
        try await host.serve(configuration) { client in
            let statuses = [
                try await client.with(one).get("/v1/status").status, try await client.with(two).get("/v1/status").status,
                try await client.with(one).get("/v1/status").status, try await client.with(other).get("/v1/status").status,
            ]
            #expect(statuses == [200, 200, 429, 200])
        }
    }
}
