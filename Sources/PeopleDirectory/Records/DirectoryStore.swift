import GRDB

/// The host's own database: people and devices, in one SQLite file that never stands in Vestige's data directory.
///
/// Its methods read what the directory needs for itself, or what the policy says is `unlogged`: whose session this is, whom an address
/// belongs to, the names of a team. None of it opens anybody's record, so none of it is recorded. Whatever shows or changes a record goes
/// through the `RecordedDatabase` that ``DirectoryApp`` puts around ``pool``.
public struct DirectoryStore: Sendable {
    let pool: DatabasePool

    /// Opens the file at `path`, makes it if need be, and fills an empty one with the people of `generator`.
    ///
    /// - Throws: what SQLite says, when the file cannot be opened or is no database.
    public init(path: String, generator: PersonGenerator = PersonGenerator()) throws {
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        // What is deleted here is overwritten: people's data must not stay behind in free pages.
        configuration.prepareDatabase { db in try db.execute(sql: "PRAGMA secure_delete = ON") }
        pool = try DatabasePool(path: path, configuration: configuration)
        // The pool has set NORMAL, with which a loss of power may undo the last commits, the entries in the outbox among them.
        try pool.writeWithoutTransaction { db in try db.execute(sql: "PRAGMA synchronous = FULL") }
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 people and hardware") { db in
            try db.execute(sql: Self.schema)
            // The made-up people are there from the beginning; nobody's act brought them.
            let people = generator.people()
            for person in people { try person.insert(db) }
            for device in generator.hardware(for: people) { try device.insert(db) }
        }
        try migrator.migrate(pool)
    }

    /// Closes every connection; the store is of no use afterwards.
    public func close() throws {
        try pool.close()
    }

    /// For sessions and permissions: nobody gets to see it.
    public func person(_ id: String) async throws -> Person? {
        try await pool.read { db in try Person.fetchOne(db, key: id) }
    }

    /// For sign-in: the address as it was typed, whatever its case.
    public func person(email: String) async throws -> Person? {
        try await pool.read { db in try Person.filter(Column("email") == email.lowercased()).fetchOne(db) }
    }

    /// Ids and names of one department, in the order of ids: a list opens no record.
    public func names(inDepartment department: String) async throws -> [(id: String, name: String)] {
        try await pool.read { db in
            try Row.fetchAll(db, sql: "SELECT id, name FROM people WHERE department = ? ORDER BY rowid", arguments: [department])
                .map { ($0["id"], $0["name"]) }
        }
    }

    /// Ids, serials and models of every device, without who has it.
    public func hardwareModels() async throws -> [(id: String, serial: String, model: String)] {
        try await pool.read { db in
            try Row.fetchAll(db, sql: "SELECT id, serial, model FROM hardware ORDER BY rowid")
                .map { ($0["id"], $0["serial"], $0["model"]) }
        }
    }

    /// How many acts were ever committed together with their entries: the outbox numbers them, and no number is given twice.
    func committedActs() async throws -> Int {
        try await pool.read { db in try Int.fetchOne(db, sql: "SELECT seq FROM sqlite_sequence WHERE name = 'vestige_outbox'") ?? 0 }
    }

    // No ON DELETE SET NULL: what SQLite changes by itself, no entry tells. Whoever takes a person out takes their devices back first.
    private static let schema = """
        CREATE TABLE people (
            id TEXT PRIMARY KEY NOT NULL, name TEXT NOT NULL, email TEXT NOT NULL UNIQUE, phone TEXT NOT NULL,
            birthday TEXT NOT NULL, salary INTEGER NOT NULL, role TEXT NOT NULL CHECK (role IN ('member', 'agent', 'manager', 'admin')),
            department TEXT NOT NULL
        ) STRICT;
        CREATE INDEX people_department ON people (department);
        CREATE TABLE hardware (
            id TEXT PRIMARY KEY NOT NULL, serial TEXT NOT NULL UNIQUE, model TEXT NOT NULL,
            assigned_to TEXT REFERENCES people (id)
        ) STRICT;
        CREATE INDEX hardware_assigned ON hardware (assigned_to);
        """
}
