import Testing
import VestigeCore
import VestigeCrypto
import VestigeInquiry
import VestigeRights
import VestigeTesting
import VestigeTrail
import VestigeVault

@Suite("Acts on many records through a recorded store")
struct RecordedStoreBulkTests {
    private func people(_ count: Int) -> MemoryRepository<Person> {
        MemoryRepository((0..<count).map { Person(id: "p\($0)", name: "Name \($0)", email: "p\($0)@example.org") })
    }

    @Test("A bulk update is one entry with everybody who was changed, each with only their own values")
    func update() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        let store = try RecordedStore(people(5), recorder: vestige.recorder)
        let after = try await Vestige.as(ana, purpose: "support") {
            try await store.update(ids: ["p0", "p1", "p2", "nobody"]) { person in
                // p1 has it already.
                person.name = "Name 1"
            }
        }
        #expect(after.count == 3)
        let headers = try await vestige.recorded()
        // Who was left as they were is seen all the same.
        #expect(headers.map(\.action) == ["user.updated", "pii.read.user"])
        let seen = try await vestige.pseudonym(of: "p1")
        #expect(headers.last?.subjects == [try #require(seen)])
        #expect(headers[0].record == RecordHandle(type: "user"))
        #expect(headers[0].fields == ["name"])
        let subjects = try #require(try await vestige.opened().first).subjects
        #expect(subjects.map(\.recordID) == ["p0", "p2"])
        #expect(
            subjects.map(\.changes) == [
                ["name": FieldChange(before: "Name 0", after: "Name 1")], ["name": FieldChange(before: "Name 2", after: "Name 1")],
            ])
        #expect(try await vestige.pseudonym(of: "nobody") == nil)
    }

    @Test("A bulk delete is one entry with all people")
    func delete() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        let store = try RecordedStore(people(5), recorder: vestige.recorder)
        let gone = try await Vestige.as(ana) { try await store.delete(ids: ["p0", "p4", "nobody"]) }
        #expect(gone.count == 2)
        let opened = try #require(try await vestige.opened().first)
        #expect(opened.header?.action == "user.deleted")
        #expect(opened.subjects.map(\.recordID) == ["p0", "p4"])
        #expect(opened.subjects[1].changes["email"] == FieldChange(before: "p4@example.org", after: nil))
    }

    @Test("1,500 people are parts under one correlation id, each under 60 KiB, everybody in one of them")
    func parts() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        let store = try RecordedStore(people(1500), recorder: vestige.recorder)
        let note = String(repeating: "n", count: 300)
        let ids = (0..<1500).map { "p\($0)" }
        _ = try await Vestige.as(ana) { try await store.update(ids: ids) { $0.nickname = "\(note) \($0.name)" } }
        let entries = try await vestige.opened()
        let headers = entries.compactMap(\.header)
        #expect(headers.count > 2)
        #expect(Set(headers.compactMap(\.correlationID)).count == 1)
        #expect(Set(headers.compactMap(\.part?.n)) == Set(1...headers.count))
        #expect(headers.allSatisfy { $0.part?.of == headers.count && $0.status == .success })
        let stored = try await vestige.trail.entries(entries.map(\.seq))
        for entry in stored {
            let body = try #require(entry.body)
            #expect(body.header.count + body.payload.count + 2 * SealedEntry.saltByteCount <= SealedEntry.byteCountMax)
        }
        let subjects = entries.flatMap(\.subjects)
        #expect(subjects.count == 1500)
        #expect(Set(subjects.map(\.pseudonym)).count == 1500)
        for subject in subjects {
            let id = try #require(subject.recordID)
            #expect(subject.changes == ["nickname": FieldChange(before: nil, after: .text("\(note) Name \(id.dropFirst())"))])
        }
        #expect(try await vestige.trail.verify().verdict == .intact)
    }

    @Test("More people than there is locked memory for are recorded all the same, whether they were known or not")
    func fewKeys() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        let keyring = try InMemoryKeyring()
        // A part's own keys must fit: it has at most 1,000 people, fewer where their values are long.
        let vault = try await Vault.create(
            store: InMemoryVaultStore(), keyring: keyring, trail: vestige.trail.identity.id, now: { noon.microseconds }, slabCapacity: 1600)
        let recorder = Recorder(
            policy: vestige.policy, vault: vault, trail: vestige.trail, spool: InMemorySpool(), spoolKey: nil, clock: { noon })
        let store = try RecordedStore(people(4000), recorder: recorder)
        let ids = (0..<4000).map { "p\($0)" }
        try await Vestige.as(ana) {
            _ = try await store.update(ids: ids) { $0.name = "New" }
            _ = try await store.delete(ids: ids)
        }
        let headers = try await vestige.recorded()
        for action in ["user.updated", "user.deleted"] {
            let parts = headers.filter { $0.action == action }
            #expect(parts.allSatisfy { $0.status == .success })
            #expect(Set(parts.flatMap(\.subjects)).count == 4000)
            #expect(parts.reduce(0) { $0 + $1.subjects.count } == 4000)
        }
        #expect(try await vestige.trail.verify().verdict == .intact)
    }

    @Test("An intent of many parts that is found after its outcome stands adds nothing")
    func leftoverParts() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        let ids = (0..<1500).map { "p\($0)" }
        for id in ids { _ = try await vestige.vault.admit(person(id), as: .subject) }
        let left = Box<[SealedBatch]>([])
        let entry = Entry(
            event: "updated", record: RecordReference(type: "user", id: nil), subjects: try ids.map { EntrySubject(try person($0)) })
        try await Vestige.as(ana) {
            try await vestige.recorder.act(entry) { act in
                left.value = vestige.spool.leftover
                act.entry.subjects = [EntrySubject(try person("p0"), changes: ["name": FieldChange(before: "a", after: "b")])]
            }
        }
        #expect(left.value.first.map { $0.entries.count > 1 } == true)
        try await vestige.recorder.append(left.value)
        #expect(try await vestige.recorded().map(\.status) == [.success])
    }

    @Test("In an act on many records about people, nobody learns which records others have")
    func aboutPeople() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        let hardware = MemoryRepository([
            Hardware(id: "h1", holder: "41"), Hardware(id: "h2", holder: "42"), Hardware(id: "h3", holder: "41"),
        ])
        let store = try RecordedStore(hardware, recorder: vestige.recorder)
        _ = try await Vestige.as(ana) {
            try await store.update(ids: ["h1", "h2", "h3"]) {
                if $0.id == "h3" { $0.holder = "42" }
                $0.remark = "checked \($0.id ?? "")"
            }
        }
        let opened = try #require(try await vestige.opened().first)
        #expect(opened.header?.fields == ["assigned_to"])
        #expect(opened.header?.other == 1)
        let sides = Dictionary(uniqueKeysWithValues: opened.subjects.map { ($0.pseudonym, $0) })
        let pseudonyms = (try #require(try await vestige.pseudonym(of: "41")), try #require(try await vestige.pseudonym(of: "42")))
        let first = try #require(sides[pseudonyms.0])
        let second = try #require(sides[pseudonyms.1])
        #expect(first.changes["h1.remark"] == FieldChange(before: nil, after: "checked h1"))
        #expect(first.changes["h3.assigned_to"] == FieldChange(before: "41", after: nil))
        #expect(second.changes["h2.remark"] == FieldChange(before: nil, after: "checked h2"))
        #expect(second.changes["h3.assigned_to"] == FieldChange(before: nil, after: "42"))
        #expect(second.changes["h3.remark"] == FieldChange(before: nil, after: "checked h3"))
        #expect(first.changes.keys.allSatisfy { !$0.hasPrefix("h2") })
        #expect(second.changes.keys.allSatisfy { !$0.hasPrefix("h1") })
        #expect(opened.subjects.allSatisfy { $0.other.isEmpty || $0.other == ["remark"] })
    }

    @Test("Each person's values are sealed for them alone: erasing one leaves the others readable")
    func erased() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        let store = try RecordedStore(people(3), recorder: vestige.recorder)
        _ = try await Vestige.as(ana) { try await store.update(ids: ["p0", "p1", "p2"]) { $0.name = "New" } }
        _ = try await vestige.rights.erase(
            ErasureOrder(subject: person("p1"), role: .subject, caseReference: "E-1", purpose: "audit", actor: ana))
        let subjects = try #require(try await vestige.opened().first { $0.header?.action == "user.updated" }).subjects
        #expect(subjects.map(\.isErased) == [false, true, false])
        #expect(subjects[1].changes.isEmpty)
        #expect(subjects[2].changes["name"] == FieldChange(before: "Name 2", after: "New"))
    }
}
