import GRDB
import VestigeTrail

/// One write transaction on the trail's writing connection.
struct SQLiteTrailTransaction: TrailTransaction {
    private let db: Database
    private let index: TrailIndex
    private let leafInsert: PreparedStatement
    private let bodyInsert: PreparedStatement

    init(_ db: Database) throws {
        self.db = db
        index = try TrailIndex(db)
        leafInsert = try PreparedStatement(db, "INSERT INTO leaves VALUES (?, ?)")
        bodyInsert = try PreparedStatement(db, "INSERT INTO bodies VALUES (?, ?, ?, ?, ?)")
    }

    func head() throws -> StoredHead? { try TrailReads.head(db) }
    func leafCount() throws -> UInt64 { try TrailReads.leafCount(db) }
    func leaves(_ range: Range<UInt64>) throws -> [[UInt8]] { try TrailReads.leaves(db, range) }
    func tile(level: Int, index: UInt64) throws -> Tile? { try TrailReads.tile(db, level: level, index: index) }
    func seq(of id: EntryID) throws -> UInt64? { try TrailReads.seq(db, of: id) }

    func insert(_ entry: SealedEntry, leaf: [UInt8], seq: UInt64) throws {
        try leafInsert.bind(seq, at: 1)
        try leaf.withUnsafeBytes { bytes in
            try leafInsert.bind(lending: bytes, at: 2)
            try leafInsert.run()
        }
        try bodyInsert.bind(seq, at: 1)
        try entry.headerSalt.withUnsafeBytes { headerSalt in
            try bodyInsert.bind(lending: headerSalt, at: 2)
            try entry.headerBytes.withUnsafeBytes { header in
                try bodyInsert.bind(lending: header, at: 3)
                try entry.payloadSalt.withUnsafeBytes { payloadSalt in
                    try bodyInsert.bind(lending: payloadSalt, at: 4)
                    try entry.payloadBytes.withUnsafeBytes { payload in
                        try bodyInsert.bind(lending: payload, at: 5)
                        try bodyInsert.run()
                    }
                }
            }
        }
        try index.insert(entry.header, seq: seq)
    }

    func insert(_ tile: Tile) throws {
        let statement = try PreparedStatement(db, "INSERT INTO tiles VALUES (?, ?, ?)")
        try statement.bind(Int64(tile.level), at: 1)
        try statement.bind(tile.index, at: 2)
        try statement.bind(tile.encoded(), at: 3)
        try statement.run()
    }

    func set(_ head: StoredHead, keep: Bool) throws {
        // Not an upsert: its INSERT would meet the trigger that keeps the row from being replaced.
        let update = try PreparedStatement(db, "UPDATE head SET size = ?, recorded_at = ?, checkpoint = ? WHERE one = 0")
        try bind(head, to: update)
        if try update.run() == 0 {
            let insert = try PreparedStatement(db, "INSERT INTO head(one, size, recorded_at, checkpoint) VALUES (0, ?, ?, ?)")
            try bind(head, to: insert)
            try insert.run()
        }
        if keep { try self.keep(head.checkpoint, size: head.size, cosignatures: []) }
    }

    func keep(_ checkpoint: String, size: UInt64, cosignatures: [String]) throws {
        // One of a size that is kept already stays as it was first signed.
        let keeping = try PreparedStatement(
            db, "INSERT INTO checkpoints SELECT ?1, ?2 WHERE NOT EXISTS (SELECT 1 FROM checkpoints WHERE size = ?1)")
        try keeping.bind(size, at: 1)
        try keeping.bind(checkpoint, at: 2)
        try keeping.run()
        let adding = try PreparedStatement(
            db, "INSERT INTO cosignatures SELECT ?1, ?2 WHERE NOT EXISTS (SELECT 1 FROM cosignatures WHERE size = ?1 AND line = ?2)")
        for line in cosignatures {
            try adding.bind(size, at: 1)
            try adding.bind(line, at: 2)
            try adding.run()
        }
    }

    private func bind(_ head: StoredHead, to statement: PreparedStatement) throws {
        try statement.bind(head.size, at: 1)
        try statement.bind(head.recordedAt.microseconds, at: 2)
        try statement.bind(head.checkpoint, at: 3)
    }
}
