"""Writes tests/conformance/example_sequence.cases: SequenceExamples into tensors."""
from case_writer import Cases, np, tf
from string_inputs import S, feature, one

cases = Cases("example_sequence")
f32, I, L = np.float32, np.int32, np.int64


def example(context={}, **lists):
    e = tf.train.SequenceExample()
    for key, value in context.items():
        e.context.feature[key].CopyFrom(feature(value))
    for key, rows in lists.items():
        e.feature_lists.feature_list[key].SetInParent()
        for row in rows:
            e.feature_lists.feature_list[key].feature.append(feature(row))
    return e.SerializeToString()


def described(sparse, dense, rows_sparse, rows_dense):
    """The attrs that all three ops have in common."""
    return dict(Ncontext_sparse=len(sparse), Nfeature_list_sparse=len(rows_sparse),
                Nfeature_list_dense=len(rows_dense),
                context_sparse_types=[t for _, t in sparse],
                context_dense_shapes=[d[2] for d in dense],
                feature_list_sparse_types=[t for _, t in rows_sparse],
                feature_list_dense_types=[d[1] for d in rows_dense],
                feature_list_dense_shapes=[d[2] for d in rows_dense])


def v1(name, data, sparse=(), dense=(), rows_sparse=(), rows_dense=(),
       empty=(), names=S(), **attrs):
    """sparse: (key, type); dense: (key, type, shape, default); rows_dense: (key,
    type, shape); empty: keys that may be missing."""
    cases.add("ParseSequenceExample", [data, names, [d[3] for d in dense]], name,
              **{**described(sparse, dense, rows_sparse, rows_dense),
                 "Ncontext_dense": len(dense),
                 "feature_list_dense_missing_assumed_empty": empty,
                 "context_sparse_keys": [k for k, _ in sparse],
                 "context_dense_keys": [d[0] for d in dense],
                 "feature_list_sparse_keys": [k for k, _ in rows_sparse],
                 "feature_list_dense_keys": [d[0] for d in rows_dense], **attrs})


def v2(name, data, sparse=(), dense=(), rows_sparse=(), rows_dense=(),
       empty=(), names=S(), ragged=(), rows_ragged=(), skip=(), **attrs):
    """ragged: (key, type, type of splits)."""
    cases.add("ParseSequenceExampleV2",
              [data, names, S(*[k for k, _ in sparse]), S(*[d[0] for d in dense]),
               S(*[r[0] for r in ragged]), S(*[k for k, _ in rows_sparse]),
               S(*[d[0] for d in rows_dense]), S(*[r[0] for r in rows_ragged]),
               np.array([d[0] in empty for d in rows_dense], bool),
               [d[3] for d in dense]], name, skip=skip,
              **{**described(sparse, dense, rows_sparse, rows_dense),
                 "context_ragged_value_types": [r[1] for r in ragged],
                 "context_ragged_split_types": [r[2] for r in ragged],
                 "feature_list_ragged_value_types": [r[1] for r in rows_ragged],
                 "feature_list_ragged_split_types": [r[2] for r in rows_ragged],
                 **attrs})


def single(name, data, sparse=(), dense=(), rows_sparse=(), rows_dense=(),
           empty=(), names="", keys=one, **attrs):
    cases.add("ParseSingleSequenceExample",
              [data, S(*empty), [keys(k) for k, _ in sparse],
               [keys(d[0]) for d in dense], [keys(k) for k, _ in rows_sparse],
               [keys(d[0]) for d in rows_dense], [d[3] for d in dense],
               one(names) if isinstance(names, str) else names], name,
              **{**described(sparse, dense, rows_sparse, rows_dense),
                 "Ncontext_dense": len(dense), **attrs})


a = example({"f": [1.5, 2.5], "i": [7, -8, 1 << 40], "s": [b"x", b"y" * 30]},
            li=[[1, 2], [3], [int]], lf=[[0.5, 1.5], [2.5, -3.5]],
            ls=[[b"a"], [b"bc"], [b""], [b"d" * 40]])
b = example({"f": [0.25, -1.0], "i": [5], "s": [b""]},
            li=[[9, 8, 7]], lf=[[4.5, 5.5]], ls=[])
