import Testing
import VestigeLocal
import VestigeTrail

@Suite("A clock that was set")
struct ClockStepTests {
    private static let second: Int64 = 1_000_000
    private static let hour = 3_600 * second

    private func folder() async throws -> Folder { try AgedFolder.copy(try await AgedFolder.make(3)) }

    private func open(_ folder: Folder, _ microseconds: Int64) async throws -> LocalVestige {
        try await Vestige.open(
            folder.place, keyring: nil, clock: { LocalVestige.systemClock().adding(microseconds: microseconds) })
    }

    /// Header and time of each entry that tells of a step, oldest first.
    private func told(_ vestige: LocalVestige) async throws -> [(header: Header, at: Timestamp)] {
        var query = IndexQuery(limit: 100)
        query.actions = ["clock.stepped"]
        return try await vestige.trail.page(query).reversed().map { entry in
            (
                try Header(decoding: try #require(entry.body).header),
                try #require(Leaf(decoding: entry.leaf)).recordedAt
            )
        }
    }

    @Test("A day ahead at a start is told once, before anything else, and retention waits")
    func ahead() async throws {
        let folder = try await folder()
        // The newest entry is six hours old.
        let near = try await open(folder, 17 * Self.hour)
        #expect(try await told(near).isEmpty)
        try await near.close()
        let far = try await open(folder, 300 * 24 * Self.hour)
        let first = try #require(try await told(far).first)
        #expect(first.header.channel == "compliance" && first.header.status == .warning && first.header.actor.type == "system")
        // All of it is over its time by that clock, and none of it goes.
        #expect(try await far.nightly().pruned?.waitsUntil != nil)
        #expect(try await far.trail.entries(Array(1...6)).allSatisfy { $0.body != nil })
        try await far.close()
        let again = try await open(folder, 300 * 24 * Self.hour)
        #expect(try await told(again).count == 1)
        try await again.close()
    }

    @Test("Up to a minute behind the newest entry is nothing")
    func nearlyRight() async throws {
        let folder = try Folder()
        try await folder.make().close()
        let vestige = try await open(folder, -50 * Self.second)
        #expect(try await vestige.clockBehind() == nil)
        #expect(try await told(vestige).isEmpty)
        try await vestige.close()
    }

    @Test("More than a minute behind is told once by all who open, and time stands still until the clock has caught up")
    func behind() async throws {
        let folder = try Folder()
        let made = try await folder.make()
        let newest = try #require(try await made.trail.newestTime())
        try await made.close()
        for _ in 0..<2 {
            let vestige = try await open(folder, -2 * Self.hour)
            let behind = try #require(try await vestige.clockBehind())
            #expect((3_600...7_200).contains(behind))
            _ = try await vestige.recorder.record(look(at: "42"))
            let told = try await told(vestige)
            #expect(told.count == 1 && told.allSatisfy { $0.at == newest && $0.header.status == .warning })
            guard case .integer(let seconds)? = told.first?.header.details["behind_seconds"] else {
                return #expect(Bool(false), "no seconds are told")
            }
            #expect((3_600...7_200).contains(seconds))
            #expect(try await vestige.trail.newestTime() == newest)
            try await vestige.close()
        }
        let right = try await open(folder, 0)
        #expect(try await right.clockBehind() == nil)
        _ = try await right.recorder.record(look(at: "42"))
        #expect(try await told(right).count == 1)
        try await right.close()
        // The next step is another one.
        let again = try await open(folder, -2 * Self.hour)
        #expect(try await told(again).count == 2)
        #expect(try await again.verify().verdict == .intact)
        try await again.close()
    }
}
