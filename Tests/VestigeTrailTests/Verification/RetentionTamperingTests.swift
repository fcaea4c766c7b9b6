import Testing
import VestigeCrypto
import VestigeTesting

@testable import VestigeTrail

@Suite("What verification finds about bodies that retention took")
struct RetentionTamperingTests {
    /// Thirty entries, forty days, thirty more.
    private static func aged() async throws -> AgingTrail {
        let aging = try AgingTrail()
        try await aging.append(30)
        aging.pass(days: 40)
        try await aging.append(30)
        return aging
    }

    private func findings(_ aging: AgingTrail) async throws -> [String] {
        try await aging.trail.verify().findings.map { "\($0.kind.rawValue) \($0.seq.map { "\($0)" } ?? "-")" }
    }

    @Test("Pruned, redacted and missing are three different things")
    func three() async throws {
        let aging = try await Self.aged()
        let plan = try await aging.plan([3, 4, 5], olderThan: 35)
        try aging.prune([3, 4, 5], plan)
        try await aging.finish()
        let decision = try await aging.trail.appendOwn(Redaction.action, clear: Redaction.encode([7]))
        _ = try aging.store.redact([7], by: decision)
        let report = try await aging.trail.verify()
        #expect(report.verdict == .intact && report.pruned == 3 && report.redacted == 1)
        aging.store.mutate { contents in
            contents.bodies[9] = nil
            contents.index[9] = nil
            contents.terms = contents.terms.filter { $0.seq != 9 }
        }
        #expect(try await findings(aging) == ["missing 9"])
        #expect(try await aging.trail.verify().findings[0].message == "the body is gone and no plan or redaction says why")
    }

    @Test("A plan takes nothing that was recorded less than thirty days before it, or from its cutoff on", arguments: [29, 30, 31])
    func floor(days: Int64) async throws {
        let aging = try AgingTrail()
        try await aging.append(10)
        aging.pass(days: days)
        try await aging.append(10)
        let early = try await aging.plan([3], olderThan: 0)
        try aging.prune([3], early)
        #expect(try await findings(aging) == (days > 30 ? [] : ["missing 3"]))
        // A cutoff at the very moment of the entries.
        let cut = try await aging.plan([4], olderThan: days)
        try aging.prune([4], cut)
        let found = try await aging.trail.verify().findings.filter { $0.seq == 4 }
        #expect(found.map(\.message) == ["the body is gone and the plan that names it could not take it: it was too young"])
    }

    @Test("A plan that is not carried out yet is no finding; one that is said to be done and is not is one")
    func underWay() async throws {
        let aging = try await Self.aged()
        let plan = try await aging.plan([3, 4, 5], olderThan: 35)
        #expect(try await findings(aging).isEmpty)
        try aging.prune([3], plan)
        #expect(try await findings(aging).isEmpty)
        #expect(try await aging.trail.unfinishedPlans() == [plan])
        try await aging.finish()
        #expect(try await aging.trail.unfinishedPlans().isEmpty)
        #expect(try await findings(aging) == ["retention 4", "retention 5"])
        // What a hold kept stands in an entry of its own.
        try await aging.trail.appendOwn(SparedPlaces.action, clear: SparedPlaces.encode(SeqRuns([4])))
        #expect(try await findings(aging) == ["retention 5"])
        try aging.prune([5], plan)
        #expect(try await findings(aging).isEmpty)
    }

