/* tensor/compare.c: elements side by side.
 *
 * Most of what is compared is the same byte for byte, so runs of bytes are
 * compared first, and elements only where they differ. */
#include "tensor/compare.h"

#include <math.h>

#include "base/text.h"

enum { RUN = 1024 }; /* elements that are first compared as bytes */

/* A number as a difference wants it: integers exactly, the rest as doubles. */
typedef struct number {
  bool is_integer, below_zero;
  uint64_t magnitude; /* of an integer */
  double real, imaginary;
} number;

static number integer(int64_t value) {
  const uint64_t bits = (uint64_t)value;
  return (number){.is_integer = true,
                  .below_zero = value < 0,
                  .magnitude = value < 0 ? ~bits + 1 : bits};
}

static number natural(uint64_t value) {
  return (number){.is_integer = true, .magnitude = value};
}

static number real(double value) { return (number){.real = value}; }

/* The value in the low bits of a byte, with its sign. */
static int64_t narrow(uint8_t byte, int bits) {
  const int top = 1 << (bits - 1), value = byte & (2 * top - 1);
  return value & top ? value - 2 * top : value;
}

static number integer_at(firn_dtype dtype, const void *data, size_t i) {
  switch ((int)dtype) {
    case FIRN_BOOL:
    case FIRN_UINT8:
    case FIRN_QUINT8: return natural(((const uint8_t *)data)[i]);
    case FIRN_INT8:
    case FIRN_QINT8: return integer(((const int8_t *)data)[i]);
    case FIRN_INT16:
    case FIRN_QINT16: return integer(((const int16_t *)data)[i]);
    case FIRN_UINT16:
    case FIRN_QUINT16: return natural(((const uint16_t *)data)[i]);
    case FIRN_INT32:
    case FIRN_QINT32: return integer(((const int32_t *)data)[i]);
    case FIRN_UINT32: return natural(((const uint32_t *)data)[i]);
    case FIRN_INT64: return integer(((const int64_t *)data)[i]);
    case FIRN_INT4: return integer(narrow(((const uint8_t *)data)[i], 4));
    case FIRN_INT2: return integer(narrow(((const uint8_t *)data)[i], 2));
    case FIRN_UINT4: return natural(((const uint8_t *)data)[i] & 15);
    case FIRN_UINT2: return natural(((const uint8_t *)data)[i] & 3);
    default: return natural(((const uint64_t *)data)[i]);
  }
}

static number number_at(firn_dtype dtype, const void *data, size_t i) {
  const float *floats = data;
  const double *doubles = data;
  switch ((int)dtype) {
    case FIRN_FLOAT: return real((double)floats[i]);
    case FIRN_DOUBLE: return real(doubles[i]);
    case FIRN_HALF:
      return real((double)firn_half_to_float(((const uint16_t *)data)[i]));
    case FIRN_BFLOAT16:
      return real((double)firn_bfloat16_to_float(((const uint16_t *)data)[i]));
    case FIRN_COMPLEX64:
      return (number){.real = (double)floats[2 * i],
                      .imaginary = (double)floats[2 * i + 1]};
    case FIRN_COMPLEX128:
      return (number){.real = doubles[2 * i], .imaginary = doubles[2 * i + 1]};
    case FIRN_FLOAT8_E5M2:
    case FIRN_FLOAT8_E4M3FN:
    case FIRN_FLOAT8_E4M3FNUZ:
    case FIRN_FLOAT8_E4M3B11FNUZ:
    case FIRN_FLOAT8_E5M2FNUZ:
    case FIRN_FLOAT4_E2M1FN:
      return real(
          (double)firn_float8_to_float(dtype, ((const uint8_t *)data)[i]));
    default: return integer_at(dtype, data, i);
  }
}

/* ---- Differences -------------------------------------------------------- */

static double size_of(const number *n) {
  return n->is_integer ? (double)n->magnitude : hypot(n->real, n->imaginary);
}

static double apart(double a, double b) {
  if (a == b || (isnan(a) && isnan(b))) return 0;
  const double d = fabs(a - b);
  return isnan(d) ? INFINITY : d;
}

static double distance(const number *a, const number *b) {
  if (!a->is_integer)
    return hypot(apart(a->real, b->real), apart(a->imaginary, b->imaginary));
  if (a->below_zero != b->below_zero)
    return (double)a->magnitude + (double)b->magnitude;
  return (double)(a->magnitude > b->magnitude ? a->magnitude - b->magnitude
                                              : b->magnitude - a->magnitude);
}

static void count_one(firn_difference *d, uint64_t at) {
  if (!d->count) d->first = at;
  d->count++;
}

static void compare_one(const number *a, const number *b, uint64_t at,
                        const firn_tolerance *t, firn_difference *d) {
  const double absolute = distance(a, b);
  if (absolute == 0) return;
  const double sa = size_of(a), sb = size_of(b);
  double larger = sa > sb ? sa : sb;
  if (isnan(sa) || isnan(sb)) larger = INFINITY;
  const double relative = isinf(larger) ? INFINITY : absolute / larger;
  if (absolute > d->absolute) d->absolute = absolute;
  if (relative > d->relative) d->relative = relative;
  const double room = t->relative > 0 && !isinf(larger)
                          ? t->absolute + t->relative * larger
                          : t->absolute;
  if (absolute > room) count_one(d, at);
}

static void compare_strings(const firn_tstring *a, const firn_tstring *b,
                            size_t count, firn_difference *d) {
  for (size_t i = 0; i < count; i++)
    if (!firn_str_eq(firn_tstring_get(&a[i]), firn_tstring_get(&b[i])))
      count_one(d, d->elements + i);
}

void firn_compare_elements(firn_dtype dtype, const void *a, const void *b,
                           size_t count, const firn_tolerance *tolerance,
                           firn_difference *out) {
  const size_t width = firn_dtype_size(dtype);
  const char *pa = a, *pb = b;
  if (dtype == FIRN_STRING) {
    compare_strings(a, b, count, out);
    out->elements += count;
    return;
  }
  for (size_t done = 0; done < count;) {
    const size_t n = firn_min_size(RUN, count - done);
    const size_t end = done + n;
    if (!memcmp(pa + done * width, pb + done * width, n * width)) done = end;
    for (; done < end; done++) {
      const number na = number_at(dtype, a, done),
                   nb = number_at(dtype, b, done);
      compare_one(&na, &nb, out->elements + done, tolerance, out);
    }
  }
  out->elements += count;
}

firn_code firn_tensor_compare(const firn_tensor *a, const firn_tensor *b,
                              const firn_tolerance *tolerance,
                              firn_difference *out, firn_error *err) {
  const firn_tolerance exact = {.relative = 0};
  char have[256], want[256];
  *out = (firn_difference){.elements = 0};
  if (a->dtype != b->dtype || !firn_shape_equal(&a->shape, &b->shape))
    return firn_fail(
        err, FIRN_INVALID_ARGUMENT,
        "a %s tensor of shape %s cannot be compared with a %s "
        "tensor of shape %s",
        firn_dtype_name(a->dtype), firn_shape_text(&a->shape, have),
        firn_dtype_name(b->dtype), firn_shape_text(&b->shape, want));
  if (firn_dtype_is_handle(a->dtype))
    return firn_fail(err, FIRN_UNIMPLEMENTED,
                     "values of type %s cannot be compared",
                     firn_dtype_name(a->dtype));
  firn_compare_elements(a->dtype, a->data, b->data, a->count,
                        tolerance ? tolerance : &exact, out);
  return FIRN_OK;
}
