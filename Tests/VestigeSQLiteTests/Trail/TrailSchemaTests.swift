import Testing
import VestigeSQLite
import VestigeTrail

@Suite("A trail's rows stay as they are")
struct TrailSchemaTests {
    private let directory: TemporaryDirectory
    private var file: String { directory.file("trail.sqlite") }

    init() throws {
        directory = try TemporaryDirectory()
        let store = try SQLiteTrailStore.create(in: directory.path, identity: TrailFixture.identity)
        try TrailFixture.append(3, to: store)
        try store.write { transaction in
            try transaction.set(
                StoredHead(size: 3, recordedAt: Timestamp(microseconds: 1_778_000_000_000_000), checkpoint: "n"), keep: true)
            try transaction.insert(Tile(level: 0, index: 0, hashes: Array(repeating: TreeHash.empty, count: 256)))
        }
        try store.close()
    }

    @Test(
        "a statement that would change what was recorded is refused",
        arguments: [
            ("UPDATE leaves SET leaf = leaf WHERE seq = 0", "leaves are never changed"),
            ("UPDATE leaves SET seq = 9 WHERE seq = 0", "leaves are never changed"),
            ("DELETE FROM leaves WHERE seq = 2", "leaves are never changed"),
            ("DELETE FROM leaves", "leaves are never changed"),
            ("INSERT OR REPLACE INTO leaves SELECT seq, leaf FROM leaves WHERE seq = 0", "leaves: this key is taken"),
            ("REPLACE INTO leaves SELECT 99, leaf FROM leaves WHERE seq = 0", "leaves: this key is taken"),
            ("UPDATE bodies SET payload = x'00' WHERE seq = 0", "bodies are never changed"),
            ("INSERT OR REPLACE INTO bodies VALUES (0, x'', x'', x'', x'')", "bodies: this key is taken"),
            ("DELETE FROM bodies WHERE seq = 0", "a body goes only by redaction, or by a retention plan after 30 days"),
            ("UPDATE tiles SET hashes = hashes", "tiles are never changed"),
            ("DELETE FROM tiles", "tiles are never changed"),
            ("REPLACE INTO tiles SELECT * FROM tiles", "tiles: this key is taken"),
            ("UPDATE head SET size = 2", "the newest checkpoint only grows"),
            ("UPDATE head SET recorded_at = 0", "the newest checkpoint only grows"),
            ("DELETE FROM head", "head are never changed"),
            ("REPLACE INTO head VALUES (0, 9, 9, '')", "head: this key is taken"),
            ("UPDATE checkpoints SET note = ''", "checkpoints are never changed"),
            ("DELETE FROM checkpoints", "checkpoints are never changed"),
            ("REPLACE INTO checkpoints VALUES (3, '')", "checkpoints: this key is taken"),
            ("UPDATE meta SET value = x'00'", "meta are never changed"),
            ("DELETE FROM meta", "meta are never changed"),
        ])
    func refused(sql: String, message: String) throws {
        #expect(try RawDatabase.refusal(of: sql, on: file) == message)
    }

    @Test("a body goes where a redaction names it, and its leaf stays")
    func redaction() throws {
        let decided = "(SELECT substr(leaf, 2, 16) FROM leaves WHERE seq = 2)"
        for refused in ["(1, zeroblob(16))", "(2, \(decided))", "(9, \(decided))", "(-1, \(decided))"] {
            #expect(
                try RawDatabase.refusal(of: "INSERT INTO redactions VALUES \(refused)", on: file)
                    == "a redaction names an entry, and a later one that decides it")
        }
        try RawDatabase.execute("UPDATE index_rows SET channel = 'compliance', action = 'policy.adopted' WHERE seq = 0", on: file)
        #expect(
            try RawDatabase.refusal(of: "INSERT INTO redactions VALUES (0, \(decided))", on: file)
                == "what Vestige itself wrote keeps its body")
        try RawDatabase.execute("INSERT INTO redactions VALUES (1, \(decided)); DELETE FROM bodies WHERE seq = 1", on: file)
        #expect(try RawDatabase.refusal(of: "DELETE FROM bodies WHERE seq = 0", on: file) != nil)
        #expect(try RawDatabase.refusal(of: "DELETE FROM redactions", on: file) == "redactions are never changed")
        let store = try SQLiteTrailStore.open(in: directory.path)
        #expect(try store.entries([0, 1]).map { $0.body == nil } == [false, true])
        try store.close()
    }

    @Test("a plan lets a body go only when it is over 30 days old, and only in its range", arguments: [(29, false), (31, true)])
    func plan(days: Int64, goes: Bool) throws {
        let now = Timestamp(
            microseconds: Int64(try #require(try RawDatabase.integer("SELECT strftime('%s', 'now')", on: file))) * 1_000_000)
        let fresh = try directory.fresh()
        let store = try SQLiteTrailStore.create(in: fresh, identity: TrailFixture.identity)
        try TrailFixture.append(3, to: store, recordedAt: now.adding(days: -days))
        try store.close()
        let file = fresh + "/trail.sqlite"
        func plan(by seq: Int) throws -> String {
            let id = try RawDatabase.text("SELECT hex(substr(leaf, 2, 16)) FROM leaves WHERE seq = \(seq)", on: file)
            return "INSERT INTO plans VALUES (2, 1, zeroblob(16), 0, zeroblob(32), x'\(try #require(id))')"
        }
        let refused = "a plan names a range, and a later entry that decides it"
        #expect(try RawDatabase.refusal(of: plan(by: 1), on: file) == refused)
        #expect(
            try RawDatabase.refusal(of: "INSERT INTO plans VALUES (2, 1, zeroblob(16), 0, zeroblob(32), zeroblob(16))", on: file)
                == refused)
        try RawDatabase.execute(plan(by: 2), on: file)
        #expect(try RawDatabase.refusal(of: "DELETE FROM bodies WHERE seq = 0", on: file) != nil)
        #expect(try RawDatabase.refusal(of: "DELETE FROM bodies WHERE seq = 2", on: file) != nil)
        #expect(try (RawDatabase.refusal(of: "DELETE FROM bodies WHERE seq = 1", on: file) == nil) == goes)
    }
}
