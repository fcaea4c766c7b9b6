import GRDB
import GRDBSQLite
import Glibc
import VestigeCrypto
public import VestigeTrail

/// A trail in one SQLite file, `trail.sqlite`, beside `turn.lock` and `write.lock` in a data directory.
///
/// Each process has one connection that writes and, beside it, readers that cannot. Opening, writing and writing the
/// log back happen under a lock among all processes: SQLite 3.7.0 to 3.51.2 may lose a commit made beside a checkpoint.
public final class SQLiteTrailStore: TrailStore {
    public let identity: TrailIdentity
    private let writer: DatabaseQueue
    private let readers: DatabasePool
    private let lock: WriteLock
    private let directory: String

    /// Pages in the write-ahead log before it is written back.
    static let logPageCountMax = 4_000
    private static let pageByteCount = 4_096
    private static let writerCacheByteCount = 64 << 20
    private static let readerCacheByteCount = 16 << 20
    /// A verification takes one for each core; others go on reading beside it.
    private static let readerCount = max(4, sysconf(Int32(_SC_NPROCESSORS_ONLN)) + 2)

    private init(identity: TrailIdentity, writer: DatabaseQueue, lock: WriteLock, directory: String) throws {
        self.identity = identity
        self.writer = writer
        self.lock = lock
        self.directory = directory
        var configuration = TrailSchema.file.configuration(readonly: true, cacheByteCount: Self.readerCacheByteCount)
        configuration.maximumReaderCount = Self.readerCount
        readers = try DatabasePool(path: TrailSchema.file.path(in: directory), configuration: configuration)
    }

    /// Makes an empty trail; `directory` must stand.
    ///
    /// - Throws: ``TrailError/alreadyExists``, ``TrailError/storage(_:)``
    public static func create(in directory: String, identity: TrailIdentity) throws -> SQLiteTrailStore {
        try translating {
            let lock = try WriteLock(directory: directory)
            return try lock.holding {
                let writer = try TrailSchema.file.create(in: directory, cacheByteCount: writerCacheByteCount) { db in
                    for (key, value) in [("trail", identity.id.bytes), ("origin", Array(identity.origin.utf8))] {
                        let statement = try PreparedStatement(db, "INSERT INTO meta VALUES (?, ?)")
                        try statement.bind(key, at: 1)
                        try statement.bind(value, at: 2)
                        try statement.run()
                    }
                }
                return try SQLiteTrailStore(identity: identity, writer: writer, lock: lock, directory: directory)
            }
        }
    }

    /// Opens a trail after its start-up checks.
    ///
    /// - Throws: ``TrailError/foreignFile(_:)``: the file is missing, damaged, of another program or version, or its
    ///   schema was changed; ``TrailError/storage(_:)``.
    public static func open(in directory: String) throws -> SQLiteTrailStore {
        try translating {
            // Before anything is made: a wrong directory stays as it is.
            guard access(directory, F_OK) == 0 else {
                throw SQLiteStoreError.foreignFile(
                    "there is no such data directory; nothing was opened, name the right one (--data) or run `vestige init`")
            }
            let lock = try WriteLock(directory: directory)
            return try lock.holding {
                let writer = try TrailSchema.file.open(in: directory, cacheByteCount: writerCacheByteCount)
                let identity = try writer.writeWithoutTransaction(readIdentity)
                let store = try SQLiteTrailStore(identity: identity, writer: writer, lock: lock, directory: directory)
                if store.logByteCount > logPageCountMax * pageByteCount { try? writer.writeWithoutTransaction(store.writeBack) }
                return store
            }
        }
    }

    private static func readIdentity(_ db: Database) throws -> TrailIdentity {
        func value(_ key: String) throws -> [UInt8]? {
            let statement = try PreparedStatement(db, "SELECT value FROM meta WHERE key = ?")
            try statement.bind(key, at: 1)
            return try statement.first { $0.bytes(0) }
        }
        guard let id = try value("trail").flatMap({ Bytes16($0) }), let origin = try value("origin") else {
            throw SQLiteStoreError.foreignFile(
                "\(TrailSchema.file.name) does not say which trail it is; nothing was opened, restore it from a backup")
        }
        return TrailIdentity(id: id, origin: String(decoding: origin, as: UTF8.self))
    }

    // MARK: Writing

    public func write<Result>(_ body: (any TrailTransaction) throws -> Result) throws -> Result {
        try Self.translating {
            try writer.writeWithoutTransaction { db in
                try lock.holding {
                    var result: Result?
                    try db.inTransaction(.immediate) {
                        result = try body(SQLiteTrailTransaction(db))
                        return .commit
                    }
                    // The commit stands whatever becomes of this; the next one tries again.
                    if pagesWritten(db) > Self.logPageCountMax { try? writeBack(db) }
                    guard let result else { throw SQLiteStoreError.closed }
                    return result
                }
            }
        }
    }

