import VestigeCore
import VestigeCrypto
import VestigeInquiry
import VestigeLocal
import VestigeRights
import VestigeTrail
import VestigeVault

/// Holds, for people and for programs.
enum HoldText {
    static func table(_ hold: Hold) -> String {
        Facts.rendered([("hold", "\(hold.id)"), ("entry", "\(hold.seq)"), ("until", lastDay(of: hold) ?? "released")])
    }

    static func table(_ done: HoldRelease) -> String {
        Facts.rendered([
            ("released", done.released.map { "\($0.id)" }.joined(separator: ", ")),
            ("entry", done.seqs.map { "\($0)" }.joined(separator: ", ")), ("other holds on it", done.remaining.grouped),
        ])
    }

    static func table(_ holds: [ListedHold]) -> String {
        guard !holds.isEmpty else { return "0 holds\n" }
        var table = Table([
            .number("entry"), .text("since (UTC)"), .text("until"), .text("on"), .text("case"), .text("by"), .text("because"),
            .text("hold"),
        ])
        for listed in holds {
            table.add([
                place(of: listed.hold), listed.hold.since.forPeople, lastDay(of: listed.hold), name(listed), listed.entry.caseReference,
                ActorText.name(listed.entry), listed.entry.justification, "\(listed.hold.id)",
            ])
        }
        return table.rendered() + holds.count.counted("hold", "holds") + " standing, oldest first\n"
    }

    static func json(_ hold: Hold) -> String {
        string { json in write(hold, to: &json) }
    }

    static func json(_ done: HoldRelease) -> String {
        string { json in
            json.key("released")
            json.array { list in for hold in done.released { list.string("\(hold.id)") } }
            json.key("seqs")
            json.array { list in for seq in done.seqs { list.integer(Int64(seq)) } }
            json.number("remaining", done.remaining)
        }
    }

    static func json(_ holds: [ListedHold]) -> String {
        string { json in
            json.key("holds")
            json.array { list in
                for listed in holds {
                    list.object { json in
                        write(listed.hold, to: &json)
                        json.key("on")
                        json.object { write(listed, to: &$0) }
                        json.member("case", listed.entry.caseReference)
                        json.key("by")
                        EntryJSON.writeViewer(listed.entry, to: &json)
                        json.member("because", listed.entry.justification)
                    }
                }
            }
        }
    }

    private static func write(_ hold: Hold, to json: inout JSONWriter) {
        json.member("hold", "\(hold.id)")
        json.key("seq")
        json.integer(Int64(hold.seq))
        if let trail = hold.trail { json.number("trail", trail) }
        json.member("since", hold.since.description)
        json.member("until", lastDay(of: hold))
    }

    private static func write(_ listed: ListedHold, to json: inout JSONWriter) {
        switch listed.hold.thing {
        case .person(let pseudonym):
            json.member("pseudonym", pseudonym.hex)
            json.member("type", listed.person?.type)
            json.member("id", listed.person?.id)
        case .record(let record):
            json.member("type", record.type)
            json.member("id", record.id)
            json.member("handle", record.handle?.hex)
        }
    }

    private static func name(_ listed: ListedHold) -> String {
        switch listed.hold.thing {
        case .person(let pseudonym): listed.person.map(PersonCommand.text) ?? "@\(pseudonym.hex)"
        case .record(let record): "\(record.type)/\(record.id ?? record.handle.map { "@\($0.hex)" } ?? "")"
        }
    }

    /// In an older trail it is asked for with `--trail`.
    private static func place(of hold: Hold) -> String {
        "\(hold.seq)" + (hold.trail.map { " of trail \($0)" } ?? "")
    }

    /// The last whole day, as it was given.
    private static func lastDay(of hold: Hold) -> String? {
        hold.endsAt.map { Timestamp.date(fromDays: Int($0.day) - 1) }
    }

    private static func string(_ members: (inout JSONWriter) -> Void) -> String {
        var writer = JSONWriter()
        writer.object(members)
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
