/// A length of time in whole days: `35d`, `2w`, `24mo`, `3y`.
///
/// Months and years are counted as 30.4375 and 365.25 days and rounded up, so `24mo` is 731 days and `3y` is 1,096: a
/// period that the law gives in years is never cut short by a leap day.
public struct PolicyDuration: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// One hundred years, so that no arithmetic on microseconds can overflow.
    public static let daysMax = 36_525

    /// From 1.
    public let days: Int

    /// - Parameter days: Brought into 1…``daysMax``.
    public init(days: Int) { self.days = Swift.min(Swift.max(days, 1), Self.daysMax) }

    /// Reads `<whole number><d|w|mo|y>`; nil for any other form, for zero and for more than one hundred years.
    public init?(_ text: some StringProtocol) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        // Five digits cover every allowed number of days, and their products below cannot overflow.
        guard (1...5).contains(digits.count), let number = Int(digits), number > 0 else { return nil }
        switch text.dropFirst(digits.count) {
        case "d": days = number
        case "w": days = number * 7
        case "mo": days = (number * 1461 + 47) / 48
        case "y": days = (number * 1461 + 3) / 4
        default: return nil
        }
        guard days <= Self.daysMax else { return nil }
    }

    public var seconds: Int64 { Int64(days) * 86_400 }
    public var microseconds: Int64 { seconds * 1_000_000 }
    public var description: String { "\(days)d" }
    public static func < (left: Self, right: Self) -> Bool { left.days < right.days }
}
