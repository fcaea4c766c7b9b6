import Testing
import VestigePolicy

@Suite("Durations")
struct DurationTests {
    @Test(
        "a number and a unit are read as days",
        arguments: [
            ("1d", 1), ("365d", 365), ("6w", 42), ("1mo", 31), ("24mo", 731), ("72mo", 2192), ("1y", 366), ("3y", 1096), ("100y", 36525),
        ])
    func read(text: String, days: Int) {
        #expect(PolicyDuration(text)?.days == days)
    }

    @Test(
        "anything else is refused",
        arguments: ["", "d", "0d", "-1d", "1", "1.5y", "1 d", "1m", "1h", "101y", "99999y", "100000d", "365D", "١d", "+5d"])
    func refused(text: String) {
        #expect(PolicyDuration(text) == nil)
    }

    @Test("the longest one in microseconds fits 64 bits")
    func longest() throws {
        #expect(try #require(PolicyDuration("36525d")).microseconds == 3_155_760_000_000_000)
    }
}
