import Testing
import VestigeCore
import VestigeCrypto
import VestigeInquiry
import VestigePolicy
import VestigeRights
import VestigeTesting
import VestigeTrail
import VestigeVault

/// What design §5 promises of erased people, fences and those who return.
@Suite("After an erasure")
struct StatesTests {
    private func look(at id: String, by actor: String = "7") -> Entry {
        Entry(
            event: "read", actor: AuditActor(.user, id: actor, name: "Name of \(actor)"), record: RecordReference(type: "user", id: id),
            fields: ["email"], purpose: "support", page: "/people/\(id)")
    }

    private func erased(_ id: String, _ clock: TestClock = TestClock(), _ role: ErasureRole = .subject) async throws -> (
        vestige: InMemoryVestige, pseudonym: Bytes16, erasure: Erasure
    ) {
        let vestige = try await InMemoryVestige(policy: examplePolicy(), clock: clock.now)
        _ = try await vestige.recorder.record(look(at: id))
        let pseudonym = try #require(try await vestige.recorded().first?.subjects.first)
        return (vestige, pseudonym, try await vestige.rights.erase(order(id, role)))
    }

    @Test("The fence lasts as long as the policy says, to the end of that calendar quarter", arguments: [0, 40, 91, 200])
    func fenceDay(_ days: Int) async throws {
        let clock = TestClock()
        clock.advance(days: days)
        let fence = try await erased("42", clock).erasure.fenceUntil
        #expect(fence >= clock.today + 90 && fence < clock.today + 90 + 92)
        let next = Timestamp(microseconds: Int64(fence + 1) * 86_400_000_000).description
        #expect(["-01-01", "-04-01", "-07-01", "-10-01"].contains(String(next.dropFirst(4).prefix(6))))
    }

    @Test("A late change, list and hand-over keep the act and nothing of the person")
    func lateKinds() async throws {
        let (vestige, pseudonym, _) = try await erased("42")
        let actor = AuditActor(.user, id: "7")
        var list = Entry.list("user", of: [try person("42"), try person("43")], fields: ["name"], purpose: "support")
        list.actor = actor
        let entries = [
            Entry(
                event: "updated", actor: actor, record: RecordReference(type: "user", id: "42"), page: "/people/42",
                changes: ["email": FieldChange(before: .text("old-needle"), after: .text("new-needle"))]),
            list,
            Entry(
                event: "updated", actor: actor, record: RecordReference(type: "hardware", id: "142"), subjects: [], page: "/hardware/142",
                changes: ["assigned_to": FieldChange(before: .text("42"), after: .text("43"))]),
        ]
        for entry in entries { _ = try await vestige.recorder.record(entry) }
        let late = try await vestige.opened().suffix(3)
        for entry in late {
            #expect(entry.header?.subjects.contains(pseudonym) == false)
            #expect(entry.header?.details["erased_subjects"] == .integer(1))
            #expect(!String(reflecting: entry).contains("needle"))
            #expect(!entry.subjects.contains { $0.recordID == "42" || $0.changes.values.contains { "\($0)".contains("42") } })
        }
        #expect(try await vestige.vault.standing(of: person("42"), as: .subject) == .erased)
        // The other one on the list and at the other end of the hand-over stands there as always.
        #expect(late.dropFirst().allSatisfy { $0.header?.subjects.count == 1 })
    }

    @Test("Whoever acted and is erased acts on without a name, during the fence")
    func lateActor() async throws {
        let (vestige, _, _) = try await erased("42")
        _ = try await vestige.rights.erase(order("7", .acting))
        _ = try await vestige.recorder.record(look(at: "43"))
        let late = try #require(try await vestige.opened().last)
        #expect(late.header?.actor.type == "user" && late.actor?.pseudonym == nil && late.actor?.name == nil)
    }

    @Test("No question, no failed look and no repetition makes an erased person known again")
    func notMinted() async throws {
        let (vestige, pseudonym, _) = try await erased("42")
        for _ in 0..<3 {
            _ = try await vestige.inquiry.whoViewed(ViewsQuestion(.record(type: "user", id: "42")), asker: asker)
            _ = try await vestige.recorder.record(look(at: "42"))
            await #expect(throws: RightsError.alreadyErased) { try await vestige.rights.erase(order("42", .subject)) }
        }
        #expect(try await vestige.vault.admit(person("42"), as: .subject) == .erased)
        #expect(try await vestige.vault.load(pseudonym, role: .subject) == .erased)
        #expect(try await vestige.vault.counts() == (0, 1))
    }

