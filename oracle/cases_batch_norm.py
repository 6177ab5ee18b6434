"""Writes tests/conformance/batch_norm.cases: FusedBatchNorm and its gradient."""
import numpy as np

from case_writer import Cases, bfloat16

cases = Cases("batch_norm")
random = np.random.RandomState(6)
nothing = np.zeros(0, np.float32)


def some(*shape):
    return random.uniform(0.5, 2, shape).astype(np.float32)


def first(x):
    return np.ascontiguousarray(np.moveaxis(x, -1, 1))


scale, offset, mean, variance = (some(5) for _ in range(4))
KEPT = (3, 4)  # TensorFlow's CPU leaves them unwritten at inference
for version in ("", "V2", "V3"):
    op = "FusedBatchNorm" + version
    x = some(3, 4, 2, 5)
    given = [scale, offset, mean, variance]
    none = [scale, offset, nothing, nothing]
    cases.add(op, [x, *given], "inference", is_training=False, epsilon=0.01,
              skip=KEPT)
    cases.add(op, [first(x), *given], "inference NCHW", is_training=False,
              data_format="NCHW", skip=KEPT)
    cases.add(op, [x, *none], "training", epsilon=0.01)
    cases.add(op, [first(x), *none], "training NCHW", data_format="NCHW")
    cases.add(op, [x, *given], "training, factor", exponential_avg_factor=0.25)
    cases.add(op, [x[:1, :1, :1], *none], "one pixel")
    cases.add(op, [x[:0], *none], "no pixels", skip=KEPT)
    cases.add(op, [x, *none], "no mean at inference", is_training=False)
    cases.add(op, [x, *none], "no mean for the factor",
              exponential_avg_factor=0.5)
    cases.add(op, [x, scale[:4], *given[1:]], "scale too short",
              is_training=False)
    cases.add(op, [x[0], *given], "rank 3", is_training=False)
    for training in (True, False):
        for x, fmt in ((x, "NHWC"), (first(x), "NCHW"))[:1 + training]:
            cases.add(f"FusedBatchNormGrad{version}",
                      [some(*x.shape), x, scale, mean, variance]
                      + ([nothing] if version == "V3" else []),
                      f"{fmt} training {training}", is_training=training,
                      data_format=fmt, epsilon=0.01, skip=(3, 4), tol=1e-4)
        x = some(3, 4, 2, 5)
for dtype in (np.float16, bfloat16):
    x = some(3, 4, 2, 5).astype(dtype)
    name = np.dtype(dtype).name
    cases.add("FusedBatchNormV3", [x, *given], name, is_training=False,
              skip=KEPT)
    cases.add("FusedBatchNormV2", [first(x), *none], name + " training",
              data_format="NCHW")
    cases.add("FusedBatchNormGradV3",
              [some(*x.shape).astype(dtype), x, scale, mean, variance, nothing],
              name, epsilon=0.01, skip=(3, 4), tol=0.05)
x = some(2, 2, 3, 2, 5)
cases.add("FusedBatchNormV3", [x, *given], "volume", data_format="NDHWC",
          is_training=False, skip=KEPT)
cases.add("FusedBatchNormV3", [first(x), *none], "volume NCDHW, training",
          data_format="NCDHW")
cases.add("FusedBatchNormV3", [some(9, 8, 8, 3) + 100, *(v[:3] for v in none)],
          "far from zero", tol=3e-3)
cases.write()
