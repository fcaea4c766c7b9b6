public import VestigeTrail

/// A word that may stand in clear in a description: an enum of the host with codes as raw values.
public protocol ClearCode: RawRepresentable, Sendable where RawValue == String {}

/// A sentence about an act: literal segments with numbered gaps. Every interpolation is marked, an unmarked one does
/// not compile:
///
/// ```swift
/// "Reassigned \(personal: email) to \(clear: Team.support)"
/// ```
///
/// Personal parts are sealed for the record's subject; it reads `Reassigned [erased] to support` afterwards.
/// Write it as a literal only: `init(stringLiteral:)` is for the compiler, what comes from outside must not become a clear sentence.
public struct EntryDescription: Sendable, Equatable, ExpressibleByStringInterpolation {
    public let clearPart: HeaderDescription
    let personal: [Int: String]

    public init(stringLiteral value: String) {
        clearPart = HeaderDescription(template: EntryDescription.escape(value))
        personal = [:]
    }

    public init(stringInterpolation: StringInterpolation) {
        clearPart = HeaderDescription(template: stringInterpolation.template, clear: stringInterpolation.clear)
        personal = stringInterpolation.personal
    }

    /// Braces mark gaps, so literal ones are doubled.
    fileprivate static func escape(_ literal: String) -> String {
        literal.replacing("{", with: "{{").replacing("}", with: "}}")
    }

    public struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var template = ""
        fileprivate var clear: [Int: String] = [:]
        fileprivate var personal: [Int: String] = [:]
        private var gap = 0

        public init(literalCapacity: Int, interpolationCount: Int) {
            template.reserveCapacity(literalCapacity + 3 * interpolationCount)
        }

        public mutating func appendLiteral(_ literal: String) {
            template += EntryDescription.escape(literal)
        }

        public mutating func appendInterpolation(personal value: String) {
            personal[gap] = value
            open()
        }

        public mutating func appendInterpolation(clear value: some ClearCode) {
            clear[gap] = value.rawValue
            open()
        }

        public mutating func appendInterpolation(clear value: some FixedWidthInteger) {
            clear[gap] = String(value)
            open()
        }

        private mutating func open() {
            template += "{\(gap)}"
            gap += 1
        }
    }
}

extension HeaderDescription {
    /// The sentence, its gaps filled from `clear` and `personal`; what is in neither reads `missing`.
    package func rendered(personal: [Int: String], missing: String) -> String {
        var text = ""
        var rest = template[...]
        while let brace = rest.firstIndex(where: { $0 == "{" || $0 == "}" }) {
            text += rest[..<brace]
            let after = rest.index(after: brace)
            if after < rest.endIndex, rest[after] == rest[brace] {
                text.append(rest[brace])
                rest = rest[rest.index(after: after)...]
            } else if let close = rest[after...].firstIndex(of: "}"), let gap = Int(rest[after..<close]) {
                text += clear[gap] ?? personal[gap] ?? missing
                rest = rest[rest.index(after: close)...]
            } else {
                text.append(rest[brace])
                rest = rest[after...]
            }
        }
        return text + rest
    }
}
