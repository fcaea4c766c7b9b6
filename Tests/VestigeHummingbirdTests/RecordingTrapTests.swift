import Hummingbird
import TestSupport
import Testing
import VestigeCore
import VestigeTesting
import VestigeTrail

@testable import VestigeHummingbird

/// What went wrong in the systems nearest to ours (traps.md, "Recording"), as far as a middleware can do it wrong.
@Suite("Traps of recording")
struct RecordingTrapTests {
    private static let personRoute = #"{ match: "GET /people/{id}", record: user, event: read, fields: [name] }"#
    private static let listRoute = #"{ match: "GET /people", record: user, event: read }"#
    private static let openRoute = #"{ match: "GET /open", unlogged: "shows nobody by itself" }"#
    private static let changeRoute = #"{ match: "PUT /people/{id}", record: user, event: updated }"#
    private static let exportRoute = #"{ match: "GET /export", record: user, event: exported }"#

    @Test("phenotips: opening an edit form counts as a view")
    func editForm() async throws {
        let host = try TestHost()
        try await host.serve { client in
            let answer = try await client.get("/people/42/edit")
            #expect(answer.status == 200)
        }
        #expect(host.recorder.entries.map(\.event) == ["read"])
        #expect(host.recorder.entries.map(\.page) == ["/people/42/edit"])
    }

    @Test(
        "django-auditlog: X-Forwarded-For is believed only behind a proxy of the policy",
        arguments: [("[127.0.0.1/32]", "203.0.113.9"), ("[]", "127.0.0.1")])
    func forwarded(proxies: String, ip: String) async throws {
        let host = try TestHost(proxies: proxies)
        try await host.serve { client in
            _ = try await client.get("/people/42", headers: ["X-Forwarded-For": "6.6.6.6, 203.0.113.9"])
        }
        #expect(host.recorder.entries.map(\.actor?.ip) == [ip])
    }

    @Test("audited, spatie: who acted in a request that crashed is not named in the next one, nor is the system")
    func staleActor() async throws {
        struct Crash: Error {}
        let host = try await StoreHost(Self.personRoute)
        let router = host.router { router in
            router.get("/people/:id") { _, context in
                let id = try context.parameters.require("id")
                _ = try await host.people.fetch(id: id)
                if id == "1" { throw Crash() }
                return page()
            }
        }
        // On one connection, one after the other, so that nothing but the request itself is new.
        let statuses = try await serve(router) { port in
            try await onThread {
                let connection = try RawConnection(port: port)
                var statuses: [Int] = []
                for (id, actor) in [("1", "901"), ("2", nil), ("1", "902"), ("3", "903")] {
                    var headers = ["X-Purpose": "support"]
                    headers["X-Test-Actor"] = actor
                    try connection.send("GET", "/people/\(id)", headers: headers)
                    statuses.append(try connection.readAnswer().status)
                }
                return statuses
            }
        }
        #expect(statuses == [500, 200, 500, 200])
        #expect(try await host.recorded().map(\.actor) == ["901", "anonymous", "902", "903"])
        // After them all, what nobody does is refused.
        let people = host.people
        await #expect(throws: RecordingError.self) { try await people.fetch(id: "4") }
        #expect(try await host.recorded().count == 4)
    }

    @Test("laravel-audit-chain: fifty rows listed are one entry")
    func list() async throws {
        let host = try await StoreHost(Self.listRoute)
        let answer = try await host.answer("/people", at: "/people") { [people = host.people] _, _ in
            page("\(try await people.list(0..<50).count)")
        }
        #expect(answer.text == "50")
        let acts = try await host.recorded()
        #expect(acts.map(\.people) == [(1...50).map(String.init)])
    }

    @Test("OCA auditlog: a look keeps the names of fields, never what stood in them")
    func values() async throws {
        let host = try await StoreHost(Self.personRoute)
        _ = try await host.answer("/people/42", at: "/people/:id") { [people = host.people] _, _ in
            page(try await people.fetch(id: "42")?.email ?? "nobody")
        }
        let act = try #require(try await host.recorded().first)
        #expect(act.header.fields == ["name", "email"])
        #expect(act.changes.isEmpty)
        #expect(!"\(act)".contains("p42@example.org"))
    }

