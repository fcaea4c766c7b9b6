import VestigeCrypto

/// A checkpoint that was kept, with the lines of its witnesses, and the proof that a later one begins with its tree.
package struct PastCheckpoint: Sendable {
    package let size: UInt64
    package let note: String
    package let proof: ConsistencyProof
}

/// A change of the signing key, with all that shows it: the entry in a later tree, and the checkpoint that both keys signed.
package struct PastKeyChange: Sendable {
    package let entry: StoredEntry
    package let proof: InclusionProof
    package let handover: PastCheckpoint
}

/// What outsiders need to follow a trail up to one of its checkpoints.
extension Trail {
    /// The newest kept checkpoint that holds none of the entries from `place` on, or the first above 0; and those after it that a witness
    /// cosigned. By size ascending.
    ///
    /// - Parameters:
    ///   - head: which all of them are proved to lead to.
    ///   - limit: of those after the first; the newest are taken.
    ///   - witnesses: whose lines count. Whoever can write the file can put others there.
    package func pastCheckpoints(
        from place: UInt64, to head: Checkpoint, limit: Int, by witnesses: [WitnessKey]
    ) async throws -> [PastCheckpoint] {
        try await read { store in
            // Read first: checkpoints are kept with them, and for good.
            let lines = Dictionary(grouping: try store.cosignatures(1...max(1, head.size)), by: \.size)
            let kept = try store.keptCheckpoints().filter { $0.size > 0 && $0.size <= head.size }
            guard let first = kept.last(where: { $0.size <= place }) ?? kept.first else { return [] }
            func good(_ size: UInt64, _ note: String) -> String {
                guard let under = lines[size], let text = try? SignedNote(note).text else { return "" }
                return Trail.good(under, under: text, by: witnesses).joined()
            }
            var past: [PastCheckpoint] = []
            for kept in kept.reversed() where kept.size > first.size && past.count < limit {
                let lines = good(kept.size, kept.note)
                if !lines.isEmpty { past.append(try Trail.past(kept.size, kept.note + lines, head, store)) }
            }
            past.append(try Trail.past(first.size, first.note + good(first.size, first.note), head, store))
            return past.reversed()
        }
    }

    /// Every change of the signing key below `head`, the oldest first.
    ///
    /// - Throws: ``TrailError/inconsistent(_:)`` where no checkpoint that both keys signed was kept.
    package func pastKeyChanges(to head: Checkpoint) async throws -> [PastKeyChange] {
        try await read { [keys] store in
            let changes = try KeyHistory.read(store, newest: keys.verifierKey).changes.filter { $0.seq < head.size }
            guard !changes.isEmpty else { return [] }
            let kept = try store.keptCheckpoints()
            var reader = TileReader(size: head.size, tile: store.tile, leaves: store.leaves)
            return try changes.map { change in
                guard let entry = try store.entries([change.seq]).first, let both = kept.first(where: { $0.size == change.seq + 1 }) else {
                    throw TrailError.inconsistent("no checkpoint is kept for the change of the signing key at entry \(change.seq)")
                }
                return PastKeyChange(
                    entry: entry, proof: InclusionProof(index: change.seq, hashes: try reader.path(to: change.seq)),
                    handover: try Trail.past(both.size, both.note, head, store))
            }
        }
    }

    private static func past(_ size: UInt64, _ note: String, _ head: Checkpoint, _ store: any TrailStore) throws -> PastCheckpoint {
        PastCheckpoint(size: size, note: note, proof: try consistencyProof(of: store, from: size, to: head))
    }
}
