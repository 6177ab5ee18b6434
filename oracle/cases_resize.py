"""Writes tests/conformance/resize.cases: resizing and cropping of pictures."""
import itertools

import numpy as np

from case_writer import Cases, bfloat16

cases = Cases("resize")
random = np.random.RandomState(7)
REALS = [np.float32, np.float64, np.float16, bfloat16, np.uint8, np.uint16,
         np.int8, np.int16, np.int32, np.int64]


def picture(*shape, dtype=np.float32):
    if np.dtype(dtype).kind in "iu":
        top = min(np.iinfo(dtype).max, 100000)
        low = -100 if np.dtype(dtype).kind == "i" else 0
        return random.randint(low, top, shape).astype(dtype)
    return random.uniform(-2, 2, shape).astype(dtype)


def size(*hw):
    return np.array(hw, np.int32)


SIZES = [((3, 4), (6, 8)), ((5, 7), (3, 2)), ((4, 4), (4, 4)), ((1, 1), (3, 2)),
         ((6, 5), (1, 1)), ((2, 3), (7, 11)), ((8, 6), (8, 3)), ((13, 9), (5, 17))]
MODES = [{}, {"align_corners": True}, {"half_pixel_centers": True}]
for op, modes in [("ResizeNearestNeighbor", MODES), ("ResizeBilinear", MODES),
                  ("ResizeBicubic", MODES), ("ResizeArea", MODES[:2])]:
    for (have, want), mode in itertools.product(SIZES, modes):
        channels = random.choice([1, 2, 3, 4, 5])
        name = f"{have} to {want} {' '.join(mode)}"
        cases.add(op, [picture(2, *have, channels), size(*want)], name,
                  tol=0, **mode)
    for dtype in REALS:
        x = picture(1, 4, 5, 3, dtype=dtype)
        cases.add(op, [x, size(6, 3)], np.dtype(dtype).name, tol=0, **modes[-1])
    x = picture(1, 4, 5, 3)
    special = x.copy()
    special[0, 1, 1], special[0, 2, 3, 1] = np.inf, np.nan
    cases.add(op, [special, size(7, 7)], "infinite", tol=0)
    cases.add(op, [special, size(4, 5)], "infinite, same size", tol=0)
    cases.add(op, [x[:0], size(3, 3)], "no pictures")
    cases.add(op, [x[:, :0], size(3, 3)], "no rows")
    cases.add(op, [x[..., :0], size(3, 3)], "no channels")
    cases.add(op, [x, size(0, 3)], "to nothing")
    cases.add(op, [x, size(3, -3)], "to less than nothing")
    cases.add(op, [x, size(3, 3, 3)], "three extents")
    cases.add(op, [x, np.int32(3)], "scalar extent")
    cases.add(op, [x[0], size(3, 3)], "three axes")
    if op != "ResizeArea":
        cases.add(op, [x, size(3, 3)], "both", align_corners=True,
                  half_pixel_centers=True)
cases.add("ResizeBilinear", [picture(1, 90, 110, 3, dtype=np.uint8),
                             size(41, 37)], "large", tol=0,
          half_pixel_centers=True)
cases.add("ResizeNearestNeighbor",
          [np.array([2 ** 63 - 1, -2 ** 63, 5, 6], np.int64).reshape(1, 2, 2, 1),
           size(3, 3)], "large int64")

KERNELS = ["lanczos1", "lanczos3", "lanczos5", "gaussian", "box", "triangle",
           "keyscubic", "mitchellcubic"]


def scale(name, x, hw, by, move, tol=0, **attrs):
    cases.add("ScaleAndTranslate",
              [x, size(*hw), np.array(by, np.float32),
               np.array(move, np.float32)], name, tol=tol, **attrs)


for kernel, antialias in itertools.product(KERNELS, [True, False]):
    x = picture(1, 6, 7, 2)
    # sines differ by C library
    tol = 1e-6 if kernel[0] == "l" else 0
    scale(f"{kernel} {antialias} up", x, (9, 12), (1.5, 1.7), (0, 0), tol=tol,
          kernel_type=kernel, antialias=antialias)
    scale(f"{kernel} {antialias} down", x, (3, 2), (0.5, 0.3), (0.25, -1),
          tol=tol, kernel_type=kernel, antialias=antialias)
for dtype in REALS:
    scale(np.dtype(dtype).name, picture(2, 4, 3, 3, dtype=dtype), (5, 5),
          (1.25, 1.5), (0.5, 0), kernel_type="triangle")
x = picture(1, 4, 5, 1)
scale("far away", x, (3, 3), (1, 1), (100, 0), kernel_type="box")
scale("tiny scale", x, (3, 3), (1e-6, 1e-30), (0, 0), kernel_type="triangle")
scale("large scale", x, (3, 3), (1e6, 1e30), (0, 0), kernel_type="triangle")
scale("no scale", x, (3, 3), (0, 1), (0, 0))
scale("three scales", x, (3, 3), (1, 1, 1), (0, 0))
scale("scalar move", x, (3, 3), (1, 1), 0)
scale("unknown kernel", x, (3, 3), (1, 1), (0, 0), kernel_type="sinc")
scale("no pictures", x[:0], (3, 3), (1, 1), (0, 0))
scale("to nothing", x, (0, 3), (1, 1), (0, 0))


def crop(name, x, boxes, index, hw, **attrs):
    cases.add("CropAndResize",
              [x, np.array(boxes, np.float32), np.array(index, np.int32),
               size(*hw)], name, tol=0, **attrs)


BOXES = [[0, 0, 1, 1], [0.1, 0.2, 0.7, 0.9], [0.9, 0.8, 0.1, 0.3],
         [-0.5, -0.2, 1.5, 1.1], [0.5, 0.5, 0.5, 0.5]]
INDEX = [0, 1, 1, 0, 1]
for method in ["bilinear", "nearest"]:
    x = picture(2, 7, 5, 3)
    crop(f"{method}", x, BOXES, INDEX, (4, 6), method=method)
    crop(f"{method} outside", x, BOXES, INDEX, (3, 3), method=method,
         extrapolation_value=-7.5)
    crop(f"{method} one pixel", x, BOXES, INDEX, (1, 1), method=method)
    crop(f"{method} one row", x, BOXES, INDEX, (1, 5), method=method)
    for dtype in REALS:
        if dtype != bfloat16:
            crop(f"{method} {np.dtype(dtype).name}",
                 picture(2, 4, 5, 2, dtype=dtype), BOXES, INDEX, (3, 4),
                 method=method)
crop("no boxes", x, np.zeros((0, 4)), [], (2, 2))
crop("no boxes, no columns", x, np.zeros((0, 0)), [], (2, 2))
crop("index too large", x, BOXES[:1], [2], (2, 2))
crop("index negative", x, BOXES[:1], [-1], (2, 2))
crop("too few indices", x, BOXES, [0], (2, 2))
crop("infinite box", x, [[0, 0, np.inf, 1]], [0], (2, 2))
crop("NaN box", x, [[0, np.nan, 1, 1]], [0], (2, 2))
crop("no size", x, BOXES, INDEX, (0, 2))
crop("three columns", x, [[0, 0, 1]], [0], (2, 2))
crop("no rows", x[:, :0], BOXES, INDEX, (2, 2))
crop("no channels", x[..., :0], BOXES, INDEX, (2, 2))
cases.write()
