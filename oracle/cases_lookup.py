"""Writes tests/conformance/lookup.cases: lookup tables."""
import os

from chain_writer import Chains, np, tf

raw = tf.raw_ops
cases = Chains("lookup")
f32, I, L = np.float32, np.int32, np.int64
FOLDER = "tests/golden/lookup"
VALUES = {tf.float32: f32([1.5, -2]), tf.float64: np.float64([1.5, -2]),
          tf.int32: I([5, 6]), tf.int64: L([5, 6]),
          tf.string: np.array(["x", "y" * 30], object),
          tf.bool: np.array([True, False])}
KEYS = {tf.int32: I([3, -1]), tf.int64: L([3, 1 << 40]),
        tf.string: np.array(["a", "b" * 30], object)}


def after(op, then):
    with tf.control_dependencies([op]):
        return then()


def fixed(keys, values):
    return raw.HashTableV2(key_dtype=keys.dtype, value_dtype=values.dtype,
                           shared_name="t")


def find(t, keys, other):
    return raw.LookupTableFindV2(table_handle=t, keys=keys,
                                 default_value=other)


def size(t):
    return raw.LookupTableSizeV2(table_handle=t)


def use_fixed(keys, values, ask, other):
    t = fixed(keys, values)
    return after(raw.InitializeTableV2(table_handle=t, keys=keys,
                                       values=values),
                 lambda: [find(t, ask, other), size(t)])


def use_anonymous(keys, values, ask, other):
    t = raw.AnonymousHashTable(key_dtype=keys.dtype, value_dtype=values.dtype)
    return after(raw.InitializeTableV2(table_handle=t, keys=keys,
                                       values=values),
                 lambda: [find(t, ask, other), size(t)])


def use_v1(keys, values, ask, other):
    t = raw.HashTable(key_dtype=keys.dtype, value_dtype=values.dtype)
    return after(raw.InitializeTable(table_handle=t, keys=keys, values=values),
                 lambda: [raw.LookupTableFind(table_handle=t, keys=ask,
                                              default_value=other),
                          raw.LookupTableSize(table_handle=t)])


def asked(keys):
    return np.array([keys[1], keys[0], keys[0][:0] if keys.dtype == object
                     else 7], keys.dtype).reshape(3, 1)


for k, v in [(a, b) for a in KEYS for b in VALUES]:
    if (k, v) in [(tf.int32, tf.int64), (tf.int32, tf.bool),
                  (tf.int64, tf.bool)]:
        continue
    keys, values = KEYS[k], VALUES[v]
    cases.chain(f"fixed {k.name} to {v.name}",
                [keys, values, asked(keys), values[0]], use_fixed)
k, v = KEYS[tf.string], VALUES[tf.int64]
many = np.array([f"word {i}" for i in range(100)], object)
cases.chain("fixed, many", [many, np.arange(100), many[::-7], L(-1)], use_fixed)
cases.chain("fixed, anonymous", [k, v, asked(k), L(-1)], use_anonymous)
cases.chain("fixed, V1", [k, v, asked(k), L(-1)], use_v1)
cases.chain("fixed, nothing asked", [k, v, k[:0], L(-1)], use_fixed)
cases.chain("fixed, a scalar asked", [k, v, k[1], L(-1)], use_fixed)
cases.chain("fixed, empty", [k[:0], v[:0], k, L(-1)], use_fixed)
cases.chain("fixed, a key twice", [k[[0, 0]], v[[1, 1]], k, L(-1)], use_fixed)
cases.chain("fixed, a key twice, another value", [k[[0, 0]], v, k, L(-1)],
            use_fixed)
cases.chain("fixed, more keys", [k, v[:1], k, L(-1)], use_fixed)
cases.chain("fixed, keys a matrix", [k.reshape(2, 1), v.reshape(2, 1), k, L(0)],
            use_fixed)
