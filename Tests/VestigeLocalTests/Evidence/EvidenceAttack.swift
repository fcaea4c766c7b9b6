/// What somebody may do to a pack, as Python over its files, and what the script must say of it.
///
/// `edit` and `line` change one line of a file, `swapped` a run of bytes wherever it stands, `manifest` the manifest, which in the end names the
/// files as they are by then.
struct EvidenceAttack {
    let change: String
    /// Part of the finding. Nobody can mend the manifest unseen, so each attack has a second one that names the place, where there is one.
    let finding: String
    /// Whoever changes a file mends the manifest too.
    var mending = true

    init(_ change: String, _ finding: String, mending: Bool = true) {
        self.change = change
        self.finding = finding
        self.mending = mending
    }

    /// What is found of every manifest that is not the one that was recorded.
    static let unbound = "manifest.json: it is not the one whose SHA-256 the log holds"

    static func script(_ change: String, mending: Bool) -> String {
        """
        import csv, hashlib, io, json, os, pathlib
        def raw(name, data): pathlib.Path(name).write_bytes(data)
        def bytes_of(name): return pathlib.Path(name).read_bytes()
        def text(name, change): raw(name, change(bytes_of(name).decode()).encode())
        def swapped(old, new, *names):
            for name in names:
                assert old.encode() in bytes_of(name), name
                raw(name, bytes_of(name).replace(old.encode(), new.encode()))
        def lines(name): return bytes_of(name).splitlines(keepends=True)
        def line(name, at, change): all = lines(name); all[at] = change(all[at]); raw(name, b''.join(all))
        def changed(data, change): value = json.loads(data); change(value); return json.dumps(value, ensure_ascii=False).encode() + b'\\n'
        def edit(name, at, change): line(name, at, lambda data: changed(data, change))
        def place(test): return next(at for at, data in enumerate(lines('entries.ndjson')) if test(json.loads(data)))
        def lines_of(at): return json.loads(lines('checkpoints.ndjson')[at])['checkpoint']
        def drop(name, at): all = lines(name); del all[at]; raw(name, b''.join(all))
        def swap(name, a, b): all = lines(name); all[a], all[b] = all[b], all[a]; raw(name, b''.join(all))
        def manifest(change): raw('manifest.json', changed(bytes_of('manifest.json'), change))
        def renamed(old, new): manifest(lambda m: next(f for f in m['files'] if f['name'] == old).update(name=new))
        def cells(change):
            rows = list(csv.reader(io.StringIO(bytes_of('entries.csv').decode(), newline='')))
            change(rows)
            out = io.StringIO(newline='')
            csv.writer(out, lineterminator='\\r\\n').writerows(rows)
            raw('entries.csv', out.getvalue().encode())
        def mend():
            value = json.loads(bytes_of('manifest.json'))
            for part in value['files']:
                if os.path.isfile(part['name']) and '/' not in part['name'] and not os.path.islink(part['name']):
                    data = bytes_of(part['name'])
                    part.update(bytes=len(data), sha256=hashlib.sha256(data).hexdigest())
            raw('manifest.json', json.dumps(value).encode() + b'\\n')
        system = lambda: place(lambda e: e['actor']['type'] == 'system' and e['action'] == 'pii.read.user')
        described = lambda: place(lambda e: 'description' in e)
        edited = lambda: place(lambda e: 'justification' in e)
        \(change)
        \(mending ? "mend()" : "")
        """
    }

    static let all: [String: EvidenceAttack] = onProofs.merging(onOpened) { $1 }.merging(onFiles) { $1 }.merging(onReceipt) { $1 }

