import ArgumentParser
import VestigeLocal
import VestigeVault

struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "Rotates the key-encryption key or the signing key, or shows which ones there are.",
        subcommands: [Rotate.self, Status.self])

    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Puts everything in the vault under a new key-encryption key and destroys the old one. It cannot be undone.",
            discussion: """
                With --signing it is the signing key that changes: checkpoints are signed by a new one from then on, under the same origin. \
                An entry says so, one checkpoint is signed by both and printed, and the old key is destroyed. Give the new verifier key to \
                whoever follows the trail, witnesses first. Without --signing: \
                Backups of the vault from before become worthless, which is what makes erasure reach them: take a new backup of the vault \
                and a new sealed copy of the keyring right afterwards. Other processes may go on recording meanwhile. If it is cut short, \
                ask again: it goes on where it stopped.
                """)

        @Flag(name: .long, help: "Change the signing key instead.")
        var signing = false

        @Flag(name: .long, help: "Do it.")
        var yes = false

        @Flag(name: .long, help: "Print JSON.")
        var json = false

        @OptionGroup var location: PlaceOptions

        func run() async throws {
            if signing { return try await rotateSigningKey() }
            let done = try await location.open { vestige in
                guard yes else {
                    Output.hint(plan(try await vestige.keyStatus()))
                    throw Failure.usage("nothing was rotated", hint: "give --yes to rotate; it cannot be undone")
                }
                let done: KeyRotation
                do {
                    done = try await vestige.rotateKeys(by: Environment.account()) { Output.progress(KeysText.progress($0)) }
                } catch {
                    Output.progress(nil)
                    throw error
                }
                Output.progress(nil)
                return done
            }
            Output.text(json ? KeysText.json(done) + "\n" : KeysText.table(done))
            if !json { Output.hint("older backups of the vault open no more: make a new one now, and a new sealed copy of the keyring") }
        }

        private func rotateSigningKey() async throws {
            guard yes else {
                Output.hint(
                    "would sign checkpoints with a new key and destroy the old one; witnesses and whoever else follows the trail must be given the new verifier key"
                )
                throw Failure.usage("nothing was rotated", hint: "give --yes to rotate; it cannot be undone")
            }
            let done = try await location.open { try await $0.rotateSigningKey(by: Environment.account()) }
            Output.text(json ? KeysText.json(done) + "\n" : KeysText.table(done))
            if !json {
                Output.hint("give the new verifier key to witnesses and followers, and make a new sealed copy of the keyring")
            }
        }

        private func plan(_ status: KeyStatus) -> String {
            let what =
                status.isRotating
                ? "would go on with the rotation to key \(status.current): \(status.rowsLeft.counted("row is", "rows are")) left"
                : "would put every key and pseudonym of the vault under a new key-encryption key"
            return what
                + ", then destroy the old one; backups of the vault from before become worthless, which is what makes erasure reach them"
        }
    }

    struct Status: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Which key-encryption keys vault and keyring have, and how much of a rotation is left.")

        @Flag(name: .long, help: "Print JSON.")
        var json = false

        @OptionGroup var location: PlaceOptions

        func run() async throws {
            let status = try await location.open { try await $0.keyStatus() }
            Output.text(json ? KeysText.json(status) + "\n" : KeysText.table(status))
            if !json {
                Output.hint(
                    "if key \(status.current) is lost, everything sealed and the tie from people to pseudonyms are lost for good: keep a sealed copy of the keyring apart from the data, made after the last rotation"
                )
            }
            if status.isRotating { Output.hint("a rotation is under way; `vestige keys rotate --yes` finishes it") }
        }
    }
}
