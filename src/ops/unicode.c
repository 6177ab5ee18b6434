/* ops/unicode.c: UnicodeDecode, UnicodeEncode, UnicodeTranscode: code points
 * and the encodings that text comes in.
 *
 * UTF-8, UTF-16 and UTF-32 (big-endian unless a mark or the name says
 * otherwise), Latin-1 and ASCII. */
#include "ops/infer.h"
#include "ops/utf8.h"

typedef enum encoding { UTF8, UTF16, UTF32, LATIN1, ASCII } encoding;

typedef struct coding {
  encoding encoding;
  bool little;  /* byte order of UTF-16 and UTF-32 */
  bool by_mark; /* ... unless a mark tells */
} coding;

enum { BAD = -1 };

typedef struct policy {
  bool strict, ignore, controls;
  uint32_t replacement;
} policy;

static bool same_name(firn_str name, const char *want) {
  size_t k = 0;
  for (size_t i = 0; i < name.size; i++) {
    const char c = name.data[i];
    if (c == '-' || c == '_' || c == ' ') continue;
    if (!want[k] || (c | 32) != (want[k] | 32)) return false;
    k++;
  }
  return !want[k];
}

static firn_code find_coding(firn_str name, coding *out, firn_error *err) {
  static const struct {
    const char *name;
    coding coding;
  } known[] = {
      {"utf8", {UTF8, false, false}},       {"utf16", {UTF16, false, true}},
      {"utf16be", {UTF16, false, false}},   {"utf16le", {UTF16, true, false}},
      {"utf32", {UTF32, false, true}},      {"utf32be", {UTF32, false, false}},
      {"utf32le", {UTF32, true, false}},    {"latin1", {LATIN1, false, false}},
      {"iso88591", {LATIN1, false, false}}, {"usascii", {ASCII, false, false}},
      {"ascii", {ASCII, false, false}},
  };
  for (size_t i = 0; i < FIRN_COUNT(known); i++)
    if (same_name(name, known[i].name)) {
      *out = known[i].coding;
      return FIRN_OK;
    }
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "encoding '%.*s' is not known: there are UTF-8, UTF-16, "
                   "UTF-32, Latin-1 and ASCII",
                   FIRN_ARG(name));
}

static firn_code read_policy(const firn_node *node, policy *out,
                             firn_error *err) {
  const firn_str errors = firn_attr_str_or(node, "errors", "replace");
  const int64_t point = firn_attr_int_or(node, "replacement_char", 0xfffd);
  *out = (policy){
      .strict = firn_str_is(errors, "strict"),
      .ignore = firn_str_is(errors, "ignore"),
      .controls = firn_attr_bool_or(node, "replace_control_characters", false),
      .replacement = (uint32_t)point};
  if (point < 0 || point > 0x10ffff)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "attr 'replacement_char' = %lld is no code point",
                     (long long)point);
  return FIRN_OK;
}

/* ---- Decoding ----------------------------------------------------------- */

static uint32_t unit(const coding *c, const char *at, size_t size) {
  uint32_t value = 0;
  for (size_t i = 0; i < size; i++)
    value = value << 8 | (uint8_t)at[c->little ? size - 1 - i : i];
  return value;
}

static void drop(firn_str *text, size_t n) {
  n = firn_min_size(n, text->size);
  text->data += n;
  text->size -= n;
}

static int64_t take_utf16(const coding *c, firn_str *text) {
  if (text->size < 2) return drop(text, 2), BAD;
  const uint32_t high = unit(c, text->data, 2);
  drop(text, 2);
  if (high < 0xd800 || high > 0xdfff) return high;
  if (high > 0xdbff || text->size < 2) return BAD;
  const uint32_t low = unit(c, text->data, 2);
  if (low < 0xdc00 || low > 0xdfff) return BAD;
  drop(text, 2);
  return 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
}

static int64_t take_utf32(const coding *c, firn_str *text) {
  if (text->size < 4) return drop(text, 4), BAD;
  const uint32_t point = unit(c, text->data, 4);
  drop(text, 4);
  return point > 0x10ffff || (point >= 0xd800 && point < 0xe000)
             ? BAD
             : (int64_t)point;
}

/* The next code point, or BAD. */
static int64_t take(const coding *c, firn_str *text) {
  uint32_t point;
  if (c->encoding == UTF8)
    return firn_utf8_take(text, &point) ? (int64_t)point : BAD;
  if (c->encoding == UTF16) return take_utf16(c, text);
  if (c->encoding == UTF32) return take_utf32(c, text);
  point = (uint8_t)text->data[0];
  drop(text, 1);
  return c->encoding == ASCII && point > 0x7f ? BAD : (int64_t)point;
}

/* Goes past a byte order mark. */
static coding begin(coding c, firn_str *text) {
  const size_t size = c.encoding == UTF16 ? 2 : 4;
  if (!c.by_mark || text->size < size) return c;
  coding other = c;
  other.little = true;
  if (unit(&c, text->data, size) == 0xfeff) {
    drop(text, size);
  } else if (unit(&other, text->data, size) == 0xfeff) {
    drop(text, size);
    c = other;
  }
  return c;
}