    private static let onProofs: [String: EvidenceAttack] = [
        "an entry's purpose": .init("edit('entries.ndjson', 9, lambda e: e.update(purpose='audit'))", "purpose is not what was recorded"),
        "an entry's time": .init(
            "edit('entries.ndjson', 9, lambda e: e.update(occurred_at='2020-01-01T00:00:00.000000Z'))",
            "occurred_at is not what was recorded"),
        "who an entry is about": .init(
            "edit('entries.ndjson', 9, lambda e: e['subjects'].append({'pseudonym': '00' * 16}))", "subjects is not what was recorded"),
        "an actor's pseudonym": .init(
            "edit('entries.ndjson', 9, lambda e: e['actor'].update(pseudonym='00' * 16))", "actor is not what was recorded"),
        "an entry that is left out": .init(
            "drop('entries.ndjson', 9); drop('proofs.ndjson', 9); cells(lambda rows: rows.pop(10))", "the manifest says otherwise"),
        "an entry's row": .init("cells(lambda rows: rows.pop(5))", "table "),
        "a leaf": .init("edit('proofs.ndjson', 4, lambda p: p.update(leaf='A' + 'B' + p['leaf'][2:]))", "not a leaf"),
        "a header": .init("edit('proofs.ndjson', 4, lambda p: p.update(header=p['salt_header']))", "the header is not what was recorded"),
        "a payload": .init(
            "edit('proofs.ndjson', 4, lambda p: p.update(payload=p['salt_header']))", "the payload is not what was recorded"),
        "a salt": .init(
            "edit('proofs.ndjson', 4, lambda p: p.update(salt_payload=p['salt_header']))", "the payload is not what was recorded"),
        "a body that is taken away": .init("edit('proofs.ndjson', 4, lambda p: p.update(header=None))", "half of a body"),
        "a hash of a proof": .init("edit('proofs.ndjson', 4, lambda p: p['hashes'].reverse())", "does not lead to the checkpoint"),
        "a proof's place": .init("edit('proofs.ndjson', 4, lambda p: p.update(seq=p['seq'] + 1))", "does not lead to the checkpoint"),
        "a proof with more": .init("edit('proofs.ndjson', 4, lambda p: p.update(note='fine'))", "unknown member note"),
        "a proof that says a thing twice": .init(
            "line('proofs.ndjson', 4, lambda l: l.replace(b'{', b'{\"seq\":0,', 1))", "member seq stands there twice"),
        "two entries exchanged": .init(
            "swap('proofs.ndjson', 3, 4); swap('entries.ndjson', 3, 4); cells(lambda rows: rows.insert(4, rows.pop(5)))",
            "out of order, or twice"),
        "the checkpoint's size": .init("text('checkpoint.txt', lambda t: t.replace('\\n', '\\n1', 1))", "its signature is not good"),
        "the checkpoint's signature": .init("text('checkpoint.txt', lambda t: t[:-6] + 'AAA=\\n')", "checkpoint: "),
        "the policy": .init(
            "raw('policy.yaml', b'vestige: 1\\n')", "file policy.yaml: not the one that the manifest names", mending: false),
        "the policy and its name": .init("raw('policy.yaml', b'vestige: 1\\n')", "policy.yaml: not the policy"),
        "the policy and both its names": .init(
            "raw('policy.yaml', b'vestige: 1\\n'); manifest(lambda m: m.update(policy_sha256=hashlib.sha256(b'vestige: 1\\n').hexdigest()))",
            "receipt: it was recorded under another policy"),
        "a proof that the log goes on": .init(
            "edit('checkpoints.ndjson', 1, lambda c: c.update(consistency=c['consistency'][1:]))", "the log does not go on from it"),
        "a checkpoint from before that is left out": .init("drop('checkpoints.ndjson', 1)", "the manifest tells of another number"),
        "a cosignature": .init(
            "edit('checkpoints.ndjson', 2, lambda c: c.update(checkpoint=c['checkpoint'][:-6] + 'AAA=\\n'))",
            "checkpoint: one from before: "),
        "a checkpoint from before under another's text": .init(
            "edit('checkpoints.ndjson', 2, lambda c: c.update(checkpoint=lines_of(1)))", "the log does not go on from it"),
        "a change of key": .init("edit('keys.ndjson', 0, lambda k: k.update(handover=open('checkpoint.txt').read()))", "checkpoint: "),
        "a change of key that is left out": .init("drop('keys.ndjson', 0)", "checkpoint: "),
        "a file that is gone": .init("os.unlink('policy.yaml')", "file policy.yaml: missing", mending: false),
    ]

