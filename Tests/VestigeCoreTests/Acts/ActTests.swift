import Synchronization
import TestSupport
import Testing
import VestigeCore
import VestigeCrypto
import VestigeInquiry
import VestigeTesting
import VestigeTrail
import VestigeVault

/// A value that a test takes out of the work of an act.
final class Box<Value: Sendable>: Sendable {
    private let content: Mutex<Value>

    init(_ value: Value) { content = Mutex(value) }

    var value: Value {
        get { content.withLock { $0 } }
        set { content.withLock { $0 = newValue } }
    }

    func update(_ change: @Sendable (inout Value) -> Void) { content.withLock { change(&$0) } }
}

/// A change of person `id`, everything but the changes given.
func change(of id: String, by actor: AuditActor = ana) -> Entry {
    Entry(event: "updated", actor: actor, record: RecordReference(type: "user", id: id))
}

private struct Collapse: Error {}

@Suite("Acts: neither the act nor its entry without the other")
struct ActTests {
    @Test("The intent is durable before the act; the outcome replaces it under the same id")
    func order() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        let during = Box<(waiting: SpoolWaiting, id: EntryID?)>((SpoolWaiting(), nil))
        let result = try await vestige.recorder.act(change(of: "42")) { act in
            during.value = (vestige.spool.waiting, act.entry.id)
            act.entry.changes = ["name": FieldChange(before: "Ben", after: "Benno")]
            return 7
        }
        #expect(result == 7)
        #expect(during.value.waiting == SpoolWaiting(intents: 1))
        #expect(vestige.spool.waiting == SpoolWaiting())
        let entry = try #require(try await vestige.opened().first)
        #expect(entry.id == during.value.id)
        #expect(entry.header?.status == .success)
        #expect(entry.header?.details.isEmpty == true)
        #expect(entry.subjects.first?.changes == ["name": FieldChange(before: "Ben", after: "Benno")])
    }

    @Test("An intent makes nobody known; the act does once it happened")
    func intent() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        let before = Box<Pseudonym?>(nil)
        try await vestige.recorder.act(change(of: "42")) { act in
            before.value = try await vestige.pseudonym(of: "42")
            act.entry.changes = ["name": FieldChange(before: nil, after: "Ben")]
        }
        #expect(before.value == nil)
        #expect(try await vestige.pseudonym(of: "42") != nil)
    }

    @Test("Where the intent cannot be written the act is not done")
    func refusedIntent() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        vestige.spool.refusesIntents = true
        let done = Box(false)
        await #expect(throws: RecordingError.self) { try await vestige.recorder.act(change(of: "42")) { _ in done.value = true } }
        #expect(!done.value)
        #expect(try await vestige.recorded().isEmpty)
    }

    @Test("Without a spool, and where the policy refuses the entry, the act is not done")
    func refusedBefore() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        let done = Box(false)
        let bare = Recorder(policy: vestige.policy, vault: vestige.vault, trail: vestige.trail, clock: { noon })
        await #expect(throws: RecordingError.self) { try await bare.act(change(of: "42")) { _ in done.value = true } }
        var undeclared = change(of: "42")
        undeclared.purpose = "curiosity"
        let entry = undeclared
        let error = await #expect(throws: RecordingError.self) { try await vestige.recorder.act(entry) { _ in done.value = true } }
        #expect(error?.member == "purpose")
        #expect(!done.value)
        #expect(vestige.spool.waiting == SpoolWaiting())
    }

    @Test("While the trail is down acts go on: outcomes wait, and drain in order, with their own times, once each")
    func trailDown() async throws {
        let clock = TickingClock().reading
        let vestige = try await InMemoryVestige(policy: examplePolicy(), clock: { Timestamp(microseconds: clock()) })
        vestige.trailStore.failNextCommits(1_000_000)
        let begun = Box<[Timestamp]>([])
        for number in 0..<20 {
            try await vestige.recorder.act(change(of: "p\(number)")) { act in
                if let time = act.entry.occurredAt { begun.value.append(time) }
                act.entry.changes = ["name": FieldChange(before: nil, after: .text("Name \(number)"))]
            }
        }
        #expect(vestige.spool.waiting == SpoolWaiting(kept: 20))
        #expect(try await vestige.recorded().isEmpty)
        vestige.trailStore.failNextCommits(0)
        #expect(try await eventually { vestige.spool.waiting.kept == 0 })
        let entries = try await vestige.opened()
        #expect(entries.map { $0.subjects.first?.recordID } == (0..<20).map { "p\($0)" })
        #expect(entries.map { $0.header?.occurredAt } == begun.value)
        #expect(try await vestige.recorded().count == 20)
        #expect(try await vestige.trail.verify().verdict == .intact)
    }

    @Test("What happens after does not overtake what waits")
    func notOvertaken() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        vestige.trailStore.failNextCommits(2)
        for id in ["1", "2", "3"] {
            try await vestige.recorder.act(change(of: id)) { $0.entry.changes = ["name": FieldChange(before: nil, after: "x")] }
        }
        #expect(try await eventually { try await vestige.recorded().count == 3 })
        #expect(try await vestige.opened().map { $0.subjects.first?.recordID } == ["1", "2", "3"])
    }

    @Test("A crash between act and entry leaves the intent, which becomes `warning`, `outcome: unknown`, once")
    func crash() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        _ = try await vestige.vault.admit(person("42"), as: .subject)
        vestige.trailStore.failNextCommits(1)
        vestige.spool.refusesKeeps = true
        try await vestige.recorder.act(change(of: "42")) { $0.entry.changes = ["name": FieldChange(before: "a", after: "b")] }
        #expect(vestige.spool.waiting == SpoolWaiting(intents: 1))
        for _ in 0..<2 { try await vestige.recorder.append(vestige.spool.leftover) }
        let headers = try await vestige.recorded()
        #expect(headers.map(\.status) == [.warning])
        #expect(headers[0].details["outcome"] == .code("unknown"))
        let pseudonym = try #require(try await vestige.pseudonym(of: "42"))
        #expect(headers[0].subjects == [pseudonym])
        #expect(try await vestige.opened().first?.subjects.first?.changes.isEmpty == true)
    }

    @Test("A crash after the entry stands, before the intent is settled, tells the act once")
    func crashAfterwards() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        let left = Box<[SealedBatch]>([])
        try await vestige.recorder.act(change(of: "42")) { act in
            left.value = vestige.spool.leftover
            act.entry.id = EntryID.make(at: noon)
            act.entry.occurredAt = noon.adding(microseconds: -9)
            act.entry.changes = ["name": FieldChange(before: "a", after: "b")]
        }
        #expect(left.value.count == 1)
        try await vestige.recorder.append(left.value)
        let headers = try await vestige.recorded()
        #expect(headers.map(\.status) == [.success])
        #expect(headers[0].occurredAt == noon)
    }

    @Test("Work that throws is a failure without before and after, and throws on")
    func throwing() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        await #expect(throws: Collapse.self) {
            try await vestige.recorder.act(change(of: "42")) { act in
                act.entry.changes = ["name": FieldChange(before: "a", after: "b")]
                throw Collapse()
            }
        }
        let entry = try #require(try await vestige.opened().first)
        #expect(entry.header?.status == .failure)
        #expect(entry.header?.subjects.isEmpty == true)
        #expect(entry.header?.fields.isEmpty == true)
        #expect(try await vestige.pseudonym(of: "42") == nil)
        #expect(vestige.spool.waiting == SpoolWaiting())
    }

    @Test("Work that cannot know whether it happened is recorded as unknown")
    func unknown() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        await #expect(throws: OutcomeUnknown.self) {
            try await vestige.recorder.act(change(of: "42")) { _ in throw OutcomeUnknown() }
        }
        let header = try #require(try await vestige.recorded().first)
        #expect(header.status == .warning)
        #expect(header.details["outcome"] == .code("unknown"))
        #expect(vestige.spool.waiting == SpoolWaiting())
    }

    @Test("Work that says more than the policy allows is done, recorded as unknown, and refused to the host")
    func refusedDetail() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        let error = await #expect(throws: RecordingError.self) {
            try await vestige.recorder.act(change(of: "42")) { $0.entry.details = ["mood": .integer(1)] }
        }
        #expect(error?.member == "details")
        #expect(try await vestige.recorded().map(\.status) == [.warning])
        #expect(vestige.spool.waiting == SpoolWaiting())
    }

    @Test("What the work throws goes on to its caller, even where its entry is refused")
    func throwingAndRefused() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        await #expect(throws: Collapse.self) {
            try await vestige.recorder.act(change(of: "42")) { act in
                act.entry.purpose = "curiosity"
                throw Collapse()
            }
        }
        #expect(try await vestige.recorded().map(\.status) == [.warning])
    }

    @Test("However much one person's record holds, its change is told: long values shrink to length and hash until the entry fits")
    func much() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        let long = FieldChange(before: .text(String(repeating: "a", count: 3000)), after: .text(String(repeating: "b", count: 3000)))
        try await vestige.recorder.act(change(of: "42")) { act in
            for number in 0..<40 { act.entry.changes["note\(number)"] = long }
            act.entry.changes["shoe_size"] = FieldChange(before: "41", after: "42")
            act.entry.changes["role"] = long
        }
        let entry = try #require(try await vestige.opened().first)
        #expect(entry.header?.status == .success)
        let changes = try #require(entry.subjects.first).changes
        #expect(changes.count == 41)
        #expect(changes["shoe_size"] == FieldChange(before: "41", after: "42"))
        guard case .large(3000, _)? = changes["note7"]?.after, case .text? = entry.clearChanges["role"]?.before else {
            Issue.record("expected a length and a hash")
            return
        }
    }

    @Test("Work that changed nothing leaves nothing")
    func nothing() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        try await vestige.recorder.act(change(of: "42")) { $0.changedNothing = true }
        #expect(try await vestige.recorded().isEmpty)
        #expect(vestige.spool.waiting == SpoolWaiting())
    }

    @Test("A caller who is cancelled cancels neither the act nor its entry")
    func cancelled() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        let (began, begin) = AsyncStream.makeStream(of: Void.self)
        let (mayEnd, end) = AsyncStream.makeStream(of: Void.self)
        let caller = Task {
            try await vestige.recorder.act(change(of: "42")) { act in
                begin.finish()
                for await _ in mayEnd {}
                act.entry.changes = ["name": FieldChange(before: "a", after: "b")]
                return Task.isCancelled
            }
        }
        for await _ in began {}
        caller.cancel()
        end.finish()
        #expect(try await caller.value == false)
        #expect(try await vestige.recorded().map(\.status) == [.success])
    }

    @Test("An act whose id stands already is not done once more")
    func again() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        var entry = change(of: "42")
        entry.id = EntryID.make(at: noon)
        let given = entry
        let done = Box(0)
        try await vestige.recorder.act(given) { _ in done.value += 1 }
        await #expect(throws: RecordingError.conflict(member: "act")) { try await vestige.recorder.act(given) { _ in done.value += 1 } }
        #expect(done.value == 1)
    }

    @Test("An act whose id is under way, or waits in the spool, is not done once more; nor does another entry take its place")
    func againMeanwhile() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        var entry = change(of: "42")
        entry.id = EntryID.make(at: noon)
        let given = entry
        let done = Box(0)
        let again: @Sendable () async throws -> Void = {
            try await vestige.recorder.act(given) { _ in done.update { $0 += 1 } }
        }
        vestige.trailStore.failNextCommits(.max)
        try await vestige.recorder.act(given) { _ in
            _ = await #expect(throws: RecordingError.conflict(member: "act")) { try await again() }
        }
        #expect(vestige.spool.waiting == SpoolWaiting(kept: 1))
        await #expect(throws: RecordingError.conflict(member: "act")) { try await again() }
        await #expect(throws: RecordingError.conflict(member: "act")) { try await vestige.recorder.recordDurably(given) }
        vestige.trailStore.failNextCommits(0)
        #expect(try await eventually { vestige.spool.waiting == SpoolWaiting() })
        await #expect(throws: RecordingError.conflict(member: "act")) { try await again() }
        #expect(done.value == 0)
        #expect(try await vestige.recorded().count == 1)
    }

    @Test("An act that was refused, or changed nothing, leaves its id free")
    func idFree() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        var entry = change(of: "42")
        entry.id = EntryID.make(at: noon)
        let given = entry
        vestige.spool.refusesIntents = true
        await #expect(throws: RecordingError.self) { try await vestige.recorder.act(given) { _ in } }
        vestige.spool.refusesIntents = false
        try await vestige.recorder.act(given) { $0.changedNothing = true }
        try await vestige.recorder.act(given) { _ in }
        #expect(try await vestige.recorded().count == 1)
    }

    @Test("An outcome that the vault cannot seal at the moment is sealed a moment later, with before and after")
    func vaultBusy() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        try await vestige.recorder.act(change(of: "42")) { act in
            await vestige.vaultStore.failNextInserts(1)
            act.entry.changes = ["name": FieldChange(before: "a", after: "b")]
        }
        #expect(try await eventually { vestige.spool.waiting == SpoolWaiting() })
        let entry = try #require(try await vestige.opened().first)
        #expect(entry.header?.status == .success)
        #expect(entry.subjects.first?.changes == ["name": FieldChange(before: "a", after: "b")])
        #expect(try await vestige.recorded().count == 1)
    }

    @Test("One that it cannot seal for longer is told by its intent, without waiting for the next start")
    func vaultAway() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        try await vestige.recorder.act(change(of: "42")) { _ in await vestige.vaultStore.failNextInserts(.max) }
        #expect(try await eventually { vestige.spool.waiting == SpoolWaiting() })
        let header = try #require(try await vestige.recorded().first)
        #expect(header.status == .warning)
        #expect(header.details["outcome"] == .code("unknown"))
    }

    @Test("Many at once are each recorded once")
    func concurrently() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<200 {
                group.addTask {
                    if number == 50 { vestige.trailStore.failNextCommits(3) }
                    try await vestige.recorder.act(change(of: "p\(number)")) {
                        $0.entry.changes = ["name": FieldChange(before: nil, after: "x")]
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await eventually { vestige.spool.waiting == SpoolWaiting() })
        let ids = try await vestige.opened().compactMap { $0.subjects.first?.recordID }
        #expect(ids.count == 200)
        #expect(Set(ids).count == 200)
        #expect(try await vestige.trail.verify().verdict == .intact)
    }
}
