import ArgumentParser
import VestigeLocal
import VestigeTrail

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "The trail's name, key and size, and how many people it knows.")

    @Flag(name: .long, help: "Print JSON.")
    var json = false

    @OptionGroup var location: PlaceOptions

    func run() async throws {
        let status = try await location.open { try await $0.status() }
        Output.text(json ? StatusText.json(status) + "\n" : StatusText.table(status))
    }
}

struct CheckpointCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "checkpoint", abstract: "Prints the newest signed checkpoint (C2SP tlog-checkpoint).",
        discussion: "Keep copies outside of this machine: without one the key holder can rewrite everything.")

    @OptionGroup var location: PlaceOptions

    func run() async throws {
        // Its own signature only: other lines of the row could be anybody's.
        Output.text(try await location.open { try await $0.trail.cosigned(try await $0.trail.checkpoint()) { [] } })
    }
}
