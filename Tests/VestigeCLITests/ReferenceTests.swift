import ArgumentParser
import Foundation
import TestSupport
import Testing

@testable import VestigeCLI

@Suite("Docs/CLI.md")
struct ReferenceTests {
    private static let path = Checkout.path("Docs/CLI.md")

    /// `VESTIGE_UPDATE_DOCS=1` writes the file.
    @Test("is what --help says of every command")
    func isGenerated() throws {
        let text = ReferenceTests.introduction + ReferenceTests.sections(of: VestigeCommand.self, named: "vestige", level: 2)
        if ProcessInfo.processInfo.environment["VESTIGE_UPDATE_DOCS"] != nil {
            try text.write(toFile: ReferenceTests.path, atomically: true, encoding: .utf8)
        }
        let written = try String(contentsOfFile: ReferenceTests.path, encoding: .utf8)
        #expect(written == text, "run the tests once with VESTIGE_UPDATE_DOCS=1")
    }

    private static let introduction = """
        # The command line

        Generated from `--help` by a test; do not edit (`VESTIGE_UPDATE_DOCS=1 swift test --filter ReferenceTests` writes it).

        Results go to stdout: a table for people, `--json` for programs. Everything else goes to stderr, as `error:` and `hint:` lines.

        | exit code | meaning |
        |---|---|
        | 0 | fine |
        | 1 | findings, or a refused act |
        | 2 | usage |

        | variable | stands for |
        |---|---|
        | `VESTIGE_DATA` | `--data`, else `./vestige-data` |
        | `VESTIGE_KEYRING` | `--keyring`, else `<data>.keyring` beside the data directory |
        | `VESTIGE_PURPOSE` | `--purpose` |
        | `VESTIGE_TOKEN` | refused when set, so that nobody is recorded as somebody else: tokens are for the query service |

        Who asks is the account of the operating system. It can read the keyring, so it has all rights; every question about people and
        every export is an entry of its own, durable before its answer is shown, and needs a purpose that the policy declares.


        """

    private static func sections(of command: any ParsableCommand.Type, named name: String, level: Int) -> String {
        let help = VestigeCommand.helpMessage(for: command, columns: 110).replacing(#/[ \t]+\n/#, with: "\n")
        let body = help.hasSuffix("\n") ? help : help + "\n"
        var text = String(repeating: "#", count: level) + " \(name)\n\n```\n\(body)```\n\n"
        for sub in command.configuration.subcommands {
            text += sections(of: sub, named: name + " " + (sub._commandName), level: level + (level == 2 && name == "vestige" ? 0 : 1))
        }
        return text
    }
}
