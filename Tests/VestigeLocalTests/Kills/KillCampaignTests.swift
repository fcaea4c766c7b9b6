import Foundation
import Testing
import VestigeVault

/// Real processes, files and locks. `VESTIGE_KILLS=1000` runs the whole campaign: 50 kills at each step and each call, more at random.
@Suite("A process that is killed while it erases, rotates, mints and records", .serialized)
struct KillCampaignTests {
    private static let wanted = ProcessInfo.processInfo.environment["VESTIGE_KILLS"].flatMap(Int.init) ?? 0

    @Test("leaves nobody half erased, nobody with two keys, nobody lost, and each erasure with its two entries")
    func campaign() throws {
        let isWhole = Self.wanted >= 1_000
        var campaign = KillCampaign()
        try campaign.run(KillCampaign.plan(max(Self.wanted, 40), each: isWhole ? 50 : 1))
        // One commit may hold what belongs to two steps, and counts for one of them.
        for _ in 0..<5 { try campaign.run(campaign.missing(share: isWhole ? 50 : 1)) }
        #expect(campaign.broken.isEmpty, "\(campaign.broken.prefix(5))")
        print(campaign.summary)
        let share = isWhole ? 50 : 1
        guard campaign.broken.isEmpty else { return }
        for label in KillCampaign.steps + KillCampaign.calls { #expect(campaign.counts[label] ?? 0 >= share, "\(label)") }
    }

    @Test("leaves a keyring that the next one reads and tidies, wherever it was in changing the signing key")
    func keyring() throws {
        let killable = try Killable()
        for number in 0..<max(Self.wanted, 60) {
            let ending = try killable.start("keys").kill(after: .random(in: 0...20_000))
            try #require(ending.broken.isEmpty && ending.wasKilled, "after \(number) kills: \(ending.lines)")
        }
        let keyring = try FileKeyring(directory: killable.home + "/data.keyring")
        try keyring.retireSigningKeys()
        #expect(try keyring.signingKey(for: try keyring.origin()) != nil)
        let left = try FileManager.default.contentsOfDirectory(atPath: keyring.directory).filter { $0.wholeMatch(of: /signing-\d+/) != nil }
        #expect(left.count == 1, "\(left)")
    }
}
