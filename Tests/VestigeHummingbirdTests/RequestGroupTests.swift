import Hummingbird
import TestSupport
import Testing
import VestigeCore
import VestigeInquiry
import VestigeTesting
import VestigeTrail
import VestigeVault

@testable import VestigeHummingbird

private let openRoute = #"{ match: "GET /open", unlogged: "shows nobody by itself" }"#
private let changeRoute = #"{ match: "PUT /people/{id}", record: user, event: updated }"#

@Suite("What one request leaves together")
struct RequestGroupTests {
    private static let ana = AuditActor(.user, id: "900")

    private static func look(at id: String, purpose: String? = "support") -> Entry {
        Entry(event: "read", actor: ana, record: RecordReference(type: "user", id: id), purpose: purpose)
    }

    private static let change = Entry(event: "updated", actor: ana, record: RecordReference(type: "user", id: "42"))

    @Test("is recorded all or not at all: what was withheld stands nowhere as shown")
    func allOrNothing() async throws {
        let host = try await StoreHost(openRoute)
        let looks = RecordedLooks()
        looks.refuse(after: 1)
        let router = Router(context: TestContext.self)
        router.add(middleware: RecordingMiddleware(recorder: looks, policy: host.vestige.recorder.policy))
        router.add(middleware: Authentication())
        router.get("/open") { [host] _, _ in
            _ = try await host.people.fetch(id: "42")
            return page("\(try await host.people.list(0..<3).count)")
        }
        try await serve(router) { port in
            let status = try await TestClient(port: port).get("/open").status
            #expect(status == 503)
        }
        #expect(looks.entries.isEmpty)
    }

    @Test("stands in one commit, in order")
    func oneCommit() async throws {
        let host = try await StoreHost(openRoute)
        try await host.vestige.recorder.recordDurably([Self.look(at: "1"), Self.change, Self.look(at: "2")])
        #expect(
            try await host.recorded().map(\.description) == [
                "success read user by 900 about 1", "success updated user by 900 about 42", "success read user by 900 about 2",
            ])
        let times = Set(try await host.vestige.opened().map(\.recordedAt))
        #expect(times.count == 1)
    }

    @Test("is refused as a whole when one of its entries is")
    func refused() async throws {
        let host = try await StoreHost(openRoute)
        await #expect(throws: RecordingError.self) {
            try await host.vestige.recorder.recordDurably([Self.look(at: "1"), Self.look(at: "2", purpose: nil)])
        }
        #expect(try await host.recorded().isEmpty)
    }

    @Test("leaves the change, which is done, and not the look when the trail does not take them")
    func unavailable() async throws {
        let host = try await StoreHost(openRoute)
        host.vestige.trailStore.failNextCommits(1)
        await #expect(throws: RecordingError.self) {
            try await host.vestige.recorder.recordDurably([Self.change, Self.look(at: "1")])
        }
        let arrived = try await eventually { try await host.recorded().count == 1 }
        #expect(arrived)
        #expect(try await host.recorded().map(\.description) == ["success updated user by 900 about 42"])
    }

    @Test("has the path's change, made past the store, although a store changed another record")
    func otherRecordChanged() async throws {
        let host = try await StoreHost(changeRoute)
        _ = try await host.answer("/people/42", method: "PUT", at: "/people/:id") { _, context in
            context.recording.hasRecorded(.init(event: "updated", record: "user", id: "43"))
            return page()
        }
        #expect(try await host.recorded().map(\.description) == ["success updated user by 900 about 42"])
    }

    @Test(
        "leaves a change that a store recorded to it, in whatever spelling the path has its id",
        arguments: [("042", "42"), ("ana", "42"), ("42", nil)] as [(String, String?)])
    func sameRecordChanged(path: String, id: String?) async throws {
        let host = try await StoreHost(changeRoute)
        _ = try await host.answer("/people/\(path)", method: "PUT", at: "/people/:id") { _, context in
            context.recording.hasRecorded(.init(event: "updated", record: "user", id: id))
            return page()
        }
        #expect(try await host.recorded().isEmpty)
    }

    @Test("tells a change of what is not there as a failure, although the answer is a redirection, and makes nobody known")
    func missed() async throws {
        let host = try await StoreHost(changeRoute)
        _ = try await host.answer("/people/4711", method: "PUT", at: "/people/:id") { _, context in
            context.recording.hasMissed(.init(event: "updated", record: "user", id: "4711"))
            return page("", status: .noContent)
        }
        #expect(try await host.recorded().map(\.description) == ["failure updated user by 900 about "])
        #expect(try await host.vestige.vault.standing(of: SubjectID(type: "user", id: "4711"), as: .subject) == .unknown)
    }
}
