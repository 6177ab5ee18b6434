"""Writes tests/conformance/bits.cases: bitwise, complex, cross, scans."""
import numpy as np

from case_writer import Cases
from math_inputs import *

cases = Cases("bits")
for dtype in INTS:
    name = name_of(dtype)
    a, b = pairs(np.array(extremes(dtype), dtype))
    for op in ("BitwiseAnd", "BitwiseOr", "BitwiseXor"):
        cases.add(op, [a, b], name)
    shifts = np.array([0, 1, 3, 7, 8, 31, 33, 63, 64, 100], dtype)
    a, b = (v.reshape(-1) for v in np.meshgrid(np.array(extremes(dtype)), shifts))
    for op in ("LeftShift", "RightShift"):
        cases.add(op, [a.astype(dtype), b], name)
        if dtype in SIGNED:
            cases.add(op, [a.astype(dtype), -b], f"{name} by less than nothing")
    x = np.array(extremes(dtype), dtype)
    cases.add("Invert", [x], name)
    cases.add("PopulationCount", [x], name)
for op in ("BitwiseAnd", "BitwiseOr", "BitwiseXor", "LeftShift", "RightShift"):
    cases.add(op, [np.ones((2, 1), np.int32), np.int32([1, 2, 3])], "broadcasts")
    cases.add(op, [np.zeros((0, 2), np.int32), np.int32(1)], "of nothing")
    cases.add(op, [np.ones(2, np.int32), np.ones(3, np.int32)], "refuses shapes")
cases.add("Invert", [np.uint8(3)], "scalar")
cases.add("PopulationCount", [np.zeros((2, 0), np.int64)], "of nothing")

for dtype, out in ((np.float32, "complex64"), (np.float64, "complex128")):
    re, im = numbers(dtype, (2, 3)), numbers(dtype, (3,), seed=1)
    cases.add("Complex", [re, im], out, Tout=out)
    z = numbers(out, (4, 5))
    for op in ("Real", "Imag", "Angle", "ComplexAbs"):
        cases.add(op, [z], out, Tout=name_of(dtype))
        cases.add(op, [z[:0]], f"{out} of nothing", Tout=name_of(dtype))
        cases.add(op, [z[0, 0]], f"{out} scalar", Tout=name_of(dtype))
    cases.add("Conj", [z], out)
cases.add("Conj", [np.zeros((0,), np.complex64)], "of nothing")
cases.add("Complex", [np.float32(1), np.float32(2)], "scalars", Tout="complex64")
cases.add("Complex", [re, im[:2]], "refuses shapes", Tout="complex128")

for dtype in FLOATS + INTS:
    cases.add("Cross", [numbers(dtype, (2, 3), -9, 9),
                        numbers(dtype, (2, 3), -9, 9, 1)], name_of(dtype))
cases.add("Cross", [np.ones((2, 4), np.int32)] * 2, "refuses four")
cases.add("Cross", [np.ones((2, 3), np.int32), np.ones(3, np.int32)],
          "refuses shapes")
cases.add("Cross", [np.zeros((0, 3), np.float32)] * 2, "of nothing")

for op, types in {"Cumsum": NUMBERS, "Cumprod": NUMBERS,
                  "CumulativeLogsumexp": FLOATS}.items():
    for dtype in types:
        x = numbers(dtype, (3, 5, 2), -3, 4)
        cases.add(op, [x, np.int32(1)], name_of(dtype))
        cases.add(op, [x, np.int64(-1)], f"{name_of(dtype)} other way",
                  exclusive=True, reverse=True)
    x = numbers(np.float32, (2, 5, 3))
    for axis in (0, 1, 2, -3, 3, -4):
        for exclusive in (False, True):
            for reverse in (False, True):
                cases.add(op, [x, np.int32(axis)],
                          f"{axis} {exclusive} {reverse}", exclusive=exclusive,
                          reverse=reverse)
    cases.add(op, [x, np.int32([1])], "refuses a vector of axes")
    cases.add(op, [np.float32(1), np.int32(0)], "refuses a scalar")
    cases.add(op, [x[:0], np.int32(0)], "of nothing")
    odd = np.float32([1, -np.inf, 2, np.inf, 3, np.nan, 4])
    cases.add(op, [odd, np.int32(0)], "odd")
cases.add("CumulativeLogsumexp", [np.float32([-np.inf, -np.inf, 1, np.inf]),
                                  np.int32(0)], "infinities")
cases.add("Cumsum", [np.ones(3000, np.float16), np.int32(0)], "half gets stuck")
cases.add("Cumsum", [numbers(np.float32, (2, 3, 300)), np.int32(1)], "wide")
cases.write()
