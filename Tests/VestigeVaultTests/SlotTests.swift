import Testing
import VestigeCrypto
import VestigeTesting
import VestigeVault

@Suite struct SlotTests {
    @Test("a slot has the layout of the design and hides its length up to 64 bytes")
    func layout() async throws {
        let bench = try await VaultBench()
        let pseudonym = try await bench.admit("1", as: .acting)
        let slot = try bench.vault.seal([1, 2, 3], under: pseudonym, role: .acting, at: bench.place)
        #expect(slot.prefix(2) == [1, 2])
        #expect(slot.count == 138)  // 2 + 24 + 32 + 64 + 16
        let opened = try await bench.vault.open(slot, under: pseudonym, role: .acting, at: bench.place)
        #expect(opened == .plaintext([1, 2, 3]))
    }

    @Test("a slot moved to another entry, place or trail does not open")
    func moved() async throws {
        let bench = try await VaultBench()
        let pseudonym = try await bench.admit("1")
        let here = bench.place
        let slot = try bench.vault.seal([1], under: pseudonym, role: .subject, at: here)
        for place in [
            SlotPlace(trail: here.trail, entry: .random(), slot: here.slot), SlotPlace(trail: here.trail, entry: here.entry, slot: 4),
            SlotPlace(trail: .random(), entry: here.entry, slot: here.slot),
        ] {
            await #expect(throws: VaultError.slotDamaged) { try await bench.vault.open(slot, under: pseudonym, role: .subject, at: place) }
        }
    }

    @Test("a slot of one role does not open as another, under the same key or another's")
    func roles() async throws {
        let bench = try await VaultBench()
        let subject = try await bench.admit("1")
        let other = try await bench.admit("2")
        var slot = try bench.vault.seal([1], under: subject, role: .subject, at: bench.place)
        await #expect(throws: VaultError.slotDamaged) { try await bench.vault.open(slot, under: other, role: .subject, at: bench.place) }
        await #expect(throws: VaultError.slotDamaged) { try await bench.vault.open(slot, under: subject, role: .acting, at: bench.place) }
        slot[1] = KeyRole.acting.rawValue
        await #expect(throws: VaultError.wrongRole) { try await bench.vault.open(slot, under: subject, role: .acting, at: bench.place) }
        #expect(throws: VaultError.wrongRole) { try bench.vault.seal([1], under: subject, role: .acting, at: bench.place) }
    }

    @Test("a flipped bit anywhere, the commitment included, is damage and not erasure")
    func damage() async throws {
        let bench = try await VaultBench()
        let pseudonym = try await bench.admit("1")
        let slot = try bench.vault.seal([1], under: pseudonym, role: .subject, at: bench.place)
        for position in slot.indices {
            var bad = slot
            bad[position] ^= 0x40
            await #expect(throws: VaultError.slotDamaged) {
                try await bench.vault.open(bad, under: pseudonym, role: .subject, at: bench.place)
            }
        }
        await #expect(throws: VaultError.slotDamaged) { try await bench.vault.open([], under: pseudonym, role: .subject, at: bench.place) }
    }

    @Test("an unknown pseudonym is neither erased nor opened")
    func unknown() async throws {
        let bench = try await VaultBench()
        let pseudonym = try await bench.admit("1")
        let slot = try bench.vault.seal([1], under: pseudonym, role: .subject, at: bench.place)
        await #expect(throws: VaultError.unknownPseudonym) {
            try await bench.vault.open(slot, under: .random(), role: .subject, at: bench.place)
        }
        #expect(try await bench.vault.load(.random(), role: .subject) == .unknown)
    }

    @Test("key rows that were exchanged do not open anything")
    func exchangedRows() async throws {
        let bench = try await VaultBench()
        let (ana, ben) = (try await bench.admit("ana"), try await bench.admit("ben"))
        let row = try #require(try await bench.store.keys([ben])[0])
        await bench.store.tamper(with: ana) { $0.wrappedKey = row.wrappedKey }
        let fresh = try await bench.otherVault()
        await #expect(throws: VaultError.rowDamaged("key")) { try await fresh.admit(person("ana"), as: .subject) }
        await #expect(throws: VaultError.rowDamaged("key")) { try await fresh.load(ana, role: .subject) }
        #expect(try await fresh.admit(person("ben"), as: .subject) == .active(ben))
    }

    @Test("the hash of a large value is keyed by the person and does not change")
    func largeValues() async throws {
        let bench = try await VaultBench()
        let (ana, ben) = (try await bench.admit("ana"), try await bench.admit("ben"))
        let value = Randomness.bytes(5_000)
        #expect(try bench.vault.largeValueHash(value, under: ana) == bench.vault.largeValueHash(value, under: ana))
        #expect(try bench.vault.largeValueHash(value, under: ana) != bench.vault.largeValueHash(value, under: ben))
        #expect(try bench.vault.largeValueHash(value, under: ana) != bench.vault.largeValueHash(value + [0], under: ana))
    }
}