    /// The ways on which data leaves a host or changes in it.
    enum Door: CaseIterable, Sendable {
        case middleware, fetch, list, beside, act, stream, work
    }

    @Test("FerroEHR: every door is closed when the trail takes nothing", arguments: Door.allCases)
    func closed(door: Door) async throws {
        let host = try await StoreHost(Self.personRoute, Self.listRoute, Self.openRoute, Self.changeRoute, Self.exportRoute)
        host.vestige.trailStore.failNextCommits(.max)
        host.vestige.spool.refusesIntents = true
        let people = host.people
        let answer: TestClient.Answer?
        switch door {
        case .middleware: answer = try await host.answer("/people/42", at: "/people/:id") { _, _ in page("secret") }
        case .fetch:
            answer = try await host.answer("/people/42", at: "/people/:id") { _, _ in
                page(try await people.fetch(id: "42").map { _ in "secret" } ?? "")
            }
        case .list:
            answer = try await host.answer("/people", at: "/people") { _, _ in
                page(try await people.list(0..<9).map { _ in "secret" }.joined())
            }
        case .beside:
            answer = try await host.answer("/open", at: "/open") { _, _ in
                page(try await people.fetch(id: "42").map { _ in "secret" } ?? "")
            }
        case .act:
            answer = try await host.answer("/people/42", method: "PUT", at: "/people/:id") { _, _ in
                page(try await people.update(id: "42") { $0.name = "secret" }?.name ?? "")
            }
        case .stream:
            answer = try await host.answer("/export", at: "/export") { _, context in
                context.recording.namesPersonsWhileStreaming()
                return Response(
                    status: .ok,
                    body: ResponseBody { writer in
                        for row in try await people.list(0..<9) { try await writer.write(ByteBuffer(string: "secret \(row.id)")) }
                        try await writer.finish(nil)
                    })
            }
        case .work:
            answer = nil
            await #expect(throws: RecordingError.self) {
                try await Vestige.as(.system("nightly"), purpose: "audit") { try await people.list(0..<9) }
            }
        }
        if let answer {
            #expect(answer.status == 503)
            #expect(!answer.text.contains("secret"))
        }
        #expect(host.rows.updates.isEmpty)
        #expect(try await host.recorded().isEmpty)
    }

    @Test("kortix, objectstack: a slow trail slows answers down and drops none of their entries")
    func slow() async throws {
        /// Takes nothing before it is told to.
        struct Slow: LookRecorder {
            let looks = RecordedLooks()
            let gate = Gate()

            func recordDurably(_ entries: [Entry]) async throws {
                await gate.pass()
                try await looks.recordDurably(entries)
            }
        }
        let slow = Slow()
        let router = Router(context: TestContext.self)
        router.add(middleware: RecordingMiddleware(recorder: slow, policy: try TestPolicy.parse(routes: [Self.personRoute])))
        router.add(middleware: Authentication())
        router.get("/people/:id") { _, _ in page() }
        let answered = RecordedLooks()
        try await serve(router) { port in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 1...50 {
                    group.addTask {
                        let status = try await TestClient(port: port).get("/people/\(number)").status
                        #expect(status == 200)
                        // By then its entry stands.
                        #expect(slow.looks.entries.contains { $0.record?.id == "\(number)" })
                        try await answered.recordDurably(Entry(event: "read"))
                    }
                }
                let allWait = try await eventually { await slow.gate.waitingCount == 50 }
                #expect(allWait)
                #expect(answered.entries.isEmpty)
                await slow.gate.open()
                try await group.waitForAll()
            }
        }
        #expect(Set(slow.looks.entries.map(\.record?.id)) == Set((1...50).map(String.init)))
        #expect(slow.looks.entries.count == 50)
    }
}
