"""Writes tests/conformance/conv2d.cases: Conv2D and DepthwiseConv2dNative."""
import numpy as np

from case_writer import Cases, bfloat16

cases = Cases("conv2d")
random = np.random.RandomState(1)


def some(*shape, dtype=np.float32):
    if dtype == np.int32:
        return random.randint(-9, 10, shape).astype(dtype)
    return (random.randint(-32, 33, shape) / 32).astype(dtype)  # packs well


def conv(name, x, w, strides=(1, 1), padding="SAME", op="Conv2D", **attrs):
    cases.add(op, [x, w], name, strides=[1, *strides, 1], padding=padding,
              **attrs)


def pads(top, bottom, left, right):
    return dict(padding="EXPLICIT",
                explicit_paddings=[0, 0, top, bottom, left, right, 0, 0])


x, w = some(2, 5, 6, 4), some(3, 3, 4, 3)
conv("same", x, w)
conv("valid", x, w, padding="VALID")
conv("strides", x, w, (2, 3))
conv("strides valid", x, w, (3, 2), "VALID")
conv("one by one", x, some(1, 1, 4, 17))
conv("one by one, strides", x, some(1, 1, 4, 5), (2, 2))
conv("even window", x, some(2, 4, 4, 5))
conv("row window", x, some(1, 5, 4, 5))
conv("explicit", x, w, **pads(1, 2, 0, 3))
conv("explicit, wide", x, w, **pads(4, 5, 6, 3))
conv("dilations", x, w, dilations=[1, 2, 3, 1])
conv("dilations, strides", x, w, (2, 1), dilations=[1, 2, 1, 1])
conv("two groups", x, some(3, 3, 2, 6))
conv("groups of one", x, some(3, 3, 1, 8))
conv("few channels", some(1, 9, 9, 3), some(3, 3, 3, 33), (2, 2), "VALID")
conv("few channels, same", some(1, 9, 8, 3), some(7, 7, 3, 8), (2, 2))
conv("one channel", some(1, 6, 5, 1), some(3, 3, 1, 2))
conv("many channels", some(1, 4, 4, 70), some(3, 3, 70, 20))
conv("for Winograd", some(1, 13, 14, 32), some(3, 3, 32, 40), tol=2e-4)
conv("no pictures", x[:0], w)
conv("window larger by one", x[:, :2], w, padding="VALID")
conv("window too large", x[:, :1], w, padding="VALID")
conv("no input channels", x[..., :0], w[:, :, :0])
conv("no output channels", x, w[..., :0])
conv("no window", x, w[:0])
conv("depth does not divide", x, w[:, :, :3])
conv("groups do not divide", x, w[:, :, :2])
conv("filter of rank 3", x, w[0])
conv("stride 0", x, w, (0, 1))
cases.add("Conv2D", [x, w], "stride over batch", strides=[2, 1, 1, 1],
          padding="SAME")
conv("dilation 0", x, w, dilations=[1, 0, 1, 1])
conv("explicit, negative", x, w, **pads(-1, 1, 0, 0))
conv("explicit but SAME", x, w, explicit_paddings=[0, 0, 1, 1, 1, 1, 0, 0])
for dtype in (np.float64, np.float16, bfloat16, np.int32):
    tol = {np.float16: 3e-2, bfloat16: 2e-1}.get(dtype)
    name = np.dtype(dtype).name
    x, w = some(2, 5, 6, 4, dtype=dtype), some(3, 3, 2, 6, dtype=dtype)
    conv(name, x, w, (2, 1), tol=tol)
    conv(name + " dilations", x, w, padding="VALID", dilations=[1, 2, 1, 1],
         tol=tol)
big = np.full((1, 2, 2, 2), 2**30, np.int32)
conv("int32 wraps", big, np.full((1, 1, 2, 1), 3, np.int32))


def depthwise(name, x, w, *args, **attrs):
    conv(name, x, w, *args, op="DepthwiseConv2dNative", **attrs)


x, w = some(2, 7, 6, 5), some(3, 3, 5, 2)
depthwise("same", x, w)
depthwise("times one", x, w[..., :1])
depthwise("times one, strides", x, w[..., :1], (2, 2))
depthwise("many channels", some(1, 8, 8, 37), some(3, 3, 37, 1))
depthwise("valid, strides", x, w, (2, 2), "VALID")
depthwise("window of five", x, some(5, 5, 5, 1))
depthwise("explicit", x, w, **pads(1, 2, 0, 3))
depthwise("explicit, wide", x, w, **pads(4, 2, 0, 3))
depthwise("one channel", x[..., :1], w[:, :, :1])
depthwise("no channels", x[..., :0], w[:, :, :0])
depthwise("times nothing", x, w[..., :0])
depthwise("other channels", x, w[:, :, :3])
depthwise("unequal strides", x, w, (1, 2))
for dtype in (np.float64, np.float16, bfloat16):
    x, w = some(1, 5, 6, 4, dtype=dtype), some(3, 3, 4, 2, dtype=dtype)
    depthwise(np.dtype(dtype).name, x, w,
              tol={np.float16: 2e-2, bfloat16: 1e-1}.get(dtype))
cases.write()
