"""Writes tests/conformance/image.cases: colours, boxes, glimpses, mappings."""
import numpy as np

from case_writer import Cases, bfloat16

cases = Cases("image")
random = np.random.RandomState(11)
f32, f16 = np.float32, np.float16


def some(*shape, low=0.0, high=1.0, dtype=f32):
    return random.uniform(low, high, shape).astype(dtype)


grey = np.repeat(some(4, 1), 3, 1)
edges = np.array([[0, 0, 0], [1, 1, 1], [1, 0, 0], [0, 1, 0], [0, 0, 1],
                  [1, 1, 0], [0, 1, 1], [1, 0, 1], [-1, -2, -3], [2, 3, 1],
                  [0.5, 0.5, 0.2], [0.2, 0.5, 0.5], [1e-30, 0, 0]], f32)
colors = np.concatenate([some(60, 3), grey, edges, some(20, 3, low=-2, high=3)])
for dtype in (f32, np.float64, f16, bfloat16):
    tol = {f32: 1e-6, np.float64: 1e-14, f16: 2e-3}.get(dtype, 2e-2)
    x = colors.astype(dtype)
    cases.add("RGBToHSV", [x], np.dtype(dtype).name, tol=tol)
    cases.add("HSVToRGB", [x], np.dtype(dtype).name, tol=tol)
for op in ("RGBToHSV", "HSVToRGB"):
    cases.add(op, [some(3)], "one pixel", tol=1e-6)
    cases.add(op, [some(2, 1, 3, 3)], "four axes", tol=1e-6)
    cases.add(op, [some(2, 0, 3)], "empty")
    cases.add(op, [some(2, 4)], "four channels")
    cases.add(op, [f32(1)], "scalar")

picture = colors.reshape(1, 97, 1, 3)
for delta in (0.0, 0.1, -0.4, 1.7, -3.3, 100.0):
    cases.add("AdjustHue", [picture, f32(delta)], str(delta), tol=0)
for scale in (0.0, 0.5, 1.0, 2.5, -1.0):
    cases.add("AdjustSaturation", [picture, f32(scale)], str(scale), tol=0)
for op in ("AdjustHue", "AdjustSaturation"):
    cases.add(op, [some(2, 3, 4, 3), f32(0.3)], "batch", tol=0)
    cases.add(op, [some(3, 4, 3), f32(0.3)], "three axes", tol=0)
    cases.add(op, [some(3, 0, 3), f32(0.3)], "empty")
    cases.add(op, [some(3, 3), f32(0.3)], "two axes")
    cases.add(op, [some(3, 4, 4), f32(0.3)], "four channels")
    cases.add(op, [some(3, 4, 3), f32([0.3])], "vector")
for shape in [(2, 5, 7, 3), (4, 4, 1), (1, 1, 5), (2, 2, 33, 17, 4), (0, 3, 3)]:
    x = some(*shape, low=-3, high=3)
    for factor in (0.0, 0.5, 3.0):
        cases.add("AdjustContrastv2", [x, f32(factor)], f"{shape} {factor}",
                  tol=0)
cases.add("AdjustContrastv2", [some(3, 3), f32(1)], "two axes")
cases.add("AdjustContrastv2", [some(3, 3, 3), f32([1])], "vector")
# TensorFlow refuses AdjustContrast in new graphs: it is v2 with bounds.
for dtype in (f32, np.float64, np.uint8, np.int8, np.int16, np.int32):
    x = random.randint(0, 120, (2, 6, 5, 3)).astype(dtype)
    name = np.dtype(dtype).name
    y, = cases.add("AdjustContrastv2", [x.astype(f32), f32(1.7)], name)
    cases.add("AdjustContrast", [x, f32(1.7), f32(10), f32(110)], name,
              expect=[np.clip(y, 10, 110)])

BOXES = np.array([[0.1, 0.2, 0.6, 0.7], [-0.3, 0.4, 0.5, 1.7], [0, 0, 1, 1],
                  [0.5, 0.5, 0.4, 0.6], [2, 2, 3, 3], [-2, -2, -1, -1],
                  [0.3, -0.1, 0.3, 0.2], [0.9, 0, 1.2, 0.1], [0.7, 0.1, 0.8, 0.9],
                  [0.2, 0.3, 0.3, 0.5], [0.05, 0.9, 0.95, 0.95],
                  [0.6, 0.6, 1e30, 1e30]], f32)
