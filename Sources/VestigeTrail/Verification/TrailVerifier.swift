import VestigeCrypto

/// Trusts nothing: bodies against leaves, leaves against tree, tree against signed checkpoints, index against headers.
///
/// Several threads each examine a part of the entries; their parts are joined in order, so that the verdict is the one that a single
/// thread would come to.
struct TrailVerifier: Sendable {
    /// Rows read in one statement: well under a second, so that the writer's log can be reset in between.
    static let pageCount: UInt64 = 8192
    /// More findings than this say nothing new; the last one says that there are more.
    static let findingCountMax = 1000

    let store: any TrailStore
    let key: VerifierKey
    let plan: VerificationPlan
    var findings: [TrailFinding] = []
    var builder = TreeBuilder()
    var terms = TermSum()
    var redactions = RedactionCheck()
    var retention = RetentionCheck()
    var lastRecordedAt = Timestamp(microseconds: 0)
    /// In a part: the first entry whose leaf can be read.
    var firstRecorded: (seq: UInt64, at: Timestamp)?
    var awaited: [AwaitedCheckpoint] = []
    /// Of the checkpoints that the trail kept, as their rows or notes say.
    var keptSizes: [UInt64] = []
    var consistent: [UInt64] = []
    var history: KeyHistory
    private var newest: Checkpoint?
    /// The first entry to be looked at.
    private var since: UInt64 = 0
    private var isWalked = false

    init(store: any TrailStore, key: VerifierKey, others: [String] = []) {
        self.init(store: store, key: key, plan: VerificationPlan(others: others))
    }

    init(store: any TrailStore, key: VerifierKey, plan: VerificationPlan) {
        self.store = store
        self.key = key
        self.plan = plan
        history = KeyHistory(newest: key)
    }

    consuming func verify() throws -> TrailReport {
        do {
            try examine()
        } catch TrailError.inconsistent(let what) {
            // A file that breaks off under a read is an answer too, and what was found up to there stands.
            add(.database, seq: isWalked ? nil : builder.size, isWalked ? what : "\(what); it cannot be read on from here")
        }
        if since == 0 { checkFile() }
        return TrailReport(
            head: builder.head, findings: findings, since: since, redacted: redactions.redactedCount, pruned: retention.prunedCount,
            consistent: consistent.sorted(), checkpoint: newest)
    }

    private mutating func examine() throws {
        guard let row = try store.head() else { return add(.checkpoint, seq: nil, "the newest checkpoint is missing") }
        guard let newest = checkpoint(of: row) else { return }
        self.newest = newest
        // Whatever is not what it should be in the entries that tell of other keys, the walk finds.
        history = try KeyHistory.read(store, newest: key)
        since = try begin(below: newest)
        try readKeptCheckpoints(upTo: newest.size)
        try compareOthers(below: since, to: newest)
        let counted = try walk(upTo: newest.size)
        isWalked = true
        try checkEnd(counted, row, newest)
        for kept in awaited { add(.checkpoint, seq: nil, "\(kept.name) lies beyond the leaves") }
        try checkRetention(count: counted)
        try checkRedactions(count: counted)
        if since == 0 {
            plan.progress?(.index)
            try checkIndex(count: counted)
        }
    }

    mutating func add(_ kind: TrailFinding.Kind, seq: UInt64?, _ message: String) {
        add(TrailFinding(kind, seq: seq, message))
    }

    mutating func add(_ finding: TrailFinding) {
        if findings.count < TrailVerifier.findingCountMax {
            findings.append(finding)
        } else if findings.count == TrailVerifier.findingCountMax {
            findings.append(
                TrailFinding(finding.kind, seq: nil, "more than \(TrailVerifier.findingCountMax) findings; the rest is not listed"))
        }
    }

    private mutating func checkpoint(of head: StoredHead) -> Checkpoint? {
        do {
            let checkpoint = try Checkpoint(verifying: head.checkpoint, by: key)
            if checkpoint.size != head.size { add(.checkpoint, seq: nil, "the newest checkpoint is of another size than its row") }
            return checkpoint
        } catch {
            add(.checkpoint, seq: nil, "newest checkpoint: \(error)")
            return nil
        }
    }

    /// Whether the leaves, of which there are `counted` without a gap, are those that the newest checkpoint signed, and what follows from it.
    private mutating func checkEnd(_ counted: UInt64, _ row: StoredHead, _ newest: Checkpoint) throws {
        if counted < newest.size {
            let goesOn = try !store.leaves(counted + 1..<counted + 2).isEmpty
            let what = goesOn ? "the leaf is missing: the trail breaks off" : "the trail ends"
            add(.size, seq: counted, "\(what) after \(counted) entries, its newest checkpoint says \(newest.size)")
        } else if builder.head != newest.head {
            add(.checkpoint, seq: nil, "the leaves do not lead to the root that the newest checkpoint signed")
        } else {
            // The leaves are what was signed: what is derived from their times can be held against them.
            if row.recordedAt != lastRecordedAt {
                add(.checkpoint, seq: nil, "the newest checkpoint's row tells another time than the newest entry")
            }
            if since == 0 {
                for finding in try KeptCheckpointRule(store: store).findings(sizes: keptSizes, size: newest.size) { add(finding) }
            }
        }
        // A commit writes leaves and checkpoint together: leaves seen past a checkpoint that is still the newest are not ours.
        guard try !store.leaves(newest.size..<newest.size + 1).isEmpty, try store.head()?.checkpoint == newest.note else { return }
        add(.size, seq: newest.size, "entries stand behind the newest checkpoint, which says \(newest.size)")
    }

    private mutating func checkRetention(count: UInt64) throws {
        let (store, key, redactions) = (store, key, redactions)
        let found = try retention.findings(store: store, walked: since..<max(since, count), isRedacted: redactions.knows) { seq in
            // Beyond what was walked: it must be proven by itself.
            try? Trail.proven(seq, in: store, by: .fixed(key))
        }
        for finding in found { add(finding) }
    }

    private mutating func checkRedactions(count: UInt64) throws {
        let (store, key) = (store, key)
        let found = try redactions.findings(
            hasBody: { seq in try store.entries([seq]).first?.body != nil },
            later: { id in
                guard let id = EntryID(id), let seq = try store.seq(of: id), seq >= count else { return nil }
                // Beyond what was walked: it must be proven by itself.
                return (try? Trail.proven(seq, in: store, by: .fixed(key))).flatMap { Redaction($0.header, $0.payload, seq: seq) }
            })
        for finding in found { add(finding) }
    }

    /// What stands below the rows: SQLite's own check of pages and indexes.
    private mutating func checkFile() {
        do {
            for trouble in try store.fileTroubles() { add(.database, seq: nil, "the file is damaged: \(trouble)") }
        } catch {
            add(.database, seq: nil, "the file cannot be checked: \(error)")
        }
    }
}
