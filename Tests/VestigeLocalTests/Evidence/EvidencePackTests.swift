import Foundation
import TestSupport
import Testing
import VestigeCrypto
import VestigeLocal
import VestigeTesting
import VestigeTrail

@Suite("An evidence pack", .enabled(if: Program.python != nil, "there is no python3"))
struct EvidencePackTests {
    @Test("is whole, checks out with Python alone, and names the key it must be checked with")
    func intact() async throws {
        let made = try await MadePack()
        let summary = made.summary
        #expect(summary.isComplete)
        #expect(summary.entryCount == Int(summary.checkpoint.size) - 1)
        #expect(summary.byAction["pii.read.user"] == 41)
        #expect(summary.sealedCount >= 1)
        let found = try await made.check(["--key", summary.verifierKey])
        #expect(found.exit == 0 && found.output.hasPrefix("intact: \(summary.entryCount) entries"), "\(found.output)")
        #expect(found.output.contains("proven by the log: ") && found.output.contains("the operator's word, as entry "))
        let unknown = try await made.check()
        #expect(unknown.output.contains("the key is the folder's own") && unknown.output.contains("\nintact under the folder's own key: "))
        // Readable by its owner only; the erased person's id stands nowhere, the others' do.
        let files = try FileManager.default.contentsOfDirectory(atPath: made.path)
        #expect(Set(files) == Set(summary.fileNames))
        for name in files {
            let path = made.path + "/" + name
            #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o600)
            let text = try String(contentsOfFile: path, encoding: .utf8)
            #expect(!text.contains("person-7"), "\(name)")
        }
        #expect(try String(contentsOfFile: made.path + "/entries.ndjson", encoding: .utf8).contains("ζωή@example.org"))
    }

    @Test(
        "carries what witnesses cosigned, and shows that the log goes on from there; through a change of key too", arguments: [false, true])
    func witnessed(rotating: Bool) async throws {
        let witness = InMemoryWitness(signingKey: try SigningKey.generate())
        let made = try await MadePack(
            witness: witness, rotating: rotating,
            tampering: { folder in
                // Lines of nobody under what was kept, and under the newest.
                try await SQLPrompt.run(
                    """
                    insert or ignore into checkpoints select size, checkpoint from head;
                    insert into cosignatures select size, '— nobody.example ' || 'AAAAAAAAAAAAAAAA' || char(10) from checkpoints;
                    """, on: folder.file("trail.sqlite"))
            })
        #expect(!(try String(contentsOfFile: made.path + "/checkpoints.ndjson", encoding: .utf8).contains("nobody.example")))
        let summary = made.summary
        #expect(summary.witnesses == ["\(witness.key)"])
        // The one of the empty trail's first hour, and the two that were cosigned.
        #expect(summary.pastCheckpointCount == 3)
        let found = try await made.check(["--key", summary.verifierKey, "--witness", "\(witness.key)"])
        #expect(found.exit == 0 && found.output.contains("saw the first 3 entries"), "\(found.output)")
        #expect(try await made.check(["--key", summary.verifierKey]).output.contains("the witnesses' keys are the folder's own"))
        guard rotating else { return }
        // Whoever knows the key from before the change only goes on from there.
        let old = try String(contentsOfFile: made.folder.path + "/old-key", encoding: .utf8)
        #expect(old != summary.verifierKey)
        let followed = try await made.check(["--key", old])
        #expect(followed.exit == 0, "\(followed.output)")
    }

    @Test("of one record or one person holds their entries only")
    func narrow() async throws {
        let made = try await MadePack(asking: { $0.record = try Reference("user/person-3") })
        #expect(made.summary.entryCount == 2 && made.summary.isComplete)
        #expect(try await made.check(["--key", made.summary.verifierKey]).exit == 0)
        let nobody = try await MadePack(asking: { $0.subject = try Reference("user/nobody") })
        #expect(nobody.summary.entryCount == 0 && nobody.summary.isComplete)
        #expect(try await nobody.check(["--key", nobody.summary.verifierKey]).exit == 0)
    }

