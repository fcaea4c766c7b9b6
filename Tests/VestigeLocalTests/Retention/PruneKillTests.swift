import Foundation
import TestSupport
import Testing
import VestigeLocal
import VestigeTrail

@Suite("A run of retention that is killed", .serialized)
struct PruneKillTests {
    private static let count = 2_300
    private static let aged = Task { try await AgedFolder.make(count) }
    private static let killCount = ProcessInfo.processInfo.environment["VESTIGE_KILLS_PRUNE"].flatMap { Int($0) } ?? 6

    /// Lets retention run to its end and looks through everything: each body gone once, nothing else, each in the archive.
    private func finish(_ folder: Folder, _ comment: String) async throws {
        let vestige = try await Vestige.open(folder.place.data)
        let done = try await vestige.prune(PruneOrder(actor: .system("vestige")), pace: PrunePace(rest: 0))
        #expect(done.total == UInt64(Self.count), "\(comment)")
        let size = try await vestige.trail.checkpoint().size
        var gone: [UInt64] = []
        for start in stride(from: UInt64(0), to: size, by: 2_000) {
            let entries = try await vestige.trail.entries(Array(start..<min(start + 2_000, size)))
            gone += entries.filter { $0.body == nil }.map(\.seq)
        }
        #expect(gone == Array(1...UInt64(Self.count)), "\(comment)")
        let report = try await vestige.verify()
        #expect(report.verdict == .intact && report.pruned == Self.count, "\(comment): \(report.findings.prefix(3))")
        #expect(try await vestige.trail.unfinishedPlans().isEmpty)
        let lines = try AgedFolder.archived(folder)
        #expect(Set(lines.map(\.seq)) == Set(gone), "\(comment)")
        // A chunk may stand there twice; it says the same.
        let distinct = Set(lines.map { [$0.leaf, $0.header, $0.saltHeader, $0.payload, $0.saltPayload] })
        #expect(distinct.count == gone.count, "\(comment)")
        #expect(try await vestige.status().prunedEntries == UInt64(Self.count))
        try await vestige.close()
    }

    @Test(
        "is made good by the next one: what was planned goes, once, and nothing else",
        arguments: [
            ("planned", 1, "before"), ("planned", 1, "after"), ("removed", 1, "before"), ("removed", 1, "after"), ("removed", 70, "before"),
            ("removed", 100, "after"), ("removed", 143, "after"), ("done", 1, "before"), ("done", 1, "after"), ("given", 1, "before"),
            ("given", 1, "after"),
        ])
    func steps(step: String, number: Int, side: String) async throws {
        let folder = try AgedFolder.copy(try await Self.aged.value)
        let killed = try await Program.shell(
            "KillablePruner prune '\(folder.place.data)' \(step) \(number) \(side)", in: folder.path)
        #expect(killed.exit == 128 + SIGKILL, "\(killed.output)")
        // Whatever the moment, what stands is sound.
        let report = try await Vestige.verify(folder.place)
        #expect(report.verdict == .intact, "\(step) \(number) \(side): \(report.findings.prefix(3))")
        try await finish(folder, "\(step) \(number) \(side)")
    }

    /// `VESTIGE_KILLS_PRUNE=N` kills N times.
    @Test("is made good by the next one when it is killed from outside, while it archives too", .timeLimit(.minutes(60)))
    func fromOutside() async throws {
        for number in 0..<Self.killCount {
            let folder = try AgedFolder.copy(try await Self.aged.value)
            for _ in 0..<2 {
                let process = try await RunningProgram.start("KillablePruner prune '\(folder.place.data)'", in: folder.path)
                usleep(.random(in: 50_000...900_000))
                process.kill(SIGKILL)
                _ = try await process.exit()
            }
            #expect(try await Vestige.verify(folder.place).verdict == .intact, "kill \(number)")
            try await finish(folder, "kill \(number)")
        }
    }

    @Test("beside two processes that record: everybody gets receipts, and all of them stand", .timeLimit(.minutes(60)))
    func besideRecorders() async throws {
        let folder = try AgedFolder.copy(try await Self.aged.value)
        let recorders = [
            try await RunningProgram.start("KillableRecorder '\(folder.place.data)'", in: folder.path),
            try await RunningProgram.start("KillableRecorder '\(folder.place.data)'", in: folder.path),
        ]
        var lines: [[String]] = [[], []]
        for (place, recorder) in recorders.enumerated() {
            while lines[place].count < 20, let line = await recorder.nextLine() { lines[place].append(line) }
        }
        let pruned = try await Program.shell("vestige prune --yes --purpose audit --json --data '\(folder.place.data)'", in: folder.path)
        #expect(pruned.exit == 0 && pruned.output.contains("\"pruned\":\(Self.count)"), "\(pruned.output)")
        for (place, recorder) in recorders.enumerated() {
            let before = lines[place].count
            while lines[place].count < before + 20, let line = await recorder.nextLine() { lines[place].append(line) }
            recorder.kill(SIGKILL)
            _ = try await recorder.exit()
            lines[place] += await recorder.remainingLines()
        }
        let vestige = try await Vestige.open(folder.place.data)
        for line in lines.joined() {
            let words = line.split(separator: " ")
            guard words.count == 2, let seq = UInt64(words[1]) else { continue }
            let entry = try await vestige.trail.entries([seq]).first
            #expect(entry.flatMap { Leaf(decoding: $0.leaf) }?.id.description == String(words[0]) && entry?.body != nil)
        }
        let report = try await vestige.verify()
        #expect(report.verdict == .intact && report.pruned == Self.count, "\(report.findings.prefix(3))")
        try await vestige.close()
    }
}
