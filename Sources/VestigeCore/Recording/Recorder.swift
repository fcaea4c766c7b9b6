public import VestigePolicy
public import VestigeTrail
public import VestigeVault

/// The one door to the trail: policy, then seal, then append. Durable on return; only then may the data go out.
public final class Recorder: Sendable {
    public let policy: Policy
    /// Authenticates what waits outside of the trail.
    package let spoolKey: SpoolKey?
    /// What may still wait for trails that this one goes on from.
    package let olderSpools: [OlderSpool]
    /// Where acts are written down before they happen; without one they are refused.
    package let keeper: Keeper?
    let vault: Vault
    let trail: Trail
    let clock: Clock

    /// Personal values of the host's own tables, under the same keys and the same policy.
    public var values: PersonalValues { PersonalValues(policy: policy, vault: vault) }

    /// For services that record only what has happened elsewhere: ``act(_:_:)`` is refused.
    public convenience init(policy: Policy, vault: Vault, trail: Trail, clock: @escaping Clock) {
        self.init(policy: policy, vault: vault, trail: trail, spool: nil, spoolKey: nil, clock: clock)
    }

    package init(
        policy: Policy, vault: Vault, trail: Trail, spool: (any Spool)?, spoolKey: SpoolKey?, olderSpools: [OlderSpool] = [],
        clock: @escaping Clock
    ) {
        self.policy = policy
        self.vault = vault
        self.trail = trail
        self.clock = clock
        self.spoolKey = spoolKey
        self.olderSpools = olderSpools
        keeper = spool.map { Keeper(spool: $0, trail: trail) }
    }

    /// Records one entry. The same id twice is recorded once and gets the same receipt.
    ///
    /// A list of over 1,000 people becomes parts under one correlation id; the receipt is the first part's.
    ///
    /// - Throws: ``RecordingError``; nothing was written, and what the entry is about may not be disclosed.
    public func record(_ entry: Entry) async throws -> Receipt {
        let resolved = try EntryResolver(policy: policy, now: clock()).resolve(entry)
        try checkID(of: entry)
        let receipt = try await record(entry, resolved)
        tellRequest(of: entry, resolved)
        return receipt
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
        try await record(entry, try EntryResolver(policy: policy, now: clock()).resolve(entry), turn: turn, queued: queued)
    }

    func record(
        _ entry: Entry, _ resolved: ResolvedEntry, turn: (() async -> Void)? = nil, queued: @Sendable () -> Void = {}
    ) async throws -> Receipt {
        try await whileAvailable {
            if let id = entry.id, let seq = try await trail.seq(of: id) {
                return try await existing(seq, entry, resolved)
            }
            var people = People(vault: vault)
            if let turn {
                if resolved.status != .failure { _ = try await cast(resolved, &people) }
                await turn()
            }
            let appended = try await trail.append(try await sealed(resolved, &people), queued: queued)[0]
            return appended.isNew ? Receipt(appended) : try await existing(appended.seq, entry, resolved)
        }
    }

    /// Records what only Vestige may say; the doors for hosts refuse these channels and actions.
    package func record(_ entry: BuiltInEntry) async throws -> Receipt {
        try await whileAvailable { Receipt(try await trail.append([try await sealed(entry)])[0]) }
    }

    /// The same, ready for the trail and not appended yet.
    package func sealed(_ entry: BuiltInEntry) async throws -> SealedEntry {
        try await whileAvailable {
            let draft = try await entry.draft(vault: vault, policy: policy, now: clock())
            var people = People(vault: vault)
            return try await ready(&people) { _ in try seal(draft) }[0]
        }
    }

    // MARK: Sealing

    /// An entry held against the policy and sealed, with nobody asked and nothing waited for.
    ///
    /// - Throws: ``NotReady`` when people have to be asked for first; ``RecordingError/refused(member:problem:)``.
    func seal(_ entry: ResolvedEntry, _ people: People) throws -> [SealedEntry] {
        try seal(Draft(entry, cast: try Casting(people: people, mayMint: true).cast(entry), policy: policy))
    }

    func sealed(_ entry: ResolvedEntry, _ people: inout People) async throws -> [SealedEntry] {
        guard entry.subjects.count > Header.subjectCountMax else { return try await ready(&people) { try seal(entry, $0) } }
        // The keys of so many people need not fit into locked memory at once: each part is kept once it is sealed.
        var sealed: [SealedEntry] = []
        while true {
            let isDone = try await ready(&people) { people in
                let parts = Draft(entry, cast: try Casting(people: people, mayMint: true).cast(entry), policy: policy).parts
                // Whoever was erased meanwhile has no slot any more, so the parts are others.
                if zip(parts, sealed).contains(where: { $0.header != $1.header }) { sealed = [] }
                let count = sealed.count
                do {
                    for part in parts[count...] { sealed.append(try sealer.seal(part)) }
                } catch is NotReady where sealed.count > count {
                    return false
                }
                return true
            }
            if isDone { return sealed }
        }
    }

    private var sealer: Sealer { Sealer(vault: vault, trail: trail.identity.id) }

    private func seal(_ draft: Draft) throws -> [SealedEntry] {
        try draft.parts.map { try sealer.seal($0) }
    }

    private func cast(_ entry: ResolvedEntry, _ people: inout People, mayMint: Bool = true) async throws -> Cast {
        try await ready(&people) { try Casting(people: $0, mayMint: mayMint).cast(entry) }
    }

    /// Runs `work` until everybody whom it needs is there. Somebody who is erased between being found and being sealed for is found
    /// again, as erased.
    private func ready<Result>(_ people: inout People, _ work: (People) throws -> Result) async throws -> Result {
        for await attempt in Attempts() {
            do {
                return try work(people)
            } catch let missing as NotReady {
                do {
                    try await people.fetch(missing)
                } catch let error as PersonErasedMeanwhile {
                    if attempt == Attempts.countMax - 1 { throw error }
                }
            }
        }
        throw VaultError.unsettled
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
        var people = People(vault: vault)
        let cast = try await cast(resolved, &people, mayMint: false)
        let draft = Draft(resolved, cast: cast, policy: policy).parts[0]
        let comparison = EntryComparison(vault: vault, trail: trail.identity.id, given: entry, draft: draft, cast: cast)
        if let member = try await comparison.difference(from: stored) { throw RecordingError.conflict(member: member) }
        return Receipt(Appended(id: leaf.id, seq: seq, recordedAt: leaf.recordedAt, isNew: false))
    }

    /// Errors of trail and vault become one that a host can act on; their texts hold no subject data.
    func whileAvailable<Result: Sendable>(_ body: () async throws -> Result) async throws -> Result {
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
