import GRDB
import GRDBSQLite
import Glibc
import Synchronization
import VestigeCrypto
public import VestigeTrail

/// A trail in one SQLite file, `trail.sqlite`, beside `turn.lock` and `write.lock` in a data directory.
///
/// Each process has one connection that writes and, beside it, readers that cannot. Opening, writing and writing the
/// log back happen under a lock among all processes: SQLite 3.7.0 to 3.51.2 may lose a commit made beside a checkpoint.
///
/// A sync that failed stops the store, and marks the directory for every other one (Decisions/0034).
public final class SQLiteTrailStore: TrailStore {
    public let identity: TrailIdentity
    /// `nil` for a file that is only read.
    private let writing: (connection: DatabaseQueue, lock: WriteLock)?
    private let readers: any DatabaseReader
    private let directory: String
    private let logPageCountMax: Int
    /// Set once a sync has failed.
    private let failure = Mutex<SQLiteStoreError?>(nil)
    public let isUnconfirmed: Bool

    /// Pages in the write-ahead log before it is written back.
    static let logPageCountMax = 4_000
    /// How often emptying the log is tried.
    private static let emptyingCountMax = 3
    private static let pageByteCount = 4_096
    private static let writerCacheByteCount = 64 << 20
    private static let readerCacheByteCount = 16 << 20
    /// A verification takes one for each core; others go on reading beside it.
    private static let readerCount = max(4, sysconf(Int32(_SC_NPROCESSORS_ONLN)) + 2)

    private init(
        identity: TrailIdentity, writer: DatabaseQueue, lock: WriteLock, directory: String, logPageCountMax: Int, isUnconfirmed: Bool
    ) throws {
        self.identity = identity
        writing = (writer, lock)
        self.directory = directory
        self.logPageCountMax = logPageCountMax
        self.isUnconfirmed = isUnconfirmed
        var configuration = TrailSchema.file.configuration(readonly: true, cacheByteCount: Self.readerCacheByteCount)
        configuration.maximumReaderCount = Self.readerCount
        readers = try DatabasePool(path: TrailSchema.file.path(in: directory), configuration: configuration)
    }

    private init(identity: TrailIdentity, reader: DatabaseQueue, directory: String) {
        self.identity = identity
        writing = nil
        readers = reader
        self.directory = directory
        logPageCountMax = Self.logPageCountMax
        isUnconfirmed = false
    }

    /// Makes an empty trail; `directory` must stand.
    ///
    /// - Throws: ``TrailError/alreadyExists``, ``TrailError/storage(_:)``
    public static func create(in directory: String, identity: TrailIdentity) throws -> SQLiteTrailStore {
        try create(in: directory, identity: identity, logPageCountMax: logPageCountMax)
    }

