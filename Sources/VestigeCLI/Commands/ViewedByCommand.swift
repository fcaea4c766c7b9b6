import ArgumentParser
import VestigeInquiry
import VestigeLocal

struct ViewedByCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "viewed-by", abstract: "What somebody looked at, and how often: the radius of a breach.",
        discussion: "People and records, most often looked at first. The question is recorded before its answer is shown.")

    @Argument(help: ArgumentHelp("TYPE/ID of the actor, such as user/7, or @PSEUDONYM.", valueName: "actor"))
    var actor: String

    @OptionGroup var window: WindowOptions

    @Flag(name: .long, help: "Print JSON.")
    var json = false

    @OptionGroup var asked: TrailOption
    @OptionGroup var why: PurposeOption
    @OptionGroup var file: CaseOption
    @OptionGroup var location: PlaceOptions

    func run() async throws {
        let reference = try Reference(actor)
        let since = try window.start()
        let until = try window.end()
        let answer = try await location.open { vestige in
            let asker = try why.asker(of: vestige.policy, for: file)
            return try await asked.inquiry(of: vestige).viewedBy(reference, since: since, until: until, asker: asker)
        }
        Output.text(json ? ReachText.json(answer) + "\n" : ReachText.table(answer))
    }
}
