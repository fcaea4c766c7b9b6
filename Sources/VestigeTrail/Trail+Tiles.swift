import VestigeCrypto

extension Trail {
    /// The first `width` hashes of a tile (C2SP tlog-tiles), one after the other; `nil` where the newest checkpoint does not reach so far.
    ///
    /// - Parameter width: 1 to 256; 256 is a full tile.
    package func tile(level: Int, index: UInt64, width: Int) async throws -> [UInt8]? {
        guard (0..<8).contains(level), (1...Tile.width).contains(width) else { return nil }
        return try await read { [verifierKey] store in
            let checkpoint = try Trail.checkpoint(of: store, key: verifierKey)
            let (first, overflow) = index.multipliedReportingOverflow(by: UInt64(Tile.width))
            guard !overflow, first &+ UInt64(width) > first, checkpoint.size >> UInt64(8 * level) >= first + UInt64(width) else {
                return nil
            }
            var reader = TileReader(size: checkpoint.size, tile: store.tile, leaves: store.leaves)
            var bytes: [UInt8] = []
            for hash in try reader.hashes(level: level, index: index).prefix(width) { hash.append(to: &bytes) }
            return bytes
        }
    }
}
