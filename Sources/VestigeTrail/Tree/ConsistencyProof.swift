public import VestigeCrypto

/// Shows that a smaller tree is the beginning of a larger one: nothing in it was changed, removed or exchanged (RFC 6962 §2.1.2).
public struct ConsistencyProof: Sendable, Equatable {
    /// The witness protocol takes no more lines.
    public static let hashCountMax = 63

    /// The smaller tree's size.
    public let oldSize: UInt64
    /// In the order of RFC 6962 §2.1.2; none from size 0, which everything is consistent with, nor between equal sizes.
    public let hashes: [Bytes32]

    public init(oldSize: UInt64, hashes: [Bytes32]) {
        self.oldSize = oldSize
        self.hashes = hashes
    }

    /// Whether the tree of `new` begins with the tree of `old` (RFC 9162 §2.1.4.2). False for an empty `old`, of which nothing can be shown.
    public func verifies(from old: TreeHead, to new: TreeHead) -> Bool {
        guard old.size == oldSize, old.size > 0, old.size <= new.size else { return false }
        if old.size == new.size { return hashes.isEmpty && old.root == new.root }
        guard let first = hashes.first else { return false }
        var node = old.size - 1
        var last = new.size - 1
        let shift = UInt64((~node).trailingZeroBitCount)
        node >>= shift
        last >>= shift
        // A perfect old tree is a node of the new one, and its root is left out of the proof.
        let isPerfect = old.size & (old.size - 1) == 0
        var oldRoot = isPerfect ? old.root : first
        var newRoot = oldRoot
        for hash in hashes.dropFirst(isPerfect ? 0 : 1) {
            guard last > 0 else { return false }
            if node & 1 == 1 || node == last {
                oldRoot = TreeHash.node(hash, oldRoot)
                newRoot = TreeHash.node(hash, newRoot)
                while node & 1 == 0, node != 0 {
                    node >>= 1
                    last >>= 1
                }
            } else {
                newRoot = TreeHash.node(newRoot, hash)
            }
            node >>= 1
            last >>= 1
        }
        return last == 0 && oldRoot == old.root && newRoot == new.root
    }

    /// As in the body of a witness request (C2SP tlog-witness): `old N`, the hashes, an empty line, the newer checkpoint.
    public func text(checkpoint: Checkpoint) -> String {
        (["old \(oldSize)"] + hashes.map(\.base64)).joined(separator: "\n") + "\n\n" + checkpoint.note
    }
}

extension TileReader {
    /// `PROOF` of RFC 6962 §2.1.2 from the first `old` leaves to the whole tree; empty for none and for all of them. Reads O(log n) tiles.
    mutating func consistency(from old: UInt64) throws -> [Bytes32] {
        guard old > 0, old < size else { return [] }
        var first: UInt64 = 0
        var count = size
        var rest = old
        var downward: [Bytes32] = []
        while rest < count {
            let left = TileReader.largestPowerOfTwo(below: count)
            if rest <= left {
                downward.append(try root(first: first + left, count: count - left))
                count = left
            } else {
                downward.append(try root(first: first, count: left))
                first += left
                count -= left
                rest -= left
            }
        }
        // On the left edge what is left is the old tree itself, whose root the verifier knows.
        if first > 0 { downward.append(try root(first: first, count: count)) }
        return downward.reversed()
    }
}
