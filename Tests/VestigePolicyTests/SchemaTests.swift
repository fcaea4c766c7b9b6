import Foundation
import Testing

@testable import VestigePolicy

@Suite("The schema for editors")
struct SchemaTests {
    @Test("the schema knows exactly the keys that the parser knows, and requires the same")
    func sameKeys() throws {
        var schema = try Schema()
        schema.collect()
        let expected = Dictionary(uniqueKeysWithValues: PolicyKeys.sections.map { ($0.path, Set($0.keys)) })
        #expect(schema.keys == expected)
        #expect(schema.required == expected.mapValues { _ in [] }.merging(PolicyKeys.sections.map { ($0.path, Set($0.required)) }) { $1 })
        #expect(schema.open.isEmpty, "every section refuses unknown keys")
    }

    @Test("the schema lists the same words", arguments: ["event", "right"])
    func sameWords(name: String) throws {
        let words = try Schema().definition(name)["enum"] as? [String]
        let expected = name == "right" ? Right.allCases.map(\.rawValue) : Event.allCases.filter { !$0.isBuiltIn }.map(\.rawValue)
        #expect(words == expected)
    }

    @Test("each example uses only keys that the schema knows", arguments: PolicyFiles.examples)
    func examples(name: String) throws {
        var schema = try Schema()
        schema.collect()
        let text = String(decoding: try PolicyFiles.bytes("Policies/\(name).yaml"), as: UTF8.self)
        let root = try PolicyNode.read(text, file: name)
        var unknown: [String] = []
        schema.check(root, "", &unknown)
        #expect(unknown.isEmpty)
        #expect(text.contains("$schema=schema.json"), "editors find the schema by this comment")
    }
}

/// `schema.json`, walked with its references resolved. Paths are those of ``KeySection``.
private struct Schema {
    private let root: [String: Any]
    private(set) var keys: [String: Set<String>] = [:]
    private(set) var required: [String: Set<String>] = [:]
    /// Sections that do not refuse unknown keys.
    private(set) var open: [String] = []
    /// Paths where the keys are codes of the policy's own.
    private(set) var maps: Set<String> = []

    init() throws {
        let data = Data(try PolicyFiles.bytes("Policies/schema.json"))
        root = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    func definition(_ name: String) throws -> [String: Any] {
        try #require((root["$defs"] as? [String: Any])?[name] as? [String: Any])
    }

    mutating func collect() { collect(root, "") }

    private mutating func collect(_ given: [String: Any], _ path: String) {
        var schema = given
        if let reference = given["$ref"] as? String, let found = try? definition(String(reference.dropFirst("#/$defs/".count))) {
            schema = found
        }
        for branch in schema["anyOf"] as? [[String: Any]] ?? [] { collect(branch, path) }
        if let properties = schema["properties"] as? [String: [String: Any]] {
            keys[path] = Set(properties.keys)
            required[path] = Set(schema["required"] as? [String] ?? [])
            if schema["additionalProperties"] as? Bool != false { open.append(path) }
            for (key, value) in properties { collect(value, path.isEmpty ? key : "\(path).\(key)") }
        }
        if let values = schema["additionalProperties"] as? [String: Any] {
            maps.insert(path)
            collect(values, "\(path).*")
        }
        if let items = schema["items"] as? [String: Any] { collect(items, "\(path)[]") }
    }

    func check(_ node: PolicyNode, _ path: String, _ unknown: inout [String]) {
        switch node.content {
        case .text: break
        case .list(let items): for item in items { check(item, "\(path)[]", &unknown) }
        case .mapping(let pairs):
            for (key, value) in pairs {
                guard case .text(let name, _) = key.content else { continue }
                if maps.contains(path) {
                    check(value, "\(path).*", &unknown)
                } else {
                    if keys[path]?.contains(name) != true { unknown.append("\(path).\(name)") }
                    check(value, path.isEmpty ? name : "\(path).\(name)", &unknown)
                }
            }
        }
    }
}
