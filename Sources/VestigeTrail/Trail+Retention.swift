import VestigeCrypto

/// Bodies that go because their time is over.
extension Trail {
    /// Plans that were decided and may not be carried out yet, oldest first, each proven against the newest checkpoint.
    ///
    /// - Throws: ``TrailError/inconsistent(_:)`` if an entry is indexed as one and is none.
    public func unfinishedPlans() async throws -> [RetentionPlan] {
        let since = try await lastPruning()?.seq ?? 0
        var plans: [RetentionPlan] = []
        for entry in try await ownEntries(RetentionPlan.action, since: since) {
            let (header, payload) = try await proven(entry)
            guard let plan = RetentionPlan(header, payload, seq: entry.seq) else {
                throw TrailError.inconsistent("entry \(entry.seq) is indexed as a retention plan and is none")
            }
            plans.append(plan)
        }
        return plans.reversed()
    }

    /// What runs that were cut short have said to leave, of plans that are not done: by the place of the entry that says so.
    package func sparedOfUnfinished() async throws -> [(seq: UInt64, places: SeqRuns)] {
        let since = try await lastPruning()?.seq ?? 0
        var spared: [(seq: UInt64, places: SeqRuns)] = []
        for entry in try await ownEntries(SparedPlaces.action, since: since) {
            let (header, payload) = try await proven(entry)
            guard let places = SparedPlaces.places(header, payload, seq: entry.seq) else {
                throw TrailError.inconsistent("entry \(entry.seq) is indexed as what retention spared and is not")
            }
            spared.append((entry.seq, places))
        }
        return spared
    }

    /// The newest run of retention that came to its end, proven against the newest checkpoint; `nil` before the first.
    ///
    /// - Throws: ``TrailError/inconsistent(_:)`` if an entry is indexed as one and is none.
    public func lastPruning() async throws -> PruningMark? {
        guard let entry = try await ownEntries(RetentionPlan.doneAction, limit: 1).first else { return nil }
        let header = try await proven(entry).header
        guard let leaf = Leaf(decoding: entry.leaf), let mark = PruningMark(header, seq: entry.seq, recordedAt: leaf.recordedAt) else {
            throw TrailError.inconsistent("entry \(entry.seq) is indexed as the end of a pruning and is none")
        }
        return mark
    }

    /// How many bodies went by retention, those of a run under way among them, and the latest cutoff.
    public func pruned() async throws -> (count: UInt64, before: Timestamp?) {
        let mark = try await lastPruning()
        var (count, before) = (mark?.total ?? 0, mark?.cutoff)
        for plan in try await unfinishedPlans() {
            let gone = try await bodiless(plan.places)
            count += gone
            if gone > 0 { before = max(before ?? plan.cutoff, plan.cutoff) }
        }
        return (count, before)
    }

    /// What answers cannot show any more, as the entries about it say; nothing is proven here. A run under way counts with its cutoff, not with its
    /// entries.
    public func prunedSoFar() async throws -> PrunedEntries {
        var (entries, before, since) = (UInt64(0), Timestamp?.none, UInt64?.none)
        if let stored = try await ownEntries(RetentionPlan.doneAction, limit: 1).first, let leaf = Leaf(decoding: stored.leaf),
            let header = stored.body.flatMap({ try? Header(decoding: $0.header) }),
            let mark = PruningMark(header, seq: stored.seq, recordedAt: leaf.recordedAt)
        {
            (entries, before, since) = (mark.total, mark.cutoff, mark.seq)
        }
        for stored in try await ownEntries(RetentionPlan.action, since: since) {
            guard let header = stored.body.flatMap({ try? Header(decoding: $0.header) }), case .time(let cutoff)? = header.details["cutoff"]
            else { continue }
            before = max(before ?? cutoff, cutoff)
        }
        return PrunedEntries(count: entries, before: before)
    }

    /// The lowest place that still has a body; once retention has taken some, without those that Vestige itself wrote, which it never takes.
    public func oldestKept() async throws -> UInt64? {
        guard try await pruned().count > 0 else { return try await oldestBody() }
        return try await read { try $0.prunable(in: 0..<UInt64(Int64.max), limit: 1).first?.seq }
    }

    /// How many of these places have no body.
    package func bodiless(_ places: SeqRuns) async throws -> UInt64 {
        var count: UInt64 = 0
        for chunk in places.chunks(of: 1_000) {
            count += try await read { store in UInt64(try store.entries(Array(chunk.seqs)).count { $0.body == nil }) }
        }
        return count
    }

    private func ownEntries(_ action: String, since: UInt64? = nil, limit: Int = IndexQuery.limitMax) async throws -> [StoredEntry] {
        var query = IndexQuery(limit: limit)
        query.channels = [RetentionPlan.channel]
        query.actions = [action]
        query.since = since
        var found: [StoredEntry] = []
        while true {
            let page = try await page(query)
            found += page
            guard limit == IndexQuery.limitMax, page.count == limit, let last = page.last else { return found }
            query.before = last.seq
        }
    }

    // MARK: Times

    /// When the newest entry was recorded; `nil` in an empty trail.
    public func newestTime() async throws -> Timestamp? {
        try await read { store in
            guard let head = try store.head(), head.size > 0 else { return nil }
            return try Trail.recordedAt(head.size - 1, in: store)
        }
    }

