"""Random numbers with seeds, and generators that go on: random.graphs.

    python oracle/graphs_random.py

An op with seeds draws the same numbers in every new session; two nodes of one graph
each begin anew. A generator's state is a variable, which is read, too.
"""
from graph_writer import Graphs, np, order, tf

raw = tf.raw_ops
graphs = Graphs("random")
I, L, F = np.int32, np.int64, np.float32
FLOATS = ["float16", "bfloat16", "float32", "float64"]
SHAPES = [(I([5]), "vector"), (L([2, 130]), "matrix"), (I([]), "scalar"), (L([0, 3]), "nothing")]
SEEDS = dict(seed=87654321, seed2=42)
TOLS = {"float16": 4e-3, "bfloat16": 3e-2, "float32": 1e-5, "float64": 1e-10}


def f(values, t):
    return np.asarray(values).astype(tf.as_dtype(t).as_numpy_dtype)


# ---- Ops with seeds ----

for t in FLOATS:
    for shape, what in SHAPES:
        parameters = [shape, f(1, t), f(2, t), f(-2, t), f(3, t)]
        for op in ["RandomUniform", "RandomStandardNormal", "TruncatedNormal"]:
            graphs.chain(f"{op} {t} {what}", [shape], lambda s: getattr(raw, op)(shape=s, dtype=t, **SEEDS))
        graphs.chain(f"ParameterizedTruncatedNormal {t} {what}", parameters, optional=True, build=
                     lambda s, m, d, a, b: raw.ParameterizedTruncatedNormal(
                         shape=s, means=m, stdevs=d, minvals=a, maxvals=b, **SEEDS))
        if t != "bfloat16":
            graphs.chain(f"RandomGamma {t} {what}", [shape, f([0.5, 3], t)], lambda s, a: raw.RandomGamma(shape=s, alpha=a, **SEEDS))
    graphs.chain(f"RandomGamma {t} of nothing", [I([3]), f([], t)], lambda s, a: raw.RandomGamma(shape=s, alpha=a, **SEEDS), optional=True)
for t in ["float16", "float32", "float64", "int32", "int64"]:
    for shape, what in SHAPES:
        for out in ["float16", "float32", "float64", "int32", "int64"]:
            graphs.chain(f"RandomPoissonV2 {t} to {out} {what}", [shape, f([1, 20], t)], lambda s, r: raw.RandomPoissonV2(
                shape=s, rate=r, dtype=out, **SEEDS), optional=True)
        if t.startswith("float"):
            graphs.add("RandomPoisson", [shape, f([1, 20], t)], f"{t} {what}", version=24, **SEEDS)
for t in (I, L):
    for shape, what in SHAPES:
        graphs.chain(f"RandomUniformInt {np.dtype(t).name} {what}", [shape, t(-5), t(1000)],
                     lambda s, a, b: raw.RandomUniformInt(shape=s, minval=a, maxval=b, **SEEDS))
graphs.chain("RandomUniformInt of an empty range", [I([3]), I(5), I(5)], lambda s, a, b: raw.RandomUniformInt(
    shape=s, minval=a, maxval=b, **SEEDS))
graphs.chain("RandomUniform of a negative shape", [I([-1])], lambda s: raw.RandomUniform(shape=s, dtype=tf.float32, **SEEDS))
graphs.chain("RandomStandardNormal of a shape that is a scalar", [I(3)], lambda s: raw.RandomStandardNormal(
    shape=s, dtype=tf.float32, **SEEDS))
graphs.chain("ParameterizedTruncatedNormal of rows", [I([2, 4]), F([0, 10]), F([1, 2]), F([-1, 0]), F([1, 99])],
             lambda s, m, d, a, b: raw.ParameterizedTruncatedNormal(shape=s, means=m, stdevs=d, minvals=a, maxvals=b, **SEEDS))
graphs.chain("ParameterizedTruncatedNormal of an empty range", [I([4]), F(0), F(1), F(1), F(-1)],
             lambda s, m, d, a, b: raw.ParameterizedTruncatedNormal(shape=s, means=m, stdevs=d, minvals=a, maxvals=b, **SEEDS))
