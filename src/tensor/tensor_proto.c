/* tensor/tensor_proto.c: TensorProto to tensor and back, as TensorFlow reads
 * it.
 *
 * What TensorFlow does, and so do we: bytes in tensor_content win over typed
 * fields and must have the exact length; of too many typed values the first are
 * taken; too few are continued with the last; none at all means zeros; a typed
 * field that belongs to another type is not looked at. An unknown rank without
 * extents is a scalar.
 */
#include "tensor/tensor_proto.h"

#include <string.h>

/* ---- Shapes ------------------------------------------------------------- */

static firn_code read_shape(const firn_pb_TensorShapeProto *pb,
                            bool rank_is_known, firn_shape *out,
                            firn_error *err) {
  *out = firn_shape_scalar();
  if (!pb) return FIRN_OK;
  if (pb->unknown_rank && !rank_is_known) {
    *out = firn_shape_unknown();
    return FIRN_OK;
  }
  if (pb->dim_count > FIRN_MAX_RANK)
    return firn_fail(err, FIRN_UNIMPLEMENTED,
                     "a shape of rank %zu, firn goes up to %d", pb->dim_count,
                     FIRN_MAX_RANK);
  out->rank = (int)pb->dim_count;
  for (size_t i = 0; i < pb->dim_count; i++) {
    if (pb->dim[i]->size < -1)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "extent %zu of a shape is %lld", i,
                       (long long)pb->dim[i]->size);
    out->dims[i] = pb->dim[i]->size;
  }
  return FIRN_OK;
}

firn_code firn_shape_from_proto(const firn_pb_TensorShapeProto *pb,
                                firn_shape *out, firn_error *err) {
  return read_shape(pb, false, out, err);
}

firn_code firn_shape_to_proto(const firn_shape *shape, firn_arena *arena,
                              firn_pb_TensorShapeProto **out, firn_error *err) {
  const size_t rank = shape->rank < 0 ? 0 : (size_t)shape->rank;
  firn_pb_TensorShapeProto *pb =
      firn_pb_new(&firn_pb_type_TensorShapeProto, arena);
  firn_pb_TensorShapeProto_Dim *dims =
      firn_arena_array(arena, rank, sizeof *dims);
  *out = NULL;
  if (!pb || !dims) return firn_oom(err, rank * sizeof *dims);
  pb->dim = firn_arena_array(arena, rank, sizeof *pb->dim);
  if (!pb->dim) return firn_oom(err, rank * sizeof *pb->dim);
  pb->unknown_rank = shape->rank < 0;
  pb->dim_count = rank;
  for (size_t i = 0; i < rank; i++) {
    dims[i].size = shape->dims[i];
    pb->dim[i] = &dims[i];
  }
  *out = pb;
  return FIRN_OK;
}

firn_code firn_tensor_proto_look(const firn_pb_TensorProto *pb,
                                 firn_dtype *dtype, firn_shape *shape,
                                 firn_error *err) {
  int64_t count;
  char text[256];
  if (!firn_dtype_valid(pb->dtype) || firn_dtype_is_ref(pb->dtype))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "a tensor cannot have type %d (%s)", pb->dtype,
                     firn_dtype_name((firn_dtype)pb->dtype));
  *dtype = (firn_dtype)pb->dtype;
  FIRN_TRY(read_shape(pb->tensor_shape, true, shape, err));
  if (!firn_shape_known(shape))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "a tensor needs a known shape, got %s",
                     firn_shape_text(shape, text));
  if (!firn_shape_count(shape, &count))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "shape %s has more than 2^63 - 1 elements",
                     firn_shape_text(shape, text));
  return FIRN_OK;
}

/* ---- Reading elements --------------------------------------------------- */

/* How the values of a typed field become elements. */
typedef enum copying {
  AS_IS, /* the field has the elements' own form  */
  LOW8,  /* int32 values cut to their low 8 bits  */
  LOW16, /* ... 16 bits                           */
  LOW4,  /* ... 4 bits, in a byte                 */
  LOW2,  /* ... 2 bits, in a byte                 */
} copying;

