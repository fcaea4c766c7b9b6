/// What there is to recover from.
public struct RecoveryEvidence: Sendable, Equatable {
    /// Holds backups of the trail.
    public var directory: String
    /// Signed checkpoints of the lost trail that somebody kept elsewhere: they say how much there was, where the vault has not seen it because it
    /// was put back as well.
    public var checkpoints: [String]
    /// The lost trail's verifier key, where its signing key is lost as well.
    public var verifierKey: String?

    public init(directory: String, checkpoints: [String] = [], verifierKey: String? = nil) {
        self.directory = directory
        self.checkpoints = checkpoints
        self.verifierKey = verifierKey
    }
}

/// What a recovery would do, or has done.
public struct RecoveryPlan: Sendable, Equatable {
    /// Of the new trail; the first of all is 1.
    public let number: Int
    public let origin: String
    /// Of the trail that it goes on from.
    public let olderOrigin: String
    /// The copy that is left of it; `nil` once the recovery is done.
    public let source: String?
    /// Entries in that copy.
    public let keptSize: UInt64
    /// Entries that the vault had seen, or a checkpoint kept elsewhere.
    public let seenSize: UInt64
    /// SHA-256 of the policy that the copy knows as adopted, hexadecimal. One adopted in the missing range is not known.
    public let policy: String
    /// True if the files of a recovery that was cut short only have to be put into their places.
    public let isGoingOn: Bool

    /// Places of the entries that are missing, as far as anybody knows.
    public var missing: Range<UInt64> { keptSize..<max(keptSize, seenSize) }
    /// The name in the data directory of what is left of the older trail.
    public var olderFile: String { "trail-\(number - 1).sqlite" }
}

/// A trail that goes on from one that was lost.
public struct RecoveredTrail: Sendable, Equatable {
    public let plan: RecoveryPlan
    /// Of the new trail. Keep it outside.
    public let verifierKey: String
    /// Erasures of the older trail that the vault did not know of and that are carried out now.
    public let replayed: Int
    /// Where what stood in the place of the trail was put, if anything did.
    public let lostFile: String?
}
