import Foundation

/// In which form two values of a searchable field are compared. What is indexed is the form, so equal forms are one value to the index.
public enum Normalisation: String, Sendable, CaseIterable {
    /// Trimmed, canonically composed (NFC), lower case.
    case email
    /// As `email`, with letters folded (`ß` is `ss`) and runs of white space as one space: names.
    case text
    /// Letters and digits alone, folded: telephone numbers, IBANs, insurance and tax numbers, however they are grouped.
    case compact
    /// The bytes as they are.
    case none

    /// What a field has that does not say it.
    static func standard(for category: PersonalCategory?) -> Normalisation { category == .contact ? .email : .text }

    /// The form of `value` in UTF-8; empty where nothing of it counts, which no index takes.
    public func form(of value: String) -> [UInt8] {
        switch self {
        case .email: Array(Self.composed(value.trimmed.lowercased()).utf8)
        case .text: Array(Self.folded(value).split(whereSeparator: \.isWhitespace).joined(separator: " ").utf8)
        case .compact:
            Array(String(String.UnicodeScalarView(Self.folded(value).unicodeScalars.filter(\.counts))).utf8)
        case .none: Array(value.utf8)
        }
    }

    /// Upper case first: its mapping expands what lower case leaves alone (`ß`, `ﬁ`, a final sigma).
    private static func folded(_ text: String) -> String { composed(text.uppercased().lowercased()) }

    private static func composed(_ text: String) -> String { text.precomposedStringWithCanonicalMapping }
}

extension String {
    fileprivate var trimmed: String { trimmingCharacters(in: .whitespacesAndNewlines) }
}

extension Unicode.Scalar {
    /// Letters with their marks, and digits.
    fileprivate var counts: Bool {
        switch properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
        case .nonspacingMark, .spacingMark, .enclosingMark, .decimalNumber, .letterNumber, .otherNumber: true
        default: false
        }
    }
}
