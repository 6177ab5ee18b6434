"""Writes tests/conformance/cross.cases: crossed columns of features."""
from case_writer import Cases

import numpy as np


def i64(*values):
    return np.array(values, np.int64)


def text(values):
    return np.array(values, object)


def sparse(*rows):
    places = [(r, k) for r, row in enumerate(rows) for k in range(len(row))]
    return (np.array(places, np.int64).reshape(-1, 2), sum(rows, []),
            i64(len(rows), max(map(len, rows))))


LONG = b"a feature of more than twenty-two bytes"
A, B = sparse([b"a", b"b"], [b"c"]), sparse([b"d"], [LONG, b"f"])
NONE = sparse([b"a"], [])
N1, N2 = i64(1, 2, 2**32 + 3), i64(4, -5, 6)
D, DN = text([[b"g"], [b"h"]]), i64(7, 8, 9, 10).reshape(2, 2)
c = Cases("cross")


def v1(name, columns, values, dense, **attrs):
    attrs = {**dict(hashed_output=False, num_buckets=0, hash_key=956888297470,
                    out_type="string", internal_type="string"), **attrs}
    c.add("SparseCross", [[p[0] for p in columns], values, [p[2] for p in columns], dense],
          name, **attrs)


def texts(*columns):
    return [text(p[1]) for p in columns]


H = dict(hashed_output=True, out_type="int64", internal_type="int64")
v1("texts", [A, B], texts(A, B), [])
v1("with dense", [A], texts(A), [D, D])
v1("dense only", [], [], [text([[b"g", b"k"], [b"h", LONG]]), D])
v1("one", [A], texts(A), [])
v1("nothing in a row", [NONE, B], texts(NONE, B), [])
v1("no rows", [], [], [text(np.zeros((0, 2)))])
v1("no features", [], [], [text(np.zeros((2, 0)))])
v1("no columns", [], [], [])
v1("numbers as text", [A], [N1], [DN], internal_type="int64")
v1("fewer rows", [(A[0], A[1], i64(1, 2))], texts(A), [])
v1("hashed", [A, B], [N1, N2], [], num_buckets=100, **H)
v1("hashed, wide", [A, B], [N1, N2], [DN], **H)
v1("hashed texts", [A, B], texts(A, B), [D], **H)
v1("hashed both", [A, B], [text(A[1]), N2], [D, DN], num_buckets=1000, **H)
v1("refuses numbers", [A], [N1], [])
v1("refuses dense numbers", [], [], [DN])
v1("refuses rows", [A, (B[0], B[1], i64(3, 2))], texts(A, B), [])
v1("refuses dense rows", [A], texts(A), [D[:1]])
v1("refuses values", [A], [text(A[1][:2])], [])
v1("refuses shape", [(A[0], A[1], i64(2))], texts(A), [])
v1("refuses a vector", [], [], [D[0]])


def v2(name, columns, values, dense, separator=b"_Y_"):
    c.add("SparseCrossV2", [[p[0] for p in columns], values, [p[2] for p in columns], dense,
                            np.array(separator, object)], name)


v2("texts", [A, B], texts(A, B), [D])
v2("mixed", [A], [N1], [D, DN], b"-")
v2("no separator", [A], texts(A), [D], b"")
v2("refuses rows", [A], texts(A), [D[:1]])


def hashed(name, columns, values, dense, buckets=0, strong=False):
    c.add("SparseCrossHashed", [[p[0] for p in columns], values, [p[2] for p in columns],
                                dense, np.int64(buckets), np.array(strong), i64(1, 2)], name)


for strong in (False, True):
    hashed(f"texts {strong}", [A, B], texts(A, B), [D], strong=strong)
    hashed(f"numbers {strong}", [A, B], [N1, N2], [], 1000, strong)
    hashed(f"one {strong}", [A], [N1], [], strong=strong)
hashed("dense numbers", [], [], [DN, DN])
hashed("dense number", [], [], [DN], 5)
hashed("refuses rows", [A], texts(A), [D[:1]])


def ragged(name, order, values=(), splits=(), columns=(), features=(), dense=(), **attrs):
    attrs = {**dict(hashed_output=False, num_buckets=0, hash_key=1, out_values_type="string",
                    out_row_splits_type="int64"), **attrs}
    c.add("RaggedCross", [list(values), list(splits), [p[0] for p in columns], list(features),
                          [p[2] for p in columns], list(dense)], name, input_order=order,
          **attrs)


R, P = [text([b"a", LONG, b"c"])], [i64(0, 2, 3)]
RH = dict(hashed_output=True, out_values_type="int64")
ragged("one", "R", R, P)
ragged("two", "RR", R + R, P + P)
ragged("with dense", "DR", R, P, dense=[D])
ragged("of all kinds", "DSR", R, P, [B], texts(B), [D])
ragged("mixed", "RDS", R, P, [B], [N1], [DN])
ragged("empty row", "DR", R, [i64(0, 2, 2, 3)], dense=[text([[b"x"], [b"y"], [b"z"]])])
ragged("numbers", "R", [N1], P)
ragged("hashed", "DR", [N1], [np.int32([0, 2, 3])], dense=[DN], num_buckets=100,
       out_row_splits_type="int32", **RH)
ragged("hashed texts", "SR", R, P, [B], texts(B), **RH)
ragged("no rows", "R", [text([])], [i64(0)])
ragged("refuses order", "RR", R, P)
ragged("refuses no order", "", R, P)
ragged("refuses kinds", "D", R, P)
ragged("refuses end", "R", R, [i64(0, 2)])
ragged("refuses beginning", "R", R, [i64(1, 2, 3)])
ragged("refuses falling", "R", R, [i64(0, 9, 3)])
ragged("refuses rows", "RD", R, P, dense=[D[:1]])
c.write()
