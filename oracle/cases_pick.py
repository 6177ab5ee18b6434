"""Writes tests/conformance/pick.cases: unique elements, partitions, stitches and
scatters."""
from case_writer import Cases, bfloat16 as bf16

import numpy as np

REALS = [np.float32, np.float64, np.float16, bf16, np.int8, np.int16, np.int32,
         np.int64, np.uint8, np.uint16, np.uint32, np.uint64]
COMPLEX = [np.complex64, np.complex128]


def grid(*shape, dtype=np.float32):
    n = int(np.prod(shape))
    return (np.arange(n) - n // 3).astype(dtype).reshape(shape)


def text(*words):
    return np.array([w.encode() for w in words], object)


def i32(*values):
    return np.array(values, np.int32)


c = Cases("pick")

# ---- Unique ----------------------------------------------------------------
LONG = "a string of more than twenty-two bytes"
for t in REALS:
    x = np.array([3, 1, 3, 2, 1, 0]).astype(t)
    c.add("Unique", [x])
    c.add("UniqueWithCountsV2", [np.stack([x, x[::-1]], 1), i32(0)])
    c.add("ListDiff", [x, x[1:3]])
c.add("Unique", [text("b", "", LONG, "b", LONG)], "strings", out_idx="int64")
c.add("Unique", [np.array([True, False, True])])
c.add("Unique", [np.float32([1, np.nan, np.nan, -0.0, 0.0, np.inf, np.inf])], "odd")
c.add("Unique", [np.float16([1, np.nan, np.nan, -0.0, 0.0, np.inf])], "odd half")
c.add("Unique", [i32()], "nothing")
c.add("Unique", [grid(2, 2)], "refuses")
c.add("UniqueV2", [i32(4, 4, 5), i32()], "no axis")
c.add("UniqueV2", [np.float32([[1, 2, 1], [3, 4, 3]]), i32(-1 + 2)], "columns")
c.add("UniqueV2", [np.float32([[[1, 2], [1, 2]], [[0, 0], [0, 0]]]), np.int64([1])],
      "middle")
c.add("UniqueV2", [np.float32([[1, np.nan], [1, np.nan], [1, 0], [1, -0.0]]), i32(0)],
      "odd rows")
c.add("UniqueV2", [text("a", "b", "a", "b").reshape(2, 2), i32(0)], "strings")
c.add("UniqueV2", [np.zeros((0, 2), np.float32), i32(0)], "nothing")
c.add("UniqueV2", [np.zeros((2, 0), np.float32), i32(0)], "empty rows")
c.add("UniqueV2", [grid(2, 2), i32()], "refuses no axis")
c.add("UniqueV2", [grid(2, 2), i32(2)], "refuses axis")
c.add("UniqueV2", [grid(2, 2), np.int32(0)], "refuses scalar axis")
c.add("UniqueV2", [grid(2, 2), i32(0, 1)], "refuses axes")
c.add("UniqueWithCounts", [i32(4, 4, 5, 4)])
c.add("UniqueWithCounts", [text("x", "y", "x")], "strings", out_idx="int64")
c.add("UniqueWithCounts", [i32()], "nothing")
rng = np.random.RandomState(0)
c.add("UniqueWithCounts", [rng.randint(0, 99, 500).astype(np.int64)], "many")
c.add("ListDiff", [text("a", "b", LONG, "a"), text("b", LONG)], "strings")
c.add("ListDiff", [np.float32([1, np.nan, -0.0]), np.float32([0, np.nan])], "odd")
c.add("ListDiff", [i32(), i32(1)], "nothing", out_idx="int64")
c.add("ListDiff", [i32(1, 1), i32()], "all")
c.add("ListDiff", [grid(2, 2), grid(2)], "refuses")

# ---- Partition -------------------------------------------------------------
for t in REALS + COMPLEX + [np.bool_]:
    c.add("DynamicPartition", [grid(4, 2, dtype=t), i32(1, 0, 1, 1)], num_partitions=2)
    c.add("DynamicStitch", [[i32(2, 0), np.int32(1)],
                            [grid(2, 2, dtype=t), grid(2, dtype=t)]])
c.add("DynamicPartition", [text("a", LONG, "c"), i32(1, 1, 0)], "strings",
      num_partitions=3)
c.add("DynamicPartition", [grid(2, 3, 2), i32(1, 0, 0, 0, 1, 1).reshape(2, 3)],
      "matrix", num_partitions=2)
c.add("DynamicPartition", [grid(2), np.int32(1)], "scalar", num_partitions=2)
c.add("DynamicPartition", [grid(0), i32()], "nothing", num_partitions=2)
c.add("DynamicPartition", [grid(2), i32(0, 2)], "refuses", num_partitions=2)
c.add("DynamicPartition", [grid(2), i32(0, -1)], "refuses negative", num_partitions=2)
c.add("DynamicPartition", [grid(3), i32(0, 1)], "refuses shape", num_partitions=2)
for op in ("DynamicStitch", "ParallelDynamicStitch"):
    c.add(op, [[i32(0, 3), np.int32(1)], [text("a", LONG), np.array(b"c", object)]],
          "strings")
    c.add(op, [[i32(0, 4), i32(2)], [grid(2, 2), grid(1, 2)]], "with gaps")
    c.add(op, [[i32(3, 1).reshape(1, 2), i32(0, 2)], [grid(1, 2, 3), grid(2, 3)]])
    c.add(op, [[i32()], [grid(0, 2)]], "nothing")
    c.add(op, [[i32(0, -1)], [grid(2)]], "refuses")
    c.add(op, [[i32(0, 1)], [grid(3)]], "refuses shape")
    c.add(op, [[i32(0), i32(1)], [grid(1, 2), grid(1, 3)]], "refuses rows")
c.add("DynamicStitch", [[i32(0, 1), i32(1, 1)], [grid(2), 10 * grid(2)]], "again")

# ---- Scatter ---------------------------------------------------------------
I = i32(2, 0, 2).reshape(3, 1)
for t in REALS + COMPLEX + [np.bool_]:
    c.add("ScatterNd", [I, grid(3, 2, dtype=t), i32(4, 2)])
    c.add("ScatterNdNonAliasingAdd", [grid(3, 2, dtype=t), I, grid(3, 2, dtype=t)])
    c.add("TensorScatterUpdate", [grid(3, 2, dtype=t), I, 5 * grid(3, 2, dtype=t)])
for t in REALS + COMPLEX:
    c.add("TensorScatterAdd", [grid(3, dtype=t), I, grid(3, dtype=t)])
    c.add("TensorScatterSub", [grid(3, dtype=t), I.astype(np.int64), grid(3, dtype=t)])
for t in REALS:
    c.add("TensorScatterMax", [grid(3, dtype=t), I, 3 * grid(3, dtype=t)])
    c.add("TensorScatterMin", [grid(3, dtype=t), I, 3 * grid(3, dtype=t)])
c.add("ScatterNd", [i32(0, 0).reshape(2, 1), text("a", LONG), i32(3)], "strings")
c.add("TensorScatterUpdate", [text("p", "q"), i32(1).reshape(1, 1), text(LONG)], "strings")
c.add("ScatterNd", [i32(1, 2, 0, 0).reshape(2, 2), grid(2), i32(2, 3)], "elements")
c.add("ScatterNd", [np.zeros((2, 0), np.int32), grid(2, 3), i32(3)], "refuses depth 0")
c.add("ScatterNd", [np.zeros((0, 1), np.int32), grid(0), i32(3)], "nothing")
c.add("ScatterNd", [np.zeros((0, 1), np.int32), grid(0), i32(0)], "into nothing")
c.add("ScatterNd", [np.int64([[1]]), grid(1), np.int64([2])], "int64")
c.add("ScatterNd", [I, grid(3, 2), i32(2, 2)], "refuses")
c.add("ScatterNd", [-I, grid(3, 2), i32(3, 2)], "refuses negative")
c.add("ScatterNd", [I, grid(3, 2), i32(2, 2)], "ignores", bad_indices_policy="IGNORE")
c.add("ScatterNd", [I, grid(3, 3), i32(3, 2)], "refuses updates")
c.add("ScatterNd", [i32(1, 2), grid(2), i32(3)], "refuses depth")
c.add("ScatterNd", [np.int32(1), grid(1), i32(3)], "refuses scalar")
c.add("ScatterNd", [I, grid(3, 2), i32(-3, 2)], "refuses shape")
c.add("ScatterNd", [i32(0).reshape(1, 1), grid(1), i32(0)], "refuses into nothing")
c.add("ScatterNdNonAliasingAdd", [grid(2), i32(5).reshape(1, 1), grid(1)], "refuses")
c.add("TensorScatterAdd", [grid(3), i32(0, 7).reshape(2, 1), grid(2)], "ignores",
      bad_indices_policy="IGNORE")
c.add("TensorScatterAdd", [grid(3), i32(0, 7).reshape(2, 1), grid(2)], "refuses")
c.add("TensorScatterUpdate", [grid(3, 2), np.int32(1), grid(2)], "refuses scalar")
c.add("TensorScatterUpdate", [grid(3, 2), i32(1).reshape(1, 1), grid(2)], "refuses rank")
c.add("TensorScatterUpdate", [grid(0, 2), np.zeros((0, 1), np.int32), grid(0, 2)],
      "nothing")
c.add("TensorScatterMax", [np.float32([1, np.nan]), i32(0, 1).reshape(2, 1),
                           np.float32([np.nan, 2])], "NaN")
c.add("TensorScatterMin", [np.float32([1, np.nan]), i32(0, 1).reshape(2, 1),
                           np.float32([np.nan, 2])], "NaN")
c.write()
