/* tensor/json_tensor.c: nested lists to tensors and back.
 *
 * Two passes: the first finds the shape and what kind of values there are, the
 * second fills the tensor. Numbers keep their text until their type is known,
 * so that an int64 comes through exactly.
 */
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tensor/decimal.h"
#include "tensor/tensor_file.h"

/* ---- Shape and kind ----------------------------------------------------- */

typedef enum leaf_kind {
  LEAF_NONE,
  LEAF_INT,
  LEAF_FLOAT,
  LEAF_BOOL,
  LEAF_STRING,
  LEAF_COMPLEX,
} leaf_kind;

typedef struct scan {
  firn_shape shape; /* of the axes seen so far */
  bool has_leaves;  /* the rank is settled */
  leaf_kind kind;   /* the widest so far: an int among floats is a float */
  bool is_wide;     /* an int that int32 cannot hold */
  int64_t index[FIRN_MAX_RANK];
} scan;

static bool is_int_text(firn_str text) {
  for (size_t i = 0; i < text.size; i++)
    if (text.data[i] != '-' && (text.data[i] < '0' || text.data[i] > '9'))
      return false;
  return true;
}

static leaf_kind kind_of(const firn_json *v) {
  switch (v->kind) {
    case FIRN_JSON_NUMBER: return is_int_text(v->text) ? LEAF_INT : LEAF_FLOAT;
    case FIRN_JSON_BOOL: return LEAF_BOOL;
    case FIRN_JSON_STRING: return LEAF_STRING;
    case FIRN_JSON_OBJECT: {
      const firn_json *b64 = firn_json_get(v, "b64");
      const firn_json *re = firn_json_get(v, "real");
      const firn_json *im = firn_json_get(v, "imag");
      if (v->count == 1 && b64 && b64->kind == FIRN_JSON_STRING)
        return LEAF_STRING;
      if (v->count == 2 && re && im && re->kind == FIRN_JSON_NUMBER &&
          im->kind == FIRN_JSON_NUMBER)
        return LEAF_COMPLEX;
      return LEAF_NONE;
    }
    default: return LEAF_NONE;
  }
}

static const char *kind_name(leaf_kind kind) {
  static const char *const names[] = {"value", "number", "number",
                                      "bool",  "string", "complex number"};
  return names[kind];
}

/* "[1][0]": where in the lists we are. */
static const char *place(const scan *s, int depth, char *out) {
  enum { ROOM = 400 };
  size_t n = 0;
  out[0] = '\0';
  for (int i = 0; i < depth; i++)
    n += (size_t)snprintf(out + n, ROOM - n, "[%lld]", (long long)s->index[i]);
  return depth ? out : "the top";
}

static firn_code scan_leaf(scan *s, const firn_json *v, int depth,
                           firn_error *err) {
  const leaf_kind kind = kind_of(v);
  char where[400];
  if (kind == LEAF_NONE)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "the value at %s is no number, bool, string, "
                     "{\"b64\": ...} or {\"real\": ..., \"imag\": ...}",
                     place(s, depth, where));
  if (s->shape.rank != depth)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "the lists are ragged: a %s stands at %s, where others "
                     "have a list",
                     kind_name(kind), place(s, depth, where));
  s->has_leaves = true;
  int64_t value;
  if (kind == LEAF_INT && (!firn_parse_i64(v->text, &value) ||
                           value < INT32_MIN || value > INT32_MAX))
    s->is_wide = true;
  const bool both_numbers =
      (kind == LEAF_INT || kind == LEAF_FLOAT || kind == LEAF_COMPLEX) &&
      (s->kind == LEAF_INT || s->kind == LEAF_FLOAT || s->kind == LEAF_COMPLEX);
  if (s->kind != LEAF_NONE && s->kind != kind && !both_numbers)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "a %s stands at %s among values that are each a %s",
                     kind_name(kind), place(s, depth, where),
                     kind_name(s->kind));
  if (kind > s->kind) s->kind = kind;
  return FIRN_OK;
}

static firn_code scan_value(scan *s, const firn_json *v, int depth,
                            firn_error *err) {
  char where[400];
  if (v->kind != FIRN_JSON_ARRAY) return scan_leaf(s, v, depth, err);
  if (depth == s->shape.rank) {
    if (s->has_leaves)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "the lists are ragged: a list stands at %s, where "
                       "others have a value",
                       place(s, depth, where));
    if (depth == FIRN_MAX_RANK)
      return firn_fail(err, FIRN_UNIMPLEMENTED, "lists nested deeper than %d",
                       FIRN_MAX_RANK);
    s->shape.dims[s->shape.rank++] = (int64_t)v->count;
  } else if (s->shape.dims[depth] != (int64_t)v->count) {
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "the lists are ragged: %s has %zu values, others %lld",
                     place(s, depth, where), v->count,
                     (long long)s->shape.dims[depth]);
  }
  for (size_t i = 0; i < v->count; i++) {
    s->index[depth] = (int64_t)i;
    FIRN_TRY(scan_value(s, &v->item[i], depth + 1, err));
  }
  return FIRN_OK;
}

