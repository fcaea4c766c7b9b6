import ArgumentParser
import VestigeLocal

/// How fast entries become durable, beside GRDB inserting the same bytes into one table.
struct RecordBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "record", abstract: "Entries a second with every receipt durable, beside GRDB inserting the same bytes into one table."
    )
    static let leastRatio = 0.5
    /// Slices of the two sides take turns, so that a slow minute of the machine meets both.
    static let roundCount = 10

    @OptionGroup var options: BenchOptions
    @Option(help: "Size of the trail at the end. The last fifth is measured.")
    var entries = 100_000
    @Option(help: "Callers that record at the same time.")
    var callers = 64
    @Option(help: "Known people.")
    var people = 500
    @Option(help: "People seen for the first time, one entry each; a figure of its own. 0 leaves it out.")
    var firstSeen = 10_000

    func run() async throws {
        try await options.report(measure)
    }

    private func measure(in directory: String) async throws -> BenchReport {
        let workload = Workload(people: people)
        let filled = entries - entries / 5
        BenchOptions.note("filling both with \(filled) entries")
        let vestige = try await BenchTrail.filled(filled, workload, in: directory)
        let callers = Callers(count: callers)
        let sizes = try await RowSizes(of: vestige.trail, below: filled)
        let table = try OneTable(path: directory + "/one-table.sqlite", sizes: sizes, peopleCount: people)
        try table.insert(0..<filled, of: workload, batch: 1024)

        let slice = max(1, (entries - filled) / (Self.roundCount + 1))
        var next = filled
        BenchOptions.note("measuring \(slice * Self.roundCount) entries of each, in turns")
        var (ours, theirs) = (Measures(), Measures())
        for round in 0...Self.roundCount {
            // The first round warms up: keys and pages come into memory, statements are prepared.
            if round == 1 { (ours, theirs) = (Measures(), Measures()) }
            let numbers = next..<next + slice
            ours.add(try await callers.record(numbers, with: vestige.recorder, workload.entry))
            theirs.add(try table.insert(numbers, of: workload, batch: max(1, vestige.trail.batches.median)))
            next += slice
        }
        let count = Double(slice * Self.roundCount)
        var report = BenchReport("record")
        report.set("callers", callers.count)
        report.set("people", people)
        report.set("entries at the end", next)
        report.add("Vestige", count / ours.sum, "entries/s")
        report.add("one table by GRDB", count / theirs.sum, "rows/s")
        report.add("median batch of both", Double(vestige.trail.batches.median), "entries")
        report.add("bytes of header, payload, salts and leaf", Double(sizes.sum), "bytes")
        if firstSeen > 0 {
            let strangers = Workload(people: firstSeen, prefix: "first-seen-")
            let took = try await callers.record(0..<firstSeen, with: vestige.recorder) { strangers.entry(of: strangers.people[$0], by: $0) }
            report.add("Vestige, each person first seen", Double(firstSeen) / took.inSeconds, "entries/s")
        }
        report.ratio("Vestige / one table", theirs.sum / ours.sum, atLeast: Self.leastRatio)
        try table.close()
        try await vestige.close()
        return report
    }
}
