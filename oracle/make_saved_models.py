"""Writes small SavedModels of every kind, with TensorFlow.

    python oracle/make_saved_models.py OUT_DIR  (committed as tests/golden/saved_model)

words      TensorFlow 1: a table from an asset, legacy_init_op
functions  TensorFlow 2: variables of one name, a loop, a table from an asset
restored   TensorFlow 2: a table whose contents are in the checkpoint
objects    as functions, with names of their own and no saver: the object graph
           says what is where
defaults   TensorFlow 1: an input with a default value
sparse     TensorFlow 1: a sparse input
two        TensorFlow 1: two meta graphs with their own tags
text       as functions, saved_model.pbtxt
chunked    as functions, saved_model.cpb

answers.json says for each what TensorFlow gives for some inputs.
"""
import json
import os
import pathlib
import shutil
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np
import tensorflow as tf
from google.protobuf import descriptor_pool, message_factory, text_format
from tensorflow.core.protobuf import saved_model_pb2
from tensorflow.python.framework import tensor_util

import dump_schema
import riegeli

tf1 = tf.compat.v1
WORDS = "red\ngreen\nblue\n"


# ---- TensorFlow 1 ---------------------------------------------------------------


def save_v1(folder, graphs):
    """`graphs`: (tags, what makes the graph and gives its signatures)."""
    builder = tf1.saved_model.Builder(str(folder))
    for i, (tags, make) in enumerate(graphs):
        with tf1.Graph().as_default(), tf1.Session() as session:
            signatures = make()
            session.run(tf1.global_variables_initializer())
            init = tf1.get_collection("init")
            more = dict(signature_def_map=signatures,
                        assets_collection=tf1.get_collection(
                            tf1.GraphKeys.ASSET_FILEPATHS) or None,
                        main_op=init[0] if init else None)
            if i == 0:
                builder.add_meta_graph_and_variables(session, tags, **more)
            else:
                builder.add_meta_graph(tags, **more)
    builder.save()


def info(tensor):
    return tf1.saved_model.build_tensor_info(tensor)


def signature(inputs, outputs, method="tensorflow/serving/predict"):
    return tf1.saved_model.build_signature_def(
        {k: info(t) for k, t in inputs.items()},
        {k: info(t) for k, t in outputs.items()}, method)


def words():
    path = pathlib.Path("words.txt")
    path.write_text(WORDS)
    word = tf1.placeholder(tf.string, [None], name="word")
    table = tf.lookup.StaticHashTable(tf.lookup.TextFileInitializer(
        str(path), tf.string, tf.lookup.TextFileIndex.WHOLE_LINE, tf.int64,
        tf.lookup.TextFileIndex.LINE_NUMBER), -1)
    rows = tf1.get_variable("rows", use_resource=False, initializer=tf.constant(
        [[1.0, 0.5], [2.0, 0.25], [4.0, 0.125], [8.0, -1.0]]))
    ids = table.lookup(word)
    row = tf1.gather(rows, ids + 1, name="row")
    tf1.add_to_collection("init", tf1.tables_initializer())
    return {"serving_default": signature({"word": word}, {"row": row, "id": ids}),
            "classify": signature({"inputs": word}, {"scores": row},
                                  "tensorflow/serving/classify")}


def defaults():
    x = tf1.placeholder(tf.float32, [None], name="x")
    scale = tf1.placeholder(tf.float32, [], name="scale")
    return {"serving_default": signature({"x": x, "scale": scale},
                                         {"y": tf.multiply(x, scale, name="y")})}


def sparse():
    sp = tf1.sparse_placeholder(tf.float32, [None, 3], name="sp")
    weights = tf1.get_variable("weights", use_resource=True,
                               initializer=tf.constant([[1.0], [10.0], [100.0]]))
    return {"serving_default": signature(
        {"sp": sp}, {"y": tf.sparse.sparse_dense_matmul(sp, weights)})}


def graph_of(bias):
    def make():
        x = tf1.placeholder(tf.float32, [None, 2], name="x")
        w = tf1.get_variable("w", use_resource=bool(bias),
                             initializer=tf.constant([[1.0], [2.0]]))
        return {"serving_default": signature({"x": x},
                                             {"y": tf.add(x @ w, bias, name="y")})}
    return make


# ---- TensorFlow 2 ---------------------------------------------------------------


