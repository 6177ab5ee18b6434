/* ops/text_each.c: ops on each string by itself: case, blanks, length, hash
 * buckets, parts. */
#include "ops/hash64.h"
#include "ops/infer.h"
#include "ops/utf8.h"

typedef firn_code (*one_fn)(const firn_run *run, firn_str text, firn_buf *out,
                            firn_error *err);

/* Output 0: `one` of each string. */
static firn_code each(const firn_run *run, one_fn one, firn_error *err) {
  firn_buf buf = {0};
  firn_code code = FIRN_OK;
  firn_buf_init(&buf, &run->env->alloc);
  for (size_t i = 0; code == FIRN_OK && i < run->in[0]->count; i++) {
    buf.size = 0;
    code = one(run, firn_tensor_string(run->in[0], i), &buf, err);
    if (code == FIRN_OK && buf.failed) code = firn_oom(err, buf.size);
    if (code == FIRN_OK)
      code = firn_tensor_set_string(
          run->out[0], i, (firn_str){(const char *)buf.data, buf.size}, err);
  }
  firn_buf_fini(&buf);
  return code;
}

/* ---- Case and blanks ---------------------------------------------------- */

static firn_code change_case(const firn_run *run, firn_str text, bool upper,
                             firn_buf *out, firn_error *err) {
  const firn_str encoding = firn_attr_str_or(run->node, "encoding", "");
  if (encoding.size) return firn_utf8_case(text, upper, out, err);
  for (size_t i = 0; i < text.size; i++) {
    char c = text.data[i];
    if (upper && c >= 'a' && c <= 'z') c = (char)(c - 'a' + 'A');
    if (!upper && c >= 'A' && c <= 'Z') c = (char)(c - 'A' + 'a');
    firn_buf_append(out, &c, 1);
  }
  return FIRN_OK;
}

static firn_code lower_one(const firn_run *run, firn_str text, firn_buf *out,
                           firn_error *err) {
  return change_case(run, text, false, out, err);
}

static firn_code upper_one(const firn_run *run, firn_str text, firn_buf *out,
                           firn_error *err) {
  return change_case(run, text, true, out, err);
}

static firn_code strip_one(const firn_run *run, firn_str text, firn_buf *out,
                           firn_error *err) {
  FIRN_UNUSED(run);
  FIRN_UNUSED(err);
  text = firn_str_trim(text);
  if (text.size) firn_buf_append(out, text.data, text.size);
  return FIRN_OK;
}

static firn_code infer_case(firn_infer *q, firn_error *err) {
  const firn_str encoding = firn_attr_str_or(q->node, "encoding", "");
  if (encoding.size && !firn_str_is(encoding, "utf-8"))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "attr 'encoding' is '%.*s', neither 'utf-8' nor empty",
                     FIRN_ARG(encoding));
  return firn_infer_same(q, err);
}

static firn_code drive_lower(const firn_run *run, firn_error *err) {
  return each(run, lower_one, err);
}
static firn_code drive_upper(const firn_run *run, firn_error *err) {
  return each(run, upper_one, err);
}
static firn_code drive_strip(const firn_run *run, firn_error *err) {
  return each(run, strip_one, err);
}

/* ---- Length ------------------------------------------------------------- */

static bool by_character(const firn_node *node) {
  return firn_str_is(firn_attr_str_or(node, "unit", "BYTE"), "UTF8_CHAR");
}

static firn_code infer_length(firn_infer *q, firn_error *err) {
  return firn_infer_same(q, err);
}

static firn_code drive_length(const firn_run *run, firn_error *err) {
  FIRN_UNUSED(err);
  const bool characters = by_character(run->node);
  for (size_t i = 0; i < run->in[0]->count; i++) {
    const firn_str text = firn_tensor_string(run->in[0], i);
    ((int32_t *)run->out[0]->data)[i] =
        (int32_t)(characters ? firn_utf8_count(text) : text.size);
  }
  return FIRN_OK;
}

