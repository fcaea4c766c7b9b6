#!/usr/bin/env python3
"""Checks an evidence pack of Vestige offline, with Python's standard library only.

    python3 verify.py [--key KEY] [--witness KEY]... [--against FILE]... [FOLDER]

FOLDER is where manifest.json stands; this script's own folder if left out. Prints findings, one a line, then a verdict.
Exit code 0: everything holds. 1: findings. 2: it could not run.

Sources: RFC 8032 (Ed25519), RFC 9162 2.1.3 and 2.1.4 (inclusion, consistency), C2SP signed-note, tlog-checkpoint, tlog-cosignature; Docs/TrailFormat.md of Vestige (leaves).
"""
import argparse, base64, csv, datetime, hashlib, json, pathlib, sys

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


class Keys:
    """The signing key may have been changed: keys.ndjson tells each change."""

    def __init__(self, lines, given):
        self.changes = []
        for line in map(json.loads, lines):
            words = clear_item(unbase64(line["payload"])).decode().split("\n")
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
            _, header, wrong = check_proof(line, size, root)
            yield from wrong
            if header is None or (header["action"], header["channel"]) != ("key.signing_rotated", "compliance"):
                yield f"key {seq}: the entry is none that changes a key"
            both = [read_checkpoint(line["handover"], key) for key in (old, new)]
            if both[0] != both[1] or both[0][0] != seq + 1:
                yield f"key {seq}: no checkpoint of it is signed by both keys"
            elif not goes_on(*both[0], size, root, [unbase64(value) for value in line.get("consistency", [])]):
                yield f"key {seq}: the log does not go on from the checkpoint that both keys signed"


def clear_item(payload):
    place = 2
    while place + 7 <= len(payload):
        end = place + 7 + int.from_bytes(payload[place + 3 : place + 7], "big")
        if payload[place] == 0:
            return payload[place + 7 : end]
        place = end
    return b""


def check_past(folder, keys, size, root, witnesses, findings):
    """The checkpoints from before: root by size. Adds what does not hold, and says what witnesses confirm."""
    past, newest = {}, {}
    for line in (folder / "checkpoints.ndjson").read_text("utf-8").splitlines():
        try:
            line = json.loads(line)
            old_size, old_root = keys.read(line["checkpoint"])
            if not goes_on(old_size, old_root, size, root, [unbase64(value) for value in line.get("consistency", [])]):
                findings.append(f"checkpoint {old_size}: the log does not go on from it")
            past[old_size] = old_root
            for witness in witnesses:
                if is_cosigned(line["checkpoint"], witness):
                    newest[witness] = max(newest.get(witness, 0), old_size)
        except (ValueError, KeyError, IndexError, TypeError) as error:
            findings.append(f"checkpoint: one from before: {error}")
    for witness in witnesses:
        seen = f"saw the first {newest[witness]} entries of the log" if witness in newest else "cosigned nothing in this pack"
        print(f"note: witness {witness[0]} {seen}")
    return past


# The pack


def moment(microseconds):
    time = datetime.datetime(1970, 1, 1) + datetime.timedelta(microseconds=microseconds)
    return time.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def check_proof(proof, size, root):
    """The leaf's facts and the header, if all holds; and what does not."""
    seq, leaf, wrong = proof["seq"], unbase64(proof["leaf"]), []
    if len(leaf) != 89 or leaf[0] != 1:
        return None, None, [f"proof {seq}: not a leaf"]
    if not leads_to(seq, size, leaf, [unbase64(value) for value in proof.get("hashes", [])], root):
        wrong.append(f"proof {seq}: it does not lead to the checkpoint")
    facts = {"seq": seq, "id": leaf[1:17].hex(), "recorded_at": moment(int.from_bytes(leaf[17:25], "big"))}
    body = [proof[name] for name in ("salt_header", "header", "salt_payload", "payload")]
    if body == [None] * 4:
        return facts, None, wrong
    if None in body:
        return facts, None, wrong + [f"proof {seq}: half of a body"]
    salt_header, header, salt_payload, payload = map(unbase64, body)
    if len(salt_header) != 32 or hashlib.sha256(b"vestige/header/v1\x00" + salt_header + header).digest() != leaf[25:57]:
        wrong.append(f"proof {seq}: the header is not what was recorded")
    if len(salt_payload) != 32 or hashlib.sha256(b"vestige/payload/v1\x00" + salt_payload + payload).digest() != leaf[57:89]:
        wrong.append(f"proof {seq}: the payload is not what was recorded")
    read = json.loads(header)
    if read["id"].replace("-", "") != facts["id"]:
        wrong.append(f"proof {seq}: the header is another entry's")
    return facts, read, wrong