typedef struct field {
  const void *values;
  size_t count; /* of elements, that is pairs of a complex type */
  copying copying;
} field;

static field field_of(const firn_pb_TensorProto *pb) {
  const field ints = {pb->int_val, pb->int_val_count, AS_IS};
  const field halfs = {pb->half_val, pb->half_val_count, LOW16};
  switch (pb->dtype) {
    case FIRN_FLOAT: return (field){pb->float_val, pb->float_val_count, AS_IS};
    case FIRN_DOUBLE:
      return (field){pb->double_val, pb->double_val_count, AS_IS};
    case FIRN_INT32:
    case FIRN_QINT32: return ints;
    case FIRN_UINT8:
    case FIRN_INT8:
    case FIRN_QINT8:
    case FIRN_QUINT8: return (field){ints.values, ints.count, LOW8};
    case FIRN_INT16:
    case FIRN_UINT16:
    case FIRN_QINT16:
    case FIRN_QUINT16: return (field){ints.values, ints.count, LOW16};
    case FIRN_INT4:
    case FIRN_UINT4: return (field){ints.values, ints.count, LOW4};
    case FIRN_INT2:
    case FIRN_UINT2: return (field){ints.values, ints.count, LOW2};
    case FIRN_HALF:
    case FIRN_BFLOAT16: return halfs;
    case FIRN_INT64: return (field){pb->int64_val, pb->int64_val_count, AS_IS};
    case FIRN_UINT32:
      return (field){pb->uint32_val, pb->uint32_val_count, AS_IS};
    case FIRN_UINT64:
      return (field){pb->uint64_val, pb->uint64_val_count, AS_IS};
    case FIRN_BOOL: return (field){pb->bool_val, pb->bool_val_count, AS_IS};
    case FIRN_COMPLEX64:
      return (field){pb->scomplex_val, pb->scomplex_val_count / 2, AS_IS};
    case FIRN_COMPLEX128:
      return (field){pb->dcomplex_val, pb->dcomplex_val_count / 2, AS_IS};
    default: /* float8, float4 */
      return (field){pb->float8_val.data, pb->float8_val.size, AS_IS};
  }
}

static void copy_values(const field *f, size_t element, void *to,
                        size_t count) {
  const int32_t *ints = f->values;
  uint8_t *bytes = to;
  uint16_t *words = to;
  switch (f->copying) {
    case AS_IS:
      if (count) memcpy(to, f->values, count * element);
      break;
    case LOW16:
      for (size_t i = 0; i < count; i++) words[i] = (uint16_t)ints[i];
      break;
    default: {
      const int32_t mask = f->copying == LOW8   ? 0xff
                           : f->copying == LOW4 ? 0xf
                                                : 0x3;
      for (size_t i = 0; i < count; i++) bytes[i] = (uint8_t)(ints[i] & mask);
    }
  }
}

/* Doubles what is there until it reaches the end, so that a tensor of one value
 * repeated a million times is made by twenty copies. */
static void repeat_last(char *data, size_t element, size_t have, size_t count) {
  char *begin = data + (have - 1) * element;
  size_t size = element;
  const size_t whole = (count - have + 1) * element;
  while (size < whole) {
    const size_t step = firn_min_size(size, whole - size);
    memcpy(begin + size, begin, step);
    size += step;
  }
}

static void read_values(const firn_pb_TensorProto *pb, firn_tensor *t) {
  const field f = field_of(pb);
  const size_t element = firn_dtype_size(t->dtype);
  const size_t have = firn_min_size(f.count, t->count);
  if (t->count == 0) return;
  if (have == 0) {
    memset(t->data, 0, t->count * element);
    return;
  }
  copy_values(&f, element, t->data, have);
  repeat_last(t->data, element, have, t->count);
}

