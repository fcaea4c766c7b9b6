import GRDB
import VestigeGRDB
import VestigeLocal

struct Employee: Codable, FetchableRecord, PersistableRecord {
    static let databaseTableName = "employees"

    var id: Int64
    var name: String
    var team: String
}

extension Employee: Recordable {
    static let recordType = "user"
    var recordID: String? { String(id) }
    var recordedFields: [String: FieldValue] { ["name": .text(name), "department": .text(team)] }
}

func wrapGRDB(_ vestige: LocalVestige) async throws {
    let pool = try DatabasePool(path: "host.sqlite")
    let database = try await RecordedDatabase(pool, recorder: vestige.recorder)

    let employee = try await database.fetch(Employee.self, id: 42)
    let team = try await database.list(Employee.filter(Column("team") == "Support").limit(20))
    try await database.write { transaction in
        try transaction.update(Employee.self, id: 42) { $0.team = "Sales" }
        try transaction.updateAll(Employee.filter(Column("team") == "Support")) { $0.team = "Care" }
        try transaction.db.execute(sql: "UPDATE counters SET moves = moves + 1")  // nobody's record
    }
    for try await page in database.pages(of: Employee.order(Column("name")), size: 100) {
        print(page.count)
    }
    _ = (employee, team)
    await database.close()
}
