import VestigeCore
import VestigeCrypto
import VestigeTrail

/// An entry as an event of OCSF 1.8.0, one object in one line. `Docs/Export.md` has the mapping and its sources.
package enum EntryOCSF {
    package static let schemaVersion = "1.8.0"

    package static func line(_ entry: OpenedEntry, _ source: ExportSource) -> [UInt8] {
        let kind = OCSFClass(EntryClass(entry))
        var json = JSONWriter(capacity: 2048)
        json.object { json in
            writeClass(kind, entry, to: &json)
            json.member("message", entry.messageText)
            writeMetadata(entry, source, to: &json)
            json.key("actor")
            json.object { json in
                json.key("user")
                writeUser(entry, to: &json)
            }
            writeObjects(of: kind, entry, source, to: &json)
            json.key("raw_data_hash")
            json.object { json in
                json.number("algorithm_id", 3)
                json.member("algorithm", "SHA-256")
                json.member("value", entry.leafHash.hex)
            }
            json.key("unmapped")
            json.object { writeRest(entry, to: &$0) }
        }
        return json.bytes
    }

    private static func writeClass(_ kind: OCSFClass, _ entry: OpenedEntry, to json: inout JSONWriter) {
        json.number("activity_id", kind.activity)
        if kind.activity == OCSFClass.otherActivity { json.member("activity_name", entry.header?.event) }
        json.number("category_uid", kind.category)
        json.number("class_uid", kind.classID)
        json.number("type_uid", kind.classID * 100 + kind.activity)
        let time = entry.header?.occurredAt ?? entry.recordedAt
        json.number("time", Int(time.microseconds / 1000))
        json.number("severity_id", EntrySeverity(entry).rawValue)
        switch entry.header?.status {
        case .success:
            json.number("status_id", 1)
            json.member("status", "Success")
        case .failure:
            json.number("status_id", 2)
            json.member("status", "Failure")
            json.member("status_detail", "refused")
        case .warning, .inProgress, nil:
            json.number("status_id", 99)
            json.member("status", entry.statusText)
        }
    }

    private static func writeMetadata(_ entry: OpenedEntry, _ source: ExportSource, to json: inout JSONWriter) {
        json.key("metadata")
        json.object { json in
            json.member("version", schemaVersion)
            json.key("product")
            json.object { json in
                json.member("name", "Vestige")
                json.member("vendor_name", "Vestige")
                json.member("version", source.version)
            }
            json.member("uid", entry.id.description)
            json.member("tenant_uid", source.tenant)
            json.number("logged_time", Int(entry.recordedAt.microseconds / 1000))
            json.number("sequence", Int(clamping: entry.seq))
            json.member("correlation_uid", entry.header?.correlationID)
            json.member("log_name", entry.header?.channel)
            // An erasure is one thing to whoever watches, whichever of its entries says so.
            json.member("event_code", entry.header?.event == "erased" ? "subject.erased" : entry.header?.action)
        }
    }

    private static func writeUser(_ entry: OpenedEntry, to json: inout JSONWriter) {
        let actor = entry.actor
        json.object { json in
            let pseudonym = actor?.pseudonym?.hex
            json.member("uid", actor?.id ?? pseudonym)
            if actor?.id != nil { json.member("uid_alt", pseudonym) }
            // One of name and uid must be there: whoever has no handle of their own is named by what they are.
            if actor?.id == nil, pseudonym == nil { json.member("name", actor?.isSelf == true ? "self" : actor?.type ?? "unknown") }
            json.member("full_name", actor?.name)
            json.member("email_addr", actor?.email)
            switch actor?.type {
            case "user": json.number("type_id", 1)
            case "system": json.number("type_id", 3)
            case "api": json.number("type_id", 4)
            case "external":
                json.number("type_id", 99)
                json.member("type", "external")
            default: json.number("type_id", 0)
            }
        }
    }

    /// What the class requires beside actor and metadata.
    private static func writeObjects(of kind: OCSFClass, _ entry: OpenedEntry, _ source: ExportSource, to json: inout JSONWriter) {
        let header = entry.header
        switch kind.classID {
        case OCSFClass.apiActivity:
            json.key("api")
            json.object { $0.member("operation", header?.action) }
            writeEndpoint(entry, source, to: &json)
            writeResources(entry, to: &json)
        case OCSFClass.webResources:
            writeEndpoint(entry, source, to: &json)
            json.key("web_resources")
            json.array { list in
                list.object { json in
                    json.member("type", header?.record?.type ?? "trail")
                    json.member("uid", entry.recordKey)
                    if entry.recordKey == nil { json.member("name", header?.action) }
                }
            }
            writeResources(entry, to: &json)
        case OCSFClass.entityManagement:
            json.key("entity")
            json.object { json in
                json.member("type", header?.record?.type ?? header?.action.prefix { $0 != "." }.description)
                json.member("uid", entry.recordKey ?? header?.subjects.first?.hex ?? header?.policy?.hex)
                json.member("name", header?.action)
            }
        case OCSFClass.authentication:
            json.key("user")
            writeUser(entry, to: &json)
            json.key("service")
            json.object { $0.member("name", source.tenant) }
            writeEndpoint(entry, source, to: &json)
        case OCSFClass.dataSecurityFinding:
            json.key("finding_info")
            json.object { json in
                json.member("uid", entry.id.description)
                json.member("title", header?.action)
            }
        default: break
        }
    }

    private static func writeEndpoint(_ entry: OpenedEntry, _ source: ExportSource, to json: inout JSONWriter) {
        json.key("src_endpoint")
        json.object { json in
            json.member("ip", entry.actor?.ip)
            if entry.actor?.ip == nil { json.member("svc_name", source.tenant) }
        }
        guard let agent = entry.actor?.userAgent else { return }
        json.key("http_request")
        json.object { $0.member("user_agent", agent) }
    }

    /// The record with its person; where several people are concerned, each of them.
    private static func writeResources(_ entry: OpenedEntry, to json: inout JSONWriter) {
        let people = entry.subjects.map(\.pseudonym.hex)
        guard entry.recordKey != nil || !people.isEmpty else { return }
        json.key("resources")
        json.array { list in
            if entry.recordKey != nil {
                list.object { json in
                    json.member("type", entry.header?.record?.type)
                    json.member("uid", entry.recordKey)
                    if people.count == 1 { json.owner(people[0]) }
                }
                if people.count == 1 { return }
            }
            for person in people {
                list.object { json in
                    json.member("type", "person")
                    json.member("uid", person)
                    json.owner(person)
                }
            }
        }
    }

    /// What OCSF has no place for.
    private static func writeRest(_ entry: OpenedEntry, to json: inout JSONWriter) {
        json.member("status", entry.statusText)
        guard let header = entry.header else { return }
        json.member("channel", header.channel)
        json.member("event", header.event)
        json.member("action", header.action)
        json.member("actor_type", header.actor.type)
        json.member("actor_role", header.actor.role)
        json.member("purpose", header.purpose)
        json.member("activity", header.activity)
        json.member("recipient", header.recipient)
        json.member("fields", header.fields)
        EntryJSON.writeOpened(entry, header, to: &json)
    }
}

