import Testing
import VestigeCrypto

@testable import VestigeTrail

@Suite("Hashes of the tree")
struct TreeHashTests {
    @Test("Roots of the reference tree are those of Certificate Transparency", arguments: 0...8)
    func referenceRoots(size: Int) {
        var builder = TreeBuilder()
        for leaf in ReferenceTree.leaves[..<size] { builder.push(TreeHash.leaf(leaf)) }
        #expect(builder.root.hex == ReferenceTree.roots[size])
        #expect(TreeHash.root(of: ReferenceTree.leaves[..<size].map(TreeHash.leaf)[...]).hex == ReferenceTree.roots[size])
    }

    @Test("Leaf, node and empty tree are hashed as RFC 6962 says")
    func single() throws {
        #expect(TreeHash.leaf(Array("L123456".utf8)).hex == ReferenceTree.leafL123456)
        // The node's vector is over strings, which are no hashes: it holds for the prefix only.
        #expect(sha256([1] + Array("N123".utf8) + Array("N456".utf8)).hex == ReferenceTree.nodeN123N456)
        var seed = Seeded(6)
        let (left, right) = (seed.bytes32(), seed.bytes32())
        #expect(TreeHash.node(left, right) == sha256([1] + left.bytes + right.bytes))
        #expect(TreeHash.empty == sha256([]))
        #expect(TreeHead.empty == TreeHead(size: 0, root: TreeHash.empty))
    }

    @Test("Roots of tessera's test log are those it signed", arguments: 0...15)
    func tesseraRoots(size: Int) {
        var builder = TreeBuilder()
        for leaf in TesseraLog.leaves[..<size] { builder.push(TreeHash.leaf(Array(leaf.utf8))) }
        #expect(builder.root.base64 == TesseraLog.roots[size])
    }

    @Test("A tile is 8,192 bytes and comes back")
    func tile() {
        var seed = Seeded(7)
        let tile = Tile(level: 1, index: 3, hashes: (0..<256).map { _ in seed.bytes32() })
        let bytes = tile.encoded()
        #expect(bytes.count == Tile.byteCount)
        #expect(Tile(level: 1, index: 3, decoding: bytes) == tile)
        #expect(Tile(level: 1, index: 3, decoding: Array(bytes.dropLast())) == nil)
        #expect(Tile(level: 1, index: 3, decoding: bytes + [0]) == nil)
    }
}
