"""Variables of both kinds and the ops that change them: variables.graphs.

    python oracle/graphs_variables.py
"""
from graph_writer import Graphs, np, order, tf

raw = tf.raw_ops
graphs = Graphs("variables")
NUMBERS = ["float32", "float64", "float16", "bfloat16", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
           "complex64", "complex128"]
EVERY = NUMBERS + ["bool", "string", "qint8", "quint8", "qint16", "quint16", "qint32"]
I, L = np.int32, np.int64


def numbers(dtype, shape=(4, 3), first=1):
    n = int(np.prod(shape))
    if dtype == "string":
        return np.array([b"word %d" % (i + first) for i in range(n)], object).reshape(shape)
    if dtype == "bool":
        return (np.arange(n) % 3 == 0).reshape(shape)
    x = (np.arange(n) * 7 % 11 + first).reshape(shape)
    if dtype.startswith("complex"):
        x = x + 1j * np.flip(x)
    return x.astype(tf.as_dtype(dtype).as_numpy_dtype)


# ---- Resource variables ----


def resource(x, shape=None, **more):
    return raw.VarHandleOp(dtype=x.dtype, shape=shape, **more)


def put(v, x):
    return lambda: raw.AssignVariableOp(resource=v, value=x)


def read(v, x):
    return lambda: raw.ReadVariableOp(resource=v, dtype=x.dtype)


def changed(x, *steps):
    """The variable's values after it was x and each step was done."""
    v = resource(x)
    return order(put(v, x), *(lambda s=s: s(v) for s in steps), read(v, x))


for t in EVERY:
    if t[0] == "q" or t[:2] == "qu":
        continue
    graphs.chain(f"VarHandleOp {t}", [numbers(t), numbers(t, (2,), 5)], lambda x, y: (lambda v: order(
        lambda: raw.VarIsInitializedOp(resource=v), put(v, x), read(v, x), lambda: raw.VarIsInitializedOp(resource=v),
        put(v, y), read(v, x), lambda: raw.VariableShape(input=v)))(resource(x)), optional=True)
    for out in ("int32", "int64"):
        graphs.chain(f"VariableShape {t} {out}", [numbers(t)], lambda x: (lambda v: order(
            put(v, x), lambda: raw.VariableShape(input=v, out_type=out)))(resource(x)), optional=True)
    graphs.chain(f"DisableCopyOnRead {t}", [numbers(t)], lambda x: (lambda v: order(
        put(v, x), lambda: raw.DisableCopyOnRead(resource=v), read(v, x)))(resource(x)), optional=True)
    for op in (raw.AssignAddVariableOp, raw.AssignSubVariableOp):
        graphs.chain(f"{op.__name__} {t}", [numbers(t), numbers(t, first=0)],
                     lambda x, y: changed(x, lambda v: op(resource=v, value=y)), optional=True)
x = numbers("float32")
graphs.chain("VariableShape of a scalar", [np.float32(2)], lambda x: (lambda v: order(
    put(v, x), lambda: raw.VariableShape(input=v)))(resource(x)))
graphs.chain("VariableShape without a value", [x], lambda x: raw.VariableShape(input=resource(x)))
graphs.chain("VarIsInitializedOp of nothing", [x[:0]], lambda x: (lambda v: order(
    lambda: raw.VarIsInitializedOp(resource=v), put(v, x), lambda: raw.VarIsInitializedOp(resource=v), read(v, x)))(resource(x)))
graphs.chain("ReadVariableOp without a value", [x], lambda x: read(resource(x), x)())
graphs.chain("DisableCopyOnRead without a value", [x], lambda x: order(lambda: raw.DisableCopyOnRead(resource=resource(x)), lambda: x))
graphs.chain("DisableCopyOnRead of a scalar", [np.int32(3)], lambda x: changed(
    x, lambda v: raw.DisableCopyOnRead(resource=v), lambda v: raw.AssignAddVariableOp(resource=v, value=x)))
graphs.chain("AssignVariableOp of another shape", [x], lambda x: (lambda v: order(
    lambda: raw.AssignVariableOp(resource=v, value=x, validate_shape=True), read(v, x)))(resource(x, [4, 4])))
graphs.chain("AssignAddVariableOp of another shape", [x, x[:1]], lambda x, y: changed(
    x, lambda v: raw.AssignAddVariableOp(resource=v, value=y)))
