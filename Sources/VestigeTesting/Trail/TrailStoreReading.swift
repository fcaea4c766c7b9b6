import VestigeCrypto
import VestigeTrail

extension TrailStoreConformance {
    static let reading: [Requirement] = [
        (
            "leaves come in order, fewer where the trail has fewer",
            { store in
                let entries = try fill(store, (0..<20).map(TrailSamples.header))
                let leaves = entries.map { TrailSamples.leaf($0, recordedAt: TrailSamples.start) }
                try requireEqual(try store.leaves(0..<20), leaves, "all leaves")
                try requireEqual(try store.leaves(5..<8), Array(leaves[5..<8]), "three leaves")
                try requireEqual(try store.leaves(18..<30), Array(leaves[18...]), "leaves past the end")
                try requireEqual(try store.leaves(20..<30), [], "leaves beyond the end")
                try requireEqual(try store.leaves(3..<3), [], "an empty range")
            }
        ),
        (
            "entries come back byte for byte, in the order asked",
            { store in
                let entries = try fill(store, (0..<20).map(TrailSamples.header))
                let found = try store.entries([7, 99, 3, 19, 0])
                try requireEqual(found.map(\.seq), [7, 3, 19, 0], "the places")
                for stored in found {
                    let entry = entries[Int(stored.seq)]
                    let leaf = TrailSamples.leaf(entry, recordedAt: TrailSamples.start)
                    try requireEqual(stored.leaf, leaf, "the leaf at \(stored.seq)")
                    try requireEqual(stored.body, body(of: entry), "the body at \(stored.seq)")
                }
                try requireEqual(try store.entries([]).count, 0, "the number of entries for no places")
                let many = (0..<5000).map { UInt64($0) }
                try requireEqual(try store.entries(many).count, 20, "the number of entries for 5,000 places")
            }
        ),
        (
            "the oldest body is the lowest place that has one",
            { store in
                try requireEqual(try store.oldestBody(), nil, "the oldest body of an empty trail")
                _ = try fill(store, (0..<3).map(TrailSamples.header))
                try requireEqual(try store.oldestBody(), 0, "the oldest body")
            }
        ),
        (
            "an id leads to its place",
            { store in
                let entries = try fill(store, (0..<20).map(TrailSamples.header))
                for (seq, entry) in entries.enumerated() {
                    try requireEqual(try store.seq(of: entry.header.id), UInt64(seq), "the place of an id")
                }
                try requireEqual(try store.seq(of: TrailSamples.header(0).id), nil, "the place of an unknown id")
            }
        ),
        (
            "tiles come back by level and index",
            { store in
                let tiles = [
                    TrailSamples.tile(level: 0, index: 0), TrailSamples.tile(level: 0, index: 1), TrailSamples.tile(level: 1, index: 0),
                ]
                try store.write { transaction in for tile in tiles { try transaction.insert(tile) } }
                for tile in tiles { try requireEqual(try store.tile(level: tile.level, index: tile.index), tile, "the tile") }
                try requireEqual(try store.tile(level: 1, index: 1), nil, "a tile that was never written")
                try requireEqual(try store.tile(level: 2, index: 0), nil, "a tile of a level that was never written")
            }
        ),
        (
            "a scan visits every entry of its range in order with its index row",
            { store in
                let entries = try fill(store, (0..<20).map(TrailSamples.header))
                var visited: [UInt64] = []
                let count = try store.scan(4..<40) { stored, row in
                    visited.append(stored.seq)
                    let entry = entries[Int(stored.seq)]
                    try requireEqual(stored.body, body(of: entry), "the body at \(stored.seq)")
                    try requireEqual(row, IndexRow(seq: stored.seq, header: entry.header), "the index row at \(stored.seq)")
                }
                try requireEqual(visited, Array(4..<20), "the places visited")
                try requireEqual(count, 16, "the scan's count")
                try requireThrow("an error of the visitor") { try store.scan(0..<20) { _, _ in throw Unkept(reason: "") } }
            }
        ),
        (
            "a scan of terms goes through all of them in order, page by page",
            { store in
                let entries = try fill(store, (0..<30).map(TrailSamples.header))
                var expected: [TermPlace] = []
                for (seq, entry) in entries.enumerated() {
                    expected += Term.all(of: entry.header).map { TermPlace(term: $0, seq: UInt64(seq)) }
                }
                expected.sort { $0.term == $1.term ? $0.seq < $1.seq : $0.term < $1.term }
                for limit in [1, 7, 10_000] {
                    var visited: [TermPlace] = []
                    var last: TermPlace?
                    repeat {
                        let before = visited.count
                        last = try store.scanTerms(after: last, limit: limit) { visited.append($0) }
                        try require(visited.count - before <= limit, "a page had more than \(limit) terms")
                        try requireEqual(last, visited.count == before ? nil : visited.last, "the last term of a page")
                    } while last != nil
                    try requireEqual(visited, expected, "the terms in pages of \(limit)")
                }
            }
        ),
        (
            "a whole trail has no stray rows; a tile beyond it is one",
            { store in
                try fill(store, (0..<256).map(TrailSamples.header))
                try store.write { try $0.insert(TrailSamples.tile(level: 0, index: 0)) }
                try requireEqual(try store.strayRows(), [], "the stray rows")
                try store.write { try $0.insert(TrailSamples.tile(level: 0, index: 1)) }
                try requireEqual(try store.strayRows().map(\.table), [.tile], "the tables with stray rows")
            }
        ),
    ]

    private static func body(of entry: SealedEntry) -> StoredEntry.Body {
        StoredEntry.Body(
            headerSalt: entry.headerSalt, header: entry.headerBytes, payloadSalt: entry.payloadSalt, payload: entry.payloadBytes)
    }
}