SAME = ("occurred_at", "channel", "event", "action", "status", "purpose", "activity", "correlation_id", "recipient", "policy", "details")


def check_entry(entry, facts, header):
    """What an entry of entries.ndjson says otherwise than its proof."""
    seq = facts["seq"]
    if entry.get("seq") != seq or entry["id"].replace("-", "") != facts["id"] or entry["recorded_at"] != facts["recorded_at"]:
        return [f"entry {seq}: it is not the one that was recorded"]
    if header is None:
        return [] if set(entry) <= {"seq", "id", "recorded_at", "pruned", "redacted"} else [f"entry {seq}: it tells what no proof holds"]
    wrong = [name for name in SAME if entry.get(name) != header.get(name)]
    if [subject["pseudonym"] for subject in entry["subjects"]] != header.get("subjects", []):
        wrong.append("subjects")
    if sorted(entry["fields"]) != sorted(header.get("fields", [])) or entry.get("other", 0) != header.get("other", 0):
        wrong.append("fields")
    for name, member in (("actor", "actor"), ("on_behalf_of", "behalf")):
        said, recorded = entry.get(name), header.get(member)
        if (said is None) != (recorded is None) or (
            said and any(said.get(key) != recorded.get(key) for key in ("type", "role", "pseudonym", "self"))
        ):
            wrong.append(name)
    said, recorded = entry.get("record", {}), header.get("record", {})
    if said.get("type") != recorded.get("type") or said.get("handle") != recorded.get("handle"):
        wrong.append("record")
    if "id" in recorded and said.get("id") != recorded["id"]:
        wrong.append("record.id")
    return [f"entry {seq}: {name} is not what was recorded" for name in wrong]


