import Testing
import VestigeCrypto
import VestigeTesting

@testable import VestigeTrail

@Suite("Cosignatures")
struct CosignatureTests {
    /// The text of the example of C2SP tlog-cosignature.
    private static let text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    /// By the key of golang.org/x/mod, sumdb/note (see ``NoteVectors``); computed with openssl 3.0, `pkeyutl -sign -rawin`.
    private static let key = "witness.example.com/w1+d46a2b1b+BBpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    private static let line =
        "— witness.example.com/w1 "
        + "1GorGwAAAABkGFDLJeR//pqzhnEKVvEm2wWbh2RJ6oru5+cUUfm5X9NnlaGr8aSH9QE5RVZD4QGlxl2F5UpVIIi94p178KLfqPPsAA==\n"
    /// The specification's own example, by a key that it does not tell.
    private static let foreign =
        "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"

    @Test("A key is read and written as its operator publishes it")
    func keys() throws {
        // transparency-dev/formats 091ce41, note_cosigv1_test.go (BSD-3-Clause).
        let remora = "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2"
        let key = try WitnessKey(remora)
        #expect(key.name == "remora.n621.de" && key.keyIDHex == "da77ade7" && "\(key)" == remora)
        #expect("\(try WitnessKey(Self.key))" == Self.key)
        let refused = [
            "remora.n621.de+da77ade7", remora.replacing("da77ade7", with: "da77ade8"), remora.replacing("+BO", with: "+AO"),
            "a b" + remora, "", "rekor.sigstore.dev+12345678+THIS_IS_NOT_BASE64!", NoteVectors.peterKey, "x+00000000+BA==",
        ]
        for text in refused { #expect(throws: TrailError.self, "\(text)") { try WitnessKey(text) } }
    }

    @Test("A line by the key is good under its text and tells its time")
    func good() throws {
        let found = try Cosignature.newest(in: SignedNote.signatures(in: Self.line), of: Self.text, by: WitnessKey(Self.key))
        #expect(found == Cosignature(seconds: 1_679_315_147, line: Self.line))
    }

    @Test("Lines by other keys are passed over, whatever they say")
    func others() throws {
        let key = try WitnessKey(Self.key)
        let signatures = try SignedNote.signatures(in: Self.foreign + Self.line + "— somebody.example AAAAAAAA\n")
        #expect(try Cosignature.newest(in: signatures, of: Self.text, by: key)?.seconds == 1_679_315_147)
        #expect(try Cosignature.newest(in: SignedNote.signatures(in: Self.foreign), of: Self.text, by: key) == nil)
    }

    @Test("A line that claims to be by the key and is not is refused: another text, time, root, or a cut signature")
    func bad() throws {
        let key = try WitnessKey(Self.key)
        let good = try SignedNote.signatures(in: Self.line)
        for text in [Self.text + "extension\n", Self.text.replacing("20852163", with: "20852164"), ""] {
            #expect(throws: TrailError.badSignature(name: key.name)) { try Cosignature.newest(in: good, of: text, by: key) }
        }
        let signature = good[0]
        for bytes in [[1] + signature.signature.dropFirst(), signature.signature.dropLast(), [], [0x80] + signature.signature.dropFirst()] {
            let line = SignedNote.line(name: signature.name, keyID: signature.keyID, signature: [UInt8](bytes))
            guard let changed = try? SignedNote.signatures(in: line) else { continue }
            #expect(throws: TrailError.badSignature(name: key.name)) { try Cosignature.newest(in: changed, of: Self.text, by: key) }
        }
    }

    @Test("Of several by one key the newest counts")
    func newest() throws {
        let signer = try SigningKey.generate()
        let key = WitnessKey(name: "w", publicKey: signer.publicKey)
        let lines = [UInt64(5), 9, 7].map { seconds in
            Cosignature.line(by: key, seconds: seconds, signature: signer.sign(Cosignature.message(text: Self.text, seconds: seconds)))
        }
        let found = try Cosignature.newest(in: SignedNote.signatures(in: lines.joined()), of: Self.text, by: key)
        #expect(found == Cosignature(seconds: 9, line: lines[1]))
    }

    @Test(
        "What is no signature lines is refused",
        arguments: ["", "hello\n", "— w1\n", "— w1 AAAAAAAA", "\n", "— w1 AAAAAAAA\n\n— w1 AAAAAAAA\n"])
    func malformed(text: String) {
        #expect(throws: TrailError.self) { try SignedNote.signatures(in: text) }
    }

    @Test("A kept checkpoint gives its lines back; a line that is not good is found, and so is one that stands under nothing")
    func kept() async throws {
        let fixture = try TrailFixture()
        try await fixture.append(3)
        let signer = try SigningKey.generate()
        let key = WitnessKey(name: "w.example/1", publicKey: signer.publicKey)
        let checkpoint = try await fixture.trail.checkpoint()
        #expect(try await fixture.trail.newestCosigned(by: [key]) == nil)
        let text = try SignedNote(checkpoint.note).text
        let signature = signer.sign(Cosignature.message(text: text, seconds: 5))
        let line = Cosignature.line(by: key, seconds: 5, signature: signature)
        try await fixture.trail.keep(checkpoint, cosignatures: [Cosignature(seconds: 5, line: line)])
        try await fixture.append(2)
        #expect(try await fixture.trail.cosigned(checkpoint) { [key] } == checkpoint.note + line)
        #expect(try await fixture.trail.newestCosigned(by: [key])?.note == checkpoint.note + line)
        #expect(try await fixture.trail.cosignatureFindings { [key] } == [])
        // Nobody is known: nothing is given out, and who made the line nobody can say.
        #expect(try await fixture.trail.cosigned(checkpoint) { [] } == checkpoint.note)
        #expect(try await fixture.trail.newestCosigned(by: []) == nil)
        #expect(try await fixture.trail.cosignatureFindings { [] }.map(\.kind) == [.stray])
        #expect(try await fixture.expectIntact())
        let bad = Cosignature.line(by: key, seconds: 6, signature: signature)
        fixture.store.mutate { contents in
            contents.cosignatures[3]?.insert(bad)
            // None is kept there: it is not of the first commit of an hour.
            contents.cosignatures[4] = [line]
        }
        #expect(try await fixture.trail.cosigned(checkpoint) { [key] } == checkpoint.note + line)
        let found = try await fixture.trail.cosignatureFindings { [key] }
        #expect(found.count == 1 && found[0].kind == .checkpoint && found[0].message.contains("of size 3"))
        let stray = TrailFinding(.stray, seq: nil, "a cosignature of size 4 stands under no kept checkpoint")
        #expect(try await fixture.trail.verify().findings == [stray])
    }
}
