public import VestigeCrypto

/// Shows that a leaf stands at a place in a tree whose root is known (RFC 6962 §2.1.1).
public struct InclusionProof: Sendable, Equatable {
    public let index: UInt64
    /// From the leaf's sibling up.
    public let hashes: [Bytes32]

    public init(index: UInt64, hashes: [Bytes32]) {
        self.index = index
        self.hashes = hashes
    }

    /// Whether `leafHash` at `index` leads to `head`'s root (RFC 9162 §2.1.3.2).
    public func verifies(leafHash: Bytes32, in head: TreeHead) -> Bool {
        guard index < head.size else { return false }
        var node = index
        var last = head.size - 1
        var hash = leafHash
        for sibling in hashes {
            guard last > 0 else { return false }
            if node & 1 == 1 || node == last {
                hash = TreeHash.node(sibling, hash)
                while node & 1 == 0, node != 0 {
                    node >>= 1
                    last >>= 1
                }
            } else {
                hash = TreeHash.node(hash, sibling)
            }
            node >>= 1
            last >>= 1
        }
        return last == 0 && hash == head.root
    }

    /// C2SP tlog-proof text: the proof with the checkpoint it leads to.
    public func text(checkpoint: Checkpoint) -> String {
        var lines = ["c2sp.org/tlog-proof@v1", "index \(index)"]
        lines += hashes.map(\.base64)
        return lines.joined(separator: "\n") + "\n\n" + checkpoint.note
    }
}
