import VestigeCore
public import VestigeCrypto
public import VestigeTrail

/// What an export holds and whether it is whole: to be kept beside the file.
public struct ExportManifest: Sendable, Equatable {
    public static let schemaVersion = 1

    /// The export's own entry, `audit.exported`.
    public let entry: EntryID
    public let entrySeq: UInt64
    public let format: EntryFormat
    public let exportedAt: Timestamp
    /// The asker's own id, as the account or credential gives it.
    public let exportedBy: String
    public let purpose: String
    public let filters: [String: [String]]
    public let opened: Set<OpenedPart>
    /// A signed statement of the trail that the entries stand in; it covers the export's own entry too.
    public let checkpoint: Checkpoint
    /// Entries in the file, and how many match in all.
    public internal(set) var count = 0
    public internal(set) var total = 0
    /// The limit left some out, or some went while the file was written.
    public internal(set) var isTruncated = false
    /// The highest and the lowest place in the file.
    public internal(set) var newest: UInt64?
    public internal(set) var oldest: UInt64?
    /// Entries of the trail whose body went with its window and that can have happened since `from`: whether they matched cannot be told.
    public internal(set) var pruned = 0
    /// Entries of the whole trail that were redacted: the same.
    public internal(set) var redacted = 0
    /// Entries in the file that name somebody who was erased.
    public internal(set) var erased = 0
    /// Entries in the file with something that does not open although its key lives.
    public internal(set) var unreadable = 0
    public internal(set) var byteCount = 0
    /// Of the file's bytes.
    public internal(set) var sha256: Bytes32 = .zero

    init(_ order: ExportOrder, export: Receipt, checkpoint: Checkpoint) {
        entry = export.id
        entrySeq = export.seq
        format = order.format
        exportedAt = order.at
        exportedBy = order.asker.actor.id ?? order.asker.actor.kind.rawValue
        purpose = order.asker.purpose
        filters = Dictionary(grouping: order.filter.pairs, by: \.name).mapValues { $0.map(\.value) }
        opened = order.opening
        self.checkpoint = checkpoint
    }

    /// Every entry that matches is in the file, and none that may have matched is gone.
    public var isComplete: Bool { !isTruncated && count == total && pruned == 0 && redacted == 0 }

    mutating func tell(_ given: (count: Int, total: Int, isTruncated: Bool), _ tally: ExportTally) {
        (count, total, isTruncated) = given
        (newest, oldest) = (tally.newest, tally.oldest)
        (erased, unreadable) = (tally.erased, tally.unreadable)
    }

    /// One object, UTF-8, with a line end.
    public var json: [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.number("schema_version", ExportManifest.schemaVersion)
            json.member("format", format.rawValue)
            json.member("exported_at", exportedAt.description)
            json.member("exported_by", exportedBy)
            json.member("purpose", purpose)
            json.key("export")
            json.object { json in
                json.member("id", entry.description)
                json.number("seq", Int(clamping: entrySeq))
            }
            json.key("filters")
            json.object { json in for name in EntryFilter.names { json.member(name, filters[name] ?? []) } }
            json.opened(opened)
            json.member("checkpoint", checkpoint.note)
            writeCounts(to: &json)
            json.number("bytes", byteCount)
            json.member("sha256", sha256.hex)
        }
        return json.bytes + [0x0A]
    }

    /// One line for people: how much, and what is not there.
    public var summary: String {
        var parts = ["\(count) of \(total) entries"]
        if isTruncated { parts.append("the rest was left out") }
        if pruned > 0 { parts.append("\(pruned) of the trail pruned") }
        if redacted > 0 { parts.append("\(redacted) of the trail redacted") }
        if erased > 0 { parts.append("\(erased) of them name somebody who was erased") }
        if unreadable > 0 { parts.append("\(unreadable) of them do not open whole, run `vestige verify`") }
        return parts.joined(separator: ", ") + (isComplete ? "; complete" : "; not complete")
    }

    func writeCounts(to json: inout JSONWriter) {
        json.number("count", count)
        json.number("total", total)
        json.flag("truncated", isTruncated)
        json.flag("complete", isComplete)
        if let newest { json.number("newest", Int(clamping: newest)) }
        if let oldest { json.number("oldest", Int(clamping: oldest)) }
        json.number("pruned", pruned)
        json.number("redacted", redacted)
        json.number("erased", erased)
        json.number("unreadable", unreadable)
    }
}
