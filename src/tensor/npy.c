/* tensor/npy.c: arrays as numpy.save writes them.
 *
 *   93 4e 55 4d 50 59   magic
 *   01 00               version
 *   76 00               length of the header (version 2 and 3: four bytes)
 *   {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }  blanks,
 * newline the elements
 *
 * The header is a Python dictionary, of which we read just this much.
 */
#include <stdio.h>
#include <string.h>

#include "tensor/tensor_file.h"

static const char magic[] = "\x93NUMPY";
enum { MAGIC = 6, GROWTH_DIGITS = 21, ALIGN = 64, WINDOW = 4096 };

typedef struct npy {
  char order; /* '<', '>', '|' or '=' */
  char kind;  /* of element: one of numpy's letters */
  size_t item;
  bool fortran;
  firn_shape shape;
  firn_bytes data;
} npy;

bool firn_npy_is(firn_bytes file) {
  return file.size >= MAGIC && !memcmp(file.data, magic, MAGIC);
}

/* ---- The header --------------------------------------------------------- */

typedef struct cursor {
  const char *at, *end;
} cursor;

static void skip_blanks(cursor *c) {
  while (c->at < c->end && (*c->at == ' ' || *c->at == '\n' || *c->at == '\t'))
    c->at++;
}

static bool take(cursor *c, char wanted) {
  skip_blanks(c);
  if (c->at == c->end || *c->at != wanted) return false;
  c->at++;
  return true;
}

static bool take_string(cursor *c, firn_str *out) {
  skip_blanks(c);
  if (c->at == c->end || (*c->at != '\'' && *c->at != '"')) return false;
  const char quote = *c->at++;
  const char *begin = c->at;
  while (c->at < c->end && *c->at != quote && *c->at != '\\') c->at++;
  if (c->at == c->end || *c->at != quote) return false;
  *out = (firn_str){begin, (size_t)(c->at++ - begin)};
  return true;
}

static bool take_word(cursor *c, const char *word) {
  const size_t size = strlen(word);
  skip_blanks(c);
  if ((size_t)(c->end - c->at) < size || memcmp(c->at, word, size))
    return false;
  c->at += size;
  return true;
}

static bool take_bool(cursor *c, bool *out) {
  if (take_word(c, "True")) return *out = true;
  *out = false;
  return take_word(c, "False");
}

/* An extent; Python 2 wrote an L after it. */
static bool take_extent(cursor *c, int64_t *out) {
  skip_blanks(c);
  const char *begin = c->at;
  while (c->at < c->end && *c->at >= '0' && *c->at <= '9') c->at++;
  const firn_str digits = {begin, (size_t)(c->at - begin)};
  if (digits.size == 0 || !firn_parse_i64(digits, out)) return false;
  if (c->at < c->end && *c->at == 'L') c->at++;
  return true;
}

static firn_code take_shape(cursor *c, firn_shape *out, firn_error *err) {
  *out = firn_shape_scalar();
  if (!take(c, '(')) goto bad;
  while (!take(c, ')')) {
    if (out->rank == FIRN_MAX_RANK)
      return firn_fail(err, FIRN_UNIMPLEMENTED,
                       "the array has more than %d axes", FIRN_MAX_RANK);
    if (!take_extent(c, &out->dims[out->rank++])) goto bad;
    if (take(c, ',')) continue;
    if (take(c, ')')) break;
    goto bad;
  }
  return FIRN_OK;

bad:
  return firn_fail(err, FIRN_DATA_LOSS,
                   "the npy header's shape is not a tuple of integers");
}

static firn_code take_descr(cursor *c, npy *out, firn_error *err) {
  firn_str descr;
  uint64_t item = 0;
  skip_blanks(c);
  if (c->at < c->end && *c->at == '[')
    return firn_fail(err, FIRN_UNIMPLEMENTED,
                     "the npy file holds records, not plain elements");
  if (!take_string(c, &descr) || descr.size < 2)
    return firn_fail(err, FIRN_DATA_LOSS,
                     "the npy header's descr is not a type");
  out->order = descr.data[0];
  out->kind = descr.data[1];
  const firn_str digits = {descr.data + 2, descr.size - 2};
  if (out->kind == 'O')
    return firn_fail(err, FIRN_UNIMPLEMENTED,
                     "the npy file holds pickled Python objects");
  if (!memchr("<>|=", out->order, 4) || !firn_parse_u64(digits, &item))
    return firn_fail(err, FIRN_UNIMPLEMENTED,
                     "the npy file's type '%.*s' has no TensorFlow type",
                     FIRN_ARG(descr));
  out->item = (size_t)item;
  return FIRN_OK;
}

