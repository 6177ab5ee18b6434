"""Objects behind references, as graphs of TensorFlow 1 have them: writes references.cases.

Queues of both kinds, stacks, gradients of old tensor arrays, old checkpoints. Run it in
the root of the project: checkpoints are read from tests/golden.
"""
from chain_writer import Chains, np, tf

raw = tf.raw_ops
cases = Chains("references")
F, I, L = np.float32, np.int32, np.int64
nothing = np.zeros(0, I)

# ---- Queues ----

OLD = {op + "V2": op for op in [
    "FIFOQueue", "PaddingFIFOQueue", "PriorityQueue", "RandomShuffleQueue", "QueueEnqueue",
    "QueueEnqueueMany", "QueueDequeue", "QueueDequeueMany", "QueueDequeueUpTo", "QueueClose",
    "QueueSize"]}
OLD["QueueIsClosedV2"] = "QueueIsClosed"

put = lambda q, *x: raw.QueueEnqueueV2(handle=q, components=list(x))
put_many = lambda q, *x: raw.QueueEnqueueManyV2(handle=q, components=list(x))
take = lambda q, *x: raw.QueueDequeueV2(handle=q, component_types=[v.dtype for v in x])
close = lambda q, *x: raw.QueueCloseV2(handle=q)
size = lambda q, *x: raw.QueueSizeV2(handle=q)
is_closed = lambda q, *x: raw.QueueIsClosedV2(handle=q)


def take_many(n):
    return lambda q, *x: raw.QueueDequeueManyV2(handle=q, n=n, component_types=[v.dtype for v in x])


def take_up_to(n):
    return lambda q, *x: raw.QueueDequeueUpToV2(handle=q, n=n, component_types=[v.dtype for v in x])


def queue(name, make, inputs, *steps):
    """The steps one after the other, on queues of both kinds."""
    def build(*x):
        out, last = [], []
        handle = make(*x)
        for step in steps:
            with tf.control_dependencies(last):
                got = step(handle, *x)
            last = tf.nest.flatten(got)[:1]
            out += [] if isinstance(got, tf.Operation) else tf.nest.flatten(got)
        return out
    for kind, rename in (("resource", None), ("reference", OLD)):
        cases.chain(f"{name}, {kind}", inputs, build, rename=rename)


first_in = lambda *x: raw.FIFOQueueV2(component_types=[v.dtype for v in x], shapes=[[] for _ in x], capacity=9)
loose = lambda *x: raw.FIFOQueueV2(component_types=[v.dtype for v in x], shapes=[], capacity=9)
padded = lambda *x: raw.PaddingFIFOQueueV2(component_types=[v.dtype for v in x], shapes=[[None]], capacity=9)
urgent = lambda *x: raw.PriorityQueueV2(component_types=[v.dtype for v in x[1:]], shapes=[[]], capacity=9)
by_chance = lambda *x: raw.RandomShuffleQueueV2(
    component_types=[v.dtype for v in x], shapes=[[]], capacity=20, min_after_dequeue=1, seed=3, seed2=5)
three, words = I([4, 5, 6]), np.array([b"a", b"b", b"c"], object)
queue("first in", first_in, [three, words], size, put_many, take, size, take_many(2), size)
queue("first in, nothing", first_in, [nothing], put_many, size, take_up_to(0), is_closed, close, is_closed)
queue("first in, closed", first_in, [three], put_many, close, take_up_to(9), size)
queue("first in, closed and empty", first_in, [three], put_many, close, take_many(4))
queue("first in, put when closed", first_in, [I(3)], close, put, size)
queue("loose", loose, [I(3)], put, take, size)
queue("loose, many", loose, [three], put_many, take_many(2))
queue("padded", padded, [three], put, put, take_many(2), size)
queue("padded, nothing", padded, [nothing], put, put, take_many(2), take_many(0))
queue("padded, of a scalar", padded, [I(3)], put, take)
queue("urgent", urgent, [L([3, 1, 2]), words], put_many, take, take_many(2))
queue("urgent, nothing", urgent, [L([]), np.zeros(0, object)], put_many, size, is_closed)
queue("urgent, closed", urgent, [L(3), np.array(b"a", object)], put, close, take_up_to(2), is_closed, take)
queue("by chance", by_chance, [np.arange(9, dtype=I)], put_many, take_many(5), take, close, take_up_to(9))
queue("by chance, nothing", by_chance, [nothing], put_many, size, close, is_closed, take)
queue("by chance, one", by_chance, [I(3)], put, put, take, size)

# ---- Stacks ----


