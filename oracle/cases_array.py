"""Writes tests/conformance/array.cases: reshaping, joining, slicing, moving,
padding, making and gathering."""
import ml_dtypes
import numpy as np

from case_writer import Cases

bf16 = ml_dtypes.bfloat16
TYPES = [np.float32, np.float64, np.float16, bf16, np.int8, np.int16, np.int32,
         np.int64, np.uint8, np.uint16, np.uint32, np.uint64, np.complex64,
         np.complex128, np.bool_]
rng = np.random.RandomState(1)


def grid(*shape, dtype=np.float32):
    n = int(np.prod(shape))
    return (np.arange(n) - n // 3).astype(dtype).reshape(shape)


def words(*shape):
    n = int(np.prod(shape))
    return np.array([b"word %d" % i + b"!" * (i * 5 % 31) for i in range(n)],
                    dtype=object).reshape(shape)


def i32(*values):
    return np.array(values, np.int32)


def i64(*values):
    return np.array(values, np.int64)


c = Cases("array")
empty = np.zeros((2, 0, 3), np.float32)

# ---- Reshape ---------------------------------------------------------------
c.add("Reshape", [grid(2, 6), i32(3, -1)])
c.add("Reshape", [grid(2, 6), i64(12)])
c.add("Reshape", [grid(1, 1), i32()], "to a scalar")
c.add("Reshape", [empty, i32(3, 0, 5)], "of nothing")
c.add("Reshape", [empty, i32(-1, 3)], "of nothing, inferred")
c.add("Reshape", [empty, i32(-1, 0)], "infers beside 0")
c.add("Reshape", [empty, i32(0, -1, 4)], "infers beside 0, rounded")
c.add("Reshape", [grid(1), i32(0, -1)], "refuses 0")
c.add("Reshape", [words(4), i32(2, 2)], "strings")
c.add("Reshape", [grid(6), i32(4, -1)], "refuses")
c.add("Reshape", [grid(6), i32(-1, -1)], "refuses two")
c.add("Reshape", [grid(6), i32(-2, 3)], "refuses negative")
c.add("Reshape", [grid(6), np.int32(6)], "scalar shape")
c.add("Reshape", [i32(5, 6), i32(1, 2)], "ints")
c.add("Squeeze", [grid(1, 3, 1, 2)])
c.add("Squeeze", [grid(1, 3, 1, 2)], squeeze_dims=[-2])
c.add("Squeeze", [grid(1, 3, 1, 2)], squeeze_dims=[0, 2])
c.add("Squeeze", [grid(1, 3)], "refuses", squeeze_dims=[1])
c.add("Squeeze", [grid(1, 3)], "refuses axis", squeeze_dims=[2])
c.add("ExpandDims", [grid(2, 3), np.int32(1)])
c.add("ExpandDims", [grid(2, 3), np.int64(-1)])
c.add("ExpandDims", [grid(2, 3), i32(0)], "vector axis")
c.add("ExpandDims", [words(2), np.int32(0)], "strings")
c.add("ExpandDims", [grid(2, 3), np.int32(3)], "refuses")
c.add("ExpandDims", [grid(2, 3), i32(0, 1)], "refuses two")

c.add("Bitcast", [grid(2, 3)], type="int32")
c.add("Bitcast", [grid(2, 3)], "narrower", type="uint8")
c.add("Bitcast", [grid(3, 2)], "wider", type="int64")
c.add("Bitcast", [grid(3, 4, dtype=np.uint16)], "wider", type="complex64", skip=[])
c.add("Bitcast", [grid(3)], "refuses", type="int64")
c.add("Bitcast", [grid(0, 2)], "nothing", type="double")
c.add("Bitcast", [grid(2, 3, dtype=np.int16)], type="bfloat16")

c.add("BroadcastArgs", [i32(3, 1), i32(4)])
c.add("BroadcastArgs", [i64(), i64(2, 3)])
c.add("BroadcastArgs", [i32(3, 2), i32(4)], "refuses")
for name, a, b in [("same", (2, 3), (2, 3)), ("ones", (2, 1), (2, 1)),
                   ("row", (2, 3), (3,)), ("cross", (2, 1), (1, 3)),
                   ("scalar", (2, 3), ()), ("both one", (1, 3), (1, 1)),
                   ("refuses", (2,), (3,)), ("zero", (0, 3), (1, 3)),
                   ("lead", (1, 2, 3), (3,)), ("lead one", (1, 2), (2,))]:
    c.add("BroadcastGradientArgs", [i32(*a), i32(*b)], name)
c.add("BroadcastGradientArgs", [i64(2, 1), i64(1)], "int64")
c.add("ConcatOffset", [np.int32(1), [i32(2, 2, 7), i32(2, 3, 7), i32(2, 9, 7)]])
c.add("ConcatOffset", [np.int32(-1), [i32(2, 2), i32(2, 3)]])
c.add("ConcatOffset", [np.int32(0), [i64(2, 2), i64(5, 2)]], shape_type="int64")
c.add("ConcatOffset", [np.int32(0), [i32(2, 2), i32(5, 3)]], "refuses")
c.add("ConcatOffset", [np.int32(2), [i32(2, 2), i32(5, 2)]], "refuses axis")
c.add("InvertPermutation", [i32(3, 4, 0, 2, 1)])
c.add("InvertPermutation", [i64(0)])
c.add("InvertPermutation", [i64()])
c.add("InvertPermutation", [i32(1, 1)], "refuses twice")
c.add("InvertPermutation", [i32(1, 2)], "refuses range")
c.add("InvertPermutation", [i32(1, -1)], "refuses negative")

# ---- Join ------------------------------------------------------------------
for t in TYPES:
    c.add("ConcatV2", [[grid(2, 2, dtype=t), grid(2, 3, dtype=t)], np.int32(1)])
c.add("ConcatV2", [[words(2, 1), words(2, 2)], np.int64(-1)], "strings")
c.add("ConcatV2", [[grid(2, 3, 4), grid(1, 3, 4), grid(3, 3, 4)], np.int32(0)])
c.add("ConcatV2", [[grid(2, 3, 4), grid(2, 0, 4), grid(2, 1, 4)], np.int32(-2)])
c.add("ConcatV2", [[empty, empty], np.int32(0)], "nothing")
c.add("ConcatV2", [[grid(2, 3), grid(2, 4)], np.int32(0)], "refuses")
c.add("ConcatV2", [[grid(2, 3), grid(3)], np.int32(0)], "refuses rank")
c.add("ConcatV2", [[grid(2, 3), grid(2, 3)], np.int32(2)], "refuses axis")
c.add("ConcatV2", [[grid(), grid()], np.int32(0)], "refuses scalars")
c.add("ConcatV2", [[i32(1, 2), i32(), i32(7)], np.int32(0)], "ints")
c.add("ConcatV2", [[grid(2), grid(3)], i32(0)], "vector axis")
c.add("ConcatV2", [[grid(2), grid(3)], i32(0, 1)], "refuses axes")
c.add("Concat", [np.int32(1), [grid(2, 2), grid(2, 1)]])
c.add("Concat", [np.int32(-1), [words(2), words(1)]])
c.add("Concat", [np.int32(5), [grid(2), grid(1)]], "refuses")
for t in TYPES:
    c.add("Pack", [[grid(3, dtype=t), grid(3, dtype=t) + t(1)]], axis=1)
c.add("Pack", [[np.int32(3), np.int32(-4), np.int32(5)]], "scalars")
c.add("Pack", [[words(2), words(2)]], "strings", axis=-1)
c.add("Pack", [[grid(2, 3), grid(2, 3)]], axis=-3)
c.add("Pack", [[empty, empty]], "nothing", axis=2)
c.add("Pack", [[grid(2, 3), grid(2, 4)]], "refuses")
c.add("Pack", [[grid(2), grid(2)]], "refuses axis", axis=2)
c.add("Unpack", [grid(3, 2)], num=3)
c.add("Unpack", [grid(3, 2)], num=2, axis=-1)
c.add("Unpack", [words(2, 2)], "strings", num=2, axis=1)
c.add("Unpack", [i64(4, 5)], "scalars", num=2)
c.add("Unpack", [empty], "nothing", num=2)
c.add("Unpack", [empty], "no outputs", num=0, axis=1)
c.add("Unpack", [grid(3, 2)], "refuses", num=2)
c.add("Unpack", [grid(3, 2)], "refuses axis", num=2, axis=2)
c.add("Unpack", [grid()], "refuses scalar", num=1)
c.add("Split", [np.int32(1), grid(2, 6)], num_split=3)
c.add("Split", [np.int32(-2), grid(4, 3, dtype=np.int8)], num_split=2)
c.add("Split", [np.int32(0), words(4)], "strings", num_split=2)
c.add("Split", [np.int32(0), i32(1, 2, 3, 4)], "ints", num_split=2)
c.add("Split", [np.int32(1), empty], "nothing", num_split=2)
c.add("Split", [np.int32(1), grid(2, 5)], "refuses", num_split=3)
c.add("Split", [np.int32(2), grid(2, 5)], "refuses axis", num_split=5)
c.add("SplitV", [grid(2, 6), i32(1, 3, 2), np.int32(1)], num_split=3)
c.add("SplitV", [grid(2, 6), i64(1, -1, 2), np.int32(-1)], num_split=3)
c.add("SplitV", [words(4), i32(3, 1), np.int32(0)], "strings", num_split=2)
c.add("SplitV", [i32(7, 8, 9), i32(-1, 1), np.int32(0)], "ints", num_split=2)
c.add("SplitV", [grid(3), i32(0, 3), i32(0)], "vector axis", num_split=2)
c.add("SplitV", [grid(3), i32(0, 3), np.int32(0)], "none", num_split=2)
c.add("SplitV", [grid(2, 6), i32(1, 3, 3), np.int32(1)], "refuses", num_split=3)
c.add("SplitV", [grid(2, 6), i32(-1, -1), np.int32(1)], "refuses two", num_split=2)
c.add("SplitV", [grid(2, 6), i32(-2, 8), np.int32(1)], "refuses negative", num_split=2)
c.add("SplitV", [grid(2, 6), i32(7, -1), np.int32(1)], "refuses more", num_split=2)

# ---- Slice -----------------------------------------------------------------
for t in TYPES:
    c.add("Slice", [grid(3, 4, dtype=t), i32(1, 0), i32(2, -1)])
c.add("Slice", [words(3, 2), i64(1, 1), i64(2, 1)], "strings")
c.add("Slice", [grid(2, 3, 4), i32(1, 0, 2), i32(1, 3, 0)], "nothing")
c.add("Slice", [grid(2, 3), i32(2, 3), i32(-1, -1)], "at the end")
c.add("Slice", [grid(), i32(), i32()], "scalar")
c.add("Slice", [i32(1, 2, 3), i32(1), i32(2)], "ints")
c.add("Slice", [grid(2, 3), i32(3, 0), i32(0, 1)], "refuses begin")
c.add("Slice", [grid(2, 3), i32(-1, 0), i32(1, 1)], "refuses negative")
c.add("Slice", [grid(2, 3), i32(1, 0), i32(2, 1)], "refuses size")
c.add("Slice", [grid(2, 3), i32(1, 0), i32(-2, 1)], "refuses size -2")
c.add("Slice", [grid(2, 3), i32(1), i32(1)], "refuses rank")

x = grid(4, 3, 5)
SLICES = [
    # begin, end, strides, masks
    ("plain", x, (1, 0, 2), (3, 2, 5), (1, 1, 1), {}),
    ("steps", x, (0, 0, 0), (4, 3, 5), (2, 1, 3), {}),
    ("back", x, (3, 2, -1), (0, -9, 0), (-1, -2, -1), {}),
    ("masks", x, (1, 1, 1), (2, 2, 2), (1, 1, 1), dict(begin_mask=5, end_mask=3)),
    ("masks back", x, (1, 1, 1), (2, 2, 2), (-1, -1, -2),
     dict(begin_mask=5, end_mask=3)),
    ("few", x, (1,), (3,), (1,), {}),
    ("none", x, (), (), (), {}),
    ("ellipsis", x, (0, 1), (0, 3), (1, 1), dict(ellipsis_mask=1)),
    ("ellipsis mid", x, (1, 0, 1), (3, 0, 3), (1, 1, 1), dict(ellipsis_mask=2)),
    ("ellipsis for none", x, (0, 0, 0, 1), (2, 2, 0, 2), (1, 1, 1, 1),
     dict(ellipsis_mask=4)),
    ("ellipsis end", x, (1, 0), (2, 0), (1, 1), dict(ellipsis_mask=2)),
    ("new axis", x, (0, 1), (0, 3), (1, 1), dict(new_axis_mask=1)),
    ("new axis after ellipsis", x, (0, 0, 1), (0, 0, 2), (1, 1, 1),
     dict(ellipsis_mask=1, new_axis_mask=2)),
    ("new axes", x, (0, 1, 0), (0, 3, 0), (1, 1, 1), dict(new_axis_mask=5)),
    ("shrink", x, (1, 0, -1), (2, 2, 0), (1, 1, 1), dict(shrink_axis_mask=5)),
    ("shrink all", x, (1, 2, 3), (2, 3, 4), (1, 1, 1), dict(shrink_axis_mask=7)),
    ("shrink and new", x, (1, 0, 2), (2, 0, 3), (1, 1, 1),
     dict(shrink_axis_mask=3, new_axis_mask=2)),
    ("shrink and begin mask", x, (1, 1, 2), (2, 2, 3), (1, 1, 1),
     dict(shrink_axis_mask=1, begin_mask=1)),
    ("ellipsis and new same bit", x, (0, 1), (0, 2), (1, 1),
     dict(ellipsis_mask=1, new_axis_mask=1, shrink_axis_mask=2)),
    ("mask bits past the end", x, (1,), (2,), (1,),
     dict(ellipsis_mask=4, new_axis_mask=8, begin_mask=16)),
    ("outside", x, (-9, 7), (9, 9), (1, 1), {}),
    ("wrong way", x, (3,), (1,), (1,), {}),
    ("nothing", x, (1, 1), (1, 1), (1, 1), {}),
    ("big steps", x, (0,), (4,), (2**31 - 1,), {}),
    ("least step", x, (3,), (-9,), (-2**31,), {}),
    ("of empty", empty, (0, 0, 0), (2, 9, 2), (1, 1, 1), {}),
    ("scalar, new axis", grid(), (0,), (0,), (1,), dict(new_axis_mask=1)),
    ("scalar, ellipsis", grid(), (0,), (0,), (1,), dict(ellipsis_mask=1)),
    ("refuses stride", x, (1,), (2,), (0,), {}),
    ("refuses two ellipses", x, (0, 0), (0, 0), (1, 1), dict(ellipsis_mask=3)),
    ("refuses more", x, (0, 0, 0, 0), (1, 1, 1, 1), (1, 1, 1, 1), {}),
    ("refuses index", x, (4,), (5,), (1,), dict(shrink_axis_mask=1)),
    ("refuses index below", x, (-5,), (-4,), (1,), dict(shrink_axis_mask=1)),
    ("refuses shrink back", x, (3,), (2,), (-1,), dict(shrink_axis_mask=1)),
    ("refuses lengths", x, (3, 1), (2,), (1,), {}),
    ("refuses scalar", grid(), (0,), (1,), (1,), {}),
    ("shrink with empty", empty, (0, 0), (1, 1), (1, 1), dict(shrink_axis_mask=3)),
    ("ints", i32(3, 4, 5, 6), (1,), (-1,), (1,), {}),
    ("ints back", i64(3, 4, 5, 6), (0,), (0,), (-2,), dict(begin_mask=1, end_mask=1)),
    ("int", i32(3, 4, 5, 6), (-1,), (0,), (1,), dict(shrink_axis_mask=1)),
]
for name, of, b, e, s, masks in SLICES:
    got = c.add("StridedSlice", [of, i32(*b), i32(*e), i32(*s)], name, **masks)
for t in TYPES:
    c.add("StridedSlice", [grid(4, 5, dtype=t), i64(3, 1), i64(0, 9), i64(-2, 2)])
c.add("StridedSlice", [grid(6), np.int16([1]), np.int16([5]), np.int16([2])])
c.add("StridedSlice", [words(4, 3), i32(3, 0), i32(0, 3), i32(-1, 2)], "strings")
for name, b, e, s, masks in [
        ("plain", (1, 0), (3, 2), (1, 1), {}),
        ("back", (3, 2), (0, 0), (-1, -2), {}),
        ("shrink, new", (1, 0, 1), (2, 0, 3), (1, 1, 1),
         dict(shrink_axis_mask=1, new_axis_mask=2)),
        ("ellipsis", (0, 1), (0, 2), (1, 1), dict(ellipsis_mask=1)),
        ("nothing", (1, 1), (1, 2), (1, 1), {})]:
    part = c.add("StridedSlice", [grid(4, 3), i32(*b), i32(*e), i32(*s)],
                 "for grad " + name, **masks)[0]
    c.add("StridedSliceGrad",
          [i32(4, 3), i32(*b), i32(*e), i32(*s), part + 1], name, **masks)
    c.add("TensorStridedSliceUpdate",
          [grid(4, 3), i32(*b), i32(*e), i32(*s), part * 10], name, **masks)
c.add("StridedSliceGrad", [i32(4), i32(0), i32(2), i32(1), grid(3)], "refuses")
c.add("StridedSliceGrad", [i32(4), i32(0), i32(2), i32(1), grid(1)], "one")
c.add("StridedSliceGrad", [i64(4), i64(0), i64(2), i64(1), words(2)], "strings")
u = [i32(0, 1), i32(4, 3), i32(1, 1)]
c.add("TensorStridedSliceUpdate", [grid(4, 3), *u, np.float32(7)], "scalar")
c.add("TensorStridedSliceUpdate", [grid(4, 3), *u, grid(2)], "broadcast")
c.add("TensorStridedSliceUpdate", [grid(4, 3), *u, grid(4, 1)], "broadcast column")
c.add("TensorStridedSliceUpdate", [grid(4, 3), *u, grid(1, 1, 2)], "broadcast up")
c.add("TensorStridedSliceUpdate", [grid(4, 3), *u, grid(3, 2)], "refuses")
for t in (np.int64, bf16, np.complex64, np.bool_):
    c.add("TensorStridedSliceUpdate",
          [grid(4, 3, dtype=t), *u, grid(4, 2, dtype=t)])

# ---- Move ------------------------------------------------------------------
for t in TYPES:
    c.add("Transpose", [grid(2, 3, 4, dtype=t), i32(2, 0, 1)])
    if t != np.uint16:
        c.add("Tile", [grid(2, 3, dtype=t), i32(2, 3)])
    c.add("BroadcastTo", [grid(2, 1, dtype=t), i32(3, 2, 4)])
    c.add("ReverseV2", [grid(2, 3, dtype=t), i32(1)])
c.add("Transpose", [grid(35, 19), i64(1, 0)], "plane")
c.add("Transpose", [grid(2, 17, 3, 21), i32(0, 2, 3, 1)], "NHWC to NCHW")
c.add("Transpose", [grid(2, 3, 17, 18, dtype=np.uint8), i32(0, 2, 3, 1)], "to NHWC")
c.add("Transpose", [grid(2, 3), i32(-1, 0)], "negative")
c.add("Transpose", [words(2, 3), i32(1, 0)], "strings")
c.add("Transpose", [grid(), i32()], "scalar")
c.add("Transpose", [empty, i32(1, 2, 0)], "nothing")
c.add("Transpose", [grid(2, 2, 2, 2, 2, 3), i32(5, 3, 1, 0, 4, 2)], "six axes")
c.add("Transpose", [grid(2, 3), i32(0, 0)], "refuses twice")
c.add("Transpose", [grid(2, 3), i32(0, 2)], "refuses range")
c.add("Transpose", [grid(2, 3), i32(0)], "refuses rank")
z = (grid(2, 3) + 1j * grid(2, 3)[::-1]).astype(np.complex64)
c.add("ConjugateTranspose", [z, i32(1, 0)])
c.add("ConjugateTranspose", [z.astype(np.complex128), i64(1, 0)])
c.add("ConjugateTranspose", [grid(2, 3), i32(1, 0)], "real")
c.add("ConjugateTranspose", [z, i32(1, 1)], "refuses")
c.add("Tile", [words(2), i32(2)], "strings")
c.add("Tile", [grid(), i32()], "scalar")
c.add("Tile", [grid(2, 3), i64(0, 2)], "nothing")
c.add("Tile", [empty, i32(2, 7, 2)], "of nothing")
c.add("Tile", [grid(2, 1, 3), i32(1, 5, 2)])
c.add("Tile", [grid(2, 3), i32(2)], "refuses rank")
c.add("Tile", [grid(2, 3), i32(-1, 2)], "refuses negative")
c.add("BroadcastTo", [grid(), i64(2, 2)], "scalar")
c.add("BroadcastTo", [grid(3), i32(0, 3)], "nothing")
c.add("BroadcastTo", [grid(1), i32(0)], "one to none")
c.add("BroadcastTo", [words(2, 1), i32(2, 3)], "strings")
c.add("BroadcastTo", [grid(3), i32(3)], "same")
c.add("BroadcastTo", [grid(3), i32(3, 2)], "refuses")
c.add("BroadcastTo", [grid(3, 1), i32(3)], "refuses rank")
c.add("BroadcastTo", [grid(3), i32(-1, 3)], "refuses negative")
c.add("Reverse", [grid(2, 3), np.array([True, False])])
c.add("Reverse", [words(2, 3), np.array([True, True])], "strings")
c.add("Reverse", [grid(2, 3), np.array([True])], "refuses")
c.add("ReverseV2", [grid(2, 3, 4), i32(0, -1)], "two")
c.add("ReverseV2", [words(3), i64(0)], "strings")
c.add("ReverseV2", [grid(2, 3), i32()], "none")
c.add("ReverseV2", [empty, i32(0)], "nothing")
c.add("ReverseV2", [i32(4, 5, 6), i32(0)], "ints")
c.add("ReverseV2", [grid(2, 3), i32(2)], "refuses")
c.add("ReverseV2", [grid(2, 3), i32(0, -2)], "refuses twice")
for t in (np.float32, np.int64, np.uint8, np.complex128, bf16):
    c.add("ReverseSequence", [grid(3, 4, dtype=t), i32(0, 3, 4)],
          seq_dim=1, batch_dim=0)
c.add("ReverseSequence", [grid(4, 2, 3, 2), i64(1, 2, 4)], "inner batch",
      seq_dim=0, batch_dim=2)
c.add("ReverseSequence", [words(2, 3), i32(2, 3)], "strings", seq_dim=1)
c.add("ReverseSequence", [grid(3, 4), i32(0, 3, 5)], "refuses", seq_dim=1)
c.add("ReverseSequence", [grid(3, 4), i32(0, -3, 4)], "refuses negative", seq_dim=1)
c.add("ReverseSequence", [grid(3, 4), i32(0, 3)], "refuses count", seq_dim=1)
c.add("ReverseSequence", [grid(3, 4), i32(0, 3, 1)], "refuses axes", seq_dim=0)
c.add("ReverseSequence", [grid(3, 4), i32(0, 3, 1)], "refuses axis", seq_dim=-1)
for t in (np.float32, np.int32, np.complex64, np.float16, np.bool_, np.int8):
    c.add("Roll", [grid(3, 4, dtype=t), i32(1, -1), i32(0, 1)])
c.add("Roll", [grid(5), np.int32(2), np.int32(0)], "scalar shift")
c.add("Roll", [grid(5), np.int64(-12), np.int64(-1)], "far")
c.add("Roll", [grid(2, 3, 4), i32(1, 1, 1), i32(2, 2, -1)], "same axis")
c.add("Roll", [words(3, 2), i32(1), i32(0)], "strings")
c.add("Roll", [empty, i32(1, 1), i32(0, 1)], "nothing")
c.add("Roll", [grid(3), i32(1), i32(1)], "refuses axis")
c.add("Roll", [grid(3), i32(1, 2), i32(0)], "refuses count")
c.add("Roll", [grid(), np.int32(1), np.int32(0)], "refuses scalar")

# ---- Pad -------------------------------------------------------------------
P = np.array([[1, 2], [0, 1]], np.int32)
for t in TYPES:
    c.add("Pad", [grid(2, 3, dtype=t), P])
    c.add("PadV2", [grid(2, 3, dtype=t), P.astype(np.int64), t(5)])
    c.add("MirrorPad", [grid(3, 3, dtype=t), P], mode="REFLECT")
c.add("Pad", [words(2, 3), P], "strings")
c.add("PadV2", [words(2, 3), P, b"a word that is longer than inside"], "strings")
c.add("Pad", [grid(), np.zeros((0, 2), np.int32)], "scalar")
c.add("Pad", [empty, np.ones((3, 2), np.int32)], "of nothing")
c.add("Pad", [grid(2), np.zeros((1, 2), np.int32)], "none")
c.add("Pad", [grid(2, 2, 2), i32(*[0, 0, 1, 1, 2, 2]).reshape(3, 2)], "three")
c.add("Pad", [grid(2, 3), -P], "refuses negative")
c.add("Pad", [grid(2), P], "refuses rank")
c.add("Pad", [grid(2), i32(1, 2, 3).reshape(1, 3)], "refuses width")
c.add("PadV2", [grid(2), i32(1, 2).reshape(1, 2), grid(1)], "refuses vector")
c.add("MirrorPad", [grid(3, 2), i32(3, 2, 0, 2).reshape(2, 2)], mode="SYMMETRIC")
c.add("MirrorPad", [grid(3, 4, 2), i32(2, 2, 3, 0, 1, 1).reshape(3, 2)],
      mode="REFLECT")
c.add("MirrorPad", [words(3), i32(2, 1).reshape(1, 2)], "strings", mode="REFLECT")
c.add("MirrorPad", [grid(3), i32(3, 0).reshape(1, 2)], "refuses", mode="REFLECT")
c.add("MirrorPad", [grid(3), i32(4, 0).reshape(1, 2)], "refuses", mode="SYMMETRIC")
c.add("MirrorPad", [grid(0, 2), i32(0, 0, 1, 1).reshape(2, 2)], "of nothing",
      mode="REFLECT")
c.add("MirrorPad", [grid(0, 2), i32(0, 0, 1, 1).reshape(2, 2)], "of nothing",
      mode="SYMMETRIC")

for t in TYPES[:-1]:
    c.add("MirrorPadGrad", [grid(6, 4, dtype=t), P], mode="REFLECT")
c.add("MirrorPadGrad", [grid(8, 4), i32(3, 2, 0, 2).reshape(2, 2)], mode="SYMMETRIC")
c.add("MirrorPadGrad", [grid(7, 7, 4), i32(2, 2, 3, 0, 1, 1).reshape(3, 2)],
      mode="REFLECT")
c.add("MirrorPadGrad", [grid(5), i32(3, 0).reshape(1, 2)], "refuses", mode="REFLECT")
c.add("MirrorPadGrad", [grid(5), i32(3, 3).reshape(1, 2)], "refuses more",
      mode="SYMMETRIC")

# ---- Make ------------------------------------------------------------------
for t in TYPES:
    c.add("Fill", [i32(2, 3), t(7)])
    c.add("OneHot", [i32(0, 2, -1, 3), np.int32(3), t(1), t(0)])
c.add("Fill", [i64(), b"text"], "string")
c.add("Fill", [i32(0, 2), np.float32(1)], "nothing")
c.add("Fill", [i32(3), np.int32(4)], "ints")
c.add("Fill", [i32(-1), np.float32(1)], "refuses")
c.add("Fill", [i32(2), grid(1)], "vector")
c.add("Fill", [np.int32(2), np.float32(3)], "scalar shape")
for t in (np.float32, np.float64, np.int32, np.int64, np.float16, bf16):
    c.add("Range", [t(1), t(14), t(3)])
c.add("Range", [np.float32(0), np.float32(1), np.float32(0.1)], "tenths")
c.add("Range", [np.float64(0), np.float64(-1), np.float64(-0.3)], "down")
c.add("Range", [np.int32(5), np.int32(-5), np.int32(-3)], "down")
c.add("Range", [np.int32(5), np.int32(5), np.int32(1)], "nothing")
c.add("Range", [np.int32(5), np.int32(5), np.int32(0)], "refuses 0")
c.add("Range", [np.int32(5), np.int32(4), np.int32(1)], "refuses way")
c.add("Range", [np.float32(5), np.float32(np.nan), np.float32(1)], "refuses NaN")
c.add("Range", [np.float32(5), np.float32(np.inf), np.float32(1)], "refuses inf")
c.add("Range", [np.int64(-2**63), np.int64(2**63 - 1), np.int64(2**62)], "wide")
c.add("Range", [np.int32(0), np.int32(2**31 - 1), np.int32(2**30)], "wide")
c.add("LinSpace", [np.float32(0), np.float32(1), np.int32(7)])
c.add("LinSpace", [np.float64(3), np.float64(-1), np.int64(4)])
c.add("LinSpace", [np.float32(3), np.float32(5), np.int32(1)], "one")
c.add("LinSpace", [np.float32(3), np.float32(5), np.int32(0)], "refuses")
c.add("OneHot", [i64(1, 0).reshape(1, 2), np.int32(3), np.float32(9),
                 np.float32(-9)], "first axis", axis=0)
c.add("OneHot", [i64(1, 0, 2, 1).reshape(2, 2), np.int32(3), np.int32(9),
                 np.int32(-9)], "middle axis", axis=1)
c.add("OneHot", [np.uint8([1, 200]), np.int32(2), b"on", b"off"], "strings")
c.add("OneHot", [np.int8([1, -128]), np.int32(2), np.float32(1), np.float32(0)])
c.add("OneHot", [np.int32(1), np.int32(2), np.float32(1), np.float32(0)], "scalar")
c.add("OneHot", [i32(1), np.int32(0), np.float32(1), np.float32(0)], "no depth")
c.add("OneHot", [i32(), np.int32(3), np.float32(1), np.float32(0)], "nothing")
c.add("OneHot", [i32(1), np.int32(-1), np.float32(1), np.float32(0)], "refuses")
c.add("OneHot", [i32(1), np.int32(2), np.float32(1), np.float32(0)],
      "refuses axis", axis=2)

# ---- Gather ----------------------------------------------------------------
for t in TYPES:
    c.add("GatherV2", [grid(4, 2, dtype=t), i32(3, 0, 3), np.int32(0)])
    c.add("GatherNd", [grid(3, 2, dtype=t), i32(2, 1, 0, 0).reshape(2, 2)])
c.add("GatherV2", [words(3), i64(2, 2), np.int32(0)], "strings")
c.add("GatherV2", [words(3, 2), i64(2, 1), np.int32(0)], "string rows")
c.add("GatherV2", [grid(2, 5, 3), i32(4, 0).reshape(1, 2), np.int64(1)], "middle")
c.add("GatherV2", [grid(2, 5), i32(4, 0, 1), np.int32(-1)], "last")
c.add("GatherV2", [grid(2, 5), np.int32(1), np.int32(1)], "scalar index")
c.add("GatherV2", [grid(2, 5), np.int16([1]), np.int32(1)], "int16")
c.add("GatherV2", [i32(7, 8, 9), i32(2, 0), np.int32(0)], "ints")
c.add("GatherV2", [i32(7, 8, 9), np.int32(2), np.int32(0)], "int")
c.add("GatherV2", [grid(2, 5, 3), i32(4, 0, 2, 2).reshape(2, 2), np.int32(1)],
      "batch", batch_dims=1)
c.add("GatherV2", [grid(2, 5, 3), i32(2, 0, 2, 2).reshape(2, 2), np.int32(2)],
      "batch, outer axis", batch_dims=1)
c.add("GatherV2", [grid(2, 2, 3), i32(2, 0, 1, 1).reshape(2, 2), np.int32(-1)],
      "all batch", batch_dims=-1 + 2)
c.add("GatherV2", [grid(2, 2, 3), i32(2, 0, 1, 1).reshape(2, 2, 1), np.int32(2)],
      "negative batch", batch_dims=-1)
c.add("GatherV2", [grid(4, 2), i32(), np.int32(0)], "no indices")
c.add("GatherV2", [grid(0, 2), i32(), np.int32(0)], "nothing")
c.add("GatherV2", [grid(4, 0), i32(2, 1), np.int32(0)], "empty rows")
c.add("GatherV2", [grid(4, 0), i32(4), np.int32(0)], "empty rows, bad index")
c.add("GatherV2", [grid(4, 2), i32(1, 4), np.int32(0)], "refuses")
c.add("GatherV2", [grid(4, 2), i32(-1), np.int32(0)], "refuses negative")
c.add("GatherV2", [grid(0, 2), i32(0), np.int32(0)], "refuses of nothing")
c.add("GatherV2", [grid(4, 2), i32(1), np.int32(2)], "refuses axis")
c.add("GatherV2", [grid(), i32(0), np.int32(0)], "refuses scalar")
c.add("GatherV2", [grid(2, 2), i32(1), np.int32(1)], "refuses batch", batch_dims=2)
c.add("GatherV2", [grid(2, 2), i32(1, 1), np.int32(0)], "refuses batch over axis",
      batch_dims=1)
c.add("GatherV2", [grid(2, 2), i32(1, 1, 0), np.int32(1)], "refuses batch shape",
      batch_dims=1)
c.add("Gather", [grid(4, 2), i32(3, 1)])
c.add("Gather", [words(4), i64(3, 1).reshape(2, 1)], "strings")
c.add("Gather", [grid(4, 2), i32(4)], "refuses")
c.add("GatherNd", [grid(2, 3, 4), i64(1, 0)], "one")
c.add("GatherNd", [grid(2, 3, 4), i32(1, 0).reshape(2, 1)], "slices")
c.add("GatherNd", [grid(2, 3), np.zeros((2, 0), np.int32)], "whole")
c.add("GatherNd", [words(2, 3), i32(1, 2).reshape(1, 2)], "strings")
c.add("GatherNd", [grid(2, 3), np.zeros((0, 2), np.int32)], "nothing")
c.add("GatherNd", [grid(2, 3), np.int16([[1, 2]])], "int16")
c.add("GatherNd", [grid(2, 3), i32(1, 3)], "refuses")
c.add("GatherNd", [grid(2, 3), i32(1, 0, 0)], "refuses depth")
c.add("GatherNd", [grid(2, 3), np.int32(1)], "refuses scalar")
c.add("GatherNd", [grid(0, 3), i32(0, 0)], "refuses of nothing")
c.add("GatherNd", [grid(0, 3), np.zeros((0, 2), np.int32)], "nothing of nothing")
for t in [t for t in TYPES if t != np.float16]:
    c.add("Where", [(grid(2, 3) % 2).astype(t)])
c.add("Where", [np.float32([0, -0.0, np.nan, np.inf, 1e-40])], "odd numbers")
c.add("Where", [np.complex64([0, 1j, -0.0, 1])], "complex")
c.add("Where", [np.array(True)], "refuses scalar")
c.add("Where", [np.zeros((2, 0), bool)], "nothing")
c.add("Where", [rng.rand(3, 4, 5, 2) > 0.7], "four axes")
c.write()
