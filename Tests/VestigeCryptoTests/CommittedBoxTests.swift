import Testing
import VestigeCrypto

@Suite struct CommittedBoxTests {
    let key = Randomness.bytes(32)
    let aad: [UInt8] = [1, 2, 3]

    private func seal(_ message: [UInt8], padding: Int? = 64, prefix: [UInt8] = [], nonce: [UInt8]? = nil) -> [UInt8] {
        key.withUnsafeBytes { CommittedBox.seal(message, key: $0, aad: aad, prefix: prefix, padding: padding, nonce: nonce) }
    }

    private func open(_ box: [UInt8], aad other: [UInt8]? = nil, padding: Int? = 64) throws -> [UInt8] {
        try key.withUnsafeBytes { key in try CommittedBox.open(box[...], key: key, aad: other ?? aad, padding: padding) }
    }

    @Test("a message of any length comes back", arguments: [0, 1, 63, 64, 65, 127, 128, 1000])
    func roundTrip(_ count: Int) throws {
        let message = Randomness.bytes(count)
        let box = seal(message)
        #expect(box.count == CommittedBox.byteCountMin + (count / 64 + 1) * 64)
        #expect(try open(box) == message)
        #expect(try open(seal(message, padding: nil), padding: nil) == message)
    }

    @Test("the prefix stands before the box, and two boxes of one message differ")
    func prefix() throws {
        let box = seal([9], prefix: [7, 8])
        #expect(box.prefix(2) == [7, 8])
        #expect(try open(Array(box.dropFirst(2))) == [9])
        #expect(seal([9]) != seal([9]))
    }

    @Test("any flipped bit, other associated data, another key or a cut refuses")
    func tampering() throws {
        let box = seal(Randomness.bytes(20))
        for position in box.indices {
            var bad = box
            bad[position] ^= 1
            #expect(throws: CryptoError.notAuthentic) { try open(bad) }
        }
        #expect(throws: CryptoError.notAuthentic) { try open(box, aad: [1, 2]) }
        #expect(throws: CryptoError.self) { try open(box.dropLast()) }
        #expect(throws: CryptoError.self) { try open([]) }
        let other = CommittedBoxTests()
        #expect(throws: CryptoError.notAuthentic) { try other.open(box) }
    }

    @Test("the commitment is BLAKE2b-256 under the key over nonce, tag and associated data; a wrong one refuses a good ciphertext")
    func commitment() throws {
        let nonce = [UInt8](repeating: 5, count: 24)
        let box = seal([1, 2, 3], nonce: nonce)
        let expected = key.withUnsafeBytes { KeyedHash.blake2b256(nonce + box.suffix(16) + aad, key: $0) }
        #expect(Array(box[24..<56]) == expected.bytes)
        // The ciphertext alone is authentic, so only the commitment can have refused.
        var bad = box
        bad.replaceSubrange(24..<56, with: [UInt8](repeating: 0, count: 32))
        let opened = key.withUnsafeBytes { try? AEAD.open(Array(bad[56...]), key: $0, nonce: nonce, aad: aad) }
        #expect(opened != nil)
        #expect(throws: CryptoError.notAuthentic) { try open(bad) }
    }

    @Test("the ciphertext is plain XChaCha20-Poly1305 of the padded message")
    func composition() {
        let nonce = Randomness.bytes(24)
        let padded: [UInt8] = [1, 2, 3, 0x80] + [UInt8](repeating: 0, count: 60)
        let ciphertext = key.withUnsafeBytes { AEAD.seal(padded, key: $0, nonce: nonce, aad: aad) }
        let box = seal([1, 2, 3], nonce: nonce)
        #expect(ciphertext == Array(box[56...]))
    }
}
