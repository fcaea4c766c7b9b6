import VestigeCore
import VestigePolicy
public import VestigeTrail

/// An export under way: batches on demand, newest first, in memory of one batch. Its own entry is durable before it exists.
public struct EntryExport: Sendable {
    private let inquiry: Inquiry
    private let opener: EntryOpener
    private let text: String?
    private let limit: Int
    /// `nil` once nothing is left.
    private var query: IndexQuery?
    private let matches: Int
    /// How many entries were given so far.
    public private(set) var count = 0
    private var isCut = false

    init(_ inquiry: Inquiry, opener: EntryOpener, query: IndexQuery?, text: String?, limit: Int?, matches: Int) {
        self.inquiry = inquiry
        self.opener = opener
        self.query = query
        self.text = text
        self.limit = limit ?? .max
        self.matches = matches
    }

    /// The next batch; `nil` when there is no more.
    ///
    /// - Throws: ``InquiryError``; the export ends there and is not whole.
    public mutating func next() async throws -> [OpenedEntry]? {
        guard var query, count < limit else { return nil }
        query.limit = min(Inquiry.pageCount, limit - count)
        let (entries, cursor) = try await inquiry.answering { [inquiry, opener, text, query] in
            let found = try await inquiry.search(query, text: text)
            return (try await opener.open(found.entries), found.cursor)
        }
        count += entries.count
        isCut = cursor != nil
        query.before = cursor
        self.query = cursor == nil ? nil : query
        return entries
    }

    /// How many match in all. A text search is counted by doing it: only at its end is this all of them.
    public var total: Int { text == nil ? max(count, matches) : count }

    /// Whether the limit left some out.
    public var isTruncated: Bool { text == nil ? count < matches : isCut }
}

extension Inquiry {
    /// Begins to take out every entry that matches. The export's own entry, which tells how many matched, is durable on return.
    ///
    /// - Throws: ``InquiryError``; nothing was taken out.
    public func beginExport(_ filter: EntryFilter, format: EntryFormat, limit: Int?, asker: Asker) async throws -> EntryExport {
        try asker.check(.export, by: policy)
        return try await answering {
            var query = try await indexQuery(filter, limit: Inquiry.pageCount)
            var matches = 0
            if let query { matches = try await trail.count(query, ceiling: Inquiry.countCeiling) }
            let receipt = try await note(
                "exported", event: "exported", by: asker, about: query.flatMap(subject(of:)), rows: min(matches, limit ?? .max),
                format: format.rawValue)
            // What was there when it was asked: neither the export's own entry nor what comes while it runs.
            if older == nil { query?.before = receipt.seq }
            return EntryExport(self, opener: opener(for: asker), query: query, text: filter.text, limit: limit, matches: matches)
        }
    }

    /// Takes out every entry that matches, newest first, a batch at a time, in memory of one batch.
    ///
    /// - Returns: how many entries were given to `body`, how many match in all, and whether the limit left some out.
    /// - Throws: ``InquiryError``, or what `body` throws.
    @discardableResult
    public func export(
        _ filter: EntryFilter, format: EntryFormat, limit: Int?, asker: Asker, to body: ([OpenedEntry]) async throws -> Void
    ) async throws -> (count: Int, total: Int, isTruncated: Bool) {
        var export = try await beginExport(filter, format: format, limit: limit, asker: asker)
        while let batch = try await export.next() { try await body(batch) }
        return (export.count, export.total, export.isTruncated)
    }
}
