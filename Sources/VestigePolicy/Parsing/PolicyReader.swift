/// Takes values out of nodes and keeps every problem on the way, so that one run tells an author all of them.
///
/// What cannot be read is nil; the caller goes on with the rest.
struct PolicyReader {
    let file: String
    private(set) var problems: [PolicyProblem] = []
    private(set) var warnings: [PolicyProblem] = []

    init(file: String) { self.file = file }

    mutating func report(_ node: PolicyNode, _ message: String) {
        problems.append(PolicyProblem(file: file, line: node.line, column: node.column, message: message))
    }

    mutating func warn(_ node: PolicyNode, _ message: String) {
        warnings.append(PolicyProblem(file: file, line: node.line, column: node.column, message: message))
    }

    // MARK: Mappings and lists

    /// A mapping with the keys of `section`: unknown, repeated and missing ones are reported. `name` is its own place in
    /// the file, `records.user.reads`.
    mutating func entries(_ node: PolicyNode, _ section: KeySection, _ name: String) -> [String: PolicyNode]? {
        guard let pairs = pairs(node, name) else { return nil }
        var entries: [String: PolicyNode] = [:]
        for (key, keyNode, value) in pairs {
            if section.keys.contains(key) {
                entries[key] = value
            } else {
                report(keyNode, unknownMessage("key", key, known: section.keys, declares: "\(name) knows"))
            }
        }
        for key in section.required where entries[key] == nil { report(node, "\(name) lacks \"\(key)\"") }
        return entries
    }

    /// A mapping whose keys the policy chooses: codes, each once.
    mutating func declarations(_ node: PolicyNode?, _ name: String) -> [(code: String, key: PolicyNode, value: PolicyNode)] {
        guard let node else { return [] }
        var declared: [(code: String, key: PolicyNode, value: PolicyNode)] = []
        for (key, keyNode, value) in pairs(node, name) ?? [] where isCode(key, keyNode, "a name in \(name)") {
            declared.append((key, keyNode, value))
        }
        return declared
    }

    private mutating func pairs(_ node: PolicyNode, _ name: String) -> [(key: String, node: PolicyNode, value: PolicyNode)]? {
        guard case .mapping(let given) = node.content else {
            report(node, "\(name) is a mapping, not \(node.kind)")
            return nil
        }
        var pairs: [(key: String, node: PolicyNode, value: PolicyNode)] = []
        for (key, value) in given {
            // No key is twice here: reading the YAML has refused that already.
            if case .text(let text, _) = key.content {
                pairs.append((text, key, value))
            } else {
                report(key, "a key in \(name) is a word, not \(key.kind)")
            }
        }
        return pairs
    }

    mutating func list(_ node: PolicyNode, _ name: String) -> [PolicyNode] {
        guard case .list(let items) = node.content else {
            report(node, "\(name) is a list, not \(node.kind)")
            return []
        }
        return items
    }

    // MARK: Text

    private mutating func word(_ node: PolicyNode, _ name: String, _ what: String) -> String? {
        guard case .text(let text, _) = node.content, !node.isNothing else {
            report(node, "\(name) is \(what), not \(node.kind)")
            return nil
        }
        return text
    }

