"""Writes tests/conformance/resize_grad.cases: gradients of resized and cropped pictures."""
import itertools

import numpy as np

from case_writer import Cases, bfloat16

cases = Cases("resize_grad")
random = np.random.RandomState(11)
f32 = np.float32
MODES = [{}, {"align_corners": True}, {"half_pixel_centers": True}]
SIZES = [((3, 4), (6, 8)), ((5, 7), (3, 2)), ((4, 4), (4, 4)), ((1, 1), (3, 2)),
         ((6, 5), (1, 1)), ((2, 3), (7, 11)), ((13, 9), (5, 17))]


def some(*shape, dtype=f32):
    if np.dtype(dtype).kind in "iu":
        top = min(np.iinfo(dtype).max, 100000)
        low = -100 if np.dtype(dtype).kind == "i" else 0
        return random.randint(low, top, shape).astype(dtype)
    return random.uniform(-2, 2, shape).astype(dtype)


def ints(*values):
    return np.array(values, np.int32)


# ---- Resizing ----

BACK = {"ResizeBilinearGrad": [f32, np.float64, np.float16, bfloat16],
        "ResizeBicubicGrad": [f32, np.float64],
        "ResizeNearestNeighborGrad": [f32, np.float64, np.float16, bfloat16,
                                      np.int8, np.uint8, np.int32]}


def back(op, name, dy, have, dtype=f32, **attrs):
    """`have`: the shape of the picture that was resized."""
    if op == "ResizeNearestNeighborGrad":
        cases.add(op, [dy, ints(*have[1:3])], name, tol=0, **attrs)
    else:
        cases.add(op, [dy, np.zeros(have, dtype)], name, tol=0, **attrs)


for op, types in BACK.items():
    nearest = op == "ResizeNearestNeighborGrad"
    for (have, want), mode in itertools.product(SIZES, MODES):
        n = random.choice([1, 2, 3, 9])
        back(op, f"{have} from {want} {' '.join(mode)}", some(2, *want, n),
             (2, *have, n), **mode)
    for dtype, mode in itertools.product(types, MODES):
        dy = some(2, 7, 8, 3, dtype=dtype if nearest else f32)
        back(op, f"{np.dtype(dtype).name} {' '.join(mode)}", dy, (2, 4, 3, 3),
             dtype, **mode)
    dy = some(1, 5, 6, 2)
    odd = dy.copy()
    odd[0, 1, 1], odd[0, 2, 3, 1] = np.inf, np.nan
    back(op, "infinite", odd, (1, 3, 4, 2))
    back(op, "other batch", some(2, 5, 6, 2), (1, 3, 4, 2))
    back(op, "no pictures", dy[:0], (0, 3, 4, 2))
    back(op, "no channels", dy[..., :0], (1, 3, 4, 0))
    back(op, "of nothing", dy[:, :0], (1, 3, 4, 2))
    back(op, "to nothing", dy, (1, 0, 4, 2))
    back(op, "three axes", dy[0], (1, 3, 4, 2))
    back(op, "both", dy, (1, 3, 4, 2), align_corners=True,
         half_pixel_centers=True)
cases.add("ResizeBilinearGrad", [some(1, 5, 6, 2), np.zeros((3, 4, 2), f32)],
          "original of three axes")
cases.add("ResizeBilinearGrad", [some(1, 41, 37, 8), np.zeros((1, 20, 25, 8),
                                                              f32)],
          "large", tol=0, half_pixel_centers=True)
cases.add("ResizeNearestNeighborGrad", [dy, ints(3, 4, 5)], "three extents")
cases.add("ResizeNearestNeighborGrad", [dy, ints(3, -4)], "negative")

# ---- Scaling and moving ----

KERNELS = ["lanczos1", "lanczos3", "lanczos5", "gaussian", "box", "triangle",
           "keyscubic", "mitchellcubic"]


def scale(name, dy, have, by, move, tol=0, **attrs):
    cases.add("ScaleAndTranslateGrad",
              [dy, np.zeros(have, f32), np.array(by, f32),
               np.array(move, f32)], name, tol=tol, **attrs)


for kernel, antialias in itertools.product(KERNELS, [True, False]):
    # sines differ by C library
    tol = 1e-6 if kernel[0] == "l" else 0
    how = dict(kernel_type=kernel, antialias=antialias, tol=tol)
    scale(f"{kernel} {antialias} up", some(1, 9, 12, 2), (1, 6, 7, 2),
          (1.5, 1.7), (0, 0), **how)
    scale(f"{kernel} {antialias} down", some(2, 3, 2, 3), (2, 6, 7, 3),
          (0.5, 0.3), (0.25, -1), **how)
