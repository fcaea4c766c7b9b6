import Testing
import VestigeCore
import VestigeCrypto
import VestigeInquiry
import VestigePolicy
import VestigeTesting
import VestigeTrail
import VestigeVault

@Suite("The recorder")
struct RecorderTests {
    @Test("A look stands in the trail with codes in clear and the rest sealed")
    func look_() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        let receipt = try await vestige.recorder.record(look(at: "42"))
        #expect(receipt.seq == 0)
        let header = try #require(try await vestige.recorded().first)
        #expect(header.action == "pii.read.user")
        #expect(header.channel == "pii-read")
        #expect(header.fields == ["email", "phone"])
        #expect(header.purpose == "support")
        #expect(header.activity == "RPA-12")
        #expect(header.policy == vestige.policy.digest)
        #expect(header.record?.handle == header.subjects.first)
        #expect(header.record?.id == nil)
        let entry = try #require(try await vestige.opened().first)
        #expect(entry.actor?.name == "Ana Lima")
        #expect(entry.page == "/people/42")
        #expect(entry.caseReference == "T-881")
        #expect(try await vestige.trail.verify().verdict == .intact)
    }

    @Test("A person has one pseudonym for what they do and another for what is known of them")
    func twoRoles() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        _ = try await vestige.recorder.record(look(at: "42"))
        _ = try await vestige.recorder.record(look(at: "7", by: AuditActor(.user, id: "42")))
        let headers = try await vestige.recorded()
        #expect(headers[0].subjects[0] != headers[1].actor.pseudonym)
    }

    @Test("A look at oneself names no acting pseudonym and carries no correlation id")
    func oneself() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        var entry = look(at: "7")
        entry.correlationID = "0197a1b2-0000-7000-8000-000000000001"
        _ = try await vestige.recorder.record(entry)
        let header = try #require(try await vestige.recorded().first)
        #expect(header.actor.identity == .oneself)
        #expect(header.correlationID == nil)
        #expect(try await vestige.vault.standing(of: person("7"), as: .acting) == .unknown)
        #expect(try await vestige.opened().first?.actor?.name == "Ana Lima")
    }

    @Test("A failed look makes nobody known; the tried id stands in the actor's slot")
    func failed() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        var entry = look(at: "999")
        entry.status = .failure
        _ = try await vestige.recorder.record(entry)
        #expect(try await vestige.vault.standing(of: person("999"), as: .subject) == .unknown)
        let header = try #require(try await vestige.recorded().first)
        #expect(header.record == RecordHandle(type: "user"))
        #expect(header.subjects.isEmpty)
        #expect(try await vestige.opened().first?.tried == "999")
    }

    @Test("An actor without an id is sealed under the visitor key of the month")
    func visitor() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        var entry = look(at: "42", by: AuditActor(.anonymous, ip: "198.51.100.9"))
        entry.status = .failure
        _ = try await vestige.recorder.record(entry)
        _ = try await vestige.recorder.record(entry)
        let headers = try await vestige.recorded()
        #expect(headers[0].actor.pseudonym == headers[1].actor.pseudonym)
        #expect(try await vestige.opened().first?.actor?.ip == "198.51.100.9")
    }

    @Test("A lost actor is an error, never system")
    func lostActor() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        var entry = look(at: "42")
        entry.actor = nil
        #expect(try await refusedMember(vestige, entry) == "actor")
        let header = try await Vestige.as(.system("nightly"), purpose: "audit") { [entry] in
            _ = try await vestige.recorder.record(entry)
            return try await vestige.recorded().first
        }
        #expect(header?.actor.type == "system")
        #expect(AuditContext.current == nil)
    }

    @Test("Before and after of a field that names a person go to each person's own slot")
    func reassigned() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        var entry = Entry(event: "updated", actor: ana, record: RecordReference(type: "hardware", id: "142"), subjects: [])
        entry.changes = ["assigned_to": FieldChange(before: "41", after: "42"), "serial": FieldChange(before: "A1", after: "A2")]
        _ = try await vestige.recorder.record(entry)
        let opened = try #require(try await vestige.opened().first)
        #expect(
            opened.subjects.map(\.changes) == [
                ["assigned_to": FieldChange(before: "41", after: nil)], ["assigned_to": FieldChange(before: nil, after: "42")],
            ])
        #expect(opened.clearChanges == ["serial": FieldChange(before: "A1", after: "A2")])
        #expect(opened.header?.fields == ["assigned_to", "serial"])
    }

    @Test("A value over 4 KiB is kept as its length and a keyed hash")
    func largeValue() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        var entry = look(at: "42")
        entry.event = "updated"
        entry.changes = ["notes": FieldChange(before: .text(String(repeating: "x", count: 5000)), after: "short")]
        _ = try await vestige.recorder.record(entry)
        let change = try #require(try await vestige.opened().first?.subjects.first?.changes["notes"])
        guard case .large(let count, let hash)? = change.before else {
            Issue.record("expected a length and a hash")
            return
        }
        #expect(count == 5000)
        #expect(hash.count == 64)
        #expect(change.after == "short")
    }

    @Test("Undeclared fields are counted in the header and named in the slot only")
    func undeclaredFields() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        var entry = look(at: "42")
        entry.fields = ["email", "shoe_size"]
        _ = try await vestige.recorder.record(entry)
        let opened = try #require(try await vestige.opened().first)
        #expect(opened.header?.fields == ["email"])
        #expect(opened.header?.other == 1)
        #expect(opened.subjects.first?.other == ["shoe_size"])
    }

    @Test("A list of people is one entry without slots of theirs; over 1,000 it is parts under one correlation id")
    func list() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        var entry = Entry.list("user", of: try (0..<2345).map { try person("p\($0)") }, fields: ["name"], purpose: "support")
        entry.actor = ana
        let receipt = try await vestige.recorder.record(entry)
        let headers = try await vestige.recorded().sorted { ($0.part?.n ?? 0) < ($1.part?.n ?? 0) }
        #expect(headers.map(\.subjects.count) == [1000, 1000, 345])
        #expect(headers.map(\.part) == [Part(n: 1, of: 3), Part(n: 2, of: 3), Part(n: 3, of: 3)])
        #expect(Set(headers.map(\.correlationID)).count == 1)
        #expect(headers[0].id == receipt.id)
        for stored in try await vestige.trail.entries([0, 1, 2]) {
            let items = try Payload(decoding: #require(stored.body).payload).items
            #expect(items.map(\.kind) == [.actor])
        }
    }

    @Test("A description is a template in clear and its personal parts sealed")
    func description() async throws {
        enum Team: String, ClearCode { case support }
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        var entry = look(at: "42")
        entry.description = "Reassigned {it} from \(personal: "a@example.org") to \(clear: Team.support) after \(clear: 3) days"
        _ = try await vestige.recorder.record(entry)
        let opened = try #require(try await vestige.opened().first)
        #expect(opened.text == "Reassigned {it} from a@example.org to support after 3 days")
        #expect(opened.header?.description?.clear == [1: "support", 2: "3"])
        #expect(opened.header?.description?.template == "Reassigned {{it}} from {0} to {1} after {2} days")
    }

    @Test("Whoever hangs up cancels nobody: the entry is recorded all the same")
    func cancelled() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        _ = try await vestige.recorder.record(look(at: "42"))
        let tasks = (0..<50).map { _ in Task { _ = try await vestige.recorder.record(look(at: "42")) } }
        for task in tasks { task.cancel() }
        for task in tasks { _ = await task.result }
        #expect(try await vestige.recorded().count == 51)
        #expect(try await vestige.trail.verify().verdict == .intact)
    }
}

