import Foundation
import TestSupport
import Testing
import VestigeCrypto
import VestigeLocal
import VestigeTesting

@Suite("An evidence pack", .enabled(if: Program.python != nil, "there is no python3"))
struct EvidencePackTests {
    private let asker = Asker.keyHolder(ana, purpose: "audit")

    /// A trail with looks, a list, a change and an erased person, a witness who saw the beginning, and a pack of all of it.
    private func pack(
        witness: InMemoryWitness? = nil, rotating: Bool = false, _ change: (inout EvidenceOrder) throws -> Void = { _ in }
    ) async throws -> (folder: Folder, summary: EvidenceSummary) {
        let folder = try Folder()
        // Five minutes past an hour: each hour's first checkpoint is kept, and there is to be one.
        let hour: Int64 = 3_600_000_000
        let minutes = hour / 12
        let moment = Timestamp(microseconds: (LocalVestige.systemClock().microseconds - minutes) / hour * hour + minutes)
        let vestige = try await folder.make(clock: { moment })
        if let witness {
            witness.trust(vestige.trail.verifierKey)
            _ = try await vestige.addWitness(Witness(vkey: "\(witness.key)", url: "https://w.example"), by: ana)
            for id in 0..<2 {
                #expect(try await vestige.submitToWitnesses(over: Direct(witness: witness)).isComplete)
                _ = try await vestige.recorder.record(look(at: "early-\(id)"))
            }
        }
        if rotating {
            try Data(vestige.trail.verifierKey.description.utf8).write(to: URL(filePath: folder.path + "/old-key"))
            _ = try await vestige.rotateSigningKey(by: ana)
        }
        for id in 0..<40 { _ = try await vestige.recorder.record(look(at: "person-\(id)")) }
        var edit = Entry(event: "updated", actor: ana, record: RecordReference(type: "user", id: "person-3"))
        edit.changes = ["email": FieldChange(before: .text("a@example.org"), after: .text("ζωή@example.org"))]
        _ = try await vestige.recorder.record(edit)
        _ = try await vestige.rights.erase(
            ErasureOrder(
                subject: try SubjectID(type: "user", id: "person-7"), role: .subject, caseReference: "E-1", purpose: "audit", actor: ana)
        )
        let now = LocalVestige.systemClock()
        var order = EvidenceOrder(from: now.adding(days: -1), to: now.adding(days: 1), asker: asker)
        try change(&order)
        try FileManager.default.createDirectory(atPath: folder.path + "/pack", withIntermediateDirectories: false)
        let summary = try await vestige.evidence.write(order, into: folder.path + "/pack")
        try await vestige.close()
        return (folder, summary)
    }

    private func check(_ folder: Folder, _ options: [String] = []) async throws -> Program.Result {
        try await Program.run("python3", [folder.path + "/pack/verify.py"] + options)
    }

    @Test("is whole, checks out with Python alone, and names the key it must be checked with")
    func intact() async throws {
        let (folder, summary) = try await pack()
        #expect(summary.isComplete)
        #expect(summary.entryCount == Int(summary.checkpoint.size) - 1)
        #expect(summary.byAction["pii.read.user"] == 40)
        #expect(summary.sealedCount >= 1)
        let found = try await check(folder, ["--key", summary.verifierKey])
        #expect(found.exit == 0 && found.output.hasPrefix("intact: \(summary.entryCount) entries"), "\(found.output)")
        #expect(try await check(folder).output.contains("the key is the folder's own"))
        // Readable by its owner only; the erased person's id stands nowhere, the others' do.
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/pack")
        #expect(Set(files) == Set(summary.parts.map(\.name) + ["manifest.json"]))
        for name in files {
            let path = folder.path + "/pack/" + name
            #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o600)
            let text = try String(contentsOfFile: path, encoding: .utf8)
            #expect(!text.contains("person-7"), "\(name)")
        }
        #expect(try String(contentsOfFile: folder.path + "/pack/entries.ndjson", encoding: .utf8).contains("ζωή@example.org"))
    }

    private struct Direct: WitnessTransport {
        let witness: InMemoryWitness

        func post(_ body: String, to url: String) async throws -> WitnessAnswer {
            let answer = witness.addCheckpoint(body)
            return WitnessAnswer(status: answer.status, body: answer.body)
        }
    }

