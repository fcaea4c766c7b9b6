import CSQLiteExtras
import GRDB
import GRDBSQLite
import Glibc

/// What makes a file one of ours, and how its connections are set.
struct DatabaseFile: Sendable {
    enum Journal: String, Sendable {
        case wal
        /// Rollback journal: nothing of an old page stays once the transaction is over.
        case delete

        /// FULL for a log. A rollback journal ends its transaction by being removed: only EXTRA makes that removal
        /// durable, else a loss of power could bring back what was committed as deleted.
        var synchronous: Int32 { self == .wal ? 2 : 3 }
    }

    /// Inside its directory.
    var name: String
    /// What it holds, for messages: "trail".
    let noun: String
    /// Four letters, big-endian.
    let applicationID: Int32
    let version: Int32
    var journal: Journal
    /// Statements that make tables, indexes and triggers, each exactly as SQLite keeps it.
    var schema: [String]
    /// Those of `schema` that a version added to the one before. A file of an older version is brought forward when it is opened, as long
    /// as every version since is named here: nothing is rewritten, only added.
    var additions: [Int32: [String]] = [:]
    /// Whether a new file can give room back to the file system a little at a time (incremental auto-vacuum).
    var givesBack = false

    /// STRICT tables need SQLite 3.37.
    static let leastSQLiteVersion: Int32 = 3_037_000
    /// How long a statement waits for another process.
    static let busyTimeoutSeconds = 10.0

    func path(in directory: String) -> String { directory + "/" + name }

    /// The same kind of file under another name.
    func named(_ name: String) -> DatabaseFile {
        var file = self
        file.name = name
        return file
    }

    // MARK: Connections

    /// - Parameter cacheByteCount: how much of the file a connection keeps in memory.
    func configuration(readonly: Bool, cacheByteCount: Int) -> Configuration {
        var configuration = Configuration()
        configuration.readonly = readonly
        configuration.foreignKeysEnabled = false
        configuration.label = name
        configuration.busyMode = .timeout(Self.busyTimeoutSeconds)
        configuration.prepareDatabase { db in
            guard let connection = db.sqliteConnection else { throw SQLiteStoreError.closed }
            for set in [vestige_sqlite_defensive, vestige_sqlite_untrusted_schema, vestige_sqlite_no_checkpoint_on_close] {
                let code = set(connection)
                guard code == SQLITE_OK else { throw SQLiteStoreError.engine(code: code, message: "a safety switch did not take") }
            }
            if !readonly { try PageScrubber.install(on: connection) }
            try db.execute(
                sql: """
                    PRAGMA secure_delete = ON; PRAGMA recursive_triggers = ON; PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY;
                    PRAGMA wal_autocheckpoint = 0; PRAGMA auto_vacuum = NONE; PRAGMA cache_size = -\(cacheByteCount / 1024)
                    """)
        }
        return configuration
    }

    // MARK: Creating and opening

    /// Opens the only connection that writes and makes the schema; `fill` adds the first rows in the same transaction.
    ///
    /// - Throws: ``SQLiteStoreError/alreadyExists(file:)``
    func create(in directory: String, cacheByteCount: Int, fill: (Database) throws -> Void) throws -> DatabaseQueue {
        let path = path(in: directory)
        // SQLite would make it readable by all; log and journal follow the file's mode.
        let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        if descriptor >= 0 {
            Glibc.close(descriptor)
        } else if errno != EEXIST {
            throw SQLiteStoreError.system(operation: "creating \(name)", errno: errno)
        }
        return try explaining {
            let queue = try DatabaseQueue(path: path, configuration: configuration(readonly: false, cacheByteCount: cacheByteCount))
            try queue.writeWithoutTransaction { db in
                // An empty file is what a creation that was cut short leaves behind.
                let isEmpty =
                    try number(db, "PRAGMA application_id") == 0 && number(db, "SELECT count(*) FROM sqlite_schema") == 0
                guard isEmpty else { throw SQLiteStoreError.alreadyExists(file: name) }
                // Only of an empty file; of any other the statement would write.
                if givesBack { try db.execute(sql: "PRAGMA auto_vacuum = INCREMENTAL") }
                try setJournal(db)
                try db.inTransaction(.exclusive) {
                    try db.execute(sql: "PRAGMA application_id = \(applicationID); PRAGMA user_version = \(version)")
                    for statement in schema { try db.execute(sql: statement) }
                    try fill(db)
                    return .commit
                }
                try checkSettings(db)
            }
            return queue
        }
    }

