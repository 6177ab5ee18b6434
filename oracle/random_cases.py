"""Asks TensorFlow for random numbers: tests/golden/ops/random.txt.

    python oracle/random_cases.py

The file holds cases for op_check_file of tests/support/op_case.h, in its notation:
an op with attrs, its inputs and the outputs that TensorFlow gives on one thread.
Unlike tests/conformance it knows runs that are repeated, and variables: an input may
be Variable(value), the handle of a resource variable, whose value after the runs is
written, too.
"""
import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import numpy as np
import tensorflow as tf

tf.config.threading.set_intra_op_parallelism_threads(1)
tf.config.threading.set_inter_op_parallelism_threads(1)

NAMES = {"float16": "half", "float32": "float", "float64": "double"}


class Variable:
    def __init__(self, value):
        self.value = value


def dtype_name(dtype):
    name = tf.as_dtype(dtype).name
    return NAMES.get(name, name)


def element(x):
    if isinstance(x, (bytes, str)):
        text = x if isinstance(x, bytes) else x.encode()
        return "'" + "".join(chr(c) if 32 <= c < 127 and c not in (39, 92)
                             else "\\x%02x" % c for c in text) + "'"
    if isinstance(x, (bool, np.bool_)):
        return "true" if x else "false"
    if np.iscomplexobj(x):
        return "%s,%s" % (element(x.real), element(x.imag))
    if isinstance(x, np.floating) and x.dtype.name.startswith("float"):
        return np.format_float_positional(x, trim="-") if 1e-4 < abs(x) < 1e6 \
            else str(x)
    return str(x)


def literal(value):
    value = np.asarray(value)
    name = "string" if value.dtype.kind in "SUO" else dtype_name(value.dtype)
    shape = "[%s]" % ",".join(map(str, value.shape)) if value.shape else ""
    return " ".join([name + shape] + [element(x) for x in value.ravel()])


def attr(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (bytes, str)):
        return element(value)
    if isinstance(value, tf.DType):
        return dtype_name(value)
    if isinstance(value, (list, tuple)):
        return "[%s]" % ",".join(attr(v) for v in value)
    if isinstance(value, float):
        text = repr(value)
        return text if "." in text or "e" in text else text + ".0"
    if isinstance(value, tf.TensorShape):
        if value.rank is None:
            return "<?...>"
        return "<%s>" % ",".join("?" if d is None else str(d) for d in value)
    return str(value)


class Cases:
    def __init__(self, path):
        self.path = path
        self.lines = ["# Written by oracle/%s with TensorFlow %s." %
                      (os.path.basename(__import__("sys").argv[0]),
                       tf.__version__)]

    def add(self, name, op, attrs, inputs, tol=0, repeat=1, lost=0,
            producer=0):
        outputs, after = self.ask(op, attrs, inputs, repeat + lost,
                                  producer)
        lines = ["", "case " + name,
                 "op " + " ".join([op] + ["%s=%s" % (k, attr(v))
                                          for k, v in attrs.items()])]
        for value in inputs:
            lines.append("in " + ("res:" + literal(value.value)
                                  if isinstance(value, Variable)
                                  else literal(value)))
        lines += ["out " + literal(o) for o in outputs]
        lines += ["after %d %s" % (i, literal(v)) for i, v in after]
        if tol:
            lines.append("tol %g" % tol)
        if repeat != 1:
            lines.append("repeat %d" % repeat)
        self.lines += lines

    def ask(self, op, attrs, inputs, repeat, producer):
        """Runs the node `repeat` times; the last outputs and the variables."""
        with tf.Graph().as_default() as graph:
            if producer:  # an op that newer graphs may not have
                old = tf.compat.v1.GraphDef()
                old.versions.producer = producer
                old.node.add(name="old", op="NoOp")
                tf.import_graph_def(old, name="")
            tensors, variables = [], []
            for i, value in enumerate(inputs):
                if isinstance(value, Variable):
                    v = tf.compat.v1.get_variable(
                        "v%d" % i, initializer=tf.constant(value.value),
                        use_resource=True)
                    variables.append((i, v))
                    tensors.append(v.handle)
                else:
                    tensors.append(tf.compat.v1.placeholder(
                        tf.string if np.asarray(value).dtype.kind in "SUO"
                        else np.asarray(value).dtype,
                        np.shape(value), name="in%d" % i))
            graph_attrs = self.protos(attrs)
            node = graph.create_op(op, tensors, None, name="x",
                                   attrs=graph_attrs)
            feed = {t: v for t, v in zip(tensors, inputs)
                    if not isinstance(v, Variable)}
            config = tf.compat.v1.ConfigProto(intra_op_parallelism_threads=1,
                                              inter_op_parallelism_threads=1)
            with tf.compat.v1.Session(config=config) as session:
                session.run([v.initializer for _, v in variables])
                for _ in range(repeat):
                    outputs = session.run(node.outputs or node, feed)
                after = [(i, session.run(v.read_value()))
                         for i, v in variables]
            return (outputs if node.outputs else []), after

    @staticmethod
    def protos(attrs):
        from tensorflow.core.framework import attr_value_pb2
        result = {}
        for key, value in attrs.items():
            proto = attr_value_pb2.AttrValue()
            if isinstance(value, bool):
                proto.b = value
            elif isinstance(value, int):
                proto.i = value
            elif isinstance(value, float):
                proto.f = value
            elif isinstance(value, tf.DType):
                proto.type = value.as_datatype_enum
            elif isinstance(value, (bytes, str)):
                proto.s = value if isinstance(value, bytes) else value.encode()
            elif isinstance(value, tf.TensorShape):
                proto.shape.CopyFrom(value.as_proto())
            elif isinstance(value, (list, tuple)):
                proto.list.SetInParent()
                for v in value:
                    if isinstance(v, bool):
                        proto.list.b.append(v)
                    elif isinstance(v, int):
                        proto.list.i.append(v)
                    elif isinstance(v, float):
                        proto.list.f.append(v)
                    elif isinstance(v, tf.DType):
                        proto.list.type.append(v.as_datatype_enum)
                    elif isinstance(v, tf.TensorShape):
                        proto.list.shape.add().CopyFrom(v.as_proto())
                    else:
                        proto.list.s.append(
                            v if isinstance(v, bytes) else v.encode())
            result[key] = proto
        return result

    def write(self):
        os.makedirs(os.path.dirname(self.path), exist_ok=True)
        with open(self.path, "w") as out:
            out.write("\n".join(self.lines) + "\n")


