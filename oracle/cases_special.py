"""Writes tests/conformance/special.cases: the special functions."""
import numpy as np

from case_writer import Cases
from math_inputs import *

cases = Cases("special")
HALF = SINGLES + [np.float16]
WIDE = np.concatenate([np.geomspace(1e-6, 1e-2, 4), np.linspace(0.05, 30, 61),
                       [50, 90, 200]])
BOTH = np.concatenate([-WIDE[:40], [0], WIDE])
OPS = {
    "Lgamma": (HALF, BOTH), "Digamma": (HALF, BOTH),
    "Erfinv": (SINGLES, np.concatenate([np.linspace(-1, 1, 41), [1e-5, 0.9999]])),
    "Ndtri": (SINGLES, np.concatenate([np.linspace(0, 1, 41), [1e-5, 0.9999]])),
    "BesselI0": (HALF, BOTH), "BesselI0e": (HALF, BOTH),
    "BesselI1": (HALF, BOTH), "BesselI1e": (HALF, BOTH),
    "BesselJ0": (HALF, BOTH), "BesselJ1": (HALF, BOTH),
    "BesselK0": (HALF, WIDE), "BesselK0e": (HALF, WIDE),
    "BesselK1": (HALF, WIDE), "BesselK1e": (HALF, WIDE),
    "BesselY0": (HALF, WIDE), "BesselY1": (HALF, WIDE),
    "Dawsn": (SINGLES, BOTH), "Expint": (SINGLES, WIDE[WIDE < 80]),
    "FresnelCos": (SINGLES, BOTH), "FresnelSin": (SINGLES, BOTH),
    "Spence": (SINGLES, WIDE),
}
for op, (types, x) in OPS.items():
    for dtype in types:
        # Single precision of TensorFlow's own is worse than ours far out.
        tol = {np.float32: 1e-4, np.float64: 1e-10, np.float16: 1e-2}[dtype]
        some = x[np.abs(x) < 30] if dtype != np.float64 else x
        cases.add(op, [some.astype(dtype)], name_of(dtype), tol=tol)
    odd = [np.nan, -np.inf, np.inf, 0, -1, -2.5, 1e-200, 700, 1e6]
    if op.startswith("Fresnel"):
        odd.pop()  # TensorFlow stops at 1/2 too early
    cases.add(op, [np.float64(odd)], "odd")
    cases.add(op, [np.zeros((0, 2), np.float32)], "of nothing")
    cases.add(op, [np.float64(0.75)], "scalar")

EDGES = [np.nan, -1.5, -1., 0, 0.5, 1, 2, 3, 7, np.inf]
for op in ("Polygamma", "Zeta", "Igamma", "Igammac", "IgammaGradA",
           "RandomGammaGrad"):
    a, b = pairs(np.float64(EDGES))
    cases.add(op, [a, b], "edges")
    a, b = pairs(np.array([0.01, 0.3, 1, 2.5, 6, 15, 40, 150]))
    if op == "Polygamma":
        a = np.round(a)
        b = b[a < 20]
        a = a[a < 20]
    if op == "Zeta":
        a = a + 1.01
    if op == "RandomGammaGrad":  # TensorFlow gives 0 far out in the tails
        near = np.abs(b - a) < 2 * np.sqrt(a) + 1
        a, b = a[near], b[near]
    for dtype in SINGLES:
        tol = 1e-4 if dtype == np.float32 else 1e-9
        if dtype == np.float32 and op in ("IgammaGradA", "RandomGammaGrad"):
            tol = 1e-3
        if dtype == np.float32 and op == "Polygamma":
            a, b = a[(a < 6) & (b > 0.1)], b[(a < 6) & (b > 0.1)]
        cases.add(op, [a.astype(dtype), b.astype(dtype)], name_of(dtype), tol=tol)
    cases.add(op, [np.float64([[2], [3]]), np.float64([1.5, 2])], "broadcasts")
    cases.add(op, [np.zeros((0, 2), np.float32), np.float32(1)], "of nothing")
    cases.add(op, [np.ones(2, np.float32), np.ones(3, np.float32)],
              "refuses shapes")

a, b = pairs(np.array([0.1, 0.5, 1, 2, 7, 30, 200]))
for x in (0.02, 0.3, 0.5, 0.77, 0.999):
    cases.add("Betainc", [a, b, np.full_like(a, x)], f"{x}", tol=1e-9)
small = a + b < 100
cases.add("Betainc", [v[small].astype(np.float32)
                      for v in (a, b, np.full_like(a, 0.4))], "float32", tol=1e-4)
one = np.float64([0, 1, -1, 2, np.nan, np.inf, 2, 2, 2])
two = np.float64([1, 0, 2, 3, 1, 2, 3, 3, 3])
part = np.float64([.5, .5, .5, 0, .5, .5, 1, -.1, np.nan])
cases.add("Betainc", [one, two, part], "edges")
cases.add("Betainc", [np.float64([1, 2]), np.float64(2), np.float64([.2, .3])],
          "one scalar")
cases.add("Betainc", [np.float64(1), np.float64(2), np.float64(.2)], "scalars")
cases.add("Betainc", [np.float64([1, 2]), np.float64([2]), np.float64([.2, .3])],
          "refuses shapes")
cases.write()
