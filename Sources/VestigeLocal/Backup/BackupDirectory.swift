import Foundation
import Glibc
import Synchronization

/// A directory that takes backups: mode 0700, this account's, outside of data directory and keyring, and one writer at a time.
///
/// Whatever is not whole bears a name that ends in `.partial`; the next backup into the same directory removes it.
final class BackupDirectory: Sendable {
    private static let partial = ".partial"

    let path: String
    /// The directory's descriptor, which bears the lock; `nil` once released.
    private let lock: Mutex<Int32?>

    /// Makes the directory if its parent is there: what is not mounted is not made up.
    ///
    /// - Throws: ``LocalError/backup(_:)``; nothing was written.
    init(_ given: String, for place: Place) throws(LocalError) {
        guard let path = Self.resolved(given) else {
            throw .backup(
                "\(given) cannot be made: its parent is not there; nothing was copied, name a directory that is, or mount its disk")
        }
        for (taken, what) in [(place.data, "the data directory"), (place.keyring, "the keyring")] {
            guard let taken = Self.resolved(taken), path == taken || path.hasPrefix(taken + "/") else { continue }
            throw .backup("\(given) is in \(what); nothing was copied, name a directory outside of it, on another disk if you can")
        }
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
            throw .backup("\(given) cannot be made (errno \(errno)); nothing was copied, see that its parent may be written")
        }
        try Self.check(path, given)
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .backup("\(given) cannot be opened (errno \(errno)); nothing was copied") }
        self.path = path
        lock = Mutex(descriptor)
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw .backup("another backup is being written into \(given); nothing was copied, wait for its end")
        }
        // SQLite may have left a journal beside one.
        for name in names where name.contains(Self.partial) {
            unlink(file(name))
            // A manifest whose copy never got its name.
            if name.hasSuffix(".sqlite" + Self.partial) { dropManifest(of: String(name.dropLast(".sqlite".count + Self.partial.count))) }
        }
    }

    /// Lets the next one write here. Not left to the last reference: a thread that did part of the work may hold it a moment longer.
    func release() {
        lock.withLock { descriptor in
            if let descriptor { LockedFile.release(descriptor) }
            descriptor = nil
        }
    }

    deinit { release() }

    private static func check(_ path: String, _ given: String) throws(LocalError) {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw .backup("\(given) is not a directory; nothing was copied, name one")
        }
        guard status.st_uid == geteuid() else {
            throw .backup("\(given) belongs to another account; nothing was copied, name a directory of this account's")
        }
        guard status.st_mode & 0o077 == 0 else {
            throw .backup("\(given) is open to other accounts; nothing was copied, run: chmod 0700 '\(given)'")
        }
    }

    /// An absolute path without links; of something that is not there yet, if its parent is.
    private static func resolved(_ path: String) -> String? {
        func real(_ path: String) -> String? {
            guard let found = realpath(path, nil) else { return nil }
            defer { free(found) }
            return String(cString: found)
        }
        if let found = real(path) { return found }
        let path = path.hasSuffix("/") ? String(path.dropLast()) : path
        let (parent, name) = ((path as NSString).deletingLastPathComponent, (path as NSString).lastPathComponent)
        guard !name.isEmpty, let parent = real(parent.isEmpty ? "." : parent) else { return nil }
        return parent == "/" ? "/" + name : parent + "/" + name
    }

    var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [] }

    func file(_ name: String) -> String { path + "/" + name }

    /// The name under which something is written until it is whole.
    func partial(_ name: String) -> String { name + Self.partial }

    /// Removes what was written of a backup that did not become whole; `name` without the ending.
    func drop(_ name: String) {
        for suffix in ["", "-journal", "-wal", "-shm"] { unlink(file(partial(name + ".sqlite")) + suffix) }
        unlink(file(partial(name + ".json")))
        dropManifest(of: name)
    }

    private func dropManifest(of name: String) {
        if !DurableFile.exists(file(name + ".sqlite")) { unlink(file(name + ".json")) }
    }

    /// Gives what is whole its name; durable on return. A name that is taken is left alone.
    func keep(_ name: String) throws(LocalError) {
        guard !DurableFile.exists(file(name)) else {
            throw .backup("\(file(name)) is there already; it was left as it is and nothing was added, ask again")
        }
        try DurableFile.move(file(partial(name)), to: file(name))
    }
}
