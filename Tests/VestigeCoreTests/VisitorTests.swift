import Synchronization
import Testing
import VestigeCore
import VestigeCrypto
import VestigeInquiry
import VestigeTesting
import VestigeTrail
import VestigeVault

@Suite("Visitors over the end of a month")
struct VisitorTests {
    /// The last microsecond of a month, and the moment after it.
    private let last = Timestamp("2026-05-31T23:59:59.999999Z")
    private let next = Timestamp("2026-06-01T00:00:00.000000Z")

    private final class Clock: Sendable {
        let time: Atomic<Int64>
        init(_ start: Timestamp) { time = Atomic(start.microseconds) }
        func move(to moment: Timestamp) { time.store(moment.microseconds, ordering: .relaxed) }
        var now: @Sendable () -> Timestamp { { Timestamp(microseconds: self.time.load(ordering: .relaxed)) } }
    }

    private func tried(_ id: String, _ entry: EntryID? = nil, at time: Timestamp? = nil) -> Entry {
        var look = look(at: id, by: AuditActor(.anonymous, ip: "198.51.100.9"))
        look.status = .failure
        look.id = entry
        look.occurredAt = time
        return look
    }

    private func visitor(_ vestige: InMemoryVestige, _ id: EntryID) async throws -> Bytes16? {
        try await vestige.recorded().first { $0.id == id }?.actor.pseudonym
    }

    @Test("Each entry is under the key of the month in which it happened, and all of them open")
    func months() async throws {
        let (last, next) = (try #require(last), try #require(next))
        let clock = Clock(last)
        let vestige = try await InMemoryVestige(policy: examplePolicy(), clock: clock.now)
        let may = try await vestige.recorder.record(tried("42"))
        clock.move(to: next)
        let june = try await vestige.recorder.record(tried("42"))
        // One that comes late belongs to the month in which it happened.
        let late = try await vestige.recorder.record(tried("42", at: last))
        #expect(try await visitor(vestige, may.id) == vestige.vault.visitor(month: "2026-05"))
        #expect(try await visitor(vestige, june.id) == vestige.vault.visitor(month: "2026-06"))
        #expect(try await visitor(vestige, late.id) == visitor(vestige, may.id))
        #expect(try await vestige.opened().map(\.actor?.ip) == ["198.51.100.9", "198.51.100.9", "198.51.100.9"])
    }

    @Test("The same entry sent again after the month's end is the same entry")
    func repeated() async throws {
        let (last, next) = (try #require(last), try #require(next))
        let clock = Clock(last)
        let vestige = try await InMemoryVestige(policy: examplePolicy(), clock: clock.now)
        let id = EntryID.make(at: last)
        let first = try await vestige.recorder.record(tried("42", id))
        clock.move(to: next)
        #expect(try await vestige.recorder.record(tried("42", id)) == first)
        await #expect(throws: RecordingError.self) { try await vestige.recorder.record(tried("43", id)) }
        #expect(try await vestige.recorded().count == 1)
    }

    @Test("An act that begins in one month and ends in the next is one entry, of the month in which it began")
    func act() async throws {
        let (last, next) = (try #require(last), try #require(next))
        let clock = Clock(last)
        let vestige = try await InMemoryVestige(policy: examplePolicy(), clock: clock.now)
        var change = tried("42")
        change.event = "updated"
        change.status = nil
        try await vestige.recorder.act(change) { _ in clock.move(to: next) }
        let entry = try #require(try await vestige.opened().first)
        #expect(try await vestige.opened().count == 1)
        #expect(entry.header?.occurredAt == last && entry.actor?.ip == "198.51.100.9")
        #expect(try await entry.header?.actor.pseudonym == vestige.vault.visitor(month: "2026-05"))
    }

    @Test("No erasure of a person, whatever they are called, reaches the visitors of a month")
    func named() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        let month = noon.month
        let visitors = try await vestige.vault.visitor(month: month)
        let namesake = try SubjectID(type: "visitor", id: month)
        _ = try await vestige.vault.admit(namesake, as: .subject)
        let ticket = try #require(
            try await vestige.vault.beginErasure(
                of: namesake, roles: [.subject, .acting], started: .random(), completed: .random(), erasure: .random()))
        try await vestige.vault.destroyKeys(ticket, fenceUntil: 30_000)
        try await vestige.vault.finishErasure(ticket)
        #expect(try await vestige.vault.visitor(month: month) == visitors)
    }
}
