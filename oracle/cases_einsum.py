"""Writes tests/conformance/einsum.cases."""
import numpy as np

from case_writer import Cases, bfloat16

cases = Cases("einsum")
random = np.random.RandomState(12)


def some(*shape, dtype=np.float32):
    x = random.randint(-16, 17, shape)
    if np.dtype(dtype).kind == "c":
        return (x + 2j * random.randint(-9, 9, shape)).astype(dtype)
    return (x if np.dtype(dtype).kind == "i" else x / 8).astype(dtype)


def einsum(equation, *shapes, name="", dtype=np.float32, tol=None):
    cases.add("Einsum", [[some(*s, dtype=dtype) for s in shapes]],
              f"{equation} {list(shapes)} {name}", equation=equation, tol=tol)


a, b, s, t = (2, 3), (3, 4), (3, 3), (2, 3, 4)
for equation in ("ij->ji", "ij->", "ij->i", "ij->j", "ij->jij", "i1->i",
                 "ij->ijj"):
    einsum(equation, a)
for equation in ("ii->i", "ii->", "ij->ji", "ii->ii"):
    einsum(equation, s)
einsum("iij->j", (3, 3, 2))
einsum("i->ii", (3,))
einsum("->", ())
for equation in ("...ij->...ji", "...->...", "i...->...i", "...k->...",
                 "i...k->k...", "abc->cab", "abc->b"):
    einsum(equation, t)
for equation in ("ij,jk->ik", "ij,jk->ki", "ij,jk->", "ij,jk->ijk", "ij,jk->j",
                 "ij,jk->i", "ij,jk->kji", "ij,kl->il", "ij,jk->iik"):
    einsum(equation, a, b)
einsum("ji,jk->ik", (3, 2), b)
einsum("ij,kj->ik", a, (4, 3))
einsum("ji,kj->ki", (3, 2), (4, 3))
einsum("bij,bjk->bik", (5, 2, 3), (5, 3, 4))
einsum("bij,bkj->bki", (5, 2, 3), (5, 4, 3))
einsum("bij,jk->bik", (5, 2, 3), b)
einsum("abc,cd->abd", (2, 3, 8), (8, 9))
einsum("abc,cde->abde", (2, 7, 8), (8, 3, 4), name="to heads")
einsum("btnh,bfnh->bnft", (2, 5, 3, 4), (2, 6, 3, 4), name="scores")
einsum("bnft,btnh->bfnh", (2, 3, 6, 5), (2, 5, 3, 4), name="context")
einsum("abcd,cde->abe", (2, 5, 3, 4), (3, 4, 8), name="from heads")
einsum("ij,ij->ij", a, a)
einsum("abc,abc->", t, t)
einsum("ii,i->i", s, (3,))
einsum("iij,ik->ijk", (3, 3, 2), s)
einsum("i,j->ji", (3,), (4,))
einsum("i,->i", (3,), ())
einsum(",->", (), ())
einsum("Ab,bA->Ab", a, (3, 2))
einsum("...ij,...jk->...ik", t, (1, 4, 3))
einsum("...ij,...jk->...ik", (5, 1, 2, 3), (4, 3, 2))
einsum("...ij,jk->...ik", t, (4, 3))
einsum("ij,...jk->i...k", (2, 3), (5, 1, 3, 4))
einsum("...,...->...", t, (1, 3, 1))
einsum("...i,...->...i", t, a)
einsum("ij,jk->ik", (0, 3), b, name="no rows")
einsum("ij,jk->ik", (2, 0), (0, 4), name="depth nothing")
einsum("ij->i", (2, 0), name="sum of nothing")
einsum("ii->i", (0, 0), name="no diagonal")
for dtype in (np.float64, np.float16, bfloat16, np.int32, np.int64,
              np.complex64, np.complex128):
    name = np.dtype(dtype).name
    tol = {np.float16: 2e-2, bfloat16: 0.2}.get(dtype)
    einsum("bij,bjk->kbi", (2, 3, 4), (2, 4, 5), name=name, dtype=dtype,
           tol=tol)
    einsum("iij->j", (3, 3, 2), name=name, dtype=dtype, tol=tol)
    einsum("ij,jk->i", a, b, name=name, dtype=dtype, tol=tol)
for equation in ("ij,jk", "ij,jk->iz", "...ij,jk->ik", "..ij,jk->ik",
                 "......ij,jk->ik", "ijk,jk->ik", "ij,jk->ik->i", "ij->i",
                 "ij,jk,k->i", "ii,jk->ik"):
    einsum(equation, a if "..." not in equation else t, b, name="refused")
einsum("ij,jk->ik", a, (2, 4), name="extents differ")
einsum("ab,ab->b", a, (1, 3), name="names do not broadcast")
einsum("...->", t, name="lost ellipsis")
cases.write()
