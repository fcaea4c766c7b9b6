import CSodium

/// XChaCha20-Poly1305 (IETF construction): 32-byte key, 24-byte nonce, 16-byte tag at the end of the ciphertext.
///
/// The nonce is the caller's; 24 random bytes may be used for any number of messages under one key.
public enum AEAD {
    public static let keyByteCount = 32
    public static let nonceByteCount = 24
    public static let tagByteCount = 16

    /// Writes ciphertext and tag (`message.count + 16` bytes) to `output`, which may be where the message stands.
    public static func seal(
        _ message: UnsafeRawBufferPointer, key: UnsafeRawBufferPointer, nonce: UnsafeRawBufferPointer, aad: [UInt8],
        into output: UnsafeMutableRawBufferPointer
    ) {
        precondition(output.count == message.count + tagByteCount && key.count == keyByteCount && nonce.count == nonceByteCount)
        crypto_aead_xchacha20poly1305_ietf_encrypt(
            output.octets, nil, message.baseAddress?.assumingMemoryBound(to: UInt8.self), UInt64(message.count), aad, UInt64(aad.count),
            nil,
            nonce.octets, key.octets)
    }

    /// Writes the message (`ciphertext.count - 16` bytes) to `output`; nothing is written unless the tag is right.
    ///
    /// - Throws: ``CryptoError/wrongLength(expected:actual:)``, ``CryptoError/notAuthentic``.
    public static func open(
        _ ciphertext: UnsafeRawBufferPointer, key: UnsafeRawBufferPointer, nonce: UnsafeRawBufferPointer, aad: [UInt8],
        into output: UnsafeMutableRawBufferPointer
    ) throws(CryptoError) {
        guard ciphertext.count == output.count + tagByteCount else {
            throw .wrongLength(expected: output.count + tagByteCount, actual: ciphertext.count)
        }
        guard nonce.count == nonceByteCount else { throw .wrongLength(expected: nonceByteCount, actual: nonce.count) }
        guard key.count == keyByteCount else { throw .wrongLength(expected: keyByteCount, actual: key.count) }
        let result = crypto_aead_xchacha20poly1305_ietf_decrypt(
            output.baseAddress?.assumingMemoryBound(to: UInt8.self), nil, nil, ciphertext.octets, UInt64(ciphertext.count), aad,
            UInt64(aad.count), nonce.octets, key.octets)
        guard result == 0 else { throw .notAuthentic }
    }

    public static func seal(_ message: [UInt8], key: UnsafeRawBufferPointer, nonce: [UInt8], aad: [UInt8]) -> [UInt8] {
        let count = message.count + tagByteCount
        return [UInt8](unsafeUninitializedCapacity: count) { output, initialised in
            let target = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(output)[..<count])
            message.withUnsafeBytes { message in
                nonce.withUnsafeBytes { seal(message, key: key, nonce: $0, aad: aad, into: target) }
            }
            initialised = count
        }
    }

    /// - Throws: ``CryptoError/wrongLength(expected:actual:)``, ``CryptoError/notAuthentic``.
    public static func open(
        _ ciphertext: [UInt8], key: UnsafeRawBufferPointer, nonce: [UInt8], aad: [UInt8]
    ) throws(CryptoError) -> [UInt8] {
        guard ciphertext.count >= tagByteCount else { throw .wrongLength(expected: tagByteCount, actual: ciphertext.count) }
        var message = [UInt8](repeating: 0, count: ciphertext.count - tagByteCount)
        var failure: CryptoError?
        message.withUnsafeMutableBytes { message in
            ciphertext.withUnsafeBytes { ciphertext in
                nonce.withUnsafeBytes { nonce in
                    do throws(CryptoError) {
                        try open(ciphertext, key: key, nonce: nonce, aad: aad, into: message)
                    } catch {
                        failure = error
                    }
                }
            }
        }
        if let failure { throw failure }
        return message
    }
}
