import ArgumentParser
import VestigeCore
import VestigeInquiry
import VestigeLocal
import VestigeRights
import VestigeTrail
import VestigeVault

struct PersonCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "person", abstract: "Ties a person's identifiers together; lets back in who returned.",
        subcommands: [LinkCommand.self, ReadmitCommand.self])

    /// - Throws: ``Failure`` for a pseudonym.
    static func subject(_ text: String) throws -> SubjectID {
        guard case .record(let type, let id) = try Reference(text) else {
            throw Failure.usage("a person is named by TYPE/ID here, not by pseudonym")
        }
        return try SubjectID(type: type, id: id)
    }

    static func text(_ subject: SubjectID) -> String { "\(subject.type)/\(subject.id)" }

    static func report(_ receipt: Receipt, identifiers: [SubjectID], json: Bool) {
        guard json else {
            var facts: [(name: String, value: String?)] = [("entry", "\(receipt.seq)")]
            if !identifiers.isEmpty { facts.append(("identifiers", identifiers.map(text).joined(separator: ", "))) }
            return Output.text(Facts.rendered(facts))
        }
        var writer = JSONWriter()
        writer.object { json in
            json.member("id", "\(receipt.id)")
            json.key("seq")
            json.integer(Int64(receipt.seq))
            json.member("identifiers", identifiers.map(Self.text))
        }
        Output.line(String(decoding: writer.bytes, as: UTF8.self))
    }
}

struct LinkCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "link", abstract: "Makes two identifiers one person, such as user/42 and login/ana@example.org.",
        discussion: """
            Both lead to one pseudonym, one key, one hold and one erasure from then on. It cannot be undone but by erasing the person. \
            Two identifiers under which acts were recorded already are two people to the vault, and refused.
            """)

    @Argument(help: ArgumentHelp("TYPE/ID of the person.", valueName: "a"))
    var first: String

    @Argument(help: ArgumentHelp("TYPE/ID of the same person.", valueName: "b"))
    var second: String

    @Option(name: .customLong("case"), help: ArgumentHelp("The case this belongs to.", valueName: "ref"))
    var caseReference: String?

    @Flag(name: .long, help: "Do it.")
    var yes = false

    @Flag(name: .long, help: "Print JSON.")
    var json = false

    @OptionGroup var location: PlaceOptions

    func run() async throws {
        let (a, b) = (try PersonCommand.subject(first), try PersonCommand.subject(second))
        guard yes else {
            throw Failure.usage("nothing was linked", hint: "give --yes to link; from then on one erasure erases both")
        }
        let linked = try await location.open { vestige in
            try await vestige.rights.link(a, b, caseReference: caseReference, by: Environment.account())
        }
        PersonCommand.report(linked.receipt, identifiers: linked.identifiers, json: json)
    }
}

struct ReadmitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "readmit", abstract: "Lets an erased person back in, who really returned, before their fence is over.",
        discussion: """
            What was erased stays erased: the next act about them begins with a new pseudonym and a new key. Only this identifier is let \
            in; others that were linked to it stay fenced.
            """)

    @Argument(help: ArgumentHelp("TYPE/ID of the person, such as user/42.", valueName: "person"))
    var person: String

    @Option(name: .customLong("case"), help: ArgumentHelp("The case this belongs to.", valueName: "ref"))
    var caseReference: String?

    @Flag(name: .long, help: "Do it.")
    var yes = false

    @Flag(name: .long, help: "Print JSON.")
    var json = false

    @OptionGroup var location: PlaceOptions

    func run() async throws {
        let subject = try PersonCommand.subject(person)
        guard yes else {
            throw Failure.usage("nobody was readmitted", hint: "give --yes to readmit; the next act about them mints a new key")
        }
        let receipt = try await location.open { vestige in
            try await vestige.rights.readmit(subject, caseReference: caseReference, by: Environment.account())
        }
        PersonCommand.report(receipt, identifiers: [], json: json)
    }
}
