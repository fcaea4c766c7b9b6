import Synchronization
public import VestigeCrypto

/// One tenant's keys: who has which pseudonym, what is sealed under whom, and whose keys are gone.
///
/// It finds or mints people, seals and opens under their keys, and destroys those keys for good. It knows nothing of what is sealed, never
/// prints, and keeps keys only in locked memory. Destructions by other vaults on the same ``EpochBoard`` wait until this one has forgotten; one
/// that the board does not tell of is noticed in the store's own epoch within about a second.
public final class Vault: Sendable {
    /// Keys that stay in locked memory unless said otherwise: 16,384, which is 512 KiB.
    public static let slabCapacityDefault = 16_384
    static let microsecondsPerDay: Int64 = 86_400_000_000

    /// Random, made with the vault.
    public var id: Bytes16 { keys.vault }

    let store: any VaultStore
    let keys: KeyHandling
    let cache: KeyCache
    let board: any EpochBoard
    let admissions: Admissions
    let today: @Sendable () -> Int
    private let now: @Sendable () -> Int64
    /// The look at the store's epoch that is on its way; whoever needs one meanwhile waits for it.
    private let looking = Mutex<Task<Void, any Error>?>(nil)

    private init(
        store: any VaultStore, keys: KeyHandling, epoch: UInt64, now: @escaping @Sendable () -> Int64, board: any EpochBoard,
        slabCapacity: Int
    ) throws(VaultError) {
        self.store = store
        self.keys = keys
        self.board = board
        self.now = now
        let today: @Sendable () -> Int = { Int((Double(now()) / Double(Self.microsecondsPerDay)).rounded(.down)) }
        self.today = today
        do throws(CryptoError) {
            cache = try KeyCache(capacity: slabCapacity, board: board, storeEpoch: epoch, now: now)
        } catch {
            throw .crypto(error)
        }
        admissions = Admissions(store: store, keys: keys, cache: cache, today: today)
        board.register { [weak cache, weak self] in
            guard let cache else { return .gone }
            let answer = cache.forget()
            if answer == .wiped { self?.followSoon() }
            return answer
        }
    }

    /// A rotation raises the epoch too, before it destroys the old KEK: a process that nobody uses lets go of it as well.
    private func followSoon() {
        Task { [store, keys] in
            // The next look at the store's epoch makes up for one that fails.
            if let meta = try? await store.meta() { keys.follow(meta) }
        }
    }

    /// Makes a vault in an empty store, durable on return.
    ///
    /// - Parameters:
    ///   - keyring: its newest KEK seals the vault; it has to be there at every later opening.
    ///   - trail: the id of the trail that this vault belongs to.
    ///   - now: the clock, microseconds since 1970.
    ///   - board: where processes tell each other of destroyed keys.
    ///   - slabCapacity: how many keys stay in locked memory, 32 bytes each; at least 16.
    /// - Throws: ``VaultError/storeNotEmpty``, ``VaultError/keyring(_:)``, ``VaultError/crypto(_:)``, the store's errors.
    public static func create(
        store: any VaultStore, keyring: any Keyring, trail: Bytes16, now: @escaping @Sendable () -> Int64,
        board: any EpochBoard = InProcessEpochBoard(), slabCapacity: Int = slabCapacityDefault
    ) async throws -> Vault {
        try Sodium.start()
        let newest = try keyring.currentKEK()
        let kek = KeyEncryptionKey(id: newest, key: try keyring.kek(newest))
        let vault = Bytes16.random()
        let lookupKey = try SecretKey.random()
        let wrapped = lookupKey.withBytes {
            WrappedBytes.seal($0, under: kek, aad: AssociatedData.lookupKey(vault: vault, kek: kek.id))
        }
        try await store.create(
            VaultMeta(
                vault: vault, wrappedLookupKey: wrapped, currentKEK: kek.id, leastKEK: kek.id, watermark: Watermark(trail: trail)))
        let keys = KeyHandling(vault: vault, lookupKey: lookupKey, keyring: keyring, current: kek)
        return try Vault(store: store, keys: keys, epoch: 0, now: now, board: board, slabCapacity: slabCapacity)
    }

    /// Opens the vault of a store. Parameters as for ``create(store:keyring:trail:now:board:slabCapacity:)``.
    ///
    /// - Throws: ``VaultError/storeEmpty``, ``VaultError/wrongKEK(id:)``, ``VaultError/kekMissing(id:)``, ``VaultError/keyring(_:)``,
    ///   ``VaultError/crypto(_:)``.
    public static func open(
        store: any VaultStore, keyring: any Keyring, now: @escaping @Sendable () -> Int64, board: any EpochBoard = InProcessEpochBoard(),
        slabCapacity: Int = slabCapacityDefault
    ) async throws -> Vault {
        try Sodium.start()
        return try await rereading {
            guard let meta = try await store.meta() else { throw VaultError.storeEmpty }
            let keys = try KeyHandling(meta: meta, keyring: keyring)
            return try Vault(store: store, keys: keys, epoch: meta.epoch, now: now, board: board, slabCapacity: slabCapacity)
        }
    }

    /// Ids of the KEKs that this process holds.
    package var keksInMemory: Set<UInt32> { keys.inMemory }

    /// A row may be read under a KEK that a rotation gives up before it is asked for: then the row stands under a newer one by now. And
    /// an erasure may wipe a key between its loading and its use.
    static func rereading<R>(_ body: () async throws -> R) async throws -> R {
        for _ in 1..<Attempts.quickCount {
            do { return try await body() } catch VaultError.kekMissing {} catch VaultError.unsettled {}
        }
        return try await body()
    }

    /// Looks at the store's epoch unless that was done within the last second: the second line behind the board.
    func freshen() async throws {
        if cache.fresh { return }
        let look = looking.withLock { current in
            if let current { return current }
            let asked = now()
            let task = Task { [store, cache, keys] in
                guard cache.noted(storeEpoch: try await store.epoch(), askedAt: asked), let meta = try await store.meta() else { return }
                keys.follow(meta)
            }
            current = task
            return task
        }
        defer { looking.withLock { if $0 == look { $0 = nil } } }
        try await look.value
    }
}
