public import VestigePolicy
public import VestigeTrail
public import VestigeVault

/// The one door to the trail: policy, then seal, then append. Durable on return; only then may the data go out.
public final class Recorder: Sendable {
    public let policy: Policy
    private let vault: Vault
    private let trail: Trail
    private let clock: Clock

    public init(policy: Policy, vault: Vault, trail: Trail, clock: @escaping Clock) {
        self.policy = policy
        self.vault = vault
        self.trail = trail
        self.clock = clock
    }

    /// Records one entry. The same id twice is recorded once and gets the same receipt.
    ///
    /// A list of over 1,000 people becomes parts under one correlation id; the receipt is the first part's.
    ///
    /// - Throws: ``RecordingError``; nothing was written, and what the entry is about may not be disclosed.
    public func record(_ entry: Entry) async throws -> Receipt {
        try await record(entry, turn: nil, queued: {})
    }

    public func record(_ entry: Entry, by actor: AuditActor) async throws -> Receipt {
        var entry = entry
        entry.actor = actor
        return try await record(entry)
    }

    /// Records one of many entries that are under way at once and must stand in the trail in their order.
    ///
    /// Whom the entry makes known is minted at once, side by side with the others; its place is taken only in its turn. So a refused look
    /// finds the people whom earlier entries made known, as if each had been recorded before the next.
    ///
    /// - Parameters:
    ///   - turn: returns when every earlier entry has its place; `nil` where no order is kept.
    ///   - queued: called once this entry has its place; not called when it is refused or stands already.
    package func record(_ entry: Entry, turn: (() async -> Void)?, queued: @Sendable () -> Void) async throws -> Receipt {
        let resolved = try EntryResolver(policy: policy, now: clock()).resolve(entry)
        return try await whileAvailable {
            if let id = entry.id, let seq = try await trail.seq(of: id) {
                return try await existing(seq, entry, resolved)
            }
            if let turn {
                if resolved.status != .failure { _ = try await Casting(vault: vault, mayMint: true).cast(resolved) }
                await turn()
            }
            let appended = try await appendCast(resolved, queued: queued)
            return appended.isNew ? Receipt(appended) : try await existing(appended.seq, entry, resolved)
        }
    }

    /// Records what only Vestige may say; the doors for hosts refuse these channels and actions.
    package func record(_ entry: BuiltInEntry) async throws -> Receipt {
        try await whileAvailable {
            let draft = try await entry.draft(vault: vault, policy: policy, now: clock())
            return Receipt(try await append(draft))
        }
    }

    // MARK: Appending

    /// Somebody who is erased between being found and being sealed for is found again, as erased.
    private func appendCast(_ entry: ResolvedEntry, queued: @Sendable () -> Void) async throws -> Appended {
        var attempts = 3
        while true {
            let cast = try await Casting(vault: vault, mayMint: true).cast(entry)
            do {
                return try await append(Draft(entry, cast: cast, policy: policy), queued: queued)
            } catch let error as PersonErasedMeanwhile {
                attempts -= 1
                if attempts == 0 { throw error }
            }
        }
    }

    private func append(_ draft: Draft, queued: @Sendable () -> Void = {}) async throws -> Appended {
        let sealer = Sealer(vault: vault, trail: trail.identity.id)
        let parts = draft.parts
        // The first part goes last: where it stands, all the others do, and a retry finds those by their derived ids.
        try await withThrowingTaskGroup(of: Void.self) { group in
            for part in parts.dropFirst() {
                group.addTask { [trail] in _ = try await trail.append(try await sealer.seal(part)) }
            }
            try await group.waitForAll()
        }
        return try await trail.append(try await sealer.seal(parts[0]), queued: queued)
    }

    /// The receipt of an entry that stands, if it says what `entry` says.
    private func existing(_ seq: UInt64, _ entry: Entry, _ resolved: ResolvedEntry) async throws -> Receipt {
        guard let stored = try await trail.entries([seq]).first, let leaf = Leaf(decoding: stored.leaf) else {
            throw TrailError.notFound(seq: seq)
        }
        var resolved = resolved
        if entry.occurredAt == nil, let body = stored.body {
            // A visitor's key is the one of the month in which it was recorded.
            resolved.occurredAt = try Header(decoding: body.header).occurredAt
        }
        let cast = try await Casting(vault: vault, mayMint: false).cast(resolved)
        let draft = Draft(resolved, cast: cast, policy: policy).parts[0]
        let comparison = EntryComparison(vault: vault, trail: trail.identity.id, given: entry, draft: draft, cast: cast)
        if let member = try await comparison.difference(from: stored) { throw RecordingError.conflict(member: member) }
        return Receipt(Appended(id: leaf.id, seq: seq, recordedAt: leaf.recordedAt, isNew: false))
    }

    /// Errors of trail and vault become one that a host can act on; their texts hold no subject data.
    private func whileAvailable<Result: Sendable>(_ body: () async throws -> Result) async throws -> Result {
        do {
            return try await body()
        } catch let error as RecordingError {
            throw error
        } catch TrailError.entryTooLarge(let count) {
            throw RecordingError.refused(
                member: "entry", problem: "\(count) bytes sealed, at most \(SealedEntry.byteCountMax) are kept; shorten it")
        } catch {
            throw RecordingError.unavailable("\(error)")
        }
    }
}

extension Draft {
    /// A list over the limit in parts `n of m` under one correlation id; their ids follow from the first.
    var parts: [Draft] {
        let limit = Header.subjectCountMax
        guard header.subjects.count > limit else { return [self] }
        let count = (header.subjects.count + limit - 1) / limit
        let correlation = header.correlationID ?? header.id.description
        return (0..<count).map { place in
            var part = self
            part.header.id = place == 0 ? header.id : header.id.derived(part: place)
            part.header.correlationID = correlation
            part.header.part = Part(n: place + 1, of: count)
            part.header.subjects = Array(header.subjects[place * limit..<min((place + 1) * limit, header.subjects.count)])
            return part
        }
    }
}
