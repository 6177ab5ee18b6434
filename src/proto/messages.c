/* proto/messages.c: the tables behind messages.h.
 *
 * Made by tools/gen_proto.py from messages.schema; do not edit.
 */
#include "proto/messages.h"

#define AT(message, member) ((uint16_t)offsetof(firn_pb_##message, member))

static const firn_pb_enum_value values_BundleHeaderProto_Endianness[] = {
    {"LITTLE", 0},
    {"BIG", 1},
};
const firn_pb_enum firn_pb_enum_BundleHeaderProto_Endianness = {
    "tensorflow.BundleHeaderProto.Endianness",
    values_BundleHeaderProto_Endianness, 2};

static const firn_pb_enum_value values_ConfigProto_Experimental_MlirBridgeRollout[] = {
    {"MLIR_BRIDGE_ROLLOUT_UNSPECIFIED", 0},
    {"MLIR_BRIDGE_ROLLOUT_ENABLED", 1},
    {"MLIR_BRIDGE_ROLLOUT_DISABLED", 2},
};
const firn_pb_enum firn_pb_enum_ConfigProto_Experimental_MlirBridgeRollout = {
    "tensorflow.ConfigProto.Experimental.MlirBridgeRollout",
    values_ConfigProto_Experimental_MlirBridgeRollout, 3};

static const firn_pb_enum_value values_DataClass[] = {
    {"DATA_CLASS_UNKNOWN", 0},
    {"DATA_CLASS_SCALAR", 1},
    {"DATA_CLASS_TENSOR", 2},
    {"DATA_CLASS_BLOB_SEQUENCE", 3},
};
const firn_pb_enum firn_pb_enum_DataClass = {
    "tensorflow.DataClass",
    values_DataClass, 4};

static const firn_pb_enum_value values_DataType[] = {
    {"DT_INVALID", 0},
    {"DT_FLOAT", 1},
    {"DT_DOUBLE", 2},
    {"DT_INT32", 3},
    {"DT_UINT8", 4},
    {"DT_INT16", 5},
    {"DT_INT8", 6},
    {"DT_STRING", 7},
    {"DT_COMPLEX64", 8},
    {"DT_INT64", 9},
    {"DT_BOOL", 10},
    {"DT_QINT8", 11},
    {"DT_QUINT8", 12},
    {"DT_QINT32", 13},
    {"DT_BFLOAT16", 14},
    {"DT_QINT16", 15},
    {"DT_QUINT16", 16},
    {"DT_UINT16", 17},
    {"DT_COMPLEX128", 18},
    {"DT_HALF", 19},
    {"DT_RESOURCE", 20},
    {"DT_VARIANT", 21},
    {"DT_UINT32", 22},
    {"DT_UINT64", 23},
    {"DT_FLOAT8_E5M2", 24},
    {"DT_FLOAT8_E4M3FN", 25},
    {"DT_FLOAT8_E4M3FNUZ", 26},
    {"DT_FLOAT8_E4M3B11FNUZ", 27},
    {"DT_FLOAT8_E5M2FNUZ", 28},
    {"DT_INT4", 29},
    {"DT_UINT4", 30},
    {"DT_INT2", 31},
    {"DT_UINT2", 32},
    {"DT_FLOAT4_E2M1FN", 33},
    {"DT_FLOAT_REF", 101},
    {"DT_DOUBLE_REF", 102},
    {"DT_INT32_REF", 103},
    {"DT_UINT8_REF", 104},
    {"DT_INT16_REF", 105},
    {"DT_INT8_REF", 106},
    {"DT_STRING_REF", 107},
    {"DT_COMPLEX64_REF", 108},
    {"DT_INT64_REF", 109},
    {"DT_BOOL_REF", 110},
    {"DT_QINT8_REF", 111},
    {"DT_QUINT8_REF", 112},
    {"DT_QINT32_REF", 113},
    {"DT_BFLOAT16_REF", 114},
    {"DT_QINT16_REF", 115},
    {"DT_QUINT16_REF", 116},
    {"DT_UINT16_REF", 117},
    {"DT_COMPLEX128_REF", 118},
    {"DT_HALF_REF", 119},
    {"DT_RESOURCE_REF", 120},
    {"DT_VARIANT_REF", 121},
    {"DT_UINT32_REF", 122},
    {"DT_UINT64_REF", 123},
    {"DT_FLOAT8_E5M2_REF", 124},
    {"DT_FLOAT8_E4M3FN_REF", 125},
    {"DT_FLOAT8_E4M3FNUZ_REF", 126},
    {"DT_FLOAT8_E4M3B11FNUZ_REF", 127},
    {"DT_FLOAT8_E5M2FNUZ_REF", 128},
    {"DT_INT4_REF", 129},
    {"DT_UINT4_REF", 130},
    {"DT_INT2_REF", 131},
    {"DT_UINT2_REF", 132},
    {"DT_FLOAT4_E2M1FN_REF", 133},
};
const firn_pb_enum firn_pb_enum_DataType = {
    "tensorflow.DataType",
    values_DataType, 67};

static const firn_pb_enum_value values_FullTypeId[] = {
    {"TFT_UNSET", 0},
    {"TFT_VAR", 1},
    {"TFT_ANY", 2},
    {"TFT_PRODUCT", 3},
    {"TFT_NAMED", 4},
    {"TFT_FOR_EACH", 20},
    {"TFT_CALLABLE", 100},
    {"TFT_TENSOR", 1000},
    {"TFT_ARRAY", 1001},
    {"TFT_OPTIONAL", 1002},
    {"TFT_LITERAL", 1003},
    {"TFT_ENCODED", 1004},
    {"TFT_SHAPE_TENSOR", 1005},
    {"TFT_BOOL", 200},
    {"TFT_UINT8", 201},
    {"TFT_UINT16", 202},
    {"TFT_UINT32", 203},
    {"TFT_UINT64", 204},
    {"TFT_INT8", 205},
    {"TFT_INT16", 206},
    {"TFT_INT32", 207},
    {"TFT_INT64", 208},
    {"TFT_HALF", 209},
    {"TFT_FLOAT", 210},
    {"TFT_DOUBLE", 211},
    {"TFT_BFLOAT16", 215},
    {"TFT_COMPLEX64", 212},
    {"TFT_COMPLEX128", 213},
    {"TFT_STRING", 214},
    {"TFT_DATASET", 10102},
    {"TFT_RAGGED", 10103},
    {"TFT_ITERATOR", 10104},
    {"TFT_MUTEX_LOCK", 10202},
    {"TFT_LEGACY_VARIANT", 10203},
};
const firn_pb_enum firn_pb_enum_FullTypeId = {
    "tensorflow.FullTypeId",
    values_FullTypeId, 34};

static const firn_pb_enum_value values_FunctionSpec_JitCompile[] = {
    {"DEFAULT", 0},
    {"ON", 1},
    {"OFF", 2},
};
const firn_pb_enum firn_pb_enum_FunctionSpec_JitCompile = {
    "tensorflow.FunctionSpec.JitCompile",
    values_FunctionSpec_JitCompile, 3};

static const firn_pb_enum_value values_LogMessage_Level[] = {
    {"UNKNOWN", 0},
    {"DEBUGGING", 10},
    {"INFO", 20},
    {"WARN", 30},
    {"ERROR", 40},
    {"FATAL", 50},
};
const firn_pb_enum firn_pb_enum_LogMessage_Level = {
    "tensorflow.LogMessage.Level",
    values_LogMessage_Level, 6};

static const firn_pb_enum_value values_OptimizerOptions_GlobalJitLevel[] = {
    {"DEFAULT", 0},
    {"OFF", -1},
    {"ON_1", 1},
    {"ON_2", 2},
};
const firn_pb_enum firn_pb_enum_OptimizerOptions_GlobalJitLevel = {
    "tensorflow.OptimizerOptions.GlobalJitLevel",
    values_OptimizerOptions_GlobalJitLevel, 4};

static const firn_pb_enum_value values_OptimizerOptions_Level[] = {
    {"L1", 0},
    {"L0", -1},
};
const firn_pb_enum firn_pb_enum_OptimizerOptions_Level = {
    "tensorflow.OptimizerOptions.Level",
    values_OptimizerOptions_Level, 2};

static const firn_pb_enum_value values_RewriterConfig_CpuLayout[] = {
    {"NO_CONVERSION_ON_CPU", 0},
    {"NCHW_TO_NHWC", 1},
    {"NHWC_TO_NCHW", 2},
};
const firn_pb_enum firn_pb_enum_RewriterConfig_CpuLayout = {
    "tensorflow.RewriterConfig.CpuLayout",
    values_RewriterConfig_CpuLayout, 3};

static const firn_pb_enum_value values_RewriterConfig_MemOptType[] = {
    {"DEFAULT_MEM_OPT", 0},
    {"NO_MEM_OPT", 1},
    {"MANUAL", 2},
    {"SWAPPING_HEURISTICS", 4},
    {"RECOMPUTATION_HEURISTICS", 5},
    {"SCHEDULING_HEURISTICS", 6},
    {"HEURISTICS", 3},
};
const firn_pb_enum firn_pb_enum_RewriterConfig_MemOptType = {
    "tensorflow.RewriterConfig.MemOptType",
    values_RewriterConfig_MemOptType, 7};

static const firn_pb_enum_value values_RewriterConfig_NumIterationsType[] = {
    {"DEFAULT_NUM_ITERS", 0},
    {"ONE", 1},
    {"TWO", 2},
};
const firn_pb_enum firn_pb_enum_RewriterConfig_NumIterationsType = {
    "tensorflow.RewriterConfig.NumIterationsType",
    values_RewriterConfig_NumIterationsType, 3};

static const firn_pb_enum_value values_RewriterConfig_Toggle[] = {
    {"DEFAULT", 0},
    {"ON", 1},
    {"OFF", 2},
    {"AGGRESSIVE", 3},
    {"EXPERIMENTAL_MLIR", 4},
    {"EXPERIMENTAL_BOTH", 5},
};
const firn_pb_enum firn_pb_enum_RewriterConfig_Toggle = {
    "tensorflow.RewriterConfig.Toggle",
    values_RewriterConfig_Toggle, 6};

static const firn_pb_enum_value values_RunOptions_TraceLevel[] = {
    {"NO_TRACE", 0},
    {"SOFTWARE_TRACE", 1},
    {"HARDWARE_TRACE", 2},
    {"FULL_TRACE", 3},
};
const firn_pb_enum firn_pb_enum_RunOptions_TraceLevel = {
    "tensorflow.RunOptions.TraceLevel",
    values_RunOptions_TraceLevel, 4};

static const firn_pb_enum_value values_SaverDef_CheckpointFormatVersion[] = {
    {"LEGACY", 0},
    {"V1", 1},
    {"V2", 2},
};
const firn_pb_enum firn_pb_enum_SaverDef_CheckpointFormatVersion = {
    "tensorflow.SaverDef.CheckpointFormatVersion",
    values_SaverDef_CheckpointFormatVersion, 3};

static const firn_pb_enum_value values_SessionLog_SessionStatus[] = {
    {"STATUS_UNSPECIFIED", 0},
    {"START", 1},
    {"STOP", 2},
    {"CHECKPOINT", 3},
};
const firn_pb_enum firn_pb_enum_SessionLog_SessionStatus = {
    "tensorflow.SessionLog.SessionStatus",
    values_SessionLog_SessionStatus, 4};

static const firn_pb_enum_value values_TypeSpecProto_TypeSpecClass[] = {
    {"UNKNOWN", 0},
    {"SPARSE_TENSOR_SPEC", 1},
    {"INDEXED_SLICES_SPEC", 2},
    {"RAGGED_TENSOR_SPEC", 3},
    {"TENSOR_ARRAY_SPEC", 4},
    {"DATA_DATASET_SPEC", 5},
    {"DATA_ITERATOR_SPEC", 6},
    {"OPTIONAL_SPEC", 7},
    {"PER_REPLICA_SPEC", 8},
    {"VARIABLE_SPEC", 9},
    {"ROW_PARTITION_SPEC", 10},
    {"REGISTERED_TYPE_SPEC", 12},
    {"EXTENSION_TYPE_SPEC", 13},
};
const firn_pb_enum firn_pb_enum_TypeSpecProto_TypeSpecClass = {
    "tensorflow.TypeSpecProto.TypeSpecClass",
    values_TypeSpecProto_TypeSpecClass, 13};

static const firn_pb_enum_value values_VariableAggregation[] = {
    {"VARIABLE_AGGREGATION_NONE", 0},
    {"VARIABLE_AGGREGATION_SUM", 1},
    {"VARIABLE_AGGREGATION_MEAN", 2},
    {"VARIABLE_AGGREGATION_ONLY_FIRST_REPLICA", 3},
};
const firn_pb_enum firn_pb_enum_VariableAggregation = {
    "tensorflow.VariableAggregation",
    values_VariableAggregation, 4};

static const firn_pb_enum_value values_VariableSynchronization[] = {
    {"VARIABLE_SYNCHRONIZATION_AUTO", 0},
    {"VARIABLE_SYNCHRONIZATION_NONE", 1},
    {"VARIABLE_SYNCHRONIZATION_ON_WRITE", 2},
    {"VARIABLE_SYNCHRONIZATION_ON_READ", 3},
};
const firn_pb_enum firn_pb_enum_VariableSynchronization = {
    "tensorflow.VariableSynchronization",
    values_VariableSynchronization, 4};

static const firn_pb_enum_value values_VerifierConfig_Toggle[] = {
    {"DEFAULT", 0},
    {"ON", 1},
    {"OFF", 2},
};
const firn_pb_enum firn_pb_enum_VerifierConfig_Toggle = {
    "tensorflow.VerifierConfig.Toggle",
    values_VerifierConfig_Toggle, 3};

static const firn_pb_enum_value values_Code[] = {
    {"OK", 0},
    {"CANCELLED", 1},
    {"UNKNOWN", 2},
    {"INVALID_ARGUMENT", 3},
    {"DEADLINE_EXCEEDED", 4},
    {"NOT_FOUND", 5},
    {"ALREADY_EXISTS", 6},
    {"PERMISSION_DENIED", 7},
    {"UNAUTHENTICATED", 16},
    {"RESOURCE_EXHAUSTED", 8},
    {"FAILED_PRECONDITION", 9},
    {"ABORTED", 10},
    {"OUT_OF_RANGE", 11},
    {"UNIMPLEMENTED", 12},
    {"INTERNAL", 13},
    {"UNAVAILABLE", 14},
    {"DATA_LOSS", 15},
    {"DO_NOT_USE_RESERVED_FOR_FUTURE_EXPANSION_USE_DEFAULT_IN_SWITCH_INSTEAD_", 20},
};
const firn_pb_enum firn_pb_enum_Code = {
    "tensorflow.error.Code",
    values_Code, 18};

static const firn_pb_enum_value values_ChunkInfo_Type[] = {
    {"UNSET", 0},
    {"MESSAGE", 1},
    {"BYTES", 2},
};
const firn_pb_enum firn_pb_enum_ChunkInfo_Type = {
    "tensorflow.proto_splitter.ChunkInfo.Type",
    values_ChunkInfo_Type, 3};

static const firn_pb_field fields_Any[] = {
    {"type_url", 1, FIRN_PB_STRING, 0, AT(Any, type_url), 0, NULL},
    {"value", 2, FIRN_PB_BYTES, 0, AT(Any, value), 0, NULL},
};
const firn_pb_type firn_pb_type_Any = {
    "google.protobuf.Any",
    fields_Any, 2,
    (uint16_t)sizeof(firn_pb_Any), false};

static const firn_pb_field fields_BoolValue[] = {
    {"value", 1, FIRN_PB_BOOL, 0, AT(BoolValue, value), 0, NULL},
};
const firn_pb_type firn_pb_type_BoolValue = {
    "google.protobuf.BoolValue",
    fields_BoolValue, 1,
    (uint16_t)sizeof(firn_pb_BoolValue), false};

static const firn_pb_field fields_BytesValue[] = {
    {"value", 1, FIRN_PB_BYTES, 0, AT(BytesValue, value), 0, NULL},
};
const firn_pb_type firn_pb_type_BytesValue = {
    "google.protobuf.BytesValue",
    fields_BytesValue, 1,
    (uint16_t)sizeof(firn_pb_BytesValue), false};

static const firn_pb_field fields_DoubleValue[] = {
    {"value", 1, FIRN_PB_DOUBLE, 0, AT(DoubleValue, value), 0, NULL},
};
const firn_pb_type firn_pb_type_DoubleValue = {
    "google.protobuf.DoubleValue",
    fields_DoubleValue, 1,
    (uint16_t)sizeof(firn_pb_DoubleValue), false};

static const firn_pb_field fields_FloatValue[] = {
    {"value", 1, FIRN_PB_FLOAT, 0, AT(FloatValue, value), 0, NULL},
};
const firn_pb_type firn_pb_type_FloatValue = {
    "google.protobuf.FloatValue",
    fields_FloatValue, 1,
    (uint16_t)sizeof(firn_pb_FloatValue), false};

static const firn_pb_field fields_Int32Value[] = {
    {"value", 1, FIRN_PB_INT32, 0, AT(Int32Value, value), 0, NULL},
};
const firn_pb_type firn_pb_type_Int32Value = {
    "google.protobuf.Int32Value",
    fields_Int32Value, 1,
    (uint16_t)sizeof(firn_pb_Int32Value), false};

static const firn_pb_field fields_Int64Value[] = {
    {"value", 1, FIRN_PB_INT64, 0, AT(Int64Value, value), 0, NULL},
};
const firn_pb_type firn_pb_type_Int64Value = {
    "google.protobuf.Int64Value",
    fields_Int64Value, 1,
    (uint16_t)sizeof(firn_pb_Int64Value), false};

static const firn_pb_field fields_StringValue[] = {
    {"value", 1, FIRN_PB_STRING, 0, AT(StringValue, value), 0, NULL},
};
const firn_pb_type firn_pb_type_StringValue = {
    "google.protobuf.StringValue",
    fields_StringValue, 1,
    (uint16_t)sizeof(firn_pb_StringValue), false};

static const firn_pb_field fields_UInt32Value[] = {
    {"value", 1, FIRN_PB_UINT32, 0, AT(UInt32Value, value), 0, NULL},
};
const firn_pb_type firn_pb_type_UInt32Value = {
    "google.protobuf.UInt32Value",
    fields_UInt32Value, 1,
    (uint16_t)sizeof(firn_pb_UInt32Value), false};

static const firn_pb_field fields_UInt64Value[] = {
    {"value", 1, FIRN_PB_UINT64, 0, AT(UInt64Value, value), 0, NULL},
};
const firn_pb_type firn_pb_type_UInt64Value = {
    "google.protobuf.UInt64Value",
    fields_UInt64Value, 1,
    (uint16_t)sizeof(firn_pb_UInt64Value), false};

static const firn_pb_field fields_AssetFileDef[] = {
    {"tensor_info", 1, FIRN_PB_MESSAGE, 0, AT(AssetFileDef, tensor_info), 0,
     &firn_pb_type_TensorInfo},
    {"filename", 2, FIRN_PB_STRING, 0, AT(AssetFileDef, filename), 0, NULL},
};
const firn_pb_type firn_pb_type_AssetFileDef = {
    "tensorflow.AssetFileDef",
    fields_AssetFileDef, 2,
    (uint16_t)sizeof(firn_pb_AssetFileDef), false};

static const firn_pb_field fields_AttrValue[] = {
    {"list", 1, FIRN_PB_MESSAGE, FIRN_PB_ONEOF, AT(AttrValue, list),
     AT(AttrValue, value_case), &firn_pb_type_AttrValue_ListValue},
    {"s", 2, FIRN_PB_BYTES, FIRN_PB_ONEOF, AT(AttrValue, s), AT(AttrValue,
     value_case), NULL},
    {"i", 3, FIRN_PB_INT64, FIRN_PB_ONEOF, AT(AttrValue, i), AT(AttrValue,
     value_case), NULL},
    {"f", 4, FIRN_PB_FLOAT, FIRN_PB_ONEOF, AT(AttrValue, f), AT(AttrValue,
     value_case), NULL},
    {"b", 5, FIRN_PB_BOOL, FIRN_PB_ONEOF, AT(AttrValue, b), AT(AttrValue,
     value_case), NULL},
    {"type", 6, FIRN_PB_ENUM, FIRN_PB_ONEOF, AT(AttrValue, type), AT(AttrValue,
     value_case), &firn_pb_enum_DataType},
    {"shape", 7, FIRN_PB_MESSAGE, FIRN_PB_ONEOF, AT(AttrValue, shape),
     AT(AttrValue, value_case), &firn_pb_type_TensorShapeProto},
    {"tensor", 8, FIRN_PB_MESSAGE, FIRN_PB_ONEOF, AT(AttrValue, tensor),
     AT(AttrValue, value_case), &firn_pb_type_TensorProto},
    {"placeholder", 9, FIRN_PB_STRING, FIRN_PB_ONEOF, AT(AttrValue,
     placeholder), AT(AttrValue, value_case), NULL},
    {"func", 10, FIRN_PB_MESSAGE, FIRN_PB_ONEOF, AT(AttrValue, func),
     AT(AttrValue, value_case), &firn_pb_type_NameAttrList},
};
const firn_pb_type firn_pb_type_AttrValue = {
    "tensorflow.AttrValue",
    fields_AttrValue, 10,
    (uint16_t)sizeof(firn_pb_AttrValue), false};

static const firn_pb_field fields_AttrValue_ListValue[] = {
    {"s", 2, FIRN_PB_BYTES, FIRN_PB_REPEATED, AT(AttrValue_ListValue, s),
     AT(AttrValue_ListValue, s_count), NULL},
    {"i", 3, FIRN_PB_INT64, FIRN_PB_REPEATED | FIRN_PB_PACKED,
     AT(AttrValue_ListValue, i), AT(AttrValue_ListValue, i_count), NULL},
    {"f", 4, FIRN_PB_FLOAT, FIRN_PB_REPEATED | FIRN_PB_PACKED,
     AT(AttrValue_ListValue, f), AT(AttrValue_ListValue, f_count), NULL},
    {"b", 5, FIRN_PB_BOOL, FIRN_PB_REPEATED | FIRN_PB_PACKED,
     AT(AttrValue_ListValue, b), AT(AttrValue_ListValue, b_count), NULL},
    {"type", 6, FIRN_PB_ENUM, FIRN_PB_REPEATED | FIRN_PB_PACKED,
     AT(AttrValue_ListValue, type), AT(AttrValue_ListValue, type_count),
     &firn_pb_enum_DataType},
    {"shape", 7, FIRN_PB_MESSAGE, FIRN_PB_REPEATED, AT(AttrValue_ListValue,
     shape), AT(AttrValue_ListValue, shape_count),
     &firn_pb_type_TensorShapeProto},
    {"tensor", 8, FIRN_PB_MESSAGE, FIRN_PB_REPEATED, AT(AttrValue_ListValue,
     tensor), AT(AttrValue_ListValue, tensor_count), &firn_pb_type_TensorProto},
    {"func", 9, FIRN_PB_MESSAGE, FIRN_PB_REPEATED, AT(AttrValue_ListValue,
     func), AT(AttrValue_ListValue, func_count), &firn_pb_type_NameAttrList},
};
const firn_pb_type firn_pb_type_AttrValue_ListValue = {
    "tensorflow.AttrValue.ListValue",
    fields_AttrValue_ListValue, 8,
    (uint16_t)sizeof(firn_pb_AttrValue_ListValue), false};

static const firn_pb_field fields_AutoParallelOptions[] = {
    {"enable", 1, FIRN_PB_BOOL, 0, AT(AutoParallelOptions, enable), 0, NULL},
    {"num_replicas", 2, FIRN_PB_INT32, 0, AT(AutoParallelOptions, num_replicas),
     0, NULL},
};
const firn_pb_type firn_pb_type_AutoParallelOptions = {
    "tensorflow.AutoParallelOptions",
    fields_AutoParallelOptions, 2,
    (uint16_t)sizeof(firn_pb_AutoParallelOptions), false};

static const firn_pb_field fields_BoundedTensorSpecProto[] = {
    {"name", 1, FIRN_PB_STRING, 0, AT(BoundedTensorSpecProto, name), 0, NULL},
    {"shape", 2, FIRN_PB_MESSAGE, 0, AT(BoundedTensorSpecProto, shape), 0,
     &firn_pb_type_TensorShapeProto},
    {"dtype", 3, FIRN_PB_ENUM, 0, AT(BoundedTensorSpecProto, dtype), 0,
     &firn_pb_enum_DataType},
    {"minimum", 4, FIRN_PB_MESSAGE, 0, AT(BoundedTensorSpecProto, minimum), 0,
     &firn_pb_type_TensorProto},
    {"maximum", 5, FIRN_PB_MESSAGE, 0, AT(BoundedTensorSpecProto, maximum), 0,
     &firn_pb_type_TensorProto},
};
const firn_pb_type firn_pb_type_BoundedTensorSpecProto = {
    "tensorflow.BoundedTensorSpecProto",
    fields_BoundedTensorSpecProto, 5,
    (uint16_t)sizeof(firn_pb_BoundedTensorSpecProto), false};

