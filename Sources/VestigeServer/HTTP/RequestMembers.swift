import VestigeCore
import VestigeInquiry
import VestigePolicy
import VestigeTrail

/// The members of a request's JSON object, each asked for by its type. Another member than those known is refused by its name.
struct RequestMembers {
    private let path: String
    private let values: [String: StrictJSON]

    init(_ bytes: [UInt8], known: [String]) throws(Problem) {
        let json: StrictJSON
        do {
            json = try StrictJSONParser.parse(bytes)
        } catch {
            throw Problem(.notJSON, "\(error)")
        }
        try self.init(json, at: "", known: known)
    }

    private init(_ json: StrictJSON, at path: String, known: [String]) throws(Problem) {
        guard case .object(let members) = json else {
            throw Problem(
                .invalidValue, "\(path.isEmpty ? "the body" : path) is an object, not \(json.kind)", member: path.isEmpty ? nil : path)
        }
        for (name, _) in members where !known.contains(name) { throw RequestMembers.unknown(name, at: path, known: known) }
        self.path = path
        values = Dictionary(members.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
    }

    static func unknown(_ name: String, at path: String, known: [String]) -> Problem {
        let shown = Code.isWellFormed(name) ? name : "…"
        return Problem(
            .unknownMember, "unknown member \"\(shown)\"; known \(path.isEmpty ? "" : "in \(path) ")are: \(known.joined(separator: ", "))",
            member: shown)
    }

    func has(_ name: String) -> Bool { values[name] != nil }

    func string(_ name: String) throws(Problem) -> String? {
        switch values[name] {
        case nil: nil
        case .string(let text)?: text
        case let value?: throw wrong(name, "a string", value)
        }
    }

    func integer(_ name: String, in range: ClosedRange<Int>) throws(Problem) -> Int? {
        switch values[name] {
        case nil: return nil
        case .integer(let number)?:
            guard let number = Int(exactly: number), range.contains(number) else { throw outside(name, range) }
            return number
        case let value?: throw wrong(name, "a whole number", value)
        }
    }

    func boolean(_ name: String) throws(Problem) -> Bool? {
        switch values[name] {
        case nil: nil
        case .boolean(let flag)?: flag
        case let value?: throw wrong(name, "true or false", value)
        }
    }

    /// Strings, each of them one of a few.
    func words<Word: RawRepresentable<String> & Hashable>(_ name: String, _ known: [Word]) throws(Problem) -> Set<Word> {
        guard let value = values[name] else { return [] }
        guard case .array(let items) = value else { throw wrong(name, "a list", value) }
        var words: Set<Word> = []
        for item in items {
            guard case .string(let text) = item, let word = known.first(where: { $0.rawValue == text }) else {
                throw Problem(.invalidValue, "\(name) knows: \(known.map(\.rawValue).joined(separator: ", "))", member: name)
            }
            words.insert(word)
        }
        return words
    }

    /// A person or record: `{"type","id"}`, or `{"pseudonym"}`.
    func reference(_ name: String) throws -> Reference? {
        guard let value = values[name] else { return nil }
        let place = try RequestMembers(value, at: name, known: ["type", "id", "pseudonym"])
        if let pseudonym = try place.string("pseudonym") {
            guard !place.has("type"), !place.has("id") else {
                throw Problem(.invalidValue, "\(name) has a pseudonym, or type and id, not both", member: name)
            }
            return try Reference("@\(pseudonym)")
        }
        guard let type = try place.string("type"), let id = try place.string("id"), let reference = try? Reference(type: type, id: id)
        else {
            throw Problem(.invalidValue, "\(name) is {\"type\",\"id\"}, an id of 1 to 512 bytes, or {\"pseudonym\"}", member: name)
        }
        return reference
    }

    /// Names and values for the one parser of filters; a value is a string or a list of strings.
    func filters(_ name: String) throws(Problem) -> [(name: String, value: String)] {
        guard let value = values[name] else { return [] }
        guard case .object(let members) = value else { throw wrong(name, "an object", value) }
        var pairs: [(name: String, value: String)] = []
        for (filter, value) in members {
            switch value {
            case .string(let text): pairs.append((filter, text))
            case .array(let items):
                for item in items {
                    guard case .string(let text) = item else {
                        throw wrong(Code.isWellFormed(filter) ? filter : "…", "a list of strings", item)
                    }
                    pairs.append((filter, text))
                }
            default: throw wrong(Code.isWellFormed(filter) ? filter : "…", "a string or a list of strings", value)
            }
        }
        return pairs
    }

    func outside(_ name: String, _ range: ClosedRange<Int>) -> Problem {
        Problem(.invalidValue, "\(name) is \(range.lowerBound) to \(range.upperBound)", member: name)
    }

    private func wrong(_ name: String, _ expected: String, _ value: StrictJSON) -> Problem {
        Problem(.invalidValue, "\(name) is \(expected), not \(value.kind)", member: name)
    }
}
