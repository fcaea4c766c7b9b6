import ArgumentParser
import VestigeLocal

/// How long an erasure takes for people with few and with many entries: it destroys a key and touches no entry.
struct EraseBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "erase", abstract: "Steps 1 to 6 of an erasure, for people with 10 entries and for people with many.")
    static let mostRatio = 1.5
    static let fewCount = 10

    @OptionGroup var options: BenchOptions
    @Option(help: "Entries of each person who has many.")
    var entries = 10_000
    @Option(help: "People of each kind.")
    var people = 9

    func run() async throws {
        try await options.report(measure)
    }

    private func measure(in directory: String) async throws -> BenchReport {
        let vestige = try await BenchTrail.create(in: directory)
        let few = Workload(people: people + 1, prefix: "few-")
        let many = Workload(people: people, prefix: "many-")
        BenchOptions.note("recording \(entries) entries for each of \(people) people")
        try await Callers.filling.record(0..<few.people.count * Self.fewCount, with: vestige.recorder) { number in
            few.entry(of: few.people[number % few.people.count], by: number)
        }
        try await Callers.filling.record(0..<people * entries, with: vestige.recorder) { number in
            many.entry(of: many.people[number % many.people.count], by: number)
        }
        var (ofFew, ofMany) = (Measures(), Measures())
        // The first erasure of a run prepares statements; it is not counted.
        try await erase(few.people[people], vestige)
        for (one, other) in zip(few.people, many.people) {
            try await ofFew.time { try await erase(one, vestige) }
            try await ofMany.time { try await erase(other, vestige) }
        }
        var report = BenchReport("erase")
        report.set("people of each kind", people)
        report.set("few", Self.fewCount)
        report.set("many", entries)
        report.add("p50 with few entries", seconds: ofFew.median)
        report.add("p50 with many entries", seconds: ofMany.median)
        report.ratio("many / few", ofMany.median / ofFew.median, atMost: Self.mostRatio)
        try await vestige.close()
        return report
    }

    private func erase(_ person: String, _ vestige: LocalVestige) async throws {
        let order = ErasureOrder(
            subject: try SubjectID(type: "user", id: person), caseReference: "bench", purpose: "audit", actor: BenchTrail.operatorActor)
        _ = try await vestige.rights.erase(order)
    }
}
