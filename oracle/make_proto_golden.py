"""Writes tests/golden/proto: what protobuf itself makes of messages.

    python make_proto_golden.py ../tests/golden/proto

    index.txt                 NAME TYPE of each message
    NAME.pb, NAME.pbtxt       the message, binary and text
    wire.txt                  TYPE HEX WHAT: the canonical bytes after parsing
                              HEX, or `refused`
    syntax.txt                `--- TYPE WHAT`, then the text up to the next one
"""
import pathlib
import struct
import sys

import tensorflow as tf
from google.protobuf import descriptor_pool, message_factory, text_format

import dump_schema

GRAPH = """
node { name: "x" op: "Placeholder"
  attr { key: "dtype" value { type: DT_FLOAT } }
  attr { key: "shape" value { shape { dim { size: -1 } dim { size: 784 }
                                      dim { name: "c" } } } } }
node { name: "w" op: "Const" device: "/device:CPU:0"
  attr { key: "dtype" value { type: DT_HALF } }
  attr { key: "value" value { tensor { dtype: DT_HALF half_val: 15360
         half_val: 0 tensor_shape { dim { size: 2 } } } } } }
node { name: "m" op: "Many" input: "x" input: "w:1" input: "^x"
  attr { key: "T" value { type: DT_FLOAT } }
  attr { key: "Tidx" value { type: 999 } }
  attr { key: "_b" value { b: false } }
  attr { key: "f" value { f: 0.1 } }
  attr { key: "i" value { i: -1 } }
  attr { key: "zero" value { i: 0 } }
  attr { key: "s" value { s: "bytes \\000\\377\\n'\\"" } }
  attr { key: "none" value { } }
  attr { key: "hold" value { placeholder: "T" } }
  attr { key: "fn" value { func { name: "g"
         attr { key: "T" value { type: DT_INT64 } } } } }
  attr { key: "list" value { list { i: 1 i: -2 f: 1.5 f: 1e-30 b: true b: false
         type: DT_STRING shape { unknown_rank: true } s: "a" s: "" func { } } }
  }
  attr { key: "" value { list { } } }
  experimental_debug_info { original_node_names: "old" } }
versions { producer: 1087 min_consumer: 12 bad_consumers: 3 bad_consumers: 5 }
library { function {
  signature { name: "g" input_arg { name: "a" type: DT_INT32 }
    attr { name: "N" type: "int" has_minimum: true minimum: -5
           allowed_values { list { i: 1 } } } is_stateful: true }
  arg_attr { key: 2 value { attr { key: "k" value { s: "v" } } } }
  arg_attr { key: 300 value { } } arg_attr { key: 0 value { } }
  ret { key: "r" value: "a:0" } ret { key: "empty" value: "" }
  resource_arg_unique_id { key: 0 value: 0 }
  resource_arg_unique_id { key: 7 value: 4294967295 } }
  gradient { function_name: "g" gradient_func: "g_grad" } }
"""

META = """
meta_info_def { meta_graph_version: "v" tags: "serve" tags: "tpu"
  stripped_op_list { op { name: "NoOp" } }
  tensorflow_version: "2.21.0" stripped_default_attrs: true
  function_aliases { key: "b" value: "a" } }
collection_def { key: "vars" value { bytes_list { value: "\\n\\003abc" } } }
collection_def { key: "names" value { node_list { value: "a" value: "b" } } }
collection_def { key: "ints" value { int64_list { value: [1, -1, 300] } } }
collection_def { key: "floats" value { float_list { value: [1, 0.25] } } }
collection_def { key: "any" value { any_list {
  value { [type.googleapis.com/tensorflow.NodeDef] { name: "n" op: "o" } }
  value { type_url: "type.googleapis.com/not.Known" value: "\\001" }
  value { type_url: "no slash" } } } }
signature_def { key: "serving_default" value {
  inputs { key: "x" value { name: "x:0" dtype: DT_FLOAT
           tensor_shape { dim { size: -1 } } } }
  outputs { key: "y" value { coo_sparse { values_tensor_name: "v" } } }
  method_name: "tensorflow/serving/predict" } }
asset_file_def { tensor_info { name: "f:0" } filename: "vocab.txt" }
saver_def { filename_tensor_name: "save/Const:0" max_to_keep: 5
            keep_checkpoint_every_n_hours: 10000 version: V2 }
object_graph_def { nodes { children { node_id: 1 local_name: "a" }
    user_object { identifier: "_generic" version { producer: 1 } } }
  nodes { variable { dtype: DT_FLOAT shape { } name: "v" trainable: true } }
  nodes { function { concrete_functions: "f" function_spec {
    fullargspec { tuple_value { values { none_value { } }
      values { float64_value: 0.1 } values { int64_value: -3 }
      values { tensor_spec_value { name: "t" shape { unknown_rank: true } } }
      values { named_tuple_value { name: "P" values { key: "k"
               value { bool_value: false } } } } } } } } }
  concrete_functions { key: "f" value { bound_inputs: 1 } } }
"""