graphs.chain("AssignAddVariableOp without a value", [x], lambda x: order(
    lambda: raw.AssignAddVariableOp(resource=resource(x), value=x), lambda: x))
graphs.chain("two handles of one name", [x], lambda x: (lambda a, b: order(put(a, x), read(b, x)))(
    resource(x, shared_name="n"), resource(x, shared_name="n")))

# ---- Rows of them ----

for t in EVERY:
    if t[:1] == "q":
        continue
    for kind in (I, L):
        graphs.chain(f"ResourceGather {t} {np.dtype(kind).name}", [numbers(t), kind([[3, 0], [1, 1]])], lambda x, i: (
            lambda v: order(put(v, x), lambda: raw.ResourceGather(resource=v, indices=i, dtype=x.dtype)))(resource(x)),
            optional=True)
        graphs.chain(f"ResourceGatherNd {t} {np.dtype(kind).name}", [numbers(t), kind([[3, 0], [1, 1]])], lambda x, i: (
            lambda v: order(put(v, x), lambda: raw.ResourceGatherNd(resource=v, indices=i, dtype=x.dtype)))(resource(x)),
            optional=True)
        for word in ["Add", "Sub", "Mul", "Div", "Min", "Max", "Update"]:
            op = getattr(raw, f"ResourceScatter{word}")
            for y, what in ((numbers(t, (2, 3), 2), "rows"), (numbers(t, (1,), 2)[0], "a scalar")):
                graphs.chain(f"ResourceScatter{word} {t} {np.dtype(kind).name} {what}", [numbers(t), kind([2, 0]), y],
                             lambda x, i, y: changed(x, lambda v: op(resource=v, indices=i, updates=y)), optional=True)
        for word in ["Update", "Add", "Sub", "Min", "Max"]:
            op = getattr(raw, f"ResourceScatterNd{word}")
            graphs.chain(f"ResourceScatterNd{word} {t} {np.dtype(kind).name}", [numbers(t), kind([[2, 1], [0, 0]]), numbers(t, (2,), 4)],
                         lambda x, i, y: changed(x, lambda v: op(ref=v, indices=i, updates=y)), optional=True)
        graphs.chain(f"ResourceStridedSliceAssign {t} {np.dtype(kind).name}", [numbers(t), kind([1, 0]), kind([4, 3]), kind([2, 1]), numbers(t, (2, 3), 9)],
                     lambda x, b, e, s, y: changed(x, lambda v: raw.ResourceStridedSliceAssign(
                         ref=v, begin=b, end=e, strides=s, value=y)), optional=True)
for i, b in [(I([[0, 1], [2, 0]]), 0), (I([[0], [1]]), 1), (I([]), 0), (I(2), 0), (I([4]), 0), (I([-1]), 0)]:
    graphs.chain(f"ResourceGather {i.tolist()} batch {b}", [numbers("float32", (2, 3)), i], lambda x, i: (lambda v: order(
        put(v, x), lambda: raw.ResourceGather(resource=v, indices=i, dtype=x.dtype, batch_dims=b)))(resource(x)))
for i in [I([[1]]), I([[]]), np.zeros((0, 2), I), I([[4, 0]]), I([[0, -1]]), I([1, 2]), I([[0, 0, 0]])]:
    graphs.chain(f"ResourceGatherNd {i.tolist()}", [x, i], lambda x, i: (lambda v: order(
        put(v, x), lambda: raw.ResourceGatherNd(resource=v, indices=i, dtype=x.dtype)))(resource(x)))
for word in ["Add", "Sub", "Mul", "Div", "Min", "Max", "Update"]:
    op = getattr(raw, f"ResourceScatter{word}")
    for i, y, what in [(I([1, 1]), x[:2], "twice"), (I([]), x[:0], "nothing"), (I([4]), x[:1], "behind the end"),
                       (I([-1]), x[:1], "before the start"), (I([0]), x[:2], "too many rows"), (I(1), x[0], "one row")]:
        graphs.chain(f"ResourceScatter{word} {what}", [x, i, y], lambda x, i, y: changed(x, lambda v: op(
            resource=v, indices=i, updates=y)))
