import Foundation
import Synchronization
import VestigeCrypto
import VestigeTesting
import VestigeVault

/// A clock that a test moves.
final class TestClock: Sendable {
    private let time = Atomic<Int64>(1_760_000_000_000_000)
    var now: @Sendable () -> Int64 { { self.time.load(ordering: .relaxed) } }
    var today: Int { Int(now() / 86_400_000_000) }

    func advance(milliseconds: Int64) { time.wrappingAdd(milliseconds * 1_000, ordering: .relaxed) }
    func advance(days: Int64) { advance(milliseconds: days * 86_400_000) }
}

/// A vault over a store in memory, and what a test needs beside it.
struct VaultBench {
    let store = InMemoryVaultStore()
    let keyring: InMemoryKeyring
    let clock = TestClock()
    let vault: Vault
    let place = SlotPlace(trail: .random(), entry: .random(), slot: 3)

    init(slabCapacity: Int = 256) async throws {
        keyring = try InMemoryKeyring()
        vault = try await Vault.create(store: store, keyring: keyring, trail: place.trail, now: clock.now, slabCapacity: slabCapacity)
    }

    /// Another process on the same store: it shares nothing with the first but the store.
    func otherVault() async throws -> Vault {
        try await Vault.open(store: store, keyring: keyring, now: clock.now, slabCapacity: 64)
    }

    func admit(_ id: String, as role: KeyRole = .subject) async throws -> Pseudonym {
        guard case .active(let pseudonym) = try await vault.admit(person(id), as: role) else { throw VaultError.unknownPseudonym }
        return pseudonym
    }

    func begin(_ id: String, _ roles: [KeyRole] = [.subject], fenceDays: Int = 30) async throws -> ErasureTicket? {
        try await vault.beginErasure(
            of: person(id), roles: roles, started: .random(), completed: .random(), erasure: .random(),
            fenceUntil: fenceDays == 0 ? 0 : clock.today + fenceDays)
    }

    /// All steps of an erasure.
    func erase(_ id: String, _ roles: [KeyRole] = [.subject], fenceDays: Int = 30) async throws {
        guard let ticket = try await begin(id, roles, fenceDays: fenceDays) else { throw VaultError.unknownPseudonym }
        try await vault.destroyKeys(ticket, fenceUntil: fenceDays == 0 ? 0 : clock.today + fenceDays)
        try await vault.probe(ticket)
        try await vault.finishErasure(ticket)
    }
}

func person(_ id: String) throws -> SubjectID { try SubjectID(type: "user", id: id) }
