import VestigeCrypto
import VestigeInquiry
import VestigeTrail

/// Answers to "who viewed this?", for people and for programs.
enum ViewsText {
    static func table(_ answer: ViewsAnswer, limit: Int? = nil) -> String {
        if answer.isErased { return "erased: nothing is left under this id; what remains is found by @PSEUDONYM\n" }
        let notes = RedactedText.note(answer.redacted) + PrunedText.note(answer.pruned, answer.since)
        guard !answer.views.isEmpty else { return "0 views\n" + notes }
        var table = Table(ViewsText.columns)
        for view in answer.views.prefix(limit ?? .max) { table.add(cells(view)) }
        let shown = EntryPage.summary(
            first: answer.first, count: min(answer.views.count, limit ?? .max), total: answer.total, isExact: answer.totalIsExact)
        return table.rendered() + "\(shown) views, newest first\n" + notes
    }

    static let columns: [Table.Column] = [
        .number("seq"), .text("when (UTC)"), .text("who"), .text("from"), .text("action"), .text("status"), .text("direct"),
        .text("purpose"), .text("page"), .text("fields", upTo: 40),
    ]

    static func cells(_ view: View) -> [String?] {
        let entry = view.entry
        guard let header = entry.header else {
            return [
                "\(entry.seq)", entry.recordedAt.forPeople, entry.isRedacted ? "(redacted)" : "(pruned)", nil, nil, nil, nil, nil, nil, nil,
            ]
        }
        return [
            "\(entry.seq)", header.occurredAt.forPeople, ActorText.name(entry), entry.actor?.ip, header.action, header.status.rawValue,
            view.isDirect ? "yes" : "no", header.purpose, entry.page, header.fields.joined(separator: " "),
        ]
    }

    static func json(_ answer: ViewsAnswer) -> String { String(decoding: ViewsJSON.document(answer), as: UTF8.self) }
}

/// An actor in one cell.
enum ActorText {
    static func name(_ entry: OpenedEntry) -> String {
        guard let actor = entry.actor else { return "" }
        if actor.isErased {
            let handle = (actor.pseudonym ?? (actor.isSelf ? entry.subjects.first?.pseudonym : nil)).map { "@\($0.hex)" } ?? actor.type
            return "[erased] \(handle.prefix(13))…"
        }
        let known = [actor.name, actor.id.map { "(\(actor.type)/\($0))" }].compactMap { $0 }.joined(separator: " ")
        let name = known.isEmpty ? actor.type : known
        return actor.isSelf ? name + ", own" : name
    }
}
