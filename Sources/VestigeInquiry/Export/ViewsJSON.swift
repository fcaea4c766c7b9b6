import VestigeCore
import VestigeCrypto
import VestigeTrail

/// The answer to "who viewed this?" as JSON: what `vestige who-viewed --json` prints and what the service answers.
package enum ViewsJSON {
    package static func document(_ answer: ViewsAnswer) -> [UInt8] {
        var writer = JSONWriter(capacity: 4096)
        writer.object { json in
            json.key("record")
            write(answer.reference, to: &json)
            json.key("total")
            json.integer(Int64(answer.total))
            json.flag("total_exact", answer.totalIsExact)
            if answer.isErased { json.flag("erased", true) }
            if answer.redacted > 0 { json.number("redacted", answer.redacted) }
            json.pruned(answer.pruned, answer.since)
            json.key("views")
            json.array { list in for view in answer.views { write(view, to: &list) } }
            json.member("cursor", answer.cursor?.description)
        }
        return writer.bytes
    }

    private static func write(_ view: View, to json: inout JSONWriter) {
        let entry = view.entry
        json.object { json in
            json.key("seq")
            json.integer(Int64(entry.seq))
            json.member("id", entry.id.description)
            guard let header = entry.header else {
                json.flag(entry.isRedacted ? "redacted" : "pruned", true)
                return
            }
            json.member("occurred_at", header.occurredAt.description)
            json.member("action", header.action)
            json.member("status", header.status.rawValue)
            json.flag("direct", view.isDirect)
            json.key("actor")
            EntryJSON.writeViewer(entry, to: &json)
            json.member("page", entry.page)
            json.member("purpose", header.purpose)
            json.key("fields")
            json.array { list in for field in header.fields { list.string(field) } }
        }
    }

    static func write(_ reference: Reference, to json: inout JSONWriter) {
        json.object { json in
            switch reference {
            case .record(let type, let id):
                json.member("type", type)
                json.member("id", id)
            case .pseudonym(let pseudonym): json.member("pseudonym", pseudonym.hex)
            }
        }
    }
}
