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
    /// nothing was written. Blocks its thread while others write; never call it on the cooperative pool.
    ///
    /// - Throws: what `body` throws, or ``TrailError/storage(_:)``.
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

    /// Places of the entries that match, newest first.
    func search(_ query: IndexQuery) throws -> [UInt64]

    /// How many match, without regard to `before` and `limit`; counts no further than `ceiling`.
    func count(_ query: IndexQuery, ceiling: Int) throws -> Int

    /// The lowest place that still has a body; `nil` when none has.
    func oldestBody() throws -> UInt64?

    /// Checkpoints kept on the way, by size ascending.
    func keptCheckpoints() throws -> [String]

    /// What witnesses added to kept checkpoints, by size ascending.
    func cosignatures(_ sizes: ClosedRange<UInt64>) throws -> [StoredCosignature]

    /// Every entry of a range with its index row (`nil` where it is missing), in order, for verification.
    /// Returns how many there were.
    @discardableResult
    func scan(_ range: Range<UInt64>, _ visit: (StoredEntry, IndexRow?) throws -> Void) throws -> Int

    /// The index's terms in order from after `last`, at most `limit`. Returns the last one visited.
    func scanTerms(after last: TermPlace?, limit: Int, _ visit: (TermPlace) throws -> Void) throws -> TermPlace?

    /// Index rows and places that belong to no leaf: below or beyond the trail.
    func strayRows() throws -> [StrayRow]

    /// Stops writing; waits for a write under way.
    func close() throws
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
        case body, index, tile
    }
    public let table: Table
    public let seq: UInt64

    public init(table: Table, seq: UInt64) {
        self.table = table
        self.seq = seq
    }
}
