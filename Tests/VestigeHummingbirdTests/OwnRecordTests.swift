import Foundation
import Hummingbird
import Testing
import VestigeCore
import VestigeInquiry
import VestigeTesting
import VestigeTrail
import VestigeVault

@testable import VestigeHummingbird

private let personRoute = #"{ match: "GET /people/{id}", record: user, event: read, fields: [name] }"#
private let listRoute = #"{ match: "GET /people", record: user, event: read }"#
private let deviceRoute = #"{ match: "GET /hardware/{id}", record: hardware, event: read, subject: from_store }"#
private let noteRoute = #"{ match: "GET /notes/{id}", record: note, event: read, subject: from_store }"#
private let openRoute = #"{ match: "GET /open", unlogged: "shows nobody by itself" }"#

@Suite("Which record a request's entry is about, and whose it is")
struct OwnRecordTests {
    @Test(
        "A refused request is about the record that was asked for, not about the viewer's own, opened to check rights",
        arguments: [403, 404])
    func viewerRefused(status: Int) async throws {
        let host = try await StoreHost(personRoute)
        let answer = try await host.answer("/people/42", at: "/people/:id", actor: "7") { [people = host.people] _, _ in
            _ = try await people.fetch(id: "7")
            throw HTTPError(.init(code: status))
        }
        #expect(answer.status == status)
        let acts = try await host.recorded()
        #expect(acts.map(\.description) == ["failure read user by 7 about "])
        #expect(acts.map(\.tried) == ["42"])
        #expect(acts.map(\.page) == ["/people/42"])
    }

    @Test("A record that was read past the store stays the entry's; the viewer's own, opened beside it, adds its person")
    func viewerShown() async throws {
        let host = try await StoreHost(personRoute)
        _ = try await host.answer("/people/42", at: "/people/:id") { [people = host.people] _, _ in
            _ = try await people.fetch(id: "7")
            return page()
        }
        let acts = try await host.recorded()
        #expect(acts.map(\.description) == ["success read user by 900 about 42,7"])
        #expect(acts.map(\.page) == ["/people/42"])
    }

    @Test("A UUID in other case than the store's is the store's")
    func caseOfUUID() async throws {
        let host = try await StoreHost(personRoute)
        let id = "0b8d3c1e-5a3f-4a53-9a39-0e2a6fb0c4d1"
        let people = try RecordedStore(MemoryRepository([Person(id: id, name: "Ana", email: "a@x")]), recorder: host.vestige.recorder)
        _ = try await host.answer("/people/\(id.uppercased())", at: "/people/:id") { _, context in
            page(try await people.fetch(id: context.parameters.require("id").lowercased())?.name ?? "nobody")
        }
        #expect(try await host.recorded().map(\.people) == [[id]])
    }

