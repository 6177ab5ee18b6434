#!/usr/bin/env python3
"""Writes checkpoints that TensorFlow reads but does not write, and damaged ones.

    odd_checkpoints.py            writes tests/golden/checkpoint and the fuzz seeds
    odd_checkpoints.py --check    also lets TensorFlow read the sound ones

Sound: big-endian bundles, blocks compressed with snappy, V1 files in shards with
slices. Damaged: one thing wrong each, with good checksums around it unless the
checksum is what is wrong. The bytes are made here, by hand, from docs/formats.
"""
import pathlib
import struct
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
OUT = ROOT / "tests/golden/checkpoint"
SEEDS = ROOT / "tests/fuzz/seeds"
MAGIC = bytes.fromhex("57fb808b247547db")

# ---- Checksums and numbers ----------------------------------------------------

TABLE = []
for n in range(256):
    for _ in range(8):
        n = n >> 1 ^ (0x82F63B78 if n & 1 else 0)
    TABLE.append(n)


def crc(data, start=0):
    c = start ^ 0xFFFFFFFF
    for b in data:
        c = TABLE[(c ^ b) & 255] ^ c >> 8
    return c ^ 0xFFFFFFFF


def mask(c):
    return ((c >> 15 | c << 17) + 0xA282EAD8) & 0xFFFFFFFF


def varint(n):
    n &= 2**64 - 1
    out = bytearray()
    while n >= 128:
        out.append(n & 127 | 128)
        n >>= 7
    out.append(n)
    return bytes(out)


# ---- Messages ------------------------------------------------------------------

def number(field, value):
    return varint(field << 3) + varint(value) if value else b""


def message(field, data):
    return varint(field << 3 | 2) + varint(len(data)) + data


def shape_proto(dims):
    return b"".join(message(2, number(1, d)) for d in dims)


def slice_proto(spec):
    """spec: per axis (start, extent) or None for the whole axis."""
    out = b""
    for axis in spec:
        body = b""
        if axis:
            body = number(1, axis[0]) + varint(2 << 3) + varint(axis[1])
        out += message(1, body)
    return out


def header(shards=1, big=False, version=None, endian=None):
    endian = (1 if big else 0) if endian is None else endian
    return (number(1, shards) + number(2, endian) +
            message(3, number(1, 1) if version is None else version))


def entry(dtype, dims, size, shard=0, offset=0, checksum=0, slices=()):
    return (number(1, dtype) + message(2, shape_proto(dims)) +
            number(3, shard) + number(4, offset) + number(5, size) +
            (varint(6 << 3 | 5) + struct.pack("<I", mask(checksum))
             if checksum is not None else b"") +
            b"".join(message(7, slice_proto(s)) for s in slices))


