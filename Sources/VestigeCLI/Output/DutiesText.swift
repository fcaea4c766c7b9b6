import VestigeRights
import VestigeTrail

/// What was done of what was due, for people and for programs.
enum DutiesText {
    static let hint = "let it go on (kill -CONT) or end it, then run `vestige nightly`"

    static func table(_ duties: Duties) -> String {
        Facts.rendered([
            ("erasures finished", duties.finished.grouped), ("acting keys destroyed", duties.dueKeys.grouped),
            ("acting keys held", duties.heldKeys.grouped), ("holds ended", duties.holdsEnded.grouped),
            ("fences ended", duties.fencesEnded.grouped), ("case files ended", duties.filesEnded.grouped),
            ("redactions finished", duties.redactions.grouped), ("bodies pruned", duties.pruned.map { Int($0.entries).grouped }),
            ("due and held", duties.pruned.map { Int($0.held).grouped }),
            ("pruning waits for", duties.pruned?.waitsUntil.map(PruneText.waiting)),
        ])
    }

    static func json(_ duties: Duties) -> String {
        var writer = JSONWriter()
        writer.object { json in
            json.number("erasures_finished", duties.finished)
            json.number("acting_keys_destroyed", duties.dueKeys)
            json.number("acting_keys_held", duties.heldKeys)
            json.number("holds_ended", duties.holdsEnded)
            json.number("fences_ended", duties.fencesEnded)
            json.number("case_files_ended", duties.filesEnded)
            json.number("redactions_finished", duties.redactions)
            if let pruned = duties.pruned {
                json.number("pruned", Int(pruned.entries))
                json.number("pruning_held", Int(pruned.held))
                json.member("pruning_waits_until", pruned.waitsUntil?.description)
            }
            json.key("unanswered")
            json.array { list in for pid in duties.unanswered.sorted() { list.integer(Int64(pid)) } }
        }
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    static func unanswered(_ duties: Duties) -> String {
        let pids = duties.unanswered.sorted().map(String.init).joined(separator: ", ")
        return "process \(pids) did not say that it forgot a destroyed key; the erasure stays under way"
    }
}
