import ArgumentParser
import VestigeLocal
import VestigeTrail

struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Checks everything: bodies, leaves, tree, checkpoints, index and erasures.",
        discussion: "Findings name entry and cause. Exit 1 when the trail is broken.")

    @Flag(name: .long, help: "Print JSON.")
    var json = false

    @OptionGroup var where_: PlaceOptions

    func run() async throws {
        Output.progress("verifying")
        // Examined as it lies there: what would keep it from being opened is a finding.
        let report = try await Vestige.verify(where_.place)
        Output.progress(nil)
        Output.text(json ? ReportText.json(report) + "\n" : ReportText.table(report))
        guard report.verdict == .intact else { throw Failure.findings }
    }
}
