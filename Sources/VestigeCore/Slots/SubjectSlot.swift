package import VestigeTrail

/// What is sealed under a subject's key: only this subject's own data.
package struct SubjectSlot: Sendable, Equatable {
    /// Their record's id.
    package var id: String?
    package var page: String?
    package var changes: [String: FieldChange] = [:]
    /// Personal parts of the description by the number of their gap.
    package var description: [Int: String] = [:]
    package var caseReference: String?
    package var justification: String?
    /// Names of undeclared fields.
    package var other: [String] = []

    package init() {}

    package func encoded() -> [UInt8] {
        var json = JSONWriter(capacity: 256)
        json.object { json in
            json.member("id", id)
            json.member("page", page)
            if !changes.isEmpty {
                json.key("changes")
                changes.write(to: &json)
            }
            if !description.isEmpty {
                json.key("description")
                json.object { json in
                    for (gap, text) in description.sorted(by: { $0.key < $1.key }) { json.member(String(gap), text) }
                }
            }
            json.member("case", caseReference)
            json.member("justification", justification)
            json.member("other", other)
        }
        return json.bytes
    }

    package init(decoding bytes: [UInt8]) throws(TrailError) {
        var json = JSONCursor(bytes)
        try json.expect(0x7B)
        if json.member("id") { id = try json.string() }
        if json.member("page") { page = try json.string() }
        if json.member("changes") { changes = try [String: FieldChange](reading: &json) }
        if json.member("description") {
            try json.members { (json: inout JSONCursor, name: String) throws(TrailError) in
                guard let gap = Int(name) else { throw json.refuse("the number of a gap") }
                description[gap] = try json.string()
            }
        }
        if json.member("case") { caseReference = try json.string() }
        if json.member("justification") { justification = try json.string() }
        if json.member("other") {
            try json.array { (json: inout JSONCursor) throws(TrailError) in other.append(try json.string()) }
        }
        try json.expect(0x7D)
    }

    /// Whether everything given here stands in `stored` too.
    func agrees(with stored: SubjectSlot) -> Bool {
        given(id, stored.id) && given(page, stored.page) && (changes.isEmpty || changes == stored.changes)
            && (description.isEmpty || description == stored.description) && given(caseReference, stored.caseReference)
            && given(justification, stored.justification) && (other.isEmpty || other == stored.other)
    }
}

/// Before and after of fields declared `personal: no`, readable by all who may read the trail.
package enum ClearChanges {
    package static func encode(_ changes: [String: FieldChange]) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.key("changes")
            changes.write(to: &json)
        }
        return json.bytes
    }

    /// `nil` for a clear item that holds something else, such as a policy's text.
    package static func decode(_ bytes: [UInt8]) -> [String: FieldChange]? {
        var json = JSONCursor(bytes)
        guard json.skip(0x7B), json.member("changes"), let changes = try? [String: FieldChange](reading: &json), json.skip(0x7D),
            json.isAtEnd
        else { return nil }
        return changes
    }
}

extension [String: FieldChange] {
    package func write(to json: inout JSONWriter) {
        json.object { json in
            for (field, change) in sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
                json.key(field)
                json.object { json in
                    if let before = change.before {
                        json.key("before")
                        before.write(to: &json)
                    }
                    if let after = change.after {
                        json.key("after")
                        after.write(to: &json)
                    }
                }
            }
        }
    }

    init(reading json: inout JSONCursor) throws(TrailError) {
        self.init()
        try json.members { (json: inout JSONCursor, field: String) throws(TrailError) in
            try json.expect(0x7B)
            let before = json.member("before") ? try FieldValue(reading: &json) : nil
            let after = json.member("after") ? try FieldValue(reading: &json) : nil
            try json.expect(0x7D)
            self[field] = FieldChange(before: before, after: after)
        }
    }
}

extension FieldValue {
    fileprivate func write(to json: inout JSONWriter) {
        switch self {
        case .text(let text): json.string(text)
        case .integer(let number): json.integer(number)
        case .boolean(let flag): json.boolean(flag)
        case .null: json.null()
        case .large(let count, let hash):
            json.object { json in
                json.key("length")
                json.integer(Int64(count))
                json.member("hash", hash)
            }
        }
    }

    fileprivate init(reading json: inout JSONCursor) throws(TrailError) {
        switch json.peek {
        case 0x22: self = .text(try json.string())
        case 0x74, 0x66: self = .boolean(try json.boolean())
        case 0x6E:
            guard json.null() else { throw json.refuse("null") }
            self = .null
        case 0x7B:
            try json.expect(0x7B)
            guard json.member("length") else { throw json.refuse("\"length\"") }
            let count = Int(try json.integer())
            guard json.member("hash") else { throw json.refuse("\"hash\"") }
            self = .large(byteCount: count, hash: try json.string())
            try json.expect(0x7D)
        default: self = .integer(try json.integer())
        }
    }
}
