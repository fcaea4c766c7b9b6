import Dispatch
import Glibc
import VestigeInquiry

/// Lines in files of one directory: `<sink>.log`, and `<sink>-<place>.log` for what came before that place. Synced before anything is confirmed.
struct FileTransport: SinkTransport {
    let directory: String
    let sink: String
    let byteCountMax: Int

    func open() async throws -> any SinkConnection {
        let file = self
        return try await FileTransport.blocking { try SinkFile(file) }
    }

    static func blocking<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global(qos: .utility).async { continuation.resume(with: Swift.Result { try body() }) }
        }
    }
}

/// The file that is written to. Its lock keeps two processes from writing between each other's lines.
final class SinkFile: SinkConnection {
    private static let tailByteCount = 1 << 20

    private let place: FileTransport
    private let descriptor: Int32
    private var path: String { "\(place.directory)/\(place.sink).log" }

    init(_ place: FileTransport) throws {
        self.place = place
        let path = "\(place.directory)/\(place.sink).log"
        descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw SinkFile.failed("opening \(path)", errno) }
        // Whatever is thrown from here on, the deinitializer lets go.
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw StreamError.file("\(path) is written by another process; only one may stream to a sink")
        }
        try SinkFile.cutTornLine(descriptor, path)
        try SinkFile.syncDirectory(place.directory)
    }

    deinit {
        guard descriptor >= 0 else { return }
        // Closing alone would not let go: a child that another thread is starting has the file open too.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    var confirmsEachSend: Bool { true }
    var isOpen: Bool { true }

    func send(_ lines: [SinkLine]) async throws {
        guard let first = lines.first else { return }
        var bytes: [UInt8] = []
        for line in lines { bytes += line.bytes + [0x0A] }
        try await FileTransport.blocking { [self, bytes] in
            try rotate(before: first.seq)
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
                guard count > 0 || errno == EINTR else { throw SinkFile.failed("writing \(path)", errno) }
                rest = rest.dropFirst(max(0, count))
            }
            guard fsync(descriptor) == 0 else { throw SinkFile.failed("syncing \(path)", errno) }
        }
    }

    func finish() async throws {}
    func abort() async {}

    /// The file keeps its descriptor's lock; what comes next goes into a new one under the old name.
    private func rotate(before seq: UInt64) throws {
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_size >= place.byteCountMax else { return }
        let digits = String(seq)
        let name = "\(place.directory)/\(place.sink)-\(String(repeating: "0", count: max(0, 12 - digits.count)))\(digits).log"
        let next = "\(path).next"
        let fresh = Glibc.open(next, O_RDWR | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard fresh >= 0 else { throw SinkFile.failed("opening \(next)", errno) }
        defer { close(fresh) }
        guard flock(fresh, LOCK_EX | LOCK_NB) == 0 else { throw SinkFile.failed("locking \(next)", errno) }
        // A kill in between leaves the full file under its new name, and the next start makes a new one.
        guard rename(path, name) == 0, rename(next, path) == 0 else { throw SinkFile.failed("renaming \(path)", errno) }
        try SinkFile.syncDirectory(place.directory)
        guard dup2(fresh, descriptor) >= 0, fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0 else {
            throw SinkFile.failed("opening \(path)", errno)
        }
    }

    /// A line that a crash has left half written goes: it was not confirmed and comes again.
    private static func cutTornLine(_ descriptor: Int32, _ path: String) throws {
        let size = Int(lseek(descriptor, 0, SEEK_END))
        guard size > 0 else { return }
        var end = size
        while end > 0 {
            let from = max(0, end - tailByteCount)
            var bytes = [UInt8](repeating: 0, count: end - from)
            let count = bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, off_t(from)) }
            guard count == bytes.count else { throw failed("reading \(path)", errno) }
            if let line = bytes.lastIndex(of: 0x0A) {
                end = from + line + 1
                break
            }
            end = from
        }
        guard end < size else { return }
        guard ftruncate(descriptor, off_t(end)) == 0, fsync(descriptor) == 0 else { throw failed("cutting \(path)", errno) }
    }

    private static func syncDirectory(_ directory: String) throws {
        let descriptor = Glibc.open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failed("opening \(directory)", errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failed("syncing \(directory)", errno) }
    }

    private static func failed(_ operation: String, _ code: Int32) -> StreamError {
        .file(
            "\(operation) failed: \(String(cString: strerror(code))); see that the directory is there, belongs to this account and has room"
        )
    }
}
