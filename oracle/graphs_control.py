"""Branches, loops, calls and what else the runtime does itself: control.graphs.

    python oracle/graphs_control.py
"""
from graph_writer import Graphs, np, order, tf
from tensorflow.core.framework import attr_value_pb2

raw = tf.raw_ops
graphs = Graphs("control")
F = np.array([1.5, -2, 3], np.float32)
EMPTY = np.zeros((0, 3), np.float32)
WORDS = np.array([b"a", b"", b"long enough to be elsewhere"], object)
NAMES = {getattr(raw, n): n for n in ["PartitionedCall", "StatefulPartitionedCall", "If", "StatelessIf", "Case",
                                     "StatelessCase", "While", "StatelessWhile"]}
EVERY = ["float32", "float64", "float16", "bfloat16", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32",
         "uint64", "bool", "complex64", "complex128", "string"]


def value(dtype):
    if dtype == "string":
        return WORDS
    return np.array([1, 0, 3]).astype(tf.as_dtype(dtype).as_numpy_dtype)


def fn(f, *like):
    """A function of tensors of these types, of any shape."""
    return tf.function(f, autograph=False).get_concrete_function(*(tf.TensorSpec(None, t) for t in like))


# ---- Calls ----

for op in [raw.PartitionedCall, raw.StatefulPartitionedCall]:
    name = NAMES[op]
    for t in EVERY:
        graphs.chain(f"{name} {t}", [value(t), value("int32")], lambda x, y: list(op(
            args=[x, y], Tout=[y.dtype, x.dtype], f=fn(lambda a, b: (b, tf.identity(a)), x.dtype, y.dtype))))
    graphs.chain(f"{name} of nothing", [F], lambda x: [x, *op(args=[], Tout=[tf.float32], f=fn(lambda: tf.constant([2., 3.])))])
    graphs.chain(f"{name} on an empty tensor", [EMPTY], lambda x: op(
        args=[x], Tout=[tf.float32], f=fn(lambda a: tf.reduce_sum(a, 0), x.dtype)))
    graphs.chain(f"{name} that fails", [F], lambda x: op(
        args=[x], Tout=[tf.float32], f=fn(lambda a: raw.Reshape(tensor=a, shape=[2]), x.dtype)))
    graphs.chain(f"{name} in a call", [F], lambda x: op(args=[x], Tout=[tf.float32], f=fn(lambda a: op(
        args=[a], Tout=[tf.float32], f=fn(lambda b: b * 2, tf.float32))[0] + 1, x.dtype)))
    graphs.chain(f"{name} twice", [F], lambda x: (lambda f: [op(args=[x], Tout=[tf.float32], f=f)[0],
                                                             op(args=[x * 2], Tout=[tf.float32], f=f)[0]])(
        fn(lambda b: b * 2, tf.float32)))

# ---- If and Case ----

CONDITIONS = [(True, "true"), (False, "false"), (np.int32(-3), "-3"), (np.float32(0), "0.0"), (np.array(b"", object), "no text"),
              (np.array(b"x", object), "text"), (np.array([1], np.int32), "one element"), (np.zeros(0, bool), "no element"),
              (np.int64(1 << 40), "2^40"), (np.float64("nan"), "NaN"), (np.uint8(3), "uint8"),
              (np.zeros((1, 2), bool), "a matrix"), (np.int8(0), "int8 0"), (np.int16(0), "int16 0")]
for op in [raw.If, raw.StatelessIf]:
    for cond, what in CONDITIONS:
        graphs.chain(f"{NAMES[op]} on {what}", [cond, F], lambda p, x: op(
            cond=p, input=[x], Tout=[tf.float32], then_branch=fn(lambda a: a + 1, tf.float32),
            else_branch=fn(lambda a: a * 10, tf.float32)))
    for t in EVERY:
        graphs.chain(f"{NAMES[op]} {t}", [False, value(t)], lambda p, x: op(
            cond=p, input=[x, p], Tout=[x.dtype, tf.int32], then_branch=fn(lambda a, b: (a, tf.constant(1)), x.dtype, tf.bool),
            else_branch=fn(lambda a, b: (a[1:], tf.constant(2)), x.dtype, tf.bool)))
    graphs.chain(f"{NAMES[op]} leaves the failing branch", [True, F], lambda p, x: op(
        cond=p, input=[x], Tout=[tf.float32], then_branch=fn(lambda a: a, tf.float32),
        else_branch=fn(lambda a: raw.Reshape(tensor=a, shape=[2]), tf.float32)))
    graphs.chain(f"{NAMES[op]} of empty tensors", [True, EMPTY], lambda p, x: op(
        cond=p, input=[x], Tout=[tf.float32], then_branch=fn(lambda a: tf.concat([a, a], 0), tf.float32),
        else_branch=fn(lambda a: a, tf.float32)))
