"""Writes tests/conformance/pool.cases: MaxPool, AvgPool, in 2 and 3 dimensions."""
import numpy as np

from case_writer import Cases, bfloat16

cases = Cases("pool")
random = np.random.RandomState(7)
INTS = (np.int8, np.uint8, np.int16, np.uint16, np.int32, np.uint32, np.int64,
        np.uint64)


def some(*shape, dtype=np.float32):
    return random.randint(-99 if np.dtype(dtype).kind != "u" else 0, 99,
                          shape).astype(dtype)


def pool(op, name, x, ksize, strides, padding="VALID", **attrs):
    return cases.add(op, [x], name, ksize=ksize, strides=strides, padding=padding,
              **attrs)


def first(op, x, ksize, strides, fmt):
    """Channels first: TensorFlow has it on other devices only."""
    y = cases.ask(op, [x], ksize=ksize, strides=strides, padding="SAME")

    def turn(list):
        return list[:1] + list[-1:] + list[1:-1]

    pool(op, fmt, np.moveaxis(x, -1, 1).copy(), turn(ksize), turn(strides),
         "SAME", data_format=fmt, expect=[np.moveaxis(y[0], -1, 1)])


# TensorFlow rounds after each addition, in an order of which there is but one.
ROUNDED = {np.float16: 0, bfloat16: 0}
x = some(2, 7, 6, 5)
for op in ("MaxPool", "AvgPool"):
    pool(op, "valid", x, [1, 2, 2, 1], [1, 2, 2, 1])
    pool(op, "same", x, [1, 3, 2, 1], [1, 2, 1, 1], "SAME")
    pool(op, "one by one", x, [1, 1, 1, 1], [1, 2, 3, 1])
    pool(op, "stride above window", x, [1, 2, 2, 1], [1, 3, 4, 1], "SAME")
    pool(op, "many channels", some(1, 8, 8, 67), [1, 3, 3, 1], [1, 2, 2, 1],
         "SAME")
    pool(op, "whole picture", x, [1, 7, 6, 1], [1, 1, 1, 1])
    pool(op, "window larger, same", x, [1, 9, 9, 1], [1, 2, 2, 1], "SAME")
    pool(op, "window larger, valid", x, [1, 8, 8, 1], [1, 2, 2, 1])
    pool(op, "no pictures", x[:0], [1, 2, 2, 1], [1, 2, 2, 1])
    pool(op, "no channels", x[..., :0], [1, 2, 2, 1], [1, 2, 2, 1])
    pool(op, "no rows", x[:, :0], [1, 2, 2, 1], [1, 2, 2, 1], "SAME")
    pool(op, "over the batch", x, [2, 2, 2, 1], [1, 2, 2, 1])
    pool(op, "ksize 0", x, [1, 0, 2, 1], [1, 2, 2, 1])
    pool(op, "stride 0", x, [1, 2, 2, 1], [1, 0, 2, 1])
    pool(op, "rank 3", x[0], [1, 2, 2, 1], [1, 2, 2, 1])
    for dtype in (np.float64, np.float16, bfloat16):
        pool(op, np.dtype(dtype).name, x.astype(dtype), [1, 3, 2, 1],
             [1, 2, 1, 1], "SAME", tol=ROUNDED.get(dtype))
    first(op, x, [1, 3, 2, 1], [1, 2, 1, 1], "NCHW")


def pads(t, b, l, r):
    return dict(padding="EXPLICIT", explicit_paddings=[0, 0, t, b, l, r, 0, 0])


for dtype in (np.float32, np.float64):
    pool("MaxPool", f"explicit {dtype.__name__}", x.astype(dtype),
         [1, 3, 2, 1], [1, 2, 1, 1], **pads(2, 1, 1, 0))
pool("MaxPool", "explicit, too wide", x, [1, 3, 2, 1], [1, 2, 1, 1],
     **pads(3, 1, 1, 0))
x = some(2, 3, 2, 6)
for dtype in (np.float32, np.float64, np.float16, np.int32):
    pool("MaxPool", f"over channels {dtype.__name__}", x.astype(dtype),
         [1, 1, 1, 2], [1, 1, 1, 2])
pool("MaxPool", "over channels, no divisor", x, [1, 1, 1, 4], [1, 1, 1, 4])
pool("MaxPool", "over channels, other stride", x, [1, 1, 1, 2], [1, 1, 1, 3])
pool("MaxPool", "over channels and space", x, [1, 2, 1, 2], [1, 1, 1, 2])
for dtype in INTS:
    pool("MaxPool", dtype.__name__, some(1, 5, 5, 3, dtype=dtype),
         [1, 3, 2, 1], [1, 2, 1, 1], "SAME")
ints = np.int32
cases.add("MaxPoolV2", [x, ints([1, 2, 2, 1]), ints([1, 1, 2, 1])],
          padding="SAME")
cases.add("MaxPoolV2", [x.astype(np.float16), ints([1, 2, 2, 1]),
                        ints([1, 1, 2, 1])], "half", padding="VALID")
cases.add("MaxPoolV2", [x, ints([1, 1, 1, 3]), ints([1, 1, 1, 3])],
          "over channels", padding="VALID")
cases.add("MaxPoolV2", [x, ints([1, 0, 2, 1]), ints([1, 1, 2, 1])], "ksize 0",
          padding="SAME")
cases.add("MaxPoolV2", [x, ints([1, 2, 1]), ints([1, 1, 2, 1])],
          "three numbers", padding="SAME")
x = some(2, 5, 4, 6, 3)
for op in ("MaxPool3D", "AvgPool3D"):
    for dtype in (np.float32, bfloat16):
        name = np.dtype(dtype).name
        pool(op, name, x.astype(dtype), [1, 2, 3, 2, 1], [1, 2, 1, 2, 1],
             "SAME", tol=ROUNDED.get(dtype))
        pool(op, name + " valid", x.astype(dtype), [1, 2, 3, 2, 1],
             [1, 2, 1, 2, 1], tol=ROUNDED.get(dtype))
    first(op, x, [1, 2, 3, 2, 1], [1, 2, 1, 2, 1], "NCDHW")
    pool(op, "no volumes", x[:0], [1, 2, 3, 2, 1], [1, 2, 1, 2, 1])
    pool(op, "over channels", x, [1, 2, 3, 2, 3], [1, 2, 1, 2, 3])
    pool(op, "rank 4", x[0], [1, 2, 3, 2, 1], [1, 2, 1, 2, 1])
for dtype in (np.float16, bfloat16):
    name = np.dtype(dtype).name
    x = some(1, 18, 19, 70).astype(dtype)
    pool("AvgPool", f"more than can be counted {name}", x[..., :2], [1, 17, 18, 1], [1, 1, 1, 1], tol=0)
    pool("AvgPool", f"many channels {name}", x, [1, 3, 3, 1], [1, 5, 5, 1], "SAME", tol=0)
    if dtype is bfloat16:
        pool("AvgPool3D", f"more than can be counted {name}", some(1, 8, 7, 9, 2).astype(dtype), [1, 7, 7, 7, 1],
             [1, 1, 1, 1, 1], "SAME", tol=0)
cases.write()
