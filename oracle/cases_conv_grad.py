"""Writes tests/conformance/conv_grad.cases: the gradients of convolutions, Conv3D."""
import numpy as np

from case_writer import Cases, bfloat16

cases = Cases("conv_grad")
random = np.random.RandomState(11)
ROUNDED = {np.float16: 5e-2, bfloat16: 0.3}
ints = np.int32


def some(*shape, dtype=np.float32):
    if dtype == np.int32:
        return random.randint(-9, 10, shape).astype(dtype)
    return (random.randint(-16, 17, shape) / 16).astype(dtype)


def turn(x):
    return np.moveaxis(x, -1, 1).copy()


def both(name, x, w, strides=(1, 1), padding="SAME", op="Conv2D", tol=5e-5,
         **attrs):
    """Both gradients of a convolution."""
    forward = "DepthwiseConv2dNative" if op == "depthwise" else op
    attrs = dict(strides=[1, *strides, 1], padding=padding, **attrs)
    y = cases.ask(forward, [x, w], **attrs)[0]
    dy = some(*y.shape, dtype=x.dtype.type)
    tail = "V2" if op == "Conv3D" else ""
    cases.add(f"{forward}BackpropInput{tail}", [ints(x.shape), w, dy], name,
              tol=tol, **attrs)
    if x.dtype != np.int32:
        cases.add(f"{forward}BackpropFilter{tail}", [x, ints(w.shape), dy],
                  name, tol=tol, **attrs)
    return dy, attrs


x, w = some(2, 7, 6, 4), some(3, 3, 4, 5)
both("same", x, w)
both("valid", x, w, padding="VALID")
both("strides", x, w, (2, 2))
both("strides 2 3 valid", x, w, (2, 3), "VALID")
both("stride above window", x, some(2, 2, 4, 3), (3, 3))
both("one by one", x, some(1, 1, 4, 6))
both("one by one, strides", x, some(1, 1, 4, 6), (2, 2))
both("even window", x, some(4, 2, 4, 3), (2, 1))
both("large window", x, some(7, 5, 4, 2), (2, 2))
both("explicit", x, w, padding="EXPLICIT",
     explicit_paddings=[0, 0, 2, 1, 0, 3, 0, 0])
both("explicit, wide", x, w, (2, 2), padding="EXPLICIT",
     explicit_paddings=[0, 0, 4, 1, 5, 3, 0, 0])
both("for Winograd", some(1, 12, 12, 32), some(3, 3, 32, 32), tol=1e-3)
both("many channels", some(1, 3, 4, 40), some(3, 2, 40, 36), (2, 1))
for dtype in (np.float64, np.float16, bfloat16, np.int32):
    both(np.dtype(dtype).name, some(2, 4, 5, 3, dtype=dtype),
         some(3, 2, 3, 2, dtype=dtype), (2, 1), tol=ROUNDED.get(dtype))
dy, attrs = both("again", x, w, (2, 2))
grad_x = cases.ask("Conv2DBackpropInput", [ints(x.shape), w, dy], **attrs)
grad_w = cases.ask("Conv2DBackpropFilter", [x, ints(w.shape), dy], **attrs)
cases.add("Conv2DBackpropInput", [ints(x.shape[1:3]), w, dy], "two sizes",
          tol=5e-5, **attrs)
cases.add("Conv2DBackpropInputV2", [x, w, dy], expect=grad_x, tol=5e-5, **attrs)
cases.add("Conv2DBackpropFilterV2", [x, w, dy], expect=grad_w, tol=5e-5,
          **attrs)
first = dict(attrs, strides=[1, 1, 2, 2], data_format="NCHW")
cases.add("Conv2DBackpropInput", [ints(turn(x).shape), w, turn(dy)], "NCHW",
          expect=[turn(grad_x[0])], tol=5e-5, **first)
cases.add("Conv2DBackpropFilter", [turn(x), ints(w.shape), turn(dy)], "NCHW",
          expect=grad_w, tol=5e-5, **first)
cases.add("Conv2DBackpropInput", [ints([0, 7, 6, 4]), w, dy[:0]],
          "no pictures", **attrs)
cases.add("Conv2DBackpropFilter", [x[:0], ints(w.shape), dy[:0]],
          "no pictures", **attrs)
cases.add("Conv2DBackpropInput", [ints([2, 9, 9, 4]), w, dy], "other sizes",
          **attrs)
cases.add("Conv2DBackpropInput", [-ints(x.shape), w, dy], "negative sizes",
          **attrs)
cases.add("Conv2DBackpropInput", [ints(x.shape), w[:, :, :, :2], dy],
          "other channels", **attrs)
cases.add("Conv2DBackpropFilter", [x, ints([3, 3, 4]), dy], "three sizes",
          **attrs)
cases.add("Conv2DBackpropFilter", [x, ints(w.shape), dy[:1]], "other batch",
          **attrs)

