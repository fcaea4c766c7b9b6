package import VestigeCrypto

/// Authenticates what waits outside of the trail, in a spool or an outbox: whoever can write such a file cannot write entries. What waits in
/// a host's own database it covers, too.
///
/// Both keys are BLAKE2b-256 keyed by the signing key's seed over a label ‖ 0 ‖ trail id (`vestige/spool/v1`, `vestige/cover/v1`), so every
/// process with the keyring has the same.
package final class SpoolKey: Sendable {
    package static let codeByteCount = 32

    private let key: SecretKey
    private let cover: SecretKey
    /// What records were made with before the signing key was changed: good for reading them, and for nothing else.
    private let previous: SpoolKey?

    /// As the keyring kept it.
    package init(code: consuming SecretKey, cover: consuming SecretKey) {
        key = code
        self.cover = cover
        previous = nil
    }

    /// - Parameter previous: kept from before the signing key was changed.
    /// - Throws: `CryptoError` when memory cannot be locked.
    package init(signingKey: borrowing SigningKey, trail: Bytes16, previous: SpoolKey? = nil) throws {
        key = try SpoolKey.derive("vestige/spool/v1", from: signingKey, trail)
        cover = try SpoolKey.derive("vestige/cover/v1", from: signingKey, trail)
        self.previous = previous
    }

    private static func derive(_ label: String, from signingKey: borrowing SigningKey, _ trail: Bytes16) throws -> SecretKey {
        let input = Array(label.utf8) + [0] + trail.bytes
        let derived = signingKey.withSeed { KeyedHash.blake2b256(input, key: $0) }
        return try SecretKey { memory in derived.withBytes { memory.copyMemory(from: $0) } }
    }

    /// Covers what would otherwise tie a row of the host's own database to a pseudonym: the header of an entry that waits beside it.
    ///
    /// A committed box under a key of its own; the place and its number are its associated data.
    package func covered(_ bytes: [UInt8], in place: String, number: UInt64) -> [UInt8] {
        cover.withBytes { CommittedBox.seal(bytes, key: $0, aad: SpoolKey.input(place, number)) }
    }

    /// - Returns: nil for anything that ``covered(_:in:number:)`` did not give for this place.
    package func uncovered(_ bytes: [UInt8], in place: String, number: UInt64) -> [UInt8]? {
        cover.withBytes { try? CommittedBox.open(bytes[...], key: $0, aad: SpoolKey.input(place, number)) }
            ?? previous?.uncovered(bytes, in: place, number: number)
    }

    private static func input(_ place: String, _ number: UInt64) -> [UInt8] {
        var input = Array(place.utf8) + [0]
        withUnsafeBytes(of: number.bigEndian) { input.append(contentsOf: $0) }
        return input
    }

    /// The code of `bytes` at one place: a name of the place ‖ 0 ‖ its number (u64) ‖ bytes.
    package func code(for bytes: [UInt8], in place: String, number: UInt64) -> Bytes32 {
        KeyedHash.blake2b256(SpoolKey.input(place, number) + bytes, key: key)
    }

    /// For the keyring, before the signing key is changed: what codes are made with, then what covers.
    package func lend(_ body: (borrowing SecretKey, borrowing SecretKey) throws -> Void) rethrows { try body(key, cover) }

    /// In a time that does not depend on where the first difference stands.
    package func verifies(_ code: [UInt8], for bytes: [UInt8], in place: String, number: UInt64) -> Bool {
        let expected = self.code(for: bytes, in: place, number: number).bytes
        let isOurs = code.withUnsafeBytes { code in expected.withUnsafeBytes { Memory.equalInConstantTime(code, $0) } }
        return isOurs || previous?.verifies(code, for: bytes, in: place, number: number) ?? false
    }
}
