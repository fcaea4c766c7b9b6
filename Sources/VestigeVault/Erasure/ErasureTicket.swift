public import VestigeCrypto

/// An erasure under way. Its ids are fixed at the start, so that a restart writes each of its two entries exactly once.
public struct ErasureTicket: Sendable, Equatable {
    public let erasure: Bytes16
    /// The id that the entry `erasure.started` has or will have.
    public let started: Bytes16
    /// The id that the entry `erasure.completed` will have.
    public let completed: Bytes16
    /// Whose keys go, one for each role; never empty.
    public let keys: [ErasedKey]
    /// True once the keys are gone.
    public let destroyed: Bool
    /// True if the erasure was begun by an earlier call: go on with this ticket's ids, not with those of the call.
    public let wasUnderWay: Bool
    /// Of the pseudonyms that were asked for, those whose keys were destroyed before.
    public let alreadyErased: [Pseudonym]
    /// Roles in which the person had neither key nor fence, and was fenced with the first step; known to whoever began the erasure.
    public let fenced: [KeyRole]

    public var pseudonyms: [Pseudonym] { keys.map(\.pseudonym) }

    init(_ row: ErasureRow, wasUnderWay: Bool, alreadyErased: [Pseudonym] = [], fenced: [KeyRole] = []) {
        erasure = row.erasure
        started = row.started
        completed = row.completed
        keys = row.keys
        destroyed = row.step == .destroyed
        self.wasUnderWay = wasUnderWay
        self.alreadyErased = alreadyErased
        self.fenced = fenced
    }
}

/// A key whose erasure waits for a day.
public struct DueKey: Sendable, Equatable {
    public let pseudonym: Pseudonym
    public let role: KeyRole
    /// Days since 1970.
    public let dueDay: Int
    /// A legal hold keeps it, whatever the day.
    public let isHeld: Bool

    public init(pseudonym: Pseudonym, role: KeyRole, dueDay: Int, isHeld: Bool = false) {
        self.pseudonym = pseudonym
        self.role = role
        self.dueDay = dueDay
        self.isHeld = isHeld
    }
}
