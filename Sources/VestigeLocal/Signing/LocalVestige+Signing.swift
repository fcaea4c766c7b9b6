public import VestigeCore
import VestigeCrypto
import VestigePolicy
public import VestigeTrail
import VestigeVault

/// What a change of the signing key did.
public struct SigningRotation: Sendable, Equatable {
    public let old: VerifierKey
    public let new: VerifierKey
    /// The place of the entry `key.signing_rotated`.
    public let seq: UInt64
    /// The checkpoint that both keys signed: whoever trusts the old key can take the new one from it.
    public let handover: Checkpoint
}

extension LocalVestige {
    /// Signs checkpoints with a new key from now on, under the same origin, and destroys the old one.
    ///
    /// The order makes every crash harmless: the new key waits in the keyring; the trail takes the entry, and with it the new key, in one
    /// commit that keeps a checkpoint signed by both; the new key gets its name; the old one is destroyed last. The next opening finishes what
    /// was cut short. Other processes that have the trail open take the new key from the keyring by themselves.
    ///
    /// What waits in spools and outboxes bears codes made with the old key; they are accepted until the next rotation.
    ///
    /// - Throws: ``VaultError/keyring(_:)`` where the keyring has no signing keys in files; ``TrailError/keyChanged``; ``RecordingError``
    public func rotateSigningKey(by actor: AuditActor) async throws -> SigningRotation {
        try await rotateSigningKey(by: actor) { _ in }
    }

    /// Points at which it may be cut short.
    enum SigningStep: CaseIterable {
        case prepared, kept, taken, named, remembered
    }

    /// - Parameter after: what it throws cuts the rotation short as a crash would, nothing is tidied up.
    func rotateSigningKey(by actor: AuditActor, after: (SigningStep) throws -> Void) async throws -> SigningRotation {
        guard let files = keyring.signingFiles else { throw VaultError.keyring(.fixed) }
        // One that was cut short in another process is finished first.
        _ = try SigningKeys.settled(keyring, of: try await trail.checkpoint().note)
        let old = trail.verifierKey
        let key = try files.signingKey()
        guard key.publicKey == old.publicKey else { throw TrailError.keyChanged }
        let codes = try SpoolKey(signingKey: key, trail: trail.identity.id)
        let next = try CheckpointSigner(origin: trail.origin, key: try files.prepareSigningKey())
        try after(.prepared)
        var entry = BuiltInEntry(action: KeyHistory.action, event: Event.rotated.rawValue, actor: actor)
        entry.details = ["old": .code(old.keyIDHex), "new": .code(next.verifierKey.keyIDHex)]
        entry.clear = [KeyHistory.text(old: old, new: next.verifierKey)]
        let sealed = try await recorder.sealed(entry)
        try codes.lend { try files.keepSpoolKeys(code: $0, cover: $1, of: trail.identity.id) }
        try after(.kept)
        let (appended, handover) = try await trail.rotate(sealed, from: old, to: next)
        try after(.taken)
        try files.adoptPreparedSigningKey()
        try after(.named)
        // The vault's own note must be one that the newest key signed before the old one goes.
        try await LocalVestige.remember(trail, in: vault)
        try after(.remembered)
        try files.retireSigningKeys()
        return SigningRotation(old: old, new: next.verifierKey, seq: appended.seq, handover: handover)
    }
}
