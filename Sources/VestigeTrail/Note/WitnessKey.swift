public import VestigeCrypto

/// A witness's name and public key (C2SP tlog-cosignature, version 1): `name+hex8(key id)+base64(0x04 ‖ public key)`.
public struct WitnessKey: Sendable, Equatable, CustomStringConvertible {
    static let algorithm: UInt8 = 0x04

    public let name: String
    public let publicKey: Bytes32

    public init(name: String, publicKey: Bytes32) {
        self.name = name
        self.publicKey = publicKey
    }

    /// - Throws: ``TrailError/malformedWitnessKey(_:)``
    public init(_ text: some StringProtocol) throws(TrailError) {
        let parts = text.split(separator: "+", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, VerifierKey.isName(String(parts[0])) else { throw .malformedWitnessKey("expected name+key id+key") }
        guard let raw = Base64.decode(String(parts[2])), raw.count == 33, raw[0] == WitnessKey.algorithm, let key = Bytes32(raw[1...])
        else { throw .malformedWitnessKey("expected the base64 of 0x04 and 32 bytes (Ed25519, cosignature/v1)") }
        self.init(name: String(parts[0]), publicKey: key)
        guard String(parts[1]) == keyIDHex else { throw .malformedWitnessKey("the key id does not belong to name and key") }
    }

    /// First four bytes of `SHA-256(name ‖ 0x0A ‖ 0x04 ‖ public key)`.
    public var keyID: [UInt8] { VerifierKey.keyID(name: name, algorithm: WitnessKey.algorithm, publicKey: publicKey) }

    public var keyIDHex: String { Hex.encode(keyID) }

    public var description: String { "\(name)+\(keyIDHex)+\(Base64.encode([WitnessKey.algorithm] + publicKey.bytes))" }
}

/// A witness's statement about a checkpoint: at `seconds` since 1970, no larger tree of this log was known to it, and every one that was is
/// the beginning of this one.
public struct Cosignature: Sendable, Equatable {
    private static let timeByteCount = 8
    /// Seconds that can be a time: after 1970, and in a year of four digits.
    package static let plausibleSeconds: ClosedRange<UInt64> = 1...253_402_300_799

    public let seconds: UInt64
    /// As it stands in a note, with its newline.
    public let line: String

    /// What is signed: version and time before the checkpoint's text.
    package static func message(text: String, seconds: UInt64) -> [UInt8] {
        Array("cosignature/v1\ntime \(seconds)\n\(text)".utf8)
    }

    /// A line by `key` under `text`; its newline is added.
    package static func line(by key: WitnessKey, seconds: UInt64, signature: [UInt8]) -> String {
        var bytes: [UInt8] = []
        bytes.append(bigEndian: seconds)
        return SignedNote.line(name: key.name, keyID: key.keyID, signature: bytes + signature)
    }

    /// The newest good cosignature by `key` among `signatures` of `text`; `nil` if there is none. Lines by others are passed over.
    ///
    /// - Throws: ``TrailError/badSignature(name:)`` when a line claims to be by `key` and is not.
    public static func newest(
        in signatures: [SignedNote.Signature], of text: String, by key: WitnessKey
    ) throws(TrailError) -> Cosignature? {
        var newest: Cosignature?
        let keyID = key.keyID
        for signature in signatures where signature.name == key.name && signature.keyID == keyID {
            var reader = ByteReader(signature.signature)
            guard let seconds = reader.integer(UInt64.self), seconds <= UInt64(Int64.max),
                Ed25519.verify(
                    signature: signature.signature.dropFirst(timeByteCount), message: message(text: text, seconds: seconds),
                    publicKey: key.publicKey)
            else { throw .badSignature(name: key.name) }
            guard newest.map({ $0.seconds < seconds }) ?? true else { continue }
            let line = SignedNote.line(name: signature.name, keyID: signature.keyID, signature: signature.signature)
            newest = Cosignature(seconds: seconds, line: line)
        }
        return newest
    }
}

extension SignedNote {
    /// Signature lines by themselves, as a witness answers with.
    ///
    /// - Throws: ``TrailError/malformedNote(_:)``
    package static func signatures(in lines: String) throws(TrailError) -> [Signature] {
        guard lines.utf8.count <= byteCountMax, lines.hasSuffix("\n") else { throw .malformedNote("signature lines end in a newline") }
        var signatures: [Signature] = []
        for line in lines.dropLast().split(separator: "\n", omittingEmptySubsequences: false) {
            signatures.append(try Signature(line: line))
        }
        return signatures
    }
}
