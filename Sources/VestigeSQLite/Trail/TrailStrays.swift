import GRDB
import VestigeTrail

/// Rows that belong to no entry.
enum TrailStrays {
    /// Terms looked through in one statement: well under a second.
    static let pageCount = 200_000

    /// How many entries stand there: no more than the newest checkpoint's row counts, whatever leaves there are.
    private static func count(_ db: Database) throws -> UInt64 { min(try TrailReads.leafCount(db), try TrailReads.size(db)) }

    /// Leaves, bodies, index rows, redactions, tiles and cosignatures, in one snapshot.
    static func besideTerms(_ db: Database) throws -> [StrayRow] {
        let count = try count(db)
        var strays: [StrayRow] = []
        for (name, table) in [
            ("leaves", StrayRow.Table.leaf), ("bodies", .body), ("index_rows", .index), ("redactions", .redaction),
        ] {
            let statement = try PreparedStatement(
                db, "SELECT seq FROM \(name) WHERE seq < 0 UNION ALL SELECT seq FROM \(name) WHERE seq >= ?")
            try statement.bind(count, at: 1)
            strays += try statement.all { StrayRow(table: table, seq: $0.place(0)) }
        }
        strays += try PreparedStatement(db, "SELECT level, idx FROM tiles").all { row -> StrayRow? in
            let (level, index) = (row.integer(0), row.place(1))
            // A tile at level l covers 256^(l+1) leaves; nothing covers 2^64.
            if (0..<7).contains(level), index < count >> UInt64(8 * (level + 1)) { return nil }
            return StrayRow(table: .tile, seq: index)
        }.compactMap { $0 }
        guard try TrailReads.hasCosignatures(db) else { return strays }
        return strays
            + (try PreparedStatement(
                db, "SELECT DISTINCT size FROM cosignatures WHERE size NOT IN (SELECT size FROM checkpoints) ORDER BY size"
            ).all { StrayRow(table: .cosignature, seq: $0.place(0)) })
    }

    /// One page of terms from after `last`; `last` is where the next one begins, `nil` at the end.
    static func terms(_ db: Database, after last: inout (term: [UInt8], seq: UInt64)?) throws -> [StrayRow] {
        let count = try count(db)
        let condition = last == nil ? "" : "WHERE (term, seq) > (?, ?)"
        let statement = try PreparedStatement(db, "SELECT term, seq FROM terms \(condition) ORDER BY term, seq LIMIT \(pageCount)")
        if let last {
            try statement.bind(last.term, at: 1)
            try statement.bind(last.seq, at: 2)
        }
        defer { statement.reset() }
        var strays: [StrayRow] = []
        var seen = 0
        while try statement.step() {
            seen += 1
            let seq = statement.place(1)
            if seq >= count { strays.append(StrayRow(table: .index, seq: seq)) }
            if seen == pageCount { last = (statement.bytes(0), seq) }
        }
        if seen < pageCount { last = nil }
        return strays
    }
}
