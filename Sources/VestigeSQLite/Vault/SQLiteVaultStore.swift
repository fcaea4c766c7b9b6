import GRDB
public import VestigeCrypto
public import VestigeVault

/// A vault in one SQLite file, `vault.sqlite`: rollback journal and `secure_delete`, so that what is deleted is gone
/// from the file when the call returns.
public final class SQLiteVaultStore: VaultStore {
    let connection: SerialConnection

    private static let cacheByteCount = 32 << 20

    init(_ database: DatabaseQueue) { connection = SerialConnection(database, label: "vestige.vault") }

    /// Makes an empty store; `directory` must stand.
    ///
    /// - Throws: ``SQLiteStoreError/alreadyExists(file:)`` and the engine's own.
    public static func create(in directory: String) throws -> SQLiteVaultStore {
        SQLiteVaultStore(try VaultSchema.file.create(in: directory, cacheByteCount: cacheByteCount) { _ in })
    }

    /// Opens a store after its start-up checks.
    ///
    /// - Throws: ``SQLiteStoreError/foreignFile(_:)``: missing, damaged, of another program or version, or its schema was changed;
    ///   ``SQLiteStoreError/unconfirmed(code:)``: the disk does not sync.
    public static func open(in directory: String) throws -> SQLiteVaultStore { try open(in: directory, sync: DirectorySync.run) }

    /// - Parameter sync: makes durable what names the directory holds.
    static func open(in directory: String, sync: (_ directory: String) throws -> Void) throws -> SQLiteVaultStore {
        SQLiteVaultStore(try VaultSchema.file.open(in: directory, cacheByteCount: cacheByteCount, sync: sync))
    }

    /// Waits for what is under way; every later call throws ``SQLiteStoreError/closed``.
    public func close() throws { try connection.close() }

    // MARK: The vault's row about itself

    public func meta() async throws -> VaultMeta? {
        try await connection.run { db in
            let statement = try PreparedStatement(
                db,
                "SELECT vault, lookup_key, current_kek, least_kek, epoch, trail, checkpoint, size, replayed_through FROM meta")
            return try statement.first { row in
                let watermark = Watermark(
                    trail: try row.bytes16(5), checkpoint: row.text(6), size: row.place(7), replayedThrough: row.place(8))
                return VaultMeta(
                    vault: try row.bytes16(0), wrappedLookupKey: row.bytes(1), currentKEK: UInt32(truncatingIfNeeded: row.integer(2)),
                    leastKEK: UInt32(truncatingIfNeeded: row.integer(3)), epoch: row.place(4), watermark: watermark)
            }
        }
    }

