import Foundation
import TestSupport
import Testing
import VestigeCore
import VestigeCrypto
import VestigeRights
import VestigeTesting
import VestigeVault

@testable import VestigeLocal
@testable import VestigeTrail

@Suite("Changing the signing key of a data directory")
struct SigningRotationTests {
    private func names(_ folder: Folder) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.place.keyring).sorted()
    }

    private func record(_ count: Int, in vestige: LocalVestige) async throws {
        for number in 0..<count { _ = try await vestige.recorder.record(look(at: "p\(number)")) }
    }

    @Test("leaves an entry and one new key; everything from before still verifies, against outside checkpoints too")
    func rotated() async throws {
        let folder = try Folder()
        let vestige = try await folder.make()
        try await record(3, in: vestige)
        let (old, id) = (vestige.trail.verifierKey, vestige.trail.identity.id.hex)
        let before = try await vestige.trail.checkpoint().note
        let done = try await vestige.rotateSigningKey(by: ana)
        #expect(done.old == old && done.new == vestige.trail.verifierKey && done.new != old)
        #expect(done.new.name == old.name)
        #expect(try Checkpoint(verifying: done.handover.note, by: old).head == Checkpoint(verifying: done.handover.note, by: done.new).head)
        #expect(try names(folder) == ["cover-previous-\(id)", "kek-00000001", "signing-00000002", "spool-previous-\(id)"])
        let entry = try #require(try await vestige.trail.entries([done.seq]).first?.body)
        let header = try Header(decoding: entry.header)
        #expect(header.action == "key.signing_rotated" && header.event == "rotated" && header.channel == "compliance")
        #expect(header.details == ["old": .code(old.keyIDHex), "new": .code(done.new.keyIDHex)])
        try await record(2, in: vestige)
        #expect(try await vestige.verify().verdict == .intact)
        try await vestige.close()

        let report = try await Vestige.verify(folder.place, against: [before, done.handover.note])
        #expect(report.verdict == .intact && report.consistent == [4, 5])
        let reopened = try await folder.open()
        #expect(reopened.trail.verifierKey == done.new)
        try await record(1, in: reopened)
        let again = try await reopened.rotateSigningKey(by: ana)
        #expect(again.old == done.new)
        try await reopened.close()
        #expect(try await Vestige.verify(folder.place, against: [before, done.handover.note, again.handover.note]).verdict == .intact)
        #expect(try names(folder) == ["cover-previous-\(id)", "kek-00000001", "signing-00000003", "spool-previous-\(id)"])
    }

    @Test(
        "A verifier that is not ours follows the change", .enabled(if: Program.python != nil, "there is no python3"))
    func outside() async throws {
        let folder = try Folder()
        let vestige = try await folder.make()
        try await record(3, in: vestige)
        let (before, old) = (try await vestige.trail.checkpoint().note, vestige.trail.verifierKey)
        let done = try await vestige.rotateSigningKey(by: ana)
        try await record(3, in: vestige)
        try await vestige.close()
        let note = folder.path + "/before"
        try before.write(toFile: note, atomically: true, encoding: .utf8)
        let script = Checkout.path("Tests/VestigeTrailTests/verify_trail.py")
        // Whoever knows one of the keys finds the others.
        for key in [done.new, old] {
            let run = try await Program.run("python3", [script, folder.file("trail.sqlite"), "\(key)", "--against", note])
            #expect(run.exit == 0, "\(run.output)")
        }
        let stranger = VerifierKey(name: old.name, publicKey: try SigningKey.generate().publicKey)
        #expect(try await Program.run("python3", [script, folder.file("trail.sqlite"), "\(stranger)"]).exit == 1)
        // But not by an entry that both keys did not confirm.
        let change = """
            import sqlite3, sys
            c = sqlite3.connect(sys.argv[1])
            rules = c.execute("select name, sql from sqlite_master where tbl_name = 'checkpoints' and type = 'trigger'").fetchall()
            for name, _ in rules: c.execute(f"drop trigger {name}")
            c.execute("delete from checkpoints where size = ?", (int(sys.argv[2]),))
            for _, rule in rules: c.execute(rule)
            c.commit()
            """
        let changed = try await Program.run("python3", ["-c", change, folder.file("trail.sqlite"), "\(done.seq + 1)"])
        #expect(changed.exit == 0, "\(changed.output)")
        for key in [done.new, old] {
            let run = try await Program.run("python3", [script, folder.file("trail.sqlite"), "\(key)"])
            #expect(
                run.exit == 1 && run.output.contains("checkpoint \(done.seq): a change of key that both keys did not sign"), "\(run.output)"
            )
        }
        #expect(try await Vestige.verify(folder.place).findings.contains { $0.kind == .checkpoint && $0.seq == done.seq })
    }

    @Test(
        "What a crash leaves between the steps is finished by the next opening", arguments: ["prepared", "taken", "named", "overwritten"])
    func cutShort(step: String) async throws {
        let folder = try Folder()
        try await folder.make().close()
        let keyring = folder.place.keyring
        let first = try Data(contentsOf: URL(filePath: keyring + "/signing-00000001"))
        func put(_ data: Data, _ name: String) throws {
            try data.write(to: URL(filePath: "\(keyring)/\(name)"))
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: "\(keyring)/\(name)")
        }
        if step == "prepared" {
            _ = try FileKeyring(directory: keyring).prepareSigningKey()
        } else {
            let vestige = try await folder.open()
            _ = try await vestige.rotateSigningKey(by: ana)
            try await vestige.close()
            // The trail has taken the key: its file still waits, or the old one is still there.
            if step == "taken" {
                try FileManager.default.moveItem(atPath: keyring + "/signing-00000002", toPath: keyring + "/signing-00000002.next")
            }
            try put(step == "overwritten" ? Data(count: first.count) : first, "signing-00000001")
        }
        #expect(try await Vestige.verify(folder.place).verdict == .intact)
        let vestige = try await folder.open()
        try await record(2, in: vestige)
        #expect(try await vestige.verify().verdict == .intact)
        let expected = step == "prepared" ? ["signing-00000001", "signing-00000002.next"] : ["signing-00000002"]
        #expect(try names(folder).filter { $0.hasPrefix("signing") } == expected)
        let next = try await vestige.rotateSigningKey(by: ana)
        #expect(next.new == vestige.trail.verifierKey)
        try await vestige.close()
        #expect(try names(folder).filter { $0.hasPrefix("signing") } == [step == "prepared" ? "signing-00000002" : "signing-00000003"])
        #expect(try await Vestige.verify(folder.place).verdict == .intact)
    }

    private struct Cut: Error {}

    @Test(
        "Cut short at any step, it leaves a trail that verifies, that others go on with, and that can be rotated again",
        arguments: LocalVestige.SigningStep.allCases)
    func cut(step: LocalVestige.SigningStep) async throws {
        let folder = try Folder()
        let vestige = try await folder.make()
        let other = try await folder.open()
        try await record(2, in: vestige)
        let before = try await vestige.trail.checkpoint().note
        await #expect(throws: Cut.self) {
            _ = try await vestige.rotateSigningKey(by: ana) { if $0 == step { throw Cut() } }
        }
        #expect(try await Vestige.verify(folder.place, against: [before]).verdict == .intact)
        try await record(2, in: other)
        #expect(try await other.verify().verdict == .intact)
        // The other process finishes what this one began, and rotates itself.
        if step == .taken || step == .remembered {
            let done = try await other.rotateSigningKey(by: ana)
            #expect(other.trail.verifierKey == done.new)
        }
        try await other.close()
        try await vestige.close()
        let reopened = try await folder.open()
        try await record(1, in: reopened)
        let done = try await reopened.rotateSigningKey(by: ana)
        #expect(done.new == reopened.trail.verifierKey)
        try await reopened.close()
        #expect(try names(folder).filter { $0.hasPrefix("signing") }.count == 1)
        #expect(try await Vestige.verify(folder.place, against: [before, done.handover.note]).verdict == .intact)
    }

    @Test("A second process goes on with the new key")
    func secondProcess() async throws {
        let folder = try Folder()
        let first = try await folder.make()
        let second = try await folder.open()
        try await record(1, in: second)
        let done = try await first.rotateSigningKey(by: ana)
        try await record(2, in: second)
        #expect(second.trail.verifierKey == done.new)
        try await record(2, in: first)
        try await second.close()
        try await first.close()
        #expect(try await Vestige.verify(folder.place).verdict == .intact)
    }

    @Test("The old key alone opens and signs nothing any more")
    func oldKey() async throws {
        let folder = try Folder()
        try await folder.make().close()
        let copy = folder.path + "/old.keyring"
        try FileManager.default.copyItem(atPath: folder.place.keyring, toPath: copy)
        let vestige = try await folder.open()
        _ = try await vestige.rotateSigningKey(by: ana)
        try await vestige.close()
        let message = await refusal { try await Vestige.open(folder.place.data, keyring: copy).close() }
        #expect(message?.contains("is not signed by") == true)
        #expect(try await Vestige.verify(Place(data: folder.place.data, keyring: copy)).verdict != .intact)
    }

    @Test("What a dead process wrote down before the change is recorded after it, and nobody else's word is")
    func spools() throws {
        let trail = Bytes16.random()
        let old = try SigningKey.generate()
        let new = try SigningKey.generate()
        let before = try SpoolKey(signingKey: old, trail: trail)
        let after = try SpoolKey(signingKey: new, trail: trail, previous: before)
        let stranger = try SpoolKey(signingKey: .generate(), trail: trail)
        let bytes = Array("an act".utf8)
        let code = before.code(for: bytes, in: "spool", number: 7).bytes
        #expect(after.verifies(code, for: bytes, in: "spool", number: 7))
        #expect(!after.verifies(code, for: bytes, in: "spool", number: 8) && !after.verifies(code, for: bytes, in: "outbox", number: 7))
        #expect(!after.verifies(stranger.code(for: bytes, in: "spool", number: 7).bytes, for: bytes, in: "spool", number: 7))
        // New records are coded with the new key only.
        let hidden = before.covered(bytes, in: "outbox", number: 3)
        #expect(after.uncovered(hidden, in: "outbox", number: 3) == bytes && after.uncovered(hidden, in: "outbox", number: 4) == nil)
        #expect(stranger.uncovered(hidden, in: "outbox", number: 3) == nil)
        #expect(!before.verifies(after.code(for: bytes, in: "spool", number: 7).bytes, for: bytes, in: "spool", number: 7))
    }

    @Test("An act that a dead process left in its spool is drained by the first opening after the change")
    func leftover() async throws {
        let folder = try Folder()
        let vestige = try await folder.make()
        let spool = FileSpool(in: folder.place.data, key: try #require(vestige.recorder.spoolKey))
        let batch = try SpoolConformance.batch(1)
        _ = try await spool.intend(batch)
        _ = try await vestige.rotateSigningKey(by: ana)
        // As a crash leaves it: with its file, and nobody who holds the lock.
        spool.close(keepingFile: true)
        try await vestige.close()
        let reopened = try await folder.open()
        #expect(try await reopened.trail.seq(of: batch.id) != nil)
        #expect(try await reopened.verify().verdict == .intact)
        try await reopened.close()
    }

    @Test(
        "A certificate from before is good by the new key with the entry of the change, and one that was signed by the old key afterwards is not"
    )
    func certificates() async throws {
        let folder = try Folder()
        let vestige = try await folder.make()
        try await record(3, in: vestige)
        let before = try #require(
            try await vestige.rights.erase(
                ErasureOrder(
                    subject: try SubjectID(type: "user", id: "p1"), role: .subject, caseReference: "E-1", purpose: "audit", actor: ana)
            ).certificate)
        let stolen = try CheckpointSigner(
            origin: vestige.trail.origin, key: try FileKeyring(directory: folder.place.keyring).signingKey())
        let done = try await vestige.rotateSigningKey(by: ana)
        try await record(2, in: vestige)
        let (entry, proof, checkpoint) = try await vestige.trail.proof(of: done.seq)
        var json = JSONWriter()
        json.object { EntryProof(entry, proof, checkpoint).write(to: &$0) }
        let change = json.bytes
        #expect(Certificate.check(before.json(), by: done.old).verdict == .intact)
        #expect(Certificate.check(before.json(), by: done.new).findings.map(\.kind) == [.checkpoint])
        #expect(Certificate.check(before.json(), by: done.new, changes: [change]).verdict == .intact)
        #expect(Certificate.check(before.json(), by: done.old, changes: [change]).verdict == .intact)
        let stranger = VerifierKey(name: done.new.name, publicKey: try SigningKey.generate().publicKey)
        #expect(Certificate.check(before.json(), by: stranger, changes: [change]).verdict == .broken)
        #expect(Certificate.check(before.json(), by: done.new, changes: [Array(before.json())]).verdict == .broken)

        // Given again, it stands under the new key.
        let again = try #require(
            try await vestige.rights.certificates(.erasure(before.facts.erasure), by: ana, purpose: "audit").certificates.first)
        #expect(Certificate.check(again.json(), by: done.new).verdict == .intact)
        let newest = try await vestige.trail.checkpoint()
        let note = { (checkpoint: Checkpoint) in checkpoint.note.replacing("\n", with: "\\u000a") }
        let text = String(decoding: again.json(), as: UTF8.self)
        #expect(text.contains(note(newest)))
        let forged = Array(text.replacing(note(newest), with: note(stolen.sign(newest.head))).utf8)
        #expect(Certificate.check(forged, by: done.old).verdict == .intact)
        #expect(Certificate.check(forged, by: done.new, changes: [change]).findings.map(\.kind) == [.checkpoint])
        try await vestige.close()
    }

    @Test("A published tree and a witness follow the change")
    func followers() async throws {
        let folder = try Folder()
        let vestige = try await folder.make()
        let witness = InMemoryWitness(signingKey: try SigningKey.generate())
        witness.trust(vestige.trail.verifierKey)
        _ = try await vestige.addWitness(Witness(vkey: "\(witness.key)", url: "https://w.example"), by: ana)
        let transport = Direct(witness: witness)
        #expect(try await vestige.submitToWitnesses(over: transport).isComplete)
        let tree = folder.path + "/tree"
        #expect(try await vestige.publish(to: tree).before == 0)
        let done = try await vestige.rotateSigningKey(by: ana)
        #expect(try await vestige.publish(to: tree).size == done.seq + 1)
        let round = try await vestige.submitToWitnesses(over: transport)
        #expect(round.outcomes.first?.outcome == .refused(.unknownKey))
        witness.trust(done.new)
        #expect(try await vestige.submitToWitnesses(over: transport).isComplete)
        #expect(try await vestige.verify().verdict == .intact)
        try await vestige.close()
    }

    private struct Direct: WitnessTransport {
        let witness: InMemoryWitness

        func post(_ body: String, to url: String) async throws -> WitnessAnswer {
            let answer = witness.addCheckpoint(body)
            return WitnessAnswer(status: answer.status, body: answer.body)
        }
    }
}
