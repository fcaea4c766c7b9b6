import CSodium

/// An Ed25519 signing key (RFC 8032) in guarded memory.
public struct SigningKey: ~Copyable, @unchecked Sendable {
    // Sendable by hand: the memory is written only by the initialiser and owned by exactly one value.
    public let publicKey: Bytes32

    /// Seed ‖ public key, as libsodium keeps it.
    private let memory: UnsafeMutableRawPointer
    private static let secretByteCount = 64

    public init(seed: consuming SecretKey) throws(CryptoError) {
        guard let memory = sodium_malloc(Self.secretByteCount) else { throw .memoryNotLocked(byteCount: Self.secretByteCount) }
        let publicKey = seed.withBytes { seed in
            withUnsafeTemporaryAllocation(byteCount: 32, alignment: 8) { output in
                crypto_sign_ed25519_seed_keypair(
                    output.octets, memory.assumingMemoryBound(to: UInt8.self),
                    seed.octets)
                return Bytes32(loading: UnsafeRawBufferPointer(output))
            }
        }
        _ = sodium_mprotect_readonly(memory)
        self.publicKey = publicKey
        self.memory = memory
    }

    public static func generate() throws(CryptoError) -> SigningKey { try SigningKey(seed: .random()) }

    deinit { sodium_free(memory) }

    /// The 64 bytes of the signature. About 19 µs.
    public borrowing func sign(_ message: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: Ed25519.signatureByteCount) { output, count in
            crypto_sign_ed25519_detached(
                UnsafeMutableRawBufferPointer(output).octets, nil, message, UInt64(message.count),
                memory.assumingMemoryBound(to: UInt8.self))
            count = Ed25519.signatureByteCount
        }
    }

    /// Lends the 32 bytes of the seed for the length of the call: for writing a key file.
    public borrowing func withSeed<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        try body(UnsafeRawBufferPointer(start: memory, count: SecretKey.byteCount))
    }
}

/// Ed25519 signatures, verified as libsodium does: canonical S, no small-order public keys.
public enum Ed25519 {
    public static let signatureByteCount = 64

    /// False for anything but a valid signature, wrong lengths included. About 50 µs.
    public static func verify(signature: some Collection<UInt8>, message: [UInt8], publicKey: Bytes32) -> Bool {
        guard signature.count == signatureByteCount else { return false }
        return publicKey.withBytes { key in
            crypto_sign_ed25519_verify_detached(
                [UInt8](signature), message, UInt64(message.count), key.octets) == 0
        }
    }
}