    /// What is sealed in the log and opened in the pack is bound by the manifest only, and the table by the entries.
    private static let onOpened: [String: EvidenceAttack] = [
        "who looked": .init("swapped('Ana Lima', 'Otto Berg', 'entries.ndjson', 'entries.csv')", unbound),
        "from where they looked": .init("swapped('10.0.0.7', '10.9.9.9', 'entries.ndjson', 'entries.csv')", unbound),
        "whose record it was": .init("swapped('person-9', 'person-x', 'entries.ndjson', 'entries.csv')", unbound),
        "a record's id that is not its subject's": .init(
            "edit('entries.ndjson', 9, lambda e: e['record'].update(id='person-x'))", "record.id is not what was recorded"),
        "an invented description": .init("edit('entries.ndjson', 9, lambda e: e.update(description='Deleted'))", "description is not what"),
        "a description's words": .init(
            "edit('entries.ndjson', described(), lambda e: e.update(description=e['description'].replace('in a', 'without')))",
            "description is not what"),
        "a clear part of a description": .init("swapped('to floor 3', 'to floor 4', 'entries.ndjson')", "description is not what"),
        "a description that is left out": .init(
            "edit('entries.ndjson', described(), lambda e: e.pop('description'))", "description is not what"),
        "an invented part": .init("edit('entries.ndjson', 9, lambda e: e.update(part={'n': 1, 'of': 3}))", "part is not what was recorded"),
        "an invented page": .init("edit('entries.ndjson', system(), lambda e: e.update(page='/people'))", "page stands in no slot"),
        "an invented justification": .init(
            "edit('entries.ndjson', system(), lambda e: e.update(justification='fine'))", "justification stands in no slot"),
        "a name for an actor who has none": .init(
            "edit('entries.ndjson', system(), lambda e: e['actor'].update(name='Otto'))", "actor.name stands in no slot"),
        "a record id for a person without a slot": .init(
            "edit('entries.ndjson', system(), lambda e: e['subjects'][1].update(record_id='7'))", "subjects.record_id stands in no slot"),
        "a page in the entries only": .init("edit('entries.ndjson', 9, lambda e: e.update(page='/people'))", "table "),
        "a field that is no secret, changed": .init(
            "edit('entries.ndjson', edited(), lambda e: e['changes']['role'].update(after='agent'))", "changes is not what was recorded"),
        "an unknown member": .init("edit('entries.ndjson', 9, lambda e: e.update(note='fine'))", "unknown member note"),
        "an unknown member of an actor": .init("edit('entries.ndjson', 9, lambda e: e['actor'].update(rank='1'))", "unknown member rank"),
        "an unknown member of a subject": .init(
            "edit('entries.ndjson', 9, lambda e: e['subjects'][0].update(name='x'))", "unknown member name"),
        "a value of another type": .init("edit('entries.ndjson', 9, lambda e: e.update(page=7))", "page is of another type"),
        "a number that is a truth": .init("edit('entries.ndjson', 9, lambda e: e.update(other=False))", "other is of another type"),
        "a thing said twice": .init(
            "line('entries.ndjson', 9, lambda l: l.replace(b'{', b'{\"purpose\":\"audit\",', 1))", "member purpose stands there twice"),
        "a body that is hidden": .init(
            """
            edit('proofs.ndjson', 9, lambda p: p.update(header=None, salt_header=None, payload=None, salt_payload=None))
            edit('entries.ndjson', 9, lambda e: [e.pop(name) for name in list(e) if name not in ('seq', 'id', 'recorded_at')] and e.update(pruned=True))
            def blank(rows): rows[10] = [c if n in ('\\ufeffseq', 'id', 'recorded_at') else 'pruned' if n == 'status' else '' for n, c in zip(rows[0], rows[10])]
            cells(blank)
            manifest(lambda m: m.update(without_body=m['without_body'] + 1))
            """, "1 entry has no body; this pack does not prove why"),
        "a row too many": .init("cells(lambda rows: rows.append(rows[1]))", "more than there are proofs for"),
        "a column too many": .init("cells(lambda rows: [row.append('x') for row in rows])", "table: its columns"),
        "a column under another's name": .init("swapped('actor_email', 'actor_name', 'entries.csv')", "table: its columns"),
        "an entry from outside of the period": .init(
            "manifest(lambda m: m['query'].update({'from': '2100-01-01T00:00:00.000000Z', 'to': '2101-01-01T00:00:00.000000Z'}))",
            "it happened outside of the period"),
    ]

