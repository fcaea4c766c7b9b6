public import VestigeCrypto

/// The public half of a trail's signing key, in the form of a C2SP signed note:
/// `name+hex8(key id)+base64(0x01 ‖ public key)`.
public struct VerifierKey: Sendable, Equatable, CustomStringConvertible {
    public let name: String
    public let publicKey: Bytes32

    public init(name: String, publicKey: Bytes32) {
        self.name = name
        self.publicKey = publicKey
    }

    /// - Throws: ``TrailError/malformedVerifierKey(_:)``
    public init(_ text: some StringProtocol) throws(TrailError) {
        let parts = text.split(separator: "+", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, VerifierKey.isName(String(parts[0])) else {
            throw .malformedVerifierKey("expected name+key id+key")
        }
        guard let raw = Base64.decode(String(parts[2])), raw.count == 33, raw[0] == 0x01, let key = Bytes32(raw[1...]) else {
            throw .malformedVerifierKey("expected the base64 of 0x01 and 32 bytes (Ed25519)")
        }
        self.init(name: String(parts[0]), publicKey: key)
        guard String(parts[1]) == keyIDHex else { throw .malformedVerifierKey("the key id does not belong to name and key") }
    }

    /// First four bytes of `SHA-256(name ‖ 0x0A ‖ 0x01 ‖ public key)`.
    public var keyID: [UInt8] { VerifierKey.keyID(name: name, algorithm: 0x01, publicKey: publicKey) }

    static func keyID(name: String, algorithm: UInt8, publicKey: Bytes32) -> [UInt8] {
        var bytes = Array(name.utf8) + [0x0A, algorithm]
        publicKey.append(to: &bytes)
        return Array(sha256(bytes).bytes[..<4])
    }

    public var keyIDHex: String {
        Hex.encode(keyID)
    }

    public var description: String {
        "\(name)+\(keyIDHex)+\(Base64.encode([0x01] + publicKey.bytes))"
    }

    /// A name has no white space and no plus sign, and at least one character.
    static func isName(_ name: String) -> Bool {
        !name.isEmpty && !name.unicodeScalars.contains { $0.properties.isWhitespace || $0 == "+" }
    }
}
