import Foundation
import GRDB
import Testing
import VestigeCore
import VestigeCrypto
import VestigeGRDB
import VestigeInquiry
import VestigePolicy
import VestigeRights
import VestigeTesting
import VestigeTrail
import VestigeVault

private struct Member: Codable, Equatable, FetchableRecord, PersistableRecord, Recordable {
    static let databaseTableName = "member"
    static let recordType = "user"

    var id: Int64
    var name: Sealed<String>
    var email: Sealed<String>
    var phone: Sealed<String>?
    var team: String

    var recordID: String? { "\(id)" }
    var recordedFields: [String: FieldValue] {
        ["name": name.recorded, "email": email.recorded, "phone": phone?.recorded, "team": .text(team)].compactMapValues { $0 }
    }

    mutating func visitSealed(_ columns: inout SealedColumns) throws {
        try columns(&name, "name")
        try columns(&email, "email")
        try columns(&phone, "phone")
    }

    init(_ id: Int64, phone: String? = nil, team: String = "Support") {
        self.id = id
        name = Sealed("name-\(id)")
        email = Sealed("\(id)@example.org")
        self.phone = phone.map { Sealed($0) }
        self.team = team
    }
}

/// About a person, with a note that is sealed for them.
private struct Visit: Codable, FetchableRecord, PersistableRecord, Recordable {
    static let databaseTableName = "visit"
    static let recordType = "visit"

    var id: String
    var about: Int64?
    var note: Sealed<String>

    var recordID: String? { id }
    var recordedFields: [String: FieldValue] {
        ["about": FieldValue(about), "note": note.recorded].compactMapValues { $0 }
    }

    mutating func visitSealed(_ columns: inout SealedColumns) throws { try columns(&note, "note") }
}

private final class SealedHost: Sendable {
    let vestige: InMemoryVestige
    let pool: DatabasePool
    let database: RecordedDatabase
    private let folder: URL

