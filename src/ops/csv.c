/* ops/csv.c: DecodeCSV: lines of comma-separated values as columns. */
#include "ops/infer.h"
#include "ops/text_parse.h"

typedef struct dialect {
  char comma;
  bool quotes;
  firn_str missing; /* stands for an empty field */
  const int64_t *columns;
  size_t column_count; /* 0: all */
} dialect;

static firn_code read_dialect(const firn_node *node, size_t outputs, dialect *d,
                              firn_error *err) {
  const firn_str comma = firn_attr_str_or(node, "field_delim", ",");
  d->quotes = firn_attr_bool_or(node, "use_quote_delim", true);
  d->missing = firn_attr_str_or(node, "na_value", "");
  FIRN_TRY(
      firn_attr_ints(node, "select_cols", &d->columns, &d->column_count, err));
  if (comma.size != 1)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "attr 'field_delim' must be one character");
  d->comma = comma.data[0];
  if (d->column_count && d->column_count != outputs)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "attr 'select_cols' has %zu columns for %zu defaults",
                     d->column_count, outputs);
  for (size_t i = 0; i < d->column_count; i++)
    if (d->columns[i] < 0 || (i && d->columns[i] <= d->columns[i - 1]))
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "attr 'select_cols' must rise from 0 or more");
  return FIRN_OK;
}

/* A quoted field: two quotes stand for one. *at is behind the first quote, and
 * comes to lie behind the last. */
static firn_code quoted(firn_str line, size_t *at, firn_buf *out,
                        firn_error *err) {
  for (;; ++*at) {
    if (*at >= line.size)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "a quoted field does not end");
    if (line.data[*at] == '"') {
      if (*at + 1 >= line.size || line.data[*at + 1] != '"') break;
      ++*at;
    }
    firn_buf_append(out, line.data + *at, 1);
  }
  ++*at;
  return FIRN_OK;
}

/* The field that begins at *at, into `out`; *at comes to lie on the comma
 * behind it, or at the end. */
static firn_code next_field(const dialect *d, firn_str line, size_t *at,
                            firn_buf *out, firn_error *err) {
  out->size = 0;
  if (d->quotes && *at < line.size && line.data[*at] == '"') {
    ++*at;
    FIRN_TRY(quoted(line, at, out, err));
    if (*at < line.size && line.data[*at] != d->comma)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "a quote ends and no delimiter follows");
  }
  for (; *at < line.size && line.data[*at] != d->comma; ++*at) {
    const char c = line.data[*at];
    if (d->quotes && (c == '"' || c == '\n' || c == '\r'))
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "an unquoted field holds a quote or a line's end");
    firn_buf_append(out, &c, 1);
  }
  return out->failed ? firn_oom(err, out->size) : FIRN_OK;
}

static firn_code put_default(const firn_run *run, size_t column, size_t row,
                             firn_error *err) {
  const firn_tensor *other = run->in[column + 1];
  firn_tensor *out = run->out[column];
  if (other->count != 1)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "field %zu is required, and is missing in record %zu",
                     column, row);
  const size_t size = firn_dtype_size(out->dtype);
  return firn_elements_copy(out->dtype, (char *)out->data + row * size,
                            other->data, 1)
             ? FIRN_OK
             : firn_oom(err, size);
}

static firn_code put_field(const firn_run *run, const dialect *d, size_t column,
                           size_t row, firn_str text, firn_error *err) {
  firn_tensor *out = run->out[column];
  if (!text.size || firn_str_eq(text, d->missing))
    return put_default(run, column, row, err);
  if (out->dtype == FIRN_STRING)
    return firn_tensor_set_string(out, row, text, err);
  if (firn_text_number(text, out->dtype,
                       (char *)out->data + row * firn_dtype_size(out->dtype)))
    return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "field %zu in record %zu is no %s: '%.*s'", column, row,
                   firn_dtype_name(out->dtype), FIRN_ARG(text));
}

static firn_code read_record(const firn_run *run, const dialect *d, size_t row,
                             firn_buf *buf, firn_error *err) {
  const firn_str line = firn_tensor_string(run->in[0], row);
  size_t at = 0, field = 0, column = 0;
  for (bool more = line.size > 0; more; field++) {
    FIRN_TRY(next_field(d, line, &at, buf, err));
    more = at < line.size;
    at += more;
    const bool wanted =
        !d->column_count ||
        (column < d->column_count && d->columns[column] == (int64_t)field);
    if (!wanted) continue;
    if (column >= run->out_count)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "record %zu has more than %zu fields", row,
                       run->out_count);
    FIRN_TRY(put_field(run, d, column++, row,
                       (firn_str){(const char *)buf->data, buf->size}, err));
  }
  if (column == run->out_count) return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "record %zu has %zu of %zu fields", row, column,
                   run->out_count);
}

static firn_code drive_csv(const firn_run *run, firn_error *err) {
  dialect d;
  firn_buf buf = {0};
  FIRN_TRY(read_dialect(run->node, run->out_count, &d, err));
  for (size_t i = 1; i < run->in_count; i++)
    if (run->in[i]->count > 1)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "record_defaults[%zu] must have at most 1 element",
                       i - 1);
  firn_buf_init(&buf, &run->env->alloc);
  firn_code code = FIRN_OK;
  for (size_t i = 0; code == FIRN_OK && i < run->in[0]->count; i++)
    code = read_record(run, &d, i, &buf, err);
  firn_buf_fini(&buf);
  return code;
}

static firn_code infer_csv(firn_infer *q, firn_error *err) {
  for (size_t i = 1; i < q->in_count; i++)
    if (q->in[i].shape.rank > 1)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "record_defaults[%zu] must be a scalar or a vector",
                       i - 1);
  for (size_t i = 0; i < q->out_count; i++) q->out[i].shape = q->in[0].shape;
  return FIRN_OK;
}

static const firn_kernel csv[] = {{.drive = drive_csv}, {.drive = NULL}};

static const firn_op ops[] = {{"DecodeCSV", infer_csv, csv, 0}};

FIRN_OP_FAMILY(csv, ops);
