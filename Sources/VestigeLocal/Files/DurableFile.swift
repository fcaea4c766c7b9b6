import Foundation
import Glibc
import VestigeCrypto

/// Files whose bytes and names are on the disk when a call returns.
enum DurableFile {
    private static let readByteCount = 1 << 20

    /// - Throws: ``LocalError/unusable(_:)``
    static func sync(_ path: String) throws(LocalError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { throw failed("opening", path) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failed("syncing", path) }
    }

    /// Makes a file of mode 0600 that is not there yet.
    static func write(_ bytes: [UInt8], to path: String) throws(LocalError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw failed("creating", path) }
        defer { close(descriptor) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 || errno == EINTR else { throw failed("writing", path) }
            rest = rest.dropFirst(max(0, count))
        }
        guard fsync(descriptor) == 0 else { throw failed("syncing", path) }
    }

    /// Gives a file another name in the same file system, and syncs both directories. A file that has the name is replaced.
    static func move(_ path: String, to name: String) throws(LocalError) {
        guard rename(path, name) == 0 else { throw failed("renaming", path) }
        try sync((name as NSString).deletingLastPathComponent)
        try sync((path as NSString).deletingLastPathComponent)
    }

    /// Whether anything is there, a dangling link too.
    static func exists(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }

    static func byteCount(_ path: String) -> Int {
        var status = stat()
        return lstat(path, &status) == 0 ? Int(status.st_size) : 0
    }

    /// SHA-256 of a file that nobody has open: closing it would drop the locks that SQLite holds on it in this process.
    static func digest(of path: String) throws(LocalError) -> Bytes32 {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { throw failed("opening", path) }
        defer { close(descriptor) }
        var hasher = SHA256Hasher()
        var buffer = [UInt8](repeating: 0, count: readByteCount)
        while true {
            let count = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
            if count == 0 { return hasher.finish() }
            guard count > 0 || errno == EINTR else { throw failed("reading", path) }
            hasher.update(buffer[..<max(0, count)])
        }
    }

    private static func failed(_ operation: String, _ path: String) -> LocalError {
        .unusable(
            "\(operation) \(path) failed (errno \(errno)); see that the disk has room and that file and directory belong to this account")
    }
}

/// Runs what blocks on a thread that may be blocked, none of the cooperative ones.
func blocking<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        DispatchQueue.global(qos: .userInitiated).async { continuation.resume(with: Swift.Result { try body() }) }
    }
}