/// Class, category and activity of OCSF.
struct OCSFClass: Sendable, Equatable {
    static let apiActivity = 6003
    static let webResources = 6001
    static let entityManagement = 3004
    static let authentication = 3002
    static let dataSecurityFinding = 2006
    static let otherActivity = 99

    let classID: Int
    let activity: Int
    /// The thousands of the class.
    var category: Int { classID / 1000 }

    init(_ kind: EntryClass) {
        (classID, activity) =
            switch kind {
            case .create: (Self.apiActivity, 1)
            case .read: (Self.apiActivity, 2)
            case .update: (Self.apiActivity, 3)
            case .delete: (Self.apiActivity, 4)
            case .step: (Self.apiActivity, Self.otherActivity)
            case .export: (Self.webResources, 7)
            case .share: (Self.webResources, 8)
            case .manage(let change): (Self.entityManagement, change.rawValue)
            case .signIn: (Self.authentication, 1)
            case .signOut: (Self.authentication, 2)
            case .alert: (Self.dataSecurityFinding, 1)
            // The base event.
            case .unknown: (0, 0)
            }
    }
}

extension JSONWriter {
    mutating func number(_ name: String, _ value: Int) {
        key(name)
        integer(Int64(value))
    }

    fileprivate mutating func owner(_ pseudonym: String) {
        key("owner")
        object { $0.member("uid", pseudonym) }
    }
}
