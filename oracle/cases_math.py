"""Writes tests/conformance/math.cases: functions of one number."""
import numpy as np

from case_writer import Cases
from math_inputs import *

cases = Cases("math")
PLAIN = ["Reciprocal", "Inv", "Sqrt", "Rsqrt", "Exp", "Expm1", "Log", "Log1p",
         "Sigmoid", "Tanh", "Sin", "Cos", "Tan", "Asin", "Acos", "Atan", "Sinh",
         "Cosh", "Asinh", "Acosh", "Atanh"]
POSITIVE = {"Sqrt", "Rsqrt", "Log", "Log1p"}
OPS = {**{op: FIELD for op in PLAIN}, "Neg": FIELD + SIGNED,
       "Abs": FLOATS + SIGNED, "Sign": FIELD + SIGNED, "Square": NUMBERS,
       "Floor": FLOATS, "Ceil": FLOATS, "Round": FLOATS,
       "Rint": SINGLES, "Erf": FLOATS, "Erfc": FLOATS}
for op, types in OPS.items():
    for dtype in types:
        kind, name = np.dtype(dtype).kind, name_of(dtype)
        low, high = (-4, 4)
        if op in POSITIVE and kind != "c":
            low, high = 0.01, 30
        if op in ("Asin", "Acos", "Atanh") and kind != "c":
            low, high = -0.99, 0.99
        if op == "Acosh" and kind != "c":
            low, high = 1, 30
        if kind in "iu":
            x = np.array(extremes(dtype) + [0, 3], dtype)
        else:
            x = numbers(dtype, (37,), low, high)
        cases.add(op, [x], name)
        if kind == "f" and dtype in SINGLES:
            odd = np.array(ODD, dtype)
            if op == "Erf" and dtype == np.float64:
                odd = odd[np.isfinite(odd)]  # of infinity TensorFlow has NaN
            cases.add(op, [odd], f"{name} odd")
    cases.add(op, [types[0](0.5)], "scalar")
    cases.add(op, [np.zeros((2, 0), types[0])], "of nothing")

x = np.concatenate([np.linspace(-100, 100, 81), np.linspace(-1, 1, 41)])
for op in ("Exp", "Tanh", "Sigmoid", "Erf", "Sin", "Cos", "Expm1"):
    cases.add(op, [x.astype(np.float32)], "far")
cases.add("Round", [np.float32([0.5, 1.5, -0.5, -2.5, 8388609, 1e30])], "halves")
# TensorFlow 2.21 makes zeros of integers; the values are left open.
cases.add("Round", [np.int32([1, -2])], "int32", skip=[0])
cases.add("Round", [np.int64([1, -2])], "int64", skip=[0])
cases.add("Rint", [np.float64([0.5, 1.5, -0.5, -2.5, 4503599627370497])],
          "halves")
tiny = [0, 6e-8, 1e-7, 6e-5, -6e-8, 65504, -65504, np.inf, np.nan, 2049]
cases.add("Neg", [np.float16(tiny)], "half denormals")
cases.add("Abs", [np.float16(tiny)], "half denormals")

for op, types in {"Atan2": FLOATS, "NextAfter": SINGLES}.items():
    for dtype in types:
        a, b = pairs(np.array(ODD, dtype))
        cases.add(op, [a, b], name_of(dtype))
    cases.add(op, [np.float32([[1], [2]]), np.float32([3, -4])], "broadcasts")
    cases.add(op, [np.zeros((0,), np.float32), np.float32(1)], "of nothing")

for op in ("InvGrad", "ReciprocalGrad", "RsqrtGrad", "SqrtGrad", "SigmoidGrad",
           "TanhGrad"):
    for dtype in FIELD:
        y, dy = numbers(dtype, (3, 4), 0.25, 3), numbers(dtype, (3, 4), seed=1)
        cases.add(op, [y, dy], name_of(dtype))
    cases.add(op, [np.float32(2), np.float32(3)], "scalars")
    cases.add(op, [np.zeros((0, 2), np.float32)] * 2, "of nothing")
    cases.add(op, [np.ones((2, 2), np.float32), np.ones(3, np.float32)],
              "refuses shapes")
cases.write()
