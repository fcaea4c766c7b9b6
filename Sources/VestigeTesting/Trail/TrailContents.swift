public import VestigeCrypto
public import VestigeTrail

public struct TileName: Hashable, Sendable {
    public let level: Int
    public let index: UInt64

    public init(level: Int, index: UInt64) {
        self.level = level
        self.index = index
    }
}

/// The tables of a trail in memory, all of them open to change.
public struct TrailContents: Sendable, Equatable {
    public var head: StoredHead?
    public var leaves: [UInt64: [UInt8]] = [:]
    public var bodies: [UInt64: StoredEntry.Body] = [:]
    public var tiles: [TileName: Tile] = [:]
    public var index: [UInt64: IndexRow] = [:]
    public var terms: Set<TermPlace> = []
    /// By place: the id of the entry that decided it.
    public var redactions: [UInt64: Bytes16] = [:]
    /// Signed notes by size.
    public var keptCheckpoints: [UInt64: String] = [:]
    /// Signature lines of witnesses by size.
    public var cosignatures: [UInt64: Set<String>] = [:]
    public var plans: [StoredPlan] = []
    public internal(set) var seqs: [EntryID: UInt64] = [:]

    public init() {}

    /// One more than the place of the last leaf.
    public var leafCount: UInt64 { leaves.keys.max().map { $0 + 1 } ?? 0 }

    func leaves(in range: Range<UInt64>) -> [[UInt8]] {
        if range.count <= leaves.count { return range.compactMap { leaves[$0] } }
        return leaves.filter { range.contains($0.key) }.sorted { $0.key < $1.key }.map(\.value)
    }

    func entry(_ seq: UInt64) -> StoredEntry? {
        leaves[seq].map { StoredEntry(seq: seq, leaf: $0, body: bodies[seq], redactedBy: redactions[seq]) }
    }

    mutating func insert(_ entry: SealedEntry, leaf: [UInt8], seq: UInt64) {
        leaves[seq] = leaf
        bodies[seq] = StoredEntry.Body(
            headerSalt: entry.headerSalt, header: entry.headerBytes, payloadSalt: entry.payloadSalt, payload: entry.payloadBytes)
        index[seq] = IndexRow(seq: seq, header: entry.header)
        for term in Term.all(of: entry.header) { terms.insert(TermPlace(term: term, seq: seq)) }
        seqs[entry.header.id] = seq
    }

    mutating func merge(_ new: TrailContents) {
        head = new.head ?? head
        leaves.merge(new.leaves) { $1 }
        bodies.merge(new.bodies) { $1 }
        tiles.merge(new.tiles) { $1 }
        index.merge(new.index) { $1 }
        terms.formUnion(new.terms)
        redactions.merge(new.redactions) { $1 }
        keptCheckpoints.merge(new.keptCheckpoints) { $1 }
        cosignatures.merge(new.cosignatures) { $1 }
        seqs.merge(new.seqs) { $1 }
    }

    /// - Throws: `TrailError.storage` where a place or the entry cannot be; nothing was changed then.
    mutating func redact(_ places: [UInt64], by entry: EntryID) throws {
        for seq in places {
            guard leaves[seq] != nil, let decided = seqs[entry], decided > seq else {
                throw TrailError.storage("a redaction names an entry, and a later one that decides it")
            }
            if let row = index[seq], Self.isOwn(row) {
                throw TrailError.storage("what Vestige itself wrote keeps its body")
            }
        }
        let gone = Set(places)
        for seq in gone {
            redactions[seq] = redactions[seq] ?? entry.bytes
            bodies[seq] = nil
            index[seq] = nil
        }
        terms = terms.filter { !gone.contains($0.seq) }
    }

    /// - Throws: `TrailError.storage` where the plan or a place cannot be; nothing was changed then.
    mutating func prune(_ places: [UInt64], under plan: StoredPlan) throws {
        guard let entry = EntryID(plan.entry), let decided = seqs[entry], decided >= plan.range.upperBound else {
            throw TrailError.storage("a plan names a range, and a later entry that decides it")
        }
        for seq in places {
            guard plan.range.contains(seq) else { throw TrailError.storage("entry \(seq) is outside of the plan's range") }
            if let row = index[seq], Self.isOwn(row) { throw TrailError.storage("what Vestige itself wrote keeps its body") }
        }
        if !plans.contains(plan) { plans.append(plan) }
        let gone = Set(places)
        for seq in gone {
            bodies[seq] = nil
            index[seq] = nil
        }
        terms = terms.filter { !gone.contains($0.seq) }
    }

    static func isOwn(_ row: IndexRow) -> Bool { row.channel == RetentionPlan.channel && !row.action.hasPrefix("audit.") }

    /// Every condition of `query` but `before` and `limit`.
    func matches(_ row: IndexRow, _ query: IndexQuery) -> Bool {
        func allows(_ wanted: [String], _ value: String?) -> Bool { wanted.isEmpty || value.map(wanted.contains) ?? false }
        return query.terms.allSatisfy { group in group.contains { terms.contains(TermPlace(term: $0, seq: row.seq)) } }
            && allows(query.channels, row.channel) && allows(query.events, row.event) && allows(query.actions, row.action)
            && allows(query.statuses, row.status) && allows(query.actorTypes, row.actorType) && allows(query.purposes, row.purpose)
            && !(query.withoutQuestions && row.action.hasPrefix("audit."))
            && query.from.map { row.occurredAt >= $0 } ?? true && query.to.map { row.occurredAt < $0 } ?? true
            && query.since.map { row.seq >= $0 } ?? true && query.below.map { row.seq < $0 } ?? true
    }

    /// Every place that meets every condition of `query` but `before` and `limit`, in no order.
    func places(_ query: IndexQuery) -> [UInt64] {
        let isInRange = { (seq: UInt64) in query.since.map { seq >= $0 } ?? true && query.below.map { seq < $0 } ?? true }
        let redacted = query.asksForAll ? redactions.keys.filter(isInRange) : []
        return index.values.filter { matches($0, query) }.map(\.seq) + redacted
    }

    var strayRows: [StrayRow] {
        let size = head?.size ?? 0
        let leaves = self.leaves.keys.filter { $0 >= size }.map { StrayRow(table: .leaf, seq: $0) }
        let isStray = { (seq: UInt64) in seq >= size || self.leaves[seq] == nil }
        let bodies = self.bodies.keys.filter(isStray).map { StrayRow(table: .body, seq: $0) }
        let index = Set(self.index.keys).union(terms.map(\.seq)).filter(isStray).map { StrayRow(table: .index, seq: $0) }
        let redactions = self.redactions.keys.filter(isStray).map { StrayRow(table: .redaction, seq: $0) }
        let count = min(leafCount, size)
        let tiles = self.tiles.keys.filter { tile in
            // A full tile at level l covers 256^(l+1) leaves; one that would pass UInt64 cannot be full.
            guard tile.level < 7 else { return true }
            return tile.index >= count >> UInt64(8 * (tile.level + 1))
        }
        let cosignatures = self.cosignatures.filter { keptCheckpoints[$0.key] == nil && !$0.value.isEmpty }.keys
        return leaves + bodies + index + redactions + tiles.map { StrayRow(table: .tile, seq: $0.index) }
            + cosignatures.sorted().map { StrayRow(table: .cosignature, seq: $0) }
    }

    static func precedes(_ left: TermPlace, _ right: TermPlace) -> Bool {
        left.term == right.term ? left.seq < right.seq : left.term < right.term
    }
}
