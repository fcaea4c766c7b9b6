import ArgumentParser
import VestigeLocal

/// How long the main question takes in a small and in a large trail.
struct WhoViewedBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "who-viewed", abstract: "The newest 50 looks at the person who is looked at most, in a small and in a large trail.")
    static let mostRatio = 2.0
    static let newestCount = 50
    static let smallCount = 10_000

    @OptionGroup var options: BenchOptions
    @Option(help: "Size of the large trail; the small one has 10,000 entries.")
    var entries = 100_000
    @Option(help: "Questions to each trail.")
    var questions = 400

    func run() async throws {
        try await options.report(measure)
    }

    private func measure(in directory: String) async throws -> BenchReport {
        let workload = Workload(people: 500, isSkewed: true)
        BenchOptions.note("filling trails with \(Self.smallCount) and \(entries) entries")
        let small = try await BenchTrail.filled(Self.smallCount, workload, in: directory, name: "small")
        let large = try await BenchTrail.filled(entries, workload, in: directory, name: "large")
        BenchOptions.note("asking each \(questions) times, in turns")
        var (atSmall, atLarge) = (Answers(), Answers())
        for round in 0..<questions + 20 {
            if round == 20 { (atSmall, atLarge) = (Answers(), Answers()) }
            try await atSmall.ask(small, about: workload.people[0])
            try await atLarge.ask(large, about: workload.people[0])
        }
        for _ in 0..<5 {
            try await atSmall.askTotal(small, about: workload.people[0])
            try await atLarge.askTotal(large, about: workload.people[0])
        }
        var report = BenchReport("who-viewed")
        report.set("small", Self.smallCount)
        report.set("large", entries)
        report.set("looks at the person in the large one", atLarge.total)
        report.add("p50 at the small size", seconds: atSmall.whole.median)
        report.add("p50 at the large size", seconds: atLarge.whole.median)
        report.add("p99 at the large size", seconds: atLarge.whole.percentile(0.99))
        report.add("of it, finding and opening the answer", seconds: atLarge.answer.median)
        report.add("of it, writing the question's entry", seconds: atLarge.entry.median)
        report.add("p50 with the total, small", seconds: atSmall.withTotal.median)
        report.add("p50 with the total, large", seconds: atLarge.withTotal.median)
        report.check("every answer held \(Self.newestCount) looks", atSmall.isComplete && atLarge.isComplete)
        report.ratio("large / small", atLarge.whole.median / atSmall.whole.median, atMost: Self.mostRatio)
        report.ratio("large / small, without the question's entry", atLarge.answer.median / atSmall.answer.median)
        try await small.close()
        try await large.close()
        return report
    }
}

/// Answers of one trail and what they took.
private struct Answers {
    static let asker = Asker.keyHolder(BenchTrail.operatorActor, purpose: "audit")

    /// As a caller sees it.
    private(set) var whole = Measures()
    /// The same steps without the entry: the person's pseudonym, the newest page of the index, its entries opened.
    private(set) var answer = Measures()
    /// An entry by itself, recorded by one caller alone.
    private(set) var entry = Measures()
    private(set) var withTotal = Measures()
    private(set) var isComplete = true
    private(set) var total = 0

    mutating func ask(_ vestige: LocalVestige, about person: String) async throws {
        let question = ViewsQuestion(.record(type: "user", id: person), limit: WhoViewedBench.newestCount, countsTotal: false)
        let whole = try await whole.time { try await vestige.inquiry.whoViewed(question, asker: Self.asker) }
        let subject = try SubjectID(type: "user", id: person)
        let answer = try await answer.time {
            guard case .active(let pseudonym) = try await vestige.vault.standing(of: subject, as: .subject) else { return 0 }
            var query = IndexQuery(limit: WhoViewedBench.newestCount)
            query.terms = [[Term(.lookedAt, pseudonym)]]
            return try await vestige.inquiry.open(try await vestige.trail.page(query)).count
        }
        let note = Entry(
            event: "read", actor: BenchTrail.operatorActor, record: RecordReference(type: "user", id: "bystander"), purpose: "audit")
        _ = try await entry.time { try await vestige.recorder.record(note) }
        isComplete = isComplete && whole.views.count == WhoViewedBench.newestCount && answer == WhoViewedBench.newestCount
    }

    mutating func askTotal(_ vestige: LocalVestige, about person: String) async throws {
        let question = ViewsQuestion(.record(type: "user", id: person), limit: WhoViewedBench.newestCount)
        total = try await withTotal.time { try await vestige.inquiry.whoViewed(question, asker: Self.asker) }.total
    }
}
