import Foundation
import Synchronization
public import VestigeCore
import VestigeCrypto
package import VestigeDesk
public import VestigeInquiry
public import VestigePolicy
public import VestigeRights
import VestigeSQLite
public import VestigeTrail
public import VestigeVault

/// One data directory, opened: everything checked, every erasure of the trail replayed.
///
/// The one place that wires stores, vault, trail and policy together.
public final class LocalVestige: Sendable {
    public let place: Place
    public let policy: Policy
    public let recorder: Recorder
    public let inquiry: Inquiry
    public let rights: Rights
    public let evidence: EvidencePack
    public let vault: Vault
    public let trail: Trail
    /// The trails that this one goes on from, the newest first; empty without a recovery.
    public let older: [OlderTrail]
    let trailStore: SQLiteTrailStore
    let keyring: any Keyring
    let clock: Clock
    private let vaultStore: SQLiteVaultStore
    let desk: SQLiteDeskStore
    let board: SharedEpochBoard
    private let opening = Mutex(Duties())
    private let spool: AnnouncedSpool
    private let remembering = Mutex<Task<Void, Never>?>(nil)

    /// Small state of the service that is no evidence, such as its tokens.
    package var workingState: any DeskStore { desk }

    /// The machine's clock.
    public static let systemClock: Clock = { Timestamp(microseconds: Int64((Date().timeIntervalSince1970 * 1_000_000).rounded(.down))) }

    init(
        place: Place, policy: Policy, vault: Vault, vaultStore: SQLiteVaultStore, board: SharedEpochBoard, trail: Trail,
        trailStore: SQLiteTrailStore, older: [OlderTrail], desk: SQLiteDeskStore, keyring: any Keyring, spoolKey: SpoolKey,
        olderSpools: [OlderSpool], clock: @escaping Clock
    ) {
        self.place = place
        self.policy = policy
        self.vault = vault
        self.vaultStore = vaultStore
        self.board = board
        self.trail = trail
        self.trailStore = trailStore
        self.older = older
        self.desk = desk
        self.keyring = keyring
        self.clock = clock
        spool = AnnouncedSpool(FileSpool(in: place.data, key: spoolKey))
        recorder = Recorder(
            policy: policy, vault: vault, trail: trail, spool: spool, spoolKey: spoolKey, olderSpools: olderSpools, clock: clock)
        inquiry = Inquiry(recorder: recorder, vault: vault, trail: trail)
        rights = Rights(recorder: recorder, vault: vault, trail: trail, desk: desk, older: older.map(\.trail), clock: clock)
        evidence = EvidencePack(
            recorder: recorder, inquiry: inquiry, trail: trail, policy: policy,
            witnesses: { [trail] in try await WitnessBook(trail: trail).witnesses().map(\.key) },
            everyWitness: { [trail] in try await LocalVestige.witnessKeys(of: trail) }, clock: clock)
        spool.announce(by: { [weak recorder] id in
            guard let recorder else { throw RecordingError.unavailable("it is closed") }
            try await SpoolBook.record(SpoolBook.opened, id, by: recorder)
        })
    }

    /// What this opening found to do: erasures to be finished, keys whose day had come.
    public var dutiesAtOpening: Duties { opening.withLock { $0 } }

    /// Before anything is served: finishes erasures, replays the trail's, brings the vault's holds to what the trail says, destroys the acting
    /// keys whose day has come, and finishes redactions.
    func doDuties() async throws {
        var duties = try await rights.catchUp(older: older.map(\.trail))
        duties.redactions = try await rights.finishRedactions(wipingSince: clock().adding(days: -1))
        opening.withLock { [duties] in $0 = duties }
    }

    /// What is due each night: finishes erasures that waited for a process, ends the holds whose day is over, destroys the acting keys whose
    /// day has come, forgets the fences that have ended, finishes redactions, and lets retention run. It may be run at any time, by several
    /// processes and more than once.
    @discardableResult
    public func nightly() async throws -> Duties {
        var duties = try await rights.catchUp()
        duties.fencesEnded = try await vault.expireFences()
        duties.redactions = try await rights.finishRedactions(wipingSince: Timestamp(microseconds: 0))
        spool.tidy()
        duties.pruned = try await pruneNightly()
        return duties
    }

    /// Begins to remember each minute, and to tell of a clock that was set back. Only after the replay, since what is remembered counts as
    /// replayed.
    func keepRemembering() async throws {
        try await LocalVestige.remember(trail, in: vault)
        remembering.withLock { remembering in
            remembering = Task { [vault, trail, clock, weak spool, weak recorder] in
                while (try? await Task.sleep(for: .seconds(60))) != nil {
                    if let recorder { try? await ClockStep.tellBehind(trail, at: clock(), by: recorder) }
                    // Acts that stand in the trail need not stand here: one of them may be redacted by another process.
                    spool?.tidy()
                    // A missed minute is made up for by the next one, and by the close.
                    try? await LocalVestige.remember(trail, in: vault)
                }
            }
        }
    }

    /// The vault remembers how far the trail came, so that an older copy of it is noticed.
    static func remember(_ trail: Trail, in vault: Vault) async throws {
        let checkpoint = try await trail.checkpoint()
        try await vault.rememberTrail(checkpoint: checkpoint.note, size: checkpoint.size, replayedThrough: checkpoint.size)
    }

