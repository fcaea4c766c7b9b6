import VestigeCore
import VestigeCrypto
import VestigePolicy
public import VestigeTrail
import VestigeVault

/// Single bodies that go before their time: the way back when something personal got into a header.
extension Rights {
    /// Removes header, payload, salts and everything in the index of each entry named. Leaves and proofs stay, and the trail verifies.
    ///
    /// The entry `retention.redacted` names them and is durable before any body goes; a crash in between is finished by ``finishRedactions()``. It
    /// reaches no backup of the trail, and nothing that was exported.
    ///
    /// Who may ask for it is the caller's to check (the right `rights`, or the key holder).
    ///
    /// - Throws: ``RightsError/nothingToRedact``, ``RightsError/tooManyToRedact(count:)``, ``RightsError/unknownEntries(_:)``,
    ///   ``RightsError/bodiesGone(_:)``, ``RightsError/builtInEntry(seq:action:)``, ``RightsError/heldEntry(seq:)``, ``RightsError/missingCase``, ``RightsError/missingPurpose(_:)``,
    ///   ``RightsError/noSlot``; `TrailError.inconsistent` for a body that is not what was recorded, which is evidence: nothing was redacted.
    ///   ``RightsError/redactionUnfinished(_:)``.
    public func redact(_ order: RedactionOrder) async throws -> RedactionDone {
        try check(case: order.caseReference)
        if let problem = policy.refusal(of: order.purpose, as: .purpose) {
            throw RightsError.missingPurpose("\(problem); nothing was redacted")
        }
        try await checkSlot(of: order.actor)
        // What was decided before, and not carried out, is not decided again.
        try await finishRedactions()
        let seqs = Set(order.seqs).sorted()
        try await checkRedactable(seqs)
        var entry = BuiltInEntry(
            action: Redaction.action, event: Event.redacted.rawValue, actor: order.actor, purpose: order.purpose)
        entry.caseReference = order.caseReference
        entry.details["entries"] = .integer(Int64(seqs.count))
        entry.clear = [Redaction.encode(seqs)]
        let receipt = try await recorder.record(entry)
        do {
            guard let redaction = try await trail.redactions().last(where: { $0.entry == receipt.id }) else {
                throw TrailError.notFound(seq: receipt.seq)
            }
            return RedactionDone(receipt: receipt, seqs: seqs, isWiped: try await trail.carryOut(redaction))
        } catch {
            throw RightsError.redactionUnfinished("\(error)")
        }
    }

    /// Carries out what was decided and not done, because of a crash in between.
    ///
    /// - Parameter since: if there was a redaction from here on, the log is emptied once more: a reader, or a crash, may have kept bytes there.
    /// - Returns: how many redactions were carried out now.
    @discardableResult
    public func finishRedactions(wipingSince since: Timestamp? = nil) async throws -> Int {
        let redactions = try await trail.redactions()
        var finished = 0
        for redaction in redactions {
            let entries = try await trail.entries(redaction.seqs)
            guard entries.contains(where: { $0.body != nil || $0.redactedBy == nil }) else { continue }
            _ = try await trail.carryOut(redaction)
            finished += 1
        }
        // The log is one: emptied for one redaction it is empty of all.
        if finished == 0, let since, let newest = redactions.last, newest.decidedAt >= since { _ = try await trail.carryOut(newest) }
        return finished
    }

    private func checkRedactable(_ seqs: [UInt64]) async throws {
        guard !seqs.isEmpty else { throw RightsError.nothingToRedact }
        guard seqs.count <= Redaction.countMax else { throw RightsError.tooManyToRedact(count: seqs.count) }
        let entries = try await trail.entries(seqs)
        let unknown = Set(seqs).subtracting(entries.map(\.seq))
        guard unknown.isEmpty else { throw RightsError.unknownEntries(unknown.sorted()) }
        let gone = entries.filter { $0.body == nil }.map(\.seq)
        guard gone.isEmpty else { throw RightsError.bodiesGone(gone) }
        let held = try await heldNow()
        for entry in entries {
            let header = try await trail.proven(entry).header
            if held.covers(header) { throw RightsError.heldEntry(seq: entry.seq) }
            if header.channel == Code.complianceChannel, !header.action.hasPrefix("audit.") {
                throw RightsError.builtInEntry(seq: entry.seq, action: header.action)
            }
        }
    }
}