    init() async throws {
        let policy = Host.policy.replacing("email:  { personal: contact }", with: "email:  { personal: contact, searchable: true }")
            .replacing("born:   { personal: identity }", with: "team: { personal: no }")
            .replacing(
                "  hardware:\n",
                with: """
                      visit:
                        id: clear
                        channels: { look: pii-read, change: people }
                        subject: { type: user, from: about }
                        fields: { about: { personal: identity }, note: { personal: health, searchable: true } }
                        reads: { log: detail }
                      hardware:

                    """)
        vestige = try await InMemoryVestige(policy: Policy.parse(Array(policy.utf8), file: "host.yaml"))
        folder = FileManager.default.temporaryDirectory.appending(path: "vestige-sealed-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        pool = try Host.open(folder.appending(path: "host.sqlite"))
        try await pool.write { db in
            try db.execute(
                sql: """
                    CREATE TABLE member (
                        id INTEGER PRIMARY KEY, name BLOB NOT NULL, email BLOB NOT NULL, phone BLOB, team TEXT NOT NULL
                    ) STRICT;
                    CREATE TABLE visit (id TEXT PRIMARY KEY NOT NULL, about INTEGER, note BLOB NOT NULL) STRICT;
                    """)
        }
        database = try await RecordedDatabase(pool, recorder: vestige.recorder)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    @discardableResult
    func write<Value: Sendable>(_ body: @escaping @Sendable (RecordedTransaction) throws -> Value) async throws -> Value {
        try await Vestige.as(Host.ana, purpose: "support") { try await database.write(body) }
    }

    func fill(_ ids: ClosedRange<Int64>) async throws {
        try await write { transaction in for id in ids { try transaction.create(Member(id)) } }
    }

    func found(_ email: String) async throws -> [Int64] {
        try await Vestige.as(Host.ana, purpose: "support") {
            try await database.find(Member.self, where: "email", equals: email, showing: ["name"]).map(\.id)
        }
    }

    /// Whom the index alone names.
    func indexed(_ email: String) async throws -> [String] {
        try await vestige.recorder.values.find("email", of: "user", equals: email).map(\.id)
    }

    func member(_ id: Int64) async throws -> Member? {
        let rows = try await pool.read { db in try Member.fetchAll(db, keys: [id]) }
        return try await vestige.recorder.values.opened(rows).first
    }

    func bytes(_ id: Int64) async throws -> [Data?] {
        try await pool.read { db in
            let row = try Row.fetchOne(db, sql: "SELECT name, email, phone FROM member WHERE id = ?", arguments: [id])
            return (0..<3).map { row?[$0] }
        }
    }

    func entries() async throws -> [OpenedEntry] {
        try await database.drain()
        #expect(try await vestige.trail.verify().verdict == .intact)
        return try await vestige.opened()
    }

    func erase(_ id: Int64) async throws {
        _ = try await vestige.rights.erase(
            ErasureOrder(
                subject: try SubjectID(type: "user", id: "\(id)"), role: .subject, caseReference: "T-1", purpose: "support", actor: Host.ana
            ))
    }
}

@Suite("Sealed columns in a recorded database")
struct SealedColumnsTests {
    @Test("A transaction that creates many makes them known at once, seals each for themselves and can be read back")
    func created() async throws {
        let host = try await SealedHost()
        try await host.fill(1...60)
        #expect(try await host.vestige.vault.counts().subjects == 60)
        #expect(try await host.member(7)?.name.value == "name-7")
        let entries = try await host.entries()
        #expect(entries.count == 60)
        #expect(entries[6].changes["email"] == FieldChange(before: nil, after: "7@example.org"))
        #expect(try await host.found("7@EXAMPLE.org") == [7])
        let clear = try await host.pool.read { db in
            try Int.fetchOne(db, sql: "SELECT count(*) FROM member WHERE instr(name, 'name') OR instr(email, 'example')") ?? 0
        }
        #expect(clear == 0)
    }

    @Test("An update writes the columns that differ, records their plaintext and leaves the bytes of the others alone")
    func updated() async throws {
        let host = try await SealedHost()
        try await host.fill(1...2)
        let before = try await host.bytes(1)
        let after = try await host.write { transaction in
            try transaction.update(Member.self, id: 1) { member in
                member.name.set("name-1")
                member.phone = Sealed("+49 30 1")
            }
        }
        #expect(after?.phone?.value == "+49 30 1" && after?.name.value == "name-1")
        let now = try await host.bytes(1)
        #expect(now[0] == before[0] && now[1] == before[1] && now[2] != nil)
        let entry = try #require(try await host.entries().last)
        #expect(entry.changes == ["phone": FieldChange(before: nil, after: "+49 30 1")])
        // What is the same in plaintext is no change, though it was given anew.
        try await host.write { try $0.update(Member.self, id: 1) { $0.name = Sealed("name-1") } }
        #expect(try await host.entries().last?.header?.event == "read")
    }

    @Test("Bulk updates, deletions and downloads open and close what they touch")
    func bulk() async throws {
        let host = try await SealedHost()
        try await host.fill(1...30)
        try await host.write { transaction in
            try transaction.updateAll(Member.filter(Column("id") <= 10)) { $0.name.set(($0.name.value ?? "") + "!") }
        }
        #expect(try await host.member(4)?.name.value == "name-4!")
        let entry = try #require(try await host.entries().last)
        #expect(entry.subjects.count == 10)
        #expect(entry.subjects.allSatisfy { subject in subject.changes["name"]?.after != nil && subject.changes.count == 1 })
        var seen: [String?] = []
        try await Vestige.as(Host.ana, purpose: "support") {
            for try await page in host.database.pages(of: Member.order(Column("id")), size: 10, showing: ["name"]) {
                seen += page.map(\.name.value)
                #expect(page.allSatisfy { $0.email.state == .closed })
            }
        }
        #expect(seen.count == 30 && seen[4] == "name-5!")
        let deleted = try await host.write { try $0.deleteAll(Member.filter(Column("id") <= 10)) }
        #expect(deleted.count == 10 && deleted[0].email.value == "1@example.org")
        #expect(try await host.indexed("1@example.org").isEmpty)
        #expect(try await host.indexed("11@example.org") == ["11"])
    }

    @Test("A list can be filtered by what is sealed, and only who is wanted is recorded")
    func filtered() async throws {
        let host = try await SealedHost()
        try await host.fill(1...30)
        let wanted = try await Vestige.as(Host.ana, purpose: "support") {
            try await host.database.list(Member.order(Column("id")), showing: ["name"]) { $0.name.value?.hasSuffix("7") == true }
        }
        #expect(wanted.map(\.id) == [7, 17, 27])
        let looks = try await host.entries().filter { $0.header?.event == "read" }
        #expect(looks.map(\.header?.subjects.count) == [3])
    }

    @Test("A changed address is found, the old one no more; a change that is taken back leaves the old one found")
    func searched() async throws {
        struct Stop: Error {}
        let host = try await SealedHost()
        try await host.fill(1...3)
        try await host.write { try $0.update(Member.self, id: 1) { $0.email.set("new@example.org") } }
        #expect(try await [host.found("new@example.org"), host.found("1@example.org")] == [[1], []])
        #expect(try await host.indexed("1@example.org").isEmpty)
        let stopped: @Sendable (RecordedTransaction) throws -> Void = { transaction in
            try transaction.update(Member.self, id: 2) { $0.email.set("never@example.org") }
            throw Stop()
        }
        await #expect(throws: Stop.self) { try await host.write(stopped) }
        #expect(try await [host.found("never@example.org"), host.found("2@example.org")] == [[], [2]])
        // Back and forth in one transaction, and a savepoint that is given up.
        try await host.write { transaction in
            try transaction.update(Member.self, id: 3) { $0.email.set("a@example.org") }
            try transaction.update(Member.self, id: 3) { $0.email.set("3@example.org") }
            try transaction.db.inSavepoint {
                try transaction.update(Member.self, id: 2) { $0.email.set("b@example.org") }
                return .rollback
            }
        }
        #expect(try await [host.found("3@example.org"), host.found("a@example.org")] == [[3], []])
        #expect(try await [host.found("2@example.org"), host.found("b@example.org")] == [[2], []])
    }

    @Test(
        "A crash right before or after the commit leaves a person findable by a value too many, who is held against their row, and never by none"
    )
    func crashed() async throws {
        let host = try await SealedHost()
        try await host.fill(1...2)
        let (one, two) = (try SubjectID(type: "user", id: "1"), try SubjectID(type: "user", id: "2"))
        // As the index stands before a commit that never came, and after one whose clearing away never came.
        try await host.vestige.recorder.values.index("never@example.org", for: one, field: "email")
        try await host.write { try $0.update(Member.self, id: 2) { $0.email.set("new@example.org") } }
        try await host.vestige.recorder.values.index("2@example.org", for: two, field: "email")
        #expect(try await [host.indexed("never@example.org"), host.indexed("2@example.org")] == [["1"], ["2"]])
        let rows: [(email: String, ids: [Int64])] = [
            ("never@example.org", []), ("1@example.org", [1]), ("2@example.org", []), ("new@example.org", [2]),
        ]
        for (email, ids) in rows { #expect(try await host.found(email) == ids) }
        // Neither keeps the address from anybody.
        let taken = try await host.write { transaction in
            try [("never@example.org", nil), ("2@example.org", nil), ("NEW@example.org", "1"), ("NEW@example.org", "2")].map {
                try transaction.isTaken($0.0, as: "email", of: Member.self, besides: $0.1)
            }
        }
        #expect(taken == [false, false, true, false])
    }

    @Test("Two who change one person's address to and fro at once leave them findable by the one that stands", .timeLimit(.minutes(60)))
    func toAndFro() async throws {
        let host = try await SealedHost()
        let other = try await RecordedDatabase(host.pool, recorder: host.vestige.recorder)
        try await host.fill(1...1)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (place, database) in [host.database, other, host.database, other].enumerated() {
                group.addTask {
                    for round in 0..<8 {
                        let email = (round + place).isMultiple(of: 2) ? "a@example.org" : "b@example.org"
                        try await Vestige.as(Host.ana, purpose: "support") {
                            _ = try await database.write { try $0.update(Member.self, id: 1) { $0.email.set(email) } }
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        let stands = try #require(try await host.member(1)?.email.value)
        #expect(try await host.found(stands) == [1])
        #expect(try await host.indexed(stands == "a@example.org" ? "b@example.org" : "a@example.org").isEmpty)
        await other.close()
    }

    @Test("An erased person's row can be changed in what is not personal and deleted, and takes no new value")
    func erased() async throws {
        let host = try await SealedHost()
        try await host.fill(1...3)
        try await host.erase(2)
        try await host.write { try $0.updateAll(Member.all()) { $0.team = "Care" } }
        let row = try await host.member(2)
        #expect(row?.name.isErased == true && row?.team == "Care")
        let named: @Sendable (RecordedTransaction) throws -> Void = { try $0.update(Member.self, id: 2) { $0.name.set("Somebody") } }
        await #expect(throws: VaultError.personErased) { try await host.write(named) }
        let again: @Sendable (RecordedTransaction) throws -> Void = { transaction in
            try transaction.delete(Member.self, id: 2)
            try transaction.create(Member(2))
        }
        await #expect(throws: VaultError.personErased) { try await host.write(again) }
        #expect(try await host.vestige.vault.counts() == (2, 1))
        try await host.write { try $0.delete(Member.self, id: 2) }
        #expect(try await host.member(2) == nil)
        #expect(try await host.entries().last?.subjects.flatMap(\.changes).isEmpty == true)
    }

    @Test("A record that comes to be about somebody else is sealed anew for them")
    func owner() async throws {
        let host = try await SealedHost()
        try await host.fill(1...2)
        try await host.write { try $0.create(Visit(id: "V-1", about: 1, note: Sealed("came late"))) }
        try await host.write { try $0.update(Visit.self, id: "V-1") { $0.about = 2 } }
        try await host.erase(1)
        let visits = try await host.pool.read { db in try Visit.fetchAll(db) }
        #expect(try await host.vestige.recorder.values.opened(visits).map(\.note.value) == ["came late"])
        #expect(try await host.vestige.recorder.values.find("note", of: "visit", equals: "came late").map(\.id) == ["2"])
        let nobody: @Sendable (RecordedTransaction) throws -> Void = { try $0.create(Visit(id: "V-2", about: nil, note: Sealed("x"))) }
        await #expect(throws: RecordingError.self) { try await host.write(nobody) }
    }

    @Test("What is not sealed is not written: neither past the recorded transaction nor into the outbox")
    func unsealed() async throws {
        let host = try await SealedHost()
        let past: @Sendable (Database) throws -> Void = { db in try Member(1).insert(db) }
        await #expect(throws: DatabaseError.self) { try await host.pool.write(past) }
        host.vestige.trailStore.failNextCommits(.max)
        try await host.fill(1...3)
        let waiting = try await host.pool.read { db in try Data.fetchAll(db, sql: "SELECT sealed FROM vestige_outbox") }
        #expect(waiting.count == 3)
        for id in 1...3 {
            guard
                case .active(let pseudonym) = try await host.vestige.vault.standing(of: SubjectID(type: "user", id: "\(id)"), as: .subject)
            else { continue }
            for form in [Data(pseudonym.bytes), Data(pseudonym.hex.utf8), Data("user.created".utf8)] {
                #expect(!waiting.contains { $0.range(of: form) != nil })
            }
        }
        host.vestige.trailStore.failNextCommits(0)
        #expect(try await host.entries().count == 3)
    }

    @Test("A closure that sees what is closed runs again, whatever it makes of it")
    func again() async throws {
        struct Unreadable: Error {}
        let host = try await SealedHost()
        try await host.fill(1...3)
        // Wipes every key from memory, as in a process that has just started.
        try await host.erase(3)
        let names = try await host.write { transaction in
            let first = try? transaction.update(Member.self, id: 1) { member in
                guard member.name.value != nil else { throw Unreadable() }
                member.team = "Care"
            }
            guard first?.name.value != nil else { throw Unreadable() }
            return try transaction.updateAll(Member.filter(Column("id") < 3)) { $0.team = "Sales" }.map(\.name.value)
        }
        #expect(names == ["name-1", "name-2"])
    }
}
