/* tensor/tensor.c: tensors and the counted buffers that their elements lie in.
 *
 * A buffer is one piece of memory: the firn_buffer itself and, from the next
 * multiple of 64 bytes on, the elements. Only foreign memory lies elsewhere.
 */
#include "tensor/tensor.h"

#include <string.h>

enum { ALIGN = 64 };

/* The bytes in front of the elements. */
static const size_t head_size =
    (sizeof(firn_buffer) + ALIGN - 1) / ALIGN * ALIGN;

/* ---- Elements ----------------------------------------------------------- */

bool firn_elements_copy(firn_dtype dtype, void *to, const void *from,
                        size_t count) {
  if (count == 0) return true;
  if (dtype == FIRN_STRING) {
    firn_tstring *t = to;
    const firn_tstring *f = from;
    for (size_t i = 0; i < count; i++)
      if (!firn_tstring_set(&t[i], firn_tstring_get(&f[i]))) return false;
  } else if (firn_dtype_is_handle(dtype)) {
    firn_object **t = to, *const *f = from;
    for (size_t i = 0; i < count; i++) {
      firn_object *old = t[i];
      t[i] = firn_object_retain(f[i]);
      firn_object_release(old);
    }
  } else {
    memcpy(to, from, count * firn_dtype_size(dtype));
  }
  return true;
}

static void elements_fini(firn_dtype dtype, void *data, size_t count) {
  if (dtype == FIRN_STRING) {
    firn_tstring *s = data;
    for (size_t i = 0; i < count; i++) firn_tstring_fini(&s[i]);
  } else if (firn_dtype_is_handle(dtype)) {
    firn_object **o = data;
    for (size_t i = 0; i < count; i++) firn_object_release(o[i]);
  }
}

/* ---- Buffers ------------------------------------------------------------ */

static firn_allocator allocator_or_default(const firn_allocator *alloc) {
  return alloc ? *alloc : firn_env_from(NULL).alloc;
}

static firn_code buffer_new(firn_dtype dtype, size_t count,
                            const firn_allocator *alloc, firn_buffer **out,
                            firn_error *err) {
  size_t size, whole;
  if (!firn_mul_size(count, firn_dtype_size(dtype), &size) ||
      !firn_add_size(size, head_size, &whole))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "%zu elements of %s are more than memory can address",
                     count, firn_dtype_name(dtype));
  firn_buffer *b = firn_new_aligned(alloc, whole);
  if (!b) return firn_oom(err, whole);
  *b = (firn_buffer){.data = (char *)b + head_size,
                     .size = size,
                     .dtype = dtype,
                     .count = count,
                     .alloc = *alloc};
  atomic_init(&b->owners, 1);
  if (!firn_dtype_is_plain(dtype)) memset(b->data, 0, size);
  *out = b;
  return FIRN_OK;
}

static void buffer_release(firn_buffer *b) {
  if (!b || atomic_fetch_sub_explicit(&b->owners, 1, memory_order_acq_rel) != 1)
    return;
  const firn_allocator alloc = b->alloc;
  if (b->release) {
    b->release(b->ud, b->data);
    firn_delete(&alloc, b, sizeof *b);
  } else {
    elements_fini(b->dtype, b->data, b->count);
    firn_delete_aligned(&alloc, b, head_size + b->size);
  }
}

static firn_buffer *buffer_retain(firn_buffer *b) {
  if (b) atomic_fetch_add_explicit(&b->owners, 1, memory_order_relaxed);
  return b;
}

/* ---- Headers ------------------------------------------------------------ */

/* A header that owns nothing yet. */
static firn_code header_new(firn_dtype dtype, const firn_shape *shape,
                            const firn_allocator *alloc, firn_tensor **out,
                            firn_error *err) {
  int64_t count;
  if (!firn_dtype_valid(dtype))
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "there is no type %d",
                     (int)dtype);
  if (!firn_shape_known(shape)) {
    char text[256];
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "a tensor needs a known shape, got %s",
                     firn_shape_text(shape, text));
  }
  if (!firn_shape_count(shape, &count) || (uint64_t)count > SIZE_MAX) {
    char text[256];
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "shape %s has more than 2^63 - 1 elements",
                     firn_shape_text(shape, text));
  }
  firn_tensor *t = firn_new(alloc, sizeof *t);
  if (!t) return firn_oom(err, sizeof *t);
  *t = (firn_tensor){
      .dtype = dtype, .shape = *shape, .count = (size_t)count, .alloc = *alloc};
  atomic_init(&t->owners, 1);
  *out = t;
  return FIRN_OK;
}

