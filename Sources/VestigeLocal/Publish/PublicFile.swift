import Foundation
import Glibc

/// Files that everybody may read, each written under another name first: a reader finds a whole file or none.
enum PublicFile {
    /// Makes a directory and those above it, as far as they are missing, readable for all whatever the umask.
    static func makeDirectory(_ path: String) throws(PublishError) {
        if mkdir(path, 0o755) == 0 {
            guard chmod(path, 0o755) == 0 else { throw .system("opening \(path) to readers", errno) }
            return
        }
        switch errno {
        case EEXIST: return
        case ENOENT where path.contains("/"):
            try makeDirectory((path as NSString).deletingLastPathComponent)
            try makeDirectory(path)
        default: throw .system("making \(path)", errno)
        }
    }

    /// Durable under its name once the directory is synced.
    static func write(_ bytes: [UInt8], to path: String) throws(PublishError) {
        let new = path + ".new"
        let file = open(new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o644)
        guard file >= 0 else { throw .system("writing \(new)", errno) }
        var isWritten = fchmod(file, 0o644) == 0
        var rest = bytes[...]
        while isWritten, !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            isWritten = count > 0
            rest = rest.dropFirst(max(0, count))
        }
        isWritten = isWritten && fsync(file) == 0
        let code = errno
        close(file)
        guard isWritten else { throw .system("writing \(new)", code) }
        guard rename(new, path) == 0 else { throw .system("naming \(path)", errno) }
    }

    static func sync(directory path: String) throws(PublishError) {
        let file = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard file >= 0 else { throw .system("opening \(path)", errno) }
        defer { close(file) }
        guard fsync(file) == 0 else { throw .system("syncing \(path)", errno) }
    }

    /// `nil` where there is none.
    static func contents(_ path: String) throws(PublishError) -> [UInt8]? {
        var status = stat()
        guard stat(path, &status) == 0 else {
            if errno == ENOENT { return nil }
            throw .system("reading \(path)", errno)
        }
        guard let data = FileManager.default.contents(atPath: path) else { throw .system("reading \(path)", EIO) }
        return [UInt8](data)
    }
}
