/// What verification found. A verdict is a value: a broken trail is an answer, not an error.
public enum TrailVerdict: Sendable, Equatable {
    case intact
    /// Lowest position first, never empty.
    case broken([TrailFinding])
}

public struct TrailReport: Sendable, Equatable {
    public let verdict: TrailVerdict
    /// As recomputed from the leaves.
    public let head: TreeHead
    /// Entries below this one were not looked at again; 0 for a full verification.
    public let since: UInt64
    /// Bodies that are gone because an entry of the trail decided it, as far as entries were looked at; no findings.
    public let redacted: Int
    /// Bodies that are gone by a retention plan of the trail, as far as entries were looked at; no findings.
    public let pruned: Int
    /// Sizes of the checkpoints from elsewhere that the trail leads to, ascending.
    public let consistent: [UInt64]
    /// Checkpoints from elsewhere that are of a trail this one goes on from, and that trail leads to.
    public let consistentOlder: [OlderCheckpoint]
    /// The newest signed checkpoint, which everything was held against; `nil` where it cannot be read.
    public let checkpoint: Checkpoint?

    public init(
        head: TreeHead, findings: [TrailFinding], since: UInt64 = 0, redacted: Int = 0, pruned: Int = 0, consistent: [UInt64] = [],
        consistentOlder: [OlderCheckpoint] = [], checkpoint: Checkpoint? = nil
    ) {
        self.head = head
        self.since = since
        self.redacted = redacted
        self.pruned = pruned
        self.consistent = consistent
        self.consistentOlder = consistentOlder
        self.checkpoint = checkpoint
        verdict = findings.isEmpty ? .intact : .broken(findings.sorted { ($0.seq ?? .max) < ($1.seq ?? .max) })
    }

    public var findings: [TrailFinding] {
        if case .broken(let findings) = verdict { findings } else { [] }
    }

    /// The same with findings from elsewhere, such as the vault's erasures.
    public func adding(_ more: [TrailFinding], consistentOlder: [OlderCheckpoint] = []) -> TrailReport {
        TrailReport(
            head: head, findings: findings + more, since: since, redacted: redacted, pruned: pruned, consistent: consistent,
            consistentOlder: self.consistentOlder + consistentOlder, checkpoint: checkpoint)
    }
}

/// The size of a checkpoint of an older trail, after a recovery.
public struct OlderCheckpoint: Sendable, Equatable {
    /// The first trail of all is 1.
    public let trail: Int
    public let size: UInt64

    public init(trail: Int, size: UInt64) {
        self.trail = trail
        self.size = size
    }
}

/// One thing that is wrong, and where.
public struct TrailFinding: Sendable, Equatable {
    public enum Kind: String, Sendable, CaseIterable {
        /// A checkpoint is missing, unreadable, badly signed or of another tree.
        case checkpoint
        /// The trail ends elsewhere than its checkpoint says.
        case size
        /// A leaf cannot be read or is not where its neighbours are.
        case leaf
        /// Header bytes are not those the leaf committed to, or cannot be read.
        case header
        /// Payload bytes are not those the leaf committed to, or cannot be read.
        case payload
        /// A body is gone and no plan or redaction says why.
        case missing
        /// A redaction that was decided and not carried out, or one that nobody decided.
        case redaction
        /// A retention plan that is said to be done, and is not.
        case retention
        /// The index says something else than the header.
        case index
        /// A stored tile is not what the leaves give.
        case tile
        /// A row that belongs to no entry.
        case stray
        /// The database's own rules (schema, triggers, settings) were changed, or it cannot be read.
        case database
        /// Trail and vault disagree about an erasure.
        case erasure
        /// Acts that were written down before they happened may be missing: a spool is gone or damaged.
        case spool
    }

    public let kind: Kind
    public let seq: UInt64?
    public let message: String

    public init(_ kind: Kind, seq: UInt64?, _ message: String) {
        self.kind = kind
        // Numbers are signed in a file, and nothing stands below 0: such a row has no place that could be named.
        self.seq = seq.flatMap { $0 > Int64.max ? nil : $0 }
        self.message = message
    }
}
