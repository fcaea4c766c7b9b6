import GRDB
import VestigeTrail

/// A query of the index as SQL: text and the values bound to it, never one inside the other but for one constant.
///
/// With terms, one run of the `terms` table is read newest first for each term of the first group, the runs merged as
/// they come; the other groups are looked up for each place. Rows of the index are joined only when a filter needs them.
struct TrailSearch {
    private enum Value {
        case integer(Int64)
        case text(String)
        case bytes([UInt8])
    }

    /// SQLite takes 500 parts of a compound SELECT; beyond this many one sorted list is cheaper than a merge.
    private static let mergedTermCountMax = 64

    private var sql = ""
    private var values: [Value] = []

    private init() {}

    /// Places that match, newest first, at most `limit`.
    private init(_ query: IndexQuery, limit: Int) {
        if let first = query.terms.first, first.count > 1, first.count <= Self.mergedTermCountMax {
            for (place, term) in first.enumerated() {
                sql += place == 0 ? "" : " UNION "
                appendRun(of: [term], query)
            }
        } else if let first = query.terms.first {
            appendRun(of: first, query)
        } else {
            sql += "SELECT i.seq AS seq FROM index_rows i WHERE true"
            appendPlaces(query, "i")
            appendFilters(query)
            if query.asksForAll {
                sql += " UNION SELECT r.seq AS seq FROM redactions r WHERE true"
                appendPlaces(query, "r")
            }
        }
        sql += " ORDER BY seq DESC LIMIT ?"
        values.append(.integer(Int64(limit)))
    }

    static func places(_ db: Database, _ query: IndexQuery) throws -> [UInt64] {
        guard canMatch(query) else { return [] }
        return try TrailSearch(shortestRunFirst(query), limit: query.limit).statement(db).all { $0.place(0) }
    }

    static func count(_ db: Database, _ query: IndexQuery, ceiling: Int) throws -> Int {
        guard canMatch(query) else { return 0 }
        var query = shortestRunFirst(query)
        query.before = nil
        var search = TrailSearch(query, limit: max(0, ceiling))
        search.sql = "SELECT count(*) FROM (\(search.sql))"
        return try search.statement(db).first { Int($0.integer(0)) } ?? 0
    }

    static func channels(_ db: Database, _ terms: [Term], before: UInt64?, limit: Int) throws -> [ChannelCount] {
        var query = IndexQuery(limit: 0)
        query.terms = [terms]
        query.before = before
        guard canMatch(query) else { return [] }
        var search = TrailSearch(query, limit: max(0, limit))
        search.sql = """
            SELECT i.channel, i.action >= 'audit.' AND i.action < 'audit/' AS question, count(*), max(t.seq), min(t.seq)
            FROM (\(search.sql)) t CROSS JOIN index_rows i ON i.seq = t.seq GROUP BY i.channel, question ORDER BY i.channel, question
            """
        return try search.statement(db).all {
            ChannelCount(
                channel: $0.text(0), isQuestion: $0.integer(1) == 1, count: Int($0.integer(2)), newest: $0.place(3),
                oldest: $0.place(4))
        }
    }

    /// Of all that matches, whatever `before` and `limit` say. The reader of the range bounds what this costs.
    static func facets(_ db: Database, _ query: IndexQuery) throws -> [FacetCount] {
        guard canMatch(query) else { return [] }
        var query = shortestRunFirst(query)
        query.before = nil
        let columns = "i.channel, i.event, i.action"
        var search: TrailSearch
        if query.terms.isEmpty {
            search = TrailSearch()
            search.sql = "SELECT \(columns), count(*) FROM index_rows i WHERE true"
            search.appendPlaces(query, "i")
            search.appendFilters(query)
        } else {
            search = TrailSearch(query, limit: .max)
            search.sql = "SELECT \(columns), count(*) FROM (\(search.sql)) t CROSS JOIN index_rows i ON i.seq = t.seq"
        }
        search.sql += " GROUP BY \(columns) ORDER BY \(columns)"
        return try search.statement(db).all {
            FacetCount(channel: $0.text(0), event: $0.text(1), action: $0.text(2), count: Int($0.integer(3)))
        }
    }

