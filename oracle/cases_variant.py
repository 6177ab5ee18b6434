"""Writes tests/conformance/variant.cases: tensor maps, ragged tensors."""
from case_writer import typed
from chain_writer import Chains, np, tf

raw = tf.raw_ops
cases = Chains("variant")
f32, I, L = np.float32, np.int32, np.int64


def ins(m, k, v):
    return raw.TensorMapInsert(input_handle=m, key=k, value=v)


def look(m, k, t=tf.float32):
    return raw.TensorMapLookup(input_handle=m, key=k, value_dtype=t)


def size(m):
    return raw.TensorMapSize(input_handle=m)


def use(k, l, v):
    a = ins(raw.EmptyTensorMap(), k, v)
    b = ins(a, l, v * 2)
    c = ins(b, k, v * 3)
    d = raw.TensorMapErase(input_handle=c, key=l, value_dtype=v.dtype)
    return [size(a), size(b), size(c), size(d), look(a, k), look(b, k),
            look(c, k), look(c, l), raw.TensorMapHasKey(input_handle=d, key=l),
            raw.TensorMapHasKey(input_handle=d, key=k),
            raw.TensorMapStackKeys(input_handle=d, key_dtype=k.dtype)]


v = f32([1, 2])
for name, k, l in [("numbers", f32(1), f32(2)), ("vectors", I([1, 2]), I([2])),
                   ("strings", np.array(b"a", object), np.array(b"b", object))]:
    cases.chain(f"map of {name}", [k, l, v], use)
cases.chain("map without the key", [f32(1)],
            lambda k: look(raw.EmptyTensorMap(), k))
cases.chain("map erase without the key", [f32(1)], lambda k: size(
    raw.TensorMapErase(input_handle=raw.EmptyTensorMap(), key=k,
                       value_dtype=tf.float32)))
cases.chain("map of another type", [f32(1), v], lambda k, v: look(
    ins(raw.EmptyTensorMap(), k, v), k, tf.int32))

values = np.arange(10, dtype=f32)
inner, outer = L([0, 2, 2, 5, 9, 10]), L([0, 2, 5])


def to(splits, x, batched):
    return raw.RaggedTensorToVariant(rt_nested_splits=splits,
                                     rt_dense_values=x, batched_input=batched)


def back(h, n, rank, x, t=tf.int64):
    out = raw.RaggedTensorFromVariant(
        encoded_ragged=h, input_ragged_rank=n, output_ragged_rank=rank,
        Tvalues=x.dtype, Tsplits=t)
    return [*out.output_nested_splits, out.output_dense_values]


for x in [values, values.reshape(10, 1), np.arange(10), np.array(
        [str(i) for i in range(10)], object)]:
    t = f"{x.dtype} {x.ndim}"
    cases.chain(f"ragged whole {t}", [inner, x],
                lambda s, x: back(to([s], x, False), 1, 1, x))
    cases.chain(f"ragged batch {t}", [inner, x],
                lambda s, x: back(to([s], x, True), 0, 1, x))
    cases.chain(f"ragged batch of two axes {t}", [outer, inner, x],
                lambda a, b, x: back(to([a, b], x, True), 1, 2, x))
    cases.chain(f"ragged row {t}", [outer, inner, x], lambda a, b, x: back(
        tf.gather(to([a, b], x, True), [1]), 1, 2, x))
    cases.chain(f"ragged rank by itself {t}", [outer, inner, x],
                lambda a, b, x: back(to([a, b], x, True), -1, 2, x))
cases.chain("ragged int32", [I([0, 2, 10]), values], lambda s, x: back(
    to([s], x, True), 0, 1, x, tf.int32))
cases.chain("ragged wrong rank", [inner, values],
            lambda s, x: back(to([s], x, True), 1, 2, x))
cases.chain("ragged wrong type", [inner, values], lambda s, x: back(
    to([s], x, True), 0, 1, tf.cast(x, tf.int32)))