for op in [raw.Case, raw.StatelessCase]:
    for i in [0, 1, 2, 3, -1, 2**31 - 1]:
        graphs.chain(f"{NAMES[op]} {i}", [np.int32(i), F], lambda i, x: op(
            branch_index=i, input=[x], Tout=[tf.float32],
            branches=[fn(lambda a, k=k: a * k, tf.float32) for k in (1, 10, 100)]))
    for t in EVERY:
        graphs.chain(f"{NAMES[op]} {t}", [np.int32(1), value(t)], lambda i, x: op(
            branch_index=i, input=[x], Tout=[x.dtype], branches=[fn(lambda a: a, x.dtype), fn(lambda a: a[:1], x.dtype)]))
    graphs.chain(f"{NAMES[op]} by a vector", [np.array([1, 0], np.int32), F], lambda i, x: op(
        branch_index=i, input=[x], Tout=[tf.float32],
        branches=[fn(lambda a: a, tf.float32), fn(lambda a: -a, tf.float32)]))
    graphs.chain(f"{NAMES[op]} of one", [np.int32(5), EMPTY], lambda i, x: op(
        branch_index=i, input=[x], Tout=[tf.float32], branches=[fn(lambda a: a, tf.float32)]))



def fake(t, shape):
    """The branch that is taken has no second output of its own."""
    def build(p, x):
        other = fn(lambda a: (a, tf.zeros(shape, t)), tf.float32)
        return raw.StatelessIf(cond=p, input=[x], Tout=[tf.float32, t], else_branch=other, then_branch=fn(
            lambda a: (a, raw.FakeParam(dtype=t, shape=shape)), tf.float32))[0]
    return build


for t, shape in [("float32", []), ("int64", [2]), ("string", [0]), ("bool", [2, 0])]:
    graphs.chain(f"FakeParam {t} {shape}", [True, F], fake(t, shape))

# ---- While ----

for op in [raw.While, raw.StatelessWhile]:
    def loop(i, x, body, limit=4, op=op):
        return op(input=[i, x], cond=fn(lambda i, x: i < limit, i.dtype, x.dtype), body=fn(body, i.dtype, x.dtype))
    name = NAMES[op]
    graphs.chain(f"{name} goes round", [np.int32(0), F], lambda i, x: loop(i, x, lambda i, x: (i + 1, x * 2)))
    graphs.chain(f"{name} never goes round", [np.int64(9), F], lambda i, x: loop(i, x, lambda i, x: (i + 1, x * 2)))
    graphs.chain(f"{name} grows", [np.int32(0), EMPTY],
                 lambda i, x: loop(i, x, lambda i, x: (i + 1, tf.concat([x, tf.ones([1, 3])], 0))))
    graphs.chain(f"{name} fails inside", [np.int32(0), F],
                 lambda i, x: loop(i, x, lambda i, x: (i + 1, raw.GatherV2(params=x, indices=[i], axis=0))))
    for t in EVERY:
        graphs.chain(f"{name} {t}", [np.int32(0), value(t)], lambda i, x: loop(i, x, lambda i, x: (i + 1, tf.reverse(x, [0])), 3))
    for cond, what in CONDITIONS[:6]:
        def until(c, x, op=op):
            return op(input=[c, x], cond=fn(lambda c, x: c, c.dtype, tf.float32),
                      body=fn(lambda c, x: (tf.zeros_like(c), x + 1), c.dtype, tf.float32))
        graphs.chain(f"{name} while {what}", [cond, F], until)
    graphs.chain(f"{name} in a loop", [np.int32(0), F], lambda i, x: loop(i, x, lambda i, x: (i + 1, loop(
        tf.constant(0), x, lambda j, y: (j + 1, y + 1), 2)[1])))

