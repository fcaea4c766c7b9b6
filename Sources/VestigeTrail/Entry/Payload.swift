/// The sealed part of an entry: slots and clear items, length-prefixed.
///
/// `u16 count`, then for each item `kind u8 ‖ index u16 ‖ length u32 ‖ bytes`, integers big-endian.
public struct Payload: Sendable, Equatable {
    public enum Kind: UInt8, Sendable {
        /// Readable by all who may read the trail.
        case clear = 0
        case actor, subject, behalf
    }

    public struct Item: Sendable, Equatable {
        public let kind: Kind
        /// Place in the header's `subjects`, else 0.
        public let index: UInt16
        public let bytes: [UInt8]

        public init(kind: Kind, index: UInt16 = 0, bytes: [UInt8]) {
            self.kind = kind
            self.index = index
            self.bytes = bytes
        }
    }

    /// Bytes of an item beside its own.
    package static let itemOverhead = 7

    /// An item's slot number is its place here.
    public var items: [Item]

    public init(items: [Item] = []) {
        self.items = items
    }

    public func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(2 + items.reduce(0) { $0 + 7 + $1.bytes.count })
        bytes.append(bigEndian: UInt16(items.count))
        for item in items {
            bytes.append(item.kind.rawValue)
            bytes.append(bigEndian: item.index)
            bytes.append(bigEndian: UInt32(item.bytes.count))
            bytes.append(contentsOf: item.bytes)
        }
        return bytes
    }

    /// - Throws: ``TrailError/malformedPayload(offset:)``
    public init(decoding bytes: [UInt8]) throws(TrailError) {
        var reader = ByteReader(bytes)
        guard let count = reader.integer(UInt16.self) else { throw .malformedPayload(offset: 0) }
        items = []
        items.reserveCapacity(Int(count))
        for _ in 0..<count {
            guard let kind = reader.integer(UInt8.self).flatMap(Kind.init), let index = reader.integer(UInt16.self),
                let length = reader.integer(UInt32.self), let content = reader.take(Int(length))
            else { throw .malformedPayload(offset: reader.place) }
            items.append(Item(kind: kind, index: index, bytes: content))
        }
        guard reader.isAtEnd else { throw .malformedPayload(offset: reader.place) }
    }
}

extension [UInt8] {
    package mutating func append(bigEndian value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
    }
}

/// Takes integers and runs of bytes off the front; `nil` when too few are left.
package struct ByteReader {
    private let bytes: [UInt8]
    package private(set) var place = 0

    package init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    package var isAtEnd: Bool { place == bytes.count }

    package mutating func integer<Value: FixedWidthInteger & UnsignedInteger>(_: Value.Type) -> Value? {
        let width = Value.bitWidth / 8
        guard bytes.count - place >= width else { return nil }
        var value: Value = 0
        for byte in bytes[place..<place + width] { value = Value(truncatingIfNeeded: UInt64(value) << 8 | UInt64(byte)) }
        place += width
        return value
    }

    package mutating func take(_ count: Int) -> [UInt8]? {
        guard count >= 0, bytes.count - place >= count else { return nil }
        defer { place += count }
        return Array(bytes[place..<place + count])
    }
}