    /// The first entry that was recorded at `time` or later; the trail's size if there is none. Times rise with the places.
    public func firstPlace(from time: Timestamp) async throws -> UInt64 {
        try await read { [keys] store in try Trail.firstPlace(from: time, below: try Trail.checkpoint(of: store, by: keys).size, in: store)
        }
    }

    static func firstPlace(from time: Timestamp, since start: UInt64 = 0, below end: UInt64, in store: any TrailStore) throws -> UInt64 {
        var (low, high) = (start, end)
        while low < high {
            let middle = low + (high - low) / 2
            if try recordedAt(middle, in: store) < time { low = middle + 1 } else { high = middle }
        }
        return low
    }

    static func recordedAt(_ seq: UInt64, in store: any TrailStore) throws -> Timestamp {
        guard let leaf = try store.leaves(seq..<seq + 1).first.flatMap(Leaf.init(decoding:)) else {
            throw TrailError.inconsistent("the leaf of entry \(seq) cannot be read")
        }
        return leaf.recordedAt
    }

    /// Since when the clock is trusted again: an entry that was recorded over ``clockStep`` after the one below it says that the clock may have
    /// been set forward, and nothing is taken for old until an entry stands that is as much newer.
    ///
    /// - Returns: the first moment at which an entry must have been recorded; `nil` if nothing is waited for.
    public func clockDoubt() async throws -> Timestamp? {
        try await read { store in
            guard let head = try store.head(), let first = try Trail.placeAboveGap(head, in: store) else { return nil }
            return try Trail.recordedAt(first, in: store).adding(microseconds: Trail.clockStep)
        }
    }

    /// What the time is for what cannot be undone: the newest entry's where the clock is ahead of it, and while ``clockDoubt()`` waits, the one
    /// before the gap. In an empty trail the clock's.
    public func trustedTime(_ clock: Timestamp) async throws -> Timestamp {
        try await read { store in
            guard let head = try store.head(), head.size > 0 else { return clock }
            guard let first = try Trail.placeAboveGap(head, in: store) else {
                return min(clock, try Trail.recordedAt(head.size - 1, in: store))
            }
            return min(clock, try Trail.recordedAt(first - 1, in: store))
        }
    }

    /// The first entry of the newest day, if it was recorded over ``clockStep`` after the one below it.
    private static func placeAboveGap(_ head: StoredHead, in store: any TrailStore) throws -> UInt64? {
        guard head.size > 1 else { return nil }
        let newest = try recordedAt(head.size - 1, in: store)
        let first = try firstPlace(from: newest.adding(microseconds: 1 - clockStep), below: head.size, in: store)
        guard first > 0, first < head.size else { return nil }
        let gap = try recordedAt(first, in: store).microseconds - recordedAt(first - 1, in: store).microseconds
        return gap > clockStep ? first : nil
    }

    /// A clock this much ahead of the newest entry may be wrong.
    public static let clockStep = Timestamp.microsecondsPerDay

    // MARK: Choosing and removing

    /// What retention may take from a range, as the index says.
    package func prunable(in range: Range<UInt64>, limit: Int) async throws -> [PrunablePlace] {
        try await read { try $0.prunable(in: range, limit: limit) }
    }

    /// The bodies that are still there of these places, with their headers: each held against its leaf, and the leaf against the newest checkpoint.
    ///
    /// - Throws: ``TrailError/inconsistent(_:)``: evidence is not removed.
    package func sound(_ seqs: [UInt64]) async throws -> [(entry: StoredEntry, header: Header)] {
        try await read { [keys] store in
            guard let head = try store.head() else { return [] }
            let checkpoint = try keys.verified(head.checkpoint)
            var reader = TileReader(size: checkpoint.size, tile: store.tile, leaves: store.leaves)
            return try store.entries(seqs).compactMap { entry in
                guard let body = entry.body else { return nil }
                guard let leaf = Leaf(decoding: entry.leaf), leaf.commits(to: .header, salt: body.headerSalt, bytes: body.header),
                    leaf.commits(to: .payload, salt: body.payloadSalt, bytes: body.payload),
                    let header = try? Header(decoding: body.header), header.id == leaf.id
                else { throw TrailError.inconsistent("entry \(entry.seq) is not what was recorded") }
                let proof = InclusionProof(index: entry.seq, hashes: try reader.path(to: entry.seq))
                guard proof.verifies(leafHash: TreeHash.leaf(entry.leaf), in: checkpoint.head) else {
                    throw TrailError.inconsistent("the leaf of entry \(entry.seq) does not lead to the newest checkpoint")
                }
                return (entry, header)
            }
        }
    }

    /// Removes the first of `seqs`, as many as `time` allows; see ``TrailStore/prune(_:under:within:)``.
    package func prune(_ seqs: [UInt64], under plan: RetentionPlan, within time: Duration) async throws -> Int {
        try await read { try $0.prune(seqs, under: plan.row, within: time) }
    }

    /// Gives room back to the file system; see ``TrailStore/giveBack(_:)``.
    package func giveBack(_ byteCount: Int) async throws -> Bool {
        try await read { try $0.giveBack(byteCount) }
    }
}
