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
    /// With the checkpoints that somebody else kept.
    var plan = VerificationPlan.onAllCores()

    func report() async throws -> TrailReport {
        let remembered = try await vault.watermark().checkpoint
        var plan = plan
        // Which witnesses there are is read off the trail; where that cannot be read, verifying says so.
        let witnessed: (notes: [String], keys: [WitnessKey]) = (try? await LocalVestige.witnessed(trail, in: place)) ?? ([], [])
        plan.remembered = (remembered.isEmpty ? [] : [remembered]) + witnessed.notes
        let report = try await trail.verify(plan).adding(try await trail.cosignatureFindings(keys: witnessed.keys))
        return report.adding(
            try await ErasureFindings(vault: vault, trail: trail).find() + SpoolBook(place: place, trail: trail).findings())
    }
}

extension Vestige {
    /// Verifies a data directory in whatever state it is. Opens nothing for use, replays nothing and writes nothing: what would make
    /// ``open(_:policy:keyring:acceptingClock:)`` refuse is a finding here.
    ///
    /// - Parameters:
    ///   - others: signed checkpoints kept elsewhere, which the trail must lead to. Only they can show that trail and vault
    ///     were both put back to an older state, or rewritten by whoever holds the keys.
    ///   - scope: ``VerificationScope/sinceLast`` looks only at what came since everything was last found intact here.
    /// - Throws: only when there is nothing to verify, or no keyring to verify it with.
    public static func verify(
        _ place: Place, against others: [String] = [], scope: VerificationScope = .everything,
        clock: @escaping Clock = LocalVestige.systemClock, progress: (@Sendable (VerificationProgress) -> Void)? = nil
    ) async throws -> TrailReport {
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
        let mark = VerifiedMark(place: place, key: try SpoolKey(signingKey: try keys.signingKey(), trail: trail.identity.id))
        var plan = VerificationPlan.onAllCores(against: others, progress: progress)
        if scope == .sinceLast { plan.since = await mark.read() }
        let report = try await report(on: trail, place, keys, plan, clock)
        if let checkpoint = report.checkpoint, report.verdict == .intact { await mark.write(checkpoint) }
        return report
    }

    private static func report(
        on trail: Trail, _ place: Place, _ keys: FileKeyring, _ plan: VerificationPlan, _ clock: @escaping Clock
    ) async throws -> TrailReport {
        do {
            let vaultStore = try SQLiteVaultStore.open(in: place.data)
            defer { try? vaultStore.close() }
            let vault = try await Vault.open(store: vaultStore, keyring: keys, now: { clock().microseconds })
            guard try await vault.watermark().trail == trail.identity.id else {
                return try await trail.verify(plan).adding([
                    TrailFinding(.database, seq: nil, "vault and trail do not belong together")
                ])
            }
            return try await Examination(place: place, trail: trail, vault: vault, plan: plan).report()
        } catch {
            // The trail's own verdict must not wait for a vault that cannot be read.
            return try await trail.verify(plan).adding([TrailFinding(.database, seq: nil, "vault: \(error)")])
        }
    }
}
