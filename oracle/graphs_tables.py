"""Tables of every kind and type: tables.graphs.

    python oracle/graphs_tables.py
"""
from graph_writer import Graphs, np, order, tf

raw = tf.raw_ops
graphs = Graphs("tables")
I, L = np.int32, np.int64
TYPES = ["float32", "float64", "float16", "bfloat16", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "bool",
         "complex64", "complex128", "string"]


def some(t, shape, first):
    n = int(np.prod(shape))
    if t == "string":
        return np.array([b"v%d" % (i + first) for i in range(n)], object).reshape(shape)
    if t == "bool":
        return np.array([i % 2 == 0 for i in range(n)]).reshape(shape)
    return (np.arange(n) + first).astype(tf.as_dtype(t).as_numpy_dtype).reshape(shape)


def kinds(k, v, shape):
    """name → how such a table is made, and whether its ops are the old ones."""
    types = dict(key_dtype=k, value_dtype=v)
    empty = dict(empty_key=some(k, [], 100), deleted_key=some(k, [], 101), value_shape=shape, **types)
    empty.pop("key_dtype")
    if not shape:
        yield "HashTable", True, True, lambda: raw.HashTable(**types)
        yield "HashTableV2", False, True, lambda: raw.HashTableV2(**types)
        yield "AnonymousHashTable", False, True, lambda: raw.AnonymousHashTable(**types)
        yield "MutableHashTable", True, False, lambda: raw.MutableHashTable(**types)
        yield "MutableHashTableV2", False, False, lambda: raw.MutableHashTableV2(**types)
        yield "AnonymousMutableHashTable", False, False, lambda: raw.AnonymousMutableHashTable(**types)
    yield "MutableHashTableOfTensors", True, False, lambda: raw.MutableHashTableOfTensors(value_shape=shape, **types)
    yield "MutableHashTableOfTensorsV2", False, False, lambda: raw.MutableHashTableOfTensorsV2(value_shape=shape, **types)
    yield ("AnonymousMutableHashTableOfTensors", False, False,
           lambda: raw.AnonymousMutableHashTableOfTensors(value_shape=shape, **types))
    yield "MutableDenseHashTable", True, False, lambda: raw.MutableDenseHashTable(
        initial_num_buckets=8, empty_key=empty["empty_key"], value_dtype=v, value_shape=shape)
    yield "MutableDenseHashTableV2", False, False, lambda: raw.MutableDenseHashTableV2(initial_num_buckets=8, **empty)
    yield "AnonymousMutableDenseHashTable", False, False, lambda: raw.AnonymousMutableDenseHashTable(initial_num_buckets=8, **empty)


def takes_one(name):
    """Not dense tables: TensorFlow ends itself, or refuses."""
    return "Dense" not in name


def used(old, fixed, make, one_by_one, remove=True):
    def build(k, v, ask, other):
        t = make()
        o = lambda new: getattr(raw, new if not old else new.replace("V2", ""))
        fill = (lambda: o("InitializeTableV2")(table_handle=t, keys=k, values=v)) if fixed else (
            lambda: o("LookupTableInsertV2")(table_handle=t, keys=k, values=v))
        find = lambda: o("LookupTableFindV2")(table_handle=t, keys=ask, default_value=other)
        size = lambda: o("LookupTableSizeV2")(table_handle=t)
        one = lambda: o("LookupTableImportV2")(table_handle=t, keys=k[1:2], values=v[1:2])
        export = lambda: [  # turned round, since a dense table gives its own memory
            raw.ReverseV2(tensor=x, axis=[0]) for x in o("LookupTableExportV2")(table_handle=t, Tkeys=k.dtype, Tvalues=v.dtype)]
        steps = [fill, find, size]
        if not fixed:
            steps += [one] * one_by_one + [size, export, find]
            if remove and not old:
                steps += [lambda: raw.LookupTableRemoveV2(table_handle=t, keys=k[:2]), size, find]
        return order(*steps)
    return build


for shape in ([], [2]):
    for k in TYPES:
        for v in TYPES:
            if k == v == "bool":
                continue
            keys, values = some(k, [3], 1), some(v, [3] + shape, 5)
            for name, old, fixed, make in kinds(k, v, shape):
                graphs.chain(f"{name} {k} to {v} {shape}", [keys, values, some(k, [5], 0), some(v, shape, 90)],
                             used(old, fixed, make, takes_one(name)), optional=True)

# ---- Edges ----

k, v = some("int64", [3], 1), some("float32", [3], 5)
rows = some("float32", [3, 2], 5)
for shape, values in (([], v), ([2], rows)):
    for name, old, fixed, make in kinds("int64", "float32", shape):
        label = f"{name} {shape}"
        use = used(old, fixed, make, takes_one(name))
        other = values[0] * 0
        if name == "MutableDenseHashTable":  # its kernel looks for an input that it does not have
            makers = {n: m for n, _, _, m in kinds("int64", "float32", shape)}
            asker = used(False, False, makers["MutableDenseHashTableV2"], False, remove=False)
            for ask, what in ((k[:0], "nothing"), (k[2], "a scalar"), (k, "all")):
                answer = graphs.chain(f"{label} asked for {what}, as V2", [k, values, ask, other], asker)
                graphs.chain(f"{label} asked for {what}", [k, values, ask, other], use, expect=answer)
            continue
        graphs.chain(f"{label} asked for nothing", [k, values, k[:0], other], use)
        graphs.chain(f"{label} asked for a scalar", [k, values, k[2], other], use)
        graphs.chain(f"{label} of nothing", [k[:0], values[:0], k, other], lambda a, b, c, d: use(a, b, c, d)[:2])
        graphs.chain(f"{label} with more keys than values", [k, values[:2], k, other], use)
        graphs.chain(f"{label} with a default of another shape", [k, values, k, values[:2]], use)
graphs.write()