for depth in (1, 3, 4):
    for dtype in (f32, f16):
        x = some(2, 12, 15, depth, dtype=dtype)
        name = f"{depth} {np.dtype(dtype).name}"
        two = np.stack([BOXES[:11], BOXES[:11][::-1]])
        cases.add("DrawBoundingBoxes", [x, two], name, tol=0)
        cases.add("DrawBoundingBoxesV2", [x, two, some(3, 4)], name, tol=0)
        cases.add("DrawBoundingBoxesV2", [x, two, some(0, 4)], name + " default",
                  tol=0)
x = some(1, 4, 4, 3)
cases.add("DrawBoundingBoxes", [x, BOXES[None, :0]], "no boxes", tol=0)
cases.add("DrawBoundingBoxes", [x, BOXES], "two axes")
cases.add("DrawBoundingBoxes", [x[..., :2], BOXES[None]], "two channels")
cases.add("DrawBoundingBoxes", [x, BOXES[None, :, :3]], "three columns")
cases.add("DrawBoundingBoxes", [x, np.stack([BOXES, BOXES])], "other batch")
cases.add("DrawBoundingBoxesV2", [x, BOXES[None], some(3, 2)], "few channels")
cases.add("DrawBoundingBoxesV2", [x, BOXES[None], some(3)], "flat colors")

x = some(6, 6, 8, 2)
offsets = np.array([[0, 0], [0.25, -0.3], [1, 2], [-5, 3], [2.6, 1.2],
                    [-1e30, 1e30]], f32)
for op in ("ExtractGlimpse", "ExtractGlimpseV2"):
    for centered in (True, False):
        for normalized in (True, False):
            for size in ([3, 2], [6, 8], [9, 4], [12, 13]):
                cases.add(op, [x[:5], np.int32(size), offsets[:5]],
                          f"{centered} {normalized} {size}", tol=0,
                          centered=centered, normalized=normalized,
                          uniform_noise=False, noise="zero")
    for noise in ("uniform", "gaussian"):
        cases.add(op, [x[:1], np.int32([3, 3]), f32([[0, 0]])],
                  noise + " inside", tol=0, noise=noise,
                  uniform_noise=noise == "uniform")
        cases.add(op, [x[:1], np.int32([3, 3]), f32([[1, 1]])],
                  noise + " outside", skip=[0], noise=noise,
                  uniform_noise=noise == "uniform")
    cases.add(op, [x[:1], np.int32([3, 3]), f32([[0, 0]])], "unknown noise",
              noise="pink", uniform_noise=False)
    cases.add(op, [x[:1], np.int32([3, 3]), f32([[0, 0]])], "two noises",
              noise="zero")
    cases.add(op, [x[:1], np.int32([3]), f32([[0, 0]])], "one extent")
    cases.add(op, [x[:1], np.int32([3, 3]), f32([0, 0])], "flat offsets")
    cases.add(op, [x[:1], np.int32([3, 3]), f32([[0, 0, 0]])], "three offsets")
    cases.add(op, [x[:2], np.int32([3, 3]), f32([[0, 0]])], "one offset")


def transforms(n):
    t = np.zeros((n, 8))
    t[:, 0] = t[:, 4] = random.uniform(0.5, 1.5, n)
    t[:, [1, 3]] = random.uniform(-0.5, 0.5, (n, 2))
    t[:, [2, 5]] = random.uniform(-4, 4, (n, 2))
    t[:, 6:] = random.uniform(-0.05, 0.05, (n, 2))
    return t.astype(f32)


for by in ("NEAREST", "BILINEAR"):
    for mode in ("CONSTANT", "NEAREST", "REFLECT", "WRAP"):
        x = some(3, 6, 5, 2, low=-5, high=5)
        cases.add("ImageProjectiveTransformV2",
                  [x, transforms(3), np.int32([7, 9])], f"{by} {mode}", tol=0,
                  interpolation=by, fill_mode=mode)
        cases.add("ImageProjectiveTransformV3",
                  [x, transforms(1), np.int32([11, 4]), f32(1.5)],
                  f"{by} {mode}", tol=0, interpolation=by, fill_mode=mode)
        cases.add("ImageProjectiveTransformV3",
                  [x[:, :1, :1], 3 * transforms(3), np.int32([5, 5]), f32(9)],
                  f"{by} {mode} one pixel", tol=0, interpolation=by,
                  fill_mode=mode)
    for dtype in (np.uint8, np.int32, np.int64, f16, bfloat16, np.float64):
        x = random.randint(0, 120, (2, 5, 6, 1)).astype(dtype)
        cases.add("ImageProjectiveTransformV3",
                  [x, transforms(2), np.int32([6, 6]), f32(7.75)],
                  f"{by} {np.dtype(dtype).name}", tol=0, interpolation=by)
    flat = transforms(1)
    flat[0, 6:] = [-1, 0]
    cases.add("ImageProjectiveTransformV2", [x[:1], flat, np.int32([3, 3])],
              f"{by} horizon", tol=0, interpolation=by)