cases = Cases("tests/golden/ops/random.txt")
FLOATS = [tf.float16, tf.bfloat16, tf.float32, tf.float64]
SEEDS = {"seed": 42, "seed2": 7}
# A float or two of the last place: another C library may round log and sin
# otherwise.
TOL = {tf.float16: 1e-3, tf.bfloat16: 8e-3, tf.float32: 1e-6, tf.float64: 1e-14}


def i32(*values):
    return np.array(values, np.int32)


def np_type(dtype):
    return dtype.as_numpy_dtype


# ---- Seeded by attrs ----------------------------------------------------------

for dtype in FLOATS:
    n = dtype.name
    for op in "RandomUniform", "RandomStandardNormal", "TruncatedNormal":
        cases.add("%s %s" % (op, n), op,
                  {"dtype": dtype, "T": tf.int32, **SEEDS}, [i32(7)],
                  tol=0 if op == "RandomUniform" else TOL[dtype], repeat=2)
    if dtype != tf.bfloat16:
        cases.add("gamma " + n, "RandomGamma",
                  {"S": tf.int32, "T": dtype, **SEEDS},
                  [i32(2), np.array([0.3, 1, 4], np_type(dtype))],
                  tol=TOL[dtype], repeat=2)
cases.add("negative seeds", "RandomUniform",
          {"dtype": tf.float32, "T": tf.int64, "seed": -5, "seed2": 1 << 40},
          [np.int64([2, 3])])
for dtype in tf.int32, tf.int64:
    cases.add("RandomUniformInt " + dtype.name, "RandomUniformInt",
              {"Tout": dtype, "T": tf.int32, **SEEDS},
              [i32(2, 3), np_type(dtype)(-3), np_type(dtype)(1000000)], repeat=3)
for dtype in tf.float16, tf.float32, tf.float64:
    cases.add("RandomPoisson " + dtype.name, "RandomPoisson",
              {"S": tf.int32, "dtype": dtype, **SEEDS},
              [i32(3), np.array([0.5, 20], np_type(dtype))], producer=24)
for rate in tf.float32, tf.float64, tf.int32:
    cases.add("RandomPoissonV2 " + rate.name, "RandomPoissonV2",
              {"S": tf.int32, "R": rate, "dtype": tf.int64, **SEEDS},
              [i32(3), np.array([[1, 9], [12, 3000]], np_type(rate))], repeat=2)
for shape in [6], [5, 2], [1], []:
    value = np.arange(np.prod(shape, dtype=int), dtype=np.int32).reshape(shape)
    cases.add("RandomShuffle %s" % shape, "RandomShuffle",
              {"T": tf.int32, **SEEDS}, [value], repeat=2)
