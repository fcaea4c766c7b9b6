public import VestigeCrypto

/// Where a trail lives: one embedded file now, a server later. It decides nothing and checks nothing that `verify`
/// checks; it keeps bytes, in order, for good.
///
/// Every store passes `TrailStoreConformance` of VestigeTesting.
public protocol TrailStore: Sendable {
    /// What the trail was created with.
    var identity: TrailIdentity { get }

    /// Runs `body` with the only right to write, among all processes, in one transaction.
    ///
    /// Durable on return: what `body` wrote survives a crash or a loss of power. If `body` or the commit throws,
    /// nothing was written. A transaction that wrote nothing says only what stands durably. Blocks its thread while others write; never call it on the cooperative pool.
    ///
    /// - Throws: what `body` throws; ``TrailError/storage(_:)``; ``TrailError/unconfirmed(_:)`` once a sync has failed: from then on this
    ///   store takes nothing more, and of that one transaction nobody knows whether it stands.
    func write<Result>(_ body: (any TrailTransaction) throws -> Result) throws -> Result

    /// The newest checkpoint's row, `nil` before the first entry.
    func head() throws -> StoredHead?

    /// Leaves of a range, in order; fewer where the trail has fewer.
    func leaves(_ range: Range<UInt64>) throws -> [[UInt8]]

    /// A full tile, or `nil`.
    func tile(level: Int, index: UInt64) throws -> Tile?

    /// The entries with these places, in the order asked; places without an entry are left out.
    func entries(_ seqs: [UInt64]) throws -> [StoredEntry]

    /// The place of an entry by its id. An id is remembered after its body is gone.
    func seq(of id: EntryID) throws -> UInt64?

    /// Places of the entries that match, newest first. A redacted entry matches only a query that asks for nothing in particular.
    func search(_ query: IndexQuery) throws -> [UInt64]

    /// How many match, without regard to `before` and `limit`; counts no further than `ceiling`.
    func count(_ query: IndexQuery, ceiling: Int) throws -> Int

    /// How the newest entries with one of `terms` spread over the channels; looks at no more than `limit` of them, at places below `before`.
    /// Ascending by channel, questions to the trail (actions `audit.*`) after the others.
    func channelCounts(of terms: [Term], before: UInt64?, limit: Int) throws -> [ChannelCount]

    /// How many of the entries that match have the same channel, event and action, without regard to `before` and `limit`, ascending by their
    /// bytes. Reads the index alone; whoever asks bounds the range (`since`, `below`).
    func facets(_ query: IndexQuery) throws -> [FacetCount]

    /// The lowest place that still has a body; `nil` when none has.
    func oldestBody() throws -> UInt64?

    /// Checkpoints kept on the way, by size ascending.
    func keptCheckpoints() throws -> [KeptCheckpoint]

    /// Rows of retention plans, in no order.
    func plans() throws -> [StoredPlan]

    /// What witnesses added to kept checkpoints, by size ascending.
    func cosignatures(_ sizes: ClosedRange<UInt64>) throws -> [StoredCosignature]

    /// Every entry of a range with its index row (`nil` where it is missing), in order, for verification.
    /// Returns how many there were.
    @discardableResult
    func scan(_ range: Range<UInt64>, _ visit: (StoredEntry, IndexRow?) throws -> Void) throws -> Int

    /// The index's terms in order from after `last`, at most `limit`. Returns the last one visited.
    func scanTerms(after last: TermPlace?, limit: Int, _ visit: (TermPlace) throws -> Void) throws -> TermPlace?

    /// Rows that belong to no entry: below or beyond what the newest checkpoint's row counts. And cosignatures under no kept checkpoint.
    func strayRows() throws -> [StrayRow]

    /// What the store finds wrong with its own file, below what any question of this protocol shows: an index that says something else
    /// than its table, a page that breaks its format. Empty if nothing; no line holds anything of an entry but its place.
    func fileTroubles() throws -> [String]

    /// Whether the disk failed to confirm a write before this store was opened. Then the end of the trail is checked before anything is
    /// appended, and ``confirm()`` called; until then every write is refused with ``TrailError/unconfirmed(_:)``.
    var isUnconfirmed: Bool { get }

    /// The end of the trail was checked and is sound.
    func confirm() throws