static const firn_pb_field fields_BundleEntryProto[] = {
    {"dtype", 1, FIRN_PB_ENUM, 0, AT(BundleEntryProto, dtype), 0,
     &firn_pb_enum_DataType},
    {"shape", 2, FIRN_PB_MESSAGE, 0, AT(BundleEntryProto, shape), 0,
     &firn_pb_type_TensorShapeProto},
    {"shard_id", 3, FIRN_PB_INT32, 0, AT(BundleEntryProto, shard_id), 0, NULL},
    {"offset", 4, FIRN_PB_INT64, 0, AT(BundleEntryProto, offset), 0, NULL},
    {"size", 5, FIRN_PB_INT64, 0, AT(BundleEntryProto, size), 0, NULL},
    {"crc32c", 6, FIRN_PB_FIXED32, 0, AT(BundleEntryProto, crc32c), 0, NULL},
    {"slices", 7, FIRN_PB_MESSAGE, FIRN_PB_REPEATED, AT(BundleEntryProto,
     slices), AT(BundleEntryProto, slices_count),
     &firn_pb_type_TensorSliceProto},
};
const firn_pb_type firn_pb_type_BundleEntryProto = {
    "tensorflow.BundleEntryProto",
    fields_BundleEntryProto, 7,
    (uint16_t)sizeof(firn_pb_BundleEntryProto), false};

static const firn_pb_field fields_BundleHeaderProto[] = {
    {"num_shards", 1, FIRN_PB_INT32, 0, AT(BundleHeaderProto, num_shards), 0,
     NULL},
    {"endianness", 2, FIRN_PB_ENUM, 0, AT(BundleHeaderProto, endianness), 0,
     &firn_pb_enum_BundleHeaderProto_Endianness},
    {"version", 3, FIRN_PB_MESSAGE, 0, AT(BundleHeaderProto, version), 0,
     &firn_pb_type_VersionDef},
};
const firn_pb_type firn_pb_type_BundleHeaderProto = {
    "tensorflow.BundleHeaderProto",
    fields_BundleHeaderProto, 3,
    (uint16_t)sizeof(firn_pb_BundleHeaderProto), false};

static const firn_pb_field fields_BytesList[] = {
    {"value", 1, FIRN_PB_BYTES, FIRN_PB_REPEATED, AT(BytesList, value),
     AT(BytesList, value_count), NULL},
};
const firn_pb_type firn_pb_type_BytesList = {
    "tensorflow.BytesList",
    fields_BytesList, 1,
    (uint16_t)sizeof(firn_pb_BytesList), false};

static const firn_pb_field fields_CapturedTensor[] = {
    {"name", 1, FIRN_PB_STRING, 0, AT(CapturedTensor, name), 0, NULL},
    {"concrete_function", 2, FIRN_PB_STRING, 0, AT(CapturedTensor,
     concrete_function), 0, NULL},
};
const firn_pb_type firn_pb_type_CapturedTensor = {
    "tensorflow.CapturedTensor",
    fields_CapturedTensor, 2,
    (uint16_t)sizeof(firn_pb_CapturedTensor), false};

static const firn_pb_field fields_CheckpointState[] = {
    {"model_checkpoint_path", 1, FIRN_PB_STRING, 0, AT(CheckpointState,
     model_checkpoint_path), 0, NULL},
    {"all_model_checkpoint_paths", 2, FIRN_PB_STRING, FIRN_PB_REPEATED,
     AT(CheckpointState, all_model_checkpoint_paths), AT(CheckpointState,
     all_model_checkpoint_paths_count), NULL},
    {"all_model_checkpoint_timestamps", 3, FIRN_PB_DOUBLE, FIRN_PB_REPEATED |
     FIRN_PB_PACKED, AT(CheckpointState, all_model_checkpoint_timestamps),
     AT(CheckpointState, all_model_checkpoint_timestamps_count), NULL},
    {"last_preserved_timestamp", 4, FIRN_PB_DOUBLE, 0, AT(CheckpointState,
     last_preserved_timestamp), 0, NULL},
};
const firn_pb_type firn_pb_type_CheckpointState = {
    "tensorflow.CheckpointState",
    fields_CheckpointState, 4,
    (uint16_t)sizeof(firn_pb_CheckpointState), false};

static const firn_pb_field fields_ClusterDef[] = {
    {"job", 1, FIRN_PB_MESSAGE, FIRN_PB_REPEATED, AT(ClusterDef, job),
     AT(ClusterDef, job_count), &firn_pb_type_JobDef},
};
const firn_pb_type firn_pb_type_ClusterDef = {
    "tensorflow.ClusterDef",
    fields_ClusterDef, 1,
    (uint16_t)sizeof(firn_pb_ClusterDef), false};

static const firn_pb_field fields_CollectionDef[] = {
    {"node_list", 1, FIRN_PB_MESSAGE, FIRN_PB_ONEOF, AT(CollectionDef,
     node_list), AT(CollectionDef, kind_case),
     &firn_pb_type_CollectionDef_NodeList},
    {"bytes_list", 2, FIRN_PB_MESSAGE, FIRN_PB_ONEOF, AT(CollectionDef,
     bytes_list), AT(CollectionDef, kind_case),
     &firn_pb_type_CollectionDef_BytesList},
    {"int64_list", 3, FIRN_PB_MESSAGE, FIRN_PB_ONEOF, AT(CollectionDef,
     int64_list), AT(CollectionDef, kind_case),
     &firn_pb_type_CollectionDef_Int64List},
    {"float_list", 4, FIRN_PB_MESSAGE, FIRN_PB_ONEOF, AT(CollectionDef,
     float_list), AT(CollectionDef, kind_case),
     &firn_pb_type_CollectionDef_FloatList},
    {"any_list", 5, FIRN_PB_MESSAGE, FIRN_PB_ONEOF, AT(CollectionDef, any_list),
     AT(CollectionDef, kind_case), &firn_pb_type_CollectionDef_AnyList},
};
const firn_pb_type firn_pb_type_CollectionDef = {
    "tensorflow.CollectionDef",
    fields_CollectionDef, 5,
    (uint16_t)sizeof(firn_pb_CollectionDef), false};

static const firn_pb_field fields_CollectionDef_AnyList[] = {
    {"value", 1, FIRN_PB_MESSAGE, FIRN_PB_REPEATED, AT(CollectionDef_AnyList,
     value), AT(CollectionDef_AnyList, value_count), &firn_pb_type_Any},
};
const firn_pb_type firn_pb_type_CollectionDef_AnyList = {
    "tensorflow.CollectionDef.AnyList",
    fields_CollectionDef_AnyList, 1,
    (uint16_t)sizeof(firn_pb_CollectionDef_AnyList), false};

static const firn_pb_field fields_CollectionDef_BytesList[] = {
    {"value", 1, FIRN_PB_BYTES, FIRN_PB_REPEATED, AT(CollectionDef_BytesList,
     value), AT(CollectionDef_BytesList, value_count), NULL},
};
const firn_pb_type firn_pb_type_CollectionDef_BytesList = {
    "tensorflow.CollectionDef.BytesList",
    fields_CollectionDef_BytesList, 1,
    (uint16_t)sizeof(firn_pb_CollectionDef_BytesList), false};

static const firn_pb_field fields_CollectionDef_FloatList[] = {
    {"value", 1, FIRN_PB_FLOAT, FIRN_PB_REPEATED | FIRN_PB_PACKED,
     AT(CollectionDef_FloatList, value), AT(CollectionDef_FloatList,
     value_count), NULL},
};
const firn_pb_type firn_pb_type_CollectionDef_FloatList = {
    "tensorflow.CollectionDef.FloatList",
    fields_CollectionDef_FloatList, 1,
    (uint16_t)sizeof(firn_pb_CollectionDef_FloatList), false};

static const firn_pb_field fields_CollectionDef_Int64List[] = {
    {"value", 1, FIRN_PB_INT64, FIRN_PB_REPEATED | FIRN_PB_PACKED,
     AT(CollectionDef_Int64List, value), AT(CollectionDef_Int64List,
     value_count), NULL},
};
const firn_pb_type firn_pb_type_CollectionDef_Int64List = {
    "tensorflow.CollectionDef.Int64List",
    fields_CollectionDef_Int64List, 1,
    (uint16_t)sizeof(firn_pb_CollectionDef_Int64List), false};

static const firn_pb_field fields_CollectionDef_NodeList[] = {
    {"value", 1, FIRN_PB_STRING, FIRN_PB_REPEATED, AT(CollectionDef_NodeList,
     value), AT(CollectionDef_NodeList, value_count), NULL},
};
const firn_pb_type firn_pb_type_CollectionDef_NodeList = {
    "tensorflow.CollectionDef.NodeList",
    fields_CollectionDef_NodeList, 1,
    (uint16_t)sizeof(firn_pb_CollectionDef_NodeList), false};

static const firn_pb_field fields_CompositeTensorVariantMetadata[] = {
    {"type_spec_proto", 1, FIRN_PB_MESSAGE, 0,
     AT(CompositeTensorVariantMetadata, type_spec_proto), 0,
     &firn_pb_type_TypeSpecProto},
};
const firn_pb_type firn_pb_type_CompositeTensorVariantMetadata = {
    "tensorflow.CompositeTensorVariantMetadata",
    fields_CompositeTensorVariantMetadata, 1,
    (uint16_t)sizeof(firn_pb_CompositeTensorVariantMetadata), false};

static const firn_pb_field fields_CondContextDef[] = {
    {"context_name", 1, FIRN_PB_STRING, 0, AT(CondContextDef, context_name), 0,
     NULL},
    {"pred_name", 2, FIRN_PB_STRING, 0, AT(CondContextDef, pred_name), 0, NULL},
    {"pivot_name", 3, FIRN_PB_STRING, 0, AT(CondContextDef, pivot_name), 0,
     NULL},
    {"branch", 4, FIRN_PB_INT32, 0, AT(CondContextDef, branch), 0, NULL},
    {"values_def", 5, FIRN_PB_MESSAGE, 0, AT(CondContextDef, values_def), 0,
     &firn_pb_type_ValuesDef},
    {"nested_contexts", 6, FIRN_PB_MESSAGE, FIRN_PB_REPEATED, AT(CondContextDef,
     nested_contexts), AT(CondContextDef, nested_contexts_count),
     &firn_pb_type_ControlFlowContextDef},
};
const firn_pb_type firn_pb_type_CondContextDef = {
    "tensorflow.CondContextDef",
    fields_CondContextDef, 6,
    (uint16_t)sizeof(firn_pb_CondContextDef), false};

static const firn_pb_field fields_ConfigProto_DeviceCountEntry[] = {
    {"key", 1, FIRN_PB_STRING, 0, AT(ConfigProto_DeviceCountEntry, key), 0,
     NULL},
    {"value", 2, FIRN_PB_INT32, 0, AT(ConfigProto_DeviceCountEntry, value), 0,
     NULL},
};
const firn_pb_type firn_pb_type_ConfigProto_DeviceCountEntry = {
    "tensorflow.ConfigProto.DeviceCountEntry",
    fields_ConfigProto_DeviceCountEntry, 2,
    (uint16_t)sizeof(firn_pb_ConfigProto_DeviceCountEntry), true};

static const firn_pb_field fields_ConfigProto[] = {
    {"device_count", 1, FIRN_PB_MESSAGE, FIRN_PB_REPEATED | FIRN_PB_MAP,
     AT(ConfigProto, device_count), AT(ConfigProto, device_count_count),
     &firn_pb_type_ConfigProto_DeviceCountEntry},
    {"intra_op_parallelism_threads", 2, FIRN_PB_INT32, 0, AT(ConfigProto,
     intra_op_parallelism_threads), 0, NULL},
    {"placement_period", 3, FIRN_PB_INT32, 0, AT(ConfigProto, placement_period),
     0, NULL},
    {"device_filters", 4, FIRN_PB_STRING, FIRN_PB_REPEATED, AT(ConfigProto,
     device_filters), AT(ConfigProto, device_filters_count), NULL},
    {"inter_op_parallelism_threads", 5, FIRN_PB_INT32, 0, AT(ConfigProto,
     inter_op_parallelism_threads), 0, NULL},
    {"gpu_options", 6, FIRN_PB_MESSAGE, 0, AT(ConfigProto, gpu_options), 0,
     &firn_pb_type_GPUOptions},
    {"allow_soft_placement", 7, FIRN_PB_BOOL, 0, AT(ConfigProto,
     allow_soft_placement), 0, NULL},
    {"log_device_placement", 8, FIRN_PB_BOOL, 0, AT(ConfigProto,
     log_device_placement), 0, NULL},
    {"use_per_session_threads", 9, FIRN_PB_BOOL, 0, AT(ConfigProto,
     use_per_session_threads), 0, NULL},
    {"graph_options", 10, FIRN_PB_MESSAGE, 0, AT(ConfigProto, graph_options), 0,
     &firn_pb_type_GraphOptions},
    {"operation_timeout_in_ms", 11, FIRN_PB_INT64, 0, AT(ConfigProto,
     operation_timeout_in_ms), 0, NULL},
    {"session_inter_op_thread_pool", 12, FIRN_PB_MESSAGE, FIRN_PB_REPEATED,
     AT(ConfigProto, session_inter_op_thread_pool), AT(ConfigProto,
     session_inter_op_thread_pool_count), &firn_pb_type_ThreadPoolOptionProto},
    {"rpc_options", 13, FIRN_PB_MESSAGE, 0, AT(ConfigProto, rpc_options), 0,
     &firn_pb_type_RPCOptions},
    {"cluster_def", 14, FIRN_PB_MESSAGE, 0, AT(ConfigProto, cluster_def), 0,
     &firn_pb_type_ClusterDef},
    {"isolate_session_state", 15, FIRN_PB_BOOL, 0, AT(ConfigProto,
     isolate_session_state), 0, NULL},
    {"experimental", 16, FIRN_PB_MESSAGE, 0, AT(ConfigProto, experimental), 0,
     &firn_pb_type_ConfigProto_Experimental},
    {"share_cluster_devices_in_session", 17, FIRN_PB_BOOL, 0, AT(ConfigProto,
     share_cluster_devices_in_session), 0, NULL},
    {"pluggable_device_options", 18, FIRN_PB_MESSAGE, 0, AT(ConfigProto,
     pluggable_device_options), 0, &firn_pb_type_GPUOptions},
};
const firn_pb_type firn_pb_type_ConfigProto = {
    "tensorflow.ConfigProto",
    fields_ConfigProto, 18,
    (uint16_t)sizeof(firn_pb_ConfigProto), false};

static const firn_pb_field fields_ConfigProto_Experimental[] = {
    {"collective_group_leader", 1, FIRN_PB_STRING, 0,
     AT(ConfigProto_Experimental, collective_group_leader), 0, NULL},
    {"executor_type", 3, FIRN_PB_STRING, 0, AT(ConfigProto_Experimental,
     executor_type), 0, NULL},
    {"recv_buf_max_chunk", 4, FIRN_PB_INT32, 0, AT(ConfigProto_Experimental,
     recv_buf_max_chunk), 0, NULL},
    {"use_numa_affinity", 5, FIRN_PB_BOOL, 0, AT(ConfigProto_Experimental,
     use_numa_affinity), 0, NULL},
    {"collective_deterministic_sequential_execution", 6, FIRN_PB_BOOL, 0,
     AT(ConfigProto_Experimental,
     collective_deterministic_sequential_execution), 0, NULL},
    {"collective_nccl", 7, FIRN_PB_BOOL, 0, AT(ConfigProto_Experimental,
     collective_nccl), 0, NULL},
    {"share_session_state_in_clusterspec_propagation", 8, FIRN_PB_BOOL, 0,
     AT(ConfigProto_Experimental,
     share_session_state_in_clusterspec_propagation), 0, NULL},
    {"disable_thread_spinning", 9, FIRN_PB_BOOL, 0, AT(ConfigProto_Experimental,
     disable_thread_spinning), 0, NULL},
    {"share_cluster_devices_in_session", 10, FIRN_PB_BOOL, 0,
     AT(ConfigProto_Experimental, share_cluster_devices_in_session), 0, NULL},
    {"session_metadata", 11, FIRN_PB_MESSAGE, 0, AT(ConfigProto_Experimental,
     session_metadata), 0, &firn_pb_type_SessionMetadata},
    {"optimize_for_static_graph", 12, FIRN_PB_BOOL, 0,
     AT(ConfigProto_Experimental, optimize_for_static_graph), 0, NULL},
    {"enable_mlir_bridge", 13, FIRN_PB_BOOL, 0, AT(ConfigProto_Experimental,
     enable_mlir_bridge), 0, NULL},
    {"disable_output_partition_graphs", 14, FIRN_PB_BOOL, 0,
     AT(ConfigProto_Experimental, disable_output_partition_graphs), 0, NULL},
    {"xla_fusion_autotuner_thresh", 15, FIRN_PB_INT64, 0,
     AT(ConfigProto_Experimental, xla_fusion_autotuner_thresh), 0, NULL},
    {"enable_mlir_graph_optimization", 16, FIRN_PB_BOOL, 0,
     AT(ConfigProto_Experimental, enable_mlir_graph_optimization), 0, NULL},
    {"mlir_bridge_rollout", 17, FIRN_PB_ENUM, 0, AT(ConfigProto_Experimental,
     mlir_bridge_rollout), 0,
     &firn_pb_enum_ConfigProto_Experimental_MlirBridgeRollout},
    {"use_tfrt", 18, FIRN_PB_BOOL, 0, AT(ConfigProto_Experimental, use_tfrt), 0,
     NULL},
    {"disable_functional_ops_lowering", 21, FIRN_PB_BOOL, 0,
     AT(ConfigProto_Experimental, disable_functional_ops_lowering), 0, NULL},
    {"xla_prefer_single_graph_cluster", 22, FIRN_PB_BOOL, 0,
     AT(ConfigProto_Experimental, xla_prefer_single_graph_cluster), 0, NULL},
    {"coordination_config", 23, FIRN_PB_MESSAGE, 0, AT(ConfigProto_Experimental,
     coordination_config), 0, &firn_pb_type_CoordinationServiceConfig},
    {"disable_optimize_for_static_graph", 24, FIRN_PB_BOOL, 0,
     AT(ConfigProto_Experimental, disable_optimize_for_static_graph), 0, NULL},
    {"disable_eager_executor_streaming_enqueue", 26, FIRN_PB_BOOL, 0,
     AT(ConfigProto_Experimental, disable_eager_executor_streaming_enqueue), 0,
     NULL},
    {"enable_multi_host", 27, FIRN_PB_BOOL, 0, AT(ConfigProto_Experimental,
     enable_multi_host), 0, NULL},
    {"backend_server_port", 28, FIRN_PB_INT32, 0, AT(ConfigProto_Experimental,
     backend_server_port), 0, NULL},
    {"target_tpu", 29, FIRN_PB_BOOL, 0, AT(ConfigProto_Experimental,
     target_tpu), 0, NULL},
    {"target_gpu", 30, FIRN_PB_BOOL, 0, AT(ConfigProto_Experimental,
     target_gpu), 0, NULL},
    {"stream_merge_threshold", 31, FIRN_PB_INT32, 0,
     AT(ConfigProto_Experimental, stream_merge_threshold), 0, NULL},
    {"tfrt_use_ifrt", 32, FIRN_PB_BOOL, 0, AT(ConfigProto_Experimental,
     tfrt_use_ifrt), 0, NULL},
    {"finalize_function_library_runtime", 33, FIRN_PB_BOOL, 0,
     AT(ConfigProto_Experimental, finalize_function_library_runtime), 0, NULL},
    {"finalize_resource_manager", 34, FIRN_PB_BOOL, 0,
     AT(ConfigProto_Experimental, finalize_resource_manager), 0, NULL},
    {"tf2xla_dump_dir", 35, FIRN_PB_STRING, 0, AT(ConfigProto_Experimental,
     tf2xla_dump_dir), 0, NULL},
    {"online_cost_analysis", 36, FIRN_PB_BOOL, 0, AT(ConfigProto_Experimental,
     online_cost_analysis), 0, NULL},
};
const firn_pb_type firn_pb_type_ConfigProto_Experimental = {
    "tensorflow.ConfigProto.Experimental",
    fields_ConfigProto_Experimental, 32,
    (uint16_t)sizeof(firn_pb_ConfigProto_Experimental), false};

static const firn_pb_field fields_ControlFlowContextDef[] = {
    {"cond_ctxt", 1, FIRN_PB_MESSAGE, FIRN_PB_ONEOF, AT(ControlFlowContextDef,
     cond_ctxt), AT(ControlFlowContextDef, ctxt_case),
     &firn_pb_type_CondContextDef},
    {"while_ctxt", 2, FIRN_PB_MESSAGE, FIRN_PB_ONEOF, AT(ControlFlowContextDef,
     while_ctxt), AT(ControlFlowContextDef, ctxt_case),
     &firn_pb_type_WhileContextDef},
};
const firn_pb_type firn_pb_type_ControlFlowContextDef = {
    "tensorflow.ControlFlowContextDef",
    fields_ControlFlowContextDef, 2,
    (uint16_t)sizeof(firn_pb_ControlFlowContextDef), false};

static const firn_pb_field fields_CoordinatedJob[] = {
    {"name", 1, FIRN_PB_STRING, 0, AT(CoordinatedJob, name), 0, NULL},
    {"num_tasks", 2, FIRN_PB_INT32, 0, AT(CoordinatedJob, num_tasks), 0, NULL},
};
const firn_pb_type firn_pb_type_CoordinatedJob = {
    "tensorflow.CoordinatedJob",
    fields_CoordinatedJob, 2,
    (uint16_t)sizeof(firn_pb_CoordinatedJob), false};

static const firn_pb_field fields_CoordinationServiceConfig[] = {
    {"service_type", 1, FIRN_PB_STRING, 0, AT(CoordinationServiceConfig,
     service_type), 0, NULL},
    {"service_leader", 2, FIRN_PB_STRING, 0, AT(CoordinationServiceConfig,
     service_leader), 0, NULL},
    {"enable_health_check", 3, FIRN_PB_BOOL, 0, AT(CoordinationServiceConfig,
     enable_health_check), 0, NULL},
    {"cluster_register_timeout_in_ms", 4, FIRN_PB_INT64, 0,
     AT(CoordinationServiceConfig, cluster_register_timeout_in_ms), 0, NULL},
    {"heartbeat_timeout_in_ms", 5, FIRN_PB_INT64, 0,
     AT(CoordinationServiceConfig, heartbeat_timeout_in_ms), 0, NULL},
    {"shutdown_barrier_timeout_in_ms", 7, FIRN_PB_INT64, 0,
     AT(CoordinationServiceConfig, shutdown_barrier_timeout_in_ms), 0, NULL},
    {"agent_destruction_without_shutdown", 8, FIRN_PB_BOOL, 0,
     AT(CoordinationServiceConfig, agent_destruction_without_shutdown), 0,
     NULL},
    {"recoverable_jobs", 9, FIRN_PB_STRING, FIRN_PB_REPEATED,
     AT(CoordinationServiceConfig, recoverable_jobs),
     AT(CoordinationServiceConfig, recoverable_jobs_count), NULL},
    {"coordinated_job_list", 10, FIRN_PB_MESSAGE, FIRN_PB_REPEATED,
     AT(CoordinationServiceConfig, coordinated_job_list),
     AT(CoordinationServiceConfig, coordinated_job_list_count),
     &firn_pb_type_CoordinatedJob},
    {"allow_new_incarnation_to_reconnect", 11, FIRN_PB_BOOL, 0,
     AT(CoordinationServiceConfig, allow_new_incarnation_to_reconnect), 0,
     NULL},
    {"force_disable", 12, FIRN_PB_BOOL, 0, AT(CoordinationServiceConfig,
     force_disable), 0, NULL},
    {"poll_for_error_from_service_at_startup", 13, FIRN_PB_BOOL, 0,
     AT(CoordinationServiceConfig, poll_for_error_from_service_at_startup), 0,
     NULL},
    {"cluster_register_with_barrier", 14, FIRN_PB_BOOL, 0,
     AT(CoordinationServiceConfig, cluster_register_with_barrier), 0, NULL},
};
const firn_pb_type firn_pb_type_CoordinationServiceConfig = {
    "tensorflow.CoordinationServiceConfig",
    fields_CoordinationServiceConfig, 13,
    (uint16_t)sizeof(firn_pb_CoordinationServiceConfig), false};

static const firn_pb_field fields_DebugOptions[] = {
    {"debug_tensor_watch_opts", 4, FIRN_PB_MESSAGE, FIRN_PB_REPEATED,
     AT(DebugOptions, debug_tensor_watch_opts), AT(DebugOptions,
     debug_tensor_watch_opts_count), &firn_pb_type_DebugTensorWatch},
    {"global_step", 10, FIRN_PB_INT64, 0, AT(DebugOptions, global_step), 0,
     NULL},
    {"reset_disk_byte_usage", 11, FIRN_PB_BOOL, 0, AT(DebugOptions,
     reset_disk_byte_usage), 0, NULL},
};
const firn_pb_type firn_pb_type_DebugOptions = {
    "tensorflow.DebugOptions",
    fields_DebugOptions, 3,
    (uint16_t)sizeof(firn_pb_DebugOptions), false};