typedef struct point {
  uint32_t value;
  size_t at; /* byte that it starts at */
} point;

/* Calls `put` for each code point that the policy leaves. */
static firn_code decode(coding c, const policy *how, firn_str text,
                        firn_code (*put)(void *ud, const point *point,
                                         firn_error *err),
                        void *ud, firn_error *err) {
  const char *start = text.data;
  size_t next = 0; /* the first character counts from its mark */
  c = begin(c, &text);
  for (; text.size; next = (size_t)(text.data - start)) {
    point p = {.at = next};
    int64_t value = take(&c, &text);
    if (value == BAD && how->strict)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "byte %zu does not begin a character", p.at);
    if (value == BAD && how->ignore) continue;
    const bool control = how->controls && value >= 0 && value < 0x20;
    if (control && how->ignore) continue;
    if (value == BAD || control) value = how->replacement;
    p.value = (uint32_t)value;
    FIRN_TRY(put(ud, &p, err));
  }
  return FIRN_OK;
}

/* ---- UnicodeDecode ------------------------------------------------------ */

typedef struct sink {
  int32_t *values;  /* NULL while only counting */
  int64_t *offsets; /* may be NULL */
  size_t count;
} sink;

static firn_code store(void *ud, const point *p, firn_error *err) {
  sink *s = ud;
  FIRN_UNUSED(err);
  if (s->values) s->values[s->count] = (int32_t)p->value;
  if (s->values && s->offsets) s->offsets[s->count] = (int64_t)p->at;
  s->count++;
  return FIRN_OK;
}

static void put_split(firn_tensor *splits, size_t i, size_t value) {
  if (splits->dtype == FIRN_INT64)
    ((int64_t *)splits->data)[i] = (int64_t)value;
  else
    ((int32_t *)splits->data)[i] = (int32_t)value;
}

static firn_code decode_all(const firn_run *run, const coding *c,
                            const policy *how, firn_tensor *splits, sink *s,
                            firn_error *err) {
  s->count = 0;
  put_split(splits, 0, 0);
  for (size_t i = 0; i < run->in[0]->count; i++) {
    FIRN_TRY(decode(*c, how, firn_tensor_string(run->in[0], i), store, s, err));
    put_split(splits, i + 1, s->count);
  }
  if (splits->dtype == FIRN_INT32 && s->count > INT32_MAX)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "%zu characters need int64 splits", s->count);
  return FIRN_OK;
}

static firn_code drive_decode(const firn_run *run, firn_error *err) {
  const firn_shape ends = firn_shape_vector((int64_t)run->in[0]->count + 1);
  coding c;
  policy how;
  sink s = {NULL, NULL, 0};
  firn_tensor *splits = NULL, *values = NULL, *offsets = NULL;
  FIRN_TRY(
      find_coding(firn_attr_str_or(run->node, "input_encoding", ""), &c, err));
  FIRN_TRY(read_policy(run->node, &how, err));
  FIRN_TRY(firn_run_output(run, 0, &ends, &splits, err));
  FIRN_TRY(decode_all(run, &c, &how, splits, &s, err));
  const firn_shape shape = firn_shape_vector((int64_t)s.count);
  FIRN_TRY(firn_run_output(run, 1, &shape, &values, err));
  if (run->out_count > 2)
    FIRN_TRY(firn_run_output(run, 2, &shape, &offsets, err));
  s.values = values->data;
  s.offsets = offsets ? offsets->data : NULL;
  return decode_all(run, &c, &how, splits, &s, err);
}

static firn_code infer_decode(firn_infer *q, firn_error *err) {
  int64_t count;
  const firn_shape *in = &q->in[0].shape;
  FIRN_UNUSED(err);
  q->out[0].shape = firn_shape_vector(
      firn_shape_known(in) && firn_shape_count(in, &count) ? count + 1
                                                           : FIRN_UNKNOWN_DIM);
  for (size_t i = 1; i < q->out_count; i++)
    q->out[i].shape = firn_shape_vector(FIRN_UNKNOWN_DIM);
  return FIRN_OK;
}

/* ---- Encoding ----------------------------------------------------------- */

typedef struct writer {
  coding coding;
  firn_buf buf;
} writer;

static void put_unit(writer *w, uint32_t value, size_t size) {
  uint8_t bytes[4];
  for (size_t i = 0; i < size; i++)
    bytes[w->coding.little ? i : size - 1 - i] = (uint8_t)(value >> 8 * i);
  firn_buf_append(&w->buf, bytes, size);
}

static firn_code encode(void *ud, const point *p, firn_error *err) {
  writer *w = ud;
  FIRN_UNUSED(err);
  if (w->coding.encoding == UTF8) {
    firn_utf8_append(&w->buf, p->value);
  } else if (w->coding.encoding == UTF32) {
    put_unit(w, p->value, 4);
  } else if (p->value < 0x10000) {
    put_unit(w, p->value, 2);
  } else {
    put_unit(w, 0xd800 + ((p->value - 0x10000) >> 10), 2);
    put_unit(w, 0xdc00 + (p->value & 0x3ff), 2);
  }
  return FIRN_OK;
}

