import CFaultyVFS
import Foundation
import Testing
import VestigeCrypto
import VestigeTrail

@testable import VestigeSQLite

/// After a failed sync the system may give up what it could not write and still show it to whoever reads: the log looks complete and is not.
@Suite("After a failed sync")
struct FailedSyncTests {
    private let folder: TemporaryDirectory
    private let scene = TrailScene()

    init() throws { folder = try TemporaryDirectory() }

    private func failNextSync(of disk: FaultyDisk) {
        disk.fail(.init(operation: FAULTY_SYNC, reason: FAULTY_EIO, nth: 1, lasting: false))
    }

    private func refusal(_ body: () async throws -> Void) async -> TrailError? {
        do {
            try await body()
            return nil
        } catch { return error as? TrailError }
    }

    @Test("an entry that another process finds and builds on does not fall with the log that was never written")
    func doubtfulLog() async throws {
        for seed in 0..<UInt64(Campaign.isFull ? 200 : 12) {
            let disk = try FaultyDisk(folder.fresh())
            // With a log that is never written back, what is in doubt stays in it. One that was written back begins anew, and the sync that
            // fails may be that of its head, before anything stands in it.
            let isKept = seed % 2 == 0
            let scene = TrailScene(logPageCountMax: isKept ? 4_000 : 24)
            let first = try scene.begin(in: disk.directory)
            _ = try await first.append(try TrailFixture.entry())
            failNextSync(of: disk)
            let doubtful = try TrailFixture.entry()
            let error = await refusal { _ = try await first.append(doubtful) }
            guard case .unconfirmed? = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            // It dies. The next one sees the whole log, gives a receipt for what it finds there, and adds to it.
            let survivor = try disk.survivor(of: disk.moment, with: ["write.lock"], in: folder.fresh())
            let second = try scene.open(in: survivor.directory)
            let found = try await second.append(doubtful)
            #expect(!found.isNew || !isKept)
            let more = try await second.append(try TrailFixture.entry())
            let remains = try folder.fresh()
            try survivor.losePower(
                at: survivor.moment, Campaign.losses[Int(seed) % Campaign.losses.count], seed: seed, into: remains)
            var problems = Problems()
            _ = await scene.check(remains, holds: [found, more], wasBegun: true, &problems)
            #expect(problems.found.isEmpty, "seed \(seed): \(problems.found)")
            try second.close()
            try first.close()
        }
    }

    @Test("an entry that a process was killed over, between its writing and its sync, is durable before anybody gets a receipt for it")
    func killedBeforeSync() async throws {
        let disk = try FaultyDisk(folder.fresh())
        let first = try scene.begin(in: disk.directory)
        let entry = try TrailFixture.entry()
        _ = try await first.append(entry)
        // The last thing that happened is the sync: without it the entry is written and nothing more.
        let survivor = try disk.survivor(of: disk.moment - 1, in: folder.fresh())
        let second = try scene.open(in: survivor.directory)
        let again = try await second.append(entry)
        #expect(!again.isNew)
        let remains = try folder.fresh()
        try survivor.losePower(at: survivor.moment, FAULTY_LOSS_ALL, seed: 0, into: remains)
        var problems = Problems()
        _ = await scene.check(remains, holds: [again], wasBegun: true, &problems)
        #expect(problems.found.isEmpty, "\(problems.found)")
        try second.close()
        try first.close()
    }

    @Test("every other store on the directory stops too, and all go on after one opening")
    func everybodyStops() async throws {
        let disk = try FaultyDisk(folder.fresh())
        let scene = TrailScene(logPageCountMax: 4_000)
        let first = try scene.begin(in: disk.directory)
        let second = try scene.open(in: disk.directory)
        // A log of several hundred KiB, all of which is to be written anew.
        let count = 40
        for _ in 0..<count { _ = try await second.append(try TrailFixture.entry()) }
        let log = try FileManager.default.attributesOfItem(atPath: disk.directory + "/trail.sqlite-wal")[.size] as? Int ?? 0
        #expect(log > 512 << 10)
        failNextSync(of: disk)
        guard case .unconfirmed? = await refusal({ _ = try await first.append(try TrailFixture.entry()) }) else {
            Issue.record("the failed sync was not told")
            return
        }
        guard case .unconfirmed? = await refusal({ _ = try await second.append(try TrailFixture.entry()) }) else {
            Issue.record("another store goes on")
            return
        }
        // Reading goes on: what is read was confirmed before.
        #expect(try await first.checkpoint().size == UInt64(count))
        let third = try scene.open(in: disk.directory)
        #expect(try await third.append(try TrailFixture.entry()).seq == UInt64(count))
        #expect(try await second.append(try TrailFixture.entry()).seq == UInt64(count) + 1)
        guard case .unconfirmed? = await refusal({ _ = try await first.append(try TrailFixture.entry()) }) else {
            Issue.record("the store that met the failure goes on")
            return
        }
        #expect(try await third.verify().verdict == .intact)
        for trail in [first, second, third] { try trail.close() }
    }

    @Test("the end of the trail is checked in full before anything is added", arguments: ["bodies", "index_rows", "tiles"])
    func endIsChecked(_ table: String) async throws {
        let disk = try FaultyDisk(folder.fresh())
        let first = try scene.begin(in: disk.directory)
        _ = try await first.append((0..<300).map { _ in try TrailFixture.entry() })
        failNextSync(of: disk)
        #expect(await refusal { _ = try await first.append(try TrailFixture.entry()) } != nil)
        try first.close()
        // What the broken disk did meanwhile; an opening that has no doubt would not look there.
        let file = disk.directory + "/trail.sqlite"
        let change =
            switch table {
            case "bodies": "UPDATE bodies SET payload = zeroblob(900) WHERE seq = 7"
            case "index_rows": "UPDATE index_rows SET purpose = 'other' WHERE seq = 290"
            default: "UPDATE tiles SET hashes = zeroblob(8192) WHERE level = 0"
            }
        let triggers = try RawDatabase.text("SELECT group_concat(sql, ';;') FROM sqlite_schema WHERE name = '\(table)_update'", on: file)
        try RawDatabase.execute("DROP TRIGGER IF EXISTS \(table)_update; \(change); \(triggers ?? "")", on: file)
        guard case .inconsistent? = await refusal({ try scene.open(in: disk.directory).close() }) else {
            Issue.record("the damage was not found")
            return
        }
        // The doubt stays until an opening finds nothing wrong.
        #expect(await refusal { try scene.open(in: disk.directory).close() } != nil)
        #expect(try SQLiteTrailStore.open(in: disk.directory).isUnconfirmed)
    }
}