/* Clears the bits that an element of a narrow type does not use. */
static void clear_high_bits(firn_tensor *t) {
  uint8_t *bytes = t->data, mask;
  switch ((int)t->dtype) {
    case FIRN_INT4:
    case FIRN_UINT4:
    case FIRN_FLOAT4_E2M1FN: mask = 0xf; break;
    case FIRN_INT2:
    case FIRN_UINT2: mask = 0x3; break;
    default: return;
  }
  for (size_t i = 0; i < t->count; i++) bytes[i] &= mask;
}

/* Before memory is taken: a wrong length is the file's fault, not memory's. */
static firn_code check_content(firn_str content, firn_dtype dtype,
                               const firn_shape *shape, firn_error *err) {
  const uint64_t count = (uint64_t)firn_shape_product(shape, 0, shape->rank);
  const uint64_t want = count * firn_dtype_size(dtype);
  char text[256];
  if (content.size == 0 || count == 0) return FIRN_OK;
  if (dtype == FIRN_STRING ? content.size >= count : content.size == want)
    return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "tensor_content has %zu bytes, a %s tensor of shape %s has "
                   "%s%llu",
                   content.size, firn_dtype_name(dtype),
                   firn_shape_text(shape, text),
                   dtype == FIRN_STRING ? "at least " : "",
                   (unsigned long long)(dtype == FIRN_STRING ? count : want));
}

static firn_code read_content(firn_str content, firn_tensor *t,
                              firn_error *err) {
  uint8_t *data = t->data;
  memcpy(data, content.data, content.size);
  if (t->dtype == FIRN_BOOL)
    for (size_t i = 0; i < t->count; i++)
      if (data[i] > 1)
        return firn_fail(err, FIRN_INVALID_ARGUMENT,
                         "bool %zu of tensor_content is %d", i, data[i]);
  return FIRN_OK;
}

static firn_code set_element(firn_tensor *t, size_t i, firn_str text,
                             firn_error *err) {
  if (firn_tstring_set((firn_tstring *)t->data + i, text)) return FIRN_OK;
  return firn_oom(err, text.size);
}

/* The lengths of all strings as varints, then their bytes, nothing after. Read
 * with two cursors: one in the lengths, one in the bytes. */
static firn_code read_string_content(firn_str content, firn_tensor *t,
                                     firn_error *err) {
  const firn_bytes whole = {(const uint8_t *)content.data, content.size};
  firn_bytes bytes = whole, lengths = whole;
  uint64_t size;
  for (size_t i = 0; i < t->count; i++)
    FIRN_TRY(firn_wire_varint(&bytes, &size, err));
  for (size_t i = 0; i < t->count; i++) {
    FIRN_TRY(firn_wire_varint(&lengths, &size, err));
    if (size > bytes.size)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "string %zu of tensor_content has %llu bytes, %zu are "
                       "left",
                       i, (unsigned long long)size, bytes.size);
    const firn_str text = {(const char *)bytes.data, (size_t)size};
    FIRN_TRY(set_element(t, i, text, err));
    bytes.data += size;
    bytes.size -= (size_t)size;
  }
  if (bytes.size)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "%zu bytes follow the strings of tensor_content",
                     bytes.size);
  return FIRN_OK;
}

static firn_code read_strings(const firn_pb_TensorProto *pb, firn_tensor *t,
                              firn_error *err) {
  const size_t have = pb->string_val_count;
  if (pb->tensor_content.size && t->count)
    return read_string_content(pb->tensor_content, t, err);
  if (have == 0) return FIRN_OK; /* all empty already */
  for (size_t i = 0; i < t->count; i++)
    FIRN_TRY(set_element(t, i, pb->string_val[i < have ? i : have - 1], err));
  return FIRN_OK;
}

/* Strings that a small file may ask for: the heap must not grow out of
 * proportion when one long string is continued over many elements. */
