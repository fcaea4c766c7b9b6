import VestigeCore
import VestigeTrail

/// One export as a file: the pieces in order, each ready to be written.
///
/// The JSON form is `{"schema_version","exported_at","exported_by","filters","opened","checkpoint","entries":[…],"count","total",…}`:
/// what is known only at the end stands there, so that an export of any size takes the memory of one batch.
struct ExportDocument {
    private let order: ExportOrder
    private let checkpoint: Checkpoint
    private var isFirst = true

    init(_ order: ExportOrder, checkpoint: Checkpoint) {
        self.order = order
        self.checkpoint = checkpoint
    }

    func head() -> [UInt8] {
        switch order.format {
        case .csv: return EntryCSV.head
        case .ndjson, .ocsf, .ecs, .cef, .syslog, .table, .pack: return []
        case .json: break
        }
        var json = JSONWriter()
        json.object { json in
            json.number("schema_version", EntryJSON.schemaVersion)
            json.member("exported_at", order.at.description)
            json.member("exported_by", order.asker.actor.id ?? order.asker.actor.kind.rawValue)
            json.filters(order.filter)
            json.opened(order.opening)
            json.member("checkpoint", checkpoint.note)
        }
        return json.bytes.dropLast() + Array(",\"entries\":[\n".utf8)
    }

    mutating func batch(_ entries: [OpenedEntry]) -> [UInt8] {
        var bytes: [UInt8] = []
        for entry in entries {
            switch order.format {
            case .csv: bytes += EntryCSV.line(entry)
            case .json:
                if !isFirst { bytes += [0x2C, 0x0A] }
                bytes += EntryJSON.line(entry)
            case .ndjson: bytes += EntryJSON.line(entry)
            case .ocsf: bytes += EntryOCSF.line(entry, order.source)
            case .ecs: bytes += EntryECS.line(entry, order.source)
            case .cef: bytes += EntryCEF.line(entry, order.source)
            case .syslog: bytes += EntrySyslog.line(entry, order.source)
            case .table, .pack: break
            }
            if order.format != .csv, order.format != .json { bytes.append(0x0A) }
            isFirst = false
        }
        return bytes
    }

    func tail(_ manifest: ExportManifest) -> [UInt8] {
        guard order.format == .json else { return [] }
        var json = JSONWriter()
        json.object { manifest.writeCounts(to: &$0) }
        return Array((isFirst ? "],".utf8 : "\n],".utf8)) + json.bytes.dropFirst() + [0x0A]
    }
}

extension JSONWriter {
    mutating func filters(_ filter: EntryFilter) {
        let pairs = filter.pairs
        key("filters")
        object { json in
            for name in EntryFilter.names { json.member(name, pairs.filter { $0.name == name }.map(\.value)) }
        }
    }

    mutating func opened(_ parts: Set<OpenedPart>) {
        key("opened")
        array { list in for part in OpenedPart.allCases where parts.contains(part) { list.string(part.rawValue) } }
    }
}
