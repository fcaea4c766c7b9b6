import Testing
import VestigeCrypto
import VestigeTesting

@testable import VestigeTrail

@Suite("A trail whose signing key was changed")
struct KeyHistoryTests {
    private static func entry(from old: VerifierKey, to new: VerifierKey) throws -> SealedEntry {
        let header = Header(
            id: EntryID.make(at: TrailFixture.start), occurredAt: TrailFixture.start, channel: "compliance", event: "rotated",
            action: KeyHistory.action, actor: ActorReference(type: "user", identity: .none))
        return try SealedEntry(header: header, payload: Payload(items: [.init(kind: .clear, bytes: KeyHistory.text(old: old, new: new))]))
    }

    /// 5 entries, the change at 5, 4 more.
    private func changed() async throws -> (fixture: TrailFixture, next: CheckpointSigner, before: String, handover: Checkpoint) {
        let fixture = try TrailFixture()
        try await fixture.append(5)
        let before = try await fixture.trail.checkpoint().note
        let next = try CheckpointSigner(origin: TrailFixture.origin, key: .generate())
        let old = fixture.signer.verifierKey
        let (appended, handover) = try await fixture.trail.rotate(
            Self.entry(from: old, to: next.verifierKey), from: old, to: next)
        #expect(appended.seq == 5 && appended.isNew)
        try await fixture.append(4)
        return (fixture, next, before, handover)
    }

    @Test("It signs with the new key from the entry on, keeps one checkpoint by both, and verifies from the beginning")
    func whole() async throws {
        let (fixture, next, before, handover) = try await changed()
        let old = fixture.signer.verifierKey
        #expect(fixture.trail.verifierKey == next.verifierKey)
        #expect(handover.size == 6)
        for key in [old, next.verifierKey] { #expect(try Checkpoint(verifying: handover.note, by: key).head == handover.head) }
        #expect(try fixture.store.keptCheckpoints().contains(KeptCheckpoint(size: 6, note: handover.note)))
        let newest = try await fixture.trail.checkpoint()
        #expect(newest.size == 10 && isRefused(newest.note, old))
        let report = try await fixture.trail.verify(against: [before, handover.note, newest.note])
        #expect(report.verdict == .intact && report.consistent == [5, 6, 10])
        let history = try await fixture.trail.keyHistory()
        #expect(history.key(of: 5) == old && history.key(of: 6) == next.verifierKey && history.newest == next.verifierKey)
        #expect(try history.verified(before).size == 5)
        #expect(try await fixture.trail.verify(VerificationPlan(since: before)).since == 5)
    }

    private func isRefused(_ note: String, _ key: VerifierKey) -> Bool {
        (try? Checkpoint(verifying: note, by: key)) == nil
    }

    @Test("It opens with the new key only, and goes on")
    func opens() async throws {
        let (fixture, next, _, _) = try await changed()
        let clock: Clock = { TrailFixture.start }
        #expect(throws: TrailError.badSignature(name: TrailFixture.origin)) {
            try Trail.open(store: fixture.store, signer: fixture.signer, clock: clock)
        }
        let again = try TrailFixture(contents: fixture.store.snapshot, signer: next)
        try await again.append(300)
        #expect(try await again.expectIntact())
    }

    @Test("A process that runs on takes the new key from the keyring when it next reads or writes; without one it refuses")
    func renewed() async throws {
        let fixture = try TrailFixture()
        try await fixture.append(3)
        let (old, next) = (fixture.signer.verifierKey, try CheckpointSigner(origin: TrailFixture.origin, key: .generate()))
        let clock: Clock = { TrailFixture.start }
        let renewal: SignerRenewal = { note in (try? Checkpoint(verifying: note, by: next.verifierKey)) == nil ? nil : next }
        let writing = try Trail.open(store: fixture.store, signer: fixture.signer, clock: clock, renewal: renewal)
        let reading = try Trail.open(store: fixture.store, signer: fixture.signer, clock: clock, renewal: renewal)
        let stranded = try Trail.open(store: fixture.store, signer: fixture.signer, clock: clock)
        _ = try await writing.append(TrailFixture.entry(3))
        _ = try await fixture.trail.rotate(Self.entry(from: old, to: next.verifierKey), from: old, to: next)
        #expect(try await writing.append(TrailFixture.entry(4)).seq == 5)
        #expect(writing.verifierKey == next.verifierKey)
        #expect(try await reading.proof(of: 5).checkpoint.size == 6 && reading.verifierKey == next.verifierKey)
        await #expect(throws: TrailError.badSignature(name: TrailFixture.origin)) { _ = try await stranded.append(TrailFixture.entry(5)) }
        #expect(try await fixture.trail.append(TrailFixture.entry(6)).seq == 6)
        #expect(try await fixture.expectIntact())
    }

