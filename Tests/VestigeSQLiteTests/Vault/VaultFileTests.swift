import Foundation
import Testing
import VestigeCrypto
import VestigeSQLite
import VestigeVault

@Suite("A vault's file")
struct VaultFileTests {
    private let directory: TemporaryDirectory
    private var file: String { directory.file("vault.sqlite") }
    private let trail = Bytes16.random()

    init() throws { directory = try TemporaryDirectory() }

    private func wrapped(_ count: Int, kek: UInt32 = 2) -> [UInt8] {
        [1] + withUnsafeBytes(of: kek.bigEndian) { [UInt8]($0) } + Randomness.bytes(24 + count)
    }

    private func person(kek: UInt32 = 2) -> MintedKey {
        MintedKey(
            directory: DirectoryRow(
                key: DirectoryKey(lookup: .random(), role: .subject), locator: .random(), sealedPseudonym: wrapped(32, kek: kek)),
            key: KeyRow(pseudonym: .random(), role: .subject, wrappedKey: wrapped(48, kek: kek), identity: [3] + Randomness.bytes(136)))
    }

    private func blind(_ person: MintedKey, token: Bytes32 = .random()) -> BlindRow {
        BlindRow(key: BlindKey(token: token, locator: person.directory.locator), sealedPseudonym: wrapped(32))
    }

    private func begun() async throws -> SQLiteVaultStore {
        let store = try SQLiteVaultStore.create(in: directory.path)
        try await store.create(
            VaultMeta(vault: .random(), wrappedLookupKey: wrapped(48), currentKEK: 2, leastKEK: 2, watermark: Watermark(trail: trail)))
        return store
    }

    private func erase(_ people: [MintedKey], in store: SQLiteVaultStore) async throws {
        let erasure = ErasureRow(
            erasure: .random(), started: .random(), completed: .random(),
            keys: people.compactMap(\.key).map { ErasedKey(role: $0.role, pseudonym: $0.pseudonym) })
        _ = try await store.beginErasure(erasure, evenIfHeld: false)
        _ = try await store.destroyKeys(erasure: erasure.erasure, locators: people.map(\.directory.locator), fenceUntil: 9)
        try await store.finishErasure(erasure.erasure)
    }

    /// How many of `secrets` stand in some file of the directory.
    private func remains(of secrets: [[UInt8]]) throws -> Int {
        var found = 0
        let names = try FileManager.default.contentsOfDirectory(atPath: directory.path)
        for name in names {
            let data = try Data(contentsOf: URL(fileURLWithPath: directory.file(name)))
            for secret in secrets where data.range(of: Data(secret)) != nil { found += 1 }
        }
        return found
    }

