import VestigeCore
import VestigePolicy
public import VestigeTrail
import VestigeVault

/// Which entries' time is over (GDPR Art. 5(1)(e)).
extension Rights {
    /// Places whose index rows are looked through at once: well under a second.
    private static let pageCount: UInt64 = 65_536

    /// What a run would take now; changes nothing and records nothing.
    ///
    /// An entry's window is that of its channel and counts from when it was recorded. "Now" is the clock, or the newest entry if that is older: a
    /// clock that was set forward ages nothing. What is held stays, and so does whatever cannot be read: every header is held against its leaf,
    /// and every leaf against the newest checkpoint.
    ///
    /// - Throws: `TrailError.inconsistent` for an entry that is not what was recorded, which is evidence; `VaultError` if nobody can say who is held.
    public func retentionForecast() async throws -> RetentionForecast {
        var forecast = RetentionForecast()
        let unfinished = try await trail.unfinishedPlans()
        for plan in unfinished { forecast.unfinished += plan.places.count - (try await trail.bodiless(plan.places)) }
        forecast.waitsUntil = try await trail.clockDoubt()
        // Nothing is planned twice.
        if forecast.waitsUntil == nil, unfinished.isEmpty { try await add(to: &forecast) }
        return forecast
    }

    /// - Parameter rest: how long is waited after each page, as a multiple of how long it took.
    func add(to forecast: inout RetentionForecast, rest: Int = 0) async throws {
        guard let newest = try await trail.newestTime() else { return }
        let due = try await DuePlaces(policy.retention, now: min(clock(), newest), in: trail)
        let held = try await keptFromPruning()
        var parts: [PolicyDuration: RetentionForecast.Part] = [:]
        var next: UInt64 = 0
        while next < due.end {
            let start = ContinuousClock.now
            let end = min(due.end, next / Self.pageCount * Self.pageCount + Self.pageCount)
            let found = try await trail.prunable(in: next..<end, limit: Int(PrunePace.chunkCount))
            let isWhole = found.count < Int(PrunePace.chunkCount)
            next = isWhole ? end : found.last.map { $0.seq + 1 } ?? end
            try await sort(found.filter(due.contains), due, held, &parts, &forecast.held)
            if rest > 0, !found.isEmpty { try await Task.sleep(for: (ContinuousClock.now - start) * rest) }
        }
        forecast.parts = parts.values.sorted { $0.window.keep > $1.window.keep }
    }

    private func sort(
        _ places: [PrunablePlace], _ due: DuePlaces, _ held: HeldNow, _ parts: inout [PolicyDuration: RetentionForecast.Part],
        _ heldCount: inout UInt64
    ) async throws {
        let channels = Dictionary(places.map { ($0.seq, $0.channel) }) { first, _ in first }
        for (entry, header) in try await trail.sound(places.map(\.seq)) {
            guard header.channel == channels[entry.seq],
                header.channel != RetentionPlan.channel || header.action.hasPrefix("audit.")
            else { throw TrailError.inconsistent("entry \(entry.seq) is not indexed as its header says") }
            if held.covers(header) {
                heldCount += 1
                continue
            }
            let window = policy.window(for: header.channel)
            var part = parts[window.keep] ?? RetentionForecast.Part(window: window, cutoff: due.cutoff(window))
            part.places.append(entry.seq)
            if !part.channels.contains(header.channel) { part.channels = (part.channels + [header.channel]).sorted() }
            parts[window.keep] = part
        }
    }

    /// Whom and what retention leaves alone: the holds of this trail, whom the vault holds (by an older trail, or by one that went on), and
    /// whoever's erasure is under way.
    func keptFromPruning() async throws -> HeldNow {
        let held = try await heldNow()
        let others = try await vault.heldPseudonyms().union(vault.pendingErasures().flatMap(\.pseudonyms))
        return HeldNow(pseudonyms: held.pseudonyms.union(others), records: held.records)
    }
}

/// Up to where the entries of each channel are over their time.
private struct DuePlaces {
    private let rules: RetentionRules
    private let now: Timestamp
    /// By window: the first place that stays.
    private var ends: [PolicyDuration: UInt64] = [:]
    /// Nothing from here on is due.
    private(set) var end: UInt64 = 0

    init(_ rules: RetentionRules, now: Timestamp, in trail: Trail) async throws {
        self.rules = rules
        self.now = now
        for window in [rules.standard] + rules.channels.pairs.map(\.value) where ends[window.keep] == nil {
            let place = try await trail.firstPlace(from: cutoff(window))
            ends[window.keep] = place
            end = max(end, place)
        }
    }

    /// No window is under the floor: a policy with one is refused, and here it would not matter.
    func cutoff(_ window: Window) -> Timestamp {
        now.adding(days: -Int64(max(window.keep.days, RetentionRules.floor.days, Int(RetentionPlan.floorDays))))
    }

    func contains(_ place: PrunablePlace) -> Bool {
        place.seq < ends[(rules.channels[place.channel] ?? rules.standard).keep] ?? 0
    }
}
