import VestigeCrypto
import VestigeTrail

/// A verification's verdict, for people and for programs.
enum ReportText {
    /// - Parameter isCompared: whether checkpoints were given to compare with.
    static func table(_ report: TrailReport, isCompared: Bool = false) -> String {
        var text = Facts.rendered([
            ("verdict", verdict(report)), ("size", "\(report.head.size)"), ("root", report.head.root.base64),
            ("since", report.since == 0 ? nil : "entry \(report.since); nothing below it was looked at again"),
            ("consistent with", consistent(report, ifGiven: isCompared)),
            ("redacted", report.redacted == 0 ? nil : report.redacted.grouped),
            ("pruned", report.pruned == 0 ? nil : report.pruned.grouped),
        ])
        guard !report.findings.isEmpty else { return text }
        var table = Table([.number("entry"), .text("kind"), .text("what", upTo: 200)])
        for finding in report.findings { table.add([finding.seq.map(String.init), finding.kind.rawValue, finding.message]) }
        text += "\n" + table.rendered()
        return text
    }

    static func json(_ report: TrailReport, isCompared: Bool = false) -> String {
        var writer = JSONWriter()
        writer.object { json in
            json.member("verdict", verdict(report))
            json.key("size")
            json.integer(Int64(clamping: report.head.size))
            json.member("root", report.head.root.base64)
            if report.since > 0 {
                json.key("since")
                json.integer(Int64(clamping: report.since))
            }
            if isCompared {
                json.key("consistent")
                json.array { list in for size in report.consistent { list.integer(Int64(clamping: size)) } }
                if !report.consistentOlder.isEmpty {
                    json.key("consistent_older")
                    json.array { list in
                        for older in report.consistentOlder {
                            list.object { json in
                                json.number("trail", older.trail)
                                json.number("size", Int(clamping: older.size))
                            }
                        }
                    }
                }
            }
            if report.redacted > 0 { json.number("redacted", report.redacted) }
            if report.pruned > 0 { json.number("pruned", report.pruned) }
            json.key("findings")
            json.array { list in
                for finding in report.findings {
                    list.object { json in
                        json.member("kind", finding.kind.rawValue)
                        if let seq = finding.seq {
                            json.key("seq")
                            json.integer(Int64(clamping: seq))
                        }
                        json.member("message", finding.message)
                    }
                }
            }
        }
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    static func verdict(_ report: TrailReport) -> String {
        report.verdict == .intact ? "intact" : "broken"
    }

    static func progress(_ progress: VerificationProgress) -> String {
        switch progress {
        case .entries(let done, let all): "verifying: \(Int(clamping: done).grouped) of \(Int(clamping: all).grouped) entries"
        case .index: "verifying: the index by term"
        }
    }

    private static func consistent(_ report: TrailReport, ifGiven isCompared: Bool) -> String? {
        guard isCompared else { return nil }
        let sizes = report.consistent.map { "\($0)" } + report.consistentOlder.map { "\($0.size) of older trail \($0.trail)" }
        guard !sizes.isEmpty else { return nil }
        return (sizes.count == 1 ? "the checkpoint of size " : "the checkpoints of sizes ") + sizes.joined(separator: ", ")
    }
}
