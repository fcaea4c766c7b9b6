import Foundation
import Testing
import VestigeCrypto

@testable import VestigeTrail

@Suite("Inclusion proofs")
struct InclusionProofTests {
    /// What `vector` says, or false where it holds no hashes at all.
    private func verifies(_ vector: InclusionVector) -> Bool {
        let hashes = vector.proof.compactMap { Bytes32(base64: $0) }
        guard let root = Bytes32(base64: vector.root), let leafHash = Bytes32(base64: vector.leafHash), hashes.count == vector.proof.count
        else {
            return false
        }
        return InclusionProof(index: vector.index, hashes: hashes).verifies(leafHash: leafHash, in: TreeHead(size: vector.size, root: root))
    }

    @Test("Chosen vectors of transparency-dev/merkle", arguments: InclusionVector.some)
    func vectors(vector: InclusionVector) {
        #expect(verifies(vector) == vector.isGood)
    }

    private static let folder = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
    private static let file = folder.appending(path: "../../../../shared/vectors/merkle-proofs.json").standardizedFileURL

    private struct Vectors: Decodable {
        struct Inclusion: Decodable {
            let name: String
            let leafIdx: UInt64
            let treeSize: UInt64
            let root: String?
            let leafHash: String?
            let proof: [String]?
            let wantErr: Bool
        }
        let inclusion: [Inclusion]
    }

    @Test(
        "All vectors of transparency-dev/merkle",
        .enabled(if: FileManager.default.fileExists(atPath: file.path), "the folder of public vectors is not beside this checkout"))
    func allVectors() throws {
        let vectors = try JSONDecoder().decode(Vectors.self, from: Data(contentsOf: Self.file)).inclusion
        #expect(vectors.count == 98)
        for vector in vectors {
            let mine = InclusionVector(
                name: vector.name, index: vector.leafIdx, size: vector.treeSize, isGood: !vector.wantErr, root: vector.root ?? "",
                leafHash: vector.leafHash ?? "", proof: vector.proof ?? [])
            #expect(verifies(mine) == mine.isGood, "\(mine.name)")
        }
    }

    @Test("Every leaf of every tree up to 70 is proved, by the path of RFC 6962; nothing else is")
    func small() throws {
        let shelf = TileShelf.large
        var naive = NaiveTree(Array(shelf.leafHashes[..<80]))
        for size in 1...70 {
            let head = TreeHead(size: UInt64(size), root: naive.root(0..<size))
            var reader = shelf.reader(size: size)
            for index in 0..<size {
                let hashes = try reader.path(to: UInt64(index))
                #expect(hashes == naive.path(to: index, in: 0..<size))
                let leafHash = shelf.leafHashes[index]
                #expect(InclusionProof(index: UInt64(index), hashes: hashes).verifies(leafHash: leafHash, in: head))
                for other in 0..<size + 3 where other != index {
                    #expect(!InclusionProof(index: UInt64(other), hashes: hashes).verifies(leafHash: leafHash, in: head))
                }
                #expect(!InclusionProof(index: UInt64(index), hashes: hashes).verifies(leafHash: shelf.leafHashes[index + 1], in: head))
            }
        }
    }

    @Test("Large trees prove their leaves from tiles; a changed, missing or added hash proves nothing")
    func large() throws {
        let shelf = TileShelf.large
        var seed = Seeded(8)
        for size in [255, 256, 257, 511, 513, 65_535, 65_536, 65_537, 66_200] {
            var reader = shelf.reader(size: size)
            let head = try reader.edge().head
            for index in [0, 1, 254, size / 2, size - 2, size - 1] + (0..<10).map({ _ in Int.random(in: 0..<size, using: &seed) }) {
                let hashes = try reader.path(to: UInt64(index))
                let leafHash = shelf.leafHashes[index]
                func holds(_ hashes: [Bytes32]) -> Bool {
                    InclusionProof(index: UInt64(index), hashes: hashes).verifies(leafHash: leafHash, in: head)
                }
                #expect(holds(hashes))
                for place in hashes.indices {
                    var changed = hashes
                    changed[place] = seed.bytes32()
                    #expect(!holds(changed))
                    changed = hashes
                    changed.remove(at: place)
                    #expect(!holds(changed))
                    changed = hashes
                    changed.insert(hashes[place], at: place)
                    #expect(!holds(changed))
                }
                #expect(!holds(hashes + [head.root]))
                #expect(!InclusionProof(index: UInt64(index ^ 1), hashes: hashes).verifies(leafHash: leafHash, in: head))
            }
        }
    }

    @Test("The text is that of C2SP tlog-proof, with the checkpoint below")
    func text() throws {
        let signer = try CheckpointSigner(origin: "example.org/trail", key: .generate())
        let hashes = Array(TileShelf.large.leafHashes[..<2])
        let checkpoint = signer.sign(TreeHead(size: 3, root: hashes[0]))
        let text = InclusionProof(index: 2, hashes: hashes).text(checkpoint: checkpoint)
        let expected = "c2sp.org/tlog-proof@v1\nindex 2\n\(hashes[0].base64)\n\(hashes[1].base64)\n\n\(checkpoint.note)"
        #expect(text == expected)
        #expect(
            InclusionProof(index: 0, hashes: []).text(checkpoint: checkpoint) == "c2sp.org/tlog-proof@v1\nindex 0\n\n\(checkpoint.note)")
    }
}
