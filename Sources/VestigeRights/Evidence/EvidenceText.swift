import VestigeCore
import VestigeCrypto
import VestigeInquiry
import VestigeTrail

/// The small texts of a pack.
enum EvidenceText {
    /// Of a pack: grows when a file or a member changes its meaning. 2: a receipt binds the manifest.
    static let version = 2

    /// `verify.py`, which needs nothing but Python's standard library.
    static var script: String { String(decoding: PackageResources.verify_py, as: UTF8.self) }

    /// Leaf and body as recorded, in base64, with the hashes from the leaf's sibling up. After prune or redaction all but leaf and hashes
    /// are null.
    static func proof(_ entry: StoredEntry, _ proof: InclusionProof) -> [UInt8] {
        var json = JSONWriter(capacity: 4096)
        json.object { json in
            EntryProof(entry, text: "").writeEntry(to: &json)
            json.member("hashes", proof.hashes.map(\.base64))
        }
        return json.bytes
    }

    /// A checkpoint from before with its cosignatures, and the hashes that show that the pack's goes on from it (RFC 6962 §2.1.2).
    static func past(_ past: PastCheckpoint) -> [UInt8] {
        var json = JSONWriter(capacity: 1024)
        json.object { write(past, "checkpoint", to: &$0) }
        return json.bytes
    }

    /// The entry of a change of the signing key as in ``proof(_:_:)``, and the checkpoint that both keys signed as in ``past(_:)``.
    static func change(_ change: PastKeyChange) -> [UInt8] {
        var json = JSONWriter(capacity: 4096)
        json.object { json in
            EntryProof(change.entry, text: "").writeEntry(to: &json)
            json.member("hashes", change.proof.hashes.map(\.base64))
            write(change.handover, "handover", to: &json)
        }
        return json.bytes
    }

    private static func write(_ past: PastCheckpoint, _ name: String, to json: inout JSONWriter) {
        json.member(name, past.note)
        json.member("consistency", past.proof.hashes.map(\.base64))
    }

    /// The clear item of the entry that holds what a manifest is.
    static func receiptItem(_ manifest: Bytes32, of export: Receipt) -> [UInt8] {
        var json = JSONWriter(capacity: 256)
        json.object { json in
            json.key("evidence")
            json.object { json in
                json.key("v")
                json.integer(Int64(version))
                json.member("export", export.id.description)
                json.member("manifest", manifest.hex)
            }
        }
        return json.bytes
    }

    /// That entry as in ``proof(_:_:)``, the checkpoint it leads to, and the hashes that show that this goes on from the pack's own.
    static func receipt(
        _ entry: StoredEntry, _ proof: InclusionProof, in head: Checkpoint, after consistency: ConsistencyProof
    ) -> [UInt8] {
        var json = JSONWriter(capacity: 4096)
        json.object { json in
            EntryProof(entry, text: "").writeEntry(to: &json)
            json.member("hashes", proof.hashes.map(\.base64))
            json.member("checkpoint", head.note)
            json.member("consistency", consistency.hashes.map(\.base64))
        }
        return json.bytes + [0x0A]
    }

    static func manifest(_ summary: EvidenceSummary) -> [UInt8] {
        var json = JSONWriter(capacity: 4096)
        json.object { json in
            json.key("vestige_evidence")
            json.integer(Int64(version))
            json.member("salt", summary.salt.base64)
            json.member("made_at", summary.madeAt.description)
            json.member("made_by", summary.order.asker.actor.id)
            json.member("purpose", summary.order.asker.purpose)
            json.key("query")
            json.object { json in for (name, value) in summary.order.filters { json.member(name, value) } }
            json.key("export")
            json.object { json in
                json.member("id", summary.export.id.description)
                json.key("seq")
                json.integer(Int64(clamping: summary.export.seq))
            }
            json.member("origin", summary.origin)
            json.member("verifier_key", summary.verifierKey)
            json.key("checkpoint")
            json.object { json in
                json.key("size")
                json.integer(Int64(summary.checkpoint.size))
                json.member("root", summary.checkpoint.root.base64)
            }
            json.member("witnesses", summary.witnesses)
            json.key("checkpoints")
            json.integer(Int64(summary.pastCheckpointCount))
            json.member("policy_sha256", summary.policyDigest.hex)
            json.key("entries")
            json.integer(Int64(summary.entryCount))
            json.key("without_body")
            json.integer(Int64(summary.bodilessCount))
            json.key("with_sealed_parts")
            json.integer(Int64(summary.sealedCount))
            json.flag("complete", summary.isComplete)
            json.member("pruned_before", summary.prunedBefore?.description)
            json.key("files")
            json.array { list in
                for part in summary.parts {
                    list.object { json in
                        json.member("name", part.name)
                        json.key("bytes")
                        json.integer(Int64(part.byteCount))
                        json.member("sha256", part.sha256.hex)
                    }
                }
            }
        }
        return json.bytes + [0x0A]
    }

