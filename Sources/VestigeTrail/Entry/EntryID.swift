public import VestigeCrypto

/// An entry's name and idempotency key: a UUIDv7 (RFC 9562 §5.7).
public struct EntryID: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let bytes: Bytes16

    /// `nil` unless the version is 7 and the variant is RFC 9562's.
    public init?(_ bytes: Bytes16) {
        let raw = bytes.bytes
        guard raw[6] >> 4 == 7, raw[8] >> 6 == 2 else { return nil }
        self.bytes = bytes
    }

    /// Reads lower- or upper-case 8-4-4-4-12.
    public init?(_ text: some StringProtocol) {
        guard let bytes = UUIDText.read(text), let id = EntryID(bytes) else { return nil }
        self = id
    }

    /// A fresh id whose first 48 bits are `now` in milliseconds.
    public static func make(at now: Timestamp) -> EntryID { make(at: now, Randomness.bytes(16)) }

    /// An id that comes out the same each time, for an entry that is to stand once however often it is tried.
    package static func make(at time: Timestamp, from seed: Bytes32) -> EntryID { make(at: time, Array(seed.bytes.prefix(16))) }

    private static func make(at now: Timestamp, _ sixteen: [UInt8]) -> EntryID {
        var raw = sixteen
        let milliseconds = UInt64(max(0, now.microseconds)) / 1000
        for place in 0..<6 { raw[place] = UInt8(truncatingIfNeeded: milliseconds >> UInt64(40 - 8 * place)) }
        raw[6] = 0x70 | raw[6] & 0x0F
        raw[8] = 0x80 | raw[8] & 0x3F
        return EntryID(unchecked: Bytes16(raw) ?? .zero)
    }

    private init(unchecked bytes: Bytes16) {
        self.bytes = bytes
    }

    public static func < (left: EntryID, right: EntryID) -> Bool {
        left.bytes < right.bytes
    }

    public var description: String {
        UUIDText.write(bytes)
    }
}

/// The 8-4-4-4-12 form of 16 bytes.
public enum UUIDText {
    public static func write(_ bytes: Bytes16) -> String {
        var text: [UInt8] = []
        append(bytes, to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    package static func append(_ bytes: Bytes16, to text: inout [UInt8]) {
        let digits: StaticString = "0123456789abcdef"
        for (place, byte) in bytes.bytes.enumerated() {
            if place == 4 || place == 6 || place == 8 || place == 10 { text.append(0x2D) }
            text.append(digits.utf8Start[Int(byte >> 4)])
            text.append(digits.utf8Start[Int(byte & 15)])
        }
    }

    public static func read(_ text: some StringProtocol) -> Bytes16? {
        let raw = Array(text.utf8)
        guard raw.count == 36 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(16)
        var place = 0
        while place < 36 {
            if place == 8 || place == 13 || place == 18 || place == 23 {
                guard raw[place] == 0x2D else { return nil }
                place += 1
                continue
            }
            guard let high = nibble(raw[place]), let low = nibble(raw[place + 1]) else { return nil }
            bytes.append(high << 4 | low)
            place += 2
        }
        return Bytes16(bytes)
    }

    private static func nibble(_ character: UInt8) -> UInt8? {
        switch character {
        case 0x30...0x39: character - 0x30
        case 0x61...0x66: character - 0x61 + 10
        case 0x41...0x46: character - 0x41 + 10
        default: nil
        }
    }
}
