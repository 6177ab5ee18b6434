"""Writes tests/conformance/blocks.cases: space to depth and to batch, patches,
and the diagonals of matrices."""
import ml_dtypes
import numpy as np

from case_writer import Cases

bf16 = ml_dtypes.bfloat16
TYPES = [np.float32, np.float64, np.float16, bf16, np.int8, np.int16, np.int32,
         np.int64, np.uint8, np.uint16, np.uint32, np.uint64, np.complex64,
         np.complex128, np.bool_]


def grid(*shape, dtype=np.float32):
    n = int(np.prod(shape))
    return (np.arange(n) - n // 3).astype(dtype).reshape(shape)


def words(*shape):
    n = int(np.prod(shape))
    return np.array([b"word %d" % i + b"!" * (i * 5 % 31) for i in range(n)],
                    dtype=object).reshape(shape)


def i32(*values):
    return np.array(values, np.int32)


def pairs(*values):
    return np.array(values, np.int32).reshape(-1, 2)


c = Cases("blocks")

# ---- Depth -----------------------------------------------------------------
for t in TYPES:
    c.add("SpaceToDepth", [grid(1, 4, 2, 2, dtype=t)], block_size=2)
    c.add("DepthToSpace", [grid(1, 1, 2, 8, dtype=t)], block_size=2)
c.add("SpaceToDepth", [grid(2, 6, 3, 5)], block_size=3)
c.add("DepthToSpace", [grid(2, 2, 3, 18)], block_size=3)
c.add("SpaceToDepth", [words(1, 2, 2, 1)], "strings", block_size=2)
c.add("SpaceToDepth", [grid(0, 2, 2, 1)], "nothing", block_size=2)
c.add("DepthToSpace", [grid(1, 2, 2, 0)], "nothing", block_size=2)
c.add("SpaceToDepth", [grid(1, 3, 2, 1)], "refuses", block_size=2)
c.add("DepthToSpace", [grid(1, 3, 2, 2)], "refuses", block_size=2)
c.add("SpaceToDepth", [grid(1, 2, 2, 1)], "refuses block", block_size=1)
c.add("DepthToSpace", [grid(2, 2, 4)], "refuses rank", block_size=2)

# ---- Batch -----------------------------------------------------------------
for t in TYPES:
    if t in TYPES[-3:]:  # no kernels
        continue
    c.add("SpaceToBatchND", [grid(1, 4, 3, 1, dtype=t), i32(2, 3),
                             pairs(0, 0, 1, 2)])
    c.add("BatchToSpaceND", [grid(4, 2, 2, 1, dtype=t), i32(2, 2),
                             pairs(0, 1, 1, 0)])
c.add("SpaceToBatchND", [grid(2, 6, 2), i32(3), pairs(2, 1)], "one axis")
c.add("SpaceToBatchND", [grid(2, 6), np.int64([2]), pairs(0, 0).astype(np.int64)],
      "int64")
c.add("SpaceToBatchND", [grid(1, 2, 4, 3, 2), i32(1, 2, 3), pairs(1, 0, 2, 0, 0, 3)],
      "three axes")
c.add("SpaceToBatchND", [grid(2, 3), np.zeros(0, np.int32),
                         np.zeros((0, 2), np.int32)], "no axes")
c.add("SpaceToBatchND", [grid(0, 2, 1), i32(2), pairs(0, 0)], "nothing")
c.add("SpaceToBatchND", [grid(1, 1, 1), i32(4), pairs(3, 4)], "mostly padding")
c.add("SpaceToBatchND", [grid(1, 3, 1), i32(2), pairs(0, 0)], "refuses")
c.add("SpaceToBatchND", [grid(1, 4, 1), i32(2), pairs(-1, 1)], "refuses negative")
c.add("SpaceToBatchND", [grid(1, 4, 1), i32(0), pairs(0, 0)], "refuses 0")
c.add("SpaceToBatchND", [grid(1, 4), i32(2, 2), pairs(0, 0, 0, 0)], "refuses rank")
c.add("SpaceToBatchND", [grid(1, 4), i32(2), pairs(0, 0, 0, 0)], "refuses pairs")
c.add("BatchToSpaceND", [grid(6, 2, 2), i32(3), pairs(1, 2)], "one axis")
c.add("BatchToSpaceND", [grid(6, 1, 2, 2), i32(3, 2), pairs(0, 0, 0, 0)])
c.add("BatchToSpaceND", [grid(4, 1, 1), i32(4), pairs(2, 2)], "nothing left")
c.add("BatchToSpaceND", [grid(4, 1, 1), i32(4), pairs(3, 2)], "refuses crops")
c.add("BatchToSpaceND", [grid(5, 1, 1), i32(4), pairs(0, 0)], "refuses batch")
c.add("BatchToSpaceND", [grid(4, 1, 1), i32(4), pairs(-1, 0)], "refuses negative")
c.add("SpaceToBatch", [grid(1, 4, 2, 1), pairs(1, 1, 0, 2)], block_size=2)
c.add("SpaceToBatch", [grid(1, 4, 2, 1), pairs(1, 0, 0, 2)], "refuses", block_size=2)
c.add("SpaceToBatch", [grid(1, 4, 2), pairs(0, 0, 0, 0)], "refuses rank", block_size=2)
c.add("BatchToSpace", [grid(4, 2, 2, 1), pairs(1, 1, 0, 2)], block_size=2)
c.add("BatchToSpace", [grid(9, 1, 2, 1), pairs(1, 1, 0, 2)], block_size=3)
c.add("BatchToSpace", [grid(9, 1, 2, 1), pairs(1, 3, 0, 2)], "refuses", block_size=3)

# ---- Patches ---------------------------------------------------------------
for t in TYPES[:-1]:
    c.add("ExtractImagePatches", [grid(1, 4, 4, 1, dtype=t)],
          ksizes=[1, 2, 2, 1], strides=[1, 2, 2, 1], rates=[1, 1, 1, 1],
          padding="VALID")
for s, r, pad in [(1, 1, "SAME"), (2, 2, "SAME"), (3, 1, "VALID"), (1, 2, "VALID"),
                  (2, 1, "SAME")]:
    c.add("ExtractImagePatches", [grid(2, 7, 5, 2)], f"{s} {r} {pad}",
          ksizes=[1, 3, 2, 1], strides=[1, s, 1, 1], rates=[1, r, r, 1], padding=pad)
    c.add("ExtractVolumePatches", [grid(1, 4, 5, 3, 2)], f"{s} {r} {pad}",
          ksizes=[1, 2, 3, 1, 1], strides=[1, s, 1, s, 1], padding=pad)
c.add("ExtractImagePatches", [grid(1, 2, 2, 1)], "window too large",
      ksizes=[1, 3, 3, 1], strides=[1, 1, 1, 1], rates=[1, 1, 1, 1], padding="VALID")
c.add("ExtractImagePatches", [grid(1, 2, 2, 1)], "refuses batch",
      ksizes=[2, 1, 1, 1], strides=[1, 1, 1, 1], rates=[1, 1, 1, 1], padding="VALID")
c.add("ExtractImagePatches", [grid(1, 2, 2)], "refuses rank",
      ksizes=[1, 1, 1, 1], strides=[1, 1, 1, 1], rates=[1, 1, 1, 1], padding="VALID")
c.add("ExtractVolumePatches", [grid(1, 2, 2, 2, 1, dtype=np.int32)],
      ksizes=[1, 2, 2, 2, 1], strides=[1, 1, 1, 1, 1], padding="VALID")
c.add("ExtractVolumePatches", [grid(1, 2, 2, 2, 1)], "refuses stride",
      ksizes=[1, 2, 2, 2, 1], strides=[1, 0, 1, 1, 1], padding="VALID")

# ---- Diagonals -------------------------------------------------------------
for t in TYPES:
    c.add("MatrixDiag", [grid(2, 3, dtype=t)])
    c.add("MatrixDiagPart", [grid(2, 3, 2, dtype=t)])
    c.add("MatrixSetDiag", [grid(3, 2, dtype=t), grid(2, dtype=t)])
    c.add("MatrixBandPart", [grid(3, 4, dtype=t), np.int64(1), np.int64(0)])
    c.add("MatrixDiagV3", [grid(2, 3, dtype=t), i32(-1, 0), np.int32(-1),
                           np.int32(-1), t(1)])
c.add("MatrixDiag", [grid(0)], "nothing")
c.add("MatrixDiag", [grid()], "refuses")
c.add("MatrixDiagPart", [grid(2, 0)], "nothing")
c.add("MatrixDiagPart", [grid(3)], "refuses")
c.add("MatrixSetDiag", [grid(2, 2, 3), grid(2, 2)])
c.add("MatrixSetDiag", [grid(2, 3), grid(3)], "refuses")
M = np.int32(-1)
ALIGN = ["LEFT_LEFT", "RIGHT_LEFT", "LEFT_RIGHT", "RIGHT_RIGHT"]
for align in ALIGN:
    k = i32(-2, 1)
    v3 = dict(align=align)
    part = c.add("MatrixDiagPartV3", [grid(2, 4, 3), k, np.float32(9)], align, **v3)[0]
    c.add("MatrixDiagV3", [part, k, np.int32(4), np.int32(3), np.float32(7)], align, **v3)
    c.add("MatrixSetDiagV3", [grid(2, 4, 3), part * 10, k], align, **v3)
    c.add("MatrixDiagPartV3", [grid(2, 5), i32(1, 3), np.float32(-1)], align + " up", **v3)
    c.add("MatrixDiagPartV3", [grid(5, 2), i32(-4, -1), np.float32(-1)],
          align + " down", **v3)
for k in (0, 1, -2):
    c.add("MatrixDiagV2", [grid(2, 2), np.int32(k), M, M, np.float32(5)], f"k {k}")
    c.add("MatrixDiagPartV2", [grid(2, 3, 4), np.int32(k), np.float32(5)], f"k {k}")
    n = c.add("MatrixDiagPartV2", [grid(3, 4), i32(k), np.float32(5)], f"[k] {k}")[0]
    c.add("MatrixSetDiagV2", [grid(3, 4), n * 10, np.int32(k)], f"k {k}")
c.add("MatrixDiagV2", [grid(2, 2), i32(0), np.int32(2), np.int32(5), np.float32(5)],
      "more columns")
c.add("MatrixDiagV2", [grid(2), i32(0), np.int32(4), M, np.float32(5)], "more rows")
c.add("MatrixDiagV2", [grid(2), i32(1), M, np.int32(4), np.float32(5)], "columns")
c.add("MatrixDiagV2", [grid(2), i32(0), np.int32(4), np.int32(4), np.float32(5)],
      "refuses both")
c.add("MatrixDiagV2", [grid(2), i32(0), np.int32(1), M, np.float32(5)], "refuses few")
c.add("MatrixDiagV2", [grid(2, 2), i32(1, 0), M, M, np.float32(5)], "refuses k")
c.add("MatrixDiagV2", [grid(2, 2), i32(0, 2), M, M, np.float32(5)], "refuses count")
c.add("MatrixDiagV2", [grid(2, 2), i32(0, 1, 2), M, M, np.float32(5)], "refuses three")
c.add("MatrixDiagPartV2", [grid(2, 2), i32(3), np.float32(5)], "refuses k")
c.add("MatrixDiagPartV2", [grid(2, 2), i32(2), np.float32(5)], "refuses k at the edge")
c.add("MatrixDiagPartV2", [grid(2, 2), i32(-2), np.float32(5)], "refuses k below")
c.add("MatrixDiagPartV2", [grid(0, 2), i32(0), np.float32(5)], "of nothing")
c.add("MatrixDiagPartV3", [grid(2, 2), i32(0, 0), np.float32(5)], "twice the same")
c.add("MatrixSetDiagV3", [grid(2, 2), grid(1, 2), i32(0, 0)], "refuses a row more")
c.add("MatrixSetDiagV3", [grid(2, 2), grid(2), i32(0, 0)], "twice the same")
for lower, upper in [(-1, 0), (0, -1), (0, 0), (-1, -1), (1, 2), (3, 4)]:
    c.add("MatrixBandPart", [grid(2, 3, 4), np.int64(lower), np.int64(upper)],
          f"{lower} {upper}")
c.add("MatrixBandPart", [grid(3, 2), np.int32(4), np.int32(1)], "refuses lower")
c.add("MatrixBandPart", [grid(3, 2), np.int32(1), np.int32(3)], "refuses upper")
c.add("MatrixBandPart", [grid(3), np.int32(1), np.int32(1)], "refuses rank")
c.add("MatrixBandPart", [grid(0, 2), np.int32(0), np.int32(1)], "nothing")
for t in (np.float32, np.float64, np.int32, np.int64, np.complex64, np.complex128,
          np.float16):
    c.add("Diag", [grid(3, dtype=t)])
    c.add("DiagPart", [grid(3, 3, dtype=t)])
c.add("Diag", [grid(2, 2)], "matrix")
c.add("Diag", [grid(0)], "nothing")
c.add("Diag", [grid()], "refuses")
c.add("DiagPart", [grid(2, 3, 2, 3)], "tensor")
c.add("DiagPart", [grid(2, 3)], "refuses")
c.add("DiagPart", [grid(2, 2, 2)], "refuses odd")
c.write()
