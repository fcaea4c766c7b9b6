public import VestigeCore
public import VestigeCrypto
public import VestigeTrail

/// An entry with its slots opened as far as the asker may see and the keys still live.
public struct OpenedEntry: Sendable {
    public let seq: UInt64
    public let recordedAt: Timestamp
    /// `nil` once the body is gone.
    public let header: Header?
    public let id: EntryID
    /// The 89 bytes of the tree.
    package let leaf: [UInt8]
    /// The body was removed before its time, by decision; else one that is gone was pruned.
    public var isRedacted = false
    public var actor: OpenedActor?
    public var behalf: OpenedActor?
    public var subjects: [OpenedSubject] = []
    /// Before and after of fields that are not personal.
    public var clearChanges: [String: FieldChange] = [:]
    /// The page, from the slot of the subject whose record it is, else from the actor's.
    public var page: String?
    public var caseReference: String?
    public var justification: String?
    /// The id that was tried where nobody has it.
    public var tried: String?
    public var text: String?
    /// A slot does not open although its key lives: it was damaged or moved.
    public var isUnreadable = false

    package init(seq: UInt64, recordedAt: Timestamp, header: Header?, id: EntryID, leaf: [UInt8], isRedacted: Bool = false) {
        self.seq = seq
        self.recordedAt = recordedAt
        self.header = header
        self.id = id
        self.leaf = leaf
        self.isRedacted = isRedacted
    }

    /// What the tree is built of: `SHA-256(0x00 ‖ leaf)`. Leads from an exported line to its place in the trail.
    public var leafHash: Bytes32 { TreeHash.leaf(leaf) }

    /// Whether somebody of it is known to be erased.
    package var namesErased: Bool {
        actor?.isErased == true || behalf?.isErased == true || subjects.contains(where: \.isErased)
    }
}

/// Who acted, as far as it can be said.
public struct OpenedActor: Sendable, Equatable {
    public var type: String
    public var role: String?
    public var pseudonym: Bytes16?
    public var isSelf: Bool
    /// The key is destroyed: only type and pseudonym are left.
    public var isErased: Bool
    public var id: String?
    public var name: String?
    public var email: String?
    public var ip: String?
    public var userAgent: String?
    public var session: String?

    package init(type: String, role: String? = nil, pseudonym: Bytes16?, isSelf: Bool, isErased: Bool) {
        self.type = type
        self.role = role
        self.pseudonym = pseudonym
        self.isSelf = isSelf
        self.isErased = isErased
    }
}

/// Somebody concerned.
public struct OpenedSubject: Sendable, Equatable {
    public var pseudonym: Bytes16
    public var isErased: Bool
    /// Their record's id, where their slot holds one.
    public var recordID: String?
    public var changes: [String: FieldChange] = [:]
    /// Names of undeclared fields.
    public var other: [String] = []

    package init(pseudonym: Bytes16, isErased: Bool) {
        self.pseudonym = pseudonym
        self.isErased = isErased
    }
}
