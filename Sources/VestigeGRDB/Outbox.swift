import Foundation
import GRDB
import VestigeCore
import VestigeCrypto
import VestigeTrail

/// The table of the host's own database in which sealed entries wait for the trail.
///
/// A row is one act: `sealed` is a ``SealedBatch``, which names nobody, and `code` shows that a process with the keyring wrote it. Whoever
/// can write the host's database can take rows away, as they can undo what the rows speak of; they cannot write entries.
struct Outbox: Sendable {
    /// Of the rows that go to the trail in one commit.
    static let batchCountMax = 256
    static let batchByteCountMax = 4 << 20

    /// Names the place to the key, so that a code of another place is worth nothing here.
    private static let place = "outbox"

    /// One row as it was found.
    struct Row: Sendable {
        let seq: Int64
        let code: Data
        /// nil where the code is wrong or the bytes are no entries.
        let batch: SealedBatch?
    }

    let key: SpoolKey

    // AUTOINCREMENT: no number that was committed is given again, so no row is taken away in place of another.
    static func make(in db: Database) throws {
        try db.execute(
            sql: """
                CREATE TABLE IF NOT EXISTS vestige_outbox (
                    seq INTEGER PRIMARY KEY AUTOINCREMENT,
                    sealed BLOB NOT NULL,
                    code BLOB NOT NULL
                ) STRICT
                """)
    }

    /// - Parameter batch: nil for a place that is filled before the transaction ends.
    /// - Returns: the row's number; later acts have higher ones.
    func put(_ batch: SealedBatch?, in db: Database) throws -> Int64 {
        let (sealed, code) = bytes(of: batch)
        try db.cachedStatement(sql: "INSERT INTO vestige_outbox (sealed, code) VALUES (?, ?)").execute(arguments: [sealed, code])
        return db.lastInsertedRowID
    }

    func fill(_ seq: Int64, with batch: SealedBatch, in db: Database) throws {
        let (sealed, code) = bytes(of: batch)
        try db.cachedStatement(sql: "UPDATE vestige_outbox SET sealed = ?, code = ? WHERE seq = ?")
            .execute(arguments: [sealed, code, seq])
    }

    private func bytes(of batch: SealedBatch?) -> (sealed: Data, code: Data) {
        guard let sealed = batch?.encoded() else { return (Data(), Data()) }
        return (Data(sealed), Data(key.code(for: sealed, in: Outbox.place, number: 0).bytes))
    }

    /// The oldest rows of a range, as many as go to the trail at once.
    func rows(after place: Int64, through last: Int64, in db: Database) throws -> [Row] {
        let statement = try db.cachedStatement(
            sql: "SELECT seq, sealed, code FROM vestige_outbox WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?")
        let cursor = try GRDB.Row.fetchCursor(statement, arguments: [place, last, Outbox.batchCountMax])
        var rows: [Row] = []
        var byteCount = 0
        while byteCount < Outbox.batchByteCountMax, let row = try cursor.next() {
            let (sealed, code): (Data, Data) = (row[1], row[2])
            byteCount += sealed.count
            rows.append(Row(seq: row[0], code: code, batch: batch([UInt8](sealed), code: [UInt8](code))))
        }
        return rows
    }

    private func batch(_ sealed: [UInt8], code: [UInt8]) -> SealedBatch? {
        guard key.verifies(code, for: sealed, in: Outbox.place, number: 0) else { return nil }
        return try? SealedBatch(decoding: sealed)
    }

    /// Removes these very rows.
    static func remove(_ rows: [Row], in db: Database) throws {
        let statement = try db.cachedStatement(sql: "DELETE FROM vestige_outbox WHERE seq = ? AND code = ?")
        for row in rows { try statement.execute(arguments: [row.seq, row.code]) }
    }

    static func count(in db: Database) throws -> Int {
        try Int.fetchOne(db, sql: "SELECT count(*) FROM vestige_outbox") ?? 0
    }

    /// The number of the newest row; nil when there is none.
    static func newest(in db: Database) throws -> Int64? {
        try Int64.fetchOne(db, sql: "SELECT max(seq) FROM vestige_outbox")
    }

    /// Which of the rows from `seq` on stand.
    static func standing(from seq: Int64, in db: Database) throws -> Set<Int64> {
        try Int64.fetchSet(db, sql: "SELECT seq FROM vestige_outbox WHERE seq >= ?", arguments: [seq])
    }
}
