import Foundation
import TestSupport
import Testing
import VestigeLocal
import VestigeSQLite

@Suite("Opening a data directory")
struct OpeningTests {
    @Test("gives back what was recorded before, under the adopted policy")
    func reopened() async throws {
        let folder = try Folder()
        let first = try await folder.make()
        let receipt = try await first.recorder.record(look(at: "42"))
        try await first.close()
        let second = try await folder.open()
        #expect(second.policy == (try examplePolicy()))
        #expect(try await second.trail.seq(of: receipt.id) == receipt.seq)
        #expect(try await second.verify().verdict == .intact)
        let status = try await second.status()
        #expect(status.size == 2)
        #expect(status.subjects == 1)
        #expect(status.oldestKept == 0)
        try await second.close()
    }

    @Test("makes files that only the owner may read")
    func modes() async throws {
        let folder = try Folder()
        let vestige = try await folder.make()
        for path in [folder.place.data, folder.place.keyring] {
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o700)
        }
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.place.keyring) {
            let mode = try FileManager.default.attributesOfItem(atPath: folder.place.keyring + "/" + name)[.posixPermissions] as? Int
            #expect(mode == 0o600)
        }
        try await vestige.close()
    }

    /// Makes a directory, closes it, spoils something, and returns what opening says.
    private func opening(after spoil: (Folder) async throws -> Void) async throws -> String? {
        let folder = try Folder()
        let vestige = try await folder.make()
        _ = try await vestige.recorder.record(look(at: "42"))
        try await vestige.close()
        try await spoil(folder)
        return await refusal { try await folder.open().close() }
    }

    @Test("is refused without a trail: nothing is recorded without one")
    func missingTrail() async throws {
        let message = try await opening { try FileManager.default.removeItem(atPath: $0.file("trail.sqlite")) }
        #expect(message?.contains("no trail.sqlite") == true)
        #expect(await refusal { _ = try await Vestige.open("/nonexistent/vestige") }?.contains("vestige init") == true)
    }

    @Test(
        "is refused when a database is cut short, overwritten or another program's",
        .enabled(if: Program.python != nil, "there is no python3"),
        arguments: ["trail.sqlite", "vault.sqlite"])
    func spoiledFiles(_ name: String) async throws {
        let truncated = try await opening { folder in
            let handle = try #require(FileHandle(forUpdatingAtPath: folder.file(name)))
            try handle.truncate(atOffset: 5000)
            try handle.close()
        }
        #expect(truncated != nil)
        let garbage = try await opening { try Data(repeating: 0x5A, count: 20_000).write(to: URL(filePath: $0.file(name))) }
        #expect(garbage != nil)
        let empty = try await opening { try Data().write(to: URL(filePath: $0.file(name))) }
        #expect(empty != nil)
        let foreign = try await opening { folder in
            try FileManager.default.removeItem(atPath: folder.file(name))
            let made = try await Program.run(
                "python3",
                [
                    "-c", "import sqlite3,sys; c=sqlite3.connect(sys.argv[1]); c.execute('create table t(x)'); c.commit()",
                    folder.file(name),
                ])
            #expect(made.exit == 0)
        }
        #expect(foreign != nil)
        for message in [truncated, garbage, empty, foreign] { #expect(message?.contains("42") == false || message?.contains(name) == true) }
    }

    @Test("is refused with another keyring: wrong KEK, or a key that signs for another trail")
    func wrongKeys() async throws {
        let other = try Folder()
        try await other.make().close()
        let wrongKEK = try await opening { folder in
            let file = folder.place.keyring + "/kek-00000001"
            try FileManager.default.removeItem(atPath: file)
            try FileManager.default.copyItem(atPath: other.place.keyring + "/kek-00000001", toPath: file)
        }
        #expect(wrongKEK?.contains("wrong KEK") == true)
        let wrongSigner = try await opening { folder in
            try FileManager.default.removeItem(atPath: folder.place.keyring)
            try FileManager.default.copyItem(atPath: other.place.keyring, toPath: folder.place.keyring)
        }
        #expect(wrongSigner?.contains("another trail") == true)
    }

    @Test("is refused when others may read a key, with the command that mends it")
    func openKey() async throws {
        let message = try await opening {
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: $0.place.keyring + "/kek-00000001")
        }
        #expect(message?.contains("chmod") == true)
    }

    @Test("is refused when the trail is an older copy than the vault has seen")
    func olderTrail() async throws {
        let folder = try Folder()
        let vestige = try await folder.make()
        try await vestige.close()
        let copy = folder.path + "/old.sqlite"
        try FileManager.default.copyItem(atPath: folder.file("trail.sqlite"), toPath: copy)
        let again = try await folder.open()
        _ = try await again.recorder.record(look(at: "42"))
        try await again.close()
        try FileManager.default.removeItem(atPath: folder.file("trail.sqlite"))
        try FileManager.default.copyItem(atPath: copy, toPath: folder.file("trail.sqlite"))
        let message = await refusal { try await folder.open().close() }
        #expect(message?.contains("older copy") == true)
    }

    @Test("is refused with another policy than the adopted one, until it is adopted")
    func otherPolicy() async throws {
        let folder = try Folder()
        let vestige = try await folder.make()
        let text = try examplePolicy().text.replacing("fence: 90d", with: "fence: 120d")
        let other = try Policy.parse(Array(text.utf8), file: "other.yaml")
        try await vestige.close()
        let message = await refusal { try await Vestige.open(folder.place, policy: other, keyring: nil).close() }
        #expect(message?.contains("adopt") == true)
        let again = try await folder.open()
        _ = try await again.adopt(other, by: ana)
        try await again.close()
        let adopted = try await Vestige.open(folder.place, policy: other, keyring: nil)
        #expect(adopted.policy == other)
        try await adopted.close()
    }

    @Test("A directory that is not empty is not initialised")
    func notEmpty() async throws {
        let folder = try Folder()
        try await folder.make().close()
        #expect(await refusal { try await folder.make().close() }?.contains("not empty") == true)
    }

    @Test("An empty vault beside a trail is refused")
    func emptyVault() async throws {
        let message = try await opening { folder in
            try FileManager.default.removeItem(atPath: folder.file("vault.sqlite"))
            _ = try SQLiteVaultStore.create(in: folder.place.data)
        }
        #expect(message?.contains("no vault") == true)
    }

    @Test("A clock over 366 days ahead is refused until it is accepted")
    func clock() async throws {
        let folder = try Folder()
        let vestige = try await folder.make()
        try await vestige.close()
        let later: Clock = { LocalVestige.systemClock().adding(days: 400) }
        let message = await refusal { try await Vestige.open(folder.place, keyring: nil, clock: later).close() }
        #expect(message?.contains("--accept-clock") == true)
        let accepted = try await Vestige.open(folder.place, keyring: nil, acceptingClock: true, clock: later)
        try await accepted.close()
    }
}

