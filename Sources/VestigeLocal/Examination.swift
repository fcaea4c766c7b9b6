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
        var plan = plan
        plan.others = theirs
        plan.remembered = own
        let report = try await trail.verify(plan)
        // What is read off the trail below is held against its newest checkpoint; without one there is nothing to hold it against.
        guard report.checkpoint != nil else { return report }
        var findings = try await LocalVestige.cosignatureFindings(trail, in: place)
        findings += try await ErasureFindings(vault: vault, trail: trail).find() + SpoolBook(place: place, trail: trail).findings()
        var consistent: [OlderCheckpoint] = []
        for older in older {
            // Nothing came to it since anything.
            let asked = self.plan.others.filter { Self.origin(of: $0) == older.trail.origin }
            if report.since == 0 || !asked.isEmpty {
                let examined = try await older.examined(against: asked)
                findings += examined.findings
                consistent += examined.consistent.map { OlderCheckpoint(trail: older.number, size: $0) }
            }
            findings += try await ErasureFindings(vault: vault, trail: older.trail).find().map {
                TrailFinding($0.kind, seq: nil, "\(older.fileName), entry \($0.seq ?? 0): \($0.message)")
            }
        }
        return report.adding(findings, consistentOlder: consistent)
    }

    /// Checkpoints that are no older trail's: also those that are nobody's, which are a finding.
    private var theirs: [String] {
        plan.others.filter { note in !older.contains { $0.trail.origin == Self.origin(of: note) } }
    }

    static func origin(of note: String) -> String { String(note.prefix { $0 != "\n" }) }
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
    /// - Throws: only when there is nothing to verify, or no keyring to verify it with; ``LocalError/noCheckpointOfThis(place:why:)``: one of
    ///   `others` says nothing of this trail, and nothing was verified.
    public static func verify(
        _ place: Place, against others: [String] = [], scope: VerificationScope = .everything,
        clock: @escaping Clock = LocalVestige.systemClock, progress: (@Sendable (VerificationProgress) -> Void)? = nil
    ) async throws -> TrailReport {
        try place.check(needsVault: false)
        try Sodium.start()
        for (place, note) in others.enumerated() {
            do {
                _ = try Checkpoint.statement(try SignedNote(note).text)
            } catch {
                throw LocalError.noCheckpointOfThis(place: place, why: "\(error)")
            }
        }
        let keys = try LocalKeys.keyring(nil, of: place)
        var signer = try LocalKeys.signer(keys)
        let store: SQLiteTrailStore
        do {
            store = try SQLiteTrailStore.open(in: place.data)
        } catch {
            return await broken(place, TrailFinding(.database, seq: nil, "\(error)"))
        }
        // A rotation that was cut short is looked at as it stands.
        signer = try SigningKeys.signer(keys, of: try? store.head()?.checkpoint)
        let trail = Trail.unchecked(store: store, key: signer.verifierKey)
        defer { try? trail.close() }
        guard trail.origin == signer.origin else {
            return await broken(place, TrailFinding(.checkpoint, seq: nil, "the keyring signs for another trail than this one"))
        }
        try await check(others, speakOf: trail, in: place)
        let mark = VerifiedMark(place: place, key: try SigningKeys.spoolKey(keys, of: trail.identity.id))
        var plan = VerificationPlan.onAllCores(against: others, progress: progress)
        if scope == .sinceLast { plan.since = await mark.read() }
        let report = try await report(on: trail, place, keys, plan, clock)
        if let checkpoint = report.checkpoint, report.verdict == .intact {
            await mark.write(checkpoint)
        } else {
            await VerifiedMark.remove(in: place)
        }
        return report
    }

    private static func broken(_ place: Place, _ finding: TrailFinding) async -> TrailReport {
        await VerifiedMark.remove(in: place)
        return TrailReport(head: .empty, findings: [finding])
    }

    /// A checkpoint of another trail says nothing of this one, neither good nor bad.
    private static func check(_ others: [String], speakOf trail: Trail, in place: Place) async throws {
        var origins: Set = [trail.origin]
        guard !origins.isSuperset(of: others.map(Examination.origin)) else { return }
        // Where the older trails cannot be read, verifying says so.
        guard let older = try? await OlderTrail.all(beneath: trail, in: place) else { return }
        for older in older {
            origins.insert(older.trail.origin)
            try? older.trail.close()
        }
        guard let strange = others.firstIndex(where: { !origins.contains(Examination.origin(of: $0)) }) else { return }
        throw LocalError.noCheckpointOfThis(place: strange, why: "it is another trail's")
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
