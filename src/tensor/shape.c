/* tensor/shape.c: counting, comparing and printing shapes. */
#include <stdio.h>
#include <string.h>

#include "tensor/tensor.h"

bool firn_shape_known(const firn_shape *shape) {
  if (shape->rank < 0) return false;
  for (int i = 0; i < shape->rank; i++)
    if (shape->dims[i] < 0) return false;
  return true;
}

bool firn_shape_equal(const firn_shape *a, const firn_shape *b) {
  if (a->rank != b->rank) return false;
  for (int i = 0; i < a->rank; i++)
    if (a->dims[i] != b->dims[i]) return false;
  return true;
}

/* From left to right as TensorFlow multiplies: [2^40,2^40,0] overflows although
 * it holds nothing, [0,2^40,2^40] does not. */
bool firn_shape_count(const firn_shape *shape, int64_t *out) {
  int64_t count = 1;
  for (int i = 0; i < shape->rank; i++)
    if (!firn_mul_i64(count, shape->dims[i], &count)) return false;
  *out = count;
  return true;
}

int64_t firn_shape_product(const firn_shape *shape, int begin, int end) {
  int64_t product = 1;
  for (int i = begin; i < end; i++)
    if (!firn_mul_i64(product, shape->dims[i], &product)) product = INT64_MAX;
  return product;
}

const char *firn_shape_text(const firn_shape *shape, char *out) {
  enum { ROOM = 256 };
  size_t used = 0;
  if (shape->rank < 0) return strcpy(out, "?");
  out[used++] = '[';
  for (int i = 0; i < shape->rank; i++) {
    const char *comma = i ? "," : "";
    int n;
    if (shape->dims[i] < 0)
      n = snprintf(out + used, ROOM - used, "%s?", comma);
    else
      n = snprintf(out + used, ROOM - used, "%s%lld", comma,
                   (long long)shape->dims[i]);
    /* Sixteen extents of nineteen digits do not fit: cut, and say so. */
    if ((size_t)n >= ROOM - used - 1) {
      strcpy(out + ROOM - 5, "...]");
      return out;
    }
    used += (size_t)n;
  }
  out[used++] = ']';
  out[used] = '\0';
  return out;
}
