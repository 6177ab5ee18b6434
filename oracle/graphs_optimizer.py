"""What the optimisers do to reference variables: writes graphs/optimizer.graphs.

Each case makes variables, applies the op twice and reads all of them, as
cases_optimizer.py does for resources; its table says what the ops are.
"""
from cases_optimizer import NAMES, RULES, numbers, op_args
from graph_writer import Graphs, np, order, tf
from tensorflow.python.framework import op_def_registry

raw = tf.raw_ops
graphs = Graphs("optimizer")


def apply(op, names, hyper, attrs, shapes):
    def build(*places):
        count = 1 + len(names)
        grads = places[count:count + 2]
        refs = [raw.VariableV2(shape=s, dtype=v.dtype) for v, s in zip(places[:count], shapes)]
        args = {k: tf.constant(v, tf.int64 if k == "global_step" else refs[0].dtype.base_dtype)
                for k, v in hyper.items()}
        if len(places) > count + 2:
            args["indices"] = places[count + 2]
        into = "delta" if "delta" in op_args(op) else "grad"

        def step(grad):
            return lambda: getattr(raw, op)(var=refs[0], **dict(zip(names, refs[1:])),
                                            **{into: grad}, **args, **attrs)
        return order(*(lambda r=r, v=v: raw.Assign(ref=r, value=v) for r, v in zip(refs, places)),
                     *map(step, grads), *(lambda r=r: raw.Identity(input=r) for r in refs))
    return build


def ask(op, name, hyper, slots, what="", dtype="float32", shape=(4, 3), indices=None, wrong=None,
        **attrs):
    """`wrong` changes the inputs."""
    rows = [len(indices), *shape[1:]] if indices is not None else shape
    inputs = [numbers(shape, dtype, s) for s in (1, *slots)]
    inputs += [numbers(rows, dtype, 1), numbers(rows, dtype, 1)]
    if indices is not None:
        inputs.append(np.array(indices, "int32" if dtype == "float64" else "int64"))
    shapes = [v.shape for v in inputs]
    if wrong:
        wrong(inputs)
    graphs.chain(f"{op} {dtype} {what or attrs or ''}".strip(), inputs,
                 apply(op, NAMES.get(name, []), hyper, attrs, shapes),
                 tol={"float16": 2e-2, "bfloat16": 1e-1}.get(dtype), optional=dtype == "bfloat16")


def put(value):
    def change(inputs):
        inputs[-1 if inputs[-1].dtype.kind == "f" else -2].flat[1] = value
    return change


for name, slots, hyper, types, sparse_types, variants in RULES:
    for sparse in (False, True):
        op = ("SparseApply" if sparse else "Apply") + name
        if not op_def_registry.get(op):
            continue
        how = dict(indices=[2, 0, 2]) if sparse else {}
        attrs = {a.name for a in op_def_registry.get(op).attr}
        for dtype in sparse_types if sparse else types:
            ask(op, name, hyper, slots, dtype=dtype, **how)
        for variant in variants[1:]:
            ask(op, name, {**hyper, **{k: v for k, v in variant.items() if k in hyper}}, slots,
                str(variant), **{k: v for k, v in variant.items() if k in attrs}, **how)
        ask(op, name, hyper, slots, "use_locking", use_locking=True, **how)
        ask(op, name, hyper, slots, "NaN", wrong=put(np.nan), **how)
        ask(op, name, hyper, slots, "infinite", wrong=put(np.inf), **how)
        ask(op, name, hyper, slots, "empty", shape=(0, 3), **(dict(indices=[]) if sparse else {}))
        if sparse:
            ask(op, name, hyper, slots, "row too far", indices=[2, 4, 0])
            ask(op, name, hyper, slots, "row below zero", indices=[2, -1, 0])
        else:
            ask(op, name, hyper, slots, "scalar", shape=())
            ask(op, name, hyper, slots, "another gradient",
                wrong=lambda v: v.__setitem__(-1, v[-1][:, :2]))
graphs.write()
