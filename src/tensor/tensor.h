/* tensor/tensor.h: the tensor as firn's own layers see it.
 *
 * Elements lie in a firn_buffer, which counts its owners, so that a reshaped
 * tensor shares its bytes. Kernels get tensors whose data is aligned to 64
 * bytes.
 *
 * The elements of string tensors are firn_tstring: TensorFlow's 24-byte
 * TF_TString, so that a libtensorflow-compatible shim hands out its own memory.
 * Of resource, variant and reference tensors they are firn_object pointers
 * (tensor/object.h). int4, uint4, int2, uint2, float4 take a byte each in
 * memory, the value in its low bits and the others 0 as TensorFlow has them;
 * firn_tensor_i64 extends the sign.
 *
 * Ownership and threads: as firn/tensor.h.
 */
#ifndef FIRN_TENSOR_TENSOR_H
#define FIRN_TENSOR_TENSOR_H

#include <stdatomic.h>

#include "base/alloc.h"
#include "firn/tensor.h"
#include "tensor/object.h"

typedef struct firn_buffer {
  atomic_size_t owners;
  void *data;
  size_t size;
  firn_dtype dtype; /* strings and handles are destroyed with the buffer */
  size_t count;
  firn_allocator alloc;
  void (*release)(void *ud, void *data); /* NULL: the memory is our own */
  void *ud;
} firn_buffer;

struct firn_tensor {
  atomic_size_t owners; /* of this header; 0: the header is part of something */
  firn_dtype dtype;
  firn_shape shape;     /* always known */
  size_t count;         /* elements */
  void *data;           /* within buffer, or within a run's slab */
  firn_buffer *buffer;  /* NULL: data is borrowed (slab, mapped file) */
  firn_allocator alloc; /* of the header */
};

/* ---- dtypes ------------------------------------------------------------- */

/* A set of types: bit n for type n. */
typedef uint64_t firn_dtypes;
#define FIRN_BIT(dtype) ((firn_dtypes)1 << (dtype))

enum { FIRN_REF_OFFSET = 100 };
static inline bool firn_dtype_is_ref(int dtype) {
  return dtype > FIRN_REF_OFFSET;
}
static inline firn_dtype firn_dtype_base(int dtype) {
  return (firn_dtype)(dtype > FIRN_REF_OFFSET ? dtype - FIRN_REF_OFFSET
                                              : dtype);
}
static inline firn_dtype firn_dtype_ref(firn_dtype dtype) {
  return (firn_dtype)(dtype + FIRN_REF_OFFSET);
}
static inline bool firn_dtype_is_handle(int dtype) {
  return dtype == FIRN_RESOURCE || dtype == FIRN_VARIANT ||
         dtype > FIRN_REF_OFFSET;
}
/* Whether elements are plain bytes that memcpy may copy. */
static inline bool firn_dtype_is_plain(int dtype) {
  return dtype != FIRN_STRING && !firn_dtype_is_handle(dtype);
}

/* Whether `dtype` is one of TensorFlow's numbers (or its reference). */
bool firn_dtype_valid(int dtype);

#define FIRN_FLOATS                                                     \
  (FIRN_BIT(FIRN_FLOAT) | FIRN_BIT(FIRN_DOUBLE) | FIRN_BIT(FIRN_HALF) | \
   FIRN_BIT(FIRN_BFLOAT16))
#define FIRN_SIGNED_INTS                                               \
  (FIRN_BIT(FIRN_INT8) | FIRN_BIT(FIRN_INT16) | FIRN_BIT(FIRN_INT32) | \
   FIRN_BIT(FIRN_INT64))
#define FIRN_UNSIGNED_INTS                                                \
  (FIRN_BIT(FIRN_UINT8) | FIRN_BIT(FIRN_UINT16) | FIRN_BIT(FIRN_UINT32) | \
   FIRN_BIT(FIRN_UINT64))
#define FIRN_INTS (FIRN_SIGNED_INTS | FIRN_UNSIGNED_INTS)
#define FIRN_COMPLEXES (FIRN_BIT(FIRN_COMPLEX64) | FIRN_BIT(FIRN_COMPLEX128))
#define FIRN_NUMBERS (FIRN_FLOATS | FIRN_INTS | FIRN_COMPLEXES)
#define FIRN_INDICES (FIRN_BIT(FIRN_INT32) | FIRN_BIT(FIRN_INT64))
#define FIRN_ANY (~(firn_dtypes)0)

/* 16-bit floats to float and back (round to nearest even, NaN stays NaN). */
float firn_half_to_float(uint16_t half);
uint16_t firn_half_from_float(float value);
static inline float firn_bfloat16_to_float(uint16_t value) {
  const union {
    uint32_t bits;
    float value;
  } u = {(uint32_t)value << 16};
  return u.value;
}
uint16_t firn_bfloat16_from_float(float value);

