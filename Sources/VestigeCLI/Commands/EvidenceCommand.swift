import ArgumentParser
import Foundation
import VestigeInquiry
import VestigeLocal
import VestigePaper
import VestigeRights

struct EvidenceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evidence", abstract: "Takes out a period as a pack that an auditor can check without this program.",
        discussion: """
            A ZIP file with the entries (NDJSON and CSV, opened as far as you may see), each with the proof that it stands in the trail, \
            checkpoint, policy and verifier key, a summary as PDF, and a script that checks it all with Python alone. Taking it out is an \
            entry, and a second one holds the SHA-256 of the pack's manifest. It holds personal data in clear: it is readable by your account only. Built with the package trait EvidencePacks.
            """)

    @Option(name: .long, help: ArgumentHelp("From this day or moment on, UTC.", valueName: "time"))
    var from: String

    @Option(name: .long, help: ArgumentHelp("Up to the end of this day, or before this moment.", valueName: "time"))
    var to: String

    @Option(name: .long, help: ArgumentHelp("Only acts on this record: TYPE/ID or @PSEUDONYM.", valueName: "record"))
    var record: String?

    @Option(name: .long, help: ArgumentHelp("Only acts that concern this person: TYPE/ID or @PSEUDONYM.", valueName: "subject"))
    var subject: String?

    @Option(name: .shortAndLong, help: ArgumentHelp("The file to make; it must not be there yet.", valueName: "file"))
    var output: String

    @OptionGroup var why: PurposeOption
    @OptionGroup var location: PlaceOptions

    func run() async throws {
        #if EvidencePacks
            try await make()
        #else
            throw Failure.refused(
                "this build makes no evidence packs; nothing was taken out",
                hint: "install libpango1.0-dev, libzip-dev and a font, then build with `swift build --traits EvidencePacks`")
        #endif
    }

    #if EvidencePacks
        private func make() async throws {
            let from = try EntryFilter.time(from, filter: "from", isEnd: false)
            let to = try EntryFilter.time(to, filter: "to", isEnd: true)
            guard from < to else { throw Failure.usage("--to is before --from; nothing was taken out") }
            guard !FileManager.default.fileExists(atPath: output) else {
                throw Failure.usage("the output file is there already; nothing was taken out, name another one")
            }
            let (record, subject) = (try record.map { try Reference($0) }, try subject.map { try Reference($0) })
            // Beside the pack, so that it gets its name in one step; nobody else may look into it.
            let folder = output + ".\(UUID().uuidString).part"
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
            defer { try? FileManager.default.removeItem(atPath: folder) }
            let summary = try await location.open { vestige in
                let asker = try why.asker(of: vestige.policy)
                let order = EvidenceOrder(from: from, to: to, record: record, subject: subject, asker: asker)
                return try await vestige.evidence.write(order, into: folder) { summary in
                    try PDF.draw(EvidencePaper.summary(summary), to: folder + "/summary.pdf", created: summary.madeAt.description)
                    return ["summary.pdf"]
                }
            }
            let name = URL(fileURLWithPath: output).deletingPathExtension().lastPathComponent
            let members = summary.fileNames.map {
                ZIPArchive.Member(name: "\(name)/\($0)", path: "\(folder)/\($0)")
            }
            let pack = folder + "/pack"
            try ZIPArchive.make(members, at: pack, time: Int(summary.madeAt.microseconds / 1_000_000))
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: pack)
            try FileManager.default.moveItem(atPath: pack, toPath: output)
            Output.text(Facts.rendered(EvidencePaper.facts(summary).map { ($0.name, $0.value) }))
            if !summary.isComplete { throw Failure.refused("the pack is not complete: not every entry that matches stands in it") }
        }
    #endif
}