cases.chain("fixed, default a vector", [k, v, k, L([-1])], use_fixed)
cases.chain("fixed, asked with another type", [k, v, L([1]), L(-1)], use_fixed)
cases.chain("fixed, default of another type", [k, v, k, I(-1)], use_fixed)
cases.chain("fixed, before it is filled", [k, v, L(-1)],
            lambda k, v, o: find(fixed(k, v), k, o))
cases.chain("fixed, size before it is filled", [k, v],
            lambda k, v: size(fixed(k, v)))


def fill_twice(k, v, again):
    t = fixed(k, v)
    first = raw.InitializeTableV2(table_handle=t, keys=k, values=v)
    return after(after(first, lambda: raw.InitializeTableV2(
        table_handle=t, keys=again, values=v[:tf.size(again)])), lambda: size(t))


cases.chain("fixed, filled twice", [k, v, k], fill_twice)
cases.chain("fixed, filled twice, otherwise", [k, v, k[:1]], fill_twice)


def fixed_export(k, v):
    t = fixed(k, v)
    return after(raw.InitializeTableV2(table_handle=t, keys=k, values=v),
                 lambda: list(raw.LookupTableExportV2(
                     table_handle=t, Tkeys=k.dtype, Tvalues=v.dtype)))


cases.chain("fixed, export", [k[:1], v[:1]], fixed_export)
cases.chain("fixed, insert", [k, v], lambda k, v: after(
    raw.LookupTableInsertV2(table_handle=fixed(k, v), keys=k, values=v),
    lambda: tf.identity(k)))
cases.chain("fixed, import", [k, v], lambda k, v: after(
    raw.LookupTableImportV2(table_handle=fixed(k, v), keys=k, values=v),
    lambda: tf.identity(k)))
def import_into_fixed(k, v, other):
    t = fixed(k, v)
    a = raw.LookupTableImportV2(table_handle=t, keys=k, values=v)
    b = after(a, lambda: find(t, k, other))
    c = after(b, lambda: raw.LookupTableImportV2(table_handle=t, keys=k[1:],
                                                 values=v[:1]))
    return [b, after(c, lambda: find(t, k, other))]


cases.chain("fixed, import twice", [k, v, L(-1)], import_into_fixed)
cases.chain("fixed, remove", [k, v], lambda k, v: after(
    raw.LookupTableRemoveV2(table_handle=fixed(k, v), keys=k),
    lambda: tf.identity(k)))

# From files.
os.makedirs(FOLDER, exist_ok=True)
FILES = {"words": "a\nb c\nlast", "table": "1 one 1.5\n2 two -2e3\n-3 three 0\n",
         "crlf": "a 1\r\nb 2\r\n", "numbers": "10\n 20\n30 \n",
         "hole": "a\n\nb\n", "none": "", "twice": "a\na\n"}
for name, text in FILES.items():
    with open(f"{FOLDER}/{name}.txt", "w", newline="") as f:
        f.write(text)


def from_file(key, value, version=2, **attrs):
    def build(path, ask, other):
        if version == 1:
            t = raw.HashTable(key_dtype=ask.dtype, value_dtype=other.dtype)
            fill = raw.InitializeTableFromTextFile(
                table_handle=t, filename=path, key_index=key,
                value_index=value, **attrs)
            return after(fill, lambda: raw.LookupTableFind(
                table_handle=t, keys=ask, default_value=other))
        t = raw.HashTableV2(key_dtype=ask.dtype, value_dtype=other.dtype)
        fill = raw.InitializeTableFromTextFileV2(
            table_handle=t, filename=path, key_index=key, value_index=value,
            **attrs)
        return after(fill, lambda: [find(t, ask, other), size(t)])
    return build


def words(*texts):
    return np.array(texts, object)


def file_case(name, file, ask, other, key, value, **attrs):
    cases.chain(f"file, {name}",
                [np.array(f"{FOLDER}/{file}.txt", object), ask, other],
                from_file(key, value, **attrs))


