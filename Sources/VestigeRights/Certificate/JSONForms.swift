import VestigeTrail
import VestigeVault

/// The forms that bodies and case files share, written and read in a fixed order.
extension JSONWriter {
    mutating func count(_ name: String, _ value: Int) {
        key(name)
        integer(Int64(value))
    }

    mutating func objects<Item>(_ name: String, _ items: [Item], _ write: (Item, inout JSONWriter) -> Void) {
        guard !items.isEmpty else { return }
        key(name)
        array { list in for item in items { list.object { write(item, &$0) } } }
    }
}

extension JSONCursor {
    mutating func text(_ name: StaticString) throws(TrailError) -> String? { member(name) ? try string() : nil }

    /// A whole number from 0.
    mutating func count(_ name: StaticString) throws(TrailError) -> Int? {
        guard member(name) else { return nil }
        guard let value = Int(exactly: try integer()), value >= 0 else { throw refuse("a count") }
        return value
    }

    mutating func time(_ name: StaticString) throws(TrailError) -> Timestamp? {
        guard member(name) else { return nil }
        guard let time = Timestamp(try string()) else { throw refuse("a time") }
        return time
    }

    mutating func requiredTime(_ name: StaticString) throws(TrailError) -> Timestamp {
        guard let time = try time(name) else { throw refuse("a time") }
        return time
    }

    mutating func day(_ name: StaticString) throws(TrailError) -> Int? {
        guard member(name) else { return nil }
        guard let day = DayText.read(try string()) else { throw refuse("a day") }
        return day
    }

    mutating func role() throws(TrailError) -> KeyRole {
        guard member("role"), let role = KeyRole(code: try string()) else { throw refuse("a role") }
        return role
    }

    mutating func entryID() throws(TrailError) -> EntryID {
        guard member("id"), let id = EntryID(try string()) else { throw refuse("the id of an entry") }
        return id
    }

    mutating func objects<Item>(
        _ name: StaticString, _ read: (inout JSONCursor) throws(TrailError) -> Item
    ) throws(TrailError) -> [Item] {
        var items: [Item] = []
        guard member(name) else { return items }
        try array { (json: inout JSONCursor) throws(TrailError) in
            try json.expect(0x7B)
            items.append(try read(&json))
            try json.expect(0x7D)
        }
        return items
    }
}
