"""Writes tests/conformance/arithmetic.cases: arithmetic of two operands."""
import numpy as np

from case_writer import Cases
from math_inputs import *

cases = Cases("arithmetic")
OPS = {
    "AddV2": NUMBERS, "Sub": NUMBERS, "Mul": NUMBERS, "RealDiv": FIELD,
    "Div": NUMBERS, "FloorDiv": FLOATS + INTS, "TruncateDiv": FLOATS + INTS,
    "FloorMod": FLOATS + INTS, "Mod": SINGLES + [np.int32, np.int64],
    "TruncateMod": SINGLES + [np.int32, np.int64], "Maximum": FLOATS + INTS,
    "Minimum": FLOATS + INTS, "Pow": FIELD + SIGNED,
    "SquaredDifference": FIELD + [np.int32, np.int64], "DivNoNan": FIELD,
    "MulNoNan": FIELD, "Xdivy": FIELD, "Xlogy": FIELD, "Xlog1py": FIELD,
    "Add": FIELD + SIGNED + [np.uint8],
}
DIVIDES = {"Div", "FloorDiv", "TruncateDiv", "FloorMod", "Mod", "TruncateMod"}

for op, types in OPS.items():
    for dtype in types:
        name, kind = name_of(dtype), np.dtype(dtype).kind
        a, b = numbers(dtype, (2, 1, 3)), numbers(dtype, (4, 1), seed=1)
        if kind in "iu":
            if op in DIVIDES:
                b = np.where(b == 0, dtype(3), b).astype(dtype)
            if op == "Pow":
                b = np.abs(b).astype(dtype)
        elif op.startswith("Xlog") and kind != "c":
            b = np.abs(b)
        cases.add(op, [a, b], f"{name} broadcasts")
        if kind in "iu":
            x, y = pairs(np.array(extremes(dtype), dtype))
            if op == "Pow":
                y = np.resize(np.array([0, 1, 2, 3, 5], dtype), y.shape)
            cases.add(op, [x, y], f"{name} at the ends")
        elif kind == "f" and dtype in (np.float32, np.float64):
            if dtype == np.float32 or op in ("FloorMod", "Pow"):
                x, y = pairs(np.array(ODD, dtype))
                cases.add(op, [x, y], f"{name} odd")
    dtype = types[0]
    vector = numbers(dtype, (5,)) + dtype(5)
    cases.add(op, [vector, dtype(3)], "right scalar")
    cases.add(op, [dtype(3), vector], "left scalar")
    cases.add(op, [dtype(3), dtype(2)], "scalars")
    cases.add(op, [np.zeros((0, 3), dtype), np.ones((1, 3), dtype)], "of nothing")
    cases.add(op, [np.ones(2, dtype), np.ones(3, dtype)], "refuses shapes")

for op in sorted(DIVIDES):
    cases.add(op, [np.int32([1, 2]), np.int32([1, 0])], "refuses zero")
    cases.add(op, [np.zeros(0, np.int32), np.int32(0)], "nothing by zero")
cases.add("Pow", [np.int32([1, 2]), np.int32(-1)], "refuses a negative power")

# Every way of walking: rows, columns, short and long runs, many axes.
for a, b in [((2, 3, 40), (3, 1)), ((2, 3, 40), (40,)), ((300, 3), (3,)),
             ((300, 3), (300, 1)), ((7, 2, 3, 2, 5), (2, 1, 2, 1)),
             ((7, 1, 3, 1, 5), (1, 2, 1, 2, 1)), ((1, 600), (3, 1)),
             ((1, 1), (1,)), ((5, 1, 1, 1), (1, 5, 1, 70)), ((), (2, 2)),
             ((90, 1, 2), (90, 20, 1))]:
    for dtype in (np.float32, np.int16, np.float16):
        x = numbers(np.int16, a, 1, 9).astype(dtype)
        y = numbers(np.int16, b, 1, 9, 1).astype(dtype)
        cases.add("Sub", [x, y], f"{name_of(dtype)} {a} {b}")
text = np.array([[b"a", b""], [b"long enough to need memory", b"d"]], object)
cases.add("Add", [text, np.array([b"x", b"yz"], object)], "of strings")
cases.add("Add", [text, np.array(b"!", object)], "string to all")
cases.write()
