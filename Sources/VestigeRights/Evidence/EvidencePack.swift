package import VestigeCore
import VestigeCrypto
package import VestigeInquiry
package import VestigePolicy
package import VestigeTrail

/// Gathers what an auditor needs to judge a period without this program: entries, their leaves and proofs, the checkpoint, the policy, and a
/// script that checks all of it offline. An entry of the log holds the SHA-256 of its manifest, so that nobody else can change it and nobody can
/// deny it.
public struct EvidencePack: Sendable {
    private let recorder: Recorder
    private let inquiry: Inquiry
    private let trail: Trail
    private let policy: Policy
    private let witnesses: @Sendable () async throws -> [WitnessKey]
    private let everyWitness: @Sendable () async throws -> [WitnessKey]
    private let clock: Clock

    /// - Parameters:
    ///   - witnesses: those that the trail has.
    ///   - everyWitness: those that it ever had: their lines go into packs.
    package init(
        recorder: Recorder, inquiry: Inquiry, trail: Trail, policy: Policy,
        witnesses: @escaping @Sendable () async throws -> [WitnessKey] = { [] },
        everyWitness: @escaping @Sendable () async throws -> [WitnessKey] = { [] }, clock: @escaping Clock
    ) {
        self.recorder = recorder
        self.inquiry = inquiry
        self.trail = trail
        self.policy = policy
        self.witnesses = witnesses
        self.everyWitness = everyWitness
        self.clock = clock
    }

    /// Writes the files of a pack into an empty folder, a batch of entries at a time. Taking it out is an entry of its own, durable
    /// before the first byte is written; a second one, the pack's receipt, holds the SHA-256 of the manifest and is durable before this returns.
    ///
    /// Files: `README.txt manifest.json receipt.json entries.ndjson entries.csv proofs.ndjson checkpoint.txt checkpoints.ndjson keys.ndjson
    /// verifier-key.txt policy.yaml verify.py`. `Docs/TrailFormat.md` describes each.
    ///
    /// - Parameters:
    ///   - extra: makes further files in the folder and returns their names; they come into the manifest too. `verify.py` knows `summary.pdf` and
    ///     takes no other.
    /// - Throws: ``EvidenceError``, ``InquiryError``, or what `extra` throws. What was written so far is the caller's to remove.
    public func write(
        _ order: EvidenceOrder, into folder: String, extra: (EvidenceSummary) throws -> [String] = { _ in [] }
    ) async throws -> EvidenceSummary {
        guard order.from < order.to else { throw EvidenceError.emptyPeriod }
        var entries = try EvidenceFile("entries.ndjson", in: folder)
        var table = try EvidenceFile("entries.csv", in: folder)
        var proofs = try EvidenceFile("proofs.ndjson", in: folder)
        try table.write(EntryCSV.head)
        var tally = EvidenceTally()
        // Known with the first batch: it must stand after the export's own entry, which stands after all that is exported.
        var checkpoint: Checkpoint?
        var lowest: UInt64?
        let given = try await inquiry.export(order.filter(), format: .pack, limit: nil, asker: order.asker) { batch in
            let head = if let known = checkpoint { known } else { try await trail.checkpoint() }
            checkpoint = head
            for (opened, proven) in zip(batch, try await trail.proofs(of: batch.map(\.seq), in: head)) {
                let opened = EvidencePack.told(opened, as: proven.entry)
                try entries.write(EntryJSON.line(opened) + [0x0A])
                try table.write(EntryCSV.line(opened))
                try proofs.write(EvidenceText.proof(proven.entry, proven.proof) + [0x0A])
                tally.add(opened)
                lowest = min(lowest ?? opened.seq, opened.seq)
            }
        }
        let head = if let checkpoint { checkpoint } else { try await trail.checkpoint() }
        var summary = EvidenceSummary(
            order: order, export: given.receipt, salt: .random(), madeAt: clock(), origin: trail.origin,
            verifierKey: trail.verifierKey.description, checkpoint: head, policyDigest: policy.digest,
            witnesses: try await witnesses().map(\.description))
        tally.tell(&summary)
        let pruned = try await trail.prunedSoFar()
        if pruned.concerns(since: order.from) { summary.prunedBefore = pruned.before }
        summary.isComplete = !given.isTruncated && given.count == given.total && tally.entryCount == given.count
        summary.parts = [try entries.finish(), try table.finish(), try proofs.finish()]
        let past = try await trail.pastCheckpoints(
            from: lowest ?? head.size, to: head, limit: EvidenceSummary.pastCheckpointCountMax, by: try await everyWitness())
        summary.pastCheckpointCount = past.count
        let changes = try await trail.pastKeyChanges(to: head)
        for (name, lines) in [("checkpoints.ndjson", past.map(EvidenceText.past)), ("keys.ndjson", changes.map(EvidenceText.change))] {
            var file = try EvidenceFile(name, in: folder)
            for line in lines { try file.write(line + [0x0A]) }
            summary.parts.append(try file.finish())
        }
        for (name, text) in [
            ("checkpoint.txt", head.note), ("verifier-key.txt", trail.verifierKey.description + "\n"), ("policy.yaml", policy.text),
            ("verify.py", EvidenceText.script), ("README.txt", EvidenceText.readme(summary)),
        ] {
            var file = try EvidenceFile(name, in: folder)
            try file.write(Array(text.utf8))
            summary.parts.append(try file.finish())
        }
        for name in try extra(summary) { summary.parts.append(try EvidencePart(reading: name, in: folder)) }
        var manifest = try EvidenceFile("manifest.json", in: folder)
        try manifest.write(EvidenceText.manifest(summary))
        summary.receipt = try await giveReceipt(for: try manifest.finish(), of: summary, into: folder)
        return summary
    }

    /// The entry as it stands by now: its body may have gone since it was opened.
    package static func told(_ opened: OpenedEntry, as stored: StoredEntry) -> OpenedEntry {
        guard stored.body == nil, opened.header != nil else { return opened }
        return OpenedEntry(
            seq: opened.seq, recordedAt: opened.recordedAt, header: nil, id: opened.id, leaf: stored.leaf,
            isRedacted: stored.redactedBy != nil)
    }

    /// Records what the manifest is, and writes that entry with its proof into a file that the manifest cannot name.
    private func giveReceipt(for manifest: EvidencePart, of summary: EvidenceSummary, into folder: String) async throws -> Receipt {
        let asker = summary.order.asker
        var entry = BuiltInEntry(action: "audit.evidence_made", event: "completed", actor: asker.actor, purpose: asker.purpose)
        entry.caseReference = asker.caseReference
        entry.clear = [EvidenceText.receiptItem(manifest.sha256, of: summary.export)]
        let receipt = try await recorder.record(entry)
        let head = try await trail.checkpoint()
        // One key must do for both, be it changed meanwhile by another process.
        let key = trail.verifierKey
        guard "\(key)" == summary.verifierKey, (try? Checkpoint(verifying: summary.checkpoint.note, by: key)) != nil,
            (try? Checkpoint(verifying: head.note, by: key)) != nil
        else { throw EvidenceError.keyChanged }
        guard let proven = try await trail.proofs(of: [receipt.seq], in: head).first else { throw TrailError.notFound(seq: receipt.seq) }
        let consistency = try await trail.consistencyProof(from: summary.checkpoint.size, to: head)
        var file = try EvidenceFile("receipt.json", in: folder)
        try file.write(EvidenceText.receipt(proven.entry, proven.proof, in: head, after: consistency))
        _ = try file.finish()
        return receipt
    }
}
