"""Writes tests/conformance/reduction.cases: Sum, Mean, Max and their like."""
import numpy as np

from case_writer import Cases
from math_inputs import *

cases = Cases("reduction")
OPS = {"Sum": NUMBERS, "Mean": NUMBERS, "Prod": NUMBERS,
       "EuclideanNorm": NUMBERS, "Max": FLOATS + INTS, "Min": FLOATS + INTS}
for op, types in OPS.items():
    for dtype in types:
        name = name_of(dtype)
        x = numbers(dtype, (3, 4, 5), -2, 3)
        cases.add(op, [x, np.int32([1])], f"{name} middle")
        cases.add(op, [x, np.int64([-1, 0])], f"{name} outside", keep_dims=True)
        if np.dtype(dtype).kind in "iu":
            wild = np.array(extremes(dtype), dtype).reshape(2, 4)
            cases.add(op, [wild, np.int32([1])], f"{name} wraps")
        cases.add(op, [np.zeros((0, 2), dtype), np.int32(0)], f"{name} of nothing")
    nan = np.float32([[1, np.nan, 3], [np.nan, 2, 2], [1, 2, 3]])
    cases.add(op, [nan, np.int32(1)], "nan in rows")
    cases.add(op, [nan, np.int32(0)], "nan in columns")
    inf = np.float32([[np.inf, 1], [-np.inf, np.inf]])
    cases.add(op, [inf, np.int32(1)], "infinities")
    x = numbers(np.float32, (2, 3), 1, 2)
    for axes in ([], [0, 0], [-1, 1], [2], [-3], [[0, 1]], 0, -1, [0, 1]):
        cases.add(op, [x, np.array(axes, np.int32)], f"axes {axes}")
        cases.add(op, [x, np.array(axes, np.int32)], f"axes {axes} kept",
                  keep_dims=True)
    cases.add(op, [np.float32(3), np.zeros(0, np.int32)], "scalar")
    cases.add(op, [np.float32(3), np.int32(0)], "refuses an axis of a scalar")
    cases.add(op, [np.zeros((2, 0, 3), np.float32), np.int32([2])], "empty output")
    cases.add(op, [np.zeros((2, 0, 3), np.float32), np.int32([1])], "empty input")
# Every way of walking.
for shape, axes in [((3, 700), [1]), ((700, 3), [0]), ((3, 40), [1]),
                    ((70, 300), [0]), ((9000,), [0]), ((2, 3, 4, 5, 6), [1, 3]),
                    ((2, 3, 4, 5, 6), [0, 2, 4]), ((2, 9, 9, 33), [1, 2]),
                    ((300, 3), [1]), ((2, 300, 4, 3), [0, 3]),
                    ((5, 1, 60, 1, 2), [1, 2]), ((4, 70, 50), [0, 2])]:
    for dtype in (np.float32, np.int32, np.float16):
        x = numbers(np.int16, shape, -9, 10).astype(dtype)
        op = "Max" if dtype == np.int32 else "Mean"
        cases.add(op, [x, np.int32(axes)], f"{name_of(dtype)} {shape} {axes}",
                  tol=1e-3 if dtype == np.float16 else None)
big = np.float32(np.random.RandomState(3).uniform(0, 1, (5000,)))
cases.add("Sum", [np.tile(big, 9), np.int32(0)], "of many", tol=1e-6)
cases.add("Mean", [np.array([2**31 - 1] * 3, np.int32), np.int32(0)], "of large")
for op in ("All", "Any"):
    t = np.array([[True, False, True], [True, True, True], [False] * 3])
    for axes in ([0], [1], [0, 1], [], [-1], [3], [0, 0]):
        cases.add(op, [t, np.int32(axes)], f"axes {axes}")
    cases.add(op, [t, np.int64([1])], "kept", keep_dims=True)
    cases.add(op, [t[:0], np.int32([0])], "of nothing")
    cases.add(op, [np.array(True), np.zeros(0, np.int32)], "scalar")
    cases.add(op, [np.ones((5, 300), bool), np.int32(1)], "long")
cases.write()
