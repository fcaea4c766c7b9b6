package import VestigeCrypto

/// The tree at one checkpoint, tile by tile, for whoever publishes it. Leaves and tiles never change, so it holds while others append.
package struct TreeSnapshot {
    package let checkpoint: Checkpoint
    private let store: any TrailStore

    init(store: any TrailStore, checkpoint: Checkpoint) {
        self.store = store
        self.checkpoint = checkpoint
    }

    /// The same tree as it was at a smaller checkpoint.
    ///
    /// - Throws: ``TrailError/inconsistent(_:)`` where this tree does not begin with that one.
    package func at(_ smaller: Checkpoint) throws -> TreeSnapshot {
        guard smaller.size <= checkpoint.size, try root(at: smaller.size) == smaller.root else {
            throw TrailError.inconsistent("the stored tree does not lead to the checkpoint of size \(smaller.size)")
        }
        return TreeSnapshot(store: store, checkpoint: smaller)
    }

    /// Levels that have at least one hash.
    package static func levelCount(at size: UInt64) -> Int {
        var level = 0
        while level < 8, size >> UInt64(8 * level) > 0 { level += 1 }
        return level
    }

    /// Full tiles of a level at `size`, and how many hashes the one behind them has.
    package static func tiles(atLevel level: Int, size: UInt64) -> (full: UInt64, partialWidth: Int) {
        let hashes = size >> UInt64(8 * level)
        return (hashes / UInt64(Tile.width), Int(hashes % UInt64(Tile.width)))
    }

    /// The hashes of one tile as far as the checkpoint's size fills it.
    ///
    /// - Throws: ``TrailError/inconsistent(_:)`` where a full tile is not stored.
    package func hashes(level: Int, index: UInt64) throws -> [Bytes32] {
        if index < TreeSnapshot.tiles(atLevel: level, size: checkpoint.size).full {
            guard let tile = try store.tile(level: level, index: index) else {
                throw TrailError.inconsistent("tile \(level)/\(index) is missing")
            }
            return tile.hashes
        }
        var reader = TileReader(size: checkpoint.size, tile: store.tile, leaves: store.leaves)
        return try reader.hashes(level: level, index: index)
    }

    /// The first `width` hashes of a tile one after the other, as C2SP tlog-tiles has them; `nil` where the checkpoint does not reach so far.
    package func bytes(level: Int, index: UInt64, width: Int) throws -> [UInt8]? {
        guard (0..<TreeSnapshot.levelCount(at: checkpoint.size)).contains(level), (1...Tile.width).contains(width) else { return nil }
        let tiles = TreeSnapshot.tiles(atLevel: level, size: checkpoint.size)
        guard index < tiles.full || (index == tiles.full && width <= tiles.partialWidth) else { return nil }
        var bytes: [UInt8] = []
        for hash in try hashes(level: level, index: index).prefix(width) { hash.append(to: &bytes) }
        return bytes
    }

    /// The first `width` leaves under tile `index` of level 0 as an entry bundle of C2SP tlog-tiles; `nil` where the checkpoint does not reach so far.
    package func bundle(index: UInt64, width: Int) throws -> [UInt8]? {
        guard (1...Tile.width).contains(width) else { return nil }
        let tiles = TreeSnapshot.tiles(atLevel: 0, size: checkpoint.size)
        guard index < tiles.full || (index == tiles.full && width <= tiles.partialWidth) else { return nil }
        return TreeSnapshot.bundle(of: try leaves(index: index).prefix(width))
    }

    /// Each leaf behind its length in two bytes.
    private static func bundle(of leaves: some Collection<[UInt8]>) -> [UInt8] {
        var bundle: [UInt8] = []
        bundle.reserveCapacity(leaves.reduce(0) { $0 + 2 + $1.count })
        for leaf in leaves {
            bundle.append(bigEndian: UInt16(leaf.count))
            bundle += leaf
        }
        return bundle
    }

    /// Bytes of a bundle of so many leaves.
    package static func bundleByteCount(width: Int) -> Int { width * (2 + Leaf.byteCount) }

    /// The leaves under tile `index` of level 0. They are what the tile says, else nothing is given out.
    package func leaves(index: UInt64) throws -> [[UInt8]] {
        let first = index * UInt64(Tile.width)
        let leaves = try store.leaves(first..<min(first + UInt64(Tile.width), checkpoint.size))
        guard leaves.map(TreeHash.leaf) == (try hashes(level: 0, index: index)) else {
            throw TrailError.inconsistent("the leaves from \(first) on are not what their tile says")
        }
        return leaves
    }

    /// The root of the first `size` entries, from stored tiles.
    package func root(at size: UInt64) throws -> Bytes32 {
        var reader = TileReader(size: checkpoint.size, tile: store.tile, leaves: store.leaves)
        return try reader.root(first: 0, count: size)
    }
}

extension Trail {
    /// Lends the tree of a checkpoint, which the stored tiles were found to lead to. `body` blocks a thread of its own.
    ///
    /// - Parameter checkpoint: the newest if left out.
    /// - Throws: ``TrailError/inconsistent(_:)``
    package func withTree<Result: Sendable>(
        at checkpoint: Checkpoint? = nil, _ body: @escaping @Sendable (TreeSnapshot) throws -> Result
    ) async throws -> Result {
        try await read { [keys] store in
            let tree = TreeSnapshot(store: store, checkpoint: try checkpoint ?? Trail.checkpoint(of: store, by: keys))
            guard try tree.root(at: tree.checkpoint.size) == tree.checkpoint.root else {
                throw TrailError.inconsistent("the stored tree does not lead to the checkpoint of size \(tree.checkpoint.size)")
            }
            return try body(tree)
        }
    }
}
