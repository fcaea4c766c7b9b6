import Testing
import VestigeCrypto

@testable import VestigeTrail

@Suite("The growing edge")
struct TreeBuilderTests {
    @Test("Its root is that of the recursion in RFC 6962, for sizes 0 to 600 and around 65,536")
    func roots() {
        let hashes = TileShelf.large.leafHashes
        var naive = NaiveTree(hashes)
        var builder = TreeBuilder()
        for size in 0...65_800 {
            if size <= 600 || size >= 65_535 { #expect(builder.root == naive.root(0..<size), "size \(size)") }
            builder.push(hashes[size])
            _ = builder.takeFilledTiles()
        }
    }

    @Test("Tiles come out when they are full, once, with the hashes of their level")
    func tiles() {
        let hashes = TileShelf.large.leafHashes
        var naive = NaiveTree(hashes)
        var builder = TreeBuilder()
        var expected: [[UInt64]] = [[], []]
        for size in 1...65_536 {
            builder.push(hashes[size - 1])
            let tiles = builder.takeFilledTiles()
            #expect(builder.takeFilledTiles().isEmpty)
            guard size % 256 == 0 else {
                #expect(tiles.isEmpty)
                continue
            }
            for tile in tiles {
                expected[tile.level].append(tile.index)
                let width = tile.level == 0 ? 1 : 256
                let first = Int(tile.index) * 256 * width
                for (place, hash) in tile.hashes.enumerated() where place % 85 == 0 {
                    #expect(hash == naive.root(first + place * width..<first + (place + 1) * width))
                }
            }
        }
        #expect(expected == [Array(0..<256), [0]])
    }

    @Test(
        "An edge read from tiles is the edge that grew, and grows on as it would have",
        arguments: [
            0, 1, 2, 3, 7, 128, 255, 256, 257, 300, 511, 512, 513, 768, 1000, 4096, 32_768, 65_279, 65_280, 65_535, 65_536, 65_537, 65_792,
            65_793,
        ])
    func edge(size: Int) throws {
        let shelf = TileShelf.large
        var grown = TreeBuilder()
        for hash in shelf.leafHashes[..<size] { grown.push(hash) }
        _ = grown.takeFilledTiles()
        for withTiles in [true, false] {
            var reader = shelf.reader(size: size, withTiles: withTiles)
            var edge = try reader.edge()
            var reference = grown
            #expect(edge.head == reference.head)
            for hash in shelf.leafHashes[size..<min(size + 300, shelf.leafHashes.count)] {
                edge.push(hash)
                reference.push(hash)
                #expect(edge.takeFilledTiles() == reference.takeFilledTiles())
                if edge.size % 37 == 0 { #expect(edge.root == reference.root) }
            }
            #expect(edge.head == reference.head)
        }
    }

    @Test("An edge that lacks leaves says so")
    func missing() {
        var reader = TileReader(size: 300, tile: { _, _ in nil }, leaves: { range in range.dropLast().map { TileShelf.leaf(Int($0)) } })
        #expect(throws: TrailError.self) { try reader.edge() }
        #expect(throws: TrailError.self) { try reader.path(to: 3) }
    }

    @Test("A whole tile is pushed as its 256 leaves are")
    func wholeTiles() {
        let hashes = Array(TileShelf.large.leafHashes[..<66_100])
        var (slow, fast) = (TreeBuilder(), TreeBuilder())
        var filled: [[Tile]] = [[], []]
        for start in stride(from: 0, to: hashes.count, by: Tile.width) {
            let tile = hashes[start..<min(start + Tile.width, hashes.count)]
            for hash in tile { slow.push(hash) }
            if tile.count == Tile.width, start % 1024 != 512 {
                fast.push(tile: Array(tile), root: TreeHash.root(of: tile))
            } else {
                for hash in tile { fast.push(hash) }
            }
            filled[0] += slow.takeFilledTiles()
            filled[1] += fast.takeFilledTiles()
            #expect(fast.head == slow.head)
        }
        #expect(filled[0] == filled[1] && filled[0].count == 259)
    }
}
