import ArgumentParser
import Foundation
import PeopleDirectory
import Synchronization
import VestigeCrypto
import VestigeLocal

/// What a run of retention costs those who record meanwhile, and how much room it gives back.
struct PruneBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune",
        abstract:
            "Recorders' latency while retention takes the oldest entries, beside the same recorders before; room, and the verdict after.")
    /// A recorder's slowest hundredth at most doubles.
    static let mostRatio = 2.0

    @OptionGroup var options: BenchOptions
    @Option(help: "Size of the trail before.")
    var entries = 1_000_000
    @Option(help: "How many of them are over their time.")
    var over = 100_000
    @Option(help: "Callers that record at the same time.")
    var callers = 16
    @Option(help: "Milliseconds that a caller waits between two entries; 0 records as fast as it goes.")
    var pause = 0
    @Option(help: "Seconds of recording before the run that are measured.")
    var seconds = 20
    @Option(help: "Known people.")
    var people = 500

    func run() async throws {
        try await options.report(measure)
    }

    private func measure(in directory: String) async throws -> BenchReport {
        let place = Place(data: directory + "/data")
        BenchOptions.note("filling a trail with \(entries) entries, \(over) of them over their time")
        try await fill(place)
        let vestige = try await Vestige.open(place.data)
        let load = RecordingLoad(recorder: vestige.recorder, workload: Workload(people: people), first: entries, pause: pause)
        BenchOptions.note("\(callers) callers record for \(seconds) s")
        let running = Task { [callers] in try await load.run(callers: callers) }
        // Keys and pages come into memory.
        try await Task.sleep(for: .seconds(3))
        _ = load.take()
        try await Task.sleep(for: .seconds(seconds))
        let before = load.take()
        let (sizeBefore, countBefore) = (try byteCount(place), try await vestige.trail.checkpoint().size)

        BenchOptions.note("pruning while they go on")
        let start = ContinuousClock.now
        let forecast = Shared(ContinuousClock.now)
        let pruned = try await vestige.prune(PruneOrder(actor: .system("vestige"))) { done, _ in
            if done <= PrunePace.chunkCount { forecast.value = .now }
        }
        let took = (ContinuousClock.now - start).inSeconds
        let during = load.take()
        let (sizeAfter, countAfter) = (try byteCount(place), try await vestige.trail.checkpoint().size)
        load.stop()
        try await running.value

        BenchOptions.note("verifying")
        let report = try await vestige.verify()
        var bench = BenchReport("prune")
        bench.set("entries before", entries)
        bench.set("over their time", over)
        bench.set("callers", callers)
        bench.set("pause", pause)
        bench.add("entries/s before", Double(before.seconds.count) / Double(seconds), "entries/s")
        bench.add("entries/s during", Double(during.seconds.count) / took, "entries/s")
        bench.add("bodies that went", Double(pruned.entries), "entries")
        bench.add("the run, in all", seconds: took)
        bench.add("of it until the first thousand went", seconds: (forecast.value - start).inSeconds)
        for (name, share) in [("median", 0.5), ("p99", 0.99), ("p99.9", 0.999)] {
            bench.add("\(name) before", seconds: before.percentile(share))
            bench.add("\(name) during", seconds: during.percentile(share))
        }
        bench.add("trail.sqlite before", Double(sizeBefore), "bytes")
        bench.add("trail.sqlite after", Double(sizeAfter), "bytes")
        bench.add("entries recorded meanwhile", Double(during.seconds.count), "entries")
        bench.check("everything over its time went, and nothing else", pruned.entries == UInt64(over))
        bench.check("verified", report.verdict == .intact && report.pruned == over)
        // As many entries as stand there now, at what an entry took before; a tenth for pages that are not full.
        let standing = (Double(countAfter) - Double(over)) / Double(countBefore)
        bench.check("room was given back", Double(sizeAfter) < Double(sizeBefore) * standing * 1.1)
        bench.ratio("p99 during / before", during.percentile(0.99) / before.percentile(0.99), atMost: Self.mostRatio)
        try await vestige.close()
        return bench
    }

    /// The oldest of 400 days ago, the others of 100 days ago, and a few of the last day, so that the clock is trusted.
    private func fill(_ place: Place) async throws {
        let now = LocalVestige.systemClock()
        let clock = Shared(now.adding(days: -400))
        let vestige = try await Vestige.create(
            place, policy: try DirectoryPolicy.parsed(), by: BenchTrail.operatorActor, clock: { clock.value })
        let workload = Workload(people: people)
        try await Callers.filling.record(0..<over, with: vestige.recorder, workload.entry)
        clock.value = now.adding(days: -100)
        try await Callers.filling.record(over..<entries - 3, with: vestige.recorder, workload.entry)
        for (place, hours) in [Int64(30), 18, 6].enumerated() {
            clock.value = now.adding(microseconds: -hours * 3_600 * Timestamp.microsecondsPerSecond)
            _ = try await vestige.recorder.record(workload.entry(entries - 3 + place))
        }
        try await vestige.close()
    }

    private func byteCount(_ place: Place) throws -> Int {
        try FileManager.default.attributesOfItem(atPath: place.data + "/trail.sqlite")[.size] as? Int ?? 0
    }
}

/// Callers that record until they are stopped, and how long each entry took.
private final class RecordingLoad: Sendable {
    private struct State {
        var next: Int
        var isOver = false
        var taken = Measures()
    }

    private let recorder: Recorder
    private let workload: Workload
    private let pause: Int
    private let state: Mutex<State>

    init(recorder: Recorder, workload: Workload, first: Int, pause: Int) {
        self.recorder = recorder
        self.workload = workload
        self.pause = pause
        state = Mutex(State(next: first))
    }

    func run(callers: Int) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<callers { group.addTask { try await self.record() } }
            try await group.waitForAll()
        }
    }

    private func record() async throws {
        while let number = next() {
            let start = ContinuousClock.now
            _ = try await recorder.record(workload.entry(number))
            let took = ContinuousClock.now - start
            state.withLock { $0.taken.add(took) }
            if pause > 0 { try await Task.sleep(for: .milliseconds(pause)) }
        }
    }

    private func next() -> Int? {
        state.withLock { state in
            guard !state.isOver else { return nil }
            state.next += 1
            return state.next
        }
    }

    /// What was measured since the last time.
    func take() -> Measures {
        state.withLock { state in
            defer { state.taken = Measures() }
            return state.taken
        }
    }

    func stop() { state.withLock { $0.isOver = true } }
}

/// A value that tasks share.
private final class Shared<Value: Sendable>: Sendable {
    private let guarded: Mutex<Value>

    init(_ value: Value) { guarded = Mutex(value) }

    var value: Value {
        get { guarded.withLock { $0 } }
        set { guarded.withLock { $0 = newValue } }
    }
}
