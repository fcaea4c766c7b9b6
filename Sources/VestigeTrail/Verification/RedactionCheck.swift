import VestigeCrypto

/// Redactions held against what stands: every row of the `redactions` table must be one that an entry decided, and every decision carried out.
///
/// Decisions come after the bodies they name, so what is missing can be judged at the end only.
struct RedactionCheck: Sendable {
    private struct Row: Sendable {
        let entry: Bytes16
        let hasBody: Bool
    }

    private var rows: [UInt64: Row] = [:]
    /// Which entries decided about a place.
    private var decisions: [UInt64: [Redaction]] = [:]

    /// Bodies that are gone because an entry decided it.
    private(set) var redactedCount = 0

    /// An entry with a row, whether its body is there or not.
    mutating func note(_ entry: StoredEntry, by redaction: Bytes16) {
        rows[entry.seq] = Row(entry: redaction, hasBody: entry.body != nil)
    }

    /// What was noted of the entries that follow these.
    mutating func add(_ next: RedactionCheck) {
        rows.merge(next.rows) { _, new in new }
        decisions.merge(next.decisions, uniquingKeysWith: +)
    }

    func knows(_ seq: UInt64) -> Bool { rows[seq] != nil }

    /// A body that holds what its leaf committed to.
    mutating func note(_ header: Header, _ payload: Payload, seq: UInt64) {
        guard let redaction = Redaction(header, payload, seq: seq) else { return }
        for place in redaction.seqs { decisions[place, default: []].append(redaction) }
    }

    /// What does not fit, lowest place first.
    ///
    /// - Parameters:
    ///   - hasBody: whether a place that no row names has one.
    ///   - later: the redaction with this id, if it was decided while the trail was walked.
    mutating func findings(hasBody: (UInt64) throws -> Bool, later: (Bytes16) throws -> Redaction?) rethrows -> [TrailFinding] {
        var findings: [TrailFinding] = []
        for (seq, row) in rows.sorted(by: { $0.key < $1.key }) {
            var isDecided = decisions[seq]?.contains { $0.entry.bytes == row.entry } ?? false
            if !isDecided { isDecided = try later(row.entry)?.seqs.contains(seq) ?? false }
            switch (isDecided, row.hasBody) {
            case (true, false): redactedCount += 1
            case (true, true): findings.append(TrailFinding(.redaction, seq: seq, "redacted, and its body is still there"))
            case (false, false):
                findings.append(
                    TrailFinding(.missing, seq: seq, "the body is gone; a row calls it redacted, and no entry of the trail does"))
            case (false, true):
                findings.append(TrailFinding(.redaction, seq: seq, "a row calls it redacted, and no entry of the trail does"))
            }
        }
        for (seq, by) in decisions.sorted(by: { $0.key < $1.key }) where rows[seq] == nil {
            let decider = by.map { "\($0.seq)" }.joined(separator: ", ")
            // Without a body it is found as missing by whoever walks the trail.
            guard try hasBody(seq) else { continue }
            findings.append(
                TrailFinding(
                    .redaction, seq: seq,
                    "entry \(decider) redacts it, and its body is still there: open the trail, or run `vestige nightly`"))
        }
        return findings
    }
}
