import CSodium

/// XChaCha20-Poly1305 that commits to its key: `nonce 24 ‖ commitment 32 ‖ ciphertext` (tag last).
///
/// The cipher alone can be made to open under two keys. The commitment is the one of libsodium's documentation: BLAKE2b-256 keyed by the
/// key over `nonce ‖ tag ‖ associated data`; it is compared in constant time before anything is decrypted.
/// <https://doc.libsodium.org/secret-key_cryptography/aead#robustness>
public enum CommittedBox {
    public static let commitmentByteCount = 32
    private static let ciphertextOffset = AEAD.nonceByteCount + commitmentByteCount

    /// The fewest bytes that a box can have: nonce, commitment and tag.
    public static let byteCountMin = ciphertextOffset + AEAD.tagByteCount

    /// `prefix` followed by the box. About 2 µs for 300 bytes.
    ///
    /// - Parameters:
    ///   - prefix: written before the box as it is; what of it matters belongs into `aad` too.
    ///   - padding: pads the message to a multiple of so many bytes first (ISO/IEC 7816-4, at least one byte); `nil` keeps its length.
    ///   - nonce: 24 bytes for test vectors; otherwise random.
    public static func seal(
        _ message: [UInt8], key: UnsafeRawBufferPointer, aad: [UInt8], prefix: [UInt8] = [], padding: Int? = nil, nonce: [UInt8]? = nil
    ) -> [UInt8] {
        let paddedCount = padding.map { message.count + ($0 - message.count % $0) } ?? message.count
        let start = prefix.count
        let count = start + ciphertextOffset + paddedCount + AEAD.tagByteCount
        return [UInt8](unsafeUninitializedCapacity: count) { output, initialised in
            let bytes = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(output)[..<count])
            let nonceArea = slice(bytes, start, AEAD.nonceByteCount)
            let body = slice(bytes, start + ciphertextOffset, paddedCount + AEAD.tagByteCount)
            bytes.copyBytes(from: prefix)
            if let nonce { nonceArea.copyBytes(from: nonce) } else { Randomness.fill(nonceArea) }
            body.copyBytes(from: message)
            if paddedCount > message.count {
                slice(body, message.count, paddedCount - message.count).initializeMemory(as: UInt8.self, repeating: 0)
                body[message.count] = 0x80
            }
            AEAD.seal(
                UnsafeRawBufferPointer(rebasing: body[..<paddedCount]), key: key, nonce: UnsafeRawBufferPointer(nonceArea), aad: aad,
                into: body)
            let commitment = commit(nonce: UnsafeRawBufferPointer(nonceArea), ciphertext: UnsafeRawBufferPointer(body), aad: aad, key: key)
            commitment.withBytes { slice(bytes, start + AEAD.nonceByteCount, commitmentByteCount).copyMemory(from: $0) }
            initialised = count
        }
    }

    /// The message of `box`, without its padding.
    ///
    /// - Throws: ``CryptoError/wrongLength(expected:actual:)`` if it is too short, ``CryptoError/notAuthentic`` for any other doubt.
    public static func open(
        _ box: ArraySlice<UInt8>, key: UnsafeRawBufferPointer, aad: [UInt8], padding: Int? = nil
    ) throws(CryptoError) -> [UInt8] {
        guard box.count >= byteCountMin else { throw .wrongLength(expected: byteCountMin, actual: box.count) }
        var message = [UInt8](repeating: 0, count: box.count - byteCountMin)
        let valid = message.withUnsafeMutableBytes { output in
            box.withUnsafeBytes { bytes in decrypt(bytes, key: key, aad: aad, into: output) }
        }
        guard valid else { throw .notAuthentic }
        if let padding {
            guard let count = unpaddedCount(message, padding) else { throw .notAuthentic }
            message.removeLast(message.count - count)
        }
        return message
    }

    private static func decrypt(
        _ box: UnsafeRawBufferPointer, key: UnsafeRawBufferPointer, aad: [UInt8], into output: UnsafeMutableRawBufferPointer
    ) -> Bool {
        let nonce = UnsafeRawBufferPointer(rebasing: box[..<AEAD.nonceByteCount])
        let commitment = UnsafeRawBufferPointer(rebasing: box[AEAD.nonceByteCount..<ciphertextOffset])
        let ciphertext = UnsafeRawBufferPointer(rebasing: box[ciphertextOffset...])
        let expected = commit(nonce: nonce, ciphertext: ciphertext, aad: aad, key: key)
        guard expected.withBytes({ Memory.equalInConstantTime($0, commitment) }) else { return false }
        return (try? AEAD.open(ciphertext, key: key, nonce: nonce, aad: aad, into: output)) != nil
    }

    private static func commit(
        nonce: UnsafeRawBufferPointer, ciphertext: UnsafeRawBufferPointer, aad: [UInt8], key: UnsafeRawBufferPointer
    ) -> Bytes32 {
        let count = AEAD.nonceByteCount + AEAD.tagByteCount + aad.count
        return withUnsafeTemporaryAllocation(byteCount: count, alignment: 8) { input in
            slice(input, 0, AEAD.nonceByteCount).copyMemory(from: nonce)
            slice(input, AEAD.nonceByteCount, AEAD.tagByteCount).copyBytes(from: ciphertext.suffix(AEAD.tagByteCount))
            slice(input, AEAD.nonceByteCount + AEAD.tagByteCount, aad.count).copyBytes(from: aad)
            return KeyedHash.blake2b256(UnsafeRawBufferPointer(input), key: key)
        }
    }

    private static func unpaddedCount(_ message: [UInt8], _ block: Int) -> Int? {
        var count = 0
        guard !message.isEmpty, sodium_unpad(&count, message, message.count, block) == 0 else { return nil }
        return count
    }

    private static func slice(_ bytes: UnsafeMutableRawBufferPointer, _ offset: Int, _ count: Int) -> UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(rebasing: bytes[offset..<(offset + count)])
    }
}