static firn_code parse_dict(firn_str text, npy *out, firn_error *err) {
  cursor c = {text.data, text.data + text.size};
  bool has_descr = false, has_order = false, has_shape = false;
  firn_str key;
  if (!take(&c, '{')) goto bad;
  while (!take(&c, '}')) {
    if (!take_string(&c, &key) || !take(&c, ':')) goto bad;
    if (firn_str_is(key, "descr") && !has_descr) {
      FIRN_TRY(take_descr(&c, out, err));
      has_descr = true;
    } else if (firn_str_is(key, "fortran_order") && !has_order) {
      if (!take_bool(&c, &out->fortran)) goto bad;
      has_order = true;
    } else if (firn_str_is(key, "shape") && !has_shape) {
      FIRN_TRY(take_shape(&c, &out->shape, err));
      has_shape = true;
    } else {
      goto bad;
    }
    if (take(&c, ',')) continue;
    if (take(&c, '}')) break;
    goto bad;
  }
  skip_blanks(&c);
  if (c.at == c.end && has_descr && has_order && has_shape) return FIRN_OK;

bad:
  return firn_fail(err, FIRN_DATA_LOSS,
                   "the npy header is not a dictionary of descr, "
                   "fortran_order and shape (at byte %zu of it)",
                   (size_t)(c.at - text.data));
}

static firn_code parse_header(firn_bytes file, npy *out, firn_error *err) {
  if (!firn_npy_is(file))
    return firn_fail(err, FIRN_DATA_LOSS, "not an npy file");
  if (file.size < 10)
    return firn_fail(err, FIRN_DATA_LOSS, "the npy file ends after %zu bytes",
                     file.size);
  const int version = file.data[6];
  if (version < 1 || version > 3)
    return firn_fail(err, FIRN_UNIMPLEMENTED, "npy version %d.%d", version,
                     file.data[7]);
  const size_t begin = version == 1 ? 10 : 12;
  if (file.size < begin)
    return firn_fail(err, FIRN_DATA_LOSS, "the npy file ends after %zu bytes",
                     file.size);
  const size_t size =
      version == 1 ? firn_load16(file.data + 8) : firn_load32(file.data + 8);
  if (size > file.size - begin)
    return firn_fail(err, FIRN_DATA_LOSS,
                     "the npy header has %zu bytes, %zu are left", size,
                     file.size - begin);
  FIRN_TRY(
      parse_dict((firn_str){(const char *)file.data + begin, size}, out, err));
  out->data = (firn_bytes){file.data + begin + size, file.size - begin - size};
  return FIRN_OK;
}

/* ---- Types -------------------------------------------------------------- */

static bool is_one_of(firn_dtype dtype, firn_dtypes set) {
  return firn_dtype_valid(dtype) && !firn_dtype_is_ref(dtype) &&
         (FIRN_BIT(dtype) & set);
}

#define ONE_BYTE                                                        \
  (FIRN_BIT(FIRN_FLOAT8_E5M2) | FIRN_BIT(FIRN_FLOAT8_E4M3FN) |          \
   FIRN_BIT(FIRN_FLOAT8_E4M3FNUZ) | FIRN_BIT(FIRN_FLOAT8_E4M3B11FNUZ) | \
   FIRN_BIT(FIRN_FLOAT8_E5M2FNUZ) | FIRN_BIT(FIRN_INT4) |               \
   FIRN_BIT(FIRN_UINT4) | FIRN_BIT(FIRN_INT2) | FIRN_BIT(FIRN_UINT2) |  \
   FIRN_BIT(FIRN_FLOAT4_E2M1FN))

/* One row per numpy type: its letter and size, ours, and the quantised type
 * that it may stand for. */
static const struct type_row {
  char kind;
  uint8_t item;
  uint8_t dtype, quantised;
} types[] = {
    {'b', 1, FIRN_BOOL, 0},
    {'i', 1, FIRN_INT8, FIRN_QINT8},
    {'i', 2, FIRN_INT16, FIRN_QINT16},
    {'i', 4, FIRN_INT32, FIRN_QINT32},
    {'i', 8, FIRN_INT64, 0},
    {'u', 1, FIRN_UINT8, FIRN_QUINT8},
    {'u', 2, FIRN_UINT16, FIRN_QUINT16},
    {'u', 4, FIRN_UINT32, 0},
    {'u', 8, FIRN_UINT64, 0},
    {'f', 2, FIRN_HALF, 0},
    {'f', 4, FIRN_FLOAT, 0},
    {'f', 8, FIRN_DOUBLE, 0},
    {'c', 8, FIRN_COMPLEX64, 0},
    {'c', 16, FIRN_COMPLEX128, 0},
    {'V', 2, FIRN_BFLOAT16, 0},
};

