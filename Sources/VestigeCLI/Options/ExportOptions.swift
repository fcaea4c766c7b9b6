import ArgumentParser
import VestigeInquiry
import VestigeLocal

/// How entries are taken out.
struct ExportOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp("Exports: what to open of what is sealed, actors,subjects (default: nothing, pseudonyms).", valueName: "parts"))
    var open: [String] = []

    @Option(name: .long, help: ArgumentHelp("Exports: write the manifest into this new file.", valueName: "file"))
    var manifest: String?

    @Option(name: .long, help: ArgumentHelp("Exports as syslog: your private enterprise number (IANA).", valueName: "n"))
    var enterprise: UInt32 = ExportSource.documentationEnterprise

    func check(_ format: EntryFormat) throws(Failure) {
        if format == .table, !open.isEmpty || manifest != nil {
            throw .usage("--open and --manifest go with exports; the table shows what you may see")
        }
        _ = try opening()
        if let manifest { try PrivateOutput.checkUnused(manifest) }
    }

    func opening() throws(Failure) -> Set<OpenedPart> {
        var parts: Set<OpenedPart> = []
        for word in open.flatMap({ $0.split(separator: ",") }) {
            guard let part = OpenedPart(rawValue: String(word)) else {
                throw .usage("--open: known are \(OpenedPart.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            parts.insert(part)
        }
        return parts
    }

    /// Bytes on stdout, what they hold on stderr.
    func run(_ order: ExportOrder, _ inquiry: Inquiry) async throws {
        let made = try await inquiry.export(order) { bytes in
            Output.bytes(bytes)
            Output.progress("exporting")
        }
        Output.progress(nil)
        if let manifest {
            try PrivateOutput.write(made.json, to: manifest, hint: "the export is whole; ask again for a manifest of its own")
        }
        Output.hint("exported \(made.summary)")
    }
}
