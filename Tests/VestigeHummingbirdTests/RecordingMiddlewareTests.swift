import Testing
import VestigeCore
import VestigeTesting
import VestigeTrail
import VestigeVault

@testable import VestigeHummingbird

@Suite("The recording middleware")
struct RecordingMiddlewareTests {
    @Test("records who looked at whom, why, from where and at which fields")
    func look() async throws {
        let host = try TestHost()
        try await host.serve { client in
            let answer = try await client.get("/people/42?tab=notes", headers: ["User-Agent": "test/1"])
            #expect(answer.status == 200)
            #expect(answer.text == TestHost.secret)
            #expect(answer.headers["cache-control"] == "no-store")
            // The answer is here, so the entry is too.
            #expect(host.recorder.entries.count == 1)
        }
        let entry = try #require(host.recorder.entries.first)
        #expect(host.recorder.entries.count == 1)
        #expect(entry.event == "read")
        #expect(entry.status == .success)
        #expect(entry.record?.type == "user")
        #expect(entry.record?.id == "42")
        #expect(entry.actor?.id == "1")
        #expect(entry.actor?.role == "agent")
        #expect(entry.actor?.ip == "127.0.0.1")
        #expect(entry.actor?.userAgent == "test/1")
        #expect(entry.purpose == "support")
        #expect(entry.fields == ["name"])
        #expect(entry.page == "/people/42")
    }

    @Test("knows a route by its template, however the path is spelled", arguments: ["/people/42/", "//people//42", "/people/%34%32"])
    func spelling(path: String) async throws {
        let host = try TestHost()
        try await host.serve { client in
            let answer = try await client.get(path)
            #expect(answer.status == 200)
        }
        #expect(host.recorder.entries.map(\.record?.id) == ["42"])
    }

    @Test("counts HEAD as a look")
    func head() async throws {
        let host = try TestHost()
        try await host.serve { client in
            let answer = try await client.get("/people/42", method: "HEAD")
            #expect(answer.status == 200)
        }
        #expect(host.recorder.entries.count == 1)
    }

    @Test(
        "records a refused look as a failure that disclosed no field",
        arguments: [("/people/42", nil, 401), ("/people/7", "1", 403), ("/people/99", "1", 404), ("/people/13", "1", 500)]
            as [(String, String?, Int)])
    func refused(path: String, actor: String?, status: Int) async throws {
        let host = try TestHost()
        try await host.serve { client in
            let answer = try await client.get(path, actor: actor, purpose: nil)
            #expect(answer.status == status)
            #expect(!answer.text.contains(TestHost.secret))
        }
        let entry = try #require(host.recorder.entries.first)
        #expect(host.recorder.entries.count == 1)
        #expect(entry.status == .failure)
        #expect(entry.fields.isEmpty)
        #expect(entry.actor?.kind == (actor == nil ? .anonymous : .user))
        #expect(entry.page == path)
    }

    @Test(
        "puts the id of a refused look into a header in clear only if the handler says that there is such a record",
        arguments: [("/hardware/20", 403, "20"), ("/hardware/ana%40example.org", 404, nil)] as [(String, Int, String?)])
    func refusedInClear(path: String, status: Int, id: String?) async throws {
        let host = try TestHost()
        try await host.serve { client in
            let answer = try await client.get(path)
            #expect(answer.status == status)
        }
        let entry = try #require(host.recorder.entries.first)
        #expect(entry.record == RecordReference(type: "hardware", id: id))
        #expect(entry.subjects?.isEmpty == true)
        #expect(entry.page == path.replacing("%40", with: "@"))
    }

    @Test("records what somebody typed for an id, however odd", arguments: ["a%3Fb%23c", "%FF%FE", String(repeating: "9", count: 600)])
    func oddIDs(id: String) async throws {
        let host = try TestHost()
        try await host.serve { client in
            let answer = try await client.get("/people/\(id)", headers: ["User-Agent": String(repeating: "x", count: 5000)])
            #expect(answer.status == 404)
        }
        let entry = try #require(host.recorder.entries.first)
        #expect(entry.status == .failure)
        #expect(entry.page?.contains { $0 == "?" || $0 == "#" } == false)
        #expect((entry.record?.id?.utf8.count ?? 0) <= 512)
        #expect((entry.actor?.userAgent?.utf8.count ?? 0) <= 1024)
    }

