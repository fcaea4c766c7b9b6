public import VestigeCrypto

/// A signed statement of the trail's size and root: C2SP tlog-checkpoint in a signed note.
public struct Checkpoint: Sendable, Equatable {
    public let origin: String
    public let head: TreeHead
    /// The whole note with its signatures.
    public let note: String

    public var size: UInt64 { head.size }
    public var root: Bytes32 { head.root }

    /// Reads a note and checks that `key` signed it under its own name.
    ///
    /// - Throws: ``TrailError/malformedNote(_:)``, ``TrailError/badSignature(name:)``
    public init(verifying note: String, by key: VerifierKey) throws(TrailError) {
        let signed = try SignedNote(note)
        (origin, head) = try Checkpoint.statement(signed.text)
        guard origin == key.name else { throw .malformedNote("the checkpoint's origin is not the name of the key") }
        guard try signed.isSigned(by: key) else { throw .badSignature(name: key.name) }
        self.note = note
    }

    /// What a note's text says, whoever signed it.
    ///
    /// - Throws: ``TrailError/malformedNote(_:)``
    package static func statement(_ text: String) throws(TrailError) -> (origin: String, head: TreeHead) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count >= 4, !lines[0].isEmpty, let size = UInt64(lines[1]), String(size) == lines[1], size <= Int64.max,
            let raw = Base64.decode(String(lines[2])), let root = Bytes32(raw)
        else { throw .malformedNote("a checkpoint is origin, size and root") }
        return (String(lines[0]), TreeHead(size: size, root: root))
    }

    /// The note without any line but those by `key`, which signed it.
    func ownNote(by key: VerifierKey) throws(TrailError) -> String {
        let signed = try SignedNote(note)
        let lines = signed.signatures.filter { $0.name == key.name && $0.keyID == key.keyID }
        return signed.text + "\n" + lines.map { SignedNote.line(name: $0.name, keyID: $0.keyID, signature: $0.signature) }.joined()
    }

    fileprivate init(origin: String, head: TreeHead, note: String) {
        self.origin = origin
        self.head = head
        self.note = note
    }
}

/// Signs checkpoints; the key stays in memory of its own.
public final class CheckpointSigner: Sendable {
    private let key: SigningKey
    public let verifierKey: VerifierKey
    private let keyID: [UInt8]

    /// - Throws: ``TrailError/malformedVerifierKey(_:)`` when `origin` cannot be the name of a key.
    public init(origin: String, key: consuming SigningKey) throws(TrailError) {
        guard VerifierKey.isName(origin) else {
            throw .malformedVerifierKey("an origin has at least one character, no white space and no plus sign")
        }
        verifierKey = VerifierKey(name: origin, publicKey: key.publicKey)
        keyID = verifierKey.keyID
        self.key = key
    }

    public var origin: String { verifierKey.name }

    func sign(_ head: TreeHead) -> Checkpoint {
        let text = "\(origin)\n\(head.size)\n\(head.root.base64)\n"
        let signature = key.sign(Array(text.utf8))
        return Checkpoint(
            origin: origin, head: head, note: text + "\n" + SignedNote.line(name: origin, keyID: keyID, signature: signature))
    }

    /// Signed by this key and, above it, by the one that follows.
    func sign(_ head: TreeHead, with next: CheckpointSigner) -> Checkpoint {
        let (mine, theirs) = (sign(head).note, next.sign(head).note)
        // Both end in one signature line below the same text.
        let line = mine.split(separator: "\n", omittingEmptySubsequences: false).dropLast().last ?? ""
        return Checkpoint(origin: origin, head: head, note: theirs + line + "\n")
    }
}