CONFIG = """
device_count { key: "GPU" value: 0 } device_count { key: "CPU" value: 2 }
intra_op_parallelism_threads: 4 allow_soft_placement: true
gpu_options { per_process_gpu_memory_fraction: 0.9 allow_growth: true
  experimental { virtual_devices { memory_limit_mb: 1.5 } } }
graph_options { optimizer_options { opt_level: L0 global_jit_level: ON_2 }
  rewrite_options { constant_folding: OFF optimizers: "layout"
    custom_optimizers { name: "c"
      parameter_map { key: "p" value { i: 1 } } } } }
experimental { coordination_config { service_type: "standalone" } }
cluster_def { job { name: "w" tasks { key: 1 value: "b:1" }
                    tasks { key: 0 value: "a:0" } } }
"""

EVENT = """
wall_time: 1234567890.123 step: 7
summary { value { tag: "loss" simple_value: 0.3333333 }
  value { tag: "h" histo { min: -1 max: 1e300 num: 3 bucket_limit: [1, 2.5]
          bucket: [0, 3] } }
  value { tag: "i" image { height: 1 width: 2 colorspace: 3
          encoded_image_string: "\\211PNG\\r\\n" } }
  value { tag: "t" metadata { plugin_data { plugin_name: "text" } }
          tensor { dtype: DT_STRING string_val: "a\\tb" } } }
"""

EXAMPLE = """
context { feature { key: "id" value { bytes_list { value: "a" value: "" } } }
  feature { key: "len" value { int64_list { value: 3 } } } }
feature_lists { feature_list { key: "seq" value {
  feature { float_list { value: [0.5, -0.0] } } feature { } } } }
"""

OBJECTS = """
nodes { children { node_id: 1 local_name: "v" }
  slot_variables { original_variable_node_id: 1 slot_name: "m"
                   slot_variable_node_id: 2 }
  has_checkpoint_values { value: true } }
nodes { attributes { name: "VARIABLE_VALUE" full_name: "v"
        checkpoint_key: "v/.ATTRIBUTES/VARIABLE_VALUE" }
  has_checkpoint_values { } registered_saver { name: "s" object_name: "o" } }
"""

CHUNKS = """
chunk_index: 0
chunked_fields { field_tag { field: 2 } field_tag { index: 0 }
  field_tag { map_key { s: "k" } } field_tag { map_key { boolean: false } }
  message { chunk_index: 3 } }
"""

MESSAGES = {
    "graph": ("tensorflow.GraphDef", GRAPH),
    "meta": ("tensorflow.MetaGraphDef", META),
    "config": ("tensorflow.ConfigProto", CONFIG),
    "event": ("tensorflow.Event", EVENT),
    "example": ("tensorflow.SequenceExample", EXAMPLE),
    "objects": ("tensorflow.TrackableObjectGraph", OBJECTS),
    "chunks": ("tensorflow.proto_splitter.ChunkedMessage", CHUNKS),
    "header": ("tensorflow.BundleHeaderProto",
               "num_shards: 1 endianness: BIG version { producer: 1 }"),
    "entry": ("tensorflow.BundleEntryProto",
              "dtype: DT_INT64 shape { dim { size: 3 } } shard_id: 1 offset: "
              "5000000000 size: 24 crc32c: 0xfedcba98 "
              "slices { extent { start: 1 length: 2 } extent { } }"),
    "utf8": ("tensorflow.NodeDef",
             'name: "\u00e9\u20ac\U0001f600\\\\ \' \\" \\t\\r\\n\\001\\177" '
             'input: "\u0085\ufffd"'),
    "empty": ("tensorflow.GraphDef", ""),
}

