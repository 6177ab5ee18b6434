#!/usr/bin/env python3
"""Makes src/opdef/opdef_table.c from opdefs.txt and contrib_ops.txt.

    tools/gen_opdef.py            writes the file
    tools/gen_opdef.py --check    writes nothing; exit status 1 when stale

Both texts list ops in one notation, part by part as an OpDef has them:

    op Split
      in split_dim: int32              an argument: name and type,
      in value: T                      which is a dtype or the name of an attr
      out output: num_split * T        (of a list(type) attr: one per type);
      attr num_split: int >= 1         "N *" repeats it, "ref" makes a reference
      attr T: type in {half,float} = float
      is stateful                      stateful commutative aggregate
      deprecated 9 'Use SplitV'        uninitialized distributed

Values: 1, 0.5, true, 'text' (with \\ooo, \\' and \\\\), a dtype, a shape [1,2]
or ?, a tensor uint8[2](1,2), or a list of these in braces.
"""
import pathlib
import re
import struct
import sys

OPDEF = pathlib.Path(__file__).resolve().parent.parent / "src" / "opdef"
SOURCES = ["opdefs.txt", "contrib_ops.txt"]

DTYPES = {name: i for i, name in enumerate("""
invalid float double int32 uint8 int16 int8 string complex64 int64 bool qint8
quint8 qint32 bfloat16 qint16 quint16 uint16 complex128 half resource variant
uint32 uint64 float8_e5m2 float8_e4m3fn float8_e4m3fnuz float8_e4m3b11fnuz
float8_e5m2fnuz int4 uint4 int2 uint2 float4_e2m1fn""".split())}

FLAGS = {"aggregate": 16, "stateful": 17, "commutative": 18,
         "uninitialized": 19, "distributed": 21}


# ---- Reading the text ------------------------------------------------------

class Op:
    def __init__(self, name):
        self.name, self.ins, self.outs, self.attrs = name, [], [], []
        self.flags, self.deprecated = [], None


TOKEN = re.compile(r"""'(?:[^'\\]|\\.)*'|[-+]?[\d.]+e[-+]?\d+|[-+]?[\w.]+|\S""")


def split_attr(line):
    """`name: kind in {...} >= n = value` as its five parts."""
    name, rest = line.split(": ", 1)
    kind, rest = re.match(r"([a-z]+(?:\([a-z]+\))?)(.*)", rest).groups()
    allowed = minimum = default = None
    if rest.startswith(" in {"):
        tokens, end = [], 0
        for m in TOKEN.finditer(rest, 4):
            tokens.append(m[0])
            end = m.end()
            if m[0] == "}":
                break
        allowed, rest = tokens, rest[end:]
    if rest.startswith(" >= "):
        word, _, rest = rest[4:].partition(" ")
        minimum, rest = int(word), " " + rest if rest else ""
    if rest.startswith(" = "):
        default, rest = TOKEN.findall(rest[3:]), ""
    if rest:
        raise ValueError("left over: " + rest)
    return name, kind, allowed, minimum, default


def parse_line(op, line):
    word, rest = line.strip().split(" ", 1)
    if word in ("in", "out"):
        (op.ins if word == "in" else op.outs).append(rest.split(": ", 1))
    elif word == "attr":
        op.attrs.append(split_attr(rest))
    elif word == "is":
        op.flags += [FLAGS[flag] for flag in rest.split()]
    elif word == "deprecated":
        op.deprecated = rest.split(" ", 1)
    else:
        raise ValueError("no such word: " + word)


def parse(text, source):
    ops, op = {}, None
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        try:
            if line.startswith("op "):
                op = Op(line[3:])
                if op.name in ops:
                    raise ValueError("twice: " + op.name)
                ops[op.name] = op
            else:
                parse_line(op, line)
        except (ValueError, KeyError, AttributeError) as error:
            sys.exit(f"{source}:{number}: {error}")
    return ops


# ---- Writing OpDef messages ------------------------------------------------

def varint(n):
    n &= (1 << 64) - 1
    out = bytearray()
    while n > 127:
        out.append(n & 127 | 128)
        n >>= 7
    out.append(n)
    return bytes(out)


def number(field, n):
    return varint(field << 3) + varint(n)


def block(field, data):
    if isinstance(data, str):
        data = data.encode()
    return varint(field << 3 | 2) + varint(len(data)) + data


