import VestigeCrypto

/// Rows of the blind index: from a value to a person, through the lookup key and the KEK alone.
extension KeyHandling {
    /// BLAKE2b-256 under the lookup key over `vestige/blind/v1 ‖ 0 ‖ u16 length ‖ field ‖ u16 length ‖ value`. About 0.4 µs: a slow hash
    /// would make indexing hundreds of thousands of rows take hours and hide nothing, since the key is secret.
    ///
    /// - Throws: ``VaultError/invalidField``, ``VaultError/invalidIndexValue(byteCount:)``.
    func blindToken(field: String, value: [UInt8]) throws(VaultError) -> Bytes32 {
        try SealedValue.check(field: field)
        guard (1...Vault.indexValueByteCountMax).contains(value.count) else { throw .invalidIndexValue(byteCount: value.count) }
        let input = AssociatedData.build("vestige/blind/v1", 4 + field.utf8.count + value.count) {
            LengthPrefix.append(field, to: &$0)
            $0.append(UInt8(value.count >> 8))
            $0.append(UInt8(value.count & 255))
            $0.append(contentsOf: value)
        }
        return KeyedHash.blake2b256(input, key: lookupKey)
    }

    /// A blind row that leads to `pseudonym`, under the current KEK.
    func blindRow(_ key: BlindKey, leadingTo pseudonym: Pseudonym) throws(VaultError) -> BlindRow {
        let kek = try kek(currentKEK)
        let sealed = pseudonym.withBytes { WrappedBytes.seal($0, under: kek, aad: AssociatedData.blindRow(key.token, kek: kek.id)) }
        return BlindRow(key: key, sealedPseudonym: sealed)
    }

    /// - Throws: ``VaultError/rowDamaged(_:)``, ``VaultError/keyring(_:)``.
    func pseudonym(of row: BlindRow) throws(VaultError) -> Pseudonym {
        guard let id = row.kek else { throw .rowDamaged("blind index") }
        let kek = try kek(id)
        var bytes = [UInt8](repeating: 0, count: Pseudonym.byteCount)
        let aad = AssociatedData.blindRow(row.key.token, kek: id)
        let opened: Void? = bytes.withUnsafeMutableBytes { try? WrappedBytes.open(row.sealedPseudonym, under: kek, aad: aad, into: $0) }
        guard opened != nil, let pseudonym = Pseudonym(bytes) else { throw .rowDamaged("blind index") }
        return pseudonym
    }
}
