import Synchronization
import Testing
import VestigeCrypto
import VestigeTesting

@testable import VestigeVault

private final class Counter: Sendable {
    private let number = Atomic(0)
    var value: Int { number.load(ordering: .sequentiallyConsistent) }
    func add() { number.wrappingAdd(1, ordering: .sequentiallyConsistent) }
}

@Suite("A board that several vaults look at")
struct EpochTests {
    @Test("Publishing wipes a vault that nobody uses")
    func idle() async throws {
        let (store, keyring, clock, board) = (InMemoryVaultStore(), try InMemoryKeyring(), TestClock(), InProcessEpochBoard())
        let first = try await Vault.create(store: store, keyring: keyring, trail: .random(), now: clock.now, board: board, slabCapacity: 64)
        let second = try await Vault.open(store: store, keyring: keyring, now: clock.now, board: board, slabCapacity: 64)
        guard case .active(let pseudonym) = try await second.admit(person("1"), as: .subject) else { throw VaultError.unknownPseudonym }
        #expect(second.cache.holds(pseudonym) && second.cache.slab.count == 1)
        let ticket = try #require(
            try await first.beginErasure(of: person("1"), roles: [.subject], started: .random(), completed: .random(), erasure: .random()))
        try await first.destroyKeys(ticket, fenceUntil: 0)
        #expect(!second.cache.holds(pseudonym) && second.cache.slab.count == 0)
    }

    @Test("Publishing waits for what was read before and is not used yet")
    func onItsWay() async throws {
        let (board, clock, published) = (InProcessEpochBoard(), TestClock(), Counter())
        let vault = try await Vault.create(
            store: InMemoryVaultStore(), keyring: InMemoryKeyring(), trail: .random(), now: clock.now, board: board, slabCapacity: 64)
        var ticket: KeyCache.Ticket? = vault.cache.ticket()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await board.publish(1)
                published.add()
            }
            while vault.cache.forget() == .wiped { await Task.yield() }
            try await Task.sleep(for: .milliseconds(20))
            #expect(published.value == 0)
            // What is read from now on is read after the destruction, and is not waited for.
            let later = vault.cache.ticket()
            #expect(ticket != nil)
            ticket = nil
            try await group.waitForAll()
            #expect(published.value == 1)
            withExtendedLifetime(later) {}
        }
    }

    @Test("A number that is no news is raised all the same: a vault put back from a backup counts from an older one")
    func olderNumber() async throws {
        let board = InProcessEpochBoard()
        try await board.publish(9)
        #expect(board.current() == 9)
        try await board.publish(3)
        #expect(board.current() == 10)
    }

    @Test("A vault that is gone is not asked again")
    func gone() async throws {
        let audience = EpochAudience()
        let count = Counter()
        audience.add {
            count.add()
            return .gone
        }
        #expect(audience.forget() && audience.forget())
        #expect(count.value == 1)
    }
}
