"""Writes tests/conformance/sparse.cases: sparse tensors, moved and reckoned with."""
from case_writer import Cases, bfloat16 as bf16

import numpy as np

FLOATS = [np.float32, np.float64, np.float16, bf16]
REALS = FLOATS + [np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint16, np.uint32,
                  np.uint64]
NUMBERS = REALS + [np.complex64, np.complex128]
ANY = NUMBERS + [np.bool_]
ADDED = [np.float32, np.float64, np.int8, np.int16, np.int32, np.int64]
COUNTED = [np.float32, np.float64, np.int32, np.int64]
rng = np.random.RandomState(3)


def i64(*values):
    return np.array(values, np.int64)


def i32(*values):
    return np.array(values, np.int32)


def text(*words):
    return np.array([w.encode() for w in words], object)


def up(n, t=np.float32):
    return np.arange(1, n + 1).astype(t)


def F(value):
    return np.float32(value)


S = i64(2, 5)
Y = i64(0, 0, 0, 1, 1, 0, 1, 2, 1, 3).reshape(5, 2)
Z = i64(0, 1, 0, 4, 1, 2).reshape(3, 2)
V, W = up(2), up(5)
NONE = np.zeros((0, 2), np.int64)
LONG = "a string of more than twenty-two bytes"
FIVE = text("a", LONG, "", "d", "e")
c = Cases("sparse")

# ---- Moving ----------------------------------------------------------------
for t in ANY:
    c.add("SparseToDense", [Y, S, up(5, t), t(0)])
    c.add("SparseReorder", [Y[::-1], up(5, t), S])
    c.add("SparseConcat", [[Y, Z], [up(5, t), up(3, t)], [S, S]], concat_dim=1)
    c.add("SparseSplit", [np.int64(1), Y, up(5, t), S], num_split=2)
    c.add("SparseSlice", [Y, up(5, t), S, i64(0, 1), i64(2, 3)])
    c.add("SparseFillEmptyRows", [2 * Y, up(5, t), i64(4, 9), t(1)])
for t in NUMBERS:
    c.add("SparseSliceGrad", [up(2, t), Y, i64(0, 1), i64(0, 0, 1, 1).reshape(2, 2)])
    c.add("SparseFillEmptyRowsGrad", [i64(1, 3), up(5, t)])
c.add("SparseToDense", [i32(1, 3), i32(5), V, F(9)], "vector")
c.add("SparseToDense", [np.int32(1), i32(5), F(3), F(9)], "scalar")
c.add("SparseToDense", [i32(1, 3), i32(5), F(4), F(9)], "one value")
c.add("SparseToDense", [i32(1, 3), i32(5), text("a", LONG), np.array(b"-", object)], "strings")
c.add("SparseToDense", [i32(3, 1), i32(5), V, F(9)], "any order", validate_indices=False)
c.add("SparseToDense", [i32(3, 3), i32(5), V, F(9)], "twice", validate_indices=False)
c.add("SparseToDense", [np.zeros((0, 1), np.int32), i32(0), V[:0], F(9)], "nothing")
c.add("SparseToDense", [np.zeros((1, 0), np.int32), i32(), V[:1], F(9)], "to a scalar")
c.add("SparseToDense", [i32(3, 1), i32(5), V, F(9)], "refuses order")
c.add("SparseToDense", [i32(1, 1), i32(5), V, F(9)], "refuses twice")
c.add("SparseToDense", [i32(3, 7), i32(5), V, F(9)], "refuses range", validate_indices=False)
c.add("SparseToDense", [i32(-1, 3), i32(5), V, F(9)], "refuses negative")
c.add("SparseToDense", [i32(1, 3), i32(5), V[:1], F(9)], "refuses count")
c.add("SparseToDense", [i32(1), i32(5, 2), V[:1], F(9)], "refuses rank")
c.add("SparseToDense", [i32(1), np.int32(5), V[:1], F(9)], "refuses scalar shape")
c.add("SparseToDense", [i32(1), i32(5), V[:1], V[:1]], "refuses default")
for name, of, to in [("one", S, (10,)), ("inferred", S, (-1, 2)), ("more", S, (5, 1, 2)),
                     ("refuses", S, (4,)), ("refuses two", S, (-1, -1)),
                     ("refuses to infer", S, (4, -1)), ("refuses negative", S, (-2, 5)),
                     ("refuses scalar", S, ()), ("refuses shape", i64(2, -5), (10,)),
                     ("refuses rank", i64(10), (10,))]:
    c.add("SparseReshape", [Y, of, i64(*to)], name)
