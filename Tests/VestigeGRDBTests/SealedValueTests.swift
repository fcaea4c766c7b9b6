import Foundation
import GRDB
import Testing
import VestigeCrypto
import VestigeGRDB
import VestigeTesting
import VestigeVault

@Suite("A sealed value as a column of a host's table")
struct SealedValueTests {
    private struct Person: Equatable {
        var id: Int
        var email: SealedValue
        var phone: SealedValue?
    }

    private func vault() async throws -> Vault {
        try await Vault.create(
            store: InMemoryVaultStore(), keyring: InMemoryKeyring(), trail: .random(),
            now: { Int64(Date().timeIntervalSince1970 * 1_000_000) })
    }

    private let schema = "CREATE TABLE person(id INTEGER PRIMARY KEY, email BLOB NOT NULL, phone BLOB) STRICT"

    @Test("is stored as a blob and read back, alone and in a record; other bytes are an error")
    func column() async throws {
        let vault = try await vault()
        let ana = try SubjectID(type: "user", id: "1")
        let row = Person(id: 1, email: try await vault.seal("ana@example.org", for: ana, field: "user.email"), phone: nil)
        let queue = try DatabaseQueue()
        let read = try await queue.write { [schema] db in
            try db.execute(sql: schema)
            try db.execute(sql: "INSERT INTO person VALUES (?, ?, ?)", arguments: [row.id, row.email, row.phone])
            let stored = try Int.fetchOne(db, sql: "SELECT length(email) FROM person WHERE typeof(email) = 'blob'")
            #expect(stored == row.email.bytes.count)
            #expect(try SealedValue.fetchOne(db, sql: "SELECT email FROM person") == row.email)
            #expect(try SealedValue?.fetchOne(db, sql: "SELECT phone FROM person") == .some(nil))
            #expect(throws: (any Error).self) { try SealedValue.fetchOne(db, sql: "SELECT x'0203'") }
            return try #require(
                try Row.fetchOne(db, sql: "SELECT * FROM person").map { Person(id: $0["id"], email: $0["email"], phone: $0["phone"]) })
        }
        #expect(read == row)
        #expect(try await vault.open(read.email, as: String.self, for: ana, field: "user.email") == .value("ana@example.org"))
    }

    @Test("leaves no value, id or pseudonym in the host's file, before and after the erasure, and then opens for nobody")
    func file() async throws {
        let vault = try await vault()
        let path = FileManager.default.temporaryDirectory.appending(path: "vestige-host-\(Bytes16.random().hex).sqlite").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let queue = try DatabaseQueue(path: path)
        try await queue.write { [schema] db in try db.execute(sql: schema) }
        var secrets: [[UInt8]] = []
        for number in 1...50 {
            let subject = try SubjectID(type: "user", id: "person-number-\(number)")
            let (email, phone) = ("somebody-\(number)@example.org", "+49 30 5550\(number)")
            let row = Person(
                id: number, email: try await vault.seal(email, for: subject, field: "user.email"),
                phone: try await vault.seal(phone, for: subject, field: "user.phone"))
            try await queue.write { db in
                try db.execute(sql: "INSERT INTO person VALUES (?, ?, ?)", arguments: [row.id, row.email, row.phone])
            }
            guard case .active(let pseudonym) = try await vault.standing(of: subject, as: .subject) else { continue }
            secrets += [Array(email.utf8), Array(phone.utf8), Array(subject.id.utf8), pseudonym.bytes, Array(pseudonym.hex.utf8)]
        }
        func remains() throws -> Int {
            let data = try Data(contentsOf: URL(fileURLWithPath: path))
            return secrets.count { data.range(of: Data($0)) != nil }
        }
        #expect(secrets.count == 250)
        #expect(try remains() == 0)
        let gone = try SubjectID(type: "user", id: "person-number-7")
        let ticket = try #require(
            try await vault.beginErasure(
                of: gone, roles: [.subject], started: .random(), completed: .random(), erasure: .random()))
        try await vault.destroyKeys(ticket, fenceUntil: 1_000_000)
        try await vault.finishErasure(ticket)
        let kept = try await queue.read { db in try SealedValue.fetchAll(db, sql: "SELECT email FROM person ORDER BY id") }
        for (place, value) in kept.enumerated() {
            let subject = try SubjectID(type: "user", id: "person-number-\(place + 1)")
            let opened = try await vault.open(value, as: String.self, for: subject, field: "user.email")
            #expect(opened == (subject == gone ? .erased : .value("somebody-\(place + 1)@example.org")))
        }
        #expect(try remains() == 0)
        try queue.close()
    }
}