    /// A group without terms is a condition that nothing meets.
    private static func canMatch(_ query: IndexQuery) -> Bool { !query.terms.contains { $0.isEmpty } }

    /// Staff look at many people, a person is looked at by few: a group of actors is read only when there is no other.
    private static func shortestRunFirst(_ query: IndexQuery) -> IndexQuery {
        var query = query
        let hasActor = { (group: [Term]) in group.contains { $0.kind == .actor } }
        query.terms = query.terms.filter { !hasActor($0) } + query.terms.filter(hasActor)
        return query
    }

    // MARK: Building

    /// One run through the entries of `terms` that pass everything else.
    private mutating func appendRun(of terms: [Term], _ query: IndexQuery) {
        let needsRows = Self.needsRows(query)
        sql += terms.count > 1 ? "SELECT DISTINCT t.seq AS seq" : "SELECT t.seq AS seq"
        // CROSS keeps SQLite from turning the loops around.
        sql += " FROM terms t\(needsRows ? " CROSS JOIN index_rows i ON i.seq = t.seq" : "") WHERE t.term"
        appendList(terms.map { .bytes($0.bytes) })
        appendPlaces(query, "t")
        for group in query.terms.dropFirst() {
            sql += " AND EXISTS (SELECT 1 FROM terms o WHERE o.seq = t.seq AND o.term"
            appendList(group.map { .bytes($0.bytes) })
            sql += ")"
        }
        if needsRows { appendFilters(query) }
    }

    private mutating func appendPlaces(_ query: IndexQuery, _ table: String) {
        if let since = query.since { append(" AND \(table).seq >= ?", .integer(Int64(clamping: since))) }
        if let below = query.below { append(" AND \(table).seq < ?", .integer(Int64(clamping: below))) }
        if let before = query.before { append(" AND \(table).seq < ?", .integer(Int64(clamping: before))) }
    }

    private mutating func appendFilters(_ query: IndexQuery) {
        for (column, wanted) in Self.lists(query) where !wanted.isEmpty {
            if column == "channel", wanted == [TrailSchema.ownChannel] {
                // In the text, so that SQLite sees that the index of these entries will do.
                sql += " AND i.channel = '\(TrailSchema.ownChannel)'"
                continue
            }
            sql += " AND i.\(column)"
            appendList(wanted.map { .text($0) })
        }
        // Every string that begins with "audit." lies between these two: "/" follows ".".
        if query.withoutQuestions { sql += " AND NOT (i.action >= 'audit.' AND i.action < 'audit/')" }
        if let from = query.from { append(" AND i.occurred_at >= ?", .integer(from.microseconds)) }
        if let to = query.to { append(" AND i.occurred_at < ?", .integer(to.microseconds)) }
    }

    private mutating func append(_ text: String, _ value: Value) {
        sql += text
        values.append(value)
    }

    private mutating func appendList(_ items: [Value]) {
        sql += items.count == 1 ? " = ?" : " IN (" + repeatElement("?", count: items.count).joined(separator: ",") + ")"
        values += items
    }

    private static func lists(_ query: IndexQuery) -> [(column: String, wanted: [String])] {
        [
            ("channel", query.channels), ("event", query.events), ("action", query.actions), ("status", query.statuses),
            ("actor_type", query.actorTypes), ("purpose", query.purposes),
        ]
    }

    private static func needsRows(_ query: IndexQuery) -> Bool {
        if query.from != nil || query.to != nil || lists(query).contains(where: { !$0.wanted.isEmpty }) { return true }
        guard query.withoutQuestions else { return false }
        // Terms of these kinds never come from a question.
        let kinds: Set<Term.Kind> = [.lookedAt, .concerned, .record]
        return !query.terms.contains { group in group.allSatisfy { kinds.contains($0.kind) } }
    }

    private func statement(_ db: Database) throws -> PreparedStatement {
        let statement = try PreparedStatement(db, sql)
        for (place, value) in values.enumerated() {
            let place = Int32(place + 1)
            switch value {
            case .integer(let number): try statement.bind(number, at: place)
            case .text(let text): try statement.bind(text, at: place)
            case .bytes(let bytes): try statement.bind(bytes, at: place)
            }
        }
        return statement
    }
}