static const firn_pb_field fields_DebugTensorWatch[] = {
    {"node_name", 1, FIRN_PB_STRING, 0, AT(DebugTensorWatch, node_name), 0,
     NULL},
    {"output_slot", 2, FIRN_PB_INT32, 0, AT(DebugTensorWatch, output_slot), 0,
     NULL},
    {"debug_ops", 3, FIRN_PB_STRING, FIRN_PB_REPEATED, AT(DebugTensorWatch,
     debug_ops), AT(DebugTensorWatch, debug_ops_count), NULL},
    {"debug_urls", 4, FIRN_PB_STRING, FIRN_PB_REPEATED, AT(DebugTensorWatch,
     debug_urls), AT(DebugTensorWatch, debug_urls_count), NULL},
    {"tolerate_debug_op_creation_failures", 5, FIRN_PB_BOOL, 0,
     AT(DebugTensorWatch, tolerate_debug_op_creation_failures), 0, NULL},
};
const firn_pb_type firn_pb_type_DebugTensorWatch = {
    "tensorflow.DebugTensorWatch",
    fields_DebugTensorWatch, 5,
    (uint16_t)sizeof(firn_pb_DebugTensorWatch), false};

static const firn_pb_field fields_DictValue_FieldsEntry[] = {
    {"key", 1, FIRN_PB_STRING, 0, AT(DictValue_FieldsEntry, key), 0, NULL},
    {"value", 2, FIRN_PB_MESSAGE, 0, AT(DictValue_FieldsEntry, value), 0,
     &firn_pb_type_StructuredValue},
};
const firn_pb_type firn_pb_type_DictValue_FieldsEntry = {
    "tensorflow.DictValue.FieldsEntry",
    fields_DictValue_FieldsEntry, 2,
    (uint16_t)sizeof(firn_pb_DictValue_FieldsEntry), true};

static const firn_pb_field fields_DictValue[] = {
    {"fields", 1, FIRN_PB_MESSAGE, FIRN_PB_REPEATED | FIRN_PB_MAP, AT(DictValue,
     fields), AT(DictValue, fields_count), &firn_pb_type_DictValue_FieldsEntry},
};
const firn_pb_type firn_pb_type_DictValue = {
    "tensorflow.DictValue",
    fields_DictValue, 1,
    (uint16_t)sizeof(firn_pb_DictValue), false};

static const firn_pb_field fields_Event[] = {
    {"wall_time", 1, FIRN_PB_DOUBLE, 0, AT(Event, wall_time), 0, NULL},
    {"step", 2, FIRN_PB_INT64, 0, AT(Event, step), 0, NULL},
    {"file_version", 3, FIRN_PB_STRING, FIRN_PB_ONEOF, AT(Event, file_version),
     AT(Event, what_case), NULL},
    {"graph_def", 4, FIRN_PB_BYTES, FIRN_PB_ONEOF, AT(Event, graph_def),
     AT(Event, what_case), NULL},
    {"summary", 5, FIRN_PB_MESSAGE, FIRN_PB_ONEOF, AT(Event, summary), AT(Event,
     what_case), &firn_pb_type_Summary},
    {"log_message", 6, FIRN_PB_MESSAGE, FIRN_PB_ONEOF, AT(Event, log_message),
     AT(Event, what_case), &firn_pb_type_LogMessage},
    {"session_log", 7, FIRN_PB_MESSAGE, FIRN_PB_ONEOF, AT(Event, session_log),
     AT(Event, what_case), &firn_pb_type_SessionLog},
    {"tagged_run_metadata", 8, FIRN_PB_MESSAGE, FIRN_PB_ONEOF, AT(Event,
     tagged_run_metadata), AT(Event, what_case),
     &firn_pb_type_TaggedRunMetadata},
    {"meta_graph_def", 9, FIRN_PB_BYTES, FIRN_PB_ONEOF, AT(Event,
     meta_graph_def), AT(Event, what_case), NULL},
    {"source_metadata", 10, FIRN_PB_MESSAGE, 0, AT(Event, source_metadata), 0,
     &firn_pb_type_SourceMetadata},
};
const firn_pb_type firn_pb_type_Event = {
    "tensorflow.Event",
    fields_Event, 10,
    (uint16_t)sizeof(firn_pb_Event), false};

static const firn_pb_field fields_Example[] = {
    {"features", 1, FIRN_PB_MESSAGE, 0, AT(Example, features), 0,
     &firn_pb_type_Features},
};
const firn_pb_type firn_pb_type_Example = {
    "tensorflow.Example",
    fields_Example, 1,
    (uint16_t)sizeof(firn_pb_Example), false};

static const firn_pb_field fields_Feature[] = {
    {"bytes_list", 1, FIRN_PB_MESSAGE, FIRN_PB_ONEOF, AT(Feature, bytes_list),
     AT(Feature, kind_case), &firn_pb_type_BytesList},
    {"float_list", 2, FIRN_PB_MESSAGE, FIRN_PB_ONEOF, AT(Feature, float_list),
     AT(Feature, kind_case), &firn_pb_type_FloatList},
    {"int64_list", 3, FIRN_PB_MESSAGE, FIRN_PB_ONEOF, AT(Feature, int64_list),
     AT(Feature, kind_case), &firn_pb_type_Int64List},
};
const firn_pb_type firn_pb_type_Feature = {
    "tensorflow.Feature",
    fields_Feature, 3,
    (uint16_t)sizeof(firn_pb_Feature), false};

static const firn_pb_field fields_FeatureList[] = {
    {"feature", 1, FIRN_PB_MESSAGE, FIRN_PB_REPEATED, AT(FeatureList, feature),
     AT(FeatureList, feature_count), &firn_pb_type_Feature},
};
const firn_pb_type firn_pb_type_FeatureList = {
    "tensorflow.FeatureList",
    fields_FeatureList, 1,
    (uint16_t)sizeof(firn_pb_FeatureList), false};

static const firn_pb_field fields_FeatureLists_FeatureListEntry[] = {
    {"key", 1, FIRN_PB_STRING, 0, AT(FeatureLists_FeatureListEntry, key), 0,
     NULL},
    {"value", 2, FIRN_PB_MESSAGE, 0, AT(FeatureLists_FeatureListEntry, value),
     0, &firn_pb_type_FeatureList},
};
const firn_pb_type firn_pb_type_FeatureLists_FeatureListEntry = {
    "tensorflow.FeatureLists.FeatureListEntry",
    fields_FeatureLists_FeatureListEntry, 2,
    (uint16_t)sizeof(firn_pb_FeatureLists_FeatureListEntry), true};

static const firn_pb_field fields_FeatureLists[] = {
    {"feature_list", 1, FIRN_PB_MESSAGE, FIRN_PB_REPEATED | FIRN_PB_MAP,
     AT(FeatureLists, feature_list), AT(FeatureLists, feature_list_count),
     &firn_pb_type_FeatureLists_FeatureListEntry},
};
const firn_pb_type firn_pb_type_FeatureLists = {
    "tensorflow.FeatureLists",
    fields_FeatureLists, 1,
    (uint16_t)sizeof(firn_pb_FeatureLists), false};

static const firn_pb_field fields_Features_FeatureEntry[] = {
    {"key", 1, FIRN_PB_STRING, 0, AT(Features_FeatureEntry, key), 0, NULL},
    {"value", 2, FIRN_PB_MESSAGE, 0, AT(Features_FeatureEntry, value), 0,
     &firn_pb_type_Feature},
};
const firn_pb_type firn_pb_type_Features_FeatureEntry = {
    "tensorflow.Features.FeatureEntry",
    fields_Features_FeatureEntry, 2,
    (uint16_t)sizeof(firn_pb_Features_FeatureEntry), true};

static const firn_pb_field fields_Features[] = {
    {"feature", 1, FIRN_PB_MESSAGE, FIRN_PB_REPEATED | FIRN_PB_MAP, AT(Features,
     feature), AT(Features, feature_count),
     &firn_pb_type_Features_FeatureEntry},
};
const firn_pb_type firn_pb_type_Features = {
    "tensorflow.Features",
    fields_Features, 1,
    (uint16_t)sizeof(firn_pb_Features), false};

static const firn_pb_field fields_FingerprintDef[] = {
    {"saved_model_checksum", 1, FIRN_PB_UINT64, 0, AT(FingerprintDef,
     saved_model_checksum), 0, NULL},
    {"graph_def_program_hash", 2, FIRN_PB_UINT64, 0, AT(FingerprintDef,
     graph_def_program_hash), 0, NULL},
    {"signature_def_hash", 3, FIRN_PB_UINT64, 0, AT(FingerprintDef,
     signature_def_hash), 0, NULL},
    {"saved_object_graph_hash", 4, FIRN_PB_UINT64, 0, AT(FingerprintDef,
     saved_object_graph_hash), 0, NULL},
    {"checkpoint_hash", 5, FIRN_PB_UINT64, 0, AT(FingerprintDef,
     checkpoint_hash), 0, NULL},
    {"version", 6, FIRN_PB_MESSAGE, 0, AT(FingerprintDef, version), 0,
     &firn_pb_type_VersionDef},
    {"uuid", 7, FIRN_PB_STRING, 0, AT(FingerprintDef, uuid), 0, NULL},
};
const firn_pb_type firn_pb_type_FingerprintDef = {
    "tensorflow.FingerprintDef",
    fields_FingerprintDef, 7,
    (uint16_t)sizeof(firn_pb_FingerprintDef), false};

static const firn_pb_field fields_FloatList[] = {
    {"value", 1, FIRN_PB_FLOAT, FIRN_PB_REPEATED | FIRN_PB_PACKED, AT(FloatList,
     value), AT(FloatList, value_count), NULL},
};
const firn_pb_type firn_pb_type_FloatList = {
    "tensorflow.FloatList",
    fields_FloatList, 1,
    (uint16_t)sizeof(firn_pb_FloatList), false};

static const firn_pb_field fields_FullTypeDef[] = {
    {"type_id", 1, FIRN_PB_ENUM, 0, AT(FullTypeDef, type_id), 0,
     &firn_pb_enum_FullTypeId},
    {"args", 2, FIRN_PB_MESSAGE, FIRN_PB_REPEATED, AT(FullTypeDef, args),
     AT(FullTypeDef, args_count), &firn_pb_type_FullTypeDef},
    {"s", 3, FIRN_PB_STRING, FIRN_PB_ONEOF, AT(FullTypeDef, s), AT(FullTypeDef,
     attr_case), NULL},
    {"i", 4, FIRN_PB_INT64, FIRN_PB_ONEOF, AT(FullTypeDef, i), AT(FullTypeDef,
     attr_case), NULL},
};
const firn_pb_type firn_pb_type_FullTypeDef = {
    "tensorflow.FullTypeDef",
    fields_FullTypeDef, 4,
    (uint16_t)sizeof(firn_pb_FullTypeDef), false};

static const firn_pb_field fields_FunctionDef_RetEntry[] = {
    {"key", 1, FIRN_PB_STRING, 0, AT(FunctionDef_RetEntry, key), 0, NULL},
    {"value", 2, FIRN_PB_STRING, 0, AT(FunctionDef_RetEntry, value), 0, NULL},
};
const firn_pb_type firn_pb_type_FunctionDef_RetEntry = {
    "tensorflow.FunctionDef.RetEntry",
    fields_FunctionDef_RetEntry, 2,
    (uint16_t)sizeof(firn_pb_FunctionDef_RetEntry), true};

static const firn_pb_field fields_FunctionDef_AttrEntry[] = {
    {"key", 1, FIRN_PB_STRING, 0, AT(FunctionDef_AttrEntry, key), 0, NULL},
    {"value", 2, FIRN_PB_MESSAGE, 0, AT(FunctionDef_AttrEntry, value), 0,
     &firn_pb_type_AttrValue},
};
const firn_pb_type firn_pb_type_FunctionDef_AttrEntry = {
    "tensorflow.FunctionDef.AttrEntry",
    fields_FunctionDef_AttrEntry, 2,
    (uint16_t)sizeof(firn_pb_FunctionDef_AttrEntry), true};

static const firn_pb_field fields_FunctionDef_ControlRetEntry[] = {
    {"key", 1, FIRN_PB_STRING, 0, AT(FunctionDef_ControlRetEntry, key), 0,
     NULL},
    {"value", 2, FIRN_PB_STRING, 0, AT(FunctionDef_ControlRetEntry, value), 0,
     NULL},
};
const firn_pb_type firn_pb_type_FunctionDef_ControlRetEntry = {
    "tensorflow.FunctionDef.ControlRetEntry",
    fields_FunctionDef_ControlRetEntry, 2,
    (uint16_t)sizeof(firn_pb_FunctionDef_ControlRetEntry), true};

static const firn_pb_field fields_FunctionDef_ArgAttrEntry[] = {
    {"key", 1, FIRN_PB_UINT32, 0, AT(FunctionDef_ArgAttrEntry, key), 0, NULL},
    {"value", 2, FIRN_PB_MESSAGE, 0, AT(FunctionDef_ArgAttrEntry, value), 0,
     &firn_pb_type_FunctionDef_ArgAttrs},
};
const firn_pb_type firn_pb_type_FunctionDef_ArgAttrEntry = {
    "tensorflow.FunctionDef.ArgAttrEntry",
    fields_FunctionDef_ArgAttrEntry, 2,
    (uint16_t)sizeof(firn_pb_FunctionDef_ArgAttrEntry), true};

static const firn_pb_field fields_FunctionDef_ResourceArgUniqueIdEntry[] = {
    {"key", 1, FIRN_PB_UINT32, 0, AT(FunctionDef_ResourceArgUniqueIdEntry, key),
     0, NULL},
    {"value", 2, FIRN_PB_UINT32, 0, AT(FunctionDef_ResourceArgUniqueIdEntry,
     value), 0, NULL},
};
const firn_pb_type firn_pb_type_FunctionDef_ResourceArgUniqueIdEntry = {
    "tensorflow.FunctionDef.ResourceArgUniqueIdEntry",
    fields_FunctionDef_ResourceArgUniqueIdEntry, 2,
    (uint16_t)sizeof(firn_pb_FunctionDef_ResourceArgUniqueIdEntry), true};

static const firn_pb_field fields_FunctionDef[] = {
    {"signature", 1, FIRN_PB_MESSAGE, 0, AT(FunctionDef, signature), 0,
     &firn_pb_type_OpDef},
    {"node_def", 3, FIRN_PB_MESSAGE, FIRN_PB_REPEATED, AT(FunctionDef,
     node_def), AT(FunctionDef, node_def_count), &firn_pb_type_NodeDef},
    {"ret", 4, FIRN_PB_MESSAGE, FIRN_PB_REPEATED | FIRN_PB_MAP, AT(FunctionDef,
     ret), AT(FunctionDef, ret_count), &firn_pb_type_FunctionDef_RetEntry},
    {"attr", 5, FIRN_PB_MESSAGE, FIRN_PB_REPEATED | FIRN_PB_MAP, AT(FunctionDef,
     attr), AT(FunctionDef, attr_count), &firn_pb_type_FunctionDef_AttrEntry},
    {"control_ret", 6, FIRN_PB_MESSAGE, FIRN_PB_REPEATED | FIRN_PB_MAP,
     AT(FunctionDef, control_ret), AT(FunctionDef, control_ret_count),
     &firn_pb_type_FunctionDef_ControlRetEntry},
    {"arg_attr", 7, FIRN_PB_MESSAGE, FIRN_PB_REPEATED | FIRN_PB_MAP,
     AT(FunctionDef, arg_attr), AT(FunctionDef, arg_attr_count),
     &firn_pb_type_FunctionDef_ArgAttrEntry},
    {"resource_arg_unique_id", 8, FIRN_PB_MESSAGE, FIRN_PB_REPEATED |
     FIRN_PB_MAP, AT(FunctionDef, resource_arg_unique_id), AT(FunctionDef,
     resource_arg_unique_id_count),
     &firn_pb_type_FunctionDef_ResourceArgUniqueIdEntry},
};
const firn_pb_type firn_pb_type_FunctionDef = {
    "tensorflow.FunctionDef",
    fields_FunctionDef, 7,
    (uint16_t)sizeof(firn_pb_FunctionDef), false};

static const firn_pb_field fields_FunctionDef_ArgAttrs_AttrEntry[] = {
    {"key", 1, FIRN_PB_STRING, 0, AT(FunctionDef_ArgAttrs_AttrEntry, key), 0,
     NULL},
    {"value", 2, FIRN_PB_MESSAGE, 0, AT(FunctionDef_ArgAttrs_AttrEntry, value),
     0, &firn_pb_type_AttrValue},
};
const firn_pb_type firn_pb_type_FunctionDef_ArgAttrs_AttrEntry = {
    "tensorflow.FunctionDef.ArgAttrs.AttrEntry",
    fields_FunctionDef_ArgAttrs_AttrEntry, 2,
    (uint16_t)sizeof(firn_pb_FunctionDef_ArgAttrs_AttrEntry), true};

static const firn_pb_field fields_FunctionDef_ArgAttrs[] = {
    {"attr", 1, FIRN_PB_MESSAGE, FIRN_PB_REPEATED | FIRN_PB_MAP,
     AT(FunctionDef_ArgAttrs, attr), AT(FunctionDef_ArgAttrs, attr_count),
     &firn_pb_type_FunctionDef_ArgAttrs_AttrEntry},
};
const firn_pb_type firn_pb_type_FunctionDef_ArgAttrs = {
    "tensorflow.FunctionDef.ArgAttrs",
    fields_FunctionDef_ArgAttrs, 1,
    (uint16_t)sizeof(firn_pb_FunctionDef_ArgAttrs), false};

static const firn_pb_field fields_FunctionDefLibrary[] = {
    {"function", 1, FIRN_PB_MESSAGE, FIRN_PB_REPEATED, AT(FunctionDefLibrary,
     function), AT(FunctionDefLibrary, function_count),
     &firn_pb_type_FunctionDef},
    {"gradient", 2, FIRN_PB_MESSAGE, FIRN_PB_REPEATED, AT(FunctionDefLibrary,
     gradient), AT(FunctionDefLibrary, gradient_count),
     &firn_pb_type_GradientDef},
    {"registered_gradients", 3, FIRN_PB_MESSAGE, FIRN_PB_REPEATED,
     AT(FunctionDefLibrary, registered_gradients), AT(FunctionDefLibrary,
     registered_gradients_count), &firn_pb_type_RegisteredGradient},
};
const firn_pb_type firn_pb_type_FunctionDefLibrary = {
    "tensorflow.FunctionDefLibrary",
    fields_FunctionDefLibrary, 3,
    (uint16_t)sizeof(firn_pb_FunctionDefLibrary), false};

static const firn_pb_field fields_FunctionSpec[] = {
    {"fullargspec", 1, FIRN_PB_MESSAGE, 0, AT(FunctionSpec, fullargspec), 0,
     &firn_pb_type_StructuredValue},
    {"is_method", 2, FIRN_PB_BOOL, 0, AT(FunctionSpec, is_method), 0, NULL},
    {"input_signature", 5, FIRN_PB_MESSAGE, 0, AT(FunctionSpec,
     input_signature), 0, &firn_pb_type_StructuredValue},
    {"jit_compile", 6, FIRN_PB_ENUM, 0, AT(FunctionSpec, jit_compile), 0,
     &firn_pb_enum_FunctionSpec_JitCompile},
};
const firn_pb_type firn_pb_type_FunctionSpec = {
    "tensorflow.FunctionSpec",
    fields_FunctionSpec, 4,
    (uint16_t)sizeof(firn_pb_FunctionSpec), false};

static const firn_pb_field fields_GPUOptions[] = {
    {"per_process_gpu_memory_fraction", 1, FIRN_PB_DOUBLE, 0, AT(GPUOptions,
     per_process_gpu_memory_fraction), 0, NULL},
    {"allocator_type", 2, FIRN_PB_STRING, 0, AT(GPUOptions, allocator_type), 0,
     NULL},
    {"deferred_deletion_bytes", 3, FIRN_PB_INT64, 0, AT(GPUOptions,
     deferred_deletion_bytes), 0, NULL},
    {"allow_growth", 4, FIRN_PB_BOOL, 0, AT(GPUOptions, allow_growth), 0, NULL},
    {"visible_device_list", 5, FIRN_PB_STRING, 0, AT(GPUOptions,
     visible_device_list), 0, NULL},
    {"polling_active_delay_usecs", 6, FIRN_PB_INT32, 0, AT(GPUOptions,
     polling_active_delay_usecs), 0, NULL},
    {"polling_inactive_delay_msecs", 7, FIRN_PB_INT32, 0, AT(GPUOptions,
     polling_inactive_delay_msecs), 0, NULL},
    {"force_gpu_compatible", 8, FIRN_PB_BOOL, 0, AT(GPUOptions,
     force_gpu_compatible), 0, NULL},
    {"experimental", 9, FIRN_PB_MESSAGE, 0, AT(GPUOptions, experimental), 0,
     &firn_pb_type_GPUOptions_Experimental},
};
const firn_pb_type firn_pb_type_GPUOptions = {
    "tensorflow.GPUOptions",
    fields_GPUOptions, 9,
    (uint16_t)sizeof(firn_pb_GPUOptions), false};

static const firn_pb_field fields_GPUOptions_Experimental[] = {
    {"virtual_devices", 1, FIRN_PB_MESSAGE, FIRN_PB_REPEATED,
     AT(GPUOptions_Experimental, virtual_devices), AT(GPUOptions_Experimental,
     virtual_devices_count),
     &firn_pb_type_GPUOptions_Experimental_VirtualDevices},
    {"use_unified_memory", 2, FIRN_PB_BOOL, 0, AT(GPUOptions_Experimental,
     use_unified_memory), 0, NULL},
    {"num_dev_to_dev_copy_streams", 3, FIRN_PB_INT32, 0,
     AT(GPUOptions_Experimental, num_dev_to_dev_copy_streams), 0, NULL},
    {"collective_ring_order", 4, FIRN_PB_STRING, 0, AT(GPUOptions_Experimental,
     collective_ring_order), 0, NULL},
    {"timestamped_allocator", 5, FIRN_PB_BOOL, 0, AT(GPUOptions_Experimental,
     timestamped_allocator), 0, NULL},
    {"kernel_tracker_max_interval", 7, FIRN_PB_INT32, 0,
     AT(GPUOptions_Experimental, kernel_tracker_max_interval), 0, NULL},
    {"kernel_tracker_max_bytes", 8, FIRN_PB_INT32, 0,
     AT(GPUOptions_Experimental, kernel_tracker_max_bytes), 0, NULL},
    {"kernel_tracker_max_pending", 9, FIRN_PB_INT32, 0,
     AT(GPUOptions_Experimental, kernel_tracker_max_pending), 0, NULL},
    {"internal_fragmentation_fraction", 10, FIRN_PB_DOUBLE, 0,
     AT(GPUOptions_Experimental, internal_fragmentation_fraction), 0, NULL},
    {"use_cuda_malloc_async", 11, FIRN_PB_BOOL, 0, AT(GPUOptions_Experimental,
     use_cuda_malloc_async), 0, NULL},
    {"disallow_retry_on_allocation_failure", 12, FIRN_PB_BOOL, 0,
     AT(GPUOptions_Experimental, disallow_retry_on_allocation_failure), 0,
     NULL},
    {"gpu_host_mem_limit_in_mb", 13, FIRN_PB_FLOAT, 0,
     AT(GPUOptions_Experimental, gpu_host_mem_limit_in_mb), 0, NULL},
    {"gpu_host_mem_disallow_growth", 14, FIRN_PB_BOOL, 0,
     AT(GPUOptions_Experimental, gpu_host_mem_disallow_growth), 0, NULL},
    {"num_virtual_devices_per_gpu", 15, FIRN_PB_INT32, 0,
     AT(GPUOptions_Experimental, num_virtual_devices_per_gpu), 0, NULL},
    {"gpu_system_memory_size_in_mb", 16, FIRN_PB_INT32, 0,
     AT(GPUOptions_Experimental, gpu_system_memory_size_in_mb), 0, NULL},
    {"populate_pjrt_gpu_client_creation_info", 17, FIRN_PB_BOOL, 0,
     AT(GPUOptions_Experimental, populate_pjrt_gpu_client_creation_info), 0,
     NULL},
    {"node_id", 18, FIRN_PB_INT32, 0, AT(GPUOptions_Experimental, node_id), 0,
     NULL},
    {"stream_merge_options", 19, FIRN_PB_MESSAGE, 0, AT(GPUOptions_Experimental,
     stream_merge_options), 0,
     &firn_pb_type_GPUOptions_Experimental_StreamMergeOptions},
};
const firn_pb_type firn_pb_type_GPUOptions_Experimental = {
    "tensorflow.GPUOptions.Experimental",
    fields_GPUOptions_Experimental, 18,
    (uint16_t)sizeof(firn_pb_GPUOptions_Experimental), false};

