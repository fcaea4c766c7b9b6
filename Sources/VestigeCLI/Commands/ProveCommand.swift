import ArgumentParser
import VestigeLocal
import VestigeTrail

struct ProveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prove", abstract: "Proves that an entry stands in the newest checkpoint (C2SP tlog-proof).",
        discussion: """
            With --json also the leaf and the bytes it commits to, in base64; header, payload and salts are null once the body is gone. \
            What is sealed in the payload stays sealed.
            """)

    @Argument(help: ArgumentHelp("The entry's place, from 0.", valueName: "seq"))
    var seq: UInt64

    @Option(name: .long, help: ArgumentHelp("Of this older trail, which the present one goes on from.", valueName: "n"))
    var trail: Int?

    @Flag(name: .long, help: "Print JSON.")
    var json = false

    @OptionGroup var location: PlaceOptions

    func run() async throws {
        let (entry, proof, checkpoint) = try await location.open { vestige in
            guard let trail else { return try await vestige.trail.proof(of: seq) }
            guard let older = vestige.older.first(where: { $0.number == trail }) else {
                throw LocalError.noSuchTrail(trail, known: vestige.older.map(\.number))
            }
            return try await older.trail.proof(of: seq)
        }
        let text = proof.text(checkpoint: checkpoint)
        guard json else { return Output.text(text) }
        var writer = JSONWriter(capacity: 4096)
        writer.object { EntryProof(entry, proof, checkpoint).write(to: &$0) }
        Output.line(String(decoding: writer.bytes, as: UTF8.self))
    }
}
