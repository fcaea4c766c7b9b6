import VestigeLocal
import VestigeTrail

/// Witnesses and what they answered, for people and for programs.
enum WitnessText {
    /// A line each, under the facts of `vestige status`.
    static func lines(_ standings: [WitnessStanding]) -> String {
        Facts.rendered(standings.map { ("witness \($0.witness.name)", said($0)) })
    }

    static func table(_ standings: [WitnessStanding]) -> String {
        guard !standings.isEmpty else { return "no witnesses\n" }
        var table = Table([
            .text("witness", upTo: 60), .text("address", upTo: 60), .number("cosigned"), .text("at", upTo: 20), .text("trouble", upTo: 120),
        ])
        for standing in standings {
            table.add([
                standing.witness.name, standing.witness.url, standing.size == 0 ? nil : "\(standing.size)", standing.cosignedAt?.forPeople,
                standing.trouble,
            ])
        }
        return table.rendered()
    }

    static func json(_ standings: [WitnessStanding]) -> String {
        var writer = JSONWriter()
        writer.object { $0.witnesses(standings) }
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    static func table(_ round: WitnessRound) -> String {
        Facts.rendered(
            [("size", "\(round.size)")] + round.outcomes.map { ($0.witness.name, message($0.outcome, size: round.size)) })
    }

    static func json(_ round: WitnessRound) -> String {
        var writer = JSONWriter()
        writer.object { json in
            json.number("size", Int(round.size))
            json.key("witnesses")
            json.array { list in
                for asked in round.outcomes {
                    list.object { json in
                        json.member("name", asked.witness.name)
                        json.member("outcome", code(asked.outcome))
                        json.member("message", message(asked.outcome, size: round.size))
                    }
                }
            }
        }
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    /// What everybody must hear of: a trail that is not the one a witness saw.
    static func alarms(_ round: WitnessRound) -> [String] {
        round.outcomes.compactMap { asked in
            guard case .refused(let refusal) = asked.outcome, refusal.isAlarm else { return nil }
            return "the witness \(asked.witness.name) \(refusal.message(size: round.size))"
        }
    }

    private static func code(_ outcome: WitnessOutcome) -> String {
        switch outcome {
        case .cosigned: "cosigned"
        case .refused(let refusal): refusal.code
        case .unreachable: "unreachable"
        }
    }

    private static func message(_ outcome: WitnessOutcome, size: UInt64) -> String {
        switch outcome {
        case .cosigned: "cosigned"
        case .refused(let refusal): refusal.message(size: size)
        case .unreachable(let why): "was not reached: \(why)"
        }
    }

    private static func said(_ standing: WitnessStanding) -> String {
        let cosigned = standing.size == 0 ? "has cosigned nothing yet" : "cosigned \(Int(clamping: standing.size).grouped) entries"
        let overdue =
            standing.isOverdue ? "; OVERDUE: nothing for over a day, though the trail has grown: run `vestige witness submit`" : ""
        return cosigned + (standing.cosignedAt.map { " at \($0.forPeople)" } ?? "") + overdue + (standing.trouble.map { "; \($0)" } ?? "")
    }
}
