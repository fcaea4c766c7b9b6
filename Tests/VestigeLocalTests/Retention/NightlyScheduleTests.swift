import Testing
import VestigeCrypto
import VestigePolicy
import VestigeTrail

@testable import VestigeLocal

@Suite("When the nightly run begins")
struct NightlyScheduleTests {
    private func schedule(_ time: String, _ zone: String) throws -> NightlySchedule {
        let text = """
            vestige: 1
            channels: [a]
            records: { user: { subject: self, channels: { look: a, change: a }, fields: { n: { personal: no } } } }
            retention: { prune_at: "\(time)" }
            """
        let policy = try Policy.parse(Array(text.utf8), file: "p.yaml")
        return try #require(NightlySchedule(policy.retention.pruneAt, in: zone))
    }

    private func moment(_ text: String) throws -> Timestamp { try #require(Timestamp(text + ".000000Z")) }

    @Test(
        "is at the zone's time of day, also around the nights in which clocks are changed",
        arguments: [
            // Berlin: 02:00 becomes 03:00 on 2026-03-29, and 03:00 becomes 02:00 on 2026-10-25.
            ("03:00", "Europe/Berlin", "2026-03-27T12:00:00", ["2026-03-28T02:00:00", "2026-03-29T01:00:00", "2026-03-30T01:00:00"]),
            ("03:00", "Europe/Berlin", "2026-10-23T12:00:00", ["2026-10-24T01:00:00", "2026-10-25T02:00:00", "2026-10-26T02:00:00"]),
            // A time that there is not: as many minutes after the change. One that there is twice: the first.
            ("02:30", "Europe/Berlin", "2026-03-27T12:00:00", ["2026-03-28T01:30:00", "2026-03-29T01:30:00", "2026-03-30T00:30:00"]),
            ("02:30", "Europe/Berlin", "2026-10-23T12:00:00", ["2026-10-24T00:30:00", "2026-10-25T00:30:00", "2026-10-26T01:30:00"]),
            ("03:00", "UTC", "2026-03-28T03:00:00", ["2026-03-29T03:00:00", "2026-03-30T03:00:00", "2026-03-31T03:00:00"]),
            ("03:00", "America/St_Johns", "2026-06-01T00:00:00", ["2026-06-01T05:30:00", "2026-06-02T05:30:00", "2026-06-03T05:30:00"]),
            ("23:30", "Pacific/Kiritimati", "2026-01-01T00:00:00", ["2026-01-01T09:30:00", "2026-01-02T09:30:00", "2026-01-03T09:30:00"]),
        ])
    func times(time: String, zone: String, from: String, expected: [String]) throws {
        let schedule = try schedule(time, zone)
        var now = try moment(from)
        for text in expected {
            let next = schedule.next(after: now)
            #expect(next == (try moment(text)), "\(zone) \(time): \(next)")
            #expect(schedule.last(upTo: next) == next)
            #expect(schedule.last(upTo: next.adding(microseconds: -1)) < next)
            #expect(schedule.next(after: next.adding(microseconds: -1)) == next)
            now = next
        }
    }

    @Test(
        "is once a day for ten years, never twice and never left out",
        arguments: ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"])
    func years(zone: String) throws {
        for time in ["00:00", "02:15", "03:00"] {
            let schedule = try schedule(time, zone)
            let start = try moment("2020-01-01T12:00:00")
            var now = start
            for _ in 0..<3_650 {
                let next = schedule.next(after: now)
                let hours = (next.microseconds - now.microseconds) / 3_600_000_000
                #expect((12...25).contains(hours) || now == start)
                #expect(schedule.last(upTo: next.adding(microseconds: 1)) == next)
                now = next
            }
            #expect((try moment("2029-12-28T00:00:00")...moment("2029-12-31T12:00:00")).contains(now))
        }
    }

    @Test("is unknown in a zone that there is not")
    func unknown() throws {
        let policy = try Policy.parse(
            Array(
                "vestige: 1\nchannels: [a]\nrecords: { user: { subject: self, channels: { look: a, change: a }, fields: { n: { personal: no } } } }\n"
                    .utf8), file: "p.yaml")
        #expect(NightlySchedule(policy.retention.pruneAt, in: "Mars/Olympus") == nil)
    }
}
