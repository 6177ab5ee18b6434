"""Reads .cases files (case_writer.py says how they look); wants nothing but Python.

    for case in read_cases(path):
        print(case.name, case.code, ops_of(case))
"""
import collections
import struct
import zlib

MAGIC = b"firn cases 1\n"
Case = collections.namedtuple("Case", "name graph tol code open inputs outputs")


def read_cases(path):
    raw = path.read_bytes()
    data, at = zlib.decompress(raw[4:]), len(MAGIC)
    if not data.startswith(MAGIC):
        raise ValueError(f"{path} is no .cases file")

    def take(form):
        nonlocal at
        values = struct.unpack_from(form, data, at)
        at += struct.calcsize(form)
        return values if len(values) > 1 else values[0]

    def text():
        nonlocal at
        size = take("<I")
        at += size
        return data[at - size:at]

    while at < len(data):
        name, graph = text().decode(), text()
        tol, code, open_outputs = take("<dII")
        inputs = [text() for _ in range(take("<I"))]
        outputs = [text() for _ in range(take("<I"))]
        yield Case(name, graph, tol, code, open_outputs, inputs, outputs)


# ---- As much of protocol buffers as it takes to look into them ----


def varint(data, at):
    value = shift = 0
    while True:
        value |= (data[at] & 127) << shift
        shift += 7
        at += 1
        if data[at - 1] < 128:
            return value, at


def fields(data):
    at = 0
    while at < len(data):
        tag, at = varint(data, at)
        if tag & 7 == 2:
            size, at = varint(data, at)
            yield tag >> 3, data[at:at + size]
            at += size
        elif tag & 7 == 0:
            value, at = varint(data, at)
            yield tag >> 3, value
        else:
            at += 8 if tag & 7 == 1 else 4


def nodes_of(graph):
    """The NodeDefs of a GraphDef, those of its functions too."""
    for number, value in fields(graph):
        if number == 1:
            yield value
        elif number == 2:  # library
            for function in (f for n, f in fields(value) if n == 1):
                yield from (n for number, n in fields(function) if number == 3)


def ops_of(case):
    """The ops of a case's nodes, once each, without what only feeds them."""
    fed = {f"i{i}".encode() for i in range(64)}
    ops = set()
    for node in nodes_of(case.graph):
        parts = dict(fields(node))
        op, name = parts.get(2, b"").decode(), parts.get(1, b"")
        if op != "Placeholder" or name not in fed or \
                case.name.startswith("Placeholder "):
            ops.add(op)
    return ops


def shape_of(tensor):
    """The extents of a TensorProto."""
    shape = dict(fields(tensor)).get(2, b"")
    return [dict(fields(d)).get(1, 0) for n, d in fields(shape) if n == 2]