def unquote(token):
    body = token[1:-1]
    return re.sub(rb"\\([0-7]{3}|.)",
                  lambda m: bytes([int(m[1], 8)]) if len(m[1]) == 3 else m[1],
                  body.encode())


def shape(tokens):
    if tokens == ["?"]:
        return number(3, 1)
    dims = [int(t) for t in tokens if t not in "[],"]
    return b"".join(block(2, number(1, d) if d else b"") for d in dims)


def tensor(tokens):
    end = tokens.index("(")
    values = b"".join(varint(int(t)) for t in tokens[end + 1:-1] if t != ",")
    return (number(1, DTYPES[tokens[0]]) + block(2, shape(tokens[1:end])) +
            block(7, values))


def scalar(kind, tokens):
    """An AttrValue that holds one value."""
    first = tokens[0]
    if kind == "string":
        return block(2, unquote(first))
    if kind == "int":
        return number(3, int(first))
    if kind == "float":
        return varint(4 << 3 | 5) + struct.pack("<f", float(first))
    if kind == "bool":
        return number(5, first == "true")
    if kind == "type":
        return number(6, DTYPES[first])
    if kind == "shape":
        return block(7, shape(tokens))
    if kind == "tensor":
        return block(8, tensor(tokens))
    raise ValueError("no default of kind " + kind)


def listed(kind, tokens):
    """An AttrValue that holds a list of values; tokens with the braces."""
    body = tokens[1:-1]
    items = [t for t in body if t != ","]
    if kind == "string":
        inner = b"".join(block(2, unquote(t)) for t in items)
    elif kind == "shape":
        texts = re.findall(r"\?|\[[^]]*\]", "".join(body))
        inner = b"".join(block(7, shape(TOKEN.findall(t))) for t in texts)
    elif kind == "tensor":
        texts = re.findall(r"\w+\[[^]]*\]\([^)]*\)", "".join(body))
        inner = b"".join(block(8, tensor(TOKEN.findall(t))) for t in texts)
    elif kind == "float":
        inner = block(4, b"".join(struct.pack("<f", float(t)) for t in items))
    elif not items:
        inner = b""
    else:
        field, value = {"int": (3, int), "bool": (5, "true".__eq__),
                        "type": (6, DTYPES.get)}[kind]
        inner = block(field, b"".join(varint(value(t)) for t in items))
    return block(1, inner if items else b"")


def value(kind, tokens):
    inner = re.fullmatch(r"list\((\w+)\)", kind)
    return listed(inner[1], tokens) if inner else scalar(kind, tokens)


def encode_arg(op, name, text):
    kinds = {attr[0]: attr[1] for attr in op.attrs}
    head, _, word = text.rpartition(" ")
    count = head.partition(" * ")[0] if "*" in head else ""
    out = block(1, name) if name else b""
    if word in kinds and kinds[word] in ("type", "list(type)"):
        field, typed = (4 if kinds[word] == "type" else 6), block
    else:
        field, typed, word = 3, number, DTYPES[word]
    parts = {field: typed(field, word)}
    if "*" in head:
        parts[5] = block(5, count.strip(" *"))
    if head.endswith("ref"):
        parts[16] = number(16, 1)
    return out + b"".join(parts[k] for k in sorted(parts))


def encode_attr(name, kind, allowed, minimum, default):
    out = block(1, name) + block(2, kind)
    if default is not None:
        out += block(3, value(kind, default))
    if minimum is not None:
        out += number(5, 1) + (number(6, minimum) if minimum else b"")
    if allowed is not None:
        one = re.sub(r"list\((\w+)\)", r"\1", kind)
        out += block(7, listed(one, allowed))
    return out


def encode(op):
    out = block(1, op.name)
    out += b"".join(block(2, encode_arg(op, *arg)) for arg in op.ins)
    out += b"".join(block(3, encode_arg(op, *arg)) for arg in op.outs)
    out += b"".join(block(4, encode_attr(*attr)) for attr in op.attrs)
    if op.deprecated:
        why = unquote(op.deprecated[1])
        out += block(8, number(1, int(op.deprecated[0])) +
                     (block(2, why) if why else b""))
    return out + b"".join(number(flag, 1) for flag in sorted(op.flags))


# ---- The perfect hash ------------------------------------------------------

def hash64(name):
    """FNV-1a, then a mix of its bits; opdef.c has the same."""
    h = 0xcbf29ce484222325
    for byte in name.encode():
        h = (h ^ byte) * 0x100000001b3 & (1 << 64) - 1
    h ^= h >> 32
    h = h * 0x9e3779b97f4a7c15 & (1 << 64) - 1
    return h ^ h >> 29


