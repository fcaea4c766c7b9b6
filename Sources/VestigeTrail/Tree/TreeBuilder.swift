import VestigeCrypto

/// The right edge of the tree: grows by one leaf in O(1) amortised hashes, gives its root in O(log n).
///
/// `spine[h]` is the root of the perfect subtree of 2^h leaves where bit `h` of `size` is set; `pending[l]` are the
/// hashes of the tile at level `l` that is not full yet.
struct TreeBuilder: Sendable {
    private(set) var size: UInt64 = 0
    private var spine: [Bytes32] = []
    private var pending: [[Bytes32]] = [[]]
    /// Tiles that filled up since they were last taken.
    private var filled: [Tile] = []

    init() {}

    mutating func push(_ leafHash: Bytes32) {
        collect(leafHash, level: 0)
        grow(by: leafHash, height: 0)
    }

    /// The same as pushing 256 leaves, whose common root is known already. Only at a size that is a multiple of 256.
    mutating func push(tile hashes: [Bytes32], root: Bytes32) {
        filled.append(Tile(level: 0, index: size / UInt64(Tile.width), hashes: hashes))
        while spine.count < 8 { spine.append(TreeHash.empty) }
        collect(root, level: 1)
        grow(by: root, height: 8)
    }

    /// Adds a perfect subtree of 2^height leaves.
    private mutating func grow(by root: Bytes32, height: Int) {
        var hash = root
        var height = height
        let count = UInt64(1) << UInt64(height)
        while size >> UInt64(height) & 1 == 1 {
            hash = TreeHash.node(spine[height], hash)
            height += 1
            if height % 8 == 0 { collect(hash, level: height / 8) }
        }
        if height == spine.count { spine.append(hash) } else { spine[height] = hash }
        size += count
    }

    private mutating func collect(_ hash: Bytes32, level: Int) {
        if level == pending.count { pending.append([]) }
        pending[level].append(hash)
        guard pending[level].count == Tile.width else { return }
        let index = (size >> UInt64(8 * level)) / UInt64(Tile.width)
        filled.append(Tile(level: level, index: index, hashes: pending[level]))
        pending[level].removeAll(keepingCapacity: true)
    }

    /// The tiles that filled up since the last call.
    mutating func takeFilledTiles() -> [Tile] {
        defer { filled.removeAll() }
        return filled
    }

    var root: Bytes32 {
        var root: Bytes32?
        for height in 0..<spine.count where size >> UInt64(height) & 1 == 1 {
            root = root.map { TreeHash.node(spine[height], $0) } ?? spine[height]
        }
        return root ?? TreeHash.empty
    }

    var head: TreeHead { TreeHead(size: size, root: root) }

    /// The edge of a tree of `size` leaves, from the hashes of each level's unfinished tile.
    ///
    /// - Parameter unfinished: for level `l`, the `(size / 256^l) % 256` hashes of its last, unfinished tile.
    init(size: UInt64, unfinished: [[Bytes32]]) {
        self.size = size
        pending = unfinished.isEmpty ? [[]] : unfinished
        for hashes in unfinished {
            // A tile's hashes fall into perfect runs, the longest leftmost, as the bits of their count say.
            var perfect = [Bytes32](repeating: TreeHash.empty, count: 8)
            var rest = hashes[...]
            for bit in (0..<8).reversed() where hashes.count >> bit & 1 == 1 {
                perfect[bit] = TreeHash.root(of: rest.prefix(1 << bit))
                rest = rest.dropFirst(1 << bit)
            }
            spine += perfect
        }
    }
}
