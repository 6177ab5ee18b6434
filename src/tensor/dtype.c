/* tensor/dtype.c: what each element type is called and how wide it is. */
#include <string.h>

#include "tensor/tensor.h"

typedef struct dtype_row {
  const char *name, *alias;
  uint8_t size;
} dtype_row;

static const dtype_row rows[] = {
    [FIRN_INVALID] = {"invalid", NULL, 0},
    [FIRN_FLOAT] = {"float32", "float", 4},
    [FIRN_DOUBLE] = {"float64", "double", 8},
    [FIRN_INT32] = {"int32", NULL, 4},
    [FIRN_UINT8] = {"uint8", NULL, 1},
    [FIRN_INT16] = {"int16", NULL, 2},
    [FIRN_INT8] = {"int8", NULL, 1},
    [FIRN_STRING] = {"string", NULL, sizeof(firn_tstring)},
    [FIRN_COMPLEX64] = {"complex64", NULL, 8},
    [FIRN_INT64] = {"int64", NULL, 8},
    [FIRN_BOOL] = {"bool", NULL, 1},
    [FIRN_QINT8] = {"qint8", NULL, 1},
    [FIRN_QUINT8] = {"quint8", NULL, 1},
    [FIRN_QINT32] = {"qint32", NULL, 4},
    [FIRN_BFLOAT16] = {"bfloat16", NULL, 2},
    [FIRN_QINT16] = {"qint16", NULL, 2},
    [FIRN_QUINT16] = {"quint16", NULL, 2},
    [FIRN_UINT16] = {"uint16", NULL, 2},
    [FIRN_COMPLEX128] = {"complex128", NULL, 16},
    [FIRN_HALF] = {"float16", "half", 2},
    [FIRN_RESOURCE] = {"resource", NULL, sizeof(firn_object *)},
    [FIRN_VARIANT] = {"variant", NULL, sizeof(firn_object *)},
    [FIRN_UINT32] = {"uint32", NULL, 4},
    [FIRN_UINT64] = {"uint64", NULL, 8},
    [FIRN_FLOAT8_E5M2] = {"float8_e5m2", NULL, 1},
    [FIRN_FLOAT8_E4M3FN] = {"float8_e4m3fn", NULL, 1},
    [FIRN_FLOAT8_E4M3FNUZ] = {"float8_e4m3fnuz", NULL, 1},
    [FIRN_FLOAT8_E4M3B11FNUZ] = {"float8_e4m3b11fnuz", NULL, 1},
    [FIRN_FLOAT8_E5M2FNUZ] = {"float8_e5m2fnuz", NULL, 1},
    [FIRN_INT4] = {"int4", NULL, 1},
    [FIRN_UINT4] = {"uint4", NULL, 1},
    [FIRN_INT2] = {"int2", NULL, 1},
    [FIRN_UINT2] = {"uint2", NULL, 1},
    [FIRN_FLOAT4_E2M1FN] = {"float4_e2m1fn", NULL, 1},
};

/* The names of reference types, so that a name is always a constant. */
#define REF(dtype, name) [dtype] = name "_ref"
static const char *const ref_names[] = {
    REF(FIRN_FLOAT, "float32"),
    REF(FIRN_DOUBLE, "float64"),
    REF(FIRN_INT32, "int32"),
    REF(FIRN_UINT8, "uint8"),
    REF(FIRN_INT16, "int16"),
    REF(FIRN_INT8, "int8"),
    REF(FIRN_STRING, "string"),
    REF(FIRN_COMPLEX64, "complex64"),
    REF(FIRN_INT64, "int64"),
    REF(FIRN_BOOL, "bool"),
    REF(FIRN_QINT8, "qint8"),
    REF(FIRN_QUINT8, "quint8"),
    REF(FIRN_QINT32, "qint32"),
    REF(FIRN_BFLOAT16, "bfloat16"),
    REF(FIRN_QINT16, "qint16"),
    REF(FIRN_QUINT16, "quint16"),
    REF(FIRN_UINT16, "uint16"),
    REF(FIRN_COMPLEX128, "complex128"),
    REF(FIRN_HALF, "float16"),
    REF(FIRN_RESOURCE, "resource"),
    REF(FIRN_VARIANT, "variant"),
    REF(FIRN_UINT32, "uint32"),
    REF(FIRN_UINT64, "uint64"),
    REF(FIRN_FLOAT8_E5M2, "float8_e5m2"),
    REF(FIRN_FLOAT8_E4M3FN, "float8_e4m3fn"),
    REF(FIRN_FLOAT8_E4M3FNUZ, "float8_e4m3fnuz"),
    REF(FIRN_FLOAT8_E4M3B11FNUZ, "float8_e4m3b11fnuz"),
    REF(FIRN_FLOAT8_E5M2FNUZ, "float8_e5m2fnuz"),
    REF(FIRN_INT4, "int4"),
    REF(FIRN_UINT4, "uint4"),
    REF(FIRN_INT2, "int2"),
    REF(FIRN_UINT2, "uint2"),
    REF(FIRN_FLOAT4_E2M1FN, "float4_e2m1fn"),
};
_Static_assert(FIRN_COUNT(rows) == FIRN_COUNT(ref_names),
               "every type has a reference type");

bool firn_dtype_valid(int dtype) {
  const int base = firn_dtype_base(dtype);
  return base > FIRN_INVALID && base < (int)FIRN_COUNT(rows);
}

const char *firn_dtype_name(firn_dtype dtype) {
  if (!firn_dtype_valid(dtype)) return rows[FIRN_INVALID].name;
  if (firn_dtype_is_ref(dtype)) return ref_names[firn_dtype_base(dtype)];
  return rows[dtype].name;
}

firn_dtype firn_dtype_find(const char *name) {
  for (int i = 1; i < (int)FIRN_COUNT(rows); i++) {
    if (!strcmp(name, rows[i].name) ||
        (rows[i].alias && !strcmp(name, rows[i].alias)))
      return (firn_dtype)i;
    if (!strcmp(name, ref_names[i])) return firn_dtype_ref((firn_dtype)i);
  }
  return FIRN_INVALID;
}

size_t firn_dtype_size(firn_dtype dtype) {
  if (!firn_dtype_valid(dtype)) return 0;
  if (firn_dtype_is_ref(dtype)) return sizeof(firn_object *);
  return rows[dtype].size;
}
