import ArgumentParser
import Foundation
import VestigeLocal
import VestigeTrail

struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Checks everything: bodies, leaves, tree, checkpoints, index and erasures.",
        discussion: "Findings name entry and cause. Exit 1 when the trail is broken.")

    @Option(
        name: .long,
        help: ArgumentHelp(
            "A signed checkpoint that was kept elsewhere (`vestige checkpoint > FILE`); the trail must lead to it.", valueName: "file"))
    var against: [String] = []

    @Flag(name: .long, help: "Print JSON.")
    var json = false

    @OptionGroup var location: PlaceOptions

    func run() async throws {
        Output.progress("verifying")
        // Examined as it lies there: what would keep it from being opened is a finding.
        let report = try await Vestige.verify(location.place, against: try against.map(Self.note))
        Output.progress(nil)
        Output.text(json ? ReportText.json(report) + "\n" : ReportText.table(report))
        guard report.verdict == .intact else { throw Failure.findings }
    }

    static func note(_ path: String) throws -> String {
        guard let data = FileManager.default.contents(atPath: path), let text = String(bytes: data, encoding: .utf8) else {
            throw LocalError.unusable("\(path) cannot be read")
        }
        return text
    }
}
