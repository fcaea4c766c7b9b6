public import VestigeCrypto

/// Bodies that go because their time is over, as the entry `retention.planned` says: the plan comes first and is durable before any body goes.
///
/// Its first clear item: `{"cutoff":"…Z","channels":["auth"],"count":46,"sha256":"…","from":316,"runs":[14,2,32]}`. From place 316 on 14 go, 2 stay,
/// 32 go; `sha256` is over these places as eight bytes each, big-endian. All of them were recorded before `cutoff`, which is at least
/// ``floorDays`` days before the plan was recorded.
public struct RetentionPlan: Sendable, Equatable {
    public static let action = "retention.planned"
    /// The entry that says that everything planned before it is done.
    public static let doneAction = "retention.pruned"
    /// The channel of what only Vestige writes.
    public static let channel = "compliance"
    /// Nothing younger goes by a plan, whatever it says.
    public static let floorDays: Int64 = 30
    /// Leaves room for the rest of an entry, which may have 60 KiB.
    static let runsByteCountMax = 40 * 1024

    /// The entry that decides.
    public let entry: EntryID
    public let seq: UInt64
    /// Entries recorded from here on stay.
    public let cutoff: Timestamp
    /// Whose entries go, ascending.
    public let channels: [String]
    public let places: SeqRuns
    public let digest: Bytes32

    /// What a header and payload, both held against their leaf, say; `nil` if they are no plan.
    init?(_ header: Header, _ payload: Payload, seq: UInt64) {
        guard header.action == Self.action, header.channel == Self.channel,
            let item = payload.items.first(where: { $0.kind == .clear }), let content = try? Content(item.bytes),
            let places = SeqRuns(from: content.from, lengths: content.runs, below: seq), places.count == content.count,
            places.digest == content.digest,
            // One spelling only.
            item.bytes == RetentionPlan.encode(places, cutoff: content.cutoff, channels: content.channels)
        else { return nil }
        entry = header.id
        self.seq = seq
        cutoff = content.cutoff
        channels = content.channels
        self.places = places
        digest = content.digest
    }

    /// What the store keeps of it, so that its rules let the bodies go.
    public var row: StoredPlan {
        StoredPlan(range: places.hull, id: entry.bytes, cutoff: cutoff, digest: digest, entry: entry.bytes)
    }

    /// The clear item of a plan's entry.
    package static func encode(_ places: SeqRuns, cutoff: Timestamp, channels: [String]) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.key("cutoff")
            json.time(cutoff)
            json.key("channels")
            json.array { list in for channel in Set(channels).sorted() { list.string(channel) } }
            json.key("count")
            json.integer(Int64(clamping: places.count))
            json.key("sha256")
            json.hex(places.digest)
            json.key("from")
            json.integer(Int64(clamping: places.first ?? 0))
            json.key("runs")
            json.array { list in for length in places.lengths { list.integer(Int64(clamping: length)) } }
        }
        return json.bytes
    }

    /// As many plans as it takes for each to fit into an entry.
    package static func pieces(of places: SeqRuns) -> [SeqRuns] { places.pieces(byteCountMax: runsByteCountMax) }

    /// The members of the clear item, in this order and no others.
    private struct Content {
        let cutoff: Timestamp
        let channels: [String]
        let count: UInt64
        let digest: Bytes32
        let from: UInt64
        let runs: [UInt64]

        init(_ bytes: [UInt8]) throws(TrailError) {
            var json = JSONCursor(bytes)
            var (channels, runs): ([String], [UInt64]) = ([], [])
            try json.expect(0x7B)
            guard json.member("cutoff"), let cutoff = Timestamp(try json.string()) else { throw json.refuse("cutoff") }
            guard json.member("channels") else { throw json.refuse("channels") }
            try json.array { (json: inout JSONCursor) throws(TrailError) in channels.append(try json.string()) }
            guard json.member("count"), let count = UInt64(exactly: try json.integer()) else { throw json.refuse("count") }
            guard json.member("sha256"), let digest = Bytes32(hex: try json.string()) else { throw json.refuse("sha256") }
            guard json.member("from"), let from = UInt64(exactly: try json.integer()) else { throw json.refuse("from") }
            guard json.member("runs") else { throw json.refuse("runs") }
            try json.array { (json: inout JSONCursor) throws(TrailError) in
                guard let length = UInt64(exactly: try json.integer()) else { throw json.refuse("a length") }
                runs.append(length)
            }
            try json.expect(0x7D)
            guard json.isAtEnd else { throw json.refuse("the end") }
            self.cutoff = cutoff
            self.channels = channels
            self.runs = runs
            self.count = count
            self.digest = digest
            self.from = from
        }
    }
}
