/// What witnesses said of this trail.
extension Trail {
    /// Keeps a checkpoint of this trail for good, with what witnesses signed under it. Durable on return.
    package func keep(_ checkpoint: Checkpoint, cosignatures: [Cosignature]) async throws {
        try await read { store in
            try store.write { try $0.keep(checkpoint.note, size: checkpoint.size, cosignatures: cosignatures.map(\.line)) }
        }
    }

    /// A checkpoint's note with every cosignature that was kept for its size.
    package func cosigned(_ checkpoint: Checkpoint) async throws -> String {
        try await read { store in
            // Another history may have had this size, whose lines are not under this text; only its own are given out with it.
            checkpoint.note + (try store.cosignatures(checkpoint.size...checkpoint.size)).map(\.line).joined()
        }
    }

    /// The largest checkpoint that a witness cosigned, with its lines; `nil` if none did.
    package func newestCosigned() async throws -> Checkpoint? {
        try await read { [keys] store in
            guard let size = try store.head()?.size, let newest = try store.cosignatures(0...size).last?.size else { return nil }
            guard let note = try store.keptCheckpoints().last(where: { $0.size == newest })?.note else { return nil }
            let history = try KeyHistory.read(store, newest: keys.verifierKey)
            return try history.verified(note + store.cosignatures(newest...newest).map(\.line).joined())
        }
    }

    /// Holds every kept cosignature by one of `keys` against the checkpoint that it stands under.
    package func cosignatureFindings(keys: [WitnessKey]) async throws -> [TrailFinding] {
        try await read { store in
            // Read first: checkpoints are kept with them, and for good.
            let cosignatures = try store.cosignatures(0...UInt64(Int64.max))
            guard !cosignatures.isEmpty else { return [] }
            var texts: [UInt64: String] = [:]
            for kept in try store.keptCheckpoints() { texts[kept.size] = (try? SignedNote(kept.note))?.text }
            return cosignatures.compactMap { stored in
                // Without a checkpoint above it is a stray row, or the checkpoint is a finding itself.
                guard let text = texts[stored.size] else { return nil }
                do {
                    let signatures = try SignedNote.signatures(in: stored.line)
                    for key in keys { _ = try Cosignature.newest(in: signatures, of: text, by: key) }
                    return nil
                } catch {
                    return TrailFinding(.checkpoint, seq: nil, "a cosignature under the kept checkpoint of size \(stored.size): \(error)")
                }
            }
        }
    }

    /// What a note says of the tree's size, unverified.
    static func size(of note: String) -> UInt64? {
        let lines = note.split(separator: "\n", maxSplits: 2)
        return lines.count > 1 ? UInt64(lines[1]) : nil
    }
}
