public import VestigeCrypto

/// Places in a trail, ascending, each once, kept as runs: what retention takes is long runs with holes.
public struct SeqRuns: Sendable, Equatable {
    /// Ascending, none empty, no two that touch.
    public private(set) var ranges: [Range<UInt64>] = []
    public private(set) var count: UInt64 = 0

    public init() {}

    /// - Parameter seqs: ascending; one that is not above the last is passed over.
    public init(_ seqs: some Sequence<UInt64>) {
        for seq in seqs { append(seq) }
    }

    public var isEmpty: Bool { ranges.isEmpty }
    public var first: UInt64? { ranges.first?.lowerBound }
    public var last: UInt64? { ranges.last.map { $0.upperBound - 1 } }

    /// From the first place up to the end of the last, whatever is between.
    public var hull: Range<UInt64> { (first ?? 0)..<(ranges.last?.upperBound ?? 0) }

    public mutating func append(_ seq: UInt64) { append(seq..<seq + 1) }

    /// - Parameter range: above everything that is there; else it is passed over.
    public mutating func append(_ range: Range<UInt64>) {
        guard !range.isEmpty, range.lowerBound >= hull.upperBound || ranges.isEmpty else { return }
        count += UInt64(range.count)
        if let last = ranges.last, last.upperBound == range.lowerBound {
            ranges[ranges.count - 1] = last.lowerBound..<range.upperBound
        } else {
            ranges.append(range)
        }
    }

    public func contains(_ seq: UInt64) -> Bool {
        var (low, high) = (0, ranges.count)
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound <= seq { low = middle + 1 } else { high = middle }
        }
        return low < ranges.count && ranges[low].contains(seq)
    }

    /// Every place, ascending.
    public var seqs: some Sequence<UInt64> { ranges.lazy.joined() }

    /// SHA-256 over every place as eight bytes, big-endian, ascending.
    public var digest: Bytes32 {
        var hasher = SHA256Hasher()
        var bytes: [UInt8] = []
        for range in ranges {
            for seq in range {
                bytes.append(bigEndian: seq)
                guard bytes.count >= 1 << 16 else { continue }
                hasher.update(bytes)
                bytes.removeAll(keepingCapacity: true)
            }
        }
        hasher.update(bytes)
        return hasher.finish()
    }

    // MARK: Sets

    /// Everything that is in one of `sets`.
    package static func union(_ sets: [SeqRuns]) -> SeqRuns {
        var union = SeqRuns()
        for range in sets.flatMap(\.ranges).sorted(by: { $0.lowerBound < $1.lowerBound }) {
            union.append(max(range.lowerBound, union.hull.upperBound)..<max(range.upperBound, union.hull.upperBound))
        }
        return union
    }

    /// What is below `end`.
    func clipped(below end: UInt64) -> SeqRuns {
        var clipped = SeqRuns()
        for range in ranges where range.lowerBound < end { clipped.append(range.lowerBound..<min(range.upperBound, end)) }
        return clipped
    }

    /// What is not in `others`.
    package func subtracting(_ others: SeqRuns) -> SeqRuns {
        var left = SeqRuns()
        var other = 0
        for range in ranges {
            var start = range.lowerBound
            while other < others.ranges.count, others.ranges[other].upperBound <= start { other += 1 }
            var place = other
            while place < others.ranges.count, others.ranges[place].lowerBound < range.upperBound {
                left.append(start..<max(start, others.ranges[place].lowerBound))
                start = max(start, others.ranges[place].upperBound)
                place += 1
            }
            if start < range.upperBound { left.append(start..<range.upperBound) }
        }
        return left
    }

    // MARK: As numbers

    /// How many are taken from ``first`` on, how many are passed over, how many are taken, and so on; the last are taken.
    var lengths: [UInt64] {
        var lengths: [UInt64] = []
        for (place, range) in ranges.enumerated() {
            if place > 0 { lengths.append(range.lowerBound - ranges[place - 1].upperBound) }
            lengths.append(UInt64(range.count))
        }
        return lengths
    }

    /// - Returns: `nil` unless there is an odd number of lengths, none of them 0, and all places are below `end`.
    init?(from first: UInt64, lengths: [UInt64], below end: UInt64) {
        guard !lengths.count.isMultiple(of: 2) else { return nil }
        var next = first
        for (place, length) in lengths.enumerated() {
            guard length > 0, next < end, length <= end - next else { return nil }
            if place.isMultiple(of: 2) { append(next..<next + length) }
            next += length
        }
    }

    /// The same in pieces whose lengths take no more than `byteCountMax` bytes as text, commas counted; each has at least one run.
    func pieces(byteCountMax: Int) -> [SeqRuns] {
        var pieces: [SeqRuns] = []
        var piece = SeqRuns()
        var byteCount = 0
        for range in ranges {
            let gap = piece.isEmpty ? 0 : "\(range.lowerBound - piece.hull.upperBound)".utf8.count + 1
            let cost = gap + "\(range.count)".utf8.count + 1
            if !piece.isEmpty, byteCount + cost > byteCountMax {
                pieces.append(piece)
                piece = SeqRuns()
                byteCount = 0
            }
            byteCount += cost
            piece.append(range)
        }
        return piece.isEmpty ? pieces : pieces + [piece]
    }

    /// The same in pieces of at most so many places.
    package func chunks(of size: UInt64) -> [SeqRuns] {
        var chunks: [SeqRuns] = []
        var chunk = SeqRuns()
        for range in ranges {
            var start = range.lowerBound
            while start < range.upperBound {
                let end = min(range.upperBound, start + size - chunk.count)
                chunk.append(start..<end)
                start = end
                if chunk.count == size {
                    chunks.append(chunk)
                    chunk = SeqRuns()
                }
            }
        }
        return chunk.isEmpty ? chunks : chunks + [chunk]
    }
}
