import ArgumentParser
import VestigeLocal

struct RecoverCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recover", abstract: "Opens a new trail where the newest one is lost and only an older copy of it is left.",
        discussion: """
            The new trail's first entry says from which one it goes on and what is missing. What is left of the old one stays in the data \
            directory, is verified with it, asked with --trail, and its erasures are carried out again at each start. It needs the vault, as new \
            as there is, and the keyring; no command brings back a lost key-encryption key. Stop every host first. If it is cut short, ask again.
            """)

    @Option(name: .long, help: ArgumentHelp("The directory with backups of the trail.", valueName: "dir"))
    var from: String

    @Option(name: .customLong("case"), help: ArgumentHelp("The case this belongs to.", valueName: "ref"))
    var caseReference: String

    @Option(
        name: .long,
        help: ArgumentHelp(
            "The lost trail's verifier key, as `vestige status` printed it; needed if its signing key is lost too.", valueName: "key"))
    var vkey: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "A signed checkpoint that was kept elsewhere: it says how much there was, where the vault was put back too.", valueName: "file")
    )
    var against: [String] = []

    @Flag(name: .long, help: "Do it.")
    var yes = false

    @Flag(name: .long, help: "Print JSON.")
    var json = false

    @OptionGroup var location: PlaceOptions

    func run() async throws {
        let evidence = RecoveryEvidence(
            directory: from, checkpoints: try against.map(VerifyCommand.note), verifierKey: vkey)
        guard yes else {
            Output.hint(RecoveryText.plan(try await Vestige.planRecovery(location.place, from: evidence)))
            throw Failure.usage("nothing was recovered", hint: "give --yes to open the new trail; it cannot be undone")
        }
        let recovered = try await Vestige.recover(
            location.place, from: evidence, caseReference: caseReference, by: Environment.account())
        Output.text(json ? RecoveryText.json(recovered) + "\n" : RecoveryText.table(recovered))
        if !json { for hint in RecoveryText.hints(recovered) { Output.hint(hint) } }
    }
}
