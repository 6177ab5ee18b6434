/* ops/text_ngrams.c: StringNGrams: runs of neighbouring strings, joined.
 *
 * Each row of a ragged vector is thought to have `pad` paddings on both sides;
 * a run of w strings starts at each place where it fits. */
#include "ops/infer.h"

typedef struct grams {
  firn_str separator, left, right;
  const int64_t *widths;
  size_t width_count;
  int64_t pad; /* -1: one less than the width */
  bool keep_short;
} grams;

static firn_code read_attrs(const firn_node *node, grams *g, firn_error *err) {
  FIRN_TRY(firn_attr_str(node, "separator", &g->separator, err));
  FIRN_TRY(firn_attr_str(node, "left_pad", &g->left, err));
  FIRN_TRY(firn_attr_str(node, "right_pad", &g->right, err));
  FIRN_TRY(firn_attr_int(node, "pad_width", &g->pad, err));
  FIRN_TRY(
      firn_attr_bool(node, "preserve_short_sequences", &g->keep_short, err));
  FIRN_TRY(
      firn_attr_ints(node, "ngram_widths", &g->widths, &g->width_count, err));
  for (size_t i = 0; i < g->width_count; i++)
    if (g->widths[i] < 1 || g->widths[i] > INT32_MAX)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "ngram_widths[%zu] = %lld must be above 0", i,
                       (long long)g->widths[i]);
  if (g->pad < -1)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "attr 'pad_width' = %lld is below -1", (long long)g->pad);
  return FIRN_OK;
}

static int64_t pad_of(const grams *g, int64_t width) {
  return g->pad < 0 || g->pad > width - 1 ? width - 1 : g->pad;
}

static int64_t count_of(const grams *g, int64_t length, int64_t width) {
  const int64_t count = length + 2 * pad_of(g, width) - width + 1;
  return count > 0 ? count : 0;
}

/* All n-grams of a row of that many strings. */
static int64_t row_count(const grams *g, int64_t length) {
  int64_t count = 0;
  for (size_t i = 0; i < g->width_count; i++)
    count += count_of(g, length, g->widths[i]);
  return count == 0 && g->keep_short && length > 0 ? 1 : count;
}

static void put(firn_buf *buf, const grams *g, firn_str text, bool *first) {
  if (!*first && g->separator.size)
    firn_buf_append(buf, g->separator.data, g->separator.size);
  if (text.size) firn_buf_append(buf, text.data, text.size);
  *first = false;
}

/* The n-gram that begins `at` strings after the row's begin, of which the
 * paddings before it are negative. */
static void put_gram(firn_buf *buf, const grams *g, const firn_tensor *data,
                     int64_t begin, int64_t length, int64_t at, int64_t width) {
  bool first = true;
  buf->size = 0;
  for (int64_t k = at; k < at + width && !buf->failed; k++)
    put(buf, g,
        k < 0         ? g->left
        : k >= length ? g->right
                      : firn_tensor_string(data, (size_t)(begin + k)),
        &first);
}

static firn_code put_row(const grams *g, const firn_tensor *data, int64_t begin,
                         int64_t length, firn_buf *buf, firn_tensor *out,
                         int64_t *at, firn_error *err) {
  const int64_t before = *at;
  for (size_t i = 0; i < g->width_count; i++) {
    const int64_t width = g->widths[i], pad = pad_of(g, width);
    const int64_t count = count_of(g, length, width);
    for (int64_t k = 0; k < count; k++) {
      put_gram(buf, g, data, begin, length, k - pad, width);
      if (buf->failed) return firn_oom(err, buf->size);
      FIRN_TRY(firn_tensor_set_string(
          out, (size_t)(*at)++, (firn_str){(const char *)buf->data, buf->size},
          err));
    }
  }
  if (*at != before || !g->keep_short || !length) return FIRN_OK;
  if (g->pad < 0)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "short sequences are kept with a pad_width of at least 0");
  put_gram(buf, g, data, begin, length, -g->pad, length + 2 * g->pad);
  if (buf->failed) return firn_oom(err, buf->size);
  return firn_tensor_set_string(out, (size_t)(*at)++,
                                (firn_str){(const char *)buf->data, buf->size},
                                err);
}