def stack(name, x, *steps, dtype=None):
    """Each step a push of i0, a pop or a closing; the pops are the answer."""
    dtype = dtype or tf.as_dtype(x.dtype if x.dtype != object else "string").name
    nodes, last = [("Stack", "h", [], dict(elem_type=dtype, stack_name="s"))], "i0"
    outputs = {}
    for n, step in enumerate(steps):
        op = {"push": "StackPush", "pop": "StackPop", "close": "StackClose"}[step]
        sources = ["h", "i0"] if step == "push" else ["h"]
        attrs = {"push": dict(T=tf.as_dtype(x.dtype if x.dtype != object else "string").name),
                 "pop": dict(elem_type=dtype), "close": {}}[step]
        nodes.append((op, f"n{n}", [*sources, "^" + last], attrs))
        last = f"n{n}"
        if step == "pop":
            outputs[last] = dtype
    nodes.append(("Const", "end", ["^" + last], dict(dtype="int32", value=I(1))))
    cases.old(f"Stack {name}", [x], nodes, {**outputs, "end": "int32"}, tf.version.GRAPH_DEF_VERSION)


for x in (F([1, 2]), F(3), np.zeros((0, 2), F), words, three, L([7]), np.array([True, False]),
          np.float64([np.nan, 1]), np.complex64([1j])):
    stack(f"of {x.dtype} {x.shape}", x, "push", "push", "pop", "pop", "close")
stack("is empty", F([1]), "push", "pop", "pop")
stack("is closed", F([1]), "push", "close", "pop")
stack("closed twice", F([1]), "close", "close")
stack("of another type", I([1]), "push", dtype="float32")

def then(op):
    with tf.control_dependencies([op]):
        return tf.constant(I(1))


def closed(n, again):
    handle = raw.StackV2(max_size=n, elem_type=tf.float32, stack_name="s")
    with tf.control_dependencies([raw.StackCloseV2(handle=handle)] if again else []):
        return then(raw.StackCloseV2(handle=handle))


for n in (I(-1), I(0), I(3)):
    for again in (False, True):
        cases.chain(f"StackCloseV2 {n} {again}", [n], lambda n, a=again: closed(n, a))

# ---- Gradients of old tensor arrays ----

for version, end in ((15, ""), (25, "V2")):
    def array(name, size, x, steps, outputs):
        nodes = [("TensorArray" + end, "h", ["i0"], dict(dtype="float32", clear_after_read=False)),
                 ("Const", "f0", [], dict(dtype="float32", value=F(0))),
                 ("TensorArrayWrite" + end, "f1", ["h", "i2", "i1", "f0"], dict(T="float32")),
                 ("TensorArrayGrad" + end, "g", ["h", "f1"], dict(source="s"))]
        cases.old(f"TensorArrayGrad{end} {name}", [I(size), x, I(1)], nodes + [
            (op + end, *rest) for op, *rest in steps], outputs, version)

    read = ("TensorArrayRead", "r", ["g", "i2", "f2"], dict(dtype="float32"))
    write = ("TensorArrayWrite", "f2", ["g", "i2", "i1", "f1"], dict(T="float32"))
    again = ("TensorArrayWrite", "f2", ["g", "i2", "i1", "f3"], dict(T="float32"))
    once = ("TensorArrayWrite", "f3", ["g", "i2", "i1", "f1"], dict(T="float32"))
    for x, what in ((F([1, 2]), "read"), (F(3), "of a scalar"), (F([]), "of nothing"), (F([np.nan, 1]), "of NaN")):
        array(what, 3, x, [write, read], {"r": "float32"})
    array("adds up", 2, F([1, 2]), [once, again, read], {"r": "float32"})
    array("size", 4, F([1, 2]), [("TensorArraySize", "n", ["g", "f1"], {})], {"n": "int32"})
    array("behind the end", 1, F([1, 2]), [write, read], {"r": "float32"})
    array("of what was not written", 3, F([1, 2]), [
        ("TensorArrayRead", "r", ["g", "i0", "f1"], dict(dtype="float32"))], {"r": "float32"})


def with_shape(n, x, s):
    h, f = raw.TensorArrayV3(size=n, dtype=x.dtype, clear_after_read=False)
    f = raw.TensorArrayWriteV3(handle=h, index=0, value=x, flow_in=f)
    g, gf = raw.TensorArrayGradWithShape(handle=h, flow_in=f, source="s", shape_to_prepend=s)
    y = tf.broadcast_to(x, tf.concat([s, tf.shape(x)], 0))
    gf = raw.TensorArrayWriteV3(handle=g, index=0, value=y, flow_in=gf)
    gf = raw.TensorArrayWriteV3(handle=g, index=0, value=y, flow_in=gf)
    return raw.TensorArrayReadV3(handle=g, index=0, flow_in=gf, dtype=x.dtype), raw.TensorArraySizeV3(
        handle=g, flow_in=gf)