for t in ["float16", "bfloat16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
          "bool", "complex64", "string"]:
    rows = np.arange(24).reshape(12, 2)
    rows = np.array([b"%d" % v for v in rows.ravel()], object).reshape(12, 2) if t == "string" else f(rows, t)
    for part, what in ((rows, "rows"), (rows[:, 0], "elements"), (rows[:0], "nothing"), (rows[0, 0], "a scalar")):
        graphs.chain(f"RandomShuffle {t} {what}", [part], lambda x: raw.RandomShuffle(value=x, **SEEDS), optional=True)
for t in FLOATS:
    for out in ("int32", "int64"):
        for n in (0, 1, 40):
            graphs.chain(f"Multinomial {t} {out} {n}", [f([[0, 1, 2], [5, -5, 0]], t), I(n)], lambda x, n: raw.Multinomial(
                logits=x, num_samples=n, output_dtype=out, **SEEDS), optional=True)
graphs.chain("Multinomial of no classes", [F(np.zeros((2, 0))), I(3)], lambda x, n: raw.Multinomial(
    logits=x, num_samples=n, **SEEDS))
graphs.chain("two nodes of one kind and seed", [I([3])], lambda s: [raw.RandomUniform(shape=s, dtype=tf.float32, **SEEDS)
                                                                    for _ in "ab"])

# ---- Without state ----

for st in (I, L):
    seed = st([3, -7])
    for t in FLOATS:
        for shape, what in SHAPES:
            for op in ["StatelessRandomUniform", "StatelessRandomNormal", "StatelessTruncatedNormal"]:
                graphs.chain(f"{op} {t} {what} {np.dtype(st).name}", [shape, seed],
                             lambda s, k: getattr(raw, op)(shape=s, seed=k, dtype=t))
            graphs.chain(f"StatelessRandomGammaV2 {t} {what} {np.dtype(st).name}", [shape, seed, f([0.5, 3], t)],
                         lambda s, k, a: raw.StatelessRandomGammaV2(shape=s if s.shape.rank else s, seed=k, alpha=a), optional=True)
            graphs.chain(f"StatelessParameterizedTruncatedNormal {t} {what} {np.dtype(st).name}",
                         [shape, seed, f(1, t), f(2, t), f(-2, t), f(3, t)],
                         lambda s, k, m, d, a, b: raw.StatelessParameterizedTruncatedNormal(
                             shape=s, seed=k, means=m, stddevs=d, minvals=a, maxvals=b), optional=True)
    for t in ["int32", "int64"]:
        for shape, what in SHAPES:
            graphs.chain(f"StatelessRandomUniformInt {t} {what} {np.dtype(st).name}", [shape, seed, f(-5, t), f(1000, t)],
                         lambda s, k, a, b: raw.StatelessRandomUniformInt(shape=s, seed=k, minval=a, maxval=b))
    for t in ["int32", "int64", "uint32", "uint64"]:
        for shape, what in SHAPES:
            graphs.chain(f"StatelessRandomUniformFullInt {t} {what} {np.dtype(st).name}", [shape, seed],
                         lambda s, k: raw.StatelessRandomUniformFullInt(shape=s, seed=k, dtype=t))
    for t in ["float16", "float32", "float64", "int32", "int64"]:
        for shape, what in (SHAPES[0], (I([3, 2]), "matrix"), (I([0, 2]), "nothing")):
            rate = f([1, 20], t)
            s2 = I([*shape[:-1], 2])
            graphs.chain(f"StatelessRandomPoisson {t} {what} {np.dtype(st).name}", [s2, seed, rate],
                         lambda s, k, r: raw.StatelessRandomPoisson(shape=s, seed=k, lam=r, dtype=t), optional=True)
            for out in ["float32", "int64"]:
                graphs.chain(f"StatelessRandomBinomial {t} to {out} {what} {np.dtype(st).name}", [s2, seed, rate, f([0.3, 0.7], t)],
                             lambda s, k, n, p: raw.StatelessRandomBinomial(shape=s, seed=k, counts=n, probs=p, dtype=out), optional=True)
    for t in FLOATS:
        for out in ("int32", "int64"):
            for n in (0, 40):
                graphs.chain(f"StatelessMultinomial {t} {out} {n} {np.dtype(st).name}", [f([[0, 1, 2], [5, -5, 0]], t), I(n), seed],
                             lambda x, n, k: raw.StatelessMultinomial(logits=x, num_samples=n, seed=k, output_dtype=out), optional=True)
    for op in ["StatelessRandomGetKeyCounter", "StatelessRandomGetKeyCounterAlg"]:
        for value in ([0, 0], [3, -7], [2**31 - 1, 1]):
            graphs.chain(f"{op} {value} {np.dtype(st).name}", [st(value)], lambda k: list(getattr(raw, op)(seed=k)))
        graphs.chain(f"{op} of three {np.dtype(st).name}", [st([1, 2, 3])], lambda k: list(getattr(raw, op)(seed=k)))
    for t in (I, L, np.uint32, np.uint64):
        for i, k, top in ((0, [1, 2, 3], 0), (5, [1, 2, 3], 9), (9, [7, 8, 9], 9), (3, [0, 0, 0], 100), (10, [1, 2, 3], 9)):
            graphs.chain(f"RandomIndexShuffle {np.dtype(t).name} {i} of {top} {np.dtype(st).name}", [t(i), st(k), t(top)],
                         lambda i, k, m: raw.RandomIndexShuffle(index=i, seed=k, max_index=m, rounds=4), optional=True)
    graphs.chain(f"StatelessRandomUniform of one seed {np.dtype(st).name}", [I([3]), st([1])],
                 lambda s, k: raw.StatelessRandomUniform(shape=s, seed=k))
