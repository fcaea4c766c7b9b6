import VestigePolicy
import VestigeTrail

/// An act on its way. What was found out while doing it is written into its entry.
public struct Act: Sendable {
    public var entry: Entry
    /// Nothing was changed after all: no entry is written.
    public var changedNothing = false
    /// What was found out cannot be told in an entry, although the act is done.
    var refusal: RecordingError?
}

/// Thrown by an act that cannot know whether it happened, as when the answer of a remote database is lost. It is recorded as
/// `warning` with the detail `outcome: unknown`.
public struct OutcomeUnknown: Error, Sendable, CustomStringConvertible {
    public init() {}

    public var description: String { "whether the act happened is not known; it was recorded as such" }
}

extension Recorder {
    /// Does something that changes records, so that neither happens without the other: the act and its entry.
    ///
    /// Before, a sealed intent is made durable in the spool. After, the entry as `work` left it is recorded, under the same id and
    /// the time of the intent: `success`, or `failure` when `work` threw. Should the trail not take it, it waits in the spool and the act
    /// stands all the same. After a crash in between the next start records the intent: `warning`, `outcome: unknown`.
    ///
    /// Should the vault not answer once the act is done, its entry cannot be sealed at once: that is tried again for some seconds, without
    /// keeping the caller, and then the intent is recorded in its place, as after a crash.
    ///
    /// An id of the host's own keeps an act from being done twice, as by a client that asks again: while the first is under way, waits in the
    /// spool or stands in the trail, the second is refused. Two processes know of each other's acts only once they stand in the trail.
    ///
    /// Once begun it is carried through: a caller who is cancelled cancels neither the work nor its entry.
    ///
    /// - Parameters:
    ///   - entry: What is about to happen. Who acts and why come from the context where left out. Whom it makes known is known once it happened.
    ///   - work: The act itself.
    /// - Returns: what `work` returned. Its entry is durable then: in the trail, in the spool, or, where trail or vault and spool failed after
    ///   the act, as its intent, which says that the act was about to happen.
    /// - Throws: ``RecordingError`` before the act, which has then not happened (``RecordingError/conflict(member:)`` when an act with the
    ///   entry's id stands already, or is under way); ``RecordingError/refused(member:problem:)`` after it when the
    ///   policy refuses what `work` put into the entry, which is then recorded as `outcome: unknown`; what `work` throws.
    public func act<Result: Sendable>(
        _ entry: Entry, _ work: @escaping @Sendable (inout Act) async throws -> Result
    ) async throws -> Result {
        try await Task { try await self.carryOut(entry, work) }.value
    }

    /// Records one entry of something that is about to be shown or that has been done. When the trail does not take it, the entry of an act,
    /// and of a look where the policy says `on_failure: spool`, waits in the spool. Durable on return.
    ///
    /// - Throws: ``RecordingError``; what the entry speaks of may not be shown.
    public func recordDurably(_ entry: Entry) async throws {
        _ = try await recordOrKeep(entry)
    }

    /// - Returns: nil where the entry waits in the spool.
    func recordOrKeep(_ entry: Entry) async throws -> Receipt? {
        let resolved = try EntryResolver(policy: policy, now: clock()).resolve(entry)
        try checkID(of: entry)
        let receipt: Receipt?
        do {
            receipt = try await record(entry, resolved)
        } catch RecordingError.unavailable(let reason) {
            guard let keeper, resolved.mayWait else { throw RecordingError.unavailable(reason) }
            let batch = try await batch(of: [resolved])
            try await whileAvailable { try await keeper.keep(batch) }
            receipt = nil
        }
        tellRequest(of: entry, resolved)
        return receipt
    }

    /// A host that records a change by itself has told it: the middleware, which records outside of the request's scope, does not tell it again.
    func tellRequest(of entry: Entry, _ resolved: ResolvedEntry) {
        guard !resolved.event.isLook, let record = entry.record else { return }
        AuditScope.request?.hasRecorded(.init(event: entry.event, record: record.type, id: record.id))
    }

