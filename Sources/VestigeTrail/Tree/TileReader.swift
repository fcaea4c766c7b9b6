import VestigeCrypto

/// Nodes of a tree of fixed size, read from stored tiles and, at the right edge, from leaves.
///
/// Each tile is read once; a proof touches O(log n) of them.
struct TileReader {
    let size: UInt64
    private let storedTile: (_ level: Int, _ index: UInt64) throws -> Tile?
    private let storedLeaves: (Range<UInt64>) throws -> [[UInt8]]
    private var cache: [TileName: [Bytes32]] = [:]

    private struct TileName: Hashable {
        let level: Int
        let index: UInt64
    }

    init(
        size: UInt64, tile: @escaping (_ level: Int, _ index: UInt64) throws -> Tile?,
        leaves: @escaping (Range<UInt64>) throws -> [[UInt8]]
    ) {
        self.size = size
        storedTile = tile
        storedLeaves = leaves
    }

    /// How many hashes stand at `level`.
    private func count(atLevel level: Int) -> UInt64 {
        size >> UInt64(8 * level)
    }

    /// The hashes of one tile as far as this tree's size fills it.
    mutating func hashes(level: Int, index: UInt64) throws -> [Bytes32] {
        let name = TileName(level: level, index: index)
        if let known = cache[name] { return known }
        let first = index * UInt64(Tile.width)
        let end = min(first + UInt64(Tile.width), count(atLevel: level))
        var hashes: [Bytes32] = []
        if end - first == UInt64(Tile.width), let tile = try storedTile(level, index) {
            hashes = tile.hashes
        } else if level == 0 {
            hashes = try storedLeaves(first..<end).map(TreeHash.leaf)
        } else {
            for child in first..<end { hashes.append(TreeHash.root(of: try self.hashes(level: level - 1, index: child)[...])) }
        }
        guard hashes.count == Int(end - first) else { throw TrailError.missingLeaves(first: first, count: Int(end - first)) }
        cache[name] = hashes
        return hashes
    }

    /// Root of the perfect subtree of 2^height leaves whose place among its like is `index`.
    private mutating func node(height: Int, index: UInt64) throws -> Bytes32 {
        let level = height / 8
        let run = UInt64(1) << UInt64(height % 8)
        let first = index * run
        let tile = try hashes(level: level, index: first / UInt64(Tile.width))
        let start = Int(first % UInt64(Tile.width))
        guard start + Int(run) <= tile.count else { throw TrailError.missingLeaves(first: first, count: Int(run)) }
        return TreeHash.root(of: tile[start..<start + Int(run)])
    }

    /// `MTH` of RFC 6962 §2.1 over `count` leaves from `first`, which is aligned to the subtree it begins.
    mutating func root(first: UInt64, count: UInt64) throws -> Bytes32 {
        guard count > 0 else { return TreeHash.empty }
        if count & (count - 1) == 0 {
            let height = count.trailingZeroBitCount
            return try node(height: height, index: first >> UInt64(height))
        }
        let left = TileReader.largestPowerOfTwo(below: count)
        return TreeHash.node(try root(first: first, count: left), try root(first: first + left, count: count - left))
    }

    /// `PATH` of RFC 6962 §2.1.1: from the leaf's sibling up.
    mutating func path(to leaf: UInt64) throws -> [Bytes32] {
        var first: UInt64 = 0
        var count = size
        var downward: [Bytes32] = []
        while count > 1 {
            let left = TileReader.largestPowerOfTwo(below: count)
            if leaf - first < left {
                downward.append(try root(first: first + left, count: count - left))
                count = left
            } else {
                downward.append(try root(first: first, count: left))
                first += left
                count -= left
            }
        }
        return downward.reversed()
    }

    /// The right edge, ready to grow.
    mutating func edge() throws -> TreeBuilder {
        var unfinished: [[Bytes32]] = []
        var level = 0
        while count(atLevel: level) > 0 {
            let total = count(atLevel: level)
            let rest = total % UInt64(Tile.width)
            unfinished.append(rest == 0 ? [] : try hashes(level: level, index: total / UInt64(Tile.width)))
            level += 1
        }
        return TreeBuilder(size: size, unfinished: unfinished)
    }

    static func largestPowerOfTwo(below count: UInt64) -> UInt64 {
        1 << UInt64(63 - (count - 1).leadingZeroBitCount)
    }
}
