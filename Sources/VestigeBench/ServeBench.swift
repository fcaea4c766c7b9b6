import ArgumentParser
import Foundation
import Hummingbird
import NIOCore
import VestigeCore
import VestigeLocal
import VestigePolicy

/// Requests a second of `vestige serve`, a process of its own, beside a route that only reads and parses the same bodies.
struct ServeBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract:
            "Recording in batches of 1 and of 100, and who viewed, over HTTP by wrk: requests a second, p50 and p99 beside a route that only parses."
    )

    @OptionGroup var options: BenchOptions
    @Option(help: "Size of the trail before.")
    var entries = 10_000
    @Option(help: "How long each of the routes is asked, in all.")
    var seconds = 10
    @Option(help: "Connections, kept alive.")
    var connections = 64
    @Option(help: ArgumentHelp("The program vestige; the one beside this program if left out.", valueName: "file"))
    var vestige: String?

    private static let people = 500

    /// One kind of request.
    private struct Kind {
        let name: String
        let path: String
        let role: String
        let type: String
        let bodies: [String]
        let entriesEach: Int
    }

    private static let kinds = [
        Kind(name: "record, 1 an entry", path: "/v1/record", role: "host", type: "application/json", bodies: looks(1), entriesEach: 1),
        Kind(
            name: "record, 100 a batch", path: "/v1/record", role: "host", type: "application/x-ndjson", bodies: looks(100),
            entriesEach: 100),
        Kind(
            name: "who viewed", path: "/v1/who-viewed", role: "dpo", type: "application/json",
            bodies: (1...people).map { "{\"record\":{\"type\":\"user\",\"id\":\"\($0)\"}}" }, entriesEach: 1),
    ]

    private static func looks(_ count: Int) -> [String] {
        (0..<64).map { body in
            (0..<count).map { line in
                let person = 1 + (body * count + line) % people
                return
                    "{\"event\":\"read\",\"actor\":{\"type\":\"user\",\"id\":\"staff-\(1 + body)\",\"name\":\"Ana Lima\",\"ip\":\"10.0.0.7\"},"
                    + "\"record\":{\"type\":\"user\",\"id\":\"\(person)\"},\"fields\":[\"name\",\"email\"],\"purpose\":\"support\",\"page\":\"/people/\(person)\"}"
            }.joined(separator: "\n")
        }
    }

    func run() async throws {
        try await options.report(measure)
    }

    private func measure(in directory: String) async throws -> BenchReport {
        let program = vestige ?? Bundle.main.executableURL?.deletingLastPathComponent().appending(path: "vestige").path ?? "vestige"
        BenchOptions.note("filling a trail with \(entries) entries")
        let made = try await BenchTrail.filled(entries, Workload(people: Self.people), in: directory)
        let place = made.place.data
        let before = try await made.trail.checkpoint().size
        try await made.close()
        var tokens: [String: String] = [:]
        for role in ["host", "dpo"] {
            let made = try OtherProgram.output(
                [program, "token", "create", "--role", role, "--for", "api/bench-\(role)", "--data", place],
                hint: "build it: swift build -c release")
            tokens[role] = made.trimmingCharacters(in: .whitespacesAndNewlines)
        }
        let service = try ServeProcess(program, data: place)
        let wrk = Wrk(connections: connections, directory: directory)
        BenchOptions.note("asking \(Self.kinds.count) routes for \(seconds) s each, in turns with one that only parses")
        let results = try await LocalServer.serve(Self.parsing) { [seconds, tokens, port = service.port] bare in
            var results: [(service: Wrk.Result, bare: Wrk.Result)] = []
            for kind in Self.kinds {
                var result = (service: Wrk.Result(), bare: Wrk.Result())
                let headers = [
                    ("Content-Type", kind.type), ("Authorization", "Bearer \(tokens[kind.role] ?? "")"), ("Vestige-Purpose", "audit"),
                ]
                // The first round warms up.
                for round in 0...2 {
                    let time = round == 0 ? 1 : max(1, seconds / 2)
                    let asked = try wrk.post(
                        kind.bodies, to: "http://127.0.0.1:\(port)\(kind.path)", headers: headers, seconds: time)
                    let parsed = try wrk.post(kind.bodies, to: "http://127.0.0.1:\(bare)\(kind.path)", headers: headers, seconds: time)
                    result.service.errors += round == 0 ? asked.errors : 0
                    guard round > 0 else { continue }
                    result.service.add(asked)
                    result.bare.add(parsed)
                }
                results.append(result)
            }
            return results
        }
        let memory = try service.peakMemory()
        try service.stop()
        return try await report(results, memory: memory, place: place, before: before)
    }

    private func report(
        _ results: [(service: Wrk.Result, bare: Wrk.Result)], memory: Double, place: String, before: UInt64
    ) async throws -> BenchReport {
        var report = BenchReport("serve")
        report.set("entries before", entries)
        report.set("connections", connections)
        report.set("seconds each", seconds)
        for (kind, result) in zip(Self.kinds, results) {
            report.add(kind.name, result.service.perSecond, "requests/s")
            if kind.entriesEach > 1 {
                report.add("\(kind.name): entries", result.service.perSecond * Double(kind.entriesEach), "entries/s")
            }
            report.add("\(kind.name): p50", seconds: result.service.p50)
            report.add("\(kind.name): p99", seconds: result.service.p99)
            report.add("\(kind.name), only parsed", result.bare.perSecond, "requests/s")
            report.ratio("\(kind.name) / only parsed", result.service.perSecond / result.bare.perSecond)
        }
        report.add("peak memory of the service", memory, "MB")
        let vestige = try await Vestige.open(place)
        let size = try await vestige.trail.checkpoint().size
        let asked = zip(Self.kinds, results).reduce(0) { $0 + $1.0.entriesEach * $1.1.service.requests }
        report.check("every request was answered as it should be", results.allSatisfy { $0.service.errors == 0 && $0.bare.errors == 0 })
        report.check("every answer has its entries", Int(size - before) >= asked)
        report.check("verified", try await vestige.verify().verdict == .intact)
        try await vestige.close()
        return report
    }

    /// Reads the body and what it says, and does nothing with it.
    private static var parsing: Router<BasicRequestContext> {
        let router = Router()
        router.post("/v1/record") { request, _ in
            let body = Array(try await request.body.collect(upTo: 8 << 20).readableBytesView)
            let events = try body.split(separator: 0x0A).map { try EntryReader.read(Array($0)).event }
            return "\(events.count)\n"
        }
        router.post("/v1/who-viewed") { request, _ in
            let body = Array(try await request.body.collect(upTo: 64 * 1024).readableBytesView)
            return "\(try StrictJSONParser.parse(body).kind)\n"
        }
        return router
    }
}
