import VestigeCrypto

extension Header {
    /// The header's bytes. Key order is part of the format (Docs/TrailFormat.md, "Header").
    public func encoded() -> [UInt8] {
        var json = JSONWriter(capacity: 640)
        json.object { json in
            json.key("v")
            json.integer(1)
            json.key("id")
            json.uuid(id.bytes)
            json.key("occurred_at")
            json.time(occurredAt)
            json.member("channel", channel)
            json.member("event", event)
            json.member("action", action)
            json.member("status", status.rawValue)
            json.key("actor")
            actor.write(to: &json)
            if let behalf {
                json.key("behalf")
                behalf.write(to: &json)
            }
            if let record { record.write(to: &json) }
            if !subjects.isEmpty {
                json.key("subjects")
                json.array { list in for subject in subjects { list.hex(subject) } }
            }
            json.member("fields", fields)
            if other > 0 {
                json.key("other")
                json.integer(Int64(other))
            }
            json.member("purpose", purpose)
            json.member("activity", activity)
            json.member("correlation_id", correlationID)
            json.member("recipient", recipient)
            if let part { part.write(to: &json) }
            if !details.isEmpty { writeDetails(to: &json) }
            if let policy {
                json.key("policy")
                json.hex(policy)
            }
            if let description { description.write(to: &json) }
        }
        return json.bytes
    }

    private func writeDetails(to json: inout JSONWriter) {
        json.key("details")
        json.object { json in
            for (key, value) in details.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
                json.key(key)
                switch value {
                case .integer(let number): json.integer(number)
                case .boolean(let flag): json.boolean(flag)
                case .time(let time): json.time(time)
                case .code(let code): json.string(code)
                }
            }
        }
    }
}

extension ActorReference {
    fileprivate func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("type", type)
            switch identity {
            case .pseudonym(let pseudonym):
                json.key("pseudonym")
                json.hex(pseudonym)
            case .oneself:
                json.key("self")
                json.boolean(true)
            case .none: break
            }
            json.member("role", role)
        }
    }
}

extension RecordHandle {
    fileprivate func write(to json: inout JSONWriter) {
        json.key("record")
        json.object { json in
            json.member("type", type)
            json.member("id", id)
            if let handle {
                json.key("handle")
                json.hex(handle)
            }
        }
    }
}

extension Part {
    fileprivate func write(to json: inout JSONWriter) {
        json.key("part")
        json.object { json in
            json.key("n")
            json.integer(Int64(n))
            json.key("of")
            json.integer(Int64(of))
        }
    }
}

extension HeaderDescription {
    fileprivate func write(to json: inout JSONWriter) {
        json.key("description")
        json.object { json in
            json.member("t", template)
            guard !clear.isEmpty else { return }
            json.key("c")
            json.object { json in
                for (gap, value) in clear.sorted(by: { $0.key < $1.key }) { json.member(String(gap), value) }
            }
        }
    }
}
