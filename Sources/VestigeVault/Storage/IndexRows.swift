public import VestigeCrypto

/// Names a row of the blind index: whoever has this value, and one of them.
public struct BlindKey: Hashable, Sendable, Comparable {
    /// The keyed hash of a field and a value.
    public let token: Bytes32
    /// The person's locator in the role of a subject, as in their directory rows.
    public let locator: Bytes16

    public init(token: Bytes32, locator: Bytes16) {
        self.token = token
        self.locator = locator
    }

    public static func < (left: BlindKey, right: BlindKey) -> Bool {
        left.token != right.token ? left.token < right.token : left.locator < right.locator
    }
}

/// Leads from a value to a person who has it, for whoever has the KEK. Several people may have one value, and one person many.
public struct BlindRow: Sendable, Equatable {
    public var key: BlindKey
    /// `0x01 ‖ kek id u32 ‖ nonce 24 ‖ ciphertext 32`: 61 bytes, as in a directory row.
    public var sealedPseudonym: [UInt8]

    public init(key: BlindKey, sealedPseudonym: [UInt8]) {
        self.key = key
        self.sealedPseudonym = sealedPseudonym
    }

    /// The id of the KEK that seals the pseudonym.
    public var kek: UInt32? { WrappedBytes.kek(sealedPseudonym) }
}

/// What leads to one person, as it is to be changed.
public struct BlindChange: Sendable, Equatable {
    public var pseudonym: Pseudonym
    public var removing: [BlindKey]
    public var adding: [BlindRow]

    public init(pseudonym: Pseudonym, removing: [BlindKey], adding: [BlindRow]) {
        self.pseudonym = pseudonym
        self.removing = removing
        self.adding = adding
    }
}

/// What a further identifier of a person is, readable under their key alone. The directory row with the same key leads to that person.
public struct LinkRow: Sendable, Equatable {
    public var key: DirectoryKey
    /// The person's, in the role of the key.
    public var locator: Bytes16
    /// `0x04 ‖ nonce 24 ‖ commitment 32 ‖ ciphertext`: type and id, sealed under the person's key.
    public var sealedIdentifier: [UInt8]

    public init(key: DirectoryKey, locator: Bytes16, sealedIdentifier: [UInt8]) {
        self.key = key
        self.locator = locator
        self.sealedIdentifier = sealedIdentifier
    }
}

/// A further identifier to be written: its directory row, its link row, and whose it becomes.
public struct LinkedName: Sendable, Equatable {
    public var directory: DirectoryRow
    public var sealedIdentifier: [UInt8]
    /// The pseudonym that the directory row leads to.
    public var pseudonym: Pseudonym

    public init(directory: DirectoryRow, sealedIdentifier: [UInt8], pseudonym: Pseudonym) {
        self.directory = directory
        self.sealedIdentifier = sealedIdentifier
        self.pseudonym = pseudonym
    }

    public var link: LinkRow { LinkRow(key: directory.key, locator: directory.locator, sealedIdentifier: sealedIdentifier) }
}