def s(text):
    return np.array(text, object)


abc = words("a", "b c", "last", "b")
file_case("words to numbers", "words", abc, L(-1), -2, -1)
file_case("V1", "words", abc, L(-1), -2, -1, version=1)
file_case("numbers to words", "words", L([0, 2, 3]), s("?"), -1, -2)
file_case("offset", "words", abc, L(-1), -2, -1, offset=5)
file_case("vocab_size", "words", abc, L(-1), -2, -1, vocab_size=2)
file_case("vocab_size is exact", "words", abc, L(-1), -2, -1, vocab_size=3)
file_case("vocab_size too large", "words", abc, L(-1), -2, -1, vocab_size=4)
file_case("columns", "table", L([1, -3, 9]), s("?"), 0, 1, delimiter=" ")
file_case("columns to float", "table", words("one", "two"), f32(9), 1, 2,
          delimiter=" ")
file_case("columns to double", "table", words("one", "two"), np.float64(9), 1,
          2, delimiter=" ")
file_case("columns to int32", "table", words("one", "three"), I(9), 1, 0,
          delimiter=" ", offset=2)
file_case("column to line", "table", words("one"), s("?"), 1, -2,
          delimiter=" ")
file_case("too few columns", "table", words("one"), s("?"), 1, 3,
          delimiter=" ")
file_case("no number", "table", words("one"), L(0), 0, 1, delimiter=" ")
file_case("carriage returns", "crlf", words("a", "b"), L(0), 0, 1,
          delimiter=" ")
file_case("spaces round numbers", "numbers", L([20, 30]), L(0), -2, -1)
file_case("empty line", "hole", abc, L(0), -2, -1)
file_case("empty file", "none", abc, L(0), -2, -1)
file_case("a key twice", "twice", abc, L(0), -2, -1)
file_case("no such file", "missing", abc, L(0), -2, -1)
file_case("line number as int32", "words", I([1]), s("?"), -1, -2)
file_case("whole line as float", "words", words("a"), f32(0), -1, -2)
file_case("whole line is both", "words", abc, s("?"), -2, -2)

# Mutable tables.


def mutable(k, v, name="m"):
    return raw.MutableHashTableV2(key_dtype=k.dtype, value_dtype=v.dtype,
                                  shared_name=name)


def insert(t, k, v):
    return raw.LookupTableInsertV2(table_handle=t, keys=k, values=v)


def use_mutable(k, v, gone, ask, other):
    t = mutable(k, v)
    a = insert(t, k, v)
    b = after(a, lambda: size(t))
    c = after(b, lambda: raw.LookupTableRemoveV2(table_handle=t, keys=gone))
    return after(c, lambda: [b, find(t, ask, other), size(t)])


for k, v in [(a, b) for a in KEYS for b in VALUES]:
    if (k, v) in [(tf.int32, tf.int64), (tf.int32, tf.bool),
                  (tf.int64, tf.bool), (tf.int32, tf.string),
                  (tf.string, tf.string)]:
        continue
    keys, values = KEYS[k], VALUES[v]
    cases.chain(f"mutable {k.name} to {v.name}",
                [keys, values, keys[:1], asked(keys), values[0]], use_mutable)
k, v = KEYS[tf.string], VALUES[tf.int64]
numbers = np.arange(200)
cases.chain("mutable, many", [numbers * 7, numbers, numbers[::3] * 7,
                              numbers, L(-1)], use_mutable)
cases.chain("mutable, many words", [many, np.arange(100), many[10:30], many,
                                    L(-1)], use_mutable)
cases.chain("mutable, a default each", [k, v, k[:1], k, L([7, 8])], use_mutable)
cases.chain("mutable, default of another shape", [k, v, k[:1], k, L([7])],
            use_mutable)
cases.chain("mutable, a key twice", [k[[0, 0]], v, k[:0], k, L(-1)],
            use_mutable)