# TensorFlow's CPU has neither dilations nor groups here. A dilated filter is one
# with zeros in between; groups are convolutions side by side.
for stride in (1, 2):
    wide = np.zeros((5, 7, 4, 5), np.float32)
    wide[::2, ::3] = w
    plain = dict(strides=[1, stride, stride, 1], padding="SAME")
    dilated = dict(plain, dilations=[1, 2, 3, 1])
    y = cases.ask("Conv2D", [x, wide], **plain)[0]
    dy = some(*y.shape)
    cases.add("Conv2DBackpropInput", [ints(x.shape), w, dy],
              f"dilations, stride {stride}", tol=5e-5, expect=cases.ask(
                  "Conv2DBackpropInput", [ints(x.shape), wide, dy], **plain),
              **dilated)
    grad = cases.ask("Conv2DBackpropFilter", [x, ints(wide.shape), dy], **plain)
    cases.add("Conv2DBackpropFilter", [x, ints(w.shape), dy],
              f"dilations, stride {stride}", tol=5e-5,
              expect=[grad[0][::2, ::3]], **dilated)
    half = some(3, 3, 2, 6)
    y = cases.ask("Conv2D", [x, half], **plain)[0]
    dy = some(*y.shape)
    sides = [(x[..., :2], half[..., :3], dy[..., :3]),
             (x[..., 2:], half[..., 3:], dy[..., 3:])]
    grad_x = [cases.ask("Conv2DBackpropInput", [ints(a.shape), b, c], **plain)[0]
              for a, b, c in sides]
    grad_w = [cases.ask("Conv2DBackpropFilter", [a, ints(b.shape), c],
                        **plain)[0] for a, b, c in sides]
    cases.add("Conv2DBackpropInput", [ints(x.shape), half, dy],
              f"groups, stride {stride}", tol=5e-5,
              expect=[np.concatenate(grad_x, -1)], **plain)
    cases.add("Conv2DBackpropFilter", [x, ints(half.shape), dy],
              f"groups, stride {stride}", tol=5e-5,
              expect=[np.concatenate(grad_w, -1)], **plain)

for times in (1, 2):
    wd = some(3, 3, 4, times)
    both(f"same, times {times}", x, wd, op="depthwise")
    both(f"strides, times {times}", x, wd, (2, 2), op="depthwise")
    both(f"valid, times {times}", x, wd, (2, 2), "VALID", op="depthwise")
for dtype in (np.float64, np.float16, bfloat16):
    both(np.dtype(dtype).name, some(1, 5, 4, 3, dtype=dtype),
         some(3, 3, 3, 2, dtype=dtype), op="depthwise", tol=ROUNDED.get(dtype))

x, w = some(2, 4, 5, 3, 3), some(3, 2, 2, 3, 4)
for name, strides, padding in (("same", (1, 1, 1), "SAME"),
                               ("valid", (1, 1, 1), "VALID"),
                               ("strides", (2, 2, 1), "SAME"),
                               ("strides valid", (3, 1, 2), "VALID")):
    cases.add("Conv3D", [x, w], name, strides=[1, *strides, 1],
              padding=padding)
    both(name, x, w, strides, padding, op="Conv3D")
for dtype in (np.float64, np.float16, bfloat16):
    name = np.dtype(dtype).name
    a, b = x.astype(dtype), w.astype(dtype)
    cases.add("Conv3D", [a, b], name, strides=[1, 2, 1, 1, 1], padding="SAME",
              tol=ROUNDED.get(dtype))
    both(name, a[:1], b, (2, 1, 1), op="Conv3D", tol=ROUNDED.get(dtype))
attrs = dict(strides=[1] * 5, padding="SAME")
y = cases.ask("Conv3D", [x, w], **attrs)[0]
cases.add("Conv3D", [turn(x), w], "NCDHW", expect=[turn(y)],
          data_format="NCDHW", **attrs)
cases.add("Conv3DBackpropInputV2", [np.int64(x.shape), w, y], "int64",
          tol=5e-5, **attrs)
cases.add("Conv3DBackpropInput", [x, w, y], tol=1e-4, expect=cases.ask(
    "Conv3DBackpropInputV2", [ints(x.shape), w, y], **attrs), **attrs)
cases.add("Conv3DBackpropFilter", [x, w, y], tol=1e-4, expect=cases.ask(
    "Conv3DBackpropFilterV2", [x, ints(w.shape), y], **attrs), **attrs)
cases.add("Conv3D", [x, some(1, 1, 1, 3, 9)], "one by one", **attrs)
cases.add("Conv3D", [x[:0], w], "no volumes", **attrs)
cases.add("Conv3D", [x, w[:, :, :, :2]], "other channels", **attrs)
cases.add("Conv3D", [x[0], w], "rank 4", **attrs)

# What is no wider than its output along some axes, and what covers it all.
x = some(2, 6, 5, 4)
for name, window in (("tall", (3, 1)), ("flat", (1, 3)), ("whole", (6, 5))):
    for padding in ("SAME", "VALID"):
        both(f"{name} window, {padding}", x, some(*window, 4, 5),
             padding=padding)
w = some(3, 2, 4, 70)
for images in (2, 7):
    x = some(images, 3, 2, 4)
    cases.add("Conv2D", [x, w], f"whole window, {images} images", tol=5e-5,
              strides=[1] * 4, padding="VALID")
    both(f"whole window, {images} images", x, w, padding="VALID")
both("deep window", some(2, 4, 3, 3, 2), some(3, 1, 1, 2, 4), (1, 1, 1),
     op="Conv3D")
both("more taps than channels", some(1, 9, 8, 1), some(5, 5, 1, 33), (1, 1))

# Windows of which most never meets a pixel.
x = some(2, 2, 3, 4)
for stride, out in ((1, (2, 3)), (2, (1, 2))):
    more = dict(strides=[1, stride, stride, 1], padding="SAME")
    cases.add("DepthwiseConv2dNativeBackpropFilter", [x, ints((31, 27, 4, 1)), some(2, *out, 4)],
              f"a window of almost nothing, {stride}", **more)
    cases.add("Conv2DBackpropFilter", [x, ints((31, 27, 4, 3)), some(2, *out, 3)],
              f"a window of almost nothing, {stride}", **more)
cases.write()