    /// Opens the only connection that writes, after everything this program relies on was checked.
    ///
    /// - Parameter sync: makes durable what names a directory holds.
    func open(
        in directory: String, cacheByteCount: Int, sync: (_ directory: String) throws -> Void = DirectorySync.run
    ) throws -> DatabaseQueue {
        let path = path(in: directory)
        guard access(path, F_OK) == 0 else {
            throw SQLiteStoreError.foreignFile(
                "\(name) is missing; nothing was opened, name the right data directory (--data), restore a backup or run `vestige init`")
        }
        return try explaining {
            let queue = try DatabaseQueue(path: path, configuration: configuration(readonly: false, cacheByteCount: cacheByteCount))
            try queue.writeWithoutTransaction { db in
                // In one transaction: another process may be bringing it forward.
                var found = version
                try db.inTransaction(.deferred) {
                    found = try checkIdentity(db)
                    return .commit
                }
                try setJournal(db)
                if found < version { try bringForward(db) }
                try checkSettings(db)
            }
            // A process may have died, or its sync failed, between the removal of a journal and the sync of that: what is read from here
            // on must not be undone by the journal's return.
            if journal == .delete { try sync(directory) }
            return queue
        }
    }

    /// Opens a file that is only read from now on, after the same checks of what it is.
    func openReadOnly(in directory: String, cacheByteCount: Int) throws -> DatabaseQueue {
        guard access(path(in: directory), F_OK) == 0 else {
            throw SQLiteStoreError.foreignFile("\(name) is missing; nothing was opened, put it back from a backup")
        }
        return try explaining {
            let queue = try DatabaseQueue(
                path: path(in: directory), configuration: configuration(readonly: true, cacheByteCount: cacheByteCount))
            _ = try queue.writeWithoutTransaction(checkIdentity)
            return queue
        }
    }

    /// In one transaction; another process may have done it meanwhile.
    private func bringForward(_ db: Database) throws {
        try db.inTransaction(.exclusive) {
            let found = try checkIdentity(db)
            guard found < version else { return .commit }
            for step in (found + 1)...version { for statement in additions[step] ?? [] { try db.execute(sql: statement) } }
            try db.execute(sql: "PRAGMA user_version = \(version)")
            return .commit
        }
        try db.inTransaction(.deferred) {
            _ = try checkIdentity(db)
            return .commit
        }
    }

    /// What a file of this version holds; `nil` if it cannot be brought forward.
    private func schema(of found: Int32) -> [String]? {
        guard found >= 1, found <= version else { return nil }
        let later = (found..<version).map { additions[$0 + 1] }
        guard !later.contains(nil) else { return nil }
        let added = Set(later.compactMap { $0 }.joined())
        return schema.filter { !added.contains($0) }
    }

    private func setJournal(_ db: Database) throws {
        guard try String.fetchOne(db, sql: "PRAGMA journal_mode = \(journal.rawValue)") == journal.rawValue else {
            throw SQLiteStoreError.foreignFile(
                "\(name) cannot be set to journal mode \(journal.rawValue); nothing was opened, put it on a local file system")
        }
        // Every commit must be on the disk, whatever GRDB or a build of SQLite set before.
        try db.execute(sql: "PRAGMA synchronous = \(journal.synchronous)")
    }

    // MARK: Start-up checks

