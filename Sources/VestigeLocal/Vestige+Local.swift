import Foundation
public import VestigeCore
import VestigeCrypto
public import VestigePolicy
import VestigeSQLite
public import VestigeTrail
public import VestigeVault

extension Vestige {
    /// Opens a data directory: checks it, finishes erasures that a crash interrupted, replays the trail's, and
    /// records the acts that a crash left in a spool.
    ///
    /// ```swift
    /// let vestige = try await Vestige.open("/var/lib/directory/vestige", policy: "Policies/people-directory.yaml")
    /// ```
    /// - Parameters:
    ///   - directory: made by `vestige init`.
    ///   - policy: path of the policy that the host was built for; `nil` takes the adopted one.
    ///   - keyring: `<directory>.keyring` beside the data directory if left out.
    ///   - acceptingClock: opens although the clock is over 366 days ahead of the newest entry.
    /// - Throws: ``LocalError``, ``VaultError``, ``TrailError``, ``PolicyError``; nothing is served then.
    public static func open(
        _ directory: String, policy: String? = nil, keyring: String? = nil, acceptingClock: Bool = false
    ) async throws -> LocalVestige {
        let place = Place(data: directory, keyring: keyring)
        return try await open(place, policy: try policy.map(readPolicy), keyring: nil, acceptingClock: acceptingClock)
    }

    /// The same with a keyring of another kind and a clock of one's own.
    public static func open(
        _ place: Place, policy: Policy? = nil, keyring: (any Keyring)?, acceptingClock: Bool = false,
        clock: @escaping Clock = LocalVestige.systemClock
    ) async throws -> LocalVestige {
        try await open(place, policy: policy, keyring: keyring, acceptingClock: acceptingClock, clock: clock, past: StorePosts())
    }

    /// The same past what a test puts before the stores.
    package static func open(
        _ place: Place, policy: Policy? = nil, keyring: (any Keyring)?, acceptingClock: Bool = false,
        clock: @escaping Clock = LocalVestige.systemClock, past posts: StorePosts
    ) async throws -> LocalVestige {
        try place.check()
        try Sodium.start()
        let keys = try LocalKeys.keyring(keyring, of: place)
        // A keyring that cannot be read is told of before the trail is touched.
        _ = try LocalKeys.signer(keys)
        let trailStore = try SQLiteTrailStore.open(in: place.data)
        let signer = try SigningKeys.settled(keys, of: trailStore.head()?.checkpoint)
        let trail = try Trail.open(
            store: posts.trail(trailStore), signer: signer, clock: clock, acceptingClock: acceptingClock, renewal: SigningKeys.renewal(keys)
        )
        let older = try await OlderTrail.all(beneath: trail, in: place)
        let vaultStore = try SQLiteVaultStore.open(in: place.data)
        guard let identity = try await vaultStore.meta()?.vault else { throw LocalError.emptyVault }
        // Joined before any key is read: from here on every erasure waits for this process.
        let board = try SharedEpochBoard.open(in: place.data, vault: identity, patience: posts.patience)
        // Once more, now that whoever recovers can see this process: the files may have begun to move since the first look.
        try place.check()
        let vault = try await LocalKeys.vault(posts.vault(vaultStore), keys, posts.board(board), now: { clock().microseconds })
        try await bind(vault, to: trail, older)
        let adopted = try await AdoptedPolicy.read(from: trail)
        if let policy, policy.digest != adopted.digest {
            throw LocalError.otherPolicy(given: policy.digest.hex, adopted: adopted.digest.hex)
        }
        let opened = LocalVestige(
            place: place, policy: adopted, vault: vault, vaultStore: vaultStore, board: board, trail: trail, trailStore: trailStore,
            older: older, desk: try SQLiteDeskStore.openOrCreate(in: place.data), keyring: keys,
            spoolKey: try SigningKeys.spoolKey(keys, of: trail.identity.id),
            olderSpools: try LocalKeys.spools(of: older, place), clock: clock)
        try await ClockStep.tellAhead(of: trail, at: clock(), by: opened.recorder)
        try await ClockStep.tellBehind(trail, at: clock(), by: opened.recorder)
        try await opened.doDuties()
        try await SpoolBook(place: place, trail: trail).drainLeftovers(by: opened.recorder)
        try await opened.keepRemembering()
        return opened
    }

