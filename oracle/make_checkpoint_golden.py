#!/usr/bin/env python3
"""Writes tests/golden/checkpoint_write: checkpoints as TensorFlow writes them.

The test reads each with firn, writes it again and wants the same bytes. Tensors
are therefore saved in the order of their names.
"""
import json
import os
import pathlib
import shutil
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np
import tensorflow as tf

raw = tf.raw_ops
OUT = pathlib.Path(__file__).resolve().parent.parent / "tests/golden/checkpoint_write"


def crc32c(data):
    table = []
    for n in range(256):
        for _ in range(8):
            n = n >> 1 ^ (0x82F63B78 if n & 1 else 0)
        table.append(n)
    c = 0xFFFFFFFF
    for b in data:
        c = table[(c ^ b) & 255] ^ c >> 8
    return c ^ 0xFFFFFFFF


def values(name):
    """Three elements of the type, none of them zero."""
    dtype = tf.as_dtype(name)
    if name == "string":
        return tf.constant([b"", b"snow", b"firn" * 80])
    if name == "bool":
        return tf.constant([True, False, True])
    if dtype.is_quantized:
        plain = {"qint8": "int8", "quint8": "uint8", "qint16": "int16", "quint16": "uint16", "qint32": "int32"}
        return tf.bitcast(tf.constant(np.array([1, 2, 100], plain[name])), dtype)
    if name in ("int4", "uint4"):
        return tf.cast(tf.constant([1, 2, -3] if name == "int4" else [1, 2, 13], tf.int8), dtype)
    if dtype.is_complex:
        return tf.constant(np.array([1 + 2j, -3j, 0.5], name))
    if dtype.is_unsigned:
        return tf.constant(np.array([1, 2, dtype.max], name))
    return tf.cast(tf.constant([1.0, -2.0, 96.0]), dtype)


def save_v2(name, tensors, slices=None):
    names = list(tensors)
    raw.SaveV2(prefix=str(OUT / name), tensor_names=names, shape_and_slices=slices or [""] * len(names),
               tensors=[tensors[n] for n in names])


V1_TYPES = ["float32", "float64", "int32", "uint8", "int16", "int8", "string", "complex64", "int64", "bool", "qint8", "quint8",
            "qint32", "uint16", "complex128", "float16"]
V2_TYPES = V1_TYPES + ["bfloat16", "qint16", "quint16", "uint32", "uint64", "float8_e5m2", "float8_e4m3fn", "int4", "uint4"]


def odd_shapes():
    return {"a/scalar": tf.constant(7), "b/empty": tf.zeros([0, 3]), "c/ones": tf.ones([1, 1, 1]),
            "d/none": tf.constant([], tf.string), "e/text": tf.constant(b"x" * 300), "f": tf.reshape(tf.range(24), [2, 3, 4])}


def sliced():
    x = tf.reshape(tf.range(20), [4, 5])
    names = ["u", "v", "w", "w", "x"]
    specs = ["4 5 -:1,2", "4 5 0,4:-", "4 5 2,2:-", "4 5 0,2:0,5", "4 5 0,3:1,3"]
    return names, specs, [x[:, 1:3], x, x[2:], x[:2], x[:3, 1:4]]


def main():
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    for kind, types in (("v2_types", V2_TYPES), ("v1_types", V1_TYPES)):
        tensors = {"t/" + t: values(t) for t in sorted(types)}
        if kind == "v2_types":
            save_v2(kind, tensors)
        else:
            raw.Save(filename=str(OUT / kind), tensor_names=list(tensors), data=list(tensors.values()))
    save_v2("v2_shapes", odd_shapes())
    raw.Save(filename=str(OUT / "v1_shapes"), tensor_names=list(odd_shapes()), data=list(odd_shapes().values()))
    names, specs, data = sliced()
    raw.SaveV2(prefix=str(OUT / "v2_slices"), tensor_names=names, shape_and_slices=specs, tensors=data)
    raw.SaveSlices(filename=str(OUT / "v1_slices"), tensor_names=names, shapes_and_slices=specs, data=data)

    # Three shards, the third of them first.
    x = tf.reshape(tf.range(20), [4, 5])
    parts = [({"b": tf.constant([1.0, 2.0]), "w": x[:2]}, ["", "4 5 0,2:-"]),
             ({"a": tf.constant(3), "w": x[2:]}, ["", "4 5 2,2:-"]),
             ({"c": tf.constant("text")}, [""])]
    for i, (tensors, specs) in enumerate(parts):
        save_v2("v2_shards_temp/part-%d" % i, tensors, specs)
    raw.MergeV2Checkpoints(checkpoint_prefixes=[str(OUT / ("v2_shards_temp/part-%d" % i)) for i in (2, 0, 1)],
                           destination_prefix=str(OUT / "v2_shards"), delete_old_dirs=True)

    # Too many names for one block: the size and checksum of the files will do.
    many = {"layer_%04d/%s/weights" % (i, "abcdefgh"[i % 8] * (40 + i % 13)): tf.constant(i) for i in range(5000)}
    facts = {}
    save_v2("v2_many", many)
    raw.Save(filename=str(OUT / "v1_many"), tensor_names=list(many), data=list(many.values()))
    for name in ("v2_many.index", "v2_many.data-00000-of-00001", "v1_many"):
        data = (OUT / name).read_bytes()
        facts[name] = [len(data), crc32c(data)]
        (OUT / name).unlink()
    cases = [{"name": n, "size": s, "crc": str(c)} for n, (s, c) in facts.items()]
    (OUT / "many.json").write_text(json.dumps(cases, indent=1) + "\n")


sys.exit(main())
