import VestigeCrypto

/// Who a key belongs to, kept sealed under that very key: `0x03 ‖ nonce ‖ commitment ‖ ciphertext`, padded to 64.
///
/// The plaintext is `u16 length ‖ type ‖ u16 length ‖ id ‖ locator 16`.
struct Identity {
    static let version: UInt8 = 3
    private static let padding = 64

    let subject: SubjectID
    let locator: Bytes16

    func sealed(under key: UnsafeRawBufferPointer, _ pseudonym: Pseudonym, _ role: KeyRole) -> [UInt8] {
        var plaintext: [UInt8] = []
        plaintext.reserveCapacity(4 + subject.type.utf8.count + subject.id.utf8.count + 16)
        LengthPrefix.append(subject.type, to: &plaintext)
        LengthPrefix.append(subject.id, to: &plaintext)
        locator.append(to: &plaintext)
        return CommittedBox.seal(
            plaintext, key: key, aad: AssociatedData.identity(pseudonym, role), prefix: [Self.version], padding: Self.padding)
    }

    init(subject: SubjectID, locator: Bytes16) {
        self.subject = subject
        self.locator = locator
    }

    /// - Throws: ``VaultError/rowDamaged(_:)``.
    init(opening sealed: [UInt8], with key: UnsafeRawBufferPointer, _ pseudonym: Pseudonym, _ role: KeyRole) throws(VaultError) {
        guard sealed.first == Self.version else { throw .rowDamaged("key") }
        let plaintext: [UInt8]
        do throws(CryptoError) {
            plaintext = try CommittedBox.open(
                sealed.dropFirst(), key: key, aad: AssociatedData.identity(pseudonym, role), padding: Self.padding)
        } catch {
            throw .rowDamaged("key")
        }
        var rest = plaintext[...]
        guard let type = LengthPrefix.take(from: &rest), let id = LengthPrefix.take(from: &rest), let locator = Bytes16(rest) else {
            throw .rowDamaged("key")
        }
        self.subject = try SubjectID(type: type, id: id)
        self.locator = locator
    }
}

/// Strings behind a big-endian u16 length.
enum LengthPrefix {
    static func append(_ text: String, to bytes: inout [UInt8]) {
        let count = text.utf8.count
        bytes.append(UInt8(count >> 8))
        bytes.append(UInt8(count & 255))
        bytes.append(contentsOf: text.utf8)
    }

    static func take(from bytes: inout ArraySlice<UInt8>) -> String? {
        guard bytes.count >= 2 else { return nil }
        let count = Int(bytes[bytes.startIndex]) << 8 | Int(bytes[bytes.startIndex + 1])
        guard bytes.count >= 2 + count else { return nil }
        defer { bytes = bytes.dropFirst(2 + count) }
        return String(validating: bytes.dropFirst(2).prefix(count), as: UTF8.self)
    }
}
