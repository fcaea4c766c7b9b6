import Synchronization
import VestigeCrypto
import VestigeTesting

@testable import VestigeTrail

/// A clock that a test moves.
final class MovedClock: Sendable {
    private let moment: Mutex<Timestamp>

    init(_ start: Timestamp) { moment = Mutex(start) }

    var now: Timestamp {
        get { moment.withLock { $0 } }
        set { moment.withLock { $0 = newValue } }
    }
}

/// A trail in memory on which days pass.
struct AgingTrail: Sendable {
    let store: InMemoryTrailStore
    let signer: CheckpointSigner
    let trail: Trail
    let clock = MovedClock(TrailFixture.start)

    init() throws {
        signer = try CheckpointSigner(origin: TrailFixture.origin, key: .generate())
        store = InMemoryTrailStore(
            identity: TrailIdentity(id: Bytes16(hex: "00112233445566778899aabbccddeeff") ?? .zero, origin: TrailFixture.origin))
        trail = try Trail.create(store: store, signer: signer, clock: { [clock] in clock.now })
    }

    func pass(days: Int64) { clock.now = clock.now.adding(days: days) }

    func append(_ count: Int) async throws {
        for number in 0..<count { _ = try await trail.append(TrailFixture.entry(number)) }
    }

    /// Decides that places go which were recorded so many days ago or before.
    func plan(_ seqs: [UInt64], olderThan days: Int64) async throws -> RetentionPlan {
        let cutoff = clock.now.adding(days: -days)
        let places = SeqRuns(seqs)
        let id = try await trail.appendOwn(
            RetentionPlan.action, clear: RetentionPlan.encode(places, cutoff: cutoff, channels: ["pii-read"]))
        guard let plan = try await trail.unfinishedPlans().first(where: { $0.entry == id }) else { throw TrailError.notFound(seq: 0) }
        return plan
    }

    func prune(_ seqs: [UInt64], _ plan: RetentionPlan) throws { _ = try store.prune(seqs, under: plan.row, within: .seconds(1)) }

    /// Says that everything planned is done.
    func finish() async throws {
        try await trail.appendOwn(
            RetentionPlan.doneAction, details: ["plans": .integer(1), "entries": .integer(1), "total": .integer(1)])
    }
}

extension Trail {
    /// Appends an entry as only Vestige writes them.
    @discardableResult
    func appendOwn(
        _ action: String, channel: String = RetentionPlan.channel, details: [String: HeaderDetail] = [:], clear: [UInt8]? = nil
    ) async throws -> EntryID {
        let now = TrailFixture.start
        let header = Header(
            id: .make(at: now), occurredAt: now, channel: channel, event: "pruned", action: action,
            actor: ActorReference(type: "system", identity: .none), details: details)
        let payload = Payload(items: clear.map { [.init(kind: .clear, bytes: $0)] } ?? [])
        return try await append(SealedEntry(header: header, payload: payload)).id
    }
}