for x, s in ((F([1, 2]), I([3])), (F(3), I([])), (F([]), I([2])), (np.float64([np.nan]), I([1, 2])), (F([1]), I([0]))):
    cases.chain(f"TensorArrayGradWithShape {x.shape} {s}", [I(2), x, s], with_shape)

# ---- What a step needs for itself ----

for x in (F(3), np.zeros((0, 2), F), F([np.nan, 1])):
    cases.chain(f"TemporaryVariable {x.shape}", [x], lambda v, x=x: raw.DestroyTemporaryVariable(
        ref=raw.Assign(ref=raw.TemporaryVariable(shape=x.shape, dtype=x.dtype, var_name="t"), value=v), var_name="t"))

# ---- Crops, where chance has no choice ----

image = np.arange(24).reshape(4, 3, 2)
for t in (np.uint8, np.int8, np.int16, I, L, F, np.float64):
    cases.add("RandomCrop", [image.astype(t), L([4, 3])], np.dtype(t).name, version=7)
cases.add("RandomCrop", [image.astype(F), L([5, 3])], "too high", version=7)
cases.add("RandomCrop", [image.astype(F), L([4, 4])], "too wide", version=7)
cases.add("RandomCrop", [image.astype(F), L([4])], "one extent", version=7)
cases.add("RandomCrop", [image[0].astype(F), L([3, 2])], "of a matrix", version=7)
cases.add("RandomCrop", [image.astype(F)[..., :0], L([2, 2])], "without channels", version=7)

# ---- Old checkpoints ----

word = lambda w: np.array(w.encode(), object)
list_ = lambda *w: np.array([v.encode() for v in w], object)
for base, shard, n in (("a", 0, 1), ("some/where", 12, 100), ("", 99999, 100000), ("x", 5, 3), ("x", -1, -1)):
    cases.add("ShardedFilename", [word(base), I(shard), I(n)], f"{base} {shard} {n}")
    cases.add("ShardedFilespec", [word(base), I(n)], f"{base} {n}")
cases.add("ShardedFilename", [list_("a", "b"), I(0), I(1)], "of a vector")
cases.add("ShardedFilespec", [list_("a", "b"), I(1)], "of a vector")


def save(name, file, names, *data):
    cases.chain(f"Save {name}", [file, names, *data], lambda f, n, *x: then(
        raw.Save(filename=f, tensor_names=n, data=list(x))))


def save_slices(name, file, names, slices, *data):
    cases.chain(f"SaveSlices {name}", [file, names, slices, *data], lambda f, n, s, *x: then(
        raw.SaveSlices(filename=f, tensor_names=n, shapes_and_slices=s, data=list(x))))


def merge(name, parts, to):
    cases.chain(f"MergeV2Checkpoints {name}", [parts, to], lambda p, t: then(
        raw.MergeV2Checkpoints(checkpoint_prefixes=p, destination_prefix=t)))


nowhere, x = word("a/folder/that/is/not/there"), F([1, 2, 3])
save("without a folder", nowhere, list_("x"), x)
save("with too few tensors", nowhere, list_("x", "y"), x)
save("into two files", list_("x", "y"), list_("x"), x)
save_slices("without a folder", nowhere, list_("x"), list_(""), x)
save_slices("with too many slices", nowhere, list_("x"), list_("", ""), x)
save_slices("of two files", list_("x", "y"), list_("x"), list_(""), x)
merge("of nothing", list_(), word("nor/here"))
merge("into two", list_("a"), list_("b", "c"))
old = lambda name: word(f"tests/golden/checkpoint/v1_{name}")
for name, key, t in (("snappy", "w", F), ("snappy", "s", "string"), ("snappy", "n", L), ("shards-?????-of-00002", "v", I),
                     ("shards-?????-of-00002", "s", "string"), ("snappy", "w", I), ("snappy", "nobody", F), ("lost", "w", F)):
    dtype = tf.as_dtype(t)
    cases.add("Restore", [old(name), word(key)], f"{name} {key} {dtype.name}", dt=dtype)
    for part in ("", "2 3 0,1:-", "2 3 -:1,2", "4 1,2", "some")[:5 if key in "wv" else 1]:
        cases.add("RestoreSlice", [old(name), word(key), word(part)], f"{name} {key} {dtype.name} {part}", dt=dtype)
cases.write()
