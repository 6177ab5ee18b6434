/* proto/messages.h: the structs and tables of every message that firn knows.
 *
 * Made by tools/gen_proto.py from messages.schema; do not edit. proto/proto.h
 * says how a proto type becomes a C member.
 */
#ifndef FIRN_PROTO_MESSAGES_H
#define FIRN_PROTO_MESSAGES_H

#include "proto/proto.h"

/* tensorflow.BundleHeaderProto.Endianness */
enum {
  FIRN_PB_BundleHeaderProto_Endianness_LITTLE = 0,
  FIRN_PB_BundleHeaderProto_Endianness_BIG = 1,
};
extern const firn_pb_enum firn_pb_enum_BundleHeaderProto_Endianness;

/* tensorflow.ConfigProto.Experimental.MlirBridgeRollout */
enum {
  FIRN_PB_ConfigProto_Experimental_MlirBridgeRollout_MLIR_BRIDGE_ROLLOUT_UNSPECIFIED = 0,
  FIRN_PB_ConfigProto_Experimental_MlirBridgeRollout_MLIR_BRIDGE_ROLLOUT_ENABLED = 1,
  FIRN_PB_ConfigProto_Experimental_MlirBridgeRollout_MLIR_BRIDGE_ROLLOUT_DISABLED = 2,
};
extern const firn_pb_enum firn_pb_enum_ConfigProto_Experimental_MlirBridgeRollout;

/* tensorflow.DataClass */
enum {
  FIRN_PB_DataClass_DATA_CLASS_UNKNOWN = 0,
  FIRN_PB_DataClass_DATA_CLASS_SCALAR = 1,
  FIRN_PB_DataClass_DATA_CLASS_TENSOR = 2,
  FIRN_PB_DataClass_DATA_CLASS_BLOB_SEQUENCE = 3,
};
extern const firn_pb_enum firn_pb_enum_DataClass;

/* tensorflow.DataType */
enum {
  FIRN_PB_DataType_DT_INVALID = 0,
  FIRN_PB_DataType_DT_FLOAT = 1,
  FIRN_PB_DataType_DT_DOUBLE = 2,
  FIRN_PB_DataType_DT_INT32 = 3,
  FIRN_PB_DataType_DT_UINT8 = 4,
  FIRN_PB_DataType_DT_INT16 = 5,
  FIRN_PB_DataType_DT_INT8 = 6,
  FIRN_PB_DataType_DT_STRING = 7,
  FIRN_PB_DataType_DT_COMPLEX64 = 8,
  FIRN_PB_DataType_DT_INT64 = 9,
  FIRN_PB_DataType_DT_BOOL = 10,
  FIRN_PB_DataType_DT_QINT8 = 11,
  FIRN_PB_DataType_DT_QUINT8 = 12,
  FIRN_PB_DataType_DT_QINT32 = 13,
  FIRN_PB_DataType_DT_BFLOAT16 = 14,
  FIRN_PB_DataType_DT_QINT16 = 15,
  FIRN_PB_DataType_DT_QUINT16 = 16,
  FIRN_PB_DataType_DT_UINT16 = 17,
  FIRN_PB_DataType_DT_COMPLEX128 = 18,
  FIRN_PB_DataType_DT_HALF = 19,
  FIRN_PB_DataType_DT_RESOURCE = 20,
  FIRN_PB_DataType_DT_VARIANT = 21,
  FIRN_PB_DataType_DT_UINT32 = 22,
  FIRN_PB_DataType_DT_UINT64 = 23,
  FIRN_PB_DataType_DT_FLOAT8_E5M2 = 24,
  FIRN_PB_DataType_DT_FLOAT8_E4M3FN = 25,
  FIRN_PB_DataType_DT_FLOAT8_E4M3FNUZ = 26,
  FIRN_PB_DataType_DT_FLOAT8_E4M3B11FNUZ = 27,
  FIRN_PB_DataType_DT_FLOAT8_E5M2FNUZ = 28,
  FIRN_PB_DataType_DT_INT4 = 29,
  FIRN_PB_DataType_DT_UINT4 = 30,
  FIRN_PB_DataType_DT_INT2 = 31,
  FIRN_PB_DataType_DT_UINT2 = 32,
  FIRN_PB_DataType_DT_FLOAT4_E2M1FN = 33,
  FIRN_PB_DataType_DT_FLOAT_REF = 101,
  FIRN_PB_DataType_DT_DOUBLE_REF = 102,
  FIRN_PB_DataType_DT_INT32_REF = 103,
  FIRN_PB_DataType_DT_UINT8_REF = 104,
  FIRN_PB_DataType_DT_INT16_REF = 105,
  FIRN_PB_DataType_DT_INT8_REF = 106,
  FIRN_PB_DataType_DT_STRING_REF = 107,
  FIRN_PB_DataType_DT_COMPLEX64_REF = 108,
  FIRN_PB_DataType_DT_INT64_REF = 109,
  FIRN_PB_DataType_DT_BOOL_REF = 110,
  FIRN_PB_DataType_DT_QINT8_REF = 111,
  FIRN_PB_DataType_DT_QUINT8_REF = 112,
  FIRN_PB_DataType_DT_QINT32_REF = 113,
  FIRN_PB_DataType_DT_BFLOAT16_REF = 114,
  FIRN_PB_DataType_DT_QINT16_REF = 115,
  FIRN_PB_DataType_DT_QUINT16_REF = 116,
  FIRN_PB_DataType_DT_UINT16_REF = 117,
  FIRN_PB_DataType_DT_COMPLEX128_REF = 118,
  FIRN_PB_DataType_DT_HALF_REF = 119,
  FIRN_PB_DataType_DT_RESOURCE_REF = 120,
  FIRN_PB_DataType_DT_VARIANT_REF = 121,
  FIRN_PB_DataType_DT_UINT32_REF = 122,
  FIRN_PB_DataType_DT_UINT64_REF = 123,
  FIRN_PB_DataType_DT_FLOAT8_E5M2_REF = 124,
  FIRN_PB_DataType_DT_FLOAT8_E4M3FN_REF = 125,
  FIRN_PB_DataType_DT_FLOAT8_E4M3FNUZ_REF = 126,
  FIRN_PB_DataType_DT_FLOAT8_E4M3B11FNUZ_REF = 127,
  FIRN_PB_DataType_DT_FLOAT8_E5M2FNUZ_REF = 128,
  FIRN_PB_DataType_DT_INT4_REF = 129,
  FIRN_PB_DataType_DT_UINT4_REF = 130,
  FIRN_PB_DataType_DT_INT2_REF = 131,
  FIRN_PB_DataType_DT_UINT2_REF = 132,
  FIRN_PB_DataType_DT_FLOAT4_E2M1FN_REF = 133,
};
extern const firn_pb_enum firn_pb_enum_DataType;

/* tensorflow.FullTypeId */
enum {
  FIRN_PB_FullTypeId_TFT_UNSET = 0,
  FIRN_PB_FullTypeId_TFT_VAR = 1,
  FIRN_PB_FullTypeId_TFT_ANY = 2,
  FIRN_PB_FullTypeId_TFT_PRODUCT = 3,
  FIRN_PB_FullTypeId_TFT_NAMED = 4,
  FIRN_PB_FullTypeId_TFT_FOR_EACH = 20,
  FIRN_PB_FullTypeId_TFT_CALLABLE = 100,
  FIRN_PB_FullTypeId_TFT_TENSOR = 1000,
  FIRN_PB_FullTypeId_TFT_ARRAY = 1001,
  FIRN_PB_FullTypeId_TFT_OPTIONAL = 1002,
  FIRN_PB_FullTypeId_TFT_LITERAL = 1003,
  FIRN_PB_FullTypeId_TFT_ENCODED = 1004,
  FIRN_PB_FullTypeId_TFT_SHAPE_TENSOR = 1005,
  FIRN_PB_FullTypeId_TFT_BOOL = 200,
  FIRN_PB_FullTypeId_TFT_UINT8 = 201,
  FIRN_PB_FullTypeId_TFT_UINT16 = 202,
  FIRN_PB_FullTypeId_TFT_UINT32 = 203,
  FIRN_PB_FullTypeId_TFT_UINT64 = 204,
  FIRN_PB_FullTypeId_TFT_INT8 = 205,
  FIRN_PB_FullTypeId_TFT_INT16 = 206,
  FIRN_PB_FullTypeId_TFT_INT32 = 207,
  FIRN_PB_FullTypeId_TFT_INT64 = 208,
  FIRN_PB_FullTypeId_TFT_HALF = 209,
  FIRN_PB_FullTypeId_TFT_FLOAT = 210,
  FIRN_PB_FullTypeId_TFT_DOUBLE = 211,
  FIRN_PB_FullTypeId_TFT_BFLOAT16 = 215,
  FIRN_PB_FullTypeId_TFT_COMPLEX64 = 212,
  FIRN_PB_FullTypeId_TFT_COMPLEX128 = 213,
  FIRN_PB_FullTypeId_TFT_STRING = 214,
  FIRN_PB_FullTypeId_TFT_DATASET = 10102,
  FIRN_PB_FullTypeId_TFT_RAGGED = 10103,
  FIRN_PB_FullTypeId_TFT_ITERATOR = 10104,
  FIRN_PB_FullTypeId_TFT_MUTEX_LOCK = 10202,
  FIRN_PB_FullTypeId_TFT_LEGACY_VARIANT = 10203,
};
extern const firn_pb_enum firn_pb_enum_FullTypeId;

/* tensorflow.FunctionSpec.JitCompile */
enum {
  FIRN_PB_FunctionSpec_JitCompile_DEFAULT = 0,
  FIRN_PB_FunctionSpec_JitCompile_ON = 1,
  FIRN_PB_FunctionSpec_JitCompile_OFF = 2,
};
extern const firn_pb_enum firn_pb_enum_FunctionSpec_JitCompile;

/* tensorflow.LogMessage.Level */
enum {
  FIRN_PB_LogMessage_Level_UNKNOWN = 0,
  FIRN_PB_LogMessage_Level_DEBUGGING = 10,
  FIRN_PB_LogMessage_Level_INFO = 20,
  FIRN_PB_LogMessage_Level_WARN = 30,
  FIRN_PB_LogMessage_Level_ERROR = 40,
  FIRN_PB_LogMessage_Level_FATAL = 50,
};
extern const firn_pb_enum firn_pb_enum_LogMessage_Level;

/* tensorflow.OptimizerOptions.GlobalJitLevel */
enum {
  FIRN_PB_OptimizerOptions_GlobalJitLevel_DEFAULT = 0,
  FIRN_PB_OptimizerOptions_GlobalJitLevel_OFF = -1,
  FIRN_PB_OptimizerOptions_GlobalJitLevel_ON_1 = 1,
  FIRN_PB_OptimizerOptions_GlobalJitLevel_ON_2 = 2,
};
extern const firn_pb_enum firn_pb_enum_OptimizerOptions_GlobalJitLevel;

/* tensorflow.OptimizerOptions.Level */
enum {
  FIRN_PB_OptimizerOptions_Level_L1 = 0,
  FIRN_PB_OptimizerOptions_Level_L0 = -1,
};
extern const firn_pb_enum firn_pb_enum_OptimizerOptions_Level;

/* tensorflow.RewriterConfig.CpuLayout */
enum {
  FIRN_PB_RewriterConfig_CpuLayout_NO_CONVERSION_ON_CPU = 0,
  FIRN_PB_RewriterConfig_CpuLayout_NCHW_TO_NHWC = 1,
  FIRN_PB_RewriterConfig_CpuLayout_NHWC_TO_NCHW = 2,
};
extern const firn_pb_enum firn_pb_enum_RewriterConfig_CpuLayout;

/* tensorflow.RewriterConfig.MemOptType */
enum {
  FIRN_PB_RewriterConfig_MemOptType_DEFAULT_MEM_OPT = 0,
  FIRN_PB_RewriterConfig_MemOptType_NO_MEM_OPT = 1,
  FIRN_PB_RewriterConfig_MemOptType_MANUAL = 2,
  FIRN_PB_RewriterConfig_MemOptType_SWAPPING_HEURISTICS = 4,
  FIRN_PB_RewriterConfig_MemOptType_RECOMPUTATION_HEURISTICS = 5,
  FIRN_PB_RewriterConfig_MemOptType_SCHEDULING_HEURISTICS = 6,
  FIRN_PB_RewriterConfig_MemOptType_HEURISTICS = 3,
};
extern const firn_pb_enum firn_pb_enum_RewriterConfig_MemOptType;

/* tensorflow.RewriterConfig.NumIterationsType */
enum {
  FIRN_PB_RewriterConfig_NumIterationsType_DEFAULT_NUM_ITERS = 0,
  FIRN_PB_RewriterConfig_NumIterationsType_ONE = 1,
  FIRN_PB_RewriterConfig_NumIterationsType_TWO = 2,
};
extern const firn_pb_enum firn_pb_enum_RewriterConfig_NumIterationsType;

/* tensorflow.RewriterConfig.Toggle */
enum {
  FIRN_PB_RewriterConfig_Toggle_DEFAULT = 0,
  FIRN_PB_RewriterConfig_Toggle_ON = 1,
  FIRN_PB_RewriterConfig_Toggle_OFF = 2,
  FIRN_PB_RewriterConfig_Toggle_AGGRESSIVE = 3,
  FIRN_PB_RewriterConfig_Toggle_EXPERIMENTAL_MLIR = 4,
  FIRN_PB_RewriterConfig_Toggle_EXPERIMENTAL_BOTH = 5,
};
extern const firn_pb_enum firn_pb_enum_RewriterConfig_Toggle;

