import VestigeCore
import VestigePolicy
public import VestigeTrail

/// Bodies go when their time is over: planned first, archived if the policy says so, then removed beside those who record.
extension Rights {
    private static let delayedAction = "retention.delayed"

    /// Carries out what was planned and not done, plans what is due now, and carries that out. Each plan is an entry `retention.planned`, durable
    /// before any of its bodies goes; the run ends with `retention.pruned`. A crash anywhere is made good by the next run: what a plan names goes
    /// once, and is counted once.
    ///
    /// One run at a time: the caller sees to that among processes. Who may ask for it is the caller's to check.
    ///
    /// - Parameters:
    ///   - archive: where bodies go first; needed if the policy has `retention.archive`, and not asked if it has none.
    ///   - progress: bodies that went, of how many.
    /// - Throws: ``RightsError/archiveMissing``, ``RightsError/missingPurpose(_:)``, `TrailError`, `VaultError`, `RecordingError`, and what the archive
    ///   throws. What went until then is gone, and nothing else.
    public func prune(
        _ order: PruneOrder, archive: (any RetentionArchive)? = nil, pace: PrunePace = PrunePace(),
        progress: @escaping (_ done: UInt64, _ of: UInt64) -> Void = { _, _ in }
    ) async throws -> Pruned {
        if let purpose = order.purpose, let problem = policy.refusal(of: purpose, as: .purpose) {
            throw RightsError.missingPurpose("\(problem); nothing was pruned")
        }
        let archive = policy.retention.archive == nil ? nil : archive
        guard policy.retention.archive == nil || archive != nil else { throw RightsError.archiveMissing }
        var pruned = Pruned()
        let last = try await trail.lastPruning()
        pruned.total = last?.total ?? 0
        if let doubt = try await trail.clockDoubt() {
            pruned.waitsUntil = doubt
            try await noteDelay(until: doubt, order)
            return pruned
        }
        var run = PruneRun(rights: self, archive: archive, pace: pace, progress: progress)
        try await run.carryOut(try await trail.unfinishedPlans(), but: try await trail.sparedOfUnfinished())
        var forecast = RetentionForecast()
        try await add(to: &forecast, rest: pace.rest)
        pruned.held = forecast.held
        try await run.carryOut(try await plan(forecast, order))
        pruned.unarchived = run.unarchived
        pruned.entries = run.done
        pruned.plans = run.planCount
        pruned.total += run.done
        let isQuiet = last.map { last in order.quietSince.map { last.recordedAt >= $0 } ?? false } ?? false
        if run.planCount > 0 || !isQuiet { pruned.seq = try await conclude(run, pruned, last, order) }
        if run.planCount > 0 { while try await run.giveBack() {} }
        if let archive, let newest = try await trail.newestTime() {
            try await removeArchives(archive, now: min(clock(), newest), order, &pruned)
        }
        return pruned
    }

    /// The plans of a forecast, each an entry by now.
    private func plan(_ forecast: RetentionForecast, _ order: PruneOrder) async throws -> [RetentionPlan] {
        var decided: Set<EntryID> = []
        for part in forecast.parts {
            for places in RetentionPlan.pieces(of: part.places) {
                var entry = BuiltInEntry(
                    action: RetentionPlan.action, event: Event.pruned.rawValue, actor: order.actor, purpose: order.purpose)
                entry.status = .inProgress
                entry.details = ["entries": .integer(Int64(clamping: places.count)), "cutoff": .time(part.cutoff)]
                entry.clear = [RetentionPlan.encode(places, cutoff: part.cutoff, channels: part.channels)]
                decided.insert(try await recorder.record(entry).id)
            }
        }
        // As they stand in the trail, held against its checkpoint.
        return decided.isEmpty ? [] : try await trail.unfinishedPlans().filter { decided.contains($0.entry) }
    }

    private func conclude(_ run: PruneRun, _ pruned: Pruned, _ last: PruningMark?, _ order: PruneOrder) async throws -> UInt64 {
        var spared: UInt64 = 0
        for places in run.spared.flatMap({ RetentionPlan.pieces(of: $0) }) {
            var entry = BuiltInEntry(
                action: SparedPlaces.action, event: Event.pruned.rawValue, actor: order.actor, purpose: order.purpose)
            entry.status = .warning
            entry.details = ["entries": .integer(Int64(clamping: places.count))]
            entry.clear = [SparedPlaces.encode(places)]
            _ = try await recorder.record(entry)
            spared += places.count
        }
        var entry = BuiltInEntry(
            action: RetentionPlan.doneAction, event: Event.pruned.rawValue, actor: order.actor, purpose: order.purpose)
        entry.details = [
            "plans": .integer(Int64(run.planCount)), "entries": .integer(Int64(clamping: pruned.entries)),
            "total": .integer(Int64(clamping: pruned.total)),
        ]
        if let cutoff = [run.cutoff, last?.cutoff].compactMap({ $0 }).max() { entry.details["cutoff"] = .time(cutoff) }
        if spared > 0 { entry.details["spared"] = .integer(Int64(clamping: spared)) }
        if pruned.unarchived > 0 {
            entry.status = .warning
            entry.details["unarchived"] = .integer(Int64(clamping: pruned.unarchived))
        }
        return try await recorder.record(entry).seq
    }

