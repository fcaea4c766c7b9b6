import ArgumentParser
import Foundation
import VestigeLocal
import VestigeTrail

/// How fast a trail is verified, beside reading and hashing the same bytes.
struct VerifyBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Verification, warm, in one thread and on all cores, beside a loop in one thread that reads and hashes the same bytes.")
    static let leastRatio = 0.4

    @OptionGroup var options: BenchOptions
    @Option(help: "Size of the trail.")
    var entries = 100_000
    @Option(help: "Rounds; the fastest of each side counts.")
    var rounds = 3

    func run() async throws {
        try await options.report(measure)
    }

    private func measure(in directory: String) async throws -> BenchReport {
        BenchOptions.note("filling a trail with \(entries) entries")
        let vestige = try await BenchTrail.filled(entries, Workload(people: 500), in: directory)
        let size = try await vestige.trail.checkpoint().size
        BenchOptions.note("warming up")
        let reader = try BareReader(directory: vestige.place.data)
        var report = BenchReport("verify")
        report.check("the loop came to the signed root", try reader.root() == (try await vestige.trail.checkpoint().root))
        let first = try await vestige.verify()
        report.check("verified", first.verdict == .intact && first.head.size == size)
        var (ours, theirs, bodies, all) = (Measures(), Measures(), Measures(), Measures())
        let cores = ProcessInfo.processInfo.activeProcessorCount
        BenchOptions.note("measuring \(rounds) rounds")
        for _ in 0..<rounds {
            _ = try await theirs.time { try reader.readEverything() }
            _ = try await ours.time { try await vestige.trail.verify(VerificationPlan(threads: 1)) }
            _ = try await all.time { try await vestige.trail.verify(VerificationPlan(threads: cores)) }
            _ = try await bodies.time { try reader.root() }
        }
        let best = (ours: ours.percentile(0), theirs: theirs.percentile(0), bodies: bodies.percentile(0), all: all.percentile(0))
        report.set("entries", Int(size))
        report.add("Vestige", Double(size) / best.ours, "entries/s")
        report.add("reading and hashing the same bytes", Double(size) / best.theirs, "entries/s")
        report.add("the same without the index", Double(size) / best.bodies, "entries/s")
        report.add("Vestige, in all", seconds: best.ours)
        report.set("cores", cores)
        report.add("Vestige on all cores", Double(size) / best.all, "entries/s")
        report.add("Vestige on all cores, in all", seconds: best.all)
        report.ratio("all cores / one thread", best.ours / best.all)
        report.ratio("Vestige / reading and hashing", best.theirs / best.ours, atLeast: Self.leastRatio)
        report.ratio("Vestige / the same without the index", best.bodies / best.ours)
        try reader.close()
        try await vestige.close()
        return report
    }
}
