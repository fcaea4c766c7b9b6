package import VestigeCore
package import VestigeTrail

/// Before and after by field: a missing side was absent; a large value is its length and a hash.
package enum ChangesJSON {
    package static func write(_ changes: [String: FieldChange], to json: inout JSONWriter) {
        json.object { json in
            for (field, change) in changes.sorted(by: { $0.key < $1.key }) {
                json.key(field)
                json.object { json in
                    if let before = change.before {
                        json.key("before")
                        write(before, to: &json)
                    }
                    if let after = change.after {
                        json.key("after")
                        write(after, to: &json)
                    }
                }
            }
        }
    }

    private static func write(_ value: FieldValue, to json: inout JSONWriter) {
        switch value {
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
}
