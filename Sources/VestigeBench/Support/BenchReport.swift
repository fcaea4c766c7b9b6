import Foundation

/// What one run found: figures, and ratios against limits that were measured beside them.
struct BenchReport: Encodable, Sendable {
    struct Setting: Encodable, Sendable {
        let name: String
        let value: Int
    }

    struct Figure: Encodable, Sendable {
        let name: String
        let value: Double
        let unit: String
    }

    struct Ratio: Encodable, Sendable {
        let name: String
        let value: Double
        /// The least or the most that the ratio may be; `nil` where it is a figure only.
        let atLeast: Double?
        let atMost: Double?
        let holds: Bool
    }

    /// Something that is right or wrong, whatever the machine.
    struct Check: Encodable, Sendable {
        let name: String
        let holds: Bool
    }

    let bench: String
    let build: String
    private(set) var settings: [Setting] = []
    private(set) var figures: [Figure] = []
    private(set) var ratios: [Ratio] = []
    private(set) var checks: [Check] = []

    init(_ bench: String) {
        self.bench = bench
        #if DEBUG
            build = "debug"
        #else
            build = "release"
        #endif
    }

    mutating func set(_ name: String, _ value: Int) {
        settings.append(Setting(name: name, value: value))
    }

    mutating func add(_ name: String, _ value: Double, _ unit: String) {
        figures.append(Figure(name: name, value: value, unit: unit))
    }

    /// A time, in the unit that reads best.
    mutating func add(_ name: String, seconds: Double) {
        switch seconds {
        case 1...: add(name, seconds, "s")
        case 0.001...: add(name, seconds * 1e3, "ms")
        default: add(name, seconds * 1e6, "µs")
        }
    }

    mutating func ratio(_ name: String, _ value: Double, atLeast: Double? = nil, atMost: Double? = nil) {
        let holds = value >= atLeast ?? -.infinity && value <= atMost ?? .infinity
        ratios.append(Ratio(name: name, value: value, atLeast: atLeast, atMost: atMost, holds: holds))
    }

    mutating func check(_ name: String, _ holds: Bool) {
        checks.append(Check(name: name, holds: holds))
    }

    var holds: Bool { ratios.allSatisfy(\.holds) && checks.allSatisfy(\.holds) }

    // MARK: Printing

    func text(asJSON: Bool) throws -> String {
        guard asJSON else { return table }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    private var table: String {
        let names = figures.map(\.name) + ratios.map(\.name) + checks.map(\.name)
        let width = (names.map(\.count).max() ?? 0) + 2
        func row(_ name: String, _ value: String, _ rest: String) -> String {
            "  " + name.padding(toLength: width, withPad: " ", startingAt: 0) + String(repeating: " ", count: max(0, 12 - value.count))
                + value + "  "
                + rest
        }
        var lines = ["\(bench) (\(build)): " + settings.map { "\($0.name) \(Self.grouped($0.value))" }.joined(separator: ", ")]
        lines += figures.map { row($0.name, Self.number($0.value), $0.unit) }
        for ratio in ratios {
            let bound = ratio.atLeast.map { "at least \(Self.number($0))" } ?? ratio.atMost.map { "at most \(Self.number($0))" }
            lines.append(row(ratio.name, Self.number(ratio.value) + "×", bound.map { "\($0): \(ratio.holds ? "holds" : "MISSED")" } ?? ""))
        }
        lines += checks.map { row($0.name, $0.holds ? "yes" : "NO", "") }
        return lines.joined(separator: "\n")
    }

    /// Three digits that mean something.
    static func number(_ value: Double) -> String {
        guard value >= 1000 else { return String(format: value >= 100 ? "%.0f" : value >= 10 ? "%.1f" : "%.2f", value) }
        return grouped(Int(value.rounded()))
    }

    /// Thousands apart.
    static func grouped(_ value: Int) -> String {
        var digits = String(value)[...]
        var groups: [Substring] = []
        while digits.count > 3 {
            groups.append(digits.suffix(3))
            digits.removeLast(3)
        }
        return ([digits] + groups.reversed()).joined(separator: ",")
    }
}
