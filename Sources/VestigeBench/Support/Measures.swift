/// Seconds of several runs of one thing.
struct Measures: Sendable {
    private(set) var seconds: [Double] = []

    mutating func add(_ duration: Duration) {
        seconds.append(duration.inSeconds)
    }

    mutating func add(contentsOf other: [Double]) {
        seconds += other
    }

    /// Runs `work` once and keeps how long it took.
    mutating func time<Result>(isolation: isolated (any Actor)? = #isolation, _ work: () async throws -> Result) async rethrows -> Result {
        let start = ContinuousClock.now
        let result = try await work()
        add(ContinuousClock.now - start)
        return result
    }

    var sum: Double { seconds.reduce(0, +) }
    var median: Double { percentile(0.5) }

    /// The value that a share of all runs does not exceed; 0 without runs.
    func percentile(_ share: Double) -> Double {
        let sorted = seconds.sorted()
        guard let last = sorted.indices.last else { return 0 }
        return sorted[min(last, Int((Double(sorted.count) * share).rounded(.down)))]
    }
}

extension Duration {
    var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) * 1e-18
    }
}
