#!/usr/bin/env python3
"""Verifies a Vestige trail without Vestige: it needs nothing but Docs/TrailFormat.md, tlog.py beside it and the standard library.

    verify_trail.py trail.sqlite VERIFIER_KEY [--against NOTE]... [PROOF.json...]

The key is the newest, or an older one from before the signing key was changed: from any of them the others are found.
Prints findings, one a line. Exit code 0: none. 1: findings. 2: it could not run.
"""
import argparse, base64, datetime, json, os, pathlib, re, sqlite3, sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from tlog import Tree, VerifierKey, checkpoint, decode64, includes, node, sha256  # noqa: E402

HOUR = 3_600_000_000  # one checkpoint is kept for each
FLOOR = 30 * 24 * HOUR  # nothing younger is pruned
LOOKS = {"read", "exported", "shared"}

# Header and payload
CODE = "a string"  # in a shape: a value of the same type
ACTOR = {"type": CODE, "pseudonym": CODE, "self": True, "role": CODE}
HEADER = {
    "v": 1, "id": CODE, "occurred_at": CODE, "channel": CODE, "event": CODE, "action": CODE, "status": CODE, "actor": ACTOR,
    "behalf": ACTOR, "record": {"type": CODE, "id": CODE, "handle": CODE}, "subjects": [CODE], "fields": [CODE], "other": 2,
    "purpose": CODE, "activity": CODE, "correlation_id": CODE, "recipient": CODE, "part": {"n": 1, "of": 2}, "details": None,
    "policy": CODE, "description": {"t": CODE, "c": None},
}
REQUIRED = ["v", "id", "occurred_at", "channel", "event", "action", "status", "actor"]

def quoted(text):
    escape = lambda match: {'"': '\\"', "\\": "\\\\"}.get(match[0], "\\u%04x" % ord(match[0]))
    return '"' + re.sub(r'["\\\x00-\x1f]', escape, text) + '"'

def written(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, str)):
        return str(value) if isinstance(value, int) else quoted(value)
    if isinstance(value, list) and value:
        return "[" + ",".join(map(written, value)) + "]"
    if isinstance(value, dict) and value:
        return "{" + ",".join(quoted(key) + ":" + written(item) for key, item in value.items()) + "}"
    raise ValueError("a value that a header does not have")

def check_shape(value, shape, path):
    if shape is None:
        if not isinstance(value, dict):
            raise ValueError(f"{path} is not an object")
    elif isinstance(shape, dict):
        if not isinstance(value, dict) or [name for name in shape if name in value] != list(value):
            raise ValueError(f"{path} has unknown members or another order")
        for name, item in value.items():
            check_shape(item, shape[name], name)
    elif isinstance(shape, list):
        for item in value if isinstance(value, list) else [None]:
            check_shape(item, shape[0], path)
    elif type(value) is not type(shape):
        raise ValueError(f"{path} has another type")

def pairs(items):
    if len({name for name, _ in items}) != len(items):
        raise ValueError("a member twice")
    return dict(items)

def read_header(raw):
    header = json.loads(raw.decode("utf-8"), object_pairs_hook=pairs)
    if written(header).encode() != raw:
        raise ValueError("a second spelling")
    check_shape(header, HEADER, "the header")
    if any(name not in header for name in REQUIRED) or header["v"] != 1:
        raise ValueError("a member is missing")
    details, gaps = list(header.get("details", {})), list(header.get("description", {}).get("c", {}))
    if details != sorted(details, key=str.encode) or gaps != sorted((str(int(gap)) for gap in gaps), key=int):
        raise ValueError("details or clear values are not in order")
    return header

def check_payload(raw):
    count, place = int.from_bytes(raw[:2], "big"), 2
    for _ in range(count):
        head = raw[place : place + 7]
        if len(head) < 7 or head[0] > 3:
            raise ValueError("an item cannot be read")
        place += 7 + int.from_bytes(head[3:7], "big")
    if len(raw) < 2 or place != len(raw):
        raise ValueError("it breaks off, or goes on")