def ordered(n):
    body = n.to_bytes((n.bit_length() + 7) // 8, "big")
    return bytes([len(body)]) + body


def ordered_signed(n):
    assert -64 <= n < 64
    return bytes([0x80 + n])


def slice_key(name, spec):
    name = name.replace(b"\0", b"\0\xff")
    out = ordered(0) + name + b"\0\1" + ordered(len(spec))
    for axis in spec:
        start, extent = axis or (0, -1)
        out += ordered_signed(start) + ordered_signed(extent)
    return out


# ---- Tables --------------------------------------------------------------------

def snappy(data):
    """Literals, and for what repeats within 60 kB a copy: both kinds of elements."""
    out, at, literal = bytearray(varint(len(data))), 0, 0

    def flush(end):
        piece = data[literal:end]
        while piece:
            part, piece = piece[:60], piece[60:]
            out.append((len(part) - 1) << 2)
            out.extend(part)

    while at < len(data):
        before = data.rfind(data[at:at + 4], 0, at) if at + 4 <= len(data) else -1
        if before < 0:
            at += 1
            continue
        size = 4
        while size < 60 and at + size < len(data) and \
                data[before + size] == data[at + size]:
            size += 1
        flush(at)
        out.append((size - 1) << 2 | 2)
        out.extend(struct.pack("<H", at - before))
        at += size
        literal = at
    flush(at)
    return bytes(out)


def block(entries, restart=16):
    out, restarts, last = bytearray(), [], b""
    for i, (key, value) in enumerate(entries):
        shared = 0
        if i % restart == 0:
            restarts.append(len(out))
        else:
            while shared < min(len(key), len(last)) and \
                    key[shared] == last[shared]:
                shared += 1
        out += varint(shared) + varint(len(key) - shared) + varint(len(value))
        out += key[shared:] + value
        last = key
    restarts = restarts or [0]
    out += b"".join(struct.pack("<I", r) for r in restarts)
    return bytes(out + struct.pack("<I", len(restarts)))


def table(blocks, tag=0, pack=lambda b: b, index=None, wrong=0):
    """blocks: lists of entries, or ready bytes. wrong: added to a checksum."""
    out, handles = bytearray(), []

    def put(data, its_tag):
        handle = varint(len(out)) + varint(len(data))
        out.extend(data + bytes([its_tag]))
        out.extend(struct.pack("<I", mask(crc(data + bytes([its_tag])))))
        return handle

    for entries in blocks:
        raw = entries if isinstance(entries, bytes) else block(entries)
        last = b"\xff" if isinstance(entries, bytes) else entries[-1][0]
        handles.append((last, put(pack(raw), tag)))
    if wrong:
        out[-1] ^= wrong
    meta = put(block([]), 0)
    where = put(block(index(handles) if index else handles, 1), 0)
    return bytes(out) + (meta + where).ljust(40, b"\0") + MAGIC


# ---- Sound bundles --------------------------------------------------------------

def strings(values, big=False):
    order = ">" if big else "<"
    lengths = b"".join(varint(len(v)) for v in values)
    hashed = crc(b"".join(struct.pack(order + "I", len(v)) for v in values))
    middle = struct.pack(order + "I", mask(hashed))
    body = b"".join(values)
    hashed = crc(body, crc(middle, hashed))
    return lengths + middle + body, hashed


class Bundle:
    def __init__(self, big=False):
        self.big, self.data, self.items = big, b"", {b"": header(big=big)}

    def raw(self, key, dtype, dims, data, checksum=None):
        checksum = crc(data) if checksum is None else checksum
        self.items[key] = entry(dtype, dims, len(data), 0, len(self.data),
                                checksum)
        self.data += data
        return self

    def add(self, name, dtype, dims, code, values):
        order = ">" if self.big else "<"
        return self.raw(name, dtype, dims,
                        struct.pack(f"{order}{len(values)}{code}", *values))

    def add_strings(self, name, dims, values):
        data, checksum = strings(values, self.big)
        return self.raw(name, 7, dims, data, checksum)

    def add_slices(self, name, dtype, dims, code, parts):
        self.items[name] = entry(dtype, dims, 0, checksum=None,
                                 slices=[spec for spec, _, _ in parts])
        for spec, part_dims, values in parts:
            self.add(slice_key(name, spec), dtype, part_dims, code, values)
        return self

    def entries(self):
        return sorted(self.items.items())


def write(name, index, data=None):
    (OUT / (name + ".index")).write_bytes(index)
    if data is not None:
        (OUT / (name + ".data-00000-of-00001")).write_bytes(data)


def rows_and_columns(bundle):
    """A 4x6 matrix of 0..23 in three slices: the top rows, and two halves below."""
    n = [[6 * r + c for c in range(6)] for r in range(4)]
    flat = lambda rows, columns: [n[r][c] for r in rows for c in columns]
    return bundle.add_slices(b"matrix", 3, [4, 6], "i", [
        ([(0, 1), None], [1, 6], flat(range(1), range(6))),
        ([(1, 3), (0, 2)], [3, 2], flat(range(1, 4), range(2))),
        ([(1, 3), (2, 4)], [3, 4], flat(range(1, 4), range(2, 6)))])


def sound():
    for name, big in (("big", True), ("little", False)):
        b = Bundle(big)
        b.add(b"bool", 10, [2], "B", [1, 0])
        b.add(b"complex128", 18, [1], "d", [1.5, -2.5])
        b.add(b"complex64", 8, [2], "f", [1, 2, 3, -4])
        b.add(b"double", 2, [], "d", [1e100])
        b.add(b"float", 1, [2, 3], "f", [1, 2, 3, 4, 5, -6])
        b.add(b"half", 19, [2], "e", [1, -2])
        b.add(b"int16", 5, [2], "h", [1, -2])
        b.add(b"int64", 9, [2], "q", [1 << 40, -2])
        b.add(b"int8", 6, [3], "b", [1, -2, 3])
        b.add_strings(b"string", [3], [b"", b"snow", b"firn " * 40])
        rows_and_columns(b)
        write(name, table([b.entries()]), b.data)

    b = Bundle()
    for i in range(40):
        b.add(b"tower/block_%02d/weights" % i, 3, [2], "i", [i, -i])
    items = b.entries()
    cut = [items[i:i + 9] for i in range(0, len(items), 9)]
    write("snappy", table(cut, 1, snappy), b.data)
    write("blocks", table(cut), b.data)


# ---- Damaged bundles ---------------------------------------------------------------

def one(**changes):
    """A bundle of one tensor 'w', float [2,3], and what is changed of its entry."""
    data = struct.pack("<6f", 1, 2, 3, 4, 5, -6)
    said = dict(dtype=1, dims=[2, 3], size=24, checksum=crc(data))
    said.update(changes)
    return {b"": header(), b"w": entry(**said)}, data


def damaged_tables():
    items, data = one()
    plain = sorted(items.items())
    good = table([plain])
    write("index_checksum", table([plain], wrong=1), data)
    print("index_checksum: block", "%08x" % crc(block(plain) + b"\0"))
    write("index_short", good[-20:], data)
    write("index_magic", good[:-1] + b"\xdc", data)
    write("index_footer", good[:-48] + b"\xff" * 40 + MAGIC, data)
    write("index_outside",
          good[:-48] + (varint(0) * 2 + varint(10000) + varint(8))
          .ljust(40, b"\0") + MAGIC, data)
    write("index_tag", table([plain], 7), data)
    write("snappy_bad", table([plain], 1, lambda b: varint(len(b)) + b"\xfc" * 9),
          data)
    write("snappy_bomb", table([plain], 1, lambda b: varint(1 << 40) + b"\0x"),
          data)
    write("index_restarts",
          table([block(plain)[:-4] + struct.pack("<I", 1 << 30)]), data)
    write("index_shared", table([b"\0\0\6" + items[b""] + b"\5\1\0x" +
                                 struct.pack("<II", 0, 1)]), data)
    write("index_lengths", table([b"\0\0\6" + items[b""] + b"\0\1\x7fx" +
                                  struct.pack("<II", 0, 1)]), data)
    write("index_order", table([[plain[0], (b"x", plain[1][1]), plain[1]]]), data)
    write("index_twice", table([plain], index=lambda h: h + h), data)
    key = b"k" * 2000
    write("index_keys",
          table([block([plain[0]] + [(key + b"%04d" % i, plain[1][1])
                                     for i in range(300)], 1000)]), data)
    write("header_none", table([[plain[1]]]), data)
    for name, value in (("header_shards", header(0)),
                        ("header_order", header(endian=2)),
                        ("header_version", header(version=number(2, 2))),
                        ("header_barred", header(version=message(3, b"\1"))),
                        ("header_damaged", b"\x0a\xff")):
        write(name, table([[(b"", value), plain[1]]]), data)


def damaged_entries():
    for name, changes in (
            ("entry_shard", dict(shard=3)),
            ("entry_shard_below", dict(shard=-1)),
            ("entry_offset", dict(offset=1)),
            ("entry_offset_below", dict(offset=-8)),
            ("entry_size", dict(size=20)),
            ("entry_size_below", dict(size=-24)),
            ("entry_huge", dict(dims=[1 << 30, 1 << 30])),
            ("entry_uncountable", dict(dims=[1 << 40, 1 << 40])),
            ("entry_extent", dict(dims=[2, -3])),
            ("entry_axes", dict(dims=[1] * 17)),
            ("entry_type", dict(dtype=99)),
            ("entry_reference", dict(dtype=101)),
            ("entry_variant", dict(dtype=21)),
            ("data_checksum", dict(checksum=0x12345678))):
        items, data = one(**changes)
        write(name, table([sorted(items.items())]), data)
    print("data_checksum:", "%08x" % crc(one()[1]))

    items, data = one()
    items[b"w"] = items[b"w"][:-2]
    write("entry_damaged", table([sorted(items.items())]), data)
    items, data = one()
    items[b"w"] = number(1, 1) + message(2, b"\x12\x05")
    write("entry_shape", table([sorted(items.items())]), data)
    items, data = one()
    items[b""] = header(2)
    items[b"x"] = entry(1, [2, 3], 24, shard=1)
    write("shard_missing", table([sorted(items.items())]))
    (OUT / "shard_missing.data-00000-of-00002").write_bytes(data)


def damaged_strings():
    sound_data, checksum = strings([b"snow", b"firn"])

    def put(name, data, checksum=checksum, dims=(2,)):
        b = Bundle().raw(b"s", 7, dims, data, checksum)
        write(name, table([b.entries()]), b.data)

    wrong = bytearray(sound_data)
    wrong[2] ^= 1
    stored = struct.unpack("<I", wrong[2:6])[0]
    put("strings_lengths", bytes(wrong))
    stored = (stored - 0xA282EAD8) & 0xFFFFFFFF
    print("strings_lengths: have %08x, want %08x" %
          (crc(struct.pack("<II", 4, 4)), (stored >> 17 | stored << 15) & 0xFFFFFFFF))
    put("strings_sum", b"\5" + sound_data[1:])
    put("strings_damaged", b"\4" + b"\xff" * (len(sound_data) - 1))
    put("strings_data", sound_data[:-1] + b"m")
    middle = sound_data[2:6]
    print("strings_data: have %08x, want %08x" %
          (crc(b"snowfirm", crc(middle, crc(struct.pack("<II", 4, 4)))), checksum))
    put("strings_many", sound_data, dims=(1 << 50,))


def damaged_slices():
    def put(name, parts, dims=(4,), change=None):
        b = Bundle().add_slices(b"v", 3, list(dims), "i", parts)
        if change:
            change(b)
        write(name, table([b.entries()]), b.data)

    first, second = ([(0, 2)], [2], [1, 2]), ([(2, 2)], [2], [3, 4])
    put("slices_gap", [first, ([(3, 1)], [1], [4])])
    put("slices_overlap", [first, ([(1, 3)], [3], [2, 3, 4])])
    put("slices_outside", [first, ([(3, 2)], [2], [3, 4])])
    put("slices_rank", [first, ([(2, 1), None], [1, 2], [3, 4])])
    put("slices_missing", [first, second],
        change=lambda b: b.items.pop(slice_key(b"v", [(2, 2)])))
    key = slice_key(b"v", [(2, 2)])
    put("slices_shape", [first, second],
        change=lambda b: b.items.update({key: entry(3, [1, 2], 8, 0, 8)}))
    put("slices_type", [first, second],
        change=lambda b: b.items.update({key: entry(1, [2], 8, 0, 8)}))
    put("slices_nested", [first, second],
        change=lambda b: b.items.update({key: entry(3, [2], 0, slices=[[None]])}))
    put("slices_checksum", [first, second],
        change=lambda b: b.items.update({key: entry(3, [2], 8, 0, 8, 1)}))
    print("slices_checksum: have %08x" % crc(struct.pack("<2i", 3, 4)))
    # Both halves lie in the same bytes: more is claimed than there is.
    b = Bundle().raw(slice_key(b"v", [(0, 2)]), 3, [2], struct.pack("<2i", 1, 2))
    b.items[slice_key(b"v", [(2, 2)])] = b.items[slice_key(b"v", [(0, 2)])]
    b.items[b"v"] = entry(3, [4], 0, checksum=None, slices=[[(0, 2)], [(2, 2)]])
    write("slices_shared", table([b.entries()]), b.data)


# ---- V1 --------------------------------------------------------------------------------

def v1_meta(tensors, version=None):
    """tensors: (name, dtype, dims, specs)."""
    body = b"".join(
        message(1, message(1, name) + message(2, shape_proto(dims)) +
                number(3, dtype) + b"".join(message(4, slice_proto(s))
                                            for s in specs))
        for name, dtype, dims, specs in tensors)
    body += message(2, number(1, 1) if version is None else version)
    return message(1, body)


def v1_data(name, spec, tensor):
    return slice_key(name, spec), message(
        2, message(1, name) + message(2, slice_proto(spec)) +
        message(3, tensor))


def floats(values):
    return message(5, struct.pack(f"<{len(values)}f", *values))


def ints(values):
    return message(7, b"".join(varint(v) for v in values))


def v1(name, tensors, data, version=None, tag=0, pack=lambda b: b):
    items = [(b"", v1_meta(tensors, version))] + sorted(data)
    (OUT / name).write_bytes(table([items], tag, pack))


def old():
    w = (b"w", 1, [2, 3], [[None, None]])
    w_data = v1_data(b"w", [None, None], floats([1, 2, 3, 4, 5, -6]))
    low = (b"v", 3, [4], [[(0, 2)]])
    high = (b"v", 3, [4], [[(2, 2)]])
    low_data = v1_data(b"v", [(0, 2)], ints([1, -2]))
    high_data = v1_data(b"v", [(2, 2)], ints([3, 1 << 30]))
    text = (b"s", 7, [2], [[None]])
    text_data = v1_data(b"s", [None], message(8, b"snow") + message(8, b""))
    lone = (b"n", 9, [], [[]])
    lone_data = v1_data(b"n", [], message(10, varint(-7)))
    v1("v1_snappy", [w, text, lone], [w_data, text_data, lone_data], tag=1,
       pack=snappy)
    v1("v1_shards-00000-of-00002", [w, low], [w_data, low_data])
    v1("v1_shards-00001-of-00002", [text, high], [text_data, high_data])
    v1("v1_lacks-00000-of-00002", [w], [w_data])
    v1("v1_quarrel-00000-of-00002", [low], [low_data])
    v1("v1_quarrel-00001-of-00002", [(b"v", 1, [4], [[(2, 2)]])], [high_data])
    v1("v1_no_value", [w, low, high], [w_data, low_data])
    v1("v1_few", [w], [v1_data(b"w", [None, None], floats([1, 2, 3]))])
    v1("v1_other", [w], [v1_data(b"w", [None, None], ints([1] * 6))])
    v1("v1_empty", [w], [(slice_key(b"w", [None, None]), message(1, b""))])
    v1("v1_huge", [(b"w", 1, [1 << 30, 1 << 30], [[None, None]])], [w_data])
    v1("v1_version", [w], [w_data], number(2, 9))
    v1("v1_no_slices", [(b"w", 1, [2, 3], [])], [w_data])
    v1("v1_unknown_shape", [(b"w", 1, [2, -1], [[None, None]])], [w_data])
    v1("v1_bad_shape", [(b"w", 1, [2, -5], [[None, None]])], [w_data])
    v1("v1_type", [(b"w", 99, [2, 3], [[None, None]])], [w_data])
    (OUT / "v1_no_meta").write_bytes(table([[w_data]]))
    (OUT / "v1_damaged").write_bytes(table([[(b"", b"\x0a\xff"), w_data]]))


# ---- Seeds and checks ---------------------------------------------------------------------

def seeds():
    def put(target, name, data):
        folder = SEEDS / target
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)

    for name in ("little", "big", "snappy", "slices_gap", "strings_sum"):
        index = (OUT / (name + ".index")).read_bytes()
        data = (OUT / (name + ".data-00000-of-00001")).read_bytes()
        put("bundle", name, struct.pack("<I", len(index)) + index + data)
    for name in ("blocks", "snappy", "index_shared"):
        put("table", name, (OUT / (name + ".index")).read_bytes())
    for name in ("v1_snappy", "v1_shards-00000-of-00002", "v1_few"):
        put("v1_checkpoint", name, (OUT / name).read_bytes())
    put("checkpoint_state", "usual",
        b'model_checkpoint_path: "model.ckpt-50"\n'
        b'all_model_checkpoint_paths: "/gone/model.ckpt-40"\n'
        b'all_model_checkpoint_paths: "model.ckpt-50"\n'
        b'all_model_checkpoint_timestamps: 1795255949.508282\n'
        b'last_preserved_timestamp: 1795255949.4898071\n')
    put("checkpoint_state", "odd",
        b'# note\nmodel_checkpoint_path: "C:\\\\runs\\\\m.ckpt-1" ' +
        b"all_model_checkpoint_paths: ['a', \"b\" 'c']\n")


def check():
    import numpy as np
    import tensorflow as tf
    shards = str(OUT / "v1_shards-?????-of-00002")
    for name, dtype in (("w", tf.float32), ("s", tf.string), ("v", tf.int32)):
        print(name, tf.raw_ops.Restore(file_pattern=shards, tensor_name=name,
                                       dt=dtype).numpy().ravel())
    for name in ("big", "little", "snappy", "blocks", "v1_snappy"):
        reader = tf.train.load_checkpoint(str(OUT / name))
        for key in sorted(reader.get_variable_to_shape_map()):
            value = reader.get_tensor(key)
            print(name, key, value.dtype, np.asarray(value).ravel()[:6])
        if name in ("big", "little"):
            assert (reader.get_tensor("matrix").ravel() == range(24)).all()


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    for path in OUT.iterdir():
        path.unlink()
    sound()
    damaged_tables()
    damaged_entries()
    damaged_strings()
    damaged_slices()
    old()
    seeds()
    if "--check" in sys.argv:
        check()


if __name__ == "__main__":
    main()
