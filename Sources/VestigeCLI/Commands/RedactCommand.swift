import ArgumentParser
import VestigeCore
import VestigeLocal
import VestigePolicy
import VestigeRights
import VestigeTrail

struct RedactCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "redact", abstract: "Removes single entries' bodies before their time, on a data protection officer's decision.",
        discussion: """
            Header, payload and everything in the index go, for good: the way back when something personal got into a header. The leaf, its place \
            and its proof stay, the trail still verifies, and an entry of its own says which places were redacted, by whom and for which case. \
            What Vestige itself wrote cannot be redacted, questions (audit) apart. Backups and exports are not reached.
            """)

    @Argument(help: ArgumentHelp("The entries' places.", valueName: "seq"))
    var seqs: [UInt64]

    @Option(name: .customLong("case"), help: ArgumentHelp("The case this belongs to. It stands in your own slot only.", valueName: "ref"))
    var caseReference: String

    @Flag(name: .long, help: "Do it.")
    var yes = false

    @Flag(name: .long, help: "Print JSON.")
    var json = false

    @OptionGroup var why: PurposeOption
    @OptionGroup var location: PlaceOptions

    func run() async throws {
        let done = try await location.open { vestige in
            let purpose = try why.code(of: vestige.policy)
            guard yes else {
                throw Failure.usage(
                    "nothing was redacted",
                    hint: "give --yes to remove \(Set(seqs).count.counted("entry's body", "entries' bodies")); it cannot be undone")
            }
            return try await vestige.redact(
                RedactionOrder(seqs, caseReference: caseReference, purpose: purpose, actor: Environment.account()))
        }
        Output.text(json ? RedactText.json(done) + "\n" : RedactText.table(done))
        if !done.isWiped {
            throw Failure.refused(
                "the bodies are gone from the trail, and somebody who reads an older state keeps their bytes in its log for now",
                hint: "run `vestige nightly` once they are done; it empties the log")
        }
    }
}

/// What a redaction did, for people and for programs.
enum RedactText {
    static func table(_ done: RedactionDone) -> String {
        Facts.rendered([
            ("redacted", done.seqs.map { "\($0)" }.joined(separator: ", ")), ("entry", "\(done.receipt.seq)"),
            ("left in a file", done.isWiped ? "nothing" : "in trail.sqlite-wal, for now"),
        ])
    }

    static func json(_ done: RedactionDone) -> String {
        var writer = JSONWriter()
        writer.object { json in
            json.key("redacted")
            json.array { list in for seq in done.seqs { list.integer(Int64(seq)) } }
            json.member("id", "\(done.receipt.id)")
            json.key("seq")
            json.integer(Int64(done.receipt.seq))
            json.key("wiped")
            json.boolean(done.isWiped)
        }
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
