import Synchronization
import Testing
import VestigeCrypto
import VestigeTesting

@testable import VestigeTrail

@Suite("Verification by several threads")
struct ParallelVerificationTests {
    /// Longer than several parts, and not a multiple of anything.
    private static let count = 4700

    private func damaged() async throws -> (store: InMemoryTrailStore, key: VerifierKey) {
        let fixture = try TrailFixture()
        for part in [2048, 1, 1300, count(2048 + 1 + 1300)] { try await fixture.append(part) }
        fixture.store.mutate { contents in
            for seq in [UInt64(0), 255, 256, 2047, 2048, 2049, 3000, 4095, 4096, 4699] { contents.bodies[seq] = nil }
            contents.leaves[2304]?[0] = 2
            contents.leaves[4096]?[18] = 0
            contents.index[4097]?.channel = "auth"
            contents.tiles[TileName(level: 0, index: 9)] = nil
            contents.terms = contents.terms.filter { $0.seq != 2050 }
            contents.bodies[9000] = contents.bodies[1]
        }
        return (fixture.store, fixture.signer.verifierKey)
    }

    private func count(_ rest: Int) -> Int { Self.count - rest }

    @Test("Findings are the same, in the same order, for any number of threads")
    func same() async throws {
        let (store, key) = try await damaged()
        let alone = try TrailVerifier(store: store, key: key).verify()
        #expect(alone.findings.count >= 16)
        for threads in [2, 3, 8] {
            let report = try TrailVerifier(store: store, key: key, plan: VerificationPlan(threads: threads)).verify()
            #expect(report == alone)
        }
    }

    @Test("An entry older than the one below it is found across parts too")
    func olderAcrossParts() async throws {
        let fixture = try TrailFixture()
        try await fixture.append(2100)
        fixture.store.mutate { contents in
            contents.leaves[2048]?[18] = 0
            contents.leaves[2047]?[0] = 2
        }
        for threads in [1, 4] {
            let report = try await fixture.trail.verify(VerificationPlan(threads: threads))
            #expect(report.findings.contains(TrailFinding(.leaf, seq: 2048, TrailVerifier.olderThanBelow)))
        }
    }

    @Test("What is redacted in one part and decided in another is held together", arguments: [1, 4])
    func redactions(threads: Int) async throws {
        let fixture = try TrailFixture()
        try await fixture.append(2_100)
        let decision = try RedactionTamperingTests.decision([3, 2_050, 2_060])
        try await fixture.append(2_000)
        #expect(try await fixture.trail.append(decision).seq == 4_100)
        #expect(try fixture.store.redact([3, 2_050], by: decision.header.id))
        fixture.store.mutate { contents in
            contents.redactions[7] = decision.header.id.bytes
            contents.bodies[7] = nil
            contents.index[7] = nil
        }
        let report = try await fixture.trail.verify(VerificationPlan(threads: threads))
        #expect(report.redacted == 2)
        #expect(report.findings.filter { $0.kind != .index }.map { "\($0.kind) \($0.seq ?? 0)" } == ["missing 7", "redaction 2060"])
        let part = try await fixture.trail.checkpoint()
        try await fixture.append(5)
        let since = try await fixture.trail.verify(VerificationPlan(threads: threads, since: part.note))
        #expect(since.verdict == .intact && since.redacted == 0 && since.since == 4_101)
    }

    @Test("Checkpoints of every size are met, whether they end a tile or stand within one", arguments: [1, 3])
    func checkpoints(threads: Int) async throws {
        let fixture = try TrailFixture()
        var notes: [String] = []
        for count in [1, 254, 1, 1, 255, 1000, 536, 2] {
            try await fixture.append(count)
            notes.append(try await fixture.trail.checkpoint().note)
        }
        let report = try await fixture.trail.verify(VerificationPlan(others: notes, threads: threads))
        #expect(report.verdict == .intact)
        #expect(report.consistent == [1, 255, 256, 257, 512, 1512, 2048, 2050])
        let forks = try [255, 256, 300, 2050].map { try fork(of: fixture, size: $0) }
        let forked = try await fixture.trail.verify(VerificationPlan(others: forks + notes, threads: threads))
        #expect(forked.findings.map(\.kind) == [.checkpoint, .checkpoint, .checkpoint, .checkpoint])
        #expect(forked.findings[0].message.contains("a checkpoint of size 255 that was kept elsewhere is of another history"))
        #expect(forked.consistent == report.consistent)
    }

    private func fork(of fixture: TrailFixture, size: UInt64) throws -> String {
        fixture.signer.sign(TreeHead(size: size, root: TreeHash.leaf([UInt8(size % 256)]))).note
    }

    @Test("The trail that ends early is looked at up to there, by every number of threads", arguments: [1, 2, 5])
    func gap(threads: Int) async throws {
        let fixture = try TrailFixture()
        try await fixture.append(5000)
        fixture.store.mutate { $0.leaves[2500] = nil }
        let report = try await fixture.trail.verify(VerificationPlan(threads: threads))
        #expect(report.head.size == 2500)
        #expect(report.findings.contains { $0.kind == .size && $0.seq == 2500 })
    }

    @Test("A thousand findings are cut off at the same place", arguments: [1, 4])
    func cutOff(threads: Int) async throws {
        let fixture = try TrailFixture()
        try await fixture.append(2600)
        fixture.store.mutate { contents in
            contents.bodies = contents.bodies.filter { $0.key < 1100 || $0.key % 2 == 0 && $0.key < 1200 }
            contents.index = contents.index.filter { contents.bodies[$0.key] != nil }
        }
        let report = try await fixture.trail.verify(VerificationPlan(threads: threads))
        #expect(report.findings.count == TrailVerifier.findingCountMax + 1)
        #expect(report.findings[999] == TrailFinding(.missing, seq: 2149, "the body is gone and no plan or redaction says why"))
    }

    @Test("It says how far it is")
    func progress() async throws {
        let fixture = try TrailFixture()
        try await fixture.append(4100)
        let told = Mutex<[VerificationProgress]>([])
        let plan = VerificationPlan(threads: 3, progress: { progress in told.withLock { $0.append(progress) } })
        #expect(try await fixture.trail.verify(plan).verdict == .intact)
        #expect(
            told.withLock { $0 } == [
                .entries(done: 2048, of: 4100), .entries(done: 4096, of: 4100), .entries(done: 4100, of: 4100), .index,
            ])
    }

    @Test("The stretches of the index hold each row once")
    func stretches() async throws {
        let fixture = try TrailFixture()
        try await fixture.append(700)
        let stranger = TermPlace(term: Term(.concerned, Bytes16([0x40] + [UInt8](repeating: 0, count: 15)) ?? .zero), seq: 0)
        let edges = [stranger, TermPlace(term: stranger.term, seq: 1), TermPlace(term: Term(.lookedAt, .zero), seq: 0)]
        fixture.store.mutate { contents in for place in edges { contents.terms.insert(place) } }
        let key = Bytes16.random()
        let whole = try TermRange.whole.sum(in: fixture.store, below: 600, key: key, page: 100)
        var parts = TermSum(key: key)
        for range in TermRange.split { parts.add(try range.sum(in: fixture.store, below: 600, key: key, page: 100)) }
        #expect(parts == whole)
        #expect(try TermRange.whole.sum(in: fixture.store, below: 700, key: key, page: 100) != whole)
    }
}
