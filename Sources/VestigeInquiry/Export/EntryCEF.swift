import VestigeCore
import VestigeCrypto
import VestigeTrail

/// An entry in the ArcSight Common Event Format, version 0: one line. `Docs/Export.md` has the mapping and its source.
///
/// In the header `\` and `|` are escaped, in the extension `\`, `=` and line ends (as `\n`, `\r`); other control characters become spaces.
package enum EntryCEF {
    /// Characters of a string field that a receiver takes.
    private static let stringCountMax = 1023
    /// People in one field of that length: 32 digits and a space each.
    static let subjectCountMax = 31

    package static func line(_ entry: OpenedEntry, _ source: ExportSource) -> [UInt8] {
        var line = "CEF:0|Vestige|Vestige|"
        for part in [source.version, entry.header?.action ?? entry.statusText, name(entry)] { line += header(part) + "|" }
        line += "\(severity(entry))|"
        line += fields(entry, source).map { "\($0.key)=\(value($0.value))" }.joined(separator: " ")
        return Array(line.utf8)
    }

    private static func name(_ entry: OpenedEntry) -> String { String(entry.messageText.prefix(512)) }

    /// 0 to 10.
    private static func severity(_ entry: OpenedEntry) -> Int {
        switch EntrySeverity(entry) {
        case .informational: 3
        case .low: 5
        case .refused: 7
        case .critical: 10
        }
    }

    private static func fields(_ entry: OpenedEntry, _ source: ExportSource) -> [(key: String, value: String)] {
        let header = entry.header
        let actor = entry.actor
        var fields: [(key: String, value: String)] = []
        func add(_ key: String, _ value: String?) {
            if let value, !value.isEmpty { fields.append((key, String(value.prefix(stringCountMax)))) }
        }
        func add(custom key: String, _ label: String, _ value: String?) {
            guard value?.isEmpty == false else { return }
            add(key, value)
            add("\(key)Label", label)
        }
        add("externalId", entry.id.description)
        add("rt", "\((header?.occurredAt ?? entry.recordedAt).microseconds / 1000)")
        add("end", "\(entry.recordedAt.microseconds / 1000)")
        add(custom: "cn1", "seq", "\(entry.seq)")
        add(custom: "cs1", "tenant", source.tenant)
        add(custom: "cs2", "correlation_id", header?.correlationID)
        add("cat", header?.channel)
        add("act", header?.event)
        add("msg", entry.text)
        add(custom: "cs3", "actor_type", header?.actor.type)
        add("suid", actor?.id ?? actor?.pseudonym?.hex)
        add("suser", actor?.name)
        if let address = actor?.ip {
            if address.contains(":") { add(custom: "c6a2", "Source IPv6 Address", address) } else { add("src", address) }
        }
        add("requestClientApplication", actor?.userAgent)
        add(custom: "cs4", "record_type", header?.record?.type)
        add(custom: "cs5", "record_id", entry.recordKey)
        let people = entry.subjects.map(\.pseudonym.hex)
        add("duid", people.prefix(subjectCountMax).joined(separator: " "))
        if people.count > 1 { add(custom: "cn2", "subjects", "\(people.count)") }
        add("outcome", entry.statusText)
        add("reason", header?.purpose)
        add(custom: "flexString1", "fields", header?.fields.joined(separator: " "))
        add(custom: "cs6", "leaf_hash", entry.leafHash.hex)
        return fields
    }

    static func header(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F || $0 == 0x5C || $0 == 0x7C }) else { return text }
        return oneLine(text).replacing("\\", with: "\\\\").replacing("|", with: "\\|")
    }

    static func value(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F || $0 == 0x5C || $0 == 0x3D }) else { return text }
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "=": escaped += "\\="
            case "\n": escaped += "\\n"
            case "\r": escaped += "\\r"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F: escaped += " "
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    private static func oneLine(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else { return text }
        return String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? " " : $0 }))
    }
}