def place(names):
    """Displacements and slots: name i lies in the slot
    (low + displacement[high % buckets]) % slots, by the halves of its hash, with
    the displacement multiplied into the low half so that names part."""
    buckets = [[] for _ in range(len(names) // 3 + 1)]
    for i, name in enumerate(names):
        h = hash64(name)
        buckets[(h >> 32) % len(buckets)].append((i, h & 0xffffffff))
    count = len(names) + len(names) // 16 + 1
    slots, shifts = [None] * count, [0] * len(buckets)
    for b in sorted(range(len(buckets)), key=lambda b: -len(buckets[b])):
        for shift in range(1 << 16):
            spots = [(low ^ shift * 0x9e3779b1 & 0xffffffff) % count
                     for _, low in buckets[b]]
            if (len(set(spots)) == len(spots) and
                    all(slots[s] is None for s in spots)):
                break
        else:
            sys.exit("no perfect hash: change the number of buckets")
        shifts[b] = shift
        for (i, _), spot in zip(buckets[b], spots):
            slots[spot] = i
    return shifts, slots


# ---- The C file ------------------------------------------------------------

HEAD = """\
/* opdef/opdef_table.c: every op definition as OpDef messages, in name order, and
 * the perfect hash that finds them. Made by tools/gen_opdef.py from opdefs.txt and
 * contrib_ops.txt; do not edit. */
#include "opdef/opdef_table.h"
"""


def escape(data):
    """A C literal. Octal only as long as needed; '?' is escaped so that no trigraph
    can arise."""
    out = []
    for i, byte in enumerate(data):
        char = chr(byte)
        if char in '"\\?':
            out.append("\\" + char)
        elif 32 <= byte < 127:
            out.append(char)
        else:
            digit = i + 1 < len(data) and chr(data[i + 1]) in "01234567"
            out.append("\\%03o" % byte if digit else "\\%o" % byte)
    return out


def literal(data):
    lines, line = [], ""
    for piece in escape(data):
        if len(line) + len(piece) > 75:
            lines.append(line)
            line = ""
        line += piece
    return "\n".join(f'    "{text}"' for text in [*lines, line])


def split_safe(text):
    """Two literals that meet in the compiler must not join an octal escape with the
    digit that begins the next: full-length escapes at line ends see to that."""
    return re.sub(r'(?<!\\)((?:\\\\)*)\\([0-7]{1,2})"\n',
                  lambda m: f'{m[1]}\\{m[2].zfill(3)}"\n', text)


def array(kind, name, numbers):
    words, lines, line = [str(n) for n in numbers], [], "   "
    for word in words:
        if len(line) + len(word) + 2 > 80:
            lines.append(line)
            line = "   "
        line += f" {word},"
    lines.append(line)
    return f"const {kind} {name}[] = {{\n" + "\n".join(lines) + "\n};\n"


def make(ops):
    names = sorted(ops, key=str.encode)
    blobs = [encode(ops[name]) for name in names]
    starts = [0]
    for blob in blobs:
        starts.append(starts[-1] + len(blob))
    shifts, slots = place(names)
    empty = len(names)
    body = split_safe("\n".join(map(literal, blobs)) + "\n").rstrip("\n")
    return "\n".join([
        HEAD,
        f"const uint32_t firn_opdef_op_count = {len(names)};",
        f"const uint32_t firn_opdef_bucket_count = {len(shifts)};",
        f"const uint32_t firn_opdef_slot_count = {len(slots)};\n",
        array("uint16_t", "firn_opdef_shifts", shifts),
        array("uint16_t", "firn_opdef_slots",
              [empty if s is None else s for s in slots]),
        array("uint32_t", "firn_opdef_starts", starts),
        "const char firn_opdef_blob[] =\n" + body + ";\n"])


def main():
    ops = {}
    for source in SOURCES:
        more = parse((OPDEF / source).read_text(), source)
        for name in sorted(set(ops) & set(more)):
            sys.exit(f"{source}: {name} is there already")
        ops.update(more)
    text, path = make(ops), OPDEF / "opdef_table.c"
    if path.exists() and path.read_text() == text:
        return 0
    if "--check" in sys.argv[1:]:
        print(f"{path} is stale: run tools/gen_opdef.py", file=sys.stderr)
        return 1
    path.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