    @Test("A record of another type that bears the id by chance makes nobody known")
    func otherTypeFound() async throws {
        let host = try await StoreHost(personRoute)
        let devices = try RecordedStore(
            MemoryRepository([Device(id: "4711", serial: "S", owner: nil)]), recorder: host.vestige.recorder)
        _ = try await host.answer("/people/4711", at: "/people/:id") { [people = host.people] _, _ in
            let person = try await people.fetch(id: "4711")
            return page("\(person == nil) \(try await devices.fetch(id: "4711")?.serial ?? "")")
        }
        #expect(
            try await host.recorded().map(\.description) == ["failure read user by 900 about ", "success read hardware/4711 by 900 about "])
        #expect(try await host.vestige.vault.standing(of: SubjectID(type: "user", id: "4711"), as: .subject) == .unknown)
    }

    @Test("A person's id that was typed for a device's stands nowhere in clear, although there is such a person")
    func typedIntoClear() async throws {
        let host = try await StoreHost(deviceRoute)
        let people = try RecordedStore(
            MemoryRepository([Person(id: "ana.lima", name: "Ana", email: "a@x")]), recorder: host.vestige.recorder)
        _ = try await host.answer("/hardware/ana.lima", at: "/hardware/:id") { _, _ in
            _ = try await people.fetch(id: "ana.lima")
            throw HTTPError(.notFound)
        }
        #expect(try await host.recorded().map(\.description) == ["failure read hardware by 900 about "])
    }

    @Test("An empty list beside a record that is not there says nothing of the record")
    func emptyBesideMiss() async throws {
        let host = try await StoreHost(personRoute)
        _ = try await host.answer("/people/4711", at: "/people/:id") { [host] _, _ in
            let person = try await host.people.fetch(id: "4711")
            return page("\(person == nil) \(try await host.devices.list(5..<9).count)")
        }
        #expect(try await host.recorded().map(\.description) == ["failure read user by 900 about "])
        #expect(try await host.vestige.vault.standing(of: SubjectID(type: "user", id: "4711"), as: .subject) == .unknown)
    }

    @Test("An empty list beside a record does not say that the record is nobody's")
    func emptyBesideUnnamed() async throws {
        let host = try await StoreHost(deviceRoute)
        let answer = try await host.answer("/hardware/17", at: "/hardware/:id") { [people = host.people] _, _ in
            page("secret \(try await people.list(0..<0).count)")
        }
        #expect(answer.status == 503)
        #expect(answer.text.contains("urn:vestige:problem:subject-missing"))
        #expect(try await host.recorded().map(\.header.status) == [.failure])
    }

    @Test("An empty list names nobody where it is what the route shows, and only there", arguments: [true, false])
    func emptyList(isOwn: Bool) async throws {
        let host = try await StoreHost(listRoute)
        let answer = try await host.answer("/people", at: "/people") { [host] _, _ in
            let count = isOwn ? try await host.people.list(0..<0).count : try await host.devices.list(5..<9).count
            return page("\(count)")
        }
        #expect(answer.status == (isOwn ? 200 : 503))
        #expect(try await host.recorded().map(\.description) == ["\(isOwn ? "success" : "failure") read user by 900 about "])
    }

    @Test("The person whom the record is about comes first, whoever was looked up before")
    func ownPersonFirst() async throws {
        let host = try await StoreHost(noteRoute)
        _ = try await host.answer("/notes/n1", at: "/notes/:id") { [host] _, context in
            context.recording.caseReference = "C-1"
            _ = try await host.people.fetch(id: "50", showing: ["name"])
            return page(try await host.notes.fetch(id: "n1")?.text ?? "")
        }
        let acts = try await host.recorded()
        #expect(acts.map(\.description) == ["success read note by 900 about 43,50"])
        let entry = try #require(try await host.vestige.opened().first)
        #expect(entry.caseReference == "C-1")
        #expect(entry.subjects.map(\.recordID) == ["n1", nil])
    }

    @Test("Where the record is nobody's, the others have an entry of their own")
    func nobodysRecord() async throws {
        let host = try await StoreHost(deviceRoute)
        _ = try await host.answer("/hardware/18", at: "/hardware/:id") { [host] _, _ in
            _ = try await host.people.fetch(id: "42", showing: ["name"])
            return page(try await host.devices.fetch(id: "18")?.serial ?? "")
        }
        let acts = try await host.recorded()
        #expect(acts.map(\.description) == ["success read hardware/18 by 900 about ", "success read user by 900 about 42"])
        #expect(acts.map(\.header.fields) == [["assigned_to", "serial"], ["name"]])
        #expect(acts[0].header.correlationID != nil && acts[0].header.correlationID == acts[1].header.correlationID)
    }

    @Test("Where the first record on an unlogged route is nobody's, the others have an entry of their own")
    func nobodysRecordUnlogged() async throws {
        let host = try await StoreHost(openRoute)
        _ = try await host.answer("/open", at: "/open") { [host] _, _ in
            _ = try await host.devices.fetch(id: "18", showing: ["serial"])
            return page(try await host.people.fetch(id: "42", showing: ["name"])?.name ?? "")
        }
        let acts = try await host.recorded()
        #expect(acts.map(\.description) == ["success read hardware/18 by 900 about ", "success read user by 900 about 42"])
    }
}
