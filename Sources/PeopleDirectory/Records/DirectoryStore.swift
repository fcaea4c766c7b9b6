import GRDB
public import VestigeCore
import VestigeVault

/// The host's own database: people and devices, in one SQLite file that never stands in Vestige's data directory.
///
/// Its methods read what the directory needs for itself, or what the policy says is `unlogged`: whose session this is, whom an address
/// belongs to, the names of a team. None of it opens anybody's record, so none of it is recorded. Whatever shows or changes a record goes
/// through the `RecordedDatabase` that ``DirectoryApp`` puts around ``pool``.
///
/// What is personal stands in it sealed. Each method opens the columns that it needs and no others, for all rows at once.
public struct DirectoryStore: Sendable {
    let pool: DatabasePool
    private let values: PersonalValues

    /// Opens the file at `path`, makes it if need be, and fills an empty one with the people of `generator`.
    ///
    /// - Parameter values: Vestige's, `vestige.values`: under whose keys the columns stand.
    /// - Throws: what SQLite says, when the file cannot be opened or is no database; what the vault says.
    public init(path: String, values: PersonalValues, generator: PersonGenerator = PersonGenerator()) async throws {
        self.values = values
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        // What is deleted here is overwritten: people's data must not stay behind in free pages.
        configuration.prepareDatabase { db in try db.execute(sql: "PRAGMA secure_delete = ON") }
        pool = try DatabasePool(path: path, configuration: configuration)
        // The pool has set NORMAL, with which a loss of power may undo the last commits, the entries in the outbox among them.
        try await pool.writeWithoutTransaction { db in try db.execute(sql: "PRAGMA synchronous = FULL") }
        // The made-up people are there from the beginning; nobody's act brought them. A migration cannot wait, so they are sealed before it.
        let people = generator.people()
        let isNew = try await pool.read { db in try !db.tableExists(Person.databaseTableName) }
        let rows = isNew ? try await values.sealed(people.map { Person($0) }) : []
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 people and hardware") { db in
            try db.execute(sql: Self.schema)
            for row in rows { try row.insert(db) }
            for device in generator.hardware(for: people) { try device.insert(db) }
        }
        try migrator.migrate(pool)
    }

    /// Closes every connection; the store is of no use afterwards.
    public func close() throws {
        try pool.close()
    }

    /// For sessions and permissions: nobody gets to see it.
    ///
    /// - Parameter fields: The columns to open; nil: all.
    public func person(_ id: String, opening fields: [String]? = ["name", "email"]) async throws -> Person? {
        let row = try await pool.read { db in try Person.fetchOne(db, key: id) }
        return try await values.opened(row.map { [$0] } ?? [], only: fields).first
    }

    /// For sign-in: the address as it was typed, in the form in which the policy compares it. The vault's blind index says whose it may be, and
    /// their row whether it is. Somebody erased is found no more.
    public func person(email: String) async throws -> Person? {
        let ids = try await values.find("email", of: Person.recordType, equals: email).map(\.id)
        let rows = try await pool.read { db in try Person.fetchAll(db, keys: ids) }
        return try await values.opened(rows, where: "email", equals: email, only: ["name"]).first
    }

    /// One department with nothing open but the names, in the order of ids: a list opens no record.
    public func names(inDepartment department: String) async throws -> [Person] {
        let rows = try await pool.read { db in try Person.filter(Column("department") == department).order(Column.rowID).fetchAll(db) }
        return try await values.opened(rows, only: ["name"])
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

    // What is sealed is a BLOB, and never UNIQUE, since no two sealed values are equal: the blind index finds an address that is taken.
    // No ON DELETE SET NULL: what SQLite changes by itself, no entry tells. Whoever takes a person out takes their devices back first.
    private static let schema = """
        CREATE TABLE people (
            id TEXT PRIMARY KEY NOT NULL, name BLOB NOT NULL, email BLOB NOT NULL, phone BLOB NOT NULL, birthday BLOB NOT NULL,
            salary BLOB NOT NULL, role TEXT NOT NULL CHECK (role IN ('member', 'agent', 'manager', 'admin')), department TEXT NOT NULL
        ) STRICT;
        CREATE INDEX people_department ON people (department);
        CREATE TABLE hardware (
            id TEXT PRIMARY KEY NOT NULL, serial TEXT NOT NULL UNIQUE, model TEXT NOT NULL,
            assigned_to TEXT REFERENCES people (id)
        ) STRICT;
        CREATE INDEX hardware_assigned ON hardware (assigned_to);
        """
}
