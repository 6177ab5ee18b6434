#!/usr/bin/env python3
"""Writes docs/ops.md: every wanted op, what TensorFlow's CPU kernels take, what firn takes, and how many cases judge it.

    ops_page.py FIRN [--check]

The ops wanted come from tests/conformance/wanted_ops.txt; what TensorFlow takes from tensorflow_types.txt beside it
(oracle/ask_types.py found it by trying); what firn takes from `firn ops --json`; the cases from the .cases and .graphs
files and the rows of tests/unit. With --check nothing is written, and the exit status says whether docs/ops.md is up to
date.
"""
import collections
import json
import pathlib
import re
import struct
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "oracle"))
from case_reader import fields, ops_of, read_cases, shape_of  # noqa: E402

TARGET = ROOT / "docs" / "ops.md"
CASES = ROOT / "tests" / "conformance"
HEAD = """# Ops

Made by `tools/ops_page.py` from the op table and the files of cases; `make docs` renews it.

For each op: what TensorFlow 2.21's CPU kernels take, found by trying (`oracle/ask_types.py`): the types of each type
attribute, the values of enumerated and Boolean ones. *firn* is empty where it takes all of them; else it says what it
lacks. Types that firn takes beyond TensorFlow's are not listed here (`firn ops` has them all). float8, float4, int4
and int2, which TensorFlow only carries around, are left out. An op for which TensorFlow has no kernel that runs on a
CPU, and firn none either, is *left out* and not counted.

*Cases* are nodes and small graphs that TensorFlow has answered, replayed by `make test`; one case counts for each op
in it. *Edges* are those among them with an empty, scalar, NaN or infinite input, or that TensorFlow refuses. *Rows* are
those of `tests/unit`, mostly for ops that show by an effect. What has no fixed answer is checked so: numbers drawn
without seeds and Timestamp for type, shape and distribution, Print and PrintV2 for what they hand on and write,
WriteFile for what is in the file, Empty without `init` for its shape.

"""
# TensorFlow's name → a shorter one; groups that many ops share.
GROUPS = [
    ("ints", "int8 int16 int32 int64 uint8 uint16 uint32 uint64"),
    ("floats", "float16 bfloat16 float32 float64"),
    ("complex", "complex64 complex128"),
    ("quantized", "qint8 quint8 qint16 quint16 qint32"),
]


def short(types):
    """A list of types with the groups that are whole as one word."""
    left, parts = list(types), []
    for name, members in GROUPS:
        members = members.split()
        if all(m in left for m in members):
            parts.append(name)
            left = [t for t in left if t not in members]
    return " ".join(parts + left)


# ---- Cases ----


FLOATS = {1: ("f", 4), 2: ("d", 8)}


def is_odd(tensor):
    """Empty, or with a NaN or an infinity."""
    if 0 in shape_of(tensor):
        return True
    parts = dict(fields(tensor))
    form, size = FLOATS.get(parts.get(1), (None, 1))
    content = parts.get(4, b"")
    if not form:
        return False
    values = struct.unpack(f"<{len(content) // size}{form}", content)
    return any(v != v or v in (float("inf"), float("-inf")) for v in values)


def is_edge(case):
    return bool(case.code or any(map(is_odd, case.inputs)) or
                (case.inputs and not shape_of(case.inputs[0])))


def count_cases():
    counts, edges = collections.Counter(), collections.Counter()
    total = 0
    for path in sorted(CASES.glob("*.cases")) + sorted(CASES.glob("graphs/*.graphs")):
        for case in read_cases(path):
            total += 1
            edge = is_edge(case)
            for op in ops_of(case):
                counts[op] += 1
                edges[op] += edge
    return total, counts, edges


def count_rows():
    """Rows of the unit tests by op, and those that want a failure or have empty or scalar inputs."""
    counts, edges = collections.Counter(), collections.Counter()
    for path in sorted((ROOT / "tests" / "unit").glob("ops_*.c")):
        for row in re.split(r"\{\s*\.name", path.read_text())[1:]:
            op = re.search(r'\.op =\s*"(\w+)', row)
            if op:
                counts[op[1]] += 1
                edges[op[1]] += bool(re.search(r'\.code|\[0|"(?:res:|ref:)?\w+ [^"]', row))
        for op in re.findall(r'^  check\("[^"]*", "(\w+)"', path.read_text(), re.M):
            counts[op] += 1
    text = (ROOT / "tests" / "unit" / "ops_write_file_test.c").read_text()
    counts["WriteFile"] += len(re.findall(r"^  written\(", text, re.M))
    edges["WriteFile"] += text.count("string ''")
    return counts, edges


