/// Checkpoints that are kept for good may not be missing: the one of the empty trail, and one for each hour in which something was recorded.
///
/// A kept checkpoint follows the first commit of its hour, and all entries of a commit were recorded at the same moment. So between two
/// that follow each other no hour begins but in the last commit below the later one.
struct KeptCheckpointRule {
    private let store: any TrailStore
    /// Leaves read at once when looking for the beginning of a commit.
    private static let pageCount: UInt64 = 64

    init(store: any TrailStore) {
        self.store = store
    }

    /// - Parameters:
    ///   - sizes: of the kept checkpoints, in any order.
    ///   - size: of the trail; its leaves can be read, and are in the order of their time.
    func findings(sizes: [UInt64], size: UInt64) throws -> [TrailFinding] {
        let sizes = Set(sizes.filter { $0 <= size }).sorted()
        var findings: [TrailFinding] = []
        if sizes.first != 0 { findings.append(TrailFinding(.checkpoint, seq: 0, "the kept checkpoint of the empty trail is missing")) }
        var from: UInt64 = 0
        var hour: Int64 = 0
        for kept in sizes where kept > 0 {
            if let first = try newHour(from, try commitStart(below: kept, from: from), after: hour) { findings.append(Self.missing(first)) }
            from = kept
            hour = try self.hour(kept - 1) ?? hour
        }
        if let first = try newHour(from, size, after: hour) { findings.append(Self.missing(first)) }
        return findings
    }

    private static func missing(_ seq: UInt64) -> TrailFinding {
        TrailFinding(.checkpoint, seq: seq, "no checkpoint was kept for the hour that began with this entry")
    }

    /// The first of the entries that were recorded at the moment of the last one below `end`.
    private func commitStart(below end: UInt64, from: UInt64) throws -> UInt64 {
        var start = end
        var moment: Timestamp?
        while start > from {
            let low = start - min(Self.pageCount, start - from)
            for leaf in try store.leaves(low..<start).reversed() {
                guard let time = Leaf(decoding: leaf)?.recordedAt, moment == nil || time == moment else { return start }
                moment = time
                start -= 1
            }
        }
        return start
    }

    /// The first entry of `from..<end` that was recorded in another hour than `hour`; times rise.
    private func newHour(_ from: UInt64, _ end: UInt64, after hour: Int64) throws -> UInt64? {
        guard from < end, let last = try self.hour(end - 1), last != hour else { return nil }
        var (low, high) = (from, end - 1)
        while low < high {
            let middle = low + (high - low) / 2
            if try self.hour(middle) == hour { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private func hour(_ seq: UInt64) throws -> Int64? {
        try store.leaves(seq..<seq + 1).first.flatMap(Leaf.init(decoding:)).map {
            $0.recordedAt.microseconds / Sequencer.keptCheckpointInterval
        }
    }
}
