import ArgumentParser
import VestigeLocal
import VestigePolicy

struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Copies the trail, or the vault, while hosts go on recording. Never the keyring.",
        discussion: """
            The copy is checked and synced before it gets its name, which holds the time; a JSON file of the same name says what it is. An \
            entry is left each time. Nothing is overwritten: remove old copies yourself, those of the vault within the days that the policy \
            names under backups.
            """,
        subcommands: [TrailPart.self, VaultPart.self])

    struct TrailPart: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "trail", abstract: "Copies the trail, and verifies the copy.",
            discussion: """
                As of its newest checkpoint, with every older trail that it goes on from. The directory is outside of the data directory and \
                of this account alone (0700); it is made if its parent is there.
                """)

        @Argument(help: ArgumentHelp("Where to put it.", valueName: "dir"))
        var directory: String

        @Flag(name: .long, help: "Print JSON.")
        var json = false

        @OptionGroup var location: PlaceOptions

        func run() async throws {
            let backup = try await location.open { vestige in
                defer { Output.progress(nil) }
                return try await vestige.backUpTrail(to: directory, by: Environment.account()) {
                    Output.progress("\(Int($0).grouped) of \(Int($1).grouped) entries")
                }
            }
            Output.text(json ? BackupText.json(backup) + "\n" : BackupText.table(backup))
        }
    }

    struct VaultPart: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "vault", abstract: "Copies the vault, and opens the copy with today's keyring.",
            discussion: """
                It holds the keys of everybody, wrapped: with the keyring it opens everything, so keep the two apart. It is worth nothing \
                any more after the next rotation of the keys. Nobody new becomes known while it is copied.
                """)

        @Argument(help: ArgumentHelp("Where to put it.", valueName: "dir"))
        var directory: String

        @Flag(name: .long, help: "Print JSON.")
        var json = false

        @OptionGroup var location: PlaceOptions

        func run() async throws {
            let (backup, days) = try await location.open { vestige in
                (try await vestige.backUpVault(to: directory, by: Environment.account()), vestige.policy.backups.vault.days)
            }
            Output.text(json ? BackupText.json(backup) + "\n" : BackupText.table(backup))
            Output.hint(
                "destroy this copy within \(days) days, as the policy says; who is erased until then can be opened with it until the next rotation"
            )
        }
    }
}
