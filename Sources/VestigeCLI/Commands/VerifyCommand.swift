import ArgumentParser
import Foundation
import VestigeLocal
import VestigeTrail

struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Checks everything: bodies, leaves, tree, checkpoints, index and erasures.",
        discussion: """
            Findings name entry and cause. Exit 1 when the trail is broken. All cores are used. With --since-last only the entries are \
            looked at that came since everything was last found intact here, by this command; neither the index by term nor rows that \
            belong to no entry are. It is for a check between the full ones: what was changed further below, it does not see.
            """)

    @Option(
        name: .long,
        help: ArgumentHelp(
            "A signed checkpoint that was kept elsewhere (`vestige checkpoint > FILE`); the trail must lead to it.", valueName: "file"))
    var against: [String] = []

    @Flag(name: .long, help: "Look only at what came since the last verification that found everything intact.")
    var sinceLast = false

    @Flag(name: .long, help: "Print JSON.")
    var json = false

    @OptionGroup var location: PlaceOptions

    func run() async throws {
        Output.progress("verifying")
        // Examined as it lies there: what would keep it from being opened is a finding.
        let report: TrailReport
        do {
            report = try await Vestige.verify(
                location.place, against: try against.map(Self.note), scope: sinceLast ? .sinceLast : .everything,
                progress: { Output.progress(ReportText.progress($0)) })
        } catch LocalError.noCheckpointOfThis(let place, let why) {
            Output.progress(nil)
            throw Failure.usage("\(against[place]) is not a checkpoint of this trail (\(why)); nothing was verified")
        }
        Output.progress(nil)
        if sinceLast, report.since == 0 { Output.hint("no earlier verification could be gone on from: everything was looked at") }
        let isCompared = !against.isEmpty
        Output.text(json ? ReportText.json(report, isCompared: isCompared) + "\n" : ReportText.table(report, isCompared: isCompared))
        guard report.verdict == .intact else { throw Failure.findings }
    }

    static func note(_ path: String) throws -> String {
        guard let data = FileManager.default.contents(atPath: path), let text = String(bytes: data, encoding: .utf8) else {
            throw LocalError.unusable("\(path) cannot be read")
        }
        return text
    }
}
