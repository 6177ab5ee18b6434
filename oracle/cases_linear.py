"""Writes tests/conformance/linear.cases: dense linear algebra."""
import numpy as np

from case_writer import Cases
from math_inputs import *

cases = Cases("linear")
FIELD4 = SINGLES + COMPLEXES


def spread(dtype, shape, seed=0):
    """A matrix that is easy to invert."""
    a = numbers(dtype, shape, -1, 1, seed)
    return (a + 2 * np.eye(*shape[-2:])).astype(dtype)


def definite(dtype, shape, seed=0):
    a = numbers(dtype, shape, -1, 1, seed)
    return (a @ np.conj(np.swapaxes(a, -1, -2)) +
            np.eye(shape[-1])).astype(dtype)


ONE = ["MatrixDeterminant", "LogMatrixDeterminant", "MatrixInverse", "Lu", "Qr",
       "Cholesky", "Svd", "SelfAdjointEigV2", "MatrixSquareRoot"]
for op in ONE:
    make = definite if op[0] in "CS" or op.endswith("Root") else spread
    for dtype in FIELD4:
        skip = (1, 2) if op == "Svd" and dtype in COMPLEXES else ()
        if op == "SelfAdjointEigV2" and dtype in COMPLEXES:
            skip = (1,)
        cases.add(op, [make(dtype, (4, 4))], name_of(dtype), skip=skip)
    cases.add(op, [make(np.float64, (2, 1, 3, 3))], "batch")
    cases.add(op, [np.zeros((2, 0, 0), np.float64)], "of nothing")
    cases.add(op, [np.zeros((0, 2, 2), np.float64)], "empty batch")
    cases.add(op, [np.float64([[2]])], "one number")
    cases.add(op, [np.ones(3, np.float64)], "refuses a vector")
    if op not in ("Qr", "Svd"):
        cases.add(op, [np.ones((2, 3), np.float64)], "refuses a rectangle")
for op in ("MatrixDeterminant", "LogMatrixDeterminant", "MatrixInverse", "Lu"):
    cases.add(op, [np.float64([[1, 2], [2, 4]])], "singular")
    cases.add(op, [np.float64([[0, 1, 0], [0, 0, 1], [1, 0, 0]])], "permutation")
    cases.add(op, [numbers(np.float64, (6, 6))], "of any")
    cases.add(op, [np.full((2, 2), np.nan)], "nan")
cases.add("Lu", [numbers(np.float64, (5, 5))], "int64", output_idx_type="int64")
for dtype in FIELD4 + [np.float16]:
    cases.add("MatrixInverse", [spread(dtype, (3, 3))], f"{name_of(dtype)} adjoint",
              adjoint=True, tol=2e-2 if dtype == np.float16 else None)
cases.add("Qr", [spread(np.float16, (3, 3))], "float16", tol=2e-2)
for shape in ((5, 3), (3, 5), (2, 4, 2)):
    for full in (False, True):
        for dtype in (np.float64, np.complex64):
            x = numbers(dtype, shape)
            cases.add("Qr", [x], f"{name_of(dtype)} {shape} {full}",
                      full_matrices=full)
        cases.add("Svd", [numbers(np.float64, shape)], f"{shape} {full}",
                  full_matrices=full)
        cases.add("Svd", [numbers(np.complex128, shape)],
                  f"complex {shape} {full}", full_matrices=full, skip=(1, 2))
cases.add("Svd", [numbers(np.float64, (6, 6))], "of any")
cases.add("Svd", [numbers(np.float64, (20, 18))], "large", skip=(1, 2))
cases.add("Svd", [numbers(np.float64, (3, 4))], "values", compute_uv=False,
          skip=(1, 2))
cases.add("Svd", [np.float64([[0, 1], [0, 0]])], "singular")
cases.add("Svd", [np.zeros((3, 2), np.float64)], "zeros", skip=(1, 2))
cases.add("Svd", [np.full((2, 2), np.nan)], "nan")
for n in (2, 3, 5, 12, 30):
    a = numbers(np.float64, (n, n))
    cases.add("SelfAdjointEigV2", [a + a.T], f"{n}")
    cases.add("SelfAdjointEigV2", [a + a.T], f"{n} values", compute_v=False,
              skip=(1,))
cases.add("SelfAdjointEigV2", [numbers(np.float64, (4, 4))], "lower triangle")
cases.add("SelfAdjointEigV2", [np.full((2, 2), np.nan)], "nan")
cases.add("SelfAdjointEigV2", [np.diag([3., 1, 2])], "diagonal")
for dtype, out in zip(FIELD4, ["complex64", "complex128"] * 2):
    # The phases of vectors are free: rounding decides them.
    name, tol = name_of(dtype), 1e-9 if dtype in (np.float64, np.complex128) else 1e-4
    for n in (1, 2, 3, 4, 6):
        a = numbers(dtype, (n, n), seed=n)
        cases.add("Eig", [a], f"{name} {n}", Tout=out, skip=(1,), tol=tol)
    cases.add("Eig", [numbers(dtype, (2, 3, 3))], f"{name} values", Tout=out,
              compute_v=False, skip=(1,), tol=tol)
cases.add("Eig", [np.float64([[0, 1], [-1, 0]])], "rotation", Tout="complex128")
cases.add("Eig", [np.float64([[1, 2], [3, 4]])], "two", Tout="complex128")
cases.add("Eig", [np.zeros((0, 0), np.float64)], "of nothing", Tout="complex128")
cases.add("Eig", [np.ones((2, 3), np.float64)], "refuses", Tout="complex128")
cases.add("Cholesky", [np.float64([[4, 99], [1, 3]])], "lower triangle")
for dtype in SINGLES:
    l = np.tril(spread(dtype, (2, 4, 4)))
    cases.add("CholeskyGrad", [l, numbers(dtype, (2, 4, 4), seed=1)],
              name_of(dtype))
