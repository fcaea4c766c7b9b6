import ArgumentParser
import VestigeCore
import VestigeInquiry
import VestigeLocal
import VestigeTrail

struct EntriesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "entries", abstract: "Searches the trail, or exports what matches, newest first.",
        discussion: """
            A filter given twice, or with commas, asks for any of its values; different filters must all match. The table shows one page; \
            json, csv and ndjson are exports: all that matches, and an entry of their own in the trail.
            """)

    @OptionGroup var filters: FilterOptions

    @Option(name: .long, help: ArgumentHelp("table, json, csv or ndjson.", valueName: "format"))
    var format: String = EntryFormat.table.rawValue

    @Flag(name: .long, help: "The same as --format json.")
    var json = false

    @OptionGroup var page: PageOptions
    @OptionGroup var asked: TrailOption
    @OptionGroup var why: PurposeOption
    @OptionGroup var location: PlaceOptions

    func run() async throws {
        guard let format = json ? .json : EntryFormat.ofLists.first(where: { $0.rawValue == format }) else {
            throw Failure.usage("--format: known are \(EntryFormat.ofLists.map(\.rawValue).joined(separator: ", "))")
        }
        let pairs = try filters.pairs()
        let filter = try EntryFilter(pairs)
        try await location.open { vestige in
            let asker = try why.asker(of: vestige.policy)
            if format == .table {
                try await show(filter, try asked.inquiry(of: vestige), asker)
            } else {
                try await export(filter, pairs, as: format, try asked.inquiry(of: vestige), asker)
            }
        }
    }

    private func show(_ filter: EntryFilter, _ inquiry: Inquiry, _ asker: Asker) async throws {
        let answer = try await inquiry.entries(filter, limit: try page.count(1...10_000), cursor: page.cursor, asker: asker)
        Output.text(EntriesText.table(answer))
        if let cursor = answer.cursor { Output.hint("more with --cursor \(cursor)") }
    }

    private func export(
        _ filter: EntryFilter, _ pairs: [(name: String, value: String)], as format: EntryFormat, _ inquiry: Inquiry, _ asker: Asker
    ) async throws {
        if page.cursor != nil { throw Failure.usage("--cursor goes with the table; an export takes everything that matches") }
        if let limit = page.limit, limit < 1 { throw Failure.usage("--limit: expected 1 or more") }
        var document = ExportDocument(
            format: format, exportedAt: LocalVestige.systemClock(), exportedBy: asker.actor.id ?? "", filters: pairs,
            checkpoint: try await inquiry.checkpoint())
        var isBegun = false
        let summary = try await inquiry.export(filter, format: format, limit: page.limit, asker: asker) { batch in
            if !isBegun { Output.bytes(document.head()) }
            isBegun = true
            Output.bytes(document.batch(batch))
            Output.progress("exporting")
        }
        if !isBegun { Output.bytes(document.head()) }
        Output.progress(nil)
        Output.bytes(document.tail(count: summary.count, total: summary.total, isTruncated: summary.isTruncated))
    }
}
