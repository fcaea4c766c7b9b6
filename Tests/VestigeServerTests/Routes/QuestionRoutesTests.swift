import Foundation
import Testing
import VestigeCrypto
import VestigeInquiry
import VestigeTesting
import VestigeTrail
import VestigeVault

@testable import VestigeServer

@Suite("Questions over HTTP")
struct QuestionRoutesTests {
    private static let ben = #"{"record":{"type":"user","id":"42"}}"#

    @Test("who viewed: the looks at a person, and the question is an entry with its purpose and asker")
    func whoViewed() async throws {
        let host = try await ServiceHost()
        let answer = try await host.serve(as: "dpo") { try await $0.post("/v1/who-viewed", Self.ben) }
        #expect(answer.status == 200)
        #expect(answer.json["total"] as? Int == 5)
        #expect(answer.text.contains("Ana Lima"))
        let entry = try #require(try await host.newest())
        #expect(entry.header?.action == "audit.who_viewed")
        #expect(entry.header?.purpose == "audit")
        #expect(entry.actor?.id == "dpo-1")
        #expect(entry.actor?.session?.hasPrefix("token ") == true)
        #expect(entry.actor?.ip == "127.0.0.1")
        #expect(try await host.vestige.trail.verify().verdict == .intact)
    }

    @Test("a role without open-actors sees pseudonyms only")
    func pseudonyms() async throws {
        let host = try await ServiceHost { $0.replacing("admin:   [query, open-actors, export]", with: "admin:   [query, export]") }
        let answer = try await host.serve(as: "admin") { try await $0.post("/v1/who-viewed", Self.ben) }
        #expect(answer.json["total"] as? Int == 5)
        #expect(!answer.text.contains("Ana Lima"))
        #expect(answer.text.contains("pseudonym"))
    }

    @Test("where the policy shows actors as pseudonyms, a question opens them that names its case, and keeps the case")
    func worksCouncil() async throws {
        let host = try await ServiceHost { $0.replacing("show: name", with: "show: pseudonym") }
        let answers = try await host.serve(as: "dpo") { client in
            [
                try await client.post("/v1/who-viewed", Self.ben),
                try await client.post("/v1/who-viewed", Self.ben, headers: ["Vestige-Case": "C-117"]),
            ]
        }
        #expect(!answers[0].text.contains("Ana Lima"))
        #expect(answers[1].text.contains("Ana Lima"))
        #expect(try await host.newest()?.caseReference == "C-117")
    }

