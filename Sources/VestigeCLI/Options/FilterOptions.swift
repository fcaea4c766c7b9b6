import ArgumentParser
import VestigeInquiry

/// What to look for. Every option is a name and value for the one parser of filters.
struct FilterOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("Acts of this actor: TYPE/ID or @PSEUDONYM.", valueName: "actor"))
    var actor: [String] = []

    @Option(name: .long, help: ArgumentHelp("user, system, api, external or anonymous.", valueName: "codes"))
    var actorType: [String] = []

    @Option(name: .long, help: ArgumentHelp("Acts on this record: TYPE/ID or @PSEUDONYM.", valueName: "record"))
    var record: [String] = []

    @Option(name: .long, help: ArgumentHelp("Acts that concern this person: TYPE/ID or @PSEUDONYM.", valueName: "subject"))
    var subject: [String] = []

    @Option(name: .long, help: ArgumentHelp("Channels, such as pii-read or auth,security.", valueName: "codes"))
    var channel: [String] = []

    @Option(name: .long, help: ArgumentHelp("Events, such as read,exported.", valueName: "codes"))
    var event: [String] = []

    @Option(name: .long, help: ArgumentHelp("Actions, such as pii.read.user.", valueName: "codes"))
    var action: [String] = []

    @Option(name: .long, help: ArgumentHelp("success, failure, warning or in_progress.", valueName: "codes"))
    var status: [String] = []

    @Option(
        name: .long,
        help: ArgumentHelp("Purposes of the entries; --purpose says why you ask.", valueName: "codes"))
    var forPurpose: [String] = []

    @Option(name: .long, help: ArgumentHelp("From this day or moment on, UTC.", valueName: "time"))
    var from: String?

    @Option(name: .long, help: ArgumentHelp("Up to the end of this day, or before this moment.", valueName: "time"))
    var to: String?

    @Option(name: .long, help: ArgumentHelp("A word in what stands in clear: action, record, fields, description.", valueName: "text"))
    var text: [String] = []

    @Option(
        name: .long,
        help: ArgumentHelp("Any filter by its name: \(EntryFilter.names.joined(separator: ", ")).", valueName: "name=value"))
    var filter: [String] = []

    func pairs() throws(Failure) -> [(name: String, value: String)] {
        var pairs: [(name: String, value: String)] = []
        let lists = [
            ("actor", actor), ("actor_type", actorType), ("record", record), ("subject", subject), ("channel", channel), ("event", event),
            ("action", action),
            ("status", status), ("purpose", forPurpose), ("from", from.map { [$0] } ?? []), ("to", to.map { [$0] } ?? []),
            ("text", text),
        ]
        for (name, values) in lists { pairs += values.map { (name, $0) } }
        for given in filter {
            guard let equals = given.firstIndex(of: "=") else { throw .usage("--filter: expected NAME=VALUE") }
            pairs.append((String(given[..<equals]), String(given[given.index(after: equals)...])))
        }
        return pairs
    }
}
