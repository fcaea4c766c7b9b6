public import VestigePolicy

/// Reads the one text box: qualifiers and words, such as
/// `actor:user/7 event:read,exported from:2026-05-01 purpose:support "annual report"`.
///
/// `name:value` is a filter with one of ``EntryFilter/names``; a value with spaces stands in quotation marks, in which `\"` and `\\` are a mark
/// and a backslash. Everything else is searched as text; a word with a colon in it must be quoted, so that a slip in a filter's name is an
/// error and not a search for nothing.
extension EntryFilter {
    /// UTF-8 bytes of a text box.
    public static let queryByteCountMax = 4096

    /// - Parameter policy: codes must be declared by it.
    /// - Throws: ``InquiryError/badQuery(word:character:problem:)`` names the word and where it stands.
    public init(query: String, by policy: Policy) throws(InquiryError) {
        try add(query: query, by: policy)
    }

    /// Narrows the filter by what a text box says.
    public mutating func add(query: String, by policy: Policy) throws(InquiryError) {
        guard query.utf8.count <= EntryFilter.queryByteCountMax else { throw .queryTooLong }
        for word in try QueryWord.words(of: query) {
            var own = EntryFilter()
            do {
                try own.add(word.name ?? "text", word.value)
            } catch {
                throw word.place.error("\(error)")
            }
            if let problem = own.problem(by: policy) { throw word.place.error(problem) }
            try add(word.name ?? "text", word.value)
        }
    }
}

/// One word of a text box.
private struct QueryWord {
    struct Place {
        /// Both from 1.
        let word: Int
        let character: Int

        func error(_ problem: String) -> InquiryError { .badQuery(word: word, character: character, problem: problem) }
    }

    let place: Place
    let name: String?
    let value: String

    static func words(of text: String) throws(InquiryError) -> [QueryWord] {
        var words: [QueryWord] = []
        var rest = Array(text)[...]
        while true {
            rest = rest.drop { $0.isWhitespace }
            guard !rest.isEmpty else { return words }
            let place = Place(word: words.count + 1, character: rest.startIndex + 1)
            words.append(try take(from: &rest, at: place))
        }
    }

    private static func take(from rest: inout ArraySlice<Character>, at place: Place) throws(InquiryError) -> QueryWord {
        var name: String?
        let bare = rest.prefix { !$0.isWhitespace && $0 != "\"" }
        if let colon = bare.firstIndex(of: ":") {
            let given = String(bare[..<colon])
            guard EntryFilter.names.contains(given) else {
                let hint = suggestion(for: given, among: EntryFilter.names)
                let known = InquiryError.unknownFilter(name: EntryFilter.printable(given), hint: hint)
                throw place.error("\(known); a word with a colon that is to be searched for stands in quotation marks")
            }
            name = given
            rest = rest[(colon + 1)...]
        }
        let value = rest.first == "\"" ? try quoted(&rest, at: place) : try plain(&rest, at: place)
        guard !value.isEmpty else {
            throw place.error(name.map { "\($0): has no value" } ?? "there is nothing between the quotation marks")
        }
        return QueryWord(place: place, name: name, value: value)
    }

    private static func plain(_ rest: inout ArraySlice<Character>, at place: Place) throws(InquiryError) -> String {
        let value = rest.prefix { !$0.isWhitespace }
        guard !value.contains("\"") else {
            throw place.error("a quotation mark stands inside a word; put the whole value in quotation marks")
        }
        rest = rest[value.endIndex...]
        return String(value)
    }

    private static func quoted(_ rest: inout ArraySlice<Character>, at place: Place) throws(InquiryError) -> String {
        var value = ""
        var isEscaped = false
        var next = rest.startIndex + 1
        while next < rest.endIndex {
            let character = rest[next]
            next += 1
            if isEscaped {
                guard character == "\"" || character == "\\" else {
                    throw place.error("only a quotation mark or a backslash may follow a backslash")
                }
                value.append(character)
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else if character == "\"" {
                guard next == rest.endIndex || rest[next].isWhitespace else {
                    throw place.error("a space is missing after the closing quotation mark")
                }
                rest = rest[next...]
                return value
            } else {
                value.append(character)
            }
        }
        throw place.error("the quotation mark is not closed")
    }
}
