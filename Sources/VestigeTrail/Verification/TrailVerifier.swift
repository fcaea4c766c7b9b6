import VestigeCrypto

/// Trusts nothing: bodies against leaves, leaves against tree, tree against signed checkpoints, index against headers.
///
/// Several threads each examine a part of the entries; their parts are joined in order, so that the verdict is the one that a single
/// thread would come to.
struct TrailVerifier: Sendable {
    /// Rows read in one statement: well under a second, so that the writer's log can be reset in between.
    static let pageCount: UInt64 = 8192
    /// Entries that a thread examines in one go; a multiple of a tile.
    static let partCount: UInt64 = 2048
    /// From here on the index by term is read in several stretches at once.
    static let splitTermCount: UInt64 = 50_000
    /// More findings than this say nothing new; the last one says that there are more.
    static let findingCountMax = 1000

    let store: any TrailStore
    let key: VerifierKey
    let plan: VerificationPlan
    var findings: [TrailFinding] = []
    var builder = TreeBuilder()
    var terms = TermSum()
    var lastRecordedAt = Timestamp(microseconds: 0)
    /// In a part: the first entry whose leaf can be read.
    var firstRecorded: (seq: UInt64, at: Timestamp)?
    var awaited: [AwaitedCheckpoint] = []
    var consistent: [UInt64] = []

    init(store: any TrailStore, key: VerifierKey, others: [String] = []) {
        self.init(store: store, key: key, plan: VerificationPlan(others: others))
    }

    init(store: any TrailStore, key: VerifierKey, plan: VerificationPlan) {
        self.store = store
        self.key = key
        self.plan = plan
    }

    consuming func verify() throws -> TrailReport {
        guard let newest = try newestCheckpoint() else { return TrailReport(head: .empty, findings: findings) }
        let since = try begin(below: newest)
        try readKeptCheckpoints(upTo: newest.size)
        try compareOthers(below: since, to: newest)
        let counted = try walk(upTo: newest.size)
        if counted < newest.size {
            add(.size, seq: counted, "the trail ends after \(counted) entries, its newest checkpoint says \(newest.size)")
        } else if builder.head != newest.head {
            add(.checkpoint, seq: nil, "the leaves do not lead to the root that the newest checkpoint signed")
        }
        try checkEnd(of: newest)
        for kept in awaited { add(.checkpoint, seq: nil, "\(kept.name) lies beyond the leaves") }
        if since == 0 {
            plan.progress?(.index)
            try checkIndex(count: counted)
        }
        return TrailReport(
            head: builder.head, findings: findings, since: since, consistent: consistent.sorted(), checkpoint: newest)
    }

    mutating func add(_ kind: TrailFinding.Kind, seq: UInt64?, _ message: String) {
        if findings.count < TrailVerifier.findingCountMax {
            findings.append(TrailFinding(kind, seq: seq, message))
        } else if findings.count == TrailVerifier.findingCountMax {
            findings.append(TrailFinding(kind, seq: nil, "more than \(TrailVerifier.findingCountMax) findings; the rest is not listed"))
        }
    }

    private mutating func newestCheckpoint() throws -> Checkpoint? {
        guard let head = try store.head() else {
            add(.checkpoint, seq: nil, "the newest checkpoint is missing")
            return nil
        }
        do {
            let checkpoint = try Checkpoint(verifying: head.checkpoint, by: key)
            if checkpoint.size != head.size { add(.checkpoint, seq: nil, "the newest checkpoint is of another size than its row") }
            return checkpoint
        } catch {
            add(.checkpoint, seq: nil, "newest checkpoint: \(error)")
            return nil
        }
    }