c.add("SparseReshape", [NONE, i64(2, 0), i64(-1, 2)], "nothing")
c.add("SparseReshape", [NONE, i64(2, 0), i64(0, -1)], "refuses of nothing")
c.add("SparseReshape", [i64(0, 9).reshape(1, 2), i64(2, 3), i64(6)], "outside")
c.add("SparseReorder", [i64(1, 2, 1, 2, 1, 0).reshape(3, 2), up(3), S], "stable")
c.add("SparseReorder", [Y[::-1], FIVE, S], "strings")
c.add("SparseReorder", [NONE, V[:0], S], "nothing")
M = rng.permutation(np.unique(rng.randint(0, 9, (60, 3)), axis=0))[:50].astype(np.int64)
c.add("SparseReorder", [M, up(50), i64(9, 9, 9)], "many")
c.add("SparseReorder", [i64(1, 9, 0, -1).reshape(2, 2), V, S], "outside")
c.add("SparseReorder", [Y, V, S], "refuses values")
c.add("SparseReorder", [Y, W, i64(2)], "refuses rank")
for d in (0, -1):
    c.add("SparseConcat", [[Y, Z], [FIVE, FIVE[:3]], [S, S]], f"strings {d}", concat_dim=d)
c.add("SparseConcat", [[Y[::-1], NONE, Z], [W, W[:0], W[:3]], [S, S, i64(2, 7)]], "unsorted",
      concat_dim=1)
c.add("SparseConcat", [[NONE, NONE], [W[:0], W[:0]], [S, S]], "nothing", concat_dim=0)
c.add("SparseConcat", [[Y, Z], [W, W[:3]], [S, i64(2, 7)]], "refuses", concat_dim=0)
c.add("SparseConcat", [[Y, Z], [W, W[:3]], [S, S]], "refuses axis", concat_dim=2)
c.add("SparseConcat", [[Y, M[:, :2]], [W, W[:3]], [S, S]], "refuses values", concat_dim=1)
c.add("SparseSplit", [np.int64(-1), Y, FIVE, S], "strings", num_split=3)
c.add("SparseSplit", [np.int64(0), Y, W, S], "rows", num_split=2)
c.add("SparseSplit", [np.int64(1), NONE, W[:0], S], "nothing", num_split=5)
c.add("SparseSplit", [np.int64(0), Y, W, S], "refuses", num_split=3)
c.add("SparseSplit", [np.int64(1), Y, W, i64(2, 3)], "refuses range", num_split=2)
c.add("SparseSplit", [np.int64(2), Y, W, S], "refuses axis", num_split=2)
c.add("SparseSplit", [i64(1), Y, W, S], "refuses vector", num_split=2)
for name, start, size in [("beyond", (1, 1), (9, 9)), ("before", (1, -1), (1, 2)),
                          ("behind", (1, 7), (1, 2)), ("none", (2, 0), (1, 1)),
                          ("empty", (0, 0), (2, 0)), ("refuses", (1, 1), (1, -1)),
                          ("refuses rank", (1,), (1,))]:
    c.add("SparseSlice", [Y, FIVE, S, i64(*start), i64(*size)], name)
c.add("SparseSliceGrad", [V[:0], Y, i64(0, 1), NONE], "nothing")
c.add("SparseSliceGrad", [V, Y, i64(0, 1), i64(0, 0, 1, 5).reshape(2, 2)], "refuses")
c.add("SparseSliceGrad", [V[:1], Y, i64(0, 1), i64(0, 0, 1, 1).reshape(2, 2)], "refuses count")
c.add("SparseFillEmptyRows", [Y[[4, 0, 3, 2, 1]] * 3, FIVE, i64(5, 20),
                              np.array(b"none", object)], "strings, unsorted")
