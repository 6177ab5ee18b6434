"""Writes tests/conformance/<family>.cases: single nodes and what TensorFlow says.

    from case_writer import Cases

    cases = Cases("softmax")
    cases.add("Softmax", [x])                           # attrs have defaults
    cases.add("LeakyRelu", [x], alpha=0.3, tol=1e-6)    # types follow the inputs
    cases.add("ConcatV2", [[a, b], axis], name="two")   # a list is a list input
    cases.add("Cast", [x], DstT="half")                 # types by name
    cases.add("Dequantize", [typed("quint8", bytes), low, high])
    cases.write()

TensorFlow runs each node on its own, without optimising the graph. Where it
refuses, that is what the case expects. `tol` bounds |have - want| by
tol * max(1, |want|) for floating-point outputs; None takes the default of the
outputs' types. `skip` lists outputs whose values are left open. `expect` gives the
outputs where TensorFlow's CPU has no kernel, made from answers of other cases.
`version` is the graph's producer, for ops that newer graphs may not have.

The file is its length (u32) and a zlib stream. In it, little-endian:
"firn cases 1\\n", then for each case, with a str being
u32 length and bytes:

    str name, str GraphDef (placeholders i0.. and the node x), f64 tol,
    u32 code (0: ok), u32 open outputs (bits: values are not compared),
    u32 n, n x str TensorProto of the inputs,
    u32 m, m x str TensorProto of the outputs
"""
import os
import pathlib
import struct
import sys
import zlib

if "tensorflow" in sys.modules:
    raise ImportError("import case_writer first: it switches oneDNN off")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")

import numpy as np
import tensorflow as tf
from tensorflow.core.framework import (attr_value_pb2, graph_pb2,
                                       tensor_pb2)
from tensorflow.python.framework import op_def_registry

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "tests" / "conformance"
bfloat16 = tf.bfloat16.as_numpy_dtype
TOL = {"float64": 1e-10, "float32": 2e-5, "float16": 4e-3, "bfloat16": 3e-2,
       "complex64": 2e-5, "complex128": 1e-10}

# Ops whose shape function refuses inputs of unknown shape.
SHAPED = {"BatchToSpaceND", "Dequantize", "FusedPadConv2D",
          "FusedResizeAndPadConv2D", "SpaceToBatchND"}


def dtype_of(value):
    return tf.dtypes.as_dtype(value)


def scalar(kind, value):
    """One attr value, or one element of a list, of a kind of the op table."""
    if kind == "type":
        return dtype_of(value).as_datatype_enum
    if kind == "string":
        return value.encode() if isinstance(value, str) else value
    if kind == "shape":
        return tf.TensorShape(value).as_proto()
    if kind == "tensor":
        return tf.make_tensor_proto(value)
    if kind == "func":
        return attr_value_pb2.NameAttrList(name=value)
    return {"int": int, "float": float, "bool": bool}[kind](value)


FIELD = {"type": "type", "string": "s", "shape": "shape", "tensor": "tensor",
         "func": "func", "int": "i", "float": "f", "bool": "b"}


def put_attr(to, kind, value):
    if kind.startswith("list("):
        kind = kind[5:-1]
        to.list.SetInParent()
        getattr(to.list, FIELD[kind]).extend(
            scalar(kind, v) for v in value)
    elif kind in ("shape", "tensor", "func"):
        getattr(to, FIELD[kind]).CopyFrom(scalar(kind, value))
    else:
        setattr(to, FIELD[kind], scalar(kind, value))


class Typed(np.ndarray):
    """An array of a type that numpy does not have, as its storage."""


def typed(dtype, array):
    """`array` (of the storage type) as a tensor of quint8 and the like."""
    value = np.array(array, copy=True).view(Typed)
    value.tf_type = dtype_of(dtype)
    return value


def tensor_type(value):
    if isinstance(value, Typed):
        return value.tf_type
    if value.dtype.kind in "SOU":
        return tf.string
    return dtype_of(value.dtype)


def type_attrs(definition, inputs):
    """Attrs that the inputs' types and numbers decide."""
    attrs = {}
    for arg, value in zip(definition.input_arg, inputs):
        many = isinstance(value, list)
        if arg.number_attr:
            attrs[arg.number_attr] = len(value)
        if arg.type_list_attr:
            attrs[arg.type_list_attr] = [tensor_type(v) for v in value]
        elif arg.type_attr and (not many or value):
            attrs[arg.type_attr] = tensor_type(value[0] if many else value)
    return attrs