    @Test("A person who returns is let in by an explicit call, under a new pseudonym; what was erased stays so")
    func readmitted() async throws {
        let (vestige, old, _) = try await erased("42")
        try await vestige.vault.readmit(person("42"), as: [.subject])
        _ = try await vestige.recorder.record(look(at: "42"))
        let new = try #require(try await vestige.recorded().last?.subjects.first)
        #expect(new != old)
        let answer = try await vestige.inquiry.whoViewed(ViewsQuestion(.record(type: "user", id: "42")), asker: asker)
        #expect(answer.total == 1 && answer.views.map(\.entry.page) == ["/people/42"])
        let before = try await vestige.inquiry.whoViewed(ViewsQuestion(.pseudonym(old)), asker: asker)
        #expect(before.views.map(\.entry.page) == [nil])
        #expect(try await vestige.vault.resolve(old) == nil)
        #expect(try await ErasureFindings(vault: vestige.vault, trail: vestige.trail).find().isEmpty)
        // The new key is theirs alone, and goes like any other; a replay of the first erasure does not touch it.
        try await vestige.rights.replay()
        guard case .active(new) = try await vestige.vault.standing(of: person("42"), as: .subject) else {
            return #expect(Bool(false), "the replay reached the new key")
        }
        #expect(try await vestige.rights.erase(order("42", .subject)).roles == [.subject])
        #expect(try await vestige.vault.counts() == (0, 2))
    }

    @Test("On the fence's last day they are still recognised; the day after they are somebody new")
    func fenceEnds() async throws {
        let clock = TestClock()
        let (vestige, old, erasure) = try await erased("42", clock)
        clock.advance(days: erasure.fenceUntil - clock.today)
        #expect(try await vestige.vault.expireFences() == 0)
        _ = try await vestige.recorder.record(look(at: "42"))
        #expect(try await vestige.recorded().last?.subjects == [])
        clock.advance(days: 1)
        #expect(try await vestige.vault.expireFences() == 1)
        #expect(try await vestige.vault.expireFences() == 0)
        #expect(try await vestige.vault.standing(of: person("42"), as: .subject) == .unknown)
        _ = try await vestige.recorder.record(look(at: "42"))
        let new = try #require(try await vestige.recorded().last?.subjects.first)
        #expect(new != old)
        #expect(try await vestige.vault.resolve(old) == nil)
        #expect(try await vestige.trail.verify().verdict == .intact)
    }

    @Test("The handle of a record goes with the person whom it is about")
    func handles() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        let handle = try await vestige.vault.handle(forRecord: "contact", id: "c-1", of: person("42"))
        #expect(handle != nil)
        _ = try await vestige.rights.erase(order("42", .subject))
        #expect(try await vestige.vault.standingOfHandle(forRecord: "contact", id: "c-1") == .erased)
        #expect(try await vestige.vault.handle(forRecord: "contact", id: "c-1", of: person("43")) == nil)
    }

    @Test("Somebody who is no staff loses both keys at once")
    func bothRoles() async throws {
        let text = try examplePolicy().text.replacing("staff: [user]", with: "staff: [api]")
        let policy = try Policy.parse(Array(text.utf8), file: "other.yaml")
        let vestige = try await InMemoryVestige(policy: policy)
        _ = try await vestige.recorder.record(look(at: "42", by: "42x"))
        _ = try await vestige.recorder.record(look(at: "43", by: "42"))
        let erasure = try await vestige.rights.erase(order("42"))
        #expect(erasure.roles == [.subject, .acting] && erasure.deferredUntil == nil)
        for role in [KeyRole.subject, .acting] { #expect(try await vestige.vault.standing(of: person("42"), as: role) == .erased) }
    }

    @Test("Who was erased in both roles and never acted is not made known by acting later, nor by being seen where they only ever acted")
    func otherRole() async throws {
        let text = try examplePolicy().text.replacing("staff: [user]", with: "staff: [api]")
        let policy = try Policy.parse(Array(text.utf8), file: "other.yaml")
        let vestige = try await InMemoryVestige(policy: policy)
        _ = try await vestige.recorder.record(look(at: "42", by: "7"))
        #expect(try await vestige.rights.erase(order("42")).roles == [.subject])
        #expect(try await vestige.rights.erase(order("7")).roles == [.acting])
        _ = try await vestige.recorder.record(look(at: "43", by: "42"))
        #expect(try await vestige.opened().last?.actor?.pseudonym == nil)
        _ = try await vestige.recorder.record(look(at: "7", by: "43"))
        #expect(try await vestige.recorded().last?.subjects == [])
        for (id, role) in [("42", KeyRole.acting), ("7", .subject)] {
            #expect(try await vestige.vault.standing(of: person(id), as: role) == .erased)
        }
        // A single role, asked for by name, leaves the other one open.
        _ = try await vestige.rights.erase(order("43", .subject))
        #expect(try await vestige.vault.standing(of: person("43"), as: .acting) != .erased)
    }
}
