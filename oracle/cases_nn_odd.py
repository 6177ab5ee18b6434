"""Writes tests/conformance/nn_odd.cases: what networks seldom have: Dilation2D, the
old batch normalisation, convolutions with padding or scaling in front."""
import numpy as np

from case_writer import Cases, bfloat16

cases = Cases("nn_odd")
random = np.random.RandomState(15)
ROUNDED = {np.float16: 5e-2, bfloat16: 0.3}
INTS = (np.int8, np.uint8, np.int16, np.uint16, np.int32, np.uint32, np.int64,
        np.uint64)
ints = np.int32


def some(*shape, dtype=np.float32):
    if np.dtype(dtype).kind in "iu":
        return random.randint(0, 20, shape).astype(dtype)
    return (random.randint(-64, 65, shape) / 32).astype(dtype)


def dilation(name, x, w, strides=(1, 1), rates=(1, 1), padding="SAME",
             tol=None):
    attrs = dict(strides=[1, *strides, 1], rates=[1, *rates, 1],
                 padding=padding)
    y = cases.add("Dilation2D", [x, w], name, tol=tol, **attrs)
    if not y:
        return
    dy = some(*y[0].shape, dtype=x.dtype.type)
    for side in ("Input", "Filter"):
        cases.add(f"Dilation2DBackprop{side}", [x, w, dy], name, tol=tol,
                  **attrs)


x, w = some(2, 5, 6, 3), some(3, 2, 3)
dilation("same", x, w)
dilation("valid", x, w, padding="VALID")
dilation("strides", x, w, (2, 3))
dilation("rates", x, w, rates=(2, 3))
for dtype in (np.float64, np.float16, bfloat16, *INTS):
    dilation(np.dtype(dtype).name, some(1, 4, 3, 2, dtype=dtype),
             some(2, 2, 2, dtype=dtype), tol=ROUNDED.get(dtype))
dilation("too small", x[:, :1, :1], w, padding="VALID")
dilation("other channels", x, w[..., :2])
dilation("rank 3", x[0], w)

for dtype in (np.float32, np.float64, np.float16):
    x = some(2, 3, 2, 4, dtype=dtype)
    beta, gamma, m = (some(4, dtype=dtype) for _ in range(3))
    v = np.abs(some(4, dtype=dtype)) + dtype(0.5)
    for scale in (True, False):
        attrs = dict(version=8, variance_epsilon=0.01,
                     scale_after_normalization=scale)
        name = f"{dtype.__name__} {scale}"
        tol = 0.1 if dtype == np.float16 else 5e-5
        cases.add("BatchNormWithGlobalNormalization", [x, m, v, beta, gamma],
                  name, tol=tol, **attrs)
        cases.add("BatchNormWithGlobalNormalizationGrad",
                  [x, m, v, gamma, some(*x.shape, dtype=dtype)], name, tol=tol,
                  **attrs)

# Of a batch TensorFlow takes the first picture every time: here is but one.
x, w = some(1, 4, 5, 3), some(3, 3, 3, 2)
PADS = ints([[0, 0], [1, 2], [2, 1], [0, 0]])


def fused(name, x, pads, w, mode="REFLECT", strides=(1, 1), padding="SAME",
          sizes=((7, 6), (2, 3), (4, 5)), tol=None):
    attrs = dict(mode=mode, strides=[1, *strides, 1], padding=padding, tol=tol)
    cases.add("FusedPadConv2D", [x, pads, w], name, **attrs)
    if x.dtype == bfloat16:
        return
    for size in sizes:
        for corners in (True, False):
            cases.add("FusedResizeAndPadConv2D", [x, ints(size), pads, w],
                      f"{name} {size} {corners}", resize_align_corners=corners,
                      **attrs)


for mode in ("REFLECT", "SYMMETRIC"):
    fused(mode, x, PADS, w, mode)
    fused(mode + " valid", x, PADS, w, mode, (2, 2), "VALID", ((7, 6),))
fused("no padding", x, PADS * 0, w, sizes=((7, 6),))
for dtype in (np.float64, np.float16, bfloat16):
    fused(np.dtype(dtype).name, x.astype(dtype), PADS, w.astype(dtype),
          sizes=((7, 6),), tol=ROUNDED.get(dtype))
fused("most", x, ints([[0, 0], [4, 4], [5, 5], [0, 0]]), w, "SYMMETRIC",
      sizes=())
fused("too much", x, ints([[0, 0], [4, 2], [2, 1], [0, 0]]), w, sizes=())
fused("too much", x, ints([[0, 0], [5, 2], [2, 1], [0, 0]]), w, "SYMMETRIC",
      sizes=())
fused("negative", x, ints([[0, 0], [-1, 2], [2, 1], [0, 0]]), w, sizes=())
fused("over the batch", x, ints([[1, 0], [1, 2], [2, 1], [0, 0]]), w, sizes=())
fused("no pixels", x, PADS, w, sizes=((0, 3),))
fused("other channels", x, PADS, w[:, :, :1], sizes=())
cases.write()