def check_body(leaf, header_salt, header, payload_salt, payload):
    """The header, if it is what the leaf commits to; and what is wrong."""
    wrong, read = [], None
    if len(payload_salt) != 32 or sha256(b"vestige/payload/v1\x00" + payload_salt + payload) != leaf[57:89]:
        wrong.append("payload: payload or its salt is not what was recorded")
    else:
        try:
            check_payload(payload)
        except ValueError as error:
            wrong.append(f"payload: {error}")
    if len(header_salt) != 32 or sha256(b"vestige/header/v1\x00" + header_salt + header) != leaf[25:57]:
        wrong.append("header: header or its salt is not what was recorded")
    else:
        try:
            read = read_header(header)
            if read["id"].replace("-", "") != leaf[1:17].hex():
                wrong.append("header: it is of another entry")
        except ValueError as error:
            wrong.append(f"header: {error}")
    return read, wrong

def terms(header):
    question = header["action"].startswith("audit.")
    kind = 5 if question else 1 if header["event"] in LOOKS else 2
    found = {bytes([kind]) + bytes.fromhex(subject) for subject in header.get("subjects", [])}
    for reference in (header["actor"], header.get("behalf", {})):
        if "pseudonym" in reference:
            found.add(b"\x03" + bytes.fromhex(reference["pseudonym"]))
    record = header.get("record", {})
    name = record["id"].encode() if "id" in record else bytes.fromhex(record["handle"]) if "handle" in record else None
    if name is not None:
        found.add(bytes([6 if question else 4]) + sha256(record["type"].encode() + b"\x00" + name)[:16])
    return found

def microseconds(text):
    moment = datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ")
    return (moment - datetime.datetime(1970, 1, 1)) // datetime.timedelta(microseconds=1)

def index_row(seq, header):
    codes = [header[name] for name in ("channel", "event", "action", "status")]
    return (seq, microseconds(header["occurred_at"]), *codes, header["actor"]["type"], header.get("purpose"))

# The trail
def derived(file, findings, expected_terms, expected_rows):
    """Compares what is derived from headers, for the entries that have one."""
    stored = {(term, seq) for term, seq in file.execute("SELECT term, seq FROM terms") if seq in expected_rows}
    rows = {row for row in file.execute("SELECT * FROM index_rows") if row[0] in expected_rows}
    wrong_rows = {row[0] for row in rows ^ set(expected_rows.values())}
    for what, wrong in (("terms are", {seq for _, seq in stored ^ expected_terms}), ("row is", wrong_rows)):
        findings += [f"index {seq}: its {what} not what the header gives" for seq in sorted(wrong)]
    for table in ("bodies", "index_rows", "terms"):
        strays = file.execute(f"SELECT DISTINCT seq FROM {table} WHERE seq NOT IN (SELECT seq FROM leaves)")
        findings += [f"stray {seq}: a row of {table} without a leaf" for (seq,) in strays]
    if file.execute("SELECT 1 FROM sqlite_schema WHERE name = 'cosignatures'").fetchone():
        strays = file.execute("SELECT DISTINCT size FROM cosignatures WHERE size NOT IN (SELECT size FROM checkpoints)")
        findings += [f"stray: a cosignature of size {kept} under no kept checkpoint" for (kept,) in strays]
    strays = file.execute("SELECT seq FROM leaves WHERE seq < 0 OR seq >= (SELECT size FROM head)")
    findings += [f"stray {seq}: a leaf beyond the newest checkpoint" for (seq,) in strays]

def clear_item(raw):
    """The first clear item of a payload; empty if there is none."""
    place = 2
    while place + 7 <= len(raw):
        end = place + 7 + int.from_bytes(raw[place + 3 : place + 7], "big")
        if raw[place] == 0:
            return raw[place + 7 : end]
        place = end
    return b""

