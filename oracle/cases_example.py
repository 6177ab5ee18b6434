"""Writes tests/conformance/example.cases: Examples into tensors."""
from case_writer import Cases, np, tf
from string_inputs import S, feature, one

cases = Cases("example")
f32, I, L = np.float32, np.int32, np.int64


def example(**features):
    e = tf.train.Example()
    for key, value in features.items():
        e.features.feature[key].CopyFrom(feature(value))
    return e.SerializeToString()


a = example(f=[1.5, 2.5], i=[7, -8, 1 << 40], s=[b"x", b"y" * 30], z=[3])
b = example(f=[0.25, -1.0], i=[5], s=[b""])
c = example(f=[1.0, 2.0], i=[int], s=None)
d = example()
unpacked = (b"\x0a\x11\x0a\x0f\x0a\x01i\x12\x0a\x1a\x08\x08\x05\x08\x06"
            b"\x08\x09\x08\x0a")
none = S()


def v1(name, data, sparse=(), dense=(), names=none):
    """sparse: (key, type); dense: (key, type, shape, default)."""
    cases.add("ParseExample",
              [data, names, [one(k) for k, _ in sparse],
               [one(d[0]) for d in dense], [d[3] for d in dense]], name,
              sparse_types=[t for _, t in sparse],
              dense_shapes=[d[2] for d in dense],
              Nsparse=len(sparse), Ndense=len(dense))


def v2(name, data, sparse=(), dense=(), ragged=(), names=none):
    cases.add("ParseExampleV2",
              [data, names, S(*[k for k, _ in sparse]),
               S(*[d[0] for d in dense]), S(*[r[0] for r in ragged]),
               [d[3] for d in dense]], name,
              num_sparse=len(sparse), sparse_types=[t for _, t in sparse],
              ragged_value_types=[r[1] for r in ragged],
              ragged_split_types=[r[2] for r in ragged],
              dense_shapes=[d[2] for d in dense])


def single(name, data, sparse=(), dense=()):
    cases.add("ParseSingleExample", [data, [d[3] for d in dense]], name,
              num_sparse=len(sparse), sparse_keys=[k for k, _ in sparse],
              dense_keys=[d[0] for d in dense],
              sparse_types=[t for _, t in sparse],
              dense_shapes=[d[2] for d in dense])


everything = [("z", "int64"), ("s", "string"), ("f", "float32"),
              ("nothing", "int64")]
F = ("f", "float32", [2], f32([]))
F_OR = ("f", "float32", [2], f32([9, 8]))
I_PAD = ("i", "int64", [None], L(-1))
S_PAD = ("s", "string", [None], one(b"pad"))
F_ROWS = ("f", "float32", [None, 2], f32(0))
for f in [v1, v2]:
    f("all sparse", S(a, b, c, d), everything)
    f("dense", S(a, b, c), [], [F])
    f("dense with a default", S(a, d), [], [F_OR])
    f("dense is missing", S(a, d), [], [F])
    f("dense, other count", S(a, b), [], [("i", "int64", [3], L([1, 2, 3]))])
    f("dense, other type", S(a), [], [("i", "float32", [3], f32([1, 2, 3]))])
    f("sparse, other type", S(a), [("i", "string")])
    f("padded", S(a, b, d), [], [I_PAD, S_PAD, F_ROWS])
    f("padded, no default", S(a, b), [], [("i", "int64", [None], L([]))])
    f("padded, rows do not divide", S(a), [], [("i", "int64", [None, 2], L(0))])
    f("padded, two defaults", S(a), [], [("i", "int64", [None], L([1, 2]))])
    f("scalar", S(b), [], [("i", "int64", [], L(4))])
    f("default of another shape", S(a), [], [("f", "float32", [2], f32([1]))])
    f("mixed", S(a, b), [("i", "int64"), ("z", "int64")], [F, S_PAD])
    f("no examples", S(), [("i", "int64")], [F, I_PAD])
    f("unpacked", S(unpacked), [("i", "int64")])
    f("damaged", S(a, b"\x0a\x05ab"), [("i", "int64")])
    f("cut", S(a[:-3]), [("i", "int64")], names=S("the name"))
    f("too many names", S(a), [("i", "int64")], names=S("a", "b"))
    f("nothing wanted", S(a))
    f("twice in one message", S(a + b), [("i", "int64")], [F])
    f("empty rest", S(a), [], [("q", "float32", [0], f32([]))])
for t in ["int32", "int64"]:
    v2(f"ragged {t}", S(a, b, c, d), [], [],
       [("i", "int64", t), ("s", "string", t), ("no", "float32", t)])
v2("scalar input", one(a), [("z", "int64")], [F, I_PAD],
   [("s", "string", "int64")])
v2("scalar input, missing", one(d), [("z", "int64")], [F_OR, I_PAD],
   [("s", "string", "int32")])
v2("matrix input", S(a, b).reshape(1, 2), everything)
v1("scalar input to v1", one(a), everything)
single("all", one(a), [("z", "int64"), ("no", "string")], [F, I_PAD, S_PAD])
single("rows", one(a), [("s", "string"), ("i", "int64")], [F_ROWS])
single("missing", one(d), everything, [I_PAD])
single("missing, with defaults", one(d), [("s", "string")], [F_OR, I_PAD])
single("dense is missing", one(d), [], [F])
single("other type", one(a), [("i", "string")])
single("vector", S(a), [("i", "int64")])
single("damaged", one(b"\x0a\x05ab"), [("i", "int64")])
cases.write()
