import Foundation
import Synchronization
import Testing
import VestigeSQLite

@testable import VestigeLocal

@Suite("A recovery that is cut short")
struct RecoveryCrashTests {
    private struct Cut: Error {}

    private static let before: [Recovery.Step] = [.olderTrailCopied, .keyStaged, .trailBegun]
    private static let after: [Recovery.Step] = [.committed] + RecoveryFiles.Move.allCases.map { .moved($0) }

    private func cut(_ lost: LostTrail, at step: Recovery.Step) async throws {
        let recovery = Recovery(
            place: lost.folder.place, evidence: RecoveryEvidence(directory: lost.backups), keyring: nil, clock: LocalVestige.systemClock,
            after: { if $0 == step { throw Cut() } })
        await #expect(throws: Cut.self) { try await recovery.run(caseReference: "R-1", by: ana) }
    }

    private func check(_ lost: LostTrail) async throws {
        let vestige = try await lost.folder.open()
        #expect(try await headers(vestige.trail).map(\.action) == ["trail.recovered", "policy.adopted"])
        #expect(vestige.trail.origin == lost.origin + "/2")
        #expect(try await pages("41", in: vestige.inquiry(of: 1)) == ["/people/41"])
        #expect(try await vestige.vault.standing(of: SubjectID(type: "user", id: "42"), as: .subject) == .erased)
        #expect(try await vestige.verify().verdict == .intact)
        try await vestige.close()
        let keys = try FileManager.default.contentsOfDirectory(atPath: lost.folder.place.keyring).sorted()
        #expect(keys == ["kek-00000001", "signing-00000001", "signing-00000002"])
        #expect(try lost.names().contains("recovery") == false)
    }

    @Test("before its files move leaves everything as it was, and can be done again", arguments: before)
    func early(_ step: Recovery.Step) async throws {
        let lost = try await LostTrail()
        try await cut(lost, at: step)
        let message = await refusal { try await lost.folder.open().close() }
        #expect(message?.contains("older copy of the trail") == true)
        #expect(try await Vestige.verify(lost.folder.place).findings.map(\.kind) == [.size])
        #expect(try FileManager.default.contentsOfDirectory(atPath: lost.folder.place.keyring).filter { !$0.hasSuffix(".new") }.count == 2)
        #expect(try await lost.recover().plan.isGoingOn == false)
        try await check(lost)
    }

    @Test("after that keeps the directory shut until it was run again, and comes to the same end", arguments: after)
    func late(_ step: Recovery.Step) async throws {
        let lost = try await LostTrail()
        try await cut(lost, at: step)
        for message in [
            await refusal { try await lost.folder.open().close() }, await refusal { _ = try await Vestige.verify(lost.folder.place) },
        ] { #expect(message?.contains("Run `vestige recover` again") == true) }
        #expect(try await Vestige.planRecovery(lost.folder.place, from: RecoveryEvidence(directory: lost.backups)).isGoingOn)
        // Once more at the same place: a repeated move changes nothing.
        try await cut(lost, at: step == .committed ? .moved(.olderTrail) : step)
        let recovered = try await lost.recover()
        #expect(recovered.plan.isGoingOn && recovered.plan.missing == lost.kept..<lost.size)
        try await check(lost)
    }

    @Test("A process that opens the directory while the copies are checked stops it, and everything stays as it was")
    func joined() async throws {
        let lost = try await LostTrail()
        let before = try lost.names().filter { $0 != "recovery" }
        let vault = try #require(try await SQLiteVaultStore.open(in: lost.folder.place.data).meta()?.vault)
        let boards = Mutex<[SharedEpochBoard]>([])
        let folder = lost.folder
        let recovery = Recovery(
            place: folder.place, evidence: RecoveryEvidence(directory: lost.backups), keyring: nil, clock: LocalVestige.systemClock,
            after: { step in
                guard step == .trailBegun else { return }
                let board = try SharedEpochBoard.open(in: folder.place.data, vault: vault)
                boards.withLock { $0.append(board) }
            })
        let message = await refusal { _ = try await recovery.run(caseReference: "R-1", by: ana) }
        #expect(message?.contains("open; nothing was changed, stop it first") == true)
        #expect(try lost.names().filter { $0 != "recovery" } == before)
        #expect(await refusal { try await lost.folder.open().close() }?.contains("older copy of the trail") == true)
        boards.withLock { boards in
            for board in boards { board.release() }
            boards = []
        }
        #expect(try await lost.recover().plan.isGoingOn == false)
        try await check(lost)
    }

    @Test("An opening that began before it is refused once the files begin to move")
    func overtaken() async throws {
        let folder = try Folder()
        try await folder.make().close()
        var posts = StorePosts()
        posts.trail = { [folder] store in
            let files = FileManager.default
            try? files.createDirectory(atPath: folder.file("recovery"), withIntermediateDirectories: true)
            _ = files.createFile(atPath: folder.file("recovery/commit.json"), contents: Data("{}".utf8))
            return store
        }
        let message = await refusal { try await Vestige.open(folder.place, keyring: nil, past: posts).close() }
        #expect(message?.contains("a recovery was cut short") == true)
    }
}