# ---- Frames of TensorFlow 1 ----


def frame(i, x, body, limit=3, enter=raw.Enter, exit=raw.Exit, merge=raw.Merge, switch=raw.Switch, again=raw.NextIteration,
          fixed=None, name="frame"):
    """i and x go round; `fixed` is the same in every round."""
    into = [enter(data=v, frame_name=name) for v in (i, x)]
    stop = raw.Enter(data=tf.constant(limit, i.dtype.base_dtype), frame_name=name, is_constant=True)
    more = [raw.Enter(data=fixed, frame_name=name, is_constant=True)] if fixed is not None else []
    with tf.control_dependencies(None):  # an outer frame's
        met = [merge(inputs=[v, v]) for v in into]  # the second is replaced below
        go = raw.LoopCond(input=raw.Less(x=met[0].output, y=stop))
        ways = [switch(data=m.output, pred=go) for m in met]
        inside = [raw.Identity(input=w.output_true) for w in ways]
        with tf.control_dependencies(inside[:1]):  # constants belong to the frame
            results = body(*inside, *more)
        for m, v in zip(met, results):
            m.output.op._update_input(1, again(data=v))
        return [exit(data=w.output_false) for w in ways]


double = lambda i, x: (i + 1, x * 2)
graphs.chain("a frame goes round", [np.int32(0), F], lambda i, x: frame(i, x, double))
graphs.chain("a frame never goes round", [np.int32(7), EMPTY], lambda i, x: frame(i, x, double))
graphs.chain("a frame with what is fixed", [np.int64(0), F, np.float32(3)],
             lambda i, x, c: frame(i, x, lambda i, x, c: (i + 1, x + c), fixed=c))
graphs.chain("a frame grows", [np.int32(0), EMPTY],
             lambda i, x: frame(i, x, lambda i, x: (i + 1, raw.ConcatV2(values=[x, raw.Fill(dims=[1, 3], value=1.0)], axis=0))))
graphs.chain("a frame in a frame", [np.int32(0), F], lambda i, x: frame(
    i, x, lambda i, x: (i + 1, frame(raw.Mul(x=i, y=0), x, double, limit=2, name="inner")[1])))
graphs.chain("a frame fails inside", [np.int32(0), F],
             lambda i, x: frame(i, x, lambda i, x: (i + 1, raw.GatherV2(params=x, indices=raw.Pack(values=[i]), axis=0))))
for t in EVERY:
    graphs.chain(f"a frame of {t}", [np.int32(0), value(t)],
                 lambda i, x: frame(i, x, lambda i, x: (i + 1, raw.ReverseV2(tensor=x, axis=[0]))))


def reference(x):
    v = raw.VariableV2(shape=x.shape, dtype=x.dtype)
    return raw.Assign(ref=v, value=x, validate_shape=False)


def by_reference(x, cond):
    """References pass a frame that is left at once."""
    v = reference(x)
    into = raw.RefEnter(data=v, frame_name="refs")
    met = raw.RefMerge(inputs=[into, into])
    go = raw.LoopCond(input=raw.Enter(data=cond, frame_name="refs"))
    way = raw.RefSwitch(data=met.output, pred=go)
    met.output.op._update_input(1, raw.RefNextIteration(data=way.output_true))
    return raw.RefExit(data=way.output_false)


for t in EVERY:
    graphs.chain(f"references of {t}", [value(t), False], by_reference)
    graphs.chain(f"RefIdentity {t}", [value(t)], lambda x: raw.RefIdentity(input=reference(x)))
    for p in (False, True):
        graphs.chain(f"RefSwitch {t} {p}", [value(t), p], lambda x, p: (lambda s: [*raw.RefMerge(
            inputs=[raw.RefIdentity(input=s.output_false), raw.RefIdentity(input=s.output_true)])])(
                raw.RefSwitch(data=reference(x), pred=p)))
    graphs.chain(f"RefSelect {t}", [value(t), np.int32(1)],
                 lambda x, i: raw.RefSelect(index=i, inputs=[reference(x), reference(x[:2])]))
graphs.chain("references of nothing", [EMPTY, False], by_reference)
graphs.chain("RefMerge of nothing", [EMPTY], lambda x: list(raw.RefMerge(inputs=[reference(x)])))
for i in (-1, 2):
    graphs.chain(f"RefSelect {i}", [F, np.int32(i)], lambda x, i: raw.RefSelect(index=i, inputs=[reference(x), reference(x)]))
