import GRDB
import VestigeCrypto
public import VestigeVault

/// What a rotation of the KEK needs.
extension SQLiteVaultStore {
    public func raiseCurrentKEK(to kek: UInt32, wrappedLookupKey: [UInt8]) async throws -> UInt32 {
        try await connection.write { db in
            let raise = try PreparedStatement(db, "UPDATE meta SET current_kek = ?1, lookup_key = ?2 WHERE current_kek < ?1")
            try raise.bind(Int64(kek), at: 1)
            try raise.bind(wrappedLookupKey, at: 2)
            try raise.run()
            return try Self.currentKEK(db)
        }
    }

    public func wrappedPage(of table: WrappedTable, after name: WrappedName?, limit: Int) async throws -> [WrappedRow] {
        try await connection.run { db in
            let statement = try PreparedStatement(db, table.pageSQL)
            // No name is as short as an empty one: all follow it.
            try name.map { try statement.bind($0, at: 1) } ?? statement.bind([], at: 1)
            try statement.bind(Int64(max(0, limit)), at: 3)
            return try statement.all { WrappedRow(name: try table.name(in: $0), wrapped: $0.optionalBytes(2)) }
        }
    }

    public func rewrap(_ rows: [Rewrapping]) async throws -> Int {
        try await connection.write { db in
            let current = try Self.currentKEK(db)
            guard rows.allSatisfy({ $0.kek == current }) else { throw VaultError.kekChanged(current: current) }
            var replaced = 0
            for row in rows {
                let replace = try PreparedStatement(db, row.name.table.replaceSQL)
                try replace.bind(row.name, at: 1)
                try row.old.withUnsafeBytes { old in
                    try row.new.withUnsafeBytes { new in
                        try replace.bind(lending: old, at: 3)
                        try replace.bind(lending: new, at: 4)
                        replaced += try replace.run()
                    }
                }
            }
            return replaced
        }
    }

    public func raiseLeastKEK(to kek: UInt32) async throws -> Bool {
        try await connection.write { db in
            let raised = try PreparedStatement(db, "SELECT 1 FROM meta WHERE least_kek >= ?")
            try raised.bind(Int64(kek), at: 1)
            if try raised.first({ _ in true }) != nil { return true }
            let id = withUnsafeBytes(of: kek.bigEndian) { [UInt8]($0) }
            for table in WrappedTable.allCases {
                let older = try PreparedStatement(db, table.olderSQL)
                try older.bind(id, at: 1)
                if try older.first({ _ in true }) != nil { return false }
            }
            let raise = try PreparedStatement(db, "UPDATE meta SET least_kek = ?, epoch = epoch + 1")
            try raise.bind(Int64(kek), at: 1)
            try raise.run()
            return true
        }
    }

    /// Inside the transaction that relies on it.
    static func currentKEK(_ db: Database) throws -> UInt32 {
        let current = try PreparedStatement(db, "SELECT current_kek FROM meta").first { UInt32(truncatingIfNeeded: $0.integer(0)) }
        guard let current else { throw VaultError.storeEmpty }
        return current
    }
}

extension WrappedTable {
    /// After the row named by ?1 and ?2; columns: the name's two, and what is wrapped.
    fileprivate var pageSQL: String {
        switch self {
        case .keys: "SELECT pseudonym, role, wrapped FROM keys WHERE pseudonym > ?1 ORDER BY pseudonym LIMIT ?3"
        case .directory:
            "SELECT lookup, role, sealed FROM directory WHERE (lookup, role) > (?1, ?2) ORDER BY lookup, role LIMIT ?3"
        case .blindIndex:
            "SELECT token, locator, sealed FROM blind_index WHERE (token, locator) > (?1, ?2) ORDER BY token, locator LIMIT ?3"
        }
    }

    /// Named by ?1 and ?2, from ?3 to ?4.
    fileprivate var replaceSQL: String {
        switch self {
        case .keys: "UPDATE keys SET wrapped = ?4 WHERE pseudonym = ?1 AND wrapped = ?3"
        case .directory: "UPDATE directory SET sealed = ?4 WHERE lookup = ?1 AND role = ?2 AND sealed = ?3"
        case .blindIndex: "UPDATE blind_index SET sealed = ?4 WHERE token = ?1 AND locator = ?2 AND sealed = ?3"
        }
    }

    /// A row under a KEK older than ?1: the KEK's id stands big-endian in bytes 2 to 5, so blobs compare as the numbers do.
    fileprivate var olderSQL: String {
        switch self {
        case .keys: "SELECT 1 FROM keys WHERE substr(wrapped, 2, 4) < ?1 LIMIT 1"
        case .directory: "SELECT 1 FROM directory WHERE substr(sealed, 2, 4) < ?1 LIMIT 1"
        case .blindIndex: "SELECT 1 FROM blind_index WHERE substr(sealed, 2, 4) < ?1 LIMIT 1"
        }
    }

    fileprivate func name(in row: PreparedStatement) throws -> WrappedName {
        switch self {
        case .keys: .key(try row.bytes16(0), try row.role(1))
        case .directory: .directory(DirectoryKey(lookup: try row.bytes32(0), role: try row.role(1)))
        case .blindIndex: .blind(BlindKey(token: try row.bytes32(0), locator: try row.bytes16(1)))
        }
    }
}

extension PreparedStatement {
    /// A name's two columns, from `place` on; the second one is not asked for where the first is a key by itself.
    fileprivate func bind(_ name: WrappedName, at place: Int32) throws {
        switch name {
        case .key(let pseudonym, let role):
            try bind(pseudonym, at: place)
            try bind(Int64(role.rawValue), at: place + 1)
        case .directory(let key): try bind(key, at: place)
        case .blind(let key): try bind(key, at: place)
        }
    }
}
