import GRDB
public import VestigeCrypto
public import VestigeVault

extension SQLiteVaultStore {
    public func reindex(_ changes: [BlindChange]) async throws -> [Bool] {
        try await connection.write { db in
            let current = try Self.currentKEK(db)
            guard changes.allSatisfy({ $0.adding.allSatisfy { $0.kek == current } }) else { throw VaultError.kekChanged(current: current) }
            let delete = try PreparedStatement(db, "DELETE FROM blind_index WHERE token = ? AND locator = ?")
            let insert = try PreparedStatement(
                db, "INSERT INTO blind_index(token, locator, sealed) VALUES (?, ?, ?) ON CONFLICT(token, locator) DO NOTHING")
            return try changes.map { change in
                guard try Self.isActive(change.pseudonym, db) else { return false }
                for key in change.removing {
                    try delete.bind(key, at: 1)
                    try delete.run()
                }
                for row in change.adding {
                    try insert.bind(row.key, at: 1)
                    try insert.bind(row.sealedPseudonym, at: 3)
                    try insert.run()
                }
                return true
            }
        }
    }

    public func blindRows(_ token: Bytes32, after locator: Bytes16?, limit: Int) async throws -> [BlindRow] {
        try await connection.run { db in
            let find = try PreparedStatement(
                db, "SELECT token, locator, sealed FROM blind_index WHERE token = ? AND locator > ? ORDER BY locator LIMIT ?")
            try find.bind(token, at: 1)
            // No locator is shorter than 16 bytes: all follow the empty one.
            try find.bind(locator?.bytes ?? [], at: 2)
            try find.bind(Int64(max(0, limit)), at: 3)
            return try find.all { try $0.blindRow() }
        }
    }

    static func isActive(_ pseudonym: Pseudonym, _ db: Database) throws -> Bool {
        let find = try PreparedStatement(db, "SELECT 1 FROM keys WHERE pseudonym = ? AND state = 1")
        try find.bind(pseudonym, at: 1)
        return try find.first { _ in true } != nil
    }
}
