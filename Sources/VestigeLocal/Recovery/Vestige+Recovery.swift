import Foundation
import Glibc
public import VestigeCore
import VestigeCrypto
import VestigePolicy
import VestigeSQLite
public import VestigeTrail
public import VestigeVault

/// Going on when the newest trail is lost and only an older copy of it is left, while the vault has seen more.
///
/// Putting the copy into its place would be refused, and rightly: what the vault knows to have stood there is missing, and a second history under the
/// same name is what a checkpoint is to exclude. So a new trail is opened, under a new name and key. Its first entry says from which one it
/// goes on, what is left of that and what is missing. What is left stays beside it, and is asked, verified and replayed.
extension Vestige {
    /// What ``recover(_:from:caseReference:by:keyring:clock:)`` would do. Verifies the copy and changes nothing.
    public static func planRecovery(
        _ place: Place, from evidence: RecoveryEvidence, keyring: (any Keyring)? = nil, clock: @escaping Clock = LocalVestige.systemClock
    ) async throws -> RecoveryPlan {
        try await Recovery(place: place, evidence: evidence, keyring: keyring, clock: clock).plan()
    }

    /// Opens a new trail that goes on from the newest copy of the old one.
    ///
    /// It can be killed at any point: before its files begin to move everything stays as it was, afterwards openings are refused until it was
    /// called again.
    ///
    /// - Parameters:
    ///   - evidence: where ``LocalVestige/backUpTrail(to:by:progress:)`` put its copies; what stands in the trail's place is looked at too. With a
    ///     verifier key in place of a lost signing key nothing need be missing.
    ///   - caseReference: sealed for `actor` in the new trail's first entry.
    /// - Throws: ``LocalError``, also when there is nothing to recover; `VaultError`: without vault and KEK there is no recovery.
    public static func recover(
        _ place: Place, from evidence: RecoveryEvidence, caseReference: String, by actor: AuditActor, keyring: (any Keyring)? = nil,
        clock: @escaping Clock = LocalVestige.systemClock
    ) async throws -> RecoveredTrail {
        try await Recovery(place: place, evidence: evidence, keyring: keyring, clock: clock).run(caseReference: caseReference, by: actor)
    }
}

/// A recovery from its beginning to its end.
struct Recovery {
    /// Points at which it may be cut short.
    enum Step: Equatable {
        case olderTrailCopied, keyStaged, trailBegun, committed
        case moved(RecoveryFiles.Move)
    }

    let place: Place
    let evidence: RecoveryEvidence
    let keyring: (any Keyring)?
    let clock: Clock
    /// For tests: what it throws cuts the recovery short as a crash would, nothing is tidied up.
    var after: @Sendable (Step) throws -> Void = { _ in }

    private var files: RecoveryFiles { RecoveryFiles(place: place) }

    func plan() async throws -> RecoveryPlan {
        try await alone { keyring in
            if files.isBegun {
                return RecoveryPlan(
                    number: 0, origin: "", olderOrigin: "", source: nil, keptSize: 0, seenSize: 0, policy: "", isGoingOn: true)
            }
            return try await withVault { vault, _ in
                let survey = try await survey(vault, keyring)
                try survey.trail.close()
                return survey.plan
            }
        }
    }

    func run(caseReference: String, by actor: AuditActor) async throws -> RecoveredTrail {
        guard !caseReference.isEmpty else {
            throw LocalError.recovery("a recovery belongs to a case: give its reference; nothing was changed")
        }
        let wasBegun = try await alone { keyring in
            let wasBegun = files.isBegun
            try await withVault { vault, board in
                if wasBegun { return }
                try await prepare(vault, keyring, caseReference, actor)
                do {
                    // Who came while the copies were checked may be at work already; who comes from now on is refused.
                    try refuseOthers(on: board)
                } catch {
                    try files.takeBack()
                    throw error
                }
                try after(.committed)
            }
            try files.finish(keyring) { try after(.moved($0)) }
            return wasBegun
        }
        // Binds the vault to the new trail, and replays the older ones.
        let opened = try await Vestige.open(place, keyring: keyring, clock: clock)
        guard let older = opened.older.first else {
            try await opened.close()
            throw LocalError.damagedSuccession
        }
        let lost = "trail-\(older.number).lost.sqlite"
        let recovered = RecoveredTrail(
            plan: RecoveryPlan(
                number: older.number + 1, origin: opened.trail.origin, olderOrigin: older.trail.origin, source: nil, keptSize: older.size,
                seenSize: older.missing.upperBound, policy: opened.policy.digest.hex, isGoingOn: wasBegun),
            verifierKey: opened.trail.verifierKey.description, replayed: opened.dutiesAtOpening.replayed,
            lostFile: DurableFile.exists(place.data + "/" + lost) ? lost : nil)
        try await opened.close()
        return recovered
    }

