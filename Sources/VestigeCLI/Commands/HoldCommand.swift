import ArgumentParser
import VestigeCore
import VestigeCrypto
import VestigeInquiry
import VestigeLocal
import VestigePolicy
import VestigeRights
import VestigeTrail

struct HoldCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hold", abstract: "Legal holds: while one stands, nothing of a person is destroyed.",
        discussion: """
            A hold covers a person, under all their identifiers and in both roles: erasing them is refused, and an acting key whose day has come \
            waits. A hold on a record that is nobody keeps its entries from being pruned; it keeps no person's key. Several cases may hold one \
            person; keys can be destroyed once each has released its own.
            """,
        subcommands: [HoldAddCommand.self, HoldReleaseCommand.self, HoldListCommand.self])

    static func target(_ text: String) throws -> HoldTarget {
        switch try Reference(text) {
        case .record(let type, let id): .named(type: type, id: id)
        case .pseudonym(let pseudonym): .pseudonym(pseudonym)
        }
    }
}

struct HoldAddCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "add", abstract: "Places a hold on a person or a record.")

    @Argument(help: ArgumentHelp("TYPE/ID of the person or record, or @PSEUDONYM of a person.", valueName: "thing"))
    var thing: String

    @Option(name: .customLong("case"), help: ArgumentHelp("The case that needs it. It stands in your own slot only.", valueName: "ref"))
    var caseReference: String

    @Option(name: .long, help: ArgumentHelp("The last day on which it holds, UTC; without one until it is released.", valueName: "date"))
    var until: String?

    @Option(name: .long, help: ArgumentHelp("Why. It stands in your own slot only: name nobody.", valueName: "text"))
    var because: String?

    @Flag(name: .long, help: "Print JSON.")
    var json = false

    @OptionGroup var why: PurposeOption
    @OptionGroup var location: PlaceOptions

    func run() async throws {
        let target = try HoldCommand.target(thing)
        let endsAt = try until.map { text throws(Failure) in
            guard let day = Timestamp(text + "T00:00:00.000000Z") else { throw .usage("--until: expected a day, such as 2026-12-31") }
            return day.adding(days: 1)
        }
        let hold = try await location.open { vestige in
            try await vestige.rights.hold(
                HoldOrder(
                    target, caseReference: caseReference, purpose: try why.code(of: vestige.policy), actor: Environment.account(),
                    endsAt: endsAt, because: because))
        }
        Output.text(json ? HoldText.json(hold) + "\n" : HoldText.table(hold))
    }
}

struct HoldReleaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "release", abstract: "Releases the hold of one case.",
        discussion: """
            The holds of other cases stand on. Where the case of a hold cannot be read any more, since whoever placed it was erased, --hold names \
            it by the id that `vestige hold list` shows, and --case is the case of the release.
            """)

    @Argument(help: ArgumentHelp("TYPE/ID of the person or record, or @PSEUDONYM.", valueName: "thing"))
    var thing: String

    @Option(name: .customLong("case"), help: ArgumentHelp("The case that placed it.", valueName: "ref"))
    var caseReference: String

    @Option(name: .long, help: ArgumentHelp("The hold itself, by its id.", valueName: "id"))
    var hold: String?

    @Option(name: .long, help: ArgumentHelp("A purpose that the policy declares (VESTIGE_PURPOSE), recorded if given.", valueName: "code"))
    var purpose: String?

    @Flag(name: .long, help: "Print JSON.")
    var json = false

    @OptionGroup var location: PlaceOptions

    func run() async throws {
        let target = try HoldCommand.target(thing)
        let id = try hold.map { text throws(Failure) in
            guard let id = EntryID(text) else { throw .usage("--hold: expected an id as `vestige hold list` shows it") }
            return id
        }
        let done = try await location.open { vestige in
            try await vestige.rights.release(
                HoldReleaseOrder(
                    target, caseReference: caseReference, hold: id, purpose: purpose ?? Environment.value("VESTIGE_PURPOSE"),
                    actor: Environment.account()))
        }
        Output.text(json ? HoldText.json(done) + "\n" : HoldText.table(done))
        if done.remaining > 0 {
            Output.hint("\(done.remaining.counted("other hold stands", "other holds stand")) on it: nothing of it is destroyed yet")
        }
    }
}

struct HoldListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "The holds that stand, who placed them and why. The question is recorded.")

    @Flag(name: .long, help: "Print JSON.")
    var json = false

    @OptionGroup var why: PurposeOption
    @OptionGroup var location: PlaceOptions

    func run() async throws {
        let holds = try await location.open { vestige in
            try await vestige.holds(asker: try why.asker(of: vestige.policy))
        }
        Output.text(json ? HoldText.json(holds) + "\n" : HoldText.table(holds))
    }
}
