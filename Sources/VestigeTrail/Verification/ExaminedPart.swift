import VestigeCrypto

/// What one thread found in a run of entries, before it is joined to what stands below.
struct ExaminedPart: Sendable {
    let start: UInt64
    /// Of the entries without a gap.
    var leafHashes: [Bytes32] = []
    /// Roots of the tiles in `leafHashes`, from the first multiple of 256 on.
    var tileRoots: [Bytes32] = []
    var findings: [TrailFinding] = []
    var terms: TermSum
    var redactions = RedactionCheck()
    var retention = RetentionCheck()
    /// The first entry whose leaf can be read: whether it is older than the one below is known only when both are.
    var firstRecorded: (seq: UInt64, at: Timestamp)?
    var lastRecordedAt: Timestamp?
    /// Why the store could not be read beyond ``end``.
    var trouble: (any Error)?

    var end: UInt64 { start + UInt64(leafHashes.count) }

    /// Parts of a range, each of which begins with a tile, but for the first.
    static func ranges(of range: Range<UInt64>, count: UInt64) -> some Sequence<Range<UInt64>> {
        sequence(state: range.lowerBound) { next -> Range<UInt64>? in
            guard next < range.upperBound else { return nil }
            let start = next
            next = min((start / count + 1) * count, range.upperBound)
            return start..<next
        }
    }

    /// Hashes each whole tile's root, so that joining has only one hash in 256 left to make.
    mutating func hashTiles() {
        let width = UInt64(Tile.width)
        var place = firstTile
        while place + width <= end {
            tileRoots.append(TreeHash.root(of: tile(at: place)))
            place += width
        }
    }

    private var firstTile: UInt64 { (start + UInt64(Tile.width) - 1) / UInt64(Tile.width) * UInt64(Tile.width) }

    private func tile(at place: UInt64) -> ArraySlice<Bytes32> { leafHashes[Int(place - start)..<Int(place - start) + Tile.width] }

    /// The tile that begins at `place`, if it is whole.
    func wholeTile(at place: UInt64) -> (hashes: [Bytes32], root: Bytes32)? {
        guard place % UInt64(Tile.width) == 0, place >= firstTile, place + UInt64(Tile.width) <= end else { return nil }
        return (Array(tile(at: place)), tileRoots[Int((place - firstTile) / UInt64(Tile.width))])
    }
}
