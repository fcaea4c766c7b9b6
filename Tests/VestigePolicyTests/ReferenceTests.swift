import Foundation
import Testing

@testable import VestigePolicy

@Suite("PolicyReference.md")
struct ReferenceTests {
    /// Text under each heading, by the code in the heading.
    private func sections() throws -> [String: String] {
        let text = String(decoding: try PolicyFiles.bytes("Docs/PolicyReference.md"), as: UTF8.self)
        var sections: [String: String] = [:]
        var heading = ""
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("#") { heading = line.split(separator: "`").dropFirst().first.map(String.init) ?? String(line) }
            sections[heading, default: ""] += line + "\n"
        }
        return sections
    }

    @Test("every key of the parser stands in a row of its own section", arguments: PolicyKeys.sections)
    func keys(section: KeySection) throws {
        let text = try #require(try sections()[section.path.isEmpty ? "vestige: 1" : section.path], "no heading for \(section.path)")
        for key in section.keys { #expect(text.contains("\n| `\(key)` |"), "\(section.path).\(key) is not described") }
    }

    @Test("every event stands in the list of events", arguments: Event.allCases)
    func events(event: Event) throws {
        let all = String(decoding: try PolicyFiles.bytes("Docs/PolicyReference.md"), as: UTF8.self)
        let kind = event.isBuiltIn ? "built in" : event.isLook ? "look" : event.isChange ? "change" : "other"
        #expect(all.contains("\n| `\(event.rawValue)` | \(kind) |"))
    }

    @Test("every right stands in the list of rights", arguments: Right.allCases)
    func rights(right: Right) throws {
        let all = String(decoding: try PolicyFiles.bytes("Docs/PolicyReference.md"), as: UTF8.self)
        #expect(all.contains("\n| `\(right.rawValue)` |"))
    }
}
