/// Bodies that are removed before their time on somebody's decision, as the entry `retention.redacted` says.
///
/// The entry comes first and is durable before any body goes. What it names stands in its first clear item: `{"seqs":[3,17]}`, ascending, each
/// below the entry's own place.
public struct Redaction: Sendable, Equatable {
    public static let action = "retention.redacted"
    /// The channel of what only Vestige writes.
    public static let channel = "compliance"
    /// Places in one redaction.
    public static let countMax = 1_000

    /// The entry that decides.
    public let entry: EntryID
    public let seq: UInt64
    public let decidedAt: Timestamp
    /// Ascending, never empty.
    public let seqs: [UInt64]

    /// What a header and payload, both held against their leaf, say; `nil` if they are no redaction.
    init?(_ header: Header, _ payload: Payload, seq: UInt64) {
        guard header.action == Redaction.action, header.channel == Redaction.channel,
            let item = payload.items.first(where: { $0.kind == .clear }), let seqs = try? Redaction.decode(item.bytes),
            !seqs.isEmpty, zip(seqs, seqs.dropFirst()).allSatisfy({ $0 < $1 }), seqs.allSatisfy({ $0 < seq })
        else { return nil }
        entry = header.id
        self.seq = seq
        decidedAt = header.occurredAt
        self.seqs = seqs
    }

    /// The clear item of a redaction's entry.
    package static func encode(_ seqs: [UInt64]) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.key("seqs")
            json.array { list in for seq in Set(seqs).sorted() { list.integer(Int64(clamping: seq)) } }
        }
        return json.bytes
    }

    private static func decode(_ bytes: [UInt8]) throws(TrailError) -> [UInt64] {
        var json = JSONCursor(bytes)
        var seqs: [UInt64] = []
        try json.expect(0x7B)
        guard json.member("seqs") else { throw json.refuse("seqs") }
        try json.array { (json: inout JSONCursor) throws(TrailError) in
            guard let seq = UInt64(exactly: try json.integer()) else { throw json.refuse("a place") }
            seqs.append(seq)
        }
        try json.expect(0x7D)
        guard json.isAtEnd else { throw json.refuse("the end") }
        return seqs
    }
}
