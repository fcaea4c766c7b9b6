import ArgumentParser
import VestigeLocal
import VestigeServer
import VestigeTrail

struct TokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token", abstract: "Credentials of the query service.",
        discussion: """
            A token is shown once, when it is made; kept is its hash, with role, expiry and a pseudonym of its holder, so that it ends with the \
            holder's key. Making and revoking one are entries.
            """, subcommands: [TokenCreateCommand.self, TokenListCommand.self, TokenRevokeCommand.self])
}

struct TokenCreateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "create", abstract: "Makes a token and prints it.")

    @Option(name: .long, help: ArgumentHelp("A role of the policy's access.roles, or self.", valueName: "role"))
    var role: String

    @Option(
        name: .customLong("for"),
        help: ArgumentHelp(
            "Who holds it: KIND/ID of an actor, such as user/7 or api/billing; for the role self the person's TYPE/ID.", valueName: "holder"
        ))
    var holder: String

    @Option(name: .long, help: ArgumentHelp("For how many days, 1 to \(TokenOrder.daysMax).", valueName: "n"))
    var days: Int = TokenOrder.daysStandard

    @Option(name: .long, help: ArgumentHelp("Good only from here, such as 10.0.0.0/8; may be given several times.", valueName: "range"))
    var address: [String] = []

    @Option(name: .long, help: ArgumentHelp("Requests a minute (default: the service's limit).", valueName: "n"))
    var perMinute: Int?

    @Flag(name: .long, help: "Print JSON.")
    var json = false

    @OptionGroup var location: PlaceOptions

    func run() async throws {
        var order = TokenOrder(role: role, holder: holder)
        order.days = days
        order.addresses = address
        order.perMinute = perMinute
        let (token, secret) = try await location.open { [order] in try await $0.tokens.create(order, by: Environment.account()) }
        guard json else {
            Output.line(secret)
            return Output.hint("token \(token.id): keep it where programs keep their secrets; it is not shown again")
        }
        var writer = JSONWriter()
        writer.object { json in
            json.member("token", secret)
            json.key("about")
            token.write(to: &json, at: LocalVestige.systemClock())
        }
        Output.line(String(decoding: writer.bytes, as: UTF8.self))
    }
}

struct TokenListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Shows the tokens that were made, the newest first; who holds them only as a pseudonym.")

    @Flag(name: .long, help: "Print JSON.")
    var json = false

    @OptionGroup var location: PlaceOptions

    func run() async throws {
        let now = LocalVestige.systemClock()
        let tokens = try await location.open { try await $0.tokens.list() }.sorted { ($0.created, $0.id) > ($1.created, $1.id) }
        guard !json else {
            var writer = JSONWriter()
            writer.object { json in
                json.key("tokens")
                json.array { list in for token in tokens { token.write(to: &list, at: now) } }
            }
            return Output.line(String(decoding: writer.bytes, as: UTF8.self))
        }
        guard !tokens.isEmpty else { return Output.line("0 tokens") }
        var table = Table([
            .text("token"), .text("state"), .text("role"), .text("holder"), .text("created (UTC)"), .text("expires (UTC)"),
            .text("last used (UTC)"),
        ])
        for token in tokens {
            table.add([
                token.id, token.state(at: now), token.role, "\(token.kind)/@\(token.holder)", Self.time(token.created),
                Self.time(token.expires),
                token.lastUsed.map(Self.time),
            ])
        }
        Output.text(table.rendered())
    }

    private static func time(_ microseconds: Int64) -> String { Timestamp(microseconds: microseconds).forPeople }
}

struct TokenRevokeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke", abstract: "Makes a token worthless, at once and in every process.")

    @Argument(help: ArgumentHelp("As `vestige token list` shows it.", valueName: "token"))
    var id: String

    @OptionGroup var location: PlaceOptions

    func run() async throws {
        try await location.open { try await $0.tokens.revoke(id, by: Environment.account()) }
        Output.line("revoked \(id)")
    }
}
