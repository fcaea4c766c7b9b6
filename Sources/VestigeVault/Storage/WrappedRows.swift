public import VestigeCrypto

/// A table whose rows hold bytes that a KEK wraps.
public enum WrappedTable: UInt8, Sendable, CaseIterable {
    /// Keys of people.
    case keys
    /// Pseudonyms behind lookups.
    case directory
    /// Pseudonyms behind values of hosts.
    case blindIndex
}

/// Names one row of a ``WrappedTable``, with everything that its wrapped bytes are bound to.
public enum WrappedName: Hashable, Sendable {
    case key(Pseudonym, KeyRole)
    case directory(DirectoryKey)
    case blind(BlindKey)

    public var table: WrappedTable {
        switch self {
        case .key: .keys
        case .directory: .directory
        case .blind: .blindIndex
        }
    }

    /// The first bytes of the row's name; names are random or keyed hashes, so they tell how far a pass in their order has come.
    var prefix: UInt32 {
        switch self {
        case .key(let pseudonym, _): Self.number(pseudonym.bytes)
        case .directory(let key): Self.number(key.lookup.bytes)
        case .blind(let key): Self.number(key.token.bytes)
        }
    }

    func associatedData(kek: UInt32) -> [UInt8] {
        switch self {
        case .key(let pseudonym, let role): AssociatedData.key(pseudonym, role, kek: kek)
        case .directory(let key): AssociatedData.directory(key, kek: kek)
        case .blind(let key): AssociatedData.blindRow(key.token, kek: kek)
        }
    }

    private static func number(_ bytes: [UInt8]) -> UInt32 { bytes.prefix(4).reduce(0) { $0 << 8 | UInt32($1) } }
}

/// What one row of a ``WrappedTable`` holds under a KEK.
public struct WrappedRow: Sendable, Equatable {
    public var name: WrappedName
    /// `0x01 ‖ kek id u32 ‖ nonce 24 ‖ ciphertext`; `nil` once destroyed.
    public var wrapped: [UInt8]?

    public init(name: WrappedName, wrapped: [UInt8]?) {
        self.name = name
        self.wrapped = wrapped
    }

    /// The id of the KEK; `nil` for bytes of another form too.
    public var kek: UInt32? { wrapped.flatMap(WrappedBytes.kek) }
}

/// One row's bytes under the current KEK, to stand in for those under an older one.
public struct Rewrapping: Sendable, Equatable {
    public var name: WrappedName
    public var old: [UInt8]
    public var new: [UInt8]

    public init(name: WrappedName, old: [UInt8], new: [UInt8]) {
        self.name = name
        self.old = old
        self.new = new
    }

    /// The id of the KEK that wraps the new bytes.
    public var kek: UInt32? { WrappedBytes.kek(new) }
}
