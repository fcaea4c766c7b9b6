/// A keyring whose KEK can be exchanged for a new one. Errors are ``VaultError/keyring(_:)``.
///
/// A keyring belongs to one vault: destroying a KEK makes everything that stands under it worthless.
public protocol RotatingKeyring: Keyring {
    /// Ids of all KEKs that are there, ascending.
    func kekIDs() throws(VaultError) -> [UInt32]

    /// The id of a KEK that is newer than `current`: the newest one, if it is newer already because a rotation was cut short or because
    /// somebody put it there; otherwise a random one made now, with the next id. Durable on return.
    ///
    /// - Throws: ``VaultError/kekMissing(id:)`` if not even `current` is there: a second KEK of that id must not come to be.
    func newKEK(after current: UInt32) throws(VaultError) -> UInt32

    /// Whether ``destroyKEK(_:)`` can be called. Otherwise old KEKs are the operator's to remove.
    var destroysKEKs: Bool { get }

    /// Destroys a KEK where it is kept; durable on return. One that is not there is destroyed already.
    ///
    /// - Throws: also for the newest one, which is never destroyed.
    func destroyKEK(_ id: UInt32) throws(VaultError)
}