cases.add("CholeskyGrad", [np.eye(2), np.ones((3, 3))], "refuses")
cases.add("CholeskyGrad", [np.eye(2), np.ones((2, 2))], "of a unit")
cases.add("CholeskyGrad", [np.zeros((0, 0))] * 2, "of nothing")

for dtype in FIELD4:
    a, b = spread(dtype, (2, 4, 4)), numbers(dtype, (2, 4, 3), seed=1)
    for adjoint in (False, True):
        cases.add("MatrixSolve", [a, b], f"{name_of(dtype)} {adjoint}",
                  adjoint=adjoint)
        for lower in (False, True):
            cases.add("MatrixTriangularSolve", [a, b],
                      f"{name_of(dtype)} {adjoint} {lower}", adjoint=adjoint,
                      lower=lower)
    for shape in ((5, 3), (3, 5), (2, 4, 4)):
        a = numbers(dtype, shape)
        b = numbers(dtype, shape[:-1] + (2,), seed=1)
        for fast in (False, True):
            cases.add("MatrixSolveLs", [a, b, np.float64(0.5)],
                      f"{name_of(dtype)} {shape} {fast}", fast=fast,
                      tol=1e-3 if np.dtype(dtype).name in
                      ("float32", "complex64") else None)
A, B = np.eye(3), np.ones((3, 1))
for op in ("MatrixSolve", "MatrixTriangularSolve"):
    cases.add(op, [A, B[:2]], "refuses rows")
    cases.add(op, [A[:2], B[:2]], "refuses a rectangle")
    cases.add(op, [A, B[:, 0]], "refuses a vector")
    cases.add(op, [A[:0, :0], B[:0]], "of nothing")
    cases.add(op, [A, B[:, :0]], "without right sides")
cases.add("MatrixSolve", [A[None], B], "refuses to broadcast")
cases.add("MatrixSolve", [np.ones((2, 2)), np.ones((2, 1))], "singular")
cases.add("MatrixTriangularSolve", [A[None], B], "broadcasts")
cases.add("MatrixTriangularSolve", [np.stack([A, 2 * A])[:, None],
                                    np.stack([B, B, 3 * B])], "broadcasts twice")
cases.add("MatrixTriangularSolve", [np.float64([[0, 1], [0, 0]]), B[:2]],
          "by zero")
cases.add("MatrixSolveLs", [np.float64([[1, 2], [2, 4]]), B[:2], np.float64(0)],
          "singular")
cases.add("MatrixSolveLs", [np.float64([[1, 2], [2, 4]]), B[:2], np.float64(0)],
          "singular, slowly", fast=False)
cases.add("MatrixSolveLs", [A, B, np.float64(-1)], "refuses a negative")
cases.add("MatrixSolveLs", [A, B, np.float64([1])], "refuses a vector")
cases.add("MatrixSolveLs", [A, B[:2], np.float64(1)], "refuses rows")
cases.add("MatrixSquareRoot", [np.float64([[1, 2], [2, -4]])], "not real")
cases.add("MatrixSquareRoot", [np.complex128([[1, 2], [2, -4]])], "of a negative")
for dtype in COMPLEXES:
    cases.add("MatrixLogarithm", [spread(dtype, (4, 4))], name_of(dtype))
    cases.add("MatrixLogarithm", [definite(dtype, (2, 3, 3))],
              f"{name_of(dtype)} batch")
cases.add("MatrixLogarithm", [np.complex128([[1, 2], [2, -4]])], "of a negative")
cases.add("MatrixLogarithm", [np.zeros((0, 0), np.complex128)], "of nothing")
cases.add("MatrixLogarithm", [np.ones((2, 3), np.complex128)], "refuses")
# Ops that graphs may no longer have; their answers by what took their place.
for dtype in FIELD4:
    a = numbers(dtype, (2, 3, 3), -3, 3)
    cases.add("MatrixExponential", [a], name_of(dtype),
              expect=[tf.linalg.expm(a).numpy()],
              tol=1e-4 if np.dtype(dtype).name in ("float32", "complex64") else
              1e-9)
cases.add("MatrixExponential", [np.zeros((2, 2))], "of zeros", expect=[np.eye(2)])
a = definite(np.float64, (2, 3, 3))
values, vectors = cases.ask("SelfAdjointEigV2", [a])
both = np.concatenate([values[:, None], vectors], 1)
for op in ("SelfAdjointEig", "BatchSelfAdjointEig"):
    cases.add(op, [a], expect=[both])
for op in ("MatrixDeterminant", "MatrixInverse", "Cholesky", "SelfAdjointEigV2",
           "Svd"):
    cases.add("Batch" + op, [a], expect=cases.ask(op, [a]))
b = numbers(np.float64, (2, 3, 2))
for op in ("MatrixSolve", "MatrixTriangularSolve"):
    cases.add("Batch" + op, [a, b], expect=cases.ask(op, [a, b]))
cases.add("BatchMatrixSolveLs", [a, b, np.float64(0.1)],
          expect=cases.ask("MatrixSolveLs", [a, b, np.float64(0.1)]))
cases.add("BatchCholeskyGrad", [np.tril(a), a],
          expect=cases.ask("CholeskyGrad", [np.tril(a), a]))
cases.write()
