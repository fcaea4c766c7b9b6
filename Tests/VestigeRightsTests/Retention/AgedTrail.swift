import Synchronization
import VestigeCore
import VestigeCrypto
import VestigePolicy
import VestigeRights
import VestigeTesting
import VestigeTrail

/// A trail in memory on which days pass, under a policy with windows of one's own.
struct AgedTrail: Sendable {
    /// A clock that a test moves.
    final class MovedClock: Sendable {
        private let moment = Mutex(Timestamp(microseconds: 1_700_000_000_000_000))

        var now: Timestamp {
            get { moment.withLock { $0 } }
            set { moment.withLock { $0 = newValue } }
        }
    }

    let clock: MovedClock
    let vestige: InMemoryVestige

    /// - Parameter retention: what stands in the policy's section of that name.
    init(retention: String) async throws {
        let clock = MovedClock()
        self.clock = clock
        vestige = try await InMemoryVestige(policy: AgedTrail.policy(retention), clock: { clock.now })
    }

    static func policy(_ retention: String) throws -> Policy {
        let text = """
            vestige: 1
            channels: [pii-read, auth, people, hardware]
            purposes: { support: { title: Help }, audit: { title: Review } }
            actors: { staff: [user] }
            actions: { auth.sign_in: { channel: auth, event: signed_in } }
            records:
              user:
                subject: self
                channels: { look: pii-read, change: people }
                fields: { email: { personal: contact } }
                reads: { log: detail }
              hardware:
                id: clear
                subject: none
                channels: { look: hardware, change: hardware }
                fields: { serial: { personal: no } }
                reads: { log: detail }
            retention: \(retention)
            """
        return try Policy.parse(Array(text.utf8), file: "retention.yaml")
    }

    func pass(days: Int64 = 0, hours: Int64 = 0) {
        clock.now = clock.now.adding(microseconds: (days * 24 + hours) * 3_600 * Timestamp.microsecondsPerSecond)
    }

    @discardableResult
    func look(at id: String, by actor: String = "7") async throws -> UInt64 {
        try await vestige.recorder.record(
            Entry(
                event: "read", actor: AuditActor(.user, id: actor), record: RecordReference(type: "user", id: id), fields: ["email"],
                purpose: "support")
        ).seq
    }

    @discardableResult
    func look(atHardware id: String) async throws -> UInt64 {
        try await vestige.recorder.record(
            Entry(event: "read", actor: AuditActor(.user, id: "7"), record: RecordReference(type: "hardware", id: id), purpose: "support")
        ).seq
    }

    @discardableResult
    func signIn(_ id: String) async throws -> UInt64 {
        try await vestige.recorder.record(
            Entry(
                event: "signed_in", action: "auth.sign_in", actor: AuditActor(.user, id: id),
                record: RecordReference(type: "user", id: id))
        ).seq
    }

    /// Entries until no doubt about the clock is left, about people whom nothing else is about. Thirty hours pass.
    func settle() async throws {
        for _ in 0..<3 {
            try await look(at: "tick")
            pass(hours: 15)
        }
    }

    func prune(_ order: PruneOrder = PruneOrder(actor: officer, purpose: "audit"), archive: (any RetentionArchive)? = nil) async throws
        -> Pruned
    {
        try await vestige.rights.prune(order, archive: archive, pace: PrunePace(rest: 0))
    }

    /// Places without a body.
    var gone: Set<UInt64> { Set(vestige.trailStore.snapshot.leaves.keys).subtracting(vestige.trailStore.snapshot.bodies.keys) }

    var isIntact: Bool { get async throws { try await vestige.trail.verify().verdict == .intact } }

    func actions() async throws -> [String] { try await vestige.recorded().map(\.action) }
}

/// Keeps what it is given, and can be told to fail.
final class MemoryArchive: RetentionArchive {
    private struct File {
        var headers: [Header?]
        var day: Int64
    }

    private struct State {
        var entries: [(plan: EntryID, entry: StoredEntry)] = []
        var files: [String: File] = [:]
        var failures = 0
        var onKeeping: (@Sendable () async throws -> Void)?
    }

    private let state = Mutex(State())

    var kept: [StoredEntry] { state.withLock { $0.entries.map(\.entry) } }
    var names: [String] { state.withLock { $0.files.keys.sorted() } }

    func failNext(_ count: Int) { state.withLock { $0.failures = count } }

    /// Once, after the next entries were kept.
    func onKeeping(_ body: @escaping @Sendable () async throws -> Void) { state.withLock { $0.onKeeping = body } }

    /// A file of earlier days; its digest is that of all headers.
    func put(_ name: String, _ headers: [Header?], on day: Int64) { state.withLock { $0.files[name] = File(headers: headers, day: day) } }

    func keep(_ entries: [StoredEntry], under plan: RetentionPlan) async throws {
        let fails = state.withLock { state in
            defer { state.failures = max(0, state.failures - 1) }
            return state.failures > 0
        }
        if fails { throw RightsError.unavailable("the test asked the archive to fail") }
        let then = state.withLock { state in
            state.entries += entries.map { (plan.entry, $0) }
            defer { state.onKeeping = nil }
            return state.onKeeping
        }
        try await then?()
    }

    func places(under plan: RetentionPlan) async throws -> SeqRuns {
        state.withLock { SeqRuns($0.entries.filter { $0.plan == plan.entry }.map(\.entry.seq).sorted()) }
    }

    func files(before day: Int64) async throws -> [String] {
        state.withLock { $0.files.filter { $0.value.day < day }.keys.sorted() }
    }

    func read(_ file: String, _ isKept: @escaping @Sendable (Header?) -> Bool) async throws -> (file: ArchivedFile, isKept: Bool) {
        let headers = state.withLock { $0.files[file]?.headers ?? [] }
        let bytes = headers.flatMap { $0?.encoded() ?? [] }
        return (ArchivedFile(name: file, lines: UInt64(headers.count), digest: sha256(bytes)), headers.contains(where: isKept))
    }

    func remove(_ file: String) async throws { state.withLock { _ = $0.files.removeValue(forKey: file) } }
}
