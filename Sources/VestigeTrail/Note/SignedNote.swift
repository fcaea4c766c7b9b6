import VestigeCrypto

/// A C2SP signed note: text that ends in a newline, an empty line, then signature lines `— name base64(key id ‖ signature)`.
public struct SignedNote: Sendable, Equatable {
    public struct Signature: Sendable, Equatable {
        public let name: String
        public let keyID: [UInt8]
        public let signature: [UInt8]
    }

    public static let byteCountMax = 1_000_000

    public let text: String
    public let signatures: [Signature]

    /// - Throws: ``TrailError/malformedNote(_:)``
    public init(_ note: String) throws(TrailError) {
        guard note.utf8.count <= SignedNote.byteCountMax else { throw .malformedNote("longer than \(SignedNote.byteCountMax) bytes") }
        guard !note.unicodeScalars.contains(where: { $0.value < 0x20 && $0 != "\n" }) else {
            throw .malformedNote("a control character")
        }
        let lines = note.split(separator: "\n", omittingEmptySubsequences: false)
        guard let blank = lines.lastIndex(where: \.isEmpty).flatMap({ last in lines[..<last].lastIndex(where: \.isEmpty) }),
            lines.last?.isEmpty == true, blank > 0, blank + 2 < lines.count
        else { throw .malformedNote("expected text, an empty line and signature lines") }
        text = lines[..<blank].joined(separator: "\n") + "\n"
        var signatures: [Signature] = []
        for line in lines[(blank + 1)..<(lines.count - 1)] { signatures.append(try Signature(line: line)) }
        self.signatures = signatures
    }

    /// Whether a signature by `key` stands under the text and is good.
    ///
    /// - Throws: ``TrailError/badSignature(name:)`` when a line claims to be by `key` and is not.
    public func isSigned(by key: VerifierKey) throws(TrailError) -> Bool {
        let keyID = key.keyID
        var found = false
        for signature in signatures where signature.name == key.name && signature.keyID == keyID {
            guard Ed25519.verify(signature: signature.signature, message: Array(text.utf8), publicKey: key.publicKey) else {
                throw .badSignature(name: key.name)
            }
            found = true
        }
        return found
    }

    static func line(name: String, keyID: [UInt8], signature: [UInt8]) -> String {
        "— \(name) \(Base64.encode(keyID + signature))\n"
    }
}

extension SignedNote.Signature {
    init(line: Substring) throws(TrailError) {
        guard line.hasPrefix("— ") else { throw .malformedNote("a signature line does not begin with a dash") }
        let parts = line.dropFirst(2).split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 2, VerifierKey.isName(String(parts[0])), let raw = Base64.decode(String(parts[1])), raw.count > 4 else {
            throw .malformedNote("a signature line is not name and base64")
        }
        name = String(parts[0])
        keyID = Array(raw[..<4])
        signature = Array(raw[4...])
    }
}
