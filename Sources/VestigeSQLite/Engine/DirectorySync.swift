import GRDB
import Glibc

/// Makes durable which names a directory holds.
enum DirectorySync {
    /// - Throws: ``SQLiteStoreError/unconfirmed(code:)`` if the disk does not confirm it.
    static func run(_ directory: String) throws {
        let descriptor = Glibc.open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SQLiteStoreError.system(operation: "opening the data directory", errno: errno) }
        defer { close(descriptor) }
        while fsync(descriptor) != 0 {
            // Some file systems have no such call for directories; theirs are written through.
            if errno == EINVAL { return }
            guard errno == EINTR else { throw SQLiteStoreError.unconfirmed(code: ResultCode.SQLITE_IOERR_DIR_FSYNC.rawValue) }
        }
    }
}
