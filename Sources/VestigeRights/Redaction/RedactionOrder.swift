public import VestigeCore
import VestigeTrail

/// Which bodies go before their time, who decided it and for which case.
public struct RedactionOrder: Sendable {
    /// Places; at most ``Redaction/countMax``, each counted once.
    public var seqs: [UInt64]
    public var caseReference: String
    public var purpose: String
    public var actor: AuditActor

    public init(_ seqs: [UInt64], caseReference: String, purpose: String, actor: AuditActor) {
        self.seqs = seqs
        self.caseReference = caseReference
        self.purpose = purpose
        self.actor = actor
    }
}

/// What a redaction did.
public struct RedactionDone: Sendable, Equatable {
    /// The entry `retention.redacted`.
    public let receipt: Receipt
    /// Ascending.
    public let seqs: [UInt64]
    /// False while somebody who reads an older state keeps the bytes in the write-ahead log: the nightly run tries again.
    public let isWiped: Bool
}
