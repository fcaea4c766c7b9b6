import Foundation
import Testing

/// One file of `Attacks/`: what is done to a trail of 600 entries, and in its first lines what must come of it.
///
///     -- finds: KIND SEQ, KIND SEQ-SEQ, KIND     exactly what `verify` finds, beside a checkpoint kept elsewhere
///     -- refused: MESSAGE                        what the file's own rules say; the attack then drops them and puts them back after
///     -- opening: MESSAGE                        what opening the trail says, where it refuses
///     -- outside: LINE, LINE                     how findings of verify_trail.py begin, where they are others; or `nothing`
///     -- file: NAME                              the whole file is replaced; `pruned`: the same trail sixty days on, with what a plan took gone
struct FileAttack: Sendable, CustomTestStringConvertible {
    let name: String
    let finds: Set<String>
    let refused: String?
    let opening: String?
    let outside: [String]
    let file: String?
    let sql: String

    var testDescription: String { name }

    private static let directory = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent().appending(path: "Attacks")

    /// By name. Empty if they cannot be read, which the tests notice.
    static let all: [FileAttack] = {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? []
        return names.sorted().compactMap { name in
            (try? String(contentsOf: directory.appending(path: name), encoding: .utf8)).map { FileAttack(name: name, text: $0) }
        }
    }()

    private init(name: String, text: String) {
        func line(_ key: String) -> String? {
            text.split(separator: "\n").first { $0.hasPrefix("-- \(key): ") }.map { String($0.dropFirst(key.count + 5)) }
        }
        func list(_ text: String) -> [String] { text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) } }
        self.name = String(name.prefix { $0 != "." })
        let findings = list(line("finds") ?? "")
        finds = Set(findings.flatMap(FileAttack.places))
        refused = line("refused")
        opening = line("opening")
        file = line("file")
        // It names tiles by level and index, and the end of a trail in words.
        let isNamedOtherwise = { (finding: String) in ["size", "tile", "database"].contains { finding.hasPrefix($0) } }
        outside = line("outside").map(list) ?? findings.map { isNamedOtherwise($0) ? String($0.prefix { $0 != " " }) : $0 + ":" }
        sql = text
    }

    /// "stray 3-5" is three findings.
    private static func places(_ finding: String) -> [String] {
        let words = finding.split(separator: " ")
        let ends = words.last?.split(separator: "-").compactMap { UInt64($0) } ?? []
        guard words.count == 2, ends.count == 2 else { return [finding] }
        return (ends[0]...ends[1]).map { "\(words[0]) \($0)" }
    }
}