static firn_code type_of(const npy *n, firn_dtype want, firn_dtype *out,
                         firn_error *err) {
  if (n->kind == 'S' || n->kind == 'U') {
    *out = FIRN_STRING;
    return FIRN_OK;
  }
  for (size_t i = 0; i < FIRN_COUNT(types); i++)
    if (types[i].kind == n->kind && types[i].item == n->item) {
      const bool quantised = types[i].quantised && want == types[i].quantised;
      *out = quantised ? want : (firn_dtype)types[i].dtype;
      return FIRN_OK;
    }
  /* numpy calls float8_e5m2 `f1`, and the other types of a byte `V1`. */
  if (n->item == 1 && (n->kind == 'V' || n->kind == 'f')) {
    if (is_one_of(want, ONE_BYTE)) {
      *out = want;
      return FIRN_OK;
    }
    if (n->kind == 'f') {
      *out = FIRN_FLOAT8_E5M2;
      return FIRN_OK;
    }
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "the npy file's type |V1 may be any float8 or 4-bit "
                     "type, and %s was asked for",
                     want == FIRN_INVALID ? "none" : firn_dtype_name(want));
  }
  return firn_fail(err, FIRN_UNIMPLEMENTED,
                   "the npy file's type '%c%zu' has no TensorFlow type",
                   n->kind >= ' ' && n->kind <= '~' ? n->kind : '?', n->item);
}

/* ---- Elements ----------------------------------------------------------- */

/* Walks the elements of the file in the order of the tensor. */
typedef struct walk {
  const npy *npy;
  size_t stride[FIRN_MAX_RANK]; /* in bytes */
  int64_t index[FIRN_MAX_RANK];
  const uint8_t *at;
} walk;

static void walk_init(walk *w, const npy *n) {
  const int rank = n->shape.rank;
  size_t stride = n->item;
  *w = (walk){.npy = n, .at = n->data.data};
  for (int k = 0; k < rank; k++) {
    const int i = n->fortran ? k : rank - 1 - k;
    w->stride[i] = stride;
    stride *= (size_t)n->shape.dims[i];
  }
}

static void walk_next(walk *w) {
  for (int i = w->npy->shape.rank - 1; i >= 0; i--) {
    w->at += w->stride[i];
    if (++w->index[i] < w->npy->shape.dims[i]) return;
    w->at -= w->stride[i] * (size_t)w->index[i];
    w->index[i] = 0;
  }
}

/* The bytes that turn round together when the byte order changes. */
static size_t swap_unit(const npy *n) {
  if (n->order != '>' || n->kind == 'V' || n->kind == 'S') return 1;
  return n->kind == 'c' ? n->item / 2 : n->item;
}

static void copy_swapped(uint8_t *to, const uint8_t *from, size_t size,
                         size_t unit) {
  for (size_t u = 0; u < size; u += unit)
    for (size_t i = 0; i < unit; i++) to[u + i] = from[u + unit - 1 - i];
}

static void read_plain(const npy *n, firn_tensor *t) {
  const size_t unit = swap_unit(n);
  uint8_t *to = t->data;
  walk w;
  if (t->count == 0) return;
  if (unit == 1 && (!n->fortran || n->shape.rank < 2)) {
    memcpy(to, n->data.data, t->count * n->item);
  } else {
    walk_init(&w, n);
    for (size_t i = 0; i < t->count; i++, walk_next(&w))
      copy_swapped(to + i * n->item, w.at, n->item, unit);
  }
  if (t->dtype == FIRN_BOOL)
    for (size_t i = 0; i < t->count; i++) to[i] = to[i] != 0;
  if (is_one_of(t->dtype, FIRN_BIT(FIRN_INT4) | FIRN_BIT(FIRN_UINT4) |
                              FIRN_BIT(FIRN_FLOAT4_E2M1FN)))
    for (size_t i = 0; i < t->count; i++) to[i] &= 0xf;
  if (is_one_of(t->dtype, FIRN_BIT(FIRN_INT2) | FIRN_BIT(FIRN_UINT2)))
    for (size_t i = 0; i < t->count; i++) to[i] &= 0x3;
}