cases.add("RandomShuffle of strings", "RandomShuffle", {"T": tf.string, **SEEDS},
          [np.array([b"a", b"b", b"c"], object)])
for shape in [4, 5, 2], [4, 2, 2], [2, 2, 2]:
    cases.add("RandomCrop of %s" % shape, "RandomCrop", {"T": tf.int32, **SEEDS},
              [np.arange(np.prod(shape), dtype=np.int32).reshape(shape),
               np.int64([2, 2])], repeat=2, producer=7)
for dtype in FLOATS:
    cases.add("Multinomial " + dtype.name, "Multinomial",
              {"T": dtype, "output_dtype": tf.int32, **SEEDS},
              [np.array([[0, 1, 2, 3], [-1, np.inf, 4, 4]], np_type(dtype)),
               np.int32(5)], repeat=2)

for dtype in tf.float16, tf.float32, tf.float64:
    t = np_type(dtype)
    for name, params in {
            "wide": (0, 1, -2, 2), "narrow": (1, 2, 1.5, 2), "tail": (0, 1, 3, 9),
            "left tail": (2, 0.5, -np.inf, 0.5), "half line": (0, 1, 0.5, np.inf),
    }.items():
        cases.add("truncated %s %s" % (name, dtype.name),
                  "ParameterizedTruncatedNormal",
                  {"dtype": dtype, "T": tf.int32, **SEEDS},
                  [i32(2, 3)] + [t(p) for p in params], tol=4 * TOL[dtype],
                  repeat=2)
    cases.add("truncated by batch " + dtype.name, "ParameterizedTruncatedNormal",
              {"dtype": dtype, "T": tf.int32, **SEEDS},
              [i32(2, 3), np.array([0, 1], t), np.array([1], t), t(-1),
               np.array([1, 3], t)], tol=4 * TOL[dtype])
    cases.add("truncated stateless " + dtype.name,
              "StatelessParameterizedTruncatedNormal",
              {"S": tf.int32, "Tseed": tf.int32, "dtype": dtype},
              [i32(3, 2, 2), i32(1, 2), np.array([0, 1], t),
               np.array([[1], [2]], t), t(-1), np.array([1, 3], t)],
              tol=4 * TOL[dtype])

# ---- Seeded by an input --------------------------------------------------------

for dtype in FLOATS:
    n = dtype.name
    for op in ("StatelessRandomUniform", "StatelessRandomNormal",
               "StatelessTruncatedNormal"):
        cases.add("%s %s" % (op, n), op, {"dtype": dtype, "Tseed": tf.int32},
                  [i32(2, 3), i32(-12, 34)],
                  tol=0 if op.endswith("Uniform") else TOL[dtype])
    if dtype != tf.bfloat16:
        cases.add("StatelessRandomGammaV2 " + n, "StatelessRandomGammaV2",
                  {"dtype": dtype, "T": tf.int32, "Tseed": tf.int32},
                  [i32(2, 3), i32(5, 6), np.array([0.5, 1, 7], np_type(dtype))],
                  tol=TOL[dtype])
    cases.add("StatelessMultinomial " + n, "StatelessMultinomial",
              {"T": dtype, "Tseed": tf.int32, "output_dtype": tf.int64},
              [np.array([[0, 1, 2, 3], [-1, 2, 4, 4]], np_type(dtype)),
               np.int32(5), i32(1, 2)])
for dtype in tf.int32, tf.int64:
    cases.add("StatelessRandomUniformInt " + dtype.name,
              "StatelessRandomUniformInt",
              {"dtype": dtype, "T": tf.int32, "Tseed": tf.int64},
              [i32(5), np.int64([1 << 40, -2]), np_type(dtype)(-3),
               np_type(dtype)(77)])
for dtype in tf.int32, tf.int64, tf.uint32, tf.uint64:
    cases.add("StatelessRandomUniformFullInt " + dtype.name,
              "StatelessRandomUniformFullInt",
              {"dtype": dtype, "T": tf.int32, "Tseed": tf.int64},
              [i32(5), np.int64([-(1 << 62), 2])])
for rate in tf.float16, tf.float64, tf.int64:
    cases.add("StatelessRandomPoisson " + rate.name, "StatelessRandomPoisson",
              {"dtype": tf.float32, "Rtype": rate, "T": tf.int32,
               "Tseed": tf.int32},
              [i32(3, 2), i32(1, 2), np.array([2, 30], np_type(rate))])