for word in ["Update", "Add", "Sub", "Min", "Max"]:
    op = getattr(raw, f"ResourceScatterNd{word}")
    for i, y, what in [(I([[1], [1]]), x[:2], "twice"), (np.zeros((0, 1), I), x[:0], "nothing"), (I([[4]]), x[:1], "behind the end"),
                       (I([[0]]), x[:2], "too many rows"), (I([[0, 0, 0]]), x[0, :1], "too deep")]:
        graphs.chain(f"ResourceScatterNd{word} {what}", [x, i, y], lambda x, i, y: changed(x, lambda v: op(
            ref=v, indices=i, updates=y)))
graphs.chain("ResourceScatterDiv by zero", [numbers("int32"), I([0]), np.zeros((1, 3), I)], lambda x, i, y: changed(
    x, lambda v: raw.ResourceScatterDiv(resource=v, indices=i, updates=y)))
for t in (I, L):
    graphs.chain(f"ResourceCountUpTo {np.dtype(t).name}", [t(3)], lambda x: (lambda v: order(
        put(v, x), lambda: raw.ResourceCountUpTo(resource=v, limit=5, T=x.dtype),
        lambda: raw.ResourceCountUpTo(resource=v, limit=5, T=x.dtype), read(v, x)))(resource(x)))
    graphs.chain(f"ResourceCountUpTo {np.dtype(t).name} is there", [t(5)], lambda x: (lambda v: order(
        put(v, x), lambda: raw.ResourceCountUpTo(resource=v, limit=5, T=x.dtype)))(resource(x)))

# ---- Reference variables ----


def reference(x, shape=None, make=raw.VariableV2, **more):
    return make(dtype=x.dtype, shape=x.shape if shape is None else shape, **more)


def known(x):
    """The shape that a case's input has: reference variables must know theirs."""
    return [list(np.shape(x))]


OLD = dict(rename={"VariableV2": "Variable"})
for t in EVERY:
    x, y = numbers(t), numbers(t, first=5)
    for more, name in (({}, "VariableV2"), (OLD, "Variable")):
        graphs.chain(f"{name} {t}", [x, y], lambda x, y: (lambda v: order(
            lambda: raw.IsVariableInitialized(ref=v), lambda: raw.Assign(ref=v, value=x), lambda: raw.Identity(input=v),
            lambda: raw.IsVariableInitialized(ref=v), lambda: raw.Assign(ref=v, value=y), lambda: raw.Identity(input=v)))(
                reference(x, [4, 3])), optional=True, **more)
    graphs.chain(f"TemporaryVariable {t}", [x], lambda x: (lambda v: order(lambda: raw.Assign(ref=v, value=x), lambda:
        raw.DestroyTemporaryVariable(ref=v, var_name="tmp")))(
            raw.TemporaryVariable(shape=[4, 3], dtype=x.dtype, var_name="tmp")), optional=True)
    for op in (raw.AssignAdd, raw.AssignSub):
        graphs.chain(f"{op.__name__} {t}", [x, numbers(t, first=0)], lambda x, y: (lambda v: order(
            lambda: raw.Assign(ref=v, value=x), lambda: op(ref=v, value=y), lambda: raw.Identity(input=v)))(
                reference(x, [4, 3])), optional=True)
    for kind in (I, L):
        def on_reference(step):
            return lambda x, i, y: (lambda v: order(lambda: raw.Assign(ref=v, value=x), lambda: step(v, i, y),
                                                    lambda: raw.Identity(input=v)))(reference(x, [4, 3]))
        for word in ["Add", "Sub", "Mul", "Div", "Min", "Max", "Update"]:
            op = getattr(raw, f"Scatter{word}")
            graphs.chain(f"Scatter{word} {t} {np.dtype(kind).name}", [x, kind([2, 0]), numbers(t, (2, 3), 2)],
                         on_reference(lambda v, i, y: op(ref=v, indices=i, updates=y)), optional=True)
        for word in ["Update", "Add", "Sub", "Min", "Max"]:
            op = getattr(raw, f"ScatterNd{word}")
            graphs.chain(f"ScatterNd{word} {t} {np.dtype(kind).name}", [x, kind([[2, 1], [0, 0]]), numbers(t, (2,), 4)],
                         on_reference(lambda v, i, y: op(ref=v, indices=i, updates=y)), optional=True)
        graphs.chain(f"StridedSliceAssign {t} {np.dtype(kind).name}", [x, kind([1, 0]), numbers(t, (2, 3), 9)],
                     on_reference(lambda v, i, y: raw.StridedSliceAssign(
                         ref=v, begin=i, end=kind([4, 3]), strides=kind([2, 1]), value=y)), optional=True)