    static func readme(_ summary: EvidenceSummary) -> String {
        """
        Evidence from the trail \(summary.origin)

        This folder holds the entries of an access log for a period, and what is needed to check them without the program that kept them.
        Taking it out is itself an entry of that log. It holds personal data: keep it as you keep other evidence.

          entries.ndjson    one entry a line, opened as far as whoever asked may see
          entries.csv       the same as a table
          proofs.ndjson     each entry as it was recorded (sealed parts stay sealed), with the proof that it stands in the log
          checkpoint.txt    the log's size and root, signed
          checkpoints.ndjson  checkpoints from before, with what witnesses signed under them and a proof that the log goes on from each
          keys.ndjson       changes of the signing key, if there were any, each confirmed by both keys
          verifier-key.txt  the key that signed it
          policy.yaml       the rules in force when this was made
          manifest.json     the question, who asked, when and why, counts, and the SHA-256 of every file
          receipt.json      the entry of the log that holds the SHA-256 of manifest.json, with the proof that it stands in the log
          summary.pdf       the same for reading, if it was asked for
          verify.py         checks all this; needs Python 3.9 or later and no network

        To check it:

          python3 -I verify.py --key KEY [--witness KEY] [--against FILE]

        KEY is the log's verifier key. Ask the operator for it by another way than this folder, or compare verifier-key.txt with what you
        were given earlier: whoever can make up a folder can make up a key. They can make up a verify.py as well: run one that you had by another
        way (\(scriptPlace) of Vestige's source, the same in every
        pack of a version), with this folder as its last argument. Then compare checkpoint.txt with a checkpoint that you or a witness kept
        (--against FILE), or give the key of a witness that you trust (--witness): only that shows that the log was not rewritten as a whole.

        It ends with "intact" (exit code 0), "broken" (1), or "not confirmed" (3): nothing is wrong, and something that you asked for could
        not be compared. 2: it could not run. A file that is not part of the pack is a finding; keep your own files elsewhere.

        What the log itself proves of an entry: its place, id, times, channel, event, action, status, purpose, activity, recipient, details,
        policy, fields, correlation id, part, the type and role of who acted, all pseudonyms, the type of the record and its id where ids of that
        type are clear, changes of fields that are not personal, and the words of a description but for what is personal in it.

        What is the operator's word: whatever is sealed in the log and opened here (names, addresses, ids and pages; who is erased; personal
        changes; case and justification; personal parts of a description), which entries matched the question, the counts, this text, and the
        summary. entries.csv says nothing else than entries.ndjson. receipt.json shows that the log holds the SHA-256 of the manifest, and the
        manifest that of every other file: nobody can change this word afterwards, and the operator cannot deny it.

        What nothing here proves: that everything that happened was recorded, and that this folder holds every entry that matched
        (manifest.json says whether the program found it complete: "complete": \(summary.isComplete)). "erased": the person's key was
        destroyed on request.\(bodiless(summary))\(pruned(summary))

        """
    }

    static let scriptPlace = "Sources/VestigeRights/Evidence/verify.py"

    private static func bodiless(_ summary: EvidenceSummary) -> String {
        guard summary.bodilessCount > 0 else { return "" }
        return """


            \(summary.bodilessCount) of the entries have no body any more, so that nobody sees here who did what. The log may say why (a retention
            plan or a redaction); this folder does not prove it. Ask the operator for that entry and its proof.
            """
    }

    private static func pruned(_ summary: EvidenceSummary) -> String {
        guard let before = summary.prunedBefore else { return "" }
        return """


            Entries of this log that were recorded before \(before) were removed when their time was over, as the log itself says
            (retention.planned, retention.pruned). Those of the period are not in this folder, and do not count against "complete".
            """
    }
}