for bad in [L([0, 3, 2, 10]), L([1, 10]), L([0, 9]), L([0, 11])]:
    cases.chain(f"ragged splits {bad}", [bad, values],
                lambda s, x: tf.shape(to([s], x, True)))
cases.chain("ragged no rows", [L([0]), values[:0]],
            lambda s, x: tf.shape(to([s], x, True)))


def gradient(variants, splits, shape, dtype):
    return raw.RaggedTensorToVariantGradient(
        encoded_ragged_grad=variants, row_splits=splits,
        dense_values_shape=shape, Tvalues=dtype)


def holes(variants):
    """Rows 0 and 2, and 2 once more as row 4; the other two hold nothing."""
    return raw.DynamicStitch(indices=[tf.constant([0, 2, 4])],
                             data=[tf.gather(variants, [0, 2, 2])])


def rows_of(name):
    """Ten rows of a type."""
    kind = tf.as_dtype(name)
    x = values.reshape(10, 1)
    if kind == tf.string:
        return np.vectorize(str)(x).astype(object)
    return typed(name, x.astype(name[1:])) if kind.is_quantized else x.astype(
        kind.as_numpy_dtype)


for name in ["float32", "float64", "float16", "bfloat16", "int8", "int16",
             "int32", "int64", "uint8", "uint16", "uint32", "uint64",
             "complex64", "complex128", "bool", "string", "qint8", "quint8",
             "qint16", "quint16", "qint32"]:
    for splits in (inner, I(inner)):
        x, t = rows_of(name), f"{name} {splits.dtype}"
        cases.chain(f"ragged gradient {t}", [splits, x], lambda s, x: gradient(
            to([s], x, True), s, tf.shape(x), x.dtype))
        if name == "string" or name[0] == "q":  # TensorFlow crashes, or cannot
            continue
        cases.chain(f"ragged gradient of some {t}", [splits, x],
                    lambda s, x: gradient(holes(to([s], x, True)), s,
                                          [12, *x.shape[1:]], x.dtype),
                    shapes=[None, x.shape])
cases.chain("ragged gradient whole", [inner, values], lambda s, x: gradient(
    to([s], x, False), s, tf.shape(x), x.dtype))
cases.chain("ragged gradient one row", [inner, values], lambda s, x: gradient(
    to([s], x, True)[2:3], s, tf.shape(x), x.dtype))
cases.chain("ragged gradient of two axes", [outer, inner, values],
            lambda a, b, x: gradient(to([a, b], x, True), a, [10], x.dtype))
cases.chain("ragged gradient of rows", [values.reshape(5, 2)],
            lambda x: gradient(to([], x, True), L(0), tf.shape(x), x.dtype))
cases.chain("ragged gradient no rows", [L([0]), values[:0]],
            lambda s, x: gradient(to([s], x, True), s, [0], x.dtype))
cases.chain("ragged gradient of negative extents", [inner, values],
            lambda s, x: gradient(to([s], x, True), s, [-1], x.dtype))

# ---- What variants say, and sparse tensors in them ----


def optional(*parts):
    return raw.OptionalFromValue(components=list(parts))


def say(x):
    return raw.AsString(input=x)


SHOWN = {"vector": np.float32([1.5, -2.25, 1e10, 1e-7]), "short": I([1, 2]), "scalar": np.float64(0.1),
         "matrix": I([[1, 2, 3, 4], [5, 6, 7, 8]]), "deep": np.zeros((2, 2, 2, 2), np.int16), "nothing": np.zeros((0, 3), np.float32),
         "column": np.uint8([[1], [2], [3], [255]]), "bool": np.array([True, False]), "complex": np.complex64([1 + 2j, 3]),
         "half": np.float16([0.1, 0.2]), "odd": np.float32([np.nan, np.inf, -np.inf]), "hole": np.zeros((1, 0, 2), np.int64),
         "words": np.array([b"a", b"b\n'\"", b"", b"more"], object), "bytes": np.array(b"\x01\t\\ \xc3\xa4", object)}
