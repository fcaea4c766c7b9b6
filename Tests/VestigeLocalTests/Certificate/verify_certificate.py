#!/usr/bin/env python3
"""Verifies a certificate of an erasure without Vestige: it needs Docs/TrailFormat.md and the standard library.

    verify_certificate.py CERTIFICATE.json VERIFIER_KEY

Prints findings, one a line. Exit code 0: none. 1: findings. 2: it could not run.
"""
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "VestigeTrailTests"))
from verify_trail import VerifierKey, check_payload, checkpoint, decode64, includes, microseconds, pairs, read_header, sha256

def clear_items(payload):
    place, items = 2, []
    for _ in range(int.from_bytes(payload[:2], "big")):
        kind, length = payload[place], int.from_bytes(payload[place + 3 : place + 7], "big")
        if kind == 0:
            items.append(payload[place + 7 : place + 7 + length])
        place += 7 + length
    return items

def verify(file, key):
    leaf, body, payload, salt = (decode64(file[name]) for name in ("leaf", "body", "payload", "salt_payload"))
    head, note = file["proof"].split("\n\n", 1)
    version, index, *hashes = head.split("\n")
    if version != "c2sp.org/tlog-proof@v1" or index != f"index {file['seq']}":
        yield "proof: not a proof of that entry"
    try:
        size, root = checkpoint(note, key)
        if not includes(file["seq"], size, leaf, [decode64(value) for value in hashes], root):
            yield "proof: the leaf does not lead to the checkpoint"
    except ValueError as error:
        yield f"checkpoint: {error}"
    if len(leaf) != 89 or leaf[0] != 1:
        yield "leaf: not a leaf of this version"
    if len(salt) != 32 or sha256(b"vestige/payload/v1\x00" + salt + payload) != leaf[57:89]:
        yield "payload: payload or its salt is not what was recorded"
        return
    check_payload(payload)
    facts = json.loads(body, object_pairs_hook=pairs)
    role = facts["keys"][0]["role"] if len(facts["keys"]) == 1 else "both"
    mark = {"action": "erasure.completed", "erasure": facts["erasure"], "role": role, "sha256": sha256(body).hex()}
    marks = [item for item in clear_items(payload) if item.startswith(b'{"certificate":')]
    if len(marks) != 1 or json.loads(marks[0], object_pairs_hook=pairs) != {"certificate": mark}:
        yield "body: not the one whose hash the entry holds, or of another erasure"
    if facts["v"] != 1 or facts["type"] != "erasure" or facts["origin"] != key.name:
        yield "facts: of another version, kind or trail"
    if facts["completed"]["id"].replace("-", "") != leaf[1:17].hex():
        yield "entry: the body names another entry as its own"
    names = ["asked_at", "started_at", "destroyed_at", "forgotten_at", "probed_at"]
    moments = [microseconds(facts[name]) for name in names if name in facts] + [int.from_bytes(leaf[17:25], "big")]
    if moments != sorted(moments):
        yield "facts: a moment lies after a later one, or after the entry"
    if file.get("header") is not None:
        header, salt = decode64(file["header"]), decode64(file["salt_header"])
        if sha256(b"vestige/header/v1\x00" + salt + header) != leaf[25:57]:
            yield "header: header or its salt is not what was recorded"
        elif read_header(header)["action"] != "erasure.completed":
            yield "entry: not the completion of an erasure"

def main():
    try:
        file = json.loads(pathlib.Path(sys.argv[1]).read_text("utf-8"), object_pairs_hook=pairs)
        key = VerifierKey(sys.argv[2])
    except (OSError, ValueError, IndexError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    try:
        findings = list(verify(file, key))
    except (ValueError, KeyError, TypeError, IndexError) as error:
        findings = [f"file: not a certificate: {error}"]
    print("\n".join(findings) or "intact")
    return 1 if findings else 0

if __name__ == "__main__":
    sys.exit(main())
