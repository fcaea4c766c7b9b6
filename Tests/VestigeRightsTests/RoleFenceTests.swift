import Testing
import VestigeCore
import VestigeCrypto
import VestigeInquiry
import VestigePolicy
import VestigeRights
import VestigeTesting
import VestigeTrail
import VestigeVault

/// A role in which somebody has no key yet when they are erased: no later act may make one.
@Suite("The role without a key")
struct RoleFenceTests {
    private func look(at id: String, by actor: String) -> Entry {
        Entry(
            event: "read", actor: AuditActor(.user, id: actor, name: "Name of \(actor)"), record: RecordReference(type: "user", id: id),
            fields: ["email"], purpose: "support", page: "/people/\(id)")
    }

    private func withoutStaff() throws -> Policy {
        let text = try examplePolicy().text.replacing("staff: [user]", with: "staff: [api]")
        return try Policy.parse(Array(text.utf8), file: "other.yaml")
    }

    private func standing(_ id: String, _ role: KeyRole, in vestige: InMemoryVestige) async throws -> Standing {
        try await vestige.vault.standing(of: person(id), as: role)
    }

    @Test("of staff who never acted is fenced as anybody's: there is no key that could wait for a day")
    func staff() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        _ = try await vestige.recorder.record(look(at: "42", by: "7"))
        let erasure = try await vestige.rights.erase(order("42"))
        #expect(erasure.roles == [.subject] && erasure.deferredUntil == nil)
        _ = try await vestige.recorder.record(look(at: "43", by: "42"))
        #expect(try await vestige.opened().last?.actor?.pseudonym == nil)
        #expect(try await standing("42", .acting, in: vestige) == .erased)
    }

    @Test("of staff who only ever acted is fenced, while their acting key waits")
    func onlyActing() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        _ = try await vestige.recorder.record(look(at: "42", by: "7"))
        do {
            _ = try await vestige.rights.erase(order("7"))
            Issue.record("expected to be told that the key waits")
        } catch RightsError.actingKeyOnly {}
        guard case .active = try await standing("7", .acting, in: vestige) else { return #expect(Bool(false), "the key did not wait") }
        _ = try await vestige.recorder.record(look(at: "7", by: "8"))
        #expect(try await vestige.recorded().last?.subjects == [])
        #expect(try await standing("7", .subject, in: vestige) == .erased)
    }

    @Test("is fenced when both are asked for after one was erased alone, and that is said")
    func afterOne() async throws {
        let vestige = try await InMemoryVestige(policy: withoutStaff())
        _ = try await vestige.recorder.record(look(at: "42", by: "7"))
        _ = try await vestige.rights.erase(order("42", .subject))
        #expect(try await standing("42", .acting, in: vestige) == .unknown)
        let message = await refusal { _ = try await vestige.rights.erase(order("42")) }
        #expect(message?.contains("fenced now") == true)
        _ = try await vestige.recorder.record(look(at: "43", by: "42"))
        #expect(try await standing("42", .acting, in: vestige) == .erased)
        #expect(await refusal { _ = try await vestige.rights.erase(order("42")) } == "\(RightsError.alreadyErased)")
        // Somebody whom nothing is known of is not fenced.
        await #expect(throws: RightsError.unknownPerson) { try await vestige.rights.erase(order("99")) }
        #expect(try await standing("99", .subject, in: vestige) == .unknown)
    }

    @Test("stays fenced when they are readmitted in the middle of the erasure")
    func readmittedMeanwhile() async throws {
        let vestige = try await InMemoryVestige(policy: withoutStaff())
        _ = try await vestige.recorder.record(look(at: "42", by: "7"))
        let ids = (0..<3).map { EntryID.make(at: Timestamp(microseconds: $0)).bytes }
        _ = try await vestige.vault.beginErasure(
            of: person("42"), roles: [.subject, .acting], started: ids[0], completed: ids[1], erasure: ids[2], fenceUntil: 100_000)
        await #expect(throws: RightsError.notFenced) { try await vestige.rights.readmit(person("42"), by: officer) }
        #expect(try await standing("42", .acting, in: vestige) == .erased)
    }
}

@Suite("A clock that was set back")
struct ClockSetBackTests {
    private func look(at id: String, by actor: String) -> Entry {
        Entry(event: "read", actor: AuditActor(.user, id: actor), record: RecordReference(type: "user", id: id), purpose: "support")
    }

    @Test("ends no fence and no wait before its time")
    func fence() async throws {
        let clock = TestClock()
        let vestige = try await InMemoryVestige(policy: examplePolicy(), clock: clock.now)
        _ = try await vestige.recorder.record(look(at: "7", by: "8"))
        _ = try await vestige.recorder.record(look(at: "42", by: "7"))
        // A machine that starts without a battery.
        clock.advance(days: -1_000)
        let erasure = try await vestige.rights.erase(order("7"))
        clock.advance(days: 1_000)
        #expect(erasure.fenceUntil >= clock.today + 90)
        #expect(try #require(erasure.deferredUntil) >= clock.today + 365)
        _ = try await vestige.vault.expireFences()
        #expect(try await vestige.rights.destroyDueKeys() == Duties())
        #expect(try await vestige.vault.standing(of: person("7"), as: .subject) == .erased)
        guard case .active = try await vestige.vault.standing(of: person("7"), as: .acting) else {
            return #expect(Bool(false), "the acting key did not wait")
        }
    }
}
