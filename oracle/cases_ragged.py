"""Writes tests/conformance/ragged.cases: sets, edit distances, ragged rows."""
from case_writer import Cases, bfloat16 as bf16

import numpy as np

NUMBERS = [np.float32, np.float64, np.float16, bf16, np.int8, np.int16, np.int32, np.int64,
           np.uint8, np.uint16, np.uint32, np.uint64, np.complex64, np.complex128]
SETS = [np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint16]
rng = np.random.RandomState(3)


def i64(*values):
    return np.array(values, np.int64)


def i32(*values):
    return np.array(values, np.int32)


def text(*words):
    return np.array([w.encode() for w in words], object)


def F(value):
    return np.float32(value)


LONG = "a string of more than twenty-two bytes"
c = Cases("ragged")

# ---- Sets ------------------------------------------------------------------
OPS = ["a-b", "b-a", "intersection", "union"]
A, B = i32(1, 2, 2, 3, 4, 5, 6, 6).reshape(2, 4), i32(3, 2, 9, 6, 6, 7).reshape(2, 3)
Y = i64(0, 0, 0, 1, 1, 0, 1, 2, 1, 3).reshape(5, 2)
S, V = i64(2, 5), i32(1, 2, 3, 3, 9)
for op in OPS:
    for t in SETS:
        c.add("DenseToDenseSetOperation", [A.astype(t), B.astype(t)], set_operation=op)
    c.add("DenseToSparseSetOperation", [A, Y, V, S], op, set_operation=op)
    c.add("SparseToSparseSetOperation", [Y, V, S, Y[1:4], V[1:4] - 1, i64(2, 7)], op,
          set_operation=op)
    c.add("DenseToDenseSetOperation", [text("b", LONG, "a", "b").reshape(2, 2),
                                       text("c", "b", "a", "a").reshape(2, 2)],
          "strings " + op, set_operation=op)
U = dict(set_operation="union")
c.add("DenseToDenseSetOperation", [A[:0], B[:0]], "nothing", **U)
c.add("DenseToDenseSetOperation", [A[:, :0], B[:, :0]], "empty sets", **U)
c.add("DenseToDenseSetOperation", [A.reshape(1, 2, 4), B.reshape(1, 2, 3)], "three axes", **U)
c.add("DenseToDenseSetOperation", [A, B], "refuses op", set_operation="xor")
c.add("DenseToDenseSetOperation", [A[0], B[0]], "refuses vectors", **U)
c.add("DenseToDenseSetOperation", [A, B[:1]], "refuses rows", **U)
c.add("DenseToDenseSetOperation", [A, B[None]], "refuses rank", **U)
c.add("DenseToSparseSetOperation", [A, Y[:0], V[:0], S], "nothing", **U)
c.add("DenseToSparseSetOperation", [A, Y, V, i64(3, 5)], "refuses rows", **U)
c.add("DenseToSparseSetOperation", [A, Y[::-1], V, S], "refuses order", **U)
c.add("DenseToSparseSetOperation", [A, Y * 9, V, S], "refuses range", **U)
c.add("SparseToSparseSetOperation", [Y[:2], V[:2], S, Y[2:], V[2:], S], "other rows", **U)
c.add("SparseToSparseSetOperation", [Y[:0], V[:0], S, Y[:0], V[:0], S], "nothing", **U)
c.add("SparseToSparseSetOperation", [Y, V, S, Y, V, i64(3, 5)], "refuses rows", **U)
c.add("SparseToSparseSetOperation", [Y[[0, 0]], V[:2], S, Y, V, S], "refuses twice", **U)
for t in SETS:
    c.add("SetSize", [Y, V.astype(t), S])
c.add("SetSize", [Y, text("a", "a", "b", LONG, LONG), S], "strings")
c.add("SetSize", [Y[:0], V[:0], S], "nothing")
c.add("SetSize", [Y[::-1], V, S], "refuses order")
c.add("SetSize", [Y[:, :1], V, i64(2)], "refuses rank")

