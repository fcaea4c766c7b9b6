import ArgumentParser
import VestigeInquiry
import VestigeLocal

struct WhoViewedCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "who-viewed", abstract: "Who viewed this person or record, newest first.",
        discussion: """
            For a person: every entry that disclosed them, whatever its status; direct when the record was theirs. For another record: \
            its entries. Somebody erased is asked for as @PSEUDONYM. The question is recorded before its answer is shown.
            """)

    @Argument(help: ArgumentHelp("TYPE/ID, such as user/42, or @PSEUDONYM.", valueName: "record"))
    var record: String

    @OptionGroup var window: WindowOptions
    @OptionGroup var page: PageOptions

    @Flag(name: .long, help: "Include questions to the trail itself.")
    var withAudit = false

    @Flag(name: .long, help: "Print JSON.")
    var json = false

    @OptionGroup var asked: TrailOption
    @OptionGroup var why: PurposeOption
    @OptionGroup var file: CaseOption
    @OptionGroup var location: PlaceOptions

    func run() async throws {
        var question = ViewsQuestion(try Reference(record), withAudit: withAudit)
        question.since = try window.start()
        question.until = try window.end()
        question.limit = try page.count(1...10_000)
        question.cursor = try page.after()
        let answer = try await location.open { [question] vestige in
            let asker = try why.asker(of: vestige.policy, for: file)
            return try await asked.inquiry(of: vestige).whoViewed(question, asker: asker)
        }
        Output.text(json ? ViewsText.json(answer) + "\n" : ViewsText.table(answer))
        if let cursor = answer.cursor, !json { Output.hint("more with --cursor \(cursor)") }
    }
}
