import Foundation
import TestSupport
import Testing
import VestigeCrypto
import VestigeInquiry
import VestigeLocal
import VestigeRights
import VestigeTrail

@Suite("What an evidence pack holds", .enabled(if: Program.python != nil, "there is no python3"))
struct EvidenceShapesTests {
    @Test("checks out whatever the shape of an entry: looks at oneself, by visitors, at nobody, at many, and large or strange values")
    func shapes() async throws {
        let made = try await MadePack(recording: { recorder in
            var own = look(at: "person-5")
            own.actor = AuditActor(.user, id: "person-5", name: "Eva")
            _ = try await recorder.record(own)
            var visitor = look(at: "person-6")
            visitor.actor = AuditActor(.anonymous, ip: "198.51.100.9", userAgent: "-curl, \"8\"\r\n\u{1}\u{7F}")
            _ = try await recorder.record(visitor)
            var failed = look(at: "nobody-has-this")
            failed.status = .failure
            failed.fields = ["email", "shoe_size"]
            _ = try await recorder.record(failed)
            let people = try (0..<1_001).map { try SubjectID(type: "user", id: "many-\($0)") }
            var list = Entry.list("user", of: people, fields: ["name"], purpose: "support")
            list.actor = ana
            _ = try await recorder.record(list)
            var edit = Entry(event: "updated", actor: ana, record: RecordReference(type: "user", id: "person-8"))
            edit.changes = [
                "email": FieldChange(before: .null, after: .text(String(repeating: "ä", count: 4_000))),
                "name": FieldChange(before: nil, after: .text("@Łukasz")),
                "role": FieldChange(before: .integer(-7), after: .boolean(false)),
                "nickname": FieldChange(before: .text("x"), after: nil),
            ]
            edit.description = "\(personal: "{0}") is {\(clear: 2)} }} of \(personal: "")"
            _ = try await recorder.record(edit)
            var thing = Entry(event: "updated", actor: ana, record: RecordReference(type: "hardware", id: "h-1"))
            thing.subjects = [
                EntrySubject(try SubjectID(type: "user", id: "person-8")), EntrySubject(try SubjectID(type: "user", id: "person-9")),
            ]
            thing.changes = ["assigned_to": FieldChange(before: .text("person-8"), after: .text("person-9"))]
            _ = try await recorder.record(thing)
        })
        let found = try await made.check(["--key", made.summary.verifierKey])
        #expect(found.exit == 0, "\(found.output)")
        let entries = try String(contentsOfFile: made.path + "/entries.ndjson", encoding: .utf8)
        for shape in [
            #""self":true"#, #""type":"anonymous""#, #""tried":"nobody-has-this""#, #""other":1"#, #""part":{"n":2,"of":2}"#,
            #""length":8000"#,
            #""before":null"#, #""description":"{0} is {2} }} of ""#, #""before":"person-8"}"#,
        ] {
            #expect(entries.contains(shape), "\(shape)")
        }
    }

    @Test("of an entry whose body went while the pack was made is that it has none, the same in each file")
    func withoutBody() async throws {
        let made = try await MadePack()
        let vestige = try await made.folder.open()
        for redactedBy in [nil, Bytes16.random()] {
            let stored = try #require(try await vestige.trail.entries([9]).first)
            let opened = try #require(try await vestige.inquiry.open([stored]).first)
            #expect(EvidencePack.told(opened, as: stored).header != nil)
            let gone = StoredEntry(seq: stored.seq, leaf: stored.leaf, body: nil, redactedBy: redactedBy)
            let told = EvidencePack.told(opened, as: gone)
            #expect(told.header == nil && told.actor == nil && told.subjects.isEmpty && told.isRedacted == (redactedBy != nil))
            try Data(EntryJSON.line(told)).write(to: URL(filePath: made.folder.path + "/line"))
            try Data(EntryCSV.line(told)).write(to: URL(filePath: made.folder.path + "/row"))
            let script = """
                import pathlib, sys
                sys.dont_write_bytecode = True
                sys.path.insert(0, 'pack')
                import verify
                entry = verify.parse(pathlib.Path('line').read_bytes())
                facts = {name: entry[name] for name in verify.BARE}
                assert verify.check_entry(entry, facts, None, None) == []
                assert verify.check_entry({**entry, 'page': '/'}, facts, None, None) != []
                assert verify.row(entry) == pathlib.Path('row').read_bytes()
                """
            let checked = try await Program.run("python3", ["-c", script], in: made.folder.path)
            #expect(checked.exit == 0, "\(checked.output)")
        }
        try await vestige.close()
    }

