import Foundation
import Testing
import VestigeCrypto

@testable import VestigeTrail

@Suite("Signed notes")
struct SignedNoteTests {
    @Test("The example of C2SP signed-note and golang.org/x/mod's verify")
    func examples() throws {
        let example = try SignedNote(NoteVectors.exampleNote)
        #expect(example.text == NoteVectors.exampleText)
        #expect(try example.isSigned(by: VerifierKey(NoteVectors.exampleKey)))
        let peter = try SignedNote(NoteVectors.peterNote)
        #expect(peter.text == NoteVectors.peterText)
        #expect(try peter.isSigned(by: VerifierKey(NoteVectors.peterKey)))
        #expect(try !peter.isSigned(by: VerifierKey(NoteVectors.exampleKey)))
    }

    @Test("Signing gives golang.org/x/mod's signature, byte for byte")
    func sign() throws {
        let raw = try #require(Base64.decode(NoteVectors.peterSeed))
        let key = try SigningKey(seed: SecretKey { memory in memory.copyBytes(from: raw[1...]) })
        let verifier = VerifierKey(name: "PeterNeumann", publicKey: key.publicKey)
        #expect(verifier.description == NoteVectors.peterKey)
        let signature = key.sign(Array(NoteVectors.peterText.utf8))
        let line = SignedNote.line(name: "PeterNeumann", keyID: verifier.keyID, signature: signature)
        #expect(line == "— PeterNeumann \(NoteVectors.peterSignature)\n")
    }

    @Test("A changed text or signature is a bad signature")
    func changed() throws {
        let key = try VerifierKey(NoteVectors.exampleKey)
        let forged = try SignedNote(NoteVectors.exampleNote.replacing("example message", with: "forged message"))
        #expect(throws: TrailError.badSignature(name: "example.com/foo")) { try forged.isSigned(by: key) }
        let flipped = try SignedNote(NoteVectors.exampleNote.replacing("yaQM=", with: "yaQI="))
        #expect(throws: TrailError.badSignature(name: "example.com/foo")) { try flipped.isSigned(by: key) }
    }

    @Test("Signatures of others beside a good one do not matter")
    func others() throws {
        let both = NoteVectors.exampleNote + "— witness.example AAAAAAECAwQF\n"
        #expect(try SignedNote(both).isSigned(by: VerifierKey(NoteVectors.exampleKey)))
        #expect(try SignedNote(both).signatures.map(\.name) == ["example.com/foo", "witness.example"])
    }

    @Test(
        "What is not a signed note is refused",
        arguments: [
            "", "\n", "\n\n", "text", "text\n", "text\n\n", "text\n\nno dash\n", NoteVectors.exampleText,
            String(NoteVectors.exampleNote.dropFirst(28)),
            String(NoteVectors.exampleNote.dropLast()), NoteVectors.exampleNote + "\n", NoteVectors.exampleNote + "tail",
            NoteVectors.exampleNote.replacing("\n", with: "\r\n"), NoteVectors.exampleNote.replacing(".\n\n", with: ".\n"),
            NoteVectors.exampleNote.replacing("— ", with: "- "), NoteVectors.exampleNote.replacing("— ", with: "—  "),
            NoteVectors.exampleNote.replacing("yaQM=", with: "yaQM"), NoteVectors.exampleNote.replacing("yaQM=", with: "yaQN="),
            NoteVectors.exampleNote.replacing("This", with: "\u{1}This"), NoteVectors.exampleNote.replacing("This", with: "\tThis"),
            NoteVectors.exampleText + "\n— example.com/foo AAAA\n", NoteVectors.exampleText + "\n— example.com+foo AAAAAAAA\n",
        ])
    func malformed(note: String) {
        #expect(throws: TrailError.self) { try SignedNote(note) }
    }

    @Test("A text may hold empty lines: the last one divides")
    func emptyLines() throws {
        let note = try SignedNote("one\n\ntwo\n\n— example.com/foo AAAAAAAA\n")
        #expect(note.text == "one\n\ntwo\n")
    }

    @Test("A note over a million bytes is refused")
    func long() {
        let text = String(repeating: "a", count: SignedNote.byteCountMax)
        #expect(throws: TrailError.self) { try SignedNote(text + "\n\n— example.com/foo AAAAAAAA\n") }
    }
}

@Suite("Verifier keys")
struct VerifierKeyTests {
    @Test(
        "Keys of other implementations come back",
        arguments: [
            NoteVectors.exampleKey, NoteVectors.peterKey, NoteVectors.sumGolangKey, TesseraLog.verifierKey,
        ])
    func roundTrip(text: String) throws {
        #expect(try VerifierKey(text).description == text)
    }

    @Test("Every part of a key, and a key with one character changed, is refused")
    func mangled() {
        let bytes = Array(NoteVectors.peterKey.utf8)
        for start in 0...bytes.count {
            for end in start...bytes.count where end - start < bytes.count {
                #expect(throws: TrailError.self) { try VerifierKey(String(decoding: bytes[start..<end], as: UTF8.self)) }
            }
        }
        for place in bytes.indices {
            var changed = bytes
            changed[place] += 1
            #expect(throws: TrailError.self) { try VerifierKey(String(decoding: changed, as: UTF8.self)) }
        }
    }

    @Test(
        "A key of another algorithm or length is refused though its id fits",
        arguments: [
            NoteVectors.ecdsaKey,
            "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
            "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
            NoteVectors.peterKey.replacing("c74f20a3", with: "C74F20A3"),
            "Peter Neumann" + NoteVectors.peterKey.dropFirst(12),
        ])
    func refused(text: String) {
        #expect(throws: TrailError.self) { try VerifierKey(text) }
    }
}
