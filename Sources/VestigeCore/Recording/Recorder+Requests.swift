import VestigePolicy
import VestigeTrail

extension Recorder: LookRecorder {
    /// Records what is about to be shown or has been done, all of it in one commit or nothing. Durable on return.
    ///
    /// When the trail does not take it, the entries of acts, and of looks where the policy says `on_failure: spool`, wait in the spool. Is
    /// there a look among them that may not wait, then only the acts do, since what was done is done, and the look is not to be shown.
    ///
    /// - Throws: ``RecordingError/refused(member:problem:)``, nothing was written; ``RecordingError/unavailable(_:)``, no look was written.
    ///   What the entries speak of may not be shown then.
    public func recordDurably(_ entries: [Entry]) async throws {
        if entries.count == 1 {
            _ = try await recordOrKeep(entries[0])
            return
        }
        var due: [(entry: Entry, resolved: ResolvedEntry)] = []
        for entry in entries {
            due.append((entry, try EntryResolver(policy: policy, now: clock()).resolve(entry)))
            try checkID(of: entry)
        }
        do {
            try await recordTogether(due)
        } catch RecordingError.unavailable(let reason) {
            try await keep(due.map(\.resolved), because: reason)
        }
        for (entry, resolved) in due { tellRequest(of: entry, resolved) }
    }

    private func recordTogether(_ due: [(entry: Entry, resolved: ResolvedEntry)]) async throws {
        try await whileAvailable {
            var people = People(vault: vault)
            var sealed: [SealedEntry] = []
            for (entry, resolved) in due {
                if let id = entry.id, try await trail.seq(of: id) != nil {
                    // It stands: the same is fine, another under its id is a conflict.
                    _ = try await record(entry, resolved)
                } else {
                    sealed += try await self.sealed(resolved, &people)
                }
            }
            _ = try await trail.append(sealed)
        }
    }

    /// Lets wait what may, or, where a look among them may not, the acts alone.
    private func keep(_ due: [ResolvedEntry], because reason: String) async throws {
        let isAll = due.allSatisfy(\.mayWait)
        let kept = isAll ? due : due.filter { !$0.event.isLook }
        guard let keeper, !kept.isEmpty else { throw RecordingError.unavailable(reason) }
        let batch = try await batch(of: kept)
        try await whileAvailable { try await keeper.keep(batch) }
        guard isAll else { throw RecordingError.unavailable(reason) }
    }
}