for dtype in tf.float16, tf.float32, tf.float64:
    cases.add("StatelessRandomBinomial " + dtype.name, "StatelessRandomBinomial",
              {"S": tf.int32, "T": dtype, "Tseed": tf.int32, "dtype": tf.int32},
              [i32(3, 2, 4), i32(1, 2), np.array([[10], [200]], np_type(dtype)),
               np.array([0.1, 0.45, 0.9, 1], np_type(dtype))])

# ---- Keys and counters ----------------------------------------------------------

KEY = [np.uint64([123456789012345]), np.uint64([5, 6]), np.int32(1)]
for dtype in FLOATS:
    for op in ("StatelessRandomUniformV2", "StatelessRandomNormalV2",
               "StatelessTruncatedNormalV2"):
        cases.add("%s %s" % (op, dtype.name), op, {"dtype": dtype},
                  [i32(5)] + KEY, tol=0 if "Uniform" in op else TOL[dtype])
cases.add("StatelessRandomGammaV3", "StatelessRandomGammaV3",
          {"dtype": tf.float32}, [i32(2, 2)] + KEY + [np.float32([0.5, 3])],
          tol=1e-6)
for dtype in tf.int32, tf.int64:
    cases.add("StatelessRandomUniformIntV2 " + dtype.name,
              "StatelessRandomUniformIntV2", {"dtype": dtype},
              [i32(5)] + KEY + [np_type(dtype)(0), np_type(dtype)(10)])
for dtype in tf.uint32, tf.uint64:
    cases.add("StatelessRandomUniformFullIntV2 " + dtype.name,
              "StatelessRandomUniformFullIntV2", {"dtype": dtype}, [i32(5)] + KEY)
cases.add("StatelessShuffle", "StatelessShuffle", {"T": tf.float32},
          [np.arange(8, dtype=np.float32).reshape(4, 2)] + KEY[:2] + [np.int32(3)])
cases.add("StatelessRandomGetKeyCounter", "StatelessRandomGetKeyCounter",
          {"Tseed": tf.int32}, [i32(-1, 5)])
cases.add("StatelessRandomGetKeyCounterAlg", "StatelessRandomGetKeyCounterAlg",
          {"Tseed": tf.int64}, [np.int64([1, 5])])
cases.add("StatelessRandomGetAlg", "StatelessRandomGetAlg", {}, [])
cases.add("RandomIndexShuffle", "RandomIndexShuffle",
          {"dtype": tf.int64, "Tseed": tf.int64, "rounds": 4},
          [np.arange(6, dtype=np.int64), np.int64([1, 2, 3]), np.int64(5)])
cases.add("RandomIndexShuffle of large numbers", "RandomIndexShuffle",
          {"dtype": tf.uint64, "Tseed": tf.int32, "rounds": 8},
          [np.uint64([3, 1 << 40]), i32(1, 2, -3), np.uint64(1 << 41)])
cases.add("RandomIndexShuffle of one", "RandomIndexShuffle",
          {"dtype": tf.int32, "Tseed": tf.int32},
          [np.int32(3), i32(1, 2, -3), np.int32(100000)])

# ---- State in a variable ----------------------------------------------------------

STATE = Variable(np.int64([-1, 2, 3]))
ALG = np.int64(1)
for dtype in FLOATS:
    for op in ("StatefulUniform", "StatefulStandardNormalV2",
               "StatefulTruncatedNormal"):
        cases.add("%s %s" % (op, dtype.name), op,
                  {"dtype": dtype, "shape_dtype": tf.int32},
                  [STATE, ALG, i32(5)],
                  tol=0 if "Uniform" in op else TOL[dtype], repeat=2)
cases.add("StatefulUniformInt", "StatefulUniformInt",
          {"dtype": tf.int64, "shape_dtype": tf.int64},
          [STATE, ALG, np.int64([3]), np.int64(-5), np.int64(5)], repeat=2)
cases.add("StatefulUniformFullInt", "StatefulUniformFullInt",
          {"dtype": tf.uint32, "shape_dtype": tf.int64},
          [STATE, ALG, np.int64([3])], repeat=2)
# The first run of this op loses its update of the state.
cases.add("StatefulRandomBinomial", "StatefulRandomBinomial",
          {"S": tf.int32, "T": tf.float32, "dtype": tf.int64},
          [STATE, ALG, i32(3, 2), np.float32([10, 200]), np.float32(0.3)],
          repeat=2, lost=1)
cases.add("RngSkip", "RngSkip", {}, [STATE, ALG, np.int64(3)], repeat=2)
cases.add("RngReadAndSkip", "RngReadAndSkip", {},
          [STATE, np.int32(1), np.uint64(3)], repeat=2)
cases.write()
