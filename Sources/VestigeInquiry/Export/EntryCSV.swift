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
    package static var head: [UInt8] {
        var row = CSVRow()
        for column in columns { row.add(column) }
        return [0xEF, 0xBB, 0xBF] + row.finish()
    }

    package static func line(_ entry: OpenedEntry) -> [UInt8] {
        let header = entry.header
        var row = CSVRow()
        row.add("\(entry.seq)")
        row.add(entry.id.description)
        row.add(header?.occurredAt.description)
        row.add(entry.recordedAt.description)
        row.add(header?.channel)
        row.add(header?.event)
        row.add(header?.action)
        row.add(entry.statusText)
        add(entry.actor, to: &row)
        row.add(entry.behalf?.type)
        row.add(entry.behalf?.pseudonym?.hex)
        row.add(entry.behalf?.id)
        row.add(entry.behalf?.name)
        row.add(header?.record?.type)
        row.add(entry.recordID)
        row.add(header?.record?.handle?.hex)
        row.add(entry.subjects.map(\.pseudonym.hex).joined(separator: " "))
        row.add(header?.fields.joined(separator: " "))
        row.add(header?.purpose)
        row.add(header?.activity)
        row.add(header?.correlationID)
        row.add(header?.recipient)
        row.add(entry.page)
        row.add(entry.caseReference)
        row.add(entry.justification)
        row.add(entry.tried)
        row.add(entry.text)
        row.add(header.flatMap { header in header.details.isEmpty ? nil : text { EntryJSON.write(header.details, to: &$0) } })
        row.add(changes(entry))
        return row.finish()
    }

    private static func add(_ actor: OpenedActor?, to row: inout CSVRow) {
        row.add(actor?.type)
        row.add(actor?.role)
        row.add(actor?.pseudonym?.hex)
        row.add(actor.map { $0.isErased ? "true" : "false" })
        row.add(actor?.id)
        row.add(actor?.name)
        row.add(actor?.email)
        row.add(actor?.ip)
        row.add(actor?.userAgent)
        row.add(actor?.session)
    }

    private static func changes(_ entry: OpenedEntry) -> String? {
        var merged = entry.clearChanges
        for subject in entry.subjects where !subject.changes.isEmpty {
            // A field that named two people: each of them holds a half.
            merged.merge(subject.changes) { own, other in
                FieldChange(before: own.before ?? other.before, after: own.after ?? other.after)
            }
        }
        return merged.isEmpty ? nil : text { merged.write(to: &$0) }
    }

    private static func text(_ write: (inout JSONWriter) -> Void) -> String {
        var json = JSONWriter()
        write(&json)
        return String(decoding: json.bytes, as: UTF8.self)
    }
}

/// One line of RFC 4180, written straight into bytes.
private struct CSVRow {
    private var bytes: [UInt8] = []

    init() { bytes.reserveCapacity(512) }

    /// The next cell; `nil` is an empty one.
    mutating func add(_ text: String?) {
        defer { bytes.append(0x2C) }
        guard let text, let first = text.utf8.first else { return }
        let isFormula = first == 0x3D || first == 0x2B || first == 0x2D || first == 0x40 || first == 0x09 || first == 0x0D
        guard text.utf8.contains(where: { $0 == 0x22 || $0 == 0x2C || $0 == 0x0A || $0 == 0x0D }) else {
            if isFormula { bytes.append(0x27) }
            bytes.append(contentsOf: text.utf8)
            return
        }
        bytes.append(0x22)
        if isFormula { bytes.append(0x27) }
        for byte in text.utf8 {
            if byte == 0x22 { bytes.append(byte) }
            bytes.append(byte)
        }
        bytes.append(0x22)
    }

    /// The line with its end; the last comma makes room for it.
    mutating func finish() -> [UInt8] {
        bytes.removeLast()
        bytes.append(contentsOf: [0x0D, 0x0A])
        return bytes
    }
}
