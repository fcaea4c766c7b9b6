import Foundation
import Testing
import VestigeCore
import VestigeInquiry
import VestigeRights
import VestigeTesting
import VestigeTrail
import VestigeVault

@testable import VestigeServer

@Suite("What a person sees of themselves")
struct SelfRoutesTests {
    @Test("who looked at them: day, purpose and kind of viewer, and nothing that names the viewer")
    func looks() async throws {
        let host = try await ServiceHost()
        let recipient = Entry(
            event: "exported", record: RecordReference(type: "user", id: "42"), purpose: "payroll", recipient: "payroll-gmbh")
        _ = try await host.vestige.recorder.record(recipient, by: .system("payroll"))
        var refused = Entry.read(RecordReference(type: "user", id: "42"), purpose: "support")
        refused.status = .failure
        _ = try await host.vestige.recorder.record(refused, by: AuditActor(.user, id: "8", name: "Nosy Ned"))
        let answer = try await host.serve(as: "self") { try await $0.get("/v1/self/looks") }
        #expect(answer.status == 200)
        let looks = try #require(answer.json["looks"] as? [[String: String]])
        #expect(
            looks == [
                [
                    "day": "2026-05-28", "event": "exported", "by": "automated process", "purpose": "Run the payroll",
                    "recipient": "Payroll GmbH",
                ], ["day": "2026-05-28", "event": "read", "by": "you", "purpose": "Look at one's own record"],
                ["day": "2026-05-28", "event": "read", "by": "authorised staff member", "purpose": "Keep the hardware inventory"],
                ["day": "2026-05-28", "event": "read", "by": "authorised staff member", "purpose": "Answer a support request"],
                ["day": "2026-05-28", "event": "read", "by": "authorised staff member", "purpose": "Answer a support request"],
                ["day": "2026-05-28", "event": "read", "by": "authorised staff member", "purpose": "Answer a support request"],
            ])
        for hidden in ["Ana", "10.0.0.7", "ana@example.org", "\"7\"", "Ned"] { #expect(!answer.text.contains(hidden)) }
    }

    @Test("what they did themselves, and nothing of others")
    func acts() async throws {
        let host = try await ServiceHost()
        _ = try await host.vestige.recorder.record(
            .read(RecordReference(type: "user", id: "99"), purpose: "support"), by: AuditActor(.user, id: "42"))
        let answer = try await host.serve(as: "self") { try await $0.get("/v1/self/acts") }
        let acts = try #require(answer.json["acts"] as? [[String: String]])
        #expect(acts.map { $0["action"] } == ["pii.read.user", "pii.read.user"])
        #expect(!answer.text.contains("99") || !answer.text.contains("\"99\""))
    }

    @Test("asking is an entry under their own key alone, so that their two pseudonyms never meet")
    func question() async throws {
        let host = try await ServiceHost()
        _ = try await host.serve(as: "self") { try await $0.get("/v1/self/acts") }
        let entry = try #require(try await host.newest())
        #expect(entry.header?.action == "audit.own_acts")
        #expect(entry.actor?.isSelf == true)
        #expect(entry.actor?.id == "42")
        guard case .active(let pseudonym) = try await host.vestige.vault.standing(of: SubjectID(type: "user", id: "42"), as: .subject)
        else {
            throw CancellationError()
        }
        #expect(entry.header?.subjects == [pseudonym])
        #expect(entry.header?.actor.pseudonym == nil)
        #expect(entry.header?.correlationID == nil)
        #expect(try await host.vestige.trail.verify().verdict == .intact)
    }

    @Test("page by page")
    func pages() async throws {
        let host = try await ServiceHost()
        try await host.recordLooks(30)
        let answers = try await host.serve(as: "self") { client in
            let first = try await client.get("/v1/self/looks?limit=25")
            let cursor = first.json["cursor"] as? String ?? "none"
            // What comes meanwhile is on none of the pages.
            try await host.recordLooks(3)
            return [
                first, try await client.get("/v1/self/looks?limit=25&cursor=\(cursor)"),
                try await client.get("/v1/self/looks?person=42"), try await client.get("/v1/self/looks?limit=x"),
                try await client.get("/v1/self/acts?limit=25&cursor=\(cursor)"),
            ]
        }
        #expect(answers.map(\.status) == [200, 200, 400, 400, 400])
        #expect((answers[0].json["looks"] as? [Any])?.count == 25)
        #expect((answers[1].json["looks"] as? [Any])?.count == 10)
        #expect(answers[1].json["cursor"] == nil)
        #expect(answers[2].problem == "unknown-member")
        #expect(answers[4].problem == "bad-cursor", "the cursor of another list")
    }

    @Test("once they are erased, their credential is worthless")
    func erased() async throws {
        let host = try await ServiceHost()
        let secret = host.secrets["self"]
        try await host.serve { client in
            #expect(try await client.with(secret).get("/v1/self/looks").status == 200)
            _ = try await host.vestige.rights.erase(
                .init(
                    subject: try SubjectID(type: "user", id: "42"), role: .subject, caseReference: "T-1", purpose: "audit",
                    actor: ServiceHost.admin))
            #expect(try await client.with(secret).get("/v1/self/looks").status == 401)
        }
    }
}
