"""Writes tests/conformance/fractional_pool.cases."""
import numpy as np

from case_writer import Cases

cases = Cases("fractional_pool")
random = np.random.RandomState(16)
TYPES = (np.float32, np.float64, np.int32, np.int64)


def some(*shape, dtype=np.float32):
    return random.permutation(np.prod(shape)).reshape(shape).astype(dtype)


def both(name, x, ratio, seeds=(3, 4), **attrs):
    overlap = dict(overlapping=attrs.get("overlapping", False))
    attrs = dict(pooling_ratio=[1.0, *ratio, 1.0], deterministic=True,
                 seed=seeds[0], seed2=seeds[1], **attrs)
    y, rows, columns = cases.add("FractionalMaxPool", [x], name, **attrs)
    dy = some(*y.shape, dtype=x.dtype.type)
    cases.add("FractionalMaxPoolGrad", [x, y, dy, rows, columns], name,
              **overlap)
    cases.add("FractionalAvgPool", [x], name, **attrs)
    cases.add("FractionalAvgPoolGrad",
              [np.int64(x.shape), dy, rows, columns], name, **overlap)


x = some(2, 9, 11, 3)
for even in (True, False):
    for overlapping in (True, False):
        for seeds in ((3, 4), (1, 2)):
            both(f"{even} {overlapping} {seeds}", x, (1.4, 1.7), seeds,
                 pseudo_random=even, overlapping=overlapping)
for dtype in TYPES:
    both(np.dtype(dtype).name, some(1, 7, 6, 2, dtype=dtype), (1.5, 1.3),
         overlapping=True)
both("long", some(1, 29, 31, 1), (1.2, 2.6), (77, 99))
both("no chance", x, (3.0, 11.0))
both("all", x, (1.0, 1.0))
good = dict(deterministic=True, seed=3, seed2=4)
cases.add("FractionalMaxPool", [x], "any numbers", skip=(0, 1, 2),
          pooling_ratio=[1, 1.5, 1.5, 1])
for name, ratio, attrs in (("below 1", [1, 0.9, 1, 1], good),
                           ("over the batch", [2, 1.9, 1, 1], good),
                           ("too high", [1, 12, 1, 1], good),
                           ("seeds", [1, 1.5, 1.5, 1], dict(seed=3, seed2=4))):
    cases.add("FractionalMaxPool", [x], name, pooling_ratio=ratio, **attrs)
cases.write()