c = example({"f": [3.0, 4.0], "i": [int], "s": None}, li=[None, [4]],
            lf=[], ls=[[b"q"]])
d = example()
context = [("i", "int64"), ("f", "float32"), ("s", "string"), ("no", "int64")]
lists = [("li", "int64"), ("lf", "float32"), ("ls", "string"), ("no", "int64")]
F = ("f", "float32", [2], f32([]))
F_OR = ("f", "float32", [2], f32([9, 8]))
F_BOX = ("f", "float32", [2, 1], f32([[9], [8]]))
S_OR = ("none", "string", [], one(b"other"))
others = [("i", "int64"), ("s", "string"), ("no", "int64")]
other_lists = [("li", "int64"), ("no", "int64")]
LF = ("lf", "float32", [2])
LF_BOX = ("lf", "float32", [1, 2])
LS = ("ls", "string", [])
LI = ("li", "int64", [3])

for op in [v1, v2]:
    op("context sparse", S(a, b, c, d), context)
    op("context dense", S(a, b, c), [], [F])
    op("context dense, default", S(a, d), [], [F_OR, S_OR, F_BOX][:2])
    op("context dense, matrix", S(d, b), [], [F_BOX])
    op("context dense is missing", S(a, d), [], [F])
    op("context dense, other count", S(a), [],
       [("f", "float32", [3], f32([1, 2, 3]))])
    op("context dense, fewer", S(a, b), [], [("i", "int64", [3], L([]))])
    op("context dense, other type", S(a), [], [("i", "float32", [3], f32([]))])
    op("context dense of no type", S(c), [], [("s", "string", [1], S())])
    op("context sparse, other type", S(a), [("i", "string")])
    op("default of another shape", S(a), [], [("f", "float32", [2], f32([1]))])
    op("context dense, shape unknown", S(a), [], [("f", "float32", [None], f32([]))])
    op("lists sparse", S(a, b, c, d), [], [], lists)
    op("lists sparse, other type", S(a, b), [], [], [("lf", "int64")])
    op("lists sparse, an empty row of another type", S(a), [], [],
       [("li", "float32")])
    op("lists dense", S(a, b), [], [], [], [LF, LS])
    op("lists dense, matrices", S(a, b, c), [], [], [], [LF_BOX])
    op("lists dense is missing", S(a, d), [], [], [], [LF])
    op("lists dense may be missing", S(d, a), [], [], [], [LF, LS], ["lf", "ls"])
    op("lists dense all missing", S(d, d), [], [], [], [LF, LI], ["lf", "li", "x"])
    op("lists dense, another one may be missing", S(d), [], [], [], [LF], ["ls"])
    op("lists dense, rows differ", S(a), [], [], [], [LI])
    op("lists dense, rows do not divide", S(a), [], [], [],
       [("li", "int64", [2])])
    op("lists dense, a row of no type", S(c), [], [], [], [("li", "int64", [1])])
    op("lists dense, other type", S(a), [], [], [], [("lf", "int64", [2])])
    op("lists dense, shape unknown", S(a), [], [], [], [("lf", "float32", [None])])
    op("all of it", S(a, b), others, [F, S_OR], other_lists, [LF, LS])
    op("scalar", one(a), others, [F_OR], other_lists, [LF, LS])
    op("scalar, all missing", one(d), others, [F_OR, S_OR], other_lists, [LF, LS],
       ["lf", "ls"])
    op("matrix", S(a, b).reshape(1, 2), context)
    op("no examples", S(), others, [F_OR], other_lists, [LF])
    op("no examples and no default", S(), others, [F])
    op("empty bytes", S(b"", b""), others, [F_OR], other_lists, [LF], ["lf"])
    op("nothing wanted", S(a, b))
    op("damaged", S(a, b"\x0a\x05ab"), context)
    op("cut", S(a[:-3]), context, names=S("the name"))
    op("names", S(a, b), others, [F], names=S("p", "q"))
    op("too many names", S(a), context, names=S("p", "q"))
    op("twice in one message", S(a + b, b + a), others, [F], other_lists, [LF, LS])
    op("a key twice", S(a, b), [("i", "int64")] * 2, [F, F_OR],
       [("li", "int64")] * 2, [LF] * 2)
    op("a key sparse and dense", S(a), [("f", "float32")], [F])
    op("a list sparse and dense", S(a), [], [], [("lf", "float32")], [LF])
    op("same key in context and lists", S(example({"k": [1]}, k=[[2], [3]])),
       [("k", "int64")], [], [("k", "int64")])
    op("other counts of types", S(a), context, Ncontext_sparse=3)
