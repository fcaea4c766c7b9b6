import VestigeCrypto
import VestigeVault

/// Rows of the vault out of the columns of a statement.
extension PreparedStatement {
    func bytes16(_ column: Int32) throws -> Bytes16 {
        guard let bytes = Bytes16(blob(column)) else { throw VaultError.rowDamaged("vault") }
        return bytes
    }

    func bytes32(_ column: Int32) throws -> Bytes32 {
        guard let bytes = Bytes32(blob(column)) else { throw VaultError.rowDamaged("directory") }
        return bytes
    }

    func role(_ column: Int32) throws -> KeyRole {
        guard let role = UInt8(exactly: integer(column)).flatMap(KeyRole.init) else { throw VaultError.rowDamaged("key") }
        return role
    }

    /// pseudonym, role, state, wrapped, identity, held, due
    func keyRow() throws -> KeyRow {
        guard let state = UInt8(exactly: integer(2)).flatMap(KeyState.init) else { throw VaultError.rowDamaged("key") }
        return KeyRow(
            pseudonym: try bytes16(0), role: try role(1), state: state, wrappedKey: optionalBytes(3), identity: optionalBytes(4),
            held: integer(5) == 1, dueDay: isNull(6) ? nil : Int(integer(6)))
    }

    /// lookup, role, locator, sealed
    func directoryRow() throws -> DirectoryRow {
        DirectoryRow(
            key: DirectoryKey(lookup: try bytes32(0), role: try role(1)), locator: try bytes16(2), sealedPseudonym: bytes(3))
    }

    /// token, locator, sealed
    func blindRow() throws -> BlindRow {
        BlindRow(key: BlindKey(token: try bytes32(0), locator: try bytes16(1)), sealedPseudonym: bytes(2))
    }

    func bind(_ key: BlindKey, at place: Int32) throws {
        try bind(key.token, at: place)
        try bind(key.locator, at: place + 1)
    }

    func bind(_ key: DirectoryKey, at place: Int32) throws {
        try bind(key.lookup, at: place)
        try bind(Int64(key.role.rawValue), at: place + 1)
    }
}
