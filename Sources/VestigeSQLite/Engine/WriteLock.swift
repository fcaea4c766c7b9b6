import Glibc

/// The right to write a trail, among all processes: `turn.lock` and `write.lock` of the data directory.
///
/// Bare `flock` is unfair: whoever lets go and takes again wins nearly always. So everybody first queues for the turn
/// and gives it back once the write lock is theirs. Locks belong to the open file, not to the process: two stores of
/// one process exclude each other as well. The system lets go of both when a process dies.
///
/// The one byte of `write.lock` is a mark that outlives the process: a sync failed, nobody knows what the disk holds. It need not be
/// durable. What is in doubt is what only the system's memory holds; a loss of power takes both, and leaves what the disk holds.
final class WriteLock: Sendable {
    private let turn: Int32
    private let write: Int32

    init(directory: String) throws {
        turn = try Self.open(directory + "/turn.lock")
        do {
            write = try Self.open(directory + "/write.lock")
        } catch {
            close(turn)
            throw error
        }
        // Room for the mark is taken while there is some; without it a full disk could not be marked.
        if fstatSize == 0 { _ = put(Self.sound) }
    }

    deinit {
        close(turn)
        close(write)
    }

    /// Runs `body` with the lock; blocks the thread until it is had.
    ///
    /// Callers of one instance take turns by other means, since an open file cannot exclude itself.
    func holding<Result>(_ body: () throws -> Result) throws -> Result {
        try Self.lock(turn, "taking turn.lock")
        do {
            try Self.lock(write, "taking write.lock")
        } catch {
            flock(turn, LOCK_UN)
            throw error
        }
        flock(turn, LOCK_UN)
        defer { flock(write, LOCK_UN) }
        return try body()
    }

    // MARK: The mark. Only under the lock.

    private static let sound = UInt8(ascii: "\n")
    private static let unconfirmed = UInt8(ascii: "!")

    var isMarked: Bool {
        var byte = Self.sound
        return pread(write, &byte, 1, 0) == 1 && byte == Self.unconfirmed
    }

    /// As well as it can be done: the store that met the failure stops in any case.
    func mark() { _ = put(Self.unconfirmed) }

    func unmark() throws {
        guard put(Self.sound) else { throw SQLiteStoreError.system(operation: "clearing the mark in write.lock", errno: errno) }
    }

    private func put(_ byte: UInt8) -> Bool {
        var byte = byte
        return pwrite(write, &byte, 1, 0) == 1
    }

    private var fstatSize: Int {
        var status = stat()
        return fstat(write, &status) == 0 ? Int(status.st_size) : 1
    }

    private static func lock(_ descriptor: Int32, _ operation: String) throws {
        while flock(descriptor, LOCK_EX) != 0 {
            guard errno == EINTR else { throw SQLiteStoreError.system(operation: operation, errno: errno) }
        }
    }

    private static func open(_ path: String) throws -> Int32 {
        let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw SQLiteStoreError.system(operation: "opening a lock file", errno: errno) }
        return descriptor
    }
}
