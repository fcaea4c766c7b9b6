import VestigeTrail

/// Names and values, one a line, values under each other.
enum Facts {
    static func rendered(_ facts: [(name: String, value: String?)], indent: String = "") -> String {
        let given = facts.compactMap { fact in fact.value.map { (fact.name, TextWidth.printable($0)) } }
        let width = given.map { TextWidth.of($0.0) }.max() ?? 0
        return given.map { name, value in
            indent + name + String(repeating: " ", count: width - TextWidth.of(name) + 2) + value + "\n"
        }.joined()
    }
}

extension Timestamp {
    /// `2026-05-04 09:12:33Z`: for people, who need no microseconds.
    var forPeople: String {
        let text = description
        return text.prefix(10) + " " + text.dropFirst(11).prefix(8) + "Z"
    }

    /// `2026-05-04`, from days since 1970.
    static func date(fromDays day: Int) -> String {
        String(Timestamp(microseconds: Int64(day) * microsecondsPerDay).description.prefix(10))
    }
}

extension Int {
    /// `1,234,567`
    var grouped: String {
        var digits = String(magnitude)
        var place = digits.endIndex
        while digits.distance(from: digits.startIndex, to: place) > 3 {
            place = digits.index(place, offsetBy: -3)
            digits.insert(",", at: place)
        }
        return (self < 0 ? "-" : "") + digits
    }

    /// `1 look`, `1,234 looks`
    func counted(_ one: String, _ many: String) -> String {
        "\(grouped) \(self == 1 ? one : many)"
    }
}
