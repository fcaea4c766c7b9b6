import Foundation
import GRDB
import TestSupport
import Testing
import VestigeCore
import VestigeCrypto
import VestigeGRDB
import VestigeInquiry
import VestigePolicy
import VestigeTesting
import VestigeTrail
import VestigeVault

@Suite("The outbox")
struct OutboxTests {
    @Test("While the trail is away the host goes on writing; afterwards all stands there once and in order")
    func outage() async throws {
        let host = try await Host()
        let names = (0..<300).map { "name-\($0)" }
        host.vestige.trailStore.failNextCommits(.max)
        for name in names { try await host.write { try $0.create(Person(name: name)) } }
        await #expect(throws: RecordingError.self) { try await host.database.drain() }
        #expect(try await host.database.waiting() == 300)
        #expect(host.database.failure != nil)
        #expect(try await host.vestige.opened().isEmpty)

        // It comes back for a moment only, then for good.
        host.vestige.trailStore.failNextCommits(1)
        #expect(try await eventually { try await host.database.waiting() == 0 })
        #expect(try await host.entries().map { $0.changes["name"]?.after } == names.map { .text($0) })
        #expect(host.database.failure == nil)
    }

    @Test("What a process left in the outbox goes to the trail when the database is next opened")
    func leftover() async throws {
        let host = try await Host()
        host.vestige.trailStore.failNextCommits(.max)
        try await host.write { try $0.create(Person(name: "Bo")) }
        await host.database.close()
        let create: @Sendable (RecordedTransaction) throws -> Person = { try $0.create(Person(name: "late")) }
        await #expect(throws: RecordingError.self) { try await host.write(create) }
        host.vestige.trailStore.failNextCommits(0)

        let next = try await RecordedDatabase(host.pool, recorder: host.vestige.recorder)
        #expect(try await eventually { try await next.waiting() == 0 })
        #expect(try await host.actions() == ["user.created"])
    }

