internal import Yams

/// A place in the policy file and what stands there. All that the parser knows of YAML.
struct PolicyNode {
    enum Content {
        /// `isPlain`: written without quotes, so that an empty one means "nothing".
        case text(String, isPlain: Bool)
        case mapping([(key: PolicyNode, value: PolicyNode)])
        case list([PolicyNode])
    }

    let content: Content
    let line: Int
    let column: Int

    /// What a message calls it.
    var kind: String {
        switch content {
        case .text(let text, _): isNothing ? "nothing" : "the text \"\(text.prefix(64))\""
        case .mapping: "a mapping"
        case .list: "a list"
        }
    }

    var isNothing: Bool {
        if case .text(let text, isPlain: true) = content { return ["", "~", "null"].contains(text) }
        return false
    }
}

extension PolicyNode {
    /// Reads one YAML document.
    ///
    /// - Throws: one problem: what is not YAML at all ends the reading.
    static func read(_ text: String, file: String) throws(PolicyProblem) -> PolicyNode {
        func problem(_ line: Int, _ column: Int, _ message: String) -> PolicyProblem {
            PolicyProblem(file: file, line: max(1, line), column: max(1, column), message: message)
        }
        if let finding = YAMLSubset.finding(in: text) { throw problem(finding.line, finding.column, finding.message) }
        do {
            // The parser holds the anchors, nodes only point at them weakly, so it must outlive the conversion.
            let parser = try Parser(yaml: text, resolver: .basic, encoding: .utf8)
            let root = try parser.singleRoot()
            let node = try withExtendedLifetime(parser) { try root.map { try converted($0, file) } }
            guard let node else { throw problem(1, 1, "the file is empty; a policy begins with \"vestige: 1\"") }
            return node
        } catch let error as PolicyProblem {
            throw error
        } catch let error as YamlError {
            throw described(error, problem)
        } catch {
            throw problem(1, 1, "the file is not readable as YAML")
        }
    }

    private static func converted(_ node: Node, _ file: String) throws(PolicyProblem) -> PolicyNode {
        let (line, column) = (node.mark?.line ?? 1, node.mark?.column ?? 1)
        if node.anchor != nil {
            throw PolicyProblem(file: file, line: line, column: column, message: "anchors and aliases (& and *) are not used in policies")
        }
        switch node {
        case .scalar(let scalar):
            let isPlain = scalar.style == .plain || scalar.style == .any
            return PolicyNode(content: .text(scalar.string, isPlain: isPlain), line: line, column: column)
        case .sequence(let items):
            var list: [PolicyNode] = []
            for item in items { list.append(try converted(item, file)) }
            return PolicyNode(content: .list(list), line: line, column: column)
        case .mapping(let pairs):
            var entries: [(key: PolicyNode, value: PolicyNode)] = []
            for pair in pairs { entries.append((try converted(pair.key, file), try converted(pair.value, file))) }
            return PolicyNode(content: .mapping(entries), line: line, column: column)
        case .alias:
            throw PolicyProblem(file: file, line: line, column: column, message: "anchors and aliases (& and *) are not used in policies")
        }
    }

    private static func described(_ error: YamlError, _ problem: (Int, Int, String) -> PolicyProblem) -> PolicyProblem {
        switch error {
        case .composer(let context?, _, let mark, _) where context.text.contains("single document"):
            problem(mark.line, mark.column, "a second YAML document begins here; a policy file holds one")
        case .scanner(_, let what, let mark, _), .parser(_, let what, let mark, _), .composer(_, let what, let mark, _):
            problem(mark.line, mark.column, "not readable as YAML: \(what)")
        case .duplicatedKeysInMapping(let keys, let context):
            problem(
                context.mark.line, context.mark.column,
                "given twice in one mapping: \(keys.sorted().map { "\"\($0)\"" }.joined(separator: ", ")); keep one")
        case .reader(let what, _, _, _):
            problem(1, 1, "not readable as YAML: \(what)")
        default:
            problem(1, 1, "not readable as YAML")
        }
    }
}
