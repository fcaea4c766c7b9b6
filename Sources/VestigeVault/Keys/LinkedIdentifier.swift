import VestigeCrypto

/// A further identifier of a person, sealed under their key: `0x04 ‖ nonce ‖ commitment ‖ ciphertext`, padded to 64. Bound to its
/// directory key, so that a row moved elsewhere does not open.
///
/// The plaintext is `u16 length ‖ type ‖ u16 length ‖ id`.
enum LinkedIdentifier {
    static let version: UInt8 = 4
    private static let padding = 64

    static func seal(
        _ subject: SubjectID, under key: UnsafeRawBufferPointer, _ name: DirectoryKey, _ pseudonym: Pseudonym
    ) -> [UInt8] {
        var plaintext: [UInt8] = []
        plaintext.reserveCapacity(4 + subject.type.utf8.count + subject.id.utf8.count)
        LengthPrefix.append(subject.type, to: &plaintext)
        LengthPrefix.append(subject.id, to: &plaintext)
        return CommittedBox.seal(
            plaintext, key: key, aad: AssociatedData.link(name, pseudonym), prefix: [version], padding: padding)
    }

    /// - Throws: ``VaultError/rowDamaged(_:)``.
    static func open(_ row: LinkRow, with key: UnsafeRawBufferPointer, _ pseudonym: Pseudonym) throws(VaultError) -> SubjectID {
        guard row.sealedIdentifier.first == version else { throw .rowDamaged("link") }
        let plaintext: [UInt8]
        do throws(CryptoError) {
            plaintext = try CommittedBox.open(
                row.sealedIdentifier.dropFirst(), key: key, aad: AssociatedData.link(row.key, pseudonym), padding: padding)
        } catch {
            throw .rowDamaged("link")
        }
        var rest = plaintext[...]
        guard let type = LengthPrefix.take(from: &rest), let id = LengthPrefix.take(from: &rest), rest.isEmpty else {
            throw .rowDamaged("link")
        }
        return try SubjectID(type: type, id: id)
    }
}
