import Testing

@testable import VestigeTrail

@Suite("Timestamps")
struct TimestampTests {
    @Test(
        "A moment has one text form",
        arguments: [
            (0, "1970-01-01T00:00:00.000000Z"),
            (1, "1970-01-01T00:00:00.000001Z"),
            (951_782_400_000_000, "2000-02-29T00:00:00.000000Z"),
            (951_868_800_000_000, "2000-03-01T00:00:00.000000Z"),
            (1_709_164_800_000_000, "2024-02-29T00:00:00.000000Z"),
            (1_777_885_953_000_412, "2026-05-04T09:12:33.000412Z"),
            (4_107_542_400_000_000, "2100-03-01T00:00:00.000000Z"),
            (253_402_300_799_999_999, "9999-12-31T23:59:59.999999Z"),
        ] as [(Int64, String)])
    func text(microseconds: Int64, text: String) {
        #expect(Timestamp(microseconds: microseconds).description == text)
        #expect(Timestamp(text)?.microseconds == microseconds)
    }

    @Test(
        "Another form, or a day that the calendar does not have, is refused",
        arguments: [
            "", "2026-05-04", "2026-05-04T09:12:33Z", "2026-05-04T09:12:33.000Z", "2026-05-04T09:12:33.000412",
            "2026-05-04T09:12:33.000412z",
            "2026-05-04 09:12:33.000412Z", "2026-05-04t09:12:33.000412Z", "2026-05-04T09:12:33,000412Z", "2026-05-04T09:12:33.0004125Z",
            "2026-05-04T09:12:33.000412+00:00", "+026-05-04T09:12:33.000412Z", "2026-05-04T09:12: 3.000412Z", "２026-05-04T09:12:33.00041Z",
            "2026-00-04T09:12:33.000412Z", "2026-13-04T09:12:33.000412Z", "2026-05-00T09:12:33.000412Z", "2026-04-31T09:12:33.000412Z",
            "2026-02-29T09:12:33.000412Z", "2100-02-29T09:12:33.000412Z", "2024-02-30T09:12:33.000412Z", "2026-05-04T24:00:00.000000Z",
            "2026-05-04T09:60:33.000412Z", "2026-05-04T09:12:60.000412Z", "1969-12-31T23:59:59.999999Z", "2026/05/04T09:12:33.000412Z",
        ])
    func refused(text: String) {
        #expect(Timestamp(text) == nil)
    }

    @Test("Every day from 1970 to 2400 comes back, in order")
    func days() {
        var (year, month, day): (Int64, Int64, Int64) = (1970, 1, 1)
        for number in Int64(0)..<157_054 {
            #expect(Timestamp.days(fromCivil: year, month, day) == number)
            let civil = Timestamp.civil(fromDays: number)
            #expect(civil == (year, month, day))
            let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            let lengths: [Int64] = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
            day += 1
            if day > lengths[Int(month) - 1] { (day, month) = (1, month + 1) }
            if month > 12 { (month, year) = (1, year + 1) }
        }
        #expect(year == 2400)
    }

    @Test("Random moments come back, and their texts are in the order of time")
    func random() {
        var seed = Seeded(1)
        for _ in 0..<2000 {
            let (one, other) = (seed.time(), seed.time())
            #expect(Timestamp(one.description) == one)
            #expect((one < other) == (one.description < other.description))
        }
    }

    @Test("Day and month are those of the text")
    func parts() throws {
        let time = try #require(Timestamp("2026-05-04T23:59:59.999999Z"))
        #expect(time.month == "2026-05")
        #expect(time.day + 1 == time.adding(microseconds: 1).day)
        #expect(time.adding(days: 27).description == "2026-05-31T23:59:59.999999Z")
    }
}