static bool put_utf8(firn_buf *buf, uint32_t c) {
  const uint8_t last = (uint8_t)(0x80 | (c & 0x3f));
  const uint8_t middle = (uint8_t)(0x80 | (c >> 6 & 0x3f));
  if (c > 0x10ffff || (c >= 0xd800 && c < 0xe000)) return false;
  if (c < 0x80)
    firn_buf_append(buf, (uint8_t[]){(uint8_t)c}, 1);
  else if (c < 0x800)
    firn_buf_append(buf, (uint8_t[]){(uint8_t)(0xc0 | c >> 6), last}, 2);
  else if (c < 0x10000)
    firn_buf_append(buf, (uint8_t[]){(uint8_t)(0xe0 | c >> 12), middle, last},
                    3);
  else
    firn_buf_append(
        buf,
        (uint8_t[]){(uint8_t)(0xf0 | c >> 18),
                    (uint8_t)(0x80 | (c >> 12 & 0x3f)), middle, last},
        4);
  return true;
}

/* One UCS-4 string as UTF-8 into `buf`, without the NULs at its end. */
static firn_code decode_ucs4(const npy *n, const uint8_t *at, firn_buf *buf,
                             firn_error *err) {
  size_t length = n->item / 4;
  buf->size = 0;
  while (length && firn_load32(at + 4 * (length - 1)) == 0) length--;
  for (size_t i = 0; i < length; i++) {
    uint32_t c = firn_load32(at + 4 * i);
    if (n->order == '>') c = __builtin_bswap32(c);
    if (!put_utf8(buf, c))
      return firn_fail(err, FIRN_DATA_LOSS,
                       "the npy file holds %#x, which is no character", c);
  }
  return buf->failed ? firn_oom(err, n->item) : FIRN_OK;
}

static firn_code read_strings(const npy *n, const firn_env *env, firn_tensor *t,
                              firn_error *err) {
  firn_code code = FIRN_OK;
  firn_buf buf;
  walk w;
  firn_buf_init(&buf, &env->alloc);
  walk_init(&w, n);
  for (size_t i = 0; i < t->count && code == FIRN_OK; i++, walk_next(&w)) {
    firn_str text = {(const char *)w.at, n->item};
    if (n->kind == 'U') {
      code = decode_ucs4(n, w.at, &buf, err);
      text = (firn_str){(const char *)buf.data, buf.size};
    } else {
      while (text.size && text.data[text.size - 1] == '\0') text.size--;
    }
    if (code == FIRN_OK) code = firn_tensor_set_string(t, i, text, err);
  }
  firn_buf_fini(&buf);
  return code;
}

/* The file must hold all elements. Elements of no bytes at all ('|S0') would
 * let a file of no size ask for any number of them. */
static firn_code check_size(const npy *n, firn_error *err) {
  char text[256];
  int64_t count;
  size_t want;
  if (!firn_shape_count(&n->shape, &count) ||
      !firn_mul_size((size_t)count, n->item, &want) || want > n->data.size ||
      (n->item == 0 && (size_t)count > n->data.size + 1024))
    return firn_fail(err, FIRN_DATA_LOSS,
                     "an npy array of shape %s and %zu bytes an element does "
                     "not fit into the %zu bytes that are left",
                     firn_shape_text(&n->shape, text), n->item, n->data.size);
  return FIRN_OK;
}

firn_code firn_npy_parse(firn_bytes file, firn_dtype want, const firn_env *env,
                         firn_tensor **out, firn_error *err) {
  npy n = {0};
  firn_dtype dtype = FIRN_INVALID;
  firn_tensor *t = NULL;
  *out = NULL;
  FIRN_TRY(parse_header(file, &n, err));
  if (n.kind == 'U' && !firn_mul_size(n.item, 4, &n.item)) n.item = SIZE_MAX;
  FIRN_TRY(type_of(&n, want, &dtype, err));
  FIRN_TRY(check_size(&n, err));
  FIRN_TRY(firn_tensor_within(dtype, &n.shape, &env->limits, err));
  FIRN_TRY(firn_tensor_make(dtype, &n.shape, &env->alloc, &t, err));
  firn_code code = FIRN_OK;
  if (dtype == FIRN_STRING)
    code = read_strings(&n, env, t, err);
  else
    read_plain(&n, t);
  if (code == FIRN_OK)
    *out = t;
  else
    firn_tensor_release(t);
  return code;
}

