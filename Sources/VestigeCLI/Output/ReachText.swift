import VestigeCrypto
import VestigeInquiry
import VestigeTrail

/// Answers to "what was viewed by them?", for people and for programs.
enum ReachText {
    static func table(_ answer: ReachAnswer, limit: Int? = nil) -> String {
        if answer.isErased { return "erased: nothing is left under this id; what remains is found by @PSEUDONYM\n" }
        guard answer.total > 0 else { return "0 looks\n" + PrunedText.note(answer.pruned, answer.since) }
        // A person's own record is the person: the table names them once.
        let people = Set(answer.people.map(\.thing))
        let records = answer.records.filter { record in
            guard case .record(_, _, let handle?) = record.thing else { return true }
            return !people.contains(.person(handle))
        }
        var text =
            "\(answer.total.counted("look", "looks")) at \(answer.people.count.counted("person", "people")) "
            + "and \(records.count.counted("other record", "other records"))\n"
        for (title, things) in [("person", answer.people), ("record", records)] where !things.isEmpty {
            var table = Table([
                .text(title), .number("shown"), .number("refused"), .text("first (UTC)"), .text("last (UTC)"),
            ])
            for thing in things.prefix(limit ?? .max) {
                table.add([name(thing), "\(thing.shown)", "\(thing.refused)", thing.first.forPeople, thing.last.forPeople])
            }
            text += "\n" + table.rendered()
            if let limit, things.count > limit { text += "and \((things.count - limit).grouped) more\n" }
        }
        text += PrunedText.note(answer.pruned, answer.since)
        return text
    }

    private static func name(_ touched: ReachAnswer.Touched) -> String {
        switch touched.thing {
        case .person(let pseudonym): touched.isErased ? "[erased] @\(pseudonym.hex)" : touched.name ?? "@\(pseudonym.hex)"
        case .record(let type, let id, let handle): touched.name ?? "\(type)/\(id ?? handle.map { "@\($0.hex)" } ?? "")"
        }
    }

    static func json(_ answer: ReachAnswer) -> String {
        var writer = JSONWriter(capacity: 4096)
        writer.object { json in
            json.key("actor")
            json.reference(answer.reference)
            json.key("total")
            json.integer(Int64(answer.total))
            if answer.isErased { json.flag("erased", true) }
            PrunedText.write(answer.pruned, answer.since, to: &json)
            json.key("people")
            json.array { list in for thing in answer.people { write(thing, to: &list) } }
            json.key("records")
            json.array { list in for thing in answer.records { write(thing, to: &list) } }
        }
        return String(decoding: writer.bytes, as: UTF8.self)
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