WIRE = [
    ("tensorflow.NodeDef", rows) for rows in """
2a030a0161 2a021200 2a0512001200 2a080a01611200120130
2a080a0161120218012a080a016112021802 2a0a0a0161120218011202 2a080a01611202f806
0b0c 0b130c0c 0b13140c 0b 0c 0800 0a05 000a 07 06 ffffffff7f ffffffff0f
ffffffffffffffffff01 0affffffffffffffffff7f 0aff 0a01 5a0161 5a01610a0178
320a0a0161320a0a0162 32030a016132030a0162 8a0101780a0161 0a01780a0179
""".split()
] + [
    ("tensorflow.AttrValue", rows) for rows in """
1801 18012000 1801200028002801 180118 2080 250000803f2d 2d0000c03f2d0000c03f
42021200 420212003a00 4204120208013a001801 4204120208014204120208024202
0a0212004202120042020a00 4206120408011801 0a020a010a0318010a 0a030a01613a00
18808080808080808080011801 18ffffffffffffffffff01 18ffffffffffffffffff02
3080808080f0ffffffff01 30ffffffff0f 280228ff01 0a0522000000000a
0a0422000000 0a0422040000803f 0a0525000080 0a0525000080c01a0118 0a0422030000c0
0a031a0180 0a041a02800118051d 0a051a03050180 0a0418051801 0a063203010203
""".split()
] + [
    ("tensorflow.TensorProto", rows) for rows in """
2a040000803f2d00000040 2d00000040 31 310000000000000000 3a0101 3801 38013801
3a0380 6a0203ff 6a03ffff03 0800 08ffffffff0f 08ffffffffffffffffff01
0880808080f8ff03
22020800220208012a00 120412020801120412020802 1204120208011200 4801 0a00
""".split()
] + [
    ("google.protobuf.DoubleValue", "090000000000000080"),
    ("google.protobuf.FloatValue", "0d00000080"),
    ("google.protobuf.FloatValue", "0d00000000"),
    ("tensorflow.FunctionDef", "3a0408ac0212003a00"),
    ("tensorflow.ConfigProto", "0a050a01611001" "0a050a01611000"),
    ("tensorflow.GraphDebugInfo.FileLineCol", "080010001801"),
]

WIRE += [("tensorflow.FullTypeDef", n) for n in (99, 100, 101)]

SYNTAX = r"""
--- tensorflow.NodeDef
name: "a" op: 'b'; input: "x", input: "y" # a comment
--- tensorflow.NodeDef
name: "a" 'b' "c"
  "d"
--- tensorflow.NodeDef
name: "\a\b\f\n\r\t\v\\\'\"\101\1012\x41\x4g\xfg"
--- tensorflow.NodeDef
name: "\u00e9\U0001F600"
--- tensorflow.NodeDef
input: ["a", "b" "c", 'd'] input: []
--- tensorflow.NodeDef
attr < key: "k" value: < i: 1 > > attr: { key: "j", value { b: true }, };
--- tensorflow.NodeDef
attr [{ key: "k" }, { value { i: 2 } }]
--- tensorflow.NodeDef
attr { key: "k" value { i: 1 } } attr { key: "k" value { b: true } }
--- tensorflow.NodeDef
name "a"
--- tensorflow.NodeDef
name: a
--- tensorflow.NodeDef
name: "a
--- tensorflow.NodeDef
name: "a" name: "b"
--- tensorflow.NodeDef
nothing: 1
--- tensorflow.NodeDef
name: "a" }
--- tensorflow.NodeDef
attr { key: "a"
--- tensorflow.NodeDef
attr { key: "a" >
--- tensorflow.NodeDef
input: ["a" "b"
--- tensorflow.NodeDef
[some.extension]: 1
--- tensorflow.AttrValue
i: 0x10
--- tensorflow.AttrValue
i: 017
--- tensorflow.AttrValue
i: -9223372036854775808
--- tensorflow.AttrValue
i: 9223372036854775808
--- tensorflow.AttrValue
i: -0x8000000000000000
--- tensorflow.AttrValue
i: 1.0
--- tensorflow.AttrValue
i: 08
--- tensorflow.AttrValue
i: 1 f: 2
--- tensorflow.AttrValue
b: t
--- tensorflow.AttrValue
b: True
--- tensorflow.AttrValue
b: false
--- tensorflow.AttrValue
b: f
--- tensorflow.AttrValue
b: 1
--- tensorflow.AttrValue
b: 0
--- tensorflow.AttrValue
b: 2
--- tensorflow.AttrValue
b: yes
--- tensorflow.AttrValue
type: DT_FLOAT
--- tensorflow.AttrValue
type: 1
--- tensorflow.AttrValue
type: -1
--- tensorflow.AttrValue
type: 4000
--- tensorflow.AttrValue
type: DT_NOTHING
--- tensorflow.AttrValue
type: 4294967296
--- tensorflow.AttrValue
list { f: [1, 1.5, .5, 2., 1e3, 1E-3, 1f, 1.5F, inf, -inf, infinity, nan, -1] }
--- tensorflow.AttrValue
list { f: [INF, NaN, -Infinity, inff, nanf, 1e40, -1e400, 1e-60, 1e+2] }
--- tensorflow.AttrValue
f: 0x10
--- tensorflow.AttrValue
f: 1e
--- tensorflow.AttrValue
f: abc
--- tensorflow.AttrValue
f: 010
--- tensorflow.AttrValue
list { i: [1, 2,] }
--- tensorflow.AttrValue
list { i: [1, 2] i: 3 }
--- tensorflow.AttrValue
list { i: [1; 2] }
--- tensorflow.AttrValue
s: "\400"
--- tensorflow.AttrValue
s: "\377\xff\xFf"
--- tensorflow.AttrValue
s: "tab	inside"
--- tensorflow.TensorProto
dtype: DT_UINT32 uint32_val: [4294967295, 0] version_number: 2147483647
--- tensorflow.TensorProto
uint32_val: 4294967296
--- tensorflow.TensorProto
uint32_val: -1
--- tensorflow.TensorProto
int_val: -2147483648 int_val: 0x7fffffff
--- tensorflow.TensorProto
int_val: 2147483648
--- tensorflow.TensorProto
uint64_val: 18446744073709551615
--- tensorflow.TensorProto
uint64_val: 18446744073709551616
--- tensorflow.TensorProto
double_val: [1e308, 1e309, 4.9e-324, 0.1, -0.0, 123456789012345678]
--- google.protobuf.Any
[type.googleapis.com/tensorflow.VersionDef] { min_consumer: 2 producer: 1 }
--- google.protobuf.Any
[type.googleapis.com/tensorflow.VersionDef]: < producer: 0 >
--- google.protobuf.Any
type_url: "type.googleapis.com/tensorflow.VersionDef" value: "\010\001"
--- tensorflow.CheckpointState
model_checkpoint_path: "model.ckpt-10"
all_model_checkpoint_paths: "model.ckpt-5"
all_model_checkpoint_paths: "model.ckpt-10"
all_model_checkpoint_timestamps: 1700000000.123
last_preserved_timestamp: 1.7e9
"""


