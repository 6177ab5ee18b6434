/* ops/lookup_file.c: the lines of a vocabulary file as keys and values.
 *
 * A key or value is the whole line, the line's number, or one of its columns.
 */
#include "ops/lookup_file.h"

#include <math.h>

#include "base/file.h"

enum { WHOLE_LINE = -2, LINE_NUMBER = -1 };

typedef struct plan {
  int64_t key, value; /* columns, or one of the above */
  int64_t most;       /* vocab_size, or -1 */
  int64_t offset;
  char delimiter;
} plan;

static firn_code check_column(int64_t column, firn_dtype dtype,
                              const char *what, firn_error *err) {
  if (column < WHOLE_LINE)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "attr '%s_index' = %lld is below -2", what,
                     (long long)column);
  if (column == LINE_NUMBER && dtype != FIRN_INT64)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "a line number as the %s is int64, the table's is %s",
                     what, firn_dtype_name(dtype));
  if (column == WHOLE_LINE && dtype != FIRN_STRING && dtype != FIRN_INT64 &&
      dtype != FIRN_INT32)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "a whole line as the %s is a string or an integer, the "
                     "table's is %s",
                     what, firn_dtype_name(dtype));
  return FIRN_OK;
}

static firn_code read_plan(const firn_node *node, const firn_table *t, plan *p,
                           firn_error *err) {
  const firn_str delimiter = firn_attr_str_or(node, "delimiter", "\t");
  FIRN_TRY(firn_attr_int(node, "key_index", &p->key, err));
  FIRN_TRY(firn_attr_int(node, "value_index", &p->value, err));
  p->most = firn_attr_int_or(node, "vocab_size", -1);
  p->offset = firn_attr_int_or(node, "offset", 0);
  if (p->most == 0 || p->most < -1)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "attr 'vocab_size' = %lld is neither -1 nor above 0",
                     (long long)p->most);
  if (delimiter.size != 1)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "attr 'delimiter' must be one character");
  p->delimiter = delimiter.data[0];
  FIRN_TRY(check_column(p->key, t->key, "key", err));
  return check_column(p->value, t->value, "value", err);
}

/* Takes the next line, without its end. */
static bool next_line(firn_str *left, firn_str *line) {
  if (!left->size) return false;
  const char *end = memchr(left->data, '\n', left->size);
  const size_t size = end ? (size_t)(end - left->data) : left->size;
  *line = (firn_str){left->data, size};
  left->data += size + (end != NULL);
  left->size -= size + (end != NULL);
  if (line->size && line->data[line->size - 1] == '\r') line->size--;
  return true;
}

static bool column_of(firn_str line, char delimiter, int64_t column,
                      firn_str *out) {
  for (; column > 0; column--) {
    const char *at = line.size ? memchr(line.data, delimiter, line.size) : NULL;
    if (!at) return false;
    line.size -= (size_t)(at + 1 - line.data);
    line.data = at + 1;
  }
  const char *at = line.size ? memchr(line.data, delimiter, line.size) : NULL;
  if (at) line.size = (size_t)(at - line.data);
  *out = line;
  return true;
}

static firn_str trimmed(firn_str text) {
  while (text.size && strchr(" \t\r\n\v\f", text.data[0]))
    text.data++, text.size--;
  while (text.size && strchr(" \t\r\n\v\f", text.data[text.size - 1]))
    text.size--;
  return text;
}

static bool put_number(firn_tensor *to, size_t i, firn_str text,
                       int64_t offset) {
  int64_t integer;
  double real;
  text = trimmed(text);
  switch (to->dtype) {
    case FIRN_INT32:
      if (!firn_parse_i64(text, &integer) || integer < INT32_MIN ||
          integer > INT32_MAX)
        return false;
      ((int32_t *)to->data)[i] =
          (int32_t)(uint32_t)((uint64_t)integer + (uint64_t)offset);
      return true;
    case FIRN_INT64: return firn_parse_i64(text, (int64_t *)to->data + i);
    case FIRN_FLOAT:
      if (!firn_parse_double(text, &real)) return false;
      ((float *)to->data)[i] = (float)real;
      return true;
    case FIRN_DOUBLE: return firn_parse_double(text, (double *)to->data + i);
    default: return false;
  }
}