    @Test("viewed by: what somebody looked at")
    func viewedBy() async throws {
        let host = try await ServiceHost()
        let answer = try await host.serve(as: "dpo") { try await $0.post("/v1/viewed-by", #"{"actor":{"type":"user","id":"7"}}"#) }
        #expect(answer.status == 200)
        #expect(answer.json["total"] as? Int == 4)
        #expect((answer.json["people"] as? [[String: Any]])?.first?["id"] as? String == "42")
    }

    @Test("whom an answer names finds that among the questions about them")
    func named() async throws {
        let host = try await ServiceHost()
        try await host.serve(as: "dpo") { client in
            _ = try await client.post("/v1/viewed-by", #"{"actor":{"type":"user","id":"7"}}"#)
            let asked = try await client.post("/v1/who-viewed", #"{"record":{"type":"user","id":"42"},"with_audit":true}"#)
            let actions = (asked.json["views"] as? [[String: Any]] ?? []).compactMap { $0["action"] as? String }
            #expect(actions.contains("audit.resolved"))
        }
        try await host.serve(as: "auditor") { client in
            let size = try await host.vestige.trail.size()
            _ = try await client.post("/v1/viewed-by", #"{"actor":{"type":"user","id":"7"}}"#)
            #expect(try await host.vestige.trail.size() == size + 1, "who may not resolve is told no names")
        }
    }

    @Test("resolve: a pseudonym becomes a person for who may, and nobody for somebody unknown")
    func resolve() async throws {
        let host = try await ServiceHost()
        guard case .active(let pseudonym) = try await host.vestige.vault.standing(of: SubjectID(type: "user", id: "42"), as: .subject)
        else {
            throw CancellationError()
        }
        let answers = try await host.serve(as: "dpo") { client in
            [
                try await client.post("/v1/resolve", #"{"pseudonym":"\#(pseudonym.hex)"}"#),
                try await client.post("/v1/resolve", #"{"pseudonym":"00000000000000000000000000000000"}"#),
            ]
        }
        #expect(answers.map(\.status) == [200, 200])
        #expect(answers[0].json["id"] as? String == "42")
        #expect(answers[1].json["known"] as? Bool == false)
        #expect(try await host.newest()?.header?.action == "audit.resolved")
    }

    @Test("without a purpose, or with another than the policy's, nothing is answered and the purposes are named")
    func purposes() async throws {
        let host = try await ServiceHost()
        let size = try await host.vestige.trail.checkpoint().size
        let answers = try await host.serve(as: "dpo") { client in
            var silent = client
            silent.purpose = nil
            var curious = client
            curious.purpose = "curiosity"
            return [try await silent.post("/v1/who-viewed", Self.ben), try await curious.post("/v1/who-viewed", Self.ben)]
        }
        #expect(answers.map(\.status) == [428, 428])
        #expect(answers.map(\.problem) == ["purpose-required", "purpose-unknown"])
        #expect(answers[0].text.contains(#"{"code":"audit","title":"Review of the trail"}"#))
        #expect(try await host.vestige.trail.checkpoint().size == size)
    }

    @Test(
        "a body that is not as it should be is refused with the member's name",
        arguments: [
            ("/v1/who-viewed", #"{"record":{"type":"user","id":"42"},"sinse":"2026-05-01"}"#, "unknown-member", "sinse"),
            ("/v1/who-viewed", #"{"record":{"type":"user","id":"42"},"since":"yesterday"}"#, "invalid-value", "since"),
            ("/v1/who-viewed", #"{"record":{"type":"user"}}"#, "invalid-value", "record"),
            ("/v1/who-viewed", #"{"record":{"type":"user","id":"42","name":"x"}}"#, "unknown-member", "name"),
            ("/v1/who-viewed", #"{"record":{"type":"user","id":"42"},"limit":0}"#, "invalid-value", "limit"),
            ("/v1/who-viewed", #"{}"#, "invalid-value", "record"), ("/v1/viewed-by", #"{"record":{}}"#, "unknown-member", "record"),
            ("/v1/resolve", #"{"pseudonym":"xyz"}"#, "invalid-value", "pseudonym"),
            ("/v1/entries/search", #"{"filters":{"colour":"red"}}"#, "unknown-filter", "colour"),
            ("/v1/entries/search", #"{"filters":{"from":"soon"}}"#, "invalid-value", "from"),
            ("/v1/entries/search", #"{"filters":{"event":7}}"#, "invalid-value", "event"),
            ("/v1/exports", #"{"format":"xml"}"#, "invalid-value", "format"),
            ("/v1/exports", #"{"format":"csv","filter":{}}"#, "unknown-member", "filter"),
        ])
    func badBodies(path: String, body: String, problem: String, member: String) async throws {
        let host = try await ServiceHost()
        let answer = try await host.serve(as: "dpo") { try await $0.post(path, body) }
        #expect(answer.status == 400)
        #expect(answer.problem == problem)
        #expect(answer.json["member"] as? String == member)
        #expect(answer.headers["content-type"] == "application/problem+json")
    }

    @Test("an id that nobody can have is the asker's fault, not the service's trouble, and is not repeated")
    func longID() async throws {
        let host = try await ServiceHost()
        let long = String(repeating: "x", count: 513)
        let answers = try await host.serve(as: "dpo") { client in
            [
                try await client.post("/v1/who-viewed", #"{"record":{"type":"user","id":"\#(long)"}}"#),
                try await client.post("/v1/who-viewed", #"{"record":{"type":"hardware","id":"\#(long)"}}"#),
                try await client.post("/v1/viewed-by", #"{"actor":{"type":"user","id":"\#(long)"}}"#),
                try await client.post("/v1/entries/search", #"{"filters":{"subject":"user/\#(long)"}}"#),
            ]
        }
        #expect(answers.allSatisfy { $0.status == 400 && $0.problem == "invalid-value" })
        #expect(answers.allSatisfy { !$0.text.contains("xxx") && $0.text.contains("512") })
        #expect(!host.logs.text.contains("A request failed"))
    }

    @Test("a code that the policy does not declare is refused, with what was probably meant")
    func undeclared() async throws {
        let host = try await ServiceHost()
        let answer = try await host.serve(as: "dpo") {
            try await $0.post("/v1/entries/search", #"{"filters":{"channel":"pii-raed"}}"#)
        }
        #expect(answer.problem == "unknown-code")
        #expect(answer.text.contains("did you mean"))
    }
}
