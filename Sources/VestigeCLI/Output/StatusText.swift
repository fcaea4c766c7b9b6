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
            ] + (status.clockBehind.map { [("clock", "BEHIND the newest entry by \(Int($0).grouped) s: set it right")] } ?? [])
                + status.sinks.map { ("sink \($0.name)", SinkText.standing($0)) }
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

    static func json(_ status: LocalStatus) -> String { String(decoding: status.json, as: UTF8.self) }
}

extension JSONWriter {
    mutating func number(_ name: String, _ value: Int) {
        key(name)
        integer(Int64(value))
    }
}
