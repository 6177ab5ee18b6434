/* firn/tensor.h: element types, shapes, tensors.
 *
 * A tensor is an element type, a shape and a row-major buffer. Tensors are
 * shared by counting references; the buffer may be firn's or the caller's.
 *
 *   const int64_t dims[] = {1, 784};
 *   firn_tensor *x = NULL;
 *   if (firn_tensor_new(FIRN_FLOAT, 2, dims, NULL, &x, &err) == FIRN_OK)
 *     memcpy(firn_tensor_data(x), pixels, firn_tensor_bytes(x));
 *   firn_tensor_release(x);
 *
 * Ownership: new, wrap, read and copy give a tensor that the caller releases;
 *            retain adds an owner. Data, dims and strings are borrowed.
 * Threads:   reading is safe from any number of threads; a tensor that is being
 *            written to must have one owner.
 */
#ifndef FIRN_TENSOR_H
#define FIRN_TENSOR_H

#include "firn/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* TensorFlow's DataType, number for number (types.proto). A reference type is
 * the value type plus 100; it occurs in graphs only, never in a tensor that the
 * caller sees. */
typedef enum firn_dtype {
  FIRN_INVALID = 0,
  FIRN_FLOAT = 1,
  FIRN_DOUBLE = 2,
  FIRN_INT32 = 3,
  FIRN_UINT8 = 4,
  FIRN_INT16 = 5,
  FIRN_INT8 = 6,
  FIRN_STRING = 7,
  FIRN_COMPLEX64 = 8,
  FIRN_INT64 = 9,
  FIRN_BOOL = 10,
  FIRN_QINT8 = 11,
  FIRN_QUINT8 = 12,
  FIRN_QINT32 = 13,
  FIRN_BFLOAT16 = 14,
  FIRN_QINT16 = 15,
  FIRN_QUINT16 = 16,
  FIRN_UINT16 = 17,
  FIRN_COMPLEX128 = 18,
  FIRN_HALF = 19,
  FIRN_RESOURCE = 20,
  FIRN_VARIANT = 21,
  FIRN_UINT32 = 22,
  FIRN_UINT64 = 23,
  FIRN_FLOAT8_E5M2 = 24,
  FIRN_FLOAT8_E4M3FN = 25,
  FIRN_FLOAT8_E4M3FNUZ = 26,
  FIRN_FLOAT8_E4M3B11FNUZ = 27,
  FIRN_FLOAT8_E5M2FNUZ = 28,
  FIRN_INT4 = 29,
  FIRN_UINT4 = 30,
  FIRN_INT2 = 31,
  FIRN_UINT2 = 32,
  FIRN_FLOAT4_E2M1FN = 33,
} firn_dtype;

/* "float32", "bfloat16", "string", "resource" ...: numpy's and TensorFlow's
 * names; reference types end in "_ref". "invalid" for what is no type. */
FIRN_API const char *firn_dtype_name(firn_dtype dtype);

/* The type of that name ("float32" or "float", "half" or "float16"), or
 * FIRN_INVALID. */
FIRN_API firn_dtype firn_dtype_find(const char *name);

/* Bytes of one element in memory: 24 for strings (TF_TString), 8 for resources
 * and variants, 1 for the types narrower than a byte, 0 for FIRN_INVALID. */
FIRN_API size_t firn_dtype_size(firn_dtype dtype);

enum {
  FIRN_MAX_RANK = 16, /* TensorFlow allows 254; nobody has been seen there */
  FIRN_UNKNOWN_RANK = -1,
  FIRN_UNKNOWN_DIM = -1,
};

/* The extents of a tensor. In graphs rank and extents may be unknown (-1). */
typedef struct firn_shape {
  int rank;
  int64_t dims[FIRN_MAX_RANK];
} firn_shape;

typedef struct firn_tensor firn_tensor;

/* A new tensor; numbers are not initialised, strings are empty. Takes only the
 * allocator and limits of `options`. INVALID_ARGUMENT for a negative extent or
 * too high a rank, RESOURCE_EXHAUSTED for too many bytes. */
FIRN_API FIRN_CHECKED firn_code firn_tensor_new(firn_dtype dtype, int rank,
                                                const int64_t *dims,
                                                const firn_options *options,
                                                firn_tensor **out,
                                                firn_error *err);

/* A tensor over the caller's memory. `release(ud, data)` is called when the
 * last owner is gone; NULL means that the caller keeps the memory alive
 * himself. Not for strings. On failure nothing has been taken over. */
