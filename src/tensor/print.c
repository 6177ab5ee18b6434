/* tensor/print.c: a tensor as numpy prints an array.
 *
 * Numpy's rules, with its default settings: more than 1000 elements are cut to
 * the first and last three of each axis; lines break at 75 columns; floats
 * share one column width, at most 8 digits after the point, and all of them
 * take the form with an exponent when one is at least 1e8, below 1e-4, or 1000
 * times another. Types that numpy does not know itself (bfloat16, float8,
 * strings) are printed one by one without columns.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "tensor/decimal.h"
#include "tensor/tensor.h"

enum { THRESHOLD = 1000, EDGE = 3, LINE = 75, PRECISION = 8, WORD = 512 };

static const firn_dtypes column_floats =
    FIRN_BIT(FIRN_FLOAT) | FIRN_BIT(FIRN_DOUBLE) | FIRN_BIT(FIRN_HALF);
static const firn_dtypes single_floats =
    FIRN_BIT(FIRN_BFLOAT16) | FIRN_BIT(FIRN_FLOAT8_E5M2) |
    FIRN_BIT(FIRN_FLOAT8_E4M3FN) | FIRN_BIT(FIRN_FLOAT8_E4M3FNUZ) |
    FIRN_BIT(FIRN_FLOAT8_E4M3B11FNUZ) | FIRN_BIT(FIRN_FLOAT8_E5M2FNUZ) |
    FIRN_BIT(FIRN_FLOAT4_E2M1FN);
static const firn_dtypes single_ints =
    FIRN_BIT(FIRN_INT4) | FIRN_BIT(FIRN_UINT4) | FIRN_BIT(FIRN_INT2) |
    FIRN_BIT(FIRN_UINT2);

/* The columns of one float, or of one part of a complex number. */
typedef struct column {
  bool plus, exponent; /* a sign always; the form with an exponent */
  int left, right;     /* characters before and after the point */
  int exponent_digits;
  int finite, others, negative_infinities;
  double largest, smallest; /* magnitudes of the finite ones but zero */
} column;

typedef struct printer {
  const firn_tensor *tensor;
  bool cut;
  column real, imaginary;
  int width;     /* of integers */
  firn_buf word; /* one element */
  firn_buf *out;
  size_t line; /* where the current line begins in `out` */
} printer;

static bool in(const firn_tensor *t, firn_dtypes set) {
  return !firn_dtype_is_ref(t->dtype) && (FIRN_BIT(t->dtype) & set);
}

static double real_at(const firn_tensor *t, size_t i) {
  if (t->dtype == FIRN_COMPLEX64)
    return (double)((const float *)t->data)[2 * i];
  if (t->dtype == FIRN_COMPLEX128) return ((const double *)t->data)[2 * i];
  return firn_tensor_f64(t, i);
}

static double imaginary_at(const firn_tensor *t, size_t i) {
  if (t->dtype == FIRN_COMPLEX64)
    return (double)((const float *)t->data)[2 * i + 1];
  return ((const double *)t->data)[2 * i + 1];
}

/* ---- One float ---------------------------------------------------------- */

/* The digits shown: the shortest, but at most PRECISION behind the point. */
static firn_decimal shown_digits(firn_dtype dtype, double value,
                                 bool exponent) {
  const firn_decimal d = firn_decimal_shortest(dtype, value);
  const int room = PRECISION + 1 + (exponent ? 0 : d.exponent);
  if (d.count <= room || room < 1) return d;
  return firn_decimal_rounded(value, room);
}

static int behind_point(const firn_decimal *d, bool exponent) {
  const int digits = d->count - 1 - (exponent ? 0 : d->exponent);
  return digits > 0 ? digits : 0;
}

static int before_point(const firn_decimal *d, bool exponent) {
  return exponent || d->exponent < 0 ? 1 : d->exponent + 1;
}

