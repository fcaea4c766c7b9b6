import Testing
import VestigeCore
import VestigeCrypto
import VestigePolicy
import VestigeRights
import VestigeTesting
import VestigeTrail

@Suite("Retention under any policy and at any time")
struct RetentionPropertyTests {
    private struct Recorded {
        let seq: UInt64
        let channel: String
        let subject: String
        let at: Timestamp
    }

    @Test(
        "nothing younger than its window or thirty days goes, nothing held, nothing of Vestige's own; everything else does",
        arguments: 0..<25)
    func property(round: Int) async throws {
        let keeps = ["default": Int.random(in: 30...120), "auth": Int.random(in: 30...120), "hardware": Int.random(in: 30...120)]
        let aged = try await AgedTrail(
            retention: "{ default: { keep: \(keeps["default"] ?? 0)d }, channels: { auth: { keep: \(keeps["auth"] ?? 0)d }, "
                + "hardware: { keep: \(keeps["hardware"] ?? 0)d } } }")
        var recorded: [Recorded] = []
        var held: Set<String> = []
        var runs = 0
        for _ in 0..<70 {
            let id = "p\(Int.random(in: 0..<6))"
            let at = aged.clock.now
            switch Int.random(in: 0..<12) {
            case 0..<4: recorded.append(.init(seq: try await aged.look(at: id, by: "a"), channel: "pii-read", subject: id, at: at))
            case 4..<7: recorded.append(.init(seq: try await aged.signIn(id), channel: "auth", subject: id, at: at))
            case 7..<9:
                recorded.append(.init(seq: try await aged.look(atHardware: id), channel: "hardware", subject: "hardware/" + id, at: at))
            case 9 where recorded.contains { $0.subject == id }:
                if held.contains(id) {
                    _ = try await aged.vestige.rights.release(releaseOrder(id))
                    held.remove(id)
                } else {
                    _ = try await aged.vestige.rights.hold(holdOrder(id))
                    held.insert(id)
                }
            case 10:
                try await aged.settle()
                let before = aged.gone
                let pruned = try await aged.prune()
                runs += pruned.waitsUntil == nil ? 1 : 0
                try check(aged, recorded, held, keeps, before, waited: pruned.waitsUntil != nil)
            default: break
            }
            aged.pass(days: Int64.random(in: 0...12), hours: Int64.random(in: 0..<24))
        }
        try await aged.settle()
        let before = aged.gone
        #expect(try await aged.prune().waitsUntil == nil)
        try check(aged, recorded, held, keeps, before, waited: false)
        let report = try await aged.vestige.trail.verify()
        #expect(report.verdict == .intact && report.pruned == aged.gone.count, "\(report.findings.prefix(3))")
        #expect(try await aged.vestige.trail.pruned().count == UInt64(aged.gone.count))
    }

    private func check(
        _ aged: AgedTrail, _ recorded: [Recorded], _ held: Set<String>, _ keeps: [String: Int], _ before: Set<UInt64>, waited: Bool
    ) throws {
        let gone = aged.gone
        guard !waited else { return #expect(gone == before) }
        let contents = aged.vestige.trailStore.snapshot
        // What the run itself wrote is the newest; it looked at the trail before.
        let now = aged.clock.now
        for entry in recorded {
            let window = Int64(max(30, keeps[entry.channel] ?? keeps["default"] ?? 0))
            let isHeld = held.contains(entry.subject)
            let age = now.microseconds - entry.at.microseconds
            if gone.contains(entry.seq), !before.contains(entry.seq) {
                #expect(age > window * Timestamp.microsecondsPerDay, "entry \(entry.seq) went too early")
                #expect(!isHeld, "entry \(entry.seq) is held")
            }
            // The newest entry is up to fifteen hours older than the clock.
            if !isHeld, age > (window + 1) * Timestamp.microsecondsPerDay { #expect(gone.contains(entry.seq), "entry \(entry.seq) stayed") }
        }
        for (seq, _) in contents.leaves where gone.contains(seq) {
            #expect(contents.index[seq] == nil && !contents.terms.contains { $0.seq == seq })
        }
    }
}
