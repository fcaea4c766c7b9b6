public import VestigeCrypto

/// The key-encryption keys and the trail's signing key. They live apart from the data.
///
/// Every member reads anew: a vault asks once and keeps what it got in locked memory. Errors are ``VaultError/keyring(_:)``.
public protocol Keyring: Sendable {
    /// The id of the newest KEK, under which a new vault is sealed.
    func currentKEK() throws(VaultError) -> UInt32

    /// - Throws: also when this keyring has no KEK of that id.
    func kek(_ id: UInt32) throws(VaultError) -> SecretKey

    /// The newest signing key.
    func signingKey() throws(VaultError) -> SigningKey

    /// The trail's origin, the name that the newest signing key signs under.
    func origin() throws(VaultError) -> String
}

/// A key-encryption key with its id, shared by reference because it cannot be copied.
final class KeyEncryptionKey: Sendable {
    let id: UInt32
    let key: SecretKey

    init(id: UInt32, key: consuming SecretKey) {
        self.id = id
        self.key = key
    }
}
