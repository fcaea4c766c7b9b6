import GRDB
import GRDBSQLite

/// What goes wrong below a vault or a desk. Messages hold SQLite's code and words, never a value.
public enum SQLiteStoreError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The file is missing, or is not what it should be.
    case foreignFile(String)
    /// There is a file already.
    case alreadyExists(file: String)
    /// SQLite refused; the extended result code and its message.
    case engine(code: Int32, message: String)
    /// A lock or file could not be had from the operating system.
    case system(operation: String, errno: Int32)
    /// A sync failed: nobody knows what the disk holds, and the store does nothing more until it was opened again. The extended result
    /// code, or 0 where another store met the failure.
    case unconfirmed(code: Int32)
    case closed

    public var description: String {
        switch self {
        case .foreignFile(let what): what
        case .alreadyExists(let file): "\(file) exists already; nothing was written, open it or choose another directory"
        case .engine(let code, let message):
            "SQLite error \(code): \(message); nothing of this call was written, see that disk and file permissions are in order and try again"
        case .system(let operation, let code):
            "\(operation) failed with errno \(code); nothing was written, see that the data directory exists and is writable"
        case .unconfirmed(let code):
            "the disk did not confirm what was written (\(Self.words(unconfirmed: code))), so nobody knows what it holds: this store does nothing more, and this call may or may not have taken effect. See that the disk is sound, then start this process anew and try again"
        case .closed: "the store is closed; nothing was done, open it again"
        }
    }

    /// The same in this module's words, if `error` comes from the engine; anything else as it is.
    static func translating(_ error: any Error) -> any Error {
        guard let error = error as? DatabaseError else { return error }
        if error.extendedResultCode.rawValue == SQLITE_MISUSE { return SQLiteStoreError.closed }
        return of(error.extendedResultCode.rawValue, error.message ?? "no message")
    }

    private static func of(_ code: Int32, _ message: String) -> SQLiteStoreError {
        // Of a file, and of its directory.
        [ResultCode.SQLITE_IOERR_FSYNC, .SQLITE_IOERR_DIR_FSYNC].contains(ResultCode(rawValue: code))
            ? .unconfirmed(code: code) : .engine(code: code, message: message)
    }

    static func words(unconfirmed code: Int32) -> String {
        code == 0 ? "a sync failed earlier" : "SQLite error \(code): a sync failed"
    }

    static func wrap<Result>(_ body: () throws -> Result) throws -> Result {
        do { return try body() } catch { throw translating(error) }
    }

    /// Whatever SQLite last complained about on `connection`.
    static func last(_ connection: OpaquePointer?) -> SQLiteStoreError {
        guard let connection else { return .closed }
        return of(sqlite3_extended_errcode(connection), String(cString: sqlite3_errmsg(connection)))
    }
}
