public import VestigeCore
public import VestigeCrypto
public import VestigeInquiry
public import VestigeTrail

/// What a pack is to hold, and for whom.
public struct EvidenceOrder: Sendable {
    public var from: Timestamp
    /// The first moment that no longer counts.
    public var to: Timestamp
    /// Only acts on this record, if given.
    public var record: Reference?
    /// Only acts that concern this person, if given.
    public var subject: Reference?
    public var asker: Asker

    public init(from: Timestamp, to: Timestamp, record: Reference? = nil, subject: Reference? = nil, asker: Asker) {
        self.from = from
        self.to = to
        self.record = record
        self.subject = subject
        self.asker = asker
    }

    /// As the manifest names it.
    var filters: [(name: String, value: String)] {
        [("from", from.description), ("to", to.description)] + (record.map { [("record", $0.words)] } ?? [])
            + (subject.map { [("subject", $0.words)] } ?? [])
    }

    func filter() -> EntryFilter {
        var filter = EntryFilter()
        filter.from = from
        filter.to = to
        filter.records = record.map { [$0] } ?? []
        filter.subjects = subject.map { [$0] } ?? []
        return filter
    }
}

extension Reference {
    /// As it was asked for.
    fileprivate var words: String {
        switch self {
        case .pseudonym(let pseudonym): "@\(pseudonym.hex)"
        case .record(let type, let id): "\(type)/\(id)"
        }
    }
}

/// What a pack holds, for its summary and for whoever made it.
public struct EvidenceSummary: Sendable {
    public let order: EvidenceOrder
    /// The entry that says that it is taken out, made before anything was read.
    public let export: Receipt
    /// Random: without it nobody can try manifests against the SHA-256 that the log holds.
    let salt: Bytes32
    public let madeAt: Timestamp
    public let origin: String
    public let verifierKey: String
    public let checkpoint: Checkpoint
    public let policyDigest: Bytes32
    /// Keys of the witnesses that the trail has now.
    public let witnesses: [String]
    /// Checkpoints from before that stand in it, each with a proof that the log goes on from it.
    public var pastCheckpointCount = 0
    public static let pastCheckpointCountMax = 1_000
    public var parts: [EvidencePart] = []
    /// The entry that holds the SHA-256 of the manifest; `nil` until that is written.
    public internal(set) var receipt: Receipt?
    /// Every file of the pack, once it is made: those that the manifest names, itself, and its receipt.
    public var fileNames: [String] { parts.map(\.name) + ["manifest.json", "receipt.json"] }
    public var entryCount = 0
    /// Entries whose body went while the pack was made. Leaf and proof are there; why it went is not shown.
    public var bodilessCount = 0
    /// Entries from before this moment were pruned by retention, and may have matched; `nil` if none of the period can have been.
    public var prunedBefore: Timestamp?
    /// Entries with a slot that did not open for this asker: erased, or not theirs to see.
    public var sealedCount = 0
    /// Whether every entry that matched stands in it; what was pruned matches nothing any more.
    public var isComplete = false
    public var byChannel: [String: Int] = [:]
    public var byAction: [String: Int] = [:]
    public var byPurpose: [String: Int] = [:]
    public var byStatus: [String: Int] = [:]
    /// The newest entries, at most ``listedCountMax``, one line each.
    public var lines: [String] = []
    public static let listedCountMax = 200
}