class Keys:
    """Which key signed which tree. The walk checks the entries that say so."""
    def __init__(self, file, key):
        said, query = [], "SELECT seq, header, payload FROM bodies WHERE instr(header, ?) ORDER BY seq"
        for seq, header, payload in file.execute(query, (b'"action":"key.signing_rotated"',)):
            pair = re.fullmatch(rb"old (\S+)\nnew (\S+)\n", clear_item(payload))
            try:
                if pair and b'"channel":"compliance"' in header:
                    said.append((seq, *(VerifierKey(word.decode()) for word in pair.groups())))
            except ValueError:
                continue
        same = lambda one, other: (one.name, one.public) == (other.name, other.public)
        self.newest, self.changes = key, []
        # Forward from an older key, then back from there; what does not lead on is nobody's key.
        start = next((place for place, change in enumerate(said) if same(change[1], key)), len(said))
        for seq, old, new in said[start:]:
            if same(old, self.newest) and new.name == key.name:
                self.newest, self.changes = new, self.changes + [(seq, old, new)]
        first = key
        for seq, old, new in reversed(said[:start]):
            if not same(new, first) or old.name != key.name:
                break
            first, self.changes = old, [(seq, old, new)] + self.changes
    def of(self, size):
        return next((old for seq, old, _ in self.changes if size <= seq), self.newest)
    def read(self, note):
        """(size, root) of a checkpoint; what it says of its size chooses the key that must have signed it."""
        size = note.split("\n")[1]
        return checkpoint(note, self.of(int(size) if re.fullmatch("[0-9]+", size) else 0))
    def unconfirmed(self, notes):
        """Changes that no kept checkpoint of the first tree with them confirms by both keys."""
        def confirms(note, change):
            try:
                return all(checkpoint(note, key)[0] == change[0] + 1 for key in change[1:])
            except (ValueError, IndexError):
                return False
        return [change[0] for change in self.changes if not any(confirms(note, change) for note in notes)]

def redacts(header, payload, seq):
    """The places that an entry redacts, in its first clear item, if it is one that does."""
    if (header["action"], header["channel"]) != ("retention.redacted", "compliance"):
        return []
    seqs = json.loads(clear_item(payload))["seqs"]
    return seqs if seqs == sorted(set(seqs)) and all(named < seq for named in seqs) else []

def runs(first, lengths, end):
    """The places that are taken: so many from `first` on, then so many left out, and so on."""
    if len(lengths) % 2 == 0 or any(type(length) is not int or length < 1 for length in lengths) or first < 0:
        raise ValueError("not runs")
    if first + sum(lengths) > end:
        raise ValueError("runs beyond the entry")
    places = []
    for number, length in enumerate(lengths):
        places += range(first, first + length) if number % 2 == 0 else []
        first += length
    return places

class Plan:
    """A retention plan in an entry's first clear item."""
    def __init__(self, item, entry, seq, recorded):
        content = json.loads(item, object_pairs_hook=pairs)
        if list(content) != ["cutoff", "channels", "count", "sha256", "from", "runs"]:
            raise ValueError("other members than a plan's")
        self.seq, self.places = seq, runs(content["from"], content["runs"], seq)
        digest = sha256(b"".join(place.to_bytes(8, "big") for place in self.places))
        if len(self.places) != content["count"] or digest.hex() != content["sha256"]:
            raise ValueError("it does not hold what it says")
        cutoff = microseconds(content["cutoff"])
        self.oldest_kept = min(cutoff, recorded - FLOOR)
        self.row = (self.places[-1] + 1, self.places[0], entry, cutoff, digest, entry)

