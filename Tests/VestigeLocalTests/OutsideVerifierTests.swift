import Foundation
import TestSupport
import Testing
import VestigeLocal

@Suite("A verifier that is not ours")
struct OutsideVerifierTests {
    private var script: String { repository.appending(path: "Tests/VestigeTrailTests/verify_trail.py").path }

    @Test(
        "finds a real trail's leaves, tree, tiles, index and checkpoint intact, and a changed byte",
        .enabled(if: Program.python != nil, "there is no python3"))
    func python() async throws {
        let folder = try Folder()
        let vestige = try await folder.make()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<16 {
                group.addTask { for turn in 0..<40 { _ = try await vestige.recorder.record(look(at: "p\(worker * turn % 40)")) } }
            }
            try await group.waitForAll()
        }
        _ = try await vestige.rights.erase(
            ErasureOrder(subject: try SubjectID(type: "user", id: "p0"), role: .subject, caseReference: "E-1", purpose: "audit", actor: ana)
        )
        let key = vestige.trail.verifierKey.description
        try await vestige.close()
        let intact = try await Program.run("python3", [script, folder.file("trail.sqlite"), key])
        #expect(intact.exit == 0, "\(intact.output)")

        let change = """
            import sqlite3, sys
            c = sqlite3.connect(sys.argv[1])
            for (name,) in c.execute("select name from sqlite_master where type='trigger'").fetchall(): c.execute(f'drop trigger "{name}"')
            (payload,) = c.execute("select payload from bodies where seq = 321").fetchone()
            c.execute("update bodies set payload = ? where seq = 321", (payload[:-1] + bytes([payload[-1] ^ 1]),))
            c.commit()
            """
        let changed = try await Program.run("python3", ["-c", change, folder.file("trail.sqlite")])
        #expect(changed.exit == 0, "\(changed.output)")
        let broken = try await Program.run("python3", [script, folder.file("trail.sqlite"), key])
        #expect(broken.exit == 1)
        #expect(broken.output.contains("321"))
    }
}