    static func create(in directory: String, identity: TrailIdentity, logPageCountMax: Int) throws -> SQLiteTrailStore {
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
                return try SQLiteTrailStore(
                    identity: identity, writer: writer, lock: lock, directory: directory, logPageCountMax: logPageCountMax,
                    isUnconfirmed: lock.isMarked)
            }
        }
    }

    /// Opens a trail after its start-up checks, its log on the disk.
    ///
    /// - Throws: ``TrailError/foreignFile(_:)``: the file is missing, damaged, of another program or version, or its
    ///   schema was changed; ``TrailError/storage(_:)``; ``TrailError/unconfirmed(_:)``: the disk still cannot sync.
    public static func open(in directory: String) throws -> SQLiteTrailStore {
        try open(in: directory, logPageCountMax: logPageCountMax)
    }

    static func open(in directory: String, logPageCountMax: Int) throws -> SQLiteTrailStore {
        try translating {
            // Before anything is made: a wrong directory stays as it is.
            guard access(directory, F_OK) == 0 else {
                throw SQLiteStoreError.foreignFile(
                    "there is no such data directory; nothing was opened, name the right one (--data) or run `vestige init`")
            }
            let lock = try WriteLock(directory: directory)
            return try lock.holding {
                let isUnconfirmed = lock.isMarked
                let writer: DatabaseQueue
                let identity: TrailIdentity
                do {
                    writer = try TrailSchema.file.open(in: directory, cacheByteCount: writerCacheByteCount)
                    identity = try writer.writeWithoutTransaction { db in
                        try confirmLog(db, rewriting: isUnconfirmed)
                        return try readIdentity(db)
                    }
                } catch {
                    if case .unconfirmed = SQLiteStoreError.translating(error) as? SQLiteStoreError { lock.mark() }
                    throw error
                }
                let store = try SQLiteTrailStore(
                    identity: identity, writer: writer, lock: lock, directory: directory, logPageCountMax: logPageCountMax,
                    isUnconfirmed: isUnconfirmed)
                if store.logByteCount > logPageCountMax * pageByteCount {
                    writer.writeWithoutTransaction { try? store.writeBack($0) }
                }
                return store
            }
        }
    }

    /// Opens a trail that is only read: a backup, or one that another goes on from. Nothing is written beside it, and no lock is taken.
    ///
    /// - Throws: as ``open(in:)``; ``write(_:)`` of what is returned always throws ``TrailError/closed``.
    public static func openReadOnly(_ name: String, in directory: String) throws -> SQLiteTrailStore {
        try translating {
            let reader = try TrailSchema.file.named(name).openReadOnly(in: directory, cacheByteCount: readerCacheByteCount)
            return SQLiteTrailStore(identity: try reader.writeWithoutTransaction(readIdentity), reader: reader, directory: directory)
        }
    }

    /// Nothing is read, and answered for, that only the system's memory holds.
    private static func confirmLog(_ db: Database, rewriting: Bool) throws {
        guard let log = try LogFile(db), try log.byteCount() > 0 else { return }
        if rewriting { try log.rewrite() }
        try log.sync()
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
        try transact { try body(SQLiteTrailTransaction($0)) }
    }

    public func redact(_ seqs: [UInt64], by entry: EntryID) throws -> Bool {
        try transact { try TrailRedaction.remove(seqs, by: entry, $0) }
        // What was removed is removed, whatever becomes of this; the next call tries again.
        return (try? Self.translating { try emptyLog() }) ?? false
    }

    public func prune(_ seqs: [UInt64], under plan: StoredPlan, within time: Duration) throws -> Int {
        try transact { try TrailPruning.remove(seqs, under: plan, within: time, $0) }
    }

    /// In a file that was made before there was anything to prune this does nothing but empty the log: what is free there is used for what comes.
    public func giveBack(_ byteCount: Int) throws -> Bool {
        let left = try transact { db -> Int64 in
            func number(_ pragma: String) throws -> Int64 { try PreparedStatement(db, "PRAGMA \(pragma)").first { $0.integer(0) } ?? 0 }
            guard try number("auto_vacuum") == 2, try number("freelist_count") > 0 else { return 0 }
            // One row for each page.
            _ = try PreparedStatement(db, "PRAGMA incremental_vacuum(\(max(1, byteCount / Self.pageByteCount)))").all { _ in }
            return try number("freelist_count")
        }
        if left == 0 { _ = try? Self.translating { try emptyLog() } }
        return left > 0
    }

    private func transact<Result>(_ body: (Database) throws -> Result) throws -> Result {
        guard let writing else { throw TrailError.closed }
        return try Self.translating {
            try writing.connection.writeWithoutTransaction { db in
                try writing.lock.holding {
                    if let failure = failure.withLock({ $0 }) { throw failure }
                    guard !writing.lock.isMarked else { throw SQLiteStoreError.unconfirmed(code: 0) }
                    var result: Result?
                    try stoppingAtDoubt {
                        try db.inTransaction(.immediate) {
                            result = try body(db)
                            return .commit
                        }
                    }
                    // The commit stands whatever becomes of this. A full disk: the next one tries again. A failed sync: there is no next one.
                    if pagesWritten(db) > logPageCountMax { try? writeBack(db) }
                    guard let result else { throw SQLiteStoreError.closed }
                    return result
                }
            }
        }
    }

    /// After a failed sync nothing is written any more, by this store or by any other on the directory. Only under the lock.
    private func stoppingAtDoubt(_ body: () throws -> Void) throws {
        do { try body() } catch {
            if let known = SQLiteStoreError.translating(error) as? SQLiteStoreError, case .unconfirmed = known {
                failure.withLock { $0 = known }
                writing?.lock.mark()
            }
            throw error
        }
    }

    public func confirm() throws {
        guard let writing else { throw TrailError.closed }
        try Self.translating { try writing.lock.holding { try writing.lock.unmark() } }
    }

    /// Pages that this process has put into the log since it last wrote it back.
    private func pagesWritten(_ db: Database) -> Int {
        var (pages, highest): (Int32, Int32) = (0, 0)
        sqlite3_db_status(db.sqliteConnection, SQLITE_DBSTATUS_CACHE_WRITE, &pages, &highest, 0)
        return Int(pages)
    }

    /// Writes the log back into the file, as far as no reader still needs it. Only under the lock.
    private func writeBack(_ db: Database) throws {
        try stoppingAtDoubt {
            let code = sqlite3_wal_checkpoint_v2(db.sqliteConnection, nil, SQLITE_CHECKPOINT_PASSIVE, nil, nil)
            guard code == SQLITE_OK else { throw SQLiteStoreError.last(db.sqliteConnection) }
        }
        var (pages, highest): (Int32, Int32) = (0, 0)
        sqlite3_db_status(db.sqliteConnection, SQLITE_DBSTATUS_CACHE_WRITE, &pages, &highest, 1)
    }

    /// Writes the log back whole and cuts it to nothing, so that nothing of an old page is left in it. Waits for those who read an older
    /// state, up to a second at a time: no read is to last longer, and nobody can write meanwhile.
    ///
    /// - Returns: false if somebody went on reading.
    private func emptyLog() throws -> Bool {
        guard let writing else { throw TrailError.closed }
        for _ in 0..<Self.emptyingCountMax {
            var code = SQLITE_BUSY
            try writing.connection.writeWithoutTransaction { db in
                try writing.lock.holding {
                    guard let connection = db.sqliteConnection else { throw SQLiteStoreError.closed }
                    sqlite3_busy_timeout(connection, 1_000)
                    defer { sqlite3_busy_timeout(connection, Int32(DatabaseFile.busyTimeoutSeconds * 1_000)) }
                    try stoppingAtDoubt {
                        code = sqlite3_wal_checkpoint_v2(connection, nil, SQLITE_CHECKPOINT_TRUNCATE, nil, nil)
                        guard code == SQLITE_OK || code & 0xFF == SQLITE_BUSY else { throw SQLiteStoreError.last(connection) }
                    }
                }
            }
            if code == SQLITE_OK { return true }
        }
        return false
    }

    /// Writes a long log back while this process reads nothing: whoever reads page after page would keep it from ever being reset.
    func shortenLog() throws {
        guard let writing, logByteCount > 2 * logPageCountMax * Self.pageByteCount else { return }
        try writing.connection.writeWithoutTransaction { db in try writing.lock.holding { try stoppingAtDoubt { try writeBack(db) } } }
    }

    private var logByteCount: Int {
        var status = stat()
        return stat(TrailSchema.file.path(in: directory) + "-wal", &status) == 0 ? Int(status.st_size) : 0
    }

    public func close() throws {
        try Self.translating {
            try readers.close()
            try writing?.lock.holding {
                // Leaves an empty log behind if no other process is reading; never waits for one.
                writing?.connection.writeWithoutTransaction { db in
                    // Closed before: there is nothing left to do, and SQLite takes no null.
                    guard let connection = db.sqliteConnection else { return }
                    // What is in doubt is left to the next opening as it is.
                    guard failure.withLock({ $0 }) == nil, writing?.lock.isMarked == false else { return }
                    sqlite3_busy_timeout(connection, 0)
                    try? stoppingAtDoubt {
                        let code = sqlite3_wal_checkpoint_v2(connection, nil, SQLITE_CHECKPOINT_TRUNCATE, nil, nil)
                        guard code == SQLITE_OK else { throw SQLiteStoreError.last(connection) }
                    }
                }
                try writing?.connection.close()
            }
        }
    }

    // MARK: Reading

    /// Runs on a reader without a transaction: each statement sees one moment.
    func read<Result>(_ body: (Database) throws -> Result) throws -> Result {
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
    public func channelCounts(of terms: [Term], before: UInt64?, limit: Int) throws -> [ChannelCount] {
        try read { try TrailSearch.channels($0, terms, before: before, limit: limit) }
    }

    public func facets(_ query: IndexQuery) throws -> [FacetCount] { try read { try TrailSearch.facets($0, query) } }
    public func count(_ query: IndexQuery, ceiling: Int) throws -> Int { try read { try TrailSearch.count($0, query, ceiling: ceiling) } }
    public func oldestBody() throws -> UInt64? { try read(TrailReads.oldestBody) }
    public func keptCheckpoints() throws -> [KeptCheckpoint] { try read(TrailReads.keptCheckpoints) }
    public func cosignatures(_ sizes: ClosedRange<UInt64>) throws -> [StoredCosignature] {
        try snapshot { db in
            // A file of version 1 that is only read has none.
            guard try writing != nil || TrailReads.hasCosignatures(db) else { return [] }
            return try TrailReads.cosignatures(db, sizes)
        }
    }

    public func plans() throws -> [StoredPlan] { try read(TrailReads.plans) }
    public func prunable(in range: Range<UInt64>, limit: Int) throws -> [PrunablePlace] {
        try read { try TrailPruning.places($0, range, limit: limit) }
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

    /// Lines that SQLite's check gives at most; one is enough to know.
    private static let troubleCountMax = 20

    /// One statement over the whole file, 1.6 s for a million entries of 1.3 KB: for that long the log cannot be reset.
    public func fileTroubles() throws -> [String] {
        try read { db in
            try PreparedStatement(db, "PRAGMA integrity_check(\(Self.troubleCountMax))").all { $0.text(0) }.filter { $0 != "ok" }
        }
    }

    // MARK: Errors

    /// The engine's errors in the trail's words; others pass.
    static func translating<Result>(_ body: () throws -> Result) throws -> Result {
        do { return try body() } catch {
            guard let error = SQLiteStoreError.translating(error) as? SQLiteStoreError else { throw error }
            switch error {
            case .foreignFile(let what): throw TrailError.foreignFile(what)
            case .alreadyExists: throw TrailError.alreadyExists
            case .closed: throw TrailError.closed
            // Nothing that is written comes near SQLite's limit of length: a row that claims more is damaged.
            case .engine(let code, let message) where [SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_TOOBIG].contains(code & 0xFF):
                throw TrailError.inconsistent("\(TrailSchema.file.name) is damaged or cut short (SQLite error \(code): \(message))")
            case .unconfirmed(let code): throw TrailError.unconfirmed(SQLiteStoreError.words(unconfirmed: code))
            case .engine(let code, let message): throw TrailError.storage("SQLite error \(code): \(message)")
            case .system(let operation, let code): throw TrailError.storage("\(operation) failed with errno \(code)")
            }
        }
    }
}
