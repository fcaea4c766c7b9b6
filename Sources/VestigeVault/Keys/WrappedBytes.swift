import VestigeCrypto

/// What stands under a key-encryption key: `0x01 ‖ kek id u32 ‖ nonce 24 ‖ ciphertext`, and the associated data of each kind of row.
enum WrappedBytes {
    static let version: UInt8 = 1
    private static let nonceOffset = 5
    private static let ciphertextOffset = nonceOffset + AEAD.nonceByteCount
    /// Bytes beside the secret.
    static let overhead = ciphertextOffset + AEAD.tagByteCount

    /// The KEK that `bytes` name, or `nil` if they are not of this form.
    static func kek(_ bytes: [UInt8]) -> UInt32? {
        guard bytes.count > ciphertextOffset, bytes[0] == version else { return nil }
        return UInt32(bytes[1]) << 24 | UInt32(bytes[2]) << 16 | UInt32(bytes[3]) << 8 | UInt32(bytes[4])
    }

    static func seal(_ secret: UnsafeRawBufferPointer, under kek: KeyEncryptionKey, aad: [UInt8]) -> [UInt8] {
        let count = ciphertextOffset + secret.count + AEAD.tagByteCount
        return [UInt8](unsafeUninitializedCapacity: count) { output, initialised in
            let bytes = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(output)[..<count])
            bytes[0] = version
            bytes.storeBytes(of: kek.id.bigEndian, toByteOffset: 1, as: UInt32.self)
            let nonce = UnsafeMutableRawBufferPointer(rebasing: bytes[nonceOffset..<ciphertextOffset])
            Randomness.fill(nonce)
            kek.key.withBytes { key in
                AEAD.seal(
                    secret, key: key, nonce: UnsafeRawBufferPointer(nonce), aad: aad,
                    into: UnsafeMutableRawBufferPointer(rebasing: bytes[ciphertextOffset...]))
            }
            initialised = count
        }
    }

    /// Opens into `output`, which has the secret's length.
    static func open(
        _ wrapped: [UInt8], under kek: KeyEncryptionKey, aad: [UInt8], into output: UnsafeMutableRawBufferPointer
    ) throws(CryptoError) {
        let expected = ciphertextOffset + output.count + AEAD.tagByteCount
        guard wrapped.count == expected else { throw .wrongLength(expected: expected, actual: wrapped.count) }
        let result = wrapped.withUnsafeBytes { bytes in
            kek.key.withBytes { key in
                Result<Void, CryptoError> { () throws(CryptoError) in
                    try AEAD.open(
                        UnsafeRawBufferPointer(rebasing: bytes[ciphertextOffset...]), key: key,
                        nonce: UnsafeRawBufferPointer(rebasing: bytes[nonceOffset..<ciphertextOffset]), aad: aad, into: output)
                }
            }
        }
        try result.get()
    }
}

/// Associated data: a name, a zero byte, then fields of fixed length (design §5 and §11).
enum AssociatedData {
    static func key(_ pseudonym: Pseudonym, _ role: KeyRole, kek: UInt32) -> [UInt8] {
        build("vestige/key/v1", 16 + 1 + 4) {
            pseudonym.append(to: &$0)
            $0.append(role.rawValue)
            append(kek, to: &$0)
        }
    }

    static func directory(_ key: DirectoryKey, kek: UInt32) -> [UInt8] {
        build("vestige/directory/v1", 32 + 1 + 4) {
            key.lookup.append(to: &$0)
            $0.append(key.role.rawValue)
            append(kek, to: &$0)
        }
    }

    static func lookupKey(vault: Bytes16, kek: UInt32) -> [UInt8] {
        build("vestige/lookup-key/v1", 16 + 4) {
            vault.append(to: &$0)
            append(kek, to: &$0)
        }
    }

    static func identity(_ pseudonym: Pseudonym, _ role: KeyRole) -> [UInt8] {
        build("vestige/identity/v1", 16 + 1) {
            pseudonym.append(to: &$0)
            $0.append(role.rawValue)
        }
    }

    static func blindRow(_ token: Bytes32, kek: UInt32) -> [UInt8] {
        build("vestige/blind-row/v1", 32 + 4) {
            token.append(to: &$0)
            append(kek, to: &$0)
        }
    }

    static func link(_ key: DirectoryKey, _ pseudonym: Pseudonym) -> [UInt8] {
        build("vestige/link/v1", 16 + 1 + 32) {
            pseudonym.append(to: &$0)
            $0.append(key.role.rawValue)
            key.lookup.append(to: &$0)
        }
    }

    static func value(vault: Bytes16, field: String, _ pseudonym: Pseudonym) -> [UInt8] {
        build("vestige/value/v1", 16 + 2 + field.utf8.count + 16) {
            vault.append(to: &$0)
            LengthPrefix.append(field, to: &$0)
            pseudonym.append(to: &$0)
        }
    }

    static func slot(_ place: SlotPlace, _ role: KeyRole) -> [UInt8] {
        build("vestige/slot/v1", 16 + 16 + 2 + 1) {
            place.trail.append(to: &$0)
            place.entry.append(to: &$0)
            $0.append(UInt8(place.slot >> 8))
            $0.append(UInt8(place.slot & 255))
            $0.append(role.rawValue)
        }
    }

    static func build(_ name: String, _ byteCount: Int, _ fields: (inout [UInt8]) -> Void) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(name.utf8.count + 1 + byteCount)
        bytes.append(contentsOf: name.utf8)
        bytes.append(0)
        fields(&bytes)
        return bytes
    }

    static func append(_ number: UInt32, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
    }
}