static const firn_pb_field fields_GPUOptions_Experimental_StreamMergeOptions[] = {
    {"merge_host_to_device_stream", 1, FIRN_PB_BOOL, 0,
     AT(GPUOptions_Experimental_StreamMergeOptions,
     merge_host_to_device_stream), 0, NULL},
    {"merge_device_to_host_stream", 2, FIRN_PB_BOOL, 0,
     AT(GPUOptions_Experimental_StreamMergeOptions,
     merge_device_to_host_stream), 0, NULL},
    {"merge_device_to_device_stream", 3, FIRN_PB_BOOL, 0,
     AT(GPUOptions_Experimental_StreamMergeOptions,
     merge_device_to_device_stream), 0, NULL},
};
const firn_pb_type firn_pb_type_GPUOptions_Experimental_StreamMergeOptions = {
    "tensorflow.GPUOptions.Experimental.StreamMergeOptions",
    fields_GPUOptions_Experimental_StreamMergeOptions, 3,
    (uint16_t)sizeof(firn_pb_GPUOptions_Experimental_StreamMergeOptions), false};

static const firn_pb_field fields_GPUOptions_Experimental_VirtualDevices[] = {
    {"memory_limit_mb", 1, FIRN_PB_FLOAT, FIRN_PB_REPEATED | FIRN_PB_PACKED,
     AT(GPUOptions_Experimental_VirtualDevices, memory_limit_mb),
     AT(GPUOptions_Experimental_VirtualDevices, memory_limit_mb_count), NULL},
    {"priority", 2, FIRN_PB_INT32, FIRN_PB_REPEATED | FIRN_PB_PACKED,
     AT(GPUOptions_Experimental_VirtualDevices, priority),
     AT(GPUOptions_Experimental_VirtualDevices, priority_count), NULL},
    {"device_ordinal", 3, FIRN_PB_INT32, FIRN_PB_REPEATED | FIRN_PB_PACKED,
     AT(GPUOptions_Experimental_VirtualDevices, device_ordinal),
     AT(GPUOptions_Experimental_VirtualDevices, device_ordinal_count), NULL},
};
const firn_pb_type firn_pb_type_GPUOptions_Experimental_VirtualDevices = {
    "tensorflow.GPUOptions.Experimental.VirtualDevices",
    fields_GPUOptions_Experimental_VirtualDevices, 3,
    (uint16_t)sizeof(firn_pb_GPUOptions_Experimental_VirtualDevices), false};

static const firn_pb_field fields_GradientDef[] = {
    {"function_name", 1, FIRN_PB_STRING, 0, AT(GradientDef, function_name), 0,
     NULL},
    {"gradient_func", 2, FIRN_PB_STRING, 0, AT(GradientDef, gradient_func), 0,
     NULL},
};
const firn_pb_type firn_pb_type_GradientDef = {
    "tensorflow.GradientDef",
    fields_GradientDef, 2,
    (uint16_t)sizeof(firn_pb_GradientDef), false};

static const firn_pb_field fields_GraphDebugInfo_TracesEntry[] = {
    {"key", 1, FIRN_PB_STRING, 0, AT(GraphDebugInfo_TracesEntry, key), 0, NULL},
    {"value", 2, FIRN_PB_MESSAGE, 0, AT(GraphDebugInfo_TracesEntry, value), 0,
     &firn_pb_type_GraphDebugInfo_StackTrace},
};
const firn_pb_type firn_pb_type_GraphDebugInfo_TracesEntry = {
    "tensorflow.GraphDebugInfo.TracesEntry",
    fields_GraphDebugInfo_TracesEntry, 2,
    (uint16_t)sizeof(firn_pb_GraphDebugInfo_TracesEntry), true};

static const firn_pb_field fields_GraphDebugInfo_FramesByIdEntry[] = {
    {"key", 1, FIRN_PB_FIXED64, 0, AT(GraphDebugInfo_FramesByIdEntry, key), 0,
     NULL},
    {"value", 2, FIRN_PB_MESSAGE, 0, AT(GraphDebugInfo_FramesByIdEntry, value),
     0, &firn_pb_type_GraphDebugInfo_FileLineCol},
};
const firn_pb_type firn_pb_type_GraphDebugInfo_FramesByIdEntry = {
    "tensorflow.GraphDebugInfo.FramesByIdEntry",
    fields_GraphDebugInfo_FramesByIdEntry, 2,
    (uint16_t)sizeof(firn_pb_GraphDebugInfo_FramesByIdEntry), true};

static const firn_pb_field fields_GraphDebugInfo_NameToTraceIdEntry[] = {
    {"key", 1, FIRN_PB_STRING, 0, AT(GraphDebugInfo_NameToTraceIdEntry, key), 0,
     NULL},
    {"value", 2, FIRN_PB_FIXED64, 0, AT(GraphDebugInfo_NameToTraceIdEntry,
     value), 0, NULL},
};
const firn_pb_type firn_pb_type_GraphDebugInfo_NameToTraceIdEntry = {
    "tensorflow.GraphDebugInfo.NameToTraceIdEntry",
    fields_GraphDebugInfo_NameToTraceIdEntry, 2,
    (uint16_t)sizeof(firn_pb_GraphDebugInfo_NameToTraceIdEntry), true};

static const firn_pb_field fields_GraphDebugInfo_TracesByIdEntry[] = {
    {"key", 1, FIRN_PB_FIXED64, 0, AT(GraphDebugInfo_TracesByIdEntry, key), 0,
     NULL},
    {"value", 2, FIRN_PB_MESSAGE, 0, AT(GraphDebugInfo_TracesByIdEntry, value),
     0, &firn_pb_type_GraphDebugInfo_StackTrace},
};
const firn_pb_type firn_pb_type_GraphDebugInfo_TracesByIdEntry = {
    "tensorflow.GraphDebugInfo.TracesByIdEntry",
    fields_GraphDebugInfo_TracesByIdEntry, 2,
    (uint16_t)sizeof(firn_pb_GraphDebugInfo_TracesByIdEntry), true};

static const firn_pb_field fields_GraphDebugInfo[] = {
    {"files", 1, FIRN_PB_STRING, FIRN_PB_REPEATED, AT(GraphDebugInfo, files),
     AT(GraphDebugInfo, files_count), NULL},
    {"traces", 2, FIRN_PB_MESSAGE, FIRN_PB_REPEATED | FIRN_PB_MAP,
     AT(GraphDebugInfo, traces), AT(GraphDebugInfo, traces_count),
     &firn_pb_type_GraphDebugInfo_TracesEntry},
    {"frames_by_id", 4, FIRN_PB_MESSAGE, FIRN_PB_REPEATED | FIRN_PB_MAP,
     AT(GraphDebugInfo, frames_by_id), AT(GraphDebugInfo, frames_by_id_count),
     &firn_pb_type_GraphDebugInfo_FramesByIdEntry},
    {"name_to_trace_id", 5, FIRN_PB_MESSAGE, FIRN_PB_REPEATED | FIRN_PB_MAP,
     AT(GraphDebugInfo, name_to_trace_id), AT(GraphDebugInfo,
     name_to_trace_id_count), &firn_pb_type_GraphDebugInfo_NameToTraceIdEntry},
    {"traces_by_id", 6, FIRN_PB_MESSAGE, FIRN_PB_REPEATED | FIRN_PB_MAP,
     AT(GraphDebugInfo, traces_by_id), AT(GraphDebugInfo, traces_by_id_count),
     &firn_pb_type_GraphDebugInfo_TracesByIdEntry},
};
const firn_pb_type firn_pb_type_GraphDebugInfo = {
    "tensorflow.GraphDebugInfo",
    fields_GraphDebugInfo, 5,
    (uint16_t)sizeof(firn_pb_GraphDebugInfo), false};

static const firn_pb_field fields_GraphDebugInfo_FileLineCol[] = {
    {"file_index", 1, FIRN_PB_INT32, FIRN_PB_ONEOF,
     AT(GraphDebugInfo_FileLineCol, file_index), AT(GraphDebugInfo_FileLineCol,
     file_index_case), NULL},
    {"line", 2, FIRN_PB_INT32, FIRN_PB_ONEOF, AT(GraphDebugInfo_FileLineCol,
     line), AT(GraphDebugInfo_FileLineCol, line_case), NULL},
    {"col", 3, FIRN_PB_INT32, FIRN_PB_ONEOF, AT(GraphDebugInfo_FileLineCol,
     col), AT(GraphDebugInfo_FileLineCol, col_case), NULL},
    {"func", 4, FIRN_PB_STRING, FIRN_PB_ONEOF, AT(GraphDebugInfo_FileLineCol,
     func), AT(GraphDebugInfo_FileLineCol, func_case), NULL},
    {"code", 5, FIRN_PB_STRING, FIRN_PB_ONEOF, AT(GraphDebugInfo_FileLineCol,
     code), AT(GraphDebugInfo_FileLineCol, code_case), NULL},
};
const firn_pb_type firn_pb_type_GraphDebugInfo_FileLineCol = {
    "tensorflow.GraphDebugInfo.FileLineCol",
    fields_GraphDebugInfo_FileLineCol, 5,
    (uint16_t)sizeof(firn_pb_GraphDebugInfo_FileLineCol), false};

static const firn_pb_field fields_GraphDebugInfo_StackTrace[] = {
    {"file_line_cols", 1, FIRN_PB_MESSAGE, FIRN_PB_REPEATED,
     AT(GraphDebugInfo_StackTrace, file_line_cols),
     AT(GraphDebugInfo_StackTrace, file_line_cols_count),
     &firn_pb_type_GraphDebugInfo_FileLineCol},
    {"frame_id", 2, FIRN_PB_FIXED64, FIRN_PB_REPEATED | FIRN_PB_PACKED,
     AT(GraphDebugInfo_StackTrace, frame_id), AT(GraphDebugInfo_StackTrace,
     frame_id_count), NULL},
};
const firn_pb_type firn_pb_type_GraphDebugInfo_StackTrace = {
    "tensorflow.GraphDebugInfo.StackTrace",
    fields_GraphDebugInfo_StackTrace, 2,
    (uint16_t)sizeof(firn_pb_GraphDebugInfo_StackTrace), false};

static const firn_pb_field fields_GraphDef[] = {
    {"node", 1, FIRN_PB_MESSAGE, FIRN_PB_REPEATED, AT(GraphDef, node),
     AT(GraphDef, node_count), &firn_pb_type_NodeDef},
    {"library", 2, FIRN_PB_MESSAGE, 0, AT(GraphDef, library), 0,
     &firn_pb_type_FunctionDefLibrary},
    {"version", 3, FIRN_PB_INT32, 0, AT(GraphDef, version), 0, NULL},
    {"versions", 4, FIRN_PB_MESSAGE, 0, AT(GraphDef, versions), 0,
     &firn_pb_type_VersionDef},
    {"debug_info", 5, FIRN_PB_MESSAGE, 0, AT(GraphDef, debug_info), 0,
     &firn_pb_type_GraphDebugInfo},
};
const firn_pb_type firn_pb_type_GraphDef = {
    "tensorflow.GraphDef",
    fields_GraphDef, 5,
    (uint16_t)sizeof(firn_pb_GraphDef), false};

static const firn_pb_field fields_GraphOptions[] = {
    {"enable_recv_scheduling", 2, FIRN_PB_BOOL, 0, AT(GraphOptions,
     enable_recv_scheduling), 0, NULL},
    {"optimizer_options", 3, FIRN_PB_MESSAGE, 0, AT(GraphOptions,
     optimizer_options), 0, &firn_pb_type_OptimizerOptions},
    {"build_cost_model", 4, FIRN_PB_INT64, 0, AT(GraphOptions,
     build_cost_model), 0, NULL},
    {"infer_shapes", 5, FIRN_PB_BOOL, 0, AT(GraphOptions, infer_shapes), 0,
     NULL},
    {"place_pruned_graph", 6, FIRN_PB_BOOL, 0, AT(GraphOptions,
     place_pruned_graph), 0, NULL},
    {"enable_bfloat16_sendrecv", 7, FIRN_PB_BOOL, 0, AT(GraphOptions,
     enable_bfloat16_sendrecv), 0, NULL},
    {"timeline_step", 8, FIRN_PB_INT32, 0, AT(GraphOptions, timeline_step), 0,
     NULL},
    {"build_cost_model_after", 9, FIRN_PB_INT64, 0, AT(GraphOptions,
     build_cost_model_after), 0, NULL},
    {"rewrite_options", 10, FIRN_PB_MESSAGE, 0, AT(GraphOptions,
     rewrite_options), 0, &firn_pb_type_RewriterConfig},
};
const firn_pb_type firn_pb_type_GraphOptions = {
    "tensorflow.GraphOptions",
    fields_GraphOptions, 9,
    (uint16_t)sizeof(firn_pb_GraphOptions), false};

static const firn_pb_field fields_HistogramProto[] = {
    {"min", 1, FIRN_PB_DOUBLE, 0, AT(HistogramProto, min), 0, NULL},
    {"max", 2, FIRN_PB_DOUBLE, 0, AT(HistogramProto, max), 0, NULL},
    {"num", 3, FIRN_PB_DOUBLE, 0, AT(HistogramProto, num), 0, NULL},
    {"sum", 4, FIRN_PB_DOUBLE, 0, AT(HistogramProto, sum), 0, NULL},
    {"sum_squares", 5, FIRN_PB_DOUBLE, 0, AT(HistogramProto, sum_squares), 0,
     NULL},
    {"bucket_limit", 6, FIRN_PB_DOUBLE, FIRN_PB_REPEATED | FIRN_PB_PACKED,
     AT(HistogramProto, bucket_limit), AT(HistogramProto, bucket_limit_count),
     NULL},
    {"bucket", 7, FIRN_PB_DOUBLE, FIRN_PB_REPEATED | FIRN_PB_PACKED,
     AT(HistogramProto, bucket), AT(HistogramProto, bucket_count), NULL},
};
const firn_pb_type firn_pb_type_HistogramProto = {
    "tensorflow.HistogramProto",
    fields_HistogramProto, 7,
    (uint16_t)sizeof(firn_pb_HistogramProto), false};

static const firn_pb_field fields_Int64List[] = {
    {"value", 1, FIRN_PB_INT64, FIRN_PB_REPEATED | FIRN_PB_PACKED, AT(Int64List,
     value), AT(Int64List, value_count), NULL},
};
const firn_pb_type firn_pb_type_Int64List = {
    "tensorflow.Int64List",
    fields_Int64List, 1,
    (uint16_t)sizeof(firn_pb_Int64List), false};

static const firn_pb_field fields_JobDef_TasksEntry[] = {
    {"key", 1, FIRN_PB_INT32, 0, AT(JobDef_TasksEntry, key), 0, NULL},
    {"value", 2, FIRN_PB_STRING, 0, AT(JobDef_TasksEntry, value), 0, NULL},
};
const firn_pb_type firn_pb_type_JobDef_TasksEntry = {
    "tensorflow.JobDef.TasksEntry",
    fields_JobDef_TasksEntry, 2,
    (uint16_t)sizeof(firn_pb_JobDef_TasksEntry), true};

static const firn_pb_field fields_JobDef[] = {
    {"name", 1, FIRN_PB_STRING, 0, AT(JobDef, name), 0, NULL},
    {"tasks", 2, FIRN_PB_MESSAGE, FIRN_PB_REPEATED | FIRN_PB_MAP, AT(JobDef,
     tasks), AT(JobDef, tasks_count), &firn_pb_type_JobDef_TasksEntry},
};
const firn_pb_type firn_pb_type_JobDef = {
    "tensorflow.JobDef",
    fields_JobDef, 2,
    (uint16_t)sizeof(firn_pb_JobDef), false};

static const firn_pb_field fields_ListValue[] = {
    {"values", 1, FIRN_PB_MESSAGE, FIRN_PB_REPEATED, AT(ListValue, values),
     AT(ListValue, values_count), &firn_pb_type_StructuredValue},
};
const firn_pb_type firn_pb_type_ListValue = {
    "tensorflow.ListValue",
    fields_ListValue, 1,
    (uint16_t)sizeof(firn_pb_ListValue), false};

static const firn_pb_field fields_LogMessage[] = {
    {"level", 1, FIRN_PB_ENUM, 0, AT(LogMessage, level), 0,
     &firn_pb_enum_LogMessage_Level},
    {"message", 2, FIRN_PB_STRING, 0, AT(LogMessage, message), 0, NULL},
};
const firn_pb_type firn_pb_type_LogMessage = {
    "tensorflow.LogMessage",
    fields_LogMessage, 2,
    (uint16_t)sizeof(firn_pb_LogMessage), false};

static const firn_pb_field fields_MetaGraphDef_CollectionDefEntry[] = {
    {"key", 1, FIRN_PB_STRING, 0, AT(MetaGraphDef_CollectionDefEntry, key), 0,
     NULL},
    {"value", 2, FIRN_PB_MESSAGE, 0, AT(MetaGraphDef_CollectionDefEntry, value),
     0, &firn_pb_type_CollectionDef},
};
const firn_pb_type firn_pb_type_MetaGraphDef_CollectionDefEntry = {
    "tensorflow.MetaGraphDef.CollectionDefEntry",
    fields_MetaGraphDef_CollectionDefEntry, 2,
    (uint16_t)sizeof(firn_pb_MetaGraphDef_CollectionDefEntry), true};

static const firn_pb_field fields_MetaGraphDef_SignatureDefEntry[] = {
    {"key", 1, FIRN_PB_STRING, 0, AT(MetaGraphDef_SignatureDefEntry, key), 0,
     NULL},
    {"value", 2, FIRN_PB_MESSAGE, 0, AT(MetaGraphDef_SignatureDefEntry, value),
     0, &firn_pb_type_SignatureDef},
};
const firn_pb_type firn_pb_type_MetaGraphDef_SignatureDefEntry = {
    "tensorflow.MetaGraphDef.SignatureDefEntry",
    fields_MetaGraphDef_SignatureDefEntry, 2,
    (uint16_t)sizeof(firn_pb_MetaGraphDef_SignatureDefEntry), true};

static const firn_pb_field fields_MetaGraphDef[] = {
    {"meta_info_def", 1, FIRN_PB_MESSAGE, 0, AT(MetaGraphDef, meta_info_def), 0,
     &firn_pb_type_MetaGraphDef_MetaInfoDef},
    {"graph_def", 2, FIRN_PB_MESSAGE, 0, AT(MetaGraphDef, graph_def), 0,
     &firn_pb_type_GraphDef},
    {"saver_def", 3, FIRN_PB_MESSAGE, 0, AT(MetaGraphDef, saver_def), 0,
     &firn_pb_type_SaverDef},
    {"collection_def", 4, FIRN_PB_MESSAGE, FIRN_PB_REPEATED | FIRN_PB_MAP,
     AT(MetaGraphDef, collection_def), AT(MetaGraphDef, collection_def_count),
     &firn_pb_type_MetaGraphDef_CollectionDefEntry},
    {"signature_def", 5, FIRN_PB_MESSAGE, FIRN_PB_REPEATED | FIRN_PB_MAP,
     AT(MetaGraphDef, signature_def), AT(MetaGraphDef, signature_def_count),
     &firn_pb_type_MetaGraphDef_SignatureDefEntry},
    {"asset_file_def", 6, FIRN_PB_MESSAGE, FIRN_PB_REPEATED, AT(MetaGraphDef,
     asset_file_def), AT(MetaGraphDef, asset_file_def_count),
     &firn_pb_type_AssetFileDef},
    {"object_graph_def", 7, FIRN_PB_MESSAGE, 0, AT(MetaGraphDef,
     object_graph_def), 0, &firn_pb_type_SavedObjectGraph},
};
const firn_pb_type firn_pb_type_MetaGraphDef = {
    "tensorflow.MetaGraphDef",
    fields_MetaGraphDef, 7,
    (uint16_t)sizeof(firn_pb_MetaGraphDef), false};

static const firn_pb_field fields_MetaGraphDef_MetaInfoDef_FunctionAliasesEntry[] = {
    {"key", 1, FIRN_PB_STRING, 0,
     AT(MetaGraphDef_MetaInfoDef_FunctionAliasesEntry, key), 0, NULL},
    {"value", 2, FIRN_PB_STRING, 0,
     AT(MetaGraphDef_MetaInfoDef_FunctionAliasesEntry, value), 0, NULL},
};
const firn_pb_type firn_pb_type_MetaGraphDef_MetaInfoDef_FunctionAliasesEntry = {
    "tensorflow.MetaGraphDef.MetaInfoDef.FunctionAliasesEntry",
    fields_MetaGraphDef_MetaInfoDef_FunctionAliasesEntry, 2,
    (uint16_t)sizeof(firn_pb_MetaGraphDef_MetaInfoDef_FunctionAliasesEntry), true};

static const firn_pb_field fields_MetaGraphDef_MetaInfoDef[] = {
    {"meta_graph_version", 1, FIRN_PB_STRING, 0, AT(MetaGraphDef_MetaInfoDef,
     meta_graph_version), 0, NULL},
    {"stripped_op_list", 2, FIRN_PB_MESSAGE, 0, AT(MetaGraphDef_MetaInfoDef,
     stripped_op_list), 0, &firn_pb_type_OpList},
    {"any_info", 3, FIRN_PB_MESSAGE, 0, AT(MetaGraphDef_MetaInfoDef, any_info),
     0, &firn_pb_type_Any},
    {"tags", 4, FIRN_PB_STRING, FIRN_PB_REPEATED, AT(MetaGraphDef_MetaInfoDef,
     tags), AT(MetaGraphDef_MetaInfoDef, tags_count), NULL},
    {"tensorflow_version", 5, FIRN_PB_STRING, 0, AT(MetaGraphDef_MetaInfoDef,
     tensorflow_version), 0, NULL},
    {"tensorflow_git_version", 6, FIRN_PB_STRING, 0,
     AT(MetaGraphDef_MetaInfoDef, tensorflow_git_version), 0, NULL},
    {"stripped_default_attrs", 7, FIRN_PB_BOOL, 0, AT(MetaGraphDef_MetaInfoDef,
     stripped_default_attrs), 0, NULL},
    {"function_aliases", 8, FIRN_PB_MESSAGE, FIRN_PB_REPEATED | FIRN_PB_MAP,
     AT(MetaGraphDef_MetaInfoDef, function_aliases),
     AT(MetaGraphDef_MetaInfoDef, function_aliases_count),
     &firn_pb_type_MetaGraphDef_MetaInfoDef_FunctionAliasesEntry},
};
const firn_pb_type firn_pb_type_MetaGraphDef_MetaInfoDef = {
    "tensorflow.MetaGraphDef.MetaInfoDef",
    fields_MetaGraphDef_MetaInfoDef, 8,
    (uint16_t)sizeof(firn_pb_MetaGraphDef_MetaInfoDef), false};

static const firn_pb_field fields_NameAttrList_AttrEntry[] = {
    {"key", 1, FIRN_PB_STRING, 0, AT(NameAttrList_AttrEntry, key), 0, NULL},
    {"value", 2, FIRN_PB_MESSAGE, 0, AT(NameAttrList_AttrEntry, value), 0,
     &firn_pb_type_AttrValue},
};
const firn_pb_type firn_pb_type_NameAttrList_AttrEntry = {
    "tensorflow.NameAttrList.AttrEntry",
    fields_NameAttrList_AttrEntry, 2,
    (uint16_t)sizeof(firn_pb_NameAttrList_AttrEntry), true};

static const firn_pb_field fields_NameAttrList[] = {
    {"name", 1, FIRN_PB_STRING, 0, AT(NameAttrList, name), 0, NULL},
    {"attr", 2, FIRN_PB_MESSAGE, FIRN_PB_REPEATED | FIRN_PB_MAP,
     AT(NameAttrList, attr), AT(NameAttrList, attr_count),
     &firn_pb_type_NameAttrList_AttrEntry},
};
const firn_pb_type firn_pb_type_NameAttrList = {
    "tensorflow.NameAttrList",
    fields_NameAttrList, 2,
    (uint16_t)sizeof(firn_pb_NameAttrList), false};

static const firn_pb_field fields_NamedTensorProto[] = {
    {"name", 1, FIRN_PB_STRING, 0, AT(NamedTensorProto, name), 0, NULL},
    {"tensor", 2, FIRN_PB_MESSAGE, 0, AT(NamedTensorProto, tensor), 0,
     &firn_pb_type_TensorProto},
};
const firn_pb_type firn_pb_type_NamedTensorProto = {
    "tensorflow.NamedTensorProto",
    fields_NamedTensorProto, 2,
    (uint16_t)sizeof(firn_pb_NamedTensorProto), false};

static const firn_pb_field fields_NamedTupleValue[] = {
    {"name", 1, FIRN_PB_STRING, 0, AT(NamedTupleValue, name), 0, NULL},
    {"values", 2, FIRN_PB_MESSAGE, FIRN_PB_REPEATED, AT(NamedTupleValue,
     values), AT(NamedTupleValue, values_count), &firn_pb_type_PairValue},
};
const firn_pb_type firn_pb_type_NamedTupleValue = {
    "tensorflow.NamedTupleValue",
    fields_NamedTupleValue, 2,
    (uint16_t)sizeof(firn_pb_NamedTupleValue), false};

static const firn_pb_field fields_NodeDef_AttrEntry[] = {
    {"key", 1, FIRN_PB_STRING, 0, AT(NodeDef_AttrEntry, key), 0, NULL},
    {"value", 2, FIRN_PB_MESSAGE, 0, AT(NodeDef_AttrEntry, value), 0,
     &firn_pb_type_AttrValue},
};
const firn_pb_type firn_pb_type_NodeDef_AttrEntry = {
    "tensorflow.NodeDef.AttrEntry",
    fields_NodeDef_AttrEntry, 2,
    (uint16_t)sizeof(firn_pb_NodeDef_AttrEntry), true};

