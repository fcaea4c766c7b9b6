import ArgumentParser
import VestigeLocal
import VestigeVault

/// What it costs that every process forgets: a look at the epoch before each use of a key, and the wait of an erasure for the others.
struct EpochBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "epoch", abstract: "A look at the shared epoch page, and telling 1, 2 and 8 processes to forget.")
    static let processCounts = [1, 2, 8]
    /// Idle processes look by themselves once a second; an erasure must not have to wait for that.
    static let mostSeconds = 0.25

    @OptionGroup var options: BenchOptions
    @Option(help: "How often each number of processes is told.")
    var times = 200

    func run() async throws {
        try await options.report(measure)
    }

    private func measure(in directory: String) async throws -> BenchReport {
        let vestige = try await BenchTrail.create(in: directory)
        let data = vestige.place.data
        let board: any EpochBoard = try SharedEpochBoard.open(in: data, vault: vestige.vault.id)
        var report = BenchReport("epoch")
        report.set("times", times)
        let lookCount = 50_000_000
        var sum: UInt64 = 0
        let began = ContinuousClock.now
        for _ in 0..<lookCount { sum &+= board.current() }
        report.add("one look", (ContinuousClock.now - began).inSeconds / Double(lookCount) * 1e9, "ns")
        report.check("every look saw the epoch", sum == board.current() &* UInt64(lookCount))
        var others: [RecorderProcess] = []
        for count in Self.processCounts {
            while others.count < count - 1 {
                let other = try RecorderProcess(data: data, number: others.count + 1, seconds: 0, callers: 0)
                try other.waitUntilOpen()
                others.append(other)
            }
            var measures = Measures()
            for _ in 0..<times { try await measures.time { try await board.publish(0) } }
            report.add("\(count) told, p50", seconds: measures.median)
            report.add("\(count) told, p99", seconds: measures.percentile(0.99))
            report.check("\(count) told in time", measures.percentile(0.99) < Self.mostSeconds)
        }
        for other in others {
            other.start()
            try other.waitUntilDone()
        }
        try await vestige.close()
        return report
    }
}
