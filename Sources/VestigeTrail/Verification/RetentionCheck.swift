import VestigeCrypto

/// Bodies that are gone held against the plans that decided it: *pruned* is what a plan names and was old enough; anything else without a
/// redaction is *missing*. And what is planned and said to be done must be gone.
///
/// Plans stand above the places they name, so all of it can be judged at the end only. Where the walk begins above the first entry, a body that
/// it misses can only have gone by a plan that it passed as well; bodies below it are asked for only where such a plan says that they are gone.
struct RetentionCheck: Sendable {
    private struct Decided: Sendable {
        let plan: RetentionPlan
        let recordedAt: Timestamp
    }

    /// Without a body, and with no row that calls them redacted.
    private var bodiless = SeqRuns()
    private var plans: [Decided] = []
    private var spared: [(seq: UInt64, places: SeqRuns)] = []
    /// The newest entry that says that what is planned below it is done.
    private var doneSeq: UInt64?

    /// Bodies that are gone by a plan.
    private(set) var prunedCount = 0

    init() {}

    /// An entry without a body that no row calls redacted.
    mutating func noteBodiless(_ seq: UInt64) { bodiless.append(seq) }

    func knowsBodiless(_ seq: UInt64) -> Bool { bodiless.contains(seq) }

    /// A body that holds what its leaf committed to.
    mutating func note(_ header: Header, _ payload: Payload, seq: UInt64, recordedAt: Timestamp) {
        guard header.channel == RetentionPlan.channel, header.action.hasPrefix("retention.") else { return }
        if let plan = RetentionPlan(header, payload, seq: seq) { plans.append(Decided(plan: plan, recordedAt: recordedAt)) }
        if let places = SparedPlaces.places(header, payload, seq: seq) { spared.append((seq, places)) }
        if header.action == RetentionPlan.doneAction { doneSeq = max(doneSeq ?? 0, seq) }
    }

    /// What another one found in entries above all of this one's.
    mutating func add(_ above: RetentionCheck) {
        for range in above.bodiless.ranges { bodiless.append(range) }
        plans += above.plans
        spared += above.spared
        doneSeq = above.doneSeq ?? doneSeq
    }

    /// What does not fit, lowest place first.
    ///
    /// - Parameters:
    ///   - store: of the trail, whose leaves were found to rise in time.
    ///   - walked: the entries that were walked. A row whose entry stands below them was judged before.
    ///   - isRedacted: whether a row calls a place redacted; then it is judged elsewhere.
    ///   - later: an entry above those, proven by itself: decided while the trail was walked.
    mutating func findings(
        store: any TrailStore, walked: Range<UInt64>, isRedacted: (UInt64) -> Bool, later: (UInt64) throws -> (Header, Payload)?
    ) throws -> [TrailFinding] {
        let rows = try store.plans()
        var findings: [TrailFinding] = []
        for row in rows {
            if !plans.contains(where: { $0.plan.entry.bytes == row.entry }), let seq = try EntryID(row.entry).flatMap(store.seq(of:)) {
                guard seq >= walked.lowerBound else { continue }
                if seq >= walked.upperBound, let (header, payload) = try later(seq) {
                    note(header, payload, seq: seq, recordedAt: try Trail.recordedAt(seq, in: store))
                }
            }
            guard !plans.contains(where: { $0.plan.row == row }) else { continue }
            findings.append(
                TrailFinding(.stray, seq: row.range.lowerBound, "a row calls bodies planned to go, and no entry of the trail says so"))
        }
        findings += try missing(rows, store, walked)
        findings += try left(store, isRedacted)
        return findings.sorted { ($0.seq ?? 0) < ($1.seq ?? 0) }
    }

    /// Bodies that are gone by no plan, or by one that could not take them.
    private mutating func missing(_ rows: [StoredPlan], _ store: any TrailStore, _ walked: Range<UInt64>) throws -> [TrailFinding] {
        var taken: [SeqRuns] = []
        var rowless: [SeqRuns] = []
        var kept: [SeqRuns] = []
        for decided in plans {
            let floor = decided.recordedAt.adding(days: -RetentionPlan.floorDays)
            let end = try Trail.firstPlace(
                from: min(decided.plan.cutoff, floor), since: walked.lowerBound, below: walked.upperBound, in: store)
            // What a run said that it left is left for good, unless a later plan names it.
            let left = SeqRuns.union(spared.filter { $0.seq > decided.plan.seq }.map(\.places))
            let places = decided.plan.places.clipped(below: end).subtracting(left)
            if rows.contains(decided.plan.row) { taken.append(places) } else { rowless.append(places) }
            kept.append(left)
        }
        let missing = bodiless.subtracting(.union(taken))
        prunedCount = Int(bodiless.count - missing.count)
        // More would say nothing new.
        return missing.seqs.prefix(TrailVerifier.findingCountMax + 1).map { seq in
            let why =
                !plans.contains { $0.plan.places.contains(seq) }
                ? "no plan or redaction says why"
                : rowless.contains { $0.contains(seq) }
                    ? "the plan that names it has no row"
                    : kept.contains { $0.contains(seq) }
                        ? "the plan that names it left it there: it was held"
                        : "the plan that names it could not take it: it was too young"
            return TrailFinding(.missing, seq: seq, "the body is gone and \(why)")
        }
    }

    /// Bodies that are still there, though an entry says that what was planned is done.
    private func left(_ store: any TrailStore, _ isRedacted: (UInt64) -> Bool) throws -> [TrailFinding] {
        guard let doneSeq else { return [] }
        let done = plans.filter { $0.plan.seq < doneSeq }
        var findings: [TrailFinding] = []
        let left = SeqRuns.union(done.map(\.plan.places)).subtracting(bodiless).subtracting(.union(spared.map(\.places)))
        for chunk in left.chunks(of: 1_000) {
            for entry in try store.entries(chunk.seqs.filter { !isRedacted($0) }) where entry.body != nil {
                let by = done.first { $0.plan.places.contains(entry.seq) }?.plan.seq ?? 0
                findings.append(TrailFinding(.retention, seq: entry.seq, "pruned by entry \(by), and its body is still there"))
                if findings.count > TrailVerifier.findingCountMax { return findings }
            }
        }
        return findings
    }
}
