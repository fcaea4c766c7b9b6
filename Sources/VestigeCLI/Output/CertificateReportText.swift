import VestigeCrypto
import VestigeRights
import VestigeTrail

/// The verdict on a certificate, for people and for programs.
enum CertificateReportText {
    static func text(_ report: CertificateReport) -> String {
        guard report.verdict == .intact, let certificate = report.certificate, let checkpoint = report.checkpoint else {
            var table = Table([.text("what"), .text("why it does not hold", upTo: 200)])
            for finding in report.findings { table.add([finding.kind.rawValue, finding.message]) }
            return Facts.rendered([("verdict", report.verdict.rawValue)]) + "\n" + table.rendered()
        }
        let entry = certificate.entry
        return Facts.rendered([
            ("verdict", report.verdict.rawValue),
            ("checkpoint", "of \(checkpoint.origin), \(Int(clamping: checkpoint.size).grouped) entries, signed by the key"),
            ("entry", "\(entry.seq), in the tree of that checkpoint, recorded \(certificate.completedAt.forPeople)"),
            (
                "header",
                entry.header == nil
                    ? "left out, since it names the pseudonym; the payload repeats what counts" : "as recorded, of this erasure"
            ),
            ("body", "SHA-256 \(sha256(certificate.body).hex), as the entry says"),
        ]) + "\n" + CertificateText.text(certificate)
    }

    static func json(_ report: CertificateReport) -> String {
        var writer = JSONWriter()
        writer.object { json in
            json.member("verdict", report.verdict.rawValue)
            if let checkpoint = report.checkpoint {
                json.member("origin", checkpoint.origin)
                json.number("size", Int(clamping: checkpoint.size))
                json.member("root", checkpoint.root.base64)
            }
            json.key("findings")
            json.array { list in
                for finding in report.findings {
                    list.object { json in
                        json.member("kind", finding.kind.rawValue)
                        json.member("message", finding.message)
                    }
                }
            }
            // Only what holds is repeated.
            if report.verdict == .intact, let certificate = report.certificate {
                json.number("seq", Int(clamping: certificate.entry.seq))
                json.member("recorded_at", certificate.completedAt.description)
                json.key("facts")
                json.raw(certificate.body)
            }
        }
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
