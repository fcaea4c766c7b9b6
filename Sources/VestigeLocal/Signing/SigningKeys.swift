import VestigeCore
import VestigeCrypto
import VestigeTrail
import VestigeVault

/// Which of a keyring's signing keys the trail is signed with: after a crash in a rotation it may be the one that still waits.
enum SigningKeys {
    /// The signer whose key signed `note`; the newest one where none did, which then cannot open the trail.
    static func signer(_ keyring: any Keyring, of note: String?) throws -> CheckpointSigner {
        let newest = try LocalKeys.signer(keyring)
        guard let note, !signed(note, newest), let files = keyring.signingFiles, let key = try files.preparedSigningKey() else {
            return newest
        }
        let waiting = try CheckpointSigner(origin: newest.origin, key: key)
        return signed(note, waiting) ? waiting : newest
    }

    /// The same, with a rotation that was cut short finished: the trail has taken the key that waits, or it has not.
    static func settled(_ keyring: any Keyring, of note: String?) throws -> CheckpointSigner {
        let signer = try signer(keyring, of: note)
        guard let files = keyring.signingFiles, let note, signed(note, signer) else { return signer }
        if try LocalKeys.signer(keyring).verifierKey != signer.verifierKey { try files.adoptPreparedSigningKey() }
        try files.retireSigningKeys()
        return signer
    }

    /// For a trail that runs while another process changes the key.
    static func renewal(_ keyring: any Keyring) -> SignerRenewal {
        { note in
            guard let signer = try? signer(keyring, of: note), signed(note, signer) else { return nil }
            return signer
        }
    }

    private static func signed(_ note: String, _ signer: CheckpointSigner) -> Bool {
        (try? Checkpoint(verifying: note, by: signer.verifierKey)) != nil
    }
}

extension SigningKeys {
    /// Codes what waits in spools and outboxes; reads what was coded before the last change of the signing key too.
    static func spoolKey(_ keyring: any Keyring, of trail: Bytes16) throws -> SpoolKey {
        try spoolKey(try keyring.signingKey(), keyring.signingFiles, of: trail)
    }

    /// The same with the newest key of an older trail's origin.
    static func spoolKey(_ signingKey: borrowing SigningKey, _ files: FileKeyring?, of trail: Bytes16) throws -> SpoolKey {
        guard let kept = try files?.keptSpoolKeys(of: trail) else { return try SpoolKey(signingKey: signingKey, trail: trail) }
        return try SpoolKey(signingKey: signingKey, trail: trail, previous: kept.take { SpoolKey(code: $0, cover: $1) })
    }
}
