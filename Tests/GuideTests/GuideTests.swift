import Foundation
import Testing

/// What the README and `Docs/Hosts.md` show is compiled here, line for line.
@Suite("The code that the guides show")
struct GuideTests {
    private static let here = URL(fileURLWithPath: #filePath).deletingLastPathComponent()

    @Test("stands in one compiled file of these tests as it stands in Docs/Hosts.md")
    func hosts() throws {
        let blocks = try self.blocks("Docs/Hosts.md")
        #expect(blocks.count > 7)
        let sources = try compiled().map { $0.joined(separator: "\n") }
        for block in blocks {
            #expect(sources.contains { $0.contains(lines(block).joined(separator: "\n")) }, "not compiled anywhere:\n\(block)")
        }
    }

    @Test("is compiled, each line of the README's host")
    func readme() throws {
        let block = try #require(try blocks("README.md").first)
        let known = Set(try compiled().joined())
        #expect(lines(block).count > 10)
        for line in lines(block) { #expect(known.contains(line), "\(line)") }
    }

    private func blocks(_ page: String) throws -> [String] {
        let root = Self.here.deletingLastPathComponent().deletingLastPathComponent()
        let text = try String(contentsOf: root.appendingPathComponent(page), encoding: .utf8)
        return text.components(separatedBy: "```swift\n").dropFirst().compactMap { $0.components(separatedBy: "```").first }
    }

    private func compiled() throws -> [[String]] {
        try FileManager.default.contentsOfDirectory(at: Self.here, includingPropertiesForKeys: nil)
            .filter { $0.lastPathComponent.hasSuffix("Guide.swift") }
            .map { lines(try String(contentsOf: $0, encoding: .utf8)) }
    }

    /// Without indentation and empty lines, which a page may set as it likes.
    private func lines(_ text: String) -> [String] {
        text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    }
}
