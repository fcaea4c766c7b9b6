import VestigeCrypto

/// Trusts nothing: bodies against leaves, leaves against tree, tree against signed checkpoints, index against headers.
struct TrailVerifier {
    /// Entries read in one transaction: well under a second, so that the writer's log can be reset in between.
    static let pageCount: UInt64 = 8192
    /// More findings than this say nothing new; the last one says that there are more.
    static let findingCountMax = 1000

    private let store: any TrailStore
    private let key: VerifierKey
    private var findings: [TrailFinding] = []
    private var builder = TreeBuilder()
    private var terms = TermSum()
    private var lastRecordedAt = Timestamp(microseconds: 0)
    private var keptCheckpoints: [Checkpoint] = []
    private var keptSizes: [UInt64] = []
    private var isWalked = false
    private var redactions = RedactionCheck()
    private var retention = RetentionCheck()

    /// Notes that somebody else kept, such as the vault.
    private let others: [String]

    init(store: any TrailStore, key: VerifierKey, others: [String] = []) {
        self.store = store
        self.key = key
        self.others = others
    }

    consuming func verify() throws -> TrailReport {
        do {
            try examine()
        } catch TrailError.inconsistent(let what) {
            // A file that breaks off under a read is an answer too, and what was found up to there stands.
            add(.database, seq: isWalked ? nil : builder.size, isWalked ? what : "\(what); it cannot be read on from here")
        }
        checkFile()
        return TrailReport(head: builder.head, findings: findings, redacted: redactions.redactedCount, pruned: retention.prunedCount)
    }

