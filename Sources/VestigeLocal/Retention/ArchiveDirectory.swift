import Foundation
import Glibc
import VestigeCrypto
import VestigeRights
import VestigeTrail

/// Bodies that retention takes, in files of the data directory: `archive/2026-11-21.ndjson` holds what went on that day (UTC).
///
/// One JSON object a line, described in Docs/TrailFormat.md: the exact bytes with their salts, so that a line and the entry's proof show what was
/// recorded. A line that a crash cut short was never confirmed, its body is still in the trail, and it is cut off before the next is written.
/// The same line twice means that a crash came between archive and removal.
struct ArchiveDirectory: RetentionArchive {
    private static let version: Int64 = 1
    private static let suffix = ".ndjson"

    let path: String
    let clock: Clock

    func keep(_ entries: [StoredEntry], under plan: RetentionPlan) async throws {
        let name = path + "/" + Self.name(ofDay: clock().day)
        let bytes = entries.flatMap { Self.line($0, plan) }
        try await blocking { try Self.append(bytes, to: name, in: path) }
    }

    static func line(_ entry: StoredEntry, _ plan: RetentionPlan) -> [UInt8] {
        var json = JSONWriter(capacity: 2_048)
        json.object { json in
            json.key("v")
            json.integer(version)
            json.key("plan")
            json.uuid(plan.entry.bytes)
            EntryProof(entry, text: "").writeEntry(to: &json)
        }
        return json.bytes + [0x0A]
    }

    func files(before day: Int64) async throws -> [String] {
        try await blocking { try names().filter { (Self.day(ofName: $0) ?? day) < day } }
    }

    func places(under plan: RetentionPlan) async throws -> SeqRuns {
        try await blocking {
            var seqs: Set<UInt64> = []
            for name in try names() where Self.day(ofName: name) != nil {
                try eachLine(of: name) { line in
                    guard let line = ArchivedLine(line), line.plan == plan.entry.description else { return }
                    seqs.insert(line.seq)
                }
            }
            return SeqRuns(seqs.sorted())
        }
    }

    func read(_ file: String, _ isKept: @escaping @Sendable (Header?) -> Bool) async throws -> (file: ArchivedFile, isKept: Bool) {
        try await blocking {
            var (lines, hasher, keeps) = (UInt64(0), SHA256Hasher(), false)
            try eachLine(of: file) { line in
                lines += 1
                hasher.update(line)
                if !keeps { keeps = isKept(ArchivedLine(line).flatMap { try? Header(decoding: [UInt8]($0.header)) }) }
            }
            return (ArchivedFile(name: file, lines: lines, digest: hasher.finish()), keeps)
        }
    }

    func remove(_ file: String) async throws {
        try await blocking {
            guard unlink(path + "/" + file) == 0 || errno == ENOENT else { throw Self.failed("removing") }
            try DurableFile.sync(path)
        }
    }

    // MARK: Reading

    private func names() throws(LocalError) -> [String] {
        guard let directory = opendir(path) else {
            if errno == ENOENT { return [] }
            throw Self.failed("looking into")
        }
        defer { closedir(directory) }
        var names: [String] = []
        while let item = readdir(directory) {
            names.append(
                withUnsafePointer(to: &item.pointee.d_name) { $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) } })
        }
        return names.sorted()
    }

    /// With their newlines; the last may have none.
    private func eachLine(of name: String, _ visit: (ArraySlice<UInt8>) -> Void) throws(LocalError) {
        let descriptor = open(path + "/" + name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else { throw Self.failed("opening") }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { throw Self.failed("looking at") }
        var pending: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            guard count >= 0 || errno == EINTR else { throw Self.failed("reading") }
            if count == 0 { break }
            pending += buffer.prefix(max(0, count))
            var start = pending.startIndex
            while let end = pending[start...].firstIndex(of: 0x0A) {
                visit(pending[start...end])
                start = end + 1
            }
            pending.removeFirst(start)
        }
        if !pending.isEmpty { visit(pending[...]) }
    }

    // MARK: Names

    static func name(ofDay day: Int64) -> String { date(day) + suffix }

    private static func date(_ day: Int64) -> String { String(Timestamp(microseconds: 0).adding(days: day).description.prefix(10)) }

    private static func day(ofName name: String) -> Int64? {
        guard name.hasSuffix(suffix), let moment = Timestamp(name.dropLast(suffix.count) + "T00:00:00.000000Z") else { return nil }
        return moment.day
    }

    // MARK: Writing

    private static func append(_ bytes: [UInt8], to name: String, in directory: String) throws(LocalError) {
        if mkdir(directory, 0o700) == 0 { try DurableFile.sync(directory + "/..") }
        let descriptor = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw failed("opening") }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { throw failed("looking at") }
        let end = try endOfLines(descriptor, Int(status.st_size))
        if end < Int(status.st_size) { guard ftruncate(descriptor, off_t(end)) == 0 else { throw failed("cutting short") } }
        var place = end
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, off_t(place)) }
            guard count > 0 || errno == EINTR else { throw failed("writing") }
            rest = rest.dropFirst(max(0, count))
            place += max(0, count)
        }
        guard fsync(descriptor) == 0 else { throw failed("syncing") }
        // The file's name too: it may be new.
        try DurableFile.sync(directory)
    }

    /// After the last line that is whole.
    private static func endOfLines(_ descriptor: Int32, _ size: Int) throws(LocalError) -> Int {
        var end = size
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while end > 0 {
            let start = max(0, end - buffer.count)
            let count = pread(descriptor, &buffer, end - start, off_t(start))
            guard count == end - start else { throw failed("reading") }
            if let newline = buffer[..<count].lastIndex(of: 0x0A) { return start + newline + 1 }
            end = start
        }
        return 0
    }

    private static func failed(_ operation: String) -> LocalError {
        .unusable(
            "\(operation) the archive's file failed (errno \(errno)); nothing that is not in it was removed. See that the disk has room and that archive/ belongs to this account, then run `vestige nightly`"
        )
    }
}

/// What a run looks at of a line that it or an earlier one wrote.
private struct ArchivedLine: Decodable {
    let plan: String
    let seq: UInt64
    let header: Data

    init?(_ bytes: ArraySlice<UInt8>) {
        guard let line = try? JSONDecoder().decode(Self.self, from: Data(bytes)) else { return nil }
        self = line
    }
}