static int exponent_digits(const firn_decimal *d) {
  return d->exponent <= -100 || d->exponent >= 100 ? 3 : 2;
}

/* Digit `i` counted from the first digit, 0 outside. */
static char digit(const firn_decimal *d, int i) {
  return i >= 0 && i < d->count ? d->digits[i] : '0';
}

static size_t positional(const firn_decimal *d, int behind, char *out) {
  size_t n = 0;
  for (int i = d->exponent < 0 ? d->exponent : 0; i <= d->exponent; i++)
    out[n++] = digit(d, i);
  out[n++] = '.';
  for (int i = 1; i <= behind; i++) out[n++] = digit(d, d->exponent + i);
  return n;
}

static size_t scientific(const firn_decimal *d, int behind, int width,
                         char *out) {
  size_t n = 0;
  out[n++] = d->digits[0];
  out[n++] = '.';
  for (int i = 1; i <= behind; i++) out[n++] = digit(d, i);
  return n + (size_t)sprintf(out + n, "e%c%0*d", d->exponent < 0 ? '-' : '+',
                             width,
                             d->exponent < 0 ? -d->exponent : d->exponent);
}

/* ---- Columns ------------------------------------------------------------ */

static void survey(column *c, double value) {
  const double magnitude = fabs(value);
  if (!isfinite(value)) {
    c->others++;
    c->negative_infinities += isinf(value) && value < 0;
    return;
  }
  c->finite++;
  if (magnitude == 0) return;
  if (magnitude > c->largest) c->largest = magnitude;
  if (c->smallest == 0 || magnitude < c->smallest) c->smallest = magnitude;
}

static void choose_form(column *c, firn_dtype dtype) {
  if (c->smallest == 0) return;
  c->exponent = c->largest >= firn_round_to(dtype, 1e8) ||
                c->smallest < firn_round_to(dtype, 1e-4) ||
                firn_round_to(dtype, c->largest / c->smallest) > 1000;
}

static void measure(column *c, firn_dtype dtype, double value) {
  if (!isfinite(value)) return;
  const firn_decimal d = shown_digits(dtype, value, c->exponent);
  const int left =
      before_point(&d, c->exponent) + (signbit(value) || c->plus ? 1 : 0);
  const int right = behind_point(&d, c->exponent);
  if (left > c->left) c->left = left;
  if (right > c->right) c->right = right;
  if (c->exponent && exponent_digits(&d) > c->exponent_digits)
    c->exponent_digits = exponent_digits(&d);
}

/* Makes room for nan and inf, which stand across the point. */
static void widen(column *c) {
  if (c->others == 0) return;
  const int behind = 1 + c->right + (c->exponent ? c->exponent_digits + 2 : 0);
  const int room = 3 + (c->plus || c->negative_infinities ? 1 : 0) - behind;
  if (room > c->left) c->left = room;
  if (3 - behind > c->left) c->left = 3 - behind;
}

static void put_blanks(firn_buf *out, int count) {
  while (count-- > 0) firn_buf_puts(out, " ");
}

static void put_float(const column *c, firn_dtype dtype, double value,
                      firn_buf *out) {
  const char *sign = signbit(value) && !isnan(value) ? "-" : c->plus ? "+" : "";
  char text[WORD];
  size_t n;
  int blanks_after = 0, left = 0;
  if (!isfinite(value)) {
    const int whole =
        c->left + 1 + c->right + (c->exponent ? c->exponent_digits + 2 : 0);
    n = (size_t)sprintf(text, "%s", isnan(value) ? "nan" : "inf");
    left = whole - (int)(n + strlen(sign));
  } else {
    firn_decimal d = shown_digits(dtype, value, c->exponent);
    /* Numpy fills this form up with true digits, not with zeros. */
    if (c->exponent && d.count <= c->right)
      d = firn_decimal_rounded(value, c->right + 1);
    left = c->left - before_point(&d, c->exponent) - (int)strlen(sign);
    if (c->exponent) {
      n = scientific(&d, c->right, c->exponent_digits, text);
    } else {
      const int behind = behind_point(&d, false);
      n = positional(&d, behind, text);
      blanks_after = c->right - behind;
    }
  }
  put_blanks(out, left);
  firn_buf_puts(out, sign);
  firn_buf_append(out, text, n);
  put_blanks(out, blanks_after);
}

