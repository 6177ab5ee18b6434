"""Writes src/opdef/opdefs.txt from the op registry of TensorFlow.

    python dump_opdefs.py

Checks that tools/gen_opdef.py reads back what was written: every definition must
serialise to the very bytes that TensorFlow's does.
"""
import pathlib
import sys

import numpy as np
import tensorflow as tf
from tensorflow.core.framework import op_def_pb2, types_pb2
from tensorflow.python.client import pywrap_tf_session

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))
import gen_opdef

HEAD = """\
# Every op that TensorFlow %s registers, without descriptions and type-inference
# facts, and without the layout-specific oneDNN ops (_Mkl...), which a graph only
# holds while it runs. Written by oracle/dump_opdefs.py; the notation is explained
# in tools/gen_opdef.py, which makes opdef_table.c from it.
"""


def type_name(number):
    return types_pb2.DataType.Name(number)[3:].lower()


def quoted(data):
    out = ""
    for byte in data if isinstance(data, bytes) else data.encode():
        char = chr(byte)
        if char in "'\\":
            out += "\\" + char
        elif 32 <= byte < 127:
            out += char
        else:
            out += "\\%03o" % byte
    return "'" + out + "'"


def float_text(value):
    """The shortest decimal that gives the same float32."""
    text = str(np.float32(value))
    assert np.float32(float(text)) == np.float32(value) or value != value
    return text


def shape_text(shape):
    if shape.unknown_rank:
        return "?"
    return "[" + ",".join(str(d.size) for d in shape.dim) + "]"


def tensor_text(t):
    values = ",".join(str(v) for v in t.int_val)
    return "%s%s(%s)" % (type_name(t.dtype), shape_text(t.tensor_shape), values)


def value_text(value):
    which = value.WhichOneof("value")
    one = {"s": quoted, "i": str, "f": float_text, "type": type_name,
           "b": lambda b: "true" if b else "false", "shape": shape_text,
           "tensor": tensor_text}
    if which != "list":
        return one[which](getattr(value, which))
    fields = value.list.ListFields()
    assert len(fields) <= 1
    items = [one[f.name](v) for f, vs in fields for v in vs]
    return "{" + ",".join(items) + "}"


def arg_text(arg):
    text = arg.type_attr or arg.type_list_attr or type_name(arg.type)
    if arg.is_ref:
        text = "ref " + text
    if arg.number_attr:
        text = arg.number_attr + " * " + text
    return "%s: %s" % (arg.name, text)


def attr_text(attr):
    text = "%s: %s" % (attr.name, attr.type)
    if attr.HasField("allowed_values"):
        text += " in " + value_text(attr.allowed_values)
    if attr.has_minimum:
        text += " >= %d" % attr.minimum
    if attr.HasField("default_value"):
        text += " = " + value_text(attr.default_value)
    return text


FLAGS = {"is_aggregate": "aggregate", "is_stateful": "stateful",
         "is_commutative": "commutative",
         "allows_uninitialized_input": "uninitialized",
         "is_distributed_communication": "distributed"}


def op_text(op):
    lines = ["op " + op.name]
    lines += ["  in " + arg_text(a) for a in op.input_arg]
    lines += ["  out " + arg_text(a) for a in op.output_arg]
    lines += ["  attr " + attr_text(a) for a in op.attr]
    flags = [word for field, word in FLAGS.items() if getattr(op, field)]
    if flags:
        lines.append("  is " + " ".join(flags))
    if op.HasField("deprecation"):
        lines.append("  deprecated %d %s" % (
            op.deprecation.version, quoted(op.deprecation.explanation)))
    return "\n".join(lines) + "\n"


def registered():
    ops = op_def_pb2.OpList()
    buffer = pywrap_tf_session.TF_GetAllOpList()
    ops.ParseFromString(pywrap_tf_session.TF_GetBuffer(buffer))
    for op in ops.op:
        op.ClearField("summary")
        op.ClearField("description")
        for part in [*op.input_arg, *op.output_arg, *op.attr]:
            part.ClearField("description")
        for arg in [*op.input_arg, *op.output_arg]:
            arg.ClearField("experimental_full_type")
    wanted = [op for op in ops.op if not op.name.lstrip("_").startswith("Mkl")]
    return sorted(wanted, key=lambda op: op.name.encode())


def main():
    ops = registered()
    text = HEAD % tf.__version__ + "\n" + "\n".join(map(op_text, ops))
    read = gen_opdef.parse(text, "opdefs.txt")
    assert len(read) == len(ops)
    for op in ops:
        have = gen_opdef.encode(read[op.name])
        want = op.SerializeToString(deterministic=True)
        assert have == want, (op.name, have, want)
    (ROOT / "src/opdef/opdefs.txt").write_text(text)
    print("%d ops" % len(ops))


main()
