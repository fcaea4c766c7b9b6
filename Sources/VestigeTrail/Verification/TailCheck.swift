import VestigeCrypto

/// The end of a trail, checked in full after the disk failed to confirm a write: leaves against the newest checkpoint, tiles against
/// leaves, bodies against leaves, index rows against headers. The rest of the trail, and the index by term, are ``Trail/verify(against:)``'s.
package struct TailCheck {
    /// More than a log holds before it is written back.
    package static let entryCount: UInt64 = 16_384

    let store: any TrailStore

    /// - Throws: ``TrailError/inconsistent(_:)`` at the first thing that is wrong.
    func check(upTo checkpoint: Checkpoint) throws {
        let width = UInt64(Tile.width)
        let start = checkpoint.size > Self.entryCount ? (checkpoint.size - Self.entryCount) / width * width : 0
        var reader = TileReader(size: start, tile: store.tile, leaves: store.leaves)
        var builder = try reader.edge()
        var next = start
        while next < checkpoint.size {
            let end = min(next + TrailVerifier.pageCount, checkpoint.size)
            try store.scan(next..<end) { entry, row in
                guard entry.seq == builder.size else { throw wrong(entry.seq, "is not where its neighbours are") }
                builder.push(TreeHash.leaf(entry.leaf))
                for tile in builder.takeFilledTiles() where try store.tile(level: tile.level, index: tile.index) != tile {
                    throw wrong(entry.seq, "stands in a tile that its leaves do not give")
                }
                try check(entry, row)
            }
            guard builder.size == end else { throw wrong(builder.size, "is missing") }
            next = end
        }
        guard builder.head == checkpoint.head else { throw wrong(start, "and those after it do not lead to the newest checkpoint") }
    }

    private func check(_ entry: StoredEntry, _ row: IndexRow?) throws {
        guard let leaf = Leaf(decoding: entry.leaf) else { throw wrong(entry.seq, "has a leaf that cannot be read") }
        // Without a body there is nothing more to compare; whether it may be gone, `verify` says.
        guard let body = entry.body else { return }
        guard Leaf.commitment(to: .header, salt: body.headerSalt, bytes: body.header) == leaf.headerHash,
            Leaf.commitment(to: .payload, salt: body.payloadSalt, bytes: body.payload) == leaf.payloadHash
        else { throw wrong(entry.seq, "is not what was recorded") }
        guard let header = try? Header(decoding: body.header), header.id == leaf.id, row == IndexRow(seq: entry.seq, header: header) else {
            throw wrong(entry.seq, "is not indexed as its header says")
        }
    }

    private func wrong(_ seq: UInt64, _ what: String) -> TrailError { .inconsistent("after a failed sync entry \(seq) \(what)") }
}
