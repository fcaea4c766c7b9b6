/// The end of a run of retention, as its entry `retention.pruned` says: the bodies of every plan below it are gone, but for those that an entry
/// `retention.spared` names.
///
/// | detail | |
/// |---|---|
/// | `plans`, `entries` | how many plans were carried out, and how many bodies went by them |
/// | `spared` | how many of their bodies stayed, since a hold was placed after the plan; left out if none |
/// | `total` | how many bodies went since the trail began |
/// | `cutoff` | the latest cutoff of all plans since then; left out if there was none |
public struct PruningMark: Sendable, Equatable {
    public let seq: UInt64
    public let recordedAt: Timestamp
    public let plans: Int64
    public let entries: Int64
    /// Bodies that went since the trail began, by this and every earlier run.
    public let total: UInt64
    /// The latest cutoff of all plans so far: what was recorded from here on is all there, unless it was redacted.
    public let cutoff: Timestamp?

    /// What a header, held against its leaf, says; `nil` if it is no such end.
    init?(_ header: Header, seq: UInt64, recordedAt: Timestamp) {
        guard header.action == RetentionPlan.doneAction, header.channel == RetentionPlan.channel,
            case .integer(let plans)? = header.details["plans"], case .integer(let entries)? = header.details["entries"],
            case .integer(let rawTotal)? = header.details["total"], let total = UInt64(exactly: rawTotal)
        else { return nil }
        self.seq = seq
        self.recordedAt = recordedAt
        self.plans = plans
        self.entries = entries
        self.total = total
        if case .time(let time)? = header.details["cutoff"] { cutoff = time } else { cutoff = nil }
    }
}

/// What retention took of a trail.
public struct PrunedEntries: Sendable, Equatable {
    public let count: UInt64
    /// Everything that was recorded from here on is there, unless it was redacted; `nil` if nothing was taken.
    public let before: Timestamp?

    /// Whether an answer about what happened from `since` on may lack something of it.
    public func concerns(since: Timestamp?) -> Bool {
        guard let before else { return false }
        return since.map { $0 < before } ?? true
    }
}

/// Bodies that a plan named and that stay all the same, as an entry `retention.spared` says: a hold was placed after the plan.
///
/// Its first clear item: `{"from":316,"runs":[1,20,1]}`, as in a plan.
package enum SparedPlaces {
    package static let action = "retention.spared"

    package static func encode(_ places: SeqRuns) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.key("from")
            json.integer(Int64(clamping: places.first ?? 0))
            json.key("runs")
            json.array { list in for length in places.lengths { list.integer(Int64(clamping: length)) } }
        }
        return json.bytes
    }

    /// What a header and payload, both held against their leaf, say; `nil` if they spare nothing.
    static func places(_ header: Header, _ payload: Payload, seq: UInt64) -> SeqRuns? {
        guard header.action == action, header.channel == RetentionPlan.channel,
            let item = payload.items.first(where: { $0.kind == .clear })
        else { return nil }
        return (try? decode(item.bytes, below: seq)) ?? nil
    }

    private static func decode(_ bytes: [UInt8], below end: UInt64) throws(TrailError) -> SeqRuns? {
        var json = JSONCursor(bytes)
        try json.expect(0x7B)
        guard json.member("from"), let from = UInt64(exactly: try json.integer()), json.member("runs") else { throw json.refuse("from") }
        var lengths: [UInt64] = []
        try json.array { (json: inout JSONCursor) throws(TrailError) in
            guard let length = UInt64(exactly: try json.integer()) else { throw json.refuse("a length") }
            lengths.append(length)
        }
        try json.expect(0x7D)
        guard json.isAtEnd else { throw json.refuse("the end") }
        return SeqRuns(from: from, lengths: lengths, below: end)
    }
}