static firn_code check_repeated(const firn_pb_TensorProto *pb,
                                const firn_tensor *t, const firn_limits *limits,
                                firn_error *err) {
  const size_t have = pb->string_val_count;
  size_t bytes;
  if (have == 0 || t->count <= have) return FIRN_OK;
  if (!firn_mul_size(t->count - have, pb->string_val[have - 1].size, &bytes) ||
      bytes > limits->tensor_bytes)
    return firn_fail(err, FIRN_RESOURCE_EXHAUSTED,
                     "%zu repeats of a string of %zu bytes are more than the "
                     "limit of %llu",
                     t->count - have, pb->string_val[have - 1].size,
                     (unsigned long long)limits->tensor_bytes);
  return FIRN_OK;
}

firn_code firn_tensor_from_proto(const firn_pb_TensorProto *pb,
                                 const firn_env *env, firn_tensor **out,
                                 firn_error *err) {
  firn_dtype dtype = FIRN_INVALID;
  firn_shape shape;
  firn_tensor *t = NULL;
  *out = NULL;
  FIRN_TRY(firn_tensor_proto_look(pb, &dtype, &shape, err));
  if (firn_dtype_is_handle(dtype))
    return firn_fail(err, FIRN_UNIMPLEMENTED,
                     "a constant of type %s cannot be read",
                     firn_dtype_name(dtype));
  FIRN_TRY(firn_tensor_within(dtype, &shape, &env->limits, err));
  FIRN_TRY(check_content(pb->tensor_content, dtype, &shape, err));
  FIRN_TRY(firn_tensor_make(dtype, &shape, &env->alloc, &t, err));

  firn_code code = FIRN_OK;
  if (dtype == FIRN_STRING) {
    code = check_repeated(pb, t, &env->limits, err);
    if (code == FIRN_OK) code = read_strings(pb, t, err);
  } else if (pb->tensor_content.size && t->count) {
    code = read_content(pb->tensor_content, t, err);
  } else {
    read_values(pb, t);
  }
  clear_high_bits(t);
  if (code == FIRN_OK)
    *out = t;
  else
    firn_tensor_release(t);
  return code;
}

/* ---- Writing ------------------------------------------------------------ */

/* Types that make_tensor_proto gives as raw bytes when there are two elements
 * or more. The others always use their typed field. */
static const firn_dtypes content_types =
    FIRN_FLOATS | FIRN_BIT(FIRN_UINT8) | FIRN_SIGNED_INTS |
    FIRN_BIT(FIRN_UINT32) | FIRN_BIT(FIRN_UINT64) | FIRN_BIT(FIRN_QINT8) |
    FIRN_BIT(FIRN_QUINT8) | FIRN_BIT(FIRN_QINT16) | FIRN_BIT(FIRN_QUINT16) |
    FIRN_BIT(FIRN_QINT32) | FIRN_BIT(FIRN_FLOAT4_E2M1FN) |
    FIRN_BIT(FIRN_FLOAT8_E5M2) | FIRN_BIT(FIRN_FLOAT8_E4M3FN) |
    FIRN_BIT(FIRN_FLOAT8_E4M3FNUZ) | FIRN_BIT(FIRN_FLOAT8_E4M3B11FNUZ) |
    FIRN_BIT(FIRN_FLOAT8_E5M2FNUZ);

static firn_code write_strings(const firn_tensor *t, firn_arena *arena,
                               firn_pb_TensorProto *pb, firn_error *err) {
  pb->string_val = firn_arena_array(arena, t->count, sizeof(firn_str));
  if (!pb->string_val) return firn_oom(err, t->count * sizeof(firn_str));
  pb->string_val_count = t->count;
  for (size_t i = 0; i < t->count; i++)
    pb->string_val[i] = firn_tensor_string(t, i);
  return FIRN_OK;
}

