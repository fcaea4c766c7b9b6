import Dispatch
import Foundation
import Synchronization
import Testing

@testable import VestigeTrail

/// Single bits, anywhere in the files of a trail of 1,000 entries: each is found, refused, or proven to be without meaning.
///
/// `VESTIGE_FLIPS=10000 swift test --filter BitFlipTests` tries that many of each kind; `VESTIGE_FLIP_SEED` other places. Salts, ids and keys
/// are drawn from a seed, so that a place that fails fails again (but for the log, in which SQLite itself draws at random).
@Suite("Single bits of a trail's files", .serialized)
struct BitFlipTests {
    private static let trail = Task { try await TrailFile.make(1000, logged: 400, payloadByteCount: 200) }

    private struct Tally: Sendable {
        var found = 0
        var refused = 0
        var withoutMeaning = 0
        var unseen: [String] = []
    }

    private static func setting(_ name: String) -> UInt64? { ProcessInfo.processInfo.environment[name].flatMap { UInt64($0) } }

    @Test("A file that was closed")
    func closed() async throws {
        let trail = try await BitFlipTests.trail.value
        try await check("closed", [("trail.sqlite", trail.closed)], newest: trail.newest)
    }

    @Test("A file with the log that a crash leaves beside it")
    func withLog() async throws {
        let trail = try await BitFlipTests.trail.value
        try await check("with a log", [("trail.sqlite", trail.open.file), ("trail.sqlite-wal", trail.open.log)], newest: trail.newest)
    }

    private func check(_ title: String, _ files: [(name: String, bytes: [UInt8])], newest: String) async throws {
        let count = Int(BitFlipTests.setting("VESTIGE_FLIPS") ?? 50)
        let flips = BitFlip.places(count, seed: BitFlipTests.setting("VESTIGE_FLIP_SEED") ?? 1, in: files)
        let begun = ContinuousClock.now
        let tally = await BitFlipTests.tally(flips, files, newest: newest)
        #expect(tally.unseen.isEmpty, "\(tally.unseen.joined(separator: "\n"))")
        #expect(tally.found + tally.refused + tally.withoutMeaning + tally.unseen.count == count)
        print(
            "bit flips, \(title), \(files.map(\.bytes.count).reduce(0, +)) bytes: \(count) = \(tally.found) found + \(tally.refused) refused + "
                + "\(tally.withoutMeaning) without meaning + \(tally.unseen.count) unseen, in \((ContinuousClock.now - begun).components.seconds) s"
        )
    }

    /// On all cores, and on threads of their own: stores block.
    private static func tally(_ flips: [BitFlip], _ files: [(name: String, bytes: [UInt8])], newest: String) async -> Tally {
        await withCheckedContinuation { continuation in
            DispatchQueue(label: "flips").async {
                let tally = Mutex(Tally())
                let next = Atomic(0)
                DispatchQueue.concurrentPerform(iterations: ProcessInfo.processInfo.activeProcessorCount) { _ in
                    do {
                        let bench = try FlipBench(files, newest: newest)
                        while true {
                            let place = next.wrappingAdd(1, ordering: .relaxed).oldValue
                            guard place < flips.count else { return }
                            let outcome = try bench.outcome(of: flips[place])
                            tally.withLock { tally in
                                switch outcome {
                                case .found: tally.found += 1
                                case .refused: tally.refused += 1
                                case .withoutMeaning: tally.withoutMeaning += 1
                                case .unseen(let what): tally.unseen.append("\(flips[place]): \(what)")
                                }
                            }
                        }
                    } catch {
                        tally.withLock { $0.unseen.append("\(error)") }
                    }
                }
                continuation.resume(returning: tally.withLock { $0 })
            }
        }
    }
}
