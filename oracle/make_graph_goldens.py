"""Writes tests/golden/opdef and tests/golden/graph.

    python make_graph_goldens.py

opdef/crc32c.txt   every op of src/opdef/opdefs.txt: the checksum of TensorFlow's
                   definition without descriptions and type-inference facts
graph/zoo.pb       a graph with every way to say how many outputs an op has
graph/zoo.pbtxt    the same as text
graph/zoo.txt      what TensorFlow takes it for: name, op, inputs, control inputs,
                   types of the outputs
"""
import pathlib

import tensorflow as tf
from google.protobuf import text_format
from tensorflow.core.framework import op_def_pb2
from tensorflow.python.client import pywrap_tf_session

v1 = tf.compat.v1
GOLDEN = pathlib.Path(__file__).resolve().parent.parent / "tests" / "golden"


def crc32c(data):
    crc = 0xffffffff
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82f63b78 if crc & 1 else 0)
    return crc ^ 0xffffffff


def op_checksums():
    ops = op_def_pb2.OpList()
    buffer = pywrap_tf_session.TF_GetAllOpList()
    ops.ParseFromString(pywrap_tf_session.TF_GetBuffer(buffer))
    lines = []
    for op in sorted(ops.op, key=lambda op: op.name.encode()):
        if op.name.lstrip("_").startswith("Mkl"):
            continue
        op.ClearField("summary")
        op.ClearField("description")
        for part in [*op.input_arg, *op.output_arg, *op.attr]:
            part.ClearField("description")
        for arg in [*op.input_arg, *op.output_arg]:
            arg.ClearField("experimental_full_type")
        lines.append("%s %08x\n" % (
            op.name, crc32c(op.SerializeToString(deterministic=True))))
    return "".join(lines)


@tf.function(input_signature=[tf.TensorSpec([], tf.float32)] * 2)
def sum_and_product(x, y):
    return x + y, x * y, tf.cast(x, tf.int32)


def build_zoo():
    x = v1.placeholder(tf.float32, [None, 6], name="x")
    v = v1.get_variable("v", [6], use_resource=False)
    r = v1.get_variable("r", [6], use_resource=True)
    with tf.name_scope("many"):
        parts = tf.split(x, 3, axis=1, name="split")
        tf.concat(parts, 0, name="concat")
        tf.unstack(tf.constant([1, 2, 3, 4]), name="unstack")
        tf.split(x, [1, 2, 3], axis=1, name="split_v")
    with tf.name_scope("kinds"):
        tf.cast(x, tf.int64, name="cast")
        tf.shape(x, out_type=tf.int64, name="shape")
        tf.raw_ops.Unique(x=tf.constant([1, 1, 2]), name="unique")
        tf.nn.moments(x, [0], name="moments")
        tf.raw_ops.TopKV2(input=x, k=2, name="top_k")
        tf.raw_ops.FusedBatchNormV3(
            x=tf.zeros([1, 2, 2, 3]), scale=tf.ones([3]), offset=tf.zeros([3]),
            mean=[], variance=[], name="norm")
    with tf.name_scope("state"):
        assign = v1.assign(v, x[0], name="assign")
        v1.assign_add(v, x[0], name="assign_add")
        with tf.control_dependencies([assign.op]):
            tf.identity(r, name="read")
        queue = v1.FIFOQueue(10, [tf.float32, tf.string, tf.bool], name="queue")
        queue.dequeue(name="dequeue")
        v1.Print(x, [x], name="print")
        table = tf.lookup.experimental.MutableHashTable(
            tf.string, tf.int64, -1, name="table")
        table.lookup(tf.constant(["a"]), name="lookup")
    v1.disable_control_flow_v2()
    with tf.name_scope("flow"):
        v1.while_loop(lambda i, s: i < 3, lambda i, s: (i + 1, s * 2.0),
                      [0, x], name="loop")
        v1.cond(tf.reduce_sum(x) > 0.0, lambda: x + v, lambda: x, name="choice")
    v1.enable_control_flow_v2()
    with tf.name_scope("functional"):
        sum_and_product(x[0, 0], x[0, 1])
        v1.cond(tf.reduce_sum(x) > 0.0, lambda: x + 1.0, lambda: x, name="choice")
        v1.while_loop(lambda i, s: i < 3, lambda i, s: (i + 1, s * 2.0), [0, x])
    v1.py_func(lambda a: (a, a), [x], [tf.float32, tf.float64], name="py")


def describe(graph, names):
    lines = []
    for op in map(graph.get_operation_by_name, names):
        lines.append("%s %s < %s ^ %s > %s" % (
            op.name, op.type,
            " ".join("%s:%d" % (t.op.name, t.value_index) for t in op.inputs),
            " ".join(sorted(c.name for c in op.control_inputs)),
            " ".join(str(t.dtype.as_datatype_enum) for t in op.outputs)))
    return "\n".join(" ".join(line.split()) for line in lines) + "\n"


def main():
    (GOLDEN / "opdef").mkdir(parents=True, exist_ok=True)
    (GOLDEN / "graph").mkdir(parents=True, exist_ok=True)
    (GOLDEN / "opdef/crc32c.txt").write_text(op_checksums())
    with tf.Graph().as_default() as graph:
        build_zoo()
    definition = graph.as_graph_def()
    with tf.Graph().as_default() as again:
        tf.graph_util.import_graph_def(definition, name="")
    (GOLDEN / "graph/zoo.pb").write_bytes(
        definition.SerializeToString(deterministic=True))
    (GOLDEN / "graph/zoo.pbtxt").write_text(
        text_format.MessageToString(definition))
    (GOLDEN / "graph/zoo.txt").write_text(
        describe(again, [node.name for node in definition.node]))


main()
