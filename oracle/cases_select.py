"""Writes tests/conformance/select.cases: Select, SelectV2, ClipByValue."""
import numpy as np

from case_writer import Cases
from math_inputs import *

cases = Cases("select")
t = np.array([True, False, True])
for dtype in NUMBERS + [bool]:
    a = numbers(dtype, (3, 2)) if dtype != bool else np.ones((3, 2), bool)
    b = np.zeros_like(a)
    cases.add("Select", [t, a, b], f"{name_of(dtype)} by rows")
    cases.add("SelectV2", [t[:, None], a, b[0]], f"{name_of(dtype)} broadcasts")
text = np.array([b"a", b"b of more than twenty-three bytes", b""], object)
for op in ("Select", "SelectV2"):
    x = numbers(np.float32, (3,))
    cases.add(op, [t, text, text[::-1].copy()], "strings")
    cases.add(op, [np.array(True), x, -x], "scalar condition")
    cases.add(op, [t, x, -x], "each")
    cases.add(op, [np.zeros((0,), bool), x[:0], x[:0]], "of nothing")
    cases.add(op, [np.array(False), np.float32(1), np.float32(2)], "scalars")
    cases.add(op, [t[:2], x, x], "refuses the condition")
    cases.add(op, [t, x, x[:2]], "refuses shapes")
    cases.add(op, [np.ones((3, 1), bool), np.ones((3, 2), np.float32),
                   np.ones((3, 2), np.float32)], "matrix condition")
    cases.add(op, [t, np.float32(1), np.float32(1)], "vector over scalars")
cases.add("SelectV2", [np.array([[[True]], [[False]]]), numbers(np.int16, (3, 1)),
                       numbers(np.int16, (1, 50), seed=1)], "three ways")
cases.add("SelectV2", [t, np.float64(1), np.float64(2)], "scalars by each")
cases.add("SelectV2", [np.array(True), text, text[:1]], "string to all")
for dtype in FLOATS + SIGNED + [np.uint8, np.uint16]:
    x = numbers(dtype, (4, 5), 0, 9)
    name = name_of(dtype)
    cases.add("ClipByValue", [x, dtype(2), dtype(5)], name)
    cases.add("ClipByValue", [x, x - dtype(0), np.full_like(x, 5)], f"{name} each")
x = np.float32([1, 5, np.nan, np.inf, -np.inf])
cases.add("ClipByValue", [x, np.float32(3), np.float32(2)], "crossed")
cases.add("ClipByValue", [x, np.float32(2), np.float32(3)], "odd")
cases.add("ClipByValue", [x, np.float32(2), np.full(5, 3, np.float32)], "mixed")
cases.add("ClipByValue", [x, np.float32([2]), np.float32([3])], "one element")
cases.add("ClipByValue", [x, np.float32([2]), np.float32(3)], "one and scalar")
cases.add("ClipByValue", [x, np.float32([2, 3]), np.float32(3)], "refuses shapes")
cases.add("ClipByValue", [x[:0], np.float32(2), np.float32(3)], "of nothing")
cases.add("ClipByValue", [np.ones((2, 3), np.float32), np.ones(3, np.float32),
                          np.float32(3)], "does not broadcast")
cases.add("ClipByValue", [np.complex64([1 + 2j, 3j]), np.complex64(0),
                          np.complex64(1)], "complex")
cases.add("ClipByValue", [np.float32(7), np.float32(2), np.float32(3)], "scalars")
for dtype in NUMBERS:
    xs = [numbers(dtype, (2, 3), seed=i) for i in range(3)]
    cases.add("AddN", [xs], name_of(dtype))
x = numbers(np.float32, (1500,))
cases.add("AddN", [[x]], "of one")
cases.add("AddN", [[x, x, x, x]], "long")
cases.add("AddN", [[x[:0], x[:0]]], "of nothing")
cases.add("AddN", [[x, x[:3]]], "refuses shapes")
cases.add("AddN", [[np.float64(1), np.float64(2)]], "scalars")
cases.write()
