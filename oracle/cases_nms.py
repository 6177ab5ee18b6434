"""Writes tests/conformance/nms.cases: non-maximum suppression."""
import numpy as np

from case_writer import Cases

cases = Cases("nms")
random = np.random.RandomState(3)
f32, f16 = np.float32, np.float16


def boxes(n, *more, flip=False):
    corner = random.uniform(0, 1, (n, *more, 2))
    other = corner + random.uniform(0.05, 0.6, (n, *more, 2))
    both = np.concatenate([corner, other], -1)
    if flip:
        both[::2] = both[::2][..., [2, 1, 0, 3]]
    return both.astype(f32)


def ties(n):
    return np.round(random.uniform(0, 1, n) * 5).astype(f32) / 5


def nms(version, name, b, s, size, *thresholds, dtype=f32, **attrs):
    op = "NonMaxSuppression" + version
    b, s = np.asarray(b, dtype), np.asarray(s, dtype)
    cases.add(op, [b, s, np.int32(size), *(dtype(t) for t in thresholds)], name,
              tol=0, **attrs)


b, s = boxes(40, flip=True), random.uniform(-1, 1, 40).astype(f32)
for threshold in (0.0, 0.3, 0.5, 1.0):
    nms("", f"threshold {threshold}", b, s, 10, iou_threshold=threshold)
    nms("V2", f"threshold {threshold}", b, s, 40, threshold)
    nms("V3", f"threshold {threshold}", b, s, 40, threshold, 0.1)
    nms("V4", f"threshold {threshold}", b, s, 50, threshold, 0.1,
        pad_to_max_output_size=True)
    nms("V5", f"threshold {threshold}", b, s, 40, threshold, 0.1, 0.0)
    nms("V5", f"soft {threshold}", b, s, 40, threshold, 0.1, 0.5)
for version, extra in [("V2", [0.5]), ("V3", [0.5, 0.2]), ("V4", [0.5, 0.2]),
                       ("V5", [0.5, 0.2, 0.25])]:
    nms(version, "ties", boxes(30), ties(30), 20, *extra)
    nms(version, "half", boxes(30), ties(30), 20, *extra, dtype=f16)
    nms(version, "no boxes", b[:0], s[:0], 20, *extra)
    nms(version, "none wanted", b, s, 0, *extra)
    nms(version, "negative size", b, s, -1, *extra)
    nms(version, "threshold too large", b, s, 5, 1.5, *extra[1:])
    nms(version, "threshold NaN", b, s, 5, np.nan, *extra[1:])
    nms(version, "too few scores", b, s[:-1], 5, *extra)
    nms(version, "three columns", b[:, :3], s, 5, *extra)
    nms(version, "boxes of one axis", b[0], s, 5, *extra)
    odd = s.copy()
    odd[[1, 5, 9]] = np.nan, np.inf, -np.inf
    nms(version, "odd scores", b, odd, 30, *extra)
    odd = b.copy()
    odd[3, 1], odd[4, 2], odd[7] = np.nan, np.inf, 0.5
    nms(version, "odd boxes", odd, s, 30, *extra)
nms("V5", "padded", b, s, 20, 0.5, 0.1, 0.3, pad_to_max_output_size=True)
nms("V5", "half padded", b, s, 20, 0.5, 0.1, 0.3, dtype=f16,
    pad_to_max_output_size=True)
nms("V5", "negative sigma", b, s, 20, 0.5, 0.1, -0.3)
nms("V4", "not padded", b, s, 20, 0.5, 0.1)
nms("", "threshold too large", b, s, 10, iou_threshold=1.5)
nms("V3", "no limit", b, s, 100, 0.5, -np.inf)
cases.add("NonMaxSuppressionV2",
          [b.astype(f16), s.astype(f16), np.int32(9), f32(0.33)], "mixed",
          tol=0)
cases.add("NonMaxSuppressionV3", [b, s, np.int32([9]), f32(0.3), f32(0)],
          "size is a vector")
cases.add("NonMaxSuppressionV3", [b, s, np.int32(9), f32([0.3]), f32(0)],
          "threshold is a vector")

overlap = random.uniform(0, 1, (20, 20)).astype(f32)
for threshold in (0.2, 0.5, 0.9, 2.0):
    nms("WithOverlaps", f"threshold {threshold}", overlap, ties(20), 12,
        threshold, 0.1)
overlap[3, 5], overlap[5, 3], overlap[7, 8] = np.nan, np.inf, -np.inf
nms("WithOverlaps", "odd overlaps", overlap, ties(20), 20, 0.9, -1)
nms("WithOverlaps", "not square", overlap[:, :3], ties(20), 20, 0.9, -1)
nms("WithOverlaps", "too few scores", overlap, ties(19), 20, 0.9, -1)


def combined(name, b, s, per_class, total, iou=0.5, score=0.2, **attrs):
    cases.add("CombinedNonMaxSuppression",
              [np.asarray(b, f32), np.asarray(s, f32), np.int32(per_class),
               np.int32(total), f32(iou), f32(score)], name, tol=0, **attrs)


def scores(*shape, steps=None):
    s = random.uniform(0, 1, shape)
    return s if steps is None else np.round(s * steps) / steps


for q in (1, 4):
    b = np.stack([boxes(25, q) for _ in range(2)]) * 1.5 - 0.2
    s = scores(2, 25, 4)
    combined(f"q {q}", b, s, 5, 12)
    combined(f"q {q} padded", b, s, 5, 40, pad_per_class=True)
    combined(f"q {q} few", b, s, 2, 40, pad_per_class=True, clip_boxes=False)
    combined(f"q {q} not clipped", b, s, 5, 40, clip_boxes=False)
    combined(f"q {q} ties", b, scores(2, 25, 4, steps=3), 8, 30)
many = np.stack([boxes(150, 1)])
combined("many ties", many, scores(1, 150, 12, steps=4), 40, 200, iou=0.9)
combined("more ties", many, scores(1, 150, 12, steps=1), 60, 300, iou=0.95,
         score=-1)
combined("all the same", many, np.ones((1, 150, 6)), 60, 100, iou=1)
combined("none above", many, scores(1, 150, 2), 10, 10, score=2)
combined("no boxes", many[:, :0], np.zeros((1, 0, 3)), 5, 5)
combined("no pictures", many[:0], np.zeros((0, 150, 3)), 5, 5)
combined("no classes", many, np.zeros((1, 150, 0)), 5, 5)
combined("size 0", many, scores(1, 150, 2), 0, 5)
combined("total 0", many, scores(1, 150, 2), 5, 0)
combined("threshold", many, scores(1, 150, 2), 5, 5, iou=-0.1)
combined("other classes", boxes(5, 3)[None], scores(1, 5, 2), 5, 5)
combined("other batch", many, scores(2, 150, 2), 5, 5)
combined("other boxes", many, scores(1, 15, 2), 5, 5)
combined("NaN", many, np.where(scores(1, 150, 3) > 0.5, np.nan, 0.5), 5, 9)
cases.write()
