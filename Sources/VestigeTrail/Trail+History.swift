import VestigeCrypto

extension Trail {
    /// Whether this trail's history is the one of a checkpoint that was seen before: its first entries are those of that tree. O(log n).
    ///
    /// The signature is not looked at: whoever asks has kept the note where nobody else writes.
    ///
    /// - Parameter note: of no more entries than the trail has.
    /// - Throws: ``TrailError/malformedNote(_:)``, ``TrailError/missingLeaves(first:count:)``.
    package func goesOn(from note: String) async throws -> Bool {
        let lines = try SignedNote(note).text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count >= 4, let size = UInt64(lines[1]), let root = Base64.decode(String(lines[2])).flatMap({ Bytes32($0) }) else {
            throw TrailError.malformedNote("a checkpoint is origin, size and root")
        }
        guard lines[0] == origin else { return false }
        return try await read { store in
            var reader = TileReader(size: size, tile: store.tile, leaves: store.leaves)
            return try reader.root(first: 0, count: size) == root
        }
    }
}
