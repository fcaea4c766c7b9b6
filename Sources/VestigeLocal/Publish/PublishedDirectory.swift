import Foundation
import Glibc

/// The directory that a tree is published to, and the files below it that everybody may read.
///
/// Below it no symbolic link is followed: whoever can make one there leads nothing of ours elsewhere. A file is written under another name
/// first, so that a reader finds a whole one or none.
final class PublishedDirectory {
    /// More than any file of a published tree has.
    private static let byteCountMax = 1 << 20

    let path: String
    private let root: Int32
    /// The directory asked for last: files come in the order of their places.
    private var last: (path: String, descriptor: Int32)?
    /// Directories that got a new name, and those above them.
    private var unsynced: Set<String> = []

    /// Makes it if it is not there. Up to it links are followed: that is the operator's own way.
    init(_ path: String) throws(PublishError) {
        try Self.make(path)
        self.path = path
        root = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard root >= 0 else { throw .system("opening \(path)", errno) }
    }

    deinit {
        if let last { close(last.descriptor) }
        LockedFile.release(root)
    }

    /// Whether nobody else had it. It is let go of with the last reference.
    func lock() -> Bool { LockedFile.lock(root) }

    private static func make(_ path: String) throws(PublishError) {
        if mkdir(path, 0o755) == 0 {
            guard chmod(path, 0o755) == 0 else { throw .system("opening \(path) to readers", errno) }
            return
        }
        switch errno {
        case EEXIST: return
        case ENOENT where path.contains("/"):
            try make((path as NSString).deletingLastPathComponent)
            try make(path)
        default: throw .system("making \(path)", errno)
        }
    }

    // MARK: Reading

    /// `nil` where there is none.
    func byteCount(of file: String) throws(PublishError) -> Int? {
        guard let (parent, name) = try place(of: file, making: false) else { return nil }
        var status = stat()
        guard fstatat(parent, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
            if errno == ENOENT { return nil }
            throw .system("reading \(path)/\(file)", errno)
        }
        guard status.st_mode & S_IFMT == S_IFREG else { throw strange(file) }
        return Int(status.st_size)
    }

