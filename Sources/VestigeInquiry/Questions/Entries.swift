import VestigeCore
import VestigeCrypto
import VestigePolicy
public import VestigeTrail
import VestigeVault

/// One page of entries, newest first.
public struct EntryPage: Sendable {
    public let entries: [OpenedEntry]
    public let total: Int
    /// False when there are more than were counted, or when a text search has not counted at all.
    public let totalIsExact: Bool
    /// Where the next page begins; `nil` on the last one.
    public let cursor: UInt64?
    /// How many entries of the whole trail were redacted. They are among the answers to a question for everything and match no other.
    public let redacted: Int
    /// What retention took of the whole trail: whether any of it would be among the answers cannot be told any more.
    public let pruned: PrunedEntries
    /// From when on was asked.
    public let since: Timestamp?
}

/// How an answer leaves: shown on a page, or taken out as a file.
public enum EntryFormat: String, Sendable {
    case table, json, csv, ndjson
    /// An evidence pack.
    case pack

    /// Those that a list of entries can be asked for in.
    public static let ofLists: [EntryFormat] = [.table, .json, .csv, .ndjson]
}

extension Inquiry {
    /// One page of the entries that match.
    ///
    /// - Throws: ``InquiryError``; nothing was shown.
    public func entries(_ filter: EntryFilter, limit: Int, cursor: UInt64? = nil, asker: Asker) async throws -> EntryPage {
        try asker.check(.query, by: policy)
        return try await answering {
            guard var query = try await indexQuery(filter, limit: limit) else {
                try await note("searched", by: asker, rows: 0)
                return EntryPage(
                    entries: [], total: 0, totalIsExact: true, cursor: nil, redacted: try await trail.redactedCount(),
                    pruned: try await trail.prunedSoFar(), since: filter.from)
            }
            query.before = cursor
            let found = try await search(query, text: filter.text)
            let entries = try await opener(for: asker).open(found.entries)
            let counted = filter.text == nil ? try await trail.count(query, ceiling: Inquiry.countCeiling + 1) : entries.count
            try await note("searched", by: asker, about: subject(of: query), rows: entries.count)
            let isExact = filter.text == nil ? counted <= Inquiry.countCeiling : cursor == nil && found.cursor == nil
            return EntryPage(
                entries: entries, total: min(counted, Inquiry.countCeiling), totalIsExact: isExact, cursor: found.cursor,
                redacted: try await trail.redactedCount(), pruned: try await trail.prunedSoFar(), since: filter.from)
        }
    }

    /// Takes out every entry that matches, newest first, a batch at a time, in memory of one batch.
    ///
    /// The export's own entry is durable before the first batch leaves and tells how many matched.
    ///
    /// - Returns: how many entries were given to `body`, how many match in all, and whether the limit left some out.
    /// - Throws: ``InquiryError``, or what `body` throws.
    @discardableResult
    public func export(
        _ filter: EntryFilter, format: EntryFormat, limit: Int?, asker: Asker, to body: ([OpenedEntry]) async throws -> Void
    ) async throws -> (count: Int, total: Int, isTruncated: Bool) {
        try asker.check(.export, by: policy)
        let (query, matches) = try await answering {
            var query = try await indexQuery(filter, limit: Inquiry.pageCount)
            var matches = 0
            if let query { matches = try await trail.count(query, ceiling: Inquiry.countCeiling) }
            let receipt = try await note(
                "exported", event: "exported", by: asker, about: query.flatMap(subject(of:)), rows: min(matches, limit ?? .max),
                format: format.rawValue)
            // What was there when it was asked: neither the export's own entry nor what comes while it runs.
            if older == nil { query?.before = receipt.seq }
            return (query, matches)
        }
        guard var query else { return (0, 0, false) }
        var count = 0
        var isCut = false
        while count < limit ?? .max {
            query.limit = min(Inquiry.pageCount, (limit ?? .max) - count)
            let page = try await answering { [query] in
                let found = try await search(query, text: filter.text)
                return (try await opener(for: asker).open(found.entries), found.cursor)
            }
            try await body(page.0)
            count += page.0.count
            isCut = page.1 != nil
            guard let cursor = page.1 else { break }
            query.before = cursor
        }
        // A text search is counted by doing it.
        return filter.text == nil ? (count, max(count, matches), count < matches) : (count, count, isCut)
    }