/* tensorflow.RunOptions.TraceLevel */
enum {
  FIRN_PB_RunOptions_TraceLevel_NO_TRACE = 0,
  FIRN_PB_RunOptions_TraceLevel_SOFTWARE_TRACE = 1,
  FIRN_PB_RunOptions_TraceLevel_HARDWARE_TRACE = 2,
  FIRN_PB_RunOptions_TraceLevel_FULL_TRACE = 3,
};
extern const firn_pb_enum firn_pb_enum_RunOptions_TraceLevel;

/* tensorflow.SaverDef.CheckpointFormatVersion */
enum {
  FIRN_PB_SaverDef_CheckpointFormatVersion_LEGACY = 0,
  FIRN_PB_SaverDef_CheckpointFormatVersion_V1 = 1,
  FIRN_PB_SaverDef_CheckpointFormatVersion_V2 = 2,
};
extern const firn_pb_enum firn_pb_enum_SaverDef_CheckpointFormatVersion;

/* tensorflow.SessionLog.SessionStatus */
enum {
  FIRN_PB_SessionLog_SessionStatus_STATUS_UNSPECIFIED = 0,
  FIRN_PB_SessionLog_SessionStatus_START = 1,
  FIRN_PB_SessionLog_SessionStatus_STOP = 2,
  FIRN_PB_SessionLog_SessionStatus_CHECKPOINT = 3,
};
extern const firn_pb_enum firn_pb_enum_SessionLog_SessionStatus;

/* tensorflow.TypeSpecProto.TypeSpecClass */
enum {
  FIRN_PB_TypeSpecProto_TypeSpecClass_UNKNOWN = 0,
  FIRN_PB_TypeSpecProto_TypeSpecClass_SPARSE_TENSOR_SPEC = 1,
  FIRN_PB_TypeSpecProto_TypeSpecClass_INDEXED_SLICES_SPEC = 2,
  FIRN_PB_TypeSpecProto_TypeSpecClass_RAGGED_TENSOR_SPEC = 3,
  FIRN_PB_TypeSpecProto_TypeSpecClass_TENSOR_ARRAY_SPEC = 4,
  FIRN_PB_TypeSpecProto_TypeSpecClass_DATA_DATASET_SPEC = 5,
  FIRN_PB_TypeSpecProto_TypeSpecClass_DATA_ITERATOR_SPEC = 6,
  FIRN_PB_TypeSpecProto_TypeSpecClass_OPTIONAL_SPEC = 7,
  FIRN_PB_TypeSpecProto_TypeSpecClass_PER_REPLICA_SPEC = 8,
  FIRN_PB_TypeSpecProto_TypeSpecClass_VARIABLE_SPEC = 9,
  FIRN_PB_TypeSpecProto_TypeSpecClass_ROW_PARTITION_SPEC = 10,
  FIRN_PB_TypeSpecProto_TypeSpecClass_REGISTERED_TYPE_SPEC = 12,
  FIRN_PB_TypeSpecProto_TypeSpecClass_EXTENSION_TYPE_SPEC = 13,
};
extern const firn_pb_enum firn_pb_enum_TypeSpecProto_TypeSpecClass;

/* tensorflow.VariableAggregation */
enum {
  FIRN_PB_VariableAggregation_VARIABLE_AGGREGATION_NONE = 0,
  FIRN_PB_VariableAggregation_VARIABLE_AGGREGATION_SUM = 1,
  FIRN_PB_VariableAggregation_VARIABLE_AGGREGATION_MEAN = 2,
  FIRN_PB_VariableAggregation_VARIABLE_AGGREGATION_ONLY_FIRST_REPLICA = 3,
};
extern const firn_pb_enum firn_pb_enum_VariableAggregation;

/* tensorflow.VariableSynchronization */
enum {
  FIRN_PB_VariableSynchronization_VARIABLE_SYNCHRONIZATION_AUTO = 0,
  FIRN_PB_VariableSynchronization_VARIABLE_SYNCHRONIZATION_NONE = 1,
  FIRN_PB_VariableSynchronization_VARIABLE_SYNCHRONIZATION_ON_WRITE = 2,
  FIRN_PB_VariableSynchronization_VARIABLE_SYNCHRONIZATION_ON_READ = 3,
};
extern const firn_pb_enum firn_pb_enum_VariableSynchronization;

/* tensorflow.VerifierConfig.Toggle */
enum {
  FIRN_PB_VerifierConfig_Toggle_DEFAULT = 0,
  FIRN_PB_VerifierConfig_Toggle_ON = 1,
  FIRN_PB_VerifierConfig_Toggle_OFF = 2,
};
extern const firn_pb_enum firn_pb_enum_VerifierConfig_Toggle;

/* tensorflow.error.Code */
enum {
  FIRN_PB_Code_OK = 0,
  FIRN_PB_Code_CANCELLED = 1,
  FIRN_PB_Code_UNKNOWN = 2,
  FIRN_PB_Code_INVALID_ARGUMENT = 3,
  FIRN_PB_Code_DEADLINE_EXCEEDED = 4,
  FIRN_PB_Code_NOT_FOUND = 5,
  FIRN_PB_Code_ALREADY_EXISTS = 6,
  FIRN_PB_Code_PERMISSION_DENIED = 7,
  FIRN_PB_Code_UNAUTHENTICATED = 16,
  FIRN_PB_Code_RESOURCE_EXHAUSTED = 8,
  FIRN_PB_Code_FAILED_PRECONDITION = 9,
  FIRN_PB_Code_ABORTED = 10,
  FIRN_PB_Code_OUT_OF_RANGE = 11,
  FIRN_PB_Code_UNIMPLEMENTED = 12,
  FIRN_PB_Code_INTERNAL = 13,
  FIRN_PB_Code_UNAVAILABLE = 14,
  FIRN_PB_Code_DATA_LOSS = 15,
  FIRN_PB_Code_DO_NOT_USE_RESERVED_FOR_FUTURE_EXPANSION_USE_DEFAULT_IN_SWITCH_INSTEAD_ = 20,
};
extern const firn_pb_enum firn_pb_enum_Code;

/* tensorflow.proto_splitter.ChunkInfo.Type */
enum {
  FIRN_PB_ChunkInfo_Type_UNSET = 0,
  FIRN_PB_ChunkInfo_Type_MESSAGE = 1,
  FIRN_PB_ChunkInfo_Type_BYTES = 2,
};
extern const firn_pb_enum firn_pb_enum_ChunkInfo_Type;

typedef struct firn_pb_Any firn_pb_Any;
typedef struct firn_pb_BoolValue firn_pb_BoolValue;
typedef struct firn_pb_BytesValue firn_pb_BytesValue;
typedef struct firn_pb_DoubleValue firn_pb_DoubleValue;
typedef struct firn_pb_FloatValue firn_pb_FloatValue;
typedef struct firn_pb_Int32Value firn_pb_Int32Value;
typedef struct firn_pb_Int64Value firn_pb_Int64Value;
typedef struct firn_pb_StringValue firn_pb_StringValue;
typedef struct firn_pb_UInt32Value firn_pb_UInt32Value;
typedef struct firn_pb_UInt64Value firn_pb_UInt64Value;
typedef struct firn_pb_AssetFileDef firn_pb_AssetFileDef;
typedef struct firn_pb_AttrValue firn_pb_AttrValue;
typedef struct firn_pb_AttrValue_ListValue firn_pb_AttrValue_ListValue;
typedef struct firn_pb_AutoParallelOptions firn_pb_AutoParallelOptions;
typedef struct firn_pb_BoundedTensorSpecProto firn_pb_BoundedTensorSpecProto;
typedef struct firn_pb_BundleEntryProto firn_pb_BundleEntryProto;
typedef struct firn_pb_BundleHeaderProto firn_pb_BundleHeaderProto;
typedef struct firn_pb_BytesList firn_pb_BytesList;
typedef struct firn_pb_CapturedTensor firn_pb_CapturedTensor;
typedef struct firn_pb_CheckpointState firn_pb_CheckpointState;
typedef struct firn_pb_ClusterDef firn_pb_ClusterDef;
typedef struct firn_pb_CollectionDef firn_pb_CollectionDef;
typedef struct firn_pb_CollectionDef_AnyList firn_pb_CollectionDef_AnyList;
typedef struct firn_pb_CollectionDef_BytesList firn_pb_CollectionDef_BytesList;
typedef struct firn_pb_CollectionDef_FloatList firn_pb_CollectionDef_FloatList;
typedef struct firn_pb_CollectionDef_Int64List firn_pb_CollectionDef_Int64List;
typedef struct firn_pb_CollectionDef_NodeList firn_pb_CollectionDef_NodeList;
typedef struct firn_pb_CompositeTensorVariantMetadata
    firn_pb_CompositeTensorVariantMetadata;
typedef struct firn_pb_CondContextDef firn_pb_CondContextDef;
typedef struct firn_pb_ConfigProto_DeviceCountEntry
    firn_pb_ConfigProto_DeviceCountEntry;
typedef struct firn_pb_ConfigProto firn_pb_ConfigProto;
typedef struct firn_pb_ConfigProto_Experimental
    firn_pb_ConfigProto_Experimental;
typedef struct firn_pb_ControlFlowContextDef firn_pb_ControlFlowContextDef;
typedef struct firn_pb_CoordinatedJob firn_pb_CoordinatedJob;
typedef struct firn_pb_CoordinationServiceConfig
    firn_pb_CoordinationServiceConfig;
typedef struct firn_pb_DebugOptions firn_pb_DebugOptions;
typedef struct firn_pb_DebugTensorWatch firn_pb_DebugTensorWatch;
typedef struct firn_pb_DictValue_FieldsEntry firn_pb_DictValue_FieldsEntry;
typedef struct firn_pb_DictValue firn_pb_DictValue;
typedef struct firn_pb_Event firn_pb_Event;
typedef struct firn_pb_Example firn_pb_Example;
typedef struct firn_pb_Feature firn_pb_Feature;
typedef struct firn_pb_FeatureList firn_pb_FeatureList;
typedef struct firn_pb_FeatureLists_FeatureListEntry
    firn_pb_FeatureLists_FeatureListEntry;
typedef struct firn_pb_FeatureLists firn_pb_FeatureLists;
typedef struct firn_pb_Features_FeatureEntry firn_pb_Features_FeatureEntry;
typedef struct firn_pb_Features firn_pb_Features;
typedef struct firn_pb_FingerprintDef firn_pb_FingerprintDef;
typedef struct firn_pb_FloatList firn_pb_FloatList;
typedef struct firn_pb_FullTypeDef firn_pb_FullTypeDef;
typedef struct firn_pb_FunctionDef_RetEntry firn_pb_FunctionDef_RetEntry;
typedef struct firn_pb_FunctionDef_AttrEntry firn_pb_FunctionDef_AttrEntry;
typedef struct firn_pb_FunctionDef_ControlRetEntry
    firn_pb_FunctionDef_ControlRetEntry;
typedef struct firn_pb_FunctionDef_ArgAttrEntry
    firn_pb_FunctionDef_ArgAttrEntry;
typedef struct firn_pb_FunctionDef_ResourceArgUniqueIdEntry
    firn_pb_FunctionDef_ResourceArgUniqueIdEntry;
typedef struct firn_pb_FunctionDef firn_pb_FunctionDef;
typedef struct firn_pb_FunctionDef_ArgAttrs_AttrEntry
    firn_pb_FunctionDef_ArgAttrs_AttrEntry;
typedef struct firn_pb_FunctionDef_ArgAttrs firn_pb_FunctionDef_ArgAttrs;
typedef struct firn_pb_FunctionDefLibrary firn_pb_FunctionDefLibrary;
typedef struct firn_pb_FunctionSpec firn_pb_FunctionSpec;
typedef struct firn_pb_GPUOptions firn_pb_GPUOptions;
typedef struct firn_pb_GPUOptions_Experimental firn_pb_GPUOptions_Experimental;
typedef struct firn_pb_GPUOptions_Experimental_StreamMergeOptions
    firn_pb_GPUOptions_Experimental_StreamMergeOptions;
typedef struct firn_pb_GPUOptions_Experimental_VirtualDevices
    firn_pb_GPUOptions_Experimental_VirtualDevices;
typedef struct firn_pb_GradientDef firn_pb_GradientDef;
typedef struct firn_pb_GraphDebugInfo_TracesEntry
    firn_pb_GraphDebugInfo_TracesEntry;
typedef struct firn_pb_GraphDebugInfo_FramesByIdEntry
    firn_pb_GraphDebugInfo_FramesByIdEntry;
typedef struct firn_pb_GraphDebugInfo_NameToTraceIdEntry
    firn_pb_GraphDebugInfo_NameToTraceIdEntry;
typedef struct firn_pb_GraphDebugInfo_TracesByIdEntry
    firn_pb_GraphDebugInfo_TracesByIdEntry;
typedef struct firn_pb_GraphDebugInfo firn_pb_GraphDebugInfo;
typedef struct firn_pb_GraphDebugInfo_FileLineCol
    firn_pb_GraphDebugInfo_FileLineCol;
