import Foundation
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

    /// Starts `vestige record` with files for both ends.
    private func record(_ input: String, to output: String, in directory: String) throws -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Program.directory + "/vestige")
        process.arguments = ["record", "--data", directory + "/vestige-data"]
        process.standardInput = FileHandle(forReadingAtPath: directory + "/" + input)
        try Data().write(to: URL(fileURLWithPath: directory + "/" + output))
        process.standardOutput = FileHandle(forWritingAtPath: directory + "/" + output)
        try process.run()
        return process
    }

    /// Receipts that the program printed; a line that the kill cut off is none.
    private func receipts(_ path: String) throws -> [(id: EntryID, seq: UInt64)] {
        let text = try String(contentsOfFile: path, encoding: .utf8)
        return text.split(separator: "\n").compactMap { line in
            guard let line = try? JSONDecoder().decode(Line.self, from: Data(line.utf8)), let id = line.id.flatMap({ EntryID($0) }),
                let seq = line.seq
            else { return nil }
            return (id, seq)
        }
    }

    @Test("killed while they record lose no entry that they gave a receipt for", arguments: [1, 50, 700, 3_000])
    func killed(_ receiptCount: Int) async throws {
        let scratch = try Scratch.initialised()
        try Data(entries(20_000, by: "7").utf8).write(to: URL(fileURLWithPath: scratch.path + "/in"))
        for turn in 0..<3 {
            let process = try record("in", to: "out\(turn)", in: scratch.path)
            // A receipt line has 77 bytes and more. Polled on this very thread: a suspended test may wake long after.
            while process.isRunning, try Data(contentsOf: URL(fileURLWithPath: scratch.path + "/out\(turn)")).count < 77 * receiptCount {
                usleep(2_000)
            }
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
            #expect(process.terminationReason == .uncaughtSignal)
        }
        let vestige = try await Vestige.open(scratch.path + "/vestige-data")
        var count = 0
        for turn in 0..<3 {
            for receipt in try receipts(scratch.path + "/out\(turn)") {
                #expect(try await vestige.trail.seq(of: receipt.id) == receipt.seq)
                count += 1
            }
        }
        let report = try await vestige.verify()
        #expect(report.verdict == .intact)
        #expect(report.head.size > UInt64(count))
        try await vestige.close()
    }

    @Test("side by side on one data directory: no fork, no lost receipt, and neither waits for the other to end")
    func sideBySide() async throws {
        let scratch = try Scratch.initialised()
        for name in ["a", "b"] {
            try Data(entries(4_000, by: name).utf8).write(to: URL(fileURLWithPath: scratch.path + "/in-" + name))
        }
        let both = try ["a", "b"].map { try record("in-" + $0, to: "out-" + $0, in: scratch.path) }
        for process in both {
            process.waitUntilExit()
            #expect(process.terminationStatus == 0)
        }
        let ledgers = try ["a", "b"].map { try receipts(scratch.path + "/out-" + $0) }
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
