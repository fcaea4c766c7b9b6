import ArgumentParser
import Foundation
import VestigeCore
import VestigeInquiry
import VestigeLocal
import VestigeTrail

struct EntriesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "entries", abstract: "Searches the trail, or exports what matches, newest first.",
        discussion: """
            What to look for is given as text (actor:user/7 event:read,exported from:2026-05-01 "annual report"), by options, or both. \
            A filter given twice, or with commas, asks for any of its values; different filters, and every word of text, must all match. \
            The table shows one page; every other format is an export: all that matches, and an entry of its own in the trail. An export \
            holds pseudonyms unless --open says what to open; on stderr it says how much it holds and whether it is complete.
            """)

    @Argument(
        help: ArgumentHelp("Qualifiers and words: \(EntryFilter.names.joined(separator: ", ")) with a colon, and text.", valueName: "query")
    )
    var words: [String] = []

    @Option(name: .long, help: ArgumentHelp("The same as one text.", valueName: "text"))
    var query: String?

    @OptionGroup var filters: FilterOptions

    @Option(name: .long, help: ArgumentHelp("table, json, csv, ndjson, ocsf, ecs, cef or syslog.", valueName: "format"))
    var format: String = EntryFormat.table.rawValue

    @Flag(name: .long, help: "The same as --format json.")
    var json = false

    @Flag(name: .long, help: "With the table: also the channels, events and actions of what matches, with their counts.")
    var facets = false

    @OptionGroup var export: ExportOptions
    @OptionGroup var page: PageOptions
    @OptionGroup var asked: TrailOption
    @OptionGroup var why: PurposeOption
    @OptionGroup var file: CaseOption
    @OptionGroup var location: PlaceOptions

    func run() async throws {
        guard let format = json ? .json : EntryFormat.ofLists.first(where: { $0.rawValue == format }) else {
            throw Failure.usage("--format: known are \(EntryFormat.ofLists.map(\.rawValue).joined(separator: ", "))")
        }
        let given = try EntryFilter(try filters.pairs())
        try export.check(format)
        let cursor = try page.after()
        try await location.open { vestige in
            let asker = try why.asker(of: vestige.policy, for: file)
            var filter = given
            for text in [query].compactMap({ $0 }) + (words.isEmpty ? [] : [words.joined(separator: " ")]) {
                try filter.add(query: text, by: vestige.policy)
            }
            let inquiry = try asked.inquiry(of: vestige)
            if format == .table {
                try await show(filter, inquiry, asker, cursor)
            } else {
                if cursor != nil { throw Failure.usage("--cursor goes with the table; an export takes everything that matches") }
                if let limit = page.limit, limit < 1 { throw Failure.usage("--limit: expected 1 or more") }
                let order = ExportOrder(
                    filter, format: format, limit: page.limit, opening: try export.opening(), asker: asker,
                    source: vestige.exportSource(enterprise: export.enterprise), at: LocalVestige.systemClock())
                try await export.run(order, inquiry)
            }
        }
    }

    private func show(_ filter: EntryFilter, _ inquiry: Inquiry, _ asker: Asker, _ cursor: EntryCursor?) async throws {
        let answer = try await inquiry.entries(
            filter, limit: try page.count(1...10_000), cursor: cursor, withFacets: facets, asker: asker)
        Output.text(EntriesText.table(answer))
        if facets {
            if let counts = answer.facets {
                Output.text(EntriesText.facets(counts))
            } else {
                Output.hint("--facets counts by the index, which knows no text; ask without words")
            }
        }
        if let cursor = answer.cursor { Output.hint("more with --cursor \(cursor)") }
    }
}