/* int_val and half_val are 32 bits wide whatever the elements are. */
static firn_code write_ints(const firn_tensor *t, firn_arena *arena,
                            int32_t **out, size_t *out_count, firn_error *err) {
  int32_t *values = firn_arena_array(arena, t->count, sizeof *values);
  if (!values) return firn_oom(err, t->count * sizeof *values);
  const uint16_t *bits = t->data;
  const bool is_half = t->dtype == FIRN_HALF || t->dtype == FIRN_BFLOAT16;
  for (size_t i = 0; i < t->count; i++)
    values[i] = is_half ? bits[i] : (int32_t)firn_tensor_i64(t, i);
  *out = values;
  *out_count = t->count;
  return FIRN_OK;
}

/* The message does not write to what it borrows. */
#define BORROW(member)      \
  do {                      \
    pb->member = t->data;   \
    pb->member##_count = n; \
  } while (0)

static firn_code write_typed(const firn_tensor *t, firn_arena *arena,
                             firn_pb_TensorProto *pb, firn_error *err) {
  size_t n = t->count;
  switch ((int)t->dtype) {
    case FIRN_FLOAT: BORROW(float_val); return FIRN_OK;
    case FIRN_DOUBLE: BORROW(double_val); return FIRN_OK;
    case FIRN_INT64: BORROW(int64_val); return FIRN_OK;
    case FIRN_UINT32: BORROW(uint32_val); return FIRN_OK;
    case FIRN_UINT64: BORROW(uint64_val); return FIRN_OK;
    case FIRN_BOOL: BORROW(bool_val); return FIRN_OK;
    case FIRN_COMPLEX64:
      n *= 2;
      BORROW(scomplex_val);
      return FIRN_OK;
    case FIRN_COMPLEX128:
      n *= 2;
      BORROW(dcomplex_val);
      return FIRN_OK;
    case FIRN_HALF:
    case FIRN_BFLOAT16:
      return write_ints(t, arena, &pb->half_val, &pb->half_val_count, err);
    case FIRN_FLOAT8_E5M2:
    case FIRN_FLOAT8_E4M3FN:
    case FIRN_FLOAT8_E4M3FNUZ:
    case FIRN_FLOAT8_E4M3B11FNUZ:
    case FIRN_FLOAT8_E5M2FNUZ:
    case FIRN_FLOAT4_E2M1FN:
      pb->float8_val = (firn_str){t->data, n};
      return FIRN_OK;
    default: return write_ints(t, arena, &pb->int_val, &pb->int_val_count, err);
  }
}

static firn_code to_proto(const firn_tensor *tensor, bool typed,
                          firn_arena *arena, firn_pb_TensorProto **out,
                          firn_error *err) {
  firn_pb_TensorProto *pb = firn_pb_new(&firn_pb_type_TensorProto, arena);
  *out = NULL;
  if (!pb) return firn_oom(err, sizeof *pb);
  if (firn_dtype_is_handle(tensor->dtype))
    return firn_fail(err, FIRN_UNIMPLEMENTED,
                     "a tensor of %s cannot be written as a constant",
                     firn_dtype_name(tensor->dtype));
  pb->dtype = tensor->dtype;
  FIRN_TRY(firn_shape_to_proto(&tensor->shape, arena, &pb->tensor_shape, err));
  if (tensor->count == 0) {
    *out = pb;
    return FIRN_OK;
  }
  const bool content =
      !typed && tensor->count > 1 && (content_types & FIRN_BIT(tensor->dtype));
  if (tensor->dtype == FIRN_STRING)
    FIRN_TRY(write_strings(tensor, arena, pb, err));
  else if (content)
    pb->tensor_content = (firn_str){tensor->data, firn_tensor_bytes(tensor)};
  else
    FIRN_TRY(write_typed(tensor, arena, pb, err));
  *out = pb;
  return FIRN_OK;
}

firn_code firn_tensor_to_proto(const firn_tensor *tensor, firn_arena *arena,
                               firn_pb_TensorProto **out, firn_error *err) {
  return to_proto(tensor, false, arena, out, err);
}

firn_code firn_tensor_to_typed_proto(const firn_tensor *tensor,
                                     firn_arena *arena,
                                     firn_pb_TensorProto **out,
                                     firn_error *err) {
  return to_proto(tensor, true, arena, out, err);
}