static const firn_pb_field fields_NodeDef[] = {
    {"name", 1, FIRN_PB_STRING, 0, AT(NodeDef, name), 0, NULL},
    {"op", 2, FIRN_PB_STRING, 0, AT(NodeDef, op), 0, NULL},
    {"input", 3, FIRN_PB_STRING, FIRN_PB_REPEATED, AT(NodeDef, input),
     AT(NodeDef, input_count), NULL},
    {"device", 4, FIRN_PB_STRING, 0, AT(NodeDef, device), 0, NULL},
    {"attr", 5, FIRN_PB_MESSAGE, FIRN_PB_REPEATED | FIRN_PB_MAP, AT(NodeDef,
     attr), AT(NodeDef, attr_count), &firn_pb_type_NodeDef_AttrEntry},
    {"experimental_debug_info", 6, FIRN_PB_MESSAGE, 0, AT(NodeDef,
     experimental_debug_info), 0, &firn_pb_type_NodeDef_ExperimentalDebugInfo},
    {"experimental_type", 7, FIRN_PB_MESSAGE, 0, AT(NodeDef, experimental_type),
     0, &firn_pb_type_FullTypeDef},
};
const firn_pb_type firn_pb_type_NodeDef = {
    "tensorflow.NodeDef",
    fields_NodeDef, 7,
    (uint16_t)sizeof(firn_pb_NodeDef), false};

static const firn_pb_field fields_NodeDef_ExperimentalDebugInfo[] = {
    {"original_node_names", 1, FIRN_PB_STRING, FIRN_PB_REPEATED,
     AT(NodeDef_ExperimentalDebugInfo, original_node_names),
     AT(NodeDef_ExperimentalDebugInfo, original_node_names_count), NULL},
    {"original_func_names", 2, FIRN_PB_STRING, FIRN_PB_REPEATED,
     AT(NodeDef_ExperimentalDebugInfo, original_func_names),
     AT(NodeDef_ExperimentalDebugInfo, original_func_names_count), NULL},
};
const firn_pb_type firn_pb_type_NodeDef_ExperimentalDebugInfo = {
    "tensorflow.NodeDef.ExperimentalDebugInfo",
    fields_NodeDef_ExperimentalDebugInfo, 2,
    (uint16_t)sizeof(firn_pb_NodeDef_ExperimentalDebugInfo), false};

const firn_pb_type firn_pb_type_NoneValue = {
    "tensorflow.NoneValue",
    NULL, 0,
    (uint16_t)sizeof(firn_pb_NoneValue), false};

static const firn_pb_field fields_OpDef[] = {
    {"name", 1, FIRN_PB_STRING, 0, AT(OpDef, name), 0, NULL},
    {"input_arg", 2, FIRN_PB_MESSAGE, FIRN_PB_REPEATED, AT(OpDef, input_arg),
     AT(OpDef, input_arg_count), &firn_pb_type_OpDef_ArgDef},
    {"output_arg", 3, FIRN_PB_MESSAGE, FIRN_PB_REPEATED, AT(OpDef, output_arg),
     AT(OpDef, output_arg_count), &firn_pb_type_OpDef_ArgDef},
    {"attr", 4, FIRN_PB_MESSAGE, FIRN_PB_REPEATED, AT(OpDef, attr), AT(OpDef,
     attr_count), &firn_pb_type_OpDef_AttrDef},
    {"summary", 5, FIRN_PB_STRING, 0, AT(OpDef, summary), 0, NULL},
    {"description", 6, FIRN_PB_STRING, 0, AT(OpDef, description), 0, NULL},
    {"deprecation", 8, FIRN_PB_MESSAGE, 0, AT(OpDef, deprecation), 0,
     &firn_pb_type_OpDeprecation},
    {"is_aggregate", 16, FIRN_PB_BOOL, 0, AT(OpDef, is_aggregate), 0, NULL},
    {"is_stateful", 17, FIRN_PB_BOOL, 0, AT(OpDef, is_stateful), 0, NULL},
    {"is_commutative", 18, FIRN_PB_BOOL, 0, AT(OpDef, is_commutative), 0, NULL},
    {"allows_uninitialized_input", 19, FIRN_PB_BOOL, 0, AT(OpDef,
     allows_uninitialized_input), 0, NULL},
    {"control_output", 20, FIRN_PB_STRING, FIRN_PB_REPEATED, AT(OpDef,
     control_output), AT(OpDef, control_output_count), NULL},
    {"is_distributed_communication", 21, FIRN_PB_BOOL, 0, AT(OpDef,
     is_distributed_communication), 0, NULL},
};
const firn_pb_type firn_pb_type_OpDef = {
    "tensorflow.OpDef",
    fields_OpDef, 13,
    (uint16_t)sizeof(firn_pb_OpDef), false};

static const firn_pb_field fields_OpDef_ArgDef[] = {
    {"name", 1, FIRN_PB_STRING, 0, AT(OpDef_ArgDef, name), 0, NULL},
    {"description", 2, FIRN_PB_STRING, 0, AT(OpDef_ArgDef, description), 0,
     NULL},
    {"type", 3, FIRN_PB_ENUM, 0, AT(OpDef_ArgDef, type), 0,
     &firn_pb_enum_DataType},
    {"type_attr", 4, FIRN_PB_STRING, 0, AT(OpDef_ArgDef, type_attr), 0, NULL},
    {"number_attr", 5, FIRN_PB_STRING, 0, AT(OpDef_ArgDef, number_attr), 0,
     NULL},
    {"type_list_attr", 6, FIRN_PB_STRING, 0, AT(OpDef_ArgDef, type_list_attr),
     0, NULL},
    {"handle_data", 7, FIRN_PB_MESSAGE, FIRN_PB_REPEATED, AT(OpDef_ArgDef,
     handle_data), AT(OpDef_ArgDef, handle_data_count),
     &firn_pb_type_ResourceHandleProto_DtypeAndShape},
    {"is_ref", 16, FIRN_PB_BOOL, 0, AT(OpDef_ArgDef, is_ref), 0, NULL},
    {"experimental_full_type", 17, FIRN_PB_MESSAGE, 0, AT(OpDef_ArgDef,
     experimental_full_type), 0, &firn_pb_type_FullTypeDef},
};
const firn_pb_type firn_pb_type_OpDef_ArgDef = {
    "tensorflow.OpDef.ArgDef",
    fields_OpDef_ArgDef, 9,
    (uint16_t)sizeof(firn_pb_OpDef_ArgDef), false};

static const firn_pb_field fields_OpDef_AttrDef[] = {
    {"name", 1, FIRN_PB_STRING, 0, AT(OpDef_AttrDef, name), 0, NULL},
    {"type", 2, FIRN_PB_STRING, 0, AT(OpDef_AttrDef, type), 0, NULL},
    {"default_value", 3, FIRN_PB_MESSAGE, 0, AT(OpDef_AttrDef, default_value),
     0, &firn_pb_type_AttrValue},
    {"description", 4, FIRN_PB_STRING, 0, AT(OpDef_AttrDef, description), 0,
     NULL},
    {"has_minimum", 5, FIRN_PB_BOOL, 0, AT(OpDef_AttrDef, has_minimum), 0,
     NULL},
    {"minimum", 6, FIRN_PB_INT64, 0, AT(OpDef_AttrDef, minimum), 0, NULL},
    {"allowed_values", 7, FIRN_PB_MESSAGE, 0, AT(OpDef_AttrDef, allowed_values),
     0, &firn_pb_type_AttrValue},
};
const firn_pb_type firn_pb_type_OpDef_AttrDef = {
    "tensorflow.OpDef.AttrDef",
    fields_OpDef_AttrDef, 7,
    (uint16_t)sizeof(firn_pb_OpDef_AttrDef), false};

static const firn_pb_field fields_OpDeprecation[] = {
    {"version", 1, FIRN_PB_INT32, 0, AT(OpDeprecation, version), 0, NULL},
    {"explanation", 2, FIRN_PB_STRING, 0, AT(OpDeprecation, explanation), 0,
     NULL},
};
const firn_pb_type firn_pb_type_OpDeprecation = {
    "tensorflow.OpDeprecation",
    fields_OpDeprecation, 2,
    (uint16_t)sizeof(firn_pb_OpDeprecation), false};

static const firn_pb_field fields_OpList[] = {
    {"op", 1, FIRN_PB_MESSAGE, FIRN_PB_REPEATED, AT(OpList, op), AT(OpList,
     op_count), &firn_pb_type_OpDef},
};
const firn_pb_type firn_pb_type_OpList = {
    "tensorflow.OpList",
    fields_OpList, 1,
    (uint16_t)sizeof(firn_pb_OpList), false};

static const firn_pb_field fields_OptimizerOptions[] = {
    {"do_common_subexpression_elimination", 1, FIRN_PB_BOOL, 0,
     AT(OptimizerOptions, do_common_subexpression_elimination), 0, NULL},
    {"do_constant_folding", 2, FIRN_PB_BOOL, 0, AT(OptimizerOptions,
     do_constant_folding), 0, NULL},
    {"opt_level", 3, FIRN_PB_ENUM, 0, AT(OptimizerOptions, opt_level), 0,
     &firn_pb_enum_OptimizerOptions_Level},
    {"do_function_inlining", 4, FIRN_PB_BOOL, 0, AT(OptimizerOptions,
     do_function_inlining), 0, NULL},
    {"global_jit_level", 5, FIRN_PB_ENUM, 0, AT(OptimizerOptions,
     global_jit_level), 0, &firn_pb_enum_OptimizerOptions_GlobalJitLevel},
    {"max_folded_constant_in_bytes", 6, FIRN_PB_INT64, 0, AT(OptimizerOptions,
     max_folded_constant_in_bytes), 0, NULL},
    {"cpu_global_jit", 7, FIRN_PB_BOOL, 0, AT(OptimizerOptions, cpu_global_jit),
     0, NULL},
};
const firn_pb_type firn_pb_type_OptimizerOptions = {
    "tensorflow.OptimizerOptions",
    fields_OptimizerOptions, 7,
    (uint16_t)sizeof(firn_pb_OptimizerOptions), false};

static const firn_pb_field fields_PairValue[] = {
    {"key", 1, FIRN_PB_STRING, 0, AT(PairValue, key), 0, NULL},
    {"value", 2, FIRN_PB_MESSAGE, 0, AT(PairValue, value), 0,
     &firn_pb_type_StructuredValue},
};
const firn_pb_type firn_pb_type_PairValue = {
    "tensorflow.PairValue",
    fields_PairValue, 2,
    (uint16_t)sizeof(firn_pb_PairValue), false};

static const firn_pb_field fields_QueueRunnerDef[] = {
    {"queue_name", 1, FIRN_PB_STRING, 0, AT(QueueRunnerDef, queue_name), 0,
     NULL},
    {"enqueue_op_name", 2, FIRN_PB_STRING, FIRN_PB_REPEATED, AT(QueueRunnerDef,
     enqueue_op_name), AT(QueueRunnerDef, enqueue_op_name_count), NULL},
    {"close_op_name", 3, FIRN_PB_STRING, 0, AT(QueueRunnerDef, close_op_name),
     0, NULL},
    {"cancel_op_name", 4, FIRN_PB_STRING, 0, AT(QueueRunnerDef, cancel_op_name),
     0, NULL},
    {"queue_closed_exception_types", 5, FIRN_PB_ENUM, FIRN_PB_REPEATED |
     FIRN_PB_PACKED, AT(QueueRunnerDef, queue_closed_exception_types),
     AT(QueueRunnerDef, queue_closed_exception_types_count),
     &firn_pb_enum_Code},
};
const firn_pb_type firn_pb_type_QueueRunnerDef = {
    "tensorflow.QueueRunnerDef",
    fields_QueueRunnerDef, 5,
    (uint16_t)sizeof(firn_pb_QueueRunnerDef), false};

static const firn_pb_field fields_RPCOptions[] = {
    {"use_rpc_for_inprocess_master", 1, FIRN_PB_BOOL, 0, AT(RPCOptions,
     use_rpc_for_inprocess_master), 0, NULL},
    {"compression_algorithm", 2, FIRN_PB_STRING, 0, AT(RPCOptions,
     compression_algorithm), 0, NULL},
    {"compression_level", 3, FIRN_PB_INT32, 0, AT(RPCOptions,
     compression_level), 0, NULL},
    {"cache_rpc_response", 4, FIRN_PB_BOOL, 0, AT(RPCOptions,
     cache_rpc_response), 0, NULL},
    {"disable_session_connection_sharing", 5, FIRN_PB_BOOL, 0, AT(RPCOptions,
     disable_session_connection_sharing), 0, NULL},
    {"num_channels_per_target", 6, FIRN_PB_INT32, 0, AT(RPCOptions,
     num_channels_per_target), 0, NULL},
};
const firn_pb_type firn_pb_type_RPCOptions = {
    "tensorflow.RPCOptions",
    fields_RPCOptions, 6,
    (uint16_t)sizeof(firn_pb_RPCOptions), false};

static const firn_pb_field fields_RegisteredGradient[] = {
    {"gradient_func", 1, FIRN_PB_STRING, 0, AT(RegisteredGradient,
     gradient_func), 0, NULL},
    {"registered_op_type", 2, FIRN_PB_STRING, 0, AT(RegisteredGradient,
     registered_op_type), 0, NULL},
};
const firn_pb_type firn_pb_type_RegisteredGradient = {
    "tensorflow.RegisteredGradient",
    fields_RegisteredGradient, 2,
    (uint16_t)sizeof(firn_pb_RegisteredGradient), false};

static const firn_pb_field fields_RegisteredSaver[] = {
    {"name", 1, FIRN_PB_STRING, 0, AT(RegisteredSaver, name), 0, NULL},
    {"object_name", 2, FIRN_PB_STRING, 0, AT(RegisteredSaver, object_name), 0,
     NULL},
};
const firn_pb_type firn_pb_type_RegisteredSaver = {
    "tensorflow.RegisteredSaver",
    fields_RegisteredSaver, 2,
    (uint16_t)sizeof(firn_pb_RegisteredSaver), false};

static const firn_pb_field fields_ResourceHandleProto[] = {
    {"device", 1, FIRN_PB_STRING, 0, AT(ResourceHandleProto, device), 0, NULL},
    {"container", 2, FIRN_PB_STRING, 0, AT(ResourceHandleProto, container), 0,
     NULL},
    {"name", 3, FIRN_PB_STRING, 0, AT(ResourceHandleProto, name), 0, NULL},
    {"hash_code", 4, FIRN_PB_UINT64, 0, AT(ResourceHandleProto, hash_code), 0,
     NULL},
    {"maybe_type_name", 5, FIRN_PB_STRING, 0, AT(ResourceHandleProto,
     maybe_type_name), 0, NULL},
    {"dtypes_and_shapes", 6, FIRN_PB_MESSAGE, FIRN_PB_REPEATED,
     AT(ResourceHandleProto, dtypes_and_shapes), AT(ResourceHandleProto,
     dtypes_and_shapes_count), &firn_pb_type_ResourceHandleProto_DtypeAndShape},
};
const firn_pb_type firn_pb_type_ResourceHandleProto = {
    "tensorflow.ResourceHandleProto",
    fields_ResourceHandleProto, 6,
    (uint16_t)sizeof(firn_pb_ResourceHandleProto), false};

static const firn_pb_field fields_ResourceHandleProto_DtypeAndShape[] = {
    {"dtype", 1, FIRN_PB_ENUM, 0, AT(ResourceHandleProto_DtypeAndShape, dtype),
     0, &firn_pb_enum_DataType},
    {"shape", 2, FIRN_PB_MESSAGE, 0, AT(ResourceHandleProto_DtypeAndShape,
     shape), 0, &firn_pb_type_TensorShapeProto},
};
const firn_pb_type firn_pb_type_ResourceHandleProto_DtypeAndShape = {
    "tensorflow.ResourceHandleProto.DtypeAndShape",
    fields_ResourceHandleProto_DtypeAndShape, 2,
    (uint16_t)sizeof(firn_pb_ResourceHandleProto_DtypeAndShape), false};

static const firn_pb_field fields_RewriterConfig[] = {
    {"layout_optimizer", 1, FIRN_PB_ENUM, 0, AT(RewriterConfig,
     layout_optimizer), 0, &firn_pb_enum_RewriterConfig_Toggle},
    {"disable_model_pruning", 2, FIRN_PB_BOOL, 0, AT(RewriterConfig,
     disable_model_pruning), 0, NULL},
    {"constant_folding", 3, FIRN_PB_ENUM, 0, AT(RewriterConfig,
     constant_folding), 0, &firn_pb_enum_RewriterConfig_Toggle},
    {"memory_optimization", 4, FIRN_PB_ENUM, 0, AT(RewriterConfig,
     memory_optimization), 0, &firn_pb_enum_RewriterConfig_MemOptType},
    {"auto_parallel", 5, FIRN_PB_MESSAGE, 0, AT(RewriterConfig, auto_parallel),
     0, &firn_pb_type_AutoParallelOptions},
    {"memory_optimizer_target_node_name_scope", 6, FIRN_PB_STRING, 0,
     AT(RewriterConfig, memory_optimizer_target_node_name_scope), 0, NULL},
    {"arithmetic_optimization", 7, FIRN_PB_ENUM, 0, AT(RewriterConfig,
     arithmetic_optimization), 0, &firn_pb_enum_RewriterConfig_Toggle},
    {"dependency_optimization", 8, FIRN_PB_ENUM, 0, AT(RewriterConfig,
     dependency_optimization), 0, &firn_pb_enum_RewriterConfig_Toggle},
    {"loop_optimization", 9, FIRN_PB_ENUM, 0, AT(RewriterConfig,
     loop_optimization), 0, &firn_pb_enum_RewriterConfig_Toggle},
    {"function_optimization", 10, FIRN_PB_ENUM, 0, AT(RewriterConfig,
     function_optimization), 0, &firn_pb_enum_RewriterConfig_Toggle},
    {"debug_stripper", 11, FIRN_PB_ENUM, 0, AT(RewriterConfig, debug_stripper),
     0, &firn_pb_enum_RewriterConfig_Toggle},
    {"meta_optimizer_iterations", 12, FIRN_PB_ENUM, 0, AT(RewriterConfig,
     meta_optimizer_iterations), 0,
     &firn_pb_enum_RewriterConfig_NumIterationsType},
    {"shape_optimization", 13, FIRN_PB_ENUM, 0, AT(RewriterConfig,
     shape_optimization), 0, &firn_pb_enum_RewriterConfig_Toggle},
    {"remapping", 14, FIRN_PB_ENUM, 0, AT(RewriterConfig, remapping), 0,
     &firn_pb_enum_RewriterConfig_Toggle},
    {"scoped_allocator_optimization", 15, FIRN_PB_ENUM, 0, AT(RewriterConfig,
     scoped_allocator_optimization), 0, &firn_pb_enum_RewriterConfig_Toggle},
    {"scoped_allocator_opts", 16, FIRN_PB_MESSAGE, 0, AT(RewriterConfig,
     scoped_allocator_opts), 0, &firn_pb_type_ScopedAllocatorOptions},
    {"min_graph_nodes", 17, FIRN_PB_INT32, 0, AT(RewriterConfig,
     min_graph_nodes), 0, NULL},
    {"pin_to_host_optimization", 18, FIRN_PB_ENUM, 0, AT(RewriterConfig,
     pin_to_host_optimization), 0, &firn_pb_enum_RewriterConfig_Toggle},
    {"disable_meta_optimizer", 19, FIRN_PB_BOOL, 0, AT(RewriterConfig,
     disable_meta_optimizer), 0, NULL},
    {"meta_optimizer_timeout_ms", 20, FIRN_PB_INT64, 0, AT(RewriterConfig,
     meta_optimizer_timeout_ms), 0, NULL},
    {"fail_on_optimizer_errors", 21, FIRN_PB_BOOL, 0, AT(RewriterConfig,
     fail_on_optimizer_errors), 0, NULL},
    {"implementation_selector", 22, FIRN_PB_ENUM, 0, AT(RewriterConfig,
     implementation_selector), 0, &firn_pb_enum_RewriterConfig_Toggle},
    {"auto_mixed_precision", 23, FIRN_PB_ENUM, 0, AT(RewriterConfig,
     auto_mixed_precision), 0, &firn_pb_enum_RewriterConfig_Toggle},
    {"common_subgraph_elimination", 24, FIRN_PB_ENUM, 0, AT(RewriterConfig,
     common_subgraph_elimination), 0, &firn_pb_enum_RewriterConfig_Toggle},
    {"auto_mixed_precision_mkl", 25, FIRN_PB_ENUM, 0, AT(RewriterConfig,
     auto_mixed_precision_mkl), 0, &firn_pb_enum_RewriterConfig_Toggle},
    {"experimental_disable_compressed_tensor_optimization", 26, FIRN_PB_BOOL, 0,
     AT(RewriterConfig, experimental_disable_compressed_tensor_optimization), 0,
     NULL},
    {"experimental_disable_folding_quantization_emulation", 27, FIRN_PB_BOOL, 0,
     AT(RewriterConfig, experimental_disable_folding_quantization_emulation), 0,
     NULL},
    {"use_plugin_optimizers", 28, FIRN_PB_ENUM, 0, AT(RewriterConfig,
     use_plugin_optimizers), 0, &firn_pb_enum_RewriterConfig_Toggle},
    {"auto_mixed_precision_cpu", 29, FIRN_PB_ENUM, 0, AT(RewriterConfig,
     auto_mixed_precision_cpu), 0, &firn_pb_enum_RewriterConfig_Toggle},
    {"experimental_conditional_code_motion", 30, FIRN_PB_ENUM, 0,
     AT(RewriterConfig, experimental_conditional_code_motion), 0,
     &firn_pb_enum_RewriterConfig_Toggle},
    {"auto_mixed_precision_onednn_bfloat16", 31, FIRN_PB_ENUM, 0,
     AT(RewriterConfig, auto_mixed_precision_onednn_bfloat16), 0,
     &firn_pb_enum_RewriterConfig_Toggle},
    {"disable_tfg_optimizer", 32, FIRN_PB_BOOL, 0, AT(RewriterConfig,
     disable_tfg_optimizer), 0, NULL},
    {"cpu_layout_conversion", 50, FIRN_PB_ENUM, 0, AT(RewriterConfig,
     cpu_layout_conversion), 0, &firn_pb_enum_RewriterConfig_CpuLayout},
    {"optimizers", 100, FIRN_PB_STRING, FIRN_PB_REPEATED, AT(RewriterConfig,
     optimizers), AT(RewriterConfig, optimizers_count), NULL},
    {"custom_optimizers", 200, FIRN_PB_MESSAGE, FIRN_PB_REPEATED,
     AT(RewriterConfig, custom_optimizers), AT(RewriterConfig,
     custom_optimizers_count),
     &firn_pb_type_RewriterConfig_CustomGraphOptimizer},
    {"inter_optimizer_verifier_config", 300, FIRN_PB_MESSAGE, 0,
     AT(RewriterConfig, inter_optimizer_verifier_config), 0,
     &firn_pb_type_VerifierConfig},
    {"post_optimization_verifier_config", 301, FIRN_PB_MESSAGE, 0,
     AT(RewriterConfig, post_optimization_verifier_config), 0,
     &firn_pb_type_VerifierConfig},
};
const firn_pb_type firn_pb_type_RewriterConfig = {
    "tensorflow.RewriterConfig",
    fields_RewriterConfig, 37,
    (uint16_t)sizeof(firn_pb_RewriterConfig), false};

static const firn_pb_field fields_RewriterConfig_CustomGraphOptimizer_ParameterMapEntry[] = {
    {"key", 1, FIRN_PB_STRING, 0,
     AT(RewriterConfig_CustomGraphOptimizer_ParameterMapEntry, key), 0, NULL},
    {"value", 2, FIRN_PB_MESSAGE, 0,
     AT(RewriterConfig_CustomGraphOptimizer_ParameterMapEntry, value), 0,
     &firn_pb_type_AttrValue},
};
const firn_pb_type firn_pb_type_RewriterConfig_CustomGraphOptimizer_ParameterMapEntry = {
    "tensorflow.RewriterConfig.CustomGraphOptimizer.ParameterMapEntry",
    fields_RewriterConfig_CustomGraphOptimizer_ParameterMapEntry, 2,
    (uint16_t)sizeof(firn_pb_RewriterConfig_CustomGraphOptimizer_ParameterMapEntry), true};

static const firn_pb_field fields_RewriterConfig_CustomGraphOptimizer[] = {
    {"name", 1, FIRN_PB_STRING, 0, AT(RewriterConfig_CustomGraphOptimizer,
     name), 0, NULL},
    {"parameter_map", 2, FIRN_PB_MESSAGE, FIRN_PB_REPEATED | FIRN_PB_MAP,
     AT(RewriterConfig_CustomGraphOptimizer, parameter_map),
     AT(RewriterConfig_CustomGraphOptimizer, parameter_map_count),
     &firn_pb_type_RewriterConfig_CustomGraphOptimizer_ParameterMapEntry},
};
const firn_pb_type firn_pb_type_RewriterConfig_CustomGraphOptimizer = {
    "tensorflow.RewriterConfig.CustomGraphOptimizer",
    fields_RewriterConfig_CustomGraphOptimizer, 2,
    (uint16_t)sizeof(firn_pb_RewriterConfig_CustomGraphOptimizer), false};

