import VestigeCore
import VestigeCrypto
import VestigeTrail

/// Opened entries as CSV: UTF-8 with byte-order mark, RFC 4180, times in ISO 8601 UTC.
///
/// Cells that a spreadsheet would take for a formula (`=`, `+`, `-`, `@`, tab or CR in front) begin with an apostrophe.
package enum EntryCSV {
    package static let columns = [
        "seq", "id", "occurred_at", "recorded_at", "channel", "event", "action", "status", "actor_type", "actor_role", "actor_pseudonym",
        "actor_erased", "actor_id", "actor_name", "actor_email", "actor_ip", "actor_user_agent", "actor_session", "behalf_type",
        "behalf_pseudonym", "behalf_id", "behalf_name", "record_type", "record_id", "record_handle", "subjects", "fields", "purpose",
        "activity", "correlation_id", "recipient", "page", "case", "justification", "tried", "description", "details", "changes",
    ]

    /// Byte-order mark and names of the columns.
    package static var head: [UInt8] { [0xEF, 0xBB, 0xBF] + row(columns) }

    package static func line(_ entry: OpenedEntry) -> [UInt8] {
        let header = entry.header
        let actor = entry.actor
        let changes = [entry.clearChanges] + entry.subjects.map(\.changes)
        var cells: [String?] = ["\(entry.seq)", entry.id.description, header?.occurredAt.description, entry.recordedAt.description]
        cells += [header?.channel, header?.event, header?.action, header?.status.rawValue ?? (entry.isRedacted ? "redacted" : "pruned")]
        cells += [actor?.type, actor?.role, actor?.pseudonym?.hex, actor.map { $0.isErased ? "true" : "false" }, actor?.id, actor?.name]
        cells += [actor?.email, actor?.ip, actor?.userAgent, actor?.session]
        cells += [entry.behalf?.type, entry.behalf?.pseudonym?.hex, entry.behalf?.id, entry.behalf?.name]
        cells += [header?.record?.type, entry.recordID, header?.record?.handle?.hex]
        cells += [entry.subjects.map(\.pseudonym.hex).joined(separator: " "), header?.fields.joined(separator: " ")]
        cells += [header?.purpose, header?.activity, header?.correlationID, header?.recipient, entry.page, entry.caseReference]
        cells += [entry.justification, entry.tried, entry.text]
        cells.append(header.flatMap { $0.details.isEmpty ? nil : text { EntryJSON.write($0.details, to: &$1) }($0) })
        let merged = changes.reduce(into: [String: FieldChange]()) {
            // A field that named two people: each of them holds a half.
            $0.merge($1) { own, other in FieldChange(before: own.before ?? other.before, after: own.after ?? other.after) }
        }
        cells.append(merged.isEmpty ? nil : text { $0.write(to: &$1) }(merged))
        return row(cells.map { $0 ?? "" })
    }

    private static func text<Value>(_ write: @escaping (Value, inout JSONWriter) -> Void) -> (Value) -> String {
        { value in
            var json = JSONWriter()
            write(value, &json)
            return String(decoding: json.bytes, as: UTF8.self)
        }
    }

    private static func row(_ cells: [String]) -> [UInt8] {
        Array((cells.map(cell).joined(separator: ",") + "\r\n").utf8)
    }

    static func cell(_ text: String) -> String {
        let safe = text.utf8.first.map { [0x3D, 0x2B, 0x2D, 0x40, 0x09, 0x0D].contains($0) } == true ? "'" + text : text
        guard safe.utf8.contains(where: { [0x22, 0x2C, 0x0A, 0x0D].contains($0) }) else { return safe }
        return "\"" + safe.replacing("\"", with: "\"\"") + "\""
    }
}