cases.chain("mutable, keys a matrix",
            [k.reshape(2, 1), v.reshape(2, 1), k[:0], k, L(-1)], use_mutable)
cases.chain("mutable, fewer values", [k, v[:1], k[:0], k, L(-1)], use_mutable)
cases.chain("mutable, removed what is not there",
            [k, v, words("zz"), k, L(-1)], use_mutable)


def imported(k, v, other):
    t = mutable(k, v)
    a = insert(t, k, v)
    b = after(a, lambda: raw.LookupTableImportV2(table_handle=t, keys=k[1:],
                                                 values=v[:1]))
    return after(b, lambda: [find(t, k, other), *raw.LookupTableExportV2(
        table_handle=t, Tkeys=k.dtype, Tvalues=v.dtype)])


cases.chain("mutable, import and export", [k, v, L(-1)], imported)
cases.chain("mutable, initialise", [k, v], lambda k, v: after(
    raw.InitializeTableV2(table_handle=mutable(k, v), keys=k, values=v),
    lambda: tf.identity(k)))
cases.chain("mutable, V1", [k, v, L(-1)], lambda k, v, o: (lambda t: after(
    raw.LookupTableInsert(table_handle=t, keys=k, values=v),
    lambda: raw.LookupTableFind(table_handle=t, keys=k, default_value=o)))(
        raw.MutableHashTable(key_dtype=tf.string, value_dtype=tf.int64)))
cases.chain("mutable, anonymous", [k, v, L(-1)], lambda k, v, o: (
    lambda t: after(insert(t, k, v), lambda: find(t, k, o)))(
        raw.AnonymousMutableHashTable(key_dtype=tf.string,
                                      value_dtype=tf.int64)))
cases.chain("two tables of one name", [k, v, L(-1)], lambda k, v, o: after(
    insert(mutable(k, v), k, v), lambda: find(mutable(k, v), k, o)))
cases.chain("two tables of one name and two types", [k, v, L(-1)],
            lambda k, v, o: after(insert(mutable(k, v), k, v),
                                  lambda: size(fixed(k, v))) if 0 else [
                size(mutable(k, v)), size(mutable(k, tf.cast(v, tf.int32)))])


def of_tensors(k, v, ask, other, shape=[2]):
    t = raw.MutableHashTableOfTensorsV2(
        key_dtype=k.dtype, value_dtype=v.dtype, value_shape=shape)
    return after(insert(t, k, v), lambda: [find(t, ask, other), size(t)])


rows = f32([[1, 2], [3, 4]])
cases.chain("of tensors", [k, rows, asked(k), f32([-1, -2])], of_tensors)
cases.chain("of tensors, a default each", [k, rows, k, rows * 2], of_tensors)
cases.chain("of tensors, other width", [k, rows[:, :1], k, rows[0]],
            of_tensors)
cases.chain("of tensors, scalar default", [k, rows, k, f32(1)], of_tensors)
cases.chain("of tensors of strings", [L([1, 2]), np.array(
    [["a", "b"], ["c", "d"]], object), L([2, 9]), words("x", "y")], of_tensors)
cases.chain("of scalars", [k, rows[0], k, f32(1)],
            lambda k, v, a, o: of_tensors(k, v, a, o, []))


def dense(k, v, empty, deleted, buckets=4, load=0.8, shape=[]):
    return raw.MutableDenseHashTableV2(
        empty_key=empty, deleted_key=deleted, value_dtype=v.dtype,
        value_shape=shape, initial_num_buckets=buckets, max_load_factor=load)


