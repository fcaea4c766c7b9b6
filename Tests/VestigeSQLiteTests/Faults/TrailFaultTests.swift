import CFaultyVFS
import Foundation
import Testing
import VestigeCrypto
import VestigeTrail

@testable import VestigeSQLite

@Suite("A trail on a disk that fails")
struct TrailFaultTests {
    private let folder: TemporaryDirectory
    private let scene = TrailScene()

    init() throws { folder = try TemporaryDirectory() }

    /// One life of a trail: begun, written to until its log went back, closed, opened, written to again. Whatever fails on the way is tried
    /// again, as an operator would who mended the disk.
    private final class Life {
        private let scene: TrailScene
        let disk: FaultyDisk
        let failure: FaultyDisk.Failure
        private var trail: Trail?
        private var wasBegun = false
        private(set) var receipts: [TrailScene.Acknowledged] = []
        private(set) var problems = Problems()
        private(set) var stops = 0

        init(_ scene: TrailScene, on disk: FaultyDisk, _ failure: FaultyDisk.Failure) {
            self.scene = scene
            self.disk = disk
            self.failure = failure
        }

        func live() async throws {
            disk.fail(failure)
            try await step("begin") { try await self.begin() }
            for count in [1, 1, 6, 1, 1, 4, 1] {
                let entries = try (0..<count).map { _ in try TrailFixture.entry() }
                try await step("append") { try await self.append(entries) }
            }
            try await step("close") { try self.close() }
            try await step("open") { try await self.begin() }
            for _ in 0..<2 {
                let entry = try TrailFixture.entry()
                try await step("append") { try await self.append([entry]) }
            }
            try await step("read") { _ = try await self.trail?.entries(self.receipts.map(\.entry.seq)) }
            try await step("close") { try self.close() }
        }

        private func begin() async throws {
            trail = try wasBegun ? scene.open(in: disk.directory) : scene.begin(in: disk.directory)
            wasBegun = true
        }

        private func append(_ entries: [SealedEntry]) async throws {
            guard let trail else { return problems.add("there is no trail") }
            receipts += try await trail.append(entries).map { TrailScene.Acknowledged(moment: disk.moment, entry: $0) }
        }

        private func close() throws {
            try trail?.close()
            trail = nil
        }

        private func step(_ name: String, _ body: () async throws -> Void) async throws {
            do { try await body() } catch {
                problems.expect(Failures.isClear(error), "\(name): not clear: \(error)")
                problems.expect(!"\(error)".contains(TrailFixture.person.hex), "\(name): names somebody")
                if Failures.isUnconfirmed(error) { try await reopen(after: name) }
                disk.mend()
                // Where nothing is in doubt the same trail goes on once the disk does.
                do { try await body() } catch { problems.add("\(name): still fails on a sound disk: \(error)") }
            }
        }

        /// Everything stops, whatever is asked of it; a new opening while the disk is still broken says so; one on a sound disk goes on.
        private func reopen(after name: String) async throws {
            stops += 1
            if let trail {
                disk.mend()
                do {
                    _ = try await trail.append(try TrailFixture.entry())
                    problems.add("\(name): goes on after a failed sync")
                } catch { problems.expect(Failures.isUnconfirmed(error), "\(name): refused for another reason: \(error)") }
                if failure.lasting { disk.fail(.init(operation: failure.operation, reason: failure.reason, nth: 1, lasting: true)) }
                do {
                    try close()
                    try await begin()
                    try close()
                } catch { problems.expect(Failures.isUnconfirmed(error), "\(name): opening says \(error)") }
                self.trail = nil
            }
            disk.mend()
            if name != "begin", name != "open" { try await begin() }
        }
    }

    @Test(
        "says so, loses nothing that it acknowledged, and goes on once the disk does", .timeLimit(.minutes(60)), arguments: Failures.kinds)
    func everyOperation(_ kind: Failures.Kind) async throws {
        var problems = Problems()
        var (nth, runs, stops) = (1, 0, 0)
        while problems.found.isEmpty {
            let disk = try FaultyDisk(folder.fresh())
            let life = Life(scene, on: disk, .init(operation: kind.operation, reason: kind.reason, nth: nth, lasting: kind.lasting))
            try await life.live()
            let failed = disk.failures > 0
            disk.mend()
            for what in life.problems.found { problems.add("\(life.failure): \(what)") }
            stops += life.stops
            // Here, and with what a loss of power would leave.
            var found = Problems()
            let held = life.receipts.map(\.entry)
            let moment = disk.moment
            for loss in Failures.losses(after: nth) {
                let remains = try folder.fresh()
                try disk.losePower(at: moment, loss, seed: UInt64(nth), into: remains)
                _ = await scene.check(remains, holds: held, wasBegun: true, &found)
                for what in found.found { problems.add("\(life.failure), then loss \(loss.rawValue): \(what)") }
                try FileManager.default.removeItem(atPath: remains)
            }
            _ = await scene.check(disk.directory, holds: held, wasBegun: true, &found)
            for what in found.found { problems.add("\(life.failure): \(what)") }
            try FileManager.default.removeItem(atPath: disk.directory)
            runs += 1
            guard failed else { break }
            nth = Failures.next(after: nth)
        }
        #expect(problems.found.isEmpty, "\(problems.found.prefix(5).joined(separator: "\n"))")
        print("trail, \(kind.testDescription): \(runs) lives, up to operation \(nth), \(stops) stops")
    }
}
