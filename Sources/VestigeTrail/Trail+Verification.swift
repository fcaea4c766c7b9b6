/// Answers that somebody outside can check, and the checking itself.
extension Trail {
    /// Shows that the first `old` entries still stand where they stood, unchanged, in the newest checkpoint.
    ///
    /// - Throws: ``TrailError/beyond(size:asked:)``; ``TrailError/inconsistent(_:)`` where stored tiles do not lead to the checkpoint.
    public func consistencyProof(from old: UInt64) async throws -> (proof: ConsistencyProof, checkpoint: Checkpoint) {
        try await read { [keys] store in
            let checkpoint = try Trail.checkpoint(of: store, by: keys)
            return (try Trail.consistencyProof(of: store, from: old, to: checkpoint), checkpoint)
        }
    }

    /// The same towards a checkpoint of this trail that is at hand.
    package func consistencyProof(from old: UInt64, to checkpoint: Checkpoint) async throws -> ConsistencyProof {
        try await read { store in try Trail.consistencyProof(of: store, from: old, to: checkpoint) }
    }

    static func consistencyProof(of store: any TrailStore, from old: UInt64, to checkpoint: Checkpoint) throws -> ConsistencyProof {
        guard old <= checkpoint.size else { throw TrailError.beyond(size: checkpoint.size, asked: old) }
        var reader = TileReader(size: checkpoint.size, tile: store.tile, leaves: store.leaves)
        let proof = ConsistencyProof(oldSize: old, hashes: try reader.consistency(from: old))
        guard old > 0 else { return proof }
        let oldHead = TreeHead(size: old, root: try reader.root(first: 0, count: old))
        guard proof.verifies(from: oldHead, to: checkpoint.head) else {
            throw TrailError.inconsistent("the stored tree does not lead to the newest checkpoint")
        }
        return proof
    }

    /// Checks everything: bodies, leaves, tree, checkpoints and index. The verdict is a value; it throws only when
    /// the store cannot be read.
    ///
    /// - Parameter others: checkpoints kept elsewhere, which the trail must lead to as well.
    public func verify(against others: [String] = []) async throws -> TrailReport {
        try await verify(VerificationPlan(others: others))
    }

    /// The same by a plan of one's own.
    public func verify(_ plan: VerificationPlan) async throws -> TrailReport {
        try await read { [keys] store in
            // Another process may have changed the key meanwhile. What cannot be read is a finding.
            _ = try? Trail.checkpoint(of: store, by: keys)
            return try TrailVerifier(store: store, key: keys.verifierKey, plan: plan).verify()
        }
    }
}
