import VestigeCrypto
import VestigeInquiry
import VestigeTrail

/// A page of entries for people.
enum EntriesText {
    static func table(_ page: EntryPage, limit: Int? = nil) -> String {
        let notes = RedactedText.note(page.redacted) + PrunedText.note(page.pruned, page.since)
        guard !page.entries.isEmpty else { return "\(page.summary) entries\n" + notes }
        var table = Table([
            .number("seq"), .text("when (UTC)"), .text("who"), .text("from"), .text("action"), .text("record"), .text("status"),
            .text("purpose"), .text("page"),
        ])
        for entry in page.entries.prefix(limit ?? .max) { table.add(cells(entry)) }
        let shown = EntryPage.summary(
            first: page.first, count: min(page.entries.count, limit ?? .max), total: page.total, isExact: page.totalIsExact)
        return table.rendered() + "\(shown) entries, newest first\n" + notes
    }

    /// What the entries that match have, the most frequent first.
    static func facets(_ facets: EntryFacets) -> String {
        let lists = [("channels", facets.channels), ("events", facets.events), ("actions", facets.actions)]
        let lines = lists.map { name, values in
            (name, Optional(values.map { "\($0.code) \($0.count.grouped)" }.joined(separator: ", ")))
        }
        let note = facets.isComplete ? "" : "counted in the newest \(EntryFacets.placeCountMax.grouped) entries of the trail\n"
        return Facts.rendered(lines) + note
    }

    private static func cells(_ entry: OpenedEntry) -> [String?] {
        guard let header = entry.header else {
            return ["\(entry.seq)", entry.recordedAt.forPeople, entry.isRedacted ? "(redacted)" : "(pruned)", nil, nil, nil, nil, nil, nil]
        }
        return [
            "\(entry.seq)", header.occurredAt.forPeople, ActorText.name(entry), entry.actor?.ip, header.action, record(entry),
            header.status.rawValue, header.purpose, entry.page,
        ]
    }

    private static func record(_ entry: OpenedEntry) -> String? {
        guard let record = entry.header?.record else { return nil }
        if let id = entry.recordID { return "\(record.type)/\(id)" }
        if let tried = entry.tried { return "\(record.type)/\(tried) (unknown)" }
        if let handle = record.handle { return "\(record.type) @\(handle.hex.prefix(8))…" }
        return record.type
    }
}

/// What a list cannot show any more.
enum RedactedText {
    static func note(_ count: Int) -> String {
        guard count > 0 else { return "" }
        return
            "\(count.counted("entry of this trail was", "entries of this trail were")) redacted; what was in them cannot be told any more\n"
    }
}

/// What an answer cannot show any more since its time was over.
enum PrunedText {
    static func note(_ pruned: PrunedEntries, _ since: Timestamp?) -> String {
        guard pruned.concerns(since: since), let before = pruned.before else { return "" }
        return "entries of this trail from before \(before.forPeople) were pruned by retention; "
            + "what of them would stand here cannot be told any more\n"
    }
}
