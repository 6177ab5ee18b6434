"""Writes tests/conformance/segment.cases: reductions by segment, plain and sparse."""
from case_writer import Cases, bfloat16 as bf16

import numpy as np

FLOATS = [np.float32, np.float64, np.float16, bf16]
REALS = FLOATS + [np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint16, np.uint32,
                  np.uint64]
NUMBERS = REALS + [np.complex64, np.complex128]
rng = np.random.RandomState(3)


def mixed(*shape, dtype=np.float32):
    return rng.randint(-9, 9, shape).astype(dtype)


def i32(*values):
    return np.array(values, np.int32)


def I(value):
    return np.int32(value)


c = Cases("segment")
S = i32(0, 0, 2, 2, 2)
U = i32(3, 0, 3, -1, 1)
for op in ("Sum", "Mean", "Prod", "Max", "Min"):
    for t in (NUMBERS if op in ("Sum", "Mean", "Prod") else REALS):
        c.add("Segment" + op, [mixed(5, 2, dtype=t), S])
        if op != "Mean":
            c.add("UnsortedSegment" + op, [mixed(5, 2, dtype=t), U, I(5)])
    o = "Segment" + op
    c.add(o, [mixed(5, 2, 2), S.astype(np.int64)], "int64")
    c.add(o, [np.zeros((0, 2), np.float32), i32()], "nothing")
    c.add(o, [np.zeros((2, 0), np.float32), i32(0, 3)], "empty rows")
    c.add(o, [mixed(300), i32(*([0] * 100 + [1] * 200))], "long")
    c.add(o, [mixed(4), i32(0, 1, 0, 1)], "refuses order")
    c.add(o, [mixed(4), i32(-1, 0, 1, 1)], "refuses negative")
    c.add(o, [mixed(4), i32(0, 1, 2)], "refuses count")
    c.add(o, [mixed(4), i32(0, 1, 2, 3).reshape(2, 2)], "refuses matrix")
    c.add(o, [np.float32(1), i32()], "refuses scalar")
    if op == "Mean":
        continue
    o = "UnsortedSegment" + op
    c.add(o, [mixed(2, 2, 3), i32(1, 0, -1, 1).reshape(2, 2), np.int64(2)], "matrix")
    c.add(o, [np.float32(7), I(1), I(2)], "scalar")
    c.add(o, [mixed(4, 2), i32(), I(2)], "refuses empty")
    c.add(o, [np.zeros((0, 2), np.float32), i32(), I(2)], "nothing")
    c.add(o, [mixed(2), i32(-1, -1), I(0)], "no segments")
    c.add(o, [mixed(4), i32(0, 1, 2, 5), I(5)], "refuses range")
    c.add(o, [mixed(4), i32(0, 1, 2, 4), I(-5)], "refuses num_segments")
    c.add(o, [mixed(4), i32(0, 1, 2, 4), i32(5)], "refuses vector")
    c.add(o, [mixed(4), i32(0, 1), I(5)], "refuses shape")

x = mixed(4, 3)
P, Q = i32(1, 2, 0, 1), i32(0, 0, 2, 2)
for op in ("Sum", "Mean", "SqrtN"):
    o = "SparseSegment" + op
    for t in (REALS if op == "Sum" else FLOATS):
        c.add(o, [mixed(4, 3, dtype=t), P, Q])
        c.add(o + "WithNumSegments", [mixed(4, 3, dtype=t), P, Q, I(5)])
    for t in FLOATS:
        c.add(o + "Grad", [mixed(3, 2, dtype=t), P, Q, I(4)])
        c.add(o + "GradV2", [mixed(3, 2, dtype=t), 3 * P, Q, I(9)])
    c.add(o, [x, P.astype(np.int64), Q.astype(np.int64)], "int64")
    c.add(o, [x, i32(), i32()], "nothing")
    c.add(o, [mixed(40, 9), i32(*rng.randint(0, 40, 60)), i32(*np.sort(rng.randint(0, 7, 60)))],
          "many")
    c.add(o, [x, i32(1, 9), i32(0, 0)], "refuses index")
    c.add(o, [x, i32(1, -1), i32(0, 0)], "refuses negative")
    c.add(o, [x, i32(1, 1), i32(1, 0)], "refuses order")
    c.add(o, [x, i32(1, 1), i32(-1, 0)], "refuses negative segment")
    c.add(o, [x, i32(1, 1), i32(0)], "refuses count")
    c.add(o, [np.float32(1), i32(0), i32(0)], "refuses scalar")
    n = o + "WithNumSegments"
    c.add(n, [x, i32(), i32(), I(2)], "nothing")
    c.add(n, [x, P, Q, I(2)], "refuses few")
    c.add(n, [x, P, Q, I(-2)], "refuses negative")
    c.add(n, [x, P, Q, i32(3)], "refuses vector")
    g = o + "Grad"
    c.add(g, [mixed(3), i32(1, 2), i32(2, 0), I(4)], "not sorted")
    c.add(g, [mixed(3), i32(1, 9), i32(0, 2), I(4)], "refuses index")
    c.add(g, [mixed(3), i32(1, 2), i32(0, 3), I(4)], "refuses segment")
    c.add(g + "V2", [mixed(3), np.int64([5, 3, 5]), i32(0, 1, 2), I(6)], "int64")
    c.add(g + "V2", [mixed(3), i32(1, 9), i32(0, 2), I(4)], "refuses index")
c.write()