graphs.chain("RefSwitch by a vector", [F, np.array([True])], lambda x, p: raw.RefSwitch(data=reference(x), pred=p)[1])
graphs.chain("RefIdentity without a value", [], lambda: raw.RefIdentity(input=raw.VariableV2(shape=[2], dtype=tf.float32)))
graphs.chain("RefIdentity of nothing", [EMPTY], lambda x: raw.RefIdentity(input=reference(x)))

# ---- Switch, Merge ----

for t in EVERY:
    for p in (False, True):
        graphs.chain(f"Switch {t} {p}", [value(t), p], lambda x, p: (lambda s: [*raw.Merge(inputs=[
            raw.Identity(input=s.output_false), raw.ReverseV2(tensor=s.output_true, axis=[0])])])(raw.Switch(data=x, pred=p)))
graphs.chain("Switch by a vector", [F, np.array([True, False])], lambda x, p: raw.Switch(data=x, pred=p)[1])
graphs.chain("Switch of nothing", [EMPTY, True], lambda x, p: raw.Switch(data=x, pred=p)[1])
graphs.chain("the side that is dead", [F, True], lambda x, p: raw.Switch(data=x, pred=p)[0])
graphs.chain("Merge of the dead", [F, True], lambda x, p: raw.Merge(inputs=[raw.Switch(data=x, pred=p)[0]])[0])
graphs.chain("Merge takes the one that lives", [F, EMPTY, False], lambda x, y, p: list(
    raw.Merge(inputs=[raw.Switch(data=x, pred=p)[1], raw.Switch(data=y, pred=p)[0]])))


def switch_n(x, i):
    """_SwitchN has no word of its own in Python."""
    ways = tf.compat.v1.get_default_graph().create_op(
        "_SwitchN", [x, i], [x.dtype] * 3, attrs={
            "num_outs": attr_value_pb2.AttrValue(i=3), "T": attr_value_pb2.AttrValue(type=x.dtype.as_datatype_enum)}, name="switch_n").outputs
    met = raw.Merge(inputs=[raw.Identity(input=w) for w in ways])
    return list(met)


for i in (0, 1, 2, 3, -1):
    graphs.chain(f"_SwitchN {i}", [F, np.int32(i)], switch_n)
for t in EVERY:
    graphs.chain(f"_SwitchN {t}", [value(t), np.int32(1)], switch_n)
graphs.chain("_SwitchN of nothing", [EMPTY, np.int32(0)], switch_n)
graphs.chain("_SwitchN by a vector", [F, np.array([1], np.int32)], switch_n)

# ---- Loops without frames: what stands in for control ----


def behind(what):
    def build(x):
        with tf.control_dependencies([what(x)]):
            return raw.Identity(input=x)
    return build


for t in ["float32", "string", "bool"]:
    graphs.chain(f"NoOp {t}", [value(t)], behind(lambda x: raw.NoOp()))
    graphs.chain(f"ControlTrigger {t}", [value(t)], behind(lambda x: raw.ControlTrigger()))
graphs.chain("NoOp behind an empty tensor", [EMPTY], behind(lambda x: order(lambda: x, lambda: raw.NoOp())[0]))
def behind_the_dead(make):
    def build(x, p):
        with tf.control_dependencies([raw.Identity(input=raw.Switch(data=x, pred=p)[0])]):
            made = make()
        with tf.control_dependencies([made]):
            return raw.Neg(x=x)
    return build


graphs.chain("ControlTrigger behind an empty tensor", [EMPTY], behind(lambda x: order(lambda: x, lambda: raw.ControlTrigger())[0]))
graphs.chain("ControlTrigger runs behind the dead", [F, True], behind_the_dead(raw.ControlTrigger))
graphs.chain("NoOp does not run behind the dead", [F, True], behind_the_dead(raw.NoOp))

for op in [raw.LoopCond]:
    for p in (True, False):
        graphs.chain(f"LoopCond alone {p}", [p], lambda p: op(input=p))
    graphs.chain("LoopCond of a vector", [np.array([True, False])], lambda p: op(input=p))

