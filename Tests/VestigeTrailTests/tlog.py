"""What any client of a C2SP transparency log needs, with the standard library only: Ed25519, keys, signed notes, the tree of RFC 6962."""
import base64, hashlib, re

TILE = 256

def sha256(data):
    return hashlib.sha256(data).digest()

# Ed25519, RFC 8032 5.1: points as (X, Y, Z, T) on -x^2 + y^2 = 1 + d x^2 y^2.
P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
SQRT_M1 = pow(2, (P - 1) // 4, P)

def add(p, q):
    a = (p[1] - p[0]) * (q[1] - q[0]) % P
    b = (p[1] + p[0]) * (q[1] + q[0]) % P
    c = 2 * p[3] * q[3] * D % P
    d = 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)

def multiply(scalar, point):
    result = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            result = add(result, point)
        point = add(point, point)
        scalar >>= 1
    return result

def decompress(raw):
    y = int.from_bytes(raw, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * SQRT_M1 % P
    if y >= P or (x * x - square) % P or (x == 0 and sign):
        return None
    x = x if x & 1 == sign else P - x
    return (x, y, 1, x * y % P)

BASE = decompress((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))

def ed25519_verifies(public, message, signature):
    if len(public) != 32 or len(signature) != 64:
        return False
    key, commitment, scalar = decompress(public), decompress(signature[:32]), int.from_bytes(signature[32:], "little")
    if key is None or commitment is None or scalar >= ORDER:
        return False
    factor = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % ORDER
    p, q = multiply(scalar, BASE), add(commitment, multiply(factor, key))
    return (p[0] * q[2] - q[0] * p[2]) % P == 0 and (p[1] * q[2] - q[1] * p[2]) % P == 0

# Keys, notes, checkpoints
def decode64(text):
    raw = base64.b64decode(text, validate=True)
    if base64.b64encode(raw).decode() != text:
        raise ValueError("a second spelling of base64")
    return raw

class VerifierKey:
    def __init__(self, text):
        self.name, key_id, material = text.split("+", 2)
        raw = decode64(material)
        if len(raw) != 33 or raw[0] != 1:
            raise ValueError("not an Ed25519 verifier key")
        self.public = raw[1:]
        self.key_id = sha256(self.name.encode() + b"\n" + raw)[:4]
        if self.key_id.hex() != key_id:
            raise ValueError("the key id does not belong to name and key")

def checkpoint(note, key):
    """(size, root) of a checkpoint that `key` signed under its own name."""
    divide = note.rindex("\n\n")
    text, tail, signed = note[: divide + 1], note[divide + 2 :], False
    if not tail.endswith("\n") or re.search(r"[\x00-\x09\x0b-\x1f]", note):
        raise ValueError("a control character, or a last line that does not end")
    for line in tail[:-1].split("\n"):
        dash, name, encoded = line.split(" ")
        raw = decode64(encoded)
        if name == key.name and raw[:4] == key.key_id:
            if dash != "\u2014" or not ed25519_verifies(key.public, text.encode(), raw[4:]):
                raise ValueError("the signature is not good")
            signed = True
    if not signed:
        raise ValueError("not signed by the key")
    origin, size, root = text.split("\n")[:3]
    if origin != key.name or not re.fullmatch("0|[1-9][0-9]*", size) or len(decode64(root)) != 32:
        raise ValueError("not origin, size and root")
    return int(size), decode64(root)

# Tree
def node(left, right):
    return sha256(b"\x01" + left + right)

class Tree:
    """Grows leaf by leaf; `filled` gets each tile when it is full."""
    def __init__(self):
        self.size, self.spine, self.levels, self.filled = 0, [], [], {}
    def push(self, leaf):
        value, height = sha256(b"\x00" + leaf), 0
        self.collect(0, value)
        while self.size >> height & 1:
            value = node(self.spine[height], value)
            height += 1
            if height % 8 == 0:
                self.collect(height // 8, value)
        self.spine[height:height + 1] = [value]
        self.size += 1
    def collect(self, level, value):
        if level == len(self.levels):
            self.levels.append([])
        self.levels[level].append(value)
        if len(self.levels[level]) == TILE:
            self.filled[level, (self.size >> 8 * level) // TILE] = b"".join(self.levels[level])
            self.levels[level] = []
    def root(self):
        value = None
        for height, left in enumerate(self.spine):
            if self.size >> height & 1:
                value = left if value is None else node(left, value)
        return sha256(b"") if value is None else value

def includes(index, size, leaf, hashes, root):
    if index >= size:
        return False
    fn, sn, value = index, size - 1, sha256(b"\x00" + leaf)
    for sibling in hashes:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            value = node(sibling, value)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            value = node(value, sibling)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and value == root
