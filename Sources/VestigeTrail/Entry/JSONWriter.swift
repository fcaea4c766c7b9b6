package import VestigeCrypto

/// Writes compact JSON straight into bytes: the one writer of headers and slots.
///
/// Absent members are left out, never null. Escaped are only `"`, `\` and U+0000–001F (as `\u00xx`), so one value
/// has one form and hashes of it can be compared.
package struct JSONWriter {
    package private(set) var bytes: [UInt8] = []
    private var needsComma = false

    package init(capacity: Int = 512) {
        bytes.reserveCapacity(capacity)
    }

    package mutating func object(_ members: (inout JSONWriter) -> Void) {
        separate()
        bytes.append(0x7B)
        needsComma = false
        members(&self)
        bytes.append(0x7D)
        needsComma = true
    }

    package mutating func array(_ items: (inout JSONWriter) -> Void) {
        separate()
        bytes.append(0x5B)
        needsComma = false
        items(&self)
        bytes.append(0x5D)
        needsComma = true
    }

    package mutating func key(_ name: String) {
        string(name)
        bytes.append(0x3A)
        needsComma = false
    }

    package mutating func string(_ value: String) {
        separate()
        bytes.append(0x22)
        for byte in value.utf8 {
            switch byte {
            case 0x22, 0x5C:
                bytes.append(0x5C)
                bytes.append(byte)
            case 0..<0x20:
                bytes.append(contentsOf: [0x5C, 0x75, 0x30, 0x30, 0x30 + byte >> 4, JSONWriter.hexDigit(byte & 15)])
            default: bytes.append(byte)
            }
        }
        bytes.append(0x22)
        needsComma = true
    }

    package mutating func integer(_ value: Int64) {
        separate()
        bytes.append(contentsOf: String(value).utf8)
        needsComma = true
    }

    package mutating func boolean(_ value: Bool) {
        separate()
        bytes.append(contentsOf: (value ? "true" : "false").utf8)
        needsComma = true
    }

    package mutating func null() {
        separate()
        bytes.append(contentsOf: "null".utf8)
        needsComma = true
    }

    /// Bytes that are JSON already.
    package mutating func raw(_ json: [UInt8]) {
        separate()
        bytes.append(contentsOf: json)
        needsComma = true
    }

    package mutating func time(_ value: Timestamp) {
        quoted { value.append(to: &$0) }
    }

    package mutating func uuid(_ value: Bytes16) {
        quoted { UUIDText.append(value, to: &$0) }
    }

    package mutating func hex(_ value: Bytes16) {
        quoted { $0.append(contentsOf: value.hex.utf8) }
    }

    package mutating func hex(_ value: Bytes32) {
        quoted { $0.append(contentsOf: value.hex.utf8) }
    }

    private mutating func quoted(_ body: (inout [UInt8]) -> Void) {
        separate()
        bytes.append(0x22)
        body(&bytes)
        bytes.append(0x22)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { bytes.append(0x2C) }
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? 0x30 + value : 0x61 + value - 10
    }
}

extension JSONWriter {
    /// The member `name`, if there is a value.
    package mutating func member(_ name: String, _ value: String?) {
        guard let value else { return }
        key(name)
        string(value)
    }

    /// The member `name`, if the list is not empty.
    package mutating func member(_ name: String, _ values: [String]) {
        guard !values.isEmpty else { return }
        key(name)
        array { list in for value in values { list.string(value) } }
    }
}