for cond in (True, False, np.array([True]), np.zeros(0, bool)):
    graphs.chain(f"Assert {cond}", [F, cond], lambda x, p: order(
        lambda: raw.Assert(condition=p, data=[x, "said"], summarize=2), lambda: raw.Neg(x=x)))
for t in EVERY:
    graphs.chain(f"Assert shows {t}", [value(t), True], lambda x, p: order(
        lambda: raw.Assert(condition=p, data=[x]), lambda: raw.Identity(input=x)))

for t in EVERY:
    if t in ("complex64", "complex128"):
        continue
    tried = [value(t), value(t)[:1], value(t)[:0], value(t)[0], value(t)[1]]
    if t in ("float16", "bfloat16", "uint16", "uint32", "uint64"):
        tried = tried[:3]  # TensorFlow refuses scalars of these, firn does not
    for n, v in enumerate(tried):
        graphs.chain(f"ToBool {t} {n}", [v], lambda x: raw.ToBool(input=x))

# ---- What a feed replaces ----

for t in EVERY:
    graphs.chain(f"PlaceholderWithDefault {t}", [value(t)], lambda x: [
        raw.PlaceholderWithDefault(input=x, shape=None), raw.PlaceholderWithDefault(input=raw.Shape(input=x), shape=[1])])
graphs.chain("PlaceholderWithDefault of nothing", [EMPTY], lambda x: raw.PlaceholderWithDefault(input=x, shape=[None, 3]))
OLD = dict(rename={"Placeholder": "PlaceholderV2"}, version=22)
graphs.chain("Placeholder without a feed", [], lambda: raw.Placeholder(dtype=tf.float32))
graphs.chain("PlaceholderV2 without a feed", [], lambda: raw.Placeholder(dtype=tf.float32, shape=[2]),
             **OLD)
for t in EVERY:
    graphs.chain(f"Placeholder {t}", [value(t)], lambda x: raw.Identity(input=x))
for t in ["float32", "int64", "string"]:
    graphs.chain(f"PlaceholderV2 {t}", [value(t)], lambda x: raw.Identity(input=x), shapes=[[3]], **OLD)
    graphs.chain(f"PlaceholderV2 {t} of nothing", [value(t)[:0]], lambda x: raw.Identity(input=x), shapes=[[0]], **OLD)

# ---- What only the run knows ----

for n, m in [(3, 2), (4, 2), (2, 3), (-1, 2), (0, 2)]:
    graphs.chain(f"Reshape to what is computed {n} {m}", [np.arange(6, dtype=np.float32), np.int32(n)], lambda x, n: tf.reduce_sum(
        raw.Reshape(tensor=x, shape=tf.stack([tf.constant(m), n])), 0), shapes=[[6], []])
graphs.chain("Reshape of a known tensor to what is computed", [np.int32(4)], lambda n: raw.Reshape(
    tensor=np.arange(6, dtype=np.float32), shape=tf.stack([n, 2])), shapes=[[]])
for start in ([0], [0, 0], []):
    def vector_loop(i):
        first = raw.Enter(data=i, frame_name="vectors")
        met = raw.Merge(inputs=[first, first])
        go = raw.LoopCond(input=raw.Less(x=met.output, y=raw.Enter(data=np.int32(3), frame_name="vectors", is_constant=True)))
        way = raw.Switch(data=met.output, pred=go)
        back = raw.NextIteration(data=raw.Add(x=way.output_true, y=raw.Enter(data=np.int32(1), frame_name="vectors", is_constant=True)))
        met.output.op._update_input(1, back)
        return raw.Exit(data=way.output_false)
    graphs.chain(f"a loop of frames by a vector {start}", [np.array(start, np.int32)], vector_loop)
for p in (True, False):
    graphs.chain(f"ControlTrigger behind a branch {p}", [F, p], behind_the_dead(raw.ControlTrigger))
    graphs.chain(f"ControlTrigger behind a constant branch {p}", [F], lambda x: behind_the_dead(raw.ControlTrigger)(x, tf.constant(p)))
graphs.chain("Case by a constant vector", [F], lambda x: raw.Case(branch_index=tf.constant([1]), input=[x], Tout=[tf.float32], branches=[
    fn(lambda a: a, tf.float32), fn(lambda a: -a, tf.float32)]))
graphs.write()
