import CFaultyVFS
import Foundation
import Testing
import VestigeTrail

@Suite("A trail on a disk that loses its power")
struct TrailPowerLossTests {
    private let folder: TemporaryDirectory
    private let scene = TrailScene()

    init() throws { folder = try TemporaryDirectory() }

    /// Records in turns of few and of many, with the log written back in between, closed and opened again.
    private func record(on disk: FaultyDisk) async throws -> (begun: Int, receipts: [TrailScene.Acknowledged]) {
        var trail = try scene.begin(in: disk.directory)
        let begun = disk.moment
        var receipts: [TrailScene.Acknowledged] = []
        for turn in 0..<32 {
            receipts += try await TrailScene.append(turn % 3 == 2 ? 4 : 1, to: trail, on: disk)
            if turn % 13 == 12 {
                try trail.close()
                trail = try scene.open(in: disk.directory)
            }
        }
        try trail.close()
        return (begun, receipts)
    }

    @Test("loses no acknowledged entry, at no sync and at no moment in between, and goes on by itself", .timeLimit(.minutes(60)))
    func everywhere() async throws {
        var problems = Problems()
        var (losses, again) = (0, 0)
        while losses < Campaign.lossCount && problems.found.isEmpty {
            let disk = try FaultyDisk(folder.fresh())
            let (begun, receipts) = try await record(on: disk)
            var random = Seeded(UInt64(losses))
            var moments = disk.aroundSyncs + (0..<disk.aroundSyncs.count / 2).map { _ in .random(in: 0...disk.moment, using: &random) }
            moments.shuffle(using: &random)
            for moment in moments.prefix(Campaign.lossCount - losses) {
                losses += 1
                let seed = random.next()
                let loss = Campaign.losses[losses % Campaign.losses.count]
                let place = "loss \(loss.rawValue) at \(moment) of \(disk.moment), seed \(seed)"
                let held = receipts.filter { $0.moment <= moment }.map(\.entry)
                let others = receipts.filter { $0.moment > moment }.map(\.entry)
                var found = Problems()
                let remains = try folder.fresh()
                // One in four: power goes once more while the trail recovers, or soon after. One in four: a process dies, another one
                // recovers and answers for what it finds, and then power goes.
                var second: FaultyDisk?
                if losses % 4 == 1 {
                    second = try disk.survivor(of: moment, in: remains)
                } else {
                    try disk.losePower(at: moment, loss, seed: seed, into: remains)
                    if losses % 4 == 3 { second = try FaultyDisk(remains) }
                }
                let start = second?.moment ?? 0
                let wasBegun = moment >= begun
                let answered = await scene.check(remains, holds: held, others: others, wasBegun: wasBegun, on: second, &found)
                if let second, found.found.isEmpty {
                    again += 1
                    let remains = try folder.fresh()
                    let anywhere = Int.random(in: start...second.moment, using: &random)
                    // Half of them right after an answer was given.
                    let moment = losses % 8 < 4 ? answered.randomElement(using: &random)?.moment ?? anywhere : anywhere
                    try second.losePower(at: moment, Campaign.losses[again % Campaign.losses.count], seed: seed, into: remains)
                    let answers = answered.filter { $0.moment <= moment }.map(\.entry)
                    await scene.check(remains, holds: held + answers, wasBegun: wasBegun, &found)
                    try FileManager.default.removeItem(atPath: remains)
                }
                for what in found.found { problems.add("\(place): \(what)") }
                if found.found.isEmpty { try FileManager.default.removeItem(atPath: remains) }
            }
        }
        #expect(problems.found.isEmpty, "\(problems.found.prefix(5).joined(separator: "\n"))")
        print("trail: \(losses) losses, \(again) of them followed by another during recovery or after it")
    }
}