x = numbers("float32")
edges = [(I([1, 1]), x[:2], "twice"), (I([]), x[:0], "nothing"), (I([4]), x[:1], "behind the end"),
         (I([0]), x[:2], "too many rows"), (I(1), x[0], "one row"), (I([2, 0]), np.float32(3), "a scalar")]
on_rows = lambda op: lambda x, i, y: (lambda v: order(
    lambda: raw.Assign(ref=v, value=x), lambda: op(ref=v, indices=i, updates=y), lambda: raw.Identity(input=v)))(
        reference(x, [4, 3]))
for word in ["Add", "Sub", "Mul", "Div", "Min", "Max", "Update"]:
    for i, y, what in edges:
        graphs.chain(f"Scatter{word} {what}", [x, i, y], on_rows(getattr(raw, f"Scatter{word}")))
for word in ["Update", "Add", "Sub", "Min", "Max"]:
    for i, y, what in [(I([[1], [1]]), x[:2], "twice"), (np.zeros((0, 1), I), x[:0], "nothing"), (I([[4]]), x[:1], "behind the end")]:
        graphs.chain(f"ScatterNd{word} {what}", [x, i, y], on_rows(getattr(raw, f"ScatterNd{word}")))
graphs.chain("Assign of another shape", [x, x[:2]], lambda x, y: (lambda v: order(
    lambda: raw.Assign(ref=v, value=x), lambda: raw.Assign(ref=v, value=y, validate_shape=False), lambda: raw.Identity(input=v)))(
        reference(x, [4, 3])))
graphs.chain("Assign of another shape, validated", [x], lambda x: (lambda v: order(
    lambda: raw.Assign(ref=v, value=x), lambda: raw.Identity(input=v)))(reference(x, [2, 3])))
graphs.chain("Assign to a variable of nothing", [x[:0]], lambda x: (lambda v: order(
    lambda: raw.Assign(ref=v, value=x), lambda: raw.Identity(input=v), lambda: raw.IsVariableInitialized(ref=v)))(
        reference(x, [0, 3])))
graphs.chain("AssignAdd without a value", [x], lambda x: raw.AssignAdd(ref=reference(x, [4, 3]), value=x))
graphs.chain("AssignAdd of another shape", [x, x[:1]], lambda x, y: (lambda v: order(
    lambda: raw.Assign(ref=v, value=x), lambda: raw.AssignAdd(ref=v, value=y), lambda: raw.Identity(input=v)))(reference(x, [4, 3])))
graphs.chain("Variable without a value", [], lambda: raw.Identity(input=raw.VariableV2(dtype=tf.int32, shape=[])), **OLD)
graphs.chain("VariableV2 without a value", [], lambda: raw.Identity(input=raw.VariableV2(dtype=tf.int32, shape=[])))
graphs.chain("VariableV2 of a scalar", [np.float64("nan")], lambda x: (lambda v: order(
    lambda: raw.Assign(ref=v, value=x), lambda: raw.Identity(input=v)))(reference(x, [])))
graphs.chain("Variable of a scalar", [np.float64("nan")], lambda x: (lambda v: order(
    lambda: raw.Assign(ref=v, value=x), lambda: raw.Identity(input=v)))(reference(x, [])), **OLD)
graphs.chain("two references of one name", [x], lambda x: (lambda a, b: order(
    lambda: raw.Assign(ref=a, value=x), lambda: raw.Identity(input=b)))(
        reference(x, [4, 3], shared_name="n"), reference(x, [4, 3], shared_name="n")))
for t in (I, L):
    graphs.chain(f"CountUpTo {np.dtype(t).name}", [t(3)], lambda x: (lambda v: order(
        lambda: raw.Assign(ref=v, value=x), lambda: raw.CountUpTo(ref=v, limit=5), lambda: raw.CountUpTo(ref=v, limit=5),
        lambda: raw.Identity(input=v)))(reference(x, [])))
    graphs.chain(f"CountUpTo {np.dtype(t).name} is there", [t(5)], lambda x: (lambda v: order(
        lambda: raw.Assign(ref=v, value=x), lambda: raw.CountUpTo(ref=v, limit=5)))(reference(x, [])))
graphs.write()
