/// Questions to the index, in pieces: one that finds little among many entries must not keep the log from being reset for as long as it looks.
extension Trail {
    /// Places that one read looks at: some 50 ms for a million.
    static let placesPerRead: UInt64 = 1_000_000
    /// Places that one read counts by channel, event and action.
    static let facetPlacesPerRead: UInt64 = 100_000

    /// How many entries there are, as the newest checkpoint says it, its signature checked: its row anybody can write who can write the file.
    public func size() async throws -> UInt64 {
        try await checkpoint().size
    }

    /// Places of the entries that match, newest first.
    public func search(_ query: IndexQuery) async throws -> [UInt64] {
        try await search(query, placesPerRead: Trail.placesPerRead)
    }

    package func search(_ query: IndexQuery, placesPerRead: UInt64) async throws -> [UInt64] {
        guard query.passesRowsOver else { return try await read { try $0.search(query) } }
        var found: [UInt64] = []
        for range in try await ranges(of: query, placesPerRead: placesPerRead) {
            let piece = query.piece(range, limit: query.limit - found.count)
            found += try await read { try $0.search(piece) }
            if found.count >= query.limit { break }
        }
        return found
    }

    /// The newest matches with their entries.
    public func page(_ query: IndexQuery) async throws -> [StoredEntry] {
        guard query.passesRowsOver else { return try await read { store in try store.entries(try store.search(query)) } }
        return try await entries(try await search(query))
    }

    /// How many match, without regard to `before` and `limit`; counts no further than `ceiling`.
    public func count(_ query: IndexQuery, ceiling: Int) async throws -> Int {
        try await count(query, ceiling: ceiling, placesPerRead: Trail.placesPerRead)
    }

    package func count(_ query: IndexQuery, ceiling: Int, placesPerRead: UInt64) async throws -> Int {
        guard query.terms.isEmpty || query.passesRowsOver else { return try await read { try $0.count(query, ceiling: ceiling) } }
        var whole = query
        whole.before = nil
        var count = 0
        for range in try await ranges(of: whole, placesPerRead: placesPerRead) {
            let piece = whole.piece(range, limit: 0)
            count += try await read { [count] in try $0.count(piece, ceiling: ceiling - count) }
            if count >= ceiling { break }
        }
        return count
    }

    /// Channels, events and actions of the newest entries that match, with how many have them, and whether all that match were looked at.
    ///
    /// - Parameter placeCountMax: looks at so many places of the trail, rounded up to a read, whether they match or not: what bounds the time.
    public func facets(_ query: IndexQuery, placeCountMax: Int) async throws -> (counts: [FacetCount], isComplete: Bool) {
        try await facets(query, placeCountMax: placeCountMax, placesPerRead: Trail.facetPlacesPerRead)
    }

    package func facets(
        _ query: IndexQuery, placeCountMax: Int, placesPerRead: UInt64
    ) async throws -> (counts: [FacetCount], isComplete: Bool) {
        var whole = query
        whole.before = nil
        var facets = FacetTally()
        var rest = placeCountMax
        for range in try await ranges(of: whole, placesPerRead: min(placesPerRead, UInt64(max(1, rest)))) {
            guard rest > 0 else { return (facets.counts, false) }
            let piece = whole.piece(range, limit: 0)
            for count in try await read({ try $0.facets(piece) }) { facets.add(count) }
            rest -= range.count
        }
        return (facets.counts, true)
    }

    /// The places that a query can be about, cut into pieces, the newest first; each made when it is asked for.
    private func ranges(of query: IndexQuery, placesPerRead: UInt64) async throws -> some Sequence<Range<UInt64>> {
        let end = min(try await size(), query.below ?? .max, query.before ?? .max)
        let start = min(query.since ?? 0, end)
        return sequence(state: end) { end -> Range<UInt64>? in
            guard end > start else { return nil }
            let range = end - min(placesPerRead, end - start)..<end
            end = range.lowerBound
            return range
        }
    }
}

extension IndexQuery {
    /// Whether finding little may take a look at many rows: entries are passed over that something leads to, or nothing leads to them.
    fileprivate var passesRowsOver: Bool {
        var unfiltered = self
        unfiltered.terms = []
        return !unfiltered.asksForAll
    }

    fileprivate func piece(_ range: Range<UInt64>, limit: Int) -> IndexQuery {
        var piece = self
        piece.since = range.lowerBound
        piece.below = range.upperBound
        piece.before = nil
        piece.limit = limit
        return piece
    }
}

/// Adds up what was counted in pieces.
struct FacetTally {
    private struct Key: Hashable {
        let channel: String
        let event: String
        let action: String
    }

    private var byKey: [Key: Int] = [:]

    mutating func add(_ count: FacetCount) {
        byKey[Key(channel: count.channel, event: count.event, action: count.action), default: 0] += count.count
    }

    /// Ascending by their bytes.
    var counts: [FacetCount] {
        byKey.map { FacetCount(channel: $0.key.channel, event: $0.key.event, action: $0.key.action, count: $0.value) }.sorted {
            FacetTally.bytes($0).lexicographicallyPrecedes(FacetTally.bytes($1))
        }
    }

    private static func bytes(_ count: FacetCount) -> [UInt8] {
        Array(count.channel.utf8) + [0] + Array(count.event.utf8) + [0] + Array(count.action.utf8)
    }
}
