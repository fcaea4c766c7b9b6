import ArgumentParser
import VestigeLocal

/// How long a rotation of the key-encryption key takes, beside the least that it could be: every row opened and sealed again in memory,
/// and the same rows updated by SQLite, with nothing read, checked, counted or proven.
struct RotateBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate",
        abstract: "Rotating the key of a vault, beside rewrapping its rows in memory plus raw updates of the same rows.")
    static let leastRatio = 0.4

    @OptionGroup var options: BenchOptions
    @Option(help: "People in the vault; each has a key row and a directory row.")
    var people = 100_000
    @Option(help: "Rounds; the medians count.")
    var rounds = 3

    func run() async throws {
        try await options.report(measure)
    }

    private func measure(in directory: String) async throws -> BenchReport {
        BenchOptions.note("making a vault of \(people) people")
        let vestige = try await BenchTrail.create(in: directory)
        for start in stride(from: 0, to: people, by: 1_000) {
            let batch = try (start..<min(start + 1_000, people)).map { (try SubjectID(type: "user", id: "person-\($0)"), KeyRole.subject) }
            _ = try await vestige.vault.admit(batch)
        }
        let raw = try RawVaultRows(path: directory + "/raw.sqlite", people: people)
        var (ours, memory, updates) = (Measures(), Measures(), Measures())
        var rewrapped = 0
        BenchOptions.note("rotating \(rounds) times")
        for _ in 0..<rounds {
            rewrapped = try await ours.time { try await vestige.rotateKeys(by: BenchTrail.operatorActor) }.rotation.rewrapped
            let rows = try await memory.time { try raw.rewrapped() }
            try await updates.time { try raw.update(rows) }
        }
        let status = try await vestige.keyStatus()
        let least = memory.median + updates.median
        var report = BenchReport("rotate")
        report.set("people", people)
        report.set("rows", rewrapped)
        report.add("Vestige", seconds: ours.median)
        report.add("rewrapping in memory", seconds: memory.median)
        report.add("raw updates of the same rows", seconds: updates.median)
        report.add("Vestige", Double(rewrapped) / ours.median, "rows/s")
        report.ratio("rewrapping and raw updates / Vestige", least / ours.median, atLeast: Self.leastRatio)
        report.check("one key in the keyring, nothing left under another", status.keyring == [status.least] && status.rowsLeft == 0)
        report.check("everybody counted", try await vestige.vault.counts() == (people, 0))
        try raw.close()
        try await vestige.close()
        return report
    }
}
