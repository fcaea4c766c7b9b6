import GRDB
import VestigeGRDB
import VestigeLocal

struct Customer: Codable, FetchableRecord, PersistableRecord, Recordable {
    static let databaseTableName = "customers"
    static let recordType = "user"

    let id: String
    var name: Sealed<String>  // BLOB NOT NULL
    var email: Sealed<String>
    var team: String

    var recordID: String? { id }
    var recordedFields: [String: FieldValue] {
        ["name": name.recorded, "email": email.recorded, "department": .text(team)].compactMapValues { $0 }
    }

    mutating func visitSealed(_ columns: inout SealedColumns) throws {
        try columns(&name, "name")
        try columns(&email, "email")
    }
}

struct AddressTaken: Error {}

func readSealed(_ database: RecordedDatabase) async throws {
    let customer = try await database.fetch(Customer.self, id: "42", showing: ["name"])
    print(customer?.name.value ?? "[erased]")
    let found = try await database.find(Customer.self, where: "email", equals: "Ana@Example.org", showing: ["name"])
    let team = try await database.list(Customer.filter(Column("team") == "Care"), showing: ["name"]) {
        $0.name.value?.hasPrefix("A") == true
    }
    _ = (found, team)
}

func writeSealed(_ database: RecordedDatabase) async throws {
    try await database.write { transaction in
        try transaction.update(Customer.self, id: "42") { $0.email.set("ana@example.org") }
        if try transaction.isTaken("ana@example.org", as: "email", of: Customer.self, besides: "42") { throw AddressTaken() }
    }
}

func signIn(_ vestige: LocalVestige, _ pool: DatabasePool, email: String) async throws -> Customer? {
    let ids = try await vestige.values.find("email", of: "user", equals: email).map(\.id)
    let rows = try await pool.read { db in try Customer.fetchAll(db, keys: ids) }
    return try await vestige.values.opened(rows, where: "email", equals: email, only: ["name"]).first
}

func importSealed(_ vestige: LocalVestige, _ pool: DatabasePool, _ customers: [Customer]) async throws {
    let rows = try await vestige.values.sealed(customers)
    try await pool.write { db in for row in rows { try row.insert(db) } }
}

func changeElsewhere(_ vestige: LocalVestige, from old: String, store: @escaping @Sendable (SealedValue?) async throws -> Void) async throws
{
    let ana = try SubjectID(type: "user", id: "42")
    try await vestige.values.replace(old, by: "ana@example.org", for: ana, field: "email") { sealed in
        try await store(sealed)  // your own transaction
    }
}
