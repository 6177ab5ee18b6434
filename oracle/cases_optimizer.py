"""What the optimisers do: writes tests/conformance/optimizer.cases.

Each case makes resource variables, applies the op twice and reads all of them. The
reference forms share the kernels; graphs_optimizer.py has cases of them.
"""
from chain_writer import Chains, np, tf

raw = tf.raw_ops
random = np.random.RandomState(7)

FLOATS = ["float32", "float64", "float16", "bfloat16"]
ALL = FLOATS + ["complex64", "complex128"]
NO_B = ["float32", "float64", "float16", "complex64", "complex128"]
WIDE = ["float32", "float64"]

# name, slots with their first values (None: random above zero), hyperparameters in
# the order of the op's inputs, types, types of the sparse form, attrs to try.
Z, P = 0.0, None
RULES = [
    ("GradientDescent", [], dict(alpha=0.1), ALL, [], [{}]),
    ("Momentum", [Z], dict(lr=0.1, momentum=0.9), ALL, ALL, [{}, dict(use_nesterov=True)]),
    ("KerasMomentum", [Z], dict(lr=0.1, momentum=0.9), ALL, ALL, [{}, dict(use_nesterov=True)]),
    ("Adam", [Z, Z], dict(beta1_power=0.9, beta2_power=0.999, lr=0.01, beta1=0.9, beta2=0.999, epsilon=1e-3), ALL, [],
     [{}, dict(use_nesterov=True)]),
    ("AdamWithAmsgrad", [Z, Z, P], dict(beta1_power=0.9, beta2_power=0.999, lr=0.01, beta1=0.9, beta2=0.999, epsilon=1e-3), FLOATS,
     [], [{}]),
    ("AdaMax", [Z, P], dict(beta1_power=0.9, lr=0.01, beta1=0.9, beta2=0.999, epsilon=1e-3), ["float32", "float64", "float16"], [],
     [{}]),
    ("Adagrad", [P], dict(lr=0.1), ALL, ALL, [{}, dict(update_slots=False)]),
    ("AdagradV2", [P], dict(lr=0.1, epsilon=0.01), ALL, ALL, [{}, dict(update_slots=False)]),
    ("AdagradDA", [Z, P], dict(lr=0.1, l1=0.05, l2=0.02, global_step=3), WIDE, WIDE, [{}, dict(l1=0.0)]),
    ("Adadelta", [P, P], dict(lr=0.5, rho=0.95, epsilon=1e-3), ALL, ALL, [{}]),
    ("RMSProp", [P, Z], dict(lr=0.01, rho=0.9, momentum=0.5, epsilon=1e-3), ALL, NO_B, [{}]),
    ("CenteredRMSProp", [Z, P, Z], dict(lr=0.01, rho=0.9, momentum=0.5, epsilon=3.0), ALL, NO_B, [{}]),
    ("Ftrl", [P, Z], dict(lr=0.1, l1=0.05, l2=0.02, lr_power=-0.5), FLOATS, FLOATS,
     [{}, dict(lr_power=-0.7), dict(multiply_linear_by_lr=True), dict(l1=0.0)]),
    ("FtrlV2", [P, Z], dict(lr=0.1, l1=0.05, l2=0.02, l2_shrinkage=0.03, lr_power=-0.5), FLOATS, FLOATS,
     [{}, dict(lr_power=-0.7), dict(multiply_linear_by_lr=True)]),
    ("AddSign", [Z], dict(lr=0.1, alpha=1.0, sign_decay=0.9, beta=0.8), FLOATS, [], [{}]),
    ("PowerSign", [Z], dict(lr=0.1, logbase=0.7, sign_decay=0.9, beta=0.8), FLOATS, [], [{}]),
    ("ProximalAdagrad", [P], dict(lr=0.1, l1=0.05, l2=0.02), WIDE, WIDE, [{}, dict(l1=0.0)]),
    ("ProximalGradientDescent", [], dict(alpha=0.1, l1=0.05, l2=0.02), WIDE, WIDE, [{}, dict(l1=0.0)]),
]
NAMES = {"Momentum": ["accum"], "KerasMomentum": ["accum"], "Adam": ["m", "v"], "AdamWithAmsgrad": ["m", "v", "vhat"],
         "AdaMax": ["m", "v"], "Adagrad": ["accum"], "AdagradV2": ["accum"],
         "AdagradDA": ["gradient_accumulator", "gradient_squared_accumulator"], "Adadelta": ["accum", "accum_update"],
         "RMSProp": ["ms", "mom"], "CenteredRMSProp": ["mg", "ms", "mom"], "Ftrl": ["accum", "linear"],
         "FtrlV2": ["accum", "linear"], "AddSign": ["m"], "PowerSign": ["m"], "ProximalAdagrad": ["accum"]}


def numbers(shape, dtype, first=None):
    kind = tf.as_dtype(dtype).as_numpy_dtype
    if first == 0.0:
        return np.zeros(shape, kind)
    x = random.uniform(0.2, 2, shape) if first is None else random.uniform(-2, 2, shape)
    if dtype.startswith("complex") and first is not None:
        x = x + 1j * random.uniform(-1, 1, shape)
    return np.asarray(x).astype(kind)