    @Test("is two entries: one before anything is written, with a purpose, and one that holds the manifest's SHA-256")
    func recorded() async throws {
        let made = try await MadePack()
        let summary = made.summary
        let vestige = try await made.folder.open()
        var query = IndexQuery(limit: 5)
        query.actions = ["audit.exported", "audit.evidence_made"]
        let entries = try await vestige.trail.page(query)
        #expect(entries.count == 2)
        let exported = try #require(entries.last)
        #expect(exported.seq < summary.checkpoint.size && exported.seq == summary.export.seq)
        let header = try Header(decoding: try #require(exported.body).header)
        #expect(header.action == "audit.exported" && header.details["format"] == .code("pack") && header.purpose == "audit")
        let receipt = try #require(entries.first)
        #expect(receipt.seq >= summary.checkpoint.size && receipt.seq == summary.receipt?.seq)
        let (last, payload) = try await vestige.trail.proven(receipt)
        #expect(last.action == "audit.evidence_made" && last.purpose == "audit" && last.subjects.isEmpty && last.record == nil)
        let manifest = sha256(Array(try Data(contentsOf: URL(filePath: made.path + "/manifest.json"))))
        let item = #"{"evidence":{"v":2,"export":"\#(header.id)","manifest":"\#(manifest.hex)"}}"#
        #expect(payload.items.filter { $0.kind == .clear }.map(\.bytes) == [Array(item.utf8)])
        let order = EvidenceOrder(
            from: summary.order.from, to: summary.order.to, asker: .keyHolder(ana, purpose: "curiosity"))
        let refused = made.folder.path + "/refused"
        try FileManager.default.createDirectory(atPath: refused, withIntermediateDirectories: false)
        await #expect(throws: InquiryError.self) { try await vestige.evidence.write(order, into: refused) }
        let turned = EvidenceOrder(from: summary.order.to, to: summary.order.from, asker: MadePack.asker)
        await #expect(throws: EvidenceError.emptyPeriod) { try await vestige.evidence.write(turned, into: refused) }
        #expect(try await vestige.verify().verdict == .intact)
        try await vestige.close()
    }

    @Test("is refused under another key, and beside another log of the same size")
    func otherKey() async throws {
        let made = try await MadePack()
        let other = try await MadePack()
        #expect(try await made.check(["--key", other.summary.verifierKey]).exit == 1)
        #expect(try await made.check(["--key", "nonsense"]).exit == 2)
        let against = try await made.check(["--key", made.summary.verifierKey, "--against", other.path + "/checkpoint.txt"])
        #expect(against.exit == 1 && against.output.contains("not signed by this key"), "\(against.output)")
        let same = try await made.check(["--key", made.summary.verifierKey, "--against", made.path + "/checkpoint.txt"])
        #expect(same.exit == 0, "\(same.output)")
    }

    @Test("is not confirmed where a witness or a checkpoint that was asked for confirms nothing")
    func notConfirmed() async throws {
        let witness = InMemoryWitness(signingKey: try SigningKey.generate())
        let made = try await MadePack(witness: witness)
        let key = ["--key", made.summary.verifierKey]
        let stranger = WitnessKey(name: "w.example/other", publicKey: try SigningKey.generate().publicKey)
        let unseen = try await made.check(key + ["--witness", "\(witness.key)", "--witness", "\(stranger)"])
        #expect(unseen.exit == 3 && unseen.output.contains("not confirmed: witness w.example/other cosigned nothing"), "\(unseen.output)")
        #expect(unseen.output.contains("\nnot confirmed: \(made.summary.entryCount) entries") && !unseen.output.contains("intact"))
        // The receipt's checkpoint is one that can be compared; a later one is not, nor one that was not kept.
        let vestige = try await made.folder.open()
        let exact = made.folder.path + "/exact"
        let later = made.folder.path + "/later"
        try await vestige.trail.checkpoint().note.write(toFile: exact, atomically: false, encoding: .utf8)
        _ = try await vestige.recorder.record(look(at: "person-1"))
        try await vestige.trail.checkpoint().note.write(toFile: later, atomically: false, encoding: .utf8)
        try await vestige.close()
        let compared = try await made.check(key + ["--against", exact])
        #expect(compared.exit == 0, "\(compared.output)")
        let newer = try await made.check(key + ["--against", exact, "--against", later])
        #expect(newer.exit == 3 && newer.output.contains("is newer than this pack"), "\(newer.output)")
        // What is wrong counts more than what is not confirmed.
        let broken = try await made.copy(changedBy: "raw('x', b'')", mending: false)
        #expect(try await made.check(key + ["--against", later], in: broken).exit == 1)
    }

    @Test("has a script for Python 3.9 and later")
    func oldPython() async throws {
        let made = try await MadePack(asking: { $0.subject = try Reference("user/nobody") })
        let script = "import ast; ast.parse(open('verify.py', encoding='utf-8').read(), feature_version=(3, 9))"
        let parsed = try await Program.run("python3", ["-c", script], in: made.path)
        #expect(parsed.exit == 0, "\(parsed.output)")
    }
}