static void put_complex(const printer *p, size_t i, firn_buf *out) {
  const firn_tensor *t = p->tensor;
  put_float(&p->real, t->dtype, real_at(t, i), out);
  put_float(&p->imaginary, t->dtype, imaginary_at(t, i), out);
  /* The j goes to the number, in front of the blanks that fill its column. */
  size_t end = out->size;
  while (end && out->data[end - 1] == ' ') end--;
  firn_buf_puts(out, " ");
  if (out->failed) return;
  memmove(out->data + end + 1, out->data + end, out->size - 1 - end);
  out->data[end] = 'j';
}

/* ---- Single elements ---------------------------------------------------- */

/* A float outside of an array: Python's form, whose range of plain digits is
 * the smaller the fewer digits the type has. */
static void put_scalar_float(firn_dtype dtype, double value, bool is_part,
                             firn_buf *out) {
  const double top = dtype == FIRN_HALF                               ? 1e3
                     : dtype == FIRN_FLOAT || dtype == FIRN_COMPLEX64 ? 1e6
                                                                      : 1e16;
  const double magnitude = fabs(value);
  char text[WORD];
  size_t n;
  if (!isfinite(value)) {
    firn_buf_puts(out, isnan(value) ? "nan" : value < 0 ? "-inf" : "inf");
    return;
  }
  const firn_decimal d = firn_decimal_shortest(dtype, value);
  if (signbit(value)) firn_buf_puts(out, "-");
  if (magnitude == 0 || (magnitude < top && magnitude >= 1e-4)) {
    const int behind = behind_point(&d, false);
    n = positional(&d, behind || is_part ? behind : 1, text);
  } else {
    n = scientific(&d, d.count - 1, exponent_digits(&d), text);
    if (d.count == 1) { /* no point without digits behind it */
      memmove(text + 1, text + 2, n - 2);
      n--;
    }
  }
  if (text[n - 1] == '.') n--;
  firn_buf_append(out, text, n);
}

static void put_scalar_complex(const firn_tensor *t, size_t i, firn_buf *out) {
  const double re = real_at(t, i), im = imaginary_at(t, i);
  const bool alone = re == 0 && !signbit(re);
  if (!alone) {
    firn_buf_puts(out, "(");
    put_scalar_float(t->dtype, re, true, out);
    if (isnan(im) || !signbit(im)) firn_buf_puts(out, "+");
  }
  put_scalar_float(t->dtype, im, true, out);
  firn_buf_puts(out, alone ? "j" : "j)");
}

/* Python's b'...'. */
static void put_bytes(firn_str s, firn_buf *out) {
  const bool has_single = s.size && memchr(s.data, '\'', s.size);
  const bool has_double = s.size && memchr(s.data, '"', s.size);
  const char quote = has_single && !has_double ? '"' : '\'';
  firn_buf_printf(out, "b%c", quote);
  for (size_t i = 0; i < s.size; i++) {
    const uint8_t c = (uint8_t)s.data[i];
    if (c == (uint8_t)quote || c == '\\')
      firn_buf_printf(out, "\\%c", c);
    else if (c == '\n')
      firn_buf_puts(out, "\\n");
    else if (c == '\r')
      firn_buf_puts(out, "\\r");
    else if (c == '\t')
      firn_buf_puts(out, "\\t");
    else if (c < ' ' || c > '~')
      firn_buf_printf(out, "\\x%02x", c);
    else
      firn_buf_append(out, &c, 1);
  }
  firn_buf_append(out, &quote, 1);
}

