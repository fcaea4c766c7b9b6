import Foundation
import GRDB
import Testing
import VestigeCore
import VestigeCrypto
import VestigeGRDB
import VestigeInquiry
import VestigePolicy
import VestigeTesting
import VestigeTrail
import VestigeVault

struct Person: Codable, Equatable, FetchableRecord, MutablePersistableRecord, Recordable {
    static let databaseTableName = "person"
    static let recordType = "user"

    var id: Int64?
    var name: String
    var email: String?
    var salary = 0
    var born: Date?
    var note: String?

    var recordID: String? { id.map { "\($0)" } }
    var recordedFields: [String: FieldValue] {
        [
            "name": FieldValue(name), "email": FieldValue(email), "salary": FieldValue(salary),
            "born": FieldValue(born.map { Timestamp(microseconds: Int64(($0.timeIntervalSince1970 * 1_000_000).rounded())) }),
        ]
    }

    mutating func didInsert(_ inserted: InsertionSuccess) {
        id = inserted.rowID
    }
}

struct Device: Codable, Equatable, FetchableRecord, MutablePersistableRecord, Recordable {
    static let databaseTableName = "device"
    static let recordType = "hardware"

    var id: String
    var serial: String
    var assignedTo: Int64?

    enum CodingKeys: String, CodingKey {
        case id, serial
        case assignedTo = "assigned_to"
    }

    var recordID: String? { id }
    var recordedFields: [String: FieldValue] { ["serial": FieldValue(serial), "assigned_to": FieldValue(assignedTo)] }
}

/// A host's database in a file of its own, and a trail in memory.
struct Host {
    static let policy = """
        vestige: 1
        time_zone: Europe/Berlin
        channels: [pii-read, people, hardware, security]
        purposes:
          support: { title: Answer a support request, dpv: "dpv:CustomerCare", activity: RPA-12 }
        actors: { staff: [user], roles: [agent], show: name }
        actions: { security.role_changed: { channel: security, event: role_changed } }
        records:
          user:
            subject: self
            channels: { look: pii-read, change: people }
            fields:
              name:   { personal: identity }
              email:  { personal: contact }
              salary: { personal: financial }
              born:   { personal: identity }
            reads: { log: list, purpose: required, on_failure: refuse }
          hardware:
            id: clear
            channels: { look: pii-read, change: hardware }
            subject: { type: user, from: assigned_to }
            fields:
              serial:      { personal: no }
              assigned_to: { personal: identity }
            reads: { log: detail }
        retention:
          default: { keep: 365d, because: "CNIL 2021-122: 6 to 12 months" }
          prune_at: "03:00"
        erasure: { actors: { after: 365d, because: "security of processing" }, fence: 90d, approvals: 1 }
        backups: { vault: 35d, keyring: 35d }
        cases: { keep: 3y, because: "limitation period" }
        access:
          rights: [query, open-actors, open-subjects, resolve, export, verify, rights, record]
          roles: { dpo: [query, open-actors, open-subjects, resolve, export, verify, rights], self: [] }
        """

    static let ana = AuditActor(.user, id: "7", name: "Ana Lima", role: "agent")

    let file: URL
    let vestige: InMemoryVestige
    let pool: DatabasePool
    let database: RecordedDatabase

    init(clock: @escaping Clock = { Timestamp(microseconds: 1_780_000_000_000_000) }) async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "vestige-grdb-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        file = directory.appending(path: "host.sqlite")
        vestige = try await InMemoryVestige(policy: Policy.parse(Array(Host.policy.utf8), file: "host.yaml"), clock: clock)
        pool = try Host.open(file)
        try await pool.write { db in
            try db.execute(
                sql: """
                    CREATE TABLE person (
                        id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, email TEXT, salary INTEGER NOT NULL, born TEXT, note TEXT
                    );
                    CREATE TABLE device (id TEXT PRIMARY KEY, serial TEXT NOT NULL, assigned_to INTEGER);
                    """)
        }
        database = try await RecordedDatabase(pool, recorder: vestige.recorder)
    }

    static func open(_ file: URL) throws -> DatabasePool {
        var configuration = Configuration()
        configuration.busyMode = .timeout(180)
        return try DatabasePool(path: file.path, configuration: configuration)
    }

    /// A change by Ana.
    @discardableResult
    func write<Value: Sendable>(_ body: @escaping @Sendable (RecordedTransaction) throws -> Value) async throws -> Value {
        try await asAna { try await database.write(body) }
    }

    func asAna<Value>(_ work: () async throws -> Value) async throws -> Value {
        try await Vestige.as(Host.ana, purpose: "support", work)
    }

    /// People who are there before anything is recorded.
    func fill(_ count: Int) async throws {
        try await pool.write { db in
            for place in 0..<count {
                var person = Person(id: Int64(place + 1), name: "name-\(place + 1)", email: "\(place + 1)@example.org", salary: 100)
                try person.insert(db)
            }
        }
    }

    /// All that is in the trail, oldest first; the trail verifies.
    func entries() async throws -> [OpenedEntry] {
        try await database.drain()
        #expect(try await vestige.trail.verify().verdict == .intact)
        return try await vestige.opened()
    }

    func actions() async throws -> [String?] {
        try await entries().map { $0.header?.action }
    }

    func people() async throws -> [Person] {
        try await pool.read { try Person.order(Column("id")).fetchAll($0) }
    }

    /// Whose slot this is.
    func id(of subject: OpenedSubject) async throws -> String? {
        try await vestige.vault.resolve(subject.pseudonym)?.id
    }
}

extension OpenedEntry {
    /// Before and after of the one person concerned.
    var changes: [String: FieldChange] { subjects.first?.changes ?? [:] }
}
