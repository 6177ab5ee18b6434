/* ops/text_number.c: numbers to strings and back: AsString, StringToNumber.
 *
 * AsString prints as C's printf does, whatever the locale. */
#include <locale.h>
#include <math.h>
#include <stdio.h>

#include "ops/handle.h"
#include "ops/infer.h"
#include "ops/tensor_text.h"
#include "ops/text_parse.h"
#include "ops/utf8.h"

/* ---- AsString ----------------------------------------------------------- */

typedef struct format {
  char flag[2]; /* of printf, or "" */
  int64_t width, precision;
  char letter; /* of a float: f, e, g */
} format;

/* Wider than that no table is; and a hostile width must not cost memory. */
enum { MOST_WIDTH = 1 << 16 };

static firn_code check_float_attrs(const firn_node *node, firn_dtype dtype,
                                   const format *f, firn_error *err) {
  const bool number =
      dtype < 64 && (FIRN_BIT(dtype) & (FIRN_FLOATS | FIRN_COMPLEXES));
  const bool scientific = firn_attr_bool_or(node, "scientific", false);
  const bool shortest = firn_attr_bool_or(node, "shortest", false);
  if (scientific && shortest)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "attrs 'scientific' and 'shortest' exclude each other");
  if (!number && (scientific || shortest || f->precision >= 0))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "attrs 'precision', 'scientific' and 'shortest' are for "
                     "floats, not for %s",
                     firn_dtype_name(dtype));
  return FIRN_OK;
}

static firn_code read_format(const firn_node *node, firn_dtype dtype, format *f,
                             firn_error *err) {
  const firn_str fill = firn_attr_str_or(node, "fill", "");
  *f = (format){.width = firn_attr_int_or(node, "width", -1),
                .precision = firn_attr_int_or(node, "precision", -1),
                .letter = 'f'};
  FIRN_TRY(check_float_attrs(node, dtype, f, err));
  if (firn_attr_bool_or(node, "scientific", false)) f->letter = 'e';
  if (firn_attr_bool_or(node, "shortest", false)) f->letter = 'g';
  if (f->width > MOST_WIDTH || f->precision > MOST_WIDTH)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "attrs 'width' and 'precision' may be %d at most",
                     MOST_WIDTH);
  if (fill.size > 1 || (fill.size && !strchr(" +-0#", fill.data[0])))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "attr 'fill' is '%.*s', none of ' ', '+', '-', '0', '#'",
                     FIRN_ARG(fill));
  if (fill.size) f->flag[0] = fill.data[0];
  return FIRN_OK;
}

/* The caller's locale may have another decimal point. */
static void use_point(uint8_t *text, size_t size) {
  const char *point = localeconv()->decimal_point;
  if (point[0] == '.' || point[0] == 0 || point[1] != 0) return;
  for (size_t i = 0; i < size; i++)
    if (text[i] == (uint8_t)point[0]) text[i] = '.';
}

static void print_float(const format *f, double value, firn_buf *out) {
  char how[16];
  const size_t before = out->size;
  const bool precise = f->precision >= 0, wide = f->width >= 0;
  snprintf(how, sizeof how, "%%%s%s%s%c", f->flag, wide ? "*" : "",
           precise ? ".*" : "", f->letter);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  if (wide && precise)
    firn_buf_printf(out, how, (int)f->width, (int)f->precision, value);
  else if (wide || precise)
    firn_buf_printf(out, how, (int)(wide ? f->width : f->precision), value);
  else
    firn_buf_printf(out, how, value);
  if (!out->failed) use_point(out->data + before, out->size - before);
}

static void print_int(const format *f, const firn_tensor *in, size_t i,
                      firn_buf *out) {
  char how[16];
  const bool is_signed = FIRN_BIT(in->dtype) & FIRN_SIGNED_INTS;
  const long long value = (long long)firn_tensor_i64(in, i);
  snprintf(how, sizeof how, "%%%s%sll%c", f->flag, f->width >= 0 ? "*" : "",
           is_signed ? 'd' : 'u');
  if (f->width >= 0)
    firn_buf_printf(out, how, (int)f->width, value);
  else
    firn_buf_printf(out, how, value);
#pragma GCC diagnostic pop
}

