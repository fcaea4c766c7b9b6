import Foundation
import Testing
import VestigeCrypto
import VestigeTesting

@testable import VestigeTrail

@Suite("Consistency proofs")
struct ConsistencyProofTests {
    /// What `vector` says, or false where it holds no hashes at all.
    private func verifies(_ vector: ConsistencyVector) -> Bool {
        let hashes = vector.proof.compactMap { Bytes32(base64: $0) }
        // Some roots there are words, good for nothing but to be compared.
        let roots = [vector.oldRoot, vector.newRoot].map { Bytes32(base64: $0) ?? sha256(Base64.decode($0) ?? []) }
        guard hashes.count == vector.proof.count else { return false }
        let (oldRoot, newRoot) = (roots[0], roots[1])
        return ConsistencyProof(oldSize: vector.oldSize, hashes: hashes).verifies(
            from: TreeHead(size: vector.oldSize, root: oldRoot), to: TreeHead(size: vector.newSize, root: newRoot))
    }

    @Test("Chosen vectors of transparency-dev/merkle", arguments: ConsistencyVector.some)
    func vectors(vector: ConsistencyVector) {
        #expect(verifies(vector) == vector.isGood)
    }

    private static let folder = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
    private static let file = folder.appending(path: "../../../../shared/vectors/merkle-proofs.json").standardizedFileURL

    private struct Vectors: Decodable {
        struct Consistency: Decodable {
            let name: String
            let size1: UInt64
            let size2: UInt64
            let root1: String?
            let root2: String?
            let proof: [String]?
            let wantErr: Bool
        }
        let consistency: [Consistency]
    }

    @Test(
        "All vectors of transparency-dev/merkle",
        .enabled(if: FileManager.default.fileExists(atPath: file.path), "the folder of public vectors is not beside this checkout"))
    func allVectors() throws {
        let vectors = try JSONDecoder().decode(Vectors.self, from: Data(contentsOf: Self.file)).consistency
        #expect(vectors.count == 98)
        for vector in vectors {
            let mine = ConsistencyVector(
                name: vector.name, oldSize: vector.size1, newSize: vector.size2, isGood: !vector.wantErr, oldRoot: vector.root1 ?? "",
                newRoot: vector.root2 ?? "", proof: vector.proof ?? [])
            #expect(verifies(mine) == mine.isGood, "\(mine.name)")
        }
    }

    @Test("Every tree up to 40 is proved to begin every larger one, by the proof of RFC 6962; no other pair of sizes is")
    func small() throws {
        let shelf = TileShelf.large
        var naive = NaiveTree(Array(shelf.leafHashes[..<50]))
        let heads = (0...42).map { TreeHead(size: UInt64($0), root: naive.root(0..<$0)) }
        for new in 1...40 {
            var reader = shelf.reader(size: new)
            for old in 1...new {
                let hashes = try reader.consistency(from: UInt64(old))
                #expect(hashes == naive.consistency(from: old, in: 0..<new, isWhole: true))
                // Of every pair of sizes and every claim, only the true one holds.
                var held: [[Int]] = []
                for claimed in 1...new {
                    let proof = ConsistencyProof(oldSize: UInt64(claimed), hashes: hashes)
                    for end in new...new + 1 where proof.verifies(from: heads[claimed], to: heads[end]) { held.append([claimed, end]) }
                }
                #expect(held == [[old, new]])
                let other = TreeHead(size: UInt64(new), root: heads[new + 1].root)
                #expect(!ConsistencyProof(oldSize: UInt64(old), hashes: hashes).verifies(from: heads[old], to: other))
            }
            #expect(try reader.consistency(from: 0) == [])
            #expect(!ConsistencyProof(oldSize: 0, hashes: []).verifies(from: heads[0], to: heads[new]))
        }
    }

    @Test("Large trees are proved from tiles in few reads; a changed, missing or added hash proves nothing")
    func large() throws {
        let shelf = TileShelf.large
        var seed = Seeded(18)
        for new in [256, 257, 511, 65_536, 65_537, 66_200] {
            var whole = shelf.reader(size: new)
            let head = try whole.edge().head
            for old in [1, 2, 255, 256, new / 2, new - 1].filter({ $0 < new }) + (0..<8).map({ _ in Int.random(in: 1..<new, using: &seed) })
            {
                var oldReader = shelf.reader(size: old)
                let oldHead = try oldReader.edge().head
                var reader = shelf.reader(size: new)
                let hashes = try reader.consistency(from: UInt64(old))
                #expect(hashes.count <= 2 * 17)
                func holds(_ hashes: [Bytes32]) -> Bool {
                    ConsistencyProof(oldSize: UInt64(old), hashes: hashes).verifies(from: oldHead, to: head)
                }
                #expect(holds(hashes))
                for place in hashes.indices {
                    var (changed, shorter, longer) = (hashes, hashes, hashes)
                    changed[place] = seed.bytes32()
                    shorter.remove(at: place)
                    longer.insert(hashes[place], at: place)
                    #expect(!holds(changed) && !holds(shorter) && !holds(longer), "\(old) to \(new), hash \(place)")
                }
                #expect(!holds(hashes + [head.root]))
            }
        }
    }

    @Test("The text is that of a witness request")
    func text() throws {
        let signer = try CheckpointSigner(origin: "example.org/trail", key: .generate())
        let hashes = Array(TileShelf.large.leafHashes[..<2])
        let checkpoint = signer.sign(TreeHead(size: 3, root: hashes[0]))
        let text = ConsistencyProof(oldSize: 2, hashes: hashes).text(checkpoint: checkpoint)
        #expect(text == "old 2\n\(hashes[0].base64)\n\(hashes[1].base64)\n\n\(checkpoint.note)")
        #expect(ConsistencyProof(oldSize: 0, hashes: []).text(checkpoint: checkpoint) == "old 0\n\n\(checkpoint.note)")
    }

    @Test("A trail proves what it was, and nothing about what it never was or what its tiles no longer say")
    func trail() async throws {
        let fixture = try TrailFixture()
        var heads: [TreeHead] = []
        for count in [1, 255, 44, 300] {
            try await fixture.append(count)
            heads.append(try await fixture.trail.checkpoint().head)
        }
        for old in heads {
            let (proof, checkpoint) = try await fixture.trail.consistencyProof(from: old.size)
            #expect(checkpoint.size == 600 && proof.verifies(from: old, to: checkpoint.head))
        }
        #expect(try await fixture.trail.consistencyProof(from: 0).proof.hashes == [])
        await #expect(throws: TrailError.beyond(size: 600, asked: 601)) { _ = try await fixture.trail.consistencyProof(from: 601) }
        fixture.store.mutate { contents in
            contents.tiles[TileName(level: 0, index: 0)] = Tile(
                level: 0, index: 0, hashes: [Bytes32](repeating: TreeHash.empty, count: 256))
        }
        await #expect(throws: TrailError.self) { _ = try await fixture.trail.consistencyProof(from: 300) }
    }
}