@Suite("Verifying a data directory that does not open", .enabled(if: Program.python != nil, "there is no python3"))
struct ExaminationTests {
    /// Makes a directory, closes it, spoils it with Python's SQLite, and returns what verification finds.
    private func findings(after change: String) async throws -> [TrailFinding] {
        let folder = try Folder()
        let vestige = try await folder.make()
        for id in 0..<5 { _ = try await vestige.recorder.record(look(at: "p\(id)")) }
        try await vestige.close()
        let script = """
            import sqlite3, sys
            c = sqlite3.connect(sys.argv[1])
            rules = c.execute("select name, sql from sqlite_master where type='trigger'").fetchall()
            for (name, _) in rules: c.execute(f'drop trigger "{name}"')
            \(change)
            for (_, sql) in rules: c.execute(sql)
            c.commit()
            """
        let changed = try await Program.run("python3", ["-c", script, folder.file("trail.sqlite")])
        #expect(changed.exit == 0, "\(changed.output)")
        #expect(try await Vestige.verify(folder.place).verdict != .intact)
        return try await Vestige.verify(folder.place).findings
    }

    @Test("names a leaf that was taken from the end, which opening refuses")
    func truncated() async throws {
        let found = try await findings(after: "c.execute('delete from leaves where seq = 5')")
        #expect(found.contains { $0.kind == .size })
    }

    @Test("names a payload that was changed")
    func changed() async throws {
        let found = try await findings(after: "c.execute(\"update bodies set payload = x'00' where seq = 3\")")
        #expect(found.contains { $0.kind == .payload && $0.seq == 3 })
    }

    @Test("names a trigger that was dropped for good")
    func rules() async throws {
        let found = try await findings(after: "rules = rules[1:]")
        #expect(found.map(\.kind) == [.database])
    }

    @Test("against what is no checkpoint of this trail, says so and nothing of the trail")
    func strangeCheckpoint() async throws {
        let (folder, other) = (try Folder(), try Folder())
        var notes: [String] = []
        for folder in [folder, other] {
            let vestige = try await folder.make()
            notes.append(try await vestige.trail.checkpoint().note)
            try await vestige.close()
        }
        #expect(try await Vestige.verify(folder.place, against: [notes[0]]).verdict == .intact)
        for strange in [notes[1], notes[0].replacing("\n", with: "\r\n"), "", "hello\n"] {
            let said = await refusal { _ = try await Vestige.verify(folder.place, against: [notes[0], strange]) }
            #expect(said?.hasPrefix("number 2 of the checkpoints to compare with is not a checkpoint of this trail") == true)
        }
        // One of this name by another key is evidence: of a forger, or of a key that was exchanged.
        let forged = notes[0].split(separator: "\n", omittingEmptySubsequences: false)
        let (text, line) = (forged[..<4].joined(separator: "\n"), forged[4].dropLast(8) + "AAAAAAA=")
        #expect(try await Vestige.verify(folder.place, against: ["\(text)\n\(line)\n"]).findings.map(\.kind) == [.checkpoint])
    }

    @Test("against a checkpoint kept elsewhere, names trail and vault put back together to an older state")
    func putBack() async throws {
        let folder = try Folder()
        try await folder.make().close()
        for name in ["trail.sqlite", "vault.sqlite"] {
            try FileManager.default.copyItem(atPath: folder.file(name), toPath: folder.path + "/" + name)
        }
        let vestige = try await folder.open()
        _ = try await vestige.recorder.record(look(at: "42"))
        let kept = try await vestige.trail.checkpoint().note
        try await vestige.close()
        #expect(try await Vestige.verify(folder.place, against: [kept]).verdict == .intact)
        for name in ["trail.sqlite", "vault.sqlite"] {
            try FileManager.default.removeItem(atPath: folder.file(name))
            try FileManager.default.copyItem(atPath: folder.path + "/" + name, toPath: folder.file(name))
        }
        #expect(try await Vestige.verify(folder.place).verdict == .intact)
        #expect(try await Vestige.verify(folder.place, against: [kept]).findings.map(\.kind) == [.size])
    }

    @Test("names an index row that says something else than the header")
    func index() async throws {
        let found = try await findings(after: "c.execute(\"update index_rows set purpose = 'audit' where seq = 4\")")
        #expect(found.contains { $0.kind == .index && $0.seq == 4 })
    }
}