static const firn_pb_field fields_RunOptions[] = {
    {"trace_level", 1, FIRN_PB_ENUM, 0, AT(RunOptions, trace_level), 0,
     &firn_pb_enum_RunOptions_TraceLevel},
    {"timeout_in_ms", 2, FIRN_PB_INT64, 0, AT(RunOptions, timeout_in_ms), 0,
     NULL},
    {"inter_op_thread_pool", 3, FIRN_PB_INT32, 0, AT(RunOptions,
     inter_op_thread_pool), 0, NULL},
    {"output_partition_graphs", 5, FIRN_PB_BOOL, 0, AT(RunOptions,
     output_partition_graphs), 0, NULL},
    {"debug_options", 6, FIRN_PB_MESSAGE, 0, AT(RunOptions, debug_options), 0,
     &firn_pb_type_DebugOptions},
    {"report_tensor_allocations_upon_oom", 7, FIRN_PB_BOOL, 0, AT(RunOptions,
     report_tensor_allocations_upon_oom), 0, NULL},
    {"experimental", 8, FIRN_PB_MESSAGE, 0, AT(RunOptions, experimental), 0,
     &firn_pb_type_RunOptions_Experimental},
};
const firn_pb_type firn_pb_type_RunOptions = {
    "tensorflow.RunOptions",
    fields_RunOptions, 7,
    (uint16_t)sizeof(firn_pb_RunOptions), false};

static const firn_pb_field fields_RunOptions_Experimental[] = {
    {"collective_graph_key", 1, FIRN_PB_INT64, 0, AT(RunOptions_Experimental,
     collective_graph_key), 0, NULL},
    {"use_run_handler_pool", 2, FIRN_PB_BOOL, 0, AT(RunOptions_Experimental,
     use_run_handler_pool), 0, NULL},
    {"run_handler_pool_options", 3, FIRN_PB_MESSAGE, 0,
     AT(RunOptions_Experimental, run_handler_pool_options), 0,
     &firn_pb_type_RunOptions_Experimental_RunHandlerPoolOptions},
};
const firn_pb_type firn_pb_type_RunOptions_Experimental = {
    "tensorflow.RunOptions.Experimental",
    fields_RunOptions_Experimental, 3,
    (uint16_t)sizeof(firn_pb_RunOptions_Experimental), false};

static const firn_pb_field fields_RunOptions_Experimental_RunHandlerPoolOptions[] = {
    {"priority", 1, FIRN_PB_INT64, 0,
     AT(RunOptions_Experimental_RunHandlerPoolOptions, priority), 0, NULL},
};
const firn_pb_type firn_pb_type_RunOptions_Experimental_RunHandlerPoolOptions = {
    "tensorflow.RunOptions.Experimental.RunHandlerPoolOptions",
    fields_RunOptions_Experimental_RunHandlerPoolOptions, 1,
    (uint16_t)sizeof(firn_pb_RunOptions_Experimental_RunHandlerPoolOptions), false};

static const firn_pb_field fields_SaveSliceInfoDef[] = {
    {"full_name", 1, FIRN_PB_STRING, 0, AT(SaveSliceInfoDef, full_name), 0,
     NULL},
    {"full_shape", 2, FIRN_PB_INT64, FIRN_PB_REPEATED | FIRN_PB_PACKED,
     AT(SaveSliceInfoDef, full_shape), AT(SaveSliceInfoDef, full_shape_count),
     NULL},
    {"var_offset", 3, FIRN_PB_INT64, FIRN_PB_REPEATED | FIRN_PB_PACKED,
     AT(SaveSliceInfoDef, var_offset), AT(SaveSliceInfoDef, var_offset_count),
     NULL},
    {"var_shape", 4, FIRN_PB_INT64, FIRN_PB_REPEATED | FIRN_PB_PACKED,
     AT(SaveSliceInfoDef, var_shape), AT(SaveSliceInfoDef, var_shape_count),
     NULL},
};
const firn_pb_type firn_pb_type_SaveSliceInfoDef = {
    "tensorflow.SaveSliceInfoDef",
    fields_SaveSliceInfoDef, 4,
    (uint16_t)sizeof(firn_pb_SaveSliceInfoDef), false};

static const firn_pb_field fields_SaveableObject[] = {
    {"save_function", 2, FIRN_PB_INT32, 0, AT(SaveableObject, save_function), 0,
     NULL},
    {"restore_function", 3, FIRN_PB_INT32, 0, AT(SaveableObject,
     restore_function), 0, NULL},
};
const firn_pb_type firn_pb_type_SaveableObject = {
    "tensorflow.SaveableObject",
    fields_SaveableObject, 2,
    (uint16_t)sizeof(firn_pb_SaveableObject), false};

static const firn_pb_field fields_SavedAsset[] = {
    {"asset_file_def_index", 1, FIRN_PB_INT32, 0, AT(SavedAsset,
     asset_file_def_index), 0, NULL},
};
const firn_pb_type firn_pb_type_SavedAsset = {
    "tensorflow.SavedAsset",
    fields_SavedAsset, 1,
    (uint16_t)sizeof(firn_pb_SavedAsset), false};

static const firn_pb_field fields_SavedBareConcreteFunction[] = {
    {"concrete_function_name", 1, FIRN_PB_STRING, 0,
     AT(SavedBareConcreteFunction, concrete_function_name), 0, NULL},
    {"argument_keywords", 2, FIRN_PB_STRING, FIRN_PB_REPEATED,
     AT(SavedBareConcreteFunction, argument_keywords),
     AT(SavedBareConcreteFunction, argument_keywords_count), NULL},
    {"allowed_positional_arguments", 3, FIRN_PB_INT64, 0,
     AT(SavedBareConcreteFunction, allowed_positional_arguments), 0, NULL},
    {"function_spec", 4, FIRN_PB_MESSAGE, 0, AT(SavedBareConcreteFunction,
     function_spec), 0, &firn_pb_type_FunctionSpec},
};
const firn_pb_type firn_pb_type_SavedBareConcreteFunction = {
    "tensorflow.SavedBareConcreteFunction",
    fields_SavedBareConcreteFunction, 4,
    (uint16_t)sizeof(firn_pb_SavedBareConcreteFunction), false};

static const firn_pb_field fields_SavedConcreteFunction[] = {
    {"bound_inputs", 2, FIRN_PB_INT32, FIRN_PB_REPEATED | FIRN_PB_PACKED,
     AT(SavedConcreteFunction, bound_inputs), AT(SavedConcreteFunction,
     bound_inputs_count), NULL},
    {"canonicalized_input_signature", 3, FIRN_PB_MESSAGE, 0,
     AT(SavedConcreteFunction, canonicalized_input_signature), 0,
     &firn_pb_type_StructuredValue},
    {"output_signature", 4, FIRN_PB_MESSAGE, 0, AT(SavedConcreteFunction,
     output_signature), 0, &firn_pb_type_StructuredValue},
};
const firn_pb_type firn_pb_type_SavedConcreteFunction = {
    "tensorflow.SavedConcreteFunction",
    fields_SavedConcreteFunction, 3,
    (uint16_t)sizeof(firn_pb_SavedConcreteFunction), false};

static const firn_pb_field fields_SavedConstant[] = {
    {"operation", 1, FIRN_PB_STRING, 0, AT(SavedConstant, operation), 0, NULL},
};
const firn_pb_type firn_pb_type_SavedConstant = {
    "tensorflow.SavedConstant",
    fields_SavedConstant, 1,
    (uint16_t)sizeof(firn_pb_SavedConstant), false};

static const firn_pb_field fields_SavedFunction[] = {
    {"concrete_functions", 1, FIRN_PB_STRING, FIRN_PB_REPEATED,
     AT(SavedFunction, concrete_functions), AT(SavedFunction,
     concrete_functions_count), NULL},
    {"function_spec", 2, FIRN_PB_MESSAGE, 0, AT(SavedFunction, function_spec),
     0, &firn_pb_type_FunctionSpec},
};
const firn_pb_type firn_pb_type_SavedFunction = {
    "tensorflow.SavedFunction",
    fields_SavedFunction, 2,
    (uint16_t)sizeof(firn_pb_SavedFunction), false};

static const firn_pb_field fields_SavedModel[] = {
    {"saved_model_schema_version", 1, FIRN_PB_INT64, 0, AT(SavedModel,
     saved_model_schema_version), 0, NULL},
    {"meta_graphs", 2, FIRN_PB_MESSAGE, FIRN_PB_REPEATED, AT(SavedModel,
     meta_graphs), AT(SavedModel, meta_graphs_count),
     &firn_pb_type_MetaGraphDef},
};
const firn_pb_type firn_pb_type_SavedModel = {
    "tensorflow.SavedModel",
    fields_SavedModel, 2,
    (uint16_t)sizeof(firn_pb_SavedModel), false};

static const firn_pb_field fields_SavedObject_SaveableObjectsEntry[] = {
    {"key", 1, FIRN_PB_STRING, 0, AT(SavedObject_SaveableObjectsEntry, key), 0,
     NULL},
    {"value", 2, FIRN_PB_MESSAGE, 0, AT(SavedObject_SaveableObjectsEntry,
     value), 0, &firn_pb_type_SaveableObject},
};
const firn_pb_type firn_pb_type_SavedObject_SaveableObjectsEntry = {
    "tensorflow.SavedObject.SaveableObjectsEntry",
    fields_SavedObject_SaveableObjectsEntry, 2,
    (uint16_t)sizeof(firn_pb_SavedObject_SaveableObjectsEntry), true};

static const firn_pb_field fields_SavedObject[] = {
    {"children", 1, FIRN_PB_MESSAGE, FIRN_PB_REPEATED, AT(SavedObject,
     children), AT(SavedObject, children_count),
     &firn_pb_type_TrackableObjectGraph_TrackableObject_ObjectReference},
    {"slot_variables", 3, FIRN_PB_MESSAGE, FIRN_PB_REPEATED, AT(SavedObject,
     slot_variables), AT(SavedObject, slot_variables_count),
     &firn_pb_type_TrackableObjectGraph_TrackableObject_SlotVariableReference},
    {"user_object", 4, FIRN_PB_MESSAGE, FIRN_PB_ONEOF, AT(SavedObject,
     user_object), AT(SavedObject, kind_case), &firn_pb_type_SavedUserObject},
    {"asset", 5, FIRN_PB_MESSAGE, FIRN_PB_ONEOF, AT(SavedObject, asset),
     AT(SavedObject, kind_case), &firn_pb_type_SavedAsset},
    {"function", 6, FIRN_PB_MESSAGE, FIRN_PB_ONEOF, AT(SavedObject, function),
     AT(SavedObject, kind_case), &firn_pb_type_SavedFunction},
    {"variable", 7, FIRN_PB_MESSAGE, FIRN_PB_ONEOF, AT(SavedObject, variable),
     AT(SavedObject, kind_case), &firn_pb_type_SavedVariable},
    {"bare_concrete_function", 8, FIRN_PB_MESSAGE, FIRN_PB_ONEOF,
     AT(SavedObject, bare_concrete_function), AT(SavedObject, kind_case),
     &firn_pb_type_SavedBareConcreteFunction},
    {"constant", 9, FIRN_PB_MESSAGE, FIRN_PB_ONEOF, AT(SavedObject, constant),
     AT(SavedObject, kind_case), &firn_pb_type_SavedConstant},
    {"resource", 10, FIRN_PB_MESSAGE, FIRN_PB_ONEOF, AT(SavedObject, resource),
     AT(SavedObject, kind_case), &firn_pb_type_SavedResource},
    {"saveable_objects", 11, FIRN_PB_MESSAGE, FIRN_PB_REPEATED | FIRN_PB_MAP,
     AT(SavedObject, saveable_objects), AT(SavedObject, saveable_objects_count),
     &firn_pb_type_SavedObject_SaveableObjectsEntry},
    {"captured_tensor", 12, FIRN_PB_MESSAGE, FIRN_PB_ONEOF, AT(SavedObject,
     captured_tensor), AT(SavedObject, kind_case),
     &firn_pb_type_CapturedTensor},
    {"registered_name", 13, FIRN_PB_STRING, 0, AT(SavedObject, registered_name),
     0, NULL},
    {"serialized_user_proto", 14, FIRN_PB_MESSAGE, 0, AT(SavedObject,
     serialized_user_proto), 0, &firn_pb_type_Any},
    {"dependencies", 15, FIRN_PB_MESSAGE, FIRN_PB_REPEATED, AT(SavedObject,
     dependencies), AT(SavedObject, dependencies_count),
     &firn_pb_type_TrackableObjectGraph_TrackableObject_ObjectReference},
    {"registered_saver", 16, FIRN_PB_STRING, 0, AT(SavedObject,
     registered_saver), 0, NULL},
};
const firn_pb_type firn_pb_type_SavedObject = {
    "tensorflow.SavedObject",
    fields_SavedObject, 15,
    (uint16_t)sizeof(firn_pb_SavedObject), false};

static const firn_pb_field fields_SavedObjectGraph_ConcreteFunctionsEntry[] = {
    {"key", 1, FIRN_PB_STRING, 0, AT(SavedObjectGraph_ConcreteFunctionsEntry,
     key), 0, NULL},
    {"value", 2, FIRN_PB_MESSAGE, 0, AT(SavedObjectGraph_ConcreteFunctionsEntry,
     value), 0, &firn_pb_type_SavedConcreteFunction},
};
const firn_pb_type firn_pb_type_SavedObjectGraph_ConcreteFunctionsEntry = {
    "tensorflow.SavedObjectGraph.ConcreteFunctionsEntry",
    fields_SavedObjectGraph_ConcreteFunctionsEntry, 2,
    (uint16_t)sizeof(firn_pb_SavedObjectGraph_ConcreteFunctionsEntry), true};

static const firn_pb_field fields_SavedObjectGraph[] = {
    {"nodes", 1, FIRN_PB_MESSAGE, FIRN_PB_REPEATED, AT(SavedObjectGraph, nodes),
     AT(SavedObjectGraph, nodes_count), &firn_pb_type_SavedObject},
    {"concrete_functions", 2, FIRN_PB_MESSAGE, FIRN_PB_REPEATED | FIRN_PB_MAP,
     AT(SavedObjectGraph, concrete_functions), AT(SavedObjectGraph,
     concrete_functions_count),
     &firn_pb_type_SavedObjectGraph_ConcreteFunctionsEntry},
};
const firn_pb_type firn_pb_type_SavedObjectGraph = {
    "tensorflow.SavedObjectGraph",
    fields_SavedObjectGraph, 2,
    (uint16_t)sizeof(firn_pb_SavedObjectGraph), false};

static const firn_pb_field fields_SavedResource[] = {
    {"device", 1, FIRN_PB_STRING, 0, AT(SavedResource, device), 0, NULL},
};
const firn_pb_type firn_pb_type_SavedResource = {
    "tensorflow.SavedResource",
    fields_SavedResource, 1,
    (uint16_t)sizeof(firn_pb_SavedResource), false};

static const firn_pb_field fields_SavedSlice[] = {
    {"name", 1, FIRN_PB_STRING, 0, AT(SavedSlice, name), 0, NULL},
    {"slice", 2, FIRN_PB_MESSAGE, 0, AT(SavedSlice, slice), 0,
     &firn_pb_type_TensorSliceProto},
    {"data", 3, FIRN_PB_MESSAGE, 0, AT(SavedSlice, data), 0,
     &firn_pb_type_TensorProto},
};
const firn_pb_type firn_pb_type_SavedSlice = {
    "tensorflow.SavedSlice",
    fields_SavedSlice, 3,
    (uint16_t)sizeof(firn_pb_SavedSlice), false};

static const firn_pb_field fields_SavedSliceMeta[] = {
    {"name", 1, FIRN_PB_STRING, 0, AT(SavedSliceMeta, name), 0, NULL},
    {"shape", 2, FIRN_PB_MESSAGE, 0, AT(SavedSliceMeta, shape), 0,
     &firn_pb_type_TensorShapeProto},
    {"type", 3, FIRN_PB_ENUM, 0, AT(SavedSliceMeta, type), 0,
     &firn_pb_enum_DataType},
    {"slice", 4, FIRN_PB_MESSAGE, FIRN_PB_REPEATED, AT(SavedSliceMeta, slice),
     AT(SavedSliceMeta, slice_count), &firn_pb_type_TensorSliceProto},
};
const firn_pb_type firn_pb_type_SavedSliceMeta = {
    "tensorflow.SavedSliceMeta",
    fields_SavedSliceMeta, 4,
    (uint16_t)sizeof(firn_pb_SavedSliceMeta), false};

static const firn_pb_field fields_SavedTensorSliceMeta[] = {
    {"tensor", 1, FIRN_PB_MESSAGE, FIRN_PB_REPEATED, AT(SavedTensorSliceMeta,
     tensor), AT(SavedTensorSliceMeta, tensor_count),
     &firn_pb_type_SavedSliceMeta},
    {"versions", 2, FIRN_PB_MESSAGE, 0, AT(SavedTensorSliceMeta, versions), 0,
     &firn_pb_type_VersionDef},
};
const firn_pb_type firn_pb_type_SavedTensorSliceMeta = {
    "tensorflow.SavedTensorSliceMeta",
    fields_SavedTensorSliceMeta, 2,
    (uint16_t)sizeof(firn_pb_SavedTensorSliceMeta), false};

static const firn_pb_field fields_SavedTensorSlices[] = {
    {"meta", 1, FIRN_PB_MESSAGE, 0, AT(SavedTensorSlices, meta), 0,
     &firn_pb_type_SavedTensorSliceMeta},
    {"data", 2, FIRN_PB_MESSAGE, 0, AT(SavedTensorSlices, data), 0,
     &firn_pb_type_SavedSlice},
};
const firn_pb_type firn_pb_type_SavedTensorSlices = {
    "tensorflow.SavedTensorSlices",
    fields_SavedTensorSlices, 2,
    (uint16_t)sizeof(firn_pb_SavedTensorSlices), false};

static const firn_pb_field fields_SavedUserObject[] = {
    {"identifier", 1, FIRN_PB_STRING, 0, AT(SavedUserObject, identifier), 0,
     NULL},
    {"version", 2, FIRN_PB_MESSAGE, 0, AT(SavedUserObject, version), 0,
     &firn_pb_type_VersionDef},
    {"metadata", 3, FIRN_PB_STRING, 0, AT(SavedUserObject, metadata), 0, NULL},
};
const firn_pb_type firn_pb_type_SavedUserObject = {
    "tensorflow.SavedUserObject",
    fields_SavedUserObject, 3,
    (uint16_t)sizeof(firn_pb_SavedUserObject), false};

static const firn_pb_field fields_SavedVariable[] = {
    {"dtype", 1, FIRN_PB_ENUM, 0, AT(SavedVariable, dtype), 0,
     &firn_pb_enum_DataType},
    {"shape", 2, FIRN_PB_MESSAGE, 0, AT(SavedVariable, shape), 0,
     &firn_pb_type_TensorShapeProto},
    {"trainable", 3, FIRN_PB_BOOL, 0, AT(SavedVariable, trainable), 0, NULL},
    {"synchronization", 4, FIRN_PB_ENUM, 0, AT(SavedVariable, synchronization),
     0, &firn_pb_enum_VariableSynchronization},
    {"aggregation", 5, FIRN_PB_ENUM, 0, AT(SavedVariable, aggregation), 0,
     &firn_pb_enum_VariableAggregation},
    {"name", 6, FIRN_PB_STRING, 0, AT(SavedVariable, name), 0, NULL},
    {"device", 7, FIRN_PB_STRING, 0, AT(SavedVariable, device), 0, NULL},
    {"experimental_distributed_variable_components", 8, FIRN_PB_MESSAGE,
     FIRN_PB_REPEATED, AT(SavedVariable,
     experimental_distributed_variable_components), AT(SavedVariable,
     experimental_distributed_variable_components_count),
     &firn_pb_type_SavedVariable},
};
const firn_pb_type firn_pb_type_SavedVariable = {
    "tensorflow.SavedVariable",
    fields_SavedVariable, 8,
    (uint16_t)sizeof(firn_pb_SavedVariable), false};

static const firn_pb_field fields_SaverDef[] = {
    {"filename_tensor_name", 1, FIRN_PB_STRING, 0, AT(SaverDef,
     filename_tensor_name), 0, NULL},
    {"save_tensor_name", 2, FIRN_PB_STRING, 0, AT(SaverDef, save_tensor_name),
     0, NULL},
    {"restore_op_name", 3, FIRN_PB_STRING, 0, AT(SaverDef, restore_op_name), 0,
     NULL},
    {"max_to_keep", 4, FIRN_PB_INT32, 0, AT(SaverDef, max_to_keep), 0, NULL},
    {"sharded", 5, FIRN_PB_BOOL, 0, AT(SaverDef, sharded), 0, NULL},
    {"keep_checkpoint_every_n_hours", 6, FIRN_PB_FLOAT, 0, AT(SaverDef,
     keep_checkpoint_every_n_hours), 0, NULL},
    {"version", 7, FIRN_PB_ENUM, 0, AT(SaverDef, version), 0,
     &firn_pb_enum_SaverDef_CheckpointFormatVersion},
};
const firn_pb_type firn_pb_type_SaverDef = {
    "tensorflow.SaverDef",
    fields_SaverDef, 7,
    (uint16_t)sizeof(firn_pb_SaverDef), false};

static const firn_pb_field fields_ScopedAllocatorOptions[] = {
    {"enable_op", 1, FIRN_PB_STRING, FIRN_PB_REPEATED,
     AT(ScopedAllocatorOptions, enable_op), AT(ScopedAllocatorOptions,
     enable_op_count), NULL},
};
const firn_pb_type firn_pb_type_ScopedAllocatorOptions = {
    "tensorflow.ScopedAllocatorOptions",
    fields_ScopedAllocatorOptions, 1,
    (uint16_t)sizeof(firn_pb_ScopedAllocatorOptions), false};

static const firn_pb_field fields_SequenceExample[] = {
    {"context", 1, FIRN_PB_MESSAGE, 0, AT(SequenceExample, context), 0,
     &firn_pb_type_Features},
    {"feature_lists", 2, FIRN_PB_MESSAGE, 0, AT(SequenceExample, feature_lists),
     0, &firn_pb_type_FeatureLists},
};
const firn_pb_type firn_pb_type_SequenceExample = {
    "tensorflow.SequenceExample",
    fields_SequenceExample, 2,
    (uint16_t)sizeof(firn_pb_SequenceExample), false};

static const firn_pb_field fields_SessionLog[] = {
    {"status", 1, FIRN_PB_ENUM, 0, AT(SessionLog, status), 0,
     &firn_pb_enum_SessionLog_SessionStatus},
    {"checkpoint_path", 2, FIRN_PB_STRING, 0, AT(SessionLog, checkpoint_path),
     0, NULL},
    {"msg", 3, FIRN_PB_STRING, 0, AT(SessionLog, msg), 0, NULL},
};
const firn_pb_type firn_pb_type_SessionLog = {
    "tensorflow.SessionLog",
    fields_SessionLog, 3,
    (uint16_t)sizeof(firn_pb_SessionLog), false};

static const firn_pb_field fields_SessionMetadata[] = {
    {"name", 1, FIRN_PB_STRING, 0, AT(SessionMetadata, name), 0, NULL},
    {"version", 2, FIRN_PB_INT64, 0, AT(SessionMetadata, version), 0, NULL},
};
const firn_pb_type firn_pb_type_SessionMetadata = {
    "tensorflow.SessionMetadata",
    fields_SessionMetadata, 2,
    (uint16_t)sizeof(firn_pb_SessionMetadata), false};

static const firn_pb_field fields_SignatureDef_InputsEntry[] = {
    {"key", 1, FIRN_PB_STRING, 0, AT(SignatureDef_InputsEntry, key), 0, NULL},
    {"value", 2, FIRN_PB_MESSAGE, 0, AT(SignatureDef_InputsEntry, value), 0,
     &firn_pb_type_TensorInfo},
};
const firn_pb_type firn_pb_type_SignatureDef_InputsEntry = {
    "tensorflow.SignatureDef.InputsEntry",
    fields_SignatureDef_InputsEntry, 2,
    (uint16_t)sizeof(firn_pb_SignatureDef_InputsEntry), true};

static const firn_pb_field fields_SignatureDef_OutputsEntry[] = {
    {"key", 1, FIRN_PB_STRING, 0, AT(SignatureDef_OutputsEntry, key), 0, NULL},
    {"value", 2, FIRN_PB_MESSAGE, 0, AT(SignatureDef_OutputsEntry, value), 0,
     &firn_pb_type_TensorInfo},
};
const firn_pb_type firn_pb_type_SignatureDef_OutputsEntry = {
    "tensorflow.SignatureDef.OutputsEntry",
    fields_SignatureDef_OutputsEntry, 2,
    (uint16_t)sizeof(firn_pb_SignatureDef_OutputsEntry), true};