    private mutating func examine() throws {
        guard let row = try store.head() else { return add(.checkpoint, seq: nil, "the newest checkpoint is missing") }
        guard let newest = checkpoint(of: row) else { return }
        try readKeptCheckpoints(upTo: newest.size)
        let counted = try walk(upTo: newest.size)
        isWalked = true
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
            for finding in try KeptCheckpointRule(store: store).findings(sizes: keptSizes, size: newest.size) { add(finding) }
        }
        try checkEnd(of: newest)
        for kept in keptCheckpoints { add(.checkpoint, seq: nil, "a kept checkpoint of size \(kept.size) lies beyond the leaves") }
        try checkRetention(count: counted)
        try checkRedactions(count: counted)
        try checkTerms(count: counted)
        try checkStrays()
    }

    /// What stands below the rows: SQLite's own check of pages and indexes.
    private mutating func checkFile() {
        do {
            for trouble in try store.fileTroubles() { add(.database, seq: nil, "the file is damaged: \(trouble)") }
        } catch {
            add(.database, seq: nil, "the file cannot be checked: \(error)")
        }
    }

    private mutating func add(_ kind: TrailFinding.Kind, seq: UInt64?, _ message: String) {
        add(TrailFinding(kind, seq: seq, message))
    }

    private mutating func add(_ finding: TrailFinding) {
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

    private mutating func readKeptCheckpoints(upTo size: UInt64) throws {
        for kept in try store.keptCheckpoints() {
            do {
                let checkpoint = try Checkpoint(verifying: kept.note, by: key)
                if checkpoint.size != kept.size { add(.checkpoint, seq: nil, "a kept checkpoint is of another size than its row") }
                keptCheckpoints.append(checkpoint)
                keptSizes.append(checkpoint.size)
            } catch {
                add(.checkpoint, seq: nil, "kept checkpoint of size \(kept.size): \(error)")
                keptSizes.append(kept.size)
            }
        }
        // One kept while this runs is of a later tree, which has its newest checkpoint by now.
        if let last = keptCheckpoints.map(\.size).max(), last > size, last > (try store.head()?.size ?? 0) {
            add(.size, seq: size, "the trail has \(size) entries, a checkpoint that it kept says \(last): entries were taken from its end")
        }
        keptCheckpoints.removeAll { $0.size > size }
        try readOthers(upTo: size)
        keptCheckpoints.sort { $0.size > $1.size }
        compareKeptCheckpoints()
    }

    private mutating func readOthers(upTo size: UInt64) throws {
        for note in others {
            do {
                let checkpoint = try Checkpoint(verifying: note, by: key)
                if checkpoint.size > size {
                    add(
                        .size, seq: size,
                        "the trail has \(size) entries, a checkpoint kept elsewhere says \(checkpoint.size): an older copy was put back. Put back the newest copy, or do again what came since, erasures first"
                    )
                } else {
                    keptCheckpoints.append(checkpoint)
                }
            } catch {
                add(.checkpoint, seq: nil, "a checkpoint kept elsewhere: \(error)")
            }
        }
    }

    private mutating func compareKeptCheckpoints() {
        while let next = keptCheckpoints.last, next.size == builder.size {
            if next.root != builder.root {
                add(.checkpoint, seq: nil, "the leaves do not lead to the root that the checkpoint of size \(next.size) signed")
            }
            keptCheckpoints.removeLast()
        }
    }

    /// Walks all entries in order; returns how many leaves there were without a gap.
    private mutating func walk(upTo size: UInt64) throws -> UInt64 {
        var next: UInt64 = 0
        while next < size {
            let end = min(next + TrailVerifier.pageCount, size)
            var pass = self
            var expected = next
            try store.scan(next..<end) { entry, row in
                guard entry.seq == expected else { return }
                pass.check(entry, row)
                expected += 1
            }
            self = pass
            guard expected == end else { return expected }
            next = end
        }
        return next
    }

    private mutating func check(_ entry: StoredEntry, _ row: IndexRow?) {
        builder.push(TreeHash.leaf(entry.leaf))
        for tile in builder.takeFilledTiles() { checkTile(tile, at: entry.seq) }
        compareKeptCheckpoints()
        guard let leaf = Leaf(decoding: entry.leaf) else { return add(.leaf, seq: entry.seq, "the leaf is not a leaf of this version") }
        if leaf.recordedAt < lastRecordedAt { add(.leaf, seq: entry.seq, "recorded before the entry below it") }
        lastRecordedAt = leaf.recordedAt
        if let redaction = entry.redactedBy { redactions.note(entry, by: redaction) }
        guard let body = entry.body else {
            if entry.redactedBy == nil { retention.noteBodiless(entry.seq) }
            if row != nil { add(.index, seq: entry.seq, "an index row stands for an entry without a body") }
            return
        }
        let payload = try? Payload(decoding: body.payload)
        let isSound = leaf.commits(to: .payload, salt: body.payloadSalt, bytes: body.payload)
        if !isSound {
            add(.payload, seq: entry.seq, "payload or its salt is not what was recorded")
        } else if payload == nil {
            add(.payload, seq: entry.seq, "the payload cannot be read")
        }
        guard leaf.commits(to: .header, salt: body.headerSalt, bytes: body.header) else {
            return add(.header, seq: entry.seq, "header or its salt is not what was recorded")
        }
        guard let header = TrailVerifier.soundHeader(of: entry) else {
            return add(.header, seq: entry.seq, "the header cannot be read, or is of another entry")
        }
        if row != IndexRow(seq: entry.seq, header: header) {
            add(.index, seq: entry.seq, row == nil ? "the index row is missing" : "the index row says something else than the header")
        }
        for term in Term.all(of: header) { terms.add(TermPlace(term: term, seq: entry.seq)) }
        if isSound, let payload {
            redactions.note(header, payload, seq: entry.seq)
            retention.note(header, payload, seq: entry.seq, recordedAt: leaf.recordedAt)
        }
    }

    private mutating func checkRetention(count: UInt64) throws {
        let (store, key, redactions) = (store, key, redactions)
        let found = try retention.findings(store: store, count: count, isRedacted: redactions.knows) { seq in
            try? Trail.proven(seq, in: store, key: key)
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
                return (try? Trail.proven(seq, in: store, key: key)).flatMap { Redaction($0.header, $0.payload, seq: seq) }
            })
        for finding in found { add(finding) }
    }

    /// The header, if it is what was recorded of this entry.
    private static func soundHeader(of entry: StoredEntry) -> Header? {
        guard let leaf = Leaf(decoding: entry.leaf), let body = entry.body,
            leaf.commits(to: .header, salt: body.headerSalt, bytes: body.header), let header = try? Header(decoding: body.header),
            header.id == leaf.id
        else { return nil }
        return header
    }

    /// A commit writes leaves and checkpoint together: leaves seen past a checkpoint that is still the newest are not ours.
    private mutating func checkEnd(of newest: Checkpoint) throws {
        guard try !store.leaves(newest.size..<newest.size + 1).isEmpty, try store.head()?.checkpoint == newest.note else { return }
        add(.size, seq: newest.size, "entries stand behind the newest checkpoint, which says \(newest.size)")
    }

    private mutating func checkTile(_ tile: Tile, at seq: UInt64) {
        let stored = try? store.tile(level: tile.level, index: tile.index)
        if stored != tile {
            add(.tile, seq: seq, "tile \(tile.level)/\(tile.index) is \(stored == nil ? "missing" : "not what the leaves give")")
        }
    }

    // MARK: The index by term, as a sum that needs no order; only when it is off, entry by entry

    private mutating func checkTerms(count: UInt64) throws {
        var stored = TermSum(key: terms.key)
        var last: TermPlace?
        do {
            repeat {
                last = try store.scanTerms(after: last, limit: Int(TrailVerifier.pageCount)) { place in
                    if place.seq < count { stored.add(place) }
                }
            } while last != nil
            if stored != terms { try nameWrongTerms(count: count) }
        } catch let error as TrailError {
            add(.index, seq: nil, "the index by term cannot be read: \(error)")
        }
    }

    private mutating func nameWrongTerms(count: UInt64) throws {
        let before = findings.count
        var hasUnsound = false
        var isRedactedMeanwhile = false
        let chunk: UInt64 = 65_536
        for start in stride(from: UInt64(0), to: count, by: UInt64.Stride(chunk)) {
            let range = start..<min(start + chunk, count)
            var expected: Set<TermPlace> = []
            // Found as they are; what they should be listed under, nobody can say.
            var unsound: Set<UInt64> = []
            try store.scan(range) { entry, _ in
                if entry.redactedBy != nil, !redactions.knows(entry.seq) { isRedactedMeanwhile = true }
                if entry.body == nil, entry.redactedBy == nil, !retention.knowsBodiless(entry.seq) { isRedactedMeanwhile = true }
                guard let header = TrailVerifier.soundHeader(of: entry) else {
                    if entry.body != nil { unsound.insert(entry.seq) }
                    return
                }
                for term in Term.all(of: header) { expected.insert(TermPlace(term: term, seq: entry.seq)) }
            }
            var wrong: [UInt64] = []
            var last: TermPlace?
            repeat {
                last = try store.scanTerms(after: last, limit: Int(TrailVerifier.pageCount)) { place in
                    guard range.contains(place.seq), !unsound.contains(place.seq) else { return }
                    if expected.remove(place) == nil { wrong.append(place.seq) }
                }
            } while last != nil
            hasUnsound = hasUnsound || !unsound.isEmpty
            for seq in Set(wrong) { add(.index, seq: seq, "the index lists the entry under a term that its header does not have") }
            for seq in Set(expected.map(\.seq)).sorted() {
                // Redacted after it was read, and before the terms were.
                if try store.entries([seq]).first?.body == nil {
                    isRedactedMeanwhile = true
                } else {
                    add(.index, seq: seq, "the index does not list the entry under a term of its header")
                }
            }
        }
        // Entry by entry all is well: what was counted before is gone by now.
        if findings.count == before, !hasUnsound, !isRedactedMeanwhile {
            add(.index, seq: nil, "the index by term does not agree with the headers")
        }
    }

    private mutating func checkStrays() throws {
        for stray in try store.strayRows() {
            // Numbers are signed in a file, and nothing stands below 0.
            let isBelow = stray.seq > Int64.max
            let what = isBelow ? "has a number below 0" : "belongs to no entry"
            add(.stray, seq: isBelow ? nil : stray.seq, "a row in the \(stray.table.rawValue) table \(what)")
        }
    }
}

/// An order-free sum over rows, each hashed under a key drawn for this run, so that nobody can prepare rows whose
/// changes cancel out.
struct TermSum: Equatable {
    let key: Bytes16
    private var sum: UInt64 = 0
    private var count = 0

    init(key: Bytes16 = .random()) {
        self.key = key
    }

    mutating func add(_ place: TermPlace) {
        var hasher = Hasher()
        hasher.combine(key)
        hasher.combine(place)
        sum &+= UInt64(bitPattern: Int64(hasher.finalize()))
        count += 1
    }
}
