import Testing
import VestigeCrypto
import VestigeTesting
import VestigeVault

@Suite struct BlindIndexTests {
    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    @Test("people are found by a value, all who have it, in every process")
    func find() async throws {
        let bench = try await VaultBench()
        for id in ["3", "1", "2"] { try await bench.vault.index(bytes("lima"), for: person(id), field: "user.family_name") }
        try await bench.vault.index(bytes("ana@example.org"), for: person("1"), field: "user.email")
        for vault in [bench.vault, try await bench.otherVault()] {
            #expect(try await vault.find(field: "user.family_name", equals: bytes("lima")).map(\.id) == ["1", "2", "3"])
            #expect(try await vault.find(field: "user.email", equals: bytes("ana@example.org")).map(\.id) == ["1"])
            #expect(try await vault.find(field: "user.email", equals: bytes("lima")).isEmpty)
            #expect(try await vault.find(field: "user.phone", equals: bytes("ana@example.org")).isEmpty)
        }
    }

    @Test("more people than a page share a value, and all are found")
    func pages() async throws {
        let bench = try await VaultBench(slabCapacity: 4_096)
        _ = try await bench.vault.admit((0..<1_005).map { (try person("\($0)"), .subject) })
        for number in 0..<1_005 { try await bench.vault.index([1], for: person("\(number)"), field: "f") }
        #expect(try await bench.vault.find(field: "f", equals: [1]).count == 1_005)
    }

    @Test("a changed value replaces the old one; a removed one is no longer found; doing it twice changes nothing")
    func change() async throws {
        let bench = try await VaultBench()
        let ana = try person("1")
        func found(_ value: UInt8) async throws -> Int { try await bench.vault.find(field: "f", equals: [value]).count }
        for _ in 0..<2 { try await bench.vault.index([1], for: ana, field: "f") }
        for _ in 0..<2 { try await bench.vault.reindex(from: [1], to: [2], for: ana, field: "f") }
        #expect(try await [found(1), found(2)] == [0, 1])
        try await bench.vault.reindex(from: [2], to: [2], for: ana, field: "f")
        #expect(try await found(2) == 1)
        for _ in 0..<2 { try await bench.vault.unindex([2], for: ana, field: "f") }
        #expect(try await found(2) == 0)
        try await bench.vault.unindex([2], for: person("nobody"), field: "f")
        #expect(try await bench.vault.counts() == (1, 0))
        #expect(try await bench.store.wrappedPage(of: .blindIndex, after: nil, limit: 9).isEmpty)
    }

    @Test("an erased person is found by nothing and cannot be indexed, nor by a process that has not noticed yet")
    func erased() async throws {
        let bench = try await VaultBench()
        let other = try await bench.otherVault()
        for id in ["1", "2"] { try await other.index([1], for: person(id), field: "f") }
        _ = try await bench.begin("1")
        #expect(try await other.find(field: "f", equals: [1]).map(\.id) == ["2"])
        // The other process still has the key; the store refuses what it would add.
        await #expect(throws: VaultError.personErased) { try await other.index([9], for: person("1"), field: "f") }
        try await bench.erase("1")
        #expect(try await other.find(field: "f", equals: [1]).map(\.id) == ["2"])
        #expect(try await bench.store.wrappedPage(of: .blindIndex, after: nil, limit: 9).count == 1)
        try await other.unindex([1], for: person("1"), field: "f")
    }

    @Test("values that are indexed while their person is erased leave no row behind")
    func race() async throws {
        let bench = try await VaultBench()
        let vaults = [bench.vault, try await bench.otherVault()]
        for round in 0..<10 {
            let subject = try person("\(round)")
            try await bench.vault.index([1], for: subject, field: "f")
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<8 {
                    group.addTask { try? await vaults[number % 2].index([UInt8(number + 2)], for: subject, field: "f") }
                    if number == 3 { group.addTask { try? await bench.erase("\(round)") } }
                }
            }
            #expect(try await vaults[0].standing(of: subject, as: .subject) == .erased)
            #expect(try await bench.store.wrappedPage(of: .blindIndex, after: nil, limit: 100).isEmpty)
        }
    }

    @Test("neither token nor sealed pseudonym is the same in two vaults; a swapped row is noticed")
    func rows() async throws {
        let (bench, other) = (try await VaultBench(), try await VaultBench())
        for vault in [bench.vault, other.vault] { try await vault.index([1], for: person("1"), field: "f") }
        var keys: [BlindKey] = []
        for store in [bench.store, other.store] {
            let row = try #require(try await store.wrappedPage(of: .blindIndex, after: nil, limit: 2).first)
            guard case .blind(let key) = row.name else { continue }
            keys.append(key)
            #expect(row.wrapped?.count == 61 && row.kek == 1)
        }
        #expect(keys[0].token != keys[1].token)
        let row = try #require(try await bench.store.blindRows(keys[0].token, after: nil, limit: 2).first)

        let swapped = try await bench.admit("2")
        let locator = try #require(
            try await bench.store.directoryPage(after: nil, limit: 9).map(\.locator).first { $0 != keys[0].locator })
        let forged = BlindRow(key: BlindKey(token: keys[0].token, locator: locator), sealedPseudonym: row.sealedPseudonym)
        _ = try await bench.store.reindex(swapped, removing: [], adding: [forged])
        await #expect(throws: VaultError.rowDamaged("blind index")) { try await bench.vault.find(field: "f", equals: [1]) }
    }

    @Test("rows are sealed under the KEK that another process made current")
    func rotatedKEK() async throws {
        let bench = try await VaultBench()
        try await bench.vault.index([1], for: person("1"), field: "f")
        try bench.keyring.addKEK()
        await bench.store.rotate(to: 2)
        try await bench.vault.index([2], for: person("1"), field: "f")
        #expect(try await bench.store.wrappedPage(of: .blindIndex, after: nil, limit: 9).compactMap(\.kek).sorted() == [1, 2])
        #expect(try await bench.vault.find(field: "f", equals: [2]).map(\.id) == ["1"])
    }

    @Test("an empty or endless value is refused")
    func limits() async throws {
        let bench = try await VaultBench()
        for count in [0, Vault.indexValueByteCountMax + 1] {
            await #expect(throws: VaultError.invalidIndexValue(byteCount: count)) {
                try await bench.vault.find(field: "f", equals: [UInt8](repeating: 1, count: count))
            }
        }
        await #expect(throws: VaultError.invalidField) { try await bench.vault.index([1], for: person("1"), field: "") }
    }
}