    @Test("Two processes that drain one outbox record each entry once, and in the order of the commits")
    func twoProcesses() async throws {
        let host = try await Host()
        let other = try await RecordedDatabase(Host.open(host.file), recorder: host.vestige.recorder)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (place, database) in [host.database, other].enumerated() {
                group.addTask {
                    for number in 0..<150 {
                        let person = Person(name: "\(place)-\(number)")
                        try await host.asAna { _ = try await database.write { try $0.create(person) } }
                    }
                }
            }
            try await group.waitForAll()
        }
        try await other.drain()
        let recorded = try await host.entries().compactMap { $0.subjects.first?.recordID }
        #expect(recorded == (1...300).map(String.init))
        #expect(try await other.waiting() == 0)
    }

    @Test("A row that is still there although its entry stands is taken away and recorded once")
    func deliveredBefore() async throws {
        let host = try await Host()
        host.vestige.trailStore.failNextCommits(.max)
        try await host.write { try $0.create(Person(name: "Bo")) }
        await host.database.close()
        let sealed = try #require(try await host.pool.read { try Data.fetchOne($0, sql: "SELECT sealed FROM vestige_outbox") })
        let code = try #require(try await host.pool.read { try Data.fetchOne($0, sql: "SELECT code FROM vestige_outbox") })
        host.vestige.trailStore.failNextCommits(0)
        try await host.database.drain()
        for _ in 0..<3 {
            try await host.pool.write {
                try $0.execute(sql: "INSERT INTO vestige_outbox (seq, sealed, code) VALUES (1, ?, ?)", arguments: [sealed, code])
            }
            #expect(try await host.entries().count == 1)
        }
        #expect(try await host.database.waiting() == 0)
        #expect(host.database.damaged == 0)
        // In another place it is not what was written there.
        try await host.pool.write {
            try $0.execute(sql: "INSERT INTO vestige_outbox (sealed, code) VALUES (?, ?)", arguments: [sealed, code])
        }
        #expect(try await host.entries().count == 1)
        #expect(host.database.damaged == 1)
    }

    @Test("A row of another outbox is never recorded, though the same keyring wrote it into the same place")
    func otherOutbox() async throws {
        let host = try await Host()
        host.vestige.trailStore.failNextCommits(.max)
        try await host.write { try $0.create(Person(name: "Bo")) }
        await host.database.close()
        let row = try #require(try await host.pool.read { try Row.fetchOne($0, sql: "SELECT sealed, code FROM vestige_outbox") })
        let (sealed, code): (Data, Data) = (row["sealed"], row["code"])
        host.vestige.trailStore.failNextCommits(0)
        let queue = try DatabaseQueue()
        let other = try await RecordedDatabase(queue, recorder: host.vestige.recorder)
        try await queue.write {
            try $0.execute(sql: "INSERT INTO vestige_outbox (seq, sealed, code) VALUES (1, ?, ?)", arguments: [sealed, code])
        }
        try await other.drain()
        #expect(other.damaged == 1)
        #expect(try await host.vestige.opened().isEmpty)
        await other.close()
    }

    @Test("A row that waited for a trail which is lost goes to the one that goes on from it, sealed for that")
    func olderTrail() async throws {
        let host = try await Host()
        host.vestige.trailStore.failNextCommits(.max)
        try await host.write { try $0.create(Person(name: "Bo")) }
        await host.database.close()
        let keyring = try InMemoryKeyring()
        let identity = TrailIdentity(id: .random(), origin: try keyring.origin())
        let clock: Clock = { Timestamp(microseconds: 1_780_000_000_000_000) }
        let trail = try Trail.create(
            store: InMemoryTrailStore(identity: identity),
            signer: try CheckpointSigner(origin: identity.origin, key: try keyring.signingKey()), clock: clock)
        let old = OlderSpool(trail: host.vestige.trail.identity.id, key: try #require(host.vestige.recorder.spoolKey))
        let recorder = Recorder(
            policy: host.vestige.policy, vault: host.vestige.vault, trail: trail, spool: InMemorySpool(),
            spoolKey: try SpoolKey(signingKey: try keyring.signingKey(), trail: identity.id), olderSpools: [old], clock: clock)
        let next = try await RecordedDatabase(host.pool, recorder: recorder)
        #expect(try await eventually { try await next.waiting() == 0 })
        #expect(next.damaged == 0)
        let inquiry = Inquiry(recorder: recorder, vault: host.vestige.vault, trail: trail)
        let opened = try await inquiry.open(try await trail.page(IndexQuery(limit: 10)))
        #expect(opened.map { $0.header?.action } == ["user.created"])
        #expect(opened.first?.isUnreadable == false && opened.first?.subjects.first?.changes["name"]?.after == .text("Bo"))
        await next.close()
    }

    @Test("The writer syncs each commit, so that no loss of power takes one back whose entry stands")
    func synchronous() async throws {
        let host = try await Host()
        #expect(try await host.pool.writeWithoutTransaction { try Int.fetchOne($0, sql: "PRAGMA synchronous") } == 2)
        #expect(try await host.pool.read { try String.fetchOne($0, sql: "PRAGMA journal_mode") } == "wal")
        var configuration = Configuration()
        configuration.prepareDatabase { try $0.execute(sql: "PRAGMA synchronous = EXTRA") }
        let careful = try DatabaseQueue(configuration: configuration)
        let database = try await RecordedDatabase(careful, recorder: host.vestige.recorder)
        #expect(try await careful.writeWithoutTransaction { try Int.fetchOne($0, sql: "PRAGMA synchronous") } == 3)
        await database.close()
    }

    @Test(
        "A row that Vestige did not write is never recorded; it stays, is counted, and holds up nothing",
        arguments: [
            "UPDATE vestige_outbox SET code = randomblob(32) WHERE seq = 2",
            "UPDATE vestige_outbox SET code = x'' WHERE seq = 2",
            "UPDATE vestige_outbox SET sealed = CAST(sealed || x'00' AS BLOB) WHERE seq = 2",
            "UPDATE vestige_outbox SET code = (SELECT code FROM vestige_outbox WHERE seq = 1) WHERE seq = 2",
            "UPDATE vestige_outbox SET seq = 9 WHERE seq = 2",
        ])
    func tampered(sql: String) async throws {
        let host = try await Host()
        host.vestige.trailStore.failNextCommits(.max)
        for name in ["a", "b", "c"] { try await host.write { try $0.create(Person(name: name)) } }
        await host.database.close()
        try await host.pool.write { try $0.execute(sql: sql) }
        host.vestige.trailStore.failNextCommits(0)
        #expect(try await host.entries().map { $0.changes["name"]?.after } == ["a", "c"])
        #expect(host.database.damaged == 1)
        #expect(try await host.database.waiting() == 0)
        #expect(try await host.pool.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM vestige_outbox") } == 1)
    }

    @Test("What waits names nobody")
    func namesNobody() async throws {
        let host = try await Host()
        host.vestige.trailStore.failNextCommits(.max)
        try await host.write { try $0.create(Person(name: "Xaviera Quimby", email: "xq@example.org")) }
        let sealed = try #require(try await host.pool.read { try Data.fetchOne($0, sql: "SELECT sealed FROM vestige_outbox") })
        for text in ["Xaviera", "xq@example.org", "Ana Lima"] { #expect(sealed.range(of: Data(text.utf8)) == nil) }
    }

    @Test("A recorder that cannot authenticate what waits gets no outbox")
    func noKey() async throws {
        let host = try await Host()
        let recorder = Recorder(
            policy: host.vestige.policy, vault: host.vestige.vault, trail: host.vestige.trail, clock: { Timestamp(microseconds: 0) })
        let pool = host.pool
        await #expect(throws: RecordingError.self) { _ = try await RecordedDatabase(pool, recorder: recorder) }
    }

    @Test("A host that makes all its tables in migrations may erase on a changed schema")
    func migration() async throws {
        var migrator = DatabaseMigrator()
        migrator.eraseDatabaseOnSchemaChange = true
        migrator.registerMigration("outbox") { try RecordedDatabase.makeOutbox(in: $0) }
        migrator.registerMigration("note") { try $0.execute(sql: "CREATE TABLE note (text)") }
        let queue = try DatabaseQueue()
        try migrator.migrate(queue)
        let vestige = try await InMemoryVestige(policy: Policy.parse(Array(Host.policy.utf8), file: "host.yaml"))
        let database = try await RecordedDatabase(queue, recorder: vestige.recorder)
        try await queue.write { try $0.execute(sql: "INSERT INTO note VALUES ('kept')") }
        try migrator.migrate(queue)
        #expect(try await queue.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM note") } == 1)
        await database.close()
    }
}
