public import VestigeCore
public import VestigePolicy
public import VestigeTrail

/// What a run of retention would take now.
public struct RetentionForecast: Sendable, Equatable {
    /// Entries whose channels are kept equally long.
    public struct Part: Sendable, Equatable {
        public let window: Window
        /// Entries recorded from here on stay.
        public let cutoff: Timestamp
        /// Whose entries go, ascending.
        public internal(set) var channels: [String] = []
        public internal(set) var places = SeqRuns()
    }

    /// Each with at least one place; the longest window first.
    public internal(set) var parts: [Part] = []
    /// Entries whose time is over and which a hold or an erasure under way keeps.
    public internal(set) var held: UInt64 = 0
    /// Bodies of plans that were decided before and are not carried out yet.
    public internal(set) var unfinished: UInt64 = 0
    /// The clock was set forward, or nothing was recorded for a day: nothing goes before an entry was recorded at this moment or later.
    public internal(set) var waitsUntil: Timestamp?

    /// Entries that would go, those of unfinished plans among them; 0 while it waits.
    public var count: UInt64 { waitsUntil == nil ? unfinished + parts.reduce(0) { $0 + $1.places.count } : 0 }
}

/// Who lets retention run, and why.
public struct PruneOrder: Sendable {
    public var actor: AuditActor
    /// `nil` for the nightly run.
    public var purpose: String?
    /// Leaves no entry if there is nothing to do and a run came to its end since then.
    public var quietSince: Timestamp?

    public init(actor: AuditActor, purpose: String? = nil, quietSince: Timestamp? = nil) {
        self.actor = actor
        self.purpose = purpose
        self.quietSince = quietSince
    }
}

/// What a run of retention did.
public struct Pruned: Sendable, Equatable {
    /// Bodies that went, and the plans that named them.
    public internal(set) var entries: UInt64 = 0
    public internal(set) var plans = 0
    /// Entries whose time is over and which a hold or an erasure under way keeps.
    public internal(set) var held: UInt64 = 0
    /// Bodies that went since the trail began.
    public internal(set) var total: UInt64 = 0
    /// Bodies of plans under way that were gone, and were neither redacted nor found in the archive: somebody else took them, or moved the file away.
    public internal(set) var unarchived: UInt64 = 0
    /// Archived files whose time is over, and which were removed.
    public internal(set) var archivesRemoved = 0
    /// The same, kept since something in them is held or cannot be read.
    public internal(set) var archivesKept = 0
    /// The entry `retention.pruned`; `nil` if there was nothing to say.
    public internal(set) var seq: UInt64?
    /// As ``RetentionForecast/waitsUntil``; nothing went then.
    public internal(set) var waitsUntil: Timestamp?

    public init() {}
}

/// How a run of retention shares a trail with those who record into it.
public struct PrunePace: Sendable {
    /// Bodies that are archived, and held against their leaves, at once.
    public static let chunkCount: UInt64 = 1_000
    /// How long others wait at most for one removal to be written, but for the sync itself.
    public var turn: Duration
    /// How long is waited after a removal, as a multiple of how long it took.
    public var rest: Int
    /// Bytes that are given back to the file system at once.
    public var giveBackByteCount: Int

    public init(turn: Duration = .milliseconds(4), rest: Int = 3, giveBackByteCount: Int = 1 << 20) {
        self.turn = turn
        self.rest = rest
        self.giveBackByteCount = giveBackByteCount
    }
}