class Functions(tf.Module):
    def __init__(self, second):
        self.w = tf.Variable([[1.0, 2.0], [3.0, 4.0]], name="w")
        self.b = tf.Variable([0.5, -0.5], name=second)
        path = pathlib.Path("words.txt")
        path.write_text(WORDS)
        self.table = tf.lookup.StaticHashTable(tf.lookup.TextFileInitializer(
            str(path), tf.string, tf.lookup.TextFileIndex.WHOLE_LINE, tf.int64,
            tf.lookup.TextFileIndex.LINE_NUMBER), -1)

    @tf.function(input_signature=[tf.TensorSpec([None, 2], name="x")])
    def affine(self, x):
        y = x @ self.w + self.b
        return {"y": y, "sum": tf.reduce_sum(y, -1)}

    @tf.function(input_signature=[tf.TensorSpec([], tf.int32, name="n")])
    def power(self, n):
        y, i = tf.ones([2]), tf.constant(0)
        while i < n:
            y *= self.b
            i += 1
        return {"y": y}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="word")])
    def look_up(self, word):
        return {"id": self.table.lookup(word)}


class Restored(tf.Module):
    def __init__(self):
        self.table = tf.lookup.experimental.MutableHashTable(tf.string, tf.int64, -1)
        self.table.insert(["one", "two"], [1, 2])
        self.factor = tf.Variable(10, dtype=tf.int64, name="factor")

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="word")])
    def __call__(self, word):
        return {"value": self.table.lookup(word) * self.factor}


def save_functions(folder, second):
    m = Functions(second)
    tf.saved_model.save(m, str(folder), signatures={
        "serving_default": m.affine, "power": m.power, "look_up": m.look_up})


def save_restored(folder):
    tf.saved_model.save(Restored(), str(folder))


# ---- The same in another form ------------------------------------------------------


def read(folder):
    saved = saved_model_pb2.SavedModel()
    saved.ParseFromString((folder / "saved_model.pb").read_bytes())
    return saved


def write(folder, saved):
    """What only takes room is left out: firn and TensorFlow know the ops."""
    for meta in saved.meta_graphs:
        meta.meta_info_def.ClearField("stripped_op_list")
        nodes = list(meta.graph_def.node)
        for function in meta.graph_def.library.function:
            nodes += function.node_def
        for node in nodes:
            node.ClearField("experimental_debug_info")
            node.attr.pop("_output_shapes", None)
    (folder / "saved_model.pb").write_bytes(
        saved.SerializeToString(deterministic=True))


def copy(out, name, end):
    shutil.copytree(out / "functions", out / name)
    (out / name / "saved_model.pb").unlink()
    return out / name / ("saved_model" + end)


def tag(field=None, index=None, key=None):
    from_key = {"map_key": {"s": key}} if key is not None else {}
    return dict({"field": field} if field else {},
                **({"index": index} if index is not None else {}), **from_key)


def chunked(out, metadata):
    """What TensorFlow's splitter does with large models: the functions in two parts,
    a node and a constant's bytes by themselves."""
    path, saved = copy(out, "chunked", ".cpb"), read(out / "functions")
    graph = saved.meta_graphs[0].graph_def
    writer, meta = riegeli.Writer(), metadata()
    to_graph = [tag(2), tag(index=0), tag(2)]

    def put(data, kind, *fields):
        meta.chunks.add(type=kind, size=len(data), offset=writer.add(data))
        if not fields:
            meta.message.chunk_index = 0
            return
        added = meta.message.chunked_fields.add(field_tag=fields)
        added.message.chunk_index = len(meta.chunks) - 1

    functions = list(graph.library.function)
    del graph.library.function[:]
    node, alone = next((i, n) for i, n in enumerate(graph.node)
                       if n.op == "VarHandleOp")
    alone = alone.SerializeToString(deterministic=True)
    graph.node[node].Clear()
    constant = next(n for n in graph.node if n.op == "Const"
                    and n.attr["value"].tensor.dtype != tf.string.as_datatype_enum)
    where = list(graph.node).index(constant)
    tensor = constant.attr["value"].tensor
    array = tensor_util.MakeNdarray(tensor)
    content = array.tobytes()
    for name in ("float_val", "int_val", "int64_val", "bool_val"):
        tensor.ClearField(name)
    tensor.ClearField("tensor_content")
    put(saved.SerializeToString(deterministic=True), 1)
    library = type(graph.library)
    half = len(functions) // 2
    for part in (functions[:half], functions[half:]):
        put(library(function=part).SerializeToString(deterministic=True), 1,
            *to_graph, tag(2))
    put(alone, 1, *to_graph, tag(1), tag(index=node))
    put(content, 2, *to_graph, tag(1), tag(index=where), tag(5), tag(key="value"),
        tag(8), tag(4))
    meta.version.splitter_version = 1
    writer.add(meta.SerializeToString(deterministic=True))
    path.write_bytes(bytes(writer.data))


