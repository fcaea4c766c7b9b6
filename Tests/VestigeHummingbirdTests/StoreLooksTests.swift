import Foundation
import Hummingbird
import Testing
import VestigeCore
import VestigeTesting
import VestigeTrail
import VestigeVault

@testable import VestigeHummingbird

private let personRoute = #"{ match: "GET /people/{id}", record: user, event: read, fields: [name] }"#
private let listRoute = #"{ match: "GET /people", record: user, event: read }"#
private let deviceRoute = #"{ match: "GET /hardware/{id}", record: hardware, event: read, subject: from_store }"#
private let openRoute = #"{ match: "GET /open", unlogged: "shows nobody by itself" }"#

func page(_ text: String = "page", status: HTTPResponse.Status = .ok) -> Response {
    Response(status: status, body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
}

@Suite("Looks that stores take in a request")
struct StoreLooksTests {
    @Test("become one entry with the route's own, with the fields of both")
    func oneEntry() async throws {
        let host = try await StoreHost(personRoute)
        let answer = try await host.answer("/people/42", at: "/people/:id") { [people = host.people] _, context in
            page(try await people.fetch(id: context.parameters.require("id"), showing: ["email"])?.email ?? "nobody")
        }
        #expect(answer.text == "p42@example.org")
        let acts = try await host.recorded()
        #expect(acts.map(\.description) == ["success read user by 900 about 42"])
        #expect(acts.map(\.header.fields) == [["name", "email"]])
        #expect(acts.map(\.page) == ["/people/42"])
        #expect(acts.map(\.header.purpose) == ["support"])
    }

    @Test("have the final status of the request", arguments: [403, 404, 500])
    func finalStatus(status: Int) async throws {
        let host = try await StoreHost(personRoute)
        let answer = try await host.answer("/people/42", at: "/people/:id") { [people = host.people] _, _ in
            _ = try await people.fetch(id: "42")
            return page("refused", status: .init(code: status))
        }
        #expect(answer.status == status)
        let acts = try await host.recorded()
        #expect(acts.map(\.header.status) == [.failure])
        #expect(acts.map(\.header.fields) == [[]])
    }

    @Test("are one failure when the handler throws after them, and make nobody known")
    func thrown() async throws {
        struct Broken: Error {}
        let host = try await StoreHost(personRoute)
        let answer = try await host.answer("/people/42", at: "/people/:id") { [people = host.people] _, _ in
            _ = try await people.fetch(id: "42")
            throw Broken()
        }
        #expect(answer.status == 500)
        let acts = try await host.recorded()
        #expect(acts.map(\.description) == ["failure read user by 900 about "])
        #expect(acts.map(\.tried) == ["42"])
        #expect(try await host.vestige.vault.standing(of: SubjectID(type: "user", id: "42"), as: .subject) == .unknown)
    }

    @Test("of a list read beside a record are an entry of their own, under one correlation id")
    func listBeside() async throws {
        let host = try await StoreHost(personRoute)
        _ = try await host.answer("/people/42", at: "/people/:id") { [people = host.people, devices = host.devices] _, _ in
            _ = try await people.fetch(id: "42", showing: ["name"])
            _ = try await devices.list(0..<2)
            return page()
        }
        let acts = try await host.recorded()
        #expect(acts.map(\.description) == ["success read user by 900 about 42", "success read hardware by 900 about 42"])
        #expect(acts.map(\.header.record?.id) == [nil, nil])
        #expect(acts.map(\.header.fields) == [["name"], ["assigned_to", "serial"]])
        let correlation = acts.map(\.header.correlationID)
        #expect(correlation[0] != nil && correlation[0] == correlation[1])
    }

    @Test("at records of other types stand in the route's entry, their fields named with their type and counted as other")
    func otherTypes() async throws {
        let host = try await StoreHost(deviceRoute)
        _ = try await host.answer("/hardware/17", at: "/hardware/:id") { [host] _, _ in
            _ = try await host.devices.fetch(id: "17")
            _ = try await host.people.fetch(id: "42", showing: ["name"])
            _ = try await host.notes.fetch(id: "n1", showing: ["text"])
            return page()
        }
        let acts = try await host.recorded()
        #expect(acts.map(\.description) == ["success read hardware/17 by 900 about 42,43"])
        #expect(acts.map(\.header.fields) == [["assigned_to", "serial"]])
        #expect(acts.map(\.header.other) == [2])
        #expect(acts[0].other == ["user.name", "note.text"])
    }

    @Test("are recorded on a route that is unlogged")
    func unlogged() async throws {
        let host = try await StoreHost(openRoute)
        _ = try await host.answer("/open", at: "/open") { [people = host.people] _, _ in
            _ = try await people.fetch(id: "42", showing: ["name"])
            return page()
        }
        let acts = try await host.recorded()
        #expect(acts.map(\.description) == ["success read user by 900 about 42"])
        #expect(acts.map(\.header.fields) == [["name"]])
    }

    @Test("that found nobody are one failure on a route that is unlogged")
    func unloggedMiss() async throws {
        let host = try await StoreHost(openRoute)
        let answer = try await host.answer("/open", at: "/open") { [people = host.people] _, _ in
            page(try await people.fetch(id: "4711")?.name ?? "nobody")
        }
        #expect(answer.text == "nobody")
        let acts = try await host.recorded()
        #expect(acts.map(\.description) == ["failure read user by 900 about "])
        #expect(acts.map(\.tried) == ["4711"])
    }

    @Test("name the record by the store's id, however the path spells it", arguments: ["+42", "042", "%2B42", "%30%34%32"])
    func canonical(spelling: String) async throws {
        let host = try await StoreHost(personRoute)
        _ = try await host.answer("/people/\(spelling)", at: "/people/:id") { [people = host.people] _, context in
            let id = try context.parameters.require("id")
            return page(try await people.fetch(id: id.removingPercentEncoding ?? id)?.name ?? "nobody")
        }
        let acts = try await host.recorded()
        #expect(acts.map(\.people) == [["42"]])
        #expect(acts.map(\.page) == ["/people/42"])
    }

    @Test("name the record by the store's id where the handler reads the path as a number")
    func canonicalNumber() async throws {
        let host = try await StoreHost(personRoute)
        let answer = try await host.answer("/people/+42", at: "/people/:id") { [people = host.people] _, context in
            let id = try context.parameters.require("id", as: Int.self)
            return page(try await people.fetch(id: String(id))?.name ?? "nobody")
        }
        #expect(answer.text == "Person 42")
        let acts = try await host.recorded()
        // Nobody comes to be known under +42, whom no erasure of 42 would reach.
        #expect(acts.map(\.people) == [["42"]])
        #expect(acts.map(\.page) == ["/people/42"])
    }

    @Test("that found nobody are a failure and make nobody known, even where the answer is 200")
    func foundNobody() async throws {
        let host = try await StoreHost(personRoute)
        let answer = try await host.answer("/people/4711", at: "/people/:id") { [host] _, _ in
            let person = try await host.people.fetch(id: "4711")
            let device = try await host.devices.fetch(id: "17", showing: ["serial"])
            return page("\(person == nil) \(device?.serial ?? "")")
        }
        #expect(answer.text == "true S17")
        let acts = try await host.recorded()
        #expect(acts.map(\.description) == ["failure read user by 900 about ", "success read hardware/17 by 900 about 42"])
        #expect(acts.map(\.tried) == ["4711", nil])
    }

    @Test("of more people than an entry holds, looked up one by one, are recorded all the same")
    func many() async throws {
        let host = try await StoreHost(routes: [personRoute], personCount: 1100)
        let answer = try await host.answer("/people/42", at: "/people/:id") { [people = host.people] _, _ in
            for id in 1...1100 { _ = try await people.fetch(id: "\(id)") }
            return page()
        }
        #expect(answer.status == 200)
        let acts = try await host.recorded()
        #expect(acts.first?.people == ["42"])
        let everybody = (1...1100).map { "\($0)" }
        let recorded = acts.flatMap(\.people)
        #expect(Set(recorded) == Set(everybody))
        let parts = acts.dropFirst().compactMap(\.header.part)
        #expect(parts.map(\.n) == [1, 2])
    }

    @Test("not taken, since the one who asks is sent to the sign-in, leave a failure that makes nobody known", arguments: ["support", nil])
    func sentAway(purpose: String?) async throws {
        let host = try await StoreHost(personRoute)
        let status = try await redirected(host, purpose: purpose) { _ in }
        #expect(status == 303)
        #expect(try await host.recorded().map(\.description) == ["failure read user by anonymous about "])
    }

    @Test("taken before the one who asks is sent on are looks")
    func sentOn() async throws {
        let host = try await StoreHost(personRoute)
        let status = try await redirected(host, purpose: "support") { id in _ = try await host.people.fetch(id: id) }
        #expect(status == 303)
        #expect(try await host.recorded().map(\.description) == ["success read user by anonymous about 42"])
    }

    /// Over a client that does not follow.
    private func redirected(
        _ host: StoreHost, purpose: String?, before: @escaping @Sendable (String) async throws -> Void
    ) async throws -> Int {
        let router = host.router { router in
            router.get("/people/:id") { _, context in
                try await before(context.parameters.require("id"))
                return Response.redirect(to: "/sign-in")
            }
        }
        return try await serve(router) { port in
            try await onThread {
                let connection = try RawConnection(port: port)
                try connection.send("GET", "/people/42", headers: purpose.map { ["X-Purpose": $0] } ?? [:])
                return try connection.readAnswer().status
            }
        }
    }

    @Test("of a record opened beside a list stand on the list's entry")
    func besideList() async throws {
        let host = try await StoreHost(listRoute)
        _ = try await host.answer("/people", at: "/people") { [people = host.people] _, _ in
            _ = try await people.list(0..<3)
            _ = try await people.fetch(id: "42")
            return page()
        }
        let acts = try await host.recorded()
        #expect(acts.map(\.people) == [["1", "2", "3", "42"]])
    }

    @Test(
        "that need a purpose are answered with 428 and the policy's purposes, whatever the route itself needs",
        arguments: [(openRoute, "/open", "/open"), (deviceRoute, "/hardware/17", "/hardware/:id")])
    func purpose(route: String, path: String, template: String) async throws {
        let host = try await StoreHost(route)
        let answer = try await host.answer(path, at: template, purpose: nil) { [host] _, context in
            _ = try await host.devices.fetch(id: "17")
            return page(try await host.people.fetch(id: "42")?.name ?? "nobody")
        }
        #expect(answer.status == 428)
        #expect(answer.text.contains(#""code":"support""#))
        #expect(!answer.text.contains("Person"))
        let acts = try await host.recorded()
        #expect(acts.map(\.header.status) == [.failure])
    }

    @Test("are recorded for HEAD, which has no body")
    func head() async throws {
        let host = try await StoreHost(personRoute)
        let answer = try await host.answer("/people/42", method: "HEAD", at: "/people/:id") { [people = host.people] _, _ in
            _ = try await people.fetch(id: "42")
            return page()
        }
        #expect(answer.status == 200)
        #expect(try await host.recorded().map(\.description) == ["success read user by 900 about 42"])
    }

    @Test("that cannot be recorded are not shown: 503, and no byte of the body")
    func unavailable() async throws {
        let host = try await StoreHost(personRoute)
        let answer = try await host.answer("/people/42", at: "/people/:id") { [host] _, _ in
            let person = try await host.people.fetch(id: "42")
            host.vestige.trailStore.failNextCommits(1)
            return page(person?.name ?? "nobody")
        }
        #expect(answer.status == 503)
        #expect(answer.headers["content-type"] == "application/problem+json")
        #expect(!answer.text.contains("Person"))
        #expect(try await host.recorded().isEmpty)
    }
}
