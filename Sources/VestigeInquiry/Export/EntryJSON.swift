import VestigeCore
import VestigeCrypto
package import VestigeTrail

/// An opened entry as JSON: one object, absent members left out. The shape of `json` and `ndjson` exports.
package enum EntryJSON {
    /// Grows when a member changes its meaning.
    package static let schemaVersion = 1

    package static func line(_ entry: OpenedEntry) -> [UInt8] {
        var json = JSONWriter(capacity: 1024)
        write(entry, to: &json)
        return json.bytes
    }

    package static func write(_ entry: OpenedEntry, to json: inout JSONWriter) {
        json.object { json in
            json.key("seq")
            json.integer(Int64(entry.seq))
            json.member("id", entry.id.description)
            json.member("recorded_at", entry.recordedAt.description)
            guard let header = entry.header else {
                json.flag(entry.isRedacted ? "redacted" : "pruned", true)
                return
            }
            json.member("occurred_at", header.occurredAt.description)
            json.member("channel", header.channel)
            json.member("event", header.event)
            json.member("action", header.action)
            json.member("status", header.status.rawValue)
            if let actor = entry.actor {
                json.key("actor")
                write(actor, to: &json)
            }
            if let behalf = entry.behalf {
                json.key("on_behalf_of")
                write(behalf, to: &json)
            }
            if let record = header.record { write(record, of: entry, to: &json) }
            json.key("subjects")
            json.array { list in for subject in entry.subjects { write(subject, to: &list) } }
            json.key("fields")
            json.array { list in for field in header.fields { list.string(field) } }
            if header.other > 0 {
                json.key("other")
                json.integer(Int64(header.other))
            }
            if !entry.clearChanges.isEmpty {
                json.key("changes")
                entry.clearChanges.write(to: &json)
            }
            json.member("purpose", header.purpose)
            json.member("activity", header.activity)
            json.member("correlation_id", header.correlationID)
            json.member("recipient", header.recipient)
            writeRest(of: entry, header, to: &json)
        }
    }

    private static func writeRest(of entry: OpenedEntry, _ header: Header, to json: inout JSONWriter) {
        writeCircumstances(of: entry, header, to: &json)
        json.member("description", entry.text)
        json.member("policy", header.policy?.hex)
    }

    private static func writeCircumstances(of entry: OpenedEntry, _ header: Header, to json: inout JSONWriter) {
        if let part = header.part {
            json.key("part")
            json.object { json in
                json.number("n", part.n)
                json.number("of", part.of)
            }
        }
        if !header.details.isEmpty {
            json.key("details")
            write(header.details, to: &json)
        }
        json.member("page", entry.page)
        json.member("case", entry.caseReference)
        json.member("justification", entry.justification)
        json.member("tried", entry.tried)
    }

    /// What other standards have no place for, in this shape: before and after, page, case, justification, details, who it was done for.
    static func writeOpened(_ entry: OpenedEntry, _ header: Header, to json: inout JSONWriter) {
        if let actor = entry.actor, actor.isSelf { json.flag("actor_self", true) }
        if let actor = entry.actor, actor.isErased { json.flag("actor_erased", true) }
        if let behalf = entry.behalf {
            json.key("on_behalf_of")
            write(behalf, to: &json)
        }
        if header.other > 0 {
            json.key("other")
            json.integer(Int64(header.other))
        }
        if !entry.clearChanges.isEmpty {
            json.key("changes")
            entry.clearChanges.write(to: &json)
        }
        let told = entry.subjects.filter { !$0.changes.isEmpty || $0.recordID != nil || !$0.other.isEmpty || $0.isErased }
        if !told.isEmpty {
            json.key("subjects")
            json.array { list in for subject in told { write(subject, to: &list) } }
        }
        writeCircumstances(of: entry, header, to: &json)
    }

    /// The actor of an answer to "who viewed?": an erased one has type and pseudonym only.
    package static func writeViewer(_ entry: OpenedEntry, to json: inout JSONWriter) {
        guard let actor = entry.actor else { return json.object { _ in } }
        json.object { json in
            json.member("type", actor.type)
            if actor.isErased {
                json.member("pseudonym", (actor.pseudonym ?? (actor.isSelf ? entry.subjects.first?.pseudonym : nil))?.hex)
                json.flag("erased", true)
                return
            }
            if actor.isSelf { json.flag("self", true) }
            if actor.id == nil, actor.type != "anonymous" { json.member("pseudonym", actor.pseudonym?.hex) }
            json.member("id", actor.id)
            json.member("name", actor.name)
            json.member("email", actor.email)
            json.member("ip", actor.ip)
            json.member("user_agent", actor.userAgent)
        }
    }

    private static func write(_ actor: OpenedActor, to json: inout JSONWriter) {
        json.object { json in
            json.member("type", actor.type)
            json.member("role", actor.role)
            json.member("pseudonym", actor.pseudonym?.hex)
            if actor.isSelf { json.flag("self", true) }
            if actor.isErased { json.flag("erased", true) }
            json.member("id", actor.id)
            json.member("name", actor.name)
            json.member("email", actor.email)
            json.member("ip", actor.ip)
            json.member("user_agent", actor.userAgent)
            json.member("session", actor.session)
        }
    }

    private static func write(_ record: RecordHandle, of entry: OpenedEntry, to json: inout JSONWriter) {
        json.key("record")
        json.object { json in
            json.member("type", record.type)
            json.member("id", record.id ?? entry.recordID)
            json.member("handle", record.handle?.hex)
        }
    }

    private static func write(_ subject: OpenedSubject, to json: inout JSONWriter) {
        json.object { json in
            json.member("pseudonym", subject.pseudonym.hex)
            if subject.isErased { json.flag("erased", true) }
            json.member("record_id", subject.recordID)
            json.member("other", subject.other)
            if !subject.changes.isEmpty {
                json.key("changes")
                subject.changes.write(to: &json)
            }
        }
    }

    static func write(_ details: [String: HeaderDetail], to json: inout JSONWriter) {
        json.object { json in
            for (key, detail) in details.sorted(by: { $0.key < $1.key }) {
                json.key(key)
                switch detail {
                case .integer(let number): json.integer(number)
                case .boolean(let flag): json.boolean(flag)
                case .time(let time): json.time(time)
                case .code(let code): json.string(code)
                }
            }
        }
    }
}

extension OpenedEntry {
    /// The record's id: in clear where its type says so, else from the slot of the first person concerned, if that opens.
    package var recordID: String? { header?.record?.id ?? subjects.first?.recordID }
}

extension JSONWriter {
    package mutating func flag(_ name: String, _ value: Bool) {
        key(name)
        boolean(value)
    }

    /// The member `pruned_before`, where retention took what an answer might have shown.
    mutating func pruned(_ pruned: PrunedEntries, _ since: Timestamp?) {
        guard pruned.concerns(since: since), let before = pruned.before else { return }
        member("pruned_before", before.description)
    }
}