static const firn_pb_field fields_SignatureDef_DefaultsEntry[] = {
    {"key", 1, FIRN_PB_STRING, 0, AT(SignatureDef_DefaultsEntry, key), 0, NULL},
    {"value", 2, FIRN_PB_MESSAGE, 0, AT(SignatureDef_DefaultsEntry, value), 0,
     &firn_pb_type_TensorProto},
};
const firn_pb_type firn_pb_type_SignatureDef_DefaultsEntry = {
    "tensorflow.SignatureDef.DefaultsEntry",
    fields_SignatureDef_DefaultsEntry, 2,
    (uint16_t)sizeof(firn_pb_SignatureDef_DefaultsEntry), true};

static const firn_pb_field fields_SignatureDef[] = {
    {"inputs", 1, FIRN_PB_MESSAGE, FIRN_PB_REPEATED | FIRN_PB_MAP,
     AT(SignatureDef, inputs), AT(SignatureDef, inputs_count),
     &firn_pb_type_SignatureDef_InputsEntry},
    {"outputs", 2, FIRN_PB_MESSAGE, FIRN_PB_REPEATED | FIRN_PB_MAP,
     AT(SignatureDef, outputs), AT(SignatureDef, outputs_count),
     &firn_pb_type_SignatureDef_OutputsEntry},
    {"method_name", 3, FIRN_PB_STRING, 0, AT(SignatureDef, method_name), 0,
     NULL},
    {"defaults", 4, FIRN_PB_MESSAGE, FIRN_PB_REPEATED | FIRN_PB_MAP,
     AT(SignatureDef, defaults), AT(SignatureDef, defaults_count),
     &firn_pb_type_SignatureDef_DefaultsEntry},
};
const firn_pb_type firn_pb_type_SignatureDef = {
    "tensorflow.SignatureDef",
    fields_SignatureDef, 4,
    (uint16_t)sizeof(firn_pb_SignatureDef), false};

static const firn_pb_field fields_SourceMetadata[] = {
    {"writer", 1, FIRN_PB_STRING, 0, AT(SourceMetadata, writer), 0, NULL},
};
const firn_pb_type firn_pb_type_SourceMetadata = {
    "tensorflow.SourceMetadata",
    fields_SourceMetadata, 1,
    (uint16_t)sizeof(firn_pb_SourceMetadata), false};

static const firn_pb_field fields_StructuredValue[] = {
    {"none_value", 1, FIRN_PB_MESSAGE, FIRN_PB_ONEOF, AT(StructuredValue,
     none_value), AT(StructuredValue, kind_case), &firn_pb_type_NoneValue},
    {"float64_value", 11, FIRN_PB_DOUBLE, FIRN_PB_ONEOF, AT(StructuredValue,
     float64_value), AT(StructuredValue, kind_case), NULL},
    {"int64_value", 12, FIRN_PB_SINT64, FIRN_PB_ONEOF, AT(StructuredValue,
     int64_value), AT(StructuredValue, kind_case), NULL},
    {"string_value", 13, FIRN_PB_STRING, FIRN_PB_ONEOF, AT(StructuredValue,
     string_value), AT(StructuredValue, kind_case), NULL},
    {"bool_value", 14, FIRN_PB_BOOL, FIRN_PB_ONEOF, AT(StructuredValue,
     bool_value), AT(StructuredValue, kind_case), NULL},
    {"tensor_shape_value", 31, FIRN_PB_MESSAGE, FIRN_PB_ONEOF,
     AT(StructuredValue, tensor_shape_value), AT(StructuredValue, kind_case),
     &firn_pb_type_TensorShapeProto},
    {"tensor_dtype_value", 32, FIRN_PB_ENUM, FIRN_PB_ONEOF, AT(StructuredValue,
     tensor_dtype_value), AT(StructuredValue, kind_case),
     &firn_pb_enum_DataType},
    {"tensor_spec_value", 33, FIRN_PB_MESSAGE, FIRN_PB_ONEOF,
     AT(StructuredValue, tensor_spec_value), AT(StructuredValue, kind_case),
     &firn_pb_type_TensorSpecProto},
    {"type_spec_value", 34, FIRN_PB_MESSAGE, FIRN_PB_ONEOF, AT(StructuredValue,
     type_spec_value), AT(StructuredValue, kind_case),
     &firn_pb_type_TypeSpecProto},
    {"bounded_tensor_spec_value", 35, FIRN_PB_MESSAGE, FIRN_PB_ONEOF,
     AT(StructuredValue, bounded_tensor_spec_value), AT(StructuredValue,
     kind_case), &firn_pb_type_BoundedTensorSpecProto},
    {"list_value", 51, FIRN_PB_MESSAGE, FIRN_PB_ONEOF, AT(StructuredValue,
     list_value), AT(StructuredValue, kind_case), &firn_pb_type_ListValue},
    {"tuple_value", 52, FIRN_PB_MESSAGE, FIRN_PB_ONEOF, AT(StructuredValue,
     tuple_value), AT(StructuredValue, kind_case), &firn_pb_type_TupleValue},
    {"dict_value", 53, FIRN_PB_MESSAGE, FIRN_PB_ONEOF, AT(StructuredValue,
     dict_value), AT(StructuredValue, kind_case), &firn_pb_type_DictValue},
    {"named_tuple_value", 54, FIRN_PB_MESSAGE, FIRN_PB_ONEOF,
     AT(StructuredValue, named_tuple_value), AT(StructuredValue, kind_case),
     &firn_pb_type_NamedTupleValue},
    {"tensor_value", 55, FIRN_PB_MESSAGE, FIRN_PB_ONEOF, AT(StructuredValue,
     tensor_value), AT(StructuredValue, kind_case), &firn_pb_type_TensorProto},
    {"numpy_value", 56, FIRN_PB_MESSAGE, FIRN_PB_ONEOF, AT(StructuredValue,
     numpy_value), AT(StructuredValue, kind_case), &firn_pb_type_TensorProto},
};
const firn_pb_type firn_pb_type_StructuredValue = {
    "tensorflow.StructuredValue",
    fields_StructuredValue, 16,
    (uint16_t)sizeof(firn_pb_StructuredValue), false};

static const firn_pb_field fields_Summary[] = {
    {"value", 1, FIRN_PB_MESSAGE, FIRN_PB_REPEATED, AT(Summary, value),
     AT(Summary, value_count), &firn_pb_type_Summary_Value},
};
const firn_pb_type firn_pb_type_Summary = {
    "tensorflow.Summary",
    fields_Summary, 1,
    (uint16_t)sizeof(firn_pb_Summary), false};

static const firn_pb_field fields_Summary_Audio[] = {
    {"sample_rate", 1, FIRN_PB_FLOAT, 0, AT(Summary_Audio, sample_rate), 0,
     NULL},
    {"num_channels", 2, FIRN_PB_INT64, 0, AT(Summary_Audio, num_channels), 0,
     NULL},
    {"length_frames", 3, FIRN_PB_INT64, 0, AT(Summary_Audio, length_frames), 0,
     NULL},
    {"encoded_audio_string", 4, FIRN_PB_BYTES, 0, AT(Summary_Audio,
     encoded_audio_string), 0, NULL},
    {"content_type", 5, FIRN_PB_STRING, 0, AT(Summary_Audio, content_type), 0,
     NULL},
};
const firn_pb_type firn_pb_type_Summary_Audio = {
    "tensorflow.Summary.Audio",
    fields_Summary_Audio, 5,
    (uint16_t)sizeof(firn_pb_Summary_Audio), false};

static const firn_pb_field fields_Summary_Image[] = {
    {"height", 1, FIRN_PB_INT32, 0, AT(Summary_Image, height), 0, NULL},
    {"width", 2, FIRN_PB_INT32, 0, AT(Summary_Image, width), 0, NULL},
    {"colorspace", 3, FIRN_PB_INT32, 0, AT(Summary_Image, colorspace), 0, NULL},
    {"encoded_image_string", 4, FIRN_PB_BYTES, 0, AT(Summary_Image,
     encoded_image_string), 0, NULL},
};
const firn_pb_type firn_pb_type_Summary_Image = {
    "tensorflow.Summary.Image",
    fields_Summary_Image, 4,
    (uint16_t)sizeof(firn_pb_Summary_Image), false};

static const firn_pb_field fields_Summary_Value[] = {
    {"tag", 1, FIRN_PB_STRING, 0, AT(Summary_Value, tag), 0, NULL},
    {"simple_value", 2, FIRN_PB_FLOAT, FIRN_PB_ONEOF, AT(Summary_Value,
     simple_value), AT(Summary_Value, value_case), NULL},
    {"obsolete_old_style_histogram", 3, FIRN_PB_BYTES, FIRN_PB_ONEOF,
     AT(Summary_Value, obsolete_old_style_histogram), AT(Summary_Value,
     value_case), NULL},
    {"image", 4, FIRN_PB_MESSAGE, FIRN_PB_ONEOF, AT(Summary_Value, image),
     AT(Summary_Value, value_case), &firn_pb_type_Summary_Image},
    {"histo", 5, FIRN_PB_MESSAGE, FIRN_PB_ONEOF, AT(Summary_Value, histo),
     AT(Summary_Value, value_case), &firn_pb_type_HistogramProto},
    {"audio", 6, FIRN_PB_MESSAGE, FIRN_PB_ONEOF, AT(Summary_Value, audio),
     AT(Summary_Value, value_case), &firn_pb_type_Summary_Audio},
    {"node_name", 7, FIRN_PB_STRING, 0, AT(Summary_Value, node_name), 0, NULL},
    {"tensor", 8, FIRN_PB_MESSAGE, FIRN_PB_ONEOF, AT(Summary_Value, tensor),
     AT(Summary_Value, value_case), &firn_pb_type_TensorProto},
    {"metadata", 9, FIRN_PB_MESSAGE, 0, AT(Summary_Value, metadata), 0,
     &firn_pb_type_SummaryMetadata},
};
const firn_pb_type firn_pb_type_Summary_Value = {
    "tensorflow.Summary.Value",
    fields_Summary_Value, 9,
    (uint16_t)sizeof(firn_pb_Summary_Value), false};

static const firn_pb_field fields_SummaryMetadata[] = {
    {"plugin_data", 1, FIRN_PB_MESSAGE, 0, AT(SummaryMetadata, plugin_data), 0,
     &firn_pb_type_SummaryMetadata_PluginData},
    {"display_name", 2, FIRN_PB_STRING, 0, AT(SummaryMetadata, display_name), 0,
     NULL},
    {"summary_description", 3, FIRN_PB_STRING, 0, AT(SummaryMetadata,
     summary_description), 0, NULL},
    {"data_class", 4, FIRN_PB_ENUM, 0, AT(SummaryMetadata, data_class), 0,
     &firn_pb_enum_DataClass},
};
const firn_pb_type firn_pb_type_SummaryMetadata = {
    "tensorflow.SummaryMetadata",
    fields_SummaryMetadata, 4,
    (uint16_t)sizeof(firn_pb_SummaryMetadata), false};

static const firn_pb_field fields_SummaryMetadata_PluginData[] = {
    {"plugin_name", 1, FIRN_PB_STRING, 0, AT(SummaryMetadata_PluginData,
     plugin_name), 0, NULL},
    {"content", 2, FIRN_PB_BYTES, 0, AT(SummaryMetadata_PluginData, content), 0,
     NULL},
};
const firn_pb_type firn_pb_type_SummaryMetadata_PluginData = {
    "tensorflow.SummaryMetadata.PluginData",
    fields_SummaryMetadata_PluginData, 2,
    (uint16_t)sizeof(firn_pb_SummaryMetadata_PluginData), false};

static const firn_pb_field fields_TaggedRunMetadata[] = {
    {"tag", 1, FIRN_PB_STRING, 0, AT(TaggedRunMetadata, tag), 0, NULL},
    {"run_metadata", 2, FIRN_PB_BYTES, 0, AT(TaggedRunMetadata, run_metadata),
     0, NULL},
};
const firn_pb_type firn_pb_type_TaggedRunMetadata = {
    "tensorflow.TaggedRunMetadata",
    fields_TaggedRunMetadata, 2,
    (uint16_t)sizeof(firn_pb_TaggedRunMetadata), false};

static const firn_pb_field fields_TensorInfo[] = {
    {"name", 1, FIRN_PB_STRING, FIRN_PB_ONEOF, AT(TensorInfo, name),
     AT(TensorInfo, encoding_case), NULL},
    {"dtype", 2, FIRN_PB_ENUM, 0, AT(TensorInfo, dtype), 0,
     &firn_pb_enum_DataType},
    {"tensor_shape", 3, FIRN_PB_MESSAGE, 0, AT(TensorInfo, tensor_shape), 0,
     &firn_pb_type_TensorShapeProto},
    {"coo_sparse", 4, FIRN_PB_MESSAGE, FIRN_PB_ONEOF, AT(TensorInfo,
     coo_sparse), AT(TensorInfo, encoding_case),
     &firn_pb_type_TensorInfo_CooSparse},
    {"composite_tensor", 5, FIRN_PB_MESSAGE, FIRN_PB_ONEOF, AT(TensorInfo,
     composite_tensor), AT(TensorInfo, encoding_case),
     &firn_pb_type_TensorInfo_CompositeTensor},
};
const firn_pb_type firn_pb_type_TensorInfo = {
    "tensorflow.TensorInfo",
    fields_TensorInfo, 5,
    (uint16_t)sizeof(firn_pb_TensorInfo), false};

static const firn_pb_field fields_TensorInfo_CompositeTensor[] = {
    {"type_spec", 1, FIRN_PB_MESSAGE, 0, AT(TensorInfo_CompositeTensor,
     type_spec), 0, &firn_pb_type_TypeSpecProto},
    {"components", 2, FIRN_PB_MESSAGE, FIRN_PB_REPEATED,
     AT(TensorInfo_CompositeTensor, components), AT(TensorInfo_CompositeTensor,
     components_count), &firn_pb_type_TensorInfo},
};
const firn_pb_type firn_pb_type_TensorInfo_CompositeTensor = {
    "tensorflow.TensorInfo.CompositeTensor",
    fields_TensorInfo_CompositeTensor, 2,
    (uint16_t)sizeof(firn_pb_TensorInfo_CompositeTensor), false};

static const firn_pb_field fields_TensorInfo_CooSparse[] = {
    {"values_tensor_name", 1, FIRN_PB_STRING, 0, AT(TensorInfo_CooSparse,
     values_tensor_name), 0, NULL},
    {"indices_tensor_name", 2, FIRN_PB_STRING, 0, AT(TensorInfo_CooSparse,
     indices_tensor_name), 0, NULL},
    {"dense_shape_tensor_name", 3, FIRN_PB_STRING, 0, AT(TensorInfo_CooSparse,
     dense_shape_tensor_name), 0, NULL},
};
const firn_pb_type firn_pb_type_TensorInfo_CooSparse = {
    "tensorflow.TensorInfo.CooSparse",
    fields_TensorInfo_CooSparse, 3,
    (uint16_t)sizeof(firn_pb_TensorInfo_CooSparse), false};

static const firn_pb_field fields_TensorProto[] = {
    {"dtype", 1, FIRN_PB_ENUM, 0, AT(TensorProto, dtype), 0,
     &firn_pb_enum_DataType},
    {"tensor_shape", 2, FIRN_PB_MESSAGE, 0, AT(TensorProto, tensor_shape), 0,
     &firn_pb_type_TensorShapeProto},
    {"version_number", 3, FIRN_PB_INT32, 0, AT(TensorProto, version_number), 0,
     NULL},
    {"tensor_content", 4, FIRN_PB_BYTES, 0, AT(TensorProto, tensor_content), 0,
     NULL},
    {"float_val", 5, FIRN_PB_FLOAT, FIRN_PB_REPEATED | FIRN_PB_PACKED,
     AT(TensorProto, float_val), AT(TensorProto, float_val_count), NULL},
    {"double_val", 6, FIRN_PB_DOUBLE, FIRN_PB_REPEATED | FIRN_PB_PACKED,
     AT(TensorProto, double_val), AT(TensorProto, double_val_count), NULL},
    {"int_val", 7, FIRN_PB_INT32, FIRN_PB_REPEATED | FIRN_PB_PACKED,
     AT(TensorProto, int_val), AT(TensorProto, int_val_count), NULL},
    {"string_val", 8, FIRN_PB_BYTES, FIRN_PB_REPEATED, AT(TensorProto,
     string_val), AT(TensorProto, string_val_count), NULL},
    {"scomplex_val", 9, FIRN_PB_FLOAT, FIRN_PB_REPEATED | FIRN_PB_PACKED,
     AT(TensorProto, scomplex_val), AT(TensorProto, scomplex_val_count), NULL},
    {"int64_val", 10, FIRN_PB_INT64, FIRN_PB_REPEATED | FIRN_PB_PACKED,
     AT(TensorProto, int64_val), AT(TensorProto, int64_val_count), NULL},
    {"bool_val", 11, FIRN_PB_BOOL, FIRN_PB_REPEATED | FIRN_PB_PACKED,
     AT(TensorProto, bool_val), AT(TensorProto, bool_val_count), NULL},
    {"dcomplex_val", 12, FIRN_PB_DOUBLE, FIRN_PB_REPEATED | FIRN_PB_PACKED,
     AT(TensorProto, dcomplex_val), AT(TensorProto, dcomplex_val_count), NULL},
    {"half_val", 13, FIRN_PB_INT32, FIRN_PB_REPEATED | FIRN_PB_PACKED,
     AT(TensorProto, half_val), AT(TensorProto, half_val_count), NULL},
    {"resource_handle_val", 14, FIRN_PB_MESSAGE, FIRN_PB_REPEATED,
     AT(TensorProto, resource_handle_val), AT(TensorProto,
     resource_handle_val_count), &firn_pb_type_ResourceHandleProto},
    {"variant_val", 15, FIRN_PB_MESSAGE, FIRN_PB_REPEATED, AT(TensorProto,
     variant_val), AT(TensorProto, variant_val_count),
     &firn_pb_type_VariantTensorDataProto},
    {"uint32_val", 16, FIRN_PB_UINT32, FIRN_PB_REPEATED | FIRN_PB_PACKED,
     AT(TensorProto, uint32_val), AT(TensorProto, uint32_val_count), NULL},
    {"uint64_val", 17, FIRN_PB_UINT64, FIRN_PB_REPEATED | FIRN_PB_PACKED,
     AT(TensorProto, uint64_val), AT(TensorProto, uint64_val_count), NULL},
    {"float8_val", 18, FIRN_PB_BYTES, 0, AT(TensorProto, float8_val), 0, NULL},
};
const firn_pb_type firn_pb_type_TensorProto = {
    "tensorflow.TensorProto",
    fields_TensorProto, 18,
    (uint16_t)sizeof(firn_pb_TensorProto), false};

static const firn_pb_field fields_TensorShapeProto[] = {
    {"dim", 2, FIRN_PB_MESSAGE, FIRN_PB_REPEATED, AT(TensorShapeProto, dim),
     AT(TensorShapeProto, dim_count), &firn_pb_type_TensorShapeProto_Dim},
    {"unknown_rank", 3, FIRN_PB_BOOL, 0, AT(TensorShapeProto, unknown_rank), 0,
     NULL},
};
const firn_pb_type firn_pb_type_TensorShapeProto = {
    "tensorflow.TensorShapeProto",
    fields_TensorShapeProto, 2,
    (uint16_t)sizeof(firn_pb_TensorShapeProto), false};

static const firn_pb_field fields_TensorShapeProto_Dim[] = {
    {"size", 1, FIRN_PB_INT64, 0, AT(TensorShapeProto_Dim, size), 0, NULL},
    {"name", 2, FIRN_PB_STRING, 0, AT(TensorShapeProto_Dim, name), 0, NULL},
};
const firn_pb_type firn_pb_type_TensorShapeProto_Dim = {
    "tensorflow.TensorShapeProto.Dim",
    fields_TensorShapeProto_Dim, 2,
    (uint16_t)sizeof(firn_pb_TensorShapeProto_Dim), false};

static const firn_pb_field fields_TensorSliceProto[] = {
    {"extent", 1, FIRN_PB_MESSAGE, FIRN_PB_REPEATED, AT(TensorSliceProto,
     extent), AT(TensorSliceProto, extent_count),
     &firn_pb_type_TensorSliceProto_Extent},
};
const firn_pb_type firn_pb_type_TensorSliceProto = {
    "tensorflow.TensorSliceProto",
    fields_TensorSliceProto, 1,
    (uint16_t)sizeof(firn_pb_TensorSliceProto), false};

static const firn_pb_field fields_TensorSliceProto_Extent[] = {
    {"start", 1, FIRN_PB_INT64, 0, AT(TensorSliceProto_Extent, start), 0, NULL},
    {"length", 2, FIRN_PB_INT64, FIRN_PB_ONEOF, AT(TensorSliceProto_Extent,
     length), AT(TensorSliceProto_Extent, has_length_hack_case), NULL},
};
const firn_pb_type firn_pb_type_TensorSliceProto_Extent = {
    "tensorflow.TensorSliceProto.Extent",
    fields_TensorSliceProto_Extent, 2,
    (uint16_t)sizeof(firn_pb_TensorSliceProto_Extent), false};

static const firn_pb_field fields_TensorSpecProto[] = {
    {"name", 1, FIRN_PB_STRING, 0, AT(TensorSpecProto, name), 0, NULL},
    {"shape", 2, FIRN_PB_MESSAGE, 0, AT(TensorSpecProto, shape), 0,
     &firn_pb_type_TensorShapeProto},
    {"dtype", 3, FIRN_PB_ENUM, 0, AT(TensorSpecProto, dtype), 0,
     &firn_pb_enum_DataType},
};
const firn_pb_type firn_pb_type_TensorSpecProto = {
    "tensorflow.TensorSpecProto",
    fields_TensorSpecProto, 3,
    (uint16_t)sizeof(firn_pb_TensorSpecProto), false};

static const firn_pb_field fields_ThreadPoolOptionProto[] = {
    {"num_threads", 1, FIRN_PB_INT32, 0, AT(ThreadPoolOptionProto, num_threads),
     0, NULL},
    {"global_name", 2, FIRN_PB_STRING, 0, AT(ThreadPoolOptionProto,
     global_name), 0, NULL},
};
const firn_pb_type firn_pb_type_ThreadPoolOptionProto = {
    "tensorflow.ThreadPoolOptionProto",
    fields_ThreadPoolOptionProto, 2,
    (uint16_t)sizeof(firn_pb_ThreadPoolOptionProto), false};

static const firn_pb_field fields_TrackableObjectGraph[] = {
    {"nodes", 1, FIRN_PB_MESSAGE, FIRN_PB_REPEATED, AT(TrackableObjectGraph,
     nodes), AT(TrackableObjectGraph, nodes_count),
     &firn_pb_type_TrackableObjectGraph_TrackableObject},
};
const firn_pb_type firn_pb_type_TrackableObjectGraph = {
    "tensorflow.TrackableObjectGraph",
    fields_TrackableObjectGraph, 1,
    (uint16_t)sizeof(firn_pb_TrackableObjectGraph), false};

static const firn_pb_field fields_TrackableObjectGraph_TrackableObject[] = {
    {"children", 1, FIRN_PB_MESSAGE, FIRN_PB_REPEATED,
     AT(TrackableObjectGraph_TrackableObject, children),
     AT(TrackableObjectGraph_TrackableObject, children_count),
     &firn_pb_type_TrackableObjectGraph_TrackableObject_ObjectReference},
    {"attributes", 2, FIRN_PB_MESSAGE, FIRN_PB_REPEATED,
     AT(TrackableObjectGraph_TrackableObject, attributes),
     AT(TrackableObjectGraph_TrackableObject, attributes_count),
     &firn_pb_type_TrackableObjectGraph_TrackableObject_SerializedTensor},
    {"slot_variables", 3, FIRN_PB_MESSAGE, FIRN_PB_REPEATED,
     AT(TrackableObjectGraph_TrackableObject, slot_variables),
     AT(TrackableObjectGraph_TrackableObject, slot_variables_count),
     &firn_pb_type_TrackableObjectGraph_TrackableObject_SlotVariableReference},
    {"registered_saver", 4, FIRN_PB_MESSAGE, 0,
     AT(TrackableObjectGraph_TrackableObject, registered_saver), 0,
     &firn_pb_type_RegisteredSaver},
    {"has_checkpoint_values", 5, FIRN_PB_MESSAGE, 0,
     AT(TrackableObjectGraph_TrackableObject, has_checkpoint_values), 0,
     &firn_pb_type_BoolValue},
};
const firn_pb_type firn_pb_type_TrackableObjectGraph_TrackableObject = {
    "tensorflow.TrackableObjectGraph.TrackableObject",
    fields_TrackableObjectGraph_TrackableObject, 5,
    (uint16_t)sizeof(firn_pb_TrackableObjectGraph_TrackableObject), false};

