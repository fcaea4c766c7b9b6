import GRDB
import VestigeCrypto
import VestigeTrail

/// Statements that read a trail, on whichever connection asks: the writer inside its transaction, or a reader.
enum TrailReads {
    static func head(_ db: Database) throws -> StoredHead? {
        try PreparedStatement(db, "SELECT size, recorded_at, checkpoint FROM head").first { row in
            StoredHead(size: row.place(0), recordedAt: Timestamp(microseconds: row.integer(1)), checkpoint: row.text(2))
        }
    }

    /// How many entries the newest checkpoint's row counts; 0 before the first.
    static func size(_ db: Database) throws -> UInt64 {
        try PreparedStatement(db, "SELECT size FROM head").first { $0.place(0) } ?? 0
    }

    static func leafCount(_ db: Database) throws -> UInt64 {
        try PreparedStatement(db, "SELECT coalesce(max(seq) + 1, 0) FROM leaves").first { $0.place(0) } ?? 0
    }

    static func leaves(_ db: Database, _ range: Range<UInt64>) throws -> [[UInt8]] {
        let statement = try PreparedStatement(db, "SELECT leaf FROM leaves WHERE seq >= ? AND seq < ? ORDER BY seq")
        try bind(range, to: statement)
        return try statement.all { $0.bytes(0) }
    }

    static func tile(_ db: Database, level: Int, index: UInt64) throws -> Tile? {
        let statement = try PreparedStatement(db, "SELECT hashes FROM tiles WHERE level = ? AND idx = ?")
        try statement.bind(Int64(level), at: 1)
        try statement.bind(index, at: 2)
        return try statement.first { Tile(level: level, index: index, decoding: $0.bytes(0)) } ?? nil
    }

    static func seq(_ db: Database, of id: EntryID) throws -> UInt64? {
        let statement = try PreparedStatement(db, "SELECT seq FROM leaves WHERE substr(leaf, 2, 16) = ?")
        try statement.bind(id.bytes, at: 1)
        return try statement.first { $0.place(0) }
    }

    static func entries(_ db: Database, _ seqs: [UInt64]) throws -> [StoredEntry] {
        let statement = try PreparedStatement(
            db,
            """
            SELECT l.seq, l.leaf, b.header_salt, b.header, b.payload_salt, b.payload, r.entry
            FROM leaves l LEFT JOIN bodies b ON b.seq = l.seq LEFT JOIN redactions r ON r.seq = l.seq WHERE l.seq = ?
            """)
        var entries: [StoredEntry] = []
        entries.reserveCapacity(seqs.count)
        for seq in seqs {
            try statement.bind(seq, at: 1)
            if let entry = try statement.first(entry) { entries.append(entry) }
        }
        return entries
    }

    static func oldestBody(_ db: Database) throws -> UInt64? {
        try PreparedStatement(db, "SELECT min(seq) FROM bodies WHERE seq >= 0").first { $0.isNull(0) ? nil : $0.place(0) } ?? nil
    }

    static func keptCheckpoints(_ db: Database) throws -> [KeptCheckpoint] {
        try PreparedStatement(db, "SELECT size, note FROM checkpoints ORDER BY size").all {
            KeptCheckpoint(size: $0.place(0), note: $0.text(1))
        }
    }

    static func plans(_ db: Database) throws -> [StoredPlan] {
        try PreparedStatement(db, "SELECT from_seq, to_seq, id, cutoff, digest, entry FROM plans").all { row in
            let (from, to) = (row.place(0), row.place(1))
            return StoredPlan(
                range: from..<max(from, to), id: Bytes16(row.bytes(2)) ?? .zero, cutoff: Timestamp(microseconds: row.integer(3)),
                digest: Bytes32(row.bytes(4)) ?? .zero, entry: Bytes16(row.bytes(5)) ?? .zero)
        }
    }

