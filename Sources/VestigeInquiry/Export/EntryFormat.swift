/// How an answer leaves: shown on a page, or taken out as a file. `Docs/Export.md` describes each.
public enum EntryFormat: String, Sendable, CaseIterable {
    case table, json, csv, ndjson
    /// OCSF 1.8.0, one event a line.
    case ocsf
    /// Elastic Common Schema 9, one event a line.
    case ecs
    /// ArcSight Common Event Format, CEF:0.
    case cef
    /// RFC 5424, one message a line.
    case syslog
    /// An evidence pack.
    case pack

    /// Those that a list of entries can be asked for in.
    public static let ofLists: [EntryFormat] = [.table, .json, .csv, .ndjson, .ocsf, .ecs, .cef, .syslog]

    /// Those that make a file.
    public static let ofExports: [EntryFormat] = [.json, .csv, .ndjson, .ocsf, .ecs, .cef, .syslog]

    /// RFC 6838 media type of a file in it.
    public var mediaType: String {
        switch self {
        case .json: "application/json"
        case .csv: "text/csv; charset=utf-8; header=present"
        case .ndjson, .ocsf, .ecs: "application/x-ndjson"
        case .cef, .syslog, .table: "text/plain; charset=utf-8"
        case .pack: "application/zip"
        }
    }

    /// How the name of such a file ends, without the dot.
    public var fileExtension: String {
        switch self {
        case .json: "json"
        case .csv: "csv"
        case .ndjson, .ocsf, .ecs: "ndjson"
        case .cef, .syslog: "log"
        case .table: "txt"
        case .pack: "zip"
        }
    }
}