static firn_code flush(writer *w, firn_tensor *out, size_t i, firn_error *err) {
  if (w->buf.failed) return firn_oom(err, w->buf.size);
  FIRN_TRY(firn_tensor_set_string(
      out, i, (firn_str){(const char *)w->buf.data, w->buf.size}, err));
  w->buf.size = 0;
  return FIRN_OK;
}

static firn_code drive_transcode(const firn_run *run, firn_error *err) {
  coding from;
  policy how;
  writer w = {.coding = {UTF8, false, false}};
  FIRN_TRY(find_coding(firn_attr_str_or(run->node, "input_encoding", ""), &from,
                       err));
  FIRN_TRY(find_coding(firn_attr_str_or(run->node, "output_encoding", ""),
                       &w.coding, err));
  FIRN_TRY(read_policy(run->node, &how, err));
  firn_buf_init(&w.buf, &run->env->alloc);
  firn_code code = FIRN_OK;
  for (size_t i = 0; code == FIRN_OK && i < run->in[0]->count; i++) {
    code =
        decode(from, &how, firn_tensor_string(run->in[0], i), encode, &w, err);
    if (code == FIRN_OK) code = flush(&w, run->out[0], i, err);
  }
  firn_buf_fini(&w.buf);
  return code;
}

/* ---- UnicodeEncode ------------------------------------------------------ */

static firn_code check_splits(const firn_tensor *splits, size_t count,
                              firn_error *err) {
  int64_t last = 0;
  for (size_t i = 0; i < splits->count; i++) {
    const int64_t here = firn_tensor_i64(splits, i);
    if (here < last || (i == 0 && here != 0) || here > (int64_t)count)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "input_splits[%zu] = %lld is not in [%lld, %zu]", i,
                       (long long)here, (long long)last, count);
    last = here;
  }
  if (!splits->count || last != (int64_t)count)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "input_splits ends with %lld, not with %zu",
                     (long long)last, count);
  return FIRN_OK;
}

static firn_code encode_row(const firn_run *run, const policy *how, size_t i,
                            writer *w, firn_error *err) {
  const int64_t end = firn_tensor_i64(run->in[1], i + 1);
  for (int64_t k = firn_tensor_i64(run->in[1], i); k < end; k++) {
    const int32_t value = ((const int32_t *)run->in[0]->data)[k];
    const bool fine =
        value >= 0 && value <= 0x10ffff && (value < 0xd800 || value > 0xdfff);
    if (!fine && how->strict)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "input_values[%lld] = %d is no code point", (long long)k,
                       value);
    if (!fine && how->ignore) continue;
    const point p = {fine ? (uint32_t)value : how->replacement, 0};
    FIRN_TRY(encode(w, &p, err));
  }
  return flush(w, run->out[0], i, err);
}

static firn_code drive_encode(const firn_run *run, firn_error *err) {
  policy how;
  writer w = {.coding = {UTF8, false, false}};
  firn_tensor *out = NULL;
  FIRN_TRY(find_coding(firn_attr_str_or(run->node, "output_encoding", ""),
                       &w.coding, err));
  FIRN_TRY(read_policy(run->node, &how, err));
  FIRN_TRY(check_splits(run->in[1], run->in[0]->count, err));
  const firn_shape shape = firn_shape_vector((int64_t)run->in[1]->count - 1);
  FIRN_TRY(firn_run_output(run, 0, &shape, &out, err));
  firn_buf_init(&w.buf, &run->env->alloc);
  firn_code code = FIRN_OK;
  for (size_t i = 0; code == FIRN_OK && i < out->count; i++)
    code = encode_row(run, &how, i, &w, err);
  firn_buf_fini(&w.buf);
  return code;
}

static firn_code infer_encode(firn_infer *q, firn_error *err) {
  firn_shape splits;
  FIRN_TRY(firn_infer_rank(q, 0, 1, "input_values", NULL, err));
  FIRN_TRY(firn_infer_rank(q, 1, 1, "input_splits", &splits, err));
  q->out[0].shape = firn_shape_vector(splits.dims[0] > 0 ? splits.dims[0] - 1
                                                         : FIRN_UNKNOWN_DIM);
  return FIRN_OK;
}

#define KERNEL(NAME)                                                   \
  static const firn_kernel NAME##_kernel[] = {{.drive = drive_##NAME}, \
                                              {.drive = NULL}}

KERNEL(decode);
KERNEL(transcode);
KERNEL(encode);

static const firn_op ops[] = {
    {"UnicodeDecode", infer_decode, decode_kernel, 0},
    {"UnicodeDecodeWithOffsets", infer_decode, decode_kernel, 0},
    {"UnicodeTranscode", firn_infer_same, transcode_kernel, 0},
    {"UnicodeEncode", infer_encode, encode_kernel, 0},
};

FIRN_OP_FAMILY(unicode, ops);