    /// Removes single bodies before their time; see ``Rights/redact(_:)``. Afterwards nothing of them stands in a file of the data directory,
    /// but in spools of other processes, which tidy theirs each minute.
    public func redact(_ order: RedactionOrder) async throws -> RedactionDone {
        let done = try await rights.redact(order)
        spool.tidy()
        return done
    }

    /// Records that another policy is in force from the next opening on.
    public func adopt(_ policy: Policy, by actor: AuditActor) async throws -> Receipt {
        try await recorder.record(AdoptedPolicy.entry(policy, by: actor))
    }

    /// Checks everything: trail, index, checkpoints, what the vault remembers of them, and the trail's erasures against the vault.
    public func verify() async throws -> TrailReport {
        let report = try await Examination(place: place, trail: trail, vault: vault, older: older).report()
        if report.verdict != .intact { await VerifiedMark.remove(in: place) }
        return report
    }

    public func status() async throws -> LocalStatus {
        let checkpoint = try await trail.checkpoint()
        let people = try await vault.counts()
        let pruned = try await trail.pruned()
        return LocalStatus(
            origin: trail.origin, verifierKey: trail.verifierKey.description, size: checkpoint.size, root: checkpoint.root.base64,
            prunedEntries: pruned.count, oldestKept: try await trail.oldestKept(),
            retention: try await retentionStanding(), redacted: try await trail.redactedCount(),
            subjects: people.subjects, erased: people.erased, policy: policy.digest.hex, spoolWaiting: spoolWaiting,
            clockBehind: try await clockBehind(),
            witnesses: try await witnesses(),
            sinks: try await sinkStandings(),
            older: older.map { LocalStatus.Older(number: $0.number, origin: $0.trail.origin, size: $0.size, missing: $0.missing) })
    }

    /// In the spools of this process and of every other.
    private var spoolWaiting: Int {
        guard let key = recorder.spoolKey else { return 0 }
        return FileSpool.waiting(in: place.data, key: key)
    }

    /// Asks an older trail, which the present one goes on from. The question is recorded in the present one.
    ///
    /// - Parameter number: as ``OlderTrail/number``; `nil` for the present trail.
    /// - Throws: ``LocalError/noSuchTrail(_:known:)``
    public func inquiry(of number: Int?) throws -> Inquiry {
        guard let number, number != (older.first?.number ?? 0) + 1 else { return inquiry }
        guard let asked = older.first(where: { $0.number == number }) else {
            throw LocalError.noSuchTrail(number, known: older.map(\.number))
        }
        return inquiry.asking(asked.trail, number: number)
    }

    /// Waits for what is under way, tells the vault how far the trail came, closes the files and leaves the epoch page.
    public func close() async throws {
        defer { board.release() }
        remembering.withLock { $0?.cancel() }
        recorder.keeper?.stop()
        let recorder = recorder
        // Each file is closed whatever became of the others; the first trouble is told.
        let spoolTrouble = await trouble { try await spool.close { try await SpoolBook.record(SpoolBook.drained, $0, by: recorder) } }
        let vaultTrouble = await trouble { try await LocalVestige.remember(trail, in: vault) }
        defer {
            try? vaultStore.close()
            try? desk.close()
        }
        for older in older { try? older.trail.close() }
        try trail.close()
        if let trouble = spoolTrouble ?? vaultTrouble { throw trouble }
        try vaultStore.close()
    }

    private func trouble(_ body: () async throws -> Void) async -> (any Error)? {
        do {
            try await body()
            return nil
        } catch {
            return error
        }
    }

    /// What is written down and does not stand in the trail yet, and why acts are refused, if they are: for readiness checks and alarms.
    public var spoolHealth: SpoolHealth { SpoolHealth(waiting: spool.waiting, failure: spool.failure) }

    deinit {
        remembering.withLock { $0?.cancel() }
    }
}

/// How this process's spool is. `waiting.kept` above 0 for more than a moment means that the trail takes no entries; `failure` means that
/// changes are refused until the process starts anew.
public struct SpoolHealth: Sendable, Equatable {
    public let waiting: SpoolWaiting
    public let failure: SpoolError?
}

/// What `vestige status` tells.
public struct LocalStatus: Sendable, Equatable {
    public let origin: String
    public let verifierKey: String
    public let size: UInt64
    /// Base64.
    public let root: String
    /// Bodies that retention took.
    public let prunedEntries: UInt64
    /// The lowest place that still has a body; once retention has taken some, without those that Vestige itself wrote, which it never takes.
    public let oldestKept: UInt64?
    public let retention: RetentionStanding
    /// Bodies that were removed before their time, by decision.
    public let redacted: Int
    /// People whose subject key lives, and people whose was destroyed.
    public let subjects: Int
    public let erased: Int
    /// SHA-256 of the adopted policy, hexadecimal.
    public let policy: String
    /// Acts in spools that do not stand in the trail yet, those under way among them.
    public let spoolWaiting: Int
    /// Seconds by which the clock is behind the newest entry, if that is more than 60.
    public let clockBehind: Int64?
    /// Who cosigns this trail's checkpoints.
    public let witnesses: [WitnessStanding]
    /// The sinks of the policy and how far behind each is.
    public let sinks: [SinkStanding]
    /// The trails that this one goes on from, the newest first.
    public let older: [Older]

    public struct Older: Sendable, Equatable {
        /// The first trail of all is 1.
        public let number: Int
        public let origin: String
        /// Entries that are left of it.
        public let size: UInt64
        /// Places of the entries that were lost, as far as the vault had seen them.
        public let missing: Range<UInt64>
    }
}
