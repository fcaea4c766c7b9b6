import Testing
import VestigeCore
import VestigeCrypto
import VestigeInquiry
import VestigePolicy
import VestigeRights
import VestigeTesting
import VestigeTrail
import VestigeVault

@Suite("Erasure")
struct ErasureTests {
    private func look(at id: String, by actor: String) -> Entry {
        Entry(
            event: "read", actor: AuditActor(.user, id: actor, name: "Name of \(actor)"), record: RecordReference(type: "user", id: id),
            fields: ["email"], purpose: "support", page: "/people/\(id)")
    }

    @Test("leaves two entries, pseudonyms and acts, and the trail verifies")
    func subject() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        _ = try await vestige.recorder.record(look(at: "42", by: "7"))
        let pseudonym = try #require(try await vestige.recorded().first?.subjects.first)
        let erasure = try await vestige.rights.erase(order("42", .subject))
        #expect(erasure.roles == [.subject])
        #expect(try await vestige.recorded().map(\.action) == ["pii.read.user", "erasure.started", "erasure.completed"])
        #expect(try await vestige.recorded().map(\.subjects) == [[pseudonym], [pseudonym], [pseudonym]])
        #expect(try await vestige.vault.standing(of: person("42"), as: .subject) == .erased)

        let byID = try await vestige.inquiry.whoViewed(ViewsQuestion(.record(type: "user", id: "42")), asker: asker)
        #expect(byID.total == 0)
        #expect(byID.isErased)
        let byPseudonym = try await vestige.inquiry.whoViewed(ViewsQuestion(.pseudonym(pseudonym)), asker: asker)
        #expect(byPseudonym.views.map(\.entry.page) == [nil])
        #expect(byPseudonym.views.first?.entry.actor?.name == "Name of 7")
        #expect(try await vestige.trail.verify().verdict == .intact)
        #expect(try await ErasureFindings(vault: vestige.vault, trail: vestige.trail).find().isEmpty)
    }

    @Test("of an actor leaves what they did, under a pseudonym")
    func actor() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        _ = try await vestige.recorder.record(look(at: "42", by: "7"))
        _ = try await vestige.rights.erase(order("7", .acting))
        let answer = try await vestige.inquiry.whoViewed(ViewsQuestion(.record(type: "user", id: "42")), asker: asker)
        let actor = try #require(answer.views.first?.entry.actor)
        #expect(actor.isErased)
        #expect(actor.name == nil)
        #expect(actor.pseudonym != nil)
        #expect(answer.views.first?.entry.page == "/people/42")
        #expect(try await vestige.trail.verify().verdict == .intact)
    }

    @Test("of staff in both roles keeps the acting key until its due day, and says so")
    func deferred() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        _ = try await vestige.recorder.record(look(at: "42", by: "7"))
        _ = try await vestige.recorder.record(look(at: "7", by: "8"))
        let erasure = try await vestige.rights.erase(order("7"))
        #expect(erasure.roles == [.subject])
        let due = try #require(erasure.deferredUntil)
        #expect(erasure.deferredBecause?.isEmpty == false)
        #expect(try await vestige.vault.dueErasures(on: due).map(\.role) == [.acting])
        #expect(try await vestige.vault.standing(of: person("7"), as: .subject) == .erased)
    }

    @Test("of somebody unknown, or erased before, says so and writes nothing")
    func refused() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        await #expect(throws: RightsError.unknownPerson) { try await vestige.rights.erase(order("42", .subject)) }
        _ = try await vestige.recorder.record(look(at: "42", by: "7"))
        _ = try await vestige.rights.erase(order("42", .subject))
        await #expect(throws: RightsError.alreadyErased) { try await vestige.rights.erase(order("42", .subject)) }
        #expect(try await vestige.recorded().count == 3)
    }

    @Test("with a case reference that no entry could take is refused before anything is marked, and so are a link, a hold and a redaction")
    func longCase() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        _ = try await vestige.recorder.record(look(at: "42", by: "7"))
        let reference = String(repeating: "c", count: 70_000)
        let acts: [() async throws -> Void] = [
            {
                _ = try await vestige.rights.erase(
                    ErasureOrder(subject: person("42"), caseReference: reference, purpose: "audit", actor: officer))
            },
            { _ = try await vestige.rights.link(person("42"), person("4200"), caseReference: reference, by: officer) },
            { _ = try await vestige.rights.hold(holdOrder("42", case: reference)) },
            { _ = try await vestige.rights.redact(RedactionOrder([0], caseReference: reference, purpose: "audit", actor: officer)) },
        ]
        for act in acts { #expect(await refusal(act)?.contains("the case reference has 70000 bytes") == true) }
        guard case .active = try await vestige.vault.standing(of: person("42"), as: .subject) else {
            return #expect(Bool(false), "the key was marked")
        }
        #expect(try await vestige.vault.identifiers(of: person("42")).count == 1)
        #expect(try await vestige.recorded().map(\.action) == ["pii.read.user"])
        #expect(try await vestige.vault.pendingErasures().isEmpty)
    }

    @Test("waits for a hold")
    func held() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        _ = try await vestige.recorder.record(look(at: "42", by: "7"))
        _ = try await vestige.rights.hold(holdOrder("42"))
        await #expect(throws: RightsError.held) { try await vestige.rights.erase(order("42", .subject)) }
        #expect(try await vestige.recorded().map(\.action) == ["pii.read.user", "erasure.held"])
    }

    @Test("Late entries about an erased person carry nothing of them")
    func late() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        _ = try await vestige.recorder.record(look(at: "42", by: "7"))
        _ = try await vestige.rights.erase(order("42", .subject))
        for status in [EntryStatus.success, .failure] {
            var entry = look(at: "42", by: "7")
            entry.status = status
            entry.caseReference = "case of 42"
            _ = try await vestige.recorder.record(entry)
            let opened = try #require(try await vestige.opened().last)
            #expect(opened.header?.subjects == [])
            #expect(opened.header?.record == RecordHandle(type: "user"))
            #expect(opened.header?.details["erased_subjects"] == .integer(1))
            #expect([opened.page, opened.caseReference, opened.tried] == [nil, nil, nil])
        }
    }

    @Test("An erasure that a crash interrupted goes on with its own ids, once")
    func resumed() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        _ = try await vestige.recorder.record(look(at: "42", by: "7"))
        let now = Timestamp(microseconds: 1_780_000_000_000_000)
        let ticket = try await vestige.vault.beginErasure(
            of: person("42"), roles: [.subject], started: EntryID.make(at: now).bytes, completed: EntryID.make(at: now).bytes,
            erasure: EntryID.make(at: now).bytes)
        #expect(ticket != nil)
        try await vestige.rights.resume()
        try await vestige.rights.resume()
        #expect(try await vestige.recorded().map(\.action) == ["pii.read.user", "erasure.started", "erasure.completed"])
        #expect(try await vestige.vault.pendingErasures().isEmpty)
    }

    @Test("A vault from before an erasure is healed by replaying the trail")
    func replayed() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        _ = try await vestige.recorder.record(look(at: "42", by: "7"))
        let pseudonym = try #require(try await vestige.recorded().first?.subjects.first)
        var started = BuiltInEntry(action: "erasure.started", event: "erased", actor: .system("vestige"))
        started.subjects = [pseudonym]
        started.details = ["erasure": .code(EntryID.make(at: Timestamp(microseconds: 1)).description), "role": .code("subject")]
        _ = try await vestige.recorder.record(started)
        #expect(try await vestige.vault.resolve(pseudonym) != nil)
        try await vestige.rights.replay()
        #expect(try await vestige.vault.resolve(pseudonym) == nil)
        #expect(try await vestige.recorded().last?.action == "erasure.completed")
    }
}