    private static let onFiles: [String: EvidenceAttack] = [
        "a file beside the others": .init("raw('entries-corrected.csv', b'7\\r\\n')", "file entries-corrected.csv: not part of the pack"),
        "a file beside the others, hidden": .init("raw('.x', b'')", "file .x: not part of the pack", mending: false),
        "another README that nobody names": .init(
            "raw('README.txt', b'All is well'); manifest(lambda m: m.update(files=[f for f in m['files'] if f['name'] != 'README.txt']))",
            "file README.txt: the manifest does not name it"),
        "a file of Python's own": .init(
            "raw('csv.py', b\"print('intact: everything'); raise SystemExit(0)\"); raw('hashlib.py', bytes_of('csv.py'))",
            "file csv.py: not part of the pack", mending: false),
        "a device": .init("renamed('policy.yaml', '/dev/zero')", "file /dev/zero: no file of a pack"),
        "a file from above": .init("raw('../above', b''); renamed('policy.yaml', '../above')", "file ../above: no file of a pack"),
        "a file from below": .init(
            "os.mkdir('a'); os.rename('policy.yaml', 'a/policy.yaml'); renamed('policy.yaml', 'a/policy.yaml')",
            "file a/policy.yaml: no file of a pack"),
        "a pipe": .init("os.unlink('policy.yaml'); os.mkfifo('policy.yaml')", "file policy.yaml: not a plain file", mending: false),
        "a link": .init(
            "os.rename('policy.yaml', '../linked'); os.symlink('../linked', 'policy.yaml')", "file policy.yaml: not a plain file",
            mending: false),
        "a link for the manifest": .init(
            "os.rename('manifest.json', '../linked-manifest'); os.symlink('../linked-manifest', 'manifest.json')",
            "file manifest.json: not a plain file", mending: false),
        "a file without an end": .init(
            "os.truncate('policy.yaml', 1 << 40)", "file policy.yaml: not the one that the manifest names", mending: false),
        "a file named twice": .init("manifest(lambda m: m['files'].append(m['files'][0]))", "named twice"),
        "a manifest with more": .init("manifest(lambda m: m.update(note='fine'))", "unknown member note"),
        "a manifest that says a thing twice": .init(
            "mend(); swapped('{\"vestige_evidence\"', '{\"complete\": true, \"vestige_evidence\"', 'manifest.json')",
            "member complete stands there twice", mending: false),
        "a manifest that says another purpose": .init(
            "manifest(lambda m: m.update(purpose='support'))", "receipt: it was recorded for another purpose"),
        "a manifest that says complete": .init("manifest(lambda m: m.update(with_sealed_parts=0))", unbound),
    ]

    private static let onReceipt: [String: EvidenceAttack] = [
        "a receipt that is gone": .init("os.unlink('receipt.json')", "file receipt.json: missing", mending: false),
        "a receipt of another entry": .init(
            "raw('receipt.json', changed(lines('proofs.ndjson')[9], lambda p: p.update(checkpoint=bytes_of('checkpoint.txt').decode())))",
            "receipt: ", mending: false),
        "a receipt with another payload": .init(
            "edit('receipt.json', 0, lambda r: r.update(payload=r['salt_header']))", "receipt: the payload is not what was recorded",
            mending: false),
        "a receipt without its proof": .init(
            "edit('receipt.json', 0, lambda r: r.update(hashes=r['hashes'][:-1]))", "receipt: it does not lead to the checkpoint",
            mending: false),
        "a receipt of a log that does not go on": .init(
            "edit('receipt.json', 0, lambda r: r.update(consistency=r['consistency'][:-1]))", "receipt: the log does not go on",
            mending: false),
        "a receipt under another signature": .init(
            "edit('receipt.json', 0, lambda r: r.update(checkpoint=r['checkpoint'][:-6] + 'AAA=\\n'))", "receipt: ", mending: false),
        "a receipt with more": .init("edit('receipt.json', 0, lambda r: r.update(note='fine'))", "unknown member note", mending: false),
    ]
}