typedef struct firn_pb_GraphDebugInfo_StackTrace
    firn_pb_GraphDebugInfo_StackTrace;
typedef struct firn_pb_GraphDef firn_pb_GraphDef;
typedef struct firn_pb_GraphOptions firn_pb_GraphOptions;
typedef struct firn_pb_HistogramProto firn_pb_HistogramProto;
typedef struct firn_pb_Int64List firn_pb_Int64List;
typedef struct firn_pb_JobDef_TasksEntry firn_pb_JobDef_TasksEntry;
typedef struct firn_pb_JobDef firn_pb_JobDef;
typedef struct firn_pb_ListValue firn_pb_ListValue;
typedef struct firn_pb_LogMessage firn_pb_LogMessage;
typedef struct firn_pb_MetaGraphDef_CollectionDefEntry
    firn_pb_MetaGraphDef_CollectionDefEntry;
typedef struct firn_pb_MetaGraphDef_SignatureDefEntry
    firn_pb_MetaGraphDef_SignatureDefEntry;
typedef struct firn_pb_MetaGraphDef firn_pb_MetaGraphDef;
typedef struct firn_pb_MetaGraphDef_MetaInfoDef_FunctionAliasesEntry
    firn_pb_MetaGraphDef_MetaInfoDef_FunctionAliasesEntry;
typedef struct firn_pb_MetaGraphDef_MetaInfoDef
    firn_pb_MetaGraphDef_MetaInfoDef;
typedef struct firn_pb_NameAttrList_AttrEntry firn_pb_NameAttrList_AttrEntry;
typedef struct firn_pb_NameAttrList firn_pb_NameAttrList;
typedef struct firn_pb_NamedTensorProto firn_pb_NamedTensorProto;
typedef struct firn_pb_NamedTupleValue firn_pb_NamedTupleValue;
typedef struct firn_pb_NodeDef_AttrEntry firn_pb_NodeDef_AttrEntry;
typedef struct firn_pb_NodeDef firn_pb_NodeDef;
typedef struct firn_pb_NodeDef_ExperimentalDebugInfo
    firn_pb_NodeDef_ExperimentalDebugInfo;
typedef struct firn_pb_NoneValue firn_pb_NoneValue;
typedef struct firn_pb_OpDef firn_pb_OpDef;
typedef struct firn_pb_OpDef_ArgDef firn_pb_OpDef_ArgDef;
typedef struct firn_pb_OpDef_AttrDef firn_pb_OpDef_AttrDef;
typedef struct firn_pb_OpDeprecation firn_pb_OpDeprecation;
typedef struct firn_pb_OpList firn_pb_OpList;
typedef struct firn_pb_OptimizerOptions firn_pb_OptimizerOptions;
typedef struct firn_pb_PairValue firn_pb_PairValue;
typedef struct firn_pb_QueueRunnerDef firn_pb_QueueRunnerDef;
typedef struct firn_pb_RPCOptions firn_pb_RPCOptions;
typedef struct firn_pb_RegisteredGradient firn_pb_RegisteredGradient;
typedef struct firn_pb_RegisteredSaver firn_pb_RegisteredSaver;
typedef struct firn_pb_ResourceHandleProto firn_pb_ResourceHandleProto;
typedef struct firn_pb_ResourceHandleProto_DtypeAndShape
    firn_pb_ResourceHandleProto_DtypeAndShape;
typedef struct firn_pb_RewriterConfig firn_pb_RewriterConfig;
typedef struct firn_pb_RewriterConfig_CustomGraphOptimizer_ParameterMapEntry
    firn_pb_RewriterConfig_CustomGraphOptimizer_ParameterMapEntry;
typedef struct firn_pb_RewriterConfig_CustomGraphOptimizer
    firn_pb_RewriterConfig_CustomGraphOptimizer;
typedef struct firn_pb_RunOptions firn_pb_RunOptions;
typedef struct firn_pb_RunOptions_Experimental firn_pb_RunOptions_Experimental;
typedef struct firn_pb_RunOptions_Experimental_RunHandlerPoolOptions
    firn_pb_RunOptions_Experimental_RunHandlerPoolOptions;
typedef struct firn_pb_SaveSliceInfoDef firn_pb_SaveSliceInfoDef;
typedef struct firn_pb_SaveableObject firn_pb_SaveableObject;
typedef struct firn_pb_SavedAsset firn_pb_SavedAsset;
typedef struct firn_pb_SavedBareConcreteFunction
    firn_pb_SavedBareConcreteFunction;
typedef struct firn_pb_SavedConcreteFunction firn_pb_SavedConcreteFunction;
typedef struct firn_pb_SavedConstant firn_pb_SavedConstant;
typedef struct firn_pb_SavedFunction firn_pb_SavedFunction;
typedef struct firn_pb_SavedModel firn_pb_SavedModel;
typedef struct firn_pb_SavedObject_SaveableObjectsEntry
    firn_pb_SavedObject_SaveableObjectsEntry;
typedef struct firn_pb_SavedObject firn_pb_SavedObject;
typedef struct firn_pb_SavedObjectGraph_ConcreteFunctionsEntry
    firn_pb_SavedObjectGraph_ConcreteFunctionsEntry;
typedef struct firn_pb_SavedObjectGraph firn_pb_SavedObjectGraph;
typedef struct firn_pb_SavedResource firn_pb_SavedResource;
typedef struct firn_pb_SavedSlice firn_pb_SavedSlice;
typedef struct firn_pb_SavedSliceMeta firn_pb_SavedSliceMeta;
typedef struct firn_pb_SavedTensorSliceMeta firn_pb_SavedTensorSliceMeta;
typedef struct firn_pb_SavedTensorSlices firn_pb_SavedTensorSlices;
typedef struct firn_pb_SavedUserObject firn_pb_SavedUserObject;
typedef struct firn_pb_SavedVariable firn_pb_SavedVariable;
typedef struct firn_pb_SaverDef firn_pb_SaverDef;
typedef struct firn_pb_ScopedAllocatorOptions firn_pb_ScopedAllocatorOptions;
typedef struct firn_pb_SequenceExample firn_pb_SequenceExample;
typedef struct firn_pb_SessionLog firn_pb_SessionLog;
typedef struct firn_pb_SessionMetadata firn_pb_SessionMetadata;
typedef struct firn_pb_SignatureDef_InputsEntry
    firn_pb_SignatureDef_InputsEntry;
typedef struct firn_pb_SignatureDef_OutputsEntry
    firn_pb_SignatureDef_OutputsEntry;
typedef struct firn_pb_SignatureDef_DefaultsEntry
    firn_pb_SignatureDef_DefaultsEntry;
typedef struct firn_pb_SignatureDef firn_pb_SignatureDef;
typedef struct firn_pb_SourceMetadata firn_pb_SourceMetadata;
typedef struct firn_pb_StructuredValue firn_pb_StructuredValue;
typedef struct firn_pb_Summary firn_pb_Summary;
typedef struct firn_pb_Summary_Audio firn_pb_Summary_Audio;
typedef struct firn_pb_Summary_Image firn_pb_Summary_Image;
typedef struct firn_pb_Summary_Value firn_pb_Summary_Value;
typedef struct firn_pb_SummaryMetadata firn_pb_SummaryMetadata;
typedef struct firn_pb_SummaryMetadata_PluginData
    firn_pb_SummaryMetadata_PluginData;
typedef struct firn_pb_TaggedRunMetadata firn_pb_TaggedRunMetadata;
typedef struct firn_pb_TensorInfo firn_pb_TensorInfo;
typedef struct firn_pb_TensorInfo_CompositeTensor
    firn_pb_TensorInfo_CompositeTensor;
typedef struct firn_pb_TensorInfo_CooSparse firn_pb_TensorInfo_CooSparse;
typedef struct firn_pb_TensorProto firn_pb_TensorProto;
typedef struct firn_pb_TensorShapeProto firn_pb_TensorShapeProto;
typedef struct firn_pb_TensorShapeProto_Dim firn_pb_TensorShapeProto_Dim;
typedef struct firn_pb_TensorSliceProto firn_pb_TensorSliceProto;
typedef struct firn_pb_TensorSliceProto_Extent firn_pb_TensorSliceProto_Extent;
typedef struct firn_pb_TensorSpecProto firn_pb_TensorSpecProto;
typedef struct firn_pb_ThreadPoolOptionProto firn_pb_ThreadPoolOptionProto;
typedef struct firn_pb_TrackableObjectGraph firn_pb_TrackableObjectGraph;
typedef struct firn_pb_TrackableObjectGraph_TrackableObject
    firn_pb_TrackableObjectGraph_TrackableObject;
typedef struct firn_pb_TrackableObjectGraph_TrackableObject_ObjectReference
    firn_pb_TrackableObjectGraph_TrackableObject_ObjectReference;
typedef struct firn_pb_TrackableObjectGraph_TrackableObject_SerializedTensor
    firn_pb_TrackableObjectGraph_TrackableObject_SerializedTensor;
typedef struct firn_pb_TrackableObjectGraph_TrackableObject_SlotVariableReference
    firn_pb_TrackableObjectGraph_TrackableObject_SlotVariableReference;
typedef struct firn_pb_TupleValue firn_pb_TupleValue;
typedef struct firn_pb_TypeSpecProto firn_pb_TypeSpecProto;
typedef struct firn_pb_ValuesDef_ExternalValuesEntry
    firn_pb_ValuesDef_ExternalValuesEntry;
typedef struct firn_pb_ValuesDef firn_pb_ValuesDef;
typedef struct firn_pb_VariableDef firn_pb_VariableDef;
typedef struct firn_pb_VariantTensorDataProto firn_pb_VariantTensorDataProto;
typedef struct firn_pb_VerifierConfig firn_pb_VerifierConfig;
typedef struct firn_pb_VersionDef firn_pb_VersionDef;
typedef struct firn_pb_WhileContextDef firn_pb_WhileContextDef;
typedef struct firn_pb_ChunkInfo firn_pb_ChunkInfo;
typedef struct firn_pb_ChunkMetadata firn_pb_ChunkMetadata;
typedef struct firn_pb_ChunkedField firn_pb_ChunkedField;
typedef struct firn_pb_ChunkedMessage firn_pb_ChunkedMessage;
typedef struct firn_pb_FieldIndex firn_pb_FieldIndex;
typedef struct firn_pb_FieldIndex_MapKey firn_pb_FieldIndex_MapKey;
typedef struct firn_pb_proto_splitter_VersionDef
    firn_pb_proto_splitter_VersionDef;

/* google.protobuf.Any */
struct firn_pb_Any {
  firn_pb_unknown unknown;
  firn_str type_url;
  firn_str value;
};
extern const firn_pb_type firn_pb_type_Any;

/* google.protobuf.BoolValue */
struct firn_pb_BoolValue {
  firn_pb_unknown unknown;
  bool value;
};
extern const firn_pb_type firn_pb_type_BoolValue;

/* google.protobuf.BytesValue */
struct firn_pb_BytesValue {
  firn_pb_unknown unknown;
  firn_str value;
};
extern const firn_pb_type firn_pb_type_BytesValue;

/* google.protobuf.DoubleValue */
struct firn_pb_DoubleValue {
  firn_pb_unknown unknown;
  double value;
};
extern const firn_pb_type firn_pb_type_DoubleValue;

/* google.protobuf.FloatValue */
struct firn_pb_FloatValue {
  firn_pb_unknown unknown;
  float value;
};
extern const firn_pb_type firn_pb_type_FloatValue;

/* google.protobuf.Int32Value */
struct firn_pb_Int32Value {
  firn_pb_unknown unknown;
  int32_t value;
};
extern const firn_pb_type firn_pb_type_Int32Value;

/* google.protobuf.Int64Value */
struct firn_pb_Int64Value {
  firn_pb_unknown unknown;
  int64_t value;
};
extern const firn_pb_type firn_pb_type_Int64Value;

/* google.protobuf.StringValue */
struct firn_pb_StringValue {
  firn_pb_unknown unknown;
  firn_str value;
};
extern const firn_pb_type firn_pb_type_StringValue;

/* google.protobuf.UInt32Value */
struct firn_pb_UInt32Value {
  firn_pb_unknown unknown;
  uint32_t value;
};
extern const firn_pb_type firn_pb_type_UInt32Value;

/* google.protobuf.UInt64Value */
struct firn_pb_UInt64Value {
  firn_pb_unknown unknown;
  uint64_t value;
};
extern const firn_pb_type firn_pb_type_UInt64Value;

/* tensorflow.AssetFileDef */
struct firn_pb_AssetFileDef {
  firn_pb_unknown unknown;
  firn_pb_TensorInfo *tensor_info;
  firn_str filename;
};
extern const firn_pb_type firn_pb_type_AssetFileDef;

/* tensorflow.AttrValue */
struct firn_pb_AttrValue {
  firn_pb_unknown unknown;
  union {
    firn_pb_AttrValue_ListValue *list;
    firn_str s;
    int64_t i;
    float f;
    bool b;
    int32_t type;
    firn_pb_TensorShapeProto *shape;
    firn_pb_TensorProto *tensor;
    firn_str placeholder;
    firn_pb_NameAttrList *func;
  };
  int32_t value_case;
};
extern const firn_pb_type firn_pb_type_AttrValue;