    @Test(
        "withholds the data when the look cannot be recorded", arguments: ["/people/42", "/people/42/edit", "/hardware/17", "/people/99"])
    func recorderFails(path: String) async throws {
        let host = try TestHost(refuses: true)
        try await host.serve { client in
            let answer = try await client.get(path)
            #expect(answer.status == 503)
            #expect(answer.headers["content-type"] == "application/problem+json")
            #expect(answer.text.contains("urn:vestige:problem:look-not-recorded"))
            #expect(!answer.text.contains(TestHost.secret))
            #expect(!answer.text.contains("42"))
        }
    }

    @Test("asks for a purpose, names those there are, and shows nothing without one")
    func purposeMissing() async throws {
        let host = try TestHost()
        try await host.serve { client in
            let answer = try await client.get("/people/42", purpose: nil)
            #expect(answer.status == 428)
            #expect(answer.text.contains(#""type":"urn:vestige:problem:purpose-required""#))
            #expect(answer.text.contains(#"{"code":"support","title":"Answer a \"request\""}"#))
            #expect(answer.text.contains(#""code":"audit""#))
            #expect(!answer.text.contains(TestHost.secret))
        }
        #expect(host.recorder.entries.map(\.status) == [.failure])
    }

    @Test("refuses a purpose that the policy does not declare and does not repeat it")
    func purposeUnknown() async throws {
        let host = try TestHost()
        try await host.serve { client in
            let answer = try await client.get("/people/42", purpose: "curiosity")
            #expect(answer.status == 428)
            #expect(answer.text.contains("urn:vestige:problem:purpose-unknown"))
            #expect(!answer.text.contains("curiosity"))
        }
        #expect(host.recorder.entries.map(\.purpose) == [nil])
    }

    @Test("does not run a route that the policy does not cover")
    func uncovered() async throws {
        let host = try TestHost()
        try await host.serve { client in
            let answer = try await client.get("/uncovered")
            #expect(answer.status == 503)
            #expect(answer.text.contains("urn:vestige:problem:route-not-covered"))
        }
        #expect(!host.ran.isSet)
        #expect(host.recorder.entries.isEmpty)
    }

    @Test("withholds what a middleware inside serves without a route")
    func contentWithoutRoute() async throws {
        let host = try TestHost()
        try await host.serve { client in
            let answer = try await client.get("/static/people.csv")
            #expect(answer.status == 503)
            #expect(!answer.text.contains(TestHost.secret))
        }
    }

    @Test("records nothing for unlogged routes and for paths that lead nowhere")
    func unlogged() async throws {
        let host = try TestHost()
        try await host.serve { client in
            let one = try await client.get("/open")
            #expect(one.status == 200)
            let two = try await client.get("/nowhere")
            #expect(two.status == 404)
        }
        #expect(host.recorder.entries.isEmpty)
    }

    @Test("takes the person from the slot where the policy says so")
    func fromStore() async throws {
        let host = try TestHost()
        try await host.serve { client in
            let one = try await client.get("/hardware/17", purpose: nil)
            #expect(one.status == 200)
            let two = try await client.get("/hardware/18", purpose: nil)
            #expect(two.status == 200)
        }
        let entries = host.recorder.entries
        #expect(entries.map(\.record?.id) == ["17", "18"])
        #expect(entries.map { $0.subjects?.map(\.id.id) } == [["42"], []])
        #expect(entries.map(\.fields) == [["serial"], ["serial"]])
    }

    @Test("shows nothing when the handler does not say whom its answer shows")
    func nobodyNamed() async throws {
        let host = try TestHost()
        try await host.serve { client in
            let answer = try await client.get("/hardware/19")
            #expect(answer.status == 503)
            #expect(answer.text.contains("urn:vestige:problem:subject-missing"))
            #expect(!answer.text.contains(TestHost.secret))
        }
    }

    @Test(
        "takes the record from the slot where the path has none",
        arguments: [("/me", "42", ["42"]), ("/my-device", "17", []), ("/team", nil, ["42", "43"])] as [(String, String?, [String])])
    func idFromSlot(path: String, id: String?, persons: [String]) async throws {
        let host = try TestHost()
        try await host.serve { client in
            let answer = try await client.get(path)
            #expect(answer.status == 200)
        }
        let entry = try #require(host.recorder.entries.first)
        #expect(entry.record?.id == id)
        #expect(entry.page == path)
        #expect(entry.subjects?.map(\.id.id) == persons)
    }
}
