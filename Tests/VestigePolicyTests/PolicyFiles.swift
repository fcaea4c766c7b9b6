import Foundation
import VestigePolicy

/// Where the files are that these tests loop over.
enum PolicyFiles {
    static let tests = URL(filePath: #filePath).deletingLastPathComponent()
    static let checkout = tests.deletingLastPathComponent().deletingLastPathComponent()
    static let examples = ["people-directory", "clinic", "bank-enquiries"]

    static func bytes(_ path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: checkout.appending(path: path))) }

    static func example(_ name: String) throws -> Policy {
        try Policy.parse(bytes("Policies/\(name).yaml"), file: "Policies/\(name).yaml")
    }

    /// Names of the files in a folder beside the tests.
    static func names(in folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: tests.appending(path: folder).path()).filter { $0.hasSuffix(".yaml") }.sorted()
    }
}

/// The text of the smallest policy, with lines put in: what a test is about stands in the test.
func minimal(_ lines: String = "", reads: String = "", field: String = "name: { personal: identity }", subject: String = "self") -> String {
    """
    vestige: 1
    channels: [pii-read, people]
    records:
      user:
        subject: \(subject)
        channels: { look: pii-read, change: people }
        fields: { \(field) }
        \(reads.isEmpty ? "" : "reads: \(reads)")
    \(lines)
    """
}

func parse(_ text: String) throws(PolicyError) -> Policy { try Policy.parse([UInt8](text.utf8), file: "p.yaml") }

/// The messages with which a text is refused; empty if it is not.
func refusals(_ text: String) -> [String] {
    do {
        _ = try parse(text)
        return []
    } catch {
        return error.problems.map(\.description)
    }
}