c.add("SparseFillEmptyRows", [NONE, W[:0], i64(0, 2), F(9)], "nothing")
c.add("SparseFillEmptyRows", [NONE, W[:0], i64(3, 2), F(9)], "all empty")
c.add("SparseFillEmptyRows", [Y, W, S, F(9)], "none empty")
c.add("SparseFillEmptyRows", [i64(1, 3).reshape(2, 1), V, i64(5), F(9)], "one axis")
c.add("SparseFillEmptyRows", [Y, W, i64(1, 5), F(9)], "refuses range")
c.add("SparseFillEmptyRows", [-Y, W, S, F(9)], "refuses negative")
c.add("SparseFillEmptyRows", [Y, W, i64(0, 5), F(9)], "refuses no rows")
c.add("SparseFillEmptyRows", [Y, W, S, V[:1]], "refuses default")
c.add("SparseFillEmptyRowsGrad", [i64(), W], "nothing")
c.add("SparseFillEmptyRowsGrad", [i64(1, 1), W], "twice")
c.add("SparseFillEmptyRowsGrad", [i64(1, 9), W], "refuses")

# ---- Arithmetic ------------------------------------------------------------
for t in ADDED + [np.complex64, np.complex128]:
    r = t(1).real.dtype.type if t in (np.complex64, np.complex128) else t
    c.add("SparseAdd", [Y, up(5, t), S, Z, up(3, t), S, r(2)])
    c.add("SparseAddGrad", [up(6, t), Y[:4], Z, np.array(sorted(map(tuple, np.concatenate(
        [Y[:4], Z[:1] * 0 + 9, Z[1:2]]).tolist())), np.int64)])
for t in NUMBERS:
    c.add("SparseTensorDenseAdd", [Y, up(5, t), S, up(10, t).reshape(2, 5)])
    for op in ("SparseReduceSum", "SparseReduceSumSparse"):
        c.add(op, [Y, up(5, t), S, i32(1)])
for t in FLOATS + [np.int32, np.complex64, np.complex128]:
    m = up(10, t).reshape(5, 2) * (t(1j) if t in (np.complex64, np.complex128) else t(1))
    v = up(5, t) * (t(1 - 1j) if t in (np.complex64, np.complex128) else t(1))
    c.add("SparseTensorDenseMatMul", [Y, v, S, m])
    c.add("SparseTensorDenseMatMul", [Y, v, S, m[:2]], "a^T", adjoint_a=True)
    c.add("SparseTensorDenseMatMul", [Y, v, S, m.T.copy()], "b^T", adjoint_b=True)
for t in REALS:
    for op in ("Add", "Mul", "Div"):
        c.add("SparseDenseCwise" + op, [Y, up(5, t), S, up(10, t).reshape(2, 5)])
    for op in ("SparseSparseMaximum", "SparseSparseMinimum"):
        c.add(op, [Y, up(5, t), S, Z, up(3, t)[::-1], S])
    for op in ("SparseReduceMax", "SparseReduceMaxSparse"):
        c.add(op, [Y, up(5, t), S, i32(0)])
c.add("SparseAdd", [Y, W, S, Y[1:3], F([-2, 7]), S, F(0)], "keeps 0")
c.add("SparseAdd", [Y, W, S, Y[1:3], F([-2, 7]), S, F(.1)], "drops 0")
c.add("SparseAdd", [Y, W, S, Z[1:2], F([.05]), S, F(.1)], "keeps small ones alone")
c.add("SparseAdd", [NONE, W[:0], S, NONE, W[:0], S, F(0)], "nothing")
c.add("SparseAdd", [Y, W, S, Z, W[:3], i64(2, 6), F(0)], "refuses shapes")
c.add("SparseAdd", [Y, W, S, Z, W[:3], S, W[:1]], "refuses threshold")
c.add("SparseAdd", [Y, W, S, Z, W, S, F(0)], "refuses values")
c.add("SparseAddGrad", [V[:1], Y, Z, Z], "refuses")
c.add("SparseTensorDenseAdd", [Y[[0, 0]], V, S, np.zeros((2, 5), np.float32)], "twice")
c.add("SparseTensorDenseAdd", [Y.astype(np.int32), W, S.astype(np.int32),
                               np.ones((2, 5), np.float32)], "int32")