    /// Pages that this process has put into the log since it last wrote it back.
    private func pagesWritten(_ db: Database) -> Int {
        var (pages, highest): (Int32, Int32) = (0, 0)
        sqlite3_db_status(db.sqliteConnection, SQLITE_DBSTATUS_CACHE_WRITE, &pages, &highest, 0)
        return Int(pages)
    }

    /// Writes the log back into the file, as far as no reader still needs it. Only under the lock.
    private func writeBack(_ db: Database) throws {
        let code = sqlite3_wal_checkpoint_v2(db.sqliteConnection, nil, SQLITE_CHECKPOINT_PASSIVE, nil, nil)
        guard code == SQLITE_OK else { throw SQLiteStoreError.last(db.sqliteConnection) }
        var (pages, highest): (Int32, Int32) = (0, 0)
        sqlite3_db_status(db.sqliteConnection, SQLITE_DBSTATUS_CACHE_WRITE, &pages, &highest, 1)
    }

    private var logByteCount: Int {
        var status = stat()
        return stat(TrailSchema.file.path(in: directory) + "-wal", &status) == 0 ? Int(status.st_size) : 0
    }

    public func close() throws {
        try Self.translating {
            try readers.close()
            try lock.holding {
                // Leaves an empty log behind if no other process is reading; never waits for one.
                writer.writeWithoutTransaction { db in
                    // Closed before: there is nothing left to do, and SQLite takes no null.
                    guard let connection = db.sqliteConnection else { return }
                    sqlite3_busy_timeout(connection, 0)
                    _ = sqlite3_wal_checkpoint_v2(connection, nil, SQLITE_CHECKPOINT_TRUNCATE, nil, nil)
                }
                try writer.close()
            }
        }
    }

    // MARK: Reading

    /// Runs on a reader without a transaction: each statement sees one moment.
    private func read<Result>(_ body: (Database) throws -> Result) throws -> Result {
        // Reentrant: a visitor of a scan may ask for a tile.
        try Self.translating { try readers.unsafeReentrantRead(body) }
    }

    /// Several statements that see the same moment.
    private func snapshot<Result>(_ body: (Database) throws -> Result) throws -> Result {
        try read { db in
            if db.isInsideTransaction { return try body(db) }
            var result: Result?
            try db.inTransaction(.deferred) {
                result = try body(db)
                return .commit
            }
            guard let result else { throw SQLiteStoreError.closed }
            return result
        }
    }

    public func head() throws -> StoredHead? { try read(TrailReads.head) }
    public func leaves(_ range: Range<UInt64>) throws -> [[UInt8]] { try read { try TrailReads.leaves($0, range) } }
    public func tile(level: Int, index: UInt64) throws -> Tile? { try read { try TrailReads.tile($0, level: level, index: index) } }
    public func entries(_ seqs: [UInt64]) throws -> [StoredEntry] { try snapshot { try TrailReads.entries($0, seqs) } }
    public func seq(of id: EntryID) throws -> UInt64? { try read { try TrailReads.seq($0, of: id) } }
    public func search(_ query: IndexQuery) throws -> [UInt64] { try read { try TrailSearch.places($0, query) } }
    public func count(_ query: IndexQuery, ceiling: Int) throws -> Int { try read { try TrailSearch.count($0, query, ceiling: ceiling) } }
    public func oldestBody() throws -> UInt64? { try read(TrailReads.oldestBody) }
    public func keptCheckpoints() throws -> [String] { try read(TrailReads.keptCheckpoints) }
    public func cosignatures(_ sizes: ClosedRange<UInt64>) throws -> [StoredCosignature] {
        try read { try TrailReads.cosignatures($0, sizes) }
    }

    @discardableResult
    public func scan(_ range: Range<UInt64>, _ visit: (StoredEntry, IndexRow?) throws -> Void) throws -> Int {
        try read { try TrailReads.scan($0, range, visit) }
    }

    public func scanTerms(after last: TermPlace?, limit: Int, _ visit: (TermPlace) throws -> Void) throws -> TermPlace? {
        try read { try TrailReads.scanTerms($0, after: last, limit: limit, visit) }
    }

    public func strayRows() throws -> [StrayRow] {
        var strays = try snapshot(TrailStrays.besideTerms)
        var last: (term: [UInt8], seq: UInt64)?
        repeat { strays += try snapshot { try TrailStrays.terms($0, after: &last) } } while last != nil
        return strays
    }

    // MARK: Errors

    /// The engine's errors in the trail's words; others pass.
    private static func translating<Result>(_ body: () throws -> Result) throws -> Result {
        do { return try body() } catch {
            guard let error = SQLiteStoreError.translating(error) as? SQLiteStoreError else { throw error }
            switch error {
            case .foreignFile(let what): throw TrailError.foreignFile(what)
            case .alreadyExists: throw TrailError.alreadyExists
            case .closed: throw TrailError.closed
            case .engine(let code, let message): throw TrailError.storage("SQLite error \(code): \(message)")
            case .system(let operation, let code): throw TrailError.storage("\(operation) failed with errno \(code)")
            }
        }
    }
}