    @Test("Two that change it at once: one does, the other is told")
    func twice() async throws {
        let (fixture, next, _, _) = try await changed()
        let old = fixture.signer.verifierKey
        let third = try CheckpointSigner(origin: TrailFixture.origin, key: .generate())
        await #expect(throws: TrailError.keyChanged) {
            _ = try await fixture.trail.rotate(Self.entry(from: old, to: third.verifierKey), from: old, to: third)
        }
        await #expect(throws: TrailError.keyChanged) {
            _ = try await fixture.trail.rotate(
                Self.entry(from: next.verifierKey, to: next.verifierKey), from: next.verifierKey, to: next)
        }
        _ = try await fixture.trail.rotate(
            Self.entry(from: next.verifierKey, to: third.verifierKey), from: next.verifierKey, to: third)
        try await fixture.append(1)
        let history = try await fixture.trail.keyHistory()
        #expect([5, 6, 10, 11].map(history.key(of:)) == [old, next.verifierKey, next.verifierKey, third.verifierKey])
        #expect(try await fixture.expectIntact())
    }

    @Test("A commit that fails leaves the old key in force")
    func failed() async throws {
        let fixture = try TrailFixture()
        try await fixture.append(3)
        let (old, next) = (fixture.signer.verifierKey, try CheckpointSigner(origin: TrailFixture.origin, key: .generate()))
        fixture.store.failNextCommits(1)
        await #expect(throws: TrailError.self) {
            _ = try await fixture.trail.rotate(Self.entry(from: old, to: next.verifierKey), from: old, to: next)
        }
        #expect(fixture.trail.verifierKey == old)
        try await fixture.append(2)
        #expect(try await fixture.expectIntact())
    }

    @Test("What was done to the entry, to the checkpoint of both, or with the old key afterwards, is found")
    func attacks() async throws {
        let (fixture, next, _, handover) = try await changed()
        func findings(_ change: @Sendable (inout TrailContents) throws -> Void) throws -> [TrailFinding] {
            var contents = fixture.store.snapshot
            try change(&contents)
            let store = InMemoryTrailStore(identity: fixture.store.identity, contents: contents)
            return try TrailVerifier(store: store, key: next.verifierKey).verify().findings
        }
        // Without the entry nobody knows the old key.
        #expect(try findings { $0.index[5] = nil }.contains { $0.kind == .checkpoint })
        #expect(try findings { $0.bodies[5] = nil }.contains { $0.kind == .missing && $0.seq == 5 })
        // The old key's holder alone cannot put another one in force.
        let unconfirmed = try findings { $0.keptCheckpoints[6] = nil }
        #expect(unconfirmed.map(\.seq) == [5] && unconfirmed.first?.message.contains("signed by both keys") == true)
        let half = handover.note.split(separator: "\n", omittingEmptySubsequences: false).dropLast(2).joined(separator: "\n") + "\n"
        #expect(try findings { $0.keptCheckpoints[6] = half }.contains { $0.seq == 5 })
        let signer = fixture.signer
        let forged = signer.sign(try await fixture.trail.checkpoint().head).note
        #expect(
            try findings { $0.head = $0.head.map { StoredHead(size: $0.size, recordedAt: $0.recordedAt, checkpoint: forged) } }.count == 1)
        #expect(try findings { $0.keptCheckpoints[8] = signer.sign(TreeHead(size: 8, root: TreeHash.empty)).note }.count == 1)
    }

    @Test(
        "An entry by that name that says nothing of keys, or does not lead on, ends the history",
        arguments: ["", "old x\nnew y\n", "new\n"])
    func nonsense(text: String) async throws {
        let fixture = try TrailFixture()
        let header = Header(
            id: EntryID.make(at: TrailFixture.start), occurredAt: TrailFixture.start, channel: "compliance", event: "rotated",
            action: KeyHistory.action, actor: ActorReference(type: "user", identity: .none))
        _ = try await fixture.trail.append(
            SealedEntry(header: header, payload: Payload(items: [.init(kind: .clear, bytes: Array(text.utf8))])))
        #expect(try await fixture.trail.keyHistory() == KeyHistory(newest: fixture.signer.verifierKey))
        #expect(try await fixture.expectIntact())
    }
}
