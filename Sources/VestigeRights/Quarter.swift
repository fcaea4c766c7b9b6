import VestigeTrail

/// Calendar quarters. A fence ends with one, since another day would point at the erasure's entry.
enum Quarter {
    /// The last day of the quarter that holds `day`, both in days since 1970.
    static func lastDay(of day: Int) -> Int {
        let date = Timestamp.civil(fromDays: Int64(day))
        let nextQuarter = (date.month - 1) / 3 * 3 + 4
        let first = nextQuarter > 12 ? Timestamp.days(fromCivil: date.year + 1, 1, 1) : Timestamp.days(fromCivil: date.year, nextQuarter, 1)
        return Int(first) - 1
    }
}
