public import VestigeCore
import VestigeCrypto
import VestigePolicy
import VestigeTrail
import VestigeVault

extension Inquiry {
    /// Takes out every entry that matches as one file, newest first, a batch at a time, in memory of one batch.
    ///
    /// The export's own entry is durable before the first byte leaves. What is recorded meanwhile is not in the file.
    ///
    /// - Parameter write: called with the file's bytes in order; it may wait, nothing is read meanwhile.
    /// - Returns: what the file holds and whether it is complete.
    /// - Throws: ``InquiryError``, or what `write` throws: what was written so far is then no whole file.
    public func export(_ order: ExportOrder, to write: ([UInt8]) async throws -> Void) async throws -> ExportManifest {
        try check(order)
        let begun = try await begin(
            order.filter, limit: order.limit, asker: order.asker, format: order.format, opening: order.opening)
        // After the export's own entry, so that it covers that too.
        let checkpoint = try await checkpoint()
        let erased = try await answering { try await erasedPseudonyms() }
        var document = ExportDocument(order, checkpoint: checkpoint)
        var tally = ExportTally()
        var hasher = SHA256Hasher()
        var byteCount = 0
        func put(_ bytes: [UInt8]) async throws {
            guard !bytes.isEmpty else { return }
            hasher.update(bytes)
            byteCount += bytes.count
            try await write(bytes)
        }
        let opener = EntryOpener(
            vault: vault, trail: trail.identity.id, opensActors: order.opening.contains(.actors),
            opensSubjects: order.opening.contains(.subjects), erased: erased)
        try await put(document.head())
        let given = try await walk(begun, order.filter, limit: order.limit, by: opener) { batch in
            for entry in batch { tally.add(entry) }
            try await put(document.batch(batch))
        }
        var manifest = ExportManifest(order, export: begun.receipt, checkpoint: checkpoint)
        manifest.tell(given, tally)
        manifest.redacted = try await answering { try await trail.redactedCount() }
        manifest.pruned = try await answering { try await prunedCount(below: begun.size, from: order.filter.from) }
        try await put(document.tail(manifest))
        manifest.byteCount = byteCount
        manifest.sha256 = hasher.finish()
        return manifest
    }

    /// The same as entries, opened as far as the asker may see, for whoever writes files of their own.
    ///
    /// - Returns: how many entries were given to `body`, how many match in all, whether the limit left some out, and where the export's own
    ///   entry stands.
    /// - Throws: ``InquiryError``, or what `body` throws.
    @discardableResult
    public func export(
        _ filter: EntryFilter, format: EntryFormat, limit: Int?, asker: Asker, to body: ([OpenedEntry]) async throws -> Void
    ) async throws -> (count: Int, total: Int, isTruncated: Bool, receipt: Receipt) {
        try asker.check(.export, by: policy)
        try checkNaming(in: filter)
        var opening: Set<OpenedPart> = []
        if asker.rights.contains(.openActors), policy.actors.show == .name { opening.insert(.actors) }
        if asker.rights.contains(.openSubjects) { opening.insert(.subjects) }
        let begun = try await begin(filter, limit: limit, asker: asker, format: format, opening: opening)
        // What the export's own entry says is opened, and nothing else: a case opens answers and no files.
        let opener = EntryOpener(
            vault: vault, trail: trail.identity.id, opensActors: opening.contains(.actors), opensSubjects: opening.contains(.subjects))
        let given = try await walk(begun, filter, limit: limit, by: opener, body)
        return (given.count, given.total, given.isTruncated, begun.receipt)
    }

    private func check(_ order: ExportOrder) throws(InquiryError) {
        try order.asker.check(.export, by: policy)
        try checkNaming(in: order.filter)
        if order.opening.contains(.actors) {
            try order.asker.check(.openActors, by: policy)
            guard policy.actors.show == .name else { throw .actorsAreHidden }
        }
        if order.opening.contains(.subjects) { try order.asker.check(.openSubjects, by: policy) }
    }

    /// A file of one person's acts opens them, and a case opens answers and no files.
    private func checkNaming(in filter: EntryFilter) throws(InquiryError) {
        let named = filter.actors.contains { if case .record = $0 { true } else { false } }
        guard !named || policy.actors.show == .name else { throw .actorsAreHidden }
    }

