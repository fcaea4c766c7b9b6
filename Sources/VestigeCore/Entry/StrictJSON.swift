/// A JSON value as it was written: nothing is converted, and nothing is accepted that RFC 8259 does not allow.
package indirect enum StrictJSON: Sendable, Equatable {
    case object([(name: String, value: StrictJSON)])
    case array([StrictJSON])
    case string(String)
    case integer(Int64)
    /// A number with a fraction or exponent, or beyond 64 bits.
    case decimal
    case boolean(Bool)
    case null

    /// For messages: the kind of value, never the value.
    package var kind: String {
        switch self {
        case .object: "an object"
        case .array: "a list"
        case .string: "a string"
        case .integer: "a whole number"
        case .decimal: "a number that is not whole"
        case .boolean: "true or false"
        case .null: "null"
        }
    }

    package static func == (left: StrictJSON, right: StrictJSON) -> Bool {
        switch (left, right) {
        case (.object(let left), .object(let right)):
            left.count == right.count && zip(left, right).allSatisfy { $0.name == $1.name && $0.value == $1.value }
        case (.array(let left), .array(let right)): left == right
        case (.string(let left), .string(let right)): left.utf8.elementsEqual(right.utf8)
        case (.integer(let left), .integer(let right)): left == right
        case (.boolean(let left), .boolean(let right)): left == right
        case (.decimal, .decimal), (.null, .null): true
        default: false
        }
    }
}

/// Where and why a text is not JSON.
package struct StrictJSONError: Error, Sendable, Equatable, CustomStringConvertible {
    package let offset: Int
    package let problem: String
    package var description: String { "\(problem) at byte \(offset)" }
}

