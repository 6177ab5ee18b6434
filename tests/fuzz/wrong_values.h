/* fuzz/wrong_values.h: tensors and attrs that are wrong, or nearly right.
 *
 * What is drawn leans to what gets past the first check: small extents, one
 * shape for all inputs of a node, one style for all its numbers. A style is
 * what a node's numbers have in common: small and not negative, sorted, at the
 * edges of their type ...
 *
 * Everything follows from wrong_seed.
 */
#ifndef FIRN_FUZZ_WRONG_VALUES_H
#define FIRN_FUZZ_WRONG_VALUES_H

#include "support/op_case.h"

static uint64_t wrong_state;

/* splitmix64 */
OP_UNUSED uint64_t wrong_random(void) {
  uint64_t z = wrong_state += 0x9e3779b97f4a7c15u;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
  z = (z ^ z >> 27) * 0x94d049bb133111ebu;
  return z ^ z >> 31;
}

OP_UNUSED void wrong_seed(uint64_t seed, firn_str op, uint64_t round) {
  wrong_state = seed * 0x2545f4914f6cdd1du + round;
  for (size_t i = 0; i < op.size; i++)
    wrong_state = wrong_random() ^ (uint8_t)op.data[i];
}

OP_UNUSED size_t wrong_below(size_t n) {
  return n ? (size_t)(wrong_random() % n) : 0;
}

OP_UNUSED bool wrong_chance(unsigned percent) {
  return wrong_below(100) < percent;
}

/* ---- Styles --------------------------------------------------------------
 */

enum { INTS_SMALL, INTS_MIXED, INTS_SORTED, INTS_RARELY_ODD, INTS_ODD, INTS };
enum { FLOATS_UNIT, FLOATS_WHOLE, FLOATS_RARELY_ODD, FLOATS_ODD, FLOATS };

typedef struct wrong_style {
  firn_shape shape;
  int ints, floats;
  bool files; /* strings may become names of files */
} wrong_style;

OP_UNUSED int64_t wrong_odd_int(void) {
  static const int64_t odd[] = {-1,
                                0,
                                1,
                                2,
                                -2,
                                127,
                                128,
                                -128,
                                255,
                                256,
                                1000,
                                65535,
                                65536,
                                1 << 20,
                                INT32_MAX,
                                INT32_MIN,
                                (int64_t)INT32_MAX + 1,
                                (int64_t)1 << 32,
                                (int64_t)1 << 40,
                                (int64_t)1 << 61,
                                (int64_t)1 << 62,
                                INT64_MAX,
                                INT64_MAX - 1,
                                INT64_MIN,
                                INT64_MIN + 1};
  return odd[wrong_below(FIRN_COUNT(odd))];
}

OP_UNUSED double wrong_odd_float(void) {
  static const double odd[] = {0,      -0.0,          1,         -1,     0.5,
                               NAN,    INFINITY,      -INFINITY, 1e30,   -1e30,
                               1e-30,  1e300,         -1e300,    5e-324, 1e-40,
                               0x1p31, 0x1p63,        -0x1p63,   0x1p53, 65504,
                               1e5,    0x1.fffffep127};
  return odd[wrong_below(FIRN_COUNT(odd))];
}

OP_UNUSED int64_t wrong_int(int style, int64_t before) {
  switch (style) {
    case INTS_SMALL: return (int64_t)wrong_below(4);
    case INTS_MIXED: return (int64_t)wrong_below(9) - 3;
    case INTS_SORTED: return before + (int64_t)wrong_below(3);
    case INTS_RARELY_ODD:
      return wrong_chance(10) ? wrong_odd_int() : (int64_t)wrong_below(5);
    default: return wrong_odd_int();
  }
}

OP_UNUSED double wrong_float(int style) {
  const double unit = (double)wrong_below(1u << 20) / (1u << 19) - 1;
  switch (style) {
    case FLOATS_UNIT: return unit;
    case FLOATS_WHOLE: return (double)wrong_below(10) - 2;
    case FLOATS_RARELY_ODD: return wrong_chance(10) ? wrong_odd_float() : unit;
    default: return wrong_odd_float();
  }
}

