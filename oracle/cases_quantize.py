"""Writes tests/conformance/quantize.cases: the ops of quantisation."""
import numpy as np

from case_writer import Cases, bfloat16, typed

cases = Cases("quantize")
random = np.random.RandomState(14)
f = np.float32
# Nothing lies half way between two steps: there compilers decide.
ODD = f([-2.03, -.97, -.52, -.013, 0, .11, .27, .53, 1.01, 1.57, 2.1, 7, np.inf,
         -np.inf])
x = np.linspace(-3, 3, 12, dtype=f).reshape(3, 4)

# FakeQuant
RANGES = ((-1, 1), (0, 2.5), (0.5, 2), (-3, -1), (-6, 6))
for low, high in RANGES:
    for bits, narrow in ((8, False), (4, True), (16, False), (2, False)):
        attrs = dict(num_bits=bits, narrow_range=narrow)
        name = f"{low} {high} {bits} {narrow}"
        dy = random.randint(-9, 10, ODD.size).astype(f)
        cases.add("FakeQuantWithMinMaxArgs", [ODD], name, min=low, max=high,
                  **attrs)
        cases.add("FakeQuantWithMinMaxArgsGradient", [dy, ODD], name, min=low,
                  max=high, **attrs)
        cases.add("FakeQuantWithMinMaxVars", [ODD, f(low), f(high)], name,
                  **attrs)
        cases.add("FakeQuantWithMinMaxVarsGradient", [dy, ODD, f(low), f(high)],
                  name, **attrs)
lows, highs = f([-1, -2, 0, 1]), f([1, 2, 0, 3])
ONE = "FakeQuantWithMinMaxVars"
EACH = "FakeQuantWithMinMaxVarsPerChannel"
for shape in ((3, 4), (4,), (2, 3, 2, 4), (0, 4)):
    v = random.uniform(-3, 3, shape).astype(f)
    cases.add(EACH, [v, lows, highs], str(shape), num_bits=5)
    cases.add(EACH + "Gradient", [np.ones_like(v), v, lows, highs], str(shape))
for low, high in ((0, 0), (1, 0), (np.nan, 1)):
    cases.add(ONE, [x, f(low), f(high)], f"{low} {high}")
    cases.add(ONE + "Gradient", [x, x, f(low), f(high)], f"{low} {high}")
cases.add("FakeQuantWithMinMaxArgs", [x], "no range", min=1, max=1)
cases.add("FakeQuantWithMinMaxArgs", [x], "17 bits", num_bits=17)
cases.add("FakeQuantWithMinMaxArgs", [x], "1 bit", num_bits=1)
cases.add(ONE, [x, f([0]), f([1])], "vectors")
cases.add(EACH, [x, lows[:3], highs[:3]], "too few")
cases.add(ONE + "Gradient", [x[:1], x, f(0), f(1)], "shapes differ")

# QuantizeAndDequantize
BOTH = "QuantizeAndDequantize"
y = ODD[:12]
for mode in ("HALF_TO_EVEN", "HALF_UP"):
    for signed in (True, False):
        for narrow in (True, False):
            for given in (True, False):
                attrs = dict(round_mode=mode, signed_input=signed,
                             narrow_range=narrow, range_given=given, num_bits=4)
                name = f"{mode} {signed} {narrow} {given}"
                for version in ("V2", "V4"):
                    cases.add(BOTH + version, [y, f(-1), f(1.2)], name, **attrs)
                cases.add(BOTH + "V2", [y.astype(np.float64), np.float64(-1),
                                        np.float64(1.2)], name + " double",
                          **attrs)
for axis in (0, 1):
    ends = f([1, 2, 3, 4][:3 + axis])
    cases.add(BOTH + "V3", [x, -ends, ends, np.int32(8)], f"axis {axis}",
              axis=axis)
    cases.add(BOTH + "V2", [x, f(0), f(0)], f"axis {axis}, found", axis=axis)
    cases.add(BOTH + "V4Grad", [x, x, -ends / 2, ends / 2], f"axis {axis}",
              axis=axis)
cases.add(BOTH + "V4Grad", [x, x, f(-1), f(1)])
cases.add(BOTH + "V4Grad", [x.astype(np.float64), x.astype(np.float64),
                            np.float64(-1), np.float64(1)], "double")
