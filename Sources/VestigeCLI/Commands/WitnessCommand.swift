import ArgumentParser
import VestigeCore
import VestigeLocal

struct WitnessCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "witness", abstract: "Has others outside cosign the trail's checkpoints (C2SP tlog-witness).",
        discussion: """
            A witness signs a checkpoint only if everything it cosigned before is the beginning of it. So the key holder cannot rewrite what \
            a witness has seen, nor put an older copy back, without its noticing. Its operator must know the trail's origin and verifier key.
            """,
        subcommands: [Submit.self, Add.self, Remove.self, List.self])

    struct Submit: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shows the newest checkpoint to every witness and keeps what they sign. For cron.",
            discussion: """
                Exit 1 if one of them did not cosign. One that says that this trail is not the one it saw is an alarm: an entry \
                `trail.witness_refused` stands in the trail, and `vestige status` tells it. Requests are made by the program `curl`.
                """)

        @Flag(name: .long, help: "Print JSON.")
        var json = false

        @OptionGroup var location: PlaceOptions

        func run() async throws {
            let round = try await location.open { try await $0.submitToWitnesses(over: CurlTransport()) }
            Output.text(json ? WitnessText.json(round) + "\n" : WitnessText.table(round))
            for alarm in WitnessText.alarms(round) {
                Output.error(alarm)
                Output.hint(
                    "keep data directory and keyring as evidence, and run `vestige verify --against` with the last checkpoint outside")
            }
            guard round.isComplete else { throw Failure.findings }
        }
    }

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Shows checkpoints to one more witness. It becomes an entry.")

        @Argument(help: ArgumentHelp("The witness's verifier key, as its operator publishes it.", valueName: "vkey"))
        var vkey: String

        @Argument(help: ArgumentHelp("Its submission prefix: the address before /add-checkpoint.", valueName: "url"))
        var url: String

        @OptionGroup var location: PlaceOptions

        func run() async throws {
            let witness: Witness
            do {
                witness = try Witness(vkey: vkey, url: url)
            } catch {
                throw Failure.usage("\(error)")
            }
            let receipt = try await location.open { try await $0.addWitness(witness, by: Environment.account()) }
            Output.text(Facts.rendered([("witness", witness.name), ("address", witness.url), ("entry", "\(receipt.seq)")]))
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Asks a witness no more. What it cosigned stays. It becomes an entry.")

        @Argument(help: ArgumentHelp("Its name, or its verifier key.", valueName: "name"))
        var name: String

        @OptionGroup var location: PlaceOptions

        func run() async throws {
            let receipt = try await location.open { try await $0.removeWitness(named: name, by: Environment.account()) }
            Output.text(Facts.rendered([("witness", name), ("entry", "\(receipt.seq)")]))
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "The witnesses, and what each has cosigned last.")

        @Flag(name: .long, help: "Print JSON.")
        var json = false

        @OptionGroup var location: PlaceOptions

        func run() async throws {
            let standings = try await location.open { try await $0.witnesses() }
            Output.text(json ? WitnessText.json(standings) + "\n" : WitnessText.table(standings))
        }
    }
}
