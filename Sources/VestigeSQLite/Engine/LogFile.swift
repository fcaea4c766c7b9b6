import GRDB
import GRDBSQLite

/// The write-ahead log of a connection, reached through SQLite's own handle. Only under the lock among processes.
///
/// SQLite takes for committed whatever it finds complete in a log. But a process may have been killed between its writing and its sync, or
/// its sync may have failed: then the log is complete in the system's memory only, and what is built on it could fall with it.
struct LogFile {
    /// SQLite's own files take less than 128 KiB in one write.
    private static let chunkByteCount = 64 << 10

    private let file: UnsafeMutablePointer<sqlite3_file>
    private let methods: sqlite3_io_methods

    /// - Returns: `nil` if the connection has no log open.
    init?(_ db: Database) throws {
        var found: UnsafeMutablePointer<sqlite3_file>?
        let code = sqlite3_file_control(db.sqliteConnection, "main", SQLITE_FCNTL_JOURNAL_POINTER, &found)
        guard code == SQLITE_OK else { throw SQLiteStoreError.last(db.sqliteConnection) }
        guard let found, let methods = found.pointee.pMethods else { return nil }
        file = found
        self.methods = methods.pointee
    }

    func byteCount() throws -> Int64 {
        var count: sqlite3_int64 = 0
        try check(methods.xFileSize?(file, &count))
        return count
    }

    /// From here on the log is on the disk as far as the system knows.
    func sync() throws { try check(methods.xSync?(file, SQLITE_SYNC_NORMAL)) }

    /// Writes the log over itself. After a failed sync the system may have given up what it could not write; only what is written anew
    /// goes to the disk with the next sync.
    func rewrite() throws {
        let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.chunkByteCount, alignment: 16)
        defer { chunk.deallocate() }
        let end = try byteCount()
        var offset: Int64 = 0
        while offset < end {
            let count = Int32(min(Int64(chunk.count), end - offset))
            try check(methods.xRead?(file, chunk.baseAddress, count, offset))
            try check(methods.xWrite?(file, chunk.baseAddress, count, offset))
            offset += Int64(count)
        }
    }

    private func check(_ code: Int32?) throws {
        guard code != SQLITE_OK else { return }
        throw SQLiteStoreError.translating(DatabaseError(resultCode: ResultCode(rawValue: code ?? SQLITE_MISUSE)))
    }
}
