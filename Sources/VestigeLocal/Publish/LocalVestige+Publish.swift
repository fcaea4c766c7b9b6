import VestigeTrail

extension LocalVestige {
    /// Brings a directory of static files to the newest checkpoint (C2SP tlog-tiles), for whoever follows the trail from outside.
    ///
    /// It holds leaves, which name nobody: entry ids, times and salted hashes. Anybody may read it, and learns how many entries came when.
    ///
    /// - Parameter cosignedOnly: publishes the largest checkpoint that a witness cosigned instead of the newest, so that nobody follows what no
    ///   witness has seen.
    /// - Throws: ``PublishError``: the directory holds something else, or cannot be written; ``TrailError``
    public func publish(
        to directory: String, cosignedOnly: Bool = false, progress: (@Sendable (_ done: UInt64, _ of: UInt64) -> Void)? = nil
    ) async throws -> Publication {
        var path = directory
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        let published = PublishedTree(directory: path, progress: progress)
        let checkpoint: Checkpoint
        if cosignedOnly {
            guard let cosigned = try await trail.newestCosigned(by: LocalVestige.witnessKeys(of: trail)) else { throw PublishError.notCosigned }
            checkpoint = cosigned
        } else {
            checkpoint = try await trail.checkpoint()
        }
        let note = cosignedOnly ? checkpoint.note : try await trail.cosigned(checkpoint) { [trail] in try await LocalVestige.witnessKeys(of: trail) }
        let history = try await trail.keyHistory()
        return try await trail.withTree(at: checkpoint) { tree in
            try published.publish(tree, note: note) { try history.verified($0) }
        }
    }
}
