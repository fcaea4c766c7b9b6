import VestigeCore
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

    static func json(_ answer: ViewsAnswer) -> String {
        var writer = JSONWriter(capacity: 4096)
        writer.object { json in
            json.key("record")
            json.reference(answer.reference)
            json.key("total")
            json.integer(Int64(answer.total))
            json.key("total_exact")
            json.boolean(answer.totalIsExact)
            if answer.isErased {
                json.key("erased")
                json.boolean(true)
            }
            if answer.redacted > 0 { json.number("redacted", answer.redacted) }
            PrunedText.write(answer.pruned, answer.since, to: &json)
            json.key("views")
            json.array { list in for view in answer.views { write(view, to: &list) } }
            json.member("cursor", answer.cursor?.description)
        }
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    private static func write(_ view: View, to json: inout JSONWriter) {
        let entry = view.entry
        json.object { json in
            json.key("seq")
            json.integer(Int64(entry.seq))
            json.member("id", entry.id.description)
            guard let header = entry.header else {
                json.key(entry.isRedacted ? "redacted" : "pruned")
                json.boolean(true)
                return
            }
            json.member("occurred_at", header.occurredAt.description)
            json.member("action", header.action)
            json.member("status", header.status.rawValue)
            json.key("direct")
            json.boolean(view.isDirect)
            json.key("actor")
            EntryJSON.writeViewer(entry, to: &json)
            json.member("page", entry.page)
            json.member("purpose", header.purpose)
            json.key("fields")
            json.array { list in for field in header.fields { list.string(field) } }
        }
    }
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

extension JSONWriter {
    mutating func reference(_ reference: Reference) {
        object { json in
            switch reference {
            case .record(let type, let id):
                json.member("type", type)
                json.member("id", id)
            case .pseudonym(let pseudonym): json.member("pseudonym", pseudonym.hex)
            }
        }
    }
}