    @Test("What a run left since it was held goes by no plan that stood then, however gone it is; by a later one it does")
    func sparedAndTaken() async throws {
        let aging = try await Self.aged()
        let plan = try await aging.plan([3, 4, 5], olderThan: 35)
        try aging.prune([3, 5], plan)
        try await aging.trail.appendOwn(SparedPlaces.action, clear: SparedPlaces.encode(SeqRuns([4])))
        #expect(try await aging.trail.sparedOfUnfinished().map(\.places) == [SeqRuns([4])])
        try await aging.finish()
        #expect(try await aging.trail.sparedOfUnfinished().isEmpty)
        #expect(try await findings(aging).isEmpty)
        // The plan's row is there still, and the guards of the file would let it go.
        try aging.prune([4], plan)
        #expect(try await findings(aging) == ["missing 4"])
        #expect(
            try await aging.trail.verify().findings[0].message == "the body is gone and the plan that names it left it there: it was held")
        // Whoever takes it decides so first.
        _ = try await aging.plan([4], olderThan: 35)
        #expect(try await findings(aging) == ["missing 4"])
        let other = try await Self.aged()
        let first = try await other.plan([3, 4], olderThan: 35)
        try other.prune([3], first)
        try await other.trail.appendOwn(SparedPlaces.action, clear: SparedPlaces.encode(SeqRuns([4])))
        try await other.finish()
        try other.prune([4], try await other.plan([4], olderThan: 35))
        try await other.finish()
        let report = try await other.trail.verify()
        #expect(report.verdict == .intact && report.pruned == 2)
    }

    @Test("An entry that only looks like a plan plans nothing", arguments: 0..<5)
    func noPlan(kind: Int) async throws {
        let aging = try await Self.aged()
        let places = SeqRuns([3])
        let good = RetentionPlan.encode(places, cutoff: aging.clock.now.adding(days: -35), channels: [])
        let (action, channel, clear): (String, String, [UInt8]) =
            switch kind {
            case 0: (RetentionPlan.action, "people", good)
            case 1: ("retention.pruned", RetentionPlan.channel, good)
            case 2: (RetentionPlan.action, RetentionPlan.channel, good + [0x20])
            case 3:
                (RetentionPlan.action, RetentionPlan.channel, RetentionPlan.encode(SeqRuns([4]), cutoff: aging.clock.now, channels: []))
            default: (RetentionPlan.action, RetentionPlan.channel, [])
            }
        let id = try await aging.trail.appendOwn(action, channel: channel, clear: clear)
        let row = StoredPlan(
            range: places.hull, id: id.bytes, cutoff: aging.clock.now.adding(days: -35), digest: places.digest, entry: id.bytes)
        _ = try aging.store.prune([3], under: row, within: .seconds(1))
        #expect(try await Set(findings(aging)) == ["missing 3", "stray 3"])
        // It is refused as a plan, and nothing is pruned by it.
        if channel == RetentionPlan.channel, action == RetentionPlan.action, kind != 3 {
            await #expect(throws: TrailError.self) { try await aging.trail.unfinishedPlans() }
        }
    }

    @Test("Verifying holds while others append and prune, wherever it has come to")
    func whilePruning() async throws {
        let aging = try AgingTrail()
        try await aging.append(300)
        aging.pass(days: 40)
        try await aging.append(10)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for number in 0..<30 {
                    let seqs = (0..<10).map { UInt64(number * 10 + $0) }
                    let plan = try await aging.plan(seqs, olderThan: 35)
                    for seq in seqs { try aging.prune([seq], plan) }
                    if number % 7 == 6 { try await aging.finish() }
                }
            }
            for _ in 0..<40 { #expect(try await findings(aging).isEmpty) }
            try await group.waitForAll()
        }
        let report = try await aging.trail.verify()
        #expect(report.verdict == .intact && report.pruned == 300)
    }

    @Test("Since a checkpoint, what plans and redactions took that came after it is no finding, and what they left is one")
    func sinceCheckpoint() async throws {
        let aging = try await Self.aged()
        let early = try await aging.plan([3, 4], olderThan: 35)
        try aging.prune([3, 4], early)
        try await aging.finish()
        let note = try await aging.trail.checkpoint().note
        let size = try await aging.trail.size()
        func found(_ since: String? = note) async throws -> [String] {
            try await aging.trail.verify(VerificationPlan(threads: 2, since: since)).findings.map { "\($0.kind.rawValue) \($0.seq ?? 0)" }
        }
        try await aging.append(10)
        aging.pass(days: 40)
        try await aging.append(1)
        let late = try await aging.plan([5, 6, size + 2], olderThan: 35)
        try aging.prune([5, size + 2], late)
        #expect(try await found().isEmpty)
        try await aging.finish()
        #expect(try await found() == ["retention 6"])
        try aging.prune([6], late)
        let decision = try await aging.trail.appendOwn(Redaction.action, clear: Redaction.encode([7, size + 3]))
        #expect(try await found() == ["redaction 7", "redaction \(size + 3)"])
        _ = try aging.store.redact([7, size + 3], by: decision)
        let report = try await aging.trail.verify(VerificationPlan(threads: 2, since: note))
        #expect(report.verdict == .intact && report.since == size && report.pruned == 1 && report.redacted == 1)
        let full = try await aging.trail.verify()
        #expect(full.verdict == .intact && full.pruned == 5 && full.redacted == 2)
        // Below nothing is looked at; above, what is gone must be gone by what was looked at.
        aging.store.mutate { contents in
            for seq in [8, size + 4] {
                contents.bodies[seq] = nil
                contents.index[seq] = nil
                contents.terms = contents.terms.filter { $0.seq != seq }
            }
        }
        #expect(try await found() == ["missing \(size + 4)"])
        #expect(try await found(nil) == ["missing 8", "missing \(size + 4)"])
    }

    @Test("Two halves that are joined find what one finds")
    func joined() async throws {
        let aging = try await Self.aged()
        let plan = try await aging.plan([3, 4, 5], olderThan: 35)
        try aging.prune([3, 4], plan)
        try await aging.finish()
        aging.store.mutate { $0.bodies[20] = nil }
        func check(_ range: Range<UInt64>) throws -> RetentionCheck {
            var check = RetentionCheck()
            try aging.store.scan(range) { entry, _ in
                guard let leaf = Leaf(decoding: entry.leaf) else { return }
                guard let body = entry.body else { return check.noteBodiless(entry.seq) }
                check.note(
                    try Header(decoding: body.header), try Payload(decoding: body.payload), seq: entry.seq, recordedAt: leaf.recordedAt)
            }
            return check
        }
        for middle in [0, 4, 21, 60, 61, 62] as [UInt64] {
            var below = try check(0..<middle)
            below.add(try check(middle..<62))
            let found = try below.findings(store: aging.store, walked: 0..<62, isRedacted: { _ in false }, later: { _ in nil })
            #expect(found.map { "\($0.kind.rawValue) \($0.seq ?? 0)" } == ["retention 5", "missing 20"] && below.prunedCount == 2)
        }
    }
}
