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

    static func json(_ answer: ReachAnswer) -> String { String(decoding: ReachJSON.document(answer), as: UTF8.self) }
}
