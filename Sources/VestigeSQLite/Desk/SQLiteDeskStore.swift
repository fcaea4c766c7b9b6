import GRDB
public import VestigeDesk

/// A desk in one SQLite file, `desk.sqlite`.
public final class SQLiteDeskStore: DeskStore {
    private let connection: SerialConnection

    static let file = DatabaseFile(
        name: "desk.sqlite", noun: "desk", applicationID: 0x5653_4445, version: 1, journal: .delete,
        schema: [
            // The last version given to any document, so that none comes back after a delete.
            "CREATE TABLE versions(one INTEGER PRIMARY KEY CHECK(one = 0), last INTEGER NOT NULL) STRICT",
            """
            CREATE TABLE documents(collection TEXT NOT NULL, key TEXT NOT NULL, version INTEGER NOT NULL, content BLOB NOT NULL,
                PRIMARY KEY(collection, key)) STRICT, WITHOUT ROWID
            """,
        ])
    private static let cacheByteCount = 4 << 20

    private init(_ database: DatabaseQueue) { connection = SerialConnection(database, label: "vestige.desk") }

    /// Makes an empty desk; `directory` must stand.
    ///
    /// - Throws: ``SQLiteStoreError``
    public static func create(in directory: String) throws -> SQLiteDeskStore {
        SQLiteDeskStore(
            try file.create(in: directory, cacheByteCount: cacheByteCount) { try $0.execute(sql: "INSERT INTO versions VALUES (0, 0)") })
    }

    /// - Throws: ``SQLiteStoreError/foreignFile(_:)``: missing, damaged or not a desk of this version.
    public static func open(in directory: String) throws -> SQLiteDeskStore {
        SQLiteDeskStore(try file.open(in: directory, cacheByteCount: cacheByteCount))
    }

    /// Opens the desk, or makes an empty one where there is none: a directory of an older program has none, and a restore may leave it out.
    ///
    /// - Throws: ``SQLiteStoreError/foreignFile(_:)``: damaged, or not a desk of this version.
    public static func openOrCreate(in directory: String) throws -> SQLiteDeskStore {
        do {
            return try open(in: directory)
        } catch SQLiteStoreError.foreignFile {
            do {
                // Only where it is missing, or was begun and cut short.
                return try create(in: directory)
            } catch {
                // It is there: another process made it meanwhile, or it is what could not be opened.
                return try open(in: directory)
            }
        }
    }

    public func close() throws { try connection.close() }

    public func get(_ place: DeskPlace) async throws -> DeskDocument? {
        try await connection.run { db in try Self.document(db, at: place) }
    }

    public func list(_ collection: String, after key: String?, limit: Int) async throws -> [DeskDocument] {
        try await connection.run { db in
            let statement = try PreparedStatement(
                db, "SELECT key, version, content FROM documents WHERE collection = ? AND key > ? ORDER BY key LIMIT ?")
            try statement.bind(collection, at: 1)
            // Keys have a byte at least: all of them follow the empty one.
            try statement.bind(key ?? "", at: 2)
            try statement.bind(Int64(max(0, min(limit, DeskLimits.pageCountMax))), at: 3)
            return try statement.all { DeskDocument(key: $0.text(0), version: $0.place(1), content: $0.bytes(2)) }
        }
    }

    @discardableResult
    public func put(_ content: [UInt8], at place: DeskPlace, replacing version: UInt64?) async throws -> UInt64 {
        try DeskLimits.check(content, at: place)
        return try await connection.write { db in
            try Self.expect(version, at: place, db)
            let counter = try PreparedStatement(db, "UPDATE versions SET last = last + 1 RETURNING last")
            guard let next = try counter.all({ $0.place(0) }).first else {
                throw SQLiteStoreError.foreignFile(
                    "\(Self.file.name) has lost its counter of versions; nothing was written, remove it and start again")
            }
            let insert = try PreparedStatement(
                db,
                """
                INSERT INTO documents VALUES (?, ?, ?, ?)
                ON CONFLICT(collection, key) DO UPDATE SET version = excluded.version, content = excluded.content
                """)
            try insert.bind(place.collection, at: 1)
            try insert.bind(place.key, at: 2)
            try insert.bind(next, at: 3)
            try insert.bind(content, at: 4)
            try insert.run()
            return next
        }
    }

    public func delete(_ place: DeskPlace, version: UInt64) async throws {
        try await connection.write { db in
            try Self.expect(version, at: place, db)
            let delete = try PreparedStatement(db, "DELETE FROM documents WHERE collection = ? AND key = ?")
            try delete.bind(place.collection, at: 1)
            try delete.bind(place.key, at: 2)
            try delete.run()
        }
    }

    private static func expect(_ version: UInt64?, at place: DeskPlace, _ db: Database) throws {
        let current = try document(db, at: place)?.version
        guard current == version else { throw DeskError.conflict(current: current) }
    }

    private static func document(_ db: Database, at place: DeskPlace) throws -> DeskDocument? {
        let statement = try PreparedStatement(db, "SELECT key, version, content FROM documents WHERE collection = ? AND key = ?")
        try statement.bind(place.collection, at: 1)
        try statement.bind(place.key, at: 2)
        return try statement.first { DeskDocument(key: $0.text(0), version: $0.place(1), content: $0.bytes(2)) }
    }
}
