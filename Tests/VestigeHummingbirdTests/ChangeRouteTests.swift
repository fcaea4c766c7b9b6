import Hummingbird
import TestSupport
import Testing
import VestigeCore
import VestigeTesting
import VestigeTrail

@testable import VestigeHummingbird

private let changeRoute = #"{ match: "PUT /people/{id}", record: user, event: updated }"#
private let bulkRoute = #"{ match: "PATCH /people", record: user, event: updated }"#

@Suite("Routes that change records")
struct ChangeRouteTests {
    @Test("leave the entry to the store that recorded the change")
    func storeRecords() async throws {
        let host = try await StoreHost(changeRoute)
        let answer = try await host.answer("/people/42", method: "PUT", at: "/people/:id", purpose: nil) { [people = host.people] _, _ in
            _ = try await people.update(id: "42") { $0.name = "Ana" }
            return page()
        }
        #expect(answer.status == 200)
        let acts = try await host.recorded()
        #expect(acts.map(\.description) == ["success updated user by 900 about 42"])
        #expect(acts[0].changes == ["name": FieldChange(before: "Person 42", after: "Ana")])
        #expect(acts.map(\.page) == ["/people/42"])
    }

    @Test("leave one entry for many records changed at once")
    func bulk() async throws {
        let host = try await StoreHost(bulkRoute)
        _ = try await host.answer("/people", method: "PATCH", at: "/people") { [people = host.people] _, _ in
            page("\(try await people.update(ids: ["1", "2", "3"]) { $0.name += "!" }.count)")
        }
        let acts = try await host.recorded()
        #expect(acts.map(\.description) == ["success updated user by 900 about 1,2,3"])
    }

    @Test("leave a look where a store found that nothing changed, since the record was handed out")
    func unchanged() async throws {
        let host = try await StoreHost(changeRoute)
        let answer = try await host.answer("/people/42", method: "PUT", at: "/people/:id") { [people = host.people] _, _ in
            page(try await people.update(id: "42") { $0.name = "Person 42" }?.name ?? "")
        }
        #expect(answer.status == 200)
        #expect(try await host.recorded().map(\.description) == ["success read user by 900 about 42"])
    }

    @Test("leave one entry where no store recorded it")
    func withoutStore() async throws {
        let host = try await StoreHost(changeRoute)
        _ = try await host.answer("/people/42", method: "PUT", at: "/people/:id", purpose: nil) { _, _ in page() }
        let acts = try await host.recorded()
        #expect(acts.map(\.description) == ["success updated user by 900 about 42"])
        #expect(acts[0].changes == [:])
    }

    @Test("tell the truth about a change without a store, whatever is said of its purpose")
    func withoutStoreUnknownPurpose() async throws {
        let host = try await StoreHost(changeRoute)
        let answer = try await host.answer("/people/42", method: "PUT", at: "/people/:id", purpose: "curiosity") { _, _ in page() }
        #expect(answer.status == 200)
        #expect(try await host.recorded().map(\.description) == ["success updated user by 900 about 42"])
    }

    @Test("tell the truth about a change without a store whose answer is withheld for what it shows")
    func withheldAnswer() async throws {
        let host = try await StoreHost(changeRoute)
        let answer = try await host.answer("/people/42", method: "PUT", at: "/people/:id", purpose: nil) { [people = host.people] _, _ in
            page(try await people.fetch(id: "42")?.name ?? "nobody")
        }
        #expect(answer.status == 428)
        #expect(!answer.text.contains("Person"))
        #expect(try await host.recorded().map(\.description) == ["success updated user by 900 about 42"])
    }