/* ---- Shapes --------------------------------------------------------------
 */

OP_UNUSED int64_t wrong_extent(void) {
  static const int64_t extents[] = {0, 1, 1, 1, 2, 2, 2, 3, 3, 4, 4, 5, 8, 17};
  return extents[wrong_below(FIRN_COUNT(extents))];
}

/* Few elements; now and then none, beside extents that are huge. */
OP_UNUSED firn_shape wrong_any_shape(void) {
  enum { MOST = 4096 };
  firn_shape shape = {.rank = (int)wrong_below(5)};
  if (wrong_chance(3)) shape.rank = (int)wrong_below(FIRN_MAX_RANK + 1);
  int64_t count = 1;
  for (int k = 0; k < shape.rank; k++) {
    const int64_t n = wrong_extent();
    shape.dims[k] = count * n > MOST ? 1 : n;
    count *= shape.dims[k];
  }
  if (shape.rank > 1 && wrong_chance(2)) {
    static const int64_t huge[] = {INT32_MAX, (int64_t)1 << 40,
                                   (int64_t)1 << 62};
    const size_t at = wrong_below((size_t)shape.rank);
    shape.dims[at] = huge[wrong_below(FIRN_COUNT(huge))];
    shape.dims[(at + 1) % (size_t)shape.rank] = 0;
    for (int k = 0; k < shape.rank; k++)
      if (shape.dims[k] > 0 && k != (int)at) shape.dims[k] = 1;
  }
  return shape;
}

OP_UNUSED firn_shape wrong_shape(const wrong_style *style) {
  const size_t what = wrong_below(100);
  firn_shape shape = style->shape;
  if (what < 40) return shape;
  if (what < 50) { /* broadcasts, perhaps */
    const size_t at = wrong_below((size_t)shape.rank);
    if (shape.rank && shape.dims[at]) shape.dims[at] = 1;
    return shape;
  }
  if (what < 65) return firn_shape_scalar();
  if (what < 80) return firn_shape_vector(wrong_extent());
  if (what < 86) return firn_shape_vector(shape.rank);
  return wrong_any_shape();
}

/* ---- Strings --------------------------------------------------------------
 */

OP_UNUSED void wrong_damage(char *text, size_t *size, size_t room) {
  for (size_t n = 1 + wrong_below(4); n--;) {
    const size_t at = wrong_below(*size + 1);
    const size_t what = wrong_below(4);
    if (what == 0) *size = at;
    if (what == 1 && *size) text[at % *size] ^= (char)(1 << wrong_below(8));
    if (what == 2 && *size) text[at % *size] = (char)wrong_random();
    if (what == 3 && *size < room) {
      memmove(text + at + 1, text + at, *size - at);
      text[at] = (char)wrong_random();
      (*size)++;
    }
  }
}

OP_UNUSED size_t wrong_text(char *out, size_t room, bool files) {
  static const char *const some[] = {
      "",
      "a",
      "hello world",
      "3.14",
      "-7",
      "1e999",
      "0x1f",
      "a,b,\"c\"\n",
      "aGVsbG8",
      "%s {} %d %n",
      "(a|b",
      "[",
      "a*",
      "\\1\\9",
      "(?i)x{2,99999}",
      "\xff\xfe",
      "\xc3\xa9",
      "\xf0\x9f\x98\x80",
      "\xed\xa0\x80",
      "\xe2\x82",
      "SAME",
      "NHWC",
      "float",
      "UTF-16-BE",
      "ab,bc->ac",
      "...ij->...ji",
      "\x89PNG\r\n\x1a\n",
      "\xff\xd8\xff\xe0",
      "GIF89a\1",
      "BM\x36",
      "RIFF\x24\1\1\1WAVEfmt ",
      "\x0a\x0f\x0a\x0d\x0a\x01x\x12\x08\x1a\x06",
      "\x08\x01\x12\x04\x12\x02\x08\x01",
      "\x78\x9c",
      "{",
      "[1,2]",
      "*",
      "?"};
  const char *text = some[wrong_below(FIRN_COUNT(some))];
  size_t size = strlen(text);
  memcpy(out, text, size);
  if (wrong_chance(15))
    for (size = 0; size < wrong_below(room); size++)
      out[size] = (char)wrong_random();
  if (wrong_chance(20)) wrong_damage(out, &size, room);
  for (size_t i = 0; files && i < size; i++)
    if (out[i] == '/') out[i] = '_';
  return size;
}

