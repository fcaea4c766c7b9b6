import GRDB
public import VestigeCrypto
public import VestigeVault

extension SQLiteVaultStore {
    public func reindex(_ pseudonym: Pseudonym, removing: [BlindKey], adding: [BlindRow]) async throws -> Bool {
        try await connection.write { db in
            let current = try Self.currentKEK(db)
            guard adding.allSatisfy({ $0.kek == current }) else { throw VaultError.kekChanged(current: current) }
            guard try Self.isActive(pseudonym, db) else { return false }
            let delete = try PreparedStatement(db, "DELETE FROM blind_index WHERE token = ? AND locator = ?")
            for key in removing {
                try delete.bind(key, at: 1)
                try delete.run()
            }
            let insert = try PreparedStatement(
                db, "INSERT INTO blind_index(token, locator, sealed) VALUES (?, ?, ?) ON CONFLICT(token, locator) DO NOTHING")
            for row in adding {
                try insert.bind(row.key, at: 1)
                try insert.bind(row.sealedPseudonym, at: 3)
                try insert.run()
            }
            return true
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

    public func blindPage(after key: BlindKey?, limit: Int) async throws -> [BlindRow] {
        try await connection.run { db in
            let page = try PreparedStatement(
                db,
                "SELECT token, locator, sealed FROM blind_index WHERE (token, locator) > (?, ?) ORDER BY token, locator LIMIT ?")
            try page.bind(key?.token.bytes ?? [], at: 1)
            try page.bind(key?.locator.bytes ?? [], at: 2)
            try page.bind(Int64(max(0, limit)), at: 3)
            return try page.all { try $0.blindRow() }
        }
    }

    static func isActive(_ pseudonym: Pseudonym, _ db: Database) throws -> Bool {
        let find = try PreparedStatement(db, "SELECT 1 FROM keys WHERE pseudonym = ? AND state = 1")
        try find.bind(pseudonym, at: 1)
        return try find.first { _ in true } != nil
    }
}