    /// The checkpoint that an export names.
    public func checkpoint() async throws -> Checkpoint {
        try await answering { try await trail.checkpoint() }
    }

    /// A text search reads headers until the page is full or the trail ends.
    private func search(_ query: IndexQuery, text: String?) async throws -> (entries: [StoredEntry], cursor: UInt64?) {
        guard let text, !text.isEmpty else {
            let page = try await trail.page(query)
            return (page, page.count == query.limit ? page.last?.seq : nil)
        }
        var query = query
        let wanted = query.limit
        query.limit = Inquiry.pageCount
        var found: [StoredEntry] = []
        while true {
            let page = try await trail.page(query)
            for entry in page {
                guard let body = entry.body, try Header(decoding: body.header).clearText.contains(folded: text) else { continue }
                found.append(entry)
                if found.count == wanted { return (found, entry.seq) }
            }
            guard page.count == query.limit, let last = page.last else { return (found, nil) }
            query.before = last.seq
        }
    }

    /// `nil` when a reference leads to nobody, so that nothing can match.
    private func indexQuery(_ filter: EntryFilter, limit: Int) async throws -> IndexQuery? {
        if let problem = filter.problem(by: policy) { throw InquiryError.undeclared(problem) }
        let resolver = ReferenceResolver(policy: policy, vault: vault)
        var query = IndexQuery(limit: limit)
        query.channels = filter.channels
        query.events = filter.events
        query.actions = filter.actions
        query.statuses = filter.statuses
        query.purposes = filter.purposes
        query.from = filter.from
        query.to = filter.to
        if !filter.actors.isEmpty {
            var terms: [Term] = []
            for actor in filter.actors { terms += try await resolver.acting(actor).acting.map { [Term(.actor, $0)] } ?? [] }
            query.terms.append(terms)
        }
        if !filter.subjects.isEmpty {
            var terms: [Term] = []
            for subject in filter.subjects {
                let person = try await resolver.viewed(subject).person
                terms += person.map { [Term(.lookedAt, $0), Term(.concerned, $0), Term(.subjectAsked, $0)] } ?? []
            }
            query.terms.append(terms)
        }
        if !filter.records.isEmpty {
            var terms: [Term] = []
            for record in filter.records { terms += recordTerms(try await resolver.viewed(record)) }
            query.terms.append(terms)
        }
        return query.terms.contains(where: \.isEmpty) ? nil : query
    }

    /// A record's own entries: those whose record it is, not those that only concern the person.
    private func recordTerms(_ resolved: ResolvedReference) -> [Term] {
        guard let record = resolved.record else { return resolved.terms }
        return [Term.record(record), Term.record(record, asked: true)].compactMap { $0 }
    }

    /// For the question's own entry: the person asked about, if there is one.
    private func subject(of query: IndexQuery) -> ResolvedReference? {
        let people = Set(query.terms.joined().filter { $0.kind == .lookedAt }.map(\.value))
        return people.count == 1 ? people.first.map { ResolvedReference(person: $0) } : nil
    }
}

extension Header {
    /// What a text search sees: nothing that is sealed.
    fileprivate var clearText: [String] {
        [channel, event, action, purpose, record?.type, record?.id, recipient, description?.template].compactMap { $0 } + fields
            + (description.map { Array($0.clear.values) } ?? [])
    }
}

extension [String] {
    fileprivate func contains(folded text: String) -> Bool {
        let needle = text.lowercased()
        return contains { $0.lowercased().contains(needle) }
    }
}