def chunk_metadata():
    """The class that the package has no Python module for."""
    base = pathlib.Path(tf.__file__).parent
    for name in (b"versions", b"chunk"):
        dump_schema.load_from_library(
            base, b"tensorflow/tools/proto_splitter/" + name + b".proto")
    return message_factory.GetMessageClass(
        descriptor_pool.Default().FindMessageTypeByName(
            "tensorflow.proto_splitter.ChunkMetadata"))


# ---- Answers ------------------------------------------------------------------------

RUNS = [
    ("words", ["serve"], "serving_default", {"word": ["blue", "red", "pink"]}),
    ("words", ["serve"], "classify", {"inputs": ["green"]}),
    ("restored", ["serve"], "serving_default", {"word": ["two", "one", "six"]}),
    ("two", ["serve"], "serving_default", {"x": [[1.0, 2.0], [3.0, 0.0]]}),
    ("two", ["train"], "serving_default", {"x": [[1.0, 2.0], [3.0, 0.0]]}),
    ("defaults", ["serve"], "serving_default", {"x": [1.0, 2.0], "scale": 3.0}),
]
for form in ("functions", "objects", "text", "chunked"):
    RUNS += [
        (form, ["serve"], "serving_default", {"x": [[1.0, 0.0], [2.0, -1.0]]}),
        (form, ["serve"], "power", {"n": 3}),
        (form, ["serve"], "look_up", {"word": ["blue", "grey"]}),
    ]


def plain(array):
    return (np.vectorize(lambda b: b.decode(), otypes=[object])(array)
            if array.dtype == object else array).tolist()


def answer(out, name, tags, key, inputs):
    """Python cannot open .cpb in the pip package; its C++ library joins ours to the
    same message."""
    asked = "functions" if name == "chunked" else name
    call = tf.saved_model.load(str(out / asked), tags).signatures[key]
    given = call.structured_input_signature[1]
    result = call(**{k: tf.constant(v, given[k].dtype) for k, v in inputs.items()})
    return {"model": name, "tags": ",".join(tags), "signature": key,
            "feeds": inputs, "outputs": {k: plain(v.numpy())
                                         for k, v in sorted(result.items())}}


def main():
    out = pathlib.Path(sys.argv[1]).resolve()
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    os.chdir(out)
    save_v1(out / "words", [(["serve"], words)])
    save_v1(out / "defaults", [(["serve"], defaults)])
    save_v1(out / "sparse", [(["serve"], sparse)])
    save_v1(out / "two", [(["train"], graph_of(1.0)), (["serve"], graph_of(0.0))])
    save_functions(out / "functions", "w")
    save_functions(out / "objects", "b")
    save_restored(out / "restored")
    (out / "words.txt").unlink()

    saved = read(out / "words") # as builders wrote it before TensorFlow 1.9
    old = saved.meta_graphs[0].collection_def
    old["legacy_init_op"].CopyFrom(old["saved_model_main_op"])
    del old["saved_model_main_op"]
    del saved.meta_graphs[0].asset_file_def[:]
    write(out / "words", saved)

    saved = read(out / "defaults")
    default = saved.meta_graphs[0].signature_def["serving_default"].defaults
    default["scale"].CopyFrom(tf.make_tensor_proto(2.0))
    write(out / "defaults", saved)

    for name in ("sparse", "two", "restored", "functions", "objects"):
        write(out / name, read(out / name))
    saved = read(out / "functions")
    copy(out, "text", ".pbtxt").write_text(text_format.MessageToString(saved))
    saved = read(out / "objects")
    saved.meta_graphs[0].ClearField("saver_def")
    write(out / "objects", saved)
    chunked(out, chunk_metadata())
    for folder in out.iterdir():
        (folder / "fingerprint.pb").unlink(missing_ok=True)
    answers = [answer(out, *run) for run in RUNS]
    (out / "answers.json").write_text("[" + ",\n ".join(
        json.dumps(a) for a in answers) + "]\n")


if __name__ == "__main__":
    main()
