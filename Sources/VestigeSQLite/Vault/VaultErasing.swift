import GRDB
public import VestigeCrypto
public import VestigeVault

extension SQLiteVaultStore {
    public func beginErasure(_ erasure: ErasureRow, with terms: ErasureTerms, evenIfHeld: Bool) async throws -> BeginOutcome {
        try await connection.write { db in
            if let other = try Self.conflict(with: erasure, db) {
                try Self.carryOut(terms, db)
                return .underWay(other)
            }
            if try Self.hasChanged(erasure, terms, db) { return .changed }
            if !evenIfHeld, try Self.isAnyHeld(erasure.keys, db) { return .held }
            try Self.carryOut(terms, db)
            let mark = try PreparedStatement(db, "UPDATE keys SET state = 2 WHERE pseudonym = ? AND state = 1")
            let find = try PreparedStatement(db, "SELECT 1 FROM keys WHERE pseudonym = ?")
            let insert = try PreparedStatement(db, "INSERT INTO erasure_keys(pseudonym, role, erasure) VALUES (?, ?, ?)")
            for key in erasure.keys {
                try mark.bind(key.pseudonym, at: 1)
                try find.bind(key.pseudonym, at: 1)
                if try mark.run() == 0, try find.first({ _ in true }) == nil {
                    try Self.insert(
                        KeyRow(pseudonym: key.pseudonym, role: key.role, state: .erasing, wrappedKey: nil, identity: nil), db)
                }
                try insert.bind(key.pseudonym, at: 1)
                try insert.bind(Int64(key.role.rawValue), at: 2)
                try insert.bind(erasure.erasure, at: 3)
                try insert.run()
            }
            let begin = try PreparedStatement(db, "INSERT INTO erasures(erasure, started, completed, step) VALUES (?, ?, ?, ?)")
            try begin.bind(erasure.erasure, at: 1)
            try begin.bind(erasure.started, at: 2)
            try begin.bind(erasure.completed, at: 3)
            try begin.bind(Int64(erasure.step.rawValue), at: 4)
            try begin.run()
            return .begun
        }
    }

    public func destroyKeys(erasure: Bytes16, locators: [Bytes16], fenceUntil: Int) async throws -> UInt64 {
        try await connection.write { db in
            guard let step = try Self.step(of: erasure, db) else { throw VaultError.erasureOutOfStep }
            if step == .begun {
                try Self.destroyKeys(of: erasure, db)
                for locator in locators { try Self.removeRows(at: locator, fenceUntil: fenceUntil, db) }
                let advance = try PreparedStatement(db, "UPDATE erasures SET step = 2 WHERE erasure = ?")
                try advance.bind(erasure, at: 1)
                try advance.run()
                try PreparedStatement(db, "UPDATE meta SET epoch = epoch + 1").run()
            }
            return try PreparedStatement(db, "SELECT epoch FROM meta").first { $0.place(0) } ?? 0
        }
    }

    public func finishErasure(_ erasure: Bytes16) async throws {
        try await connection.write { db in
            guard let step = try Self.step(of: erasure, db) else { return }
            guard step == .destroyed else { throw VaultError.erasureOutOfStep }
            for sql in [
                "UPDATE keys SET state = 3 WHERE pseudonym IN (SELECT pseudonym FROM erasure_keys WHERE erasure = ?)",
                "DELETE FROM erasure_keys WHERE erasure = ?", "DELETE FROM erasures WHERE erasure = ?",
            ] {
                let statement = try PreparedStatement(db, sql)
                try statement.bind(erasure, at: 1)
                try statement.run()
            }
        }
    }

    public func pendingErasures() async throws -> [ErasureRow] {
        try await connection.run { db in try Self.erasures(db, where: "true") { _ in } }
    }

    // MARK: Steps

    private static func conflict(with erasure: ErasureRow, _ db: Database) throws -> ErasureRow? {
        if let same = try erasures(db, where: "e.erasure = ?", { try $0.bind(erasure.erasure, at: 1) }).first { return same }
        for key in erasure.keys {
            let condition = "e.erasure = (SELECT erasure FROM erasure_keys WHERE pseudonym = ?)"
            if let other = try erasures(db, where: condition, { try $0.bind(key.pseudonym, at: 1) }).first { return other }
        }
        return nil
    }