def use_dense(**attrs):
    def build(k, v, empty, deleted, gone, ask, other):
        t = dense(k, v, empty, deleted, **attrs)
        a = insert(t, k, v)
        b = after(a, lambda: list(raw.LookupTableExportV2(
            table_handle=t, Tkeys=k.dtype, Tvalues=v.dtype)))
        b = tf.concat([b[0], b[0]], 0)  # what is exported changes with the table
        c = after(b, lambda: raw.LookupTableRemoveV2(table_handle=t,
                                                        keys=gone))
        d = [after(c, lambda: find(t, ask, other))]
        d += [after(d[0], lambda: size(t))]
        e = after(d[1], lambda: insert(t, k[1:], v[1:]))
        f = after(e, lambda: list(raw.LookupTableExportV2(
            table_handle=t, Tkeys=k.dtype, Tvalues=v.dtype)))
        return [b, *d, f[0]]
    return build


n = L([5, 9, 13, 1 << 33, 77])
for t in [tf.int64, tf.int32]:
    cases.chain(f"dense {t.name}",
                [n[[0, 1, 2, 4]].astype(t.as_numpy_dtype), f32([1, 2, 3, 4]),
                 t.as_numpy_dtype(0), t.as_numpy_dtype(-1),
                 n[1:3].astype(t.as_numpy_dtype),
                 n[:3].astype(t.as_numpy_dtype), f32(-1)], use_dense())
cases.chain("dense, many", [np.arange(1, 60) * 16, np.arange(59.0), L(0), L(-1),
                            np.arange(1, 20) * 16, np.arange(1, 60) * 16,
                            np.float64(-1)], use_dense())
cases.chain("dense strings", [many[:20], np.arange(20), s(""), s("-"),
                              many[3:5], many[:30], L(-1)], use_dense())
cases.chain("dense, bools", [n, n > 10, L(0), L(-1), n[:1], n,
                             np.array(True)], use_dense())
cases.chain("dense, vector keys", [
    L([[1, 2], [3, 4], [1, 3], [2, 1]]), f32([1, 2, 3, 4]), L([0, 0]),
    L([0, 1]), L([[3, 4]]), L([[1, 2], [3, 4]]), f32(-1)], use_dense())
cases.chain("dense, vector values", [
    n, np.arange(10, dtype=f32).reshape(5, 2), L(0), L(-1), n[:1], n,
    f32([7, 8])], use_dense(shape=[2]))
cases.chain("dense, insert the empty key", [L([0]), f32([1]), L(0), L(-1), n, n,
                                            f32(0)], use_dense())
cases.chain("dense, insert the deleted key", [L([-1]), f32([1]), L(0), L(-1), n,
                                              n, f32(0)], use_dense())
cases.chain("dense, ask for the empty key", [n, n, L(0), L(-1), n, L([0]),
                                             L(0)], use_dense())
cases.chain("dense, same markers", [n, n, L(1), L(1), n, n, L(0)], use_dense())
cases.chain("dense, markers differ", [n, n, L(1), L([2]), n, n, L(0)],
            use_dense())
cases.chain("dense, 3 buckets", [n, n, L(0), L(-1), n, n, L(0)],
            use_dense(buckets=3))
cases.chain("dense, 12 buckets", [n, n, L(0), L(-1), n, n, L(0)],
            use_dense(buckets=12))
cases.chain("dense, load 1", [n, n, L(0), L(-1), n, n, L(0)],
            use_dense(load=1.0))


def dense_import(k, v, ask):
    t = dense(k, v, tf.constant(0, tf.int64), tf.constant(-1, tf.int64), 4)
    a = raw.LookupTableImportV2(table_handle=t, keys=k, values=v)
    return after(a, lambda: [size(t), find(t, ask, tf.constant(-9.0))])


buckets = L([[8], [0], [10], [0], [4], [0], [-1], [15]])
cases.chain("dense, import", [buckets, np.arange(8, dtype=f32).reshape(8, 1),
                              L([8, 10, 15, 4, 3])], dense_import)
cases.chain("dense, import of scalars", [buckets[:, 0], np.arange(8, dtype=f32),
                                         L([8])], dense_import)
cases.write()
