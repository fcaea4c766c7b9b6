public import VestigeCore
import VestigeCrypto
import VestigeRights
import VestigeSQLite
public import VestigeTrail
import VestigeVault

/// Trail and vault held against each other.
struct Examination {
    let place: Place
    let trail: Trail
    let vault: Vault
    /// Checkpoints that somebody else kept.
    var others: [String] = []

    func report() async throws -> TrailReport {
        let remembered = try await vault.watermark().checkpoint
        let report = try await trail.verify(against: (remembered.isEmpty ? [] : [remembered]) + others)
        return report.adding(
            try await ErasureFindings(vault: vault, trail: trail).find() + SpoolBook(place: place, trail: trail).findings())
    }
}

extension Vestige {
    /// Verifies a data directory in whatever state it is. Opens nothing for use, replays nothing and writes nothing: what would make
    /// ``open(_:policy:keyring:acceptingClock:)`` refuse is a finding here.
    ///
    /// - Parameter others: signed checkpoints kept elsewhere, which the trail must lead to. Only they can show that trail and vault
    ///   were both put back to an older state, or rewritten by whoever holds the keys.
    /// - Throws: only when there is nothing to verify, or no keyring to verify it with.
    public static func verify(_ place: Place, against others: [String] = [], clock: @escaping Clock = LocalVestige.systemClock) async throws
        -> TrailReport
    {
        try place.check()
        try Sodium.start()
        let keys = try FileKeyring(directory: place.keyring)
        let signer = try CheckpointSigner(origin: try keys.origin(), key: try keys.signingKey())
        let store: SQLiteTrailStore
        do {
            store = try SQLiteTrailStore.open(in: place.data)
        } catch {
            return TrailReport(head: .empty, findings: [TrailFinding(.database, seq: nil, "\(error)")])
        }
        let trail = Trail.unchecked(store: store, signer: signer, clock: clock)
        defer { try? trail.close() }
        guard trail.origin == signer.origin else {
            return TrailReport(
                head: .empty, findings: [TrailFinding(.checkpoint, seq: nil, "the keyring signs for another trail than this one")])
        }
        do {
            let vaultStore = try SQLiteVaultStore.open(in: place.data)
            defer { try? vaultStore.close() }
            let vault = try await Vault.open(store: vaultStore, keyring: keys, now: { clock().microseconds })
            guard try await vault.watermark().trail == trail.identity.id else {
                return try await trail.verify(against: others).adding([
                    TrailFinding(.database, seq: nil, "vault and trail do not belong together")
                ])
            }
            return try await Examination(place: place, trail: trail, vault: vault, others: others).report()
        } catch {
            // The trail's own verdict must not wait for a vault that cannot be read.
            return try await trail.verify(against: others).adding([TrailFinding(.database, seq: nil, "vault: \(error)")])
        }
    }
}