    /// Free text for people: 1 to 500 characters, no control characters.
    mutating func text(_ node: PolicyNode?, _ name: String) -> String? {
        guard let node, let text = word(node, name, "a text") else { return nil }
        guard !text.allSatisfy(\.isWhitespace), text.count <= 500 else {
            report(node, "\(name) has 1 to 500 characters, and not only spaces")
            return nil
        }
        guard !text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control && $0 != "\n" }) else {
            report(node, "\(name) holds a control character; write it without")
            return nil
        }
        return text
    }

    mutating func code(_ node: PolicyNode?, _ name: String) -> String? {
        guard let node, let text = word(node, name, "a code"), isCode(text, node, name) else { return nil }
        return text
    }

    private mutating func isCode(_ text: String, _ node: PolicyNode, _ name: String) -> Bool {
        if Code.isWellFormed(text) { return true }
        report(
            node,
            "\(name) is a code of 1 to \(Code.byteCountMax) letters, digits and . _ : - that begins with a letter or digit, "
                + "not \"\(text.prefix(80))\"")
        return false
    }

    /// A list of codes, each once.
    mutating func codes(_ node: PolicyNode?, _ name: String) -> [(code: String, node: PolicyNode)] {
        guard let node else { return [] }
        var seen: Set<String> = []
        var codes: [(code: String, node: PolicyNode)] = []
        for item in list(node, name) {
            guard let code = code(item, "an item of \(name)") else { continue }
            guard seen.insert(code).inserted else {
                report(item, "given twice in \(name): \"\(code)\"; keep one")
                continue
            }
            codes.append((code, item))
        }
        return codes
    }

    /// One of a fixed set of words.
    mutating func choice<Choice: RawRepresentable & CaseIterable>(_ node: PolicyNode?, _ name: String) -> Choice?
    where Choice.RawValue == String {
        guard let word = choice(node, name, among: Choice.allCases.map(\.rawValue)) else { return nil }
        return Choice(rawValue: word)
    }

    mutating func choice(_ node: PolicyNode?, _ name: String, among words: [String]) -> String? {
        guard let node, let word = word(node, name, "one of \(words.joined(separator: ", "))") else { return nil }
        guard words.contains(word) else {
            report(node, unknownMessage("value", word, known: words, declares: "\(name) is one of"))
            return nil
        }
        return word
    }

    /// A code that must be declared. `known` is nil where the declaring section could not be read: one mistake there must
    /// not become twenty here.
    mutating func reference(_ node: PolicyNode?, _ kind: String, among known: [String]?) -> String? {
        guard let node, let code = code(node, "a \(kind)") else { return nil }
        guard let known, !known.contains(code) else { return code }
        report(node, unknownMessage(kind, code, known: known))
        return nil
    }

    // MARK: Numbers, times, durations

    mutating func boolean(_ node: PolicyNode?, _ name: String) -> Bool? {
        guard let word = choice(node, name, among: ["true", "false"]) else { return nil }
        return word == "true"
    }

    mutating func integer(_ node: PolicyNode?, _ name: String, in range: ClosedRange<Int>) -> Int? {
        guard let node, let word = word(node, name, "a whole number") else { return nil }
        guard let number = Int(word), range.contains(number) else {
            report(node, "\(name) is a whole number from \(range.lowerBound) to \(range.upperBound), not \"\(word.prefix(64))\"")
            return nil
        }
        return number
    }

    mutating func duration(_ node: PolicyNode?, _ name: String) -> PolicyDuration? {
        guard let node, let word = word(node, name, "a duration") else { return nil }
        guard let duration = PolicyDuration(word) else {
            report(node, "\(name) is a duration such as 365d, 6w, 24mo or 3y, at most 100 years, not \"\(word.prefix(64))\"")
            return nil
        }
        return duration
    }

    mutating func time(_ node: PolicyNode?, _ name: String) -> TimeOfDay? {
        guard let node, let word = word(node, name, "a time of day") else { return nil }
        guard let time = TimeOfDay(word) else {
            report(node, "\(name) is a time of day such as \"03:00\", not \"\(word.prefix(64))\"")
            return nil
        }
        return time
    }

    mutating func ranges(_ node: PolicyNode?, _ name: String) -> [AddressRange] {
        guard let node else { return [] }
        var ranges: [AddressRange] = []
        for item in list(node, name) {
            guard let word = word(item, "an item of \(name)", "a range of addresses") else { continue }
            if let range = AddressRange(word) {
                ranges.append(range)
            } else {
                report(
                    item,
                    "an item of \(name) is a range of addresses such as 10.0.0.0/8 or 2001:db8::/32, without bits behind the prefix, "
                        + "not \"\(word.prefix(64))\"")
            }
        }
        return ranges
    }
}
