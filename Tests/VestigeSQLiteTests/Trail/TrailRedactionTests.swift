import Foundation
import GRDB
import Testing
import VestigeCrypto
import VestigeSQLite
import VestigeTrail

@Suite("A redacted body leaves nothing in the trail's files")
struct TrailRedactionTests {
    private let directory: TemporaryDirectory
    private let start = Timestamp(microseconds: 1_778_000_000_000_000)

    init() throws { directory = try TemporaryDirectory() }

    /// An entry whose header, payload, index row and terms all have something of their own.
    private func entry(_ number: Int) throws -> SealedEntry {
        let person = Bytes16.random()
        let header = Header(
            id: .make(at: start), occurredAt: start, channel: "pii-read", event: "read", action: "needle.\(number).action",
            actor: ActorReference(type: "user", identity: .pseudonym(.random())),
            record: RecordHandle(type: "hardware", id: "needle-\(number)-record"), subjects: [person, .random()],
            purpose: "needle.\(number).purpose")
        let payload = [UInt8]("needle-\(number)-payload".utf8) + [UInt8](repeating: 7, count: number % 40 == 0 ? 9_000 : 300)
        return try SealedEntry(header: header, payload: Payload(items: [Payload.Item(kind: .subject, bytes: payload)]))
    }

    private func append(_ entries: [SealedEntry], to store: SQLiteTrailStore) throws {
        try store.write { transaction in
            var next = try transaction.leafCount()
            for entry in entries {
                let leaf = Leaf(id: entry.header.id, recordedAt: start, headerHash: .zero, payloadHash: .zero)
                try transaction.insert(entry, leaf: leaf.encoded(), seq: next)
                next += 1
            }
            try transaction.set(StoredHead(size: next, recordedAt: start, checkpoint: "note \(next)\n"), keep: false)
        }
    }

    private func files() throws -> [Data] {
        try FileManager.default.contentsOfDirectory(atPath: directory.path).map {
            try Data(contentsOf: URL(fileURLWithPath: directory.file($0)))
        }
    }

    private func hits(_ needles: [[UInt8]]) throws -> Int {
        let files = try files()
        return needles.reduce(0) { count, needle in count + files.count { $0.range(of: Data(needle)) != nil } }
    }

    /// Everything that only this entry has.
    private func needles(_ number: Int, _ entry: SealedEntry) -> [[UInt8]] {
        let text = ["action", "purpose"].map { "needle.\(number).\($0)" } + ["record", "payload"].map { "needle-\(number)-\($0)" }
        return text.map { Array($0.utf8) } + Term.all(of: entry.header).map { $0.value.bytes } + [entry.headerSalt, entry.payloadSalt]
    }

    @Test("while it is open, also to others who read and write, and after close", arguments: [1, 7])
    func wiped(every: Int) throws {
        let store = try SQLiteTrailStore.create(in: directory.path, identity: TrailFixture.identity)
        let other = try SQLiteTrailStore.open(in: directory.path)
        let entries = try (0..<700).map(entry)
        // In commits of different sizes by two writers: pages are filled, divided and written back meanwhile.
        for start in stride(from: 0, to: 700, by: 35) {
            try append(Array(entries[start..<start + 35]), to: start % 70 == 0 ? store : other)
        }
        let chosen = stride(from: 3, to: 697, by: 10 * every).map { $0 }
        let wanted = chosen.flatMap { needles($0, entries[$0]) }
        #expect(try hits(wanted) >= wanted.count)
        _ = try other.entries([3, 13])
        #expect(try store.redact(chosen.map { UInt64($0) }, by: entries[699].header.id))
        #expect(try hits(wanted) == 0)
        #expect(try other.entries([3])[0].body == nil)
        // Those that were not chosen are all there.
        let rest = [0, 4, 698].flatMap { needles($0, entries[$0]) }
        #expect(try hits(rest) >= rest.count)
        try append([entry(900)], to: other)
        try store.close()
        try other.close()
        #expect(try hits(wanted) == 0)
        #expect(try RawDatabase.text("PRAGMA integrity_check", on: directory.file("trail.sqlite")) == "ok")
    }

