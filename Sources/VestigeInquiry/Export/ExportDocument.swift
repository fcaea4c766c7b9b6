import VestigeCore
public import VestigeTrail

/// One export as a file: the pieces in order, each ready to be written.
///
/// The JSON form is `{"schema_version","exported_at","exported_by","filters","checkpoint","entries":[…],"count","total","truncated"}`:
/// what is known only at the end stands there, so that an export of any size takes the memory of one batch.
public struct ExportDocument: Sendable {
    public let format: EntryFormat
    public var exportedAt: Timestamp
    public var exportedBy: String
    /// As they were given.
    public var filters: [(name: String, value: String)]
    public var checkpoint: Checkpoint
    private var isFirst = true

    public init(
        format: EntryFormat, exportedAt: Timestamp, exportedBy: String, filters: [(name: String, value: String)], checkpoint: Checkpoint
    ) {
        self.format = format
        self.exportedAt = exportedAt
        self.exportedBy = exportedBy
        self.filters = filters
        self.checkpoint = checkpoint
    }

    public func head() -> [UInt8] {
        switch format {
        case .csv: return EntryCSV.head
        case .ndjson, .table, .pack: return []
        case .json: break
        }
        var json = JSONWriter()
        json.object { json in
            json.key("schema_version")
            json.integer(Int64(EntryJSON.schemaVersion))
            json.member("exported_at", exportedAt.description)
            json.member("exported_by", exportedBy)
            json.key("filters")
            json.object { json in
                for name in EntryFilter.names {
                    let values = filters.filter { $0.name == name }.map(\.value)
                    json.member(name, values)
                }
            }
            json.member("checkpoint", checkpoint.note)
        }
        return json.bytes.dropLast() + Array(",\"entries\":[\n".utf8)
    }

    public mutating func batch(_ entries: [OpenedEntry]) -> [UInt8] {
        var bytes: [UInt8] = []
        for entry in entries {
            switch format {
            case .csv: bytes += EntryCSV.line(entry)
            case .ndjson: bytes += EntryJSON.line(entry) + [0x0A]
            case .json:
                if !isFirst { bytes += [0x2C, 0x0A] }
                bytes += EntryJSON.line(entry)
            case .table, .pack: break
            }
            isFirst = false
        }
        return bytes
    }

    /// - Parameter total: how many match in all.
    public func tail(count: Int, total: Int, isTruncated: Bool) -> [UInt8] {
        guard format == .json else { return [] }
        var json = JSONWriter()
        json.object { json in
            json.key("count")
            json.integer(Int64(count))
            json.key("total")
            json.integer(Int64(total))
            json.flag("truncated", isTruncated)
        }
        return Array((isFirst ? "],".utf8 : "\n],".utf8)) + json.bytes.dropFirst() + [0x0A]
    }
}
