import Glibc
import VestigeCore
import VestigeCrypto

/// A spool file of this process, open, locked and known to the byte. Only one thread at a time.
///
/// It is made under another name and comes into being with all it must have: whoever sees `<id>.spool` without a lock sees a dead process's.
final class SpoolFile {
    let descriptor: Int32
    private let path: String
    private let directory: String
    /// Where the next record goes.
    private(set) var length: Int

    /// Makes or replaces the file of `spool`; its contents are durable on return, its name after ``syncDirectory()``.
    ///
    /// - Throws: ``SpoolError/storage(_:)``
    static func make(_ spool: Bytes16, in directory: String, records: [UInt8] = []) throws(SpoolError) -> SpoolFile {
        let draft = "\(directory)/\(spool.hex).new"
        let file = try openLocked(draft, final: "\(directory)/\(spool.hex).spool", in: directory)
        do {
            try file.append(SpoolRecord.fileHead(of: spool) + records)
            try file.sync()
        } catch {
            unlink(draft)
            throw error
        }
        guard rename(draft, file.path) == 0 else {
            let code = errno
            unlink(draft)
            throw .failed("naming a spool file", code)
        }
        return file
    }

    private static func openLocked(_ draft: String, final path: String, in directory: String) throws(SpoolError) -> SpoolFile {
        // A second turn is needed only when an opener took the draft for a dead process's, between open and lock.
        for _ in 0..<100 {
            unlink(draft)
            let descriptor = open(draft, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
            guard descriptor >= 0 else { throw .failed("making a spool file", errno) }
            let file = SpoolFile(descriptor: descriptor, path: path, directory: directory)
            if LockedFile.lock(descriptor), LockedFile.isNamed(draft, descriptor) { return file }
        }
        throw .storage("a new spool file cannot be locked; the act was refused, see what else works in the spool directory")
    }

    private init(descriptor: Int32, path: String, directory: String) {
        self.descriptor = descriptor
        self.path = path
        self.directory = directory
        length = 0
    }

    /// Writes all of `bytes` behind what stands there, or cuts back what came through of them. Not durable yet.
    func append(_ bytes: [UInt8]) throws(SpoolError) {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { bytes in
                pwrite(descriptor, bytes.baseAddress?.advanced(by: written), bytes.count - written, off_t(length + written))
            }
            if count > 0 {
                written += count
            } else if count == 0 || errno != EINTR {
                let code = count == 0 ? ENOSPC : errno
                ftruncate(descriptor, off_t(length))
                throw .failed("writing a spool file", code)
            }
        }
        length += written
    }

    func sync() throws(SpoolError) {
        guard fdatasync(descriptor) == 0 else { throw .failed("making a spool file durable", errno) }
    }

    func syncDirectory() throws(SpoolError) {
        try SpoolFile.syncDirectory(directory)
    }

    static func syncDirectory(_ directory: String) throws(SpoolError) {
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .failed("opening a directory", errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .failed("making a name durable", errno) }
    }

    /// Back to a length that it had. Whether it is durable does not matter: what comes to light again is known to the trail.
    @discardableResult
    func cut(to length: Int) -> Bool {
        guard ftruncate(descriptor, off_t(length)) == 0 else { return false }
        self.length = length
        return true
    }

    func remove() {
        if LockedFile.isNamed(path, descriptor) { unlink(path) }
    }

    deinit {
        LockedFile.release(descriptor)
    }
}

extension SpoolError {
    static func failed(_ operation: String, _ code: Int32) -> SpoolError {
        .storage(
            "\(operation) failed with errno \(code); the act was refused, see that the disk has room and the data directory may be written")
    }
}
