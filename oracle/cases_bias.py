"""Writes tests/conformance/bias.cases: BiasAdd and its gradient."""
import numpy as np

from case_writer import Cases, bfloat16

cases = Cases("bias")
TYPES = (np.float32, np.float64, np.float16, bfloat16, np.int8, np.uint8,
         np.int16, np.uint16, np.int32, np.uint32, np.int64, np.uint64,
         np.complex64, np.complex128)


def some(*shape, dtype=np.float32):
    n = np.arange(np.prod(shape)).reshape(shape)
    return (n * (1 + 2j) if np.dtype(dtype).kind == "c" else n % 100).astype(
        dtype)


for dtype in TYPES:
    name = np.dtype(dtype).name
    x, b = some(2, 3, 2, 5, dtype=dtype), some(5, dtype=dtype)
    cases.add("BiasAdd", [x, b], name)
    cases.add("BiasAdd", [x, some(3, dtype=dtype)], name + " first",
              data_format="NCHW")
    cases.add("BiasAddV1", [x, b], name)
    cases.add("BiasAddGrad", [x], name)
    cases.add("BiasAddGrad", [x], name + " first", data_format="NCHW")
for rank in (2, 3, 5, 6):
    shape = (2, 3, 1, 2, 2, 3)[:rank]
    for fmt in ("NHWC", "NCHW"):
        axis = 1 if fmt == "NCHW" else -1
        cases.add("BiasAdd", [some(*shape), some(shape[axis])],
                  f"rank {rank} {fmt}", data_format=fmt)
        cases.add("BiasAddGrad", [some(*shape)], f"rank {rank} {fmt}",
                  data_format=fmt)
random = np.random.RandomState(5)
x = random.uniform(-1, 1, (300, 7, 11)).astype(np.float32)
cases.add("BiasAddGrad", [x[:60]], "many rows", tol=1e-4)
cases.add("BiasAdd", [some(0, 4), some(4)], "nothing")
cases.add("BiasAddGrad", [some(0, 4)], "nothing")
cases.add("BiasAddGrad", [some(4, 0)], "no channels")
cases.add("BiasAdd", [some(4), some(4)], "vector")
cases.add("BiasAddGrad", [some(4)], "vector")
cases.add("BiasAdd", [some(2, 3), some(4)], "other channels")
cases.add("BiasAdd", [some(2, 4), some(1, 4)], "bias of rank 2")
cases.write()
