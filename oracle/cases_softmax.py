"""Writes tests/conformance/softmax.cases: Softmax and LogSoftmax."""
import numpy as np

from case_writer import Cases, bfloat16

cases = Cases("softmax")
random = np.random.RandomState(4)
x = random.uniform(-9, 9, (3, 5, 7))
for op in ("Softmax", "LogSoftmax"):
    for dtype in (np.float32, np.float64, np.float16, bfloat16):
        cases.add(op, [x.astype(dtype)], np.dtype(dtype).name)
    x = x.astype(np.float32)
    cases.add(op, [random.uniform(-9, 9, (2, 1001)).astype(np.float32)], "wide")
    cases.add(op, [x[0, 0]], "vector")
    cases.add(op, [x[..., :1]], "one column")
    cases.add(op, [x[:0]], "no rows")
    cases.add(op, [x[..., :0]], "no columns")
    cases.add(op, [x * 1e30], "far apart")
    cases.add(op, [np.float32([[1, 2, np.nan], [-np.inf, 0, 1],
                               [-np.inf] * 3])], "special values")
    cases.add(op, [np.float32(3)], "scalar")
cases.write()