/* ---- Elements ----------------------------------------------------------- */

static firn_code bad_value(const firn_json *v, firn_dtype dtype,
                           firn_error *err) {
  const firn_str text =
      v->kind == FIRN_JSON_NUMBER || v->kind == FIRN_JSON_STRING
          ? v->text
          : FIRN_STR("a value");
  return firn_fail(err, FIRN_INVALID_ARGUMENT, "%.*s is no %s", FIRN_ARG(text),
                   firn_dtype_name(dtype));
}

/* The smallest and largest value of the integer types up to int64. */
static bool int_range(firn_dtype dtype, int64_t *low, int64_t *high) {
  int bits;
  bool is_signed = true;
  switch ((int)dtype) {
    case FIRN_UINT2: bits = 2, is_signed = false; break;
    case FIRN_INT2: bits = 2; break;
    case FIRN_UINT4: bits = 4, is_signed = false; break;
    case FIRN_INT4: bits = 4; break;
    case FIRN_UINT8:
    case FIRN_QUINT8: bits = 8, is_signed = false; break;
    case FIRN_INT8:
    case FIRN_QINT8: bits = 8; break;
    case FIRN_UINT16:
    case FIRN_QUINT16: bits = 16, is_signed = false; break;
    case FIRN_INT16:
    case FIRN_QINT16: bits = 16; break;
    case FIRN_UINT32: bits = 32, is_signed = false; break;
    case FIRN_INT32:
    case FIRN_QINT32: bits = 32; break;
    case FIRN_INT64: *low = INT64_MIN, *high = INT64_MAX; return true;
    default: return false;
  }
  *low = is_signed ? -((int64_t)1 << (bits - 1)) : 0;
  *high = ((int64_t)1 << (is_signed ? bits - 1 : bits)) - 1;
  return true;
}

/* A whole number, also when it is written 1.0 or 1e3. */
static bool whole_number(firn_str text, int64_t *out) {
  double value;
  if (firn_parse_i64(text, out)) return true;
  if (is_int_text(text) || !firn_parse_double(text, &value)) return false;
  if (!(fabs(value) <= 9007199254740992.0) || value != floor(value))
    return false;
  *out = (int64_t)value;
  return true;
}

static bool set_int(firn_tensor *t, size_t i, firn_str text) {
  int64_t value, low = 0, high = 0;
  if (t->dtype == FIRN_UINT64)
    return firn_parse_u64(text, (uint64_t *)t->data + i);
  if (!int_range(t->dtype, &low, &high) || !whole_number(text, &value) ||
      value < low || value > high)
    return false;
  switch (firn_dtype_size(t->dtype)) {
    case 1: {
      const bool two = t->dtype == FIRN_INT2 || t->dtype == FIRN_UINT2;
      const bool four = t->dtype == FIRN_INT4 || t->dtype == FIRN_UINT4;
      ((uint8_t *)t->data)[i] = (uint8_t)(value & (two    ? 0x3
                                                   : four ? 0xf
                                                          : 0xff));
      break;
    }
    case 2: ((uint16_t *)t->data)[i] = (uint16_t)value; break;
    case 4: ((uint32_t *)t->data)[i] = (uint32_t)value; break;
    default: ((int64_t *)t->data)[i] = value; break;
  }
  return true;
}

/* One that is finite as written must stay so. */
static bool set_float(firn_tensor *t, size_t i, firn_str text) {
  double value;
  if (!firn_parse_double(text, &value)) return false;
  const float narrow = (float)value;
  float stored = narrow;
  switch ((int)t->dtype) {
    case FIRN_DOUBLE: ((double *)t->data)[i] = value; return true;
    case FIRN_FLOAT: ((float *)t->data)[i] = narrow; break;
    case FIRN_HALF:
    case FIRN_BFLOAT16: {
      const bool is_half = t->dtype == FIRN_HALF;
      const uint16_t bits = is_half ? firn_half_from_float(narrow)
                                    : firn_bfloat16_from_float(narrow);
      ((uint16_t *)t->data)[i] = bits;
      stored =
          is_half ? firn_half_to_float(bits) : firn_bfloat16_to_float(bits);
      break;
    }
    default: {
      const uint8_t bits = firn_float8_from_float(t->dtype, narrow);
      ((uint8_t *)t->data)[i] = bits;
      stored = firn_float8_to_float(t->dtype, bits);
    }
  }
  return !isfinite(value) || isfinite(stored);
}