def as_array(value):
    if isinstance(value, list):
        return [as_array(v) for v in value]
    if isinstance(value, Typed):
        return value
    if isinstance(value, bytes):  # numpy would drop zeros at its end
        return np.array(value, object)
    array = np.asarray(value)
    return array.astype(object) if array.dtype.kind in "SU" else array


def text(data):
    return struct.pack("<I", len(data)) + data


class Cases:
    def __init__(self, family):
        self.path = FOLDER / f"{family}.cases"
        self.cases, self.names, self.refused = [], set(), 0

    def node(self, op, inputs, attrs, version=None):
        definition = op_def_registry.get(op)
        graph = graph_pb2.GraphDef()
        graph.versions.producer = version or tf.version.GRAPH_DEF_VERSION
        flat = [t for v in inputs for t in (v if isinstance(v, list) else [v])]
        for i, value in enumerate(flat):
            source = graph.node.add(name=f"i{i}", op="Placeholder")
            source.attr["dtype"].type = tensor_type(value).as_datatype_enum
            if op in SHAPED:
                put_attr(source.attr["shape"], "shape", value.shape)
        node = graph.node.add(name="x", op=op)
        node.input.extend(f"i{i}" for i in range(len(flat)))
        kinds = {a.name: a.type for a in definition.attr}
        for key, value in {**type_attrs(definition, inputs), **attrs}.items():
            put_attr(node.attr[key], kinds[key], value)
        return graph, flat

    def run(self, graph, flat):
        """(code, outputs) of TensorFlow."""
        config = tf.compat.v1.ConfigProto(intra_op_parallelism_threads=1,
                                          inter_op_parallelism_threads=1,
                                          operation_timeout_in_ms=30000)
        config.graph_options.rewrite_options.disable_meta_optimizer = True
        config.graph_options.optimizer_options.opt_level = -1
        with tf.Graph().as_default() as g:
            try:
                tf.import_graph_def(graph, name="")
                x = g.get_operation_by_name("x")
                with tf.compat.v1.Session(config=config) as session:
                    feeds = {f"i{i}:0": v for i, v in enumerate(flat)}
                    outputs = session.run(list(x.outputs), feeds)
                    return 0, [typed(t.dtype, o) if t.dtype.is_quantized else o
                               for t, o in zip(x.outputs, outputs)]
            except tf.errors.OpError as e:
                self.message = e.message
                return e.error_code, []
            except ValueError as e:  # shape functions and attrs speak so
                self.message = str(e)
                return 3, []

    def ask(self, op, inputs, version=None, **attrs):
        """TensorFlow's answer, without making a case of it."""
        inputs = [as_array(v) for v in inputs]
        code, outputs = self.run(*self.node(op, inputs, attrs, version))
        if code:
            raise ValueError(self.message)
        return outputs

    def add(self, op, inputs, name=None, tol=None, skip=(), expect=None,
            version=None, **attrs):
        inputs = [as_array(v) for v in inputs]
        graph, flat = self.node(op, inputs, attrs, version)
        code, outputs = (0, expect) if expect else self.run(graph, flat)
        outputs = [as_array(o) for o in outputs]
        types = [tensor_type(o).name for o in outputs]
        if tol is None:
            tol = max([TOL.get(t, 0) for t in types], default=0)
        name = f"{op} {name or ''}".strip()
        if name in self.names:
            name += f" #{len(self.cases)}"
        self.names.add(name)
        self.refused += code != 0
        if code:
            print(f"  refused: {name}: {self.message[:150]!r}")
        self.cases.append(b"".join([
            text(name.encode()), text(graph.SerializeToString()),
            struct.pack("<dII", tol, code, sum(1 << i for i in skip)),
            struct.pack("<I", len(flat)),
            *(text(proto(v, tensor_type(v))) for v in flat),
            struct.pack("<I", len(outputs)),
            *(text(proto(v, tensor_type(v))) for v in outputs)]))
        return outputs

    def write(self):
        data = b"firn cases 1\n" + b"".join(self.cases)
        self.path.parent.mkdir(exist_ok=True)
        packed = struct.pack("<I", len(data)) + zlib.compress(data, 9)
        self.path.write_bytes(packed)
        print(f"{self.path.name}: {len(self.cases)} cases, {self.refused} "
              f"refused, {len(packed)} bytes")


def proto(array, dtype):
    if dtype == tf.string:
        return tf.make_tensor_proto(array, tf.string,
                                    array.shape).SerializeToString()
    message = tensor_pb2.TensorProto(
        dtype=dtype.as_datatype_enum,
        tensor_content=np.ascontiguousarray(array).tobytes())
    message.tensor_shape.SetInParent()
    for n in array.shape:
        message.tensor_shape.dim.add(size=n)
    return message.SerializeToString()
