"""Writes tests/conformance/compare.cases: comparisons and logic."""
import numpy as np

from case_writer import Cases
from math_inputs import *

cases = Cases("compare")
for op in ("Less", "LessEqual", "Greater", "GreaterEqual", "Equal", "NotEqual"):
    both = op.endswith("qual") and op[0] in "EN"
    for dtype in FLOATS + INTS + (COMPLEXES if both else []):
        a, b = numbers(dtype, (3, 1, 4), 0, 3), numbers(dtype, (2, 4), 0, 3, 1)
        if np.dtype(dtype).kind != "c":
            a, b = np.round(a.astype(np.float32)), np.round(b.astype(np.float32))
        cases.add(op, [a.astype(dtype), b.astype(dtype)], name_of(dtype))
    a, b = pairs(np.float32(ODD))
    cases.add(op, [a, b], "odd")
    cases.add(op, [np.float64(1), np.float64(1)], "scalars")
    cases.add(op, [np.zeros((0, 2), np.float32), np.float32(1)], "of nothing")
    cases.add(op, [np.ones(2, np.int32), np.ones(3, np.int32)],
              "refuses shapes")
    top = np.uint64([2**64 - 1, 2**63, 0])
    cases.add(op, [top, top[::-1].copy()], "large uint64")
text = np.array([b"a", b"", b"a\0b", b"a text that is longer than that"], object)
for op in ("Equal", "NotEqual"):
    cases.add(op, [text, text[::-1].copy()], "strings")
    cases.add(op, [text, np.array(b"a", object)], "string with all")
    t = np.array([True, False])
    cases.add(op, [t, t[:, None]], "bools")
    for quantized in ("qint8", "quint8", "qint32", "qint16", "quint16"):
        q = np.array([(1,), (2,)], tf.as_dtype(quantized).as_numpy_dtype)
        cases.add(op, [q, q[::-1].copy()], quantized)
    for a, b in [((2,), (3,)), ((2, 3), (3,)), ((2, 3), (2,)), ((0,), (2,)),
                 ((4, 1), (1, 5))]:
        cases.add(op, [np.ones(a, np.int32), np.ones(b, np.int32)],
                  f"lenient {a} {b}", incompatible_shape_error=False)
t = np.array([True, False])
cases.add("LogicalAnd", [t, t[:, None]])
cases.add("LogicalOr", [t, t[:, None]])
cases.add("LogicalAnd", [np.zeros((0, 2), bool), t], "of nothing")
cases.add("LogicalOr", [np.zeros((0, 2), bool), t], "of nothing")
cases.add("LogicalAnd", [t, np.array(True)], "scalar")
cases.add("LogicalOr", [np.array(False), t], "scalar")
cases.add("LogicalNot", [t])
cases.add("LogicalNot", [np.array(True)], "scalar")
cases.add("LogicalNot", [np.zeros((0, 2), bool)], "of nothing")
for op in ("IsNan", "IsInf", "IsFinite"):
    for dtype in FLOATS:
        cases.add(op, [np.array(ODD, dtype)], name_of(dtype))
    cases.add(op, [np.float32(1)], "scalar")
    cases.add(op, [np.zeros(0, np.float32)], "of nothing")
for dtype in SINGLES:
    a = np.array([0, 1e-6, 2e-5, np.nan, np.inf, -1e-6], dtype)
    cases.add("ApproximateEqual", [a, np.zeros(6, dtype)], name_of(dtype))
    cases.add("ApproximateEqual", [a, a], f"{name_of(dtype)} self", tolerance=0.5)
cases.add("ApproximateEqual", [np.ones(2, np.float32), np.ones(1, np.float32)],
          "refuses shapes")
cases.write()
