public import VestigeCrypto

/// Fences in roles in which somebody has no key: an erasure finds nothing to destroy there, and no later act may make anything.
extension Vault {
    /// Fences a person in these roles; durable on return. Mints nobody.
    ///
    /// - Parameter day: the last day, as for ``destroyKeys(_:fenceUntil:telling:whenDestroyed:)``.
    /// - Returns: false if they have a key in one of the roles by now: it is to be erased.
    public func fence(_ subject: SubjectID, as roles: [KeyRole], until day: Int) async throws -> Bool {
        try await store.fence(roles.map { keys.name(subject, $0) }, until: day)
    }

    /// The same for whoever bears a pseudonym, as a replay does before it erases them. Nothing happens where that is nobody, or a role has a key.
    public func fence(personBearing pseudonym: Pseudonym, as role: KeyRole, until day: Int) async throws {
        do {
            guard let subject = try await resolve(pseudonym) else { return }
            _ = try await fence(subject, as: [role], until: day)
        } catch VaultError.rowDamaged {
            // Who it is cannot be read: their key goes all the same.
        }
    }
}
