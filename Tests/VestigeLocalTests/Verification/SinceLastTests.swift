import Foundation
import TestSupport
import Testing
import VestigeDesk
import VestigeLocal
import VestigeSQLite

@Suite("Verifying what came since")
struct SinceLastTests {
    private func record(_ count: Int, in folder: Folder) async throws {
        let vestige = try await folder.open()
        for number in 0..<count { _ = try await vestige.recorder.record(look(at: "p\(number % 5)")) }
        try await vestige.close()
    }

    private func made(_ count: Int) async throws -> Folder {
        let folder = try Folder()
        try await folder.make().close()
        try await record(count, in: folder)
        return folder
    }

    @Test("goes on from the last time that everything was found intact, and marks how far it came")
    func goesOn() async throws {
        let folder = try await made(9)
        #expect(try await Vestige.verify(folder.place, scope: .sinceLast).since == 0)
        try await record(5, in: folder)
        let first = try await Vestige.verify(folder.place, scope: .sinceLast)
        #expect(first.verdict == .intact && first.since == 10 && first.head.size == 15)
        let second = try await Vestige.verify(folder.place, scope: .sinceLast)
        #expect(second.verdict == .intact && second.since == 15 && second.head == first.head)
        #expect(try await Vestige.verify(folder.place).since == 0)
    }

    @Test("finds what is wrong above, and then marks nothing", .enabled(if: Program.python != nil, "there is no python3"))
    func finds() async throws {
        let folder = try await made(9)
        #expect(try await Vestige.verify(folder.place).verdict == .intact)
        try await record(5, in: folder)
        try await removeBody(12, in: folder)
        let report = try await Vestige.verify(folder.place, scope: .sinceLast)
        #expect(report.findings.map(\.kind) == [.index, .missing] && report.findings.allSatisfy { $0.seq == 12 } && report.since == 10)
        // Not even up to there: what is broken was not put right by going on.
        #expect(try await Vestige.verify(folder.place, scope: .sinceLast).since == 0)
    }

    @Test(
        "says nothing of intact once anything below was found broken, until everything was found intact again",
        .enabled(if: Program.python != nil, "there is no python3"))
    func staysBroken() async throws {
        let folder = try await made(9)
        #expect(try await Vestige.verify(folder.place).verdict == .intact)
        try await SQLPrompt.run("update bodies set payload = cast(payload || x'00' as blob) where seq = 3", on: folder.file("trail.sqlite"))
        #expect(try await Vestige.verify(folder.place).verdict != .intact)
        for _ in 0..<2 {
            let report = try await Vestige.verify(folder.place, scope: .sinceLast)
            #expect(report.since == 0 && report.verdict != .intact)
        }
        try await SQLPrompt.run(
            "update bodies set payload = substr(payload, 1, length(payload) - 1) where seq = 3", on: folder.file("trail.sqlite"))
        #expect(try await Vestige.verify(folder.place, scope: .sinceLast).verdict == .intact)
        #expect(try await Vestige.verify(folder.place, scope: .sinceLast).since == 10)
        // The same where a process that has it open looks.
        try await SQLPrompt.run("update bodies set payload = cast(payload || x'00' as blob) where seq = 3", on: folder.file("trail.sqlite"))
        let vestige = try await folder.open()
        #expect(try await vestige.verify().verdict != .intact)
        try await vestige.close()
        #expect(try await Vestige.verify(folder.place, scope: .sinceLast).verdict != .intact)
    }

    @Test(
        "does not see what was changed below: only a full verification does", .enabled(if: Program.python != nil, "there is no python3"))
    func below() async throws {
        let folder = try await made(9)
        #expect(try await Vestige.verify(folder.place).verdict == .intact)
        try await removeBody(3, in: folder)
        #expect(try await Vestige.verify(folder.place, scope: .sinceLast).verdict == .intact)
        #expect(try await Vestige.verify(folder.place).findings.contains { $0.kind == .missing && $0.seq == 3 })
    }

    @Test("A mark that was forged, or is of another trail, counts for nothing")
    func forged() async throws {
        let folder = try await made(9)
        let vestige = try await folder.open()
        let note = try await vestige.trail.checkpoint().note
        try await vestige.close()
        let place = DeskPlace("verification", "last")
        let desk = try SQLiteDeskStore.openOrCreate(in: folder.place.data)
        try await desk.put([UInt8](repeating: 7, count: 32) + Array(note.utf8), at: place, replacing: nil)
        try desk.close()
        #expect(try await Vestige.verify(folder.place, scope: .sinceLast).since == 0)

        // The mark of another trail, by another key.
        let other = try await made(20)
        #expect(try await Vestige.verify(other.place).verdict == .intact)
        for name in ["desk.sqlite"] {
            try FileManager.default.removeItem(atPath: folder.file(name))
            try FileManager.default.copyItem(atPath: other.file(name), toPath: folder.file(name))
        }
        let report = try await Vestige.verify(folder.place, scope: .sinceLast)
        #expect(report.verdict == .intact && report.since == 0)
    }

    @Test("A desk that cannot be opened makes it look at everything")
    func damagedDesk() async throws {
        let folder = try await made(3)
        try Data("not a database, by far".utf8).write(to: URL(filePath: folder.file("desk.sqlite")))
        let report = try await Vestige.verify(folder.place, scope: .sinceLast)
        #expect(report.verdict == .intact && report.since == 0)
    }

    /// Around the trigger, which is put back.
    private func removeBody(_ seq: Int, in folder: Folder) async throws {
        let change = """
            import sqlite3, sys
            c = sqlite3.connect(sys.argv[1])
            (rule,) = c.execute("select sql from sqlite_master where name = 'bodies_delete'").fetchone()
            c.execute("drop trigger bodies_delete")
            c.execute("delete from bodies where seq = ?", (int(sys.argv[2]),))
            c.execute(rule)
            c.commit()
            """
        let changed = try await Program.run("python3", ["-c", change, folder.file("trail.sqlite"), String(seq)])
        #expect(changed.exit == 0, "\(changed.output)")
    }
}