firn_code firn_tensor_make(firn_dtype dtype, const firn_shape *shape,
                           const firn_allocator *alloc, firn_tensor **out,
                           firn_error *err) {
  const firn_allocator a = allocator_or_default(alloc);
  firn_tensor *t = NULL;
  *out = NULL;
  FIRN_TRY(header_new(dtype, shape, &a, &t, err));
  const firn_code code = buffer_new(dtype, t->count, &a, &t->buffer, err);
  if (code != FIRN_OK) {
    firn_tensor_release(t);
    return code;
  }
  t->data = t->buffer->data;
  *out = t;
  return FIRN_OK;
}

firn_code firn_tensor_borrow(firn_dtype dtype, const firn_shape *shape,
                             const void *data, const firn_allocator *alloc,
                             firn_tensor **out, firn_error *err) {
  const firn_allocator a = allocator_or_default(alloc);
  *out = NULL;
  FIRN_TRY(header_new(dtype, shape, &a, out, err));
  (*out)->data = (void *)(uintptr_t)data; /* readers do not write */
  return FIRN_OK;
}

firn_code firn_tensor_view(const firn_tensor *of, firn_dtype dtype,
                           const firn_shape *shape, firn_tensor **out,
                           firn_error *err) {
  *out = NULL;
  if (firn_dtype_size(dtype) != firn_dtype_size(of->dtype) ||
      firn_dtype_is_plain(dtype) != firn_dtype_is_plain(of->dtype))
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "cannot see %s as %s",
                     firn_dtype_name(of->dtype), firn_dtype_name(dtype));
  firn_tensor *t = NULL;
  FIRN_TRY(header_new(dtype, shape, &of->alloc, &t, err));
  if (t->count != of->count) {
    firn_tensor_release(t);
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "a view needs %zu elements, got a shape of another count",
                     of->count);
  }
  t->data = of->data;
  t->buffer = buffer_retain(of->buffer);
  *out = t;
  return FIRN_OK;
}

firn_code firn_tensor_copy(const firn_tensor *tensor,
                           const firn_allocator *alloc, firn_tensor **out,
                           firn_error *err) {
  firn_tensor *t = NULL;
  *out = NULL;
  FIRN_TRY(firn_tensor_make(tensor->dtype, &tensor->shape, alloc, &t, err));
  if (!firn_elements_copy(t->dtype, t->data, tensor->data, t->count)) {
    firn_tensor_release(t);
    return firn_fail(err, FIRN_RESOURCE_EXHAUSTED,
                     "out of memory copying %zu strings", tensor->count);
  }
  *out = t;
  return FIRN_OK;
}

firn_code firn_tensor_keep(firn_tensor *tensor, const firn_allocator *alloc,
                           firn_tensor **out, firn_error *err) {
  if (!tensor->buffer) return firn_tensor_copy(tensor, alloc, out, err);
  /* A header that is part of something may die before its buffer does. */
  if (atomic_load_explicit(&tensor->owners, memory_order_relaxed) == 0)
    return firn_tensor_view(tensor, tensor->dtype, &tensor->shape, out, err);
  *out = firn_tensor_retain(tensor);
  return FIRN_OK;
}

/* ---- The public words --------------------------------------------------- */

static void keep_alive(void *ud, void *data) {
  FIRN_UNUSED(ud);
  FIRN_UNUSED(data);
}

static firn_code shape_of(int rank, const int64_t *dims, firn_shape *out,
                          firn_error *err) {
  if (rank < 0 || rank > FIRN_MAX_RANK)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "rank must be between 0 and %d, got %d", FIRN_MAX_RANK,
                     rank);
  *out = firn_shape_scalar();
  out->rank = rank;
  for (int i = 0; i < rank; i++) {
    if (dims[i] < 0)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "extent %d must not be negative, got %lld", i,
                       (long long)dims[i]);
    out->dims[i] = dims[i];
  }
  return FIRN_OK;
}

