import VestigeLocal
import VestigeTrail

/// A recovery, before and after, for people and for programs.
enum RecoveryText {
    static func plan(_ plan: RecoveryPlan) -> String {
        if plan.isGoingOn { return "would put the files of a recovery that was cut short into their places" }
        return "would go on from \(plan.source ?? ""), which has \(Int(plan.keptSize).grouped) entries; \(missing(plan)); the new trail is "
            + "\(plan.origin), under a new signing key and the policy \(plan.policy.prefix(12))…; what is left of \(plan.olderOrigin) stays as \(plan.olderFile)"
    }

    static func table(_ recovered: RecoveredTrail) -> String {
        let plan = recovered.plan
        return Facts.rendered([
            ("origin", plan.origin), ("verifier key", recovered.verifierKey),
            ("goes on from", "\(plan.olderOrigin), \(plan.olderFile) with \(Int(plan.keptSize).grouped) entries"),
            ("missing", missing(plan)),
            ("erasures carried out again", recovered.replayed.grouped), ("policy", plan.policy), ("kept as evidence", recovered.lostFile),
            ("went on", plan.isGoingOn ? "a recovery had been cut short" : nil),
        ])
    }

    static func hints(_ recovered: RecoveredTrail) -> [String] {
        var hints = [
            "note the new verifier key outside of this machine, make a new sealed copy of the keyring and new backups; keep the old verifier key",
            "ask what is left of the old trail with --trail \(recovered.plan.number - 1); nothing looks into both at once",
            "a policy adopted in the missing range is not in force: adopt it again with `vestige policy adopt FILE`",
        ]
        if !recovered.plan.missing.isEmpty {
            hints.append(
                "erasures of the missing range stand in the vault alone; if the vault was put back as well, erase again whom your case files name"
            )
        }
        return hints
    }

    static func json(_ recovered: RecoveredTrail) -> String {
        let plan = recovered.plan
        var writer = JSONWriter()
        writer.object { json in
            json.number("trail", plan.number)
            json.member("origin", plan.origin)
            json.member("vkey", recovered.verifierKey)
            json.key("older")
            json.object { json in
                json.number("trail", plan.number - 1)
                json.member("origin", plan.olderOrigin)
                json.member("file", plan.olderFile)
                json.number("size", Int(plan.keptSize))
            }
            json.number("missing_from", Int(plan.missing.lowerBound))
            json.number("missing_to", Int(plan.missing.upperBound))
            json.number("replayed", recovered.replayed)
            json.member("policy", plan.policy)
            json.member("lost", recovered.lostFile)
            json.flag("resumed", plan.isGoingOn)
        }
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    private static func missing(_ plan: RecoveryPlan) -> String {
        guard !plan.missing.isEmpty else { return "no entry is missing as far as the vault has seen" }
        return "entries \(plan.missing.lowerBound) to \(plan.missing.upperBound - 1) are missing, and what came after them, if anything"
    }
}