/* tensorflow.AttrValue.ListValue */
struct firn_pb_AttrValue_ListValue {
  firn_pb_unknown unknown;
  firn_str *s;
  size_t s_count;
  int64_t *i;
  size_t i_count;
  float *f;
  size_t f_count;
  bool *b;
  size_t b_count;
  int32_t *type;
  size_t type_count;
  firn_pb_TensorShapeProto **shape;
  size_t shape_count;
  firn_pb_TensorProto **tensor;
  size_t tensor_count;
  firn_pb_NameAttrList **func;
  size_t func_count;
};
extern const firn_pb_type firn_pb_type_AttrValue_ListValue;

/* tensorflow.AutoParallelOptions */
struct firn_pb_AutoParallelOptions {
  firn_pb_unknown unknown;
  bool enable;
  int32_t num_replicas;
};
extern const firn_pb_type firn_pb_type_AutoParallelOptions;

/* tensorflow.BoundedTensorSpecProto */
struct firn_pb_BoundedTensorSpecProto {
  firn_pb_unknown unknown;
  firn_str name;
  firn_pb_TensorShapeProto *shape;
  int32_t dtype;
  firn_pb_TensorProto *minimum;
  firn_pb_TensorProto *maximum;
};
extern const firn_pb_type firn_pb_type_BoundedTensorSpecProto;

/* tensorflow.BundleEntryProto */
struct firn_pb_BundleEntryProto {
  firn_pb_unknown unknown;
  int32_t dtype;
  firn_pb_TensorShapeProto *shape;
  int32_t shard_id;
  int64_t offset;
  int64_t size;
  uint32_t crc32c;
  firn_pb_TensorSliceProto **slices;
  size_t slices_count;
};
extern const firn_pb_type firn_pb_type_BundleEntryProto;

/* tensorflow.BundleHeaderProto */
struct firn_pb_BundleHeaderProto {
  firn_pb_unknown unknown;
  int32_t num_shards;
  int32_t endianness;
  firn_pb_VersionDef *version;
};
extern const firn_pb_type firn_pb_type_BundleHeaderProto;

/* tensorflow.BytesList */
struct firn_pb_BytesList {
  firn_pb_unknown unknown;
  firn_str *value;
  size_t value_count;
};
extern const firn_pb_type firn_pb_type_BytesList;

/* tensorflow.CapturedTensor */
struct firn_pb_CapturedTensor {
  firn_pb_unknown unknown;
  firn_str name;
  firn_str concrete_function;
};
extern const firn_pb_type firn_pb_type_CapturedTensor;

/* tensorflow.CheckpointState */
struct firn_pb_CheckpointState {
  firn_pb_unknown unknown;
  firn_str model_checkpoint_path;
  firn_str *all_model_checkpoint_paths;
  size_t all_model_checkpoint_paths_count;
  double *all_model_checkpoint_timestamps;
  size_t all_model_checkpoint_timestamps_count;
  double last_preserved_timestamp;
};
extern const firn_pb_type firn_pb_type_CheckpointState;

/* tensorflow.ClusterDef */
struct firn_pb_ClusterDef {
  firn_pb_unknown unknown;
  firn_pb_JobDef **job;
  size_t job_count;
};
extern const firn_pb_type firn_pb_type_ClusterDef;

/* tensorflow.CollectionDef */
struct firn_pb_CollectionDef {
  firn_pb_unknown unknown;
  union {
    firn_pb_CollectionDef_NodeList *node_list;
    firn_pb_CollectionDef_BytesList *bytes_list;
    firn_pb_CollectionDef_Int64List *int64_list;
    firn_pb_CollectionDef_FloatList *float_list;
    firn_pb_CollectionDef_AnyList *any_list;
  };
  int32_t kind_case;
};
extern const firn_pb_type firn_pb_type_CollectionDef;

/* tensorflow.CollectionDef.AnyList */
struct firn_pb_CollectionDef_AnyList {
  firn_pb_unknown unknown;
  firn_pb_Any **value;
  size_t value_count;
};
extern const firn_pb_type firn_pb_type_CollectionDef_AnyList;

/* tensorflow.CollectionDef.BytesList */
struct firn_pb_CollectionDef_BytesList {
  firn_pb_unknown unknown;
  firn_str *value;
  size_t value_count;
};
extern const firn_pb_type firn_pb_type_CollectionDef_BytesList;

/* tensorflow.CollectionDef.FloatList */
struct firn_pb_CollectionDef_FloatList {
  firn_pb_unknown unknown;
  float *value;
  size_t value_count;
};
extern const firn_pb_type firn_pb_type_CollectionDef_FloatList;

/* tensorflow.CollectionDef.Int64List */
struct firn_pb_CollectionDef_Int64List {
  firn_pb_unknown unknown;
  int64_t *value;
  size_t value_count;
};
extern const firn_pb_type firn_pb_type_CollectionDef_Int64List;

/* tensorflow.CollectionDef.NodeList */
struct firn_pb_CollectionDef_NodeList {
  firn_pb_unknown unknown;
  firn_str *value;
  size_t value_count;
};
extern const firn_pb_type firn_pb_type_CollectionDef_NodeList;

/* tensorflow.CompositeTensorVariantMetadata */
struct firn_pb_CompositeTensorVariantMetadata {
  firn_pb_unknown unknown;
  firn_pb_TypeSpecProto *type_spec_proto;
};
extern const firn_pb_type firn_pb_type_CompositeTensorVariantMetadata;

/* tensorflow.CondContextDef */
struct firn_pb_CondContextDef {
  firn_pb_unknown unknown;
  firn_str context_name;
  firn_str pred_name;
  firn_str pivot_name;
  int32_t branch;
  firn_pb_ValuesDef *values_def;
  firn_pb_ControlFlowContextDef **nested_contexts;
  size_t nested_contexts_count;
};
extern const firn_pb_type firn_pb_type_CondContextDef;

/* tensorflow.ConfigProto.DeviceCountEntry */
struct firn_pb_ConfigProto_DeviceCountEntry {
  firn_pb_unknown unknown;
  firn_str key;
  int32_t value;
};
extern const firn_pb_type firn_pb_type_ConfigProto_DeviceCountEntry;

/* tensorflow.ConfigProto */
struct firn_pb_ConfigProto {
  firn_pb_unknown unknown;
  firn_pb_ConfigProto_DeviceCountEntry **device_count;
  size_t device_count_count;
  int32_t intra_op_parallelism_threads;
  int32_t placement_period;
  firn_str *device_filters;
  size_t device_filters_count;
  int32_t inter_op_parallelism_threads;
  firn_pb_GPUOptions *gpu_options;
  bool allow_soft_placement;
  bool log_device_placement;
  bool use_per_session_threads;
  firn_pb_GraphOptions *graph_options;
  int64_t operation_timeout_in_ms;
  firn_pb_ThreadPoolOptionProto **session_inter_op_thread_pool;
  size_t session_inter_op_thread_pool_count;
  firn_pb_RPCOptions *rpc_options;
  firn_pb_ClusterDef *cluster_def;
  bool isolate_session_state;
  firn_pb_ConfigProto_Experimental *experimental;
  bool share_cluster_devices_in_session;
  firn_pb_GPUOptions *pluggable_device_options;
};
extern const firn_pb_type firn_pb_type_ConfigProto;

/* tensorflow.ConfigProto.Experimental */
struct firn_pb_ConfigProto_Experimental {
  firn_pb_unknown unknown;
  firn_str collective_group_leader;
  firn_str executor_type;
  int32_t recv_buf_max_chunk;
  bool use_numa_affinity;
  bool collective_deterministic_sequential_execution;
  bool collective_nccl;
  bool share_session_state_in_clusterspec_propagation;
  bool disable_thread_spinning;
  bool share_cluster_devices_in_session;
  firn_pb_SessionMetadata *session_metadata;
  bool optimize_for_static_graph;
  bool enable_mlir_bridge;
  bool disable_output_partition_graphs;
  int64_t xla_fusion_autotuner_thresh;
  bool enable_mlir_graph_optimization;
  int32_t mlir_bridge_rollout;
  bool use_tfrt;
  bool disable_functional_ops_lowering;
  bool xla_prefer_single_graph_cluster;
  firn_pb_CoordinationServiceConfig *coordination_config;
  bool disable_optimize_for_static_graph;
  bool disable_eager_executor_streaming_enqueue;
  bool enable_multi_host;
  int32_t backend_server_port;
  bool target_tpu;
  bool target_gpu;
  int32_t stream_merge_threshold;
  bool tfrt_use_ifrt;
  bool finalize_function_library_runtime;
  bool finalize_resource_manager;
  firn_str tf2xla_dump_dir;
  bool online_cost_analysis;
};
extern const firn_pb_type firn_pb_type_ConfigProto_Experimental;

/* tensorflow.ControlFlowContextDef */
struct firn_pb_ControlFlowContextDef {
  firn_pb_unknown unknown;
  union {
    firn_pb_CondContextDef *cond_ctxt;
    firn_pb_WhileContextDef *while_ctxt;
  };
  int32_t ctxt_case;
};
extern const firn_pb_type firn_pb_type_ControlFlowContextDef;

/* tensorflow.CoordinatedJob */
struct firn_pb_CoordinatedJob {
  firn_pb_unknown unknown;
  firn_str name;
  int32_t num_tasks;
};
extern const firn_pb_type firn_pb_type_CoordinatedJob;

/* tensorflow.CoordinationServiceConfig */
struct firn_pb_CoordinationServiceConfig {
  firn_pb_unknown unknown;
  firn_str service_type;
  firn_str service_leader;
  bool enable_health_check;
  int64_t cluster_register_timeout_in_ms;
  int64_t heartbeat_timeout_in_ms;
  int64_t shutdown_barrier_timeout_in_ms;
  bool agent_destruction_without_shutdown;
  firn_str *recoverable_jobs;
  size_t recoverable_jobs_count;
  firn_pb_CoordinatedJob **coordinated_job_list;
  size_t coordinated_job_list_count;
  bool allow_new_incarnation_to_reconnect;
  bool force_disable;
  bool poll_for_error_from_service_at_startup;
  bool cluster_register_with_barrier;
};
extern const firn_pb_type firn_pb_type_CoordinationServiceConfig;

/* tensorflow.DebugOptions */
struct firn_pb_DebugOptions {
  firn_pb_unknown unknown;
  firn_pb_DebugTensorWatch **debug_tensor_watch_opts;
  size_t debug_tensor_watch_opts_count;
  int64_t global_step;
  bool reset_disk_byte_usage;
};
extern const firn_pb_type firn_pb_type_DebugOptions;

/* tensorflow.DebugTensorWatch */
struct firn_pb_DebugTensorWatch {
  firn_pb_unknown unknown;
  firn_str node_name;
  int32_t output_slot;
  firn_str *debug_ops;
  size_t debug_ops_count;
  firn_str *debug_urls;
  size_t debug_urls_count;
  bool tolerate_debug_op_creation_failures;
};
extern const firn_pb_type firn_pb_type_DebugTensorWatch;

/* tensorflow.DictValue.FieldsEntry */
struct firn_pb_DictValue_FieldsEntry {
  firn_pb_unknown unknown;
  firn_str key;
  firn_pb_StructuredValue *value;
};
extern const firn_pb_type firn_pb_type_DictValue_FieldsEntry;

/* tensorflow.DictValue */
struct firn_pb_DictValue {
  firn_pb_unknown unknown;
  firn_pb_DictValue_FieldsEntry **fields;
  size_t fields_count;
};
extern const firn_pb_type firn_pb_type_DictValue;

/* tensorflow.Event */
struct firn_pb_Event {
  firn_pb_unknown unknown;
  double wall_time;
  int64_t step;
  union {
    firn_str file_version;
    firn_str graph_def;
    firn_pb_Summary *summary;
    firn_pb_LogMessage *log_message;
    firn_pb_SessionLog *session_log;
    firn_pb_TaggedRunMetadata *tagged_run_metadata;
    firn_str meta_graph_def;
  };
  int32_t what_case;
  firn_pb_SourceMetadata *source_metadata;
};
extern const firn_pb_type firn_pb_type_Event;

/* tensorflow.Example */
struct firn_pb_Example {
  firn_pb_unknown unknown;
  firn_pb_Features *features;
};
extern const firn_pb_type firn_pb_type_Example;

/* tensorflow.Feature */
struct firn_pb_Feature {
  firn_pb_unknown unknown;
  union {
    firn_pb_BytesList *bytes_list;
    firn_pb_FloatList *float_list;
    firn_pb_Int64List *int64_list;
  };
  int32_t kind_case;
};
extern const firn_pb_type firn_pb_type_Feature;

/* tensorflow.FeatureList */
struct firn_pb_FeatureList {
  firn_pb_unknown unknown;
  firn_pb_Feature **feature;
  size_t feature_count;
};
extern const firn_pb_type firn_pb_type_FeatureList;

/* tensorflow.FeatureLists.FeatureListEntry */
struct firn_pb_FeatureLists_FeatureListEntry {
  firn_pb_unknown unknown;
  firn_str key;
  firn_pb_FeatureList *value;
};
extern const firn_pb_type firn_pb_type_FeatureLists_FeatureListEntry;

/* tensorflow.FeatureLists */
struct firn_pb_FeatureLists {
  firn_pb_unknown unknown;
  firn_pb_FeatureLists_FeatureListEntry **feature_list;
  size_t feature_list_count;
};
extern const firn_pb_type firn_pb_type_FeatureLists;

