import Foundation
import Testing
import VestigeCrypto
import VestigeLocal

@Suite("What is due without anybody asking")
struct NightlyTests {
    /// Noon. All that a test does happens at this moment, or so many days later: no day begins in between.
    private let now = Timestamp(microseconds: (LocalVestige.systemClock().day * 24 + 12) * 3_600_000_000)

    /// A directory in which the acting key of `user/7`, of staff, waits for its day.
    ///
    /// - Returns: in how many days that is.
    private func waiting(_ folder: Folder) async throws -> Int {
        let now = now
        let vestige = try await folder.make(clock: { now })
        _ = try await vestige.recorder.record(look(at: "42"))
        do {
            _ = try await vestige.rights.erase(
                ErasureOrder(subject: try SubjectID(type: "user", id: "7"), caseReference: "E-1", purpose: "audit", actor: boss))
            throw CocoaError(.keyValueValidation)
        } catch RightsError.actingKeyOnly(let day) {
            try await vestige.close()
            return day - Int(now.day)
        }
    }

    private let boss = AuditActor(.user, id: "900")

    private func open(_ folder: Folder, daysLater days: Int, minutes: Int64 = 0) async throws -> LocalVestige {
        let now = now.adding(days: Int64(days)).adding(microseconds: minutes * 60_000_000)
        return try await folder.open(acceptingClock: true, clock: { now })
    }

    @Test("A deferred acting key lives until its day and is destroyed by the first opening on it, with its two entries")
    func atOpening() async throws {
        let folder = try Folder()
        let day = try await waiting(folder)
        let before = try await open(folder, daysLater: day - 1)
        #expect(before.dutiesAtOpening == Duties())
        guard case .active(let pseudonym) = try await before.vault.standing(of: SubjectID(type: "user", id: "7"), as: .acting) else {
            return #expect(Bool(false), "the key is gone before its day")
        }
        let size = try await before.trail.checkpoint().size
        try await before.close()
        // More than a day after the opening before it.
        let after = try await open(folder, daysLater: day, minutes: 1)
        #expect(after.dutiesAtOpening.dueKeys == 1)
        #expect(try await after.vault.standing(of: SubjectID(type: "user", id: "7"), as: .acting) == .erased)
        var query = IndexQuery(limit: 10)
        query.since = size
        let headers = try await after.trail.page(query).reversed().compactMap { try $0.body.map { try Header(decoding: $0.header) } }
        // The clock was set ahead, and that is told first.
        #expect(headers.map(\.action) == ["clock.stepped", "erasure.started", "erasure.completed"])
        #expect(
            headers.dropFirst().allSatisfy {
                $0.subjects == [pseudonym] && $0.actor.type == "system" && $0.details["role"] == .code("acting")
            })
        var duties = try await after.nightly()
        #expect(duties.pruned?.waitsUntil != nil)
        duties.pruned = nil
        // The fence in the role of subject, in which there was no key, ended months ago.
        var expected = Duties()
        expected.fencesEnded = 1
        #expect(duties == expected)
        #expect(try await after.verify().verdict == .intact)
        try await after.close()
    }

    @Test("A nightly run does it in a process that stays up, and forgets the fences that have ended")
    func nightly() async throws {
        let folder = try Folder()
        let day = try await waiting(folder)
        let vestige = try await open(folder, daysLater: day - 1)
        // Two vaults on one directory in one process: each has a slot, and each answers.
        let tomorrow = try await open(folder, daysLater: day)
        #expect(tomorrow.dutiesAtOpening.dueKeys == 1)
        #expect(try await vestige.vault.admit(SubjectID(type: "user", id: "7"), as: .acting) == .erased)
        try await tomorrow.close()
        try await vestige.close()
        // Fences last 90 days and to the end of a quarter; that of the other role ended before.
        let later = try await open(folder, daysLater: day + 200)
        #expect(try await later.nightly().fencesEnded == 2)
        #expect(try await later.vault.standing(of: SubjectID(type: "user", id: "7"), as: .acting) == .unknown)
        try await later.close()
    }

    @Test("A hold keeps a key whose day has come, for as long as it stands")
    func held() async throws {
        let folder = try Folder()
        let day = try await waiting(folder)
        let first = try await open(folder, daysLater: day - 1)
        let target = HoldTarget.named(type: "user", id: "7")
        _ = try await first.rights.hold(HoldOrder(target, caseReference: "L-1", purpose: "audit", actor: boss))
        try await first.close()
        let second = try await open(folder, daysLater: day + 1)
        #expect(second.dutiesAtOpening.heldKeys == 1 && second.dutiesAtOpening.dueKeys == 0)
        _ = try await second.rights.release(HoldReleaseOrder(target, caseReference: "L-1", actor: boss))
        #expect(try await second.nightly().dueKeys == 1)
        try await second.close()
    }
}
