import Foundation
public import VestigePolicy
public import VestigeTrail

/// When the nightly run begins: once a day at a time of a zone's clocks.
///
/// Where clocks are set forward over that time, it is the moment that many minutes after they were; where they show it twice, the first.
public struct NightlySchedule: Sendable {
    private let secondOfDay: Int64
    private let zone: TimeZone

    private static let secondsPerDay: Int64 = 86_400

    /// - Returns: `nil` for a zone that this system does not know.
    public init?(_ time: TimeOfDay, in zone: String) {
        guard let zone = zone == "UTC" ? TimeZone(secondsFromGMT: 0) : TimeZone(identifier: zone) else { return nil }
        secondOfDay = Int64(time.hour * 3_600 + time.minute * 60)
        self.zone = zone
    }

    /// The newest beginning at `moment` or before.
    public func last(upTo moment: Timestamp) -> Timestamp {
        var day = localDay(of: moment)
        while beginning(on: day) > moment { day -= 1 }
        return beginning(on: day)
    }

    /// The first beginning after `moment`.
    public func next(after moment: Timestamp) -> Timestamp {
        var day = localDay(of: moment)
        while beginning(on: day) <= moment { day += 1 }
        return beginning(on: day)
    }

    /// Days since 1970 as the zone counts them.
    private func localDay(of moment: Timestamp) -> Int64 {
        let seconds = moment.microseconds / Timestamp.microsecondsPerSecond
        return Int64((Double(seconds + offset(at: seconds)) / Double(Self.secondsPerDay)).rounded(.down))
    }

    private func beginning(on day: Int64) -> Timestamp {
        let local = day * Self.secondsPerDay + secondOfDay
        // The offsets before and after whatever change there is on that day.
        let (before, after) = (offset(at: local - Self.secondsPerDay), offset(at: local + Self.secondsPerDay))
        let seconds = offset(at: local - before) != before && offset(at: local - after) == after ? local - after : local - before
        return Timestamp(microseconds: seconds * Timestamp.microsecondsPerSecond)
    }

    /// Seconds east of Greenwich.
    private func offset(at seconds: Int64) -> Int64 {
        Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(seconds))))
    }
}
