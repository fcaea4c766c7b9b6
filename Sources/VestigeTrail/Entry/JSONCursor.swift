/// Reads what `JSONWriter` writes, in the order in which it was written, and refuses every other form.
///
/// Strict on purpose: a second spelling of the same header would be a second truth.
package struct JSONCursor {
    private let bytes: [UInt8]
    private var place = 0

    package init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    package var isAtEnd: Bool { place == bytes.count }
    package var peek: UInt8? { place < bytes.count ? bytes[place] : nil }

    package func refuse(_ expected: String) -> TrailError {
        .malformedJSON(expected: expected, offset: place)
    }

    package mutating func expect(_ byte: UInt8) throws(TrailError) {
        guard place < bytes.count, bytes[place] == byte else { throw refuse("'\(Character(UnicodeScalar(byte)))'") }
        place += 1
    }

    package mutating func skip(_ byte: UInt8) -> Bool {
        guard place < bytes.count, bytes[place] == byte else { return false }
        place += 1
        return true
    }

    /// True, and past `"name":`, if that is the next member; a comma before it is taken too.
    package mutating func member(_ name: StaticString) -> Bool {
        var next = place
        if next < bytes.count, bytes[next] == 0x2C { next += 1 }
        let count = name.utf8CodeUnitCount
        guard next + count + 3 <= bytes.count, bytes[next] == 0x22, bytes[next + count + 1] == 0x22, bytes[next + count + 2] == 0x3A else {
            return false
        }
        for index in 0..<count where bytes[next + 1 + index] != name.utf8Start[index] { return false }
        // A first member has no comma, a later one has.
        guard (bytes[place] == 0x2C) == (bytes[place - 1] != 0x7B) else { return false }
        place = next + count + 3
        return true
    }

    package mutating func string() throws(TrailError) -> String {
        let raw = try stringBytes()
        guard let text = String(validating: raw, as: UTF8.self) else { throw refuse("valid UTF-8") }
        return text
    }

    private mutating func stringBytes() throws(TrailError) -> [UInt8] {
        try expect(0x22)
        let start = place
        while place < bytes.count, bytes[place] != 0x22, bytes[place] != 0x5C, bytes[place] >= 0x20 { place += 1 }
        var text = Array(bytes[start..<place])
        while true {
            guard let byte = peek else { throw refuse("the end of a string") }
            place += 1
            if byte == 0x22 { return text }
            if byte < 0x20 { throw refuse("an escaped control character") }
            guard byte == 0x5C else {
                text.append(byte)
                continue
            }
            guard let escaped = peek else { throw refuse("an escape") }
            place += 1
            if escaped == 0x22 || escaped == 0x5C {
                text.append(escaped)
                continue
            }
            guard escaped == 0x75, place + 4 <= bytes.count, bytes[place] == 0x30, bytes[place + 1] == 0x30,
                bytes[place + 2] == 0x30 || bytes[place + 2] == 0x31, let low = JSONCursor.digit(bytes[place + 3])
            else { throw refuse("an escape of the trail's form") }
            text.append((bytes[place + 2] - 0x30) << 4 | low)
            place += 4
        }
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }

    package mutating func integer() throws(TrailError) -> Int64 {
        let start = place
        if peek == 0x2D { place += 1 }
        while let byte = peek, byte >= 0x30, byte <= 0x39 { place += 1 }
        let text = String(decoding: bytes[start..<place], as: UTF8.self)
        guard let value = Int64(text), String(value) == text else { throw refuse("an integer") }
        return value
    }

    package mutating func boolean() throws(TrailError) -> Bool {
        if take("true") { return true }
        if take("false") { return false }
        throw refuse("true or false")
    }

    package mutating func null() -> Bool {
        take("null")
    }

    private mutating func take(_ word: StaticString) -> Bool {
        let count = word.utf8CodeUnitCount
        guard place + count <= bytes.count else { return false }
        for index in 0..<count where bytes[place + index] != word.utf8Start[index] { return false }
        place += count
        return true
    }

    /// The items of an array, or the members of an object, each read by `item`.
    package mutating func list(_ open: UInt8, _ close: UInt8, _ item: (inout JSONCursor) throws(TrailError) -> Void) throws(TrailError) {
        try expect(open)
        if skip(close) { return }
        repeat { try item(&self) } while skip(0x2C)
        try expect(close)
    }

    package mutating func array(_ item: (inout JSONCursor) throws(TrailError) -> Void) throws(TrailError) {
        try list(0x5B, 0x5D, item)
    }

    package mutating func members(_ item: (inout JSONCursor, String) throws(TrailError) -> Void) throws(TrailError) {
        try list(0x7B, 0x7D) { (cursor: inout JSONCursor) throws(TrailError) in
            let name = try cursor.string()
            try cursor.expect(0x3A)
            try item(&cursor, name)
        }
    }
}