    @Test("record what was looked at besides as a look")
    func lookBeside() async throws {
        let host = try await StoreHost(changeRoute)
        _ = try await host.answer("/people/42", method: "PUT", at: "/people/:id") { [people = host.people] _, _ in
            _ = try await people.update(id: "42") { $0.name = "Ana" }
            return page(try await people.fetch(id: "43")?.name ?? "nobody")
        }
        #expect(
            try await host.recorded().map(\.description) == ["success updated user by 900 about 42", "success read user by 900 about 43"])
    }

    @Test("record a refused change as one failure")
    func refused() async throws {
        let host = try await StoreHost(changeRoute)
        let answer = try await host.answer("/people/42", method: "PUT", at: "/people/:id") { [people = host.people] _, _ in
            _ = try await people.fetch(id: "42")
            throw HTTPError(.forbidden)
        }
        #expect(answer.status == 403)
        #expect(try await host.recorded().map(\.description) == ["failure updated user by 900 about "])
    }

    @Test("record a change that its store could not make as one failure")
    func failed() async throws {
        struct Broken: Error {}
        let host = try await StoreHost(changeRoute)
        let answer = try await host.answer("/people/42", method: "PUT", at: "/people/:id") { [people = host.people] _, _ in
            _ = try await people.update(id: "42") { _ in throw Broken() }
            return page()
        }
        #expect(answer.status == 500)
        #expect(try await host.recorded().map(\.description) == ["failure updated user by 900 about "])
        #expect(host.rows["42"]?.name == "Person 42")
    }

    @Test("answer 404 for a record that is not there, recorded as one failure")
    func missing() async throws {
        let host = try await StoreHost(changeRoute)
        let answer = try await host.answer("/people/4711", method: "PUT", at: "/people/:id") { [people = host.people] _, _ in
            guard try await people.update(id: "4711", { $0.name = "Ana" }) != nil else { throw HTTPError(.notFound) }
            return page()
        }
        #expect(answer.status == 404)
        #expect(try await host.recorded().map(\.description) == ["failure updated user by 900 about "])
    }

    @Test("answer 503 and change nothing when the act cannot be written down beforehand")
    func unavailable() async throws {
        let host = try await StoreHost(changeRoute)
        host.vestige.spool.refusesIntents = true
        let answer = try await host.answer("/people/42", method: "PUT", at: "/people/:id") { [people = host.people] _, _ in
            _ = try await people.update(id: "42") { $0.name = "Ana" }
            return page("changed")
        }
        #expect(answer.status == 503)
        #expect(answer.headers["content-type"] == "application/problem+json")
        #expect(answer.text.contains("urn:vestige:problem:look-not-recorded"))
        #expect(host.rows["42"]?.name == "Person 42")
        #expect(try await host.recorded().map(\.header.status) == [.failure])
    }

    @Test("answer 428 and change nothing for a purpose that the policy does not declare")
    func unknownPurpose() async throws {
        let host = try await StoreHost(changeRoute)
        let answer = try await host.answer("/people/42", method: "PUT", at: "/people/:id", purpose: "curiosity") {
            [people = host.people] _, _ in
            _ = try await people.update(id: "42") { $0.name = "Ana" }
            return page()
        }
        #expect(answer.status == 428)
        #expect(answer.text.contains("urn:vestige:problem:purpose-unknown"))
        #expect(host.rows["42"]?.name == "Person 42")
        #expect(try await host.recorded().map(\.header.status) == [.failure])
    }

    @Test("stand when the trail does not take the entry, which then waits in the spool and follows")
    func spooled() async throws {
        let host = try await StoreHost(changeRoute)
        let answer = try await host.answer("/people/42", method: "PUT", at: "/people/:id") { [host] _, _ in
            _ = try await host.people.update(id: "42") {
                $0.name = "Ana"
                host.vestige.trailStore.failNextCommits(1)
            }
            return page()
        }
        #expect(answer.status == 200)
        #expect(host.rows["42"]?.name == "Ana")
        let arrived = try await eventually { try await host.recorded().count == 1 }
        #expect(arrived)
        #expect(try await host.recorded().map(\.description) == ["success updated user by 900 about 42"])
    }
}