class Gone:
    """What entries say about bodies that are gone."""
    def __init__(self):
        self.missing, self.redacted, self.plans, self.spared, self.done = [], set(), [], {}, -1
    def read(self, header, payload, entry, seq, recorded):
        self.redacted |= {(place, entry) for place in redacts(header, payload, seq)}
        action = header["action"] if header["channel"] == "compliance" else ""
        try:
            if action == "retention.planned":
                self.plans.append(Plan(clear_item(payload), entry, seq, recorded))
            if action == "retention.spared":
                content = json.loads(clear_item(payload))
                for place in runs(content["from"], content["runs"], seq):
                    self.spared[place] = seq  # the newest that says so
        except (ValueError, KeyError, TypeError):
            pass  # it plans nothing
        if action == "retention.pruned":
            self.done = seq
    def findings(self, file, times):
        """A body is gone by a plan that could take it, or by a redaction that an entry decided; and what is decided is done."""
        stored = set(file.execute("SELECT to_seq, from_seq, id, cutoff, digest, entry FROM plans"))
        for row in sorted(stored - {plan.row for plan in self.plans}):
            yield f"stray {row[1]}: a row of plans that no entry decided"
        planned, left = set(), set()
        for plan in self.plans:
            planned |= {place for place in plan.places if plan.row in stored and times[place] < plan.oldest_kept
                        and self.spared.get(place, -1) < plan.seq}
            left |= set(plan.places) if plan.seq < self.done else set()
        missing = set(self.missing)
        rows, decided = dict(file.execute("SELECT seq, entry FROM redactions")), {seq for seq, _ in self.redacted}
        for seq in sorted(missing | set(rows) | decided):
            if seq not in missing:
                yield f"redaction {seq}: " + ("the body is still there" if seq in decided else "a row that no entry decided")
            elif (seq, rows.get(seq)) not in self.redacted and (seq in rows or seq not in planned):
                yield f"missing {seq}: the body is gone, and nothing says why"
        for seq in sorted(left - missing - set(self.spared) - set(rows)):
            yield f"retention {seq}: it was pruned, and the body is still there"

def verify(file, keys, against):
    findings, kept, own_sizes = [], {}, set()
    row = file.execute("SELECT size, checkpoint, recorded_at FROM head").fetchone()
    if row is None:
        return ["checkpoint: the newest checkpoint is missing"], None
    try:
        size, root = checkpoint(row[1], keys.newest)
    except ValueError as error:
        return [f"checkpoint: newest: {error}"], None
    notes = file.execute("SELECT size, note FROM checkpoints").fetchall()
    findings += [f"checkpoint {seq}: a change of key that both keys did not sign" for seq in keys.unconfirmed([note for _, note in notes])]
    if size != row[0]:
        findings.append("checkpoint: the newest is of another size than its row")
    for row_size, note in notes + [(None, note) for note in against]:
        try:
            kept_size, kept_root = keys.read(note)
            kept.setdefault(kept_size, set()).add(kept_root)
            own_sizes |= set() if row_size is None else {kept_size}
            if row_size not in (None, kept_size):
                findings.append(f"checkpoint: the kept one of size {kept_size} is of another size than its row")
        except (ValueError, IndexError) as error:
            findings.append(f"checkpoint: kept: {error}")
    tree, ids, last, gone, times, expected_terms, expected_rows = Tree(), set(), 0, Gone(), [], set(), {}
    hours = [[0, 0, 0]]  # an hour's first entry, when it was recorded, and the end of those recorded then
    def compare_kept():
        if tree.size in kept and kept.pop(tree.size) != {tree.root()}:
            findings.append(f"checkpoint: the leaves do not lead to the kept checkpoint of size {tree.size}")
    compare_kept()
    query = """SELECT leaves.seq, leaf, header_salt, header, payload_salt, payload
               FROM leaves LEFT JOIN bodies ON bodies.seq = leaves.seq WHERE leaves.seq >= 0 ORDER BY leaves.seq"""
    for seq, leaf, *body in file.execute(query):
        if seq != tree.size:
            break
        if seq >= size:
            findings.append(f"size: entries stand behind the newest checkpoint, from {seq}")
            break
        tree.push(leaf)
        compare_kept()
        recorded = int.from_bytes(leaf[17:25], "big")
        times.append(recorded)
        if len(leaf) != 89 or leaf[0] != 1:
            findings.append(f"leaf {seq}: not a leaf of this version")
            continue
        if recorded < last or leaf[1:17] in ids:
            findings.append(f"leaf {seq}: recorded before the one below it, or its id stands twice")
        if recorded // HOUR != last // HOUR:
            hours.append([seq, recorded, seq])
        if recorded == hours[-1][1]:
            hours[-1][2] = seq + 1
        last = recorded
        ids.add(leaf[1:17])
        if body[1] is None:
            gone.missing.append(seq)
            continue
        header, wrong = check_body(leaf, *body)
        findings += [finding.replace(":", f" {seq}:", 1) for finding in wrong]
        if header:
            if not wrong:
                gone.read(header, body[3], leaf[1:17], seq, recorded)
            expected_terms |= {(term, seq) for term in terms(header)}
            expected_rows[seq] = index_row(seq, header)
    if tree.size < size:
        findings.append(f"size: the trail ends after {tree.size} entries, its newest checkpoint says {size}")
    elif tree.root() != root:
        findings.append("checkpoint: the leaves do not lead to the root that the newest checkpoint signed")
    else:
        if row[2] != last:
            findings.append("checkpoint: the row of the newest tells another time than the newest entry")
        begun = [first for first, _, end in hours if not any(first < kept_size <= end or end == kept_size == 0 for kept_size in own_sizes)]
        findings += [f"checkpoint {seq}: none was kept for the hour that began here" for seq in begun]
    findings += [f"checkpoint: one of size {beyond} lies beyond the leaves" for beyond in kept]
    findings += gone.findings(file, times)
    for level, index, hashes in file.execute("SELECT level, idx, hashes FROM tiles"):
        if tree.filled.pop((level, index), None) != hashes:
            findings.append(f"tile {level}/{index}: not what the leaves give")
    findings += [f"tile {level}/{index}: missing" for level, index in tree.filled]
    derived(file, findings, expected_terms, expected_rows)
    return findings, f"{size} entries, {len(gone.missing)} without body, root {base64.b64encode(root).decode()}"

