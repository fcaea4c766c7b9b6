import ArgumentParser
import Foundation
import VestigeInquiry
import VestigeLocal

/// How fast a trail is exported and how much memory that takes, beside SQLite's own shell writing the raw tables.
struct ExportBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract:
            "An export of the whole trail to nowhere: rows a second beside `sqlite3 -csv` on the raw tables, and peak memory over idle.")
    static let mostMemory = 50.0

    @OptionGroup var options: BenchOptions
    @Option(help: "Size of the trail.")
    var entries = 1_000_000
    @Option(help: "Formats, separated by commas.")
    var formats = "csv,ndjson,ocsf"
    @Option(help: "Rounds; the fastest of each side counts.")
    var rounds = 2

    func run() async throws {
        try await options.report(measure)
    }

    private func measure(in directory: String) async throws -> BenchReport {
        let formats = formats.split(separator: ",").compactMap { EntryFormat(rawValue: String($0)) }
        guard !formats.isEmpty else { throw ValidationError("--formats: known are csv, ndjson, json, ocsf, ecs, cef, syslog") }
        BenchOptions.note("filling a trail with \(entries) entries")
        let vestige = try await BenchTrail.filled(entries, Workload(people: 500), in: directory)
        var report = BenchReport("export")
        report.set("entries", Int(try await vestige.trail.size()))
        let asker = Asker.keyHolder(BenchTrail.operatorActor, purpose: "audit")
        let order = { (format: EntryFormat, limit: Int?) in
            ExportOrder(
                EntryFilter(), format: format, limit: limit, asker: asker, source: vestige.exportSource(), at: LocalVestige.systemClock())
        }
        // What every export needs once: connections, caches, pages of the program.
        for format in formats { _ = try await vestige.inquiry.export(order(format, 20_000)) { _ in } }
        var rates: [EntryFormat: Double] = [:]
        var (raw, most) = (Measures(), 0.0)
        BenchOptions.note("measuring \(rounds) rounds of \(formats.map(\.rawValue).joined(separator: ", ")) and sqlite3 -csv")
        for _ in 0..<rounds {
            _ = try await raw.time { try sqlite3(vestige.place.data + "/trail.sqlite") }
            for format in formats {
                let idle = try Memory.reset()
                let start = ContinuousClock.now
                let manifest = try await vestige.inquiry.export(order(format, nil)) { _ in }
                let seconds = (ContinuousClock.now - start).inSeconds
                most = max(most, try Memory.peak() - idle)
                report.check("\(format.rawValue) was whole", manifest.isComplete && manifest.count >= entries)
                rates[format] = max(rates[format] ?? 0, Double(manifest.count) / seconds)
            }
        }
        let bare = Double(entries) / raw.percentile(0)
        report.add("sqlite3 -csv", bare, "rows/s")
        for format in formats { report.add(format.rawValue, rates[format] ?? 0, "rows/s") }
        report.add("peak memory over idle", most, "MB")
        for format in formats { report.ratio("\(format.rawValue) / sqlite3 -csv", (rates[format] ?? 0) / bare) }
        report.ratio("peak over idle / \(Int(Self.mostMemory)) MB", most / Self.mostMemory, atMost: 1)
        try await vestige.close()
        return report
    }

    /// Everything that stands in clear, newest first, to nowhere.
    private func sqlite3(_ file: String) throws {
        let shell = Process()
        shell.executableURL = URL(filePath: "/usr/bin/env")
        shell.arguments = [
            "sqlite3", "-readonly", "-csv", file,
            "SELECT i.*, hex(l.leaf), CAST(b.header AS TEXT) FROM index_rows i JOIN leaves l USING (seq) JOIN bodies b USING (seq) ORDER BY seq DESC",
        ]
        shell.standardOutput = FileHandle.nullDevice
        try shell.run()
        shell.waitUntilExit()
        guard shell.terminationStatus == 0 else { throw BenchError.environment("sqlite3 is missing or failed: apt-get install sqlite3") }
    }
}
