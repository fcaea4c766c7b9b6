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
    /// With the checkpoints that somebody else kept, of any of these trails.
    var plan = VerificationPlan.onAllCores()

    func report() async throws -> TrailReport {
        let remembered = try await vault.watermark().checkpoint
        // One of another trail is a vault's from before a recovery, which follows at the next opening.
        let own = [remembered].filter { Self.origin(of: $0) == trail.origin }
        // Which witnesses there are is read off the trail; where that cannot be read, verifying says so.
        let witnessed: (notes: [String], keys: [WitnessKey]) = (try? await LocalVestige.witnessed(trail, in: place)) ?? ([], [])
        var plan = plan
        plan.others = theirs
        plan.remembered = own + witnessed.notes
        let report = try await trail.verify(plan)
        var findings = try await trail.cosignatureFindings(keys: witnessed.keys)
        findings += try await ErasureFindings(vault: vault, trail: trail).find() + SpoolBook(place: place, trail: trail).findings()
        for older in older {
            // Nothing came to it since anything.
            let asked = self.plan.others.filter { Self.origin(of: $0) == older.trail.origin }
            if report.since == 0 || !asked.isEmpty { findings += try await older.findings(against: asked) }
            findings += try await ErasureFindings(vault: vault, trail: older.trail).find().map {
                TrailFinding($0.kind, seq: nil, "\(older.fileName), entry \($0.seq ?? 0): \($0.message)")
            }
        }
        return report.adding(findings)
    }

    /// Checkpoints that are no older trail's: also those that are nobody's, which are a finding.
    private var theirs: [String] {
        plan.others.filter { note in !older.contains { $0.trail.origin == Self.origin(of: note) } }
    }

    private static func origin(of note: String) -> String { String(note.prefix { $0 != "\n" }) }
}

extension Vestige {
    /// Verifies a data directory in whatever state it is. Opens nothing for use and replays nothing; it notes in the desk how far it
    /// found everything intact. What would make
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
        try place.check(needsVault: false)
        try Sodium.start()
        let keys = try LocalKeys.keyring(nil, of: place)
        var signer = try LocalKeys.signer(keys)
        let store: SQLiteTrailStore
        do {
            store = try SQLiteTrailStore.open(in: place.data)
        } catch {
            return TrailReport(head: .empty, findings: [TrailFinding(.database, seq: nil, "\(error)")])
        }
        // A rotation that was cut short is looked at as it stands.
        signer = try SigningKeys.signer(keys, of: try? store.head()?.checkpoint)
        let trail = Trail.unchecked(store: store, key: signer.verifierKey)
        defer { try? trail.close() }
        guard trail.origin == signer.origin else {
            return TrailReport(
                head: .empty, findings: [TrailFinding(.checkpoint, seq: nil, "the keyring signs for another trail than this one")])
        }
        let mark = VerifiedMark(place: place, key: try SigningKeys.spoolKey(keys, of: trail.identity.id))
        var plan = VerificationPlan.onAllCores(against: others, progress: progress)
        if scope == .sinceLast { plan.since = await mark.read() }
        let report = try await report(on: trail, place, keys, plan, clock)
        if let checkpoint = report.checkpoint, report.verdict == .intact { await mark.write(checkpoint) }
        return report
    }

    private static func report(
        on trail: Trail, _ place: Place, _ keys: any Keyring, _ plan: VerificationPlan, _ clock: @escaping Clock
    ) async throws -> TrailReport {
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
                return try await trail.verify(plan).adding([
                    TrailFinding(.database, seq: nil, "vault and trail do not belong together")
                ])
            }
            return try await Examination(place: place, trail: trail, vault: vault, older: older, plan: plan).report()
        } catch {
            // The trail's own verdict must not wait for a vault that cannot be read.
            return try await trail.verify(plan).adding([TrailFinding(.database, seq: nil, "\(error)")])
        }
    }
}
