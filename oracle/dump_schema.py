"""Writes src/proto/messages.schema from the descriptors of TensorFlow.

    python dump_schema.py > src/proto/messages.schema

The roots are listed here; whatever they reach by their fields comes along.
"""
import importlib
import pathlib

import tensorflow as tf
from google.protobuf import (any_pb2, descriptor_pb2, descriptor_pool,
                             wrappers_pb2)
from google.protobuf.descriptor import FieldDescriptor as FD

ROOTS = """
tensorflow.GraphDef tensorflow.FunctionDefLibrary tensorflow.OpDef
tensorflow.OpList tensorflow.ResourceHandleProto tensorflow.FullTypeDef
tensorflow.GraphDebugInfo tensorflow.VariantTensorDataProto
tensorflow.MetaGraphDef tensorflow.SaverDef tensorflow.SavedModel
tensorflow.SavedObjectGraph tensorflow.TrackableObjectGraph
tensorflow.BundleHeaderProto tensorflow.BundleEntryProto
tensorflow.TensorSliceProto tensorflow.SavedTensorSlices
tensorflow.CheckpointState tensorflow.VariableDef tensorflow.SaveSliceInfoDef
tensorflow.QueueRunnerDef tensorflow.CondContextDef tensorflow.WhileContextDef
tensorflow.ControlFlowContextDef tensorflow.ValuesDef tensorflow.Example
tensorflow.SequenceExample tensorflow.Features tensorflow.FeatureLists
tensorflow.Summary tensorflow.Event tensorflow.ConfigProto
tensorflow.RunOptions tensorflow.FingerprintDef tensorflow.NamedTensorProto
tensorflow.CompositeTensorVariantMetadata
tensorflow.proto_splitter.ChunkedMessage
tensorflow.proto_splitter.ChunkMetadata
google.protobuf.Any google.protobuf.DoubleValue google.protobuf.FloatValue
google.protobuf.Int64Value google.protobuf.UInt64Value
google.protobuf.Int32Value google.protobuf.UInt32Value
google.protobuf.BoolValue google.protobuf.StringValue
google.protobuf.BytesValue
""".split()

KINDS = {
    FD.TYPE_DOUBLE: "double", FD.TYPE_FLOAT: "float", FD.TYPE_INT32: "int32",
    FD.TYPE_INT64: "int64", FD.TYPE_UINT32: "uint32",
    FD.TYPE_UINT64: "uint64", FD.TYPE_SINT32: "sint32",
    FD.TYPE_SINT64: "sint64", FD.TYPE_FIXED32: "fixed32",
    FD.TYPE_FIXED64: "fixed64", FD.TYPE_SFIXED32: "sfixed32",
    FD.TYPE_SFIXED64: "sfixed64", FD.TYPE_BOOL: "bool",
    FD.TYPE_STRING: "string", FD.TYPE_BYTES: "bytes",
}

HEAD = """\
# The facts about every message that firn reads or writes, taken from the
# descriptors of TensorFlow %s by oracle/dump_schema.py. From this file
# tools/gen_proto.py makes messages.h and messages.c.
#
#   enum NAME                      message NAME
#     NUMBER VALUE                   NUMBER FIELD TYPE [HOW]
#
# TYPE is a scalar, `enum NAME` or the name of a message. HOW is one of
#   repeated    several; of numbers: one tag each
#   packed      several numbers, written under one tag
#   map KEY     entries from KEY to TYPE
#   oneof NAME  at most one of the fields with that NAME is set
#   optional    a scalar that tells "zero" from "not there"
"""


def load_everything():
    """Imports each generated module that the installed package has."""
    base = pathlib.Path(tf.__file__).parent
    for path in sorted(base.rglob("*_pb2.py")):
        name = ".".join(path.relative_to(base.parent).with_suffix("").parts)
        try:
            importlib.import_module(name)
        except (ImportError, TypeError):
            pass  # modules of optional parts
    for name in ("versions", "chunk"):
        load_from_library(base, "tensorflow/tools/proto_splitter/"
                          f"{name}.proto".encode())


def load_from_library(base, name):
    """Finds a file descriptor without a Python module in the C++ library."""
    data = (base / "libtensorflow_framework.so.2").read_bytes()
    start = data.index(b"\n" + bytes([len(name)]) + name)
    last = b"b\x06proto3"
    end = data.index(last, start) + len(last)
    file = descriptor_pb2.FileDescriptorProto.FromString(data[start:end])
    descriptor_pool.Default().AddSerializedFile(file.SerializeToString())


def reach(pool):
    messages, enums, todo = {}, {}, list(ROOTS)
    while todo:
        name = todo.pop()
        if name in messages:
            continue
        m = messages[name] = pool.FindMessageTypeByName(name)
        for f in m.fields:
            if f.message_type and f.message_type.GetOptions().map_entry:
                f = f.message_type.fields_by_name["value"]
            if f.message_type:
                todo.append(f.message_type.full_name)
            if f.enum_type:
                enums[f.enum_type.full_name] = f.enum_type
    return messages, enums


def type_of(f):
    if f.message_type:
        return f.message_type.full_name
    if f.enum_type:
        return "enum " + f.enum_type.full_name
    return KINDS[f.type]


def line_of(f):
    if f.message_type and f.message_type.GetOptions().map_entry:
        key = f.message_type.fields_by_name["key"]
        value = f.message_type.fields_by_name["value"]
        return f"{type_of(value)} map {type_of(key)}"
    if f.is_repeated:
        return type_of(f) + (" packed" if f.is_packed else " repeated")
    oneof = f.containing_oneof
    if oneof and not (len(oneof.fields) == 1 and
                      oneof.name == "_" + f.name):
        return f"{type_of(f)} oneof {oneof.name}"
    if f.has_presence and not f.message_type:
        return type_of(f) + " optional"
    return type_of(f)


def main():
    load_everything()
    messages, enums = reach(descriptor_pool.Default())
    print(HEAD % tf.__version__, end="")
    for name in sorted(enums):
        print(f"\nenum {name}")
        for v in enums[name].values:
            print(f"  {v.number} {v.name}")
    for name in sorted(messages):
        print(f"\nmessage {name}")
        for f in sorted(messages[name].fields, key=lambda f: f.number):
            print(f"  {f.number} {f.name} {line_of(f)}")


if __name__ == "__main__":
    assert any_pb2 and wrappers_pb2
    main()
