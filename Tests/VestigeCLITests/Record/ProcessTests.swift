import Foundation
import TestSupport
import Testing
import VestigeLocal
import VestigeTrail

@Suite("Real processes", .serialized)
struct ProcessTests {
    private struct Line: Decodable {
        let id: String?
        let seq: UInt64?
    }

    private func entries(_ count: Int, by actor: String) -> String {
        (0..<count).map { number in
            """
            {"event":"read","actor":{"type":"user","id":"\(actor)"},"record":{"type":"user","id":"p\(number % 40)"},"purpose":"support"}
            """
        }.joined(separator: "\n") + "\n"
    }

    /// Starts `vestige record`, whose input stays open, and gives it these lines.
    private func record(_ lines: String, in directory: String) async throws -> RunningProgram {
        let program = try await RunningProgram.start("vestige record --data vestige-data", in: directory)
        program.write(lines)
        return program
    }

    /// Receipts that the program printed; a line that the kill cut off is none.
    private func receipts(_ lines: [String]) -> [(id: EntryID, seq: UInt64)] {
        lines.compactMap { line in
            guard let line = try? JSONDecoder().decode(Line.self, from: Data(line.utf8)), let id = line.id.flatMap({ EntryID($0) }),
                let seq = line.seq
            else { return nil }
            return (id, seq)
        }
    }

    @Test("killed while they record lose no entry that they gave a receipt for", arguments: [1, 50, 700, 3_000])
    func killed(_ receiptCount: Int) async throws {
        let scratch = try await Scratch.initialised()
        let input = entries(20_000, by: "7")
        var given: [(id: EntryID, seq: UInt64)] = []
        for _ in 0..<3 {
            let process = try await record(input, in: scratch.path)
            var lines: [String] = []
            while lines.count < receiptCount, let line = await process.nextLine() { lines.append(line) }
            process.kill(SIGKILL)
            #expect(try await process.exit() == 128 + SIGKILL)
            given += receipts(lines + (await process.remainingLines()))
        }
        #expect(given.count >= 3 * receiptCount)
        let vestige = try await Vestige.open(scratch.path + "/vestige-data")
        for receipt in given { #expect(try await vestige.trail.seq(of: receipt.id) == receipt.seq) }
        let report = try await vestige.verify()
        #expect(report.verdict == .intact)
        #expect(report.head.size > UInt64(given.count))
        try await vestige.close()
    }

    @Test("side by side on one data directory: no fork, no lost receipt, and neither waits for the other to end")
    func sideBySide() async throws {
        let scratch = try await Scratch.initialised()
        let both = [try await record(entries(1, by: "a"), in: scratch.path), try await record(entries(1, by: "b"), in: scratch.path)]
        // Each has a receipt before either has all of its lines.
        var ledgers: [[(id: EntryID, seq: UInt64)]] = []
        for process in both { ledgers.append(receipts([try #require(await process.nextLine())])) }
        for (process, name) in zip(both, ["a", "b"]) { process.write(entries(3_999, by: name)) }
        for (place, process) in both.enumerated() {
            #expect(try await process.end() == 0)
            ledgers[place] += receipts(await process.remainingLines())
        }
        #expect(ledgers.map(\.count) == [4_000, 4_000])
        #expect(Set(ledgers.joined().map(\.seq)).count == 8_000)
        // Each appended while the other did.
        let spans = ledgers.map { ($0.map(\.seq).min() ?? 0)...($0.map(\.seq).max() ?? 0) }
        #expect(spans[0].overlaps(spans[1]))
        let vestige = try await Vestige.open(scratch.path + "/vestige-data")
        for receipt in ledgers.joined() { #expect(try await vestige.trail.seq(of: receipt.id) == receipt.seq) }
        #expect(try await vestige.verify().verdict == .intact)
        #expect(try await vestige.status().subjects == 40)
        try await vestige.close()
    }
}
