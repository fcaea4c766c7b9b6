import VestigeVault

/// Why a question was not answered. No message repeats an id or a search text.
public enum InquiryError: Error, Sendable, Equatable {
    case missingPurpose(declared: [String])
    case undeclared(String)
    case badReference
    case badID
    case badPseudonym
    case unknownFilter(name: String, hint: String?)
    case badTime(filter: String)
    /// What stands in the text box cannot be understood: the how manyth word, and where it begins, both from 1.
    case badQuery(word: Int, character: Int, problem: String)
    case queryTooLong
    /// No cursor, or one of another question.
    case badCursor
    /// The policy's works-council mode: actors stay pseudonyms until a case opens them.
    case actorsAreHidden
    case missingRight(String)
    /// The trail or the vault could not be read, or the question could not be recorded; nothing was shown.
    case unavailable(String)
}

extension InquiryError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .missingPurpose(let declared):
            "a question about people needs a purpose; this policy declares: \(declared.joined(separator: ", "))"
        case .undeclared(let message): message
        case .badReference: "expected TYPE/ID, for example user/42, or @PSEUDONYM"
        case .badID: "an id has 1 to \(SubjectID.idByteCountMax) bytes; nothing was looked up, give the record's own id"
        case .badPseudonym: "expected @ and 32 lower-case hexadecimal digits"
        case .unknownFilter(let name, let hint):
            "unknown filter \"\(name)\"; known are: \(EntryFilter.names.joined(separator: ", "))"
                + (hint.map { " (did you mean \"\($0)\"?)" } ?? "")
        case .badTime(let filter): "\(filter): expected a date (2026-05-01) or a time (2026-05-01T09:00:00Z), UTC"
        case .badQuery(let word, let character, let problem): "word \(word), at character \(character): \(problem)"
        case .queryTooLong: "the text of a search has at most \(EntryFilter.queryByteCountMax) bytes; nothing was shown, ask in fewer words"
        case .badCursor: "this cursor does not belong to this question; nothing was shown, begin again without one"
        case .actorsAreHidden:
            "this policy shows actors as pseudonyms (actors.show); nothing was shown. Ask by @PSEUDONYM or name the case; export without opening "
                + "or naming actors"
        case .missingRight(let right): "this needs the right \"\(right)\", which the asker does not have; nothing was shown"
        case .unavailable(let what): "the question could not be answered: \(what)"
        }
    }
}