FIRN_API FIRN_CHECKED firn_code firn_tensor_wrap(
    firn_dtype dtype, int rank, const int64_t *dims, void *data, size_t bytes,
    void (*release)(void *ud, void *data), void *ud,
    const firn_options *options, firn_tensor **out, firn_error *err);

/* Rows [first, first + count) of a tensor of rank 1 or more, as a tensor that
 * shares its memory: batches of a set without copying. OUT_OF_RANGE when there
 * are fewer rows. */
FIRN_API FIRN_CHECKED firn_code firn_tensor_rows(const firn_tensor *tensor,
                                                 int64_t first, int64_t count,
                                                 firn_tensor **out,
                                                 firn_error *err);

/* Adds and drops an owner. retain returns its argument; release takes NULL. */
FIRN_API firn_tensor *firn_tensor_retain(firn_tensor *tensor);
FIRN_API void firn_tensor_release(firn_tensor *tensor);

FIRN_API firn_dtype firn_tensor_dtype(const firn_tensor *tensor);
FIRN_API int firn_tensor_rank(const firn_tensor *tensor);
FIRN_API const int64_t *firn_tensor_dims(const firn_tensor *tensor);

/* The number of elements, and of bytes in the buffer. */
FIRN_API size_t firn_tensor_count(const firn_tensor *tensor);
FIRN_API size_t firn_tensor_bytes(const firn_tensor *tensor);

/* The elements, row-major, in the machine's byte order. Of strings, use the two
 * functions below. */
FIRN_API void *firn_tensor_data(firn_tensor *tensor);
FIRN_API const void *firn_tensor_const_data(const firn_tensor *tensor);

/* The i-th string, borrowed; and setting it, by copy. `i` is below count. */
FIRN_API firn_str firn_tensor_string(const firn_tensor *tensor, size_t i);
FIRN_API FIRN_CHECKED firn_code firn_tensor_set_string(firn_tensor *tensor,
                                                       size_t i, firn_str text,
                                                       firn_error *err);

/* Reads a tensor from a file, told by its content: .npy; .npz (the only member,
 * or `PATH[member]`); JSON (nested lists of numbers, bools, strings or
 * {"b64": ...}, complex numbers as {"real": ..., "imag": ...}); a .png or .jpg
 * image gives uint8 [height,width,channels]. `want` is the type that JSON
 * numbers and npy void types are read as, or FIRN_INVALID for the file's own
 * (JSON: int32, int64 when a number needs it, float32, bool, string,
 * complex64). bfloat16 is
 * `|V2`, float8 and the 4-bit types are `|V1` in .npy. */
FIRN_API FIRN_CHECKED firn_code firn_tensor_read(const char *path,
                                                 firn_dtype want,
                                                 const firn_options *options,
                                                 firn_tensor **out,
                                                 firn_error *err);

/* Writes a tensor: .json by the name's ending, .npy otherwise. The file appears
 * whole or not at all. Path "-" is standard output. */
FIRN_API FIRN_CHECKED firn_code firn_tensor_write(const firn_tensor *tensor,
                                                  const char *path,
                                                  firn_error *err);

/* Writes several tensors as one .npz (stored, not compressed). */
FIRN_API FIRN_CHECKED firn_code
firn_tensor_write_npz(const char *path, size_t count, const char *const *names,
                      const firn_tensor *const *tensors, firn_error *err);

/* The elements as JSON (one line, nested lists), or as numpy prints them
 * (shortened in the middle). The result is terminated; free() it. NULL when
 * memory is short. */
FIRN_API char *firn_tensor_json(const firn_tensor *tensor);
FIRN_API char *firn_tensor_text(const firn_tensor *tensor);

/* Two numbers count as equal when |a - b| <= absolute + relative * max(|a|,
 * |b|). */
typedef struct firn_tolerance {
  double relative, absolute;
} firn_tolerance;

/* By how much two tensors differ. NaN equals NaN; a NaN and a number are
 * infinitely far apart. */
typedef struct firn_difference {
  uint64_t elements; /* compared                                         */
  uint64_t count;    /* beyond the tolerance; of strings: that differ    */
  uint64_t first;    /* the first of those, as they lie in the tensor    */
  double absolute;   /* the largest |a - b|; of strings 0                */
  double relative;   /* the largest |a - b| / max(|a|, |b|)              */
} firn_difference;

/* Compares two tensors of one type and shape (else INVALID_ARGUMENT). The
 * tolerance may be NULL: then only equal numbers are. */
FIRN_API FIRN_CHECKED firn_code firn_tensor_compare(
    const firn_tensor *a, const firn_tensor *b, const firn_tolerance *tolerance,
    firn_difference *out, firn_error *err);

#ifdef __cplusplus
}
#endif

#endif