/* ---- Substr ------------------------------------------------------------- */

static firn_code infer_part(firn_infer *q, firn_error *err) {
  firn_shape where;
  const firn_code code =
      firn_shape_merge(&q->in[1].shape, &q->in[2].shape, &where, err);
  if (code != FIRN_OK) return firn_while(err, code, "pos and len");
  return firn_shape_broadcast(&q->in[0].shape, &where, &q->out[0].shape, err);
}

/* Which element of a tensor goes with element i of what it broadcasts to. */
static size_t broadcast_from(const firn_shape *out, const firn_shape *in,
                             size_t i) {
  size_t at = 0, step = 1;
  for (int k = 1; k <= out->rank; k++) {
    const size_t dim = (size_t)out->dims[out->rank - k];
    const size_t here = i % dim;
    i /= dim;
    if (k > in->rank) continue;
    const size_t own = (size_t)in->dims[in->rank - k];
    at += (own == 1 ? 0 : here) * step;
    step *= own;
  }
  return at;
}

static firn_code no_such_place(size_t i, int64_t pos, size_t size,
                               firn_error *err) {
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "pos %lld of string %zu is not in [-%zu, %zu]",
                   (long long)pos, i, size, size);
}

static firn_code part_of(firn_str text, int64_t pos, int64_t len, size_t i,
                         bool characters, firn_str *out, firn_error *err) {
  const size_t size = characters ? firn_utf8_count(text) : text.size;
  const int64_t most = (int64_t)size;
  if (pos < -most || pos > most) return no_such_place(i, pos, size, err);
  const size_t from = (size_t)(pos < 0 ? pos + most : pos);
  size_t count = size - from;
  if (len >= 0 && (uint64_t)len < count) count = (size_t)len;
  if (len < 0 && characters) count = 0; /* bytes: all that follow */
  if (characters) {
    const size_t begin = firn_utf8_skip(text, from);
    const firn_str rest = {text.data + begin, text.size - begin};
    *out = (firn_str){rest.data, firn_utf8_skip(rest, count)};
  } else {
    *out = (firn_str){text.data + from, count};
  }
  return FIRN_OK;
}

static firn_code drive_part(const firn_run *run, firn_error *err) {
  const firn_tensor *in = run->in[0], *pos = run->in[1], *len = run->in[2];
  firn_tensor *out = run->out[0];
  const bool characters = by_character(run->node);
  for (size_t i = 0; i < out->count; i++) {
    const size_t k = broadcast_from(&out->shape, &pos->shape, i);
    firn_str part;
    FIRN_TRY(part_of(
        firn_tensor_string(in, broadcast_from(&out->shape, &in->shape, i)),
        firn_tensor_i64(pos, k), firn_tensor_i64(len, k), i, characters, &part,
        err));
    FIRN_TRY(firn_tensor_set_string(out, i, part, err));
  }
  return FIRN_OK;
}

/* ---- Hash buckets ------------------------------------------------------- */

static firn_code buckets(const firn_run *run, uint64_t (*hash)(firn_str),
                         firn_error *err) {
  int64_t count;
  FIRN_TRY(firn_attr_int(run->node, "num_buckets", &count, err));
  for (size_t i = 0; i < run->in[0]->count; i++)
    ((int64_t *)run->out[0]->data)[i] =
        (int64_t)(hash(firn_tensor_string(run->in[0], i)) % (uint64_t)count);
  return FIRN_OK;
}

static firn_code drive_bucket(const firn_run *run, firn_error *err) {
  return buckets(run, firn_murmur64, err);
}

static firn_code drive_bucket_fast(const firn_run *run, firn_error *err) {
  return buckets(run, firn_farm64, err);
}