@Suite("Erasures that meet other erasures")
struct MeetingErasureTests {
    @Test("Asking again finishes an erasure that was interrupted, under the one who asks")
    func again() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        let entry = Entry(
            event: "read", actor: AuditActor(.user, id: "7"), record: RecordReference(type: "user", id: "42"), purpose: "support")
        _ = try await vestige.recorder.record(entry)
        let ids = (0..<3).map { EntryID.make(at: Timestamp(microseconds: $0)).bytes }
        _ = try await vestige.vault.beginErasure(of: person("42"), roles: [.subject], started: ids[0], completed: ids[1], erasure: ids[2])
        let erasure = try await vestige.rights.erase(order("42", .subject))
        #expect(erasure.id == ids[2])
        #expect(try await vestige.recorded().map(\.action) == ["pii.read.user", "erasure.started", "erasure.completed"])
        #expect(try await vestige.opened().last?.actor?.id == officer.id)
    }

    @Test("Staff who only ever acted keep their key until its due day, and that is said")
    func onlyActing() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        let entry = Entry(
            event: "read", actor: AuditActor(.user, id: "7"), record: RecordReference(type: "user", id: "42"), purpose: "support")
        _ = try await vestige.recorder.record(entry)
        do {
            _ = try await vestige.rights.erase(order("7"))
            Issue.record("expected to be told that the key waits")
        } catch RightsError.actingKeyOnly(let day) {
            #expect(try await vestige.vault.dueErasures(on: day).map(\.role) == [.acting])
        }
    }

    @Test("A refused erasure sets no due day")
    func heldStaff() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        for (actor, record) in [("7", "42"), ("8", "7")] {
            _ = try await vestige.recorder.record(
                Entry(
                    event: "read", actor: AuditActor(.user, id: actor), record: RecordReference(type: "user", id: record),
                    purpose: "support"))
        }
        _ = try await vestige.rights.hold(holdOrder("7"))
        await #expect(throws: RightsError.held) { try await vestige.rights.erase(order("7")) }
        #expect(try await vestige.vault.dueErasures(on: 100_000).isEmpty)
    }
}
