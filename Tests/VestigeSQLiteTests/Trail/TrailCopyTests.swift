import Foundation
import GRDB
import Synchronization
import Testing
import VestigeSQLite
import VestigeTrail

@Suite("A copy of a trail")
struct TrailCopyTests {
    private let directory: TemporaryDirectory
    private static let tables = [
        "meta", "leaves", "bodies", "index_rows", "terms", "tiles", "checkpoints", "cosignatures", "redactions", "plans",
    ]

    init() throws { directory = try TemporaryDirectory() }

    /// Rows of a table that stand in one file and not in the other, below the copy's end.
    private func differences(_ table: String, _ copy: String, below size: UInt64) throws -> Int? {
        try DatabaseQueue(path: directory.file("trail.sqlite")).writeWithoutTransaction { db in
            try db.execute(sql: "ATTACH ? AS copy", arguments: [directory.file(copy)])
            let bound =
                switch table {
                case "leaves", "bodies", "index_rows", "terms": "WHERE seq < \(size)"
                case "checkpoints", "cosignatures": "WHERE size <= \(size)"
                case "tiles": "WHERE (idx + 1) << (8 * (level + 1)) <= \(size)"
                default: ""
                }
            return try Int.fetchOne(
                db,
                sql: """
                    SELECT (SELECT count(*) FROM (SELECT * FROM main.\(table) \(bound) EXCEPT SELECT * FROM copy.\(table)))
                        + (SELECT count(*) FROM (SELECT * FROM copy.\(table) EXCEPT SELECT * FROM main.\(table) \(bound)))
                    """)
        }
    }

    @Test("has every row below its checkpoint and no other, in one file of this account alone")
    func whole() throws {
        let store = try SQLiteTrailStore.create(in: directory.path, identity: TrailFixture.identity)
        // More than a page of rows; 35 tiles are full, one more is said to be.
        try TrailFixture.append(9_000, to: store)
        try RawDatabase.execute(
            "INSERT INTO tiles SELECT 0, seq, zeroblob(8192) FROM leaves WHERE seq < 36", on: directory.file("trail.sqlite"))
        // More lines than a page has rows, all under one checkpoint.
        try store.write { transaction in
            try transaction.keep("note", size: 9_000, cosignatures: (0..<8_200).map { "— w \($0)\n" })
        }
        var told: [UInt64] = []
        let head = try store.copy(to: "copy.sqlite", in: directory.path) { done, _ in told.append(done) }
        #expect(head.size == 9_000 && told.last == 9_000 && told.count > 1)
        try TrailFixture.append(300, to: store)
        try store.write { try $0.keep("note", size: 9_300, cosignatures: ["— w 1\n", "— w 2\n"]) }
        for table in Self.tables { #expect(try differences(table, "copy.sqlite", below: 9_000) == 0, "\(table)") }
        #expect(try RawDatabase.integer("SELECT count(*) FROM tiles", on: directory.file("copy.sqlite")) == 35)
        #expect(try RawDatabase.text("PRAGMA journal_mode", on: directory.file("copy.sqlite")) == "delete")
        #expect(try RawDatabase.text("PRAGMA integrity_check", on: directory.file("copy.sqlite")) == "ok")
        let mode = try FileManager.default.attributesOfItem(atPath: directory.file("copy.sqlite"))[.posixPermissions] as? Int
        #expect(mode == 0o600)
        let copy = try SQLiteTrailStore.openReadOnly("copy.sqlite", in: directory.path)
        #expect(copy.identity == TrailFixture.identity)
        #expect(try copy.head() == head)
        #expect(try copy.search(IndexQuery(limit: 2)) == [8_999, 8_998])
        #expect(throws: TrailError.closed) { try copy.write { _ in } }
        try copy.close()
        try store.close()
        let names = try FileManager.default.contentsOfDirectory(atPath: directory.path).filter { $0.hasPrefix("copy") }
        #expect(names == ["copy.sqlite"])
    }

    @Test("opens as a trail that goes on, in place of the one it was made of")
    func putBack() throws {
        let store = try SQLiteTrailStore.create(in: directory.path, identity: TrailFixture.identity)
        try TrailFixture.append(300, to: store)
        let place = try directory.fresh()
        _ = try store.copy(to: "trail.sqlite", in: place)
        let again = try SQLiteTrailStore.open(in: place)
        try TrailFixture.append(1, to: again)
        #expect(try again.head()?.size == 301)
        try again.close()
        try store.close()
    }

    @Test("is of one moment although two others append all the while")
    func besideWriters() async throws {
        let store = try SQLiteTrailStore.create(in: directory.path, identity: TrailFixture.identity)
        try TrailFixture.append(2_000, to: store)
        let flag = Flag()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<2 {
                let other = try SQLiteTrailStore.open(in: directory.path)
                group.addTask {
                    while !flag.isRaised.withLock({ $0 }), !Task.isCancelled { try TrailFixture.append(20, to: other) }
                    try other.close()
                }
            }
            for number in 0..<4 {
                let before = try #require(try store.head()?.size)
                let head = try store.copy(to: "copy-\(number).sqlite", in: directory.path)
                #expect(head.size >= before)
                for table in Self.tables { #expect(try differences(table, "copy-\(number).sqlite", below: head.size) == 0, "\(table)") }
            }
            flag.isRaised.withLock { $0 = true }
            try await group.waitForAll()
        }
        try store.close()
    }

    @Test("leaves out a removal that the trail tells of only later")
    func removals() throws {
        let store = try SQLiteTrailStore.create(in: directory.path, identity: TrailFixture.identity)
        try TrailFixture.append(3, to: store)
        let told = try RawDatabase.text("SELECT hex(substr(leaf, 2, 16)) FROM leaves WHERE seq = 2", on: directory.file("trail.sqlite"))
        try RawDatabase.execute(
            """
            DROP TRIGGER redactions_decided;
            INSERT INTO redactions VALUES (0, x'\(try #require(told))'), (1, x'\(String(repeating: "ab", count: 16))');
            INSERT INTO plans VALUES (2, 0, x'\(String(repeating: "cd", count: 16))', 0, zeroblob(32), x'\(try #require(told))')
            """, on: directory.file("trail.sqlite"))
        _ = try store.copy(to: "copy.sqlite", in: directory.path)
        #expect(try RawDatabase.text("SELECT group_concat(seq) FROM redactions", on: directory.file("copy.sqlite")) == "0")
        #expect(try RawDatabase.integer("SELECT count(*) FROM plans", on: directory.file("copy.sqlite")) == 1)
        try store.close()
    }

    @Test("does not replace what is there, and one that was cut short is not taken for a trail")
    func unfinished() throws {
        let store = try SQLiteTrailStore.create(in: directory.path, identity: TrailFixture.identity)
        try TrailFixture.append(10, to: store)
        _ = try store.copy(to: "copy.sqlite", in: directory.path)
        let bytes = try directory.bytes(of: "copy.sqlite")
        #expect(throws: TrailError.alreadyExists) { try store.copy(to: "copy.sqlite", in: directory.path) }
        #expect(try directory.bytes(of: "copy.sqlite") == bytes)
        // The guards are made last.
        try RawDatabase.execute("DROP TRIGGER meta_insert", on: directory.file("copy.sqlite"))
        #expect(throws: TrailError.self) { try SQLiteTrailStore.openReadOnly("copy.sqlite", in: directory.path) }
        #expect(throws: TrailError.self) { try SQLiteTrailStore.openReadOnly("nowhere.sqlite", in: directory.path) }
        try store.close()
    }
}
