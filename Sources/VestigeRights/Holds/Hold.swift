public import VestigeCore
public import VestigeCrypto
public import VestigeTrail
public import VestigeVault

/// What a hold covers.
public enum HeldThing: Sendable, Equatable {
    /// A person, by the one of their pseudonyms that the entry names; the hold covers whatever key they have.
    case person(Pseudonym)
    /// A record that is nobody. Its entries are kept; it keeps no person's key.
    case record(RecordHandle)
}

/// A legal hold as the trail tells it.
public struct Hold: Sendable, Equatable {
    /// The id of its entry, `erasure.held`.
    public let id: EntryID
    /// The place of that entry.
    public let seq: UInt64
    /// The number of the older trail in which it stands, and from which the present one goes on; `nil`: the present one.
    public internal(set) var trail: Int?
    public let thing: HeldThing
    /// When it was recorded.
    public let since: Timestamp
    /// The first moment at which it no longer holds; `nil`: until it is released.
    public let endsAt: Timestamp?
    /// The place of the entry that released it, or that says that its day was over.
    public internal(set) var endedSeq: UInt64?
    /// Whether that entry stands in the present trail.
    var endedInPresent = false

    public func stands(at now: Timestamp) -> Bool { endedSeq == nil && !isOver(at: now) }

    func isOver(at now: Timestamp) -> Bool { endsAt.map { $0 <= now } ?? false }
}

/// What somebody asks a hold for.
public enum HoldTarget: Sendable, Equatable {
    /// A person or a record, as the policy and the vault know it.
    case named(type: String, id: String)
    /// A person by pseudonym; to release, also a record by its handle.
    case pseudonym(Bytes16)
}

/// Who holds what, for which case, until when and why. Case and reason stand in the slot of whoever orders it, and nowhere else.
public struct HoldOrder: Sendable {
    public var target: HoldTarget
    public var caseReference: String
    public var purpose: String
    public var actor: AuditActor
    /// The first moment at which it no longer holds.
    public var endsAt: Timestamp?
    public var because: String?

    public init(
        _ target: HoldTarget, caseReference: String, purpose: String, actor: AuditActor, endsAt: Timestamp? = nil, because: String? = nil
    ) {
        self.target = target
        self.caseReference = caseReference
        self.purpose = purpose
        self.actor = actor
        self.endsAt = endsAt
        self.because = because
    }
}

/// Which hold is released, and by whom.
public struct HoldReleaseOrder: Sendable {
    public var target: HoldTarget
    public var caseReference: String
    /// The hold itself, where its case can no longer be read.
    public var hold: EntryID?
    public var purpose: String?
    public var actor: AuditActor

    public init(_ target: HoldTarget, caseReference: String, hold: EntryID? = nil, purpose: String? = nil, actor: AuditActor) {
        self.target = target
        self.caseReference = caseReference
        self.hold = hold
        self.purpose = purpose
        self.actor = actor
    }
}

/// What releasing did.
public struct HoldRelease: Sendable, Equatable {
    public let released: [Hold]
    /// Places of the entries `erasure.hold_released`, one for each.
    public let seqs: [UInt64]
    /// Holds that still stand on the same person or record.
    public let remaining: Int
}