/* 8-bit floats, any of the FIRN_FLOAT8_ types; and FIRN_FLOAT4_E2M1FN. */
float firn_float8_to_float(firn_dtype dtype, uint8_t value);
uint8_t firn_float8_from_float(firn_dtype dtype, float value);

/* ---- shapes ------------------------------------------------------------- */

static inline firn_shape firn_shape_unknown(void) {
  return (firn_shape){.rank = FIRN_UNKNOWN_RANK};
}
static inline firn_shape firn_shape_scalar(void) {
  return (firn_shape){.rank = 0};
}
static inline firn_shape firn_shape_vector(int64_t n) {
  return (firn_shape){.rank = 1, .dims = {n}};
}

/* Rank known and every extent known. */
bool firn_shape_known(const firn_shape *shape);
bool firn_shape_equal(const firn_shape *a, const firn_shape *b);

/* The product of the extents of a known shape; false when it does not fit. */
bool firn_shape_count(const firn_shape *shape, int64_t *out);

/* The product of extents [begin, end), INT64_MAX where it does not fit: those
 * of an empty tensor may be anything. */
int64_t firn_shape_product(const firn_shape *shape, int begin, int end);

/* "[2,?,3]", "?" for unknown rank, "[]" for a scalar; `out` has room for 256,
 * and is returned. */
const char *firn_shape_text(const firn_shape *shape, char *out);

/* ---- strings ------------------------------------------------------------ */

/* TF_TString: up to 22 bytes lie inside, more on the heap (malloc). */
typedef union firn_tstring {
  struct {
    uint8_t size;
    char text[23];
  } small; /* low bits of size 0 */
  struct {
    size_t size, capacity;
    char *data;
  } large; /* low bits 1        */
  struct {
    uint32_t size, offset, count;
  } offset; /* low bits 2        */
  struct {
    size_t size;
    const char *data;
  } view; /* low bits 3        */
  uint64_t words[3];
} firn_tstring;

firn_str firn_tstring_get(const firn_tstring *s);
FIRN_CHECKED bool firn_tstring_set(firn_tstring *s, firn_str text);
void firn_tstring_fini(firn_tstring *s); /* and makes it empty */

/* ---- tensors ------------------------------------------------------------ */

/* A new tensor of a known shape. Plain elements are not initialised, strings
 * are empty, handles NULL. RESOURCE_EXHAUSTED for memory, INVALID_ARGUMENT for
 * a product that overflows. The data is aligned to 64 bytes. */
FIRN_CHECKED firn_code firn_tensor_make(firn_dtype dtype,
                                        const firn_shape *shape,
                                        const firn_allocator *alloc,
                                        firn_tensor **out, firn_error *err);

/* A new header over the bytes of `of` (retains its buffer), with another shape
 * of the same count, and another type of the same element size. `of` must own
 * its data (buffer not NULL). */
FIRN_CHECKED firn_code firn_tensor_view(const firn_tensor *of, firn_dtype dtype,
                                        const firn_shape *shape,
                                        firn_tensor **out, firn_error *err);

/* A header over bytes that somebody else keeps alive (a mapped file). */
FIRN_CHECKED firn_code firn_tensor_borrow(firn_dtype dtype,
                                          const firn_shape *shape,
                                          const void *data,
                                          const firn_allocator *alloc,
                                          firn_tensor **out, firn_error *err);

/* A tensor that owns its bytes: `tensor` retained when it does, else a copy. */
FIRN_CHECKED firn_code firn_tensor_keep(firn_tensor *tensor,
                                        const firn_allocator *alloc,
                                        firn_tensor **out, firn_error *err);

/* A deep copy (strings copied, handles retained). */
FIRN_CHECKED firn_code firn_tensor_copy(const firn_tensor *tensor,
                                        const firn_allocator *alloc,
                                        firn_tensor **out, firn_error *err);

/* Copies `count` elements of a type between arrays: strings are set, handles
 * retained, the rest is memcpy. The arrays do not overlap. */
FIRN_CHECKED bool firn_elements_copy(firn_dtype dtype, void *to,
                                     const void *from, size_t count);

static inline bool firn_tensor_is_scalar(const firn_tensor *t) {
  return t->shape.rank == 0;
}

/* Whether a tensor of that size may be made: INVALID_ARGUMENT when its size
 * does not fit in 63 bits, RESOURCE_EXHAUSTED above limits->tensor_bytes. */
FIRN_CHECKED firn_code firn_tensor_within(firn_dtype dtype,
                                          const firn_shape *shape,
                                          const firn_limits *limits,
                                          firn_error *err);

/* Element i of a bool or integer tensor; of a bool, integer or float tensor as
 * double. For the small tensors that steer ops. */
int64_t firn_tensor_i64(const firn_tensor *tensor, size_t i);
double firn_tensor_f64(const firn_tensor *tensor, size_t i);

#endif
