import VestigeCrypto

/// An entry by itself; its place in the tree is seen to when the parts are joined.
extension TrailVerifier {
    static let olderThanBelow = "recorded before the entry below it"

    mutating func check(_ entry: StoredEntry, _ row: IndexRow?) {
        guard let leaf = Leaf(decoding: entry.leaf) else { return add(.leaf, seq: entry.seq, "the leaf is not a leaf of this version") }
        if leaf.recordedAt < lastRecordedAt { add(.leaf, seq: entry.seq, TrailVerifier.olderThanBelow) }
        lastRecordedAt = leaf.recordedAt
        if firstRecorded == nil { firstRecorded = (entry.seq, leaf.recordedAt) }
        if let redaction = entry.redactedBy { redactions.note(entry, by: redaction) }
        guard let body = entry.body else {
            if entry.redactedBy == nil { retention.noteBodiless(entry.seq) }
            if row != nil { add(.index, seq: entry.seq, "an index row stands for an entry without a body") }
            return
        }
        let payload = try? Payload(decoding: body.payload)
        let isSound = leaf.commits(to: .payload, salt: body.payloadSalt, bytes: body.payload)
        if !isSound {
            add(.payload, seq: entry.seq, "payload or its salt is not what was recorded")
        } else if payload == nil {
            add(.payload, seq: entry.seq, "the payload cannot be read")
        }
        guard leaf.commits(to: .header, salt: body.headerSalt, bytes: body.header) else {
            return add(.header, seq: entry.seq, "header or its salt is not what was recorded")
        }
        guard let header = TrailVerifier.soundHeader(of: leaf, body) else {
            return add(.header, seq: entry.seq, "the header cannot be read, or is of another entry")
        }
        if row != IndexRow(seq: entry.seq, header: header) {
            add(.index, seq: entry.seq, row == nil ? "the index row is missing" : "the index row says something else than the header")
        }
        for term in Term.all(of: header) { terms.add(TermPlace(term: term, seq: entry.seq)) }
        if isSound, let payload {
            redactions.note(header, payload, seq: entry.seq)
            retention.note(header, payload, seq: entry.seq, recordedAt: leaf.recordedAt)
        }
    }

    /// The header, if it is what was recorded of this entry.
    static func soundHeader(of entry: StoredEntry) -> Header? {
        guard let leaf = Leaf(decoding: entry.leaf), let body = entry.body,
            leaf.commits(to: .header, salt: body.headerSalt, bytes: body.header)
        else { return nil }
        return soundHeader(of: leaf, body)
    }

    /// The same where the leaf was found to commit to the header's bytes.
    private static func soundHeader(of leaf: Leaf, _ body: StoredEntry.Body) -> Header? {
        guard let header = try? Header(decoding: body.header), header.id == leaf.id else { return nil }
        return header
    }
}
