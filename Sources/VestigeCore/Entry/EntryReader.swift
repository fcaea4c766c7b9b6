import VestigePolicy
package import VestigeTrail
import VestigeVault

/// Reads an entry from JSON as it comes over stdin or HTTP (design §8). Any other key, type or form is refused.
///
/// Messages name the member and what was expected; they never repeat a value.
public enum EntryReader {
    /// A line of JSON may have so many bytes.
    public static let byteCountMax = 60 * 1024

    private static let keys = [
        "id", "occurred_at", "channel", "event", "action", "actor", "on_behalf_of", "record", "subjects", "fields", "purpose", "case",
        "justification", "page", "status", "changes", "details", "correlation_id", "recipient",
    ]
    private static let actorKeys = ["type", "id", "name", "email", "ip", "user_agent", "role", "session"]

    /// - Throws: ``RecordingError/refused(member:problem:)``
    public static func read(_ bytes: [UInt8]) throws(RecordingError) -> Entry {
        guard bytes.count <= byteCountMax else {
            throw .refused(member: "entry", problem: "over \(byteCountMax) bytes of JSON; shorten it")
        }
        let json: StrictJSON
        do {
            json = try StrictJSONParser.parse(bytes)
        } catch {
            throw .refused(member: "entry", problem: "\(error)")
        }
        return try entry(JSONMembers(json, at: "", known: keys))
    }

    private static func entry(_ json: JSONMembers) throws(RecordingError) -> Entry {
        guard let event = try json.string("event") else { throw json.missing("event") }
        var entry = Entry(event: event)
        entry.id = try json.parsed("id", expected: "a UUIDv7") { EntryID($0) }
        entry.occurredAt = try json.parsed("occurred_at", expected: "a time such as 2026-05-04T09:12:33.000412Z") { Timestamp(rfc3339: $0) }
        entry.channel = try json.string("channel")
        entry.action = try json.string("action")
        let statuses = EntryStatus.allCases.map(\.rawValue)
        entry.status = try json.parsed("status", expected: "one of \(statuses.joined(separator: ", "))") { EntryStatus(rawValue: $0) }
        guard let actor = try json.object("actor", known: actorKeys) else { throw json.missing("actor") }
        entry.actor = try self.actor(actor)
        if let behalf = try json.object("on_behalf_of", known: actorKeys) { entry.onBehalfOf = try self.actor(behalf) }
        if let record = try json.object("record", known: ["type", "id"]) {
            guard let type = try record.string("type") else { throw record.missing("type") }
            entry.record = RecordReference(type: type, id: try record.string("id"))
        }
        if let items = try json.list("subjects") {
            var subjects: [EntrySubject] = []
            for (place, item) in items.enumerated() { subjects.append(try subject(item, at: "subjects[\(place)]")) }
            entry.subjects = subjects
        }
        for (place, item) in (try json.list("fields") ?? []).enumerated() {
            guard case .string(let field) = item else { throw JSONMembers.wrong("fields[\(place)]", "a string", item) }
            entry.fields.append(field)
        }
        entry.purpose = try json.string("purpose")
        entry.caseReference = try json.string("case")
        entry.justification = try json.string("justification")
        entry.page = try json.string("page")
        if let value = json["changes"] { entry.changes = try changes(value, at: "changes") }
        if let value = json["details"] { entry.details = try details(value) }
        entry.correlationID = try json.string("correlation_id")
        entry.recipient = try json.string("recipient")
        return entry
    }

    private static func actor(_ json: JSONMembers) throws(RecordingError) -> AuditActor {
        let kinds = AuditActor.Kind.allCases.map(\.rawValue)
        guard let kind = try json.parsed("type", expected: "one of \(kinds.joined(separator: ", "))", AuditActor.Kind.init(rawValue:))
        else {
            throw json.missing("type")
        }
        return AuditActor(
            kind, id: try json.string("id"), name: try json.string("name"), email: try json.string("email"), role: try json.string("role"),
            ip: try json.string("ip"), userAgent: try json.string("user_agent"), session: try json.string("session"))
    }

    private static func subject(_ value: StrictJSON, at path: String) throws(RecordingError) -> EntrySubject {
        let json = try JSONMembers(value, at: path, known: ["type", "id", "changes"])
        guard let type = try json.string("type") else { throw json.missing("type") }
        guard let id = try json.string("id") else { throw json.missing("id") }
        let person: SubjectID
        do {
            person = try SubjectID(type: type, id: id)
        } catch {
            throw .refused(member: path, problem: "\(error)")
        }
        return EntrySubject(
            person, changes: try json["changes"].map { (value) throws(RecordingError) in try changes(value, at: path + ".changes") } ?? [:])
    }

    /// Names of fields are the host's own, declared or not, so they are no unknown keys; they are not repeated either.
    private static func changes(_ value: StrictJSON, at path: String) throws(RecordingError) -> [String: FieldChange] {
        guard case .object(let members) = value else { throw JSONMembers.wrong(path, "an object", value) }
        var changes: [String: FieldChange] = [:]
        for (field, value) in members {
            let sides = try JSONMembers(value, at: "a field of \(path)", known: ["before", "after"])
            guard sides["before"] != nil || sides["after"] != nil else { throw sides.missing("before or after") }
            changes[field] = FieldChange(before: try side(sides, "before"), after: try side(sides, "after"))
        }
        return changes
    }

    private static func side(_ sides: JSONMembers, _ name: String) throws(RecordingError) -> FieldValue? {
        switch sides[name] {
        case nil: nil
        case .string(let text)?: .text(text)
        case .integer(let number)?: .integer(number)
        case .boolean(let flag)?: .boolean(flag)
        case .null?: .null
        case .decimal?:
            throw .refused(member: sides.member(name), problem: "numbers that are not whole, or over 64 bits, are given as strings")
        case let value?: throw JSONMembers.wrong(sides.member(name), "a string, a whole number, true, false or null", value)
        }
    }

    private static func details(_ value: StrictJSON) throws(RecordingError) -> [String: HeaderDetail] {
        guard case .object(let members) = value else { throw JSONMembers.wrong("details", "an object", value) }
        var details: [String: HeaderDetail] = [:]
        for (key, value) in members {
            switch value {
            case .integer(let number): details[key] = .integer(number)
            case .boolean(let flag): details[key] = .boolean(flag)
            case .string(let text): details[key] = Timestamp(rfc3339: text).map { .time($0) } ?? .code(text)
            default: throw JSONMembers.wrong("a key of details", "a whole number, true, false, a time or a declared code", value)
            }
        }
        return details
    }
}

extension Timestamp {
    /// Reads RFC 3339 in UTC (`Z` or an offset of zero), with up to six decimals; `nil` for anything else.
    package init?(rfc3339 text: some StringProtocol) {
        var body = text.uppercased()[...]
        guard let zone = ["Z", "+00:00", "-00:00"].first(where: { body.hasSuffix($0) }) else { return nil }
        body = body.dropLast(zone.count)
        let dot = body.firstIndex(of: ".")
        let decimals = dot.map { body[body.index(after: $0)...] } ?? ""
        guard dot == nil || (1...6).contains(decimals.utf8.count) else { return nil }
        let padded = decimals + String(repeating: "0", count: 6 - decimals.utf8.count)
        self.init("\(dot.map { body[..<$0] } ?? body).\(padded)Z")
    }
}