for t in ["int32", "int64"]:
    v2(f"ragged {t}", S(a, b, c, d), ragged=[("i", "int64", t), ("s", "string", t),
                                            ("no", "float32", t)],
       rows_ragged=[("li", "int64", t), ("lf", "float32", t), ("ls", "string", t),
                    ("no", "int64", t)])
    v2(f"ragged scalar {t}", one(a), ragged=[("i", "int64", t)],
       rows_ragged=[("li", "int64", t)], skip=[1, 3])
    v2(f"ragged no examples {t}", S(), ragged=[("i", "int64", t)],
       rows_ragged=[("li", "int64", t)])
v2("everything at once", S(a, b), context[:1], [F], lists[:1], [LF],
   ragged=[("s", "string", "int32")], rows_ragged=[("ls", "string", "int64")])
v2("a key sparse and ragged", S(a), [("i", "int64")],
   ragged=[("i", "int64", "int32")])
v2("a list dense and ragged", S(a), rows_dense=[LF],
   rows_ragged=[("lf", "float32", "int32")])
v2("ragged, other type", S(a), ragged=[("i", "string", "int32")])
v2("ragged list, other type", S(a), rows_ragged=[("li", "string", "int32")])

single("context sparse", one(a), context)
single("context sparse, none there", one(d), context)
single("context sparse, no type", one(c), context)
single("context dense", one(a), [], [F])
single("context dense, default", one(d), [], [F_OR, S_OR])
single("context dense, matrix", one(a), [], [F_BOX])
single("context dense is missing", one(d), [], [F], names="the name")
single("context dense, other count", one(b), [], [("i", "int64", [3], L([1, 2, 3]))])
single("context dense, other type", one(a), [], [("i", "float32", [3], f32([]))])
single("context dense of no type", one(c), [], [("s", "string", [1], S("x"))])
single("context dense, shape unknown", one(a), [],
       [("f", "float32", [None], f32([]))])
single("context dense, no elements", one(c), [], [("i", "int64", [0], L([]))])
single("context sparse, other type", one(a), [("i", "string")])
single("default of another shape", one(a), [], [("f", "float32", [2], f32([1]))])
for name, data in dict(a=a, b=b, c=c, d=d).items():
    single(f"lists sparse {name}", one(data), [], [], lists)
single("lists sparse, other type", one(a), [], [], [("lf", "int64")])
single("lists dense", one(a), [], [], [], [LF, LS])
single("lists dense, matrices", one(a), [], [], [], [LF_BOX])
single("lists dense, no rows", one(c), [], [], [], [LF_BOX])
single("lists dense is missing", one(d), [], [], [], [LF])
single("lists dense may be missing", one(d), [], [], [], [LF, LS], ["lf", "ls"])
single("lists dense, rows differ", one(a), [], [], [], [LI])
single("lists dense, a row of no type", one(c), [], [], [], [("li", "int64", [1])])
single("lists dense, rows of nothing", one(example(li=[[int], [int]])), [], [], [],
       [("li", "int64", [0])])
single("lists dense, other type", one(a), [], [], [], [("lf", "int64", [2])])
single("all of it", one(a), context[:2], [F, S_OR], lists[:2], [LF, LS])
single("twice in one message", one(a + b), context[:2], [F], lists[:2], [LF])
single("a key in all kinds", one(a), [("f", "float32")], [F], [("lf", "float32")],
       [LF])
single("empty bytes", one(b""), context[:2], [F_OR], lists[:2], [LF], ["lf"])
single("vector", S(a), context)
single("damaged", one(b"\x0a\x05ab"), context)
single("cut", one(a[:-3]), context, names="the name")
single("keys are vectors", one(a), context, keys=S)
single("names are a vector", one(a), context, names=S("a", "b"))
single("nothing wanted", one(a))
cases.write()
