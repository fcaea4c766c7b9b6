import VestigeTrail
import VestigeVault

extension Recorder {
    /// Records one of many entries that are under way at once and must stand in the trail in their order.
    ///
    /// Whom the entry makes known is minted at once, side by side with the others; its place is taken only in its turn. So a refused look
    /// finds the people whom earlier entries made known, as if each had been recorded before the next.
    ///
    /// - Parameters:
    ///   - turn: returns when every earlier entry has its place.
    ///   - queued: called once this entry has its place; not called when it is refused or stands already.
    /// - Throws: as ``record(_:)-(Entry)``.
    package func record(_ entry: Entry, turn: () async -> Void, queued: @Sendable () -> Void) async throws -> Receipt {
        let resolved = try EntryResolver(policy: policy, now: clock()).resolve(entry)
        return try await whileAvailable {
            if let id = entry.id, let seq = try await trail.seq(of: id) {
                return try await existing(seq, entry, resolved)
            }
            if resolved.status != .failure { _ = try await Casting(vault: vault, mayMint: true).cast(resolved) }
            await turn()
            let appended = try await appendCast(resolved, queued: queued)
            return appended.isNew ? Receipt(appended) : try await existing(appended.seq, entry, resolved)
        }
    }
}
