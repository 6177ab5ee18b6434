"""Writes tests/conformance/quantized.cases: ops on quantised tensors."""
import numpy as np

from case_writer import Cases, tf

cases = Cases("quantized")
random = np.random.RandomState(17)
f32 = np.float32
quint8 = tf.quint8.as_numpy_dtype
qint8 = tf.qint8.as_numpy_dtype
qint32 = tf.qint32.as_numpy_dtype
RANGES = [(0.0, 6.0), (-1.0, 1.0), (-3.2, 7.1), (0.5, 2.0), (-0.1, 100.0)]


def levels(dtype, *shape, low=None, high=None):
    plain = {quint8: np.uint8, qint8: np.int8, qint32: np.int32}[dtype]
    info = np.iinfo(plain)
    low = info.min if low is None else low
    high = info.max if high is None else high
    return random.randint(low, high + 1, shape, np.int64).astype(plain).astype(
        dtype)


def add(op, x, ranges, name, **attrs):
    cases.add(op, [*x, *(f32(v) for r in ranges for v in r)], name, tol=1e-7,
              **attrs)


for r in RANGES:
    for dtype, kind in ((quint8, "quint8"), (qint32, "qint32")):
        for op in ("QuantizedRelu", "QuantizedRelu6"):
            add(op, [levels(dtype, 3, 5)], [r], f"{kind} {r}", out_type=kind)
    wide = (r[0] * 2.0 ** 14, r[1] * 2.0 ** 14)
    add("QuantizeDownAndShrinkRange",
        [levels(qint32, 4, 6, low=-200000, high=900000)], [wide], f"{r}",
        out_type="quint8")
    add("QuantizeDownAndShrinkRange", [levels(qint32, 40)], [wide], f"all {r}",
        out_type="quint8")
    add("RequantizationRange", [levels(qint32, 6, low=-9000, high=100000)],
        [wide], f"{r}")
    add("RequantizationRange", [levels(qint32, 6, low=100, high=100000)],
        [wide], f"above {r}")
    for kind in ("quint8", "qint8"):
        add("Requantize", [levels(qint32, 50)], [wide, (-9000.0, 30000.0)],
            f"{kind} {r}", out_type=kind)
    for dtype in (quint8, qint8):
        add("QuantizedBiasAdd", [levels(dtype, 3, 2, 5), levels(dtype, 5)],
            [r, (-0.7, 0.4)], f"{np.dtype(dtype)} {r}", out_type="qint32")
one = [(0.0, 1.0)]
add("QuantizedRelu", [levels(quint8, 0)], one, "empty", out_type="quint8")
add("QuantizedRelu", [levels(quint8, 3)], [(1.0, 1.0)], "no range",
    out_type="quint8")
add("QuantizedRelu", [levels(quint8, 3)], [([0.0], [1.0])], "vector range",
    out_type="quint8")
add("Requantize", [levels(qint32, 3)], one + [(0.5, 1.0)], "above 0",
    out_type="quint8")
add("Requantize", [levels(qint32, 3)], one + [(-1.0, -0.5)], "below 0",
    out_type="quint8")
add("Requantize", [levels(qint32, 3)], one + [(0.0, 0.0)], "to nothing",
    out_type="quint8")
add("QuantizeDownAndShrinkRange", [levels(qint32, 0)], one, "empty",
    out_type="quint8")
add("QuantizedBiasAdd", [levels(quint8, 3, 4), levels(quint8, 5)], one * 2,
    "other channels", out_type="qint32")
add("QuantizedBiasAdd", [levels(quint8, 5), levels(quint8, 5)], one * 2,
    "one axis", out_type="qint32")

for ra, rb in ((RANGES[0], RANGES[1]), (RANGES[2], RANGES[2]),
               (RANGES[4], RANGES[1])):
    for ta in (False, True):
        for tb in (False, True):
            a = levels(quint8, *((7, 5) if ta else (5, 7)))
            b = levels(quint8, *((4, 7) if tb else (7, 4)))
            add("QuantizedMatMul", [a, b], [ra, rb], f"{ta} {tb} {ra}",
                transpose_a=ta, transpose_b=tb, Toutput="qint32")
    for x, y in (((3, 4), (3, 4)), ((3, 4), ()), ((), (3, 4)), ((2, 3, 4), (4,)),
                 ((4,), (2, 3, 4))):
        for op in ("QuantizedMul", "QuantizedAdd"):
            add(op, [levels(quint8, *x), levels(quint8, *y)], [ra, rb],
                f"{x} {y} {ra}", Toutput="qint32")
    for padding in ("SAME", "VALID"):
        for stride, size, window in ((1, 6, 3), (2, 7, 3), (3, 8, 2), (2, 5, 1)):
            add("QuantizedConv2D",
                [levels(quint8, 2, size, size + 1, 3),
                 levels(quint8, window, window, 3, 5)], [ra, rb],
                f"{padding} {stride} {window} {ra}", padding=padding,
                strides=[1, stride, stride, 1], out_type="qint32")
for op in ("QuantizedMaxPool", "QuantizedAvgPool"):
    for padding in ("SAME", "VALID"):
        add(op, [levels(quint8, 2, 7, 6, 3)], [(-1.0, 3.0)], f"{padding}",
            ksize=[1, 3, 2, 1], strides=[1, 2, 2, 1], padding=padding)
    add(op, [levels(quint8, 2, 7, 6)], one, "three axes", ksize=[1, 2, 2, 1],
        strides=[1, 1, 1, 1], padding="SAME")
for dtype in (quint8, qint32):
    x = levels(dtype, 2, 6)
    kind = str(np.dtype(dtype).names)
    for shape in ([3, 4], [-1], [2, -1, 2], [12, 1]):
        cases.add("QuantizedReshape", [x, np.int32(shape), f32(-1), f32(2)],
                  f"{kind} {shape}")
    for axis in (0, 1):
        parts = [levels(dtype, 2, 3), levels(dtype, 2, 3), levels(dtype, 2, 3)]
        cases.add("QuantizedConcat",
                  [np.int32(axis), parts, [f32(-1), f32(0), f32(-1)],
                   [f32(2), f32(3), f32(3)]], f"{kind} {axis}")
cases.add("QuantizedReshape", [x, np.int32([5]), f32(0), f32(1)], "other count")
cases.add("QuantizedReshape", [x, np.int32([-1, -1]), f32(0), f32(1)], "two open")
cases.add("QuantizedConcat", [np.int32(2), parts, [f32(0)] * 3, [f32(1)] * 3],
          "axis outside")
cases.add("QuantizedConcat", [np.int32(0), [parts[0], parts[1][:, :2]],
                              [f32(0)] * 2, [f32(1)] * 2], "other width")
add("QuantizedMatMul", [levels(quint8, 3, 4), levels(quint8, 3, 4)], one * 2,
    "does not go", Toutput="qint32")
add("QuantizedMatMul", [levels(quint8, 3, 4), levels(quint8, 4, 3)],
    [(1.0, 1.0)] + one, "no range", Toutput="qint32")
cases.write()
