import Foundation
import GRDB
import TestSupport
import Testing
import VestigeCore
import VestigeGRDB
import VestigeLocal
import VestigeTrail

/// A process that writes without end is killed again and again. What its own databases hold afterwards and what the trail says must agree.
///
/// `VESTIGE_KILLS_GRDB=N` kills N times.
@Suite("A host that is killed between its commit and the entry", .serialized)
struct KillTests {
    private static let killCount = ProcessInfo.processInfo.environment["VESTIGE_KILLS_GRDB"].flatMap { Int($0) } ?? 60

    @Test("loses nothing through its outbox and nothing through its spool, and nothing is recorded twice")
    func kills() async throws {
        let home = FileManager.default.temporaryDirectory.appending(path: "vestige-kills-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: home) }
        try await prepare(home)

        var (killed, outboxWaited) = (0, 0)
        func kill() async throws {
            if try await killOnce(home) > 0 { outboxWaited += 1 }
            killed += 1
        }
        while killed < Self.killCount { try await kill() }
        // Kills that hit nothing on its way would show nothing: as many again at the most until each kind was hit.
        while killed < 2 * Self.killCount {
            if outboxWaited > 0, try await unknownCount(home) > 0 { break }
            try await kill()
        }

        let vestige = try await Vestige.open(home + "/data")
        let pool = try DatabasePool(path: home + "/host.sqlite")
        let database = try await RecordedDatabase(pool, recorder: vestige.recorder)
        try await database.drain()
        await database.close()
        let tickets = try await pool.read { try String.fetchAll($0, sql: "SELECT id FROM tickets") }
        let notes = try await DatabaseQueue(path: home + "/notes.sqlite").read { try String.fetchAll($0, sql: "SELECT id FROM notes") }
        let entries = try await headers(vestige.trail)

        let ofTickets = entries.filter { $0.record?.type == "ticket" }
        let recordedTickets = ofTickets.compactMap { $0.record?.id }.sorted()
        #expect(ofTickets.allSatisfy { $0.status == .success })
        #expect(recordedTickets == tickets.sorted(), "tickets and their entries are not the same")

        let ofNotes = entries.filter { $0.record?.type == "note" }
        let recordedNotes = Set(ofNotes.compactMap { $0.record?.id })
        let toldNotes = Set(ofNotes.filter { $0.status == .success }.compactMap { $0.record?.id })
        let unknown = ofNotes.filter { $0.status == .warning }
        #expect(recordedNotes.count == ofNotes.count, "a note was recorded twice")
        #expect(toldNotes.count + unknown.count == ofNotes.count)
        #expect(unknown.allSatisfy { $0.details["outcome"] == .code("unknown") })
        #expect(recordedNotes.isSuperset(of: notes), "a note has no entry")
        #expect(toldNotes.isSubset(of: notes), "an entry tells of a note that is not there")
        #expect(try await vestige.status().spoolWaiting == 0)
        let findings = try await vestige.verify().findings
        #expect(findings.isEmpty, "\(findings.prefix(3))")
        #expect(outboxWaited > 0 && !unknown.isEmpty, "\(outboxWaited) and \(unknown.count)")
        print(
            "\(killed) kills: \(tickets.count) tickets, \(notes.count) notes; \(outboxWaited) kills left entries in the outbox, "
                + "\(unknown.count) left an act of unknown outcome in the spool")
        try await vestige.close()
    }

    private func prepare(_ home: String) async throws {
        let policy = try Policy.parse(Array(Self.policy.utf8), file: "kill.yaml")
        let vestige = try await Vestige.create(Place(data: home + "/data"), policy: policy, by: .system("test"))
        let pool = try DatabasePool(path: home + "/host.sqlite")
        try await pool.write { try $0.execute(sql: "CREATE TABLE tickets (id TEXT PRIMARY KEY NOT NULL, owner TEXT NOT NULL)") }
        let database = try await RecordedDatabase(pool, recorder: vestige.recorder)
        await database.close()
        try await DatabaseQueue(path: home + "/notes.sqlite").write {
            try $0.execute(sql: "CREATE TABLE notes (id TEXT PRIMARY KEY NOT NULL, owner TEXT NOT NULL)")
        }
        try await vestige.close()
    }

    /// How many acts of unknown outcome the hosts that were killed have left.
    private func unknownCount(_ home: String) async throws -> Int {
        let vestige = try await Vestige.open(home + "/data")
        let count = try await headers(vestige.trail).count { $0.record?.type == "note" && $0.status == .warning }
        try await vestige.close()
        return count
    }

    /// Lets the host run for a moment.
    ///
    /// - Returns: how many entries the one before it had left in the outbox.
    private func killOnce(_ home: String) async throws -> Int {
        let start = ContinuousClock.now
        let host = try await RunningProgram.start("KillableHost '\(home)'", in: home)
        let line = await host.nextLine()
        // A slow machine takes longer to start one, and longer until it is in the midst of something.
        let startMicroseconds = (ContinuousClock.now - start) / .microseconds(1)
        // On this very thread: a suspended test may wake long after.
        usleep(.random(in: 0...max(40_000, UInt32(min(startMicroseconds / 4, 10_000_000)))))
        host.kill(SIGKILL)
        _ = try await host.exit()
        return try #require(line.flatMap { Int($0) }, "the host did not start")
    }

    private func headers(_ trail: Trail) async throws -> [Header] {
        let size = try await trail.checkpoint().size
        var headers: [Header] = []
        for start in stride(from: 0, to: size, by: 1_000) {
            for entry in try await trail.entries(Array(start..<min(start + 1_000, size))) {
                if let body = entry.body { headers.append(try Header(decoding: body.header)) }
            }
        }
        return headers
    }

    private static let policy = """
        vestige: 1
        time_zone: Europe/Berlin
        channels: [pii-read, work]
        purposes:
          support: { title: Support, dpv: "dpv:CustomerCare", activity: RPA-1 }
        actors: { staff: [user], roles: [agent], show: name }
        records:
          user:
            subject: self
            channels: { look: pii-read, change: work }
            fields: { name: { personal: identity } }
            reads: { log: detail }
          ticket:
            id: clear
            channels: { look: pii-read, change: work }
            subject: { type: user, from: owner }
            fields: { owner: { personal: identity } }
            reads: { log: detail }
          note:
            id: clear
            channels: { look: pii-read, change: work }
            subject: { type: user, from: owner }
            fields: { owner: { personal: identity } }
            reads: { log: detail }
        retention:
          default: { keep: 365d, because: "CNIL 2021-122: 6 to 12 months" }
          prune_at: "03:00"
        erasure: { actors: { after: 365d, because: "security" }, fence: 90d, approvals: 1 }
        backups: { vault: 35d, keyring: 35d }
        cases: { keep: 3y, because: "limitation period" }
        access:
          rights: [query, record]
          roles: { host: [record] }
          allowed_addresses: [127.0.0.0/8]
        """
}
