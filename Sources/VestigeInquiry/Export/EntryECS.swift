import VestigeCore
import VestigeCrypto
import VestigeTrail

/// An entry as a document of the Elastic Common Schema 9, one object in one line. `Docs/Export.md` has the mapping and its sources.
package enum EntryECS {
    package static let schemaVersion = "9.0.0"

    package static func line(_ entry: OpenedEntry, _ source: ExportSource) -> [UInt8] {
        var json = JSONWriter(capacity: 2048)
        json.object { json in
            json.member("@timestamp", (entry.header?.occurredAt ?? entry.recordedAt).description)
            json.key("ecs")
            json.object { $0.member("version", schemaVersion) }
            writeEvent(entry, to: &json)
            json.member("message", entry.messageText)
            json.key("organization")
            json.object { $0.member("id", source.tenant) }
            if let trace = entry.traceID {
                json.key("trace")
                json.object { $0.member("id", trace) }
            }
            writeUser(entry, to: &json)
            if let address = entry.actor?.ip {
                json.key("source")
                json.object { $0.member("ip", address) }
            }
            if let agent = entry.actor?.userAgent {
                json.key("user_agent")
                json.object { $0.member("original", agent) }
            }
            json.key("labels")
            json.object { writeLabels(entry, to: &$0) }
        }
        return json.bytes
    }

    private static func writeEvent(_ entry: OpenedEntry, to json: inout JSONWriter) {
        let kind = ECSKind(entry)
        json.key("event")
        json.object { json in
            json.member("id", entry.id.description)
            json.member("kind", kind.kind)
            json.member("category", kind.categories)
            json.member("type", kind.types)
            json.member("action", entry.header?.action)
            json.member("outcome", kind.outcome)
            json.member("dataset", entry.header?.channel)
            json.member("provider", "vestige")
            json.member("reason", entry.header?.purpose)
            json.number("severity", EntrySeverity(entry).rawValue)
            json.number("sequence", Int(clamping: entry.seq))
            json.member("ingested", entry.recordedAt.description)
            json.member("hash", entry.leafHash.hex)
        }
    }

    private static func writeUser(_ entry: OpenedEntry, to json: inout JSONWriter) {
        json.key("user")
        json.object { json in
            json.member("id", entry.actor?.id)
            json.member("hash", entry.actor?.pseudonym?.hex)
            json.member("full_name", entry.actor?.name)
            json.member("email", entry.actor?.email)
            json.member("roles", entry.actor?.role.map { [$0] } ?? [])
            guard !entry.subjects.isEmpty else { return }
            json.key("target")
            json.object { $0.member("hash", entry.subjects.map(\.pseudonym.hex)) }
        }
    }

    /// Labels hold single words only.
    private static func writeLabels(_ entry: OpenedEntry, to json: inout JSONWriter) {
        json.member("status", entry.statusText)
        guard let header = entry.header else { return }
        json.member("event", header.event)
        json.member("actor_type", header.actor.type)
        if header.actor.identity == .oneself { json.member("actor_self", "true") }
        json.member("correlation_id", header.correlationID)
        json.member("record_type", header.record?.type)
        json.member("record_id", entry.recordKey)
        json.member("purpose", header.purpose)
        json.member("activity", header.activity)
        json.member("recipient", header.recipient)
        json.member("on_behalf_of", header.behalf?.pseudonym?.hex)
        json.member("changed_fields", header.fields.isEmpty ? nil : header.fields.joined(separator: " "))
        json.member("page", entry.page)
        json.member("case", entry.caseReference)
        json.member("justification", entry.justification)
        json.member("part", header.part.map { "\($0.n) of \($0.of)" })
    }
}

/// The categorisation fields of ECS.
struct ECSKind: Sendable, Equatable {
    var kind = "event"
    let categories: [String]
    var types: [String]
    let outcome: String

    init(_ entry: OpenedEntry) {
        switch EntryClass(entry) {
        case .read, .export, .share: (categories, types) = (["api", "database"], ["access"])
        case .create: (categories, types) = (["api", "database"], ["creation"])
        case .update: (categories, types) = (["api", "database"], ["change"])
        case .delete: (categories, types) = (["api", "database"], ["deletion"])
        case .manage(let change):
            categories = ["iam"]
            types = [change == .create ? "creation" : change == .delete ? "deletion" : "change"]
        case .signIn: (categories, types) = (["authentication"], ["start"])
        case .signOut: (categories, types) = (["authentication"], ["end"])
        case .alert:
            kind = "alert"
            (categories, types) = (["intrusion_detection"], ["info"])
        case .step, .unknown: (categories, types) = (["api"], ["info"])
        }
        switch entry.header?.status {
        case .success: outcome = "success"
        case .failure:
            outcome = "failure"
            if types == ["access"] { types.append("denied") }
        case .warning, .inProgress, nil: outcome = "unknown"
        }
    }
}
