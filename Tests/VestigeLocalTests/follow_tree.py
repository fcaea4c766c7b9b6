#!/usr/bin/env python3
"""Follows a published tree as any client of C2SP tlog-tiles would: it reads only files of DIR and needs only the standard library.

    follow_tree.py DIR VERIFIER_KEY [STATE]

Checks the checkpoint's signature, every entry against its tile, every tile against the tiles below it, and the root. With STATE, a file of
its own, it remembers the checkpoint and next time checks that the tree still begins with it. Prints one line. Exit code 0: all holds.
"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "VestigeTrailTests"))
from tlog import VerifierKey, checkpoint, node, sha256  # noqa: E402

WIDTH = 256

def number(index):
    """1234067 is x001/x234/067."""
    parts = [f"{index % 1000:03}"]
    while index >= 1000:
        index //= 1000
        parts.insert(0, f"x{index % 1000:03}")
    return "/".join(parts)

def root_of(hashes):
    """RFC 6962 2.1, word for word."""
    if not hashes:
        return sha256(b"")
    if len(hashes) == 1:
        return hashes[0]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    return node(root_of(hashes[:split]), root_of(hashes[split:]))

class Client:
    def __init__(self, directory):
        self.directory, self.files = pathlib.Path(directory), 0

    def fetch(self, kind, index, width):
        path = self.directory / "tile" / kind / (number(index) if width == WIDTH else f"{number(index)}.p/{width}")
        self.files += 1
        if not path.is_file() and width < WIDTH:  # the partial form may go once the tile is full
            path = self.directory / "tile" / kind / number(index)
        return path.read_bytes()

    def level(self, level, size):
        count, hashes = size >> 8 * level, []
        for index in range((count + WIDTH - 1) // WIDTH):
            width = min(WIDTH, count - index * WIDTH)
            raw = self.fetch(str(level), index, width)[: width * 32]
            if len(raw) != width * 32:
                raise SystemExit(f"tile {level}/{index} has {len(raw)} bytes")
            hashes += [raw[place:place + 32] for place in range(0, len(raw), 32)]
        return hashes

    def entries(self, size):
        for index in range((size + WIDTH - 1) // WIDTH):
            width = min(WIDTH, size - index * WIDTH)
            raw, place = self.fetch("entries", index, width), 0
            for _ in range(width):
                length = int.from_bytes(raw[place:place + 2], "big")
                entry, place = raw[place + 2:place + 2 + length], place + 2 + length
                if len(entry) != length:
                    raise SystemExit(f"bundle {index} breaks off")
                yield entry

def main(directory, vkey, state=None):
    client, key = Client(directory), VerifierKey(vkey)
    note = (client.directory / "checkpoint").read_text(encoding="utf-8")
    size, root = checkpoint(note, key)
    leaves = client.level(0, size)
    for place, entry in enumerate(client.entries(size)):
        if sha256(b"\x00" + entry) != leaves[place]:
            raise SystemExit(f"entry {place} is not what its tile says")
    below, level = leaves, 1
    while size >> 8 * level:
        above = client.level(level, size)
        for place, value in enumerate(above):
            if root_of(below[place * WIDTH:(place + 1) * WIDTH]) != value:
                raise SystemExit(f"hash {place} of level {level} is not that of the tile below")
        below, level = above, level + 1
    if root_of(leaves) != root:
        raise SystemExit("the tiles do not lead to the root")
    if state and pathlib.Path(state).exists():
        old_size, old_root = checkpoint(pathlib.Path(state).read_text(encoding="utf-8"), key)
        if old_size > size or root_of(leaves[:old_size]) != old_root:
            raise SystemExit(f"the tree of {size} entries does not begin with the one of {old_size}")
    if state:
        pathlib.Path(state).write_text(note, encoding="utf-8")
    print(f"followed: {size} entries, {level} levels, {client.files} files")

main(*sys.argv[1:])
