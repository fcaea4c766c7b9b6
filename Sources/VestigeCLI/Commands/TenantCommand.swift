import ArgumentParser
import Foundation
import VestigeLocal
import VestigeTrail

struct TenantCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tenant", abstract: "Several trails behind one service, each with its own policy, vault, keys and credentials.",
        discussion: """
            A tenant is a data directory below --tenants, its keyring beside it. Every other command works on one by --data \
            TENANTS/NAME; `vestige serve --tenants` answers for all of them, and a credential belongs to one.
            """, subcommands: [TenantCreateCommand.self, TenantListCommand.self, TenantRemoveCommand.self])
}

/// Where the tenants are.
struct TenantsOption: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("The directory of the tenants (VESTIGE_TENANTS).", valueName: "dir"))
    var tenants: String?

    func all() throws(Failure) -> Tenants {
        guard let directory = tenants ?? Environment.value("VESTIGE_TENANTS") else {
            throw .usage("--tenants is missing; nothing was done", hint: "give the directory of the tenants, or set VESTIGE_TENANTS")
        }
        return Tenants(directory: directory)
    }
}

struct TenantCreateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Makes a tenant's keyring, vault and trail, and adopts its policy.")

    @Argument(help: ArgumentHelp("Lower-case letters, digits and hyphens.", valueName: "name"))
    var name: String

    @Option(name: .long, help: ArgumentHelp("The policy to adopt.", valueName: "file"))
    var policy: String

    @Option(name: .long, help: ArgumentHelp("The trail's name in checkpoints (default: vestige.local/<trail id>).", valueName: "name"))
    var origin: String?

    @OptionGroup var location: TenantsOption

    func run() async throws {
        let place = try location.all().place(of: name)
        let policy = try Vestige.readPolicy(policy)
        for warning in policy.warnings { Output.hint("\(warning)") }
        try location.all().make()
        let vestige = try await Vestige.create(place, policy: policy, origin: origin, by: Environment.account())
        let status = try await vestige.status()
        try await vestige.close()
        Output.text(
            Facts.rendered([
                ("tenant", name), ("data", place.data), ("keyring", place.keyring), ("origin", status.origin),
                ("verifier key", status.verifierKey), ("policy", status.policy),
            ]))
        Output.hint("back up \(place.keyring) apart from the data; a service that runs already knows the tenant after its next start")
    }
}

struct TenantListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "Shows the tenants.")

    @Flag(name: .long, help: "Print JSON.")
    var json = false

    @OptionGroup var location: TenantsOption

    func run() async throws {
        let names = try location.all().names()
        guard json else { return Output.text(names.isEmpty ? "0 tenants\n" : names.map { $0 + "\n" }.joined()) }
        var writer = JSONWriter()
        writer.object { json in
            json.key("tenants")
            json.array { list in for name in names { list.string(name) } }
        }
        Output.line(String(decoding: writer.bytes, as: UTF8.self))
    }
}

struct TenantRemoveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Destroys a tenant for good: its keys first, then its trail, vault and desk.",
        discussion: """
            Refused while a legal hold stands or a process has the tenant open. Prints the last checkpoint, which is all that is left. \
            What was sealed opens nowhere any more, backups included, unless a copy of the keyring was kept. A removal that is cut short \
            leaves NAME.removing, which nobody opens; the same command finishes it.
            """)

    @Argument(help: ArgumentHelp("As `vestige tenant list` shows it.", valueName: "name"))
    var name: String

    @Flag(name: .long, help: "Do it.")
    var yes = false

    @OptionGroup var location: TenantsOption

    func run() async throws {
        let tenants = try location.all()
        let place = try tenants.place(of: name)
        guard try place.isHalfRemoved || tenants.names().contains(name) else {
            throw Failure.usage("there is no such tenant; nothing was done", hint: "`vestige tenant list`")
        }
        guard yes else {
            throw Failure.usage(
                "this destroys every key of the tenant and all of its data, and nothing brings them back; nothing was done",
                hint: "take a last `vestige backup` and a copy of the checkpoint first, then repeat it with --yes")
        }
        if place.isHalfRemoved {
            try place.finishRemoval()
            // A new tenant of that name is not what was to be removed.
            return Output.text("removed what an earlier removal of \(name) had left\n")
        }
        let vestige = try await Vestige.open(place, keyring: nil)
        let checkpoint: String
        do {
            checkpoint = try await vestige.remove()
        } catch {
            try? await vestige.close()
            throw error
        }
        Output.text("removed \(name); its last checkpoint:\n\n\(checkpoint)")
    }
}
