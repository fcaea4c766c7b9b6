import CFaultyVFS
import Foundation
import Testing
import VestigeVault

@testable import VestigeSQLite

@Suite("A vault on a disk that fails")
struct VaultFaultTests {
    private let folder: TemporaryDirectory

    init() throws { folder = try TemporaryDirectory() }

    /// Does `body`; where that fails, does it again as an operator would who mended the disk.
    private func step(
        _ name: String, _ scene: VaultScene, _ problems: inout Problems, _ stops: inout Int, _ body: () async throws -> Void
    ) async {
        do { try await body() } catch {
            problems.expect(Failures.isClear(error), "\(name): not clear: \(error)")
            scene.disk.mend()
            do {
                if Failures.isUnconfirmed(error) {
                    stops += 1
                    if name != "open" {
                        problems.expect(await scene.isStopped(), "\(name): goes on after a failed sync")
                        try scene.close()
                        try await scene.open()
                    }
                }
                // Where nothing is in doubt the same vault goes on once the disk does.
                try await body()
            } catch { problems.add("\(name): still fails on a sound disk: \(error)") }
        }
    }

    @Test(
        "says so, loses no key that it acknowledged, brings none back, and goes on once the disk does", .timeLimit(.minutes(60)),
        arguments: Failures.kinds.filter { $0.operation != FAULTY_MEMORY })
    func everyOperation(_ kind: Failures.Kind) async throws {
        var problems = Problems()
        var (nth, runs, stops) = (1, 0, 0)
        while problems.found.isEmpty {
            let disk = try FaultyDisk(folder.fresh())
            let scene = try VaultScene(on: disk)
            let failure = FaultyDisk.Failure(operation: kind.operation, reason: kind.reason, nth: nth, lasting: kind.lasting)
            var found = Problems()
            disk.fail(failure)
            await step("open", scene, &found, &stops) { try await scene.open() }
            for id in ["a", "b", "c"] { await step("admit", scene, &found, &stops) { try await scene.admit(id) } }
            await step("erase", scene, &found, &stops) { try await scene.erase("b") }
            await step("close", scene, &found, &stops) { try scene.close() }
            await step("open", scene, &found, &stops) { try await scene.open() }
            await step("rotate", scene, &found, &stops) { try await scene.rotate() }
            await step("erase", scene, &found, &stops) { try await scene.erase("c") }
            await step("admit", scene, &found, &stops) { try await scene.admit("d") }
            await step("close", scene, &found, &stops) { try scene.close() }
            let failed = disk.failures > 0
            disk.mend()
            let moment = disk.moment
            for loss in Failures.losses(after: nth) {
                let remains = try folder.fresh()
                try disk.losePower(at: moment, loss, seed: UInt64(nth), into: remains)
                _ = await scene.check(remains, at: moment, keyring: scene.keyring.copy(of: moment), rotates: true, &found)
                try FileManager.default.removeItem(atPath: remains)
            }
            _ = await scene.check(disk.directory, at: moment, keyring: scene.keyring.copy(of: moment), on: disk, rotates: true, &found)
            for what in found.found { problems.add("\(failure): \(what)") }
            try FileManager.default.removeItem(atPath: disk.directory)
            runs += 1
            guard failed else { break }
            nth = Failures.next(after: nth)
        }
        #expect(problems.found.isEmpty, "\(problems.found.prefix(5).joined(separator: "\n"))")
        print("vault, \(kind.testDescription): \(runs) lives, up to operation \(nth), \(stops) stops")
    }
}