def new(name):
    pool = descriptor_pool.Default()
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(name))()


def canonical(message):
    return message.SerializeToString(deterministic=True)


def numbers():
    """Floats and doubles at the edges of how they are printed."""
    m = new("tensorflow.TensorProto")
    bits32 = [0, 1, 2, 71, 0x7fffff, 0x800000, 0x800001, 0x80000000, 0x3dcccccd,
              0x7f7fffff, 0x7f800000, 0xff800000, 0x7fc00000, 0x0032456e]
    m.float_val.extend(struct.unpack("<f", struct.pack("<I", b))[0]
                       for b in bits32)
    m.float_val.extend(float(s) for s in
                       "1 10 16777216 1e15 1e16 1e-4 9.9e-5 3.14159274 "
                       "123456.789 0.333333343 -2.5e-7 33554432".split())
    m.double_val.extend(float(s) for s in
                        "0 -0.0 1 0.1 1e15 1e16 123456789012345680 1e-4 1e-5 "
                        "5e-324 2.2250738585072014e-308 1.7976931348623157e308 "
                        "7.120236347223045e-307 0.30000000000000004 1e22 1e23 "
                        "inf -inf nan 9007199254740993 4503599627370497.5"
                        .split())
    return m


def nested(depth):
    """A FullTypeDef in a FullTypeDef, `depth` of them below the outermost."""
    m = new("tensorflow.FullTypeDef")
    inner = m
    for _ in range(depth):
        inner = inner.args.add()
    return m.SerializeToString().hex()


def damage_rows():
    for name, text in WIRE:
        text = nested(text) if isinstance(text, int) else text
        m = new(name)
        try:
            m.ParseFromString(bytes.fromhex(text))
            what = canonical(m).hex() or "-"
        except Exception:
            what = "refused"
        yield f"{name} {text} {what}\n"


def syntax_rows():
    for row in SYNTAX.lstrip("\n").split("--- ")[1:]:
        name, text = row.split("\n", 1)
        m = new(name)
        try:
            text_format.Parse(text, m)
            what = canonical(m).hex() or "-"
        except (text_format.ParseError, ValueError):
            what = "refused"
        yield f"--- {name} {what}\n{text}"


def main(folder):
    dump_schema.load_everything()
    out = pathlib.Path(folder)
    index = []
    made = {name: (type_, text_format.Parse(text, new(type_)))
            for name, (type_, text) in MESSAGES.items()}
    made["numbers"] = ("tensorflow.TensorProto", numbers())
    for name, (type_, m) in sorted(made.items()):
        index.append(f"{name} {type_}\n")
        (out / f"{name}.pb").write_bytes(canonical(m))
        (out / f"{name}.pbtxt").write_bytes(
            text_format.MessageToString(m).encode())
    (out / "index.txt").write_text("".join(index))
    (out / "wire.txt").write_text("".join(damage_rows()))
    (out / "syntax.txt").write_text("".join(syntax_rows()))


if __name__ == "__main__":
    assert tf
    main(sys.argv[1])
