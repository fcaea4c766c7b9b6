import VestigeTrail
import VestigeVault

/// Seals entries inside a host's own transaction, where nothing may wait.
///
/// Whoever cannot be sealed for yet is told as ``NotReady``: roll the transaction back, ``wait(for:)`` them, and run it again.
package struct Sealing: Sendable {
    private let recorder: Recorder
    private var people: People
    /// For the sealed columns of the host's own rows.
    package private(set) var columns: ColumnKeys

    package init(_ recorder: Recorder) {
        self.recorder = recorder
        people = People(vault: recorder.vault)
        columns = ColumnKeys(recorder.values)
    }

    /// Holds an entry against the policy and seals it; who acts and why come from the context where left out.
    ///
    /// - Throws: ``NotReady``; ``RecordingError/refused(member:problem:)``; ``RecordingError/unavailable(_:)``.
    package func seal(_ entry: Entry) throws -> SealedBatch {
        var resolved = try EntryResolver(policy: recorder.policy, now: recorder.clock()).resolve(entry)
        resolved.mustFit = true
        do {
            return try SealedBatch(try recorder.seal(resolved, people))
        } catch let missing as NotReady {
            throw missing
        } catch let error as RecordingError {
            throw error
        } catch {
            throw RecordingError.unavailable("\(error)")
        }
    }

    /// Asks for those who were missing; who is new is minted and durable on return.
    ///
    /// - Throws: ``RecordingError/unavailable(_:)``; `VaultError.personErased` for whoever cannot be made findable any more.
    package mutating func wait(for missing: NotReady) async throws {
        do {
            try await columns.wait(for: missing)
            try await people.fetch(missing)
        } catch is PersonErasedMeanwhile {
            // They are found to be erased at the next try.
        } catch VaultError.personErased {
            throw VaultError.personErased
        } catch {
            throw RecordingError.unavailable("\(error)")
        }
    }
}

extension Recorder {
    /// Appends what was sealed before, in order and in one commit: all of it, or nothing. The same batch twice is recorded once.
    ///
    /// - Throws: ``RecordingError/unavailable(_:)``; nothing was written.
    package func append(_ batches: [SealedBatch]) async throws {
        try await whileAvailable {
            var entries: [SealedEntry] = []
            for batch in batches {
                // An act whose outcome stands already may have had other parts than its intent: where its first entry stands, all do.
                if batch.entries.count > 1, try await trail.seq(of: batch.id) != nil { continue }
                entries += batch.entries
            }
            _ = try await trail.append(entries)
        }
    }
}