/* The rarer floats, as C++ streams print them: six digits. */
static void put_six_digits(double value, firn_buf *out) {
  char text[WORD];
  size_t n;
  if (!isfinite(value)) {
    firn_buf_puts(out, isnan(value) ? "nan" : value < 0 ? "-inf" : "inf");
    return;
  }
  const firn_decimal d = firn_decimal_rounded(value, 6);
  if (signbit(value)) firn_buf_puts(out, "-");
  if (d.exponent >= -4 && d.exponent < 6)
    n = positional(&d, behind_point(&d, false), text);
  else
    n = scientific(&d, d.count - 1, exponent_digits(&d), text);
  for (size_t i = 0; i < n; i++) /* no point without digits behind it */
    if (text[i] == '.' && (i + 1 == n || text[i + 1] == 'e')) {
      memmove(text + i, text + i + 1, n - i - 1);
      n--;
    }
  firn_buf_append(out, text, n);
}

static void put_int(const firn_tensor *t, size_t i, int width, firn_buf *out) {
  char text[32];
  if (t->dtype == FIRN_UINT64)
    sprintf(text, "%llu", (unsigned long long)((const uint64_t *)t->data)[i]);
  else
    sprintf(text, "%lld", (long long)firn_tensor_i64(t, i));
  put_blanks(out, width - (int)strlen(text));
  firn_buf_puts(out, text);
}

static void put_element(printer *p, size_t i) {
  const firn_tensor *t = p->tensor;
  const bool alone = t->shape.rank == 0;
  firn_buf *out = &p->word;
  out->size = 0;
  if (t->dtype == FIRN_STRING) {
    put_bytes(firn_tensor_string(t, i), out);
  } else if (firn_dtype_is_handle(t->dtype)) {
    const firn_object *o = ((firn_object *const *)t->data)[i];
    firn_buf_printf(out, "<%s>", o ? o->class->name : "none");
  } else if (t->dtype == FIRN_BOOL) {
    const bool truth = ((const uint8_t *)t->data)[i] != 0;
    firn_buf_puts(out, truth ? (alone ? "True" : " True") : "False");
  } else if (in(t, FIRN_COMPLEXES)) {
    alone ? put_scalar_complex(t, i, out) : put_complex(p, i, out);
  } else if (in(t, column_floats)) {
    if (alone)
      put_scalar_float(t->dtype, real_at(t, i), false, out);
    else
      put_float(&p->real, t->dtype, real_at(t, i), out);
  } else if (in(t, single_floats)) {
    put_six_digits(real_at(t, i), out);
  } else {
    put_int(t, i, p->width, out);
  }
}

/* ---- The array ---------------------------------------------------------- */

static void survey_element(printer *p, int pass, size_t i) {
  const firn_tensor *t = p->tensor;
  if (in(t, FIRN_COMPLEXES) || in(t, column_floats)) {
    const bool is_complex = in(t, FIRN_COMPLEXES);
    if (pass == 0) {
      survey(&p->real, real_at(t, i));
      if (is_complex) survey(&p->imaginary, imaginary_at(t, i));
    } else {
      measure(&p->real, t->dtype, real_at(t, i));
      if (is_complex) measure(&p->imaginary, t->dtype, imaginary_at(t, i));
    }
  } else if (firn_dtype_is_plain(t->dtype) && t->dtype != FIRN_BOOL &&
             !in(t, single_floats | single_ints)) {
    p->word.size = 0;
    put_int(t, i, 0, &p->word);
    if ((int)p->word.size > p->width) p->width = (int)p->word.size;
  }
}

/* Visits what will be shown, in order. */
static void survey_axis(printer *p, int pass, int axis, size_t base) {
  const firn_shape *s = &p->tensor->shape;
  if (axis == s->rank) {
    survey_element(p, pass, base);
    return;
  }
  const size_t stride = (size_t)firn_shape_product(s, axis + 1, s->rank);
  const int64_t n = s->dims[axis];
  for (int64_t i = 0; i < n; i++) {
    if (p->cut && n > 2 * EDGE && i == EDGE) i = n - EDGE;
    survey_axis(p, pass, axis + 1, base + (size_t)i * stride);
  }
}

