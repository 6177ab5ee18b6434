"""Writes tests/conformance/cast.cases: Cast between all types."""
import numpy as np

from case_writer import Cases
from math_inputs import *

cases = Cases("cast")
USUAL = [name_of(t) for t in NUMBERS] + ["bool"]
FLOAT8 = ["float8_e5m2", "float8_e4m3fn"]


def cast(x, to):
    return tf.cast(x, to).numpy()


def array(values, dtype):
    dtype = tf.as_dtype(dtype)
    return np.array(values).astype(dtype.as_numpy_dtype)


fractions = [0, -0.0, 0.4, -0.6, 1.5, 2.5, -3.7, 100.25, 1e-3]
for source in USUAL:
    if source == "bool":
        x = np.array([True, False])
    elif "float" in source:
        x = array(fractions, source)
    elif "complex" in source:
        x = array([1 + 2j, -3.7, 5j, 100.9 + 1j, 0], source)
    else:
        x = array([0, 1, 7, 100], source)
        x = np.concatenate([x, array(extremes(x.dtype), source)])
    for to in USUAL:
        # What an unsigned integer cannot hold depends on the place in vectors.
        some = x[x >= 0] if "float" in source and to[0] == "u" else x
        cases.add("Cast", [some], f"{source} {to}", DstT=to)
for source in ("float32", "float64", "float16", "bfloat16"):
    odd = array([np.nan, np.inf, -np.inf, 448, 464, 465, 240, 57344, 65520], source)
    for to in FLOAT8 + ["float16", "bfloat16", "float32", "float64", "bool"]:
        cases.add("Cast", [odd], f"{source} {to} odd", DstT=to)
        if to not in ("bool", source):
            cases.add("Cast", [array([1.0517578125, 3.3, 65519, -1.7], source)],
                      f"{source} {to} truncates", DstT=to, Truncate=True)
for source in FLOAT8:
    x = array(fractions + [np.nan, 448, np.inf], source)
    for to in USUAL + FLOAT8:
        cases.add("Cast", [x[:9] if "int" in to else x], f"{source} {to}", DstT=to)
for source in ("int4", "uint4"):
    x = array([0, 1, 3, 7], source)
    for to in ("int32", "uint8", "int8", "int64", "int4", "uint4"):
        cases.add("Cast", [x], f"{source} {to}", DstT=to)
for to in ("int4", "uint4"):
    cases.add("Cast", [np.int32([-9, -8, -1, 0, 7, 8, 15, 16, 100])],
              f"int32 {to}", DstT=to)
# What is too large for the integer; each alone, as no vector loop sees it.
for value in (3e9, -3e9, 1e20, np.inf, -np.inf, np.nan, 300, -1, 70000):
    for source in ("float32", "float64"):
        for to in ("int32", "int64", "uint64", "int8", "uint8", "int16"):
            cases.add("Cast", [array([value], source)],
                      f"{value} {source} {to}", DstT=to)
double = [1 + 2**-11 + 2**-40, 1 + 2**-8 + 2**-40, 65520, 1e300, -1e300]
for to in ("float16", "bfloat16", "float32"):
    cases.add("Cast", [np.float64(double)], f"double rounding {to}", DstT=to)
    cases.add("Cast", [np.int64([2**53 + 1, 2**63 - 1, 65519, 65520, 2**24 + 1])],
              f"int64 rounding {to}", DstT=to)
    cases.add("Cast", [np.uint64([2**64 - 1, 2**63 + 1025])],
              f"uint64 rounding {to}", DstT=to)
cases.add("Cast", [np.array([b"a"], object)], "strings", DstT="string")
cases.add("Cast", [np.float32(2.5)], "scalar", DstT="int32")
cases.add("Cast", [np.zeros((0, 2), np.float32)], "of nothing", DstT="int8")
cases.add("Cast", [numbers(np.float64, (700,))], "long", DstT="float16")
cases.write()
