import Testing
import VestigeCrypto

@testable import VestigeTrail

@Suite("Places as runs")
struct SeqRunsTests {
    private func random(_ count: Int, below end: UInt64) -> Set<UInt64> { Set((0..<count).map { _ in .random(in: 0..<end) }) }

    @Test("hold what was put in, whatever it is, and do with it what sets do", arguments: 0..<60)
    func sets(round: Int) throws {
        let (one, two) = (random(.random(in: 0...200), below: 300), random(.random(in: 0...200), below: 300))
        let (left, right) = (SeqRuns(one.sorted()), SeqRuns(two.sorted()))
        #expect(Array(left.seqs) == one.sorted() && left.count == UInt64(one.count))
        #expect((0..<310).allSatisfy { left.contains($0) == one.contains($0) })
        #expect(Array(left.subtracting(right).seqs) == one.subtracting(two).sorted())
        #expect(Array(SeqRuns.union([left, right, left]).seqs) == one.union(two).sorted())
        let end = UInt64.random(in: 0...310)
        #expect(Array(left.clipped(below: end).seqs) == one.filter { $0 < end }.sorted())
        #expect(
            left.ranges.allSatisfy { !$0.isEmpty } && zip(left.ranges, left.ranges.dropFirst()).allSatisfy { $0.upperBound < $1.lowerBound }
        )
        let size = UInt64.random(in: 1...50)
        let chunks = left.chunks(of: size)
        #expect(chunks.flatMap { Array($0.seqs) } == one.sorted() && chunks.dropLast().allSatisfy { $0.count == size })
        guard let first = left.first else { return }
        #expect(SeqRuns(from: first, lengths: left.lengths, below: 300) == left)
        #expect(SeqRuns(from: first, lengths: left.lengths, below: left.hull.upperBound - 1) == nil)
    }

    @Test("are hashed as eight bytes each, big-endian")
    func digest() {
        let places = SeqRuns([0, 1, 2, 258])
        let bytes: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 1, 2]
        #expect(places.digest == sha256(bytes))
        #expect(SeqRuns().digest == sha256([]))
        // Over more than one piece of what is hashed at once.
        let long = SeqRuns(0..<20_000)
        #expect(
            long.digest
                == sha256(
                    (0..<20_000).flatMap { number in (0..<8).map { UInt8(truncatingIfNeeded: UInt64(number) >> (56 - 8 * UInt64($0))) } }))
    }

    @Test("of which no number fits are none", arguments: [[], [0], [1, 0, 1], [1, 1], [1, 1, UInt64.max], [UInt64.max]])
    func malformed(lengths: [UInt64]) {
        #expect(SeqRuns(from: 3, lengths: lengths, below: 100) == nil)
    }
}
