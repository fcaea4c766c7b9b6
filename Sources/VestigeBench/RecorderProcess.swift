import ArgumentParser
import Foundation
import VestigeLocal

/// A child of this program that records.
final class RecorderProcess {
    let ledger: String
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()

    init(data: String, number: Int, seconds: Int, callers: Int) throws {
        ledger = data + ".ledger-\(number)"
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = [
            RecorderCommand.name, data, ledger, "--number", "\(number)", "--seconds", "\(seconds)", "--callers", "\(callers)",
        ]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
    }

    func waitUntilOpen() throws {
        guard try output.fileHandleForReading.read(upToCount: 1)?.count == 1 else {
            throw BenchError.environment("a recording process could not open the data directory; its own message stands above")
        }
    }

    func start() {
        try? input.fileHandleForWriting.close()
    }

    func waitUntilDone() throws {
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw BenchError.environment("a recording process failed; its own message stands above")
        }
    }
}

/// What the child does: opens, says so, waits for its input to end, records until its time is over and writes its receipts down.
struct RecorderCommand: AsyncParsableCommand {
    static let name = "record-into"
    static let configuration = CommandConfiguration(commandName: name, abstract: "Part of two-processes.", shouldDisplay: false)

    @Argument var data: String
    @Argument var ledger: String
    @Option var number: Int
    @Option var seconds: Int
    @Option var callers: Int

    func run() async throws {
        let vestige = try await Vestige.open(data)
        try FileHandle.standardOutput.write(contentsOf: [0x0A])
        _ = try FileHandle.standardInput.readToEnd()
        let workload = Workload(people: 500)
        let end = ContinuousClock.now + .seconds(seconds)
        let lines = try await withThrowingTaskGroup(of: [UInt8].self) { group in
            for caller in 0..<callers {
                group.addTask { [number, callers] in
                    var lines: [UInt8] = []
                    var next = number * 100_000_000 + caller
                    while ContinuousClock.now < end {
                        lines += Ledger.line(try await vestige.recorder.record(workload.entry(next)))
                        next += callers
                    }
                    return lines
                }
            }
            return try await group.reduce(into: [UInt8]()) { $0 += $1 }
        }
        try await vestige.close()
        try Data(lines).write(to: URL(fileURLWithPath: ledger))
    }
}
