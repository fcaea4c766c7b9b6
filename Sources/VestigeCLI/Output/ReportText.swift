import VestigeCrypto
import VestigeTrail

/// A verification's verdict, for people and for programs.
enum ReportText {
    static func table(_ report: TrailReport) -> String {
        var text = Facts.rendered([
            ("verdict", verdict(report)), ("size", "\(report.head.size)"), ("root", report.head.root.base64),
            ("redacted", report.redacted == 0 ? nil : report.redacted.grouped),
            ("pruned", report.pruned == 0 ? nil : report.pruned.grouped),
        ])
        guard !report.findings.isEmpty else { return text }
        var table = Table([.number("entry"), .text("kind"), .text("what", upTo: 200)])
        for finding in report.findings { table.add([finding.seq.map(String.init), finding.kind.rawValue, finding.message]) }
        text += "\n" + table.rendered()
        return text
    }

    static func json(_ report: TrailReport) -> String {
        var writer = JSONWriter()
        writer.object { json in
            json.member("verdict", verdict(report))
            json.key("size")
            json.integer(Int64(report.head.size))
            json.member("root", report.head.root.base64)
            if report.redacted > 0 { json.number("redacted", report.redacted) }
            if report.pruned > 0 { json.number("pruned", report.pruned) }
            json.key("findings")
            json.array { list in
                for finding in report.findings {
                    list.object { json in
                        json.member("kind", finding.kind.rawValue)
                        if let seq = finding.seq {
                            json.key("seq")
                            json.integer(Int64(seq))
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
}