def verify_proof(path, keys):
    proof = json.loads(pathlib.Path(path).read_text("utf-8"))
    leaf = decode64(proof["leaf"])
    head, note = proof["proof"].split("\n\n", 1)
    version, index, *hashes = head.split("\n")
    if version != "c2sp.org/tlog-proof@v1" or index != f"index {proof['seq']}":
        return ["proof: not a proof of that entry"]
    size, root = keys.read(note)
    wrong = []
    if not includes(proof["seq"], size, leaf, [decode64(value) for value in hashes], root):
        wrong.append(f"proof {proof['seq']}: it does not lead to its checkpoint")
    body = [proof[name] for name in ("salt_header", "header", "salt_payload", "payload")]
    if None not in body:
        wrong += check_body(leaf, *map(decode64, body))[1]
    elif body != [None] * 4:
        wrong.append(f"proof {proof['seq']}: half of a body")
    return wrong

def main():
    parser = argparse.ArgumentParser(description="Verifies a Vestige trail.")
    parser.add_argument("trail")
    parser.add_argument("key", help="name+key id+key, as `vestige status` prints it")
    parser.add_argument("proofs", nargs="*", help="files of `vestige prove SEQ --json`")
    parser.add_argument("--against", action="append", default=[], metavar="NOTE", help="a checkpoint kept outside")
    options = parser.parse_args()
    try:
        key = VerifierKey(options.key)
        against = [pathlib.Path(path).read_text("utf-8") for path in options.against]
        file = sqlite3.connect(f"file:{options.trail}?mode=ro", uri=True)
        keys = Keys(file, key)
        findings, summary = verify(file, keys, against)
        for path in options.proofs:
            try:
                findings += [f"{path}: {finding}" for finding in verify_proof(path, keys)]
            except (ValueError, KeyError, TypeError) as error:
                findings.append(f"{path}: not a proof: {error}")
    except (OSError, ValueError, sqlite3.Error) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    for finding in findings:
        print(finding)
    print("broken" if findings else "intact", summary or "", sep=": ")
    return 1 if findings else 0

if __name__ == "__main__":
    sys.exit(main())
