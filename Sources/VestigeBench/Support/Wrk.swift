import Foundation

/// `wrk`, the load generator: posts bodies to one address over connections that stay open, and says how it went.
struct Wrk {
    struct Result {
        var requests = 0
        var errors = 0
        var seconds = 0.0
        /// Of the slowest run.
        var p50 = 0.0
        var p99 = 0.0

        var perSecond: Double { seconds == 0 ? 0 : Double(requests) / seconds }

        mutating func add(_ other: Result) {
            requests += other.requests
            errors += other.errors
            seconds += other.seconds
            p50 = max(p50, other.p50)
            p99 = max(p99, other.p99)
        }
    }

    let connections: Int
    /// Where scripts and bodies may lie.
    let directory: String

    /// Posts `bodies` in turn for some seconds.
    func post(_ bodies: [String], to url: String, headers: [(String, String)], seconds: Int) throws -> Result {
        let (script, file) = (directory + "/wrk.lua", directory + "/bodies")
        // No body holds this character.
        try bodies.joined(separator: "\u{1}").write(toFile: file, atomically: false, encoding: .utf8)
        try Self.script(file, headers).write(toFile: script, atomically: false, encoding: .utf8)
        let text = try OtherProgram.output(
            ["wrk", "-t1", "-c\(connections)", "-d\(seconds)s", "--timeout", "30s", "-s", script, url],
            hint: "install wrk: apt-get install wrk")
        guard let line = text.split(separator: "\n").last(where: { $0.hasPrefix("vestige ") }) else {
            throw BenchError.environment("wrk said nothing of what it counted")
        }
        let numbers = line.split(separator: " ").dropFirst().compactMap { Double($0) }
        guard numbers.count == 5 else { throw BenchError.environment("wrk said something else than five numbers") }
        // Microseconds, as wrk counts them.
        return Result(
            requests: Int(numbers[0]), errors: Int(numbers[1]), seconds: numbers[2] / 1e6, p50: numbers[3] / 1e6, p99: numbers[4] / 1e6)
    }

    private static func script(_ file: String, _ headers: [(String, String)]) -> String {
        let fields = headers.map { "wrk.headers[\"\($0)\"] = \"\($1)\"" }.joined(separator: "\n")
        return """
            wrk.method = "POST"
            \(fields)
            local requests = {}
            local next = 0
            function init(arguments)
              for body in string.gmatch(io.open("\(file)"):read("*a"), "[^\\1]+") do
                requests[#requests + 1] = wrk.format(nil, nil, nil, body)
              end
            end
            function request()
              next = next % #requests + 1
              return requests[next]
            end
            function done(summary, latency, requests)
              local errors = summary.errors
              local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
              print(string.format("vestige %d %d %d %d %d", summary.requests, failed, summary.duration, latency:percentile(50), latency:percentile(99)))
            end

            """
    }
}
