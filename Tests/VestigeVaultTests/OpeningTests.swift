import Testing
import VestigeCrypto
import VestigeTesting
import VestigeVault

@Suite struct OpeningTests {
    @Test("an empty store is not opened, a full one not created over")
    func emptyAndFull() async throws {
        let bench = try await VaultBench()
        await #expect(throws: VaultError.storeEmpty) {
            try await Vault.open(store: InMemoryVaultStore(), keyring: bench.keyring, now: bench.clock.now)
        }
        await #expect(throws: VaultError.storeNotEmpty) {
            try await Vault.create(store: bench.store, keyring: bench.keyring, trail: .random(), now: bench.clock.now, slabCapacity: 64)
        }
        #expect(try await bench.otherVault().id == bench.vault.id)
    }

    @Test("the wrong KEK is named as such")
    func wrongKEK() async throws {
        let bench = try await VaultBench()
        let stranger = try InMemoryKeyring()
        let error = await #expect(throws: VaultError.self) {
            try await Vault.open(store: bench.store, keyring: stranger, now: bench.clock.now, slabCapacity: 64)
        }
        #expect(error == .wrongKEK(id: 1))
        #expect(error.map { "\($0)".contains("wrong KEK") } == true)
    }

    @Test("the watermark only grows, and belongs to the vault's trail")
    func watermark() async throws {
        let bench = try await VaultBench()
        try await bench.vault.rememberTrail(checkpoint: "ten", size: 10, replayedThrough: 10)
        try await bench.vault.rememberTrail(checkpoint: "nine", size: 9, replayedThrough: 9)
        let kept = Watermark(trail: bench.place.trail, checkpoint: "ten", size: 10, replayedThrough: 10)
        #expect(try await bench.vault.watermark() == kept)
        #expect(try await bench.otherVault().watermark() == kept)
        let next = Bytes16.random()
        try await bench.vault.adoptTrail(next)
        #expect(try await bench.vault.watermark() == Watermark(trail: next))
    }

    @Test("the store in memory keeps the contract", arguments: VaultStoreConformance.rules.map(\.sentence))
    func conformance(_ sentence: String) async throws {
        let rule = try #require(VaultStoreConformance.rules.first { $0.sentence == sentence })
        try await VaultStoreConformance { InMemoryVaultStore() }.run(rule)
    }
}
