"""Writes tests/conformance/pool_grad.cases: gradients of pooling, and argmax."""
import numpy as np

from case_writer import Cases, bfloat16

cases = Cases("pool_grad")
random = np.random.RandomState(10)
INTS = (np.int8, np.uint8, np.int16, np.uint16, np.int32, np.int64)
KINDS = (("valid", [1, 2, 2, 1], [1, 2, 2, 1], dict(padding="VALID")),
         ("same", [1, 3, 2, 1], [1, 2, 1, 1], dict(padding="SAME")),
         ("overlap", [1, 3, 3, 1], [1, 1, 1, 1], dict(padding="VALID")))


def some(*shape, dtype=np.float32):
    return random.randint(0, 40, shape).astype(dtype)


def window(ksize, strides):
    return dict(ksize=ksize, strides=strides)


def max_grads(name, x, ksize, strides, tol=None, v2=True, **attrs):
    attrs = {**window(ksize, strides), **attrs}
    y = cases.ask("MaxPool", [x], **attrs)[0]
    dy = some(*y.shape, dtype=x.dtype)
    back = some(*x.shape, dtype=x.dtype)
    cases.add("MaxPoolGrad", [x, y, dy], name, tol=tol, **attrs)
    if attrs["padding"] != "EXPLICIT":
        cases.add("MaxPoolGradGrad", [x, y, back], name, tol=tol, **attrs)
    if not v2:
        return
    lists = [np.int32(ksize), np.int32(strides)]
    padding = dict(padding=attrs["padding"])
    cases.add("MaxPoolGradV2", [x, y, dy, *lists], name, tol=tol, **padding)
    cases.add("MaxPoolGradGradV2", [x, y, back, *lists], name, tol=tol,
              **padding)


x = some(2, 5, 6, 3)
for name, ksize, strides, attrs in KINDS:
    max_grads(name, x, ksize, strides, **attrs)
    y = cases.ask("AvgPool", [x], **window(ksize, strides), **attrs)[0]
    cases.add("AvgPoolGrad", [np.int32(x.shape), some(*y.shape)], name,
              **window(ksize, strides), **attrs)
    for batch in (True, False):
        pick = dict(include_batch_in_index=batch, **window(ksize, strides),
                    **attrs)
        index = cases.ask("MaxPoolWithArgmax", [x], **pick)[1]
        cases.add("MaxPoolWithArgmax", [x], f"{name} {batch}", Targmax="int32",
                  **pick)
        cases.add("MaxPoolGradWithArgmax", [x, some(*y.shape), index],
                  f"{name} {batch}", **pick)
name, ksize, strides, attrs = KINDS[1]
both = dict(**window(ksize, strides), **attrs)
max_grads("many channels", some(1, 4, 4, 70), ksize, strides, v2=False, **attrs)
max_grads("explicit", x, ksize, strides, v2=False, padding="EXPLICIT",
          explicit_paddings=[0, 0, 1, 2, 0, 1, 0, 0])
for dtype in (np.float64, np.float16, bfloat16, *INTS):
    name = np.dtype(dtype).name
    tol = {np.float16: 2e-2, bfloat16: 0.2}.get(dtype)
    small = some(2, 3, 4, 2, dtype=dtype)
    max_grads(name, small, ksize, strides, v2=False, tol=tol, **attrs)
    cases.add("MaxPoolWithArgmax", [small], name, **both)
    y, index = cases.ask("MaxPoolWithArgmax", [small], **both)
    cases.add("MaxPoolGradWithArgmax", [small, y, index], name, tol=tol, **both)
    if np.dtype(dtype).kind not in "iu":
        cases.add("AvgPoolGrad", [np.int32(small.shape), y], name, tol=tol,
                  **both)
cases.add("MaxPoolWithArgmax",
          [np.float32([[[[np.nan], [1], [2]], [[3], [np.nan], [-np.inf]]]])],
          "special values", **both)
y = cases.ask("MaxPool", [x], **both)[0]
cases.add("MaxPoolGrad", [x[:0], y[:0], y[:0]], "no pictures", **both)
cases.add("MaxPoolGrad", [x, y[:, :1], y], "other output", **both)
cases.add("MaxPoolGrad", [x, y, y[:, :1]], "other gradient", **both)
cases.add("AvgPoolGrad", [np.int32([2, -5, 6, 3]), y], "negative", **both)
cases.add("AvgPoolGrad", [np.int32([2, 5, 6]), y], "three axes", **both)

volume = some(2, 4, 3, 5, 2)
for name, ksize, strides in (("apart", [1, 2, 2, 2, 1], [1, 2, 2, 2, 1]),
                             ("overlap", [1, 2, 3, 2, 1], [1, 1, 2, 1, 1])):
    for padding in ("SAME", "VALID"):
        for dtype in (np.float32, bfloat16):
            tol = {bfloat16: 0.2}.get(dtype)
            v = random.permutation(volume.size).reshape(volume.shape)
            v = (v % 250).astype(dtype)
            attrs = dict(padding=padding, **window(ksize, strides))
            title = f"{name} {padding} {np.dtype(dtype).name}"
            y = cases.ask("MaxPool3D", [v], **attrs)[0]
            dy = some(*y.shape, dtype=dtype)
            cases.add("MaxPool3DGrad", [v, y, dy], title, tol=tol, **attrs)
            cases.add("MaxPool3DGradGrad", [v, y, some(*v.shape, dtype=dtype)],
                      title, tol=tol, **attrs)
            cases.add("AvgPool3DGrad", [np.int32(v.shape), dy], title, tol=tol,
                      **attrs)
ties = np.ones((1, 3, 3, 3, 1), np.float32)
attrs = dict(padding="VALID", **window([1, 2, 2, 2, 1], [1] * 5))
cases.add("MaxPool3DGrad", [ties, ties[:, :2, :2, :2], ties[:, :2, :2, :2]],
          "ties", **attrs)
cases.write()