    public func create(_ meta: VaultMeta) async throws {
        try await connection.write { db in
            guard try PreparedStatement(db, "SELECT 1 FROM meta").first({ _ in true }) == nil else { throw VaultError.storeNotEmpty }
            let insert = try PreparedStatement(db, "INSERT INTO meta VALUES (0, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
            try insert.bind(meta.vault, at: 1)
            try insert.bind(meta.wrappedLookupKey, at: 2)
            try insert.bind(Int64(meta.currentKEK), at: 3)
            try insert.bind(Int64(meta.leastKEK), at: 4)
            try insert.bind(meta.epoch, at: 5)
            try insert.bind(meta.watermark.trail, at: 6)
            try insert.bind(meta.watermark.checkpoint, at: 7)
            try insert.bind(meta.watermark.size, at: 8)
            try insert.bind(meta.watermark.replayedThrough, at: 9)
            try insert.run()
        }
    }

    public func epoch() async throws -> UInt64 {
        try await connection.run { db in try PreparedStatement(db, "SELECT epoch FROM meta").first { $0.place(0) } ?? 0 }
    }

    public func raiseWatermark(_ watermark: Watermark) async throws {
        try await connection.write { db in
            let update = try PreparedStatement(
                db,
                """
                UPDATE meta SET checkpoint = iif(?2 > size, ?3, checkpoint), size = max(size, ?2),
                    replayed_through = max(replayed_through, ?4)
                WHERE trail = ?1 AND (?2 > size OR ?4 > replayed_through)
                """)
            try update.bind(watermark.trail, at: 1)
            try update.bind(watermark.size, at: 2)
            try update.bind(watermark.checkpoint, at: 3)
            try update.bind(watermark.replayedThrough, at: 4)
            try update.run()
        }
    }

    public func adoptTrail(_ trail: Bytes16) async throws {
        try await connection.write { db in
            guard try PreparedStatement(db, "SELECT trail FROM meta").first({ try $0.bytes16(0) }) != trail else { return }
            // In two steps: the trigger lets nothing sink within one trail, not even when it adopts itself.
            for replacement in [Bytes16.random(), trail] {
                let update = try PreparedStatement(db, "UPDATE meta SET trail = ?, checkpoint = '', size = 0, replayed_through = 0")
                try update.bind(replacement, at: 1)
                try update.run()
            }
        }
    }

    // MARK: Directory and keys

    public func directory(_ keys: [DirectoryKey]) async throws -> [DirectoryAnswer] {
        try await connection.run { db in
            let statement = try PreparedStatement(
                db,
                """
                WITH RECURSIVE asked(place) AS (SELECT 0 WHERE ?2 > 0 UNION ALL SELECT place + 1 FROM asked WHERE place + 1 < ?2),
                named(place, lookup, role) AS (
                    SELECT place, substr(?1, place * 33 + 1, 32), CAST(hex(substr(?1, place * 33 + 33, 1)) AS INTEGER) FROM asked)
                SELECT d.locator, d.sealed, f.until FROM named n
                LEFT JOIN directory d ON d.lookup = n.lookup AND d.role = n.role
                LEFT JOIN fences f ON f.lookup = n.lookup AND f.role = n.role ORDER BY n.place
                """)
            var packed: [UInt8] = []
            packed.reserveCapacity(keys.count * 33)
            for key in keys {
                key.lookup.append(to: &packed)
                packed.append(key.role.rawValue)
            }
            var asked = keys.makeIterator()
            return try Self.answers(statement, packed, count: keys.count) { row in
                guard let key = asked.next() else { throw VaultError.rowDamaged("directory") }
                if !row.isNull(1) { return .row(DirectoryRow(key: key, locator: try row.bytes16(0), sealedPseudonym: row.bytes(1))) }
                return row.isNull(2) ? .nothing : .fenced(until: Int(row.integer(2)))
            }
        }
    }

    public func keys(_ pseudonyms: [Pseudonym]) async throws -> [KeyRow?] {
        try await connection.run { db in
            let statement = try PreparedStatement(
                db,
                """
                WITH RECURSIVE asked(place) AS (SELECT 0 WHERE ?2 > 0 UNION ALL SELECT place + 1 FROM asked WHERE place + 1 < ?2)
                SELECT k.pseudonym, k.role, k.state, k.wrapped, k.identity, k.held, k.due FROM asked
                LEFT JOIN keys k ON k.pseudonym = substr(?1, place * 16 + 1, 16) ORDER BY place
                """)
            var packed: [UInt8] = []
            packed.reserveCapacity(pseudonyms.count * 16)
            for pseudonym in pseudonyms { pseudonym.append(to: &packed) }
            return try Self.answers(statement, packed, count: pseudonyms.count) { $0.isNull(0) ? nil : try $0.keyRow() }
        }
    }

    /// Any number of questions as one parameter of one statement, which therefore sees one moment.
    private static func answers<Answer>(
        _ statement: PreparedStatement, _ packed: [UInt8], count: Int, _ read: (PreparedStatement) throws -> Answer
    ) throws -> [Answer] {
        try statement.bind(Int64(count), at: 2)
        return try packed.withUnsafeBytes { bytes in
            try statement.bind(lending: bytes, at: 1)
            return try statement.all(read)
        }
    }

    public func directoryPage(after key: DirectoryKey?, limit: Int) async throws -> [DirectoryRow] {
        try await connection.run { db in
            let statement = try PreparedStatement(
                db, "SELECT lookup, role, locator, sealed FROM directory WHERE (lookup, role) > (?, ?) ORDER BY lookup, role LIMIT ?")
            // No lookup is shorter than 32 bytes: all follow the empty one.
            try statement.bind(key?.lookup.bytes ?? [], at: 1)
            try statement.bind(Int64(key?.role.rawValue ?? 0), at: 2)
            try statement.bind(Int64(max(0, limit)), at: 3)
            return try statement.all { try $0.directoryRow() }
        }
    }

    public func dueKeys(on day: Int) async throws -> [KeyRow] {
        try await connection.run { db in
            let statement = try PreparedStatement(
                db,
                """
                SELECT pseudonym, role, state, wrapped, identity, held, due FROM keys WHERE due <= ? AND state = 1 ORDER BY pseudonym
                """)
            try statement.bind(Int64(day), at: 1)
            return try statement.all { try $0.keyRow() }
        }
    }

    public func counts() async throws -> VaultCounts {
        try await connection.run { db in
            let statement = try PreparedStatement(
                db, "SELECT count(*) FILTER (WHERE state = 1), count(*) FILTER (WHERE state <> 1) FROM keys WHERE role = 1")
            return try statement.first { VaultCounts(subjects: Int($0.integer(0)), erased: Int($0.integer(1))) }
                ?? VaultCounts(subjects: 0, erased: 0)
        }
    }
}
