/* ops/text_split.c: StringSplit, StringSplitV2: the parts of each string, as a
 * sparse matrix of strings. */
#include "ops/infer.h"
#include "ops/utf8.h"

/* Parts and the row that each came from, while they are counted and stored. */
typedef struct parts {
  firn_tensor *indices, *values; /* NULL while only counting */
  size_t count, in_row, most;
  int64_t row;
} parts;

static firn_code add(parts *p, firn_str part, firn_error *err) {
  if (p->values) {
    int64_t *index = (int64_t *)p->indices->data + p->count * 2;
    index[0] = p->row;
    index[1] = (int64_t)p->in_row;
    FIRN_TRY(firn_tensor_set_string(p->values, p->count, part, err));
  }
  p->count++;
  p->in_row++;
  if (p->in_row > p->most) p->most = p->in_row;
  return FIRN_OK;
}

static firn_str cut(firn_str text, size_t from, size_t to) {
  return (firn_str){text.data + from, to - from};
}

/* ---- V1: any of the delimiter's characters separates -------------------- */

static firn_code split_chars(firn_str text, parts *p, firn_error *err) {
  for (size_t i = 0; i < text.size; i++)
    FIRN_TRY(add(p, cut(text, i, i + 1), err));
  return FIRN_OK;
}

static firn_code split_any(firn_str text, firn_str delimiters, bool skip,
                           parts *p, firn_error *err) {
  size_t from = 0;
  if (!delimiters.size) return split_chars(text, p, err);
  if (!text.size) return FIRN_OK;
  for (size_t i = 0; i <= text.size; i++) {
    if (i < text.size &&
        !memchr(delimiters.data, text.data[i], delimiters.size))
      continue;
    if (i > from || !skip) FIRN_TRY(add(p, cut(text, from, i), err));
    from = i + 1;
  }
  return FIRN_OK;
}

/* ---- V2: as Python's str.split ------------------------------------------ */

/* Drops the blanks in front. */
static firn_str without_front(firn_str text) {
  const firn_str rest = firn_str_trim(text);
  if (!rest.size) return (firn_str){text.data, 0};
  return cut(text, (size_t)(rest.data - text.data), text.size);
}

/* What is left after `most` parts is one more, even when it is empty. */
static firn_code split_blanks(firn_str text, int64_t most, parts *p,
                              firn_error *err) {
  if (most == 0) return add(p, text, err);
  text = without_front(text);
  for (int64_t n = 1; text.size; n++) {
    size_t end = 0;
    while (end < text.size && !memchr(" \t\n\v\f\r", text.data[end], 6)) end++;
    FIRN_TRY(add(p, cut(text, 0, end), err));
    text = cut(text, end, text.size);
    if (n == most) return add(p, without_front(text), err);
    text = without_front(text);
  }
  return FIRN_OK;
}

static size_t find(firn_str text, size_t from, firn_str what) {
  for (size_t i = from; i + what.size <= text.size; i++)
    if (!memcmp(text.data + i, what.data, what.size)) return i;
  return text.size;
}

static firn_code split_at(firn_str text, firn_str sep, int64_t most, parts *p,
                          firn_error *err) {
  size_t from = 0;
  for (int64_t n = 0; most < 0 || n < most; n++) {
    const size_t at = find(text, from, sep);
    if (at >= text.size) break;
    FIRN_TRY(add(p, cut(text, from, at), err));
    from = at + sep.size;
  }
  return add(p, cut(text, from, text.size), err);
}

/* ---- Both --------------------------------------------------------------- */

static firn_code split_all(const firn_run *run, bool v2, parts *p,
                           firn_error *err) {
  const firn_tensor *in = run->in[0];
  const firn_str sep = firn_tensor_string(run->in[1], 0);
  const bool skip = firn_attr_bool_or(run->node, "skip_empty", true);
  const int64_t most = firn_attr_int_or(run->node, "maxsplit", -1);
  p->count = p->most = 0;
  for (size_t i = 0; i < in->count; i++) {
    const firn_str text = firn_tensor_string(in, i);
    p->row = (int64_t)i;
    p->in_row = 0;
    if (!v2)
      FIRN_TRY(split_any(text, sep, skip, p, err));
    else if (sep.size)
      FIRN_TRY(split_at(text, sep, most, p, err));
    else
      FIRN_TRY(split_blanks(text, most, p, err));
  }
  return FIRN_OK;
}

static firn_code drive(const firn_run *run, bool v2, firn_error *err) {
  parts p = {0};
  firn_tensor *shape = NULL;
  if (run->in[0]->shape.rank != 1 || run->in[1]->count != 1)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "the input must be a vector, the delimiter a scalar");
  FIRN_TRY(split_all(run, v2, &p, err));
  const firn_shape pairs = {.rank = 2, .dims = {(int64_t)p.count, 2}};
  const firn_shape values = firn_shape_vector((int64_t)p.count);
  const firn_shape two = firn_shape_vector(2);
  FIRN_TRY(firn_run_output(run, 0, &pairs, &p.indices, err));
  FIRN_TRY(firn_run_output(run, 1, &values, &p.values, err));
  FIRN_TRY(firn_run_output(run, 2, &two, &shape, err));
  FIRN_TRY(split_all(run, v2, &p, err));
  ((int64_t *)shape->data)[0] = (int64_t)run->in[0]->count;
  ((int64_t *)shape->data)[1] = (int64_t)p.most;
  return FIRN_OK;
}

static firn_code drive_split(const firn_run *run, firn_error *err) {
  return drive(run, false, err);
}
static firn_code drive_split_v2(const firn_run *run, firn_error *err) {
  return drive(run, true, err);
}

static firn_code infer_split(firn_infer *q, firn_error *err) {
  FIRN_TRY(firn_infer_rank(q, 0, 1, "the input", NULL, err));
  FIRN_TRY(firn_infer_rank(q, 1, 0, "the delimiter", NULL, err));
  q->out[0].shape = (firn_shape){.rank = 2, .dims = {FIRN_UNKNOWN_DIM, 2}};
  q->out[1].shape = firn_shape_vector(FIRN_UNKNOWN_DIM);
  q->out[2].shape = firn_shape_vector(2);
  return FIRN_OK;
}

static const firn_kernel split[] = {{.drive = drive_split}, {.drive = NULL}};
static const firn_kernel split_v2[] = {{.drive = drive_split_v2},
                                       {.drive = NULL}};

static const firn_op ops[] = {
    {"StringSplit", infer_split, split, 0},
    {"StringSplitV2", infer_split, split_v2, 0},
};

FIRN_OP_FAMILY(text_split, ops);
