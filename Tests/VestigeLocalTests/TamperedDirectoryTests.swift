import Foundation
import TestSupport
import Testing
import VestigeLocal
import VestigeTrail

/// What only vault and keyring can tell: which trail belongs to them, and how far it had come. The other attacks on a trail's file stand in
/// `VestigeTrailTests/Tampering`.
@Suite("A data directory whose trail was exchanged or damaged")
struct TamperedDirectoryTests {
    private func made(_ count: Int = 3) async throws -> Folder {
        let folder = try Folder()
        let vestige = try await folder.make()
        for id in 0..<count { _ = try await vestige.recorder.record(look(at: "p\(id)")) }
        try await vestige.close()
        return folder
    }

    private func replace(_ folder: Folder, by path: String) throws {
        try FileManager.default.removeItem(atPath: folder.file("trail.sqlite"))
        try FileManager.default.copyItem(atPath: path, toPath: folder.file("trail.sqlite"))
    }

    @Test("is refused with another directory's trail, and verification says that it is another")
    func another() async throws {
        let (folder, other) = (try await made(), try await made())
        try replace(folder, by: other.file("trail.sqlite"))
        #expect(try await Vestige.verify(folder.place).findings.map(\.kind) == [.checkpoint])
        #expect(await refusal { try await folder.open().close() }?.contains("another trail") == true)
    }

    @Test("is refused with an old copy of its trail, and verification says how far it had come")
    func older() async throws {
        let folder = try await made()
        let copy = folder.path + "/old.sqlite"
        try FileManager.default.copyItem(atPath: folder.file("trail.sqlite"), toPath: copy)
        let size = try FileManager.default.attributesOfItem(atPath: copy)[.size] as? Int
        #expect(size ?? 0 > 0)
        let again = try await folder.open()
        _ = try await again.recorder.record(look(at: "p9"))
        try await again.close()
        try replace(folder, by: copy)
        let findings = try await Vestige.verify(folder.place).findings
        #expect(findings.map(\.kind) == [.size])
        #expect(findings.first?.message.contains("older copy") == true)
        #expect(await refusal { try await folder.open().close() }?.contains("older copy") == true)
    }

    @Test("is refused when its trail calls itself another", .enabled(if: Program.python != nil, "there is no python3"))
    func renamed() async throws {
        let folder = try await made()
        let change = """
            import sqlite3, sys
            c = sqlite3.connect(sys.argv[1])
            (rule,) = c.execute("select sql from sqlite_master where name='meta_update'").fetchone()
            c.execute("drop trigger meta_update")
            c.execute("update meta set value = zeroblob(16) where key = 'trail'")
            c.execute(rule)
            c.commit()
            """
        #expect(try await Program.run("python3", ["-c", change, folder.file("trail.sqlite")]).exit == 0)
        #expect(
            try await Vestige.verify(folder.place).findings.contains {
                $0.kind == .database && $0.message.contains("do not belong together")
            })
        #expect(await refusal { try await folder.open().close() } != nil)
    }

    @Test("is verified as far as its trail can be read, and the damage is a finding")
    func damaged() async throws {
        let folder = try await made(60)
        // Every page but the first five, where schema and head stand.
        let handle = try #require(FileHandle(forUpdatingAtPath: folder.file("trail.sqlite")))
        let size = try handle.seekToEnd()
        for page in stride(from: UInt64(25), to: size / 4096, by: 2) {
            try handle.seek(toOffset: page * 4096)
            try handle.write(contentsOf: Data(repeating: 0xEE, count: 4096))
        }
        try handle.close()
        let findings = try await Vestige.verify(folder.place).findings
        #expect(findings.contains { $0.kind == .database }, "\(findings)")
    }
}
