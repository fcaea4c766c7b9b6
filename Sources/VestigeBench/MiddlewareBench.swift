import ArgumentParser
import PeopleDirectory
import Synchronization
import VestigeHummingbird
import VestigeLocal

/// What a recorded route costs: the same handler bare, wrapped so that every answer waits for its durable entry, and wrapped with entries
/// that nothing waits for, which shows what of it is waiting.
struct MiddlewareBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "middleware",
        abstract: "A person's page, bare, wrapped, and with a commit that is not awaited: requests a second, p50 and p99 at 64 connections."
    )

    @OptionGroup var options: BenchOptions
    @Option(help: "How long each of the routes is asked, in all.")
    var seconds = 6
    @Option(help: "Connections, kept alive; each waits for its answer before it asks again.")
    var connections = 64

    func run() async throws {
        try await options.report(measure)
    }

    private func measure(in directory: String) async throws -> BenchReport {
        let vestige = try await BenchTrail.create(in: directory)
        let store = try await DirectoryStore(path: directory + "/directory.sqlite", values: vestige.values)
        let policy = vestige.policy
        let unawaited = UnawaitedRecorder(vestige.recorder)
        let hosts = [
            BenchHost(name: "bare", store: store, middleware: nil),
            BenchHost(name: "wrapped, nothing written", store: store, middleware: .init(recorder: NoRecorder(), policy: policy)),
            BenchHost(name: "wrapped, commit not awaited", store: store, middleware: .init(recorder: unawaited, policy: policy)),
            BenchHost(name: "wrapped, every look durable", store: store, middleware: .init(vestige.recorder)),
        ]
        var answers = hosts.map { _ in LoadResult() }
        BenchOptions.note("asking \(hosts.count) routes for \(seconds) s each, in turns")
        let before = try await vestige.trail.checkpoint().size
        // The first round warms up.
        for round in 0...2 {
            for (place, host) in hosts.enumerated() {
                let result = try await host.serve { port in
                    try await LoadClient(port: port, connections: connections).run(seconds: round == 0 ? 1 : Double(seconds) / 2)
                }
                answers[place].add(result, counting: round > 0)
                // What nothing waited for must not burden the next route.
                await unawaited.finish()
            }
        }
        let recorded = Int(try await vestige.trail.checkpoint().size - before)
        var report = BenchReport("middleware")
        report.set("connections", connections)
        report.set("seconds each", seconds)
        for (host, result) in zip(hosts, answers) {
            report.add("\(host.name)", result.perSecond, "requests/s")
            report.add("\(host.name): p50", seconds: result.latencies.median)
            report.add("\(host.name): p99", seconds: result.latencies.percentile(0.99))
        }
        report.add("median batch", Double(vestige.trail.batches.median), "entries")
        report.check("every answer was a person's page", answers.allSatisfy { $0.failures == 0 && $0.answered > 0 })
        report.check("every recorded route's answer has its entry", recorded >= answers[2].answered + answers[3].answered)
        report.ratio("wrapped / bare, nothing written", answers[1].perSecond / answers[0].perSecond)
        report.ratio("wrapped / bare, commit not awaited", answers[2].perSecond / answers[0].perSecond)
        report.ratio("wrapped / bare, every look durable", answers[3].perSecond / answers[0].perSecond)
        try store.close()
        try await vestige.close()
        return report
    }
}

/// Shows what the middleware itself costs.
private struct NoRecorder: LookRecorder {
    func recordDurably(_ entries: [Entry]) async throws {}
}

/// Lets the answer go and records behind its back: what Vestige never does, for comparison only.
private final class UnawaitedRecorder: LookRecorder {
    private let recorder: Recorder
    private let tasks = Mutex<[Task<Void, any Error>]>([])

    init(_ recorder: Recorder) {
        self.recorder = recorder
    }

    func recordDurably(_ entries: [Entry]) async throws {
        let task = Task { [recorder] in try await recorder.recordDurably(entries) }
        tasks.withLock { $0.append(task) }
    }

    func finish() async {
        let begun = tasks.withLock { tasks in
            defer { tasks = [] }
            return tasks
        }
        for task in begun { _ = await task.result }
    }
}
