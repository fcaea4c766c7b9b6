import VestigeCore
import VestigeCrypto
import VestigeTrail

/// The answer to "what did they look at?" as JSON: what `vestige viewed-by --json` prints and what the service answers.
package enum ReachJSON {
    package static func document(_ answer: ReachAnswer) -> [UInt8] {
        var writer = JSONWriter(capacity: 4096)
        writer.object { json in
            json.key("actor")
            ViewsJSON.write(answer.reference, to: &json)
            json.key("total")
            json.integer(Int64(answer.total))
            if answer.isErased { json.flag("erased", true) }
            json.pruned(answer.pruned, answer.since)
            json.key("people")
            json.array { list in for thing in answer.people { write(thing, to: &list) } }
            json.key("records")
            json.array { list in for thing in answer.records { write(thing, to: &list) } }
        }
        return writer.bytes
    }

    private static func write(_ touched: ReachAnswer.Touched, to json: inout JSONWriter) {
        json.object { json in
            switch touched.thing {
            case .person(let pseudonym):
                json.member("pseudonym", pseudonym.hex)
                if let slash = touched.name?.firstIndex(of: "/"), let name = touched.name {
                    json.member("type", String(name[..<slash]))
                    json.member("id", String(name[name.index(after: slash)...]))
                }
            case .record(let type, let id, let handle):
                json.member("type", type)
                json.member("id", id)
                json.member("handle", handle?.hex)
            }
            if touched.isErased { json.flag("erased", true) }
            json.key("shown")
            json.integer(Int64(touched.shown))
            json.key("refused")
            json.integer(Int64(touched.refused))
            json.member("first", touched.first.description)
            json.member("last", touched.last.description)
        }
    }
}
