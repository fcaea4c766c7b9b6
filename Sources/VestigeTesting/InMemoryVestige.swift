public import VestigeCore
import VestigeCrypto
public import VestigeInquiry
public import VestigePolicy
public import VestigeRights
public import VestigeTrail
public import VestigeVault

/// Vestige without files, for the tests of a host: the real recorder, vault and trail over stores in memory.
///
/// ```swift
/// let vestige = try await InMemoryVestige(policy: policy)
/// let app = MyApp(recorder: vestige.recorder)
/// …
/// #expect(try await vestige.recorded().map(\.action) == ["pii.read.user"])
/// ```
public final class InMemoryVestige: Sendable {
    public let policy: Policy
    public let recorder: Recorder
    public let inquiry: Inquiry
    public let rights: Rights
    public let vault: Vault
    public let trail: Trail
    public let spool = InMemorySpool()
    public let trailStore: InMemoryTrailStore
    public let vaultStore: InMemoryVaultStore
    public let deskStore = InMemoryDeskStore()
    private let clock: Clock

    public init(policy: Policy, clock: @escaping Clock = { Timestamp(microseconds: 1_780_000_000_000_000) }) async throws {
        let keyring = try InMemoryKeyring()
        let origin = try keyring.origin()
        let identity = TrailIdentity(id: .random(), origin: origin)
        let signer = try CheckpointSigner(origin: origin, key: try keyring.signingKey())
        self.policy = policy
        self.clock = clock
        trailStore = InMemoryTrailStore(identity: identity)
        vaultStore = InMemoryVaultStore()
        trail = try Trail.create(store: trailStore, signer: signer, clock: clock)
        vault = try await Vault.create(store: vaultStore, keyring: keyring, trail: identity.id, now: { clock().microseconds })
        let spoolKey = try SpoolKey(signingKey: try keyring.signingKey(), trail: identity.id)
        recorder = Recorder(policy: policy, vault: vault, trail: trail, spool: spool, spoolKey: spoolKey, clock: clock)
        inquiry = Inquiry(recorder: recorder, vault: vault, trail: trail)
        rights = Rights(recorder: recorder, vault: vault, trail: trail, desk: deskStore, clock: clock)
    }

    /// The headers of everything recorded, oldest first, questions to the trail left out.
    public func recorded() async throws -> [Header] {
        var query = IndexQuery(limit: IndexQuery.limitMax)
        query.withoutQuestions = true
        return try await trail.page(query).reversed().compactMap { try $0.body.map { try Header(decoding: $0.header) } }
    }

    /// Everything recorded, opened for somebody who may see all, without leaving a question behind.
    public func opened() async throws -> [OpenedEntry] {
        var query = IndexQuery(limit: IndexQuery.limitMax)
        query.withoutQuestions = true
        return try await inquiry.open(try await trail.page(query).reversed())
    }
}
