import VestigeCore
import VestigeTrail
import VestigeVault

/// Keys of a data directory. Where one is missing, the error says what that means for this directory.
enum LocalKeys {
    static func keyring(_ given: (any Keyring)?, of place: Place) throws -> any Keyring {
        do {
            return try given ?? FileKeyring(directory: place.keyring)
        } catch VaultError.keyring(.missing(let path)) {
            throw LocalError.missingKeyring(path)
        }
    }

    static func signer(_ keyring: any Keyring) throws -> CheckpointSigner {
        do {
            return try CheckpointSigner(origin: try keyring.origin(), key: try keyring.signingKey())
        } catch VaultError.keyring(.missing(let path)) {
            throw LocalError.missingSigningKey(path)
        }
    }

    /// For what was written down for older trails, as far as their signing keys are still there.
    static func spools(of older: [OlderTrail], _ place: Place) throws -> [OlderSpool] {
        guard !older.isEmpty else { return [] }
        let keyring = try FileKeyring(directory: place.keyring)
        return try older.compactMap { older in
            guard let key = try keyring.signingKey(for: older.trail.origin) else { return nil }
            return OlderSpool(trail: older.trail.identity.id, key: try SigningKeys.spoolKey(key, keyring, of: older.trail.identity.id))
        }
    }

    static func vault(
        _ store: any VaultStore, _ keyring: any Keyring, _ board: any EpochBoard, now: @escaping @Sendable () -> Int64
    ) async throws -> Vault {
        do {
            return try await Vault.open(store: store, keyring: keyring, now: now, board: board)
        } catch VaultError.kekMissing(let id) {
            let newest = try? keyring.currentKEK()
            if let newest, newest > id { throw LocalError.vaultBeforeRotation(kek: id, newest: newest) }
            throw LocalError.missingKEK(id: id, newest: newest)
        }
    }
}
