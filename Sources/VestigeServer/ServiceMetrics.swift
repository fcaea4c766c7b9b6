import Synchronization

/// What the service counts, as Prometheus reads it. Labels are routes, methods and statuses: nobody can be counted by name.
final class ServiceMetrics: Sendable {
    private struct Key: Hashable, Comparable {
        let route: String
        let method: String
        let status: Int

        static func < (left: Key, right: Key) -> Bool { (left.route, left.method, left.status) < (right.route, right.method, right.status) }
    }

    private struct Times {
        /// Cumulative only when written.
        var buckets = [Int](repeating: 0, count: ServiceMetrics.bounds.count + 1)
        var sum = 0.0
    }

    private struct Counts {
        var requests: [Key: Int] = [:]
        var times: [String: Times] = [:]
        var refusals: [String: Int] = [:]
        var recorded = 0
        var refused = 0
        var brokenExports = 0
        var open = 0
    }

    /// Seconds.
    private static let bounds = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30]

    private let counts = Mutex(Counts())

    func began() { counts.withLock { $0.open += 1 } }

    func ended(route: String, method: String, status: Int, seconds: Double) {
        counts.withLock { counts in
            counts.open -= 1
            counts.requests[Key(route: route, method: method, status: status), default: 0] += 1
            var times = counts.times[route] ?? Times()
            times.buckets[Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count] += 1
            times.sum += seconds
            counts.times[route] = times
        }
    }

    /// The gate let somebody not pass.
    func refused(_ kind: ProblemKind) { counts.withLock { $0.refusals[kind.rawValue, default: 0] += 1 } }

    func recorded(_ count: Int, refused: Int) {
        counts.withLock { counts in
            counts.recorded += count
            counts.refused += refused
        }
    }

    func exportBroke() { counts.withLock { $0.brokenExports += 1 } }

    /// Prometheus text format 0.0.4.
    ///
    /// - Parameter tenants: what is read now: entries in the trail, acts that wait in the spool, and whether the tenant can record.
    func text(tenants: [(name: String, size: UInt64?, waiting: Int, isReady: Bool)]) -> String {
        let counts = counts.withLock { $0 }
        var text = Self.head("vestige_http_requests_total", "counter", "Requests answered.")
        for (key, count) in counts.requests.sorted(by: { $0.key < $1.key }) {
            text += "vestige_http_requests_total{route=\"\(key.route)\",method=\"\(key.method)\",status=\"\(key.status)\"} \(count)\n"
        }
        text += Self.head("vestige_http_request_seconds", "histogram", "Time until the head of the answer.")
        for (route, times) in counts.times.sorted(by: { $0.key < $1.key }) { text += Self.histogram(route, times) }
        text += Self.head("vestige_http_requests_open", "gauge", "Requests under way.") + "vestige_http_requests_open \(counts.open)\n"
        text += Self.head("vestige_requests_refused_total", "counter", "Requests that the gate did not let pass.")
        for (kind, count) in counts.refusals.sorted(by: { $0.key < $1.key }) {
            text += "vestige_requests_refused_total{problem=\"\(kind)\"} \(count)\n"
        }
        text += Self.head("vestige_entries_recorded_total", "counter", "Entries recorded by way of the service.")
        text += "vestige_entries_recorded_total \(counts.recorded)\n"
        text += Self.head("vestige_entries_refused_total", "counter", "Entries refused for what they say.")
        text += "vestige_entries_refused_total \(counts.refused)\n"
        text += Self.head("vestige_exports_broken_total", "counter", "Exports that broke off after their first bytes.")
        text += "vestige_exports_broken_total \(counts.brokenExports)\n"
        text += Self.head("vestige_trail_size", "gauge", "Entries in the trail.")
        for tenant in tenants { if let size = tenant.size { text += "vestige_trail_size{tenant=\"\(tenant.name)\"} \(size)\n" } }
        text += Self.head("vestige_spool_waiting", "gauge", "Acts that do not stand in the trail yet.")
        for tenant in tenants { text += "vestige_spool_waiting{tenant=\"\(tenant.name)\"} \(tenant.waiting)\n" }
        text += Self.head("vestige_ready", "gauge", "1 where the trail can be read and takes entries.")
        for tenant in tenants { text += "vestige_ready{tenant=\"\(tenant.name)\"} \(tenant.isReady ? 1 : 0)\n" }
        return text
    }

    /// - Parameter sinks: of one tenant, as they are now; a name is a code of the policy.
    func text(sinks: [(name: String, entries: UInt64, seconds: Double)], of tenant: String) -> String {
        guard !sinks.isEmpty else { return "" }
        var text = Self.head("vestige_sink_lag_entries", "gauge", "Entries that are not known to have arrived at the sink.")
        for sink in sinks { text += "vestige_sink_lag_entries{tenant=\"\(tenant)\",sink=\"\(sink.name)\"} \(sink.entries)\n" }
        text += Self.head("vestige_sink_lag_seconds", "gauge", "For how long the first of them has been waiting.")
        for sink in sinks { text += "vestige_sink_lag_seconds{tenant=\"\(tenant)\",sink=\"\(sink.name)\"} \(sink.seconds)\n" }
        return text
    }

    private static func histogram(_ route: String, _ times: Times) -> String {
        var text = ""
        var total = 0
        for (bound, count) in zip(bounds.map { "\($0)" } + ["+Inf"], times.buckets) {
            total += count
            text += "vestige_http_request_seconds_bucket{route=\"\(route)\",le=\"\(bound)\"} \(total)\n"
        }
        return text + "vestige_http_request_seconds_sum{route=\"\(route)\"} \(times.sum)\n"
            + "vestige_http_request_seconds_count{route=\"\(route)\"} \(total)\n"
    }

    private static func head(_ name: String, _ type: String, _ help: String) -> String {
        "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
    }
}
