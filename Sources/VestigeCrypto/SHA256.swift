import CSodium

/// SHA-256 (FIPS 180-4) of `bytes`.
public func sha256(_ bytes: [UInt8]) -> Bytes32 {
    var hasher = SHA256Hasher()
    hasher.update(bytes)
    return hasher.finish()
}

/// SHA-256 in pieces. A value: a copy continues on its own.
public struct SHA256Hasher: Sendable {
    private var state = crypto_hash_sha256_state()

    public init() { crypto_hash_sha256_init(&state) }

    public mutating func update(_ bytes: [UInt8]) { bytes.withUnsafeBytes { update(buffer: $0) } }

    public mutating func update(_ bytes: ArraySlice<UInt8>) { bytes.withUnsafeBytes { update(buffer: $0) } }

    public mutating func update(_ bytes: Bytes32) { bytes.withBytes { update(buffer: $0) } }

    public mutating func update(_ bytes: Bytes16) { bytes.withBytes { update(buffer: $0) } }

    public mutating func update(byte: UInt8) { withUnsafeBytes(of: byte) { update(buffer: $0) } }

    public mutating func update(buffer: UnsafeRawBufferPointer) {
        guard let start = buffer.baseAddress, buffer.count > 0 else { return }
        crypto_hash_sha256_update(&state, start.assumingMemoryBound(to: UInt8.self), UInt64(buffer.count))
    }

    /// The digest; the hasher must not be used afterwards.
    public mutating func finish() -> Bytes32 {
        withUnsafeTemporaryAllocation(byteCount: 32, alignment: 8) { output in
            crypto_hash_sha256_final(&state, output.octets)
            return Bytes32(loading: UnsafeRawBufferPointer(output))
        }
    }
}