c.add("SparseTensorDenseAdd", [Y * 9, W, S, np.ones((2, 5), np.float32)], "refuses range")
c.add("SparseTensorDenseAdd", [Y, W, S, np.ones((1, 5), np.float32)], "refuses shape")
B = rng.rand(5, 9).astype(np.float32)
c.add("SparseTensorDenseMatMul", [Y.astype(np.int32), W, S, B], "int32")
c.add("SparseTensorDenseMatMul", [Y[[0, 0, 3]], W[:3], S, B], "twice")
c.add("SparseTensorDenseMatMul", [NONE, W[:0], S, B], "nothing")
c.add("SparseTensorDenseMatMul", [Y, W, S, B[:4]], "refuses")
c.add("SparseTensorDenseMatMul", [Y * 9, W, S, B], "refuses range")
c.add("SparseTensorDenseMatMul", [Y, W, i64(2, 5, 1), B], "refuses rank")
for op in ("Add", "Mul", "Div"):
    op = "SparseDenseCwise" + op
    c.add(op, [Y, W, S, W + 1], "row")
    c.add(op, [Y, W, S, V.reshape(2, 1)], "column")
    c.add(op, [Y, W, S, F(2)], "scalar")
    c.add(op, [NONE, W[:0], S, F(2)], "nothing")
    c.add(op, [Y, W, S, V], "refuses")
    c.add(op, [Y, W, S, W.reshape(1, 1, 5)], "refuses rank")
    c.add(op, [Y * 9, W, S, W], "refuses range")
c.add("SparseDenseCwiseDiv", [Y, i32(1, 2, 3, 4, 5), S, np.zeros((2, 5), np.int32)],
      "refuses 0")
for op in ("SparseSparseMaximum", "SparseSparseMinimum"):
    c.add(op, [NONE, W[:0], S, Z, -W[:3], S], "nothing and something")
    c.add(op, [Y, W, S, Z, W[:3], i64(2, 6)], "refuses shapes")
    c.add(op, [Y, W, S, Z, W[:3], i64(2)], "refuses rank")
T3 = np.array([[0, 0, 1], [0, 2, 1], [1, 0, 0], [1, 0, 3], [1, 2, 1]], np.int64)
for op in ("SparseReduceSum", "SparseReduceMax", "SparseReduceSumSparse",
           "SparseReduceMaxSparse"):
    for name, axes, keep in [("last", (-1,), True), ("all", (0, 1, 2), False),
                             ("all kept", (0, 1, 2), True), ("none", (), False),
                             ("ends", (0, 2), False), ("middle twice", (1, 1), False),
                             ("refuses", (3,), False)]:
        c.add(op, [T3, W, i64(2, 3, 4), i32(*axes)], name, keep_dims=keep)
    c.add(op, [T3[::-1], W, i64(2, 3, 4), np.int32(1)], "unsorted")
    c.add(op, [NONE, W[:0], S, i32(1)], "nothing")
c.add("SparseReduceSum", [Y * 9, W, S, i32(1)], "refuses range")
for t in (np.float32, np.float64, np.float16):
    c.add("SparseSoftmax", [T3, up(5, t), i64(2, 3, 4)])
    c.add("SparseSoftmax", [Y, up(5, t) * t(3), S])
c.add("SparseSoftmax", [Y[[2, 0, 4, 1, 3]], W, S], "unsorted")
c.add("SparseSoftmax", [NONE, W[:0], S], "nothing")
c.add("SparseSoftmax", [i64(0, 1).reshape(2, 1), V, i64(2)], "refuses")
c.write()