    /// `nil` where there is none.
    func contents(_ file: String) throws(PublishError) -> [UInt8]? {
        guard let (parent, name) = try place(of: file, making: false) else { return nil }
        let descriptor = openat(parent, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw errno == ELOOP ? strange(file) : .system("reading \(path)/\(file)", errno)
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .system("reading \(path)/\(file)", errno) }
        guard status.st_mode & S_IFMT == S_IFREG, status.st_size <= Self.byteCountMax else { throw strange(file) }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeMutableBytes { read(descriptor, $0.baseAddress?.advanced(by: done), $0.count - done) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .system("reading \(path)/\(file)", errno) }
            if count == 0 { break }
            done += count
        }
        return Array(bytes[..<done])
    }

    /// Names in a directory; none where it is not there.
    func names(in directory: String) throws(PublishError) -> [String] {
        guard let descriptor = try self.descriptor(of: directory, making: false) else { return [] }
        // Reading it moves a place that a duplicate would share.
        let own = openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard own >= 0, let stream = fdopendir(own) else { throw .system("reading \(path)/\(directory)", errno) }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: tuple.pointee)) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Every file below a directory, by its path from here.
    func files(below directory: String) throws(PublishError) -> [String] {
        var files: [String] = []
        for name in try names(in: directory) {
            let inner = "\(directory)/\(name)"
            var status = stat()
            guard let (parent, last) = try place(of: inner, making: false), fstatat(parent, last, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
                throw .system("reading \(path)/\(inner)", errno)
            }
            switch status.st_mode & S_IFMT {
            case S_IFDIR: files += try self.files(below: inner)
            case S_IFREG: files.append(inner)
            default: throw strange(inner)
            }
        }
        return files
    }

    // MARK: Writing

    /// Durable under its name once ``sync()`` returns.
    func write(_ bytes: [UInt8], to file: String) throws(PublishError) {
        guard let (parent, name) = try place(of: file, making: true) else { throw .system("writing \(path)/\(file)", ENOENT) }
        let new = name + ".new"
        let descriptor = openat(parent, new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o644)
        guard descriptor >= 0 else { throw errno == ELOOP ? strange(file + ".new") : .system("writing \(path)/\(file).new", errno) }
        var isWritten = fchmod(descriptor, 0o644) == 0
        var rest = bytes[...]
        while isWritten, !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            isWritten = count > 0
            rest = rest.dropFirst(max(0, count))
        }
        isWritten = isWritten && fsync(descriptor) == 0
        let code = errno
        close(descriptor)
        guard isWritten else { throw .system("writing \(path)/\(file).new", code) }
        guard renameat(parent, new, parent, name) == 0 else { throw .system("naming \(path)/\(file)", errno) }
        // The directories above may be new as well.
        var above = (file as NSString).deletingLastPathComponent
        while unsynced.insert(above).inserted, !above.isEmpty { above = (above as NSString).deletingLastPathComponent }
    }

    func sync() throws(PublishError) {
        for directory in unsynced {
            guard let descriptor = try descriptor(of: directory, making: false) else { continue }
            guard fsync(descriptor) == 0 else { throw .system("syncing \(path)/\(directory)", errno) }
        }
        unsynced = []
    }

    /// Removes a directory of files.
    ///
    /// - Returns: how many files went.
    func remove(_ directory: String) throws(PublishError) -> Int {
        let names = try names(in: directory)
        guard !names.isEmpty, let descriptor = try descriptor(of: directory, making: false) else { return 0 }
        var removed = 0
        for name in names where unlinkat(descriptor, name, 0) == 0 { removed += 1 }
        forgetLast()
        if let (parent, name) = try place(of: directory, making: false) { unlinkat(parent, name, AT_REMOVEDIR) }
        return removed
    }

    // MARK: Ways

    private func place(of file: String, making: Bool) throws(PublishError) -> (parent: Int32, name: String)? {
        let parent = (file as NSString).deletingLastPathComponent
        guard let descriptor = try descriptor(of: parent, making: making) else { return nil }
        return (descriptor, (file as NSString).lastPathComponent)
    }

    /// An open directory, step by step from the root. Valid until the next one is asked for.
    private func descriptor(of directory: String, making: Bool) throws(PublishError) -> Int32? {
        if directory.isEmpty { return root }
        if let last, last.path == directory { return last.descriptor }
        forgetLast()
        var current = root
        for name in directory.split(separator: "/").map(String.init) {
            let next: Int32
            do {
                next = try step(current, name, making, directory)
            } catch {
                if current != root { close(current) }
                throw error
            }
            if current != root { close(current) }
            guard next >= 0 else { return nil }
            current = next
        }
        last = (directory, current)
        return current
    }

    private func step(_ parent: Int32, _ name: String, _ making: Bool, _ directory: String) throws(PublishError) -> Int32 {
        let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
        var next = openat(parent, name, flags)
        if next < 0, errno == ENOENT {
            guard making else { return -1 }
            guard mkdirat(parent, name, 0o755) == 0 || errno == EEXIST else { throw .system("making \(path)/\(directory)", errno) }
            next = openat(parent, name, flags)
            if next >= 0, fchmod(next, 0o755) != 0 { throw .system("opening \(path)/\(directory) to readers", errno) }
        }
        guard next >= 0 else {
            throw [ELOOP, ENOTDIR].contains(errno) ? strange(directory) : .system("opening \(path)/\(directory)", errno)
        }
        return next
    }

    private func forgetLast() {
        if let last { close(last.descriptor) }
        last = nil
    }

    private func strange(_ file: String) -> PublishError {
        .foreign("\(path)/\(file) is a symbolic link, or something else that a published tree does not have")
    }
}