static firn_code drive_bucket_strong(const firn_run *run, firn_error *err) {
  const int64_t *key;
  size_t words;
  int64_t count;
  FIRN_TRY(firn_attr_int(run->node, "num_buckets", &count, err));
  FIRN_TRY(firn_attr_ints(run->node, "key", &key, &words, err));
  if (words != 2)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "attr 'key' has %zu words, not 2", words);
  for (size_t i = 0; i < run->in[0]->count; i++)
    ((int64_t *)run->out[0]->data)[i] =
        (int64_t)(firn_sip64((uint64_t)key[0], (uint64_t)key[1],
                             firn_tensor_string(run->in[0], i)) %
                  (uint64_t)count);
  return FIRN_OK;
}

/* ---- Fingerprint -------------------------------------------------------- */

static firn_code infer_fingerprint(firn_infer *q, firn_error *err) {
  FIRN_TRY(firn_infer_rank_at_least(q, 0, 1, "data", err));
  const firn_shape *in = &q->in[0].shape;
  const int64_t rows = in->rank < 0 ? FIRN_UNKNOWN_DIM : in->dims[0];
  q->out[0].shape = (firn_shape){.rank = 2, .dims = {rows, 8}};
  return FIRN_OK;
}

/* A string counts as itself when it is the whole row, else its own print does.
 */
static firn_code drive_fingerprint(const firn_run *run, firn_error *err) {
  const firn_tensor *in = run->in[0], *method = run->in[1];
  const size_t rows = (size_t)in->shape.dims[0];
  const size_t width = rows ? in->count / rows : 0;
  const size_t size = width * firn_dtype_size(in->dtype);
  if (method->count != 1 ||
      !firn_str_is(firn_tensor_string(method, 0), "farmhash64"))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "method must be the scalar 'farmhash64'");
  firn_buf prints = {0};
  firn_buf_init(&prints, &run->env->alloc);
  for (size_t i = 0; i < rows && !prints.failed; i++) {
    firn_str bytes = {(const char *)in->data + i * size, size};
    if (in->dtype == FIRN_STRING && width == 1) {
      bytes = firn_tensor_string(in, i);
    } else if (in->dtype == FIRN_STRING) {
      prints.size = 0;
      for (size_t k = 0; k < width; k++) {
        uint8_t *to = firn_buf_grow(&prints, 8);
        if (to)
          firn_store64(to, firn_farm64(firn_tensor_string(in, i * width + k)));
      }
      bytes = (firn_str){(const char *)prints.data, prints.size};
    }
    firn_store64((uint8_t *)run->out[0]->data + i * 8, firn_farm64(bytes));
  }
  const bool failed = prints.failed;
  firn_buf_fini(&prints);
  return failed ? firn_oom(err, width * 8) : FIRN_OK;
}

/* ---- The family --------------------------------------------------------- */

#define KERNEL(NAME) \
  static const firn_kernel NAME[] = {{.drive = drive_##NAME}, {.drive = NULL}}

KERNEL(lower);
KERNEL(upper);
KERNEL(strip);
KERNEL(length);
KERNEL(part);
KERNEL(bucket);
KERNEL(bucket_fast);
KERNEL(bucket_strong);

static const firn_kernel fingerprint[] = {
    {.types = {{"T", FIRN_ANY &
                         ~(FIRN_BIT(FIRN_RESOURCE) | FIRN_BIT(FIRN_VARIANT))}},
     .drive = drive_fingerprint},
    {.drive = NULL},
};

static const firn_op ops[] = {
    {"StringLower", infer_case, lower, 0},
    {"StringUpper", infer_case, upper, 0},
    {"StringStrip", firn_infer_same, strip, 0},
    {"StringLength", infer_length, length, 0},
    {"Substr", infer_part, part, 0},
    {"StringToHashBucket", firn_infer_same, bucket, 0},
    {"StringToHashBucketFast", firn_infer_same, bucket_fast, 0},
    {"StringToHashBucketStrong", firn_infer_same, bucket_strong, 0},
    {"Fingerprint", infer_fingerprint, fingerprint, 0},
};

FIRN_OP_FAMILY(text_each, ops);
