import VestigeTrail

extension LocalVestige {
    /// Brings a directory of static files to the newest checkpoint (C2SP tlog-tiles), for whoever follows the trail from outside.
    ///
    /// It holds leaves, which name nobody: entry ids, times and salted hashes. Anybody may read it, and learns how many entries came when.
    /// What was published before and is missing, or has another size, is written again.
    ///
    /// - Parameters:
    ///   - cosignedOnly: publishes the largest checkpoint that a witness cosigned instead of the newest, so that nobody follows what no
    ///     witness has seen.
    ///   - isChecking: compares every file with the trail, and writes again what is other.
    /// - Throws: ``PublishError``: the directory holds something else, or cannot be written; ``TrailError``
    public func publish(
        to directory: String, cosignedOnly: Bool = false, isChecking: Bool = false,
        progress: (@Sendable (_ done: UInt64, _ of: UInt64) -> Void)? = nil
    ) async throws -> Publication {
        var path = directory
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        let published = PublishedTree(directory: path, isChecking: isChecking, progress: progress)
        let keys = { @Sendable [trail] in try await LocalVestige.witnessKeys(of: trail) }
        let cosigned = cosignedOnly ? try await trail.newestCosigned(by: keys()) : nil
        if cosignedOnly, cosigned == nil { throw PublishError.notCosigned }
        // Read last: it is not smaller than what was cosigned.
        let newest = try await trail.checkpoint()
        let history = try await trail.keyHistory()
        let checkpoint = if let cosigned { cosigned } else { try history.verified(try await trail.cosigned(newest, by: keys)) }
        return try await trail.withTree(at: newest) { tree in
            try published.publish(checkpoint, of: tree) { try history.verified($0) }
        }
    }
}