    /// The trail takes an id once: an entry under the id of an act on its way would take the place of the act's.
    func checkID(of entry: Entry) throws(RecordingError) {
        if let id = entry.id, keeper?.isClaimed(id) == true { throw .conflict(member: "act") }
    }

    private func carryOut<Result: Sendable>(
        _ entry: Entry, _ work: @Sendable (inout Act) async throws -> Result
    ) async throws -> Result {
        guard let keeper else {
            throw RecordingError.unavailable("there is no spool, so acts cannot be made certain; open Vestige with a data directory")
        }
        var act = Act(entry: entry)
        act.entry.occurredAt = entry.occurredAt ?? clock()
        let id = entry.id ?? EntryID.make(at: clock())
        act.entry.id = id
        // First claimed, then asked for: one that stands by now is found in one of the two places.
        try keeper.claim(id)
        let intent: SealedBatch
        let ticket: SpoolTicket
        do {
            if entry.id != nil, try await whileAvailable({ try await trail.seq(of: id) }) != nil {
                // Done once more it would not be recorded once more.
                throw RecordingError.conflict(member: "act")
            }
            intent = try await batch(of: [try resolved(act.entry, isIntent: true)])
            ticket = try await whileAvailable { [intent] in try await keeper.intend(intent) }
        } catch {
            keeper.release(id)
            throw error
        }
        let result: Result
        do {
            result = try await work(&act)
        } catch {
            // What the work threw says more to its caller than what the policy refused of its entry.
            try? await conclude(act, error: error, intent, ticket, keeper)
            throw error
        }
        try await conclude(act, error: nil, intent, ticket, keeper)
        return result
    }

    private func conclude(_ act: Act, error: (any Error)?, _ intent: SealedBatch, _ ticket: SpoolTicket, _ keeper: Keeper) async throws {
        // Also where nothing was changed: the middleware must not say that something was.
        if let record = act.entry.record {
            AuditScope.request?.hasRecorded(.init(event: act.entry.event, record: record.type, id: record.id))
        }
        if error == nil, act.changedNothing { return keeper.forget(ticket, intent) }
        var entry = act.entry
        // As in the intent, whatever the work put there: a crash before the intent is settled must not tell one act twice.
        entry.id = intent.id
        entry.occurredAt = intent.entries[0].header.occurredAt
        if error != nil {
            entry.status = .failure
            entry.changes = [:]
            entry.subjects = entry.subjects.map { $0.map { EntrySubject($0.id) } }
        }
        // The act is over: an entry that neither trail nor spool takes now leaves its intent, which is durable and told at the next start.
        do {
            if error == nil, let refusal = act.refusal { throw refusal }
            guard !(error is OutcomeUnknown) else {
                try? await keeper.deliver(intent, for: ticket)
                return
            }
            let resolved = try resolved(entry, isIntent: false)
            let outcome: SealedBatch
            do {
                outcome = try await batch(of: [resolved])
            } catch RecordingError.unavailable {
                keeper.deliverLater(intent, for: ticket) { try await self.batch(of: [resolved]) }
                return
            }
            try? await keeper.deliver(outcome, for: ticket)
        } catch let refusal as RecordingError {
            guard case .refused = refusal else { return }
            try? await keeper.deliver(intent, for: ticket)
            throw refusal
        }
    }

    /// Held against policy and context, which are those of the act's own task.
    private func resolved(_ entry: Entry, isIntent: Bool) throws -> ResolvedEntry {
        var entry = entry
        if isIntent { entry.status = .warning }
        var resolved = try EntryResolver(policy: policy, now: clock()).resolve(entry)
        resolved.isIntent = isIntent
        resolved.mustFit = true
        return resolved
    }

    /// Entries sealed together, to wait or to be appended as one.
    func batch(of entries: [ResolvedEntry]) async throws -> SealedBatch {
        try await whileAvailable {
            var people = People(vault: vault)
            var sealed: [SealedEntry] = []
            for entry in entries { sealed += try await self.sealed(entry, &people) }
            return try SealedBatch(sealed)
        }
    }
}