    /// Removes header, payload, salts, index row and terms of each place in one transaction, and keeps for each a row that names `entry`, which
    /// ``StoredEntry/redactedBy`` gives back. Leaves stay, and so does what an id leads to. A place that has such a row keeps the one it has; what is
    /// still there of it goes all the same.
    ///
    /// Durable on return. Blocks its thread as ``write(_:)`` does.
    ///
    /// - Parameter entry: the id of the entry that decided it. It stands in the trail, above every place.
    /// - Returns: whether nothing of what was removed is left in any file of the store. False if somebody still reads an older state: the same
    ///   call tries again.
    /// - Throws: ``TrailError/storage(_:)``: there is no such entry or no leaf at a place below it, or the place is one of what Vestige itself wrote (channel
    ///   `compliance` but for actions `audit.*`); nothing was removed.
    func redact(_ seqs: [UInt64], by entry: EntryID) throws -> Bool

    /// What retention may take from a range, by place ascending, at most `limit`: entries with a body, but none that Vestige itself wrote
    /// (channel `compliance` but for actions `audit.*`).
    func prunable(in range: Range<UInt64>, limit: Int) throws -> [PrunablePlace]

    /// Removes header, payload, salts, index row and terms of the first of `seqs`, as many as `time` allows and at least one, in one
    /// transaction. Keeps the plan's row, if it is not there yet. Leaves stay, and so does what an id leads to; a place without a body is
    /// passed over.
    ///
    /// Durable on return. Blocks its thread as ``write(_:)`` does.
    ///
    /// - Returns: how many of `seqs`, from the first on, have no body any more.
    /// - Throws: ``TrailError/storage(_:)``: the plan's entry does not stand in the trail above the plan's range, a place is outside of that range or is
    ///   what Vestige itself wrote; a store with a clock refuses what was recorded less than ``RetentionPlan/floorDays`` days ago. Nothing was
    ///   removed.
    func prune(_ seqs: [UInt64], under plan: StoredPlan, within time: Duration) throws -> Int

    /// Gives room that removed bodies left back to the file system, about `byteCount` of it, in one transaction; at the end nothing of them is left
    /// in a log either, unless somebody reads an older state.
    ///
    /// - Returns: whether there is more to give back.
    func giveBack(_ byteCount: Int) throws -> Bool

    /// Stops writing; waits for a write under way.
    func close() throws
}

/// A store that confirms whatever it takes.
extension TrailStore {
    public var isUnconfirmed: Bool { false }
    public func confirm() throws {}
    public func giveBack(_ byteCount: Int) throws -> Bool { false }
}

extension TrailStore {
    /// Row by row: for stores that have no quicker way.
    public func channelCounts(of terms: [Term], before: UInt64?, limit: Int) throws -> [ChannelCount] {
        var query = IndexQuery(limit: limit)
        query.terms = [terms]
        query.before = before
        var counts: [ChannelCount] = []
        for seq in try search(query) {
            try scan(seq..<(seq + 1)) { _, row in
                guard let row else { return }
                counts.add(
                    ChannelCount(channel: row.channel, isQuestion: row.action.hasPrefix("audit."), count: 1, newest: seq, oldest: seq))
            }
        }
        return counts.sorted()
    }

    /// Row by row, in pages.
    public func facets(_ query: IndexQuery) throws -> [FacetCount] {
        var page = query
        page.limit = IndexQuery.limitMax
        page.before = nil
        var facets = FacetTally()
        while true {
            let seqs = try search(page)
            for seq in seqs {
                try scan(seq..<(seq + 1)) { _, row in
                    guard let row else { return }
                    facets.add(FacetCount(channel: row.channel, event: row.event, action: row.action, count: 1))
                }
            }
            guard seqs.count == page.limit, let last = seqs.last else { return facets.counts }
            page.before = last
        }
    }
}

/// Entries with the same channel, event and action.
public struct FacetCount: Sendable, Equatable {
    public let channel: String
    public let event: String
    public let action: String
    public internal(set) var count: Int

    public init(channel: String, event: String, action: String, count: Int) {
        self.channel = channel
        self.event = event
        self.action = action
        self.count = count
    }
}

/// Entries of one channel.
public struct ChannelCount: Sendable, Equatable, Comparable {
    public let channel: String
    /// Whether they are questions to the trail itself.
    public let isQuestion: Bool
    public fileprivate(set) var count: Int
    /// The highest and the lowest place among them.
    public fileprivate(set) var newest: UInt64
    public fileprivate(set) var oldest: UInt64

    public init(channel: String, isQuestion: Bool, count: Int, newest: UInt64, oldest: UInt64) {
        self.channel = channel
        self.isQuestion = isQuestion
        self.count = count
        self.newest = newest
        self.oldest = oldest
    }