firn_code firn_tensor_within(firn_dtype dtype, const firn_shape *shape,
                             const firn_limits *limits, firn_error *err) {
  int64_t count, bytes;
  char text[256];
  if (!firn_shape_count(shape, &count) ||
      !firn_mul_i64(count, (int64_t)firn_dtype_size(dtype), &bytes))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "shape %s has more than 2^63 - 1 elements or bytes",
                     firn_shape_text(shape, text));
  if ((uint64_t)bytes > limits->tensor_bytes)
    return firn_fail(err, FIRN_RESOURCE_EXHAUSTED,
                     "a %s tensor of shape %s takes %lld bytes, more than the "
                     "limit of %llu",
                     firn_dtype_name(dtype), firn_shape_text(shape, text),
                     (long long)bytes,
                     (unsigned long long)limits->tensor_bytes);
  return FIRN_OK;
}

firn_code firn_tensor_new(firn_dtype dtype, int rank, const int64_t *dims,
                          const firn_options *options, firn_tensor **out,
                          firn_error *err) {
  const firn_env env = firn_env_from(options);
  firn_shape shape;
  *out = NULL;
  FIRN_TRY(shape_of(rank, dims, &shape, err));
  FIRN_TRY(firn_tensor_within(dtype, &shape, &env.limits, err));
  return firn_tensor_make(dtype, &shape, &env.alloc, out, err);
}

firn_code firn_tensor_rows(const firn_tensor *tensor, int64_t first,
                           int64_t count, firn_tensor **out, firn_error *err) {
  firn_shape shape = tensor->shape;
  firn_tensor *t = NULL;
  *out = NULL;
  if (shape.rank < 1)
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "a scalar has no rows");
  if (first < 0 || count < 0 || first > shape.dims[0] ||
      count > shape.dims[0] - first)
    return firn_fail(err, FIRN_OUT_OF_RANGE,
                     "%lld rows from row %lld on, of a tensor of %lld",
                     (long long)count, (long long)first,
                     (long long)shape.dims[0]);
  const size_t row =
      tensor->count / (size_t)(shape.dims[0] ? shape.dims[0] : 1);
  shape.dims[0] = count;
  FIRN_TRY(header_new(tensor->dtype, &shape, &tensor->alloc, &t, err));
  t->data = (char *)tensor->data +
            (size_t)first * row * firn_dtype_size(tensor->dtype);
  t->buffer = buffer_retain(tensor->buffer);
  *out = t;
  return FIRN_OK;
}

firn_code firn_tensor_wrap(firn_dtype dtype, int rank, const int64_t *dims,
                           void *data, size_t bytes,
                           void (*release)(void *ud, void *data), void *ud,
                           const firn_options *options, firn_tensor **out,
                           firn_error *err) {
  const firn_env env = firn_env_from(options);
  firn_shape shape;
  firn_tensor *t = NULL;
  size_t want;
  *out = NULL;
  if (!firn_dtype_is_plain(dtype))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "memory with elements of %s cannot be wrapped",
                     firn_dtype_name(dtype));
  FIRN_TRY(shape_of(rank, dims, &shape, err));
  FIRN_TRY(header_new(dtype, &shape, &env.alloc, &t, err));
  firn_code code = FIRN_OK;
  if (!firn_mul_size(t->count, firn_dtype_size(dtype), &want) ||
      want != bytes) {
    char text[256];
    code = firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "%zu bytes are not a %s tensor of shape %s", bytes,
                     firn_dtype_name(dtype), firn_shape_text(&shape, text));
    goto done;
  }
  t->buffer = firn_new(&env.alloc, sizeof *t->buffer);
  if (!t->buffer) {
    code = firn_oom(err, sizeof *t->buffer);
    goto done;
  }
  *t->buffer = (firn_buffer){.data = data,
                             .size = bytes,
                             .dtype = dtype,
                             .count = t->count,
                             .alloc = env.alloc,
                             .release = release ? release : keep_alive,
                             .ud = ud};
  atomic_init(&t->buffer->owners, 1);
  t->data = data;
  *out = t;
  t = NULL;

done:
  firn_tensor_release(t);
  return code;
}

firn_tensor *firn_tensor_retain(firn_tensor *tensor) {
  if (tensor &&
      atomic_load_explicit(&tensor->owners, memory_order_relaxed) != 0)
    atomic_fetch_add_explicit(&tensor->owners, 1, memory_order_relaxed);
  return tensor;
}

