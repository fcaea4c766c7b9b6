import Glibc
import VestigeCore

/// The lock on a spool file: whoever has it is the file's only reader and writer, and it ends with the process.
enum LockedFile {
    /// Whether nobody else had it. Locks belong to the open file: a process can hold itself off.
    static func lock(_ descriptor: Int32) -> Bool {
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            guard errno == EINTR else { return false }
        }
        return true
    }

    /// Lets go of a file and its lock. Closing alone would not: a child that another thread is starting has the open file too, until it
    /// becomes another program.
    static func release(_ descriptor: Int32) {
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    /// Whether `path` still names the open file: a file may be renamed over or removed before its lock is had.
    static func isNamed(_ path: String, _ descriptor: Int32) -> Bool {
        var open = stat()
        var named = stat()
        guard fstat(descriptor, &open) == 0, lstat(path, &named) == 0 else { return false }
        return open.st_dev == named.st_dev && open.st_ino == named.st_ino
    }

    /// A dead process's file, with its lock; `nil` if it lives, is gone or is no file.
    ///
    /// - Throws: ``SpoolError/storage(_:)`` if it is there and cannot be opened.
    static func take(_ path: String) throws(SpoolError) -> Int32? {
        while true {
            let descriptor = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW)
            guard descriptor >= 0 else {
                if errno == ENOENT || errno == ELOOP || errno == EISDIR || errno == ENXIO { return nil }
                throw .unread("opening a spool file", errno)
            }
            var status = stat()
            guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, lock(descriptor) else {
                close(descriptor)
                return nil
            }
            if isNamed(path, descriptor) { return descriptor }
            release(descriptor)
        }
    }

    /// - Throws: ``SpoolError/storage(_:)``
    static func contents(_ descriptor: Int32) throws(SpoolError) -> [UInt8] {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .unread("reading a spool file", errno) }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        var count = 0
        while count < bytes.count {
            let read = bytes.withUnsafeMutableBytes {
                pread(descriptor, $0.baseAddress?.advanced(by: count), $0.count - count, off_t(count))
            }
            if read < 0, errno == EINTR { continue }
            guard read >= 0 else { throw .unread("reading a spool file", errno) }
            guard read > 0 else { break }
            count += read
        }
        return Array(bytes[..<count])
    }
}

extension SpoolError {
    fileprivate static func unread(_ operation: String, _ code: Int32) -> SpoolError {
        .storage(
            "\(operation) of a dead process failed with errno \(code); nothing was taken from it, see that it may be read and open again")
    }
}
