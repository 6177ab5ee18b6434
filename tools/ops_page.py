#!/usr/bin/env python3
"""Writes docs/ops.md: the ops firn computes, for which types, and how many cases of TensorFlow's judge each.

    ops_page.py FIRN [--check]

The ops and types come from `firn ops --json`, the cases from tests/conformance/*.cases (oracle/case_writer.py has the
format). With --check nothing is written, and the exit status says whether docs/ops.md is up to date.
"""
import collections
import json
import pathlib
import struct
import subprocess
import sys
import zlib

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "ops.md"
HEAD = """# Ops

Made by `tools/ops_page.py` from the op table and the case files; `make docs` renews it.

*Types* are those of each type attribute that the kernels look at; *any* is every type that TensorFlow's definition of
the op allows. *Cases* are single nodes that TensorFlow 2.21 has answered, replayed by `make test`; *refused* counts
those among them that TensorFlow refuses, and firn must too. Ops of control flow and of state have no cases
of this kind: graphs and sessions judge them.

"""


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


def ops_of(graph):
    """The ops of a GraphDef's nodes, without the placeholders that feed them."""
    for number, node in fields(graph):
        if number == 1:
            parts = dict(fields(node))
            op = parts.get(2, b"").decode()
            if op != "Placeholder":
                yield op


def count_cases():
    counts, refused = collections.Counter(), collections.Counter()
    for path in sorted((ROOT / "tests" / "conformance").glob("*.cases")):
        raw = path.read_bytes()
        data, at = zlib.decompress(raw[4:]), 0

        def text():
            nonlocal at
            size, = struct.unpack_from("<I", data, at)
            at += 4 + size
            return data[at - size:at]

        magic = b"firn cases 1\n"
        if not data.startswith(magic):
            continue  # a file of whole sequences: another format, judged elsewhere
        at = len(magic)
        while at < len(data):
            text()
            graph = text()
            _, code, _ = struct.unpack_from("<dII", data, at)
            at += 16
            for _ in range(2):
                n, = struct.unpack_from("<I", data, at)
                at += 4
                for _ in range(n):
                    text()
            for op in set(ops_of(graph)):
                counts[op] += 1
                refused[op] += code != 0
    return counts, refused


def types_text(types):
    parts = []
    for attr, names in types.items():
        parts.append("%s: %s" % (attr, names if isinstance(names, str) else ", ".join(names)))
    return "; ".join(parts)


def main():
    listed = subprocess.run([sys.argv[1], "ops", "--json"], check=True, capture_output=True, text=True).stdout
    counts, refused = count_cases()
    lines = ["| op | types | cases | refused |", "| --- | --- | --- | --- |"]
    total = 0
    for line in listed.splitlines():
        op = json.loads(line)
        total += 1
        name = op["op"]
        lines.append("| %s | %s | %s | %s |" % (name, types_text(op["types"]), counts[name] or "",
                                                refused[name] or ""))
    text = HEAD + "%d ops, %d cases.\n\n" % (total, sum(counts.values())) + "\n".join(lines) + "\n"
    if "--check" in sys.argv:
        if not TARGET.exists() or TARGET.read_text() != text:
            sys.exit("docs/ops.md is stale: make docs")
        return
    TARGET.write_text(text)


if __name__ == "__main__":
    main()
