import GRDB
public import VestigeCrypto
public import VestigeVault

extension SQLiteVaultStore {
    public func link(_ names: [LinkedName], today: Int) async throws -> Bool {
        try await connection.write { db in
            let current = try Self.currentKEK(db)
            guard names.allSatisfy({ $0.directory.kek == current }) else { throw VaultError.kekChanged(current: current) }
            for name in names {
                guard try Self.isActive(name.pseudonym, db), try Self.isFree(name.directory.key, today: today, db) else { return false }
            }
            let insert = try PreparedStatement(db, "INSERT INTO links(lookup, role, locator, sealed) VALUES (?, ?, ?, ?)")
            for name in names {
                try Self.removeFence(name.directory.key, db)
                try Self.insert(name.directory, db)
                try insert.bind(name.directory.key, at: 1)
                try insert.bind(name.directory.locator, at: 3)
                try insert.bind(name.sealedIdentifier, at: 4)
                try insert.run()
            }
            return true
        }
    }

    public func links(at locator: Bytes16) async throws -> [LinkRow] {
        try await connection.run { db in
            let find = try PreparedStatement(
                db, "SELECT lookup, role, locator, sealed FROM links WHERE locator = ? ORDER BY lookup, role")
            try find.bind(locator, at: 1)
            return try find.all { row in
                LinkRow(
                    key: DirectoryKey(lookup: try row.bytes32(0), role: try row.role(1)), locator: try row.bytes16(2),
                    sealedIdentifier: row.bytes(3))
            }
        }
    }

    private static func isFree(_ key: DirectoryKey, today: Int, _ db: Database) throws -> Bool {
        let find = try PreparedStatement(
            db,
            """
            SELECT 1 FROM directory WHERE lookup = ?1 AND role = ?2
            UNION ALL SELECT 1 FROM fences WHERE lookup = ?1 AND role = ?2 AND until >= ?3
            """)
        try find.bind(key, at: 1)
        try find.bind(Int64(today), at: 3)
        return try find.first { _ in true } == nil
    }
}