for name, x in SHOWN.items():
    cases.chain(f"an optional of {name} says", [x], lambda x: say(optional(x)))
    cases.chain(f"an optional of {name} and more says", [x], lambda x: say(optional(x, tf.constant(7))))
cases.chain("no optional says", [I(1)], lambda x: say(raw.OptionalNone()))
cases.chain("an optional in an optional says", [I(1)], lambda x: say(optional(optional(x))))
cases.chain("no optional in an optional says", [I(1)], lambda x: say(optional(raw.OptionalNone())))
cases.chain("a list says", [values], lambda x: say(raw.TensorListFromTensor(tensor=x, element_shape=np.zeros(0, np.int32))))
cases.chain("a list of lists says", [values], lambda x: say(optional(raw.TensorListFromTensor(tensor=x, element_shape=np.zeros(0, np.int32)))))
cases.chain("a map says", [values], lambda x: say(raw.EmptyTensorMap()))
for batched in (True, False):
    for splits in (inner, I(inner)):
        cases.chain(f"a ragged tensor says {batched} {splits.dtype}", [splits, values], lambda s, x: say(to([s], x, batched)))
cases.chain("precise variants", [values], lambda x: raw.AsString(input=raw.EmptyTensorMap(), precision=3))
cases.chain("wide variants", [values], lambda x: raw.AsString(input=raw.EmptyTensorMap(), width=60, fill="-"))


def packed(many, i, v, s):
    op = raw.SerializeManySparse if many else raw.SerializeSparse
    return op(sparse_indices=i, sparse_values=v, sparse_shape=s, out_type=tf.variant)


def unpacked(x, t):
    return list(raw.DeserializeSparse(serialized_sparse=x, dtype=t))


places, extents = L([[0, 1], [0, 2], [2, 0]]), L([3, 4])
for name in ["float32", "float64", "float16", "bfloat16", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32",
             "uint64", "complex64", "complex128", "bool", "string"]:
    v = np.array([b"a", b"", b"long enough to be elsewhere"], object) if name == "string" else np.array(
        [1, 0, 3]).astype(tf.as_dtype(name).as_numpy_dtype)
    for many in (False, True):
        cases.chain(f"sparse in variants {name} {many}", [places, v, extents],
                    lambda i, v, s: unpacked(packed(many, i, v, s), v.dtype))
v = np.float32([1, 2, 3])
for many in (False, True):
    cases.chain(f"sparse in variants says {many}", [places, v, extents], lambda i, v, s: say(packed(many, i, v, s)))
    cases.chain(f"sparse in variants of nothing {many}", [places[:0], v[:0], extents],
                lambda i, v, s: unpacked(packed(many, i, v, s), v.dtype))
    cases.chain(f"sparse in variants of another type {many}", [places, v, extents],
                lambda i, v, s: unpacked(packed(many, i, v, s), tf.int32))
    cases.chain(f"sparse in variants of variants {many}", [places, v, extents], lambda i, v, s: (
        lambda u: [u[0], say(u[1]), u[2]])(unpacked(packed(many, i, tf.stack([optional(v), optional(v[:1]), optional(v[:0])]), s), tf.variant)))
cases.chain("sparse in variants of a vector", [places, v[None], extents], lambda i, v, s: unpacked(packed(False, i, v, s), v.dtype))
cases.chain("sparse in two variants", [places, v, extents], lambda i, v, s: unpacked(packed(False, i, v, s)[:2], v.dtype))
cases.chain("sparse in lists", [values], lambda x: unpacked(tf.stack([raw.EmptyTensorMap()] * 3), x.dtype))
cases.chain("sparse in stacked variants", [places, v, extents], lambda i, v, s: unpacked(
    tf.stack([packed(False, i, v, s), packed(False, i[:1], v[:1], s + 1)]), v.dtype))
cases.write()
