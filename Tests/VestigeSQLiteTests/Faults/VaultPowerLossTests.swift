import CFaultyVFS
import Foundation
import Testing

@Suite("A vault on a disk that loses its power")
struct VaultPowerLossTests {
    private let folder: TemporaryDirectory

    init() throws { folder = try TemporaryDirectory() }

    /// People come and go, and the KEK is exchanged twice.
    private func live(on disk: FaultyDisk) async throws -> VaultScene {
        let scene = try VaultScene(on: disk)
        try await scene.open()
        for number in 0..<5 { try await scene.admit("early-\(number)") }
        try await scene.erase("early-1")
        try await scene.rotate()
        for number in 0..<3 { try await scene.admit("late-\(number)") }
        try scene.close()
        try await scene.open()
        try await scene.erase("late-1")
        try await scene.erase("early-3")
        try await scene.rotate()
        try await scene.admit("last")
        try scene.close()
        return scene
    }

    @Test(
        "loses no acknowledged key, brings none back that was destroyed, and finishes by itself what was under way",
        .timeLimit(.minutes(60)))
    func everywhere() async throws {
        var problems = Problems()
        var (losses, again) = (0, 0)
        while losses < Campaign.lossCount && problems.found.isEmpty {
            let disk = try FaultyDisk(folder.fresh())
            let scene = try await live(on: disk)
            var random = Seeded(UInt64(losses))
            var moments = disk.aroundSyncs + (0..<disk.aroundSyncs.count / 2).map { _ in .random(in: 0...disk.moment, using: &random) }
            moments.shuffle(using: &random)
            for moment in moments.prefix(Campaign.lossCount - losses) {
                losses += 1
                let seed = random.next()
                let loss = Campaign.losses[losses % Campaign.losses.count]
                let place = "loss \(loss.rawValue) at \(moment) of \(disk.moment), seed \(seed)"
                var found = Problems()
                let remains = try folder.fresh()
                // One in four: a process dies, another one goes on and answers for what it finds, and then power goes.
                let second = losses % 4 == 1 ? try disk.survivor(of: moment, in: remains) : nil
                if second == nil { try disk.losePower(at: moment, loss, seed: seed, into: remains) }
                let keyring = scene.keyring.copy(of: moment)
                let answers = await scene.check(
                    remains, at: moment, keyring: keyring, on: second, rotates: second == nil && losses % 4 == 3, &found)
                if let second, found.found.isEmpty, let answer = answers.first(where: \.isNew) ?? answers.randomElement(using: &random) {
                    again += 1
                    let remains = try folder.fresh()
                    try second.losePower(at: answer.moment, Campaign.losses[again % Campaign.losses.count], seed: seed, into: remains)
                    try await scene.check(answer, in: remains, keyring: keyring, &found)
                    try FileManager.default.removeItem(atPath: remains)
                }
                for what in found.found { problems.add("\(place): \(what)") }
                if found.found.isEmpty { try FileManager.default.removeItem(atPath: remains) }
            }
        }
        #expect(problems.found.isEmpty, "\(problems.found.prefix(5).joined(separator: "\n"))")
        print("vault: \(losses) losses, \(again) of them after another process had answered for what a dead one wrote")
    }

    @Test("holds to what it says of people whom a process that was killed had not told anybody about")
    func killedBeforeSync() async throws {
        let disk = try FaultyDisk(folder.fresh())
        let scene = try VaultScene(on: disk)
        try await scene.open()
        for id in ["a", "b"] { try await scene.admit(id) }
        try await scene.erase("a")
        try scene.close()
        var problems = Problems()
        var told = 0
        // Killed right before each sync, that of the directory after a journal's removal among them.
        for moment in disk.aroundSyncs where moment >= scene.begun ?? .max {
            let killed = try disk.survivor(of: moment, in: folder.fresh())
            let answers = await scene.check(
                killed.directory, at: moment, keyring: scene.keyring.copy(of: moment), on: killed, rotates: false, &problems)
            for answer in answers where answer.isNew {
                told += 1
                let remains = try folder.fresh()
                try killed.losePower(at: answer.moment, FAULTY_LOSS_ALL, seed: 0, into: remains)
                try await scene.check(answer, in: remains, keyring: scene.keyring.copy(of: moment), &problems)
            }
        }
        #expect(problems.found.isEmpty, "\(problems.found.prefix(5))")
        #expect(told >= 3, "no kill fell between a journal's removal and its sync")
    }
}
