import Foundation
import Synchronization
import TestSupport
import Testing
import VestigeCrypto
import VestigeLocal
import VestigeSQLite

private final class Flag: Sendable {
    let isRaised = Mutex(false)
}

private final class Acknowledged: Sendable {
    let ids = Mutex<[EntryID]>([])
}

@Suite("Backups of a data directory")
struct BackupTests {
    private func names(_ path: String) throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }

    private func newest(_ action: String, in vestige: LocalVestige) async throws -> Header? {
        var query = IndexQuery(limit: 1)
        query.actions = [action]
        return try await vestige.trail.page(query).first.flatMap { try $0.body.map { try Header(decoding: $0.header) } }
    }

    private func digest(_ path: String) throws -> String { sha256([UInt8](try Data(contentsOf: URL(filePath: path)))).hex }

    @Test("A trail copied while two tasks record holds everything acknowledged before it began, verifies and goes on")
    func trail() async throws {
        let folder = try Folder()
        let vestige = try await folder.make()
        let other = try await folder.open()
        for number in 0..<40 { _ = try await vestige.recorder.record(look(at: "before-\(number)")) }
        let acknowledged = Acknowledged()
        let flag = Flag()
        var backups: [(backup: Backup, known: [EntryID])] = []
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (process, recorder) in [vestige.recorder, other.recorder].enumerated() {
                group.addTask {
                    var number = 0
                    while !flag.isRaised.withLock({ $0 }), !Task.isCancelled {
                        let receipt = try await recorder.record(look(at: "\(process)-\(number % 20)"))
                        acknowledged.ids.withLock { $0.append(receipt.id) }
                        number += 1
                    }
                }
            }
            for _ in 0..<4 {
                let known = acknowledged.ids.withLock { $0 }
                backups.append((try await vestige.backUpTrail(to: folder.path + "/backups", by: ana), known))
            }
            flag.isRaised.withLock { $0 = true }
            try await group.waitForAll()
        }
        #expect(try names(folder.path + "/backups").count == 8)
        for (backup, known) in backups {
            let manifest = backup.manifest
            #expect(manifest.what == .trail && manifest.origin == vestige.trail.origin && manifest.trail == vestige.trail.identity.id.hex)
            #expect(try digest(backup.path) == manifest.sha256)
            let store = try SQLiteTrailStore.openReadOnly(manifest.file, in: folder.path + "/backups")
            let copy = try Trail.openReadOnly(store: store, key: vestige.trail.verifierKey)
            #expect(try await copy.verify().verdict == .intact)
            let checkpoint = try await copy.checkpoint()
            #expect(checkpoint.size == manifest.size && checkpoint.root.base64 == manifest.root)
            for id in known { #expect(try await copy.seq(of: id) != nil) }
            try copy.close()
            for path in [backup.path, backup.path.replacing(".sqlite", with: ".json")] {
                #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o600)
            }
        }
        #expect(try FileManager.default.attributesOfItem(atPath: folder.path + "/backups")[.posixPermissions] as? Int == 0o700)
        let last = try #require(backups.last?.backup.manifest)
        let header = try #require(try await newest("trail.backed_up", in: vestige))
        #expect(header.channel == "compliance" && header.event == "completed")
        #expect(header.details == ["size": .integer(Int64(last.size)), "sha256": .code(last.sha256)])
        try await other.close()
        try await vestige.close()
        // Put back into an empty directory, the last copy goes on, and the vault is told that it may.
        try FileManager.default.removeItem(atPath: folder.file("trail.sqlite"))
        for name in ["trail.sqlite-wal", "trail.sqlite-shm"] { try? FileManager.default.removeItem(atPath: folder.file(name)) }
        try FileManager.default.copyItem(atPath: try #require(backups.last?.backup.path), toPath: folder.file("trail.sqlite"))
        #expect(await refusal { try await folder.open().close() }?.contains("older copy of the trail") == true)
    }

    @Test("A vault is copied with a manifest that names its KEK, by an entry, and the copy opens in its place")
    func vault() async throws {
        let folder = try Folder()
        let vestige = try await folder.make()
        for number in 0..<30 { _ = try await vestige.recorder.record(look(at: "p\(number)")) }
        let backup = try await vestige.backUpVault(to: folder.path + "/backups/", by: ana)
        let manifest = backup.manifest
        #expect(manifest.what == .vault && manifest.kek == 1 && manifest.vault == vestige.vault.id.hex)
        #expect(manifest.trail == vestige.trail.identity.id.hex)
        #expect(try digest(backup.path) == manifest.sha256)
        let header = try #require(try await newest("key.backed_up", in: vestige))
        #expect(header.details == ["kek": .integer(1), "sha256": .code(manifest.sha256)])
        #expect(try await vestige.trail.seq(of: header.id) == backup.seq)
        try await vestige.close()
        try FileManager.default.removeItem(atPath: folder.file("vault.sqlite"))
        try FileManager.default.copyItem(atPath: backup.path, toPath: folder.file("vault.sqlite"))
        let again = try await folder.open()
        #expect(try await again.status().subjects == 30)
        #expect(try await again.verify().verdict == .intact)
        try await again.close()
    }

    @Test("are refused where they do not belong, and nothing is made")
    func refused() async throws {
        let folder = try Folder()
        let vestige = try await folder.make()
        let files = FileManager.default
        try files.createDirectory(
            atPath: folder.path + "/open", withIntermediateDirectories: false, attributes: [.posixPermissions: 0o755])
        #expect(files.createFile(atPath: folder.path + "/file", contents: Data()))
        try files.createSymbolicLink(atPath: folder.path + "/link", withDestinationPath: folder.place.data)
        let cases = [
            (folder.place.data, "is in the data directory"), (folder.file("backups"), "is in the data directory"),
            (folder.file("spool"), "is in the data directory"), (folder.path + "/link", "is in the data directory"),
            (folder.path + "/link/backups", "is in the data directory"), (folder.place.keyring + "/x", "is in the keyring"),
            (folder.path + "/nowhere/backups", "mount its disk"), (folder.path + "/file", "is not a directory"),
            (folder.path + "/open", "run: chmod 0700"),
        ]
        for (path, expected) in cases {
            for message in [
                await refusal { _ = try await vestige.backUpTrail(to: path, by: ana) },
                await refusal { _ = try await vestige.backUpVault(to: path, by: ana) },
            ] { #expect(message?.contains(expected) == true, "\(path): \(message ?? "")") }
        }
        #expect(try names(folder.path) == ["data", "data.keyring", "file", "link", "open"])
        #expect(try names(folder.place.data).contains("backups") == false)
        #expect(try await vestige.trail.checkpoint().size == 1)
        try await vestige.close()
    }

    @Test("may follow each other at once: one that has returned is in nobody's way")
    func oneAfterAnother() async throws {
        let folder = try Folder()
        let vestige = try await folder.make()
        for _ in 0..<25 { _ = try await vestige.backUpVault(to: folder.path + "/backups", by: ana) }
        #expect(try names(folder.path + "/backups").count == 50)
        try await vestige.close()
    }

    private struct Cut: Error {}

    @Test("that fail leave nothing new, and those from before as they are", .enabled(if: Program.python != nil, "there is no python3"))
    func failed() async throws {
        let folder = try Folder()
        let target = folder.path + "/backups"
        let vestige = try await folder.make()
        for number in 0..<5 { _ = try await vestige.recorder.record(look(at: "p\(number)")) }
        let good = [try await vestige.backUpTrail(to: target, by: ana).path, try await vestige.backUpVault(to: target, by: ana).path]
        let (before, digests) = (try names(target), try good.map(digest))
        // A rotation cut short before the old key goes.
        _ = await #expect(throws: Cut.self) { try await vestige.vault.rotate(beforeRetiring: { _ in throw Cut() }) }
        let rotating = await refusal { _ = try await vestige.backUpVault(to: target, by: ana) }
        #expect(
            rotating?.contains("a rotation of the keys is under way") == true && rotating?.contains("vestige keys rotate --yes") == true)
        try await vestige.close()
        // A body that somebody changed.
        let script = """
            import sqlite3, sys
            c = sqlite3.connect(sys.argv[1])
            rules = c.execute("select name, sql from sqlite_master where type='trigger'").fetchall()
            for (rule, _) in rules: c.execute(f'drop trigger "{rule}"')
            c.execute("update bodies set payload = x'00' where seq = 3")
            for (_, sql) in rules: c.execute(sql)
            c.commit()
            """
        #expect(try await Program.run("python3", ["-c", script, folder.file("trail.sqlite")]).exit == 0)
        let again = try await folder.open()
        let size = try await again.trail.checkpoint().size
        let broken = await refusal { _ = try await again.backUpTrail(to: target, by: ana) }
        #expect(broken?.contains("does not verify") == true && broken?.contains("vestige verify") == true)
        #expect(try await again.trail.checkpoint().size == size)
        #expect(try names(target) == before && good.map(digest) == digests)
        try await again.close()
    }

    @Test("that were cut short are cleared away by the next, their manifests too")
    func leftovers() async throws {
        let folder = try Folder()
        let target = folder.path + "/backups"
        let vestige = try await folder.make()
        let kept = try await vestige.backUpTrail(to: target, by: ana)
        for name in ["trail-1.sqlite.partial", "trail-1.json", "vault-2.sqlite.partial", "vault-2.sqlite.partial-journal", "notes.txt"] {
            #expect(FileManager.default.createFile(atPath: target + "/" + name, contents: Data([1])))
        }
        _ = try await vestige.backUpVault(to: target, by: ana)
        let left = try names(target)
        #expect(left.contains(kept.manifest.file) && left.contains("notes.txt"))
        #expect(!left.contains { $0.contains("partial") || $0 == "trail-1.json" })
        #expect(left.count == 5)
        try await vestige.close()
    }
}