    @Test(
        "carries what witnesses cosigned, and shows that the log goes on from there; through a change of key too", arguments: [false, true])
    func witnessed(rotating: Bool) async throws {
        let witness = InMemoryWitness(signingKey: try SigningKey.generate())
        let (folder, summary) = try await pack(witness: witness, rotating: rotating)
        #expect(summary.witnesses == ["\(witness.key)"])
        // The one of the empty trail's first hour, and the two that were cosigned.
        #expect(summary.pastCheckpointCount == 3)
        let found = try await check(folder, ["--key", summary.verifierKey, "--witness", "\(witness.key)"])
        #expect(found.exit == 0 && found.output.contains("saw the first 3 entries"), "\(found.output)")
        #expect(try await check(folder, ["--key", summary.verifierKey]).output.contains("the witnesses' keys are the folder's own"))
        let stranger = WitnessKey(name: "w.example/other", publicKey: try SigningKey.generate().publicKey)
        let unseen = try await check(folder, ["--key", summary.verifierKey, "--witness", "\(stranger)"])
        #expect(unseen.exit == 0 && unseen.output.contains("cosigned nothing in this pack"), "\(unseen.output)")
        guard rotating else { return }
        // Whoever knows the key from before the change only goes on from there.
        let old = try String(contentsOfFile: folder.path + "/old-key", encoding: .utf8)
        #expect(old != summary.verifierKey)
        let followed = try await check(folder, ["--key", old])
        #expect(followed.exit == 0, "\(followed.output)")
    }

    @Test("of one record or one person holds their entries only")
    func narrow() async throws {
        let (folder, summary) = try await pack { $0.record = try Reference("user/person-3") }
        #expect(summary.entryCount == 2 && summary.isComplete)
        #expect(try await check(folder, ["--key", summary.verifierKey]).exit == 0)
        let (_, nobody) = try await pack { $0.subject = try Reference("user/nobody") }
        #expect(nobody.entryCount == 0 && nobody.isComplete)
    }

