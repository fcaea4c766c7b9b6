import Foundation
import Testing
import VestigeCore
import VestigeRights
import VestigeTesting
import VestigeVault

@Suite("A sealed column")
struct SealedTests {
    private struct Row: Recordable, Codable, Equatable {
        static let recordType = "user"
        var id: String
        var name: Sealed<String>
        var salary: Sealed<Int>
        var phone: Sealed<String>?

        var recordID: String? { id }
        var recordedFields: [String: FieldValue] {
            ["name": name.recorded, "salary": salary.recorded, "phone": phone?.recorded].compactMapValues { $0 }
        }

        mutating func visitSealed(_ columns: inout SealedColumns) throws {
            try columns(&name, "name")
            try columns(&salary, "salary")
            try columns(&phone, "phone")
        }
    }

    private func rows(_ count: Int) -> [Row] {
        (0..<count).map {
            Row(id: "\($0)", name: Sealed("name of \($0)"), salary: Sealed($0), phone: $0 % 2 == 0 ? nil : Sealed("+49 \($0)"))
        }
    }

    /// As they come from the table.
    private func stored(_ rows: [Row]) throws -> [Row] {
        try JSONDecoder().decode([Row].self, from: JSONEncoder().encode(rows))
    }

    @Test("is opened in pages of thousands of people, also where fewer keys fit into memory, and only as far as it is asked for")
    func bulk() async throws {
        let vestige = try await InMemoryVestige(policy: try examplePolicy())
        let values = vestige.recorder.values
        let sealed = try await values.sealed(rows(2_000))
        #expect(try await vestige.vault.counts() == (2_000, 0))
        let opened = try await values.opened(try stored(sealed))
        #expect(opened.map(\.name.value) == rows(2_000).map(\.name.value) && opened[1].phone?.value == "+49 1")
        #expect(opened == sealed)
        let names = try await values.opened(try stored(sealed), only: ["name"])
        #expect(names[7].name.value == "name of 7" && names[7].salary.state == .closed && names[7].recordedFields.keys.sorted() == ["name"])
    }

    @Test("keeps its bytes as long as its value is the same, and gets others with another one")
    func bytes() async throws {
        let vestige = try await InMemoryVestige(policy: try examplePolicy())
        let values = vestige.recorder.values
        let before = try await values.sealed(rows(2))[1]
        var after = before
        after.name.set("name of 1")
        after.salary.set(2)
        #expect(throws: EncodingError.self) { try JSONEncoder().encode(after) }
        after = try await values.sealed([after])[0]
        let (old, new) = (try JSONEncoder().encode([before.name]), try JSONEncoder().encode([after.name]))
        #expect(old == new)
        #expect(try JSONEncoder().encode([before.salary]) != JSONEncoder().encode([after.salary]))
        #expect(try await values.opened(try stored([after]))[0].salary.value == 2)
    }

    @Test("says erased for one person and opens for all others, and takes nothing new for them")
    func erased() async throws {
        let vestige = try await InMemoryVestige(policy: try examplePolicy())
        let values = vestige.recorder.values
        let sealed = try await values.sealed(rows(5))
        _ = try await vestige.rights.erase(
            ErasureOrder(subject: try person("3"), role: .subject, caseReference: "T-1", purpose: "audit", actor: ana))
        let opened = try await values.opened(try stored(sealed))
        #expect(opened.map(\.name.isErased) == [false, false, false, true, false])
        #expect(opened[3].recordedFields.isEmpty && opened[3].salary.value == nil)
        await #expect(throws: VaultError.personErased) { try await values.sealed([self.rows(4)[3]]) }
    }

    @Test("that stands in another person's row, or in another column, is unreadable and keeps nothing else from being read")
    func moved() async throws {
        let vestige = try await InMemoryVestige(policy: try examplePolicy())
        let values = vestige.recorder.values
        var sealed = try stored(try await values.sealed(rows(4)))
        (sealed[0].name, sealed[1].name) = (sealed[1].name, sealed[0].name)
        sealed[2].name = sealed[3].phone ?? sealed[2].name
        let opened = try await values.opened(sealed)
        #expect(opened.map(\.name.state) == [.unreadable, .unreadable, .unreadable, .open])
        #expect(opened.allSatisfy { $0.salary.state == .open })
    }

    @Test("of a record without an id cannot be sealed, and prints as nothing")
    func printed() async throws {
        let vestige = try await InMemoryVestige(policy: try examplePolicy())
        var row = rows(1)[0]
        row.id = ""
        let refused = row
        await #expect(throws: (any Error).self) { try await vestige.recorder.values.sealed([refused]) }
        var dumped = ""
        dump(row.name, to: &dumped)
        #expect("\(row.name)" == "sealed(…)" && String(reflecting: row.name) == "sealed(…)" && dumped == "- sealed(…)\n")
    }
}