static bool set_complex(firn_tensor *t, size_t i, const firn_json *v) {
  double re, im = 0;
  const bool is_object = v->kind == FIRN_JSON_OBJECT;
  const firn_str text = is_object ? firn_json_get(v, "real")->text : v->text;
  if (!firn_parse_double(text, &re)) return false;
  if (is_object && !firn_parse_double(firn_json_get(v, "imag")->text, &im))
    return false;
  if (t->dtype == FIRN_COMPLEX64) {
    ((float *)t->data)[2 * i] = (float)re;
    ((float *)t->data)[2 * i + 1] = (float)im;
  } else {
    ((double *)t->data)[2 * i] = re;
    ((double *)t->data)[2 * i + 1] = im;
  }
  return true;
}

static firn_code set_string(firn_tensor *t, size_t i, const firn_json *v,
                            firn_buf *scratch, firn_error *err) {
  if (v->kind == FIRN_JSON_STRING)
    return firn_tensor_set_string(t, i, v->text, err);
  scratch->size = 0;
  const firn_str b64 = firn_json_get(v, "b64")->text;
  const bool good = firn_base64_decode(scratch, b64);
  if (scratch->failed) return firn_oom(err, b64.size);
  if (!good)
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "'%.*s' is no base64",
                     FIRN_ARG(b64));
  return firn_tensor_set_string(
      t, i, (firn_str){(const char *)scratch->data, scratch->size}, err);
}

typedef struct filling {
  firn_tensor *tensor;
  size_t next;
  firn_buf scratch;
} filling;

static firn_code fill_leaf(filling *f, const firn_json *v, firn_error *err) {
  firn_tensor *t = f->tensor;
  const size_t i = f->next++;
  int64_t low, high;
  bool good;
  if (t->dtype == FIRN_STRING) return set_string(t, i, v, &f->scratch, err);
  if (t->dtype == FIRN_BOOL) {
    ((bool *)t->data)[i] = v->truth;
    return FIRN_OK;
  }
  if (t->dtype == FIRN_COMPLEX64 || t->dtype == FIRN_COMPLEX128)
    good = set_complex(t, i, v);
  else if (int_range(t->dtype, &low, &high) || t->dtype == FIRN_UINT64)
    good = set_int(t, i, v->text);
  else
    good = set_float(t, i, v->text);
  return good ? FIRN_OK : bad_value(v, t->dtype, err);
}

static firn_code fill(filling *f, const firn_json *v, firn_error *err) {
  if (v->kind != FIRN_JSON_ARRAY) return fill_leaf(f, v, err);
  for (size_t i = 0; i < v->count; i++) FIRN_TRY(fill(f, &v->item[i], err));
  return FIRN_OK;
}

/* ---- The whole ---------------------------------------------------------- */

static firn_dtype own_type(const scan *s) {
  switch (s->kind) {
    case LEAF_INT: return s->is_wide ? FIRN_INT64 : FIRN_INT32;
    case LEAF_BOOL: return FIRN_BOOL;
    case LEAF_STRING: return FIRN_STRING;
    case LEAF_COMPLEX: return FIRN_COMPLEX64;
    default: return FIRN_FLOAT;
  }
}

/* Whether values of that kind may become elements of that type at all; the
 * value of each is checked when it is set. */
static bool kind_fits(leaf_kind kind, firn_dtype dtype) {
  if (kind == LEAF_NONE) return true; /* there are none */
  if (dtype == FIRN_STRING) return kind == LEAF_STRING;
  if (dtype == FIRN_BOOL) return kind == LEAF_BOOL;
  if (kind == LEAF_COMPLEX)
    return dtype == FIRN_COMPLEX64 || dtype == FIRN_COMPLEX128;
  return kind == LEAF_INT || kind == LEAF_FLOAT;
}

firn_code firn_json_tensor(const firn_json *json, firn_dtype want,
                           const firn_env *env, firn_tensor **out,
                           firn_error *err) {
  scan s = {.shape = firn_shape_scalar()};
  *out = NULL;
  FIRN_TRY(scan_value(&s, json, 0, err));
  const firn_dtype dtype = want == FIRN_INVALID ? own_type(&s) : want;
  if (!firn_dtype_valid(dtype) || firn_dtype_is_handle(dtype))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "a tensor of %s cannot be given as JSON",
                     firn_dtype_name(dtype));
  if (!kind_fits(s.kind, dtype))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "the values are each a %s, %s is wanted",
                     kind_name(s.kind), firn_dtype_name(dtype));
  FIRN_TRY(firn_tensor_within(dtype, &s.shape, &env->limits, err));
  filling f = {.tensor = NULL};
  FIRN_TRY(firn_tensor_make(dtype, &s.shape, &env->alloc, &f.tensor, err));
  firn_buf_init(&f.scratch, &env->alloc);
  const firn_code code = fill(&f, json, err);
  firn_buf_fini(&f.scratch);
  if (code == FIRN_OK)
    *out = f.tensor;
  else
    firn_tensor_release(f.tensor);
  return code;
}

