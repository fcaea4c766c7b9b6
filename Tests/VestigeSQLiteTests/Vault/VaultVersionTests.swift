import Foundation
import Testing
import VestigeCrypto
import VestigeVault

@testable import VestigeSQLite

@Suite("A vault of an earlier version")
struct VaultVersionTests {
    private let directory: TemporaryDirectory
    private var file: String { directory.file("vault.sqlite") }

    init() throws { directory = try TemporaryDirectory() }

    private let meta = """
        INSERT INTO meta VALUES (0, x'000102030405060708090a0b0c0d0e0f', x'0100000001', 1, 1, 3, \
        x'100102030405060708090a0b0c0d0e0f', 'note', 9, 8)
        """
    private let wrapped = "x'0100000001\(String(repeating: "ab", count: 72))'"

    private func insertPerson() throws {
        try RawDatabase.execute(meta, on: file)
        try RawDatabase.execute(
            "INSERT INTO keys VALUES (x'\(String(repeating: "11", count: 16))', 1, 1, \(wrapped), x'0304', 1, 77)", on: file)
        try RawDatabase.execute(
            """
            INSERT INTO directory VALUES \
            (x'\(String(repeating: "22", count: 32))', 1, x'\(String(repeating: "33", count: 16))', x'0100000001\(String(repeating: "cd", count: 56))')
            """, on: file)
        try RawDatabase.execute("INSERT INTO fences VALUES (x'\(String(repeating: "44", count: 32))', 1, 99)", on: file)
    }

    @Test("version 1 is brought forward when it is opened, with every row, and is then as one made today")
    func version1() async throws {
        try VaultVersion1.create(at: file)
        try insertPerson()
        let pseudonym = try #require(Bytes16(hex: String(repeating: "11", count: 16)))
        let locator = try #require(Bytes16(hex: String(repeating: "33", count: 16)))
        for _ in 0..<2 {
            let store = try SQLiteVaultStore.open(in: directory.path)
            #expect(try await store.meta()?.watermark.checkpoint == "note")
            #expect(try await store.heldPseudonyms() == [pseudonym])
            let row = try #require(try await store.keys([pseudonym])[0])
            #expect(row.held && row.dueDay == 77 && row.identity == [3, 4] && row.kek == 1)
            #expect(try await store.directoryPage(after: nil, limit: 9).map(\.locator) == [locator])
            try store.close()
        }
        #expect(try RawDatabase.integer("PRAGMA user_version", on: file) == 3)
        #expect(try RawDatabase.integer("SELECT until FROM fences", on: file) == 99)

        let store = try SQLiteVaultStore.open(in: directory.path)
        let sealed: [UInt8] = [1, 0, 0, 0, 1] + Randomness.bytes(56)
        let row = BlindRow(key: BlindKey(token: .random(), locator: locator), sealedPseudonym: sealed)
        #expect(try await store.reindex(pseudonym, removing: [], adding: [row]))
        let name = LinkedName(
            directory: DirectoryRow(key: DirectoryKey(lookup: .random(), role: .subject), locator: locator, sealedPseudonym: sealed),
            sealedIdentifier: [4, 5], pseudonym: pseudonym)
        #expect(try await store.link([name], today: 1))
        #expect(try await store.links(at: locator) == [name.link])
        try store.close()
        #expect(
            try RawDatabase.refusal(of: "UPDATE blind_index SET sealed = x'010000000000'", on: file)
                == "wrapped under a key-encryption key that is gone")

        let today = try directory.fresh()
        try SQLiteVaultStore.create(in: today).close()
        let schema = "SELECT group_concat(sql, ';') FROM (SELECT sql FROM sqlite_schema ORDER BY name)"
        #expect(try RawDatabase.text(schema, on: file) == RawDatabase.text(schema, on: today + "/vault.sqlite"))
    }

    @Test("two openings at once bring it forward once")
    func together() async throws {
        // Many times: what one opening reads may change under it only while the other commits.
        for _ in 0..<20 {
            try VaultVersion1.create(at: file)
            try insertPerson()
            let path = directory.path
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 { group.addTask { try SQLiteVaultStore.open(in: path).close() } }
                try await group.waitForAll()
            }
            #expect(try RawDatabase.integer("PRAGMA user_version", on: file) == 3)
            try FileManager.default.removeItem(atPath: file)
        }
    }

    @Test("a changed file of version 1, and one of a version that never was, are refused and left alone")
    func refused() throws {
        func refusal() -> String? {
            do { try SQLiteVaultStore.open(in: directory.path).close() } catch { return "\(error)" }
            return nil
        }
        try VaultVersion1.create(at: file)
        try RawDatabase.execute("DROP TRIGGER keys_forward", on: file)
        #expect(refusal()?.contains("its schema was changed (trigger keys_forward is missing or altered)") == true)
        #expect(try RawDatabase.integer("PRAGMA user_version", on: file) == 1)
        for version in [0, 4] {
            try RawDatabase.execute("PRAGMA user_version = \(version)", on: file)
            #expect(refusal()?.contains("is of format \(version), this program knows 3") == true)
        }
    }

    @Test("today's schema is version 1 and what was added since")
    func schema() {
        #expect(VaultSchema.file.version == 3)
        #expect(VaultSchema.file.additions.keys.sorted() == [2, 3])
        #expect(VaultSchema.file.additions.values.joined().allSatisfy { VaultSchema.file.schema.contains($0) })
    }
}
