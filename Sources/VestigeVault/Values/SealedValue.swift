import VestigeCrypto

/// A value of a host's own database, sealed for one person and one field: `0x02 ‖ nonce 24 ‖ commitment 32 ‖ ciphertext`, 73 bytes more
/// than the value. The bytes name nobody; opening takes the person and the field. The length of the value can be seen.
///
/// It is stored as ``bytes``, encoded as base64 text, and prints as `sealed(…)`.
public struct SealedValue: Hashable, Sendable {
    static let version: UInt8 = 2
    /// Bytes that sealing adds.
    public static let overhead = 1 + CommittedBox.byteCountMin
    public static let fieldByteCountMax = 256

    public let bytes: [UInt8]

    /// Takes bytes that were read from a database.
    ///
    /// - Throws: ``VaultError/valueDamaged`` if they cannot be a sealed value.
    public init(bytes: [UInt8]) throws(VaultError) {
        guard bytes.count >= Self.overhead, bytes[0] == Self.version else { throw .valueDamaged }
        self.bytes = bytes
    }

    init(sealed bytes: [UInt8]) { self.bytes = bytes }

    /// Stands in a row of a transaction that will not be committed, since a key is missing that it needs.
    package static let placeholder = SealedValue(sealed: [version] + [UInt8](repeating: 0, count: overhead - 1))

    static func check(field: String) throws(VaultError) {
        guard (1...fieldByteCountMax).contains(field.utf8.count) else { throw .invalidField }
    }
}

extension SealedValue: Codable {
    public init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let bytes = Base64.decode(text) else { throw VaultError.valueDamaged }
        try self.init(bytes: bytes)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(Base64.encode(bytes))
    }
}

extension SealedValue: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "sealed(…)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}

/// What opening a host's value gave. A value that is wrong throws instead.
public enum OpenedValue<Value: Sendable>: Sendable {
    case value(Value)
    /// The vault holds no key for this person any more: erased, being erased, or forgotten since.
    case erased

    /// `nil` once erased.
    public var value: Value? {
        switch self {
        case .value(let value): value
        case .erased: nil
        }
    }

    public var isErased: Bool { value == nil }
}

extension OpenedValue: Equatable where Value: Equatable {}