    @Test("can say otherwise than the log only what is sealed there, however it is changed: that is the operator's word")
    func operatorsWord() async throws {
        let made = try await MadePack()
        // Each member of an entry of each shape is changed and removed, and the table mended.
        let script = """
            import copy, io, sys
            sys.dont_write_bytecode = True
            import verify
            read = lambda name: open(name, 'rb').read()
            manifest = verify.parse(read('manifest.json'))
            size, root = manifest['checkpoint']['size'], verify.unbase64(manifest['checkpoint']['root'])
            entries = [verify.parse(line) for line in read('entries.ndjson').splitlines()]
            def found(entries):
                findings, lines = [], b''.join(verify.compact(entry).encode() + b'\\n' for entry in entries)
                try:
                    table = verify.HEAD + b''.join(map(verify.row, entries))
                except verify.UNREADABLE:
                    table = verify.HEAD
                files = [io.BytesIO(data) for data in (lines, read('proofs.ndjson'), table)]
                verify.check_entries(*files, manifest['query'], size, root, findings)
                return findings
            def places(value, path=()):
                for name in value if type(value) is dict else range(len(value)) if type(value) is list else []:
                    yield path + (name,)
                    yield from places(value[name], path + (name,))
            def altered(value):
                if type(value) is bool: return not value
                return {**value, 'x': 'x'} if type(value) is dict else value + (['x'] if type(value) is list else 1 if type(value) is int else 'x')
            assert found(entries) == []
            shapes, unseen = {}, set()
            for number, entry in enumerate(entries):
                shapes.setdefault((entry['action'], '"erased"' in verify.compact(entry), *sorted(entry)), number)
            for number in shapes.values():
                for path in places(entries[number]):
                    for removes in (False, True):
                        changed = copy.deepcopy(entries)
                        inner = changed[number]
                        for name in path[:-1]: inner = inner[name]
                        if removes: del inner[path[-1]]
                        else: inner[path[-1]] = altered(inner[path[-1]])
                        if not found(changed): unseen.add('.'.join(name for name in path if type(name) is str))
            print(' '.join(sorted(unseen)))
            """
        let checked = try await Program.run("python3", ["-c", script], in: made.path)
        #expect(
            checked.output == """
                actor.email actor.id actor.ip actor.name actor.user_agent case justification on_behalf_of.id on_behalf_of.name page \
                subjects.changes subjects.changes.email subjects.changes.email.after subjects.changes.email.before subjects.erased

                """)
        #expect(checked.exit == 0)
    }

    @Test("may have a summary beside its own files, which the manifest binds, and no other file")
    func summary() async throws {
        let made = try await MadePack()
        let vestige = try await made.folder.open()
        for (name, verdict) in [("summary.pdf", "intact: "), ("notes.txt", "file notes.txt: no file of a pack")] {
            let folder = made.folder.path + "/with-" + name
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
            _ = try await vestige.evidence.write(made.summary.order, into: folder) { _ in
                try Data("%PDF-".utf8).write(to: URL(filePath: folder + "/" + name))
                return [name]
            }
            let found = try await made.check(["--key", made.summary.verifierKey], in: folder)
            #expect(found.output.contains(verdict), "\(found.output)")
        }
        try await vestige.close()
    }
}
