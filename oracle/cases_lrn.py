"""Writes tests/conformance/lrn.cases: LRN and its gradient."""
import numpy as np

from case_writer import Cases

cases = Cases("lrn")
random = np.random.RandomState(9)


def some(*shape, dtype=np.float32):
    return (random.randint(-64, 65, shape) / 32).astype(dtype)


x = some(2, 2, 3, 11)
ROWS = (("defaults", {}),
        ("radius 2", dict(depth_radius=2, alpha=0.1)),
        ("radius 0", dict(depth_radius=0, alpha=0.1, beta=1.0)),
        ("beta 1", dict(depth_radius=1, alpha=0.3, beta=1.0)),
        ("beta 0.75", dict(depth_radius=5, bias=2.0, alpha=1e-4, beta=0.75)),
        ("radius beyond", dict(depth_radius=40, beta=0.7, bias=0.5)))
for name, attrs in ROWS:
    cases.add("LRN", [x], name, **attrs)
    cases.add("LRNGrad", [some(*x.shape), x, cases.ask("LRN", [x], **attrs)[0]],
              name, tol=1e-4, **attrs)
half = x.astype(np.float16)
cases.add("LRN", [half], "half", alpha=0.1)
cases.add("LRNGrad", [some(*x.shape, dtype=np.float16), half, half], "half",
          alpha=0.1, tol=2e-2)
cases.add("LRN", [some(1, 1, 2, 100)], "many channels", alpha=0.1)
cases.add("LRN", [x[..., :1]], "one channel")
cases.add("LRN", [x[..., :0]], "no channels")
cases.add("LRN", [x[:0]], "no pictures")
cases.add("LRNGrad", [x[:0]] * 3, "no pictures")
cases.add("LRN", [x], "negative radius", depth_radius=-1)
cases.add("LRN", [x[0]], "rank 3")
cases.add("LRNGrad", [x, x, x[:1]], "shapes differ")
cases.write()
