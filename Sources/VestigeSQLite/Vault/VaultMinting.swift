import GRDB
public import VestigeCrypto
public import VestigeVault

extension SQLiteVaultStore {
    public func insert(_ minted: [MintedKey], today: Int) async throws -> [MintOutcome] {
        try await connection.write { db in
            let current = try Self.currentKEK(db)
            for item in minted {
                guard item.directory.kek == current, item.key == nil || item.key?.kek == current else {
                    throw VaultError.kekChanged(current: current)
                }
            }
            return try minted.map { try Self.mint($0, today: today, db) }
        }
    }

    private static func mint(_ item: MintedKey, today: Int, _ db: Database) throws -> MintOutcome {
        let key = item.directory.key
        let find = try PreparedStatement(db, "SELECT lookup, role, locator, sealed FROM directory WHERE lookup = ? AND role = ?")
        try find.bind(key, at: 1)
        if let row = try find.first({ try $0.directoryRow() }) { return .exists(row) }

        let fence = try PreparedStatement(db, "SELECT until FROM fences WHERE lookup = ? AND role = ?")
        try fence.bind(key, at: 1)
        if let until = try fence.first({ Int($0.integer(0)) }) {
            if until >= today { return .fenced }
            try removeFence(key, db)
        }
        let locator = item.directory.locator
        if item.key == nil, locator != .zero, try !isSubjects(locator, db) { return .fenced }
        try insert(item.directory, db)
        if let row = item.key { try Self.insert(row, db) }
        return .minted
    }

    static func insert(_ row: DirectoryRow, _ db: Database) throws {
        let insert = try PreparedStatement(db, "INSERT INTO directory(lookup, role, locator, sealed) VALUES (?, ?, ?, ?)")
        try insert.bind(row.key, at: 1)
        try insert.bind(row.locator, at: 3)
        try insert.bind(row.sealedPseudonym, at: 4)
        try insert.run()
    }

    static func insert(_ row: KeyRow, _ db: Database) throws {
        let insert = try PreparedStatement(
            db, "INSERT INTO keys(pseudonym, role, state, wrapped, identity, held, due) VALUES (?, ?, ?, ?, ?, ?, ?)")
        try insert.bind(row.pseudonym, at: 1)
        try insert.bind(Int64(row.role.rawValue), at: 2)
        try insert.bind(Int64(row.state.rawValue), at: 3)
        try insert.bind(row.wrappedKey, at: 4)
        try insert.bind(row.identity, at: 5)
        try insert.bind(Int64(row.held ? 1 : 0), at: 6)
        try insert.bind(row.dueDay.map(Int64.init), at: 7)
        try insert.run()
    }

    /// Whether somebody lives, or is being erased, whose rows bear it.
    private static func isSubjects(_ locator: Bytes16, _ db: Database) throws -> Bool {
        let find = try PreparedStatement(db, "SELECT 1 FROM directory WHERE locator = ? AND role = 1")
        try find.bind(locator, at: 1)
        return try find.first { _ in true } != nil
    }

    public func assign(locator: Bytes16, to key: DirectoryKey) async throws -> Bool {
        try await connection.write { db in
            let has = try PreparedStatement(db, "SELECT 1 FROM directory WHERE lookup = ?1 AND role = ?2 AND locator = ?3")
            try has.bind(key, at: 1)
            try has.bind(locator, at: 3)
            guard try Self.isSubjects(locator, db) else { return try has.first { _ in true } != nil }
            let update = try PreparedStatement(
                db, "UPDATE directory SET locator = ?3 WHERE lookup = ?1 AND role = ?2 AND locator = zeroblob(16)")
            try update.bind(key, at: 1)
            try update.bind(locator, at: 3)
            try update.run()
            return try has.first { _ in true } != nil
        }
    }

    // MARK: Holds and due days

    public func setHeld(_ held: Bool, on pseudonyms: [Pseudonym]) async throws {
        try await connection.write { db in
            let update = try PreparedStatement(db, "UPDATE keys SET held = ? WHERE pseudonym = ? AND state = 1")
            try update.bind(Int64(held ? 1 : 0), at: 1)
            for pseudonym in pseudonyms {
                try update.bind(pseudonym, at: 2)
                try update.run()
            }
        }
    }

    public func heldPseudonyms() async throws -> [Pseudonym] {
        try await connection.run { db in
            try PreparedStatement(db, "SELECT pseudonym FROM keys WHERE held = 1 AND state = 1 ORDER BY pseudonym").all {
                try $0.bytes16(0)
            }
        }
    }

    public func setDue(_ day: Int, of pseudonym: Pseudonym) async throws -> Int? {
        try await connection.write { db in try Self.setDue(day, of: pseudonym, db) }
    }

    static func setDue(_ day: Int, of pseudonym: Pseudonym, _ db: Database) throws -> Int? {
        let update = try PreparedStatement(
            db, "UPDATE keys SET due = min(coalesce(due, ?1), ?1) WHERE pseudonym = ?2 AND state = 1 RETURNING due")
        try update.bind(Int64(day), at: 1)
        try update.bind(pseudonym, at: 2)
        return try update.all { Int($0.integer(0)) }.first
    }

    // MARK: Fences

    public func fence(_ keys: [DirectoryKey], until day: Int) async throws -> Bool {
        try await connection.write { db in try Self.fence(keys, until: day, db) }
    }

    static func fence(_ keys: [DirectoryKey], until day: Int, _ db: Database) throws -> Bool {
        let put = try PreparedStatement(
            db,
            """
            INSERT INTO fences(lookup, role, until) SELECT ?1, ?2, ?3
            WHERE NOT EXISTS (SELECT 1 FROM directory WHERE lookup = ?1 AND role = ?2)
            ON CONFLICT(lookup, role) DO UPDATE SET until = max(until, excluded.until)
            """)
        var isWhole = true
        for key in keys {
            try put.bind(key, at: 1)
            try put.bind(Int64(day), at: 3)
            if try put.run() == 0 { isWhole = false }
        }
        return isWhole
    }

    public func removeFences(_ keys: [DirectoryKey]) async throws {
        try await connection.write { db in for key in keys { try Self.removeFence(key, db) } }
    }

    public func expireFences(before day: Int) async throws -> Int {
        try await connection.write { db in
            let delete = try PreparedStatement(db, "DELETE FROM fences WHERE until < ?")
            try delete.bind(Int64(day), at: 1)
            return try delete.run()
        }
    }

    static func removeFence(_ key: DirectoryKey, _ db: Database) throws {
        let delete = try PreparedStatement(db, "DELETE FROM fences WHERE lookup = ? AND role = ?")
        try delete.bind(key, at: 1)
        try delete.run()
    }
}