static firn_code check_splits(const firn_tensor *splits, size_t count,
                              firn_error *err) {
  int64_t last = 0;
  for (size_t i = 0; i < splits->count; i++) {
    const int64_t here = firn_tensor_i64(splits, i);
    if (here < last || (i == 0 && here != 0) || here > (int64_t)count)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "data_splits[%zu] = %lld is not in [%lld, %zu]", i,
                       (long long)here, (long long)last, count);
    last = here;
  }
  if (splits->count && last != (int64_t)count)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "data_splits ends with %lld, not with %zu",
                     (long long)last, count);
  return FIRN_OK;
}

static firn_code put_split(firn_tensor *splits, size_t i, int64_t value,
                           firn_error *err) {
  if (splits->dtype == FIRN_INT64) {
    ((int64_t *)splits->data)[i] = value;
    return FIRN_OK;
  }
  if (value > INT32_MAX)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "%lld n-grams do not fit an int32", (long long)value);
  ((int32_t *)splits->data)[i] = (int32_t)value;
  return FIRN_OK;
}

static firn_code put_rows(const firn_run *run, const grams *g, firn_tensor *out,
                          firn_error *err) {
  const firn_tensor *data = run->in[0], *splits = run->in[1];
  firn_buf buf = {0};
  int64_t at = 0;
  firn_code code = FIRN_OK;
  firn_buf_init(&buf, &run->env->alloc);
  for (size_t i = 0; code == FIRN_OK && i + 1 < splits->count; i++) {
    const int64_t begin = firn_tensor_i64(splits, i);
    code = put_row(g, data, begin, firn_tensor_i64(splits, i + 1) - begin, &buf,
                   out, &at, err);
  }
  firn_buf_fini(&buf);
  return code;
}

static firn_code drive_ngrams(const firn_run *run, firn_error *err) {
  const firn_tensor *splits = run->in[1];
  grams g;
  /* Without any splits there is an empty string for each that came in. */
  int64_t total = splits->count ? 0 : (int64_t)run->in[0]->count;
  firn_tensor *out = NULL, *out_splits = NULL;
  FIRN_TRY(read_attrs(run->node, &g, err));
  FIRN_TRY(check_splits(splits, run->in[0]->count, err));
  FIRN_TRY(firn_run_output(run, 1, &splits->shape, &out_splits, err));
  if (splits->count) FIRN_TRY(put_split(out_splits, 0, 0, err));
  for (size_t i = 0; i + 1 < splits->count; i++) {
    total += row_count(
        &g, firn_tensor_i64(splits, i + 1) - firn_tensor_i64(splits, i));
    FIRN_TRY(put_split(out_splits, i + 1, total, err));
  }
  const firn_shape shape = firn_shape_vector(total);
  FIRN_TRY(firn_run_output(run, 0, &shape, &out, err));
  return put_rows(run, &g, out, err);
}

static firn_code infer_ngrams(firn_infer *q, firn_error *err) {
  FIRN_TRY(firn_infer_rank(q, 0, 1, "data", NULL, err));
  FIRN_TRY(firn_infer_rank(q, 1, 1, "data_splits", &q->out[1].shape, err));
  q->out[0].shape = firn_shape_vector(FIRN_UNKNOWN_DIM);
  return FIRN_OK;
}

static const firn_kernel ngrams[] = {{.drive = drive_ngrams}, {.drive = NULL}};

static const firn_op ops[] = {{"StringNGrams", infer_ngrams, ngrams, 0}};

FIRN_OP_FAMILY(text_ngrams, ops);
