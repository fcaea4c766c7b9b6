import Foundation
import Synchronization
import TestSupport
import Testing
import VestigeCore
import VestigeLocal
import VestigeStream
import VestigeTrail

/// `VESTIGE_OUTAGE=60` lets the sink be away for a minute instead of three seconds.
@Suite("A sink that is away", .enabled(if: Program.python != nil, "there is no python3"), .serialized)
struct OutageTests {
    private static let seconds = ProcessInfo.processInfo.environment["VESTIGE_OUTAGE"].flatMap(Int.init) ?? 3

    /// How each of four who record all the time fared.
    private final class Recorders: Sendable {
        private let waits = Mutex<[Duration]>([])
        private let isOver = Atomic(false)

        /// - Returns: once ``stop()`` was called; how many were recorded in all.
        func run(_ vestige: LocalVestige) async throws -> Int {
            try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<4 {
                    group.addTask {
                        var count = 0
                        while !self.isOver.load(ordering: .acquiring) {
                            let start = ContinuousClock.now
                            _ = try await vestige.recorder.record(Streaming.look(number + count))
                            let wait = ContinuousClock.now - start
                            self.waits.withLock { $0.append(wait) }
                            count += 1
                            // A host that is busy, not a trail that is full.
                            try await Task.sleep(for: .milliseconds(10))
                        }
                        return count
                    }
                }
                return try await group.reduce(0, +)
            }
        }

        func stop() { isOver.store(true, ordering: .releasing) }

        var count: Int { waits.withLock(\.count) }

        /// Of those who recorded meanwhile, to be read and not to be judged by: how many a second, the longest wait, and the one that only one of
        /// a hundred exceeded.
        func during(_ body: () async throws -> Void) async throws -> (rate: Double, longest: Duration, p99: Duration) {
            waits.withLock { $0 = [] }
            let start = ContinuousClock.now
            try await body()
            let time = (ContinuousClock.now - start) / .seconds(1)
            let sorted = waits.withLock { $0.sorted() }
            return (Double(sorted.count) / time, sorted.last ?? .zero, sorted.isEmpty ? .zero : sorted[sorted.count * 99 / 100])
        }
    }

    @Test("harms no recording, and gets all that was recorded meanwhile in order", arguments: ["gone", "silent"])
    func away(_ kind: String) async throws {
        let scratch = try Scratch()
        let reserved = try ReservedPort()
        let first = try await Receiver.start(in: scratch, port: reserved.port)
        let vestige = try await Streaming.vestige("  siem: { to: \"tcp://127.0.0.1:\(first.port)\" }", in: scratch)
        let streaming = Task { try await Streaming.service(vestige, stopsAtEnd: false).run() }
        let recorders = Recorders()
        async let recorded = recorders.run(vestige)
        #expect(try await eventually { Received.seqs(first.messages).count > 100 }, "it streams before the outage")
        let before = try await recorders.during { try await Task.sleep(for: .seconds(min(Self.seconds, 10))) }

        // Gone: whoever connects is refused. Silent: connected, and nothing is read or confirmed.
        first.program.kill(kind == "gone" ? SIGKILL : SIGSTOP)
        if kind == "gone" { _ = await first.program.remainingLines() }
        let lag = try await vestige.sinkStandings().first?.lagEntries ?? 0
        let meanwhile = try await recorders.during {
            try await Task.sleep(for: .seconds(Self.seconds))
            #expect(try await eventually { recorders.count >= 100 }, "nobody waits for the sink")
            // A lap that was confirmed just before may have shortened what waits meanwhile.
            #expect(try await eventually { try await vestige.sinkStandings().first?.lagEntries ?? 0 >= lag + 100 }, "what waits shows")
        }
        let standing = try #require(try await vestige.sinkStandings().first)

        let back = kind == "gone" ? try await Receiver.start(in: scratch, port: reserved.port) : first
        if kind == "silent" { first.program.kill(SIGCONT) }
        recorders.stop()
        let count = try await recorded
        #expect(try await eventually { try await vestige.sinkStandings().first?.lagEntries == 0 }, "it catches up")
        streaming.cancel()
        _ = await streaming.result
        let size = try await vestige.trail.size()
        let seqs = Received.seqs(back.messages)
        #expect(Set(seqs) == Set(0..<size), "nothing is lost")
        #expect(Received.isWholeAndInOrder(seqs, size: size))
        #expect(try await vestige.verify().verdict == .intact)
        print(
            "a sink \(kind) for \(Self.seconds) s: \(Int(before.rate)) entries a second before (p99 \(before.p99)), \(Int(meanwhile.rate)) meanwhile "
                + "(p99 \(meanwhile.p99), longest \(meanwhile.longest)); \(standing.lagEntries) waited; \(count) recorded, \(seqs.count) lines for \(size) entries"
        )
        try await vestige.close()
    }
}
