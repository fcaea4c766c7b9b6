/// A moment in UTC with microseconds, as the trail writes it.
///
/// Text form: `YYYY-MM-DDThh:mm:ss.ffffffZ`, always 27 bytes; years 1970 to 9999.
public struct Timestamp: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Microseconds since 1970-01-01T00:00:00Z.
    public let microseconds: Int64

    public static let microsecondsPerSecond: Int64 = 1_000_000
    public static let microsecondsPerDay: Int64 = 86_400 * microsecondsPerSecond
    /// 9999-12-31T23:59:59.999999Z, the last moment with a four-digit year.
    public static let latest = Timestamp(microseconds: 253_402_300_799_999_999)

    public init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.microseconds < right.microseconds
    }

    public func adding(microseconds more: Int64) -> Timestamp {
        Timestamp(microseconds: microseconds &+ more)
    }

    public func adding(days: Int64) -> Timestamp {
        adding(microseconds: days * Timestamp.microsecondsPerDay)
    }

    /// Whole days since 1970-01-01.
    public var day: Int64 {
        microseconds / Timestamp.microsecondsPerDay
    }

    /// The calendar month, `YYYY-MM`.
    public var month: String {
        String(description.prefix(7))
    }

    public var description: String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(27)
        append(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    package func append(to bytes: inout [UInt8]) {
        let seconds = microseconds / Timestamp.microsecondsPerSecond
        let fraction = microseconds % Timestamp.microsecondsPerSecond
        let (year, month, day) = Timestamp.civil(fromDays: seconds / 86_400)
        let second = seconds % 86_400
        func digits(_ value: Int64, _ count: Int) {
            var divisor: Int64 = 1
            for _ in 1..<count { divisor *= 10 }
            while divisor > 0 {
                bytes.append(UInt8(truncatingIfNeeded: 0x30 + (value / divisor) % 10))
                divisor /= 10
            }
        }
        digits(year, 4)
        bytes.append(0x2D)
        digits(month, 2)
        bytes.append(0x2D)
        digits(day, 2)
        bytes.append(0x54)
        digits(second / 3600, 2)
        bytes.append(0x3A)
        digits(second / 60 % 60, 2)
        bytes.append(0x3A)
        digits(second % 60, 2)
        bytes.append(0x2E)
        digits(fraction, 6)
        bytes.append(0x5A)
    }

    /// Reads the exact text form; `nil` for anything else.
    public init?(_ text: some StringProtocol) {
        self.init(exactly: Array(text.utf8)[...])
    }

    package init?(exactly bytes: ArraySlice<UInt8>) {
        let b = bytes.startIndex
        guard bytes.count == 27, bytes[b + 26] == 0x5A, bytes[b + 19] == 0x2E, bytes[b + 10] == 0x54 else { return nil }
        guard bytes[b + 4] == 0x2D, bytes[b + 7] == 0x2D, bytes[b + 13] == 0x3A, bytes[b + 16] == 0x3A else { return nil }
        func number(_ offset: Int, _ count: Int) -> Int64? {
            var value: Int64 = 0
            for byte in bytes[b + offset..<b + offset + count] {
                guard byte >= 0x30, byte <= 0x39 else { return nil }
                value = value * 10 + Int64(byte - 0x30)
            }
            return value
        }
        guard let year = number(0, 4), let month = number(5, 2), let day = number(8, 2), let hour = number(11, 2),
            let minute = number(14, 2), let second = number(17, 2), let fraction = number(20, 6)
        else { return nil }
        guard year >= 1970, (1...12).contains(month), day >= 1, hour < 24, minute < 60, second < 60 else { return nil }
        let days = Timestamp.days(fromCivil: year, month, day)
        let (_, sameMonth, sameDay) = Timestamp.civil(fromDays: days)
        guard sameMonth == month, sameDay == day else { return nil }
        microseconds =
            ((days * 24 + hour) * 60 + minute) * 60 * Timestamp.microsecondsPerSecond + second * Timestamp.microsecondsPerSecond + fraction
    }

    // Days to a civil date and back: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
    package static func civil(fromDays days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    package static func days(fromCivil year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = shiftedYear / 400
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}

/// Where the time comes from: the composition gives the machine's clock, a test its own.
public typealias Clock = @Sendable () -> Timestamp
