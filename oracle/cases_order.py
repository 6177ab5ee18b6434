"""Writes tests/conformance/order.cases: largest elements, bounds, counts, bins."""
from case_writer import Cases, bfloat16 as bf16

import numpy as np

REALS = [np.float32, np.float64, np.float16, bf16, np.int8, np.int16, np.int32,
         np.int64, np.uint8, np.uint16, np.uint32, np.uint64]
COUNTED = [np.float32, np.float64, np.int32, np.int64]
rng = np.random.RandomState(3)


def grid(*shape, dtype=np.float32):
    n = int(np.prod(shape))
    return (np.arange(n) - n // 3).astype(dtype).reshape(shape)


def mixed(*shape, dtype=np.float32):
    return rng.randint(-9, 9, shape).astype(dtype)


def i32(*values):
    return np.array(values, np.int32)


def I(value):
    return np.int32(value)


nan, inf = np.nan, np.inf
c = Cases("order")
for op in ("ArgMax", "ArgMin"):
    for t in REALS + [np.bool_]:
        c.add(op, [mixed(3, 5, dtype=t), I(1)])
        c.add(op, [mixed(5, 3, dtype=t), I(0)])
    c.add(op, [mixed(2, 7, 3), np.int64(-2)], "middle", output_type="int32")
    c.add(op, [mixed(200), I(0)], "long")
    c.add(op, [mixed(4, 130), I(0)], "wide")
    for i, x in enumerate([[nan, 1, 2], [1, nan, 2], [nan, nan], [-inf, -inf], [inf, inf],
                           [2, -inf, inf], [-0.0, 0.0]]):
        c.add(op, [np.float32(x), I(0)], f"odd {i}")
        c.add(op, [np.float16(x), I(0)], f"odd half {i}")
    c.add(op, [np.zeros((0, 2), np.float32), I(1)], "nothing")
    c.add(op, [np.zeros((2, 0), np.float32), I(1)], "refuses empty")
    c.add(op, [np.float32(1), I(0)], "refuses scalar")
    c.add(op, [grid(2), I(1)], "refuses axis")
    c.add(op, [grid(2), i32(0)], "refuses vector axis")
c.add("ArgMax", [mixed(3, 5), I(1)], output_type="int16")
c.add("ArgMax", [mixed(3, 5), I(1)], output_type="uint16")

for t in REALS:
    c.add("TopKV2", [mixed(2, 9, dtype=t), I(4)])
    c.add("NthElement", [mixed(2, 9, dtype=t), I(4)])
    s = np.sort(mixed(2, 9, dtype=t), 1)
    c.add("LowerBound", [s, mixed(2, 4, dtype=t)])
    c.add("UpperBound", [s, mixed(2, 4, dtype=t)], out_type="int64")
c.add("TopKV2", [mixed(300), I(100)], "many")
c.add("TopKV2", [mixed(2, 3, 6), I(6)], "all")
c.add("TopKV2", [mixed(2, 3, 6), I(1)], "one")
c.add("TopKV2", [np.float32([3, inf, -inf, -0.0, 0.0]), I(5)], "odd")
c.add("TopKV2", [np.float32([3, nan, 7]), I(1)], "NaN")
c.add("TopKV2", [grid(4), np.int64(2)], index_type="int64")
c.add("TopKV2", [grid(4), np.int16(2)], index_type="int16")
c.add("TopKV2", [grid(4), I(0)], "none")
c.add("TopKV2", [grid(0, 3), I(2)], "nothing")
c.add("TopKV2", [grid(4), I(5)], "refuses k")
c.add("TopKV2", [grid(4), I(-1)], "refuses negative")
c.add("TopKV2", [np.float32(4), I(1)], "refuses scalar")
c.add("TopKV2", [grid(4), i32(1)], "refuses vector")
c.add("NthElement", [mixed(2, 2, 9), I(0)], "first", reverse=True)
c.add("NthElement", [np.float32([inf, 3, -inf]), I(2)], "odd")
c.add("NthElement", [grid(3), I(3)], "refuses")
c.add("NthElement", [grid(3), I(-1)], "refuses negative")
c.add("NthElement", [np.float32(3), I(0)], "refuses scalar")
for op in ("LowerBound", "UpperBound"):
    c.add(op, [np.float32([[-inf, 1, 2, 2, 3]]), np.float32([[0, 2, 2.5, inf, nan, -inf]])], "odd")
    c.add(op, [np.zeros((2, 0), np.float32), grid(2, 2)], "nothing sorted")
    c.add(op, [grid(2, 2), np.zeros((2, 0), np.float32)], "nothing wanted")
    c.add(op, [grid(1, 2), grid(2, 2)], "refuses rows")
    c.add(op, [grid(2), grid(2)], "refuses rank")

E = np.float32([])
for t in COUNTED:
    w = np.arange(1, 5).astype(t)
    c.add("Bincount", [i32(1, 5, 1, 2), I(3), w])
    c.add("Bincount", [i32(1, 5, 1, 2), I(3), w[:0]], "no weights")
    c.add("DenseBincount", [i32(1, 5, 1, 2).reshape(2, 2), I(3), w.reshape(2, 2)])
    c.add("DenseBincount", [i32(1, 5, 1, 2), I(3), w], "binary", binary_output=True)
    c.add("Bucketize", [np.array([-1, 0, 1, 2, 3]).astype(t)], boundaries=[0., 1.5, 2.])
    c.add("HistogramFixedWidth", [np.array([-1, 0, 1, 2, 5, 15]).astype(t),
                                  np.array([0, 5]).astype(t), I(5)])
c.add("Bincount", [i32(1, 2, 1, 0).reshape(2, 2), I(3), grid(4)], "flat weights")
c.add("Bincount", [i32(), I(2), E], "nothing")
c.add("Bincount", [i32(1), I(0), E], "no bins")
c.add("Bincount", [i32(1, -1), I(3), E], "refuses")
c.add("Bincount", [i32(1), I(-3), E], "refuses size")
c.add("Bincount", [i32(1, 1), I(3), grid(1)], "refuses weights")
c.add("Bincount", [i32(1), i32(3), E], "refuses vector size")
c.add("DenseBincount", [np.int64([[1, 5], [1, 0]]), np.int64(3), E], "rows")
c.add("DenseBincount", [np.int64([[1, 1], [1, 0]]), np.int64(3), E], "binary rows",
      binary_output=True)
c.add("DenseBincount", [I(1), I(3), E], "scalar")
c.add("DenseBincount", [np.zeros((2, 0), np.int32), I(3), E], "nothing")
c.add("DenseBincount", [i32(1, -1), I(3), E], "refuses")
c.add("DenseBincount", [i32(1, -1).reshape(1, 2), I(3), E], "refuses in a row")
c.add("DenseBincount", [i32(1).reshape(1, 1, 1), I(3), E], "refuses rank")
c.add("DenseBincount", [i32(1, 1).reshape(1, 2), I(3), grid(1)], "refuses weights")
c.add("DenseBincount", [i32(1), I(-3), E], "refuses size")
c.add("Bucketize", [np.float32([-1, 0, 1, nan, inf, -inf])], "odd", boundaries=[0., 1., 2.])
c.add("Bucketize", [np.float64([.1, .10000000001, .1000000015])], "double", boundaries=[.1])
c.add("Bucketize", [np.int64([2**53 + 1, 2**24 + 1])], "large", boundaries=[2.**24, 2.**53])
c.add("Bucketize", [grid(2, 2)], "none", boundaries=[])
c.add("Bucketize", [grid(0)], "nothing", boundaries=[1.])
c.add("Bucketize", [grid(2, 2)], "refuses", boundaries=[2., 1.])
V = np.float32([0, 5])
c.add("HistogramFixedWidth", [np.float32([inf, -inf, 3e38, -3e38, 4.99]), V, I(5)], "odd")
c.add("HistogramFixedWidth", [i32(2**31 - 1, -2**31, 0), i32(-2**31, 2**31 - 1), I(4)],
      "wide", dtype="int64")
c.add("HistogramFixedWidth", [rng.rand(200).astype(np.float32), np.float32([.1, .8]), I(7)])
c.add("HistogramFixedWidth", [grid(0), V, I(2)], "nothing")
c.add("HistogramFixedWidth", [np.float32([nan]), V, I(5)], "refuses NaN")
c.add("HistogramFixedWidth", [grid(2), V[::-1], I(5)], "refuses range")
c.add("HistogramFixedWidth", [grid(2), V, I(0)], "refuses bins")
c.add("HistogramFixedWidth", [grid(2), grid(3), I(2)], "refuses range of 3")
c.add("UnravelIndex", [i32(5, 2), i32(2, 3)])
c.add("UnravelIndex", [I(5), i32(2, 3)], "scalar")
c.add("UnravelIndex", [np.int64([7, 23]), np.int64([2, 3, 4])])
c.add("UnravelIndex", [I(-1), i32(2, 3)], "negative")
c.add("UnravelIndex", [I(6), i32(2, 3)], "refuses")
c.add("UnravelIndex", [I(0), i32(2, 0)], "refuses 0")
c.add("UnravelIndex", [i32(), i32(2, 3)], "refuses none")
c.add("UnravelIndex", [i32(1).reshape(1, 1), i32(2, 3)], "refuses matrix")
# As the heap leaves them.
for n, k in [(5, 2), (9, 4), (9, 8), (9, 1), (6, 6), (3, 0), (64, 63), (300, 100), (1000, 7)]:
    c.add("TopKV2", [mixed(2, n), I(k)], f"in no order {n} {k}", sorted=False)
c.add("TopKV2", [mixed(3, 40, dtype=np.int8), I(11)], "in no order int8", sorted=False)
c.add("TopKV2", [np.float32([3, inf, -inf, -0.0, 0.0, inf, 7]), I(4)], "in no order odd", sorted=False)
c.add("TopKV2", [rng.permutation(200).astype(np.float32), I(50)], "in no order, none twice", sorted=False)
c.write()
