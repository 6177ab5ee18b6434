"""Writes tests/conformance/activation.cases: Relu and its kin, and gradients."""
import numpy as np

from case_writer import Cases, bfloat16

cases = Cases("activation")
random = np.random.RandomState(3)
FLOATS = (np.float32, np.float64, np.float16, bfloat16)
INTS = (np.int8, np.uint8, np.int16, np.uint16, np.int32, np.uint32, np.int64,
        np.uint64)
special = np.array([np.nan, np.inf, -np.inf, -1, -0.0, 0, 1, 7, -1e-3, 1e-3,
                    -20, 20, 100, -100, -14, -13.9, 13.9, 14, -0.25, -0.2, 6])
many = np.concatenate([random.uniform(-9, 9, 600), special])


def name_of(dtype):
    return np.dtype(dtype).name


for op in ("Relu", "Relu6", "Elu", "Selu", "LeakyRelu", "Softplus", "Softsign"):
    for dtype in FLOATS:
        cases.add(op, [special.astype(dtype)], name_of(dtype))
    cases.add(op, [many.astype(np.float32).reshape(3, -1)], "many")
    cases.add(op, [np.zeros((0, 3), np.float32)], "nothing")
    cases.add(op, [np.float32(-0.5)], "scalar")
for alpha in (0.0, 2.0, -1.0):
    cases.add("LeakyRelu", [many[:40].astype(np.float32)], f"alpha {alpha}",
              alpha=alpha)
for dtype in INTS:
    x = np.array([-100, -7, -1, 0, 1, 5, 6, 7, 100]).astype(dtype)
    dy = np.arange(1, 10).astype(dtype)
    for op in ("Relu", "Relu6"):
        cases.add(op, [x], name_of(dtype))
        cases.add(op + "Grad", [dy, x], name_of(dtype))

features = np.array([np.inf, -np.inf, -1, -0.0, 0, 1, 6, 7, -1e-3, 20, -20])
dy = np.linspace(-2, 3, features.size)
for op in ("ReluGrad", "Relu6Grad", "EluGrad", "SeluGrad", "LeakyReluGrad",
           "SoftplusGrad", "SoftsignGrad"):
    for dtype in FLOATS:
        cases.add(op, [dy.astype(dtype), features.astype(dtype)],
                  name_of(dtype))
    many_dy = random.uniform(-2, 2, many.size).astype(np.float32)
    cases.add(op, [many_dy, many.astype(np.float32)], "many", tol=1e-4)
    cases.add(op, [np.zeros((2, 0), np.float32)] * 2, "nothing")
for op in ("ReluGrad", "EluGrad", "SoftplusGrad"):
    cases.add(op, [np.zeros(3, np.float32), np.zeros(2, np.float32)],
              "shapes differ")
cases.write()