# ---- Edit distance ---------------------------------------------------------
H = i64(0, 0, 0, 1, 1, 0).reshape(3, 2)
T = i64(0, 0, 1, 0, 1, 1).reshape(3, 2)
D = i64(2, 2)
for t in NUMBERS:
    c.add("EditDistance", [H, np.array([1, 2, 3]).astype(t), D, T, np.array([1, 3, 4]).astype(t), D])
h, t = text("a", "b", "c"), text("a", "c", LONG)
c.add("EditDistance", [H, h, D, T, t, D], "strings", normalize=False)
c.add("EditDistance", [H, h, D, T[:1], t[:1], D], "no truth")
c.add("EditDistance", [H[:2], h[:2], D, T, t, D], "no hypothesis")
c.add("EditDistance", [H, h, D, T, t, i64(3, 2)], "more rows")
c.add("EditDistance", [H[:0], h[:0], D, T[:0], t[:0], D], "nothing")
a, b = rng.randint(0, 4, 20).astype(np.int32), rng.randint(0, 4, 15).astype(np.int32)
grid = lambda n: np.stack([np.zeros(n), np.zeros(n), np.arange(n)], 1).astype(np.int64)
c.add("EditDistance", [grid(20), a, i64(1, 1, 20), grid(15), b, i64(1, 1, 15)], "long",
      normalize=False)
c.add("EditDistance", [H, h, D, T, t, i64(2)], "refuses rank")
c.add("EditDistance", [H * 9, h, D, T, t, D], "refuses range")
c.add("EditDistance", [H[:, :1], h, i64(2), T[:, :1], t, i64(2)], "refuses vectors")

# ---- Ragged ----------------------------------------------------------------
for t in (np.float32, np.float64, np.int32, np.int64):
    c.add("RaggedRange", [np.array([0, 5, 1]).astype(t), np.array([3, 5, 8]).astype(t), t(2)])
c.add("RaggedRange", [F(0), F([1, -1, 0]), F([.1, -.3, 1])], "fractions")
c.add("RaggedRange", [np.int64(-2**63), np.int64(2**63 - 1), np.int64(2**62)], "wide",
      Tsplits="int32")
c.add("RaggedRange", [np.int32(5), np.int32(3), np.int32(1)], "away")
c.add("RaggedRange", [i32(), i32(), i32()], "nothing")
c.add("RaggedRange", [np.int32(0), np.int32(3), np.int32(0)], "refuses 0")
c.add("RaggedRange", [i32(0, 1), i32(1, 2, 3), i32(1, 1)], "refuses counts")
c.add("RaggedRange", [i32(0).reshape(1, 1), np.int32(3), np.int32(1)], "refuses matrix")

W = F([1, 2, 3, 4, 5, 6])
P = i64(0, 2, 3, 6)


def gather(name, splits, values, indices, **attrs):
    rank = np.ndim(indices) + len(splits) - 1
    c.add("RaggedGather", [splits, values, indices], name, OUTPUT_RAGGED_RANK=rank,
          PARAMS_RAGGED_RANK=len(splits), **attrs)


for t in NUMBERS + [np.bool_]:
    gather(None, [P], W.astype(t), i32(2, 0, 2))
gather("matrix", [P], W, i32(2, 1, 0, 0).reshape(2, 2))
gather("cube", [P], W, i64(2, 1, 0, 0).reshape(2, 1, 2))
gather("scalar", [P], W, np.int32(2))
gather("nested", [i64(0, 1, 3), P], W, i32(1, 0, 1))
gather("nested thrice", [i64(0, 2, 2), i64(0, 1, 3), P], W, i32(1, 0))
gather("strings", [P], text(*"abcde", LONG), i32(2, 1))
gather("int32", [P.astype(np.int32)], W.reshape(6, 1), i32(0))
gather("nothing", [P], W, i32())
gather("refuses", [P], W, i32(3))
gather("refuses negative", [P], W, i32(-1))
gather("refuses order", [i64(0, 3, 2, 6)], W, i32(1))
gather("refuses splits", [i64(0, 2, 7)], W, i32(1))
for t in NUMBERS + [np.bool_]:
    c.add("RaggedTensorToSparse", [[P], W.astype(t)])
