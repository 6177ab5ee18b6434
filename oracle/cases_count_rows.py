"""Writes tests/conformance/count_rows.cases: counts by row, of dense, sparse and
ragged tensors."""
from case_writer import Cases

import numpy as np


def i64(*values):
    return np.array(values, np.int64)


def i32(*values):
    return np.array(values, np.int32)


I = np.int32
COUNTED = [np.float32, np.float64, np.int32, np.int64]
E = np.float32([])
Y = i64(0, 0, 0, 1, 1, 0, 1, 2, 1, 3).reshape(5, 2)
S, V, P = i64(2, 5), i32(1, 2, 1, 1, 3), i64(0, 2, 2, 5)
Z = i64(0, 0, 0).reshape(1, 3)
ONE = i64(1, 1, 1)
W = np.float32([1, 2, 3, 4, 5])
c = Cases("count_rows")

for name, args in [("SparseBincount", [Y, V, S]), ("RaggedBincount", [P, V])]:
    for t in COUNTED:
        c.add(name, args + [I(4), W.astype(t)])
        c.add(name, args + [I(3), W[:0].astype(t)], "no weights")
    c.add(name, args + [I(4), W], "binary", binary_output=True)
    c.add(name, args + [I(0), E], "no bins")
    c.add(name, args + [I(-4), E], "refuses size")
    c.add(name, args + [i32(4), E], "refuses vector size")
c.add("SparseBincount", [Y[:, :1], V, i64(5), I(5), E], "vector")
c.add("SparseBincount", [Y, V.astype(np.int64), S, np.int64(5), E], "int64")
c.add("SparseBincount", [Z, V[:1], ONE, I(5), E], "three axes")
c.add("SparseBincount", [Y[:0], V[:0], S, I(2), E], "nothing")
c.add("SparseBincount", [Y, -V, S, I(5), E], "negative")
c.add("SparseBincount", [Y[:, :1], -V, i64(5), I(5), E], "refuses negative")
c.add("SparseBincount", [Y * 9, V, S, I(5), E], "refuses range")
c.add("RaggedBincount", [i64(0), V[:0], I(4), E], "nothing")
c.add("RaggedBincount", [P, -V, I(4), E], "refuses negative")
c.add("RaggedBincount", [i64(0, 2, 7), V, I(4), E], "refuses end")
c.add("RaggedBincount", [i64(1, 5), V, I(4), E], "refuses beginning")
c.add("RaggedBincount", [i64(), V[:0], I(4), E], "refuses no splits")

D = i32(1, 2, 1, 3, 3, 0).reshape(2, 3)
for name, args, w in [("DenseCountSparseOutput", [D], np.arange(6).reshape(2, 3)),
                      ("SparseCountSparseOutput", [Y, V, S], W),
                      ("RaggedCountSparseOutput", [P, V], W)]:
    B = dict(binary_output=False)
    for t in COUNTED:
        c.add(name, args + [w.astype(t)], **B)
        c.add(name, args + [E.astype(t)], "no weights", **B)
    c.add(name, args + [E], "binary", binary_output=True)
    c.add(name, args + [E], "minlength", minlength=6, **B)
    c.add(name, args + [E], "maxlength", maxlength=2, **B)
    c.add(name, args + [E], "maxlength 0", maxlength=0, **B)
    c.add(name, args + [E], "both", minlength=5, maxlength=3, **B)
    c.add(name, args + [W[:1]], "refuses weights", **B)
c.add("DenseCountSparseOutput", [i32(1, 2, 1), E], "vector", **B)
c.add("DenseCountSparseOutput", [i64(5, 5, 2, 7).reshape(2, 2), E], "int64", **B)
c.add("DenseCountSparseOutput", [i32(), E], "nothing", **B)
c.add("DenseCountSparseOutput", [i32(1, -2), E], "refuses negative", **B)
c.add("DenseCountSparseOutput", [i32(1).reshape(1, 1, 1), E], "refuses rank", **B)
c.add("DenseCountSparseOutput", [I(1), E], "refuses scalar", **B)
c.add("SparseCountSparseOutput", [Y[:, :1], V, i64(5), E], "vector", **B)
c.add("SparseCountSparseOutput", [Y[::-1], V, S, E], "unsorted", **B)
c.add("SparseCountSparseOutput", [Y[:0], V[:0], S, E], "nothing", **B)
c.add("SparseCountSparseOutput", [Z, V[:1], ONE, E], "three axes", **B)
c.add("SparseCountSparseOutput", [Y * 9, V, S, E], "refuses range", **B)
c.add("SparseCountSparseOutput", [Y, -V, S, E], "refuses negative", **B)
c.add("RaggedCountSparseOutput", [i64(0, 2, 7), V, E], "refuses end", **B)
c.add("RaggedCountSparseOutput", [i64(0), V[:0], E], "refuses few splits", **B)
c.add("RaggedCountSparseOutput", [P, -V, E], "refuses negative", **B)
c.write()
