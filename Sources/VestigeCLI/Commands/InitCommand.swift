import ArgumentParser
import VestigeCore
import VestigeLocal
import VestigePolicy
import VestigeTrail

struct InitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Makes keyring, vault and trail, and adopts a policy as the trail's first entry.",
        discussion: """
            The data directory must be empty or not there yet. Keep copies of the keyring apart from copies of the data: whoever has \
            both can open everything, and without the keyring nothing can be opened again.
            """)

    @Option(name: .long, help: ArgumentHelp("The policy to adopt.", valueName: "file"))
    var policy: String

    @Option(name: .long, help: ArgumentHelp("The trail's name in checkpoints (default: vestige.local/<trail id>).", valueName: "name"))
    var origin: String?

    @Flag(name: .long, help: "Print JSON.")
    var json = false

    @OptionGroup var location: PlaceOptions

    func run() async throws {
        let policy = try Vestige.readPolicy(policy)
        for warning in policy.warnings { Output.hint("\(warning)") }
        let place = location.place
        let vestige = try await Vestige.create(place, policy: policy, origin: origin, by: Environment.account())
        let status = try await vestige.status()
        try await vestige.close()
        if json {
            var writer = JSONWriter()
            writer.object { json in
                json.member("data", place.data)
                json.member("keyring", place.keyring)
                json.member("origin", status.origin)
                json.member("vkey", status.verifierKey)
                json.member("policy", status.policy)
            }
            Output.line(String(decoding: writer.bytes, as: UTF8.self))
        } else {
            Output.text(
                Facts.rendered([
                    ("data", place.data), ("keyring", place.keyring), ("origin", status.origin), ("verifier key", status.verifierKey),
                    ("policy", status.policy),
                ]))
        }
        Output.hint("back up \(place.keyring) apart from the data, and note the verifier key outside of this machine")
        Output.hint(
            "without kek-00000001 nothing that is sealed can ever be opened again, and no command brings it back: seal a copy now and prove that it opens"
        )
    }
}
