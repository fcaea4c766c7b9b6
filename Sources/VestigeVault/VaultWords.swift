public import VestigeCrypto

/// A person's random 128-bit handle, one for each role; never derived from the id.
public typealias Pseudonym = Bytes16

/// What a key is for. A person has one pseudonym and one key for each role.
public enum KeyRole: UInt8, Sendable, CaseIterable, Comparable {
    /// The person whom records are about.
    case subject = 1
    /// The person who acts.
    case acting = 2
    /// Everybody without an id in one calendar month.
    case visitor = 3
    /// A data subject request on its way.
    case caseFile = 4
    /// A random handle that stands for a record's id; it has no key.
    case recordHandle = 5

    public static func < (left: KeyRole, right: KeyRole) -> Bool { left.rawValue < right.rawValue }
}

/// What the vault knows of a person in one role.
public enum Standing: Sendable, Equatable {
    case unknown
    case active(Pseudonym)
    /// Being erased, erased, or still fenced: no key is handed out and none is minted.
    case erased
}

/// Where a slot stands. It is bound into the ciphertext: a slot moved elsewhere does not open.
public struct SlotPlace: Sendable, Equatable {
    public let trail: Bytes16
    public let entry: Bytes16
    /// The place in the payload, from 0.
    public let slot: UInt16

    public init(trail: Bytes16, entry: Bytes16, slot: UInt16) {
        self.trail = trail
        self.entry = entry
        self.slot = slot
    }
}

/// What opening a slot gave. Bytes that are wrong throw instead.
public enum Opened: Sendable, Equatable {
    case plaintext([UInt8])
    /// The key was destroyed, or is about to be.
    case erased
}
