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
    /// Trails that this one goes on from.
    let older: [OlderTrail]
    /// Checkpoints that somebody else kept.
    var others: [String] = []

    func report() async throws -> TrailReport {
        let remembered = try await vault.watermark().checkpoint
        // One of another trail is a vault's from before a recovery, which follows at the next opening.
        let own = [remembered].filter { Self.origin(of: $0) == trail.origin }
        let report = try await trail.verify(against: own + theirs(beneath: trail))
        var findings = try await ErasureFindings(vault: vault, trail: trail).find() + SpoolBook(place: place, trail: trail).findings()
        for older in older {
            findings += try await older.findings(against: others.filter { Self.origin(of: $0) == older.trail.origin })
            findings += try await ErasureFindings(vault: vault, trail: older.trail).find().map {
                TrailFinding($0.kind, seq: nil, "\(older.fileName), entry \($0.seq ?? 0): \($0.message)")
            }
        }
        return report.adding(findings)
    }

    /// Checkpoints that are no older trail's: also those that are nobody's, which are a finding.
    private func theirs(beneath trail: Trail) -> [String] {
        others.filter { note in !older.contains { $0.trail.origin == Self.origin(of: note) } }
    }

    private static func origin(of note: String) -> String { String(note.prefix { $0 != "\n" }) }
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
        try place.check(needsVault: false)
        try Sodium.start()
        let keys = try LocalKeys.keyring(nil, of: place)
        let signer = try LocalKeys.signer(keys)
        let store: SQLiteTrailStore
        do {
            store = try SQLiteTrailStore.open(in: place.data)
        } catch {
            return TrailReport(head: .empty, findings: [TrailFinding(.database, seq: nil, "\(error)")])
        }
        let trail = Trail.unchecked(store: store, key: signer.verifierKey)
        defer { try? trail.close() }
        guard trail.origin == signer.origin else {
            return TrailReport(
                head: .empty, findings: [TrailFinding(.checkpoint, seq: nil, "the keyring signs for another trail than this one")])
        }
        do {
            try place.check()
            let vaultStore = try SQLiteVaultStore.open(in: place.data)
            defer { try? vaultStore.close() }
            guard try await vaultStore.meta() != nil else { throw LocalError.emptyVault }
            let vault = try await LocalKeys.vault(vaultStore, keys, InProcessEpochBoard(), now: { clock().microseconds })
            let older = try await OlderTrail.all(beneath: trail, in: place)
            defer { for older in older { try? older.trail.close() } }
            let bound = try await vault.watermark().trail
            guard bound == trail.identity.id || older.contains(where: { $0.trail.identity.id == bound }) else {
                return try await trail.verify(against: others).adding([
                    TrailFinding(.database, seq: nil, "vault and trail do not belong together")
                ])
            }
            return try await Examination(place: place, trail: trail, vault: vault, older: older, others: others).report()
        } catch {
            // The trail's own verdict must not wait for a vault that cannot be read.
            return try await trail.verify(against: others).adding([TrailFinding(.database, seq: nil, "\(error)")])
        }
    }
}
