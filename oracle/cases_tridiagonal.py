"""Writes tests/conformance/tridiagonal.cases: matrices of few diagonals."""
import numpy as np

from case_writer import Cases
from math_inputs import *

cases = Cases("tridiagonal")
for dtype in SINGLES + COMPLEXES:
    name = name_of(dtype)
    d, b = numbers(dtype, (2, 3, 6)), numbers(dtype, (2, 6, 2), seed=1)
    d[:, 1] += 9
    cases.add("TridiagonalSolve", [d, b], name)
    cases.add("TridiagonalSolve", [d, b], f"{name} in order",
              partial_pivoting=False)
    parts = [np.ascontiguousarray(d[:, i:i + 1]) for i in range(3)]
    cases.add("TridiagonalMatMul", parts + [b], name)
    a = numbers(dtype, (2, 3, 6), 1, 3)
    for lower in (False, True):
        for adjoint in (False, True):
            cases.add("BandedTriangularSolve", [a, b], f"{name} {lower} {adjoint}",
                      lower=lower, adjoint=adjoint,
                      tol=1e-3 if name in ("float32", "complex64") else 1e-8)
d, b = numbers(np.float64, (3, 8)), numbers(np.float64, (8, 1), seed=1)
cases.add("TridiagonalSolve", [d, b], "needs swaps")
cases.add("TridiagonalSolve", [d, b], "perturbs nothing", perturb_singular=True)
cases.add("TridiagonalSolve", [d, b], "refuses to perturb", perturb_singular=True,
          partial_pivoting=False)
cases.add("TridiagonalSolve", [d * 0, b], "singular")
for n in (0, 1, 2):
    cases.add("TridiagonalSolve", [d[:, :n] + 5, b[:n]], f"of {n}")
    cases.add("TridiagonalMatMul", [d[i:i + 1, :n] for i in range(3)] + [b[:n]],
              f"of {n}")
cases.add("TridiagonalSolve", [d[:2], b], "refuses two diagonals")
cases.add("TridiagonalSolve", [d, b[:3]], "refuses rows")
cases.add("TridiagonalSolve", [d[None], b], "refuses ranks")
cases.add("TridiagonalMatMul", [d[0], d[1], d[2], b], "refuses vectors")
cases.add("TridiagonalMatMul", [d[:1, :2], d[1:2], d[2:], b], "refuses lengths")
a = np.float64([[2, 3, 4], [5, 6, 7]])
cases.add("BandedTriangularSolve", [a[None], np.eye(3)], "broadcasts")
cases.add("BandedTriangularSolve", [np.ones((4, 3)), np.eye(3)], "many bands")
cases.add("BandedTriangularSolve", [a, np.ones((2, 3))], "refuses rows")
cases.add("BandedTriangularSolve", [a * 0, np.eye(3)], "singular")
cases.write()