    /// Once for each run that had to wait. It is also what the next run measures the clock by in a trail where nothing else is recorded.
    private func noteDelay(until moment: Timestamp, _ order: PruneOrder) async throws {
        var query = IndexQuery(limit: 1)
        query.channels = [RetentionPlan.channel]
        query.actions = [Self.delayedAction]
        if let quiet = order.quietSince, let newest = try await trail.page(query).first,
            let leaf = Leaf(decoding: newest.leaf), leaf.recordedAt >= quiet
        {
            return
        }
        var entry = BuiltInEntry(action: Self.delayedAction, event: Event.pruned.rawValue, actor: order.actor, purpose: order.purpose)
        entry.status = .warning
        entry.details = ["until": .time(moment)]
        _ = try await recorder.record(entry)
    }
}

/// Plans on their way.
private struct PruneRun {
    let rights: Rights
    let archive: (any RetentionArchive)?
    let pace: PrunePace
    let progress: (UInt64, UInt64) -> Void

    /// Bodies that are gone by the plans of this run, be it that an earlier run took them.
    private(set) var done: UInt64 = 0
    private(set) var planCount = 0
    /// For each plan what a hold kept that was placed after it.
    private(set) var spared: [SeqRuns] = []
    /// Bodies that were gone, and not by a redaction nor through the archive.
    private(set) var unarchived: UInt64 = 0
    /// The latest of the plans'.
    private(set) var cutoff: Timestamp?

    /// What was redacted so far, once it was asked for.
    private var redacted: Set<UInt64>?
    private var lastTurn = Duration.zero

    init(rights: Rights, archive: (any RetentionArchive)?, pace: PrunePace, progress: @escaping (UInt64, UInt64) -> Void) {
        self.rights = rights
        self.archive = archive
        self.pace = pace
        self.progress = progress
    }

    /// - Parameter spared: what an entry above a plan has said already to stay: only a new plan takes it.
    mutating func carryOut(_ plans: [RetentionPlan], but spared: [(seq: UInt64, places: SeqRuns)] = []) async throws {
        let plans = plans.map { plan in
            (plan, places: plan.places.subtracting(.union(spared.filter { $0.seq > plan.seq }.map(\.places))))
        }
        let total = plans.reduce(done) { $0 + $1.places.count }
        for (plan, places) in plans {
            var kept = SeqRuns()
            var archived: SeqRuns?
            for chunk in places.chunks(of: PrunePace.chunkCount) {
                let before = kept.count
                try await carryOut(Array(chunk.seqs), of: plan, &kept, &archived)
                done += chunk.count - (kept.count - before)
                progress(done, total)
            }
            if !kept.isEmpty { self.spared.append(kept) }
            planCount += 1
            cutoff = max(cutoff ?? plan.cutoff, plan.cutoff)
        }
    }

    private mutating func carryOut(
        _ seqs: [UInt64], of plan: RetentionPlan, _ kept: inout SeqRuns, _ archived: inout SeqRuns?
    ) async throws {
        // What is not what was recorded is evidence, and stays.
        let found = try await rights.trail.sound(seqs)
        if found.count < seqs.count { try await lookFor(Set(seqs).subtracting(found.map(\.entry.seq)), of: plan, &archived) }
        var (rest, left) = (found[...], [UInt64]())
        // Asked anew before each removal: somebody may have been held since the plan was made, or since the last turn.
        func leaveWhatIsHeld() async throws {
            let held = try await rights.keptFromPruning()
            left += rest.filter { held.covers($0.header) }.map(\.entry.seq)
            rest = rest.filter { !held.covers($0.header) }[...]
        }
        try await leaveWhatIsHeld()
        if let archive, !rest.isEmpty {
            try await archive.keep(rest.map(\.entry), under: plan)
            try await leaveWhatIsHeld()
        }
        while !rest.isEmpty {
            let start = ContinuousClock.now
            let count = try await rights.trail.prune(rest.map(\.entry.seq), under: plan, within: pace.turn)
            rest = rest.dropFirst(count)
            lastTurn = ContinuousClock.now - start
            try await self.rest()
            if !rest.isEmpty { try await leaveWhatIsHeld() }
        }
        for seq in left.sorted() { kept.append(seq) }
    }

    /// What has no body before its turn came: an earlier run took it, and archived it first; or it was redacted. The rest is told.
    private mutating func lookFor(_ gone: Set<UInt64>, of plan: RetentionPlan, _ archived: inout SeqRuns?) async throws {
        guard let archive else { return }
        if archived == nil { archived = try await archive.places(under: plan) }
        if redacted == nil { redacted = Set(try await rights.trail.redactions().flatMap(\.seqs)) }
        unarchived += UInt64(gone.count { archived?.contains($0) != true && redacted?.contains($0) != true })
    }

    /// - Returns: whether there is more to give back.
    mutating func giveBack() async throws -> Bool {
        let start = ContinuousClock.now
        let hasMore = try await rights.trail.giveBack(pace.giveBackByteCount)
        lastTurn = ContinuousClock.now - start
        if hasMore { try await rest() }
        return hasMore
    }

    /// Leaves the trail to others for a while.
    func rest() async throws {
        if pace.rest > 0 { try await Task.sleep(for: lastTurn * pace.rest) } else { try Task.checkCancellation() }
    }
}
