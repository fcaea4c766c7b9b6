import VestigeCrypto

extension Header {
    /// Reads a header's exact bytes.
    ///
    /// - Throws: ``TrailError/malformedJSON(expected:offset:)`` for anything the writer does not write: another key
    ///   order, white space, an unknown key, a second spelling of a value.
    public init(decoding bytes: [UInt8]) throws(TrailError) {
        var json = JSONCursor(bytes)
        try json.expect(0x7B)
        guard json.member("v"), try json.integer() == 1 else { throw json.refuse("header version 1") }
        guard json.member("id"), case let idText = try json.string(), let id = EntryID(idText), id.description == idText else {
            throw json.refuse("\"id\" (UUIDv7)")
        }
        guard json.member("occurred_at"), let time = Timestamp(try json.string()) else { throw json.refuse("\"occurred_at\"") }
        guard json.member("channel") else { throw json.refuse("\"channel\"") }
        let channel = try json.string()
        guard json.member("event") else { throw json.refuse("\"event\"") }
        let event = try json.string()
        guard json.member("action") else { throw json.refuse("\"action\"") }
        let action = try json.string()
        guard json.member("status"), let status = EntryStatus(rawValue: try json.string()) else { throw json.refuse("\"status\"") }
        guard json.member("actor") else { throw json.refuse("\"actor\"") }
        self.init(
            id: id, occurredAt: time, channel: channel, event: event, action: action, status: status,
            actor: try ActorReference(reading: &json))
        if json.member("behalf") { behalf = try ActorReference(reading: &json) }
        if json.member("record") { record = try RecordHandle(reading: &json) }
        if json.member("subjects") {
            try json.array { (json: inout JSONCursor) throws(TrailError) in subjects.append(try json.pseudonym()) }
            guard !subjects.isEmpty else { throw json.refuse("subjects") }
        }
        if json.member("fields") {
            try json.array { (json: inout JSONCursor) throws(TrailError) in fields.append(try json.string()) }
            guard !fields.isEmpty else { throw json.refuse("fields") }
        }
        if json.member("other") {
            other = Int(try json.integer())
            guard other > 0 else { throw json.refuse("a count above 0") }
        }
        if json.member("purpose") { purpose = try json.string() }
        if json.member("activity") { activity = try json.string() }
        if json.member("correlation_id") { correlationID = try json.string() }
        if json.member("recipient") { recipient = try json.string() }
        if json.member("part") { part = try Part(reading: &json) }
        if json.member("details") { details = try HeaderDetail.readMembers(of: &json) }
        if json.member("policy") {
            guard let digest = Bytes32(hex: try json.string()) else { throw json.refuse("a digest") }
            policy = digest
        }
        if json.member("description") { description = try HeaderDescription(reading: &json) }
        try json.expect(0x7D)
        guard json.isAtEnd else { throw json.refuse("the end") }
    }
}

extension JSONCursor {
    fileprivate mutating func pseudonym() throws(TrailError) -> Bytes16 {
        guard let value = Bytes16(hex: try string()) else { throw refuse("16 bytes in lower-case hexadecimal") }
        return value
    }
}

extension ActorReference {
    fileprivate init(reading json: inout JSONCursor) throws(TrailError) {
        try json.expect(0x7B)
        guard json.member("type") else { throw json.refuse("\"type\"") }
        self.init(type: try json.string(), identity: .none)
        if json.member("pseudonym") {
            identity = .pseudonym(try json.pseudonym())
        } else if json.member("self") {
            guard try json.boolean() else { throw json.refuse("true") }
            identity = .oneself
        }
        if json.member("role") { role = try json.string() }
        try json.expect(0x7D)
    }
}

extension RecordHandle {
    fileprivate init(reading json: inout JSONCursor) throws(TrailError) {
        try json.expect(0x7B)
        guard json.member("type") else { throw json.refuse("\"type\"") }
        self.init(type: try json.string())
        if json.member("id") { id = try json.string() }
        if json.member("handle") { handle = try json.pseudonym() }
        try json.expect(0x7D)
    }
}

extension Part {
    fileprivate init(reading json: inout JSONCursor) throws(TrailError) {
        try json.expect(0x7B)
        guard json.member("n") else { throw json.refuse("\"n\"") }
        let n = try json.integer()
        guard json.member("of") else { throw json.refuse("\"of\"") }
        self.init(n: Int(n), of: Int(try json.integer()))
        try json.expect(0x7D)
    }
}

extension HeaderDetail {
    fileprivate static func readMembers(of json: inout JSONCursor) throws(TrailError) -> [String: HeaderDetail] {
        var details: [String: HeaderDetail] = [:]
        var last: String?
        var count = 0
        try json.members { (json: inout JSONCursor, name: String) throws(TrailError) in
            if let last, !last.utf8.lexicographicallyPrecedes(name.utf8) { throw json.refuse("keys in ascending order") }
            last = name
            switch json.peek {
            case 0x22:
                let text = try json.string()
                details[name] = Timestamp(text).map(HeaderDetail.time) ?? .code(text)
            case 0x74, 0x66: details[name] = .boolean(try json.boolean())
            default: details[name] = .integer(try json.integer())
            }
            count += 1
        }
        // Fewer than were read: two keys that String holds equal.
        guard count > 0, details.count == count else { throw json.refuse("distinct details") }
        return details
    }
}

extension HeaderDescription {
    fileprivate init(reading json: inout JSONCursor) throws(TrailError) {
        try json.expect(0x7B)
        guard json.member("t") else { throw json.refuse("\"t\"") }
        self.init(template: try json.string())
        if json.member("c") {
            var last = -1
            try json.members { (json: inout JSONCursor, name: String) throws(TrailError) in
                guard let gap = Int(name), gap > last, String(gap) == name else { throw json.refuse("the number of a gap, ascending") }
                last = gap
                clear[gap] = try json.string()
            }
            guard last >= 0 else { throw json.refuse("clear values") }
        }
        try json.expect(0x7D)
    }
}
