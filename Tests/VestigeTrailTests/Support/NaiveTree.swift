import VestigeCrypto
import VestigeTrail

/// RFC 6962 §2.1 word for word: the recursion of the text, over leaf hashes. Roots of perfect subtrees are remembered.
struct NaiveTree {
    private let leafHashes: [Bytes32]
    private var known: [Range<Int>: Bytes32] = [:]

    init(_ leafHashes: [Bytes32]) {
        self.leafHashes = leafHashes
    }

    /// Leaf hashes that are all different.
    static func leafHashes(_ count: Int) -> [Bytes32] {
        (0..<count).map {
            TreeHash.leaf([UInt8(truncatingIfNeeded: $0 >> 16), UInt8(truncatingIfNeeded: $0 >> 8), UInt8(truncatingIfNeeded: $0)])
        }
    }

    func split(_ count: Int) -> Int {
        var power = 1
        while power * 2 < count { power *= 2 }
        return power
    }

    mutating func root(_ range: Range<Int>) -> Bytes32 {
        if range.isEmpty { return sha256([]) }
        if range.count == 1 { return leafHashes[range.lowerBound] }
        if let known = known[range] { return known }
        let middle = range.lowerBound + split(range.count)
        let left = root(range.lowerBound..<middle)
        let right = root(middle..<range.upperBound)
        let root = sha256([1] + left.bytes + right.bytes)
        if range.count & (range.count - 1) == 0 { known[range] = root }
        return root
    }

    /// §2.1.1
    mutating func path(to leaf: Int, in range: Range<Int>) -> [Bytes32] {
        if range.count == 1 { return [] }
        let middle = range.lowerBound + split(range.count)
        if leaf < middle { return path(to: leaf, in: range.lowerBound..<middle) + [root(middle..<range.upperBound)] }
        return path(to: leaf, in: middle..<range.upperBound) + [root(range.lowerBound..<middle)]
    }
}

extension NaiveTree {
    /// `SUBPROOF` of §2.1.2.
    mutating func consistency(from old: Int, in range: Range<Int>, isWhole: Bool) -> [Bytes32] {
        if old == 0 { return [] }
        if old == range.count { return isWhole ? [] : [root(range)] }
        let middle = range.lowerBound + split(range.count)
        let left = middle - range.lowerBound
        if old <= left {
            return consistency(from: old, in: range.lowerBound..<middle, isWhole: isWhole) + [root(middle..<range.upperBound)]
        }
        return consistency(from: old - left, in: middle..<range.upperBound, isWhole: false) + [root(range.lowerBound..<middle)]
    }
}