/* ---- Tensors --------------------------------------------------------------
 */

/* Bits of a type that may be set: others would not be a value of it. */
OP_UNUSED uint8_t wrong_mask(firn_dtype t) {
  if (t == FIRN_BOOL) return 1;
  if (t == FIRN_INT2 || t == FIRN_UINT2) return 3;
  return t == FIRN_INT4 || t == FIRN_UINT4 || t == FIRN_FLOAT4_E2M1FN ? 15
                                                                      : 255;
}

OP_UNUSED void wrong_element(firn_tensor *t, size_t i, const wrong_style *style,
                             int64_t *before) {
  const size_t size = firn_dtype_size(t->dtype);
  uint8_t *to = (uint8_t *)t->data + i * size;
  char text[200];
  if (t->dtype == FIRN_STRING) {
    const size_t n = wrong_text(text, sizeof text, style->files);
    CHECK(firn_tstring_set((firn_tstring *)to, (firn_str){text, n}));
  } else if (t->dtype == FIRN_COMPLEX64 || t->dtype == FIRN_COMPLEX128) {
    const firn_dtype part =
        t->dtype == FIRN_COMPLEX64 ? FIRN_FLOAT : FIRN_DOUBLE;
    op_put_float(part, to, wrong_float(style->floats));
    op_put_float(part, to + size / 2, wrong_float(style->floats));
  } else if (op_is_float(t->dtype)) {
    op_put_float(t->dtype, to, wrong_float(style->floats));
  } else if (firn_dtype_is_plain(t->dtype)) {
    *before = wrong_int(style->ints, *before);
    memcpy(to, before, size);
    *to &= wrong_mask(t->dtype);
  }
}

OP_UNUSED firn_tensor *wrong_make(firn_dtype dtype, const firn_shape *shape,
                                  const firn_env *env) {
  firn_tensor *t = NULL;
  firn_error err = FIRN_ERROR_INIT;
  CHECK_OK(firn_tensor_make(dtype, shape, &env->alloc, &t, &err), &err);
  return t;
}

/* Handles stay NULL. */
OP_UNUSED firn_tensor *wrong_tensor(firn_dtype dtype, const firn_shape *shape,
                                    const wrong_style *style,
                                    const firn_env *env) {
  firn_tensor *t = wrong_make(dtype, shape, env);
  int64_t before = 0;
  for (size_t i = 0; i < t->count; i++) wrong_element(t, i, style, &before);
  return t;
}

/* The elements over and over again in another shape. */
OP_UNUSED firn_tensor *wrong_reshaped(const firn_tensor *t,
                                      const firn_shape *shape,
                                      const wrong_style *style,
                                      const firn_env *env) {
  if (t->count == 0) return wrong_tensor(t->dtype, shape, style, env);
  firn_tensor *out = wrong_make(t->dtype, shape, env);
  const size_t size = firn_dtype_size(t->dtype);
  for (size_t i = 0; i < out->count; i++)
    CHECK(firn_elements_copy(t->dtype, (char *)out->data + i * size,
                             (char *)t->data + i % t->count * size, 1));
  return out;
}

/* The same numbers in another type, as far as they go. */
OP_UNUSED firn_tensor *wrong_cast(const firn_tensor *t, firn_dtype dtype,
                                  const wrong_style *style,
                                  const firn_env *env) {
  firn_tensor *out = wrong_tensor(dtype, &t->shape, style, env);
  const bool number = firn_dtype_is_plain(t->dtype) &&
                      t->dtype != FIRN_COMPLEX64 && t->dtype != FIRN_COMPLEX128;
  if (!number || !firn_dtype_is_plain(dtype) || dtype == FIRN_COMPLEX64 ||
      dtype == FIRN_COMPLEX128)
    return out;
  for (size_t i = 0; i < t->count; i++) {
    uint8_t *to = (uint8_t *)out->data + i * firn_dtype_size(dtype);
    const double v = firn_tensor_f64(t, i);
    if (op_is_float(dtype)) {
      op_put_float(dtype, to, v);
      continue;
    }
    const int64_t n = fabs(v) < 0x1p62 ? (int64_t)v : 0;
    memcpy(to, &n, firn_dtype_size(dtype));
    *to &= wrong_mask(dtype);
  }
  return out;
}