cases.add(BOTH + "V3", [x, f(-1), f(2), np.int32(8)])
cases.add(BOTH + "V3", [x, f(-1), f(2), np.int32(64)], "64 bits")
cases.add(BOTH + "V2", [x, f(1), f(0)], "range upside down", range_given=True)
cases.add(BOTH + "V2", [x * 0, f(1), f(0)], "zeros")
cases.add(BOTH + "V2", [x, f(0), f(0)], "empty range", range_given=True)
cases.add(BOTH + "V2", [x[:0], f(0), f(0)], "nothing")
cases.add(BOTH + "V2", [x, f([0]), f([1])], "vectors", range_given=True)
cases.add(BOTH + "V2", [x, f(-1), f(1)], "61 bits", range_given=True,
          num_bits=61)
for bits in (0, 62):
    cases.add(BOTH + "V2", [x, f(-1), f(1)], f"{bits} bits", num_bits=bits)
cases.add(BOTH + "V2", [x, f(0), f(0)], "axis 2", axis=2)
cases.add(BOTH + "V2", [x, f(0), f(0)], "axis -2", axis=-2)
cases.add(BOTH, [x], version=20, num_bits=4)
cases.add(BOTH, [x], "range", version=20, num_bits=4, range_given=True,
          input_min=-1.0, input_max=1.0)
cases.add(BOTH, [x.astype(np.float64)], "double", version=20)

# QuantizeV2 and Dequantize
STORE = dict(quint8=np.uint8, qint8=np.int8, quint16=np.uint16, qint16=np.int16,
             qint32=np.int32)
v = np.concatenate([x.ravel(), random.uniform(-3, 3, 60).astype(f)])
for dtype, store in STORE.items():
    info = np.iinfo(store)
    most = info.max if dtype != "qint32" else info.max // 2
    steps = np.concatenate([np.linspace(info.min, most, 40),
                            [0, 1, info.min, most]]).astype(store)
    for mode in ("MIN_COMBINED", "MIN_FIRST", "SCALED"):
        for low, high in ((-2, 2.5), (0, 3), (1, 2)):
            name = f"{dtype} {mode} {low} {high}"
            cases.add("QuantizeV2", [v, f(low), f(high)], name, T=dtype,
                      mode=mode)
            cases.add("Dequantize", [typed(dtype, steps), f(low), f(high)],
                      name, mode=mode, tol=2e-6)
    cases.add("Dequantize", [typed(dtype, steps), f(-2), f(2)],
              dtype + " bfloat16", dtype="bfloat16")
    for narrow in (True, False):
        for mode in ("HALF_TO_EVEN", "HALF_AWAY_FROM_ZERO"):
            halves = np.arange(-9, 10).astype(f) / 2
            cases.add("QuantizeV2", [halves, f(-127), f(127)],
                      f"{dtype} {mode} {narrow}", T=dtype, mode="SCALED",
                      round_mode=mode, narrow_range=narrow)
        cases.add("Dequantize", [typed(dtype, steps), f(-2), f(1)],
                  f"{dtype} narrow {narrow}", mode="SCALED",
                  narrow_range=narrow)
for mode in ("MIN_COMBINED", "SCALED", "MIN_FIRST"):
    for axis in (0, 1):
        ends = f([1, 2, 3, 4][:3 + axis])
        cases.add("QuantizeV2", [x, -ends, ends], f"{mode} axis {axis}",
                  T="qint8", mode=mode, axis=axis)
        bytes = random.randint(-128, 128, (3, 4)).astype(np.int8)
        cases.add("Dequantize", [typed("qint8", bytes), -ends, ends],
                  f"{mode} axis {axis}", mode=mode, axis=axis)
cases.add("QuantizeV2", [x, f(2), f(-2)], "range upside down", T="quint8")
cases.add("QuantizeV2", [x, f(0), f(0)], "empty range", T="quint8")
cases.add("QuantizeV2", [x, f(0), f(0)], "least range", T="qint8",
          mode="SCALED", ensure_minimum_range=0.5)
cases.add("QuantizeV2", [x, f(0), f(1)], "mode and rounding", T="quint8",
          round_mode="HALF_TO_EVEN")
cases.add("QuantizeV2", [x[:0], f(0), f(1)], "nothing", T="quint8")
cases.add("QuantizeV2", [x, f([0, 1]), f([1, 1])], "too many ends", T="quint8")
cases.write()
