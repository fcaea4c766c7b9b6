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

    /// Where the signing keys are, if they are files and can be changed.
    var signingFiles: FileKeyring? { get }
}

extension Keyring {
    public var signingFiles: FileKeyring? { nil }

    /// Tells a KEK that is not there from a keyring that cannot be read.
    ///
    /// - Throws: ``VaultError/kekMissing(id:)`` if the keyring can be read and has none of that id.
    func existing(_ id: UInt32) throws(VaultError) -> SecretKey {
        do throws(VaultError) {
            return try kek(id)
        } catch {
            if let ids = try? (self as? any RotatingKeyring)?.kekIDs(), !ids.contains(id) { throw .kekMissing(id: id) }
            throw error
        }
    }
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
