import GRDB
import GRDBSQLite
import VestigeCrypto

/// A statement of GRDB's cache, bound and stepped through SQLite's own calls: no boxing of values, no copies of blobs.
///
/// Parameters count from 1, columns from 0. Whoever steps it to a row resets it again.
struct PreparedStatement {
    // Keeps the handle alive.
    private let statement: Statement
    private let handle: OpaquePointer

    /// Taken from the connection's cache; two users of one text at the same time would disturb each other.
    init(_ db: Database, _ sql: String) throws {
        self.init(try db.cachedStatement(sql: sql))
    }

    /// - Parameter statement: cached or not; a statement of its own may be stepped while others of the same text are.
    init(_ statement: Statement) {
        self.statement = statement
        handle = statement.sqliteStatement
    }

    // SQLite copies what is bound with this.
    private static let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    private func check(_ code: Int32) throws {
        guard code == SQLITE_OK else { throw SQLiteStoreError.last(sqlite3_db_handle(handle)) }
    }

    func bind(_ value: Int64, at place: Int32) throws { try check(sqlite3_bind_int64(handle, place, value)) }

    /// Places beyond 2^63 come from nobody but a tampered file; they keep their bits.
    func bind(_ value: UInt64, at place: Int32) throws { try bind(Int64(bitPattern: value), at: place) }

    func bindNull(at place: Int32) throws { try check(sqlite3_bind_null(handle, place)) }

    func bind(_ value: Int64?, at place: Int32) throws {
        if let value { try bind(value, at: place) } else { try bindNull(at: place) }
    }

    func bind(_ text: String, at place: Int32) throws {
        var text = text
        try text.withUTF8 { bytes in
            try bytes.withMemoryRebound(to: CChar.self) { characters in
                // Without a base address SQLite would bind NULL.
                guard let base = characters.baseAddress else { return try check(sqlite3_bind_text(handle, place, "", 0, Self.transient)) }
                try check(sqlite3_bind_text(handle, place, base, Int32(characters.count), Self.transient))
            }
        }
    }

    func bind(_ text: String?, at place: Int32) throws {
        if let text { try bind(text, at: place) } else { try bindNull(at: place) }
    }

    func bind(_ bytes: [UInt8], at place: Int32) throws {
        try bytes.withUnsafeBytes { try bind($0, at: place, destructor: Self.transient) }
    }

    func bind(_ bytes: [UInt8]?, at place: Int32) throws {
        if let bytes { try bind(bytes, at: place) } else { try bindNull(at: place) }
    }

    func bind(_ bytes: Bytes16, at place: Int32) throws {
        try bytes.withBytes { try bind($0, at: place, destructor: Self.transient) }
    }

    func bind(_ bytes: Bytes32, at place: Int32) throws {
        try bytes.withBytes { try bind($0, at: place, destructor: Self.transient) }
    }

    /// Binds without a copy: `bytes` must stay in place until the statement was run.
    func bind(lending bytes: UnsafeRawBufferPointer, at place: Int32) throws {
        try bind(bytes, at: place, destructor: nil)
    }

    /// Binds a column of the row that another statement stands at, whatever its type, copied.
    func bind(_ column: Int32, of row: PreparedStatement, at place: Int32) throws {
        try check(sqlite3_bind_value(handle, place, sqlite3_column_value(row.handle, column)))
    }

    private func bind(_ bytes: UnsafeRawBufferPointer, at place: Int32, destructor: sqlite3_destructor_type?) throws {
        guard let base = bytes.baseAddress, !bytes.isEmpty else { return try check(sqlite3_bind_zeroblob(handle, place, 0)) }
        try check(sqlite3_bind_blob(handle, place, base, Int32(bytes.count), destructor))
    }

    /// Whether there is a row to read.
    func step() throws -> Bool {
        switch sqlite3_step(handle) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        default:
            let error = SQLiteStoreError.last(sqlite3_db_handle(handle))
            sqlite3_reset(handle)
            throw error
        }
    }

    /// Ends the statement; values bound with a copy stay bound.
    func reset() { sqlite3_reset(handle) }

    /// Runs a statement that gives no rows. Returns how many rows it changed.
    @discardableResult
    func run() throws -> Int {
        defer { reset() }
        guard try !step() else { return 0 }
        return Int(sqlite3_changes(sqlite3_db_handle(handle)))
    }

    /// What `read` makes of the first row, `nil` without one.
    func first<Result>(_ read: (PreparedStatement) throws -> Result) throws -> Result? {
        defer { reset() }
        return try step() ? try read(self) : nil
    }

    func all<Result>(_ read: (PreparedStatement) throws -> Result) throws -> [Result] {
        defer { reset() }
        var results: [Result] = []
        while try step() { results.append(try read(self)) }
        return results
    }

    // MARK: Columns of the row stepped to

    func isNull(_ column: Int32) -> Bool { sqlite3_column_type(handle, column) == SQLITE_NULL }

    func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }

    func place(_ column: Int32) -> UInt64 { UInt64(bitPattern: integer(column)) }

    func text(_ column: Int32) -> String { String(decoding: raw(column, sqlite3_column_text(handle, column)), as: UTF8.self) }

    func bytes(_ column: Int32) -> [UInt8] { [UInt8](blob(column)) }

    func optionalBytes(_ column: Int32) -> [UInt8]? { isNull(column) ? nil : bytes(column) }

    /// Valid until the next step or reset.
    func blob(_ column: Int32) -> UnsafeRawBufferPointer { raw(column, sqlite3_column_blob(handle, column)) }

    private func raw(_ column: Int32, _ start: UnsafeRawPointer?) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : Int(sqlite3_column_bytes(handle, column)))
    }

    private func raw(_ column: Int32, _ start: UnsafePointer<UInt8>?) -> UnsafeRawBufferPointer {
        raw(column, start.map { UnsafeRawPointer($0) })
    }
}
