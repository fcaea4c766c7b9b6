import Synchronization
import Testing
import VestigeCore
import VestigeCrypto
import VestigeInquiry
import VestigePolicy
import VestigeRights
import VestigeTesting
import VestigeTrail
import VestigeVault

/// A clock that a test moves.
final class TestClock: Sendable {
    private let time = Atomic<Int64>(1_780_000_000_000_000)
    var now: Clock { { Timestamp(microseconds: self.time.load(ordering: .relaxed)) } }
    var today: Int { Int(now().day) }

    func advance(days: Int) { time.wrappingAdd(Int64(days) * 86_400_000_000, ordering: .relaxed) }
}

@Suite("What is due without anybody asking")
struct DutiesTests {
    private func look(at id: String, by actor: String) -> Entry {
        Entry(
            event: "read", actor: AuditActor(.user, id: actor, name: "Name of \(actor)"), record: RecordReference(type: "user", id: id),
            purpose: "support", page: "/people/\(id)")
    }

    /// `user/7` and `user/8`, of staff, erased in both roles; the acting keys wait. Returns their day.
    private func waiting(_ clock: TestClock) async throws -> (vestige: InMemoryVestige, day: Int) {
        let vestige = try await InMemoryVestige(policy: examplePolicy(), clock: clock.now)
        for (actor, id) in [("7", "8"), ("8", "7"), ("7", "42")] { _ = try await vestige.recorder.record(look(at: id, by: actor)) }
        let day = try #require(try await vestige.rights.erase(order("7")).deferredUntil)
        #expect(try await vestige.rights.erase(order("8")).deferredUntil == day)
        return (vestige, day)
    }

    private func acting(_ id: String, in vestige: InMemoryVestige) async throws -> Standing {
        try await vestige.vault.standing(of: person(id), as: .acting)
    }

    @Test("An acting key is destroyed on its due day and not before, each by an erasure of its own, in the name of the system")
    func due() async throws {
        let clock = TestClock()
        let (vestige, day) = try await waiting(clock)
        let before = try await vestige.recorded().count
        #expect(try await vestige.rights.destroyDueKeys(on: day - 1) == Duties())
        guard case .active = try await acting("7", in: vestige) else { return #expect(Bool(false)) }
        clock.advance(days: day - clock.today)
        #expect(try await vestige.rights.destroyDueKeys().dueKeys == 2)
        let entries = try await vestige.opened().dropFirst(before)
        // All are destroyed before the other processes are told, once for all of them.
        #expect(entries.compactMap(\.header?.action) == ["erasure.started", "erasure.started", "erasure.completed", "erasure.completed"])
        #expect(entries.allSatisfy { $0.header?.subjects.count == 1 && $0.header?.details["role"] == .code("acting") })
        #expect(entries.allSatisfy { $0.actor?.type == "system" && $0.caseReference == nil && $0.header?.purpose == nil })
        #expect(Set(entries.compactMap { $0.header?.details["erasure"].map { "\($0)" } }).count == 2)
        #expect(try await vestige.rights.destroyDueKeys() == Duties())
        for id in ["7", "8"] { #expect(try await acting(id, in: vestige) == .erased) }
        // What they did stays, under a pseudonym.
        let answer = try await vestige.inquiry.whoViewed(ViewsQuestion(.record(type: "user", id: "42")), asker: asker)
        #expect(answer.views.first?.entry.actor?.isErased == true)
        #expect(try await vestige.trail.verify().verdict == .intact)
    }

    @Test("A crash after any step leaves one erasure with one pair of entries", arguments: 0..<4)
    func crashed(after step: Int) async throws {
        let clock = TestClock()
        let (vestige, day) = try await waiting(clock)
        clock.advance(days: day - clock.today)
        let before = try await vestige.recorded().count
        let due = try #require(try await vestige.vault.dueErasures(on: day).first)
        let ids = (0..<3).map { EntryID.make(at: clock.now().adding(days: $0)).bytes }
        let ticket = try #require(
            try await vestige.vault.beginErasure(
                of: [due.pseudonym], role: due.role, started: ids[0], completed: ids[1], erasure: ids[2], respectingHolds: true))
        func entry(_ action: String, _ id: Bytes16) -> BuiltInEntry {
            var entry = BuiltInEntry(action: action, event: "erased", actor: .system("vestige"))
            entry.id = EntryID(id)
            entry.subjects = ticket.pseudonyms
            entry.details = ["erasure": .code(UUIDText.write(ticket.erasure)), "role": .code("acting")]
            return entry
        }
        if step > 0 { _ = try await vestige.recorder.record(entry("erasure.started", ticket.started)) }
        if step > 1 { try await vestige.vault.destroyKeys(ticket, fenceUntil: clock.today + 90) }
        if step > 2 { _ = try await vestige.recorder.record(entry("erasure.completed", ticket.completed)) }
        // The next start.
        #expect(try await vestige.rights.resume().finished == 1)
        #expect(try await vestige.rights.replay() == Duties())
        #expect(try await vestige.rights.destroyDueKeys().dueKeys == 1)
        let headers = try await vestige.recorded().dropFirst(before)
        #expect(headers.map(\.action) == ["erasure.started", "erasure.completed", "erasure.started", "erasure.completed"])
        #expect(try await vestige.vault.pendingErasures().isEmpty)
        for id in ["7", "8"] { #expect(try await acting(id, in: vestige) == .erased) }
    }

    @Test("Several runs at once destroy each key once")
    func atOnce() async throws {
        let clock = TestClock()
        let (vestige, day) = try await waiting(clock)
        let before = try await vestige.recorded().count
        let rights = vestige.rights
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 { group.addTask { _ = try await rights.destroyDueKeys(on: day) } }
            try await group.waitForAll()
        }
        #expect(try await vestige.recorded().dropFirst(before).map(\.action).sorted().count == 4)
        #expect(try await vestige.vault.pendingErasures().isEmpty)
    }

    @Test("A hold keeps a key beyond its day; the others go")
    func held() async throws {
        let clock = TestClock()
        let (vestige, day) = try await waiting(clock)
        // Only the acting key is left of them.
        _ = try await vestige.rights.hold(holdOrder("7"))
        let duties = try await vestige.rights.destroyDueKeys(on: day)
        #expect(duties.dueKeys == 1 && duties.heldKeys == 1)
        guard case .active = try await acting("7", in: vestige) else { return #expect(Bool(false), "the hold did not keep the key") }
        _ = try await vestige.rights.release(releaseOrder("7"))
        #expect(try await vestige.rights.destroyDueKeys(on: day).dueKeys == 1)
    }

    @Test("A second request does not put the due day off")
    func notPutOff() async throws {
        let clock = TestClock()
        let (vestige, day) = try await waiting(clock)
        clock.advance(days: 100)
        await #expect(throws: RightsError.actingKeyOnly(dueDay: day)) { try await vestige.rights.erase(order("7")) }
        // Asked for by its role, it goes at once.
        #expect(try await vestige.rights.erase(order("7", .acting)).roles == [.acting])
        #expect(try await vestige.vault.dueErasures(on: day).count == 1)
    }
}