/* ---- Writing ------------------------------------------------------------ */

static firn_code string_width(const firn_tensor *t, size_t *out,
                              firn_error *err) {
  size_t width = 1; /* as numpy has it */
  for (size_t i = 0; i < t->count; i++) {
    const firn_str s = firn_tensor_string(t, i);
    if (s.size && s.data[s.size - 1] == '\0')
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "string %zu ends in a zero byte, which .npy cannot "
                       "keep: write .json",
                       i);
    width = firn_max_size(width, s.size);
  }
  *out = width;
  return FIRN_OK;
}

static firn_code describe(const firn_tensor *t, size_t *item, char *out,
                          size_t room, firn_error *err) {
  *item = firn_dtype_size(t->dtype);
  if (t->dtype == FIRN_STRING) {
    FIRN_TRY(string_width(t, item, err));
    snprintf(out, room, "|S%zu", *item);
    return FIRN_OK;
  }
  for (size_t i = 0; i < FIRN_COUNT(types); i++)
    if ((int)t->dtype == types[i].dtype ||
        (int)t->dtype == types[i].quantised) {
      const bool ordered = types[i].item > 1 && types[i].kind != 'V';
      snprintf(out, room, "%c%c%d", ordered ? '<' : '|', types[i].kind,
               types[i].item);
      return FIRN_OK;
    }
  if (!is_one_of(t->dtype, ONE_BYTE))
    return firn_fail(err, FIRN_UNIMPLEMENTED,
                     "a tensor of %s cannot be written as .npy",
                     firn_dtype_name(t->dtype));
  snprintf(out, room, "|V1");
  return FIRN_OK;
}

/* Blanks behind the dictionary: numpy leaves room for the first extent to grow
 * in place, and then fills up to a multiple of 64. */
static size_t padding(size_t used, const firn_shape *shape) {
  size_t blanks = 0;
  if (shape->rank > 0) {
    char digits[24];
    const int n =
        snprintf(digits, sizeof digits, "%lld", (long long)shape->dims[0]);
    blanks = GROWTH_DIGITS - (size_t)n;
  }
  return blanks + ALIGN - (MAGIC + 4 + used + blanks + 1) % ALIGN;
}

static firn_code put_header(const firn_tensor *t, const char *descr,
                            firn_sink sink, firn_error *err) {
  char text[1024]; /* sixteen extents of nineteen digits, and the rest */
  const size_t room = sizeof text;
  size_t n = MAGIC + 4;
  memcpy(text, magic, MAGIC);
  text[6] = 1;
  text[7] = 0;
  n += (size_t)snprintf(text + n, room - n,
                        "{'descr': '%s', 'fortran_order': False, 'shape': (",
                        descr);
  for (int i = 0; i < t->shape.rank; i++)
    n += (size_t)snprintf(text + n, room - n, "%s%lld", i ? ", " : "",
                          (long long)t->shape.dims[i]);
  n += (size_t)snprintf(text + n, room - n, "%s), }",
                        t->shape.rank == 1 ? "," : "");
  const size_t blanks = padding(n - MAGIC - 4, &t->shape);
  memset(text + n, ' ', blanks);
  n += blanks;
  text[n++] = '\n';
  firn_store16(text + 8, (uint16_t)(n - MAGIC - 4));
  return sink.put(sink.ud, text, n, err);
}

static firn_code put_strings(const firn_tensor *t, size_t width, firn_sink sink,
                             firn_error *err) {
  static const char zeros[WINDOW];
  for (size_t i = 0; i < t->count; i++) {
    const firn_str s = firn_tensor_string(t, i);
    if (s.size) FIRN_TRY(sink.put(sink.ud, s.data, s.size, err));
    for (size_t left = width - s.size; left;) {
      const size_t step = firn_min_size(left, WINDOW);
      FIRN_TRY(sink.put(sink.ud, zeros, step, err));
      left -= step;
    }
  }
  return FIRN_OK;
}

firn_code firn_npy_write(const firn_tensor *tensor, firn_sink sink,
                         firn_error *err) {
  char descr[32];
  size_t item;
  FIRN_TRY(describe(tensor, &item, descr, sizeof descr, err));
  FIRN_TRY(put_header(tensor, descr, sink, err));
  if (tensor->dtype == FIRN_STRING) return put_strings(tensor, item, sink, err);
  if (tensor->count == 0) return FIRN_OK;
  return sink.put(sink.ud, tensor->data, firn_tensor_bytes(tensor), err);
}