/* The shape with one extent, or its rank, changed. */
OP_UNUSED firn_shape wrong_near_shape(const firn_shape *of) {
  enum { MOST = 1 << 16 };
  firn_shape shape = *of;
  const size_t rank = (size_t)shape.rank, at = wrong_below(rank);
  const size_t what = wrong_below(8);
  if (what <= 3 && rank) {
    const int64_t n = shape.dims[at];
    const int64_t other[] = {n + 1, n ? n - 1 : 1, 0, wrong_extent()};
    shape.dims[at] = other[what];
  } else if (what == 4 && rank) {
    memmove(shape.dims + at, shape.dims + at + 1,
            (rank - at - 1) * sizeof shape.dims[0]);
    shape.rank--;
  } else if (what <= 6 && rank < FIRN_MAX_RANK) {
    memmove(shape.dims + at + 1, shape.dims + at,
            (rank - at) * sizeof shape.dims[0]);
    shape.dims[at] = what == 5 ? 1 : wrong_extent();
    shape.rank++;
  } else {
    shape = wrong_any_shape();
  }
  int64_t count;
  return firn_shape_count(&shape, &count) && count <= MOST ? shape
                                                           : wrong_any_shape();
}

OP_UNUSED void wrong_change_text(firn_tensor *t, size_t i, bool files) {
  firn_tstring *s = (firn_tstring *)t->data + i;
  const firn_str old = firn_tstring_get(s);
  size_t size = old.size;
  char *text = malloc(size + 16);
  CHECK(text != NULL);
  if (size) memcpy(text, old.data, size);
  wrong_damage(text, &size, size + 16);
  for (size_t k = 0; files && k < size; k++)
    if (text[k] == '/') text[k] = '_';
  CHECK(firn_tstring_set(s, (firn_str){text, size}));
  free(text);
}

/* A tensor like `t`, with something changed: releases `t`. */
OP_UNUSED firn_tensor *wrong_change(firn_tensor *t, const wrong_style *style,
                                    const firn_env *env) {
  const size_t what = wrong_below(100);
  firn_tensor *out = NULL;
  if (what < 35) {
    const firn_shape shape = wrong_near_shape(&t->shape);
    out = wrong_reshaped(t, &shape, style, env);
  } else if (what < 45) {
    out = wrong_tensor(t->dtype, &t->shape, style, env);
  } else if (what < 47) {
    static const firn_dtype types[] = {FIRN_FLOAT,  FIRN_INT32, FIRN_INT64,
                                       FIRN_STRING, FIRN_BOOL,  FIRN_RESOURCE};
    const firn_dtype dtype = types[wrong_below(FIRN_COUNT(types))];
    out = wrong_cast(t, dtype, style, env);
  } else {
    CHECK_EQ(firn_tensor_copy(t, &env->alloc, &out, NULL), FIRN_OK);
    int64_t before = 0;
    for (size_t n = 1 + wrong_below(3); n-- && out->count;) {
      const size_t i = wrong_below(out->count);
      if (out->dtype == FIRN_STRING && wrong_chance(80))
        wrong_change_text(out, i, style->files);
      else
        wrong_element(out, i, style, &before);
    }
  }
  firn_tensor_release(t);
  return out;
}

OP_UNUSED wrong_style wrong_any_style(firn_str op) {
  wrong_style style = {.shape = wrong_any_shape(),
                       .ints = (int)wrong_below(INTS),
                       .floats = (int)wrong_below(FLOATS)};
  static const char *const writers[] = {"Save",    "Write", "File",
                                        "Restore", "Print", "Checkpoint"};
  for (size_t i = 0; i < FIRN_COUNT(writers); i++)
    style.files |=
        memmem(op.data, op.size, writers[i], strlen(writers[i])) != NULL;
  return style;
}

#endif