/* Puts a word on the line of innermost elements, or on the next one. `room` is
 * how long a line may be. */
static void put_word(printer *p, firn_str word, int indent, int room) {
  const size_t used = p->out->size - p->line;
  if (used + word.size > (size_t)(room > 0 ? room : 0) &&
      used > (size_t)indent) {
    while (p->out->size && p->out->data[p->out->size - 1] == ' ')
      p->out->size--;
    firn_buf_puts(p->out, "\n");
    p->line = p->out->size;
    put_blanks(p->out, indent);
  }
  firn_buf_append(p->out, word.data, word.size);
}

static void put_row(printer *p, size_t base, int64_t n, int room) {
  const int indent = p->tensor->shape.rank;
  const bool cut = p->cut && n > 2 * EDGE;
  for (int64_t i = 0; i < n; i++) {
    if (cut && i == EDGE) {
      put_word(p, FIRN_STR("..."), indent, room);
      firn_buf_puts(p->out, " ");
      i = n - EDGE;
    }
    put_element(p, base + (size_t)i);
    put_word(p, (firn_str){(const char *)p->word.data, p->word.size}, indent,
             room);
    if (i + 1 < n) firn_buf_puts(p->out, " ");
  }
}

static void break_lines(printer *p, int axis) {
  const int rank = p->tensor->shape.rank;
  for (int k = axis + 1; k < rank; k++) firn_buf_puts(p->out, "\n");
  p->line = p->out->size;
  put_blanks(p->out, axis + 1);
}

static void put_axis(printer *p, int axis, size_t base) {
  const firn_shape *s = &p->tensor->shape;
  const int64_t n = s->dims[axis];
  const size_t stride = (size_t)firn_shape_product(s, axis + 1, s->rank);
  firn_buf_puts(p->out, "[");
  if (axis + 1 == s->rank) {
    put_row(p, base, n, LINE - s->rank);
  } else {
    for (int64_t i = 0; i < n; i++) {
      if (p->cut && n > 2 * EDGE && i == EDGE) {
        firn_buf_puts(p->out, "...");
        break_lines(p, axis);
        i = n - EDGE;
      }
      put_axis(p, axis + 1, base + (size_t)i * stride);
      if (i + 1 < n) break_lines(p, axis);
    }
  }
  firn_buf_puts(p->out, "]");
}

static void put_tensor(printer *p) {
  const firn_tensor *t = p->tensor;
  if (t->shape.rank == 0) {
    put_element(p, 0);
    firn_buf_append(p->out, p->word.data, p->word.size);
    return;
  }
  if (t->count == 0) {
    firn_buf_puts(p->out, "[]");
    return;
  }
  p->imaginary.plus = true;
  survey_axis(p, 0, 0, 0);
  if (!firn_dtype_is_handle(t->dtype) &&
      (in(t, FIRN_COMPLEXES) || in(t, column_floats))) {
    choose_form(&p->real, t->dtype);
    choose_form(&p->imaginary, t->dtype);
    survey_axis(p, 1, 0, 0);
    widen(&p->real);
    widen(&p->imaginary);
  }
  put_axis(p, 0, 0);
}

char *firn_tensor_text(const firn_tensor *tensor) {
  firn_buf out;
  firn_buf_init(&out, NULL);
  printer p = {.tensor = tensor, .cut = tensor->count > THRESHOLD, .out = &out};
  firn_buf_init(&p.word, NULL);
  put_tensor(&p);
  firn_buf_append(&out, "", 1);
  const bool failed = out.failed || p.word.failed;
  firn_buf_fini(&p.word);
  if (!failed) return (char *)out.data;
  firn_buf_fini(&out);
  return NULL;
}
