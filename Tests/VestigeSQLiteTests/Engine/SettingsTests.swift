import GRDB
import Testing

@testable import VestigeSQLite

@Suite("Connections are set as they should be")
struct SettingsTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func value(_ pragma: String, _ db: Database) throws -> String? { try String.fetchOne(db, sql: "PRAGMA \(pragma)") }

    private func check(_ file: DatabaseFile, synchronous: String, journal: String) throws {
        let created = try file.create(in: directory.path, cacheByteCount: 1 << 20) { _ in }
        try created.close()
        let queue = try file.open(in: directory.path, cacheByteCount: 1 << 20)
        try queue.writeWithoutTransaction { db in
            #expect(try value("synchronous", db) == synchronous)
            #expect(try value("journal_mode", db) == journal)
            for (pragma, expected) in [
                ("secure_delete", "1"), ("trusted_schema", "0"), ("recursive_triggers", "1"), ("foreign_keys", "0"),
                ("wal_autocheckpoint", "0"), ("user_version", "\(file.version)"), ("application_id", "\(file.applicationID)"),
                ("busy_timeout", "10000"), ("temp_store", "2"),
            ] { #expect(try value(pragma, db) == expected, "\(pragma)") }
            // DEFENSIVE refuses what corrupts a file through plain SQL.
            try db.execute(sql: "PRAGMA writable_schema = ON")
            #expect(throws: DatabaseError.self) { try db.execute(sql: "UPDATE sqlite_schema SET sql = NULL") }
        }
        try queue.close()
    }

    @Test("the trail: write-ahead log, every commit on the disk")
    func trail() throws { try check(TrailSchema.file, synchronous: "2", journal: "wal") }

    @Test("the vault: rollback journal whose removal is on the disk too")
    func vault() throws { try check(VaultSchema.file, synchronous: "3", journal: "delete") }

    @Test("the desk: like the vault")
    func desk() throws { try check(SQLiteDeskStore.file, synchronous: "3", journal: "delete") }

    @Test("a reader cannot write")
    func reader() throws {
        try TrailSchema.file.create(in: directory.path, cacheByteCount: 1 << 20) { _ in }.close()
        let configuration = TrailSchema.file.configuration(readonly: true, cacheByteCount: 1 << 20)
        let reader = try DatabaseQueue(path: TrailSchema.file.path(in: directory.path), configuration: configuration)
        #expect(throws: DatabaseError.self) { try reader.writeWithoutTransaction { try $0.execute(sql: "DELETE FROM terms") } }
    }
}