static void print_complex(const format *f, double re, double im,
                          firn_buf *out) {
  firn_buf_append(out, "(", 1);
  print_float(f, re, out);
  firn_buf_append(out, ",", 1);
  print_float(f, im, out);
  firn_buf_append(out, ")", 1);
}

/* Strings are padded as printf pads them. */
static void print_string(const format *f, firn_str text, firn_buf *out) {
  const size_t width = f->width > 0 ? (size_t)f->width : 0;
  const size_t pad = width > text.size ? width - text.size : 0;
  const bool left = f->flag[0] == '-';
  for (size_t i = 0; !left && i < pad; i++) firn_buf_append(out, " ", 1);
  if (text.size) firn_buf_append(out, text.data, text.size);
  for (size_t i = 0; left && i < pad; i++) firn_buf_append(out, " ", 1);
}

static void print_one(const format *f, const firn_tensor *in, size_t i,
                      firn_buf *out) {
  const float *f32 = in->data;
  const double *f64 = in->data;
  switch (in->dtype) {
    case FIRN_BOOL:
      firn_buf_puts(out, ((const bool *)in->data)[i] ? "true" : "false");
      break;
    case FIRN_STRING: print_string(f, firn_tensor_string(in, i), out); break;
    case FIRN_VARIANT: firn_text_variant(out, firn_object_at(in, i)); break;
    case FIRN_COMPLEX64:
      print_complex(f, (double)f32[2 * i], (double)f32[2 * i + 1], out);
      break;
    case FIRN_COMPLEX128:
      print_complex(f, f64[2 * i], f64[2 * i + 1], out);
      break;
    case FIRN_FLOAT:
    case FIRN_DOUBLE:
    case FIRN_HALF:
    case FIRN_BFLOAT16: print_float(f, firn_tensor_f64(in, i), out); break;
    default: print_int(f, in, i, out);
  }
}

static firn_code drive_print(const firn_run *run, firn_error *err) {
  const firn_tensor *in = run->in[0];
  format f;
  firn_buf buf = {0};
  firn_code code = FIRN_OK;
  FIRN_TRY(read_format(run->node, in->dtype, &f, err));
  firn_buf_init(&buf, &run->env->alloc);
  for (size_t i = 0; code == FIRN_OK && i < in->count; i++) {
    buf.size = 0;
    print_one(&f, in, i, &buf);
    code = buf.failed ? firn_oom(err, buf.size)
                      : firn_tensor_set_string(
                            run->out[0], i,
                            (firn_str){(const char *)buf.data, buf.size}, err);
  }
  firn_buf_fini(&buf);
  return code;
}

/* ---- StringToNumber ----------------------------------------------------- */

static firn_code drive_parse(const firn_run *run, firn_error *err) {
  firn_tensor *out = run->out[0];
  for (size_t i = 0; i < out->count; i++) {
    const firn_str text = firn_tensor_string(run->in[0], i);
    if (!firn_text_number(text, out->dtype,
                          (char *)out->data + i * firn_dtype_size(out->dtype)))
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "string %zu is no %s: '%.*s'", i,
                       firn_dtype_name(out->dtype), FIRN_ARG(text));
  }
  return FIRN_OK;
}

static const firn_kernel print[] = {
    {.types = {{"T", FIRN_NUMBERS | FIRN_BIT(FIRN_BOOL) |
                         FIRN_BIT(FIRN_STRING) | FIRN_BIT(FIRN_VARIANT)}},
     .drive = drive_print},
    {.drive = NULL},
};
static const firn_kernel parse[] = {
    {.types = {{"out_type", FIRN_BIT(FIRN_FLOAT) | FIRN_BIT(FIRN_DOUBLE) |
                                FIRN_BIT(FIRN_INT32) | FIRN_BIT(FIRN_INT64) |
                                FIRN_BIT(FIRN_UINT32) | FIRN_BIT(FIRN_UINT64)}},
     .drive = drive_parse},
    {.drive = NULL},
};

static const firn_op ops[] = {
    {"AsString", firn_infer_same, print, 0},
    {"StringToNumber", firn_infer_same, parse, 0},
};

FIRN_OP_FAMILY(text_number, ops);
