import ArgumentParser
import Foundation
import VestigeCrypto
import VestigeLocal

/// Two processes that record into one data directory: nothing is lost, nothing forks, nobody starves.
struct TwoProcessesBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "two-processes", abstract: "Two processes record into one data directory; every receipt is looked up afterwards.")
    static let leastShare = 1.0 / 3

    @OptionGroup var options: BenchOptions
    @Option(help: "How long both record.")
    var seconds = 10
    @Option(help: "Callers in each process.")
    var callers = 64

    func run() async throws {
        try await options.report(measure)
    }

    private func measure(in directory: String) async throws -> BenchReport {
        let made = try await BenchTrail.create(in: directory)
        let before = try await made.trail.checkpoint().size
        try await made.close()
        let recorders = try (1...2).map { try RecorderProcess(data: made.place.data, number: $0, seconds: seconds, callers: callers) }
        BenchOptions.note("two processes record for \(seconds) s")
        for recorder in recorders { try recorder.waitUntilOpen() }
        for recorder in recorders { recorder.start() }
        for recorder in recorders { try recorder.waitUntilDone() }
        let ledgers = try recorders.map { try Ledger(path: $0.ledger) }

        BenchOptions.note("comparing the ledgers with the trail")
        let vestige = try await Vestige.open(made.place.data)
        let size = try await vestige.trail.checkpoint().size
        let all = ledgers.flatMap(\.receipts)
        var missing = 0
        for start in stride(from: 0, to: all.count, by: 1000) {
            let page = all[start..<min(start + 1000, all.count)]
            let stored = try await vestige.trail.entries(page.map(\.seq))
            let ids = Dictionary(stored.map { ($0.seq, Leaf(decoding: $0.leaf)?.id) }, uniquingKeysWith: { first, _ in first })
            missing += page.filter { ids[$0.seq] != .some($0.id) }.count
        }
        let counts = ledgers.map { Double($0.receipts.count) }
        let (least, most) = (counts.min() ?? 0, counts.max() ?? 0)
        var report = BenchReport("two-processes")
        report.set("seconds", seconds)
        report.set("callers in each", callers)
        for (number, count) in counts.enumerated() { report.add("entries of process \(number + 1)", count, "entries") }
        report.add("both together", (least + most) / Double(seconds), "entries/s")
        report.check("every receipt stands in the trail at its place", missing == 0)
        report.check("no two receipts of one place", Set(all.map(\.seq)).count == all.count)
        report.check("the trail holds the receipts' entries and no others", size == before + UInt64(all.count))
        report.check("verified", try await vestige.verify().verdict == .intact)
        report.ratio("the slower / the faster", most == 0 ? 0 : least / most, atLeast: Self.leastShare)
        try await vestige.close()
        return report
    }
}

/// What a recording process was promised.
struct Ledger {
    private static let lineByteCount = 24

    private(set) var receipts: [(id: EntryID, seq: UInt64)] = []

    init(path: String) throws {
        guard let data = FileManager.default.contents(atPath: path), data.count % Self.lineByteCount == 0 else {
            throw BenchError.environment("a recording process left no whole ledger")
        }
        let bytes = [UInt8](data)
        for start in stride(from: 0, to: bytes.count, by: Self.lineByteCount) {
            guard let id = Bytes16(bytes[start..<start + 16]).flatMap({ EntryID($0) }) else {
                throw BenchError.environment("a ledger holds an id that is none")
            }
            receipts.append((id, bytes[start + 16..<start + 24].reduce(0) { $0 << 8 | UInt64($1) }))
        }
    }

    /// Id, then place, big-endian.
    static func line(_ receipt: Receipt) -> [UInt8] {
        receipt.id.bytes.bytes + (0..<8).map { UInt8(truncatingIfNeeded: receipt.seq >> UInt64(56 - 8 * $0)) }
    }
}
