import Hummingbird
import Synchronization
import TestSupport
import Testing
import VestigeCore
import VestigeTesting
import VestigeTrail

@testable import VestigeHummingbird

private let personRoute = #"{ match: "GET /people/{id}", record: user, event: read, fields: [name] }"#
private let openRoute = #"{ match: "GET /open", unlogged: "shows nobody by itself" }"#

/// Opened once; whoever comes before waits.
actor Gate {
    private var isOpen = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    var waitingCount: Int { waiting.count }

    func pass() async {
        if !isOpen { await withCheckedContinuation { waiting.append($0) } }
    }

    func open() {
        isOpen = true
        for continuation in waiting { continuation.resume() }
        waiting = []
    }
}

@Suite("Whose look it is")
struct RequestScopeTests {
    @Test("a task left behind looks as the request's actor, and is recorded at once")
    func leftBehind() async throws {
        let host = try await StoreHost(openRoute)
        let (gate, finished) = (Gate(), Gate())
        let router = host.router { router in
            router.get("/open") { _, context in
                guard context.recording.actor?.id == "901" else { return page() }
                Task {
                    await gate.pass()
                    _ = try await host.people.fetch(id: "42")
                    await finished.open()
                }
                return page()
            }
        }
        try await host.serve(router) { client in
            let answer = try await client.get("/open", actor: "901")
            #expect(answer.status == 200)
            let before = try await host.recorded()
            #expect(before.isEmpty)
            // Another's request in between changes nothing for the task.
            _ = try await client.get("/open", actor: "902")
            await gate.open()
            await finished.pass()
        }
        let acts = try await host.recorded()
        #expect(acts.map(\.description) == ["success read user by 901 about 42"])
    }

    @Test("a detached task has nobody who acts, and is refused")
    func detached() async throws {
        let host = try await StoreHost(openRoute)
        let answer = try await host.answer("/open", at: "/open") { [people = host.people] _, _ in
            let found = Task.detached { try await people.fetch(id: "42") }
            return page(try await found.value?.name ?? "nobody")
        }
        #expect(answer.status == 500)
        #expect(!answer.text.contains("Person"))
        #expect(try await host.recorded().isEmpty)
    }

    @Test("work done as the system in a request is the system's, recorded at once and beside the request's own entry")
    func system() async throws {
        let host = try await StoreHost(personRoute)
        let before = Mutex<[String]>([])
        _ = try await host.answer("/people/42", at: "/people/:id") { [host] _, _ in
            _ = try await Vestige.as(.system("nightly"), purpose: "audit") { try await host.people.fetch(id: "43", showing: ["email"]) }
            let recorded = try await host.recorded().map(\.description)
            before.withLock { $0 = recorded }
            return page(try await host.people.fetch(id: "42", showing: ["name"])?.name ?? "nobody")
        }
        #expect(before.withLock { $0 } == ["success read user by nightly about 43"])
        let acts = try await host.recorded()
        #expect(acts.map(\.description) == ["success read user by nightly about 43", "success read user by 900 about 42"])
        #expect(acts.map(\.header.actor.type) == ["system", "user"])
        #expect(acts.map(\.header.purpose) == ["audit", "support"])
    }

    @Test("two requests under way at once never see each other's actor")
    func concurrent() async throws {
        let host = try await StoreHost(personRoute)
        let gate = Gate()
        let router = host.router { router in
            router.get("/people/:id") { _, context in
                // Everybody is signed in before anybody looks.
                await gate.pass()
                let id = try context.parameters.require("id")
                let child = try await withThrowingTaskGroup(of: String?.self) { group in
                    group.addTask { try await host.people.fetch(id: id)?.name }
                    return try await group.next() ?? nil
                }
                return page(child ?? "nobody")
            }
        }
        try await host.serve(router) { client in
            try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 1...24 {
                    group.addTask { try await client.get("/people/\(number)", actor: "\(900 + number)").status }
                }
                let allWait = try await eventually { await gate.waitingCount == 24 }
                #expect(allWait)
                await gate.open()
                for try await status in group { #expect(status == 200) }
            }
        }
        let seen = try await host.recorded().map { "\($0.actor) \($0.people.joined())" }
        #expect(Set(seen) == Set((1...24).map { "\(900 + $0) \($0)" }))
        #expect(seen.count == 24)
    }

    @Test("what was looked at is recorded although the request was cancelled, as when the host stops")
    func cancelled() async throws {
        /// A recorder that gives up with its caller, as one over a network might.
        struct Impatient: LookRecorder {
            let looks: RecordedLooks

            func recordDurably(_ entries: [Entry]) async throws {
                try Task.checkCancellation()
                try await looks.recordDurably(entries)
            }
        }
        let looks = RecordedLooks()
        let policy = try TestPolicy.parse(routes: [personRoute])
        let begun = Gate()
        let router = Router(context: TestContext.self)
        router.add(middleware: RecordingMiddleware(recorder: Impatient(looks: looks), policy: policy))
        router.add(middleware: Authentication())
        router.get("/people/:id") { _, _ in
            await begun.open()
            while !Task.isCancelled { await Task.yield() }
            return page()
        }
        // The server stops while the handler is at work, and with it the handler's task.
        try await serve(router) { port in
            Task {
                try await onThread {
                    let connection = try RawConnection(port: port)
                    try connection.send("GET", "/people/42", headers: ["X-Test-Actor": "900", "X-Purpose": "support"])
                    _ = try? connection.readAnswer()
                }
            }
            await begun.pass()
        }
        #expect(looks.entries.map(\.status) == [.success])
    }
}
