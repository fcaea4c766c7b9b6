import VestigeCrypto

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Files and directories that only their owner may read.
enum PrivateFile {
    static let byteCountMax = 4_096

    static func checkDirectory(_ path: String) throws(VaultError) {
        var info = stat()
        guard lstat(path, &info) == 0 else { throw .keyring(missingOr(path)) }
        guard info.st_mode & S_IFMT == S_IFDIR else { throw .keyring(.notADirectory(path: path)) }
        try checkPrivate(info, path, mode: "0700")
    }

    /// Reads the first line of a small private file and lends it; the buffer is wiped afterwards. One that ``destroy(_:)`` has overwritten and
    /// had no time to remove is missing.
    static func withFirstLine<R: ~Copyable>(of path: String, _ body: (UnsafeRawBufferPointer) throws(VaultError) -> R) throws(VaultError)
        -> R
    {
        // The descriptor is checked, not the path, so that nothing can be exchanged in between; a symbolic link is refused.
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard file >= 0 else { throw .keyring(errno == ELOOP ? .notAFile(path: path) : missingOr(path)) }
        defer { close(file) }
        var info = stat()
        guard fstat(file, &info) == 0 else { throw .keyring(.unreadable(path: path, errno: errno)) }
        guard info.st_mode & S_IFMT == S_IFREG else { throw .keyring(.notAFile(path: path)) }
        try checkPrivate(info, path, mode: "0600")

        var bytes = [UInt8](repeating: 0, count: byteCountMax)
        defer { Memory.wipe(&bytes) }
        let count = bytes.withUnsafeMutableBytes { read(file, $0.baseAddress, $0.count) }
        guard count >= 0 else { throw .keyring(.unreadable(path: path, errno: errno)) }
        guard bytes[0] != 0 || count == 0 else { throw .keyring(.missing(path: path)) }
        let end = bytes[..<count].firstIndex(of: 10) ?? count
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: end, alignment: 1)
        defer {
            Memory.wipe(buffer)
            buffer.deallocate()
        }
        buffer.copyBytes(from: bytes[..<end])
        return try body(UnsafeRawBufferPointer(buffer))
    }

    /// Makes a file of mode 0600 that is not there yet, and syncs it.
    static func write(_ bytes: UnsafeRawBufferPointer, to path: String) throws(VaultError) {
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw .keyring(errno == EEXIST ? .exists(path: path) : .unwritable(path: path, errno: errno)) }
        defer { close(file) }
        // The mode given to open is cut by the umask, which may be stricter than 0600 but not what is asked for.
        guard fchmod(file, 0o600) == 0, writeBytes(file, bytes.baseAddress, bytes.count) == bytes.count, fsync(file) == 0 else {
            throw .keyring(.unwritable(path: path, errno: errno))
        }
    }

    /// Gives a file its name; one that bears it already is replaced, so the caller holds the lock and has looked.
    static func rename(_ path: String, to name: String) throws(VaultError) {
        guard renameFile(path, name) == 0 else { throw .keyring(.unwritable(path: name, errno: errno)) }
    }

    /// Overwrites a file with zeros, syncs it and removes its name; the directory is the caller's to sync. A missing file is no error.
    ///
    /// Whoever is killed in between leaves zeros under the name. They are read as a missing file, and the same call again removes them.
    static func destroy(_ path: String) throws(VaultError) {
        let file = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        if file < 0, errno == ENOENT { return }
        guard file >= 0 else { throw .keyring(errno == ELOOP ? .notAFile(path: path) : .unwritable(path: path, errno: errno)) }
        defer { close(file) }
        var info = stat()
        guard fstat(file, &info) == 0 else { throw .keyring(.unwritable(path: path, errno: errno)) }
        guard info.st_mode & S_IFMT == S_IFREG else { throw .keyring(.notAFile(path: path)) }
        let zeros = [UInt8](repeating: 0, count: Int(info.st_size))
        guard writeBytes(file, zeros, zeros.count) == zeros.count, fsync(file) == 0, unlink(path) == 0 else {
            throw .keyring(.unwritable(path: path, errno: errno))
        }
    }

    /// Runs `body` while nobody else does so for this directory. The lock goes with the process.
    static func locking<R: ~Copyable>(directory path: String, _ body: () throws(VaultError) -> R) throws(VaultError) -> R {
        try checkDirectory(path)
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw .keyring(missingOr(path)) }
        defer {
            // Closing alone would not let go while another thread is starting a process.
            flock(file, LOCK_UN)
            close(file)
        }
        while flock(file, LOCK_EX) != 0 {
            guard errno == EINTR else { throw .keyring(.unwritable(path: path, errno: errno)) }
        }
        return try body()
    }

    static func makeDirectory(_ path: String) throws(VaultError) {
        guard mkdir(path, 0o700) == 0 else { throw .keyring(errno == EEXIST ? .exists(path: path) : .unwritable(path: path, errno: errno)) }
        guard chmod(path, 0o700) == 0 else { throw .keyring(.unwritable(path: path, errno: errno)) }
    }

    /// Names in a directory that begin with `prefix`.
    static func names(in path: String, prefix: String) throws(VaultError) -> [String] {
        guard let directory = opendir(path) else { throw .keyring(missingOr(path)) }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name.hasPrefix(prefix) { names.append(name) }
        }
        return names
    }

    static func sync(directory path: String) throws(VaultError) {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw .keyring(missingOr(path)) }
        defer { close(file) }
        guard fsync(file) == 0 else { throw .keyring(.unwritable(path: path, errno: errno)) }
    }

    private static func checkPrivate(_ info: stat, _ path: String, mode: String) throws(VaultError) {
        guard info.st_uid == geteuid() else { throw .keyring(.wrongOwner(path: path)) }
        guard info.st_mode & 0o077 == 0 else { throw .keyring(.openToOthers(path: path, mode: mode)) }
    }

    private static func missingOr(_ path: String) -> KeyringProblem {
        errno == ENOENT ? .missing(path: path) : .unreadable(path: path, errno: errno)
    }
}

/// `write` by another name, since members of ``PrivateFile`` hide it.
private func writeBytes(_ file: Int32, _ start: UnsafeRawPointer?, _ count: Int) -> Int {
    write(file, start, count)
}

private func renameFile(_ old: String, _ new: String) -> Int32 {
    rename(old, new)
}
