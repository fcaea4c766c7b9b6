import Hummingbird
import Testing
import VestigeCore
import VestigeInquiry
import VestigeTesting
import VestigeTrail
import VestigeVault

@testable import VestigeHummingbird

private let personRoute = #"{ match: "GET /people/{id}", record: user, event: read, fields: [name] }"#
private let deviceRoute = #"{ match: "GET /hardware/{id}", record: hardware, event: read, subject: from_store }"#
private let changeRoute = #"{ match: "PUT /people/{id}", record: user, event: updated }"#
private let deviceChange = #"{ match: "PUT /hardware/{id}", record: hardware, event: updated, subject: from_store }"#

@Suite("Entries that would be refused")
struct RefusedEntryTests {
    @Test("Texts that a client may choose are cut, so none of them keeps an act out of the trail", arguments: ["GET", "PUT"])
    func longTexts(method: String) async throws {
        let host = try await StoreHost(personRoute, changeRoute)
        let long = String(repeating: "ä", count: 30_000)
        let answer = try await host.answer("/people/42", method: method, at: "/people/:id") { _, context in
            context.recording.caseReference = long
            context.recording.justification = "x" + long
            context.recording.correlationID = long
            context.recording.actor = AuditActor(.user, id: "900", name: long, email: long, session: long)
            return page()
        }
        #expect(answer.status == 200)
        let acts = try await host.recorded()
        #expect(acts.map(\.description) == ["success \(method == "GET" ? "read" : "updated") user by 900 about 42"])
        let entry = try #require(try await host.vestige.opened().first)
        #expect(entry.caseReference?.utf8.count == 4096)
        // No scalar is cut in two.
        #expect(entry.justification?.utf8.count == 4095)
    }

    @Test("A change that is done is recorded in short when its entry is refused, and its answer goes out")
    func refusedChange() async throws {
        let host = try await StoreHost(changeRoute)
        let answer = try await host.answer("/people/42", method: "PUT", at: "/people/:id") { _, context in
            context.recording.detail("undeclared", .code("x"))
            return page()
        }
        #expect(answer.status == 200)
        #expect(try await host.recorded().map(\.description) == ["success updated user by 900 about 42"])
    }

    @Test("A change of a record under an id that may not stand in clear is recorded without the id")
    func refusedID() async throws {
        let host = try await StoreHost(deviceChange)
        let answer = try await host.answer("/hardware/ana%20lima", method: "PUT", at: "/hardware/:id") { _, context in
            context.recording.isAboutNobody()
            return page()
        }
        #expect(answer.status == 200)
        #expect(try await host.recorded().map(\.description) == ["success updated hardware by 900 about "])
    }

    @Test("A look whose entry is refused is not shown, and leaves a failure")
    func refusedLook() async throws {
        let host = try await StoreHost(personRoute)
        let answer = try await host.answer("/people/42", at: "/people/:id") { [people = host.people] _, context in
            context.recording.detail("undeclared", .code("x"))
            return page(try await people.fetch(id: "42")?.name ?? "")
        }
        #expect(answer.status == 503)
        #expect(!answer.text.contains("Person"))
        #expect(try await host.recorded().map(\.description) == ["failure read user by 900 about "])
    }

    @Test("A look beside a change whose entry is refused is not shown; the change stands")
    func refusedBesideChange() async throws {
        let host = try await StoreHost(changeRoute)
        let answer = try await host.answer("/people/42", method: "PUT", at: "/people/:id") { [people = host.people] _, context in
            context.recording.detail("undeclared", .code("x"))
            return page(try await people.fetch(id: "43")?.name ?? "")
        }
        #expect(answer.status == 503)
        #expect(try await host.recorded().map(\.description) == ["success updated user by 900 about 42"])
    }

    @Test("A refused request whose entry is refused too leaves a failure, and keeps its answer")
    func refusedProbe() async throws {
        let host = try await StoreHost(deviceRoute)
        let answer = try await host.answer("/hardware/17", at: "/hardware/:id") { _, context in
            context.recording.detail("undeclared", .code("x"))
            throw HTTPError(.forbidden)
        }
        #expect(answer.status == 403)
        #expect(try await host.recorded().map(\.description) == ["failure read hardware by 900 about "])
    }
}