/* tensorflow.Features.FeatureEntry */
struct firn_pb_Features_FeatureEntry {
  firn_pb_unknown unknown;
  firn_str key;
  firn_pb_Feature *value;
};
extern const firn_pb_type firn_pb_type_Features_FeatureEntry;

/* tensorflow.Features */
struct firn_pb_Features {
  firn_pb_unknown unknown;
  firn_pb_Features_FeatureEntry **feature;
  size_t feature_count;
};
extern const firn_pb_type firn_pb_type_Features;

/* tensorflow.FingerprintDef */
struct firn_pb_FingerprintDef {
  firn_pb_unknown unknown;
  uint64_t saved_model_checksum;
  uint64_t graph_def_program_hash;
  uint64_t signature_def_hash;
  uint64_t saved_object_graph_hash;
  uint64_t checkpoint_hash;
  firn_pb_VersionDef *version;
  firn_str uuid;
};
extern const firn_pb_type firn_pb_type_FingerprintDef;

/* tensorflow.FloatList */
struct firn_pb_FloatList {
  firn_pb_unknown unknown;
  float *value;
  size_t value_count;
};
extern const firn_pb_type firn_pb_type_FloatList;

/* tensorflow.FullTypeDef */
struct firn_pb_FullTypeDef {
  firn_pb_unknown unknown;
  int32_t type_id;
  firn_pb_FullTypeDef **args;
  size_t args_count;
  union {
    firn_str s;
    int64_t i;
  };
  int32_t attr_case;
};
extern const firn_pb_type firn_pb_type_FullTypeDef;

/* tensorflow.FunctionDef.RetEntry */
struct firn_pb_FunctionDef_RetEntry {
  firn_pb_unknown unknown;
  firn_str key;
  firn_str value;
};
extern const firn_pb_type firn_pb_type_FunctionDef_RetEntry;

/* tensorflow.FunctionDef.AttrEntry */
struct firn_pb_FunctionDef_AttrEntry {
  firn_pb_unknown unknown;
  firn_str key;
  firn_pb_AttrValue *value;
};
extern const firn_pb_type firn_pb_type_FunctionDef_AttrEntry;

/* tensorflow.FunctionDef.ControlRetEntry */
struct firn_pb_FunctionDef_ControlRetEntry {
  firn_pb_unknown unknown;
  firn_str key;
  firn_str value;
};
extern const firn_pb_type firn_pb_type_FunctionDef_ControlRetEntry;

/* tensorflow.FunctionDef.ArgAttrEntry */
struct firn_pb_FunctionDef_ArgAttrEntry {
  firn_pb_unknown unknown;
  uint32_t key;
  firn_pb_FunctionDef_ArgAttrs *value;
};
extern const firn_pb_type firn_pb_type_FunctionDef_ArgAttrEntry;

/* tensorflow.FunctionDef.ResourceArgUniqueIdEntry */
struct firn_pb_FunctionDef_ResourceArgUniqueIdEntry {
  firn_pb_unknown unknown;
  uint32_t key;
  uint32_t value;
};
extern const firn_pb_type firn_pb_type_FunctionDef_ResourceArgUniqueIdEntry;

/* tensorflow.FunctionDef */
struct firn_pb_FunctionDef {
  firn_pb_unknown unknown;
  firn_pb_OpDef *signature;
  firn_pb_NodeDef **node_def;
  size_t node_def_count;
  firn_pb_FunctionDef_RetEntry **ret;
  size_t ret_count;
  firn_pb_FunctionDef_AttrEntry **attr;
  size_t attr_count;
  firn_pb_FunctionDef_ControlRetEntry **control_ret;
  size_t control_ret_count;
  firn_pb_FunctionDef_ArgAttrEntry **arg_attr;
  size_t arg_attr_count;
  firn_pb_FunctionDef_ResourceArgUniqueIdEntry **resource_arg_unique_id;
  size_t resource_arg_unique_id_count;
};
extern const firn_pb_type firn_pb_type_FunctionDef;

/* tensorflow.FunctionDef.ArgAttrs.AttrEntry */
struct firn_pb_FunctionDef_ArgAttrs_AttrEntry {
  firn_pb_unknown unknown;
  firn_str key;
  firn_pb_AttrValue *value;
};
extern const firn_pb_type firn_pb_type_FunctionDef_ArgAttrs_AttrEntry;

/* tensorflow.FunctionDef.ArgAttrs */
struct firn_pb_FunctionDef_ArgAttrs {
  firn_pb_unknown unknown;
  firn_pb_FunctionDef_ArgAttrs_AttrEntry **attr;
  size_t attr_count;
};
extern const firn_pb_type firn_pb_type_FunctionDef_ArgAttrs;

/* tensorflow.FunctionDefLibrary */
struct firn_pb_FunctionDefLibrary {
  firn_pb_unknown unknown;
  firn_pb_FunctionDef **function;
  size_t function_count;
  firn_pb_GradientDef **gradient;
  size_t gradient_count;
  firn_pb_RegisteredGradient **registered_gradients;
  size_t registered_gradients_count;
};
extern const firn_pb_type firn_pb_type_FunctionDefLibrary;

/* tensorflow.FunctionSpec */
struct firn_pb_FunctionSpec {
  firn_pb_unknown unknown;
  firn_pb_StructuredValue *fullargspec;
  bool is_method;
  firn_pb_StructuredValue *input_signature;
  int32_t jit_compile;
};
extern const firn_pb_type firn_pb_type_FunctionSpec;

/* tensorflow.GPUOptions */
struct firn_pb_GPUOptions {
  firn_pb_unknown unknown;
  double per_process_gpu_memory_fraction;
  firn_str allocator_type;
  int64_t deferred_deletion_bytes;
  bool allow_growth;
  firn_str visible_device_list;
  int32_t polling_active_delay_usecs;
  int32_t polling_inactive_delay_msecs;
  bool force_gpu_compatible;
  firn_pb_GPUOptions_Experimental *experimental;
};
extern const firn_pb_type firn_pb_type_GPUOptions;

/* tensorflow.GPUOptions.Experimental */
struct firn_pb_GPUOptions_Experimental {
  firn_pb_unknown unknown;
  firn_pb_GPUOptions_Experimental_VirtualDevices **virtual_devices;
  size_t virtual_devices_count;
  bool use_unified_memory;
  int32_t num_dev_to_dev_copy_streams;
  firn_str collective_ring_order;
  bool timestamped_allocator;
  int32_t kernel_tracker_max_interval;
  int32_t kernel_tracker_max_bytes;
  int32_t kernel_tracker_max_pending;
  double internal_fragmentation_fraction;
  bool use_cuda_malloc_async;
  bool disallow_retry_on_allocation_failure;
  float gpu_host_mem_limit_in_mb;
  bool gpu_host_mem_disallow_growth;
  int32_t num_virtual_devices_per_gpu;
  int32_t gpu_system_memory_size_in_mb;
  bool populate_pjrt_gpu_client_creation_info;
  int32_t node_id;
  firn_pb_GPUOptions_Experimental_StreamMergeOptions *stream_merge_options;
};
extern const firn_pb_type firn_pb_type_GPUOptions_Experimental;

/* tensorflow.GPUOptions.Experimental.StreamMergeOptions */
struct firn_pb_GPUOptions_Experimental_StreamMergeOptions {
  firn_pb_unknown unknown;
  bool merge_host_to_device_stream;
  bool merge_device_to_host_stream;
  bool merge_device_to_device_stream;
};
extern const firn_pb_type firn_pb_type_GPUOptions_Experimental_StreamMergeOptions;

/* tensorflow.GPUOptions.Experimental.VirtualDevices */
struct firn_pb_GPUOptions_Experimental_VirtualDevices {
  firn_pb_unknown unknown;
  float *memory_limit_mb;
  size_t memory_limit_mb_count;
  int32_t *priority;
  size_t priority_count;
  int32_t *device_ordinal;
  size_t device_ordinal_count;
};
extern const firn_pb_type firn_pb_type_GPUOptions_Experimental_VirtualDevices;

/* tensorflow.GradientDef */
struct firn_pb_GradientDef {
  firn_pb_unknown unknown;
  firn_str function_name;
  firn_str gradient_func;
};
extern const firn_pb_type firn_pb_type_GradientDef;

/* tensorflow.GraphDebugInfo.TracesEntry */
struct firn_pb_GraphDebugInfo_TracesEntry {
  firn_pb_unknown unknown;
  firn_str key;
  firn_pb_GraphDebugInfo_StackTrace *value;
};
extern const firn_pb_type firn_pb_type_GraphDebugInfo_TracesEntry;

/* tensorflow.GraphDebugInfo.FramesByIdEntry */
struct firn_pb_GraphDebugInfo_FramesByIdEntry {
  firn_pb_unknown unknown;
  uint64_t key;
  firn_pb_GraphDebugInfo_FileLineCol *value;
};
extern const firn_pb_type firn_pb_type_GraphDebugInfo_FramesByIdEntry;

/* tensorflow.GraphDebugInfo.NameToTraceIdEntry */
struct firn_pb_GraphDebugInfo_NameToTraceIdEntry {
  firn_pb_unknown unknown;
  firn_str key;
  uint64_t value;
};
extern const firn_pb_type firn_pb_type_GraphDebugInfo_NameToTraceIdEntry;

/* tensorflow.GraphDebugInfo.TracesByIdEntry */
struct firn_pb_GraphDebugInfo_TracesByIdEntry {
  firn_pb_unknown unknown;
  uint64_t key;
  firn_pb_GraphDebugInfo_StackTrace *value;
};
extern const firn_pb_type firn_pb_type_GraphDebugInfo_TracesByIdEntry;

/* tensorflow.GraphDebugInfo */
struct firn_pb_GraphDebugInfo {
  firn_pb_unknown unknown;
  firn_str *files;
  size_t files_count;
  firn_pb_GraphDebugInfo_TracesEntry **traces;
  size_t traces_count;
  firn_pb_GraphDebugInfo_FramesByIdEntry **frames_by_id;
  size_t frames_by_id_count;
  firn_pb_GraphDebugInfo_NameToTraceIdEntry **name_to_trace_id;
  size_t name_to_trace_id_count;
  firn_pb_GraphDebugInfo_TracesByIdEntry **traces_by_id;
  size_t traces_by_id_count;
};
extern const firn_pb_type firn_pb_type_GraphDebugInfo;

/* tensorflow.GraphDebugInfo.FileLineCol */
struct firn_pb_GraphDebugInfo_FileLineCol {
  firn_pb_unknown unknown;
  int32_t file_index;
  int32_t file_index_case;
  int32_t line;
  int32_t line_case;
  int32_t col;
  int32_t col_case;
  firn_str func;
  int32_t func_case;
  firn_str code;
  int32_t code_case;
};
extern const firn_pb_type firn_pb_type_GraphDebugInfo_FileLineCol;

/* tensorflow.GraphDebugInfo.StackTrace */
struct firn_pb_GraphDebugInfo_StackTrace {
  firn_pb_unknown unknown;
  firn_pb_GraphDebugInfo_FileLineCol **file_line_cols;
  size_t file_line_cols_count;
  uint64_t *frame_id;
  size_t frame_id_count;
};
extern const firn_pb_type firn_pb_type_GraphDebugInfo_StackTrace;

/* tensorflow.GraphDef */
struct firn_pb_GraphDef {
  firn_pb_unknown unknown;
  firn_pb_NodeDef **node;
  size_t node_count;
  firn_pb_FunctionDefLibrary *library;
  int32_t version;
  firn_pb_VersionDef *versions;
  firn_pb_GraphDebugInfo *debug_info;
};
extern const firn_pb_type firn_pb_type_GraphDef;

/* tensorflow.GraphOptions */
struct firn_pb_GraphOptions {
  firn_pb_unknown unknown;
  bool enable_recv_scheduling;
  firn_pb_OptimizerOptions *optimizer_options;
  int64_t build_cost_model;
  bool infer_shapes;
  bool place_pruned_graph;
  bool enable_bfloat16_sendrecv;
  int32_t timeline_step;
  int64_t build_cost_model_after;
  firn_pb_RewriterConfig *rewrite_options;
};
extern const firn_pb_type firn_pb_type_GraphOptions;

/* tensorflow.HistogramProto */
struct firn_pb_HistogramProto {
  firn_pb_unknown unknown;
  double min;
  double max;
  double num;
  double sum;
  double sum_squares;
  double *bucket_limit;
  size_t bucket_limit_count;
  double *bucket;
  size_t bucket_count;
};
extern const firn_pb_type firn_pb_type_HistogramProto;

/* tensorflow.Int64List */
struct firn_pb_Int64List {
  firn_pb_unknown unknown;
  int64_t *value;
  size_t value_count;
};
extern const firn_pb_type firn_pb_type_Int64List;

/* tensorflow.JobDef.TasksEntry */
struct firn_pb_JobDef_TasksEntry {
  firn_pb_unknown unknown;
  int32_t key;
  firn_str value;
};
extern const firn_pb_type firn_pb_type_JobDef_TasksEntry;

/* tensorflow.JobDef */
struct firn_pb_JobDef {
  firn_pb_unknown unknown;
  firn_str name;
  firn_pb_JobDef_TasksEntry **tasks;
  size_t tasks_count;
};
extern const firn_pb_type firn_pb_type_JobDef;