    @Test("is an entry of its own, before anything is written, and needs a purpose")
    func recorded() async throws {
        let (folder, summary) = try await pack()
        let vestige = try await folder.open()
        var query = IndexQuery(limit: 5)
        query.actions = ["audit.exported"]
        let entries = try await vestige.trail.page(query)
        #expect(entries.count == 1)
        #expect(entries.first.map { $0.seq < summary.checkpoint.size } == true)
        let header = try Header(decoding: try #require(entries.first?.body).header)
        #expect(header.details["format"] == .code("pack") && header.purpose == "audit")
        let order = EvidenceOrder(
            from: summary.order.from, to: summary.order.to, asker: .keyHolder(ana, purpose: "curiosity"))
        let refused = folder.path + "/refused"
        try FileManager.default.createDirectory(atPath: refused, withIntermediateDirectories: false)
        await #expect(throws: InquiryError.self) { try await vestige.evidence.write(order, into: refused) }
        let turned = EvidenceOrder(from: summary.order.to, to: summary.order.from, asker: asker)
        await #expect(throws: EvidenceError.emptyPeriod) { try await vestige.evidence.write(turned, into: refused) }
        try await vestige.close()
    }

    /// What somebody may do to a pack, as Python over its files: `line` and `put` change one line of a file, `forge` mends the manifest.
    private static let attacks: [String: String] = [
        "an entry's purpose": "edit('entries.ndjson', 9, lambda e: e.update(purpose='audit'))",
        "an entry's time": "edit('entries.ndjson', 9, lambda e: e.update(occurred_at='2020-01-01T00:00:00.000000Z'))",
        "who an entry is about": "edit('entries.ndjson', 9, lambda e: e['subjects'].append({'pseudonym': '00' * 16}))",
        "an actor's pseudonym": "edit('entries.ndjson', 9, lambda e: e['actor'].update(pseudonym='00' * 16))",
        "an entry that is left out": "drop('entries.ndjson', 9); drop('proofs.ndjson', 9); drop('entries.csv', 10)",
        "an entry's row": "drop('entries.csv', 5)",
        "a leaf": "edit('proofs.ndjson', 4, lambda p: p.update(leaf='A' + 'B' + p['leaf'][2:]))",
        "a header": "edit('proofs.ndjson', 4, lambda p: p.update(header=p['salt_header']))",
        "a payload": "edit('proofs.ndjson', 4, lambda p: p.update(payload=p['salt_header']))",
        "a salt": "edit('proofs.ndjson', 4, lambda p: p.update(salt_payload=p['salt_header']))",
        "a body that is taken away": "edit('proofs.ndjson', 4, lambda p: p.update(header=None))",
        "a hash of a proof": "edit('proofs.ndjson', 4, lambda p: p['hashes'].reverse())",
        "a proof's place": "edit('proofs.ndjson', 4, lambda p: p.update(seq=p['seq'] + 1))",
        "two entries exchanged": "swap('proofs.ndjson', 3, 4); swap('entries.ndjson', 3, 4); swap('entries.csv', 4, 5)",
        "the checkpoint's size": "text('checkpoint.txt', lambda t: t.replace('\\n4', '\\n5', 1))",
        "the checkpoint's signature": "text('checkpoint.txt', lambda t: t[:-6] + 'AAA=\\n')",
        "the policy": "raw('policy.yaml', b'vestige: 1\\n')",
        "a proof that the log goes on": "edit('checkpoints.ndjson', 1, lambda c: c.update(consistency=c['consistency'][1:]))",
        "a checkpoint from before that is left out": "drop('checkpoints.ndjson', 1)",
        "a cosignature": "edit('checkpoints.ndjson', 2, lambda c: c.update(checkpoint=c['checkpoint'][:-6] + 'AAA=\\n'))",
        "a checkpoint from before under another's text": "edit('checkpoints.ndjson', 2, lambda c: c.update(checkpoint=lines_of(1)))",
        "a change of key": "edit('keys.ndjson', 0, lambda k: k.update(handover=open('checkpoint.txt').read()))",
        "a change of key that is left out": "drop('keys.ndjson', 0)",
        "a file that is gone": "os.unlink('policy.yaml')",
    ]

    @Test("that was changed is found out", arguments: attacks.keys.sorted())
    func changed(what: String) async throws {
        let witness = InMemoryWitness(signingKey: try SigningKey.generate())
        let (folder, summary) = try await pack(witness: witness, rotating: true)
        let forges = what != "the policy" && what != "a file that is gone"
        let script = """
            import hashlib, json, os, pathlib
            def raw(name, data): pathlib.Path(name).write_bytes(data)
            def text(name, change): raw(name, change(pathlib.Path(name).read_text('utf-8')).encode())
            def lines(name): return pathlib.Path(name).read_bytes().splitlines(keepends=True)
            def edit(name, at, change):
                all = lines(name); value = json.loads(all[at]); change(value); all[at] = json.dumps(value).encode() + b'\\n'; raw(name, b''.join(all))
            def lines_of(at): return json.loads(lines('checkpoints.ndjson')[at])['checkpoint']
            def drop(name, at): all = lines(name); del all[at]; raw(name, b''.join(all))
            def swap(name, a, b): all = lines(name); all[a], all[b] = all[b], all[a]; raw(name, b''.join(all))
            \(Self.attacks[what] ?? "")
            # Whoever changes a file mends the manifest too.
            manifest = json.loads(pathlib.Path('manifest.json').read_text('utf-8'))
            for part in manifest['files'] if \(forges ? "True" : "False") else []:
                data = pathlib.Path(part['name']).read_bytes()
                part.update(bytes=len(data), sha256=hashlib.sha256(data).hexdigest())
            raw('manifest.json', json.dumps(manifest).encode())
            """
        let done = try await Program.run("python3", ["-c", script], in: folder.path + "/pack")
        #expect(done.exit == 0, "\(done.output)")
        let found = try await check(folder, ["--key", summary.verifierKey])
        #expect(found.exit == 1 && found.output.hasSuffix("broken\n"), "\(what): \(found.output)")
    }

    @Test("is refused under another key, and beside another log of the same size")
    func otherKey() async throws {
        let (folder, summary) = try await pack()
        let (other, theirs) = try await pack()
        #expect(try await check(folder, ["--key", theirs.verifierKey]).exit == 1)
        #expect(try await check(folder, ["--key", "nonsense"]).exit == 2)
        let against = try await check(folder, ["--key", summary.verifierKey, "--against", other.path + "/pack/checkpoint.txt"])
        #expect(against.exit == 1 && against.output.contains("not signed by this key"), "\(against.output)")
        let same = try await check(folder, ["--key", summary.verifierKey, "--against", folder.path + "/pack/checkpoint.txt"])
        #expect(same.exit == 0, "\(same.output)")
    }
}
