"""Writes tests/conformance/sparse_bytes.cases: sparse tensors as strings."""
from case_writer import Cases, bfloat16

import numpy as np

TYPES = ["float32", "float64", "float16", bfloat16, "int8", "int16", "int32", "int64", "uint8",
         "uint16", "uint32", "uint64", "complex64", "complex128", "bool"]


def i64(*values):
    return np.array(values, np.int64)


def text(*words):
    return np.array(words, object)


def strings(outputs):
    return np.array(outputs[0], object)


Y, S = i64(0, 0, 0, 1, 1, 0, 1, 2, 1, 3).reshape(5, 2), i64(2, 5)
T = text(b"a", b"bb", b"a string of more than twenty-two bytes", b"", b"x")
c = Cases("sparse_bytes")
for t in TYPES:
    v = np.array([0, 1, 2, 3, 1]).astype(t)
    one = strings(c.add("SerializeSparse", [Y, v, S]))
    many = strings(c.add("SerializeManySparse", [Y, v, S]))
    c.add("DeserializeSparse", [one], dtype=v.dtype)
    c.add("DeserializeManySparse", [many], dtype=v.dtype)
one = strings(c.add("SerializeSparse", [Y, T, S], "strings"))
many = strings(c.add("SerializeManySparse", [Y, T, S], "strings"))
c.add("SerializeSparse", [Y[:0], T[:0], S], "nothing")
c.add("SerializeSparse", [Y, T[:3], S], "values of another number")
c.add("SerializeManySparse", [Y, T, i64(4, 5)], "empty rows")
c.add("SerializeManySparse", [Y[:0], T[:0], i64(0, 5)], "nothing")
cube = np.concatenate([Y, Y[:, :1]], 1)
c.add("SerializeManySparse", [cube, T, i64(2, 5, 2)], "three axes")
c.add("SerializeManySparse", [Y[:, :1], T, i64(2)], "refuses a vector")
c.add("SerializeManySparse", [Y * 9, T, S], "refuses range")
c.add("SerializeManySparse", [Y[::-1], T, S], "refuses order")
D = dict(dtype="string")
wide = strings(c.add("SerializeSparse", [Y[:2], T[:2], i64(2, 7)], "wide"))
deep = strings(c.add("SerializeSparse", [cube, T, i64(2, 5, 2)], "deep"))
c.add("DeserializeSparse", [one], "strings", **D)
c.add("DeserializeSparse", [np.stack([one, wide])], "two", **D)
c.add("DeserializeSparse", [np.stack([one, wide]).reshape(2, 1, 3)], "matrix", **D)
c.add("DeserializeSparse", [one[:2]], "refuses two strings", **D)
c.add("DeserializeSparse", [one[[1, 1, 1]]], "refuses indices", **D)
c.add("DeserializeSparse", [text(b"\xff", one[1], one[2])], "refuses junk", **D)
c.add("DeserializeSparse", [one], "refuses type", dtype="int32")
c.add("DeserializeSparse", [np.stack([one, deep])], "refuses ranks", **D)
c.add("DeserializeSparse", [np.stack([one])[:0]], "refuses none", **D)
c.add("DeserializeSparse", [text(*one)[0]], "refuses a scalar", **D)
c.add("DeserializeManySparse", [many], "strings", **D)
c.add("DeserializeManySparse", [np.stack([one, wide])], "of matrices", **D)
c.add("DeserializeManySparse", [one], "a vector", **D)
c.add("DeserializeManySparse", [many[:, :2]], "refuses width", **D)
c.add("DeserializeManySparse", [many[:0]], "refuses none", **D)
c.write()