graphs.chain("RandomIndexShuffle of many", [I([0, 1, 2, 9]), I([[1, 2, 3], [1, 2, 3], [4, 5, 6], [7, 8, 9]]), I([9, 9, 9, 9])],
             lambda i, k, m: raw.RandomIndexShuffle(index=i, seed=k, max_index=m, rounds=4))
graphs.chain("StatelessRandomGetAlg", [], lambda: raw.StatelessRandomGetAlg())
graphs.chain("StatelessRandomGetAlg twice", [], lambda: [raw.StatelessRandomGetAlg(), raw.StatelessRandomGetAlg()])
graphs.chain("StatelessRandomGetAlg drawn by", [I([3])], lambda s: raw.StatelessRandomUniformV2(
    shape=s, key=[np.uint64(7)], counter=np.uint64([1, 2]), alg=raw.StatelessRandomGetAlg()))

KEY, COUNTER = np.uint64([12345678901234567890]), np.uint64([3, 1 << 40])
for alg in (1, 2):
    counter = COUNTER if alg == 1 else COUNTER[:1]
    for shape, what in SHAPES:
        for t in FLOATS:
            for op in ["StatelessRandomUniformV2", "StatelessRandomNormalV2", "StatelessTruncatedNormalV2"]:
                graphs.chain(f"{op} {t} {what} {alg}", [shape, KEY, counter], lambda s, k, c: getattr(raw, op)(
                    shape=s, key=k, counter=c, alg=alg, dtype=t), optional=True)
            graphs.chain(f"StatelessRandomGammaV3 {t} {what} {alg}", [shape, KEY, counter, f([0.5, 3], t)],
                         lambda s, k, c, a: raw.StatelessRandomGammaV3(shape=s, key=k, counter=c, alg=alg, alpha=a), optional=True)
        for t in ["int32", "int64"]:
            graphs.chain(f"StatelessRandomUniformIntV2 {t} {what} {alg}", [shape, KEY, counter, f(-5, t), f(1000, t)],
                         lambda s, k, c, a, b: raw.StatelessRandomUniformIntV2(
                             shape=s, key=k, counter=c, alg=alg, minval=a, maxval=b), optional=True)
        for t in ["int32", "int64", "uint32", "uint64"]:
            graphs.chain(f"StatelessRandomUniformIntV2 {t} {what} {alg}", [shape, KEY, counter, f(5, t), f(1000, t)],
                         lambda s, k, c, a, b: raw.StatelessRandomUniformIntV2(
                             shape=s, key=k, counter=c, alg=alg, minval=a, maxval=b), optional=True)
            graphs.chain(f"StatelessRandomUniformFullIntV2 {t} {what} {alg}", [shape, KEY, counter],
                         lambda s, k, c: raw.StatelessRandomUniformFullIntV2(shape=s, key=k, counter=c, alg=alg, dtype=t), optional=True)
    for t in ["float32", "float16", "bfloat16", "float64", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "bool",
              "complex64", "complex128", "string"]:
        rows = np.arange(24).reshape(12, 2)
        rows = np.array([b"%d" % v for v in rows.ravel()], object).reshape(12, 2) if t == "string" else f(rows, t)
        for part, what in ((rows, "rows"), (rows[:0], "nothing"), (rows[:, 1], "elements")):
            graphs.chain(f"StatelessShuffle {t} {what} {alg}", [part, KEY, counter], lambda x, k, c: raw.StatelessShuffle(
                value=x, key=k, counter=c, alg=alg), optional=True)
