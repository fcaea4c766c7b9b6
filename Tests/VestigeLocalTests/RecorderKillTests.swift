import Foundation
import TestSupport
import Testing
import VestigeLocal
import VestigeTrail

/// Two processes record side by side; now one, now the other is killed and replaced, while it opens or while it records.
///
/// `VESTIGE_KILLS_RECORD=N` kills N times.
@Suite("Recorders that are killed", .serialized)
struct RecorderKillTests {
    private static let killCount = ProcessInfo.processInfo.environment["VESTIGE_KILLS_RECORD"].flatMap { Int($0) } ?? 40
    /// On one data directory, before it is looked through.
    private static let killsPerDirectory = 50

    /// What processes printed before they died.
    private struct Ledger {
        var receipts: [(id: String, seq: UInt64)] = []
        /// Kills that hit a process before it had opened the directory.
        var early = 0

        mutating func add(_ lines: [String]) {
            for line in lines {
                let parts = line.split(separator: " ")
                guard parts.count == 2, let seq = UInt64(parts[1]) else { continue }
                receipts.append((String(parts[0]), seq))
            }
        }
    }

    @Test("lose no entry that they gave a receipt for, and leave a trail that is intact and goes on", .timeLimit(.minutes(60)))
    func kills() async throws {
        var (killed, early, receipts, entries) = (0, 0, 0, UInt64(0))
        while killed < Self.killCount {
            let folder = try Folder()
            try await folder.make().close()
            let count = min(Self.killsPerDirectory, Self.killCount - killed)
            let ledger = try await kill(count, in: folder)
            let vestige = try await folder.open()
            for start in stride(from: 0, to: ledger.receipts.count, by: 2_000) {
                let page = ledger.receipts[start..<min(start + 2_000, ledger.receipts.count)]
                let stored = try await vestige.trail.entries(page.map(\.seq))
                let found = stored.map { Leaf(decoding: $0.leaf)?.id.description }
                #expect(found == page.map(\.id), "a receipt of these has no entry at its place")
            }
            #expect(Set(ledger.receipts.map(\.seq)).count == ledger.receipts.count, "two receipts for one place")
            _ = try await vestige.recorder.record(look(at: "p1"))
            let report = try await vestige.verify()
            #expect(report.verdict == .intact, "\(report.findings.prefix(3))")
            try await vestige.close()
            killed += count
            early += ledger.early
            receipts += ledger.receipts.count
            entries += report.head.size
        }
        print("\(killed) kills, \(early) of them while opening: \(receipts) receipts, all of them among \(entries) entries")
    }

    private func kill(_ count: Int, in folder: Folder) async throws -> Ledger {
        var ledger = Ledger()
        func start() async throws -> RunningProgram { try await .start("KillableRecorder '\(folder.place.data)'", in: folder.path) }
        var running = [try await start(), try await start()]
        for number in 0..<count {
            let chosen = Int.random(in: 0..<2)
            let process = running[chosen]
            var lines: [String] = []
            if number % 5 != 4 {
                let wanted = Int.random(in: 1...120)
                while lines.count < wanted, let line = await process.nextLine() { lines.append(line) }
            }
            // On this very thread: a suspended test may wake long after.
            usleep(.random(in: 0...20_000))
            process.kill(SIGKILL)
            #expect(try await process.exit() == 128 + SIGKILL)
            lines += await process.remainingLines()
            if lines.isEmpty { ledger.early += 1 }
            ledger.add(lines)
            running[chosen] = try await start()
        }
        for process in running {
            process.kill(SIGKILL)
            _ = try await process.exit()
            ledger.add(await process.remainingLines())
        }
        return ledger
    }
}
