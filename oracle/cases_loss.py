"""Writes tests/conformance/loss.cases: cross entropies, L2Loss, InTopK."""
import numpy as np

from case_writer import Cases, bfloat16

cases = Cases("loss")
random = np.random.RandomState(8)
FLOATS = (np.float32, np.float64, np.float16, bfloat16)
DENSE = "SoftmaxCrossEntropyWithLogits"
SPARSE = "Sparse" + DENSE
x = random.randint(-40, 41, (5, 7)) / 8
labels = random.randint(0, 9, (5, 7)) / 8
classes = np.array([0, 6, 3, 2, 5])
for dtype in FLOATS:
    name = np.dtype(dtype).name
    tol = {np.float16: 2e-2, bfloat16: 0.15}.get(dtype)
    cases.add(DENSE, [x.astype(dtype), labels.astype(dtype)], name, tol=tol)
    for index in (np.int32, np.int64):
        cases.add(SPARSE, [x.astype(dtype), classes.astype(index)],
                  f"{name} {index.__name__}", tol=tol)
x, labels, classes = (x.astype(np.float32), labels.astype(np.float32),
                      classes.astype(np.int32))
cases.add(DENSE, [x, labels[:1]], "one row of labels")
cases.add(DENSE, [x[:1], labels], "one row of logits")
cases.add(DENSE, [x[:, :1], labels], "one column of logits")
cases.add(DENSE, [x, labels[:, :1]], "one column of labels")
cases.add(DENSE, [x, labels[0]], "a vector of labels")
cases.add(DENSE, [x[0], labels[0]], "vectors")
cases.add(DENSE, [x, labels[:, :3]], "shapes differ")
cases.add(DENSE, [x[:0], labels[:0]], "no rows")
cases.add(DENSE, [x[:, :0], labels[:, :0]], "no columns")
cases.add(DENSE, [np.float32([[1, -np.inf, 3], [1, 2, np.nan]]),
                  np.float32([[1, 0, 0]])], "special values")
cases.add(SPARSE, [x * 100, classes], "far apart")
cases.add(SPARSE, [x, classes + 1], "label too large")
cases.add(SPARSE, [x, classes - 1], "label negative")
cases.add(SPARSE, [x, classes[:4]], "too few labels")
cases.add(SPARSE, [x[0], classes[:1]], "vector")
cases.add(SPARSE, [x[:0], classes[:0]], "no rows")
cases.add(SPARSE, [x[:, :0], classes], "no classes")

for dtype in FLOATS:
    cases.add("L2Loss", [x.astype(dtype)], np.dtype(dtype).name,
              tol={np.float16: 2e-2, bfloat16: 0.15}.get(dtype))
cases.add("L2Loss", [random.randint(-9, 9, (70, 51)).astype(np.float32)],
          "many", tol=1e-6)
cases.add("L2Loss", [x[:0]], "nothing")
cases.add("L2Loss", [np.float16([300, 300])], "too large")

odd = np.float32([[1, 1, 1, 0], [1, np.nan, 1, 0], [1, np.inf, 2, 0],
                  [4, 3, 2, 1]])
for index in (np.int32, np.int64):
    for k in (0, 1, 2, 3, 9, -1):
        targets = np.array([2, 2, 1, 1]).astype(index)
        cases.add("InTopK", [odd, targets], f"{k} {index.__name__}", k=k)
        cases.add("InTopKV2", [odd, targets, index(k)],
                  f"{k} {index.__name__}")
cases.add("InTopK", [odd, np.int32([-1, 4, 0, 3])], "no such class", k=4)
cases.add("InTopK", [odd, np.int32([1])], "too few targets", k=4)
cases.add("InTopKV2", [odd, np.int32([1] * 4), np.int32([2])], "vector k")
cases.add("InTopK", [odd[:0], np.int32([])], "no rows", k=4)
cases.write()
