import Testing
import VestigeCore
import VestigeInquiry
import VestigeTesting
import VestigeTrail
import VestigeVault

@Suite("Changes through a recorded store")
struct RecordedStoreChangeTests {
    private let people = MemoryRepository([Person(id: "42", name: "Carla Vex", nickname: "Ca")])

    private func store(_ vestige: InMemoryVestige) throws -> RecordedStore<MemoryRepository<Person>> {
        try RecordedStore(people, recorder: vestige.recorder)
    }

    @Test("An update is one entry: what differs before and after, personal fields sealed, the others in clear")
    func update() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        let store = try store(vestige)
        let after = try await Vestige.as(ana) {
            try await store.update(id: "42") {
                $0.email = "carla@example.org"
                $0.role = "manager"
                $0.nickname = "Cara"
            }
        }
        #expect(after == people["42"])
        let headers = try await vestige.recorded()
        #expect(headers.map(\.action) == ["user.updated"])
        #expect(headers[0].channel == "people")
        #expect(headers[0].fields == ["role", "email"] || headers[0].fields == ["email", "role"])
        #expect(headers[0].other == 1)
        let opened = try #require(try await vestige.opened().first)
        #expect(opened.clearChanges == ["role": FieldChange(before: "agent", after: "manager")])
        #expect(
            opened.subjects.map(\.changes) == [
                [
                    "email": FieldChange(before: "ben@example.org", after: "carla@example.org"),
                    "nickname": FieldChange(before: "Ca", after: "Cara"),
                ]
            ])
        #expect(opened.subjects[0].other == ["nickname"])
        #expect(vestige.spool.waiting == SpoolWaiting())
        #expect(try await vestige.trail.verify().verdict == .intact)
    }

    @Test("Saving what was there is no change, but a look: the record was handed out; and nothing is left in the spool")
    func unchanged() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        let store = try store(vestige)
        try await Vestige.as(ana, purpose: "support") {
            _ = try await store.update(id: "42") { $0.name = "Carla Vex" }
            _ = try await store.update(ids: ["42"]) { $0.name = "Carla Vex" }
        }
        #expect(people.changes == 2)
        let headers = try await vestige.recorded()
        #expect(headers.map(\.action) == ["pii.read.user", "pii.read.user"])
        #expect(headers.allSatisfy { $0.subjects.count == 1 && $0.fields.count + $0.other == 4 })
        #expect(vestige.spool.waiting == SpoolWaiting())
        // Like any look: without a purpose that the policy requires, and without a trail, nothing is handed out.
        let error = await #expect(throws: RecordingError.self) { try await Vestige.as(ana) { try await store.update(id: "42") { _ in } } }
        #expect(error?.member == "purpose")
        vestige.trailStore.failNextCommits(1)
        await #expect(throws: RecordingError.self) {
            try await Vestige.as(ana, purpose: "support") { try await store.update(id: "42") { _ in } }
        }
    }

    @Test("A created record is told with the id that the repository gave it, every field from absent")
    func create() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        let store = try store(vestige)
        let made = try await Vestige.as(ana) { try await store.create(Person(id: nil, name: "Dora Lind", email: nil)) }
        let opened = try #require(try await vestige.opened().first)
        #expect(opened.header?.action == "user.created")
        #expect(opened.subjects.map(\.recordID) == [made.id])
        #expect(
            opened.subjects[0].changes == [
                "name": FieldChange(before: nil, after: "Dora Lind"), "email": FieldChange(before: nil, after: .null),
            ])
        #expect(opened.clearChanges == ["role": FieldChange(before: nil, after: "agent")])
    }

    @Test("A deleted record is told with every field to absent")
    func delete() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        let store = try store(vestige)
        #expect(try await Vestige.as(ana) { try await store.delete(id: "42") }?.id == "42")
        #expect(people["42"] == nil)
        let opened = try #require(try await vestige.opened().first)
        #expect(opened.header?.action == "user.deleted")
        #expect(opened.subjects[0].changes["name"] == FieldChange(before: "Carla Vex", after: nil))
    }

    @Test("Deleting a record without a single field is recorded all the same")
    func deleteBare() async throws {
        struct Bare: StoredRecord {
            static let recordType = "user"
            var id: String?
            var recordedFields: [String: FieldValue] { [:] }
        }
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        let store = try RecordedStore(MemoryRepository(["1", "2", "3"].map { Bare(id: $0) }), recorder: vestige.recorder)
        try await Vestige.as(ana) {
            _ = try await store.delete(id: "1")
            _ = try await store.delete(ids: ["2", "3"])
        }
        #expect(try await vestige.recorded().map(\.subjects.count) == [1, 2])
    }

    @Test("Changing or deleting what is not there is a failed act, which makes nobody known")
    func notThere() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        let store = try store(vestige)
        #expect(try await Vestige.as(ana) { try await store.update(id: "999") { $0.name = "?" } } == nil)
        #expect(try await Vestige.as(ana) { try await store.delete(id: "999") } == nil)
        let headers = try await vestige.recorded()
        #expect(headers.map(\.action) == ["user.updated", "user.deleted"])
        #expect(headers.allSatisfy { $0.status == .failure && $0.subjects.isEmpty && $0.record == RecordHandle(type: "user") })
        #expect(try await vestige.vault.standing(of: person("999"), as: .subject) == .unknown)
        #expect(try await vestige.opened().map(\.tried) == ["999", "999"])
    }

    @Test("An id that was tried and is not there never stands in clear", arguments: ["ana.lima", "ana@example.org"])
    func notThereInClear(_ tried: String) async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        let store = try RecordedStore(MemoryRepository<Hardware>(), recorder: vestige.recorder)
        #expect(try await Vestige.as(ana) { try await store.update(id: tried) { $0.serial = "?" } } == nil)
        let header = try #require(try await vestige.recorded().first)
        #expect(header.status == .failure)
        #expect(header.record == RecordHandle(type: "hardware"))
    }

    @Test("A repository that fails is a failed act without before and after, and its error goes on to the host")
    func failing() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        let store = try store(vestige)
        people.isBroken = true
        await #expect(throws: MemoryRepository<Person>.Broken.self) {
            try await Vestige.as(ana) { try await store.update(id: "42") { $0.name = "?" } }
        }
        let headers = try await vestige.recorded()
        #expect(headers.map(\.status) == [.failure])
        #expect(headers[0].fields.isEmpty)
        #expect(try await vestige.opened().first?.subjects.isEmpty == true)
        #expect(try await vestige.pseudonym(of: "42") == nil)
    }

    @Test("When the person of a record changes, each has their own side of it")
    func changedHands() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        let hardware = MemoryRepository([Hardware(id: "142", holder: "41", remark: "of 41")])
        let store = try RecordedStore(hardware, recorder: vestige.recorder)
        _ = try await Vestige.as(ana) {
            try await store.update(id: "142") {
                $0.holder = "42"
                $0.remark = "of 42"
            }
        }
        let opened = try #require(try await vestige.opened().first)
        let old = try #require(try await vestige.pseudonym(of: "41"))
        let new = try #require(try await vestige.pseudonym(of: "42"))
        let sides = Dictionary(uniqueKeysWithValues: opened.subjects.map { ($0.pseudonym, $0.changes) })
        #expect(sides.count == 2)
        #expect(
            sides[old] == [
                "assigned_to": FieldChange(before: "41", after: nil), "remark": FieldChange(before: "of 41", after: nil),
            ])
        #expect(
            sides[new] == [
                "assigned_to": FieldChange(before: nil, after: "42"), "remark": FieldChange(before: nil, after: "of 42"),
            ])
    }

    @Test("An act that was done but cannot be told is no failure: it is recorded as unknown, and the host hears why")
    func untold() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        let hardware = MemoryRepository([Hardware(id: "142")])
        let store = try RecordedStore(hardware, recorder: vestige.recorder)
        let error = await #expect(throws: RecordingError.self) {
            try await Vestige.as(ana) { try await store.update(id: "142") { $0.holder = String(repeating: "x", count: 513) } }
        }
        #expect(error?.member == "subjects")
        #expect(hardware["142"]?.holder?.count == 513)
        let header = try #require(try await vestige.recorded().first)
        #expect(header.status == .warning)
        #expect(header.details["outcome"] == .code("unknown"))
        #expect(header.record == RecordHandle(type: "hardware", id: "142"))
    }

    @Test("An edit that gives a record another id is refused, since what it said before would be somebody else's")
    func otherID() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        let store = try store(vestige)
        let single = await #expect(throws: RecordingError.self) {
            try await Vestige.as(ana) { try await store.update(id: "42") { $0.id = "43" } }
        }
        let bulk = await #expect(throws: RecordingError.self) {
            try await Vestige.as(ana) { try await store.update(ids: ["42"]) { $0.id = "43" } }
        }
        #expect([single?.member, bulk?.member] == ["record.id", "record.id"])
        #expect(people["42"]?.id == "42")
        #expect(try await vestige.recorded().map(\.status) == [.failure, .failure])
    }

    @Test("A personal value over 4 KiB is kept as its length and a hash under the person's key")
    func large() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        let store = try store(vestige)
        let long = String(repeating: "x", count: 100_000)
        try await Vestige.as(ana) {
            _ = try await store.update(id: "42") { $0.nickname = long }
            _ = try await store.create(Person(id: "43", nickname: long))
        }
        let hashes = try await vestige.opened().compactMap { entry -> String? in
            guard case .large(100_000, let hash)? = entry.subjects.first?.changes["nickname"]?.after else { return nil }
            return hash
        }
        #expect(hashes.count == 2)
        // Under a key of each person's own, so that nobody can tell that two people have the same.
        #expect(Set(hashes).count == 2)
    }
}