    // MARK: Steps

    /// Everything up to the moment from which it only goes forward.
    private func prepare(
        _ vault: Vault, _ keyring: FileKeyring, _ caseReference: String, _ actor: AuditActor
    ) async throws {
        let survey = try await survey(vault, keyring)
        defer { try? survey.trail.close() }
        try files.begin()
        let built = files.directory
        let head = try await blocking { try survey.store.copy(to: RecoveryFiles.olderName, in: built) }
        guard head.size == survey.succession.size else {
            throw LocalError.recovery("\(survey.plan.source ?? "the copy") grew meanwhile; nothing was changed, stop whoever writes to it")
        }
        try after(.olderTrailCopied)
        let number = try keyring.nextSigningNumber(atLeast: UInt32(survey.succession.number + 1))
        let signer = try CheckpointSigner(origin: survey.origin, key: try keyring.stageSigningKey(number, origin: survey.origin))
        try after(.keyStaged)
        let identity = TrailIdentity(id: .random(), origin: survey.origin)
        let trail = try Trail.create(store: try SQLiteTrailStore.create(in: built, identity: identity), signer: signer, clock: clock)
        let recorder = Recorder(policy: survey.policy, vault: vault, trail: trail, clock: clock)
        _ = try await recorder.record(try first(survey.succession, caseReference, actor))
        _ = try await recorder.record(AdoptedPolicy.entry(survey.policy, by: actor))
        try trail.close()
        guard DurableFile.byteCount("\(built)/\(RecoveryFiles.trailName)-wal") == 0 else {
            throw LocalError.recovery("the new trail could not be closed; nothing was changed, ask again")
        }
        try after(.trailBegun)
        try files.commit(RecoveryFiles.Commit(number: survey.succession.number, signing: number))
    }

    private func first(_ succession: Succession, _ caseReference: String, _ actor: AuditActor) throws -> BuiltInEntry {
        var entry = BuiltInEntry(action: Succession.action, event: Event.recovered.rawValue, actor: actor)
        entry.caseReference = caseReference
        entry.details = [
            "trail": .integer(Int64(succession.number + 1)), "missing_from": .integer(Int64(succession.missing.lowerBound)),
            "missing_to": .integer(Int64(succession.missing.upperBound)),
        ]
        entry.clear = [try succession.encoded()]
        return entry
    }

    private func survey(_ vault: Vault, _ keyring: FileKeyring) async throws -> RecoverySurvey {
        try await RecoverySurvey(place, evidence, keyring: keyring, vault: try await vault.watermark())
    }

    // MARK: Alone on the directory

    private func alone<Outcome>(_ body: (FileKeyring) async throws -> Outcome) async throws -> Outcome {
        try Sodium.start()
        guard FileManager.default.fileExists(atPath: place.data) else { throw LocalError.missing(place.data) }
        let lock = open(place.data, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard lock >= 0 else { throw LocalError.recovery("\(place.data) cannot be opened; nothing was changed") }
        defer { LockedFile.release(lock) }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            throw LocalError.recovery("another recovery of \(place.data) is under way; nothing was changed, wait for its end")
        }
        do {
            return try await body(try FileKeyring(directory: place.keyring))
        } catch VaultError.keyring(.missing(let path)) {
            throw LocalError.missingKeyring(path)
        }
    }

    private func withVault<Outcome>(_ body: (Vault, SharedEpochBoard) async throws -> Outcome) async throws -> Outcome {
        guard DurableFile.exists(place.data + "/vault.sqlite") else { throw LocalError.missingVault(place.data) }
        let store = try SQLiteVaultStore.open(in: place.data)
        guard let identity = try await store.meta()?.vault else { throw LocalError.emptyVault }
        let board = try SharedEpochBoard.open(in: place.data, vault: identity)
        defer {
            try? store.close()
            board.release()
        }
        try refuseOthers(on: board)
        let keys = try LocalKeys.keyring(keyring, of: place)
        return try await body(try await LocalKeys.vault(store, keys, board, now: { [clock] in clock().microseconds }), board)
    }

    private func refuseOthers(on board: SharedEpochBoard) throws {
        // One resident is this one.
        var others = board.residents.map(\.pid)
        if let own = others.firstIndex(of: getpid()) { others.remove(at: own) }
        guard others.isEmpty else {
            throw LocalError.recovery(
                "process \(others.map(String.init).joined(separator: ", ")) has \(place.data) open; nothing was changed, stop it first")
        }
    }
}
