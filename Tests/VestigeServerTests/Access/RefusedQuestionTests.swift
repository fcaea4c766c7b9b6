import Foundation
import Testing
import VestigeCore
import VestigeInquiry
import VestigeTesting
import VestigeTrail
import VestigeVault

@testable import VestigeServer

@Suite("Questions that somebody known has no right to")
struct RefusedQuestionTests {
    private static func refused(_ host: ServiceHost) async throws -> [OpenedEntry] {
        try await host.newest(100).filter { $0.header?.action == "audit.refused" }
    }

    /// What was asked, and the right that was missing.
    private static func said(_ entry: OpenedEntry) -> String {
        let codes = ["question", "right"].map { key -> String in
            guard case .code(let code)? = entry.header?.details[key] else { return "" }
            return code
        }
        return codes.joined(separator: " ")
    }

    @Test("each is an entry that says who asked what without which right, and nothing of whom it was about", arguments: ServiceHost.roles)
    func roles(role: String) async throws {
        let host = try await ServiceHost()
        let asking = host.service().routes.filter(\.asksPurpose)
        let answers = try await host.serve(as: role) { client in
            var answers: [(id: String, right: String)] = []
            for route in asking {
                let answer = try await client.send(
                    route.verb, AccessMatrixTests.path(of: route), body: AccessMatrixTests.bodies[route.id],
                    headers: AccessMatrixTests.bodies[route.id] == nil ? [:] : ["Content-Type": "application/json"])
                if answer.status == 403 { answers.append((route.id, answer.json["member"] as? String ?? "")) }
            }
            return answers
        }
        let entries = try await Self.refused(host)
        #expect(entries.count == answers.count)
        #expect(Set(entries.map(Self.said)) == Set(answers.map { "\($0.id) \($0.right)" }))
        for entry in entries {
            #expect(entry.header?.status == .failure && entry.header?.purpose == "audit" && entry.header?.record == nil)
            #expect(entry.actor?.session?.hasPrefix("token ") == true)
            #expect(entry.subjects.count == (role == "self" ? 1 : 0))
        }
        // Whoever asks with a credential for their own looks is recorded under the key that those are recorded under.
        if role == "self" {
            #expect(!entries.isEmpty && entries.allSatisfy { $0.actor?.isSelf == true && $0.actor?.id == "42" })
            #expect(try await host.vestige.vault.standing(of: SubjectID(type: "user", id: "42"), as: .acting) == .unknown)
        } else {
            #expect(entries.allSatisfy { $0.actor?.id == (role == "host" ? "billing" : "\(role)-1") })
        }
        #expect(try await host.vestige.trail.verify().verdict == .intact)
    }

    @Test("an export that would open more than the role may is refused and recorded; an undeclared purpose does not get into the entry")
    func opening() async throws {
        let host = try await ServiceHost { $0.replacing("show: name", with: "show: pseudonym") }
        let answers = try await host.serve(as: "admin") { client in
            [
                try await client.post("/v1/exports", #"{"format":"csv","open":["subjects"]}"#),
                try await client.post("/v1/exports", #"{"format":"csv","open":["actors"]}"#),
                try await client.post("/v1/resolve", "not even JSON", headers: ["Vestige-Purpose": "Wilhelmina"]),
            ]
        }
        #expect(answers.map(\.problem) == ["right-missing", "actors-hidden", "right-missing"])
        let entries = try await Self.refused(host).sorted { $0.seq < $1.seq }
        #expect(entries.map(Self.said) == ["exportEntries open-subjects", "exportEntries open-actors", "resolve resolve"])
        #expect(entries.map { $0.header?.purpose } == ["audit", "audit", nil])
    }

    @Test("a question that has another fault, or a route that asks about nobody, leaves no such entry")
    func others() async throws {
        let host = try await ServiceHost()
        let statuses = try await host.serve(as: "admin") { client in
            [
                try await client.post("/v1/who-viewed", #"{"record":{"type":"cat","id":"1"}}"#).status,
                try await client.post("/v1/who-viewed", "{}", headers: ["Vestige-Purpose": "none"]).status,
                try await client.get("/v1/key").status, try await client.post("/v1/record", "{}").status,
            ]
        }
        #expect(statuses == [400, 428, 403, 403])
        #expect(try await Self.refused(host).isEmpty)
    }

    @Test("where the refusal cannot be recorded nothing is shown either")
    func unrecorded() async throws {
        let host = try await ServiceHost()
        try host.vestige.trail.close()
        let answer = try await host.serve(as: "admin") { try await $0.post("/v1/resolve", AccessMatrixTests.bodies["resolve"] ?? "") }
        #expect(answer.status == 503 && answer.problem == "unavailable")
    }
}