def check(folder, key, against, witnesses):
    findings = []
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    if manifest.get("vestige_evidence") != 1:
        return ["manifest: of another version than this script"], ""
    named = {part["name"] for part in manifest["files"]}
    for part in manifest["files"]:
        hasher, count = hashlib.sha256(), 0
        try:
            with open(folder / part["name"], "rb") as file:
                for block in iter(lambda: file.read(1 << 20), b""):
                    hasher.update(block)
                    count += len(block)
        except OSError:
            findings.append(f"file {part['name']}: missing")
            continue
        if count != part["bytes"] or hasher.hexdigest() != part["sha256"]:
            findings.append(f"file {part['name']}: not the one that the manifest names")
    for name in ("entries.ndjson", "entries.csv", "proofs.ndjson", "checkpoint.txt", "checkpoints.ndjson", "keys.ndjson", "verifier-key.txt", "policy.yaml"):
        if name not in named:
            findings.append(f"file {name}: the manifest does not name it")
    if manifest["verifier_key"] != (folder / "verifier-key.txt").read_text("utf-8").strip():
        findings.append("key: manifest and verifier-key.txt differ")
    if key is None:
        key = manifest["verifier_key"]
        print("note: the key is the folder's own; whoever can make up a folder can make up a key. Give --key")
    key = read_key(key)
    own = [] if witnesses else manifest.get("witnesses", [])
    if own:
        print("note: the witnesses' keys are the folder's own; give those that you had by another way (--witness)")
    witnesses = [read_key(text, 4) for text in witnesses or own]
    try:
        keys = Keys((folder / "keys.ndjson").read_text("utf-8").splitlines(), key)
        size, root = read_checkpoint((folder / "checkpoint.txt").read_text("utf-8"), keys.newest)
        findings += keys.wrong(size, root)
    except ValueError as error:
        return findings + [f"checkpoint: {error}"], ""
    if keys.newest != read_key(manifest["verifier_key"]):
        findings.append("key: the manifest names another one than signed the checkpoint")
    past = check_past(folder, keys, size, root, witnesses, findings)
    if len(past) != manifest["checkpoints"]:
        findings.append("checkpoint: the manifest tells of another number from before")
    if manifest["checkpoint"] != {"size": size, "root": base64.b64encode(root).decode()} or manifest["origin"] != key[0]:
        findings.append("checkpoint: the manifest names another one")
    for path in against:
        try:
            other_size, other_root = keys.read(pathlib.Path(path).read_text("utf-8"))
            if {**past, size: root}.get(other_size, other_root) != other_root:
                findings.append(f"checkpoint: {path} has another root at its size: the log was rewritten")
            elif other_size > size:
                print(f"note: {path} is newer than this pack; ask the operator for a consistency proof to it")
            elif other_size < size and other_size not in past:
                print(f"note: {path} is older than this pack; ask the operator for a consistency proof from it")
        except (OSError, ValueError) as error:
            findings.append(f"checkpoint: {path}: {error}")
    count = bodiless = 0
    last = None
    with open(folder / "entries.ndjson", encoding="utf-8") as entries, open(folder / "proofs.ndjson", encoding="utf-8") as proofs, open(
        folder / "entries.csv", encoding="utf-8-sig", newline=""
    ) as table:
        rows = csv.DictReader(table)
        for line in proofs:
            try:
                facts, header, wrong = check_proof(json.loads(line), size, root)
                findings += wrong
                if facts is None:
                    continue
                if last is not None and facts["seq"] >= last:
                    findings.append(f"proof {facts['seq']}: out of order, or twice")
                last, count, bodiless = facts["seq"], count + 1, bodiless + (header is None)
                findings += check_entry(json.loads(next(entries, "{}")), facts, header)
                row = next(rows, {})
                if row.get("seq") != str(facts["seq"]) or row.get("id", "").replace("-", "") != facts["id"]:
                    findings.append(f"table {facts['seq']}: its row is another entry's or missing")
                elif header and any(row[name] != (header.get(name) or "") for name in ("occurred_at", "channel", "event", "action", "status")):
                    findings.append(f"table {facts['seq']}: its row says otherwise than what was recorded")
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                findings.append(f"proof: line {count + 1} cannot be read: {type(error).__name__}")
        if next(entries, None) is not None or next(rows, None) is not None:
            findings.append("entries: more than there are proofs for")
    if (count, bodiless) != (manifest["entries"], manifest["without_body"]):
        findings.append(f"entries: {count} with proofs, {bodiless} without body; the manifest says otherwise")
    if not manifest["complete"]:
        print("note: the program that made this pack found it not complete")
    return findings, f"{count} entries, {bodiless} without body, in the log {key[0]} of size {size}"


def main():
    parser = argparse.ArgumentParser(description="Checks an evidence pack of Vestige.")
    parser.add_argument("folder", nargs="?", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parent)
    parser.add_argument("--key", help="the log's verifier key, had by another way than this folder")
    parser.add_argument("--witness", action="append", default=[], metavar="KEY", help="the key of a witness that you trust")
    parser.add_argument("--against", action="append", default=[], metavar="FILE", help="a checkpoint that you or a witness kept")
    options = parser.parse_args()
    try:
        findings, summary = check(options.folder, options.key, options.against, options.witness)
    except (OSError, ValueError, KeyError, TypeError) as error:
        print(f"error: this is not a pack that can be read: {error}", file=sys.stderr)
        return 2
    for finding in findings:
        print(finding)
    print("broken" if findings else f"intact: {summary}")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
