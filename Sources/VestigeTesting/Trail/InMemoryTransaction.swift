import VestigeTrail

/// One write under way: what stood before, and beside it what this transaction adds.
final class InMemoryTransaction: TrailTransaction {
    private let base: TrailContents
    private(set) var written = TrailContents()

    init(base: TrailContents) {
        self.base = base
    }

    func head() throws -> StoredHead? { written.head ?? base.head }

    func leafCount() throws -> UInt64 { max(base.leafCount, written.leafCount) }

    func leaves(_ range: Range<UInt64>) throws -> [[UInt8]] { base.leaves(in: range) + written.leaves(in: range) }

    func tile(level: Int, index: UInt64) throws -> Tile? {
        let name = TileName(level: level, index: index)
        return written.tiles[name] ?? base.tiles[name]
    }

    func seq(of id: EntryID) throws -> UInt64? { written.seqs[id] ?? base.seqs[id] }

    func insert(_ entry: SealedEntry, leaf: [UInt8], seq: UInt64) throws {
        guard base.leaves[seq] == nil, written.leaves[seq] == nil else { throw TrailError.storage("place \(seq) is taken") }
        guard try self.seq(of: entry.header.id) == nil else { throw TrailError.storage("the id of the entry for place \(seq) is taken") }
        written.insert(entry, leaf: leaf, seq: seq)
    }

    func insert(_ tile: Tile) throws {
        guard try self.tile(level: tile.level, index: tile.index) == nil else {
            throw TrailError.storage("tile \(tile.index) of level \(tile.level) is taken")
        }
        written.tiles[TileName(level: tile.level, index: tile.index)] = tile
    }

    func set(_ head: StoredHead, keep: Bool) throws {
        if let old = try self.head(), head.size < old.size {
            throw TrailError.storage("a checkpoint of size \(head.size) cannot replace one of size \(old.size)")
        }
        written.head = head
        // One of a size that is kept already stays as it was first signed.
        guard keep, base.keptCheckpoints[head.size] == nil, written.keptCheckpoints[head.size] == nil else { return }
        written.keptCheckpoints[head.size] = head.checkpoint
    }

    func keep(_ checkpoint: String, size: UInt64, cosignatures: [String]) throws {
        if base.keptCheckpoints[size] == nil, written.keptCheckpoints[size] == nil { written.keptCheckpoints[size] = checkpoint }
        written.cosignatures[size] = (written.cosignatures[size] ?? base.cosignatures[size] ?? []).union(cosignatures)
    }
}