    @Test("of an erased person no byte of key, identity, sealed pseudonym or locator is left in any file")
    func nothingLeft() async throws {
        let store = try await begun()
        let people = (0..<1500).map { _ in person() }
        // In many commits, so that pages split and are balanced in every way.
        for start in stride(from: 0, to: people.count, by: 50) { _ = try await store.insert(Array(people[start..<start + 50]), today: 1) }
        let gone = people.enumerated().filter { $0.offset % 3 == 0 }.map(\.element)
        let kept = people.enumerated().filter { $0.offset % 3 != 0 }.map(\.element)
        func secrets(_ people: [MintedKey]) -> [[UInt8]] {
            people.flatMap { item -> [[UInt8]] in
                guard let key = item.key, let wrapped = key.wrappedKey, let identity = key.identity else { return [] }
                // A part of each is enough to be a trace.
                return [
                    Array(wrapped[29..<45]), Array(wrapped[61...]), Array(identity[57..<73]),
                    Array(item.directory.sealedPseudonym[29..<45]),
                    item.directory.locator.bytes,
                ]
            }
        }
        #expect(try remains(of: secrets(Array(gone.prefix(20)))) == 100)
        for start in stride(from: 0, to: gone.count, by: 10) { try await erase(Array(gone[start..<start + 10]), in: store) }
        #expect(try remains(of: secrets(gone)) == 0)
        #expect(try remains(of: secrets(Array(kept.prefix(20)))) == 100)
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["vault.sqlite"])
        try store.close()
        #expect(try RawDatabase.text("PRAGMA integrity_check", on: file) == "ok")
    }

    @Test("of an erased person no byte of identifier, token, sealed pseudonym or locator is left of links and blind index")
    func nothingLeftOfIndex() async throws {
        let store = try await begun()
        let people = (0..<250).map { _ in person() }
        let shared = Bytes32.random()
        var traces: [[[UInt8]]] = []
        var unindexed: [[UInt8]] = []
        for start in stride(from: 0, to: people.count, by: 50) { _ = try await store.insert(Array(people[start..<start + 50]), today: 1) }
        for item in people {
            let pseudonym = try #require(item.key).pseudonym
            let directory = DirectoryRow(
                key: DirectoryKey(lookup: .random(), role: .subject), locator: item.directory.locator, sealedPseudonym: wrapped(32))
            let link = LinkedName(directory: directory, sealedIdentifier: [4] + Randomness.bytes(136), pseudonym: pseudonym)
            #expect(try await store.link([link], today: 1))
            let rows = [blind(item), blind(item), blind(item, token: shared)]
            #expect(try await store.reindex(pseudonym, removing: [], adding: rows))
            // The last row is one that the person leaves before they are erased.
            let left = blind(item)
            _ = try await store.reindex(pseudonym, removing: [], adding: [left])
            _ = try await store.reindex(pseudonym, removing: [left.key], adding: [])
            traces.append(
                [item.directory.locator.bytes, Array(link.sealedIdentifier[57..<73]), Array(directory.sealedPseudonym[29..<45])]
                    + rows.map { Array($0.sealedPseudonym[29..<45]) } + rows.prefix(2).map(\.key.token.bytes))
            unindexed.append(left.key.token.bytes)
        }
        #expect(try remains(of: unindexed) == 0)
        #expect(try remains(of: Array(traces.prefix(10).joined())) == 80)
        let gone = stride(from: 0, to: people.count, by: 3)
        for place in gone { try await erase([people[place]], in: store) }
        #expect(try remains(of: gone.flatMap { traces[$0] }) == 0)
        #expect(try remains(of: traces[1] + traces[2]) == 16)
        #expect(try await store.blindRows(shared, after: nil, limit: 1_000).count == 166)
        try store.close()
        #expect(try RawDatabase.text("PRAGMA integrity_check", on: file) == "ok")
    }

    @Test(
        "a statement against the rules is refused",
        arguments: [
            ("UPDATE keys SET state = 1 WHERE state = 3", "a key only goes from active to erasing to erased"),
            ("UPDATE keys SET state = 2 WHERE state = 3", "a key only goes from active to erasing to erased"),
            ("UPDATE keys SET wrapped = x'01000000027f' WHERE state = 3", "a key only goes from active to erasing to erased"),
            ("UPDATE keys SET role = 2", "a key only goes from active to erasing to erased"),
            ("DELETE FROM keys", "a key row stays: erased is a state"),
            ("REPLACE INTO keys SELECT * FROM keys", "this pseudonym has a row"),
            ("UPDATE keys SET wrapped = x'01000000017f' WHERE state = 1", "wrapped under a key-encryption key that is gone"),
            (
                "INSERT INTO keys VALUES (zeroblob(16), 1, 1, x'01000000017f', NULL, 0, NULL)",
                "wrapped under a key-encryption key that is gone"
            ),
            ("UPDATE directory SET sealed = x'01000000017f'", "wrapped under a key-encryption key that is gone"),
            (
                "INSERT INTO directory VALUES (zeroblob(32), 1, zeroblob(16), x'01000000017f')",
                "wrapped under a key-encryption key that is gone"
            ),
            ("REPLACE INTO directory SELECT * FROM directory", "this lookup has a row"),
            (
                "INSERT INTO blind_index VALUES (zeroblob(32), zeroblob(16), x'01000000017f')",
                "wrapped under a key-encryption key that is gone"
            ),
            ("UPDATE blind_index SET sealed = x'01000000017f'", "wrapped under a key-encryption key that is gone"),
            ("UPDATE meta SET least_kek = 1", "key numbers, epoch and watermark only grow"),
            ("UPDATE meta SET epoch = 0", "key numbers, epoch and watermark only grow"),
            ("UPDATE meta SET size = 4", "key numbers, epoch and watermark only grow"),
            ("UPDATE meta SET vault = zeroblob(16)", "key numbers, epoch and watermark only grow"),
            ("DELETE FROM meta", "the row about the vault stays"),
            ("REPLACE INTO meta SELECT * FROM meta", "there is a vault already"),
        ])
    func refused(sql: String, message: String) async throws {
        let store = try await begun()
        let people = [person(), person()]
        _ = try await store.insert(people, today: 1)
        try #require(try await store.reindex(try #require(people[1].key).pseudonym, removing: [], adding: [blind(people[1])]))
        try await erase([people[0]], in: store)
        try await store.raiseWatermark(Watermark(trail: trail, checkpoint: "five", size: 5, replayedThrough: 5))
        try store.close()
        #expect(try RawDatabase.refusal(of: sql, on: file) == message)
    }

    @Test("a key under a KEK below the least is refused by the store itself")
    func belowLeast() async throws {
        let store = try await begun()
        await #expect(throws: VaultError.kekChanged(current: 2)) { try await store.insert([person(kek: 1)], today: 1) }
        try store.close()
    }

    @Test("a vault is there again after it was closed")
    func reopening() async throws {
        let first = try await begun()
        let someone = person()
        _ = try await first.insert([someone], today: 1)
        try first.close()
        await #expect(throws: SQLiteStoreError.closed) { try await first.epoch() }
        let store = try SQLiteVaultStore.open(in: directory.path)
        #expect(try await store.directory([someone.directory.key]) == [.row(someone.directory)])
        #expect(try await store.keys([try #require(someone.key?.pseudonym)]) == [someone.key])
        try store.close()
    }

    @Test("two stores on one file see each other's writes at once")
    func twoStores() async throws {
        let first = try await begun()
        let second = try SQLiteVaultStore.open(in: directory.path)
        for number in 0..<20 {
            let someone = person()
            _ = try await (number % 2 == 0 ? first : second).insert([someone], today: 1)
            #expect(try await (number % 2 == 0 ? second : first).directory([someone.directory.key]) == [.row(someone.directory)])
        }
        #expect(try await first.counts() == VaultCounts(subjects: 20, erased: 0))
        try first.close()
        try second.close()
    }

    @Test("a missing, foreign or changed file is refused with a clear message")
    func foreign() async throws {
        func refusal() -> String? {
            do { try SQLiteVaultStore.open(in: directory.path).close() } catch { return "\(error)" }
            return nil
        }
        #expect(refusal()?.hasPrefix("vault.sqlite is missing; nothing was opened") == true)
        try directory.write([UInt8](repeating: 0x41, count: 9_000), to: "vault.sqlite")
        #expect(refusal()?.hasPrefix("vault.sqlite is not a database") == true)
        try FileManager.default.removeItem(atPath: file)
        try await begun().close()
        #expect(refusal() == nil)
        try RawDatabase.execute("DROP TRIGGER keys_forward", on: file)
        #expect(refusal()?.contains("its schema was changed (trigger keys_forward is missing or altered)") == true)
    }

    @Test("many tasks at once, some cancelled, leave every write whole")
    func cancelled() async throws {
        let store = try await begun()
        let people = (0..<60).map { _ in person() }
        await withTaskGroup(of: Void.self) { group in
            for (number, someone) in people.enumerated() {
                group.addTask {
                    if number % 2 == 0 { withUnsafeCurrentTask { $0?.cancel() } }
                    _ = try? await store.insert([someone], today: 1)
                }
            }
        }
        #expect(try await store.counts() == VaultCounts(subjects: 60, erased: 0))
        try store.close()
    }
}
