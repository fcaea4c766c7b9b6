import TestSupport
import Testing
import VestigeCore
import VestigeInquiry
import VestigeTesting
import VestigeTrail
import VestigeVault

@Suite("Looks through a recorded store")
struct RecordedStoreLookTests {
    private let people = MemoryRepository([Person(id: "41"), Person(id: "42", name: "Carla Vex", nickname: "Ca")])

    private func store(_ vestige: InMemoryVestige) throws -> RecordedStore<MemoryRepository<Person>> {
        try RecordedStore(people, recorder: vestige.recorder)
    }

    @Test("A record that was handed out is one durable entry with the names of its fields")
    func found() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        let store = try store(vestige)
        let found = try await Vestige.as(ana, purpose: "support") { try await store.fetch(id: "42") }
        #expect(found?.name == "Carla Vex")
        let headers = try await vestige.recorded()
        #expect(headers.map(\.action) == ["pii.read.user"])
        #expect(headers[0].status == .success)
        #expect(headers[0].fields == ["email", "name", "role"])
        #expect(headers[0].other == 1)
        #expect(headers[0].subjects.count == 1)
        let opened = try #require(try await vestige.opened().first)
        #expect(opened.subjects[0].recordID == "42")
        #expect(opened.subjects[0].other == ["nickname"])
        #expect(opened.subjects[0].changes.isEmpty)
    }

    @Test("Where only some fields are shown, those are named")
    func showing() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        let store = try store(vestige)
        _ = try await Vestige.as(ana, purpose: "support") { try await store.fetch(id: "42", showing: ["name"]) }
        let header = try #require(try await vestige.recorded().first)
        #expect(header.fields == ["name"])
        #expect(header.other == 0)
    }

    @Test("A record that is not there is a failed look, which makes nobody known")
    func notFound() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        let store = try store(vestige)
        #expect(try await Vestige.as(ana) { try await store.fetch(id: "999") } == nil)
        let header = try #require(try await vestige.recorded().first)
        #expect(header.status == .failure)
        #expect(header.record == RecordHandle(type: "user"))
        #expect(header.subjects.isEmpty && header.fields.isEmpty)
        #expect(try await vestige.vault.standing(of: person("999"), as: .subject) == .unknown)
        #expect(try await vestige.opened().first?.tried == "999")
    }

    @Test("What was tried where ids stand in clear may be anything, so it does not stand there")
    func notFoundInClear() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        let store = try RecordedStore(MemoryRepository<Hardware>(), recorder: vestige.recorder)
        #expect(try await Vestige.as(ana) { try await store.fetch(id: "ana.lima") } == nil)
        #expect(try await vestige.recorded().first?.record == RecordHandle(type: "hardware"))
    }

    @Test("A repository that fails hands out nothing, and no look is recorded")
    func failing() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        let store = try store(vestige)
        people.isBroken = true
        await #expect(throws: MemoryRepository<Person>.Broken.self) {
            try await Vestige.as(ana, purpose: "support") { try await store.fetch(id: "42") }
        }
        #expect(try await vestige.recorded().isEmpty)
    }

    @Test("A record about somebody else concerns the person it names, and nobody where it names nobody")
    func aboutSomebody() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        let hardware = MemoryRepository([Hardware(id: "142", holder: "42"), Hardware(id: "143")])
        let store = try RecordedStore(hardware, recorder: vestige.recorder)
        try await Vestige.as(ana) {
            _ = try await store.fetch(id: "142")
            _ = try await store.fetch(id: "143")
        }
        let headers = try await vestige.recorded()
        #expect(headers.map(\.record) == [RecordHandle(type: "hardware", id: "142"), RecordHandle(type: "hardware", id: "143")])
        let holder = try #require(try await vestige.pseudonym(of: "42"))
        #expect(headers[0].subjects == [holder])
        #expect(headers[1].subjects.isEmpty)
    }

    @Test("A page of a list is one entry where the policy logs lists", arguments: ["list", "detail", "none"])
    func list(_ log: String) async throws {
        let policy = try examplePolicy(reads: "log: \(log), purpose: required")
        let vestige = try await InMemoryVestige(policy: policy)
        let store = try store(vestige)
        let page = try await Vestige.as(ana, purpose: "support") { try await store.list("4", showing: ["name"]) }
        #expect(page.count == 2)
        let headers = try await vestige.recorded()
        #expect(headers.count == (log == "list" ? 1 : 0))
        if let header = headers.first {
            #expect(header.subjects.count == 2)
            #expect(header.fields == ["name"])
            #expect(header.record == RecordHandle(type: "user"))
            #expect(try await vestige.opened().first?.subjects.allSatisfy { $0.changes.isEmpty && $0.recordID == nil } == true)
        }
    }

    @Test("A page that shows nobody leaves no entry, and says so to the request it belongs to")
    func emptyPage() async throws {
        let policy = try examplePolicy(reads: "log: list")
        let vestige = try await InMemoryVestige(policy: policy)
        let store = try store(vestige)
        #expect(try await Vestige.as(ana) { try await store.list("9") }.isEmpty)
        #expect(try await vestige.recorded().isEmpty)
        let slot = RecordingSlot(peer: nil)
        _ = try await AuditScope.$current.withValue(.request(slot)) { try await store.list("9") }
        // Whether the request shows nobody is for its route to say.
        #expect(slot.subjects == nil)
        #expect(slot.settle() == [.emptyList(of: "user")])
    }

    @Test("Types whose looks are not logged leave none")
    func unlogged() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy(reads: "log: none"))
        let store = try store(vestige)
        #expect(try await Vestige.as(ana) { try await store.fetch(id: "42") } != nil)
        #expect(try await Vestige.as(ana) { try await store.fetch(id: "999") } == nil)
        #expect(try await vestige.recorded().isEmpty)
    }

    @Test("A missing purpose is refused before the record is handed out")
    func purpose() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        let store = try store(vestige)
        let error = await #expect(throws: RecordingError.self) { try await Vestige.as(ana) { try await store.fetch(id: "42") } }
        #expect(error?.member == "purpose")
    }

    @Test("A type that the policy does not declare is refused when the store is made")
    func undeclared() async throws {
        struct Ghost: StoredRecord {
            static let recordType = "ghost"
            var id: String?
            var recordedFields: [String: FieldValue] { [:] }
        }
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        let error = #expect(throws: RecordingError.self) { try RecordedStore(MemoryRepository<Ghost>(), recorder: vestige.recorder) }
        #expect(error?.member == "record.type")
    }

    @Test("While the trail is down a look is refused, and the record is not handed out")
    func refused() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        let store = try store(vestige)
        vestige.trailStore.failNextCommits(1)
        let error = await #expect(throws: RecordingError.self) {
            try await Vestige.as(ana, purpose: "support") { try await store.fetch(id: "42") }
        }
        guard case .unavailable? = error else {
            Issue.record("expected unavailable")
            return
        }
        #expect(vestige.spool.waiting == SpoolWaiting())
    }

    @Test("Where the policy says `on_failure: spool` the look is kept, handed out, and drains with its own time")
    func spooled() async throws {
        let clock = TickingClock().reading
        let policy = try examplePolicy(reads: "log: detail, purpose: required, on_failure: spool")
        let vestige = try await InMemoryVestige(policy: policy, clock: { Timestamp(microseconds: clock()) })
        let store = try store(vestige)
        vestige.trailStore.failNextCommits(1000)
        let found = try await Vestige.as(ana, purpose: "support") { try await store.fetch(id: "42") }
        #expect(found != nil)
        #expect(vestige.spool.waiting == SpoolWaiting(kept: 1))
        vestige.trailStore.failNextCommits(0)
        #expect(try await eventually { vestige.spool.waiting.kept == 0 })
        let entry = try #require(try await vestige.opened().first)
        #expect(try await vestige.recorded().count == 1)
        #expect(try #require(entry.header).occurredAt < entry.recordedAt)
    }

    @Test("What was done without a store while the trail is away is kept, whatever the policy says of looks, and drains once")
    func spooledChange() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy(reads: "log: detail, on_failure: refuse"))
        vestige.trailStore.failNextCommits(1000)
        try await vestige.recorder.recordDurably(
            Entry(event: "updated", actor: ana, record: RecordReference(type: "user", id: "42")))
        #expect(vestige.spool.waiting == SpoolWaiting(kept: 1))
        vestige.trailStore.failNextCommits(0)
        #expect(try await eventually { vestige.spool.waiting.kept == 0 })
        #expect(try await vestige.recorded().map(\.action) == ["user.updated"])
    }

    @Test("Where neither trail nor spool takes the look it is refused")
    func neither() async throws {
        let policy = try examplePolicy(reads: "log: detail, on_failure: spool")
        let vestige = try await InMemoryVestige(policy: policy)
        let store = try store(vestige)
        vestige.trailStore.failNextCommits(1)
        vestige.spool.refusesKeeps = true
        await #expect(throws: RecordingError.self) { try await Vestige.as(ana) { try await store.fetch(id: "42") } }
        #expect(try await vestige.recorded().isEmpty)
    }
}

extension RecordingError {
    /// The member that was refused.
    var member: String? {
        if case .refused(let member, _) = self { member } else { nil }
    }
}

extension InMemoryVestige {
    /// nil for somebody unknown or erased.
    func pseudonym(of id: String, as role: KeyRole = .subject) async throws -> Pseudonym? {
        guard case .active(let pseudonym) = try await vault.standing(of: person(id), as: role) else { return nil }
        return pseudonym
    }
}
