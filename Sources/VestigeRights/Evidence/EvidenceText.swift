import VestigeCore
import VestigeCrypto
import VestigeInquiry
import VestigeTrail

/// The small texts of a pack.
enum EvidenceText {
    /// Grows when a member changes its meaning.
    static let version = 1

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

    static func manifest(_ summary: EvidenceSummary) -> [UInt8] {
        var json = JSONWriter(capacity: 4096)
        json.object { json in
            json.key("vestige_evidence")
            json.integer(Int64(version))
            json.member("made_at", summary.madeAt.description)
            json.member("made_by", summary.order.asker.actor.id)
            json.member("purpose", summary.order.asker.purpose)
            json.key("query")
            json.object { json in for (name, value) in summary.order.filters { json.member(name, value) } }
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
          summary.pdf       the same for reading, if it was asked for
          verify.py         checks all this; needs Python 3.8 or later and no network

        To check it:

          python3 verify.py --key KEY [--witness KEY]

        KEY is the log's verifier key. Ask the operator for it by another way than this folder, or compare verifier-key.txt with what you
        were given earlier: whoever can make up a folder can make up a key. Then compare checkpoint.txt with a checkpoint that you or a
        witness kept (--against FILE), or give the key of a witness that you trust (--witness): only that shows that the log was not
        rewritten as a whole.

        What it proves: each entry stood in the signed log, unchanged, when this was made. What it does not prove: that everything that
        happened was recorded, and that this folder holds every entry that matched (manifest.json says whether the program found it
        complete: "complete": \(summary.isComplete)). An entry without a body was pruned or redacted; its leaf still verifies. "erased": the
        person's key was destroyed on request.\(pruned(summary))

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