dy, how = some(1, 3, 3, 1), dict(kernel_type="triangle")
scale("far away", dy, (1, 4, 5, 1), (1, 1), (100, 0), **how)
scale("tiny scale", dy, (1, 4, 5, 1), (1e-6, 1e-30), (0, 0), **how)
scale("large scale", dy, (1, 4, 5, 1), (1e6, 1e30), (0, 0), **how)
scale("other batch", some(2, 3, 3, 1), (1, 4, 5, 1), (1, 1), (0, 0), **how)
scale("no scale", dy, (1, 4, 5, 1), (0, 1), (0, 0))
scale("three scales", dy, (1, 4, 5, 1), (1, 1, 1), (0, 0))
scale("scalar move", dy, (1, 4, 5, 1), (1, 1), 0)
scale("unknown kernel", dy, (1, 4, 5, 1), (1, 1), (0, 0), kernel_type="sinc")
scale("no pictures", dy[:0], (0, 4, 5, 1), (1, 1), (0, 0))
scale("of nothing", dy[:, :0], (1, 4, 5, 1), (1, 1), (0, 0), **how)
scale("three axes", dy[0], (1, 4, 5, 1), (1, 1), (0, 0))

# ---- Cropping ----

BOXES = [[0, 0, 1, 1], [0.1, 0.2, 0.7, 0.9], [0.9, 0.8, 0.1, 0.3],
         [-0.5, -0.2, 1.5, 1.1], [0.5, 0.5, 0.5, 0.5]]
INDEX = [0, 1, 1, 0, 1]


def boxes(name, dy, x, box=BOXES, index=INDEX, **attrs):
    cases.add("CropAndResizeGradBoxes",
              [dy, x, np.array(box, f32), ints(*index)], name, tol=0, **attrs)


def image(name, dy, hw, box=BOXES, index=INDEX, **attrs):
    attrs.setdefault("T", f32)
    cases.add("CropAndResizeGradImage",
              [dy, np.array(box, f32), ints(*index), ints(*hw)], name, tol=0,
              **attrs)


REALS = [f32, np.float64, np.float16, np.uint8, np.uint16, np.int8, np.int16,
         np.int32, np.int64]
for hw in [(4, 6), (3, 3), (1, 1), (1, 5), (6, 1)]:
    dy = some(5, *hw, 3)
    boxes(f"{hw}", dy, some(2, 7, 5, 3))
    for method in ["bilinear", "nearest"]:
        image(f"{method} {hw}", dy, (2, 7, 5, 3), method=method)
dy = some(5, 3, 4, 2)
for dtype in REALS:
    boxes(np.dtype(dtype).name, dy, some(2, 4, 5, 2, dtype=dtype))
for dtype, method in itertools.product([np.float64, np.float16],
                                       ["bilinear", "nearest"]):
    image(f"{method} {np.dtype(dtype).name}", dy, (2, 4, 5, 2), T=dtype,
          method=method)
odd = dy.copy()
odd[0, 1, 1], odd[1, 2, 3, 1] = np.inf, np.nan
x, four = some(2, 4, 5, 2), (2, 4, 5, 2)
for name, args in {
        "infinite": dict(dy=odd),
        "one row": dict(hw=(2, 1, 5, 2)),
        "no boxes": dict(dy=dy[:0], box=np.zeros((0, 4)), index=[]),
        "no channels": dict(dy=dy[..., :0], hw=(2, 4, 5, 0)),
        "of nothing": dict(dy=dy[:, :0]),
        "no rows": dict(hw=(2, 0, 5, 2)),
        "no pictures": dict(hw=(0, 4, 5, 2)),
        "other channels": dict(hw=(2, 4, 5, 3)),
        "other boxes": dict(dy=dy[:4]),
        "index too large": dict(index=[0, 1, 2, 0, 1]),
        "index negative": dict(index=[0, 1, -1, 0, 1]),
        "too few indices": dict(index=[0]),
        "three columns": dict(box=np.zeros((5, 3))),
        "three axes": dict(dy=dy[0])}.items():
    hw = args.pop("hw", four)
    dy_ = args.pop("dy", dy)
    image(name, dy_, hw, **args)
    boxes(name, dy_, some(*hw), **args)
image("negative batch", dy, (-2, 4, 5, 2))
image("three extents", dy, (2, 4, 5))
image("other method", dy, four, method="cubic")
boxes("nearest", dy, x, method="nearest")
cases.write()
