import GRDB

/// The host's own database: people and devices, in one SQLite file that never stands in Vestige's data directory.
public struct DirectoryStore: Sendable {
    private let database: DatabasePool

    /// Opens the file at `path`, makes it if need be, and fills an empty one with the people of `generator`.
    ///
    /// - Throws: what SQLite says, when the file cannot be opened or is no database.
    public init(path: String, generator: PersonGenerator = PersonGenerator()) throws {
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        database = try DatabasePool(path: path, configuration: configuration)
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 people and hardware") { db in
            try db.execute(sql: Self.schema)
            let people = generator.people()
            for person in people { try Self.insert(person, in: db) }
            for device in generator.hardware(for: people) { try Self.insert(device, in: db) }
        }
        try migrator.migrate(database)
    }

    /// Closes every connection; the store is of no use afterwards.
    public func close() throws {
        try database.close()
    }

    public func person(_ id: String) async throws -> Person? {
        try await database.read { db in
            try Row.fetchOne(db, sql: "SELECT * FROM people WHERE id = ?", arguments: [id]).flatMap(Person.init(row:))
        }
    }

    /// For sign-in: the address as it was typed, whatever its case.
    public func person(email: String) async throws -> Person? {
        try await database.read { db in
            try Row.fetchOne(db, sql: "SELECT * FROM people WHERE email = ?", arguments: [email.lowercased()]).flatMap(Person.init(row:))
        }
    }

    /// Ids and names of one department, in the order of ids: a list opens no record.
    public func names(inDepartment department: String) async throws -> [(id: String, name: String)] {
        try await database.read { db in
            try Row.fetchAll(
                db, sql: "SELECT id, name FROM people WHERE department = ? ORDER BY CAST(id AS INTEGER)", arguments: [department]
            ).map { ($0["id"], $0["name"]) }
        }
    }

    public func hardware(_ id: String) async throws -> Hardware? {
        try await database.read { db in
            try Row.fetchOne(db, sql: "SELECT * FROM hardware WHERE id = ?", arguments: [id]).map(Hardware.init(row:))
        }
    }

    /// Ids, serials and models of every device, without who has it.
    public func hardwareModels() async throws -> [(id: String, serial: String, model: String)] {
        try await database.read { db in
            try Row.fetchAll(db, sql: "SELECT id, serial, model FROM hardware ORDER BY CAST(id AS INTEGER)")
                .map { ($0["id"], $0["serial"], $0["model"]) }
        }
    }

    private static func insert(_ person: Person, in db: Database) throws {
        try db.execute(
            sql: "INSERT INTO people (id, name, email, phone, birthday, salary, role, department) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            arguments: [
                person.id, person.name, person.email, person.phone, person.birthday, person.salary, person.role.rawValue, person.department,
            ])
    }

    private static func insert(_ device: Hardware, in db: Database) throws {
        try db.execute(
            sql: "INSERT INTO hardware (id, serial, model, assigned_to) VALUES (?, ?, ?, ?)",
            arguments: [device.id, device.serial, device.model, device.assignedTo])
    }

    private static let schema = """
        CREATE TABLE people (
            id TEXT PRIMARY KEY NOT NULL, name TEXT NOT NULL, email TEXT NOT NULL UNIQUE, phone TEXT NOT NULL,
            birthday TEXT NOT NULL, salary INTEGER NOT NULL, role TEXT NOT NULL CHECK (role IN ('member', 'agent', 'manager', 'admin')),
            department TEXT NOT NULL
        ) STRICT;
        CREATE INDEX people_department ON people (department);
        CREATE TABLE hardware (
            id TEXT PRIMARY KEY NOT NULL, serial TEXT NOT NULL UNIQUE, model TEXT NOT NULL,
            assigned_to TEXT REFERENCES people (id) ON DELETE SET NULL
        ) STRICT;
        """
}

extension Person {
    /// Nil when the row has a role that this program does not know: such a person may open nothing.
    fileprivate init?(row: Row) {
        guard let role = Role(rawValue: row["role"]) else { return nil }
        self.init(
            id: row["id"], name: row["name"], email: row["email"], phone: row["phone"], birthday: row["birthday"], salary: row["salary"],
            role: role, department: row["department"])
    }
}

extension Hardware {
    fileprivate init(row: Row) {
        self.init(id: row["id"], serial: row["serial"], model: row["model"], assignedTo: row["assigned_to"])
    }
}
