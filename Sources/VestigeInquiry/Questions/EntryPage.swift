public import VestigeTrail

/// One page of entries, newest first.
public struct EntryPage: Sendable {
    /// How many entries a page of the service may have.
    public static let sizes = [25, 50, 100]

    public let entries: [OpenedEntry]
    /// The place of the page's first entry among all that match, from 1; 0 on an empty page.
    public let first: Int
    /// How many match in all, as the trail stood when the list was begun.
    public let total: Int
    /// False when there are more than were counted, or when a text search has not come to its end.
    public let totalIsExact: Bool
    /// Where the next page begins; `nil` on the last one.
    public let cursor: EntryCursor?
    /// What the entries that match have, if it was asked for and the question can be answered by the index.
    public var facets: EntryFacets?
    /// How many entries of the whole trail were redacted. They are among the answers to a question for everything and match no other.
    public let redacted: Int
    /// What retention took of the whole trail: whether any of it would be among the answers cannot be told any more.
    public let pruned: PrunedEntries
    /// From when on was asked.
    public let since: Timestamp?

    /// `1–50 of 142`, `51–100 of 10,000+`; `0` on an empty page.
    public var summary: String { EntryPage.summary(first: first, count: entries.count, total: total, isExact: totalIsExact) }

    package static func summary(first: Int, count: Int, total: Int, isExact: Bool) -> String {
        guard count > 0 else { return isExact ? "0" : "0 so far" }
        return "\(grouped(first))–\(grouped(first + count - 1)) of \(grouped(total))\(isExact ? "" : "+")"
    }

    private static func grouped(_ number: Int) -> String {
        var digits = Array(String(number))
        for place in stride(from: digits.count - 3, to: 0, by: -3) { digits.insert(",", at: place) }
        return String(digits)
    }
}

/// Which channels, events and actions the entries that match have, each with how many.
public struct EntryFacets: Sendable, Equatable {
    /// Places of the trail that are looked at, the newest: what bounds the time.
    public static let placeCountMax = 1_000_000

    public struct Value: Sendable, Equatable {
        public let code: String
        public let count: Int

        package init(code: String, count: Int) {
            self.code = code
            self.count = count
        }
    }

    /// The most frequent first.
    public let channels: [Value]
    public let events: [Value]
    public let actions: [Value]
    /// False when the trail has more places than were looked at: the counts are then of the newest ones.
    public let isComplete: Bool

    init(_ counts: [FacetCount], isComplete: Bool) {
        channels = EntryFacets.values(counts, by: \.channel)
        events = EntryFacets.values(counts, by: \.event)
        actions = EntryFacets.values(counts, by: \.action)
        self.isComplete = isComplete
    }

    private static func values(_ counts: [FacetCount], by code: KeyPath<FacetCount, String>) -> [Value] {
        let sums = counts.reduce(into: [String: Int]()) { $0[$1[keyPath: code], default: 0] += $1.count }
        return sums.map { Value(code: $0.key, count: $0.value) }.sorted { ($1.count, $0.code) < ($0.count, $1.code) }
    }
}
