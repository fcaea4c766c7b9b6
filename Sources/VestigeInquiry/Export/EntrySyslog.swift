import VestigeCore
import VestigeCrypto
import VestigeTrail

/// An entry as a message of RFC 5424: `<PRI>1 TIMESTAMP HOST APP PROCID MSGID [audit@PEN k="v"…][meta sequenceId="n"] MSG`, without a line
/// end. `Docs/Export.md` has the mapping and its source.
///
/// In values `"`, `\` and `]` are escaped (§6.3.3); control characters become spaces, so that a message is always one line.
package enum EntrySyslog {
    /// Log audit (RFC 5424 §6.2.1, table 1).
    static let facility = 13
    /// People named in one message. How many there are stands beside them; the whole list is in the trail.
    static let subjectCountMax = 100
    private static let messageIDCountMax = 32
    private static let hostCountMax = 255

    package static func line(_ entry: OpenedEntry, _ source: ExportSource) -> [UInt8] {
        var line = Array("<\(facility * 8 + severity(entry))>1 ".utf8)
        (entry.header?.occurredAt ?? entry.recordedAt).append(to: &line)
        let name = word(entry.header?.action ?? entry.statusText, upTo: messageIDCountMax)
        line += " \(word(source.host, upTo: hostCountMax)) vestige \(source.processID) \(name) ".utf8
        line += "[audit@\(source.enterprise)".utf8
        for (key, value) in parameters(entry, source) { line += " \(key)=\"\(escaped(value))\"".utf8 }
        // From 1 to 2147483647, then from 1 again (§7.3.1); the true place is `seq`.
        line += "][meta sequenceId=\"\(entry.seq % 2_147_483_647 + 1)\"]".utf8
        let text = oneLine(entry.messageText)
        line.append(0x20)
        // UTF-8 begins with the byte-order mark (§6.4); what is ASCII needs none.
        if !text.utf8.allSatisfy({ $0 < 0x80 }) { line += [0xEF, 0xBB, 0xBF] }
        return line + Array(text.utf8)
    }

    private static func severity(_ entry: OpenedEntry) -> Int {
        switch EntrySeverity(entry) {
        case .informational: entry.header?.status == .inProgress ? 5 : 6
        case .low: 4
        case .refused, .critical: 3
        }
    }

    private static func parameters(_ entry: OpenedEntry, _ source: ExportSource) -> [(key: String, value: String)] {
        let header = entry.header
        let actor = entry.actor
        var parameters: [(key: String, value: String)] = []
        func add(_ key: String, _ value: String?) {
            if let value, !value.isEmpty { parameters.append((key, value)) }
        }
        add("id", entry.id.description)
        add("tenant", source.tenant)
        add("seq", "\(entry.seq)")
        add("recordedAt", entry.recordedAt.description)
        add("corr", header?.correlationID)
        add("channel", header?.channel)
        add("event", header?.event)
        add("action", header?.action)
        add("actorType", header?.actor.type)
        if header?.actor.identity == .oneself { add("actorSelf", "true") }
        add("actorRole", header?.actor.role)
        add("actorPseudonym", actor?.pseudonym?.hex)
        add("actor", actor?.id)
        add("actorName", actor?.name)
        add("actorEmail", actor?.email)
        add("ip", actor?.ip)
        add("ua", actor?.userAgent)
        add("session", actor?.session)
        add("onBehalfOf", header?.behalf?.pseudonym?.hex)
        add("rtype", header?.record?.type)
        add("rid", entry.recordKey)
        for subject in entry.subjects.prefix(subjectCountMax) { add("subject", subject.pseudonym.hex) }
        if entry.subjects.count > subjectCountMax { add("subjects", "\(entry.subjects.count)") }
        add("status", entry.statusText)
        add("purpose", header?.purpose)
        add("recipient", header?.recipient)
        add("fields", header?.fields.joined(separator: " "))
        add("hash", entry.leafHash.hex)
        return parameters
    }

    static func escaped(_ value: String) -> String {
        guard value.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F || $0 == 0x22 || $0 == 0x5C || $0 == 0x5D }) else { return value }
        var escaped = ""
        for scalar in oneLine(value).unicodeScalars {
            if scalar == "\"" || scalar == "\\" || scalar == "]" { escaped += "\\" }
            escaped.unicodeScalars.append(scalar)
        }
        return escaped
    }

    private static func oneLine(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else { return text }
        return String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? " " : $0 }))
    }

    /// Printable ASCII without spaces; `-` is nothing.
    private static func word(_ text: String, upTo count: Int) -> String {
        let printable = text.utf8.map { (0x21...0x7E).contains($0) ? $0 : UInt8(ascii: "_") }.prefix(count)
        return printable.isEmpty ? "-" : String(decoding: printable, as: UTF8.self)
    }
}
