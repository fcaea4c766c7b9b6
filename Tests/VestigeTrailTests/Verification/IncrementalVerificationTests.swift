import Testing
import VestigeCrypto
import VestigeTesting

@testable import VestigeTrail

@Suite("Verification since a checkpoint")
struct IncrementalVerificationTests {
    /// A trail with a checkpoint at each of `sizes`.
    private func fixture(_ sizes: [Int]) async throws -> (fixture: TrailFixture, notes: [String]) {
        let fixture = try TrailFixture()
        var notes: [String] = []
        var size = 0
        for next in sizes {
            try await fixture.append(next - size)
            notes.append(try await fixture.trail.checkpoint().note)
            size = next
        }
        return (fixture, notes)
    }

    @Test("Only what came since is looked at, and leads to the same root", arguments: [1, 255, 256, 300, 2048, 2500])
    func since(size: Int) async throws {
        let (fixture, notes) = try await fixture([size, 2600])
        let full = try await fixture.trail.verify()
        let report = try await fixture.trail.verify(VerificationPlan(threads: 2, since: notes[0]))
        #expect(report.verdict == .intact && report.head == full.head)
        #expect(report.since == UInt64(size) && full.since == 0)
        // Below nothing is looked at: that is the bargain.
        fixture.store.mutate { $0.bodies[0] = nil }
        #expect(try await fixture.trail.verify(VerificationPlan(since: notes[0])).verdict == .intact)
        #expect(try await fixture.trail.verify().verdict != .intact)
    }

    @Test("What came since is examined as ever")
    func above() async throws {
        let (fixture, notes) = try await fixture([300, 700])
        fixture.store.mutate { contents in
            contents.bodies[300] = nil
            contents.index[699]?.channel = "auth"
            contents.leaves[300]?[18] = 0
        }
        let kinds = try await fixture.trail.verify(VerificationPlan(since: notes[0])).findings.map(\.kind)
        #expect(Set(kinds) == [.missing, .index, .leaf, .checkpoint, .tile])
    }

    @Test("Checkpoints from elsewhere are met below it too, by a proof; a fork is named")
    func others() async throws {
        let (fixture, notes) = try await fixture([10, 300, 500, 700])
        let plan = VerificationPlan(others: notes, since: notes[2])
        let report = try await fixture.trail.verify(plan)
        #expect(report.verdict == .intact && report.consistent == [10, 300, 500, 700])
        let fork = fixture.signer.sign(TreeHead(size: 299, root: TreeHash.empty)).note
        let forked = try await fixture.trail.verify(VerificationPlan(others: [fork], since: notes[2]))
        #expect(forked.findings.map(\.kind) == [.checkpoint])
        #expect(forked.findings.first?.message.contains("of size 299 that was kept elsewhere is of another history") == true)
    }

    @Test("A tree that does not lead to it is looked at from the beginning")
    func fallsBack() async throws {
        let (fixture, notes) = try await fixture([300, 700])
        fixture.store.mutate { contents in
            contents.leaves[299]?[30] ^= 1
        }
        let report = try await fixture.trail.verify(VerificationPlan(since: notes[0]))
        #expect(report.since == 0)
        #expect(report.findings.contains { $0.kind == .header && $0.seq == 299 })
    }

    @Test("A checkpoint beyond the trail says that an older copy was put back; one by another key is no checkpoint")
    func beyond() async throws {
        let (fixture, _) = try await fixture([300])
        let beyond = fixture.signer.sign(TreeHead(size: 301, root: TreeHash.empty)).note
        let report = try await fixture.trail.verify(VerificationPlan(since: beyond))
        #expect(report.since == 0 && report.findings.map(\.kind) == [.size])
        let forger = try CheckpointSigner(origin: TrailFixture.origin, key: .generate())
        let forged = forger.sign(try await fixture.trail.checkpoint().head).note
        let refused = try await fixture.trail.verify(VerificationPlan(since: forged))
        #expect(refused.since == 0 && refused.findings.map(\.kind) == [.checkpoint])
    }

    @Test("Nothing that came since is intact")
    func nothing() async throws {
        let (fixture, notes) = try await fixture([300])
        let report = try await fixture.trail.verify(VerificationPlan(since: notes[0]))
        #expect(report.verdict == .intact && report.since == 300 && report.head.size == 300)
    }
}