/* tensorflow.ListValue */
struct firn_pb_ListValue {
  firn_pb_unknown unknown;
  firn_pb_StructuredValue **values;
  size_t values_count;
};
extern const firn_pb_type firn_pb_type_ListValue;

/* tensorflow.LogMessage */
struct firn_pb_LogMessage {
  firn_pb_unknown unknown;
  int32_t level;
  firn_str message;
};
extern const firn_pb_type firn_pb_type_LogMessage;

/* tensorflow.MetaGraphDef.CollectionDefEntry */
struct firn_pb_MetaGraphDef_CollectionDefEntry {
  firn_pb_unknown unknown;
  firn_str key;
  firn_pb_CollectionDef *value;
};
extern const firn_pb_type firn_pb_type_MetaGraphDef_CollectionDefEntry;

/* tensorflow.MetaGraphDef.SignatureDefEntry */
struct firn_pb_MetaGraphDef_SignatureDefEntry {
  firn_pb_unknown unknown;
  firn_str key;
  firn_pb_SignatureDef *value;
};
extern const firn_pb_type firn_pb_type_MetaGraphDef_SignatureDefEntry;

/* tensorflow.MetaGraphDef */
struct firn_pb_MetaGraphDef {
  firn_pb_unknown unknown;
  firn_pb_MetaGraphDef_MetaInfoDef *meta_info_def;
  firn_pb_GraphDef *graph_def;
  firn_pb_SaverDef *saver_def;
  firn_pb_MetaGraphDef_CollectionDefEntry **collection_def;
  size_t collection_def_count;
  firn_pb_MetaGraphDef_SignatureDefEntry **signature_def;
  size_t signature_def_count;
  firn_pb_AssetFileDef **asset_file_def;
  size_t asset_file_def_count;
  firn_pb_SavedObjectGraph *object_graph_def;
};
extern const firn_pb_type firn_pb_type_MetaGraphDef;

/* tensorflow.MetaGraphDef.MetaInfoDef.FunctionAliasesEntry */
struct firn_pb_MetaGraphDef_MetaInfoDef_FunctionAliasesEntry {
  firn_pb_unknown unknown;
  firn_str key;
  firn_str value;
};
extern const firn_pb_type firn_pb_type_MetaGraphDef_MetaInfoDef_FunctionAliasesEntry;

/* tensorflow.MetaGraphDef.MetaInfoDef */
struct firn_pb_MetaGraphDef_MetaInfoDef {
  firn_pb_unknown unknown;
  firn_str meta_graph_version;
  firn_pb_OpList *stripped_op_list;
  firn_pb_Any *any_info;
  firn_str *tags;
  size_t tags_count;
  firn_str tensorflow_version;
  firn_str tensorflow_git_version;
  bool stripped_default_attrs;
  firn_pb_MetaGraphDef_MetaInfoDef_FunctionAliasesEntry **function_aliases;
  size_t function_aliases_count;
};
extern const firn_pb_type firn_pb_type_MetaGraphDef_MetaInfoDef;

/* tensorflow.NameAttrList.AttrEntry */
struct firn_pb_NameAttrList_AttrEntry {
  firn_pb_unknown unknown;
  firn_str key;
  firn_pb_AttrValue *value;
};
extern const firn_pb_type firn_pb_type_NameAttrList_AttrEntry;

/* tensorflow.NameAttrList */
struct firn_pb_NameAttrList {
  firn_pb_unknown unknown;
  firn_str name;
  firn_pb_NameAttrList_AttrEntry **attr;
  size_t attr_count;
};
extern const firn_pb_type firn_pb_type_NameAttrList;

/* tensorflow.NamedTensorProto */
struct firn_pb_NamedTensorProto {
  firn_pb_unknown unknown;
  firn_str name;
  firn_pb_TensorProto *tensor;
};
extern const firn_pb_type firn_pb_type_NamedTensorProto;

/* tensorflow.NamedTupleValue */
struct firn_pb_NamedTupleValue {
  firn_pb_unknown unknown;
  firn_str name;
  firn_pb_PairValue **values;
  size_t values_count;
};
extern const firn_pb_type firn_pb_type_NamedTupleValue;

/* tensorflow.NodeDef.AttrEntry */
struct firn_pb_NodeDef_AttrEntry {
  firn_pb_unknown unknown;
  firn_str key;
  firn_pb_AttrValue *value;
};
extern const firn_pb_type firn_pb_type_NodeDef_AttrEntry;

/* tensorflow.NodeDef */
struct firn_pb_NodeDef {
  firn_pb_unknown unknown;
  firn_str name;
  firn_str op;
  firn_str *input;
  size_t input_count;
  firn_str device;
  firn_pb_NodeDef_AttrEntry **attr;
  size_t attr_count;
  firn_pb_NodeDef_ExperimentalDebugInfo *experimental_debug_info;
  firn_pb_FullTypeDef *experimental_type;
};
extern const firn_pb_type firn_pb_type_NodeDef;

/* tensorflow.NodeDef.ExperimentalDebugInfo */
struct firn_pb_NodeDef_ExperimentalDebugInfo {
  firn_pb_unknown unknown;
  firn_str *original_node_names;
  size_t original_node_names_count;
  firn_str *original_func_names;
  size_t original_func_names_count;
};
extern const firn_pb_type firn_pb_type_NodeDef_ExperimentalDebugInfo;

/* tensorflow.NoneValue */
struct firn_pb_NoneValue {
  firn_pb_unknown unknown;
};
extern const firn_pb_type firn_pb_type_NoneValue;

/* tensorflow.OpDef */
struct firn_pb_OpDef {
  firn_pb_unknown unknown;
  firn_str name;
  firn_pb_OpDef_ArgDef **input_arg;
  size_t input_arg_count;
  firn_pb_OpDef_ArgDef **output_arg;
  size_t output_arg_count;
  firn_pb_OpDef_AttrDef **attr;
  size_t attr_count;
  firn_str summary;
  firn_str description;
  firn_pb_OpDeprecation *deprecation;
  bool is_aggregate;
  bool is_stateful;
  bool is_commutative;
  bool allows_uninitialized_input;
  firn_str *control_output;
  size_t control_output_count;
  bool is_distributed_communication;
};
extern const firn_pb_type firn_pb_type_OpDef;

/* tensorflow.OpDef.ArgDef */
struct firn_pb_OpDef_ArgDef {
  firn_pb_unknown unknown;
  firn_str name;
  firn_str description;
  int32_t type;
  firn_str type_attr;
  firn_str number_attr;
  firn_str type_list_attr;
  firn_pb_ResourceHandleProto_DtypeAndShape **handle_data;
  size_t handle_data_count;
  bool is_ref;
  firn_pb_FullTypeDef *experimental_full_type;
};
extern const firn_pb_type firn_pb_type_OpDef_ArgDef;

/* tensorflow.OpDef.AttrDef */
struct firn_pb_OpDef_AttrDef {
  firn_pb_unknown unknown;
  firn_str name;
  firn_str type;
  firn_pb_AttrValue *default_value;
  firn_str description;
  bool has_minimum;
  int64_t minimum;
  firn_pb_AttrValue *allowed_values;
};
extern const firn_pb_type firn_pb_type_OpDef_AttrDef;

/* tensorflow.OpDeprecation */
struct firn_pb_OpDeprecation {
  firn_pb_unknown unknown;
  int32_t version;
  firn_str explanation;
};
extern const firn_pb_type firn_pb_type_OpDeprecation;

/* tensorflow.OpList */
struct firn_pb_OpList {
  firn_pb_unknown unknown;
  firn_pb_OpDef **op;
  size_t op_count;
};
extern const firn_pb_type firn_pb_type_OpList;

/* tensorflow.OptimizerOptions */
struct firn_pb_OptimizerOptions {
  firn_pb_unknown unknown;
  bool do_common_subexpression_elimination;
  bool do_constant_folding;
  int32_t opt_level;
  bool do_function_inlining;
  int32_t global_jit_level;
  int64_t max_folded_constant_in_bytes;
  bool cpu_global_jit;
};
extern const firn_pb_type firn_pb_type_OptimizerOptions;

/* tensorflow.PairValue */
struct firn_pb_PairValue {
  firn_pb_unknown unknown;
  firn_str key;
  firn_pb_StructuredValue *value;
};
extern const firn_pb_type firn_pb_type_PairValue;

/* tensorflow.QueueRunnerDef */
struct firn_pb_QueueRunnerDef {
  firn_pb_unknown unknown;
  firn_str queue_name;
  firn_str *enqueue_op_name;
  size_t enqueue_op_name_count;
  firn_str close_op_name;
  firn_str cancel_op_name;
  int32_t *queue_closed_exception_types;
  size_t queue_closed_exception_types_count;
};
extern const firn_pb_type firn_pb_type_QueueRunnerDef;

/* tensorflow.RPCOptions */
struct firn_pb_RPCOptions {
  firn_pb_unknown unknown;
  bool use_rpc_for_inprocess_master;
  firn_str compression_algorithm;
  int32_t compression_level;
  bool cache_rpc_response;
  bool disable_session_connection_sharing;
  int32_t num_channels_per_target;
};
extern const firn_pb_type firn_pb_type_RPCOptions;

/* tensorflow.RegisteredGradient */
struct firn_pb_RegisteredGradient {
  firn_pb_unknown unknown;
  firn_str gradient_func;
  firn_str registered_op_type;
};
extern const firn_pb_type firn_pb_type_RegisteredGradient;

/* tensorflow.RegisteredSaver */
struct firn_pb_RegisteredSaver {
  firn_pb_unknown unknown;
  firn_str name;
  firn_str object_name;
};
extern const firn_pb_type firn_pb_type_RegisteredSaver;

/* tensorflow.ResourceHandleProto */
struct firn_pb_ResourceHandleProto {
  firn_pb_unknown unknown;
  firn_str device;
  firn_str container;
  firn_str name;
  uint64_t hash_code;
  firn_str maybe_type_name;
  firn_pb_ResourceHandleProto_DtypeAndShape **dtypes_and_shapes;
  size_t dtypes_and_shapes_count;
};
extern const firn_pb_type firn_pb_type_ResourceHandleProto;

/* tensorflow.ResourceHandleProto.DtypeAndShape */
struct firn_pb_ResourceHandleProto_DtypeAndShape {
  firn_pb_unknown unknown;
  int32_t dtype;
  firn_pb_TensorShapeProto *shape;
};
extern const firn_pb_type firn_pb_type_ResourceHandleProto_DtypeAndShape;

/* tensorflow.RewriterConfig */
struct firn_pb_RewriterConfig {
  firn_pb_unknown unknown;
  int32_t layout_optimizer;
  bool disable_model_pruning;
  int32_t constant_folding;
  int32_t memory_optimization;
  firn_pb_AutoParallelOptions *auto_parallel;
  firn_str memory_optimizer_target_node_name_scope;
  int32_t arithmetic_optimization;
  int32_t dependency_optimization;
  int32_t loop_optimization;
  int32_t function_optimization;
  int32_t debug_stripper;
  int32_t meta_optimizer_iterations;
  int32_t shape_optimization;
  int32_t remapping;
  int32_t scoped_allocator_optimization;
  firn_pb_ScopedAllocatorOptions *scoped_allocator_opts;
  int32_t min_graph_nodes;
  int32_t pin_to_host_optimization;
  bool disable_meta_optimizer;
  int64_t meta_optimizer_timeout_ms;
  bool fail_on_optimizer_errors;
  int32_t implementation_selector;
  int32_t auto_mixed_precision;
  int32_t common_subgraph_elimination;
  int32_t auto_mixed_precision_mkl;
  bool experimental_disable_compressed_tensor_optimization;
  bool experimental_disable_folding_quantization_emulation;
  int32_t use_plugin_optimizers;
  int32_t auto_mixed_precision_cpu;
  int32_t experimental_conditional_code_motion;
  int32_t auto_mixed_precision_onednn_bfloat16;
  bool disable_tfg_optimizer;
  int32_t cpu_layout_conversion;
  firn_str *optimizers;
  size_t optimizers_count;
  firn_pb_RewriterConfig_CustomGraphOptimizer **custom_optimizers;
  size_t custom_optimizers_count;
  firn_pb_VerifierConfig *inter_optimizer_verifier_config;
  firn_pb_VerifierConfig *post_optimization_verifier_config;
};
extern const firn_pb_type firn_pb_type_RewriterConfig;

/* tensorflow.RewriterConfig.CustomGraphOptimizer.ParameterMapEntry */
struct firn_pb_RewriterConfig_CustomGraphOptimizer_ParameterMapEntry {
  firn_pb_unknown unknown;
  firn_str key;
  firn_pb_AttrValue *value;
};
extern const firn_pb_type firn_pb_type_RewriterConfig_CustomGraphOptimizer_ParameterMapEntry;

/* tensorflow.RewriterConfig.CustomGraphOptimizer */
struct firn_pb_RewriterConfig_CustomGraphOptimizer {
  firn_pb_unknown unknown;
  firn_str name;
  firn_pb_RewriterConfig_CustomGraphOptimizer_ParameterMapEntry **parameter_map;
  size_t parameter_map_count;
};
extern const firn_pb_type firn_pb_type_RewriterConfig_CustomGraphOptimizer;