    /// By the channel's bytes, questions after the others.
    public static func < (left: ChannelCount, right: ChannelCount) -> Bool {
        left.channel.utf8.elementsEqual(right.channel.utf8)
            ? !left.isQuestion && right.isQuestion : left.channel.utf8.lexicographicallyPrecedes(right.channel.utf8)
    }
}

extension [ChannelCount] {
    mutating func add(_ count: ChannelCount) {
        guard let place = firstIndex(where: { $0.channel == count.channel && $0.isQuestion == count.isQuestion }) else {
            return append(count)
        }
        self[place].count += count.count
        self[place].newest = Swift.max(self[place].newest, count.newest)
        self[place].oldest = Swift.min(self[place].oldest, count.oldest)
    }
}

/// The right to write, for the length of one transaction.
public protocol TrailTransaction {
    /// The newest checkpoint's row as this transaction sees it, `nil` before the first entry.
    func head() throws -> StoredHead?
    /// One more than the place of the last leaf.
    func leafCount() throws -> UInt64
    func leaves(_ range: Range<UInt64>) throws -> [[UInt8]]
    func tile(level: Int, index: UInt64) throws -> Tile?
    func seq(of id: EntryID) throws -> UInt64?
    /// Leaf, body and index of one entry.
    ///
    /// - Throws: if `seq` or the id is taken.
    func insert(_ entry: SealedEntry, leaf: [UInt8], seq: UInt64) throws
    func insert(_ tile: Tile) throws
    /// Replaces the newest checkpoint, whose size only grows; `keep` adds it to those kept for good.
    func set(_ head: StoredHead, keep: Bool) throws
    /// Keeps a checkpoint for good, if none of its size is, and adds signature lines to it that it does not have yet.
    func keep(_ checkpoint: String, size: UInt64, cosignatures: [String]) throws
}

/// A witness's signature line under the kept checkpoint of that size.
public struct StoredCosignature: Sendable, Equatable {
    public let size: UInt64
    /// With its newline.
    public let line: String

    public init(size: UInt64, line: String) {
        self.size = size
        self.line = line
    }
}

/// Trail id and origin, fixed at creation.
public struct TrailIdentity: Sendable, Equatable {
    public let id: Bytes16
    public let origin: String

    public init(id: Bytes16, origin: String) {
        self.id = id
        self.origin = origin
    }
}

public struct StoredHead: Sendable, Equatable {
    public let size: UInt64
    /// Time of the last entry.
    public let recordedAt: Timestamp
    /// The signed note.
    public let checkpoint: String

    public init(size: UInt64, recordedAt: Timestamp, checkpoint: String) {
        self.size = size
        self.recordedAt = recordedAt
        self.checkpoint = checkpoint
    }
}

/// A checkpoint kept for good: the row's size, and the signed note that must say the same.
public struct KeptCheckpoint: Sendable, Equatable {
    public let size: UInt64
    public let note: String

    public init(size: UInt64, note: String) {
        self.size = size
        self.note = note
    }
}

/// The row of a retention plan: within its range bodies may go, and the entry that is said to have decided it names which.
public struct StoredPlan: Sendable, Equatable {
    /// From the first place up to the end of the last.
    public let range: Range<UInt64>
    /// As `entry`.
    public let id: Bytes16
    public let cutoff: Timestamp
    /// Of the places.
    public let digest: Bytes32
    /// The id of the plan's entry.
    public let entry: Bytes16

    public init(range: Range<UInt64>, id: Bytes16, cutoff: Timestamp, digest: Bytes32, entry: Bytes16) {
        self.range = range
        self.id = id
        self.cutoff = cutoff
        self.digest = digest
        self.entry = entry
    }
}

/// An entry that retention may take once its time is over.
public struct PrunablePlace: Sendable, Equatable {
    public let seq: UInt64
    /// As the index says.
    public let channel: String

    public init(seq: UInt64, channel: String) {
        self.seq = seq
        self.channel = channel
    }
}

/// One row of the index by term.
public struct TermPlace: Hashable, Sendable {
    public let term: Term
    public let seq: UInt64

    public init(term: Term, seq: UInt64) {
        self.term = term
        self.seq = seq
    }
}

/// A row that should not be there.
public struct StrayRow: Sendable, Equatable {
    public enum Table: String, Sendable {
        case leaf, body, index, tile, redaction
        /// Its `seq` is the size of the checkpoint under which it stands, and no such one is kept.
        case cosignature
    }
    public let table: Table
    public let seq: UInt64

    public init(table: Table, seq: UInt64) {
        self.table = table
        self.seq = seq
    }
}