    static func hasCosignatures(_ db: Database) throws -> Bool {
        try PreparedStatement(db, "SELECT 1 FROM sqlite_schema WHERE name = 'cosignatures'").first { $0.integer(0) } != nil
    }

    static func cosignatures(_ db: Database, _ sizes: ClosedRange<UInt64>) throws -> [StoredCosignature] {
        let statement = try PreparedStatement(db, "SELECT size, line FROM cosignatures WHERE size >= ? AND size <= ? ORDER BY size, line")
        try statement.bind(Int64(clamping: sizes.lowerBound), at: 1)
        try statement.bind(Int64(clamping: sizes.upperBound), at: 2)
        return try statement.all { StoredCosignature(size: $0.place(0), line: $0.text(1)) }
    }

    static func scan(_ db: Database, _ range: Range<UInt64>, _ visit: (StoredEntry, IndexRow?) throws -> Void) throws -> Int {
        // A statement of its own: a visitor may ask the same connection for other things.
        let statement = PreparedStatement(
            try db.makeStatement(
                sql: """
                    SELECT l.seq, l.leaf, b.header_salt, b.header, b.payload_salt, b.payload, r.entry,
                        i.occurred_at, i.channel, i.event, i.action, i.status, i.actor_type, i.purpose
                    FROM leaves l LEFT JOIN bodies b ON b.seq = l.seq LEFT JOIN redactions r ON r.seq = l.seq
                    LEFT JOIN index_rows i ON i.seq = l.seq
                    WHERE l.seq >= ? AND l.seq < ? ORDER BY l.seq
                    """))
        try bind(range, to: statement)
        defer { statement.reset() }
        var count = 0
        while try statement.step() {
            try visit(entry(statement), indexRow(statement))
            count += 1
        }
        return count
    }

    static func scanTerms(
        _ db: Database, after last: TermPlace?, limit: Int, _ visit: (TermPlace) throws -> Void
    ) throws -> TermPlace? {
        let condition = last == nil ? "" : "WHERE (term, seq) > (?, ?)"
        let statement = PreparedStatement(
            try db.makeStatement(sql: "SELECT term, seq FROM terms \(condition) ORDER BY term, seq LIMIT \(max(0, limit))"))
        if let last {
            try statement.bind(last.term.bytes, at: 1)
            try statement.bind(last.seq, at: 2)
        }
        defer { statement.reset() }
        var visited: TermPlace?
        while try statement.step() {
            guard let term = Term(decoding: statement.bytes(0)) else {
                throw TrailError.inconsistent("the index by term holds a row of no known kind for entry \(statement.integer(1))")
            }
            let place = TermPlace(term: term, seq: statement.place(1))
            try visit(place)
            visited = place
        }
        return visited
    }

    /// - Parameter range: clamped to what a row's number can be.
    private static func bind(_ range: Range<UInt64>, to statement: PreparedStatement) throws {
        try statement.bind(Int64(clamping: range.lowerBound), at: 1)
        try statement.bind(Int64(clamping: range.upperBound), at: 2)
    }

    private static func entry(_ row: PreparedStatement) -> StoredEntry {
        let body =
            row.isNull(2)
            ? nil
            : StoredEntry.Body(headerSalt: row.bytes(2), header: row.bytes(3), payloadSalt: row.bytes(4), payload: row.bytes(5))
        return StoredEntry(seq: row.place(0), leaf: row.bytes(1), body: body, redactedBy: row.isNull(6) ? nil : Bytes16(row.blob(6)))
    }

    private static func indexRow(_ row: PreparedStatement) -> IndexRow? {
        guard !row.isNull(7) else { return nil }
        return IndexRow(
            seq: row.place(0), occurredAt: Timestamp(microseconds: row.integer(7)), channel: row.text(8), event: row.text(9),
            action: row.text(10), status: row.text(11), actorType: row.text(12), purpose: row.isNull(13) ? nil : row.text(13))
    }
}