/// Reads one JSON value from bytes. The same name twice in an object is refused: readers disagree which one counts.
package struct StrictJSONParser {
    package static let depthMax = 8

    private let bytes: [UInt8]
    private var place = 0

    /// - Throws: ``StrictJSONError``, which holds no part of the text.
    package static func parse(_ bytes: [UInt8]) throws(StrictJSONError) -> StrictJSON {
        var parser = StrictJSONParser(bytes: bytes)
        let value = try parser.value(depth: 0)
        parser.skipSpace()
        guard parser.place == bytes.count else { throw parser.error("something follows the value") }
        return value
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    private func error(_ problem: String) -> StrictJSONError {
        StrictJSONError(offset: place, problem: problem)
    }

    private var peek: UInt8? { place < bytes.count ? bytes[place] : nil }

    private mutating func skipSpace() {
        while let byte = peek, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { place += 1 }
    }

    private mutating func value(depth: Int) throws(StrictJSONError) -> StrictJSON {
        guard depth <= StrictJSONParser.depthMax else { throw error("too deeply nested") }
        skipSpace()
        switch peek {
        case 0x7B: return try object(depth: depth)
        case 0x5B: return try array(depth: depth)
        case 0x22: return .string(try string())
        case 0x74: return try word("true", .boolean(true))
        case 0x66: return try word("false", .boolean(false))
        case 0x6E: return try word("null", .null)
        case 0x2D?, (0x30...0x39)?: return try number()
        default: throw error(peek == nil ? "not JSON: it ends too early" : "not JSON")
        }
    }

    private mutating func object(depth: Int) throws(StrictJSONError) -> StrictJSON {
        place += 1
        var members: [(name: String, value: StrictJSON)] = []
        var names: Set<[UInt8]> = []
        skipSpace()
        if take(0x7D) { return .object([]) }
        repeat {
            skipSpace()
            guard peek == 0x22 else { throw error("not JSON: expected a name in quotation marks") }
            let name = try string()
            // Names are told apart by their bytes, as their writers do.
            guard names.insert(Array(name.utf8)).inserted else { throw error("the same name twice in an object") }
            skipSpace()
            guard take(0x3A) else { throw error("not JSON: expected \":\"") }
            members.append((name, try value(depth: depth + 1)))
            skipSpace()
        } while take(0x2C)
        guard take(0x7D) else { throw error("not JSON: expected \",\" or \"}\"") }
        return .object(members)
    }

    private mutating func array(depth: Int) throws(StrictJSONError) -> StrictJSON {
        place += 1
        var items: [StrictJSON] = []
        skipSpace()
        if take(0x5D) { return .array([]) }
        repeat {
            items.append(try value(depth: depth + 1))
            skipSpace()
        } while take(0x2C)
        guard take(0x5D) else { throw error("not JSON: expected \",\" or \"]\"") }
        return .array(items)
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard peek == byte else { return false }
        place += 1
        return true
    }

    private mutating func word(_ word: StaticString, _ value: StrictJSON) throws(StrictJSONError) -> StrictJSON {
        let count = word.utf8CodeUnitCount
        guard place + count <= bytes.count, (0..<count).allSatisfy({ bytes[place + $0] == word.utf8Start[$0] }) else {
            throw error("not JSON")
        }
        place += count
        return value
    }

    private mutating func number() throws(StrictJSONError) -> StrictJSON {
        let start = place
        _ = take(0x2D)
        let whole = digits()
        guard whole > 0, whole == 1 || bytes[place - whole] != 0x30 else { throw error("not JSON: a number of another form") }
        var isWhole = true
        if take(0x2E) {
            isWhole = false
            guard digits() > 0 else { throw error("not JSON: a number of another form") }
        }
        if take(0x65) || take(0x45) {
            isWhole = false
            if !take(0x2B) { _ = take(0x2D) }
            guard digits() > 0 else { throw error("not JSON: a number of another form") }
        }
        guard isWhole, let value = Int64(String(decoding: bytes[start..<place], as: UTF8.self)) else { return .decimal }
        return .integer(value)
    }

    private mutating func digits() -> Int {
        let start = place
        while let byte = peek, (0x30...0x39).contains(byte) { place += 1 }
        return place - start
    }

    private mutating func string() throws(StrictJSONError) -> String {
        place += 1
        var text: [UInt8] = []
        while true {
            let start = place
            while place < bytes.count, bytes[place] != 0x22, bytes[place] != 0x5C, bytes[place] >= 0x20 { place += 1 }
            text += bytes[start..<place]
            guard let byte = peek else { throw error("not JSON: a string does not end") }
            guard byte >= 0x20 else { throw error("not JSON: a control character in a string") }
            place += 1
            if byte == 0x22 { break }
            try escape(into: &text)
        }
        guard let string = String(validating: text, as: UTF8.self) else { throw error("not UTF-8") }
        return string
    }

    private mutating func escape(into text: inout [UInt8]) throws(StrictJSONError) {
        guard let byte = peek else { throw error("not JSON: a string does not end") }
        place += 1
        switch byte {
        case 0x22, 0x5C, 0x2F: text.append(byte)
        case 0x62: text.append(0x08)
        case 0x66: text.append(0x0C)
        case 0x6E: text.append(0x0A)
        case 0x72: text.append(0x0D)
        case 0x74: text.append(0x09)
        case 0x75:
            var code = try hexUnit()
            if (0xD800..<0xDC00).contains(code) {
                guard take(0x5C), take(0x75) else { throw error("half of a surrogate pair") }
                let low = try hexUnit()
                guard (0xDC00..<0xE000).contains(low) else { throw error("half of a surrogate pair") }
                code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(code) else { throw error("half of a surrogate pair") }
            text += Array(String(Character(scalar)).utf8)
        default: throw error("not JSON: an unknown escape")
        }
    }

    private mutating func hexUnit() throws(StrictJSONError) -> UInt32 {
        guard place + 4 <= bytes.count else { throw error("not JSON: a string does not end") }
        var code: UInt32 = 0
        for byte in bytes[place..<place + 4] {
            switch byte {
            case 0x30...0x39: code = code << 4 | UInt32(byte - 0x30)
            case 0x41...0x46: code = code << 4 | UInt32(byte - 0x41 + 10)
            case 0x61...0x66: code = code << 4 | UInt32(byte - 0x61 + 10)
            default: throw error("not JSON: an unknown escape")
            }
        }
        place += 4
        return code
    }
}
