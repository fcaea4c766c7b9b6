import Foundation
import Testing
import VestigeCrypto

@Suite struct WycheproofTests {
    @Test("XChaCha20-Poly1305 opens and seals the committed Wycheproof cases, and refuses the bad ones")
    func aead() throws {
        let vectors = try JSONDecoder().decode(AEADVectors.self, from: VectorFile.committed("wycheproof-xchacha20-poly1305.json"))
        #expect(vectors.count == 80)
        #expect(vectors.failures() == [])
    }

    @Test("XChaCha20-Poly1305 agrees with all of Wycheproof, where it is at hand")
    func allOfAEAD() throws {
        guard let data = try VectorFile.full("wycheproof-xchacha20_poly1305_test.json") else { return }
        let vectors = try JSONDecoder().decode(AEADVectors.self, from: data)
        #expect(vectors.count >= 300)
        #expect(vectors.failures() == [])
    }

    @Test("Ed25519 accepts and refuses the committed Wycheproof cases as it should")
    func signatures() throws {
        let vectors = try JSONDecoder().decode(SignatureVectors.self, from: VectorFile.committed("wycheproof-ed25519.json"))
        #expect(vectors.count == 80)
        #expect(vectors.failures() == [])
    }

    @Test("Ed25519 agrees with all of Wycheproof, where it is at hand")
    func allOfSignatures() throws {
        guard let data = try VectorFile.full("wycheproof-ed25519_test.json") else { return }
        let vectors = try JSONDecoder().decode(SignatureVectors.self, from: data)
        #expect(vectors.count >= 150)
        #expect(vectors.failures() == [])
    }

    @Test("keyed BLAKE2b-256 agrees with the reference code")
    func keyedHash() throws {
        let vectors = try JSONDecoder().decode(KeyedHashVectors.self, from: VectorFile.committed("blake2b256-keyed.json"))
        let key = [UInt8](0..<32)
        for vector in vectors.cases {
            let message = (0..<vector.count).map { UInt8($0 % 256) }
            #expect(key.withUnsafeBytes { KeyedHash.blake2b256(message, key: $0).hex } == vector.hash)
        }
    }
}