/* tensorflow.RunOptions */
struct firn_pb_RunOptions {
  firn_pb_unknown unknown;
  int32_t trace_level;
  int64_t timeout_in_ms;
  int32_t inter_op_thread_pool;
  bool output_partition_graphs;
  firn_pb_DebugOptions *debug_options;
  bool report_tensor_allocations_upon_oom;
  firn_pb_RunOptions_Experimental *experimental;
};
extern const firn_pb_type firn_pb_type_RunOptions;

/* tensorflow.RunOptions.Experimental */
struct firn_pb_RunOptions_Experimental {
  firn_pb_unknown unknown;
  int64_t collective_graph_key;
  bool use_run_handler_pool;
  firn_pb_RunOptions_Experimental_RunHandlerPoolOptions *run_handler_pool_options;
};
extern const firn_pb_type firn_pb_type_RunOptions_Experimental;

/* tensorflow.RunOptions.Experimental.RunHandlerPoolOptions */
struct firn_pb_RunOptions_Experimental_RunHandlerPoolOptions {
  firn_pb_unknown unknown;
  int64_t priority;
};
extern const firn_pb_type firn_pb_type_RunOptions_Experimental_RunHandlerPoolOptions;

/* tensorflow.SaveSliceInfoDef */
struct firn_pb_SaveSliceInfoDef {
  firn_pb_unknown unknown;
  firn_str full_name;
  int64_t *full_shape;
  size_t full_shape_count;
  int64_t *var_offset;
  size_t var_offset_count;
  int64_t *var_shape;
  size_t var_shape_count;
};
extern const firn_pb_type firn_pb_type_SaveSliceInfoDef;

/* tensorflow.SaveableObject */
struct firn_pb_SaveableObject {
  firn_pb_unknown unknown;
  int32_t save_function;
  int32_t restore_function;
};
extern const firn_pb_type firn_pb_type_SaveableObject;

/* tensorflow.SavedAsset */
struct firn_pb_SavedAsset {
  firn_pb_unknown unknown;
  int32_t asset_file_def_index;
};
extern const firn_pb_type firn_pb_type_SavedAsset;

/* tensorflow.SavedBareConcreteFunction */
struct firn_pb_SavedBareConcreteFunction {
  firn_pb_unknown unknown;
  firn_str concrete_function_name;
  firn_str *argument_keywords;
  size_t argument_keywords_count;
  int64_t allowed_positional_arguments;
  firn_pb_FunctionSpec *function_spec;
};
extern const firn_pb_type firn_pb_type_SavedBareConcreteFunction;

/* tensorflow.SavedConcreteFunction */
struct firn_pb_SavedConcreteFunction {
  firn_pb_unknown unknown;
  int32_t *bound_inputs;
  size_t bound_inputs_count;
  firn_pb_StructuredValue *canonicalized_input_signature;
  firn_pb_StructuredValue *output_signature;
};
extern const firn_pb_type firn_pb_type_SavedConcreteFunction;

/* tensorflow.SavedConstant */
struct firn_pb_SavedConstant {
  firn_pb_unknown unknown;
  firn_str operation;
};
extern const firn_pb_type firn_pb_type_SavedConstant;

/* tensorflow.SavedFunction */
struct firn_pb_SavedFunction {
  firn_pb_unknown unknown;
  firn_str *concrete_functions;
  size_t concrete_functions_count;
  firn_pb_FunctionSpec *function_spec;
};
extern const firn_pb_type firn_pb_type_SavedFunction;

/* tensorflow.SavedModel */
struct firn_pb_SavedModel {
  firn_pb_unknown unknown;
  int64_t saved_model_schema_version;
  firn_pb_MetaGraphDef **meta_graphs;
  size_t meta_graphs_count;
};
extern const firn_pb_type firn_pb_type_SavedModel;

/* tensorflow.SavedObject.SaveableObjectsEntry */
struct firn_pb_SavedObject_SaveableObjectsEntry {
  firn_pb_unknown unknown;
  firn_str key;
  firn_pb_SaveableObject *value;
};
extern const firn_pb_type firn_pb_type_SavedObject_SaveableObjectsEntry;

/* tensorflow.SavedObject */
struct firn_pb_SavedObject {
  firn_pb_unknown unknown;
  firn_pb_TrackableObjectGraph_TrackableObject_ObjectReference **children;
  size_t children_count;
  firn_pb_TrackableObjectGraph_TrackableObject_SlotVariableReference **slot_variables;
  size_t slot_variables_count;
  union {
    firn_pb_SavedUserObject *user_object;
    firn_pb_SavedAsset *asset;
    firn_pb_SavedFunction *function;
    firn_pb_SavedVariable *variable;
    firn_pb_SavedBareConcreteFunction *bare_concrete_function;
    firn_pb_SavedConstant *constant;
    firn_pb_SavedResource *resource;
    firn_pb_CapturedTensor *captured_tensor;
  };
  int32_t kind_case;
  firn_pb_SavedObject_SaveableObjectsEntry **saveable_objects;
  size_t saveable_objects_count;
  firn_str registered_name;
  firn_pb_Any *serialized_user_proto;
  firn_pb_TrackableObjectGraph_TrackableObject_ObjectReference **dependencies;
  size_t dependencies_count;
  firn_str registered_saver;
};
extern const firn_pb_type firn_pb_type_SavedObject;

/* tensorflow.SavedObjectGraph.ConcreteFunctionsEntry */
struct firn_pb_SavedObjectGraph_ConcreteFunctionsEntry {
  firn_pb_unknown unknown;
  firn_str key;
  firn_pb_SavedConcreteFunction *value;
};
extern const firn_pb_type firn_pb_type_SavedObjectGraph_ConcreteFunctionsEntry;

/* tensorflow.SavedObjectGraph */
struct firn_pb_SavedObjectGraph {
  firn_pb_unknown unknown;
  firn_pb_SavedObject **nodes;
  size_t nodes_count;
  firn_pb_SavedObjectGraph_ConcreteFunctionsEntry **concrete_functions;
  size_t concrete_functions_count;
};
extern const firn_pb_type firn_pb_type_SavedObjectGraph;

/* tensorflow.SavedResource */
struct firn_pb_SavedResource {
  firn_pb_unknown unknown;
  firn_str device;
};
extern const firn_pb_type firn_pb_type_SavedResource;

/* tensorflow.SavedSlice */
struct firn_pb_SavedSlice {
  firn_pb_unknown unknown;
  firn_str name;
  firn_pb_TensorSliceProto *slice;
  firn_pb_TensorProto *data;
};
extern const firn_pb_type firn_pb_type_SavedSlice;

/* tensorflow.SavedSliceMeta */
struct firn_pb_SavedSliceMeta {
  firn_pb_unknown unknown;
  firn_str name;
  firn_pb_TensorShapeProto *shape;
  int32_t type;
  firn_pb_TensorSliceProto **slice;
  size_t slice_count;
};
extern const firn_pb_type firn_pb_type_SavedSliceMeta;

/* tensorflow.SavedTensorSliceMeta */
struct firn_pb_SavedTensorSliceMeta {
  firn_pb_unknown unknown;
  firn_pb_SavedSliceMeta **tensor;
  size_t tensor_count;
  firn_pb_VersionDef *versions;
};
extern const firn_pb_type firn_pb_type_SavedTensorSliceMeta;

/* tensorflow.SavedTensorSlices */
struct firn_pb_SavedTensorSlices {
  firn_pb_unknown unknown;
  firn_pb_SavedTensorSliceMeta *meta;
  firn_pb_SavedSlice *data;
};
extern const firn_pb_type firn_pb_type_SavedTensorSlices;

/* tensorflow.SavedUserObject */
struct firn_pb_SavedUserObject {
  firn_pb_unknown unknown;
  firn_str identifier;
  firn_pb_VersionDef *version;
  firn_str metadata;
};
extern const firn_pb_type firn_pb_type_SavedUserObject;

/* tensorflow.SavedVariable */
struct firn_pb_SavedVariable {
  firn_pb_unknown unknown;
  int32_t dtype;
  firn_pb_TensorShapeProto *shape;
  bool trainable;
  int32_t synchronization;
  int32_t aggregation;
  firn_str name;
  firn_str device;
  firn_pb_SavedVariable **experimental_distributed_variable_components;
  size_t experimental_distributed_variable_components_count;
};
extern const firn_pb_type firn_pb_type_SavedVariable;

/* tensorflow.SaverDef */
struct firn_pb_SaverDef {
  firn_pb_unknown unknown;
  firn_str filename_tensor_name;
  firn_str save_tensor_name;
  firn_str restore_op_name;
  int32_t max_to_keep;
  bool sharded;
  float keep_checkpoint_every_n_hours;
  int32_t version;
};
extern const firn_pb_type firn_pb_type_SaverDef;

/* tensorflow.ScopedAllocatorOptions */
struct firn_pb_ScopedAllocatorOptions {
  firn_pb_unknown unknown;
  firn_str *enable_op;
  size_t enable_op_count;
};
extern const firn_pb_type firn_pb_type_ScopedAllocatorOptions;

/* tensorflow.SequenceExample */
struct firn_pb_SequenceExample {
  firn_pb_unknown unknown;
  firn_pb_Features *context;
  firn_pb_FeatureLists *feature_lists;
};
extern const firn_pb_type firn_pb_type_SequenceExample;

/* tensorflow.SessionLog */
struct firn_pb_SessionLog {
  firn_pb_unknown unknown;
  int32_t status;
  firn_str checkpoint_path;
  firn_str msg;
};
extern const firn_pb_type firn_pb_type_SessionLog;

/* tensorflow.SessionMetadata */
struct firn_pb_SessionMetadata {
  firn_pb_unknown unknown;
  firn_str name;
  int64_t version;
};
extern const firn_pb_type firn_pb_type_SessionMetadata;

/* tensorflow.SignatureDef.InputsEntry */
struct firn_pb_SignatureDef_InputsEntry {
  firn_pb_unknown unknown;
  firn_str key;
  firn_pb_TensorInfo *value;
};
extern const firn_pb_type firn_pb_type_SignatureDef_InputsEntry;

/* tensorflow.SignatureDef.OutputsEntry */
struct firn_pb_SignatureDef_OutputsEntry {
  firn_pb_unknown unknown;
  firn_str key;
  firn_pb_TensorInfo *value;
};
extern const firn_pb_type firn_pb_type_SignatureDef_OutputsEntry;

/* tensorflow.SignatureDef.DefaultsEntry */
struct firn_pb_SignatureDef_DefaultsEntry {
  firn_pb_unknown unknown;
  firn_str key;
  firn_pb_TensorProto *value;
};
extern const firn_pb_type firn_pb_type_SignatureDef_DefaultsEntry;

/* tensorflow.SignatureDef */
struct firn_pb_SignatureDef {
  firn_pb_unknown unknown;
  firn_pb_SignatureDef_InputsEntry **inputs;
  size_t inputs_count;
  firn_pb_SignatureDef_OutputsEntry **outputs;
  size_t outputs_count;
  firn_str method_name;
  firn_pb_SignatureDef_DefaultsEntry **defaults;
  size_t defaults_count;
};
extern const firn_pb_type firn_pb_type_SignatureDef;

/* tensorflow.SourceMetadata */
struct firn_pb_SourceMetadata {
  firn_pb_unknown unknown;
  firn_str writer;
};
extern const firn_pb_type firn_pb_type_SourceMetadata;

/* tensorflow.StructuredValue */
struct firn_pb_StructuredValue {
  firn_pb_unknown unknown;
  union {
    firn_pb_NoneValue *none_value;
    double float64_value;
    int64_t int64_value;
    firn_str string_value;
    bool bool_value;
    firn_pb_TensorShapeProto *tensor_shape_value;
    int32_t tensor_dtype_value;
    firn_pb_TensorSpecProto *tensor_spec_value;
    firn_pb_TypeSpecProto *type_spec_value;
    firn_pb_BoundedTensorSpecProto *bounded_tensor_spec_value;
    firn_pb_ListValue *list_value;
    firn_pb_TupleValue *tuple_value;
    firn_pb_DictValue *dict_value;
    firn_pb_NamedTupleValue *named_tuple_value;
    firn_pb_TensorProto *tensor_value;
    firn_pb_TensorProto *numpy_value;
  };
  int32_t kind_case;
};
extern const firn_pb_type firn_pb_type_StructuredValue;

/* tensorflow.Summary */
struct firn_pb_Summary {
  firn_pb_unknown unknown;
  firn_pb_Summary_Value **value;
  size_t value_count;
};
extern const firn_pb_type firn_pb_type_Summary;

/* tensorflow.Summary.Audio */
struct firn_pb_Summary_Audio {
  firn_pb_unknown unknown;
  float sample_rate;
  int64_t num_channels;
  int64_t length_frames;
  firn_str encoded_audio_string;
  firn_str content_type;
};
extern const firn_pb_type firn_pb_type_Summary_Audio;

/* tensorflow.Summary.Image */
struct firn_pb_Summary_Image {
  firn_pb_unknown unknown;
  int32_t height;
  int32_t width;
  int32_t colorspace;
  firn_str encoded_image_string;
};
extern const firn_pb_type firn_pb_type_Summary_Image;

/* tensorflow.Summary.Value */
struct firn_pb_Summary_Value {
  firn_pb_unknown unknown;
  firn_str tag;
  union {
    float simple_value;
    firn_str obsolete_old_style_histogram;
    firn_pb_Summary_Image *image;
    firn_pb_HistogramProto *histo;
    firn_pb_Summary_Audio *audio;
    firn_pb_TensorProto *tensor;
  };
  int32_t value_case;
  firn_str node_name;
  firn_pb_SummaryMetadata *metadata;
};
extern const firn_pb_type firn_pb_type_Summary_Value;

