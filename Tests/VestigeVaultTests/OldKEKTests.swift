import Synchronization
import TestSupport
import Testing
import VestigeCrypto
import VestigeTesting
import VestigeVault

/// What a process keeps of a KEK that a rotation gave up: nothing, although nobody uses it.
@Suite("After a rotation by another process") struct OldKEKTests {
    /// Counts how often a KEK is read.
    private final class CountedKeyring: RotatingKeyring {
        let keyring: InMemoryKeyring
        let reads = Mutex<[UInt32: Int]>([:])
        init(_ keyring: InMemoryKeyring) { self.keyring = keyring }

        func currentKEK() throws(VaultError) -> UInt32 { try keyring.currentKEK() }
        func kek(_ id: UInt32) throws(VaultError) -> SecretKey {
            reads.withLock { $0[id, default: 0] += 1 }
            return try keyring.kek(id)
        }
        func signingKey() throws(VaultError) -> SigningKey { try keyring.signingKey() }
        func origin() throws(VaultError) -> String { try keyring.origin() }
        var destroysKEKs: Bool { keyring.destroysKEKs }
        func kekIDs() throws(VaultError) -> [UInt32] { try keyring.kekIDs() }
        func newKEK(after current: UInt32) throws(VaultError) -> UInt32 { try keyring.newKEK(after: current) }
        func destroyKEK(_ id: UInt32) throws(VaultError) { try keyring.destroyKEK(id) }
    }

    @Test("An idle vault on the same board asks the keyring anew for whatever it needs next")
    func idle() async throws {
        let (store, keyring, clock, board) = (InMemoryVaultStore(), try InMemoryKeyring(), TestClock(), InProcessEpochBoard())
        let rotating = try await Vault.create(
            store: store, keyring: keyring, trail: .random(), now: clock.now, board: board, slabCapacity: 64)
        let counted = CountedKeyring(keyring)
        let idle = try await Vault.open(store: store, keyring: counted, now: clock.now, board: board, slabCapacity: 64)
        _ = try await idle.admit(person("1"), as: .subject)
        #expect(counted.reads.withLock { $0 } == [1: 1])
        _ = try await rotating.rotate()
        // Nobody asks it for anything; it lets go all the same.
        #expect(try await eventually { !idle.keksInMemory.contains(1) })
        _ = try await idle.admit(person("1"), as: .subject)
        #expect(idle.keksInMemory == [2])
        #expect(counted.reads.withLock { $0[1] } == 1)
    }
}
