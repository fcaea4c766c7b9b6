import VestigeCrypto

@testable import VestigeTrail

/// Leaves and tiles of one large tree, from which smaller trees are read as a store would give them.
struct TileShelf: Sendable {
    /// Hashes of the leaves.
    let leafHashes: [Bytes32]
    private let tiles: [[Tile]]

    init(count: Int) {
        leafHashes = NaiveTree.leafHashes(count)
        var builder = TreeBuilder()
        var tiles: [[Tile]] = []
        for hash in leafHashes {
            builder.push(hash)
            for tile in builder.takeFilledTiles() {
                while tiles.count <= tile.level { tiles.append([]) }
                precondition(Int(tile.index) == tiles[tile.level].count)
                tiles[tile.level].append(tile)
            }
        }
        self.tiles = tiles
    }

    static func leaf(_ place: Int) -> [UInt8] {
        [UInt8(truncatingIfNeeded: place >> 16), UInt8(truncatingIfNeeded: place >> 8), UInt8(truncatingIfNeeded: place)]
    }

    /// - Parameter withTiles: without them everything is computed from leaves.
    func reader(size: Int, withTiles: Bool = true) -> TileReader {
        TileReader(
            size: UInt64(size),
            tile: { level, index in
                guard withTiles, (index + 1) << UInt64(8 * (level + 1)) <= UInt64(size) else { return nil }
                return tiles[level][Int(index)]
            },
            leaves: { range in range.map { TileShelf.leaf(Int($0)) } })
    }

    static let large = TileShelf(count: 66_200)
}
