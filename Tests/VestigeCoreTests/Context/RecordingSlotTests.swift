import Testing
import VestigeCore
import VestigeInquiry
import VestigeTesting
import VestigeTrail
import VestigeVault

/// Runs `work` in a request of `actor`.
func inRequest<Result>(
    _ slot: RecordingSlot, of actor: AuditActor? = ana, purpose: String? = "support", _ work: () async throws -> Result
) async throws -> Result {
    slot.actor = actor
    slot.purpose = purpose
    return try await AuditScope.$current.withValue(.request(slot)) { try await work() }
}

@Suite("A request's slot")
struct RecordingSlotTests {
    private let people = MemoryRepository([Person(id: "42"), Person(id: "43")])

    private func store(_ vestige: InMemoryVestige) throws -> RecordedStore<MemoryRepository<Person>> {
        try RecordedStore(people, recorder: vestige.recorder)
    }

    @Test("Looks wait until the answer begins; afterwards they are recorded at once")
    func pending() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        let store = try store(vestige)
        let slot = RecordingSlot(peer: "10.0.0.7")
        try await inRequest(slot) {
            _ = try await store.fetch(id: "42")
            _ = try await store.fetch(id: "999")
        }
        #expect(try await vestige.recorded().isEmpty)
        let looks = slot.settle()
        #expect(looks.map(\.record.id) == ["42", "999"])
        #expect(looks.map(\.isFound) == [true, false])
        #expect(looks[0].fields == ["email", "name", "role"])
        #expect(slot.settle().isEmpty)
        _ = try await inRequest(slot) { try await store.fetch(id: "43") }
        #expect(slot.settle().isEmpty)
        #expect(try await vestige.opened().map { $0.subjects.first?.recordID } == ["43"])
    }

    @Test("A look that cannot be recorded after the answer began is not handed out")
    func streamed() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        let store = try store(vestige)
        let slot = RecordingSlot(peer: nil)
        _ = slot.settle()
        vestige.trailStore.failNextCommits(1)
        await #expect(throws: RecordingError.self) { try await inRequest(slot) { try await store.fetch(id: "42") } }
    }

    @Test("What a streamed body looks up has the event of its route")
    func streamedEvent() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        let store = try store(vestige)
        let slot = RecordingSlot(peer: nil)
        slot.goes(to: "/people/export", parameter: nil, id: nil, streaming: "exported")
        _ = slot.settle()
        _ = try await inRequest(slot) { try await store.fetch(id: "42") }
        #expect(try await vestige.recorded().map(\.event) == ["exported"])
    }

    @Test("Every look is in exactly one place when the answer begins while others are under way")
    func settling() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        let store = try store(vestige)
        let slot = RecordingSlot(peer: nil)
        let held = try await inRequest(slot) {
            try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<200 {
                    group.addTask {
                        if number == 100 { return slot.settle().count }
                        _ = try await store.fetch(id: "42")
                        return 0
                    }
                }
                return try await group.reduce(0, +)
            }
        }
        #expect(held + (try await vestige.recorded().count) == 199)
    }

    @Test("Changes are recorded at once, with the request's actor, address and page")
    func changes() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        let store = try store(vestige)
        let slot = RecordingSlot(peer: nil)
        slot.comesFrom(ip: "198.51.100.4", userAgent: "curl/9")
        slot.goes(to: "/people/{id}", parameter: "id", id: "42", of: "user", streaming: "read")
        _ = try await inRequest(slot, of: AuditActor(.user, id: "7", name: "Ana Lima")) {
            try await store.update(id: "42") { $0.name = "New" }
        }
        let entry = try #require(try await vestige.opened().first)
        #expect(entry.actor?.ip == "198.51.100.4")
        #expect(entry.actor?.userAgent == "curl/9")
        #expect(entry.page == "/people/42")
        #expect(entry.header?.purpose == "support")
        #expect(slot.recorded(.init(event: "updated", record: "user")))
    }

    @Test("A save that changed nothing is the store's to tell: the middleware must not say that something was changed")
    func unchanged() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        let store = try store(vestige)
        let slot = RecordingSlot(peer: nil)
        _ = try await inRequest(slot) { try await store.update(id: "42") { $0.name = $0.name } }
        #expect(try await vestige.recorded().isEmpty)
        #expect(slot.recorded(.init(event: "updated", record: "user")))
        // But the record went out, so the request tells that it was seen.
        #expect(slot.settle().map(\.record.id) == ["42"])
    }

    @Test("What a handler records itself, in whatever door, the middleware does not record again; a look it does")
    func recordedByHandler() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        let doors: [@Sendable (Recorder) async throws -> Void] = [
            { _ = try await $0.record(change(of: "42")) },
            { try await $0.recordDurably(change(of: "42")) },
            { recorder in try await Vestige.as(ana) { try await recorder.act(change(of: "42")) { _ in } } },
        ]
        for door in doors {
            let slot = RecordingSlot(peer: nil)
            try await inRequest(slot) { try await door(vestige.recorder) }
            #expect(slot.recorded(.init(event: "updated", record: "user", id: "42")))
        }
        let slot = RecordingSlot(peer: nil)
        _ = try await inRequest(slot) { try await vestige.recorder.record(look(at: "42")) }
        #expect(!slot.recorded(.init(event: "read", record: "user", id: "42")))
        _ = try await inRequest(slot) { try await vestige.recorder.recordRoleChange(of: person("42"), from: nil, to: "agent") }
        #expect(slot.recorded(.init(event: "role_changed", record: "user", id: "42")))
    }

    @Test("Work as somebody else within a request is told once, as theirs")
    func withinRequest() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        let store = try store(vestige)
        let slot = RecordingSlot(peer: nil)
        try await inRequest(slot) {
            try await Vestige.as(.system("sync")) {
                try await Vestige.as(.system("inner")) { _ = try await store.update(id: "42") { $0.name = "New" } }
            }
        }
        #expect(try await vestige.recorded().map(\.actor.type) == ["system"])
        #expect(slot.recorded(.init(event: "updated", record: "user", id: "42")))
    }

    @Test("The page has the id of the record whose entry it is, never another one's")
    func page() {
        let slot = RecordingSlot(peer: nil)
        #expect(slot.page(for: "42", of: "user") == nil)
        slot.goes(to: "/teams/{team}/people/{id}", parameter: "id", id: "42", of: "user", streaming: "read")
        #expect(slot.page(for: "42", of: "user") == "/teams/{team}/people/42")
        #expect(slot.page(for: "43", of: "user") == "/teams/{team}/people/{id}")
        #expect(slot.page(for: nil, of: "user") == "/teams/{team}/people/{id}")
        // A piece of hardware that bears the person's number by chance.
        #expect(slot.page(for: "42", of: "hardware") == "/teams/{team}/people/{id}")
        slot.goes(to: "/people/{id}", parameter: "id", id: "a/b?c", streaming: "read")
        #expect(slot.page(for: "a/b?c") == "/people/a%2Fb%3Fc")
    }

    @Test("The page of somebody else's entry in the same request names nobody")
    func otherPage() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        let store = try store(vestige)
        let slot = RecordingSlot(peer: nil)
        slot.goes(to: "/people/{id}", parameter: "id", id: "42", of: "user", streaming: "read")
        try await inRequest(slot) {
            _ = try await store.update(id: "42") { $0.name = "A" }
            _ = try await store.update(id: "43") { $0.name = "B" }
        }
        #expect(try await vestige.opened().map(\.page) == ["/people/42", "/people/{id}"])
    }

    @Test("Requests at the same time each have their own actor")
    func apart() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        let people = MemoryRepository((0..<50).map { Person(id: "p\($0)") })
        let store = try RecordedStore(people, recorder: vestige.recorder)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<50 {
                group.addTask {
                    let slot = RecordingSlot(peer: nil)
                    _ = try await inRequest(slot, of: AuditActor(.user, id: "u\(number)")) {
                        await Task.yield()
                        return try await store.update(id: "p\(number)") { $0.name = "by u\(number)" }
                    }
                }
            }
            try await group.waitForAll()
        }
        let entries = try await vestige.opened()
        #expect(entries.count == 50)
        for entry in entries {
            let name = entry.subjects.first?.changes["name"]?.after
            #expect(name == entry.actor?.id.map { .text("by \($0)") })
        }
    }

    @Test("Nobody signed in is anonymous, never system; background work begun in a request is out of it")
    func anonymous() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        let store = try store(vestige)
        let slot = RecordingSlot(peer: nil)
        try await inRequest(slot, of: nil) {
            _ = try await store.update(id: "42") { $0.name = "A" }
            _ = try await Vestige.as(.system("nightly"), purpose: "audit") { try await store.fetch(id: "43") }
        }
        #expect(try await vestige.recorded().map(\.actor.type) == ["anonymous", "system"])
        #expect(slot.settle().isEmpty)
    }
}
