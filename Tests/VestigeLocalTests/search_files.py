"""Searches every file under a directory for needles, as another process sees them.

Usage: search_files.py DIRECTORY < needles (one a line; `bytes:` and hex for one that is no text). Prints `needle number, form, file` for
each hit; exit 1 if any.
"""
import base64
import json
import os
import sys
from urllib.parse import quote


def forms(needle):
    if needle.startswith("bytes:"):
        raw = bytes.fromhex(needle[6:])
    else:
        raw = needle.encode()
        yield "json", json.dumps(needle)[1:-1].encode()
        yield "percent", quote(needle, safe="").encode()
    yield "bytes", raw
    yield "hex", raw.hex().encode()
    yield "HEX", raw.hex().upper().encode()
    for offset in range(3):
        encoded = base64.b64encode(b"\0" * offset + raw)
        # Only the characters that the needle alone decides.
        start = (offset * 8 + 5) // 6
        end = (offset + len(raw)) * 8 // 6
        yield f"base64+{offset}", encoded[start:end]


def main():
    needles = [line for line in sys.stdin.read().split("\n") if line]
    short = [needle for needle in needles if len(needle.encode()) < 8]
    if short:
        sys.exit(f"{len(short)} needles are under 8 bytes")
    hits = 0
    files = 0
    for folder, _, names in os.walk(sys.argv[1]):
        for name in names:
            path = os.path.join(folder, name)
            with open(path, "rb") as file:
                content = file.read()
            files += 1
            for number, needle in enumerate(needles):
                for form, pattern in forms(needle):
                    if pattern in content:
                        hits += 1
                        print(f"needle {number} as {form} in {os.path.relpath(path, sys.argv[1])}")
    print(f"{files} files, {len(needles)} needles, {hits} hits")
    sys.exit(1 if hits else 0)


main()
