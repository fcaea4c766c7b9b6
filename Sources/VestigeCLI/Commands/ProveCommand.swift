import ArgumentParser
import VestigeLocal
import VestigeTrail

struct ProveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prove", abstract: "Proves that an entry, or an older state of the trail, stands in the newest checkpoint.",
        discussion: """
            An entry's proof is a C2SP tlog-proof. With --consistency it is shown instead that the first SIZE entries are still those they \
            were: "old SIZE", the hashes of RFC 6962 and the newest checkpoint, as in the body of a C2SP witness request. \
            With --json also the leaf and the bytes it commits to, in base64; header, payload and salts are null once the body is gone. \
            What is sealed in the payload stays sealed.
            """)

    @Argument(help: ArgumentHelp("The entry's place, from 0.", valueName: "seq"))
    var seq: UInt64?

    @Option(name: .long, help: ArgumentHelp("Prove that the trail still begins with what it was at this size.", valueName: "size"))
    var consistency: UInt64?

    @Option(name: .long, help: ArgumentHelp("Of this older trail, which the present one goes on from.", valueName: "n"))
    var trail: Int?

    @Flag(name: .long, help: "Print JSON.")
    var json = false

    @OptionGroup var location: PlaceOptions

    func validate() throws {
        guard (seq == nil) != (consistency == nil) else { throw ValidationError("give an entry's place, or --consistency and a size") }
    }

    func run() async throws {
        if let consistency { return try await prove(consistency: consistency) }
        guard let seq else { return }
        let (entry, proof, checkpoint) = try await location.open { try await asked($0).proof(of: seq) }
        let text = proof.text(checkpoint: checkpoint)
        guard json else { return Output.text(text) }
        var writer = JSONWriter(capacity: 4096)
        writer.object { EntryProof(entry, proof, checkpoint).write(to: &$0) }
        Output.line(String(decoding: writer.bytes, as: UTF8.self))
    }

    private func asked(_ vestige: LocalVestige) throws -> Trail {
        guard let trail else { return vestige.trail }
        guard let older = vestige.older.first(where: { $0.number == trail }) else {
            throw LocalError.noSuchTrail(trail, known: vestige.older.map(\.number))
        }
        return older.trail
    }

    private func prove(consistency old: UInt64) async throws {
        let (proof, checkpoint) = try await location.open { try await asked($0).consistencyProof(from: old) }
        let text = proof.text(checkpoint: checkpoint)
        guard json else { return Output.text(text) }
        var writer = JSONWriter(capacity: 4096)
        writer.object { json in
            json.number("old", Int(old))
            json.number("size", Int(checkpoint.size))
            json.member("proof", text)
        }
        Output.line(String(decoding: writer.bytes, as: UTF8.self))
    }
}
