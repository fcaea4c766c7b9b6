import Testing
import VestigeCore
import VestigeInquiry
import VestigeTesting
import VestigeTrail
import VestigeVault

private struct Collapse: Error {}

@Suite("Who acts, task-local")
struct AuditContextTests {
    private func store(_ vestige: InMemoryVestige) throws -> RecordedStore<MemoryRepository<Person>> {
        try RecordedStore(MemoryRepository([Person(id: "42"), Person(id: "43")]), recorder: vestige.recorder)
    }

    @Test("An inner actor holds inside only, and the outer one is back afterwards")
    func nested() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        let store = try store(vestige)
        try await Vestige.as(ana, purpose: "support") {
            _ = try await store.fetch(id: "42")
            try await Vestige.as(.system("nightly"), purpose: "audit") { _ = try await store.fetch(id: "42") }
            _ = try await store.fetch(id: "42")
        }
        let headers = try await vestige.recorded()
        #expect(headers.map(\.actor.type) == ["user", "system", "user"])
        #expect(headers.map(\.purpose) == ["support", "audit", "support"])
        #expect(AuditContext.current == nil)
    }

    @Test("Child tasks act as their parent")
    func children() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        let store = try store(vestige)
        try await Vestige.as(ana, purpose: "support", caseReference: "T-9") {
            async let first = store.fetch(id: "42")
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { _ = try await store.fetch(id: "43") }
                try await group.waitForAll()
            }
            _ = try await first
            _ = try await Task { try await store.fetch(id: "42") }.value
        }
        let entries = try await vestige.opened()
        #expect(entries.count == 3)
        #expect(entries.allSatisfy { $0.actor?.id == "7" && $0.caseReference == "T-9" })
    }

    @Test("A detached task has nobody, is refused, and is never system")
    func detached() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        let store = try store(vestige)
        let refused = await Vestige.as(ana, purpose: "support") {
            await Task.detached { () -> String? in
                do {
                    _ = try await store.fetch(id: "42")
                    return nil
                } catch {
                    return (error as? RecordingError)?.member
                }
            }.value
        }
        #expect(refused == "actor")
        #expect(try await vestige.recorded().isEmpty)
    }

    @Test("Without a context looks and changes are refused, and nothing is done")
    func none() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        let people = MemoryRepository([Person(id: "42")])
        let store = try RecordedStore(people, recorder: vestige.recorder)
        let look = await #expect(throws: RecordingError.self) { try await store.fetch(id: "42") }
        let change = await #expect(throws: RecordingError.self) { try await store.update(id: "42") { $0.name = "?" } }
        let deletion = await #expect(throws: RecordingError.self) { try await store.delete(ids: ["42"]) }
        #expect([look?.member, change?.member, deletion?.member] == ["actor", "actor", "actor"])
        #expect(people.changes == 0)
        #expect(try await vestige.recorded().isEmpty)
    }

    @Test("Work that throws takes its actor with it")
    func throwing() async throws {
        await #expect(throws: Collapse.self) { try await Vestige.as(ana) { throw Collapse() } }
        #expect(AuditContext.current == nil)
    }

    @Test("For whom somebody acts is told with who acts")
    func onBehalf() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        let store = try store(vestige)
        let trainee = AuditActor(.user, id: "8", name: "Tom Rist")
        _ = try await Vestige.as(trainee, onBehalfOf: ana, purpose: "support") { try await store.fetch(id: "42") }
        let entry = try #require(try await vestige.opened().first)
        #expect(entry.actor?.name == "Tom Rist")
        #expect(entry.behalf?.name == "Ana Lima")
    }
}
