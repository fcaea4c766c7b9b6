public import VestigeCore
public import VestigeCrypto
public import VestigeTrail
public import VestigeVault

/// Which of a person's keys an erasure destroys.
public enum ErasureRole: String, Sendable, CaseIterable {
    /// What records say about them.
    case subject
    /// What they did; destroyed at once.
    case acting
    /// Both; the acting key of staff waits for its due day where the policy says so.
    case both
}

/// What an erasure did. It names nobody: neither the id nor the pseudonym stands in it.
public struct Erasure: Sendable, Equatable {
    public let id: Bytes16
    public let caseReference: String
    public let roles: [KeyRole]
    /// The acting key stays until this day (days since 1970), and why.
    public let deferredUntil: Int?
    public let deferredBecause: String?
    public let startedAt: Timestamp
    public let completedAt: Timestamp
    /// Places of `erasure.started` and `erasure.completed`.
    public let startedSeq: UInt64
    public let completedSeq: UInt64
    /// The last day on which the erased id is still recognised.
    public let fenceUntil: Int
    /// `nil` only where it could not be made or kept; the erasure is complete all the same.
    public let certificate: Certificate?
}

/// Who erases, why and for which case.
public struct ErasureOrder: Sendable {
    public var subject: SubjectID
    public var role: ErasureRole
    public var caseReference: String
    public var purpose: String
    public var actor: AuditActor
    /// The certificate counts so many of each pseudonym's entries, the newest, and says if there are more: an erasure takes no longer for
    /// somebody who has many. A caller who has the time gives ``everything``, about a second for a million entries.
    public var countsUpTo = ErasureOrder.countDefault

    public static let countDefault = 1_000
    public static let everything = 100_000_000

    public init(subject: SubjectID, role: ErasureRole = .both, caseReference: String, purpose: String, actor: AuditActor) {
        self.subject = subject
        self.role = role
        self.caseReference = caseReference
        self.purpose = purpose
        self.actor = actor
    }
}