x = some(2, 4, 4, 1)
mapped = "ImageProjectiveTransformV2"
cases.add(mapped, [x, transforms(3), np.int32([4, 4])], "other batch",
          interpolation="NEAREST")
cases.add(mapped, [x, transforms(2)[:, :6], np.int32([4, 4])], "six numbers",
          interpolation="NEAREST")
cases.add(mapped, [x, transforms(2), np.int32([0, 4])], "no rows",
          interpolation="NEAREST")
cases.add(mapped, [x, transforms(2), np.int32([4])], "one extent",
          interpolation="NEAREST")
cases.add(mapped, [x[:0], transforms(1), np.int32([4, 4])], "no pictures",
          interpolation="NEAREST")
cases.add("ImageProjectiveTransformV3",
          [x, transforms(2), np.int32([4, 4]), f32([1])], "vector fill",
          interpolation="NEAREST")

SAMPLE = {"aspect_ratio_range": [0.75, 1.33], "area_range": [0.05, 1.0],
          "max_attempts": 100}
OBJECTS = np.array([[[0.1, 0.2, 0.5, 0.6], [0.6, 0.3, 0.9, 0.99]]], f32)


def sample(name, size, boxes, covered, seed=(3, 5), dtype=np.int32, **attrs):
    attrs = {**SAMPLE, **attrs}
    size, boxes = np.array(size, dtype), f32(boxes)
    cases.add("SampleDistortedBoundingBox", [size, boxes], name, tol=0,
              min_object_covered=covered, seed=seed[0], seed2=seed[1], **attrs)
    cases.add("SampleDistortedBoundingBoxV2", [size, boxes, f32(covered)], name,
              tol=0, seed=seed[0], seed2=seed[1], **attrs)
    cases.add("StatelessSampleDistortedBoundingBox",
              [size, boxes, f32(covered), np.int64(seed)], name, tol=0, **attrs)


for i in range(6):
    sample(f"seed {i}", (300, 400, 3), OBJECTS, 0.1, seed=(i, 7))
sample("hard", (300, 400, 3), OBJECTS, 0.9)
sample("too hard", (300, 400, 3), OBJECTS, 1.0, max_attempts=3,
       area_range=[0.05, 0.1])
sample("whole", (300, 400, 3), OBJECTS, 0.1, area_range=[1.0, 1.0])
sample("wide", (300, 400, 3), OBJECTS, 0.1, aspect_ratio_range=[5.0, 9.0])
sample("small", (7, 5, 3), OBJECTS, 0.3)
sample("no boxes", (64, 48, 3), np.zeros((0, 0, 4)), 0.3)
sample("no boxes, but so", (64, 48, 3), np.zeros((0, 0, 4)), 0.3,
       use_image_if_no_bounding_boxes=True)
sample("box outside", (64, 48, 3), [[[0, 0, 1.1, 1]]], 0.3)
sample("negative cover", (64, 48, 3), OBJECTS, -0.3)
sample("area above 1", (64, 48, 3), OBJECTS, 0.3, area_range=[0.5, 1.5])
sample("no aspect", (64, 48, 3), OBJECTS, 0.3, aspect_ratio_range=[0.0, 1.5])
sample("one aspect", (64, 48, 3), OBJECTS, 0.3, aspect_ratio_range=[1.0])
sample("no attempts", (64, 48, 3), OBJECTS, 0.3, max_attempts=0)
sample("two extents", (64, 48), OBJECTS, 0.3)
for dtype in (np.uint8, np.int8, np.int16, np.int64):
    sample(np.dtype(dtype).name, (100, 120, 3), OBJECTS, 0.3, dtype=dtype)
cases.write()