# ---- What is taken ----


def read_table():
    table = {}
    for line in (CASES / "tensorflow_types.txt").read_text().splitlines():
        if not line.startswith("#"):
            op, *attrs = line.split()
            if attrs == ["-"]:
                table[op] = None
                continue
            table[op] = {k: [x for x in v.split(",") if x] for k, v in (a.split("=") for a in attrs)}
    return table


def read_wanted():
    lines = (CASES / "wanted_ops.txt").read_text().splitlines()
    return [line.split() for line in lines if line and not line.startswith("#")]


def read_limits():
    """op → in what firn differs though it has the type; the ops whose answers differ for a type or value."""
    limits, values = collections.defaultdict(set), set()
    for line in (CASES / "left_out.txt").read_text().splitlines():
        if not line.startswith("#"):
            name, op, reason = line.split("\t")
            limits[op].add(reason)
            if "=" in name:  # a type or value that TensorFlow takes
                values.add(op)
    return limits, values


def families():
    """op → the file in which it is."""
    found = {}
    for path in sorted((ROOT / "src" / "ops").glob("*.c")):
        text = path.read_text()
        at = text.find("const firn_op ops[]")
        for op in re.findall(r'"([\w>]+)"', text[at:] if at >= 0 else ""):
            found.setdefault(op, path.stem)
    return found


def lacks(taken, firn):
    """What of TensorFlow's types firn does not take."""
    parts = []
    for attr, types in taken.items():
        have = firn.get(attr, "any")
        missing = [t for t in types if have != "any" and t not in have]
        if missing and set(types) - {"true", "false"}:
            parts.append("%s: not %s" % (attr, short(missing)))
    return "; ".join(parts)


def attr_text(taken):
    return "; ".join("%s: %s" % (k, short(v)) for k, v in taken.items() if v) or "–"


def main():
    listed = subprocess.run([sys.argv[1], "ops", "--json"], check=True, capture_output=True, text=True).stdout
    firn = {op["op"]: op["types"] for op in map(json.loads, listed.splitlines())}
    total, counts, edges = count_cases()
    rows, row_edges = count_rows()
    table, family = read_table(), families()
    limits, unlike = read_limits()
    wanted = read_wanted()
    parts = {"run": [], "train": [], "beyond": []}
    agree, judged, have, absent = (collections.Counter() for _ in range(4))
    kinds = dict(wanted)
    for op in sorted(set(kinds) | set(firn)):
        kind = kinds.get(op, "beyond")
        taken = table.get(op, {}) or {}
        nowhere = op in table and table[op] is None and op not in firn
        differs = lacks(taken, firn[op]) if op in firn else "left out" if nowhere else "missing"
        notes = "; ".join(sorted(limits[op]))
        if op in table and table[op] is None:
            notes = "TensorFlow has no kernel for a CPU" + ("; " + notes if notes else "")
        agree[kind] += not differs and op not in unlike
        have[kind] += op in firn
        judged[kind] += counts[op] + rows[op] >= 3 and edges[op] + row_edges[op] >= 1
        absent[kind] += nowhere
        parts[kind].append("| %s | %s | %s | %s | %s | %s | %s | %s |" % (
            op, family.get(op, ""), attr_text(taken) if table.get(op) else "", differs, counts[op] or "",
            edges[op] or "", rows[op] or "", notes))
    text = HEAD + "%d cases.\n\n| | ops | firn has | agree on all types and values | 3 cases or more, an edge among them |\n" \
        "| --- | --- | --- | --- | --- |\n" % total
    titles = {"run": "For inference", "train": "For training, saving and old input pipelines", "beyond": "Beside these"}
    for kind, title in titles.items():
        n = len(parts[kind]) - absent[kind]
        text += "| %s | %d | %d | %s | %d |\n" % (title, n, have[kind], agree[kind] if kind != "beyond" else "", judged[kind])
    for kind, title in titles.items():
        text += "\n## %s\n\n| op | family | TensorFlow takes | firn | cases | edges | rows | limits |\n" \
            "| --- | --- | --- | --- | --- | --- | --- | --- |\n" % title + "\n".join(parts[kind]) + "\n"
    if "--check" in sys.argv:
        if not TARGET.exists() or TARGET.read_text() != text:
            sys.exit("docs/ops.md is stale: make docs")
        return
    TARGET.write_text(text)


if __name__ == "__main__":
    main()