    /// The vault must have seen no more of this trail than there is, and nothing else: what it counts as replayed are places. One that is bound to a trail which this one goes on from was put back from
    /// before the recovery, or the recovery has just been made: it follows.
    private static func bind(_ vault: Vault, to trail: Trail, _ older: [OlderTrail]) async throws {
        let watermark = try await vault.watermark()
        if watermark.trail == trail.identity.id {
            let size = try await trail.checkpoint().size
            guard size >= watermark.size else { throw LocalError.olderTrail(size: size, seen: watermark.size) }
            if !watermark.checkpoint.isEmpty, try await !trail.goesOn(from: watermark.checkpoint) {
                throw LocalError.otherHistory(seen: watermark.size)
            }
        } else if older.contains(where: { $0.trail.identity.id == watermark.trail }) {
            try await vault.adoptTrail(trail.identity.id)
        } else {
            throw LocalError.otherVault
        }
    }

    /// Makes a data directory and its keyring, begins trail and vault, and adopts the policy as the first entry.
    ///
    /// - Parameters:
    ///   - origin: the trail's name in checkpoints; `vestige.local/<trail id>` if left out.
    /// - Throws: ``LocalError/alreadyThere(_:)`` and what ``open(_:policy:keyring:acceptingClock:)`` throws.
    public static func create(
        _ place: Place, policy: Policy, origin: String? = nil, by actor: AuditActor,
        clock: @escaping Clock = LocalVestige.systemClock
    ) async throws -> LocalVestige {
        try await create(place, policy: policy, origin: origin, by: actor, clock: clock, patience: SharedEpochBoard.patience)
    }

    /// The same with a patience of one's own, see ``StorePosts/patience``.
    package static func create(
        _ place: Place, policy: Policy, origin: String? = nil, by actor: AuditActor,
        clock: @escaping Clock = LocalVestige.systemClock, patience: Duration
    ) async throws -> LocalVestige {
        try Sodium.start()
        let id = Bytes16.random()
        let origin = origin ?? "vestige.local/\(id.hex)"
        try place.checkUnused()
        let keyring = try FileKeyring.create(directory: place.keyring, origin: origin)
        try place.makeDirectories()
        let signer = try CheckpointSigner(origin: origin, key: try keyring.signingKey())
        let trailStore = try SQLiteTrailStore.create(in: place.data, identity: TrailIdentity(id: id, origin: origin))
        let trail = try Trail.create(store: trailStore, signer: signer, clock: clock, renewal: SigningKeys.renewal(keyring))
        let vaultStore = try SQLiteVaultStore.create(in: place.data)
        let identity = try await Vault.create(store: vaultStore, keyring: keyring, trail: id, now: { clock().microseconds }).id
        let board = try SharedEpochBoard.open(in: place.data, vault: identity, patience: patience)
        let vault = try await Vault.open(store: vaultStore, keyring: keyring, now: { clock().microseconds }, board: board)
        let made = LocalVestige(
            place: place, policy: policy, vault: vault, vaultStore: vaultStore, board: board, trail: trail, trailStore: trailStore,
            older: [], desk: try SQLiteDeskStore.openOrCreate(in: place.data), keyring: keyring,
            spoolKey: try SpoolKey(signingKey: try keyring.signingKey(), trail: id), olderSpools: [], clock: clock)
        _ = try await made.adopt(policy, by: actor)
        try await made.keepRemembering()
        return made
    }

    /// Reads a policy from a file.
    public static func readPolicy(_ path: String) throws -> Policy {
        guard let data = FileManager.default.contents(atPath: path) else { throw LocalError.unusable("\(path) cannot be read") }
        return try Policy.parse([UInt8](data), file: path)
    }
}

/// What stands before the stores of an opening: nothing, but in tests that end a process at a chosen call, or whose processes share a machine
/// that has little time for each.
package struct StorePosts: Sendable {
    package var vault: @Sendable (any VaultStore) -> any VaultStore = { $0 }
    package var trail: @Sendable (any TrailStore) -> any TrailStore = { $0 }
    package var board: @Sendable (any EpochBoard) -> any EpochBoard = { $0 }
    /// How long an erasure or a rotation waits for the others that have the directory open.
    package var patience = SharedEpochBoard.patience

    package init() {}

    package init(patience: Duration) { self.patience = patience }
}
