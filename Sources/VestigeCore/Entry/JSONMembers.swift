import VestigePolicy

/// The members of one JSON object, each asked for by its type.
struct JSONMembers {
    private let path: String
    private let values: [String: StrictJSON]

    /// - Throws: ``RecordingError/refused(member:problem:)`` when `json` is no object or has another member than `known`.
    init(_ json: StrictJSON, at path: String, known: [String]) throws(RecordingError) {
        guard case .object(let members) = json else { throw JSONMembers.wrong(path.isEmpty ? "entry" : path, "an object", json) }
        self.path = path
        for (name, _) in members where !known.contains(name) {
            throw .refused(member: path.isEmpty ? "entry" : path, problem: JSONMembers.unknown(name, known))
        }
        values = Dictionary(members.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
    }

    subscript(name: String) -> StrictJSON? { values[name] }

    func member(_ name: String) -> String {
        path.isEmpty ? name : "\(path).\(name)"
    }

    func missing(_ name: String) -> RecordingError {
        .refused(member: member(name), problem: "missing")
    }

    func string(_ name: String) throws(RecordingError) -> String? {
        switch values[name] {
        case nil: nil
        case .string(let text)?: text
        case let value?: throw JSONMembers.wrong(member(name), "a string", value)
        }
    }

    func parsed<Value>(_ name: String, expected: String, _ parse: (String) -> Value?) throws(RecordingError) -> Value? {
        guard let text = try string(name) else { return nil }
        guard let value = parse(text) else { throw .refused(member: member(name), problem: "expected \(expected)") }
        return value
    }

    func object(_ name: String, known: [String]) throws(RecordingError) -> JSONMembers? {
        guard let value = values[name] else { return nil }
        return try JSONMembers(value, at: member(name), known: known)
    }

    func list(_ name: String) throws(RecordingError) -> [StrictJSON]? {
        switch values[name] {
        case nil: nil
        case .array(let items)?: items
        case let value?: throw JSONMembers.wrong(member(name), "a list", value)
        }
    }

    static func wrong(_ member: String, _ expected: String, _ found: StrictJSON) -> RecordingError {
        .refused(member: member, problem: "expected \(expected), found \(found.kind)")
    }

    /// An unknown name is repeated only where it looks like one of ours: it could be anything.
    private static func unknown(_ name: String, _ known: [String]) -> String {
        if name == "description" { return "\"description\" cannot be given from outside: it would stand in clear" }
        if let near = suggestion(for: name, among: known) { return "unknown key (did you mean \"\(near)\"?)" }
        return "unknown key; known are: \(known.joined(separator: ", "))"
    }
}