for k, c, alg, what in ((KEY[:0], COUNTER, 1, "no key"), (KEY, COUNTER, 7, "no algorithm")):
    graphs.chain(f"StatelessRandomUniformV2 {what}", [k, c], lambda k, c: raw.StatelessRandomUniformV2(
        shape=[3], key=k, counter=c, alg=alg))
    graphs.chain(f"StatelessShuffle {what}", [k, c], lambda k, c: raw.StatelessShuffle(
        value=tf.constant([1, 2, 3]), key=k, counter=c, alg=alg))

# ---- Generators ----


def drawn(*draws):
    """Draws from one generator, and what it holds afterwards."""
    def build(state, *places):
        v = raw.VarHandleOp(dtype=tf.int64, shape=[None])
        return order(lambda: raw.AssignVariableOp(resource=v, value=state + 0), *(lambda d=d: d(v, *places) for d in draws),
                     lambda: raw.ReadVariableOp(resource=v, dtype=tf.int64))
    return build


for alg, state in ((1, L([1, 2, 3])), (2, L([5, 6]))):
    for shape, what in SHAPES:
        for t in FLOATS:
            for op in ["StatefulUniform", "StatefulStandardNormalV2", "StatefulTruncatedNormal"]:
                draw = lambda v, s: getattr(raw, op)(resource=v, algorithm=L(alg), shape=s, dtype=t)
                graphs.chain(f"{op} {t} {what} {alg}", [state, shape], drawn(draw, draw), optional=True)
        for t in ["int32", "int64", "uint32", "uint64"]:
            draw = lambda v, s: raw.StatefulUniformFullInt(resource=v, algorithm=L(alg), shape=s, dtype=t)
            graphs.chain(f"StatefulUniformFullInt {t} {what} {alg}", [state, shape], drawn(draw, draw), optional=True)
            draw = lambda v, s, a, b: raw.StatefulUniformInt(resource=v, algorithm=L(alg), shape=s, minval=a, maxval=b)
            graphs.chain(f"StatefulUniformInt {t} {what} {alg}", [state, shape, f(5, t), f(1000, t)], drawn(draw, draw), optional=True)
    for t in ["float16", "float32", "float64", "int32", "int64"]:
        for out in ["float16", "float32", "float64", "int32", "int64"]:
            draw = lambda v, n, p: raw.StatefulRandomBinomial(resource=v, algorithm=L(alg), shape=I([3, 2]), counts=n, probs=p, dtype=out)
            graphs.chain(f"StatefulRandomBinomial {t} to {out} {alg}", [state, f([10, 50], t), f([0.25, 1], t)], drawn(draw), optional=True)
    for n in (0, 1, 1 << 40, -1):
        graphs.chain(f"RngSkip {n} {alg}", [state, L(n)], drawn(lambda v, n: raw.RngSkip(resource=v, algorithm=L(alg), delta=n)))
    for n in (0, 1, 1 << 63):
        graphs.chain(f"RngReadAndSkip {n} {alg}", [state, np.uint64(n)], drawn(
            lambda v, n: raw.RngReadAndSkip(resource=v, alg=I(alg), delta=n)))
    graphs.chain(f"StatefulUniform of a short state {alg}", [state[:1]], drawn(
        lambda v: raw.StatefulUniform(resource=v, algorithm=L(alg), shape=I([2]))))
    if alg == 1:
        graphs.chain("StatefulRandomBinomial of nothing", [state, F([])], drawn(lambda v, x: raw.StatefulRandomBinomial(
        resource=v, algorithm=L(alg), shape=I([2, 0]), counts=x, probs=x, dtype=tf.float32)))
    graphs.chain(f"StatefulUniformInt of an empty range {alg}", [state], drawn(lambda v: raw.StatefulUniformInt(
        resource=v, algorithm=L(alg), shape=I([2]), minval=5, maxval=5)))
for op in ["RngSkip"]:
    graphs.chain("RngSkip by no algorithm", [L([1, 2, 3])], drawn(lambda v: raw.RngSkip(resource=v, algorithm=L(9), delta=L(1))))
graphs.write()