/* tensorflow.SummaryMetadata */
struct firn_pb_SummaryMetadata {
  firn_pb_unknown unknown;
  firn_pb_SummaryMetadata_PluginData *plugin_data;
  firn_str display_name;
  firn_str summary_description;
  int32_t data_class;
};
extern const firn_pb_type firn_pb_type_SummaryMetadata;

/* tensorflow.SummaryMetadata.PluginData */
struct firn_pb_SummaryMetadata_PluginData {
  firn_pb_unknown unknown;
  firn_str plugin_name;
  firn_str content;
};
extern const firn_pb_type firn_pb_type_SummaryMetadata_PluginData;

/* tensorflow.TaggedRunMetadata */
struct firn_pb_TaggedRunMetadata {
  firn_pb_unknown unknown;
  firn_str tag;
  firn_str run_metadata;
};
extern const firn_pb_type firn_pb_type_TaggedRunMetadata;

/* tensorflow.TensorInfo */
struct firn_pb_TensorInfo {
  firn_pb_unknown unknown;
  union {
    firn_str name;
    firn_pb_TensorInfo_CooSparse *coo_sparse;
    firn_pb_TensorInfo_CompositeTensor *composite_tensor;
  };
  int32_t encoding_case;
  int32_t dtype;
  firn_pb_TensorShapeProto *tensor_shape;
};
extern const firn_pb_type firn_pb_type_TensorInfo;

/* tensorflow.TensorInfo.CompositeTensor */
struct firn_pb_TensorInfo_CompositeTensor {
  firn_pb_unknown unknown;
  firn_pb_TypeSpecProto *type_spec;
  firn_pb_TensorInfo **components;
  size_t components_count;
};
extern const firn_pb_type firn_pb_type_TensorInfo_CompositeTensor;

/* tensorflow.TensorInfo.CooSparse */
struct firn_pb_TensorInfo_CooSparse {
  firn_pb_unknown unknown;
  firn_str values_tensor_name;
  firn_str indices_tensor_name;
  firn_str dense_shape_tensor_name;
};
extern const firn_pb_type firn_pb_type_TensorInfo_CooSparse;

/* tensorflow.TensorProto */
struct firn_pb_TensorProto {
  firn_pb_unknown unknown;
  int32_t dtype;
  firn_pb_TensorShapeProto *tensor_shape;
  int32_t version_number;
  firn_str tensor_content;
  float *float_val;
  size_t float_val_count;
  double *double_val;
  size_t double_val_count;
  int32_t *int_val;
  size_t int_val_count;
  firn_str *string_val;
  size_t string_val_count;
  float *scomplex_val;
  size_t scomplex_val_count;
  int64_t *int64_val;
  size_t int64_val_count;
  bool *bool_val;
  size_t bool_val_count;
  double *dcomplex_val;
  size_t dcomplex_val_count;
  int32_t *half_val;
  size_t half_val_count;
  firn_pb_ResourceHandleProto **resource_handle_val;
  size_t resource_handle_val_count;
  firn_pb_VariantTensorDataProto **variant_val;
  size_t variant_val_count;
  uint32_t *uint32_val;
  size_t uint32_val_count;
  uint64_t *uint64_val;
  size_t uint64_val_count;
  firn_str float8_val;
};
extern const firn_pb_type firn_pb_type_TensorProto;

/* tensorflow.TensorShapeProto */
struct firn_pb_TensorShapeProto {
  firn_pb_unknown unknown;
  firn_pb_TensorShapeProto_Dim **dim;
  size_t dim_count;
  bool unknown_rank;
};
extern const firn_pb_type firn_pb_type_TensorShapeProto;

/* tensorflow.TensorShapeProto.Dim */
struct firn_pb_TensorShapeProto_Dim {
  firn_pb_unknown unknown;
  int64_t size;
  firn_str name;
};
extern const firn_pb_type firn_pb_type_TensorShapeProto_Dim;

/* tensorflow.TensorSliceProto */
struct firn_pb_TensorSliceProto {
  firn_pb_unknown unknown;
  firn_pb_TensorSliceProto_Extent **extent;
  size_t extent_count;
};
extern const firn_pb_type firn_pb_type_TensorSliceProto;

/* tensorflow.TensorSliceProto.Extent */
struct firn_pb_TensorSliceProto_Extent {
  firn_pb_unknown unknown;
  int64_t start;
  union {
    int64_t length;
  };
  int32_t has_length_hack_case;
};
extern const firn_pb_type firn_pb_type_TensorSliceProto_Extent;

/* tensorflow.TensorSpecProto */
struct firn_pb_TensorSpecProto {
  firn_pb_unknown unknown;
  firn_str name;
  firn_pb_TensorShapeProto *shape;
  int32_t dtype;
};
extern const firn_pb_type firn_pb_type_TensorSpecProto;

/* tensorflow.ThreadPoolOptionProto */
struct firn_pb_ThreadPoolOptionProto {
  firn_pb_unknown unknown;
  int32_t num_threads;
  firn_str global_name;
};
extern const firn_pb_type firn_pb_type_ThreadPoolOptionProto;

/* tensorflow.TrackableObjectGraph */
struct firn_pb_TrackableObjectGraph {
  firn_pb_unknown unknown;
  firn_pb_TrackableObjectGraph_TrackableObject **nodes;
  size_t nodes_count;
};
extern const firn_pb_type firn_pb_type_TrackableObjectGraph;

/* tensorflow.TrackableObjectGraph.TrackableObject */
struct firn_pb_TrackableObjectGraph_TrackableObject {
  firn_pb_unknown unknown;
  firn_pb_TrackableObjectGraph_TrackableObject_ObjectReference **children;
  size_t children_count;
  firn_pb_TrackableObjectGraph_TrackableObject_SerializedTensor **attributes;
  size_t attributes_count;
  firn_pb_TrackableObjectGraph_TrackableObject_SlotVariableReference **slot_variables;
  size_t slot_variables_count;
  firn_pb_RegisteredSaver *registered_saver;
  firn_pb_BoolValue *has_checkpoint_values;
};
extern const firn_pb_type firn_pb_type_TrackableObjectGraph_TrackableObject;

/* tensorflow.TrackableObjectGraph.TrackableObject.ObjectReference */
struct firn_pb_TrackableObjectGraph_TrackableObject_ObjectReference {
  firn_pb_unknown unknown;
  int32_t node_id;
  firn_str local_name;
};
extern const firn_pb_type firn_pb_type_TrackableObjectGraph_TrackableObject_ObjectReference;

/* tensorflow.TrackableObjectGraph.TrackableObject.SerializedTensor */
struct firn_pb_TrackableObjectGraph_TrackableObject_SerializedTensor {
  firn_pb_unknown unknown;
  firn_str name;
  firn_str full_name;
  firn_str checkpoint_key;
};
extern const firn_pb_type firn_pb_type_TrackableObjectGraph_TrackableObject_SerializedTensor;

/* tensorflow.TrackableObjectGraph.TrackableObject.SlotVariableReference */
struct firn_pb_TrackableObjectGraph_TrackableObject_SlotVariableReference {
  firn_pb_unknown unknown;
  int32_t original_variable_node_id;
  firn_str slot_name;
  int32_t slot_variable_node_id;
};
extern const firn_pb_type firn_pb_type_TrackableObjectGraph_TrackableObject_SlotVariableReference;

/* tensorflow.TupleValue */
struct firn_pb_TupleValue {
  firn_pb_unknown unknown;
  firn_pb_StructuredValue **values;
  size_t values_count;
};
extern const firn_pb_type firn_pb_type_TupleValue;

/* tensorflow.TypeSpecProto */
struct firn_pb_TypeSpecProto {
  firn_pb_unknown unknown;
  int32_t type_spec_class;
  firn_pb_StructuredValue *type_state;
  firn_str type_spec_class_name;
  int32_t num_flat_components;
};
extern const firn_pb_type firn_pb_type_TypeSpecProto;

/* tensorflow.ValuesDef.ExternalValuesEntry */
struct firn_pb_ValuesDef_ExternalValuesEntry {
  firn_pb_unknown unknown;
  firn_str key;
  firn_str value;
};
extern const firn_pb_type firn_pb_type_ValuesDef_ExternalValuesEntry;

/* tensorflow.ValuesDef */
struct firn_pb_ValuesDef {
  firn_pb_unknown unknown;
  firn_str *values;
  size_t values_count;
  firn_pb_ValuesDef_ExternalValuesEntry **external_values;
  size_t external_values_count;
};
extern const firn_pb_type firn_pb_type_ValuesDef;

/* tensorflow.VariableDef */
struct firn_pb_VariableDef {
  firn_pb_unknown unknown;
  firn_str variable_name;
  firn_str initializer_name;
  firn_str snapshot_name;
  firn_pb_SaveSliceInfoDef *save_slice_info_def;
  bool is_resource;
  firn_str initial_value_name;
  bool trainable;
  int32_t synchronization;
  int32_t aggregation;
};
extern const firn_pb_type firn_pb_type_VariableDef;

/* tensorflow.VariantTensorDataProto */
struct firn_pb_VariantTensorDataProto {
  firn_pb_unknown unknown;
  firn_str type_name;
  firn_str metadata;
  firn_pb_TensorProto **tensors;
  size_t tensors_count;
};
extern const firn_pb_type firn_pb_type_VariantTensorDataProto;

/* tensorflow.VerifierConfig */
struct firn_pb_VerifierConfig {
  firn_pb_unknown unknown;
  int64_t verification_timeout_in_ms;
  int32_t structure_verifier;
};
extern const firn_pb_type firn_pb_type_VerifierConfig;

/* tensorflow.VersionDef */
struct firn_pb_VersionDef {
  firn_pb_unknown unknown;
  int32_t producer;
  int32_t min_consumer;
  int32_t *bad_consumers;
  size_t bad_consumers_count;
};
extern const firn_pb_type firn_pb_type_VersionDef;

/* tensorflow.WhileContextDef */
struct firn_pb_WhileContextDef {
  firn_pb_unknown unknown;
  firn_str context_name;
  int32_t parallel_iterations;
  bool back_prop;
  bool swap_memory;
  firn_str pivot_name;
  firn_str pivot_for_pred_name;
  firn_str pivot_for_body_name;
  firn_str *loop_exit_names;
  size_t loop_exit_names_count;
  firn_pb_ValuesDef *values_def;
  firn_str *loop_enter_names;
  size_t loop_enter_names_count;
  firn_str maximum_iterations_name;
  firn_pb_ControlFlowContextDef **nested_contexts;
  size_t nested_contexts_count;
};
extern const firn_pb_type firn_pb_type_WhileContextDef;

/* tensorflow.proto_splitter.ChunkInfo */
struct firn_pb_ChunkInfo {
  firn_pb_unknown unknown;
  int32_t type;
  uint64_t size;
  uint64_t offset;
};
extern const firn_pb_type firn_pb_type_ChunkInfo;

/* tensorflow.proto_splitter.ChunkMetadata */
struct firn_pb_ChunkMetadata {
  firn_pb_unknown unknown;
  firn_pb_proto_splitter_VersionDef *version;
  firn_pb_ChunkInfo **chunks;
  size_t chunks_count;
  firn_pb_ChunkedMessage *message;
};
extern const firn_pb_type firn_pb_type_ChunkMetadata;

/* tensorflow.proto_splitter.ChunkedField */
struct firn_pb_ChunkedField {
  firn_pb_unknown unknown;
  firn_pb_FieldIndex **field_tag;
  size_t field_tag_count;
  firn_pb_ChunkedMessage *message;
};
extern const firn_pb_type firn_pb_type_ChunkedField;

/* tensorflow.proto_splitter.ChunkedMessage */
struct firn_pb_ChunkedMessage {
  firn_pb_unknown unknown;
  uint64_t chunk_index;
  int32_t chunk_index_case;
  firn_pb_ChunkedField **chunked_fields;
  size_t chunked_fields_count;
};
extern const firn_pb_type firn_pb_type_ChunkedMessage;

/* tensorflow.proto_splitter.FieldIndex */
struct firn_pb_FieldIndex {
  firn_pb_unknown unknown;
  union {
    uint32_t field;
    firn_pb_FieldIndex_MapKey *map_key;
    uint64_t index;
  };
  int32_t kind_case;
};
extern const firn_pb_type firn_pb_type_FieldIndex;

/* tensorflow.proto_splitter.FieldIndex.MapKey */
struct firn_pb_FieldIndex_MapKey {
  firn_pb_unknown unknown;
  union {
    firn_str s;
    bool boolean;
    uint32_t ui32;
    uint64_t ui64;
    int32_t i32;
    int64_t i64;
  };
  int32_t type_case;
};
extern const firn_pb_type firn_pb_type_FieldIndex_MapKey;

/* tensorflow.proto_splitter.VersionDef */
struct firn_pb_proto_splitter_VersionDef {
  firn_pb_unknown unknown;
  int32_t splitter_version;
  int32_t join_version;
  int32_t *bad_consumers;
  size_t bad_consumers_count;
};
extern const firn_pb_type firn_pb_type_proto_splitter_VersionDef;

#endif
