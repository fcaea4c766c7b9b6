import Foundation
import Testing
import VestigeSQLite
import VestigeTrail

@Suite("A trail's file is checked when it is opened")
struct TrailFileTests {
    private let directory: TemporaryDirectory
    private var file: String { directory.file("trail.sqlite") }

    init() throws { directory = try TemporaryDirectory() }

    private func fill(_ count: Int = 200) throws {
        let store = try SQLiteTrailStore.create(in: directory.path, identity: TrailFixture.identity)
        try TrailFixture.append(count, to: store)
        try store.close()
    }

    /// The message with which opening was refused.
    private func refusal() -> String? {
        do { try SQLiteTrailStore.open(in: directory.path).close() } catch TrailError.foreignFile(let what) { return what } catch {
            Issue.record("another error: \(error)")
        }
        return nil
    }

    @Test("a trail is there again after it was closed")
    func reopening() throws {
        try fill()
        let store = try SQLiteTrailStore.open(in: directory.path)
        #expect(store.identity == TrailFixture.identity)
        #expect(try store.head()?.size == 200)
        #expect(try store.leaves(0..<300).count == 200)
        var query = IndexQuery(limit: 3)
        query.terms = [[Term(.lookedAt, TrailFixture.person)]]
        #expect(try store.search(query) == [199, 198, 197])
        try TrailFixture.append(1, to: store)
        #expect(try store.head()?.size == 201)
        try store.close()
    }

    @Test("a trail is made once, and a second attempt changes nothing")
    func creatingTwice() throws {
        try fill()
        #expect(throws: TrailError.alreadyExists) { try SQLiteTrailStore.create(in: directory.path, identity: TrailFixture.identity) }
        let store = try SQLiteTrailStore.open(in: directory.path)
        #expect(try store.head()?.size == 200)
        try store.close()
    }

    @Test("a creation that was cut short can be done again")
    func unfinished() throws {
        try directory.write([], to: "trail.sqlite")
        #expect(refusal()?.contains("an empty or unfinished file") == true)
        try fill(1)
        #expect(refusal() == nil)
    }

    @Test("a missing file is named, and nothing is made")
    func missing() throws {
        #expect(refusal()?.hasPrefix("trail.sqlite is missing; nothing was opened") == true)
        #expect(!FileManager.default.fileExists(atPath: file))
        #expect(throws: TrailError.self) { try SQLiteTrailStore.open(in: directory.file("nowhere")) }
        #expect(!FileManager.default.fileExists(atPath: directory.file("nowhere")))
    }

    @Test("what is not a database is refused")
    func garbage() throws {
        try directory.write([UInt8](repeating: 0x41, count: 20_000), to: "trail.sqlite")
        #expect(refusal() == "trail.sqlite is not a database; nothing was opened, restore it from a backup")
    }

    @Test("a file that was cut short is refused")
    func truncated() throws {
        try fill()
        let bytes = try directory.bytes(of: "trail.sqlite")
        try directory.write(Array(bytes[..<(bytes.count / 2)]), to: "trail.sqlite")
        #expect(refusal()?.hasPrefix("trail.sqlite is damaged or cut short") == true)
    }

    @Test("a database of another program is refused")
    func foreign() throws {
        try RawDatabase.execute("CREATE TABLE notes(t); PRAGMA application_id = 77", on: file)
        #expect(refusal()?.hasPrefix("trail.sqlite is a database of another program") == true)
        #expect(throws: TrailError.alreadyExists) { try SQLiteTrailStore.create(in: directory.path, identity: TrailFixture.identity) }
    }

    @Test("a newer format is refused")
    func newer() throws {
        try fill(1)
        try RawDatabase.execute("PRAGMA user_version = 9", on: file)
        #expect(refusal() == "trail.sqlite is of format 9, this program knows 3; nothing was opened, use the newer program")
    }

    @Test(
        "a changed schema is refused and named",
        arguments: [
            ("DROP TRIGGER leaves_delete", "trigger leaves_delete is missing or altered"),
            ("DROP INDEX leaves_by_id", "index leaves_by_id is missing or altered"),
            (
                "DROP TRIGGER bodies_delete; CREATE TRIGGER bodies_delete BEFORE DELETE ON bodies BEGIN SELECT 1; END",
                "trigger bodies_delete is missing or altered"
            ),
            ("DROP TRIGGER redactions_decided", "trigger redactions_decided is missing or altered"),
            ("CREATE TABLE extra(x)", "extra does not belong there"),
            ("CREATE TRIGGER spy AFTER INSERT ON leaves BEGIN SELECT 1; END", "spy does not belong there"),
        ])
    func altered(sql: String, what: String) throws {
        try fill(1)
        try RawDatabase.execute(sql, on: file)
        #expect(refusal()?.contains("its schema was changed (\(what))") == true)
    }

    @Test("the file is the account's alone")
    func mode() throws {
        try fill(1)
        let attributes = try FileManager.default.attributesOfItem(atPath: file)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
    }
}
