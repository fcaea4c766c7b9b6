import VestigeLocal
import VestigeTrail

/// Numbers of a data directory, for people and for programs.
enum StatusText {
    static func table(_ status: LocalStatus) -> String {
        Facts.rendered(
            [
                ("origin", status.origin), ("verifier key", status.verifierKey), ("entries", Int(status.size).grouped),
                ("root", status.root), ("pruned", Int(status.prunedEntries).grouped),
                ("oldest kept", status.oldestKept.map { "entry \($0)" } ?? "none"), ("retention", retention(status.retention)),
                ("redacted", status.redacted.grouped),
                ("people", status.subjects.grouped), ("erased", status.erased.grouped), ("policy", status.policy),
                ("waiting in the spool", status.spoolWaiting.grouped),
            ] + status.sinks.map { ("sink \($0.name)", SinkText.standing($0)) }
                + status.older.map { ("older trail \($0.number)", "\(Int($0.size).grouped) entries, \($0.origin)\(missing($0))") })
            + WitnessText.lines(status.witnesses)
    }

    private static func retention(_ standing: RetentionStanding) -> String {
        let last = standing.lastRun.map { "last run \($0.forPeople)" } ?? "never ran"
        guard let overdue = standing.overdueSince else { return last }
        return "\(last); OVERDUE since \(overdue.forPeople): run `vestige nightly`"
    }

    private static func missing(_ older: LocalStatus.Older) -> String {
        older.missing.isEmpty ? "" : "; \(older.missing.lowerBound) to \(older.missing.upperBound - 1) and what came after are lost"
    }

    static func json(_ status: LocalStatus) -> String {
        var writer = JSONWriter()
        writer.object { json in
            json.member("origin", status.origin)
            json.member("vkey", status.verifierKey)
            json.number("size", Int(status.size))
            json.member("root", status.root)
            json.key("pruned")
            json.object { json in
                json.number("entries", Int(status.prunedEntries))
                json.key("oldest_kept")
                if let oldest = status.oldestKept { json.integer(Int64(oldest)) } else { json.null() }
            }
            json.key("retention")
            json.object { json in
                for (name, time) in [
                    ("last_run", status.retention.lastRun), ("overdue_since", status.retention.overdueSince),
                    ("next_run", status.retention.nextRun),
                ] {
                    json.key(name)
                    if let time { json.time(time) } else { json.null() }
                }
            }
            json.number("redacted", status.redacted)
            json.number("subjects", status.subjects)
            json.number("erased", status.erased)
            json.member("policy", status.policy)
            json.key("spool")
            json.object { $0.number("waiting", status.spoolWaiting) }
            if !status.witnesses.isEmpty { WitnessText.list(status.witnesses, &json) }
            if !status.sinks.isEmpty {
                json.key("sinks")
                json.array { list in for sink in status.sinks { write(sink, to: &list) } }
            }
            guard !status.older.isEmpty else { return }
            json.key("older")
            json.array { list in
                for older in status.older {
                    list.object { json in
                        json.number("trail", older.number)
                        json.member("origin", older.origin)
                        json.number("size", Int(older.size))
                        json.number("missing_from", Int(older.missing.lowerBound))
                        json.number("missing_to", Int(older.missing.upperBound))
                    }
                }
            }
        }
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    private static func write(_ sink: SinkStanding, to json: inout JSONWriter) {
        json.object { json in
            json.member("sink", sink.name)
            json.member("to", sink.destination)
            json.number("next", Int(clamping: sink.next))
            json.number("lag_entries", Int(clamping: sink.lagEntries))
            json.number("lag_seconds", Int(sink.lagSeconds))
            json.member("confirmed_at", sink.confirmedAt?.description)
        }
    }
}

extension JSONWriter {
    mutating func number(_ name: String, _ value: Int) {
        key(name)
        integer(Int64(value))
    }
}