    private static func hasChanged(_ erasure: ErasureRow, _ terms: ErasureTerms, _ db: Database) throws -> Bool {
        let gone = try PreparedStatement(db, "SELECT 1 FROM keys WHERE pseudonym = ? AND state = 3")
        for key in erasure.keys {
            try gone.bind(key.pseudonym, at: 1)
            if try gone.first({ _ in true }) != nil { return true }
        }
        let made = try PreparedStatement(db, "SELECT 1 FROM directory WHERE lookup = ? AND role = ?")
        for name in terms.fenced {
            try made.bind(name, at: 1)
            if try made.first({ _ in true }) != nil { return true }
        }
        return false
    }

    private static func carryOut(_ terms: ErasureTerms, _ db: Database) throws {
        if let due = terms.due { _ = try setDue(due.dueDay, of: due.pseudonym, db) }
        guard terms.fenceUntil > 0 else { return }
        _ = try fence(terms.fenced, until: terms.fenceUntil, db)
    }

    private static func isAnyHeld(_ keys: [ErasedKey], _ db: Database) throws -> Bool {
        let find = try PreparedStatement(db, "SELECT 1 FROM keys WHERE pseudonym = ? AND held = 1")
        for key in keys {
            try find.bind(key.pseudonym, at: 1)
            if try find.first({ _ in true }) != nil { return true }
        }
        return false
    }

    private static func step(of erasure: Bytes16, _ db: Database) throws -> ErasureRow.Step? {
        let find = try PreparedStatement(db, "SELECT step FROM erasures WHERE erasure = ?")
        try find.bind(erasure, at: 1)
        return try find.first { UInt8(exactly: $0.integer(0)).flatMap(ErasureRow.Step.init) } ?? nil
    }

    private static func destroyKeys(of erasure: Bytes16, _ db: Database) throws {
        let destroy = try PreparedStatement(
            db,
            """
            UPDATE keys SET wrapped = NULL, identity = NULL, held = 0, due = NULL
            WHERE pseudonym IN (SELECT pseudonym FROM erasure_keys WHERE erasure = ?)
            """)
        try destroy.bind(erasure, at: 1)
        try destroy.run()
    }

    private static func removeRows(at locator: Bytes16, fenceUntil: Int, _ db: Database) throws {
        // Rows without an owner would all go.
        guard locator != .zero else { return }
        if fenceUntil > 0 {
            let fence = try PreparedStatement(
                db,
                """
                INSERT INTO fences(lookup, role, until) SELECT lookup, role, ?2 FROM directory WHERE locator = ?1
                ON CONFLICT(lookup, role) DO UPDATE SET until = max(until, excluded.until)
                """)
            try fence.bind(locator, at: 1)
            try fence.bind(Int64(fenceUntil), at: 2)
            try fence.run()
        }
        for table in ["directory", "links", "blind_index"] {
            let delete = try PreparedStatement(db, "DELETE FROM \(table) WHERE locator = ?")
            try delete.bind(locator, at: 1)
            try delete.run()
        }
    }

    /// Erasures under way with their keys, ascending by id, in one statement.
    private static func erasures(
        _ db: Database, where condition: String, _ bind: (PreparedStatement) throws -> Void
    ) throws -> [ErasureRow] {
        let statement = try PreparedStatement(
            db,
            """
            SELECT e.erasure, e.started, e.completed, e.step, k.role, k.pseudonym
            FROM erasures e JOIN erasure_keys k ON k.erasure = e.erasure WHERE \(condition) ORDER BY e.erasure, k.pseudonym
            """)
        try bind(statement)
        defer { statement.reset() }
        var rows: [ErasureRow] = []
        while try statement.step() {
            let key = ErasedKey(role: try statement.role(4), pseudonym: try statement.bytes16(5))
            let erasure = try statement.bytes16(0)
            if rows.last?.erasure == erasure {
                rows[rows.count - 1].keys.append(key)
            } else {
                guard let step = UInt8(exactly: statement.integer(3)).flatMap(ErasureRow.Step.init) else {
                    throw VaultError.rowDamaged("erasure")
                }
                rows.append(
                    ErasureRow(
                        erasure: erasure, started: try statement.bytes16(1), completed: try statement.bytes16(2), step: step, keys: [key]))
            }
        }
        return rows
    }
}
