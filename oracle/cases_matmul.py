"""Writes tests/conformance/matmul.cases: MatMul and the BatchMatMul ops."""
import numpy as np

from case_writer import Cases, bfloat16

cases = Cases("matmul")
random = np.random.RandomState(2)


def some(*shape, dtype=np.float32):
    if np.dtype(dtype).kind in "iu":
        return random.randint(0, 120, shape).astype(dtype)
    x = random.randint(-32, 33, shape) / 32  # packs well
    if np.dtype(dtype).kind == "c":
        x = x + 1j * random.randint(-32, 33, shape) / 32
    return x.astype(dtype)


a, b = some(5, 7), some(7, 9)
cases.add("MatMul", [a, b])
cases.add("MatMul", [a.T.copy(), b], "a transposed", transpose_a=True)
cases.add("MatMul", [a, b.T.copy()], "b transposed", transpose_b=True)
cases.add("MatMul", [a.T.copy(), b.T.copy()], "both", transpose_a=True,
          transpose_b=True)
cases.add("MatMul", [some(13, 300), some(300, 21)], "larger", tol=1e-4)
cases.add("MatMul", [a[:1], b], "one row")
cases.add("MatMul", [a[:, :1], b[:1]], "depth one")
cases.add("MatMul", [a[:, :0], b[:0]], "depth nothing")
cases.add("MatMul", [a[:0], b], "no rows")
cases.add("MatMul", [a, b[:, :0]], "no columns")
cases.add("MatMul", [a * np.float32(np.nan), b * 0], "NaN times 0")
cases.add("MatMul", [a, b[:6]], "inner extents differ")
cases.add("MatMul", [a[None], b], "rank 3")
for dtype in (np.float64, np.float16, bfloat16, np.int32, np.int64,
              np.complex64, np.complex128):
    name = np.dtype(dtype).name
    a, b = some(3, 4, dtype=dtype), some(4, 5, dtype=dtype)
    tol = {np.float16: 1e-2, bfloat16: 6e-2}.get(dtype)
    cases.add("MatMul", [a, b], name, tol=tol)
    cases.add("MatMul", [a.T.copy(), b.T.copy()], name + " transposed",
              transpose_a=True, transpose_b=True, tol=tol)
    cases.add("BatchMatMulV2", [a.T.copy(), np.stack([b.T, b.T])],
              name + " adjoint", adj_x=True, adj_y=True, tol=tol)
    cases.add("BatchMatMulV2", [a[:, :0], b[:0]], name + " depth nothing")
cases.add("MatMul", [np.full((1, 3), 2**30, np.int32),
                     np.full((3, 1), 2**3, np.int32)], "wraps")
cases.add("BatchMatMul", [np.full((1, 3), 2**14, np.int16),
                          np.full((3, 1), 7, np.int16)], "int16 wraps")

a, b = some(2, 3, 4, 5), some(2, 3, 5, 6)
cases.add("BatchMatMul", [a, b])
cases.add("BatchMatMul", [a[0, 0], b[0, 0]], "rank 2")
cases.add("BatchMatMul", [a, b.swapaxes(2, 3).copy()], "adjoint", adj_y=True)
cases.add("BatchMatMul", [a, b[:1]], "batches differ")
cases.add("BatchMatMul", [a, b[0]], "ranks differ")
cases.add("BatchMatMulV2", [a, b])
cases.add("BatchMatMulV2", [a, b[0, 0]], "one right side")
cases.add("BatchMatMulV2", [a.swapaxes(2, 3).copy(), b[0, 0]],
          "one right side, adjoint", adj_x=True)
cases.add("BatchMatMulV2", [a[:, :1], b[:1]], "broadcast both ways")
cases.add("BatchMatMulV2", [a[:, :1], b[1]], "broadcast ranks")
cases.add("BatchMatMulV2", [some(2, 9, 8), some(8, 17)], "many rows")
cases.add("BatchMatMulV2", [a[:0], b[:1]], "no products")
cases.add("BatchMatMulV2", [a[:0], b], "no broadcast")
cases.add("BatchMatMulV2", [a[0, 0, 0], b], "rank 1")
cases.add("BatchMatMulV3", [a, b], Tout="float")
for left in (np.uint8, np.int8):
    for right in (np.uint8, np.int8):
        cases.add("BatchMatMulV3",
                  [some(3, 4, dtype=left), some(4, 2, dtype=right)],
                  f"{left.__name__} {right.__name__}", Tout="int32")
    cases.add("BatchMatMulV3",
              [some(3, 4, dtype=left), some(4, 2, dtype=bfloat16)],
              f"{left.__name__} bfloat16", Tout="bfloat16", tol=2e-2)
cases.add("BatchMatMulV3",
          [some(3, 4, dtype=np.int16), some(4, 2, dtype=np.int16)],
          "int16", Tout="int16")
cases.write()
