import Testing
import VestigeCrypto

@testable import VestigeTrail

@Suite("Checkpoints")
struct CheckpointTests {
    @Test("Those of tessera's test log verify, and say size and root", arguments: 0...15)
    func tessera(size: Int) throws {
        let checkpoint = try Checkpoint(verifying: TesseraLog.note(size: size), by: VerifierKey(TesseraLog.verifierKey))
        #expect(checkpoint.origin == "example.com/log/testdata")
        #expect(checkpoint.size == UInt64(size))
        #expect(checkpoint.root.base64 == TesseraLog.roots[size])
    }

    @Test("One of tessera's with the size or root of another does not verify", arguments: 1...15)
    func swapped(size: Int) throws {
        let key = try VerifierKey(TesseraLog.verifierKey)
        let note = TesseraLog.note(size: size)
        #expect(throws: TrailError.self) { try Checkpoint(verifying: note.replacing("\n\(size)\n", with: "\n\(size - 1)\n"), by: key) }
        let otherRoot = note.replacing(TesseraLog.roots[size], with: TesseraLog.roots[size - 1])
        #expect(throws: TrailError.self) { try Checkpoint(verifying: otherRoot, by: key) }
    }

    @Test("A signature borrowed from another name does not verify (the example of C2SP tlog-checkpoint)")
    func borrowed() throws {
        let sumGolang = try VerifierKey(NoteVectors.sumGolangKey)
        let borrowed = VerifierKey(name: "example.com/behind-the-sofa", publicKey: sumGolang.publicKey)
        for key in [sumGolang, borrowed] {
            #expect(throws: TrailError.self) { try Checkpoint(verifying: NoteVectors.borrowedCheckpoint, by: key) }
        }
    }

    @Test("What a signer signs verifies under its key and under no other")
    func roundTrip() throws {
        let signer = try CheckpointSigner(origin: "vestige.local/0011", key: .generate())
        let other = try CheckpointSigner(origin: "vestige.local/0011", key: .generate())
        let elsewhere = VerifierKey(name: "vestige.local/0022", publicKey: signer.verifierKey.publicKey)
        let head = TreeHead(size: 1_234_567, root: TreeHash.leaf([1]))
        let checkpoint = signer.sign(head)
        #expect(checkpoint.note.hasPrefix("vestige.local/0011\n1234567\n\(head.root.base64)\n\n— vestige.local/0011 "))
        #expect(try Checkpoint(verifying: checkpoint.note, by: signer.verifierKey) == checkpoint)
        #expect(try Checkpoint(verifying: checkpoint.note, by: VerifierKey(signer.verifierKey.description)).head == head)
        for key in [other.verifierKey, elsewhere] {
            #expect(throws: TrailError.self) { try Checkpoint(verifying: checkpoint.note, by: key) }
        }
    }

    @Test(
        "A text that is not a checkpoint is refused though it is signed",
        arguments: [
            "{o}\n5\n", "{o}\n5\n{r}", "{o}\n05\n{r}\n", "{o}\n+5\n{r}\n", "{o}\n-5\n{r}\n", "{o}\n5 \n{r}\n",
            "{o}\n18446744073709551616\n{r}\n",
            "{o}\n\n{r}\n", "{o}\n5\nAAAA\n", "{o}\n5\n{r}=\n", "other\n5\n{r}\n", "{r}\n5\n{o}\n",
        ])
    func notACheckpoint(template: String) throws {
        let origin = "vestige.local/0011"
        let key = try SigningKey.generate()
        let verifier = VerifierKey(name: origin, publicKey: key.publicKey)
        let text = template.replacing("{o}", with: origin).replacing("{r}", with: TreeHash.empty.base64)
        let line = SignedNote.line(name: origin, keyID: verifier.keyID, signature: key.sign(Array(text.utf8)))
        #expect(throws: TrailError.self) { try Checkpoint(verifying: text + "\n" + line, by: verifier) }
    }

    @Test("An origin that cannot be a key's name is refused", arguments: ["", "a b", "a+b", "a\nb", "a\u{A0}b"])
    func origin(name: String) {
        #expect(throws: TrailError.self) { try CheckpointSigner(origin: name, key: .generate()) }
    }
}