static firn_code put_field(firn_tensor *to, size_t i, firn_str line,
                           int64_t column, const plan *p, firn_error *err) {
  firn_str text = line;
  if (column == LINE_NUMBER) {
    ((int64_t *)to->data)[i] = (int64_t)((uint64_t)i + (uint64_t)p->offset);
    return FIRN_OK;
  }
  if (column >= 0 && !column_of(line, p->delimiter, column, &text))
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "line %zu has no column %lld",
                     i + 1, (long long)column);
  if (to->dtype == FIRN_STRING)
    return firn_tstring_set((firn_tstring *)to->data + i, text)
               ? FIRN_OK
               : firn_oom(err, text.size);
  if (put_number(to, i, text, p->offset)) return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT, "line %zu: '%.*s' is no %s",
                   i + 1, FIRN_ARG(text), firn_dtype_name(to->dtype));
}

static firn_code count_lines(firn_str text, const plan *p, size_t *out,
                             firn_error *err) {
  firn_str line;
  *out = 0;
  while ((p->most < 0 || *out < (uint64_t)p->most) && next_line(&text, &line)) {
    if (!line.size)
      return firn_fail(err, FIRN_INVALID_ARGUMENT, "line %zu is empty",
                       *out + 1);
    ++*out;
  }
  if (!*out) return firn_fail(err, FIRN_OUT_OF_RANGE, "the file has no lines");
  if (p->most < 0 || *out == (uint64_t)p->most) return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "%zu lines, vocab_size says %lld", *out, (long long)p->most);
}

static firn_code put_lines(firn_str text, const plan *p, firn_tensor *keys,
                           firn_tensor *values, firn_error *err) {
  firn_str line;
  for (size_t i = 0; i < keys->count && next_line(&text, &line); i++) {
    FIRN_TRY(put_field(keys, i, line, p->key, p, err));
    FIRN_TRY(put_field(values, i, line, p->value, p, err));
  }
  return FIRN_OK;
}

static firn_code fill(const firn_run *run, firn_table *t, firn_str text,
                      firn_error *err) {
  plan p;
  size_t count;
  firn_tensor *keys = NULL, *values = NULL;
  FIRN_TRY(read_plan(run->node, t, &p, err));
  FIRN_TRY(count_lines(text, &p, &count, err));
  const firn_shape shape = firn_shape_vector((int64_t)count);
  firn_code code =
      firn_tensor_make(t->key, &shape, &run->env->alloc, &keys, err);
  if (code == FIRN_OK)
    code = firn_tensor_make(t->value, &shape, &run->env->alloc, &values, err);
  if (code == FIRN_OK) code = put_lines(text, &p, keys, values, err);
  if (code == FIRN_OK) {
    code = firn_table_fill(t, run->env, keys, values, err);
    if (code == FIRN_FAILED_PRECONDITION) code = FIRN_OK;
  }
  firn_tensor_release(keys);
  firn_tensor_release(values);
  return code;
}

firn_code firn_lookup_fill_from_file(const firn_run *run, firn_table *t,
                                     firn_str path, firn_error *err) {
  firn_file *file = NULL;
  char *name = firn_new(&run->env->alloc, path.size + 1);
  if (!name) return firn_oom(err, path.size + 1);
  if (path.size) memcpy(name, path.data, path.size);
  name[path.size] = 0;
  firn_code code = firn_file_open(name, &run->env->alloc, &file, err);
  firn_delete(&run->env->alloc, name, path.size + 1);
  if (code != FIRN_OK) return code;
  const firn_str text = {(const char *)file->bytes.data, file->bytes.size};
  code = fill(run, t, text, err);
  firn_file_close(file);
  if (code != FIRN_OK) firn_while(err, code, "'%.*s'", FIRN_ARG(path));
  return code;
}
