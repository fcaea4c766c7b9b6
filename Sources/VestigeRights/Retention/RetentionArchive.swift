public import VestigeTrail

/// Where bodies are written before they go, if the policy says so (`retention.archive`).
public protocol RetentionArchive: Sendable {
    /// Keeps entries with their leaves, headers, payloads and salts, exactly as they stand in the trail. Durable on return.
    ///
    /// After a crash the same entries may come again: whoever reads the archive tells them by their place.
    ///
    /// - Throws: nothing of `entries` is removed from the trail then.
    func keep(_ entries: [StoredEntry], under plan: RetentionPlan) async throws
}