    /// A page that is divided leaves copies of rows in the gap it then has (see `PageScrubber`); nobody deletes those.
    @Test("nor in the gaps of pages: of thousands of places in the index by term, put in at random, not one is left")
    func gaps() throws {
        let store = try SQLiteTrailStore.create(in: directory.path, identity: TrailFixture.identity)
        let mark = Array("gapmark!".utf8)
        var last: EntryID?
        for batch in 0..<25 {
            let entries = try (0..<100).map { number in
                let people = (0..<5).compactMap { _ in Bytes16(Randomness.bytes(8) + (number % 2 == 0 ? mark : Randomness.bytes(8))) }
                let header = Header(
                    id: .make(at: start), occurredAt: start, channel: "pii-read", event: "read", action: "pii.read.user",
                    actor: ActorReference(type: "system", identity: .none), subjects: people)
                return try SealedEntry(header: header, payload: Payload())
            }
            try append(entries, to: store)
            last = entries.last?.header.id
            if batch % 8 == 7 { _ = try store.redact([1], by: try #require(last)) }
        }
        #expect(try hits([mark]) > 0)
        let chosen = (0..<2500).filter { $0 % 100 % 2 == 0 }.map { UInt64($0) }
        #expect(try store.redact(chosen, by: try #require(last)))
        #expect(try hits([mark]) == 0)
        try store.close()
        #expect(try hits([mark]) == 0)
    }

    @Test("but for as long as somebody reads an older state, and says so; asked again it is done")
    func reader() throws {
        let store = try SQLiteTrailStore.create(in: directory.path, identity: TrailFixture.identity)
        let entries = try (0..<30).map(entry)
        try append(entries, to: store)
        let needles = needles(4, entries[4])
        let reader = try DatabaseQueue(path: directory.file("trail.sqlite"))
        try reader.inDatabase { db in
            try db.execute(sql: "BEGIN; SELECT count(*) FROM bodies")
            #expect(try store.redact([4], by: entries[29].header.id) == false)
            #expect(try store.entries([4])[0].body == nil)
            #expect(try hits(needles) > 0)
            try db.execute(sql: "ROLLBACK")
        }
        #expect(try store.redact([4], by: entries[29].header.id))
        #expect(try hits(needles) == 0)
        try store.close()
    }

    @Test("and what Vestige itself wrote is found without a walk through the index")
    func ownIndex() throws {
        let store = try SQLiteTrailStore.create(in: directory.path, identity: TrailFixture.identity)
        try append((0..<30).map(entry), to: store)
        try store.close()
        let plan = try DatabaseQueue(path: directory.file("trail.sqlite")).read { db in
            try Row.fetchAll(
                db,
                sql: """
                    EXPLAIN QUERY PLAN SELECT i.seq AS seq FROM index_rows i WHERE true AND i.channel = 'compliance'
                    AND i.action IN (?,?,?) ORDER BY seq DESC LIMIT ?
                    """, arguments: ["a", "b", "c", 10]
            ).map { $0["detail"] as String? ?? "" }
        }
        #expect(plan.contains("SEARCH i USING INDEX index_rows_own (action=?)"), "\(plan)")
    }

    @Test("A trail of an older version is brought forward when it is opened, and is then as one made today", arguments: [1, 2])
    func older(version: Int) throws {
        let store = try SQLiteTrailStore.create(in: directory.path, identity: TrailFixture.identity)
        try append((0..<30).map(entry), to: store)
        try store.close()
        let file = directory.file("trail.sqlite")
        let schema = "SELECT group_concat(sql, ';') FROM (SELECT sql FROM sqlite_schema ORDER BY name)"
        let today = try RawDatabase.text(schema, on: file)
        try RawDatabase.execute(
            "DROP TRIGGER plans_decided; DROP TRIGGER bodies_own; PRAGMA user_version = \(version)", on: file)
        if version == 1 {
            try RawDatabase.execute(
                "DROP INDEX index_rows_own; DROP TRIGGER redactions_decided; DROP TRIGGER redactions_own; DROP TABLE cosignatures",
                on: file)
        }
        // A file that is only read stays as it is, and nobody cosigned it.
        let unchanged = try SQLiteTrailStore.openReadOnly("trail.sqlite", in: directory.path)
        #expect(try unchanged.head()?.size == 30 && unchanged.cosignatures(0...99).isEmpty)
        try unchanged.close()
        #expect(try RawDatabase.integer("PRAGMA user_version", on: file) == version)
        for _ in 0..<2 {
            let opened = try SQLiteTrailStore.open(in: directory.path)
            #expect(try opened.head()?.size == 30)
            try opened.close()
        }
        #expect(try RawDatabase.text(schema, on: file) == today)
        #expect(try RawDatabase.integer("PRAGMA user_version", on: file) == 3)
        let cosigned = try SQLiteTrailStore.open(in: directory.path)
        try cosigned.write { try $0.keep("note 30\n", size: 30, cosignatures: ["— w AAAA\n"]) }
        #expect(try cosigned.cosignatures(0...99) == [StoredCosignature(size: 30, line: "— w AAAA\n")])
        try cosigned.close()
        #expect(try RawDatabase.refusal(of: "DELETE FROM cosignatures", on: file)?.contains("never changed") == true)
    }
}