    /// What stands once the export's own entry does.
    private struct Begun: Sendable {
        let query: IndexQuery?
        let receipt: Receipt
        /// Places from here on are not in it.
        let size: UInt64
        let matches: Int
    }

    private func begin(
        _ filter: EntryFilter, limit: Int?, asker: Asker, format: EntryFormat, opening: Set<OpenedPart>
    ) async throws -> Begun {
        try await answering {
            let resolved = try await resolve(filter)
            var query = resolved.query
            query?.below = try await trail.size()
            let matches = if let query { try await trail.count(query, ceiling: .max) } else { 0 }
            var details: [String: HeaderDetail] = ["format": .code(format.rawValue)]
            if !opening.isEmpty {
                for part in OpenedPart.allCases { details["opened_\(part.rawValue)"] = .boolean(opening.contains(part)) }
            }
            let receipt = try await note(
                "exported", event: "exported", by: asker, about: query.flatMap(subject(of:)), rows: min(matches, limit ?? .max),
                asked: resolved.said, details: details)
            return Begun(query: query, receipt: receipt, size: query?.below ?? 0, matches: matches)
        }
    }

    private func walk(
        _ begun: Begun, _ filter: EntryFilter, limit: Int?, by opener: EntryOpener, _ body: ([OpenedEntry]) async throws -> Void
    ) async throws -> (count: Int, total: Int, isTruncated: Bool) {
        guard var query = begun.query else { return (0, 0, false) }
        var count = 0
        var isCut = false
        var batch = ExportBatch()
        while count < limit ?? .max {
            query.limit = min(batch.count, (limit ?? .max) - count)
            let page = try await answering { [query] in
                let found = try await search(query, texts: filter.texts)
                batch.next(after: found.entries)
                return (try await opener.open(found.entries), found.next)
            }
            try await body(page.0)
            count += page.0.count
            isCut = page.1 != nil
            guard let next = page.1 else { break }
            query.before = next
        }
        // A text search is counted by doing it.
        return filter.texts.isEmpty ? (count, max(count, begun.matches), count < begun.matches) : (count, count, isCut)
    }

    /// Everybody whose erasure has begun, by pseudonym: a fold over few entries, found by their action.
    func erasedPseudonyms() async throws -> Set<Bytes16> {
        var erased: Set<Bytes16> = []
        var query = IndexQuery(limit: Inquiry.pageCount)
        query.channels = [Code.complianceChannel]
        query.actions = ["erasure.started"]
        for trail in older == nil ? [trail] : [trail, present] {
            query.before = nil
            while true {
                let page = try await trail.page(query)
                for entry in page {
                    if let body = entry.body { erased.formUnion(try Header(decoding: body.header).subjects) }
                }
                guard page.count == query.limit, let last = page.last else { break }
                query.before = last.seq
            }
        }
        return erased
    }

    /// Entries whose body a retention plan removed, as far as they can have happened from `time` on: there is a leaf, and neither a row of the
    /// index nor a redaction.
    private func prunedCount(below size: UInt64, from time: Timestamp?) async throws -> Int {
        var all = IndexQuery(limit: 0)
        // Nothing is recorded more than a day before it happens.
        let first = if let time { min(size, try await trail.firstPlace(from: time.adding(days: -1))) } else { UInt64(0) }
        (all.since, all.below) = (first, size)
        return max(0, Int(clamping: size - first) - (try await trail.count(all, ceiling: .max)))
    }
}

/// How many entries an export reads at once: many small ones, few large ones.
private struct ExportBatch {
    private static let byteCountMax = 1 << 20
    private static let least = 8

    private(set) var count = 64

    mutating func next(after entries: [StoredEntry]) {
        let byteCount = entries.reduce(0) { $0 + ($1.body.map { $0.header.count + $0.payload.count } ?? 0) }
        count = byteCount > Self.byteCountMax ? max(Self.least, count / 2) : min(Inquiry.pageCount, count * 2)
    }
}

/// Counts on the way what the manifest says.
struct ExportTally {
    var erased = 0
    var unreadable = 0
    var newest: UInt64?
    var oldest: UInt64?

    mutating func add(_ entry: OpenedEntry) {
        if entry.namesErased { erased += 1 }
        if entry.isUnreadable { unreadable += 1 }
        newest = max(newest ?? 0, entry.seq)
        oldest = min(oldest ?? .max, entry.seq)
    }
}