void firn_tensor_release(firn_tensor *tensor) {
  if (!tensor ||
      atomic_load_explicit(&tensor->owners, memory_order_relaxed) == 0 ||
      atomic_fetch_sub_explicit(&tensor->owners, 1, memory_order_acq_rel) != 1)
    return;
  const firn_allocator alloc = tensor->alloc;
  buffer_release(tensor->buffer);
  firn_delete(&alloc, tensor, sizeof *tensor);
}

firn_dtype firn_tensor_dtype(const firn_tensor *tensor) {
  return tensor->dtype;
}

int firn_tensor_rank(const firn_tensor *tensor) { return tensor->shape.rank; }

const int64_t *firn_tensor_dims(const firn_tensor *tensor) {
  return tensor->shape.dims;
}

size_t firn_tensor_count(const firn_tensor *tensor) { return tensor->count; }

size_t firn_tensor_bytes(const firn_tensor *tensor) {
  return tensor->count * firn_dtype_size(tensor->dtype);
}

void *firn_tensor_data(firn_tensor *tensor) { return tensor->data; }

const void *firn_tensor_const_data(const firn_tensor *tensor) {
  return tensor->data;
}

firn_str firn_tensor_string(const firn_tensor *tensor, size_t i) {
  return firn_tstring_get((const firn_tstring *)tensor->data + i);
}

firn_code firn_tensor_set_string(firn_tensor *tensor, size_t i, firn_str text,
                                 firn_error *err) {
  if (tensor->dtype != FIRN_STRING)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "a tensor of %s holds no strings",
                     firn_dtype_name(tensor->dtype));
  if (!firn_tstring_set((firn_tstring *)tensor->data + i, text))
    return firn_oom(err, text.size);
  return FIRN_OK;
}

/* ---- Single elements ---------------------------------------------------- */

/* The narrow types lie in the low bits of their byte, as TensorFlow has them.
 */
static int64_t narrow(uint8_t byte, int bits, bool is_signed) {
  const int value = byte & ((1 << bits) - 1);
  return is_signed && value >> (bits - 1) ? value - (1 << bits) : value;
}

int64_t firn_tensor_i64(const firn_tensor *tensor, size_t i) {
  const void *d = tensor->data;
  switch ((int)tensor->dtype) {
    case FIRN_BOOL:
    case FIRN_QUINT8:
    case FIRN_UINT8: return ((const uint8_t *)d)[i];
    case FIRN_QINT8:
    case FIRN_INT8: return ((const int8_t *)d)[i];
    case FIRN_QUINT16:
    case FIRN_UINT16: return ((const uint16_t *)d)[i];
    case FIRN_QINT16:
    case FIRN_INT16: return ((const int16_t *)d)[i];
    case FIRN_QINT32:
    case FIRN_INT32: return ((const int32_t *)d)[i];
    case FIRN_UINT32: return ((const uint32_t *)d)[i];
    case FIRN_UINT64: return (int64_t)((const uint64_t *)d)[i];
    case FIRN_INT64: return ((const int64_t *)d)[i];
    case FIRN_INT4: return narrow(((const uint8_t *)d)[i], 4, true);
    case FIRN_UINT4: return narrow(((const uint8_t *)d)[i], 4, false);
    case FIRN_INT2: return narrow(((const uint8_t *)d)[i], 2, true);
    case FIRN_UINT2: return narrow(((const uint8_t *)d)[i], 2, false);
    default: return 0;
  }
}

double firn_tensor_f64(const firn_tensor *tensor, size_t i) {
  const void *d = tensor->data;
  switch ((int)tensor->dtype) {
    case FIRN_FLOAT: return (double)((const float *)d)[i];
    case FIRN_DOUBLE: return ((const double *)d)[i];
    case FIRN_HALF: return (double)firn_half_to_float(((const uint16_t *)d)[i]);
    case FIRN_BFLOAT16:
      return (double)firn_bfloat16_to_float(((const uint16_t *)d)[i]);
    case FIRN_FLOAT8_E5M2:
    case FIRN_FLOAT8_E4M3FN:
    case FIRN_FLOAT8_E4M3FNUZ:
    case FIRN_FLOAT8_E4M3B11FNUZ:
    case FIRN_FLOAT8_E5M2FNUZ:
    case FIRN_FLOAT4_E2M1FN:
      return (double)firn_float8_to_float(tensor->dtype,
                                          ((const uint8_t *)d)[i]);
    case FIRN_UINT64: return (double)((const uint64_t *)d)[i];
    default: return (double)firn_tensor_i64(tensor, i);
  }
}