@Suite("What review found, kept")
struct RecorderReviewTests {
    @Test("A clear part of a description is a code or a number, whatever the enum says")
    func clearParts() async throws {
        struct Anything: ClearCode { let rawValue: String }
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        var entry = look(at: "42")
        entry.description = "Handed to \(clear: Anything(rawValue: "Ana Lima"))"
        #expect(try await refusedMember(vestige, entry) == "description")
    }

    @Test("When a record changes hands, what it said before is the old person's and what it says now the new one's")
    func changedHands() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        var entry = Entry(event: "updated", actor: ana, record: RecordReference(type: "hardware", id: "142"), subjects: [])
        entry.changes = ["assigned_to": FieldChange(before: "41", after: "42"), "nickname": FieldChange(before: "of 41", after: "of 42")]
        _ = try await vestige.recorder.record(entry)
        let subjects = try #require(try await vestige.opened().first).subjects
        #expect(subjects[0].changes["nickname"] == FieldChange(before: "of 41", after: nil))
        #expect(subjects[1].changes["nickname"] == FieldChange(before: nil, after: "of 42"))
    }

    @Test("A change without an id keeps before and after of the people it concerns")
    func changeWithoutID() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        var entry = Entry(event: "imported", actor: ana, record: RecordReference(type: "user", id: nil))
        entry.subjects = [EntrySubject(try person("42"), changes: ["email": FieldChange(before: nil, after: "a@example.org")])]
        _ = try await vestige.recorder.record(entry)
        #expect(try await vestige.opened().first?.subjects.first?.changes["email"] == FieldChange(before: nil, after: "a@example.org"))
    }

    @Test("A clear value over 4 KiB is kept as its length and hash, so that size never loses an act")
    func largeClearValue() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        var entry = Entry(event: "updated", actor: ana, record: RecordReference(type: "hardware", id: "142"), subjects: [])
        entry.changes = ["serial": FieldChange(before: "A", after: .text(String(repeating: "x", count: 70_000)))]
        _ = try await vestige.recorder.record(entry)
        guard case .large(70_000, _)? = try await vestige.opened().first?.clearChanges["serial"]?.after else {
            Issue.record("expected a length and a hash")
            return
        }
    }

    @Test("A failed look sent again after the person became known gets its receipt")
    func failedThenKnown() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        var refused = look(at: "42")
        refused.id = EntryID.make(at: noon)
        refused.status = .failure
        let first = try await vestige.recorder.record(refused)
        _ = try await vestige.recorder.record(look(at: "42"))
        #expect(try await vestige.recorder.record(refused) == first)
    }

    @Test("A list whose first part is missing is completed by sending it again")
    func listCompleted() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        var entry = Entry.list("user", of: try (0..<1500).map { try person("p\($0)") }, purpose: "support")
        entry.actor = ana
        entry.id = EntryID.make(at: noon)
        for person in entry.subjects ?? [] { _ = try await vestige.vault.admit(person.id, as: .subject) }
        _ = try await vestige.vault.admit(SubjectID(type: "user", id: "7"), as: .acting)
        // The commits of part 2 and of part 1: the second fails.
        _ = try await vestige.recorder.record(look(at: "p0"))
        vestige.trailStore.failNextCommits(1)
        let sent = entry
        await #expect(throws: RecordingError.self) { _ = try await vestige.recorder.record(sent) }
        _ = try await vestige.recorder.record(entry)
        _ = try await vestige.recorder.record(entry)
        let parts = try await vestige.recorded().filter { $0.part != nil }
        #expect(Set(parts.map(\.part)) == [Part(n: 1, of: 2), Part(n: 2, of: 2)])
        #expect(parts.count == 2)
    }
}