    /// An entry by itself; its place in the tree is seen to when the parts are joined.
    mutating func check(_ entry: StoredEntry, _ row: IndexRow?) {
        guard let leaf = Leaf(decoding: entry.leaf) else { return add(.leaf, seq: entry.seq, "the leaf is not a leaf of this version") }
        if leaf.recordedAt < lastRecordedAt { add(.leaf, seq: entry.seq, TrailVerifier.olderThanBelow) }
        lastRecordedAt = leaf.recordedAt
        if firstRecorded == nil { firstRecorded = (entry.seq, leaf.recordedAt) }
        guard let body = entry.body else {
            return add(.missing, seq: entry.seq, "the body is gone and no plan or redaction says why")
        }
        if Leaf.commitment(to: .payload, salt: body.payloadSalt, bytes: body.payload) != leaf.payloadHash {
            add(.payload, seq: entry.seq, "payload or its salt is not what was recorded")
        } else if (try? Payload(decoding: body.payload)) == nil {
            add(.payload, seq: entry.seq, "the payload cannot be read")
        }
        guard Leaf.commitment(to: .header, salt: body.headerSalt, bytes: body.header) == leaf.headerHash else {
            return add(.header, seq: entry.seq, "header or its salt is not what was recorded")
        }
        guard let header = try? Header(decoding: body.header), header.id == leaf.id else {
            return add(.header, seq: entry.seq, "the header cannot be read, or is of another entry")
        }
        if row != IndexRow(seq: entry.seq, header: header) {
            add(.index, seq: entry.seq, row == nil ? "the index row is missing" : "the index row says something else than the header")
        }
        for term in Term.all(of: header) { terms.add(TermPlace(term: term, seq: entry.seq)) }
    }

    /// A commit writes leaves and checkpoint together: leaves seen past a checkpoint that is still the newest are not ours.
    private mutating func checkEnd(of newest: Checkpoint) throws {
        guard try !store.leaves(newest.size..<newest.size + 1).isEmpty, try store.head()?.checkpoint == newest.note else { return }
        add(.size, seq: newest.size, "entries stand behind the newest checkpoint, which says \(newest.size)")
    }

    // MARK: The index by term, as a sum that needs no order; only when it is off, entry by entry

    private enum IndexAnswer: Sendable {
        case sum(TermSum)
        case strays([StrayRow])
    }

    /// Terms and stray rows: both read the whole index, side by side.
    private mutating func checkIndex(count: UInt64) throws {
        let isSplit = plan.threads > 1 && count >= TrailVerifier.splitTermCount
        let ranges: [TermRange?] = [nil] + (isSplit ? TermRange.split : [.whole])
        var stored = TermSum(key: terms.key)
        var strays: [StrayRow] = []
        var trouble: TrailError?
        let (store, key) = (store, terms.key)
        try InOrder.run(ranges, threads: plan.threads) { range -> Result<IndexAnswer, TrailError> in
            guard let range else { return .success(.strays(try store.strayRows())) }
            do {
                return .success(.sum(try range.sum(in: store, below: count, key: key, page: Int(TrailVerifier.pageCount))))
            } catch let error as TrailError {
                return .failure(error)
            }
        } take: { answer in
            switch answer {
            case .success(.sum(let sum)): stored.add(sum)
            case .success(.strays(let found)): strays = found
            case .failure(let error): trouble = trouble ?? error
            }
            return true
        }
        do {
            if let trouble { throw trouble }
            if stored != terms { try nameWrongTerms(count: count) }
        } catch let error as TrailError {
            add(.index, seq: nil, "the index by term cannot be read: \(error)")
        }
        for stray in strays { add(.stray, seq: stray.seq, "a row in the \(stray.table.rawValue) table belongs to no entry") }
    }

    private mutating func nameWrongTerms(count: UInt64) throws {
        let before = findings.count
        let chunk: UInt64 = 65_536
        for start in stride(from: UInt64(0), to: count, by: UInt64.Stride(chunk)) {
            let range = start..<min(start + chunk, count)
            var expected: Set<TermPlace> = []
            try store.scan(range) { entry, _ in
                guard let body = entry.body, let header = try? Header(decoding: body.header) else { return }
                for term in Term.all(of: header) { expected.insert(TermPlace(term: term, seq: entry.seq)) }
            }
            var wrong: [UInt64] = []
            var last: TermPlace?
            repeat {
                last = try store.scanTerms(after: last, limit: Int(TrailVerifier.pageCount)) { place in
                    if range.contains(place.seq), expected.remove(place) == nil { wrong.append(place.seq) }
                }
            } while last != nil
            for seq in Set(wrong) { add(.index, seq: seq, "the index lists the entry under a term that its header does not have") }
            for seq in Set(expected.map(\.seq)) { add(.index, seq: seq, "the index does not list the entry under a term of its header") }
        }
        if findings.count == before { add(.index, seq: nil, "the index by term does not agree with the headers") }
    }
}
