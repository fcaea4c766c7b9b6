import Foundation
import Synchronization
import TestSupport
import Testing
import VestigeCrypto
import VestigeInquiry
import VestigeLocal
import VestigeTrail

/// A value that tasks share.
private final class Shared<Value: Sendable>: Sendable {
    private let guarded: Mutex<Value>

    init(_ value: Value) { guarded = Mutex(value) }

    var value: Value { guarded.withLock { $0 } }
    func change(_ body: @Sendable (inout Value) -> Void) { guarded.withLock { body(&$0) } }
}

@Suite("Retention in a data directory")
struct LocalRetentionTests {
    private static let aged = Task { try await AgedFolder.make(30) }

    /// Thirty looks of 400 days ago at places 1 to 30, thirty of 100 days ago, and a clock that is trusted.
    private func folder() async throws -> Folder { try AgedFolder.copy(try await Self.aged.value) }

    private let order = PruneOrder(actor: .system("vestige"))
    private let quick = PrunePace(rest: 0)

    @Test("archives the exact bytes first: a line and the entry's proof show what was recorded")
    func archive() async throws {
        let folder = try await folder()
        let today = LocalVestige.systemClock()
        let vestige = try await folder.open(clock: { today })
        let before = try await vestige.trail.entries(Array(1...30))
        #expect(try await vestige.prune(order, pace: quick).entries == 30)
        let plan = try #require(try await actions(vestige).first { $0.1 == "retention.planned" })
        let name = today.description.prefix(10) + ".ndjson"
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.file("archive")) == [String(name)])
        let mode = try FileManager.default.attributesOfItem(atPath: folder.file("archive/\(name)"))[.posixPermissions] as? Int
        #expect(mode == 0o600)
        let lines = try AgedFolder.archived(folder)
        #expect(lines.map(\.seq) == Array(1...30) && lines.allSatisfy { $0.v == 1 && $0.plan == plan.0.description })
        for (line, entry) in zip(lines, before) {
            #expect([UInt8](line.leaf) == entry.leaf && [UInt8](line.header) == entry.body?.header)
            let (now, proof, checkpoint) = try await vestige.trail.proof(of: line.seq)
            #expect(now.body == nil)
            let checked = line.proof(proof.text(checkpoint: checkpoint)).checked(by: vestige.trail.verifierKey)
            #expect(checked.findings.isEmpty && checked.header != nil && checked.payload != nil)
            var other = line.proof(proof.text(checkpoint: checkpoint))
            other.header?[20] ^= 1
            #expect(!other.checked(by: vestige.trail.verifierKey).findings.isEmpty)
        }
        #expect(try await vestige.verify().verdict == .intact)
        try await vestige.close()
    }

    private func actions(_ vestige: LocalVestige) async throws -> [(EntryID, String)] {
        var query = IndexQuery(limit: 100)
        query.channels = ["compliance"]
        return try await vestige.trail.page(query).reversed().compactMap { entry in
            try entry.body.map { try Header(decoding: $0.header) }.map { ($0.id, $0.action) }
        }
    }

    @Test("cuts off a line that a crash cut short, and goes on after it")
    func torn() async throws {
        let folder = try await folder()
        let today = LocalVestige.systemClock()
        let path = folder.file("archive/\(today.description.prefix(10)).ndjson")
        try Data("{\"v\":1,\"seq\":7}\n{\"v\":1,\"plan\":\"0197".utf8).write(to: URL(filePath: path))
        let vestige = try await folder.open(clock: { today })
        #expect(try await vestige.prune(order, pace: quick).entries == 30)
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        #expect(
            lines.count == 31 && lines[0] == "{\"v\":1,\"seq\":7}" && lines[1].hasPrefix("{\"v\":1,\"plan\":\"")
                && lines[1].hasSuffix("\"}"))
        try await vestige.close()
    }

    /// Takes bodies away past the guards of the file, and puts the guards back.
    private static let take = """
        import sqlite3, sys
        c = sqlite3.connect(sys.argv[1])
        guard = c.execute("SELECT sql FROM sqlite_master WHERE name = 'bodies_delete'").fetchone()[0]
        c.execute("DROP TRIGGER bodies_delete")
        for seq in map(int, sys.argv[2:]):
            for table in ("bodies", "index_rows", "terms"): c.execute(f"DELETE FROM {table} WHERE seq = ?", (seq,))
        c.execute(guard)
        c.commit()
        """

    @Test("removes nothing that it could not archive", .enabled(if: Program.python != nil, "there is no python3"))
    func unwritable() async throws {
        let folder = try await folder()
        try FileManager.default.removeItem(atPath: folder.file("archive"))
        // A file where the directory should be: no account may write into it.
        try Data().write(to: URL(filePath: folder.file("archive")))
        let vestige = try await folder.open()
        await #expect(throws: LocalError.self) { try await vestige.prune(order, pace: quick) }
        #expect(try await vestige.trail.entries(Array(1...30)).allSatisfy { $0.body != nil })
        #expect(try await vestige.verify().verdict == .intact)
        // Planned, and carried out once there is room.
        try FileManager.default.removeItem(atPath: folder.file("archive"))
        // Meanwhile somebody takes three of them, within the plan.
        try await vestige.close()
        let taken = try await Program.run(
            "python3", ["-c", Self.take, folder.file("trail.sqlite"), "4", "5", "6"])
        try #require(taken.exit == 0, "\(taken.output)")
        let again = try await folder.open()
        let pruned = try #require(try await again.nightly().pruned)
        #expect(pruned.entries == 30 && pruned.unarchived == 3)
        #expect(try AgedFolder.archived(folder).count == 27)
        try await again.close()
    }

    @Test("goes on with what an earlier run had archived and had no time to remove, or had removed already")
    func archivedBefore() async throws {
        let folder = try await folder()
        let killed = try await Program.shell("KillablePruner prune '\(folder.place.data)' removed 1 after", in: folder.path)
        #expect(killed.exit == 128 + SIGKILL, "\(killed.output)")
        let vestige = try await folder.open()
        let pruned = try await vestige.prune(order, pace: quick)
        #expect(pruned.entries == 30 && pruned.unarchived == 0)
        try await vestige.close()
    }

    @Test("removes archives whose time is over, by their names, and no other file")
    func oldArchives() async throws {
        let folder = try await folder()
        let today = LocalVestige.systemClock()
        func name(_ days: Int64) -> String { today.adding(days: -days).description.prefix(10) + ".ndjson" }
        let vestige = try await folder.open(clock: { today })
        _ = try await vestige.prune(order, pace: quick)
        let written = try FileManager.default.contentsOfDirectory(atPath: folder.file("archive"))
        let lines = try Data(contentsOf: URL(filePath: folder.file("archive/" + (try #require(written.first)))))
        let others = ["notes.txt", "2001-01-01.ndjson.gz", "2001-13-01.ndjson"]
        for name in [name(401), name(400), name(368), name(365)] + others {
            try lines.write(to: URL(filePath: folder.file("archive/" + name)))
        }
        try Data("{}\n".utf8).write(to: URL(filePath: folder.file("archive/" + name(402))))
        func left() throws -> Set<String> { Set(try FileManager.default.contentsOfDirectory(atPath: folder.file("archive"))) }

        // The record stands in them.
        _ = try await vestige.rights.hold(
            HoldOrder(.named(type: "user", id: "p3"), caseReference: "L-1", purpose: "audit", actor: ana, because: "a claim"))
        let held = try await vestige.prune(order, pace: quick)
        #expect(held.archivesKept == 4 && held.archivesRemoved == 0)
        _ = try await vestige.rights.release(
            HoldReleaseOrder(.named(type: "user", id: "p3"), caseReference: "L-1", purpose: "audit", actor: ana))
        let done = try await vestige.prune(order, pace: quick)
        #expect(done.archivesKept == 1 && done.archivesRemoved == 3, "one cannot be read")
        #expect(try left() == Set([name(402), name(365)] + written + others))
        #expect(try await actions(vestige).count { $0.1 == "retention.archive_removed" } == 3)
        try await vestige.close()
    }

    @Test("is one run at a time: another is refused, and a nightly run leaves it to it")
    func oneAtATime() async throws {
        let folder = try await folder()
        let first = try await folder.open()
        let second = try await folder.open()
        try await withThrowingTaskGroup(of: UInt64?.self) { group in
            for vestige in [first, second, first, second] {
                group.addTask { try await vestige.nightly().pruned?.entries }
            }
            var taken: [UInt64] = []
            for try await entries in group { taken.append(entries ?? 0) }
            #expect(taken.reduce(0, +) == 30)
        }
        #expect(try await actions(first).count { $0.1 == "retention.planned" } == 1)
        #expect(try await first.verify().verdict == .intact)
        try await first.close()
        try await second.close()
    }

    @Test("is told by the status: how much went, what is the oldest, when it ran, and since when it is overdue")
    func status() async throws {
        let folder = try await folder()
        let vestige = try await folder.open()
        let before = try await vestige.status()
        #expect(before.prunedEntries == 0 && before.oldestKept == 0 && before.retention.lastRun == nil)
        let overdue = try #require(before.retention.overdueSince)
        let begun = LocalVestige.systemClock().adding(days: -400)
        #expect(overdue > begun.adding(microseconds: -3_600_000_000) && overdue < begun.adding(days: 1).adding(microseconds: 3_600_000_000))
        _ = try await vestige.nightly()
        let after = try await vestige.status()
        #expect(after.prunedEntries == 30 && after.oldestKept == 31)
        #expect(after.retention.overdueSince == nil && after.retention.lastRun != nil)
        #expect(after.retention.nextRun > LocalVestige.systemClock())
        try await vestige.close()
        let later = try await Vestige.open(
            folder.place, keyring: nil, clock: { LocalVestige.systemClock().adding(days: 3) })
        #expect(try await later.status().retention.overdueSince == after.retention.nextRun)
        try await later.close()
    }

    @Test("gives room back to the file system, and leaves nothing of what went in any file")
    func room() async throws {
        let folder = try await AgedFolder.make(4_000)
        let vestige = try await folder.open()
        func byteCount() throws -> Int {
            try (FileManager.default.attributesOfItem(atPath: folder.file("trail.sqlite"))[.size] as? Int) ?? 0
        }
        let salt = Data(try #require(try await vestige.trail.entries([77])[0].body).headerSalt)
        let size = try byteCount()
        #expect(try Data(contentsOf: URL(filePath: folder.file("trail.sqlite"))).range(of: salt) != nil)
        #expect(try await vestige.prune(order, pace: quick).entries == 4_000)
        let after = try byteCount()
        #expect(after < size * 7 / 10, "\(size) bytes became \(after)")
        for name in ["trail.sqlite", "trail.sqlite-wal"] {
            let bytes = FileManager.default.contents(atPath: folder.file(name)) ?? Data()
            #expect(bytes.range(of: salt) == nil, "\(name)")
        }
        #expect(try await vestige.verify().verdict == .intact)
        try await vestige.close()
        let again = try await folder.open()
        _ = try await again.recorder.record(look(at: "42"))
        #expect(try await again.verify().verdict == .intact)
        try await again.close()
    }

    @Test("runs at its hour in a process that stays up, at once if it missed the last one, and again after it failed")
    func everyNight() async throws {
        let folder = try await folder()
        let ahead = Shared(Int64(0))
        let vestige = try await Vestige.open(
            folder.place, keyring: nil, clock: { LocalVestige.systemClock().adding(microseconds: ahead.value) })
        let nights = Shared<[UInt64]>([])
        let running = Task {
            try await vestige.runNightly(every: .milliseconds(5)) { night in
                nights.change { $0.append((try? night.get())?.pruned?.entries ?? 999) }
            }
        }
        #expect(try await eventually { !nights.value.isEmpty })
        #expect(nights.value == [30])
        try await Task.sleep(for: .milliseconds(50))
        #expect(nights.value.count == 1, "once a night")
        for night in 2...3 {
            ahead.change { $0 += 23 * 3_600_000_000 }
            _ = try await vestige.recorder.record(look(at: "42"))
            ahead.change { $0 += 2 * 3_600_000_000 }
            #expect(try await eventually { nights.value.count >= night })
        }
        running.cancel()
        _ = await running.result
        #expect(try await vestige.verify().verdict == .intact)
        try await vestige.close()
    }

    @Test("runs the next night though the clock was most of a year ahead when the last one ended")
    func clockSetRight() async throws {
        let folder = try await folder()
        let ahead = Shared(Int64(0))
        let vestige = try await Vestige.open(folder.place, keyring: nil, clock: { LocalVestige.systemClock().adding(days: ahead.value) })
        let nights = Shared(0)
        let running = Task { try await vestige.runNightly(every: .milliseconds(5)) { _ in nights.change { $0 += 1 } } }
        #expect(try await eventually { nights.value == 1 })
        ahead.change { $0 = 300 }
        #expect(try await eventually { nights.value == 2 })
        ahead.change { $0 = 0 }
        try await Task.sleep(for: .milliseconds(100))
        ahead.change { $0 = 2 }
        #expect(try await eventually { nights.value == 3 })
        running.cancel()
        _ = await running.result
        try await vestige.close()
    }

    @Test("leaves a backup that verifies, and an evidence pack that names what is gone")
    func others() async throws {
        let folder = try await folder()
        let vestige = try await folder.open()
        _ = try await vestige.prune(order, pace: quick)
        _ = try await vestige.backUpTrail(to: folder.path + "/backups", by: ana)
        #expect(try await vestige.verify().verdict == .intact)
        let asker = Asker(actor: ana, purpose: "audit", rights: Set(Right.allCases))
        let answer = try await vestige.inquiry.whoViewed(ViewsQuestion(.record(type: "user", id: "p1")), asker: asker)
        #expect(answer.pruned.count == 30 && answer.pruned.concerns(since: nil))
        try await vestige.close()
    }
}
