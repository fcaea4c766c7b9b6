package import VestigeCrypto

/// Authenticates what waits outside of the trail, in a spool or an outbox: whoever can write such a file cannot write entries.
///
/// BLAKE2b-256 keyed by the signing key's seed over `vestige/spool/v1 ‖ 0 ‖ trail id`, so every process with the keyring has the same.
package final class SpoolKey: Sendable {
    package static let codeByteCount = 32

    private let key: SecretKey

    /// - Throws: `CryptoError` when memory cannot be locked.
    package init(signingKey: borrowing SigningKey, trail: Bytes16) throws {
        let input = Array("vestige/spool/v1".utf8) + [0] + trail.bytes
        let derived = signingKey.withSeed { KeyedHash.blake2b256(input, key: $0) }
        key = try SecretKey { memory in derived.withBytes { memory.copyMemory(from: $0) } }
    }

    /// The code of `bytes` at one place: a name of the place ‖ 0 ‖ its number (u64) ‖ bytes.
    package func code(for bytes: [UInt8], in place: String, number: UInt64) -> Bytes32 {
        var input = Array(place.utf8) + [0]
        withUnsafeBytes(of: number.bigEndian) { input.append(contentsOf: $0) }
        input += bytes
        return KeyedHash.blake2b256(input, key: key)
    }

    /// In a time that does not depend on where the first difference stands.
    package func verifies(_ code: [UInt8], for bytes: [UInt8], in place: String, number: UInt64) -> Bool {
        let expected = self.code(for: bytes, in: place, number: number).bytes
        return code.withUnsafeBytes { code in expected.withUnsafeBytes { Memory.equalInConstantTime(code, $0) } }
    }
}
