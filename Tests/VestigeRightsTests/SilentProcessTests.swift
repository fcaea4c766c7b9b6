import Synchronization
import Testing
import VestigeCore
import VestigeCrypto
import VestigePolicy
import VestigeRights
import VestigeTesting
import VestigeTrail
import VestigeVault

/// A board on which another process may be silent; counts how often it was waited for.
private final class Board: EpochBoard {
    let waits = Mutex(0)
    let isSilent = Mutex(false)
    private let inner = InProcessEpochBoard()

    func current() -> UInt64 { inner.current() }
    func register(_ forget: @escaping @Sendable () -> EpochAnswer) { inner.register(forget) }

    func publish(_ epoch: UInt64) async throws {
        waits.withLock { $0 += 1 }
        try await inner.publish(epoch)
        if isSilent.withLock({ $0 }) { throw EpochError.unanswered(pids: [4711]) }
    }
}

@Suite("A start beside a process that does not answer")
struct SilentProcessTests {
    private let board = Board()
    private let trail: Trail
    private let store = InMemoryVaultStore()
    private let vault: Vault
    private let recorder: Recorder
    private let rights: Rights

    init() async throws {
        let keyring = try InMemoryKeyring()
        let clock: Clock = { Timestamp(microseconds: 1_780_000_000_000_000) }
        let identity = TrailIdentity(id: .random(), origin: try keyring.origin())
        trail = try Trail.create(
            store: InMemoryTrailStore(identity: identity),
            signer: try CheckpointSigner(origin: identity.origin, key: try keyring.signingKey()), clock: clock)
        vault = try await Vault.create(store: store, keyring: keyring, trail: identity.id, now: { clock().microseconds }, board: board)
        recorder = Recorder(policy: try examplePolicy(), vault: vault, trail: trail, clock: clock)
        rights = Rights(recorder: recorder, vault: vault, trail: trail, desk: InMemoryDeskStore(), clock: clock)
    }

    /// The entries of erasures that the vault knows nothing of, as after an older copy of it was put back.
    private func tell(_ count: Int) async throws {
        for number in 0..<count {
            guard case .active(let pseudonym) = try await vault.admit(person("\(number)"), as: .subject) else { return }
            var started = BuiltInEntry(action: "erasure.started", event: "erased", actor: .system("vestige"))
            started.subjects = [pseudonym]
            started.details = [
                "erasure": .code(EntryID.make(at: Timestamp(microseconds: Int64(number + 1))).description), "role": .code("subject"),
            ]
            _ = try await recorder.record(started)
        }
    }

    @Test("waits for it once, however many erasures are carried out again; they stay under way until it answers")
    func once() async throws {
        try await tell(20)
        board.isSilent.withLock { $0 = true }
        #expect(try await rights.catchUp().unanswered == [4711])
        #expect(board.waits.withLock { $0 } == 1)
        let pending = try await vault.pendingErasures()
        #expect(pending.count == 20 && pending.allSatisfy(\.destroyed))
        // Neither here nor at the next start are their keys handed out.
        for number in 0..<20 { #expect(try await vault.standing(of: person("\(number)"), as: .subject) == .erased) }
        #expect(try await rights.catchUp().unanswered == [4711])
        #expect(board.waits.withLock { $0 } == 2)
        board.isSilent.withLock { $0 = false }
        let duties = try await rights.catchUp()
        #expect(duties.finished == 20 && duties.unanswered.isEmpty)
        #expect(try await vault.pendingErasures().isEmpty)
        var query = IndexQuery(limit: 100)
        query.actions = ["erasure.completed"]
        #expect(try await trail.page(query).count == 20)
    }

    @Test("carries out an erasure of two keys of which one is under way already")
    func overlapping() async throws {
        guard case .active(let first) = try await vault.admit(person("1"), as: .subject),
            case .active(let second) = try await vault.admit(person("1"), as: .acting)
        else { return }
        for (number, subjects) in [[first], [first, second]].enumerated() {
            var started = BuiltInEntry(action: "erasure.started", event: "erased", actor: .system("vestige"))
            started.subjects = subjects
            started.details = [
                "erasure": .code(EntryID.make(at: Timestamp(microseconds: Int64(number + 1))).description), "role": .code("both"),
            ]
            _ = try await recorder.record(started)
        }
        let duties = try await rights.catchUp()
        #expect(duties.replayed == 2 || duties.replayed == 1)
        for role in [KeyRole.subject, .acting] { #expect(try await vault.standing(of: person("1"), as: role) == .erased) }
        #expect(try await vault.pendingErasures().isEmpty)
    }
}