def apply(op, names, hyper, attrs, dtype, sparse):
    def build(*places):
        count = 1 + len(names)
        values, grads = places[:count], places[count:count + 2]
        handles = []
        flow = []
        for i, value in enumerate(values):
            with tf.control_dependencies(flow):
                handles.append(raw.VarHandleOp(dtype=dtype, shape=None, shared_name="v%d" % i))
                flow = [raw.AssignVariableOp(resource=handles[i], value=value)]
        for grad in grads:
            with tf.control_dependencies(flow):
                args = dict(zip(names, handles[1:]))
                args.update({k: tf.constant(v, tf.int64 if k == "global_step" else dtype) for k, v in hyper.items()})
                args["delta" if "delta" in op_args(op) else "grad"] = grad
                if sparse:
                    args["indices"] = places[count + 2]
                flow = [getattr(raw, op)(var=handles[0], **args, **attrs)]
        with tf.control_dependencies(flow):
            return [raw.ReadVariableOp(resource=h, dtype=dtype) for h in handles]
    return build


def op_args(op):
    from tensorflow.python.framework import op_def_registry
    return [a.name for a in op_def_registry.get(op).input_arg]


def main():
    cases = Chains("optimizer")
    for name, slots, hyper, types, sparse_types, variants in RULES:
        names = NAMES.get(name, [])
        for sparse in (False, True):
            for dtype in sparse_types if sparse else types:
                for k, variant in enumerate(variants):
                    if k and dtype not in ("float32", "float64"):
                        continue
                    mine = {**hyper, **{a: v for a, v in variant.items() if a in hyper}}
                    attrs = {a: v for a, v in variant.items() if a not in hyper}
                    op = ("ResourceSparseApply" if sparse else "ResourceApply") + name
                    shape, rows = ([4, 3], [3, 3]) if sparse else ([2, 3], [2, 3])
                    inputs = [numbers(shape, dtype, 1)] + [numbers(shape, dtype, s) for s in slots]
                    inputs += [numbers(rows, dtype, 1), numbers(rows, dtype, 1)]
                    if sparse:
                        inputs.append(np.array([2, 0, 2], "int32" if k % 2 else "int64"))
                    cases.chain(f"{op} {dtype} {variant or ''}".strip(), inputs, apply(op, names, mine, attrs, dtype, sparse),
                                tol={"float16": 2e-2, "bfloat16": 1e-1}.get(dtype))
    # The edges: nothing to do, a scalar, more than a thread's share; and what is refused.
    f = "float32"
    adam = RULES[3][2]
    ftrl = RULES[12][2]
    for what, shape in (("empty", [0, 2]), ("scalar", [])):
        v = [numbers(shape, f, s) for s in (1, 0.0, 0.0, 1, 1)]
        cases.chain(f"ResourceApplyAdam {what}", v, apply("ResourceApplyAdam", ["m", "v"], adam, {}, f, False))
    sparse = apply("ResourceSparseApplyFtrl", ["accum", "linear"], ftrl, {}, f, True)
    def rows(n, indices, shape=(4, 3)):
        return [numbers(shape, f, s) for s in (1, None, 0.0)] + [numbers([n, *shape[1:]], f, 1)] * 2 + [np.array(indices, "int64")]
    cases.chain("ResourceSparseApplyFtrl no rows", rows(0, []), sparse)
    cases.chain("ResourceSparseApplyFtrl rows of one", rows(2, [3, 1], (5,)), sparse)
    cases.chain("ResourceSparseApplyFtrl row too far", rows(2, [3, 4]), sparse)
    cases.chain("ResourceSparseApplyFtrl row below zero", rows(2, [3, -1]), sparse)
    cases.chain("ResourceSparseApplyFtrl too few indices", rows(2, [3]), sparse)
    dense = apply("ResourceApplyMomentum", ["accum"], RULES[1][2], {}, f, False)
    cases.chain("ResourceApplyMomentum another shape", [numbers([2, 3], f, 1), numbers([3, 2], f, 1)] + [numbers([2, 3], f, 1)] * 2, dense)
    cases.chain("ResourceApplyMomentum another gradient", [numbers([2, 3], f, 1)] * 2 + [numbers([3, 2], f, 1)] * 2, dense)
    for name, slots, hyper, types, sparse_types, variants in RULES:
        for sparse in [False, True][:2 if sparse_types else 1]:
            op = ("ResourceSparseApply" if sparse else "ResourceApply") + name
            for what, value, shape in (("NaN", np.nan, (4, 3)), ("infinite", np.inf, (4, 3)),
                                       ("minus infinite", -np.inf, (4, 3)), ("NaN in a vector", np.nan, (4,)),
                                       ("empty", None, (0, 3))):
                v = [numbers(shape, f, s) for s in (1, *slots, 1, 1)]
                v += [np.arange(shape[0])] if sparse else []
                if value is not None:
                    v[1 + len(slots)].flat[1] = value
                cases.chain(f"{op} {what}", v, apply(op, NAMES.get(name, []), hyper, {}, f, sparse))
    cases.write()


if __name__ == "__main__":
    main()