static const firn_pb_field fields_TrackableObjectGraph_TrackableObject_ObjectReference[] = {
    {"node_id", 1, FIRN_PB_INT32, 0,
     AT(TrackableObjectGraph_TrackableObject_ObjectReference, node_id), 0,
     NULL},
    {"local_name", 2, FIRN_PB_STRING, 0,
     AT(TrackableObjectGraph_TrackableObject_ObjectReference, local_name), 0,
     NULL},
};
const firn_pb_type firn_pb_type_TrackableObjectGraph_TrackableObject_ObjectReference = {
    "tensorflow.TrackableObjectGraph.TrackableObject.ObjectReference",
    fields_TrackableObjectGraph_TrackableObject_ObjectReference, 2,
    (uint16_t)sizeof(firn_pb_TrackableObjectGraph_TrackableObject_ObjectReference), false};

static const firn_pb_field fields_TrackableObjectGraph_TrackableObject_SerializedTensor[] = {
    {"name", 1, FIRN_PB_STRING, 0,
     AT(TrackableObjectGraph_TrackableObject_SerializedTensor, name), 0, NULL},
    {"full_name", 2, FIRN_PB_STRING, 0,
     AT(TrackableObjectGraph_TrackableObject_SerializedTensor, full_name), 0,
     NULL},
    {"checkpoint_key", 3, FIRN_PB_STRING, 0,
     AT(TrackableObjectGraph_TrackableObject_SerializedTensor, checkpoint_key),
     0, NULL},
};
const firn_pb_type firn_pb_type_TrackableObjectGraph_TrackableObject_SerializedTensor = {
    "tensorflow.TrackableObjectGraph.TrackableObject.SerializedTensor",
    fields_TrackableObjectGraph_TrackableObject_SerializedTensor, 3,
    (uint16_t)sizeof(firn_pb_TrackableObjectGraph_TrackableObject_SerializedTensor), false};

static const firn_pb_field fields_TrackableObjectGraph_TrackableObject_SlotVariableReference[] = {
    {"original_variable_node_id", 1, FIRN_PB_INT32, 0,
     AT(TrackableObjectGraph_TrackableObject_SlotVariableReference,
     original_variable_node_id), 0, NULL},
    {"slot_name", 2, FIRN_PB_STRING, 0,
     AT(TrackableObjectGraph_TrackableObject_SlotVariableReference, slot_name),
     0, NULL},
    {"slot_variable_node_id", 3, FIRN_PB_INT32, 0,
     AT(TrackableObjectGraph_TrackableObject_SlotVariableReference,
     slot_variable_node_id), 0, NULL},
};
const firn_pb_type firn_pb_type_TrackableObjectGraph_TrackableObject_SlotVariableReference = {
    "tensorflow.TrackableObjectGraph.TrackableObject.SlotVariableReference",
    fields_TrackableObjectGraph_TrackableObject_SlotVariableReference, 3,
    (uint16_t)sizeof(firn_pb_TrackableObjectGraph_TrackableObject_SlotVariableReference), false};

static const firn_pb_field fields_TupleValue[] = {
    {"values", 1, FIRN_PB_MESSAGE, FIRN_PB_REPEATED, AT(TupleValue, values),
     AT(TupleValue, values_count), &firn_pb_type_StructuredValue},
};
const firn_pb_type firn_pb_type_TupleValue = {
    "tensorflow.TupleValue",
    fields_TupleValue, 1,
    (uint16_t)sizeof(firn_pb_TupleValue), false};

static const firn_pb_field fields_TypeSpecProto[] = {
    {"type_spec_class", 1, FIRN_PB_ENUM, 0, AT(TypeSpecProto, type_spec_class),
     0, &firn_pb_enum_TypeSpecProto_TypeSpecClass},
    {"type_state", 2, FIRN_PB_MESSAGE, 0, AT(TypeSpecProto, type_state), 0,
     &firn_pb_type_StructuredValue},
    {"type_spec_class_name", 3, FIRN_PB_STRING, 0, AT(TypeSpecProto,
     type_spec_class_name), 0, NULL},
    {"num_flat_components", 4, FIRN_PB_INT32, 0, AT(TypeSpecProto,
     num_flat_components), 0, NULL},
};
const firn_pb_type firn_pb_type_TypeSpecProto = {
    "tensorflow.TypeSpecProto",
    fields_TypeSpecProto, 4,
    (uint16_t)sizeof(firn_pb_TypeSpecProto), false};

static const firn_pb_field fields_ValuesDef_ExternalValuesEntry[] = {
    {"key", 1, FIRN_PB_STRING, 0, AT(ValuesDef_ExternalValuesEntry, key), 0,
     NULL},
    {"value", 2, FIRN_PB_STRING, 0, AT(ValuesDef_ExternalValuesEntry, value), 0,
     NULL},
};
const firn_pb_type firn_pb_type_ValuesDef_ExternalValuesEntry = {
    "tensorflow.ValuesDef.ExternalValuesEntry",
    fields_ValuesDef_ExternalValuesEntry, 2,
    (uint16_t)sizeof(firn_pb_ValuesDef_ExternalValuesEntry), true};

static const firn_pb_field fields_ValuesDef[] = {
    {"values", 1, FIRN_PB_STRING, FIRN_PB_REPEATED, AT(ValuesDef, values),
     AT(ValuesDef, values_count), NULL},
    {"external_values", 2, FIRN_PB_MESSAGE, FIRN_PB_REPEATED | FIRN_PB_MAP,
     AT(ValuesDef, external_values), AT(ValuesDef, external_values_count),
     &firn_pb_type_ValuesDef_ExternalValuesEntry},
};
const firn_pb_type firn_pb_type_ValuesDef = {
    "tensorflow.ValuesDef",
    fields_ValuesDef, 2,
    (uint16_t)sizeof(firn_pb_ValuesDef), false};

static const firn_pb_field fields_VariableDef[] = {
    {"variable_name", 1, FIRN_PB_STRING, 0, AT(VariableDef, variable_name), 0,
     NULL},
    {"initializer_name", 2, FIRN_PB_STRING, 0, AT(VariableDef,
     initializer_name), 0, NULL},
    {"snapshot_name", 3, FIRN_PB_STRING, 0, AT(VariableDef, snapshot_name), 0,
     NULL},
    {"save_slice_info_def", 4, FIRN_PB_MESSAGE, 0, AT(VariableDef,
     save_slice_info_def), 0, &firn_pb_type_SaveSliceInfoDef},
    {"is_resource", 5, FIRN_PB_BOOL, 0, AT(VariableDef, is_resource), 0, NULL},
    {"initial_value_name", 6, FIRN_PB_STRING, 0, AT(VariableDef,
     initial_value_name), 0, NULL},
    {"trainable", 7, FIRN_PB_BOOL, 0, AT(VariableDef, trainable), 0, NULL},
    {"synchronization", 8, FIRN_PB_ENUM, 0, AT(VariableDef, synchronization), 0,
     &firn_pb_enum_VariableSynchronization},
    {"aggregation", 9, FIRN_PB_ENUM, 0, AT(VariableDef, aggregation), 0,
     &firn_pb_enum_VariableAggregation},
};
const firn_pb_type firn_pb_type_VariableDef = {
    "tensorflow.VariableDef",
    fields_VariableDef, 9,
    (uint16_t)sizeof(firn_pb_VariableDef), false};

static const firn_pb_field fields_VariantTensorDataProto[] = {
    {"type_name", 1, FIRN_PB_STRING, 0, AT(VariantTensorDataProto, type_name),
     0, NULL},
    {"metadata", 2, FIRN_PB_BYTES, 0, AT(VariantTensorDataProto, metadata), 0,
     NULL},
    {"tensors", 3, FIRN_PB_MESSAGE, FIRN_PB_REPEATED, AT(VariantTensorDataProto,
     tensors), AT(VariantTensorDataProto, tensors_count),
     &firn_pb_type_TensorProto},
};
const firn_pb_type firn_pb_type_VariantTensorDataProto = {
    "tensorflow.VariantTensorDataProto",
    fields_VariantTensorDataProto, 3,
    (uint16_t)sizeof(firn_pb_VariantTensorDataProto), false};

static const firn_pb_field fields_VerifierConfig[] = {
    {"verification_timeout_in_ms", 1, FIRN_PB_INT64, 0, AT(VerifierConfig,
     verification_timeout_in_ms), 0, NULL},
    {"structure_verifier", 2, FIRN_PB_ENUM, 0, AT(VerifierConfig,
     structure_verifier), 0, &firn_pb_enum_VerifierConfig_Toggle},
};
const firn_pb_type firn_pb_type_VerifierConfig = {
    "tensorflow.VerifierConfig",
    fields_VerifierConfig, 2,
    (uint16_t)sizeof(firn_pb_VerifierConfig), false};

static const firn_pb_field fields_VersionDef[] = {
    {"producer", 1, FIRN_PB_INT32, 0, AT(VersionDef, producer), 0, NULL},
    {"min_consumer", 2, FIRN_PB_INT32, 0, AT(VersionDef, min_consumer), 0,
     NULL},
    {"bad_consumers", 3, FIRN_PB_INT32, FIRN_PB_REPEATED | FIRN_PB_PACKED,
     AT(VersionDef, bad_consumers), AT(VersionDef, bad_consumers_count), NULL},
};
const firn_pb_type firn_pb_type_VersionDef = {
    "tensorflow.VersionDef",
    fields_VersionDef, 3,
    (uint16_t)sizeof(firn_pb_VersionDef), false};

static const firn_pb_field fields_WhileContextDef[] = {
    {"context_name", 1, FIRN_PB_STRING, 0, AT(WhileContextDef, context_name), 0,
     NULL},
    {"parallel_iterations", 2, FIRN_PB_INT32, 0, AT(WhileContextDef,
     parallel_iterations), 0, NULL},
    {"back_prop", 3, FIRN_PB_BOOL, 0, AT(WhileContextDef, back_prop), 0, NULL},
    {"swap_memory", 4, FIRN_PB_BOOL, 0, AT(WhileContextDef, swap_memory), 0,
     NULL},
    {"pivot_name", 5, FIRN_PB_STRING, 0, AT(WhileContextDef, pivot_name), 0,
     NULL},
    {"pivot_for_pred_name", 6, FIRN_PB_STRING, 0, AT(WhileContextDef,
     pivot_for_pred_name), 0, NULL},
    {"pivot_for_body_name", 7, FIRN_PB_STRING, 0, AT(WhileContextDef,
     pivot_for_body_name), 0, NULL},
    {"loop_exit_names", 8, FIRN_PB_STRING, FIRN_PB_REPEATED, AT(WhileContextDef,
     loop_exit_names), AT(WhileContextDef, loop_exit_names_count), NULL},
    {"values_def", 9, FIRN_PB_MESSAGE, 0, AT(WhileContextDef, values_def), 0,
     &firn_pb_type_ValuesDef},
    {"loop_enter_names", 10, FIRN_PB_STRING, FIRN_PB_REPEATED,
     AT(WhileContextDef, loop_enter_names), AT(WhileContextDef,
     loop_enter_names_count), NULL},
    {"maximum_iterations_name", 11, FIRN_PB_STRING, 0, AT(WhileContextDef,
     maximum_iterations_name), 0, NULL},
    {"nested_contexts", 12, FIRN_PB_MESSAGE, FIRN_PB_REPEATED,
     AT(WhileContextDef, nested_contexts), AT(WhileContextDef,
     nested_contexts_count), &firn_pb_type_ControlFlowContextDef},
};
const firn_pb_type firn_pb_type_WhileContextDef = {
    "tensorflow.WhileContextDef",
    fields_WhileContextDef, 12,
    (uint16_t)sizeof(firn_pb_WhileContextDef), false};

static const firn_pb_field fields_ChunkInfo[] = {
    {"type", 1, FIRN_PB_ENUM, 0, AT(ChunkInfo, type), 0,
     &firn_pb_enum_ChunkInfo_Type},
    {"size", 2, FIRN_PB_UINT64, 0, AT(ChunkInfo, size), 0, NULL},
    {"offset", 3, FIRN_PB_UINT64, 0, AT(ChunkInfo, offset), 0, NULL},
};
const firn_pb_type firn_pb_type_ChunkInfo = {
    "tensorflow.proto_splitter.ChunkInfo",
    fields_ChunkInfo, 3,
    (uint16_t)sizeof(firn_pb_ChunkInfo), false};

static const firn_pb_field fields_ChunkMetadata[] = {
    {"version", 1, FIRN_PB_MESSAGE, 0, AT(ChunkMetadata, version), 0,
     &firn_pb_type_proto_splitter_VersionDef},
    {"chunks", 2, FIRN_PB_MESSAGE, FIRN_PB_REPEATED, AT(ChunkMetadata, chunks),
     AT(ChunkMetadata, chunks_count), &firn_pb_type_ChunkInfo},
    {"message", 3, FIRN_PB_MESSAGE, 0, AT(ChunkMetadata, message), 0,
     &firn_pb_type_ChunkedMessage},
};
const firn_pb_type firn_pb_type_ChunkMetadata = {
    "tensorflow.proto_splitter.ChunkMetadata",
    fields_ChunkMetadata, 3,
    (uint16_t)sizeof(firn_pb_ChunkMetadata), false};

static const firn_pb_field fields_ChunkedField[] = {
    {"field_tag", 1, FIRN_PB_MESSAGE, FIRN_PB_REPEATED, AT(ChunkedField,
     field_tag), AT(ChunkedField, field_tag_count), &firn_pb_type_FieldIndex},
    {"message", 3, FIRN_PB_MESSAGE, 0, AT(ChunkedField, message), 0,
     &firn_pb_type_ChunkedMessage},
};
const firn_pb_type firn_pb_type_ChunkedField = {
    "tensorflow.proto_splitter.ChunkedField",
    fields_ChunkedField, 2,
    (uint16_t)sizeof(firn_pb_ChunkedField), false};

static const firn_pb_field fields_ChunkedMessage[] = {
    {"chunk_index", 1, FIRN_PB_UINT64, FIRN_PB_ONEOF, AT(ChunkedMessage,
     chunk_index), AT(ChunkedMessage, chunk_index_case), NULL},
    {"chunked_fields", 2, FIRN_PB_MESSAGE, FIRN_PB_REPEATED, AT(ChunkedMessage,
     chunked_fields), AT(ChunkedMessage, chunked_fields_count),
     &firn_pb_type_ChunkedField},
};
const firn_pb_type firn_pb_type_ChunkedMessage = {
    "tensorflow.proto_splitter.ChunkedMessage",
    fields_ChunkedMessage, 2,
    (uint16_t)sizeof(firn_pb_ChunkedMessage), false};

static const firn_pb_field fields_FieldIndex[] = {
    {"field", 1, FIRN_PB_UINT32, FIRN_PB_ONEOF, AT(FieldIndex, field),
     AT(FieldIndex, kind_case), NULL},
    {"map_key", 2, FIRN_PB_MESSAGE, FIRN_PB_ONEOF, AT(FieldIndex, map_key),
     AT(FieldIndex, kind_case), &firn_pb_type_FieldIndex_MapKey},
    {"index", 3, FIRN_PB_UINT64, FIRN_PB_ONEOF, AT(FieldIndex, index),
     AT(FieldIndex, kind_case), NULL},
};
const firn_pb_type firn_pb_type_FieldIndex = {
    "tensorflow.proto_splitter.FieldIndex",
    fields_FieldIndex, 3,
    (uint16_t)sizeof(firn_pb_FieldIndex), false};

static const firn_pb_field fields_FieldIndex_MapKey[] = {
    {"s", 1, FIRN_PB_STRING, FIRN_PB_ONEOF, AT(FieldIndex_MapKey, s),
     AT(FieldIndex_MapKey, type_case), NULL},
    {"boolean", 2, FIRN_PB_BOOL, FIRN_PB_ONEOF, AT(FieldIndex_MapKey, boolean),
     AT(FieldIndex_MapKey, type_case), NULL},
    {"ui32", 3, FIRN_PB_UINT32, FIRN_PB_ONEOF, AT(FieldIndex_MapKey, ui32),
     AT(FieldIndex_MapKey, type_case), NULL},
    {"ui64", 4, FIRN_PB_UINT64, FIRN_PB_ONEOF, AT(FieldIndex_MapKey, ui64),
     AT(FieldIndex_MapKey, type_case), NULL},
    {"i32", 5, FIRN_PB_INT32, FIRN_PB_ONEOF, AT(FieldIndex_MapKey, i32),
     AT(FieldIndex_MapKey, type_case), NULL},
    {"i64", 6, FIRN_PB_INT64, FIRN_PB_ONEOF, AT(FieldIndex_MapKey, i64),
     AT(FieldIndex_MapKey, type_case), NULL},
};
const firn_pb_type firn_pb_type_FieldIndex_MapKey = {
    "tensorflow.proto_splitter.FieldIndex.MapKey",
    fields_FieldIndex_MapKey, 6,
    (uint16_t)sizeof(firn_pb_FieldIndex_MapKey), false};

static const firn_pb_field fields_proto_splitter_VersionDef[] = {
    {"splitter_version", 1, FIRN_PB_INT32, 0, AT(proto_splitter_VersionDef,
     splitter_version), 0, NULL},
    {"join_version", 2, FIRN_PB_INT32, 0, AT(proto_splitter_VersionDef,
     join_version), 0, NULL},
    {"bad_consumers", 3, FIRN_PB_INT32, FIRN_PB_REPEATED | FIRN_PB_PACKED,
     AT(proto_splitter_VersionDef, bad_consumers), AT(proto_splitter_VersionDef,
     bad_consumers_count), NULL},
};
const firn_pb_type firn_pb_type_proto_splitter_VersionDef = {
    "tensorflow.proto_splitter.VersionDef",
    fields_proto_splitter_VersionDef, 3,
    (uint16_t)sizeof(firn_pb_proto_splitter_VersionDef), false};

const firn_pb_type *const firn_pb_types[] = {
    &firn_pb_type_Any,
    &firn_pb_type_BoolValue,
    &firn_pb_type_BytesValue,
    &firn_pb_type_DoubleValue,
    &firn_pb_type_FloatValue,
    &firn_pb_type_Int32Value,
    &firn_pb_type_Int64Value,
    &firn_pb_type_StringValue,
    &firn_pb_type_UInt32Value,
    &firn_pb_type_UInt64Value,
    &firn_pb_type_AssetFileDef,
    &firn_pb_type_AttrValue,
    &firn_pb_type_AttrValue_ListValue,
    &firn_pb_type_AutoParallelOptions,
    &firn_pb_type_BoundedTensorSpecProto,
    &firn_pb_type_BundleEntryProto,
    &firn_pb_type_BundleHeaderProto,
    &firn_pb_type_BytesList,
    &firn_pb_type_CapturedTensor,
    &firn_pb_type_CheckpointState,
    &firn_pb_type_ClusterDef,
    &firn_pb_type_CollectionDef,
    &firn_pb_type_CollectionDef_AnyList,
    &firn_pb_type_CollectionDef_BytesList,
    &firn_pb_type_CollectionDef_FloatList,
    &firn_pb_type_CollectionDef_Int64List,
    &firn_pb_type_CollectionDef_NodeList,
    &firn_pb_type_CompositeTensorVariantMetadata,
    &firn_pb_type_CondContextDef,
    &firn_pb_type_ConfigProto,
    &firn_pb_type_ConfigProto_Experimental,
    &firn_pb_type_ControlFlowContextDef,
    &firn_pb_type_CoordinatedJob,
    &firn_pb_type_CoordinationServiceConfig,
    &firn_pb_type_DebugOptions,
    &firn_pb_type_DebugTensorWatch,
    &firn_pb_type_DictValue,
    &firn_pb_type_Event,
    &firn_pb_type_Example,
    &firn_pb_type_Feature,
    &firn_pb_type_FeatureList,
    &firn_pb_type_FeatureLists,
    &firn_pb_type_Features,
    &firn_pb_type_FingerprintDef,
    &firn_pb_type_FloatList,
    &firn_pb_type_FullTypeDef,
    &firn_pb_type_FunctionDef,
    &firn_pb_type_FunctionDef_ArgAttrs,
    &firn_pb_type_FunctionDefLibrary,
    &firn_pb_type_FunctionSpec,
    &firn_pb_type_GPUOptions,
    &firn_pb_type_GPUOptions_Experimental,
    &firn_pb_type_GPUOptions_Experimental_StreamMergeOptions,
    &firn_pb_type_GPUOptions_Experimental_VirtualDevices,
    &firn_pb_type_GradientDef,
    &firn_pb_type_GraphDebugInfo,
    &firn_pb_type_GraphDebugInfo_FileLineCol,
    &firn_pb_type_GraphDebugInfo_StackTrace,
    &firn_pb_type_GraphDef,
    &firn_pb_type_GraphOptions,
    &firn_pb_type_HistogramProto,
    &firn_pb_type_Int64List,
    &firn_pb_type_JobDef,
    &firn_pb_type_ListValue,
    &firn_pb_type_LogMessage,
    &firn_pb_type_MetaGraphDef,
    &firn_pb_type_MetaGraphDef_MetaInfoDef,
    &firn_pb_type_NameAttrList,
    &firn_pb_type_NamedTensorProto,
    &firn_pb_type_NamedTupleValue,
    &firn_pb_type_NodeDef,
    &firn_pb_type_NodeDef_ExperimentalDebugInfo,
    &firn_pb_type_NoneValue,
    &firn_pb_type_OpDef,
    &firn_pb_type_OpDef_ArgDef,
    &firn_pb_type_OpDef_AttrDef,
    &firn_pb_type_OpDeprecation,
    &firn_pb_type_OpList,
    &firn_pb_type_OptimizerOptions,
    &firn_pb_type_PairValue,
    &firn_pb_type_QueueRunnerDef,
    &firn_pb_type_RPCOptions,
    &firn_pb_type_RegisteredGradient,
    &firn_pb_type_RegisteredSaver,
    &firn_pb_type_ResourceHandleProto,
    &firn_pb_type_ResourceHandleProto_DtypeAndShape,
    &firn_pb_type_RewriterConfig,
    &firn_pb_type_RewriterConfig_CustomGraphOptimizer,
    &firn_pb_type_RunOptions,
    &firn_pb_type_RunOptions_Experimental,
    &firn_pb_type_RunOptions_Experimental_RunHandlerPoolOptions,
    &firn_pb_type_SaveSliceInfoDef,
    &firn_pb_type_SaveableObject,
    &firn_pb_type_SavedAsset,
    &firn_pb_type_SavedBareConcreteFunction,
    &firn_pb_type_SavedConcreteFunction,
    &firn_pb_type_SavedConstant,
    &firn_pb_type_SavedFunction,
    &firn_pb_type_SavedModel,
    &firn_pb_type_SavedObject,
    &firn_pb_type_SavedObjectGraph,
    &firn_pb_type_SavedResource,
    &firn_pb_type_SavedSlice,
    &firn_pb_type_SavedSliceMeta,
    &firn_pb_type_SavedTensorSliceMeta,
    &firn_pb_type_SavedTensorSlices,
    &firn_pb_type_SavedUserObject,
    &firn_pb_type_SavedVariable,
    &firn_pb_type_SaverDef,
    &firn_pb_type_ScopedAllocatorOptions,
    &firn_pb_type_SequenceExample,
    &firn_pb_type_SessionLog,
    &firn_pb_type_SessionMetadata,
    &firn_pb_type_SignatureDef,
    &firn_pb_type_SourceMetadata,
    &firn_pb_type_StructuredValue,
    &firn_pb_type_Summary,
    &firn_pb_type_Summary_Audio,
    &firn_pb_type_Summary_Image,
    &firn_pb_type_Summary_Value,
    &firn_pb_type_SummaryMetadata,
    &firn_pb_type_SummaryMetadata_PluginData,
    &firn_pb_type_TaggedRunMetadata,
    &firn_pb_type_TensorInfo,
    &firn_pb_type_TensorInfo_CompositeTensor,
    &firn_pb_type_TensorInfo_CooSparse,
    &firn_pb_type_TensorProto,
    &firn_pb_type_TensorShapeProto,
    &firn_pb_type_TensorShapeProto_Dim,
    &firn_pb_type_TensorSliceProto,
    &firn_pb_type_TensorSliceProto_Extent,
    &firn_pb_type_TensorSpecProto,
    &firn_pb_type_ThreadPoolOptionProto,
    &firn_pb_type_TrackableObjectGraph,
    &firn_pb_type_TrackableObjectGraph_TrackableObject,
    &firn_pb_type_TrackableObjectGraph_TrackableObject_ObjectReference,
    &firn_pb_type_TrackableObjectGraph_TrackableObject_SerializedTensor,
    &firn_pb_type_TrackableObjectGraph_TrackableObject_SlotVariableReference,
    &firn_pb_type_TupleValue,
    &firn_pb_type_TypeSpecProto,
    &firn_pb_type_ValuesDef,
    &firn_pb_type_VariableDef,
    &firn_pb_type_VariantTensorDataProto,
    &firn_pb_type_VerifierConfig,
    &firn_pb_type_VersionDef,
    &firn_pb_type_WhileContextDef,
    &firn_pb_type_ChunkInfo,
    &firn_pb_type_ChunkMetadata,
    &firn_pb_type_ChunkedField,
    &firn_pb_type_ChunkedMessage,
    &firn_pb_type_FieldIndex,
    &firn_pb_type_FieldIndex_MapKey,
    &firn_pb_type_proto_splitter_VersionDef,
    NULL,
};
