import Foundation
import GRDB
import VestigeCore
import VestigeCrypto
import VestigeTrail

/// The table of the host's own database in which sealed entries wait for the trail.
///
/// A row is one act: `sealed` is a ``SealedBatch`` under a cover, and `code` shows that a process with the keyring wrote it into this very row of
/// this very outbox, which has an id of its own. A batch names nobody, but it has pseudonyms in it, and stands in one commit with the rows of
/// those who bear them: uncovered, the host's file would lead from an id to a pseudonym. Whoever can write the host's database can take rows away, as they can undo
/// what the rows speak of; they can neither write entries nor put them in another order.
struct Outbox: Sendable {
    /// Of the rows that go to the trail in one commit.
    static let batchCountMax = 256
    static let batchByteCountMax = 4 << 20

    /// One row as it was found.
    struct Row: Sendable {
        let seq: Int64
        let code: Data
        /// nil where the code is wrong or the bytes are no entries.
        let batch: SealedBatch?
        /// The older trail that it was sealed for; nil for the present one.
        var older: Bytes16?
    }

    private let key: SpoolKey
    private let older: [OlderSpool]
    /// Names the outbox to the key, so that a code of another place is worth nothing here.
    private let place: String

    /// - Parameter id: As ``make(in:)`` gives it.
    /// - Parameter older: trails that the present one goes on from; rows may still wait for them.
    init(key: SpoolKey, older: [OlderSpool] = [], id: Data) {
        self.key = key
        self.older = older
        place = "outbox/" + id.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }

    /// Makes the outbox where there is none.
    ///
    /// AUTOINCREMENT: no number that was committed is given again, so no row is taken away in place of another.
    ///
    /// - Returns: its id, which is random and stays.
    @discardableResult
    static func make(in db: Database) throws -> Data {
        try db.execute(
            sql: """
                CREATE TABLE IF NOT EXISTS vestige_outbox (
                    seq INTEGER PRIMARY KEY AUTOINCREMENT,
                    sealed BLOB NOT NULL,
                    code BLOB NOT NULL
                ) STRICT;
                CREATE TABLE IF NOT EXISTS vestige_outbox_id (id BLOB NOT NULL) STRICT
                """)
        if let id = try Data.fetchOne(db, sql: "SELECT id FROM vestige_outbox_id ORDER BY rowid LIMIT 1") { return id }
        let id = Data(Bytes16.random().bytes)
        try db.execute(sql: "INSERT INTO vestige_outbox_id (id) VALUES (?)", arguments: [id])
        return id
    }

    /// - Parameter batch: nil for a place that is filled before the transaction ends.
    /// - Returns: the row's number; later acts have higher ones.
    func put(_ batch: SealedBatch?, in db: Database) throws -> Int64 {
        // The code holds for the row's number, which the database gives.
        try db.cachedStatement(sql: "INSERT INTO vestige_outbox (sealed, code) VALUES (x'', x'')").execute()
        let seq = db.lastInsertedRowID
        if let batch { try fill(seq, with: batch, in: db) }
        return seq
    }

    func fill(_ seq: Int64, with batch: SealedBatch, in db: Database) throws {
        let sealed = key.covered(batch.encoded(), in: place, number: UInt64(bitPattern: seq))
        let code = key.code(for: sealed, in: place, number: UInt64(bitPattern: seq))
        try db.cachedStatement(sql: "UPDATE vestige_outbox SET sealed = ?, code = ? WHERE seq = ?")
            .execute(arguments: [Data(sealed), Data(code.bytes), seq])
    }

    /// The oldest rows of a range, as many as go to the trail at once.
    func rows(after place: Int64, through last: Int64, in db: Database) throws -> [Row] {
        let statement = try db.cachedStatement(
            sql: "SELECT seq, sealed, code FROM vestige_outbox WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?")
        let cursor = try GRDB.Row.fetchCursor(statement, arguments: [place, last, Outbox.batchCountMax])
        var rows: [Row] = []
        var byteCount = 0
        while byteCount < Outbox.batchByteCountMax, let row = try cursor.next() {
            let (seq, sealed, code): (Int64, Data, Data) = (row[0], row[1], row[2])
            byteCount += sealed.count
            let (batch, older) = read([UInt8](sealed), code: [UInt8](code), seq: seq)
            rows.append(Row(seq: seq, code: code, batch: batch, older: older))
        }
        return rows
    }

    private func read(_ sealed: [UInt8], code: [UInt8], seq: Int64) -> (SealedBatch?, older: Bytes16?) {
        let number = UInt64(bitPattern: seq)
        func batch(under key: SpoolKey) -> SealedBatch? {
            guard let bytes = key.uncovered(sealed, in: place, number: number) else { return nil }
            return try? SealedBatch(decoding: bytes)
        }
        if key.verifies(code, for: sealed, in: place, number: number) { return (batch(under: key), nil) }
        guard let older = older.first(where: { $0.key.verifies(code, for: sealed, in: place, number: number) }) else { return (nil, nil) }
        return (batch(under: older.key), older.trail)
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