    /// - Returns: the version of the file, at most the one that this program knows.
    private func checkIdentity(_ db: Database) throws -> Int32 {
        let id = try number(db, "PRAGMA application_id")
        guard id == applicationID else {
            let what = id == 0 ? "an empty or unfinished file, not a \(noun)" : "a database of another program, not a \(noun)"
            throw SQLiteStoreError.foreignFile(
                "\(name) is \(what); nothing was opened, restore it from a backup or name the right data directory")
        }
        let found = try number(db, "PRAGMA user_version")
        guard let schema = schema(of: found) else {
            let advice = found > version ? "use the newer program" : "restore it from a backup"
            throw SQLiteStoreError.foreignFile(
                "\(name) is of format \(found), this program knows \(version); nothing was opened, \(advice)")
        }
        let stored = try Row.fetchAll(
            db, sql: "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite!_%' ESCAPE '!'"
        ).map { row -> (type: String, name: String, table: String, sql: String) in
            (row["type"] ?? "?", row["name"] ?? "?", row["tbl_name"] ?? "?", row["sql"] ?? "")
        }
        let difference =
            schema.first { statement in !stored.contains { $0.sql == statement } }.map { "\(Self.title(of: $0)) is missing or altered" }
            ?? stored.first { !schema.contains($0.sql) }.map { "\($0.name) does not belong there" }
            ?? stored.first { Self.naming(of: $0.sql) != [$0.type, $0.name, $0.table] }.map { "\($0.name) is not what it is called" }
        if let difference {
            throw SQLiteStoreError.foreignFile(
                "\(name): its schema was changed (\(difference)); nothing was opened, keep the file as evidence and restore a backup")
        }
        return found
    }

    /// "trigger leaves_keep" out of its statement.
    private static func title(of statement: String) -> String { naming(of: statement).prefix(2).joined(separator: " ") }

    /// Type, name and table, which SQLite notes beside a statement. It does not mind their case; whoever looks for them by name does.
    private static func naming(of statement: String) -> [String] {
        let words = statement.split(whereSeparator: { " (\n".contains($0) }).dropFirst().filter { $0 != "UNIQUE" }.map(String.init)
        guard words.count >= 2 else { return [] }
        let isOnTable = words[0] != "TABLE"
        let table = isOnTable ? words.firstIndex(of: "ON").flatMap { $0 + 1 < words.count ? words[$0 + 1] : nil } : words[1]
        return [words[0].lowercased(), words[1], table ?? ""]
    }

    private func checkSettings(_ db: Database) throws {
        // A file keeps what it was made with; those of before gave nothing back.
        let vacuum: Int32 = try givesBack && number(db, "PRAGMA auto_vacuum") != 0 ? 2 : 0
        let expected: [(String, Int32)] = [
            ("synchronous", journal.synchronous), ("secure_delete", 1), ("recursive_triggers", 1), ("trusted_schema", 0),
            ("foreign_keys", 0),
            ("wal_autocheckpoint", 0), ("auto_vacuum", vacuum),
        ]
        for (setting, value) in expected where try number(db, "PRAGMA \(setting)") != value {
            throw SQLiteStoreError.foreignFile(
                "this build of SQLite does not keep \(setting) at \(value); \(name) was not opened, use the system's SQLite 3.37 or later")
        }
        guard sqlite3_libversion_number() >= Self.leastSQLiteVersion else {
            throw SQLiteStoreError.foreignFile(
                "SQLite \(String(cString: sqlite3_libversion())) is too old; \(name) was not opened, use 3.37 or later")
        }
    }

    private func number(_ db: Database, _ sql: String) throws -> Int32 { try Int32.fetchOne(db, sql: sql) ?? 0 }

    /// Says what a damaged file is instead of what SQLite calls it.
    func explaining<Result>(_ body: () throws -> Result) throws -> Result {
        do { return try body() } catch let error as DatabaseError {
            switch error.resultCode {
            case .SQLITE_NOTADB:
                throw SQLiteStoreError.foreignFile("\(name) is not a database; nothing was opened, restore it from a backup")
            case .SQLITE_CORRUPT:
                throw SQLiteStoreError.foreignFile(
                    "\(name) is damaged or cut short; nothing was opened, keep it as evidence and restore a backup")
            case .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_READONLY:
                throw SQLiteStoreError.foreignFile(
                    "\(name) cannot be opened for writing; nothing was opened, see that file and directory belong to this account")
            default: throw SQLiteStoreError.translating(error)
            }
        }
    }
}