firn_code firn_json_tensor_parse(firn_bytes text, firn_dtype want,
                                 const firn_env *env, firn_tensor **out,
                                 firn_error *err) {
  const firn_json *json = NULL;
  firn_arena arena;
  *out = NULL;
  firn_arena_init(&arena, &env->alloc);
  firn_code code =
      firn_json_parse(text, env->limits.nesting, &arena, &json, err);
  if (code == FIRN_OK) code = firn_json_tensor(json, want, env, out, err);
  firn_arena_fini(&arena);
  return code;
}

/* ---- Writing ------------------------------------------------------------ */

static void put_number(firn_dtype dtype, double value, firn_buf *buf) {
  char text[64];
  size_t n = 0;
  if (!isfinite(value)) {
    firn_buf_puts(buf, isnan(value) ? "NaN"
                       : value < 0  ? "-Infinity"
                                    : "Infinity");
    return;
  }
  const firn_decimal d = firn_decimal_shortest(dtype, value);
  if (signbit(value)) text[n++] = '-';
  if (d.exponent < -4 || d.exponent >= 16) {
    text[n++] = d.digits[0];
    if (d.count > 1) text[n++] = '.';
    for (int i = 1; i < d.count; i++) text[n++] = d.digits[i];
    n += (size_t)sprintf(text + n, "e%+03d", d.exponent);
  } else {
    const int last =
        d.count - 1 > d.exponent + 1 ? d.count - 1 : d.exponent + 1;
    for (int i = d.exponent < 0 ? d.exponent : 0; i <= last; i++) {
      text[n++] = i >= 0 && i < d.count ? d.digits[i] : '0';
      if (i == d.exponent) text[n++] = '.';
    }
  }
  firn_buf_append(buf, text, n);
}

static void put_string(firn_str s, firn_buf *buf) {
  if (firn_json_put_string(buf, s)) return;
  firn_buf_puts(buf, "{\"b64\": \"");
  firn_base64_encode(buf, (firn_bytes){(const uint8_t *)s.data, s.size});
  firn_buf_puts(buf, "\"}");
}

static void put_complex(firn_dtype dtype, double re, double im, firn_buf *buf) {
  firn_buf_puts(buf, "{\"real\": ");
  put_number(dtype, re, buf);
  firn_buf_puts(buf, ", \"imag\": ");
  put_number(dtype, im, buf);
  firn_buf_puts(buf, "}");
}

static void put_leaf(const firn_tensor *t, size_t i, firn_buf *buf) {
  int64_t low, high;
  if (firn_dtype_is_handle(t->dtype)) {
    firn_buf_puts(buf, "null");
    return;
  }
  switch ((int)t->dtype) {
    case FIRN_STRING: put_string(firn_tensor_string(t, i), buf); return;
    case FIRN_BOOL:
      firn_buf_puts(buf, ((const uint8_t *)t->data)[i] ? "true" : "false");
      return;
    case FIRN_COMPLEX64: {
      const float *f = (const float *)t->data + 2 * i;
      put_complex(t->dtype, (double)f[0], (double)f[1], buf);
      return;
    }
    case FIRN_COMPLEX128: {
      const double *d = (const double *)t->data + 2 * i;
      put_complex(t->dtype, d[0], d[1], buf);
      return;
    }
    case FIRN_UINT64:
      firn_buf_printf(buf, "%llu",
                      (unsigned long long)((const uint64_t *)t->data)[i]);
      return;
    default:
      if (int_range(t->dtype, &low, &high))
        firn_buf_printf(buf, "%lld", (long long)firn_tensor_i64(t, i));
      else
        put_number(t->dtype, firn_tensor_f64(t, i), buf);
  }
}

static void put_list(const firn_tensor *t, int axis, size_t *next,
                     firn_buf *buf) {
  if (axis == t->shape.rank) {
    put_leaf(t, (*next)++, buf);
    return;
  }
  firn_buf_puts(buf, "[");
  for (int64_t i = 0; i < t->shape.dims[axis] && !buf->failed; i++) {
    if (i) firn_buf_puts(buf, ", ");
    put_list(t, axis + 1, next, buf);
  }
  firn_buf_puts(buf, "]");
}

void firn_json_tensor_put(const firn_tensor *tensor, firn_buf *buf) {
  size_t next = 0;
  put_list(tensor, 0, &next, buf);
}

char *firn_tensor_json(const firn_tensor *tensor) {
  firn_buf buf;
  firn_buf_init(&buf, NULL);
  firn_json_tensor_put(tensor, &buf);
  firn_buf_append(&buf, "", 1);
  if (!buf.failed) return (char *)buf.data;
  firn_buf_fini(&buf);
  return NULL;
}
