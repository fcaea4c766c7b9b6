import VestigeCore
import VestigeCrypto
import VestigeInquiry
import VestigePaper
import VestigeRights
import VestigeTrail

/// What an evidence pack holds, in words.
enum EvidencePaper {
    static func facts(_ summary: EvidenceSummary) -> [PaperDocument.Fact] {
        let facts: [PaperDocument.Fact] = [
            .init("log", summary.origin),
            .init("period", "\(summary.order.from) to before \(summary.order.to)"),
            .init("entries", "\(summary.entryCount)"),
            .init("without body", summary.bodilessCount > 0 ? "\(summary.bodilessCount) (leaves verify; why is not proven)" : "0"),
            .init("sealed parts", "in \(summary.sealedCount) (erased, or not yours to see)"),
            .init("complete", summary.isComplete ? "yes, every entry that matches" : "NO"),
            .init("checkpoint", "size \(summary.checkpoint.size), root \(summary.checkpoint.root.base64)"),
            .init("verifier key", summary.verifierKey),
        ]
        // Made after the summary is drawn, which the manifest names.
        guard let receipt = summary.receipt else { return facts }
        return facts + [.init("receipt", "entry \(receipt.seq) of the log holds the SHA-256 of manifest.json")]
    }

    static func summary(_ summary: EvidenceSummary) -> PaperDocument {
        var paper = PaperDocument(title: "Evidence from an access log", foot: summary.origin)
        let asked: [PaperDocument.Fact] = [
            .init("made", summary.madeAt.description),
            .init("by", summary.order.asker.actor.id ?? summary.order.asker.actor.kind.rawValue),
            .init("purpose", summary.order.asker.purpose),
            .init("policy", "SHA-256 \(summary.policyDigest.hex)"),
        ]
        paper.blocks.append(.facts(facts(summary) + asked))
        for (heading, counts) in [
            ("Channels", summary.byChannel), ("Actions", summary.byAction), ("Purposes", summary.byPurpose), ("Outcomes", summary.byStatus),
        ] where !counts.isEmpty {
            paper.blocks.append(.heading(heading))
            paper.blocks.append(.facts(counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { .init($0.key, "\($0.value)") }))
        }
        paper.blocks.append(.heading("Files"))
        paper.blocks.append(.facts(summary.parts.map { .init($0.name, "\($0.byteCount) bytes, SHA-256 \($0.sha256.hex)") }))
        paper.blocks.append(.heading("How to check it"))
        paper.blocks.append(.paragraph("In the folder of the pack, with Python 3.9 or later and without a network:"))
        paper.blocks.append(.code("python3 -I verify.py --key '\(summary.verifierKey)'"))
        paper.blocks.append(
            .paragraph(
                "Compare the key with one that you had by another way, use a verify.py that you had by another way, and compare checkpoint.txt with "
                    + "a checkpoint that you or a witness kept. receipt.json shows that the log holds what manifest.json says. README.txt says what "
                    + "this proves, what is the operator's word, and what is neither."))
        if !summary.lines.isEmpty {
            let rest = summary.entryCount - summary.bodilessCount - summary.lines.count
            paper.blocks.append(.heading(rest > 0 ? "The newest \(summary.lines.count) entries" : "Entries"))
            paper.blocks.append(.paragraph(summary.lines.joined(separator: "\n")))
            if rest > 0 { paper.blocks.append(.paragraph("and \(rest) more in entries.csv")) }
        }
        return paper
    }
}