c.add("RaggedTensorToSparse", [[i64(0, 1, 3, 3), i64(0, 0, 2, 3)], W[:3]], "nested")
c.add("RaggedTensorToSparse", [[i32(0, 2, 2, 3)], text("a", LONG, "c")], "strings")
c.add("RaggedTensorToSparse", [[i64(0, 2, 2, 3)], W.reshape(3, 2)], "matrix")
c.add("RaggedTensorToSparse", [[i64(0)], W[:0]], "nothing")
c.add("RaggedTensorToSparse", [[i64(0, 2, 4)], W[:3]], "refuses end")
c.add("RaggedTensorToSparse", [[i64(1, 3)], W[:3]], "refuses beginning")
c.add("RaggedTensorToSparse", [[i64(0, 3, 2, 3)], W[:3]], "refuses order")


def dense(name, shape, values, default, *parts, types=None):
    types = types or ["ROW_SPLITS"] * len(parts)
    c.add("RaggedTensorToTensor", [np.array(shape), values, default, list(parts)], name,
          row_partition_types=types)


ROWIDS = ["FIRST_DIM_SIZE", "VALUE_ROWIDS", "VALUE_ROWIDS"]
Q = i64(0, 2, 3)
for t in NUMBERS + [np.bool_]:
    dense(None, [-1, -1], np.array([1, 2, 3]).astype(t), t(1), Q)
dense("wider", [2, 3], W[:3], F(0), Q)
dense("cut", [3, 1], W[:3], F(9), Q)
dense("cut rows", [1, -1], W[:3], F(9), Q)
dense("any shape", -1, W[:3], F(0), Q)
dense("int32 shape", np.int32([-1, 4]), W[:3], F(0), Q)
dense("nested", [-1, -1, -1], W[:3], F(7), i64(0, 1, 3), i64(0, 2, 2, 3))
dense("nested, cut", [2, 1, 4], W[:3], F(7), i64(0, 1, 3), i64(0, 2, 2, 3))
dense("rows of vectors", [-1, -1, 2], W.reshape(3, 2), F([7, 8]), Q)
dense("rows of vectors, scalar", [-1, -1, -1], W.reshape(3, 2), F(7), Q)
dense("strings", [-1, -1], text("a", LONG, "c"), np.array(b"-", object), Q)
dense("row ids", [-1, -1], W[:3], F(0), np.int64(3), i64(0, 0, 2), types=ROWIDS[:2])
dense("row ids, nested", [-1, -1, -1], W[:3], F(0), np.int64(2), i64(0, 1, 1), i64(0, 0, 2),
      types=ROWIDS)
dense("row ids, then splits", [-1, -1, -1], W[:3], F(0), np.int64(2), i64(0, 1, 1),
      i64(0, 2, 2, 3), types=["FIRST_DIM_SIZE", "VALUE_ROWIDS", "ROW_SPLITS"])
dense("nothing", [-1, -1], W[:0], F(0), i64(0))
dense("empty rows", [-1, -1], W[:0], F(0), i64(0, 0, 0))
dense("refuses beginning", [-1, -1], W[:3], F(0), i64(1, 2, 3))
dense("refuses order", [-1, -1], W[:3], F(0), i64(0, 3, 2))
dense("refuses rank", [-1], W[:3], F(0), Q)
dense("refuses default", [-1, -1], W[:3], F([1, 2]), Q)
dense("refuses row id", [-1, -1], W[:3], F(0), np.int64(2), i64(0, 0, 7), types=ROWIDS[:2])
c.write()
