import Testing
import VestigeCrypto
import VestigeTesting

@testable import VestigeTrail

@Suite("Names of a published tree")
struct TilePathTests {
    @Test("The paths are those of C2SP tlog-tiles")
    func paths() {
        // The specification's own example.
        #expect(TilePath.tile(level: 0, index: 1_234_067) == "tile/0/x001/x234/067")
        #expect(TilePath.tile(level: 0, index: 0) == "tile/0/000")
        #expect(TilePath.tile(level: 3, index: 999, width: 255) == "tile/3/999.p/255")
        #expect(TilePath.tile(level: 1, index: 1000, width: 1) == "tile/1/x001/000.p/1")
        #expect(TilePath.bundle(index: 273, width: 112) == "tile/entries/273.p/112")
        #expect(TilePath.bundle(index: 12_000_000) == "tile/entries/x012/x000/000")
        #expect(TilePath.partials(of: TilePath.tile(level: 0, index: 7)) == "tile/0/007.p")
    }

    @Test("Tiles and widths are those that the specification counts")
    func widths() {
        func counts(_ size: UInt64) -> [[Int]] {
            (0..<TreeSnapshot.levelCount(at: size)).map { level in
                let tiles = TreeSnapshot.tiles(atLevel: level, size: size)
                return [Int(tiles.full), tiles.partialWidth]
            }
        }
        // "a tree of size 70,000 will be represented by 273 full level 0 tiles, one partial level 0 tile of width 112, one full level 1
        // tile, one partial level 1 tile of width 17, and one partial level 2 tile of width 1"
        #expect(counts(70_000) == [[273, 112], [1, 17], [0, 1]])
        // "a tree of size 256 will be represented by a full level 0 tile and a partial level 1 tile of width 1"
        #expect(counts(256) == [[1, 0], [0, 1]])
        #expect(counts(0) == [] && counts(1) == [[0, 1]])
        #expect(TreeSnapshot.levelCount(at: .max) == 8)
    }

    @Test("A snapshot gives every tile of its size, and the leaves under it", arguments: [1, 255, 256, 600])
    func snapshot(size: Int) async throws {
        let fixture = try TrailFixture()
        try await fixture.append(size)
        let root = try await fixture.trail.checkpoint().root
        let (leaves, levels) = try await fixture.trail.withTree { tree in
            #expect(tree.checkpoint.size == UInt64(size))
            var leaves: [[UInt8]] = []
            var levels: [Int] = []
            for level in 0..<TreeSnapshot.levelCount(at: tree.checkpoint.size) {
                let (full, width) = TreeSnapshot.tiles(atLevel: level, size: tree.checkpoint.size)
                var count = 0
                for index in 0..<full + (width > 0 ? 1 : 0) {
                    count += try tree.hashes(level: level, index: index).count
                    if level == 0 { leaves += try tree.leaves(index: index) }
                }
                levels.append(count)
            }
            return (leaves, levels)
        }
        var builder = TreeBuilder()
        for leaf in leaves { builder.push(TreeHash.leaf(leaf)) }
        #expect(builder.root == root && leaves.count == size)
        #expect(levels == [size, size / 256].filter { $0 > 0 })
    }

    @Test("Nothing is given out of a tree that its tiles do not lead to, or of leaves that their tile does not know")
    func damaged() async throws {
        let fixture = try TrailFixture()
        try await fixture.append(600)
        fixture.store.mutate { $0.leaves[3]?[40] ^= 1 }
        await #expect(throws: TrailError.self) { _ = try await fixture.trail.withTree { try $0.leaves(index: 0).count } }
        #expect(try await fixture.trail.withTree { try $0.leaves(index: 1).count } == 256)
        fixture.store.mutate { $0.leaves[599]?[40] ^= 1 }
        await #expect(throws: TrailError.self) { try await fixture.trail.withTree { _ in } }
    }
}
