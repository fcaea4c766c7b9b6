import Foundation
import TestSupport
import Testing

/// The lines of shell in `Docs/Operations.md`, run as they stand there.
@Suite("The drill of the operator's guide")
struct DrillTests {
    /// The blocks marked `sh` of one section, each with the text in bold before it.
    private static func blocks(of section: String) throws -> [(title: String, lines: [String])] {
        let page = try String(contentsOfFile: Checkout.path("Docs/Operations.md"), encoding: .utf8)
        var blocks: [(title: String, lines: [String])] = []
        var (isInSection, isInBlock, title) = (false, false, "")
        for line in page.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
            if line.hasPrefix("## ") { isInSection = line == "## " + section }
            guard isInSection else { continue }
            if line.hasPrefix("**") { title = String(line.dropFirst(2).prefix { $0 != "*" }) }
            if line == "```sh" {
                isInBlock = true
                blocks.append((title, []))
            } else if line == "```" {
                isInBlock = false
            } else if isInBlock {
                blocks[blocks.count - 1].lines.append(line)
            }
        }
        return blocks
    }

    @Test("goes as it says: each block runs, and prints what the operator is to see")
    func drill() async throws {
        let blocks = try DrillTests.blocks(of: "The drill")
        #expect(blocks.count == 7)
        let scratch = try Scratch()
        // One shell for all of them, as at a terminal: a line that fails ends it, one that begins with ! has to.
        var script = "set -eu\n"
        for block in blocks {
            script += "echo '=== \(block.title)'\n"
            for line in block.lines {
                script +=
                    line.hasPrefix("! ") ? "if \(line.dropFirst(2)); then echo 'it was not refused'; exit 9; fi\n" : line + "\n"
            }
        }
        let result = try await Program.shell(script, in: scratch.path)
        #expect(result.exit == 0, "\(result.output)")
        var parts: [String: String] = [:]
        for part in result.output.components(separatedBy: "=== ").dropFirst() {
            let title = part.prefix { $0 != "\n" }
            parts[String(title)] = String(part.dropFirst(title.count))
        }
        let expected: [(title: String, seen: [String])] = [
            (
                "The vault is lost.",
                ["Put back the newest backup of the vault", "1 erasure carried out again", "erased: nothing is left", "intact"]
            ),
            (
                "The newest trail is lost,",
                [
                    "holds no trail.sqlite", "an older copy of the trail was put back; nothing was opened", "/2",
                    "trail-1.sqlite with 4 entries", "1 of 1 views", "erased: nothing is left", "intact",
                ]
            ),
            ("The whole disk is lost.", ["/3", "are missing", "keys destroyed", "intact", "older trail 2", "older trail 1"]),
            ("A rotation makes older backups worthless,", ["under key", "a copy from before the last rotation", "intact"]),
            ("The KEK is lost.", ["key-encryption key 2 is not in the keyring", "no command brings it back", "intact"]),
        ]
        for (title, seen) in expected {
            for text in seen { #expect(parts[title]?.contains(text) == true, "\(title): \(text)\n\(parts[title] ?? "no such block")") }
        }
    }
}
