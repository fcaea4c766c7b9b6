#!/usr/bin/env python3
"""Checks an evidence pack of Vestige offline, with Python's standard library only.

    python3 -I verify.py [--key KEY] [--witness KEY]... [--against FILE]... [FOLDER]

FOLDER is where manifest.json stands; this script's own folder if left out. Prints findings, one a line, then a verdict.
Exit code 0: everything holds. 1: findings. 2: it could not run. 3: nothing is wrong, and what was asked for could not be confirmed.

Sources: RFC 8032 (Ed25519), RFC 9162 2.1.3 and 2.1.4 (inclusion, consistency), C2SP signed-note, tlog-checkpoint, tlog-cosignature; Docs/TrailFormat.md of Vestige (leaves, packs).
"""
import sys

if __name__ == "__main__" and not (sys.flags.isolated or getattr(sys.flags, "safe_path", False)):
    # A file of the folder must not stand in for one of Python's own.
    del sys.path[0]

import argparse, base64, datetime, hashlib, json, os, pathlib, re, stat

# Ed25519, RFC 8032 section 5.1; points are (X, Y, Z, T).

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
I = pow(2, (P - 1) // 4, P)


def point_add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def point_times(scalar, point):
    total = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            total = point_add(total, point)
        point, scalar = point_add(point, point), scalar >> 1
    return total


def point(raw):
    y = int.from_bytes(raw, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * I % P
    if y >= P or (x * x - square) % P or (x == 0 and sign):
        return None
    x = x if x & 1 == sign else P - x
    return x, y, 1, x * y % P


BASE = point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def is_signed(public, message, signature):
    if len(public) != 32 or len(signature) != 64:
        return False
    key, nonce, scalar = point(public), point(signature[:32]), int.from_bytes(signature[32:], "little")
    if key is None or nonce is None or scalar >= L:
        return False
    challenge = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % L
    p, q = point_times(scalar, BASE), point_add(nonce, point_times(challenge, key))
    return (p[0] * q[2] - q[0] * p[2]) % P == 0 and (p[1] * q[2] - q[1] * p[2]) % P == 0


# Notes


def unbase64(text):
    raw = base64.b64decode(text, validate=True)
    if base64.b64encode(raw).decode() != text:
        raise ValueError("base64 in a second spelling")
    return raw


def read_key(text, kind=1):
    """(name, key id, public key) of a verifier key, or of kind 4 of a witness's."""
    name, key_id, material = text.strip().split("+", 2)
    raw = unbase64(material)
    if len(raw) != 33 or raw[0] != kind or hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4].hex() != key_id:
        raise ValueError("not an Ed25519 verifier key")
    return name, bytes.fromhex(key_id), raw[1:]


def read_checkpoint(note, key):
    """(size, root) of a checkpoint, if the key signed it."""
    name, key_id, public = key
    text, lines = note[: note.rindex("\n\n") + 1], note[note.rindex("\n\n") + 2 :].splitlines()
    signed = False
    for line in lines:
        dash, signer, encoded = line.split(" ")
        raw = unbase64(encoded)
        if dash == "\u2014" and signer == name and raw[:4] == key_id:
            if not is_signed(public, text.encode(), raw[4:]):
                raise ValueError("its signature is not good")
            signed = True
    if not signed:
        raise ValueError("it is not signed by this key")
    origin, size, root = text.split("\n")[:3]
    if origin != name or not size.isdigit() or str(int(size)) != size or len(unbase64(root)) != 32:
        raise ValueError("it is not origin, size and root")
    return int(size), unbase64(root)


def is_cosigned(note, witness):
    name, key_id, public = witness
    text, found = note[: note.rindex("\n\n") + 1], False
    for line in note[note.rindex("\n\n") + 2 :].splitlines():
        signer, raw = line.split(" ")[1], unbase64(line.split(" ")[2])
        if signer == name and raw[:4] == key_id:
            time, found = int.from_bytes(raw[4:12], "big"), True
            if not is_signed(public, f"cosignature/v1\ntime {time}\n{text}".encode(), raw[12:]):
                raise ValueError(f"the cosignature by {name} is not good")
    return found


def node(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def leads_to(index, size, leaf, hashes, root):
    if index >= size:
        return False
    place, last, value = index, size - 1, hashlib.sha256(b"\x00" + leaf).digest()
    for sibling in hashes:
        if last == 0:
            return False
        if place & 1 or place == last:
            value = node(sibling, value)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            value = node(value, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and value == root


def goes_on(size, root, new_size, new_root, hashes):
    """Whether the larger tree begins with the smaller one."""
    if size == new_size:
        return root == new_root and not hashes
    if not 0 < size < new_size or not hashes:
        return False
    if size & (size - 1) == 0:
        hashes = [root] + hashes
    place, last = size - 1, new_size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old = new = hashes[0]
    for sibling in hashes[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            old, new = node(sibling, old), node(sibling, new)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            new = node(new, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and old == root and new == new_root


# Files. Whoever made the folder may have put anything under any name.

PACK = "entries.ndjson entries.csv proofs.ndjson checkpoint.txt checkpoints.ndjson keys.ndjson verifier-key.txt policy.yaml verify.py README.txt".split()
OWN_MOST = 1 << 20
# What a file may raise that is none of ours.
UNREADABLE = (ValueError, KeyError, IndexError, TypeError, AttributeError, OverflowError)


def open_plain(path):
    if not stat.S_ISREG(os.lstat(path).st_mode):
        raise ValueError("not a plain file")
    flags = [getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY")]
    file = os.fdopen(os.open(path, os.O_RDONLY | sum(flags)), "rb")
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise ValueError("not a plain file")
    return file


def bytes_of(file, most):
    data = file.read(most + 1)
    if len(data) > most:
        raise ValueError(f"larger than {most} bytes")
    return data


def plain(text):
    """As it can be printed: a name must not make a line of its own."""
    return "".join(c if " " <= c <= "~" else c.encode("unicode_escape").decode() for c in str(text))


def check_files(folder, manifest, findings):
    """The sizes of the files that are those of the manifest."""
    named, sizes = set(), {}
    for part in manifest["files"]:
        wrong = shape(part, {"name": str, "bytes": int, "sha256": str}, ("name", "bytes", "sha256"))
        if wrong:
            findings += [f"manifest.json: files: {what}" for what in wrong]
            continue
        name, size = part["name"], part["bytes"]
        if name not in PACK and name != "summary.pdf":
            findings.append(f"file {name}: no file of a pack")
            continue
        if name in named:
            findings.append(f"file {name}: named twice")
        named.add(name)
        try:
            with open_plain(folder / name) as file:
                hasher = hashlib.sha256()
                if os.fstat(file.fileno()).st_size == size:
                    for _ in range(0, size, 1 << 20):
                        hasher.update(file.read(min(1 << 20, size - file.tell())))
                    if hasher.hexdigest() == part["sha256"]:
                        sizes[name] = size
                        continue
            findings.append(f"file {name}: not the one that the manifest names")
        except FileNotFoundError:
            findings.append(f"file {name}: missing")
        except (OSError, ValueError) as error:
            findings.append(f"file {name}: {error}")
    findings += [f"file {name}: the manifest does not name it" for name in PACK if name not in named]
    own = named | {"manifest.json"} | ({"receipt.json"} if manifest["vestige_evidence"] > 1 else set())
    for name in sorted(os.listdir(folder)):
        if name not in own:
            findings.append(f"file {name}: not part of the pack")
    return sizes


# JSON, as strict as what it is compared with


def parse(data):
    def once(pairs):
        names = set()
        for name, _ in pairs:
            if name in names:
                raise ValueError(f"member {name} stands there twice")
            names.add(name)
        return dict(pairs)

    def refuse(text):
        raise ValueError(f"{text[:20]} is no number of a pack")

    try:
        return json.loads(data.decode("utf-8"), object_pairs_hook=once, parse_float=refuse, parse_constant=refuse)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def shape(value, kinds, needed=()):
    """What is wrong with the members of an object."""
    if type(value) is not dict:
        return ["no object"]
    wrong = [f"unknown member {name}" for name in value if name not in kinds]
    wrong += [f"member {name} is missing" for name in needed if name not in value]
    # Flags are there or not.
    wrong += [f"{name} is of another type" for name in value if name in kinds and (type(value[name]) is not kinds[name] or value[name] is False)]
    return wrong


def must(value, kinds, needed=()):
    wrong = shape(value, kinds, needed)
    if wrong:
        raise ValueError("; ".join(wrong))
    return value


def strings(names):
    return dict.fromkeys(names.split(), str)


ESCAPES = {**{code: f"\\u{code:04x}" for code in range(32)}, 34: '\\"', 92: "\\\\"}


def compact(value):
    """The one way in which Vestige writes a value."""
    if type(value) is dict:
        return "{" + ",".join(f"{compact(name)}:{compact(member)}" for name, member in value.items()) + "}"
    if type(value) is list:
        return "[" + ",".join(map(compact, value)) + "]"
    return '"' + value.translate(ESCAPES) + '"' if type(value) is str else json.dumps(value)


def same(one, other):
    return compact(one) == compact(other)


PROOF = {"seq": int, "hashes": list, **strings("leaf header salt_header payload salt_payload")}
BODY = ("salt_header", "header", "salt_payload", "payload")


def read_proof(line, more={}):
    """A line with an entry as it was recorded; without a body four of its members are null."""
    if type(line) is not dict:
        raise ValueError("no object")
    kinds = {**PROOF, **more}
    if [line.get(name, "") for name in BODY] == [None] * 4:
        kinds.update(dict.fromkeys(BODY, type(None)))
    elif any(line.get(name, "") is None for name in BODY):
        raise ValueError("half of a body")
    return must(line, kinds, ("seq", "leaf", *BODY))


class Keys:
    """The signing key may have been changed: keys.ndjson tells each change."""

    def __init__(self, lines, given):
        self.changes = []
        for line in map(parse, lines):
            read_proof(line, {"handover": str, "consistency": list})
            words = next((data for kind, _, data in items(unbase64(line["payload"])) if kind == 0), b"").decode().split("\n")
            if len(words) != 3 or words[0][:4] != "old " or words[1][:4] != "new ":
                raise ValueError("a change of key that names none")
            self.changes.append((line["seq"], read_key(words[0][4:]), read_key(words[1][4:]), line))
        self.newest = given
        for seq, old, new, line in self.changes:
            # From an older key one goes on by what both signed.
            if old == self.newest and read_checkpoint(line["handover"], old)[0] == seq + 1 and read_checkpoint(line["handover"], new):
                self.newest = new

    def of(self, size):
        return next((old for seq, old, _, _ in self.changes if size <= seq), self.newest)

    def read(self, note):
        size = note.split("\n")[1]
        return read_checkpoint(note, self.of(int(size) if size.isdigit() else 0))

    def wrong(self, size, root):
        """What does not hold of the changes, in the tree that the newest key signed."""
        for place, (seq, old, new, line) in enumerate(self.changes):
            follows = self.changes[place + 1][1] if place + 1 < len(self.changes) else self.newest
            if new != follows or old[0] != new[0]:
                yield f"key {seq}: it does not lead to the key of the checkpoint"
            _, header, _, wrong = check_proof(line, size, root)
            yield from (f"key {seq}: {what}" for what in wrong)
            if header is None or (header["action"], header["channel"]) != ("key.signing_rotated", "compliance"):
                yield f"key {seq}: the entry is none that changes a key"
            both = [read_checkpoint(line["handover"], key) for key in (old, new)]
            if both[0] != both[1] or both[0][0] != seq + 1:
                yield f"key {seq}: no checkpoint of it is signed by both keys"
            elif not goes_on(*both[0], size, root, hashes_of(line, "consistency")):
                yield f"key {seq}: the log does not go on from the checkpoint that both keys signed"


def hashes_of(line, name):
    return [unbase64(value) for value in line.get(name, [])]


def items(payload):
    """(kind, index, bytes) of each item."""
    found, place = [], 2
    for _ in range(int.from_bytes(payload[:2], "big")):
        end = place + 7 + int.from_bytes(payload[place + 3 : place + 7], "big")
        found.append((payload[place : place + 1], int.from_bytes(payload[place + 1 : place + 3], "big"), payload[place + 7 : end]))
        place = end
    if place != len(payload) or len(payload) < 2:
        raise ValueError("the payload cannot be read")
    return [(kind[0], index, data) for kind, index, data in found]


def check_past(lines, keys, size, root, witnesses, findings):
    """The checkpoints from before, root by size, and how far each witness saw. Adds what does not hold."""
    past, newest = {}, {}
    for line in lines:
        try:
            line = must(parse(line), {"checkpoint": str, "consistency": list}, ["checkpoint"])
            old_size, old_root = keys.read(line["checkpoint"])
            if not goes_on(old_size, old_root, size, root, hashes_of(line, "consistency")):
                findings.append(f"checkpoint {old_size}: the log does not go on from it")
            past[old_size] = old_root
            for witness in witnesses:
                if is_cosigned(line["checkpoint"], witness):
                    newest[witness] = max(newest.get(witness, 0), old_size)
        except UNREADABLE as error:
            findings.append(f"checkpoint: one from before: {error}")
    return past, newest


# Entries


def moment(microseconds):
    time = datetime.datetime(1970, 1, 1) + datetime.timedelta(microseconds=microseconds)
    return time.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def check_proof(proof, size, root):
    """The leaf's facts, header and payload, if all holds; and what does not."""
    seq, leaf, wrong = proof["seq"], unbase64(proof["leaf"]), []
    if len(leaf) != 89 or leaf[0] != 1:
        return None, None, None, ["not a leaf"]
    if not leads_to(seq, size, leaf, hashes_of(proof, "hashes"), root):
        wrong.append("it does not lead to the checkpoint")
    raw = leaf[1:17].hex()
    dashed = "-".join((raw[:8], raw[8:12], raw[12:16], raw[16:20], raw[20:]))
    facts = {"seq": seq, "id": dashed, "recorded_at": moment(int.from_bytes(leaf[17:25], "big"))}
    if proof["header"] is None:
        return facts, None, None, wrong
    salt_header, header, salt_payload, payload = (unbase64(proof[name]) for name in BODY)
    if len(salt_header) != 32 or hashlib.sha256(b"vestige/header/v1\x00" + salt_header + header).digest() != leaf[25:57]:
        wrong.append("the header is not what was recorded")
    if len(salt_payload) != 32 or hashlib.sha256(b"vestige/payload/v1\x00" + salt_payload + payload).digest() != leaf[57:89]:
        wrong.append("the payload is not what was recorded")
    if wrong:
        return facts, None, None, wrong
    read = parse(header)
    if read["id"] != dashed:
        wrong.append("the header is another entry's")
    return facts, read, items(payload), wrong


SAME = "occurred_at channel event action status fields other purpose activity correlation_id recipient part details policy".split()
OPENED = "id name email ip user_agent session".split()
BARE = {"seq": int, "id": str, "recorded_at": str}
ENTRY = {
    **BARE,
    **strings("occurred_at channel event action status purpose activity correlation_id recipient policy page case justification tried description"),
    **dict.fromkeys("actor on_behalf_of record changes part details".split(), dict),
    **{"subjects": list, "fields": list, "other": int},
}
NEEDED = (*BARE, "occurred_at", "channel", "event", "action", "status", "actor", "subjects", "fields")
ACTOR = {**strings("type role pseudonym"), **strings(" ".join(OPENED)), "self": bool, "erased": bool}
SUBJECT = {"pseudonym": str, "erased": bool, "record_id": str, "other": list, "changes": dict}
GAP = re.compile(r"\{\{|\}\}|\{([0-9]+)\}")


def are_changes(value):
    sides = [side for change in value.values() for side in (change.values() if type(change) is dict and set(change) <= {"before", "after"} else [[]])]
    return all(side is None or type(side) in (str, int, bool) or not shape(side, {"length": int, "hash": str}, ("length", "hash")) for side in sides)


def fits(text, description):
    """Whether a sentence is the recorded one, with anything in its personal gaps."""
    pieces, place, template = [""], 0, description["t"]
    for gap in GAP.finditer(template):
        pieces[-1] += template[place : gap.start()]
        place = gap.end()
        if gap.group(1) is None:
            pieces[-1] += gap.group()[0]
        elif gap.group(1) in description.get("c", {}):
            pieces[-1] += description["c"][gap.group(1)]
        else:
            pieces.append("")
    pieces[-1] += template[place:]
    if len(pieces) == 1:
        return text == pieces[0]
    place = len(pieces[0])
    if not text.startswith(pieces[0]):
        return False
    for piece in pieces[1:-1]:
        found = text.find(piece, place)
        if found < 0:
            return False
        place = found + len(piece)
    return text.endswith(pieces[-1]) and len(text) - len(pieces[-1]) >= place


def check_entry(entry, facts, header, payload):
    """What an entry of entries.ndjson says otherwise than its proof."""
    if header is None:
        marks = {"pruned": bool, "redacted": bool}
        bare = not shape(entry, {**BARE, **marks}, BARE) and len(entry) == len(BARE) + 1
        return [] if bare and all(entry[name] == facts[name] for name in BARE) else ["it tells what no proof holds"]
    wrong = shape(entry, ENTRY, NEEDED)
    if wrong:
        return wrong
    if any(entry[name] != facts[name] for name in BARE):
        return ["it is not the one that was recorded"]
    slots = {(kind, index) for kind, index, _ in payload}
    odd = [name for name in SAME if not same(entry.get(name), header.get(name, [] if name == "fields" else None))]
    sealed = [name for name in ("page", "case", "justification") if name in entry and not {kind for kind, _ in slots} & {1, 2, 3}]
    sealed += ["tried"] if "tried" in entry and not slots & {(1, 0), (3, 0)} else []
    for name, member, kind in (("actor", "actor", 1), ("on_behalf_of", "behalf", 3)):
        said, recorded = entry.get(name), header.get(member)
        if said is None or recorded is None:
            odd += [name] if said is not recorded else []
            continue
        wrong += [f"{name}: {what}" for what in shape(said, ACTOR)]
        odd += [name] if any(said.get(key) != recorded.get(key) for key in ("type", "role", "pseudonym", "self")) else []
        sealed += [f"{name}.{key}" for key in OPENED if key in said and (kind, 0) not in slots]
    for place, subject in enumerate(entry["subjects"]):
        problems = shape(subject, SUBJECT, ["pseudonym"])
        if problems:
            return wrong + [f"subjects: {what}" for what in problems]
        sealed += [f"subjects.{name}" for name in ("record_id", "other", "changes") if name in subject and (2, place) not in slots]
        wrong += [] if are_changes(subject.get("changes", {})) else ["subjects: changes is of another type"]
    odd += ["subjects"] if [subject["pseudonym"] for subject in entry["subjects"]] != header.get("subjects", []) else []
    said, recorded = entry.get("record"), header.get("record")
    if said is None or recorded is None:
        odd += ["record"] if said is not recorded else []
    else:
        wrong += [f"record: {what}" for what in shape(said, strings("type id handle"))]
        odd += ["record"] if any(said.get(key) != recorded.get(key) for key in ("type", "handle")) else []
        opened = entry["subjects"][0].get("record_id") if entry["subjects"] else None
        odd += ["record.id"] if said.get("id") != recorded.get("id", opened) else []
    clear = {}
    for kind, _, data in payload:
        try:
            item = parse(data) if kind == 0 else None
        except ValueError:
            continue
        if type(item) is dict and list(item) == ["changes"] and type(item["changes"]) is dict and are_changes(item["changes"]):
            clear = {**item["changes"], **clear}
    by_name = lambda changes: {name: changes[name] for name in sorted(changes, key=lambda name: name.encode())}
    odd += ["changes"] if not same(by_name(entry.get("changes", {})), by_name(clear)) else []
    text, recorded = entry.get("description"), header.get("description")
    odd += ["description"] if (text is None) != (recorded is None) or (text is not None and not fits(text, recorded)) else []
    return wrong + [f"{name} is not what was recorded" for name in odd] + [f"{name} stands in no slot of it" for name in sealed]


# The table

COLUMNS = (
    "seq id occurred_at recorded_at channel event action status actor_type actor_role actor_pseudonym actor_erased actor_id actor_name actor_email"
    " actor_ip actor_user_agent actor_session behalf_type behalf_pseudonym behalf_id behalf_name record_type record_id record_handle subjects fields"
    " purpose activity correlation_id recipient page case justification tried description details changes"
).split()
HEAD = b"\xef\xbb\xbf" + ",".join(COLUMNS).encode() + b"\r\n"


def cell(text):
    text = "" if text is None else text
    # A spreadsheet must not take it for a formula.
    mark = "'" if text[:1] in tuple("=+-@\t\r") else ""
    return '"' + mark + text.replace('"', '""') + '"' if any(c in text for c in '",\n\r') else mark + text


def row(entry):
    """The bytes of an entry's row."""
    actor, behalf, record = (entry.get(name, {}) for name in ("actor", "on_behalf_of", "record"))
    subjects, details, changes = entry.get("subjects", []), entry.get("details"), dict(entry.get("changes", {}))
    for subject in subjects:
        for field, change in subject.get("changes", {}).items():
            both = {**change, **changes.get(field, {})}
            changes[field] = {side: both[side] for side in ("before", "after") if side in both}
    changes = {field: changes[field] for field in sorted(changes, key=lambda name: name.encode())}
    cells = {name: entry.get(name) for name in COLUMNS if ENTRY.get(name) is str}
    cells.update({"actor_" + name: actor.get(name) for name in ("type", "role", "pseudonym", *OPENED)})
    cells.update({"behalf_" + name: behalf.get(name) for name in ("type", "pseudonym", "id", "name")})
    cells.update({"record_" + name: record.get(name) for name in ("type", "handle")})
    cells.update(
        seq=str(entry["seq"]),
        status=entry.get("status", "redacted" if "redacted" in entry else "pruned"),
        actor_erased=("true" if "erased" in actor else "false") if actor else None,
        record_id=record.get("id", subjects[0].get("record_id") if subjects else None),
        subjects=" ".join(subject["pseudonym"] for subject in subjects),
        fields=" ".join(entry.get("fields", [])),
        details=compact(details) if details else None,
        changes=compact(changes) if changes else None,
    )
    return ",".join(cell(cells[name]) for name in COLUMNS).encode() + b"\r\n"


def check_entries(entries, proofs, table, query, size, root, findings):
    """How many entries there are, and how many without a body. Adds what does not hold."""
    count, bodiless, last = 0, 0, None
    if table.read(len(HEAD)) != HEAD:
        findings.append("table: its columns are not those of a pack")
        table = None
    for line in proofs:
        told, seq = next(entries, b"{}"), "?"
        try:
            proof = read_proof(parse(line))
            facts, header, payload, wrong = check_proof(proof, size, root)
            seq = proof["seq"]
            findings += [f"proof {seq}: {what}" for what in wrong]
            count, bodiless = count + 1, bodiless + (proof["header"] is None)
            if last is not None and seq >= last:
                findings.append(f"proof {seq}: out of order, or twice")
            last = seq
            entry = parse(told)
            if facts is not None and not wrong:
                findings += [f"entry {seq}: {what}" for what in check_entry(entry, facts, header, payload)]
            if header and not query["from"] <= header["occurred_at"] < query["to"]:
                findings.append(f"entry {seq}: it happened outside of the period")
            said = row(entry)
            if table is not None and table.read(len(said)) != said:
                findings.append(f"table {seq}: its row says otherwise than the entry; nothing after it was compared")
                table = None
        except UNREADABLE as error:
            findings.append(f"proof {seq}: line {count + 1} cannot be read: {error}" if seq == "?" else f"entry {seq}: {error}")
            table = None
    if next(entries, None) is not None or (table is not None and table.read(1)):
        findings.append("entries: more than there are proofs for")
    return count, bodiless


# The pack

MANIFEST = {
    **strings("made_at made_by purpose origin verifier_key policy_sha256 pruned_before"),
    **dict.fromkeys("vestige_evidence checkpoints entries without_body with_sealed_parts".split(), int),
    **{"query": dict, "checkpoint": dict, "witnesses": list, "complete": bool, "files": list},
}
OF_VERSION_2 = {"salt": str, "export": dict}
WORD = "names, addresses and ids that are sealed in the log, who is erased, pages, personal changes, case, justification, personal parts of a description, which entries matched, counts, README.txt, summary.pdf"
PROVEN = "place, id, times, channel, event, action, status, purpose, activity, recipient, details, policy, fields, correlation id, part, types, roles and pseudonyms, record type, ids and changes in clear, the words of a description"


def check_manifest(manifest):
    """What is wrong with it, and what of that leaves nothing to go on with."""
    if type(manifest) is not dict or type(manifest.get("vestige_evidence")) is not int or manifest["vestige_evidence"] not in (1, 2):
        return [], ["of another version than this script"]
    kinds = {**MANIFEST, **(OF_VERSION_2 if manifest["vestige_evidence"] == 2 else {})}
    # The one flag that may say no.
    wrong = shape({**manifest, "complete": manifest.get("complete") is False or manifest.get("complete")}, kinds, set(kinds) - {"made_by", "witnesses", "pruned_before"})
    for name, inner, needed in (
        ("query", strings("from to record subject"), ("from", "to")),
        ("checkpoint", {"size": int, "root": str}, ("size", "root")),
        ("export", {"id": str, "seq": int}, ("id", "seq")),
    ):
        wrong += [f"{name}: {what}" for what in shape(manifest[name], inner, needed)] if type(manifest.get(name)) is dict else []
    return [what for what in wrong if "unknown member" in what], [what for what in wrong if "unknown member" not in what]


def check_receipt(data, digest, manifest, keys, head):
    """The entry that holds what the manifest is: (seq, recorded_at, checkpoint), and what does not hold."""
    line = read_proof(parse(data), {"checkpoint": str, "consistency": list})
    later = read_checkpoint(line["checkpoint"], keys.newest)
    facts, header, payload, wrong = check_proof(line, *later)
    wrong = [f"receipt: {what}" for what in wrong]
    if head is not None and (line["seq"] < head[0] or not goes_on(*head, *later, hashes_of(line, "consistency"))):
        wrong.append("receipt: the log does not go on from the pack's checkpoint to it")
    if header is None:
        return None, wrong + ["receipt: it has no body that holds"]
    if (header["action"], header["channel"]) != ("audit.evidence_made", "compliance"):
        return None, ["receipt: the entry is none of a pack that was made"]
    item = parse(next((data for kind, _, data in payload if kind == 0), b"null"))["evidence"]
    if item["manifest"] != digest:
        wrong.append("manifest.json: it is not the one whose SHA-256 the log holds")
    if item["v"] != manifest["vestige_evidence"] or item["export"] != manifest["export"]["id"]:
        wrong.append("receipt: it is of another export")
    if header.get("purpose") != manifest["purpose"]:
        wrong.append("receipt: it was recorded for another purpose")
    if header.get("policy") != manifest["policy_sha256"]:
        wrong.append("receipt: it was recorded under another policy")
    return (line["seq"], facts["recorded_at"], later), wrong


def check_against(path, keys, known, size, findings, missed):
    try:
        with open(path, "rb") as file:
            other_size, other_root = keys.read(bytes_of(file, OWN_MOST).decode("utf-8"))
    except (OSError, ValueError, IndexError) as error:
        findings.append(f"checkpoint: {path}: {error}")
        return
    if other_size in known:
        if known[other_size] != other_root:
            findings.append(f"checkpoint: {path} has another root at its size: the log was rewritten")
    elif other_size > size:
        missed.append(f"{path} is newer than this pack; ask the operator for a consistency proof to it")
    else:
        missed.append(f"{path} is of a size of which this pack has no checkpoint; ask the operator for a consistency proof from it")


def check(folder, key, against, witnesses):
    """(findings, what could not be confirmed, what it is, what is proven)"""
    findings, missed, told = [], [], []
    try:
        with open_plain(folder / "manifest.json") as file:
            data = bytes_of(file, OWN_MOST)
        manifest = parse(data)
        findings, fatal = ([f"manifest.json: {what}" for what in wrong] for wrong in check_manifest(manifest))
    except ValueError as error:
        findings, fatal = [], [f"file manifest.json: {error}"]
    if fatal:
        return findings + fatal, [], "", []
    sizes = check_files(folder, manifest, findings)

    def part(name):
        with open_plain(folder / name) as file:
            return bytes_of(file, sizes[name] if name in sizes else OWN_MOST)

    own = key is None
    if own:
        print("note: the key is the folder's own; whoever can make up a folder can make up a key. Give --key")
    key = read_key(manifest["verifier_key"] if own else key)
    given = witnesses
    if not given and manifest.get("witnesses"):
        print("note: the witnesses' keys are the folder's own; give those that you had by another way (--witness)")
    try:
        witnesses = [read_key(text, 4) for text in given or manifest.get("witnesses", [])]
    except UNREADABLE as error:
        if given:
            raise
        return findings + [f"manifest.json: witnesses: {error}"], [], "", []
    if not {"keys.ndjson", "checkpoint.txt", "checkpoints.ndjson", "verifier-key.txt"} <= set(sizes):
        return findings, [], "", []
    if manifest["verifier_key"].encode() != part("verifier-key.txt").strip():
        findings.append("key: manifest and verifier-key.txt differ")
    try:
        keys, head = Keys(part("keys.ndjson").splitlines(), key), None
    except UNREADABLE as error:
        return findings + [f"key: {error}"], [], "", []
    try:
        head = read_checkpoint(part("checkpoint.txt").decode("utf-8"), keys.newest)
        findings += keys.wrong(*head)
    except UNREADABLE as error:
        findings.append(f"checkpoint: {error}")
    receipt = None
    if manifest["vestige_evidence"] == 1:
        missed.append("version 1 of a pack has no receipt: what is sealed in the log, the counts and the texts may have been changed by whoever had the folder")
    else:
        try:
            receipt, wrong = check_receipt(part("receipt.json"), hashlib.sha256(data).hexdigest(), manifest, keys, head)
            findings += wrong
        except FileNotFoundError:
            findings.append("file receipt.json: missing; nothing binds the manifest")
        except UNREADABLE as error:
            findings.append(f"receipt: {error}")
    if head is None:
        return findings, [], "", []
    size, root = head
    try:
        named = read_key(manifest["verifier_key"])
    except UNREADABLE:
        named = None
    if keys.newest != named:
        findings.append("key: the manifest names another one than signed the checkpoint")
    past, seen = check_past(part("checkpoints.ndjson").splitlines(), keys, size, root, witnesses, findings)
    if len(past) != manifest["checkpoints"]:
        findings.append("checkpoint: the manifest tells of another number from before")
    if manifest["checkpoint"] != {"size": size, "root": base64.b64encode(root).decode()} or manifest["origin"] != key[0]:
        findings.append("checkpoint: the manifest names another one")
    for witness in witnesses:
        if witness in seen:
            print(plain(f"note: witness {witness[0]} saw the first {seen[witness]} entries of the log"))
        elif given:
            missed.append(f"witness {witness[0]} cosigned nothing in this pack")
        else:
            print(plain(f"note: witness {witness[0]} cosigned nothing in this pack"))
    known = {**past, size: root, **({receipt[2][0]: receipt[2][1]} if receipt else {})}
    for path in against:
        check_against(path, keys, known, size, findings, missed)
    if "policy.yaml" in sizes and hashlib.sha256(part("policy.yaml")).hexdigest() != manifest["policy_sha256"]:
        findings.append("policy.yaml: not the policy that the manifest names")
    if not {"entries.ndjson", "proofs.ndjson", "entries.csv"} <= set(sizes):
        return findings, [], "", []
    with open_plain(folder / "entries.ndjson") as entries, open_plain(folder / "proofs.ndjson") as proofs, open_plain(folder / "entries.csv") as table:
        count, bodiless = check_entries(entries, proofs, table, manifest["query"], size, root, findings)
    if (count, bodiless) != (manifest["entries"], manifest["without_body"]):
        findings.append(f"entries: {count} with proofs, {bodiless} without body; the manifest says otherwise")
    if bodiless:
        print(f"note: {bodiless} {'entry has' if bodiless == 1 else 'entries have'} no body; this pack does not prove why")
    if not manifest["complete"]:
        print("note: the program that made this pack found it not complete")
    asked = ", ".join(f"{name} {value}" for name, value in manifest["query"].items())
    told.append(f"asked for: {asked}; by {manifest.get('made_by', 'nobody named')} for {manifest['purpose']}, made {manifest['made_at']}")
    told.append(f"proven by the log: {PROVEN}")
    if receipt:
        told.append(f"the operator's word, as entry {receipt[0]} of the log, recorded {receipt[1]}, holds it with the manifest's SHA-256: {WORD}")
    else:
        told.append(f"bound by nothing: {WORD}")
    return findings, missed, f"{count} entries, {bodiless} without body, in the log {key[0]} of size {size}", told


def main():
    parser = argparse.ArgumentParser(description="Checks an evidence pack of Vestige.")
    parser.add_argument("folder", nargs="?", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parent)
    parser.add_argument("--key", help="the log's verifier key, had by another way than this folder")
    parser.add_argument("--witness", action="append", default=[], metavar="KEY", help="the key of a witness that you trust")
    parser.add_argument("--against", action="append", default=[], metavar="FILE", help="a checkpoint that you or a witness kept")
    options = parser.parse_args()
    try:
        findings, missed, summary, told = check(options.folder, options.key, options.against, options.witness)
    except Exception as error:
        print(plain(f"error: this is not a pack that can be read: {error}"), file=sys.stderr)
        return 2
    for finding in findings:
        print(plain(finding))
    if findings:
        print("broken")
        return 1
    for what in missed:
        print(plain(f"not confirmed: {what}"))
    verdict = "not confirmed" if missed else "intact" if options.key else "intact under the folder's own key"
    print(plain(f"{verdict}: {summary}"))
    for line in told:
        print(plain(f"  {line}"))
    return 3 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
