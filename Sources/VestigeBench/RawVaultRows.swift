import Foundation
import GRDB
import VestigeCrypto

/// The limit of `rotate`: rows of the shape of a vault's, rewrapped by nothing but the cipher and updated by nothing but SQLite. The file is
/// set as the vault's is (rollback journal, synchronous EXTRA, secure deletion); there are no triggers and no comparison.
final class RawVaultRows {
    private struct Table {
        let update: String
        /// Ascending, as a page after the other would be written.
        let names: [Data]
        let aad: [UInt8]
        let wrapped: [[UInt8]]
    }

    private static let prefix = 5
    private static let rowsInTransaction = 1_000

    private let queue: DatabaseQueue
    private let old = Randomness.bytes(AEAD.keyByteCount)
    private let new = Randomness.bytes(AEAD.keyByteCount)
    private let tables: [Table]

    init(path: String, people: Int) throws {
        queue = try DatabaseQueue(path: path)
        try queue.writeWithoutTransaction { db in
            try db.execute(
                sql: "PRAGMA journal_mode = DELETE; PRAGMA synchronous = EXTRA; PRAGMA secure_delete = ON; PRAGMA cache_size = -32768")
            guard try Int.fetchOne(db, sql: "PRAGMA synchronous") == 3 else {
                throw BenchError.environment("this SQLite does not do synchronous EXTRA; the limit would be another one")
            }
            try db.execute(
                sql: """
                    CREATE TABLE keys(pseudonym BLOB PRIMARY KEY, role INTEGER NOT NULL, state INTEGER NOT NULL, wrapped BLOB, identity BLOB,
                        held INTEGER NOT NULL, due INTEGER) WITHOUT ROWID;
                    CREATE TABLE directory(lookup BLOB NOT NULL, role INTEGER NOT NULL, locator BLOB NOT NULL, sealed BLOB NOT NULL,
                        PRIMARY KEY(lookup, role)) WITHOUT ROWID;
                    CREATE INDEX directory_by_locator ON directory(locator);
                    """)
        }
        func names(_ count: Int) -> [Data] {
            (0..<people).map { _ in Data(Randomness.bytes(count)) }.sorted { $0.lexicographicallyPrecedes($1) }
        }
        let old = old
        func table(_ update: String, name: Int, secret: Int, aad: Int) -> Table {
            let aad = Randomness.bytes(aad)
            let wrapped = (0..<people).map { _ in Self.seal(Randomness.bytes(secret), key: old, aad: aad) }
            return Table(update: update, names: names(name), aad: aad, wrapped: wrapped)
        }
        tables = [
            table("UPDATE keys SET wrapped = ? WHERE pseudonym = ?", name: 16, secret: 32, aad: 36),
            table("UPDATE directory SET sealed = ? WHERE lookup = ? AND role = 1", name: 32, secret: 16, aad: 58),
        ]
        let identity = Data(Randomness.bytes(137))
        // In random order, as people come: pages of a table that grew so are two thirds full.
        try queue.write { db in
            for place in (0..<people).shuffled() {
                try db.execute(
                    sql: "INSERT INTO keys VALUES (?, 1, 1, ?, ?, 0, NULL)",
                    arguments: [tables[0].names[place], Data(tables[0].wrapped[place]), identity])
                try db.execute(
                    sql: "INSERT INTO directory VALUES (?, 1, ?, ?)",
                    arguments: [tables[1].names[place], Data(Randomness.bytes(16)), Data(tables[1].wrapped[place])])
            }
        }
    }

    /// Every row opened under the old key and sealed under the new one.
    func rewrapped() throws -> [[[UInt8]]] {
        try tables.map { table in
            try table.wrapped.map { wrapped in
                let nonce = Array(wrapped[Self.prefix..<Self.prefix + AEAD.nonceByteCount])
                let secret = try old.withUnsafeBytes {
                    try AEAD.open(Array(wrapped[(Self.prefix + AEAD.nonceByteCount)...]), key: $0, nonce: nonce, aad: table.aad)
                }
                return Self.seal(secret, key: new, aad: table.aad)
            }
        }
    }

    /// The rows put into the file, so many in one transaction.
    func update(_ rows: [[[UInt8]]]) throws {
        for (table, rows) in zip(tables, rows) {
            for start in stride(from: 0, to: rows.count, by: Self.rowsInTransaction) {
                try queue.write { db in
                    let statement = try db.cachedStatement(sql: table.update)
                    for place in start..<min(start + Self.rowsInTransaction, rows.count) {
                        statement.setUncheckedArguments([Data(rows[place]), table.names[place]])
                        try statement.execute()
                    }
                }
            }
        }
    }

    func close() throws { try queue.close() }

    private static func seal(_ secret: [UInt8], key: [UInt8], aad: [UInt8]) -> [UInt8] {
        let nonce = Randomness.bytes(AEAD.nonceByteCount)
        return key.withUnsafeBytes { [1, 0, 0, 0, 1] + nonce + AEAD.seal(secret, key: $0, nonce: nonce, aad: aad) }
    }
}
