/* ops/report.c: Assert, Print, PrintV2 and StringFormat: what a graph has to
 * say for itself.
 *
 * Tensors are shortened to `summarize` elements: [1 2 3...], [[1 2][3...]...].
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "ops/infer.h"
#include "ops/store.h"
#include "ops/tensor_text.h"

/* ---- Assert ---------------------------------------------------------------
 */

static firn_code infer_assert(firn_infer *q, firn_error *err) {
  return firn_infer_rank(q, 0, 0, "the condition", NULL, err);
}

static firn_code drive_assert(const firn_run *run, firn_error *err) {
  if (*(const bool *)run->in[0]->data) return FIRN_OK;
  const int64_t most = firn_attr_int_or(run->node, "summarize", 3);
  firn_buf text;
  firn_buf_init(&text, &run->env->alloc);
  for (size_t i = 1; i < run->in_count; i++) {
    if (i > 1) firn_buf_puts(&text, " ");
    firn_text_tensor(&text, run->in[i], most);
  }
  const firn_code code =
      firn_fail(err, FIRN_INVALID_ARGUMENT, "assertion failed: %.*s",
                text.size > 400 ? 400 : (int)text.size,
                text.data ? (const char *)text.data : "");
  firn_buf_fini(&text);
  return code;
}

/* ---- Print ----------------------------------------------------------------
 */

/* How often a Print node has spoken, in the session's store. */
typedef struct counter {
  firn_object object;
  firn_allocator alloc;
  atomic_int_fast64_t count;
} counter;

static void free_counter(firn_object *object) {
  const firn_allocator alloc = ((counter *)object)->alloc;
  firn_delete(&alloc, object, sizeof(counter));
}

static const firn_object_class counter_class = {"print counter", free_counter};

static firn_code make_counter(void *ud, firn_object **out, firn_error *err) {
  const firn_env *env = ud;
  counter *c = firn_new_zeroed(&env->alloc, sizeof *c);
  if (!c) return firn_oom(err, sizeof *c);
  firn_object_init(&c->object, &counter_class);
  c->alloc = env->alloc;
  *out = &c->object;
  return FIRN_OK;
}

/* Whether the node may speak: only the first `first_n` times, when that is
 * given. */
static firn_code may_speak(const firn_run *run, bool *out, firn_error *err) {
  const int64_t first = firn_attr_int_or(run->node, "first_n", -1);
  firn_object *object = NULL;
  *out = true;
  if (first < 0 || !run->store) return FIRN_OK;
  FIRN_TRY(firn_store_get(run->store, FIRN_STR("print counters"),
                          run->node->def->name, &counter_class, make_counter,
                          (void *)run->env, &object, err));
  *out = atomic_fetch_add(&((counter *)object)->count, 1) < first;
  firn_object_release(object);
  return FIRN_OK;
}

static firn_code infer_print(firn_infer *q, firn_error *err) {
  FIRN_UNUSED(err);
  q->out[0] = q->in[0];
  q->out[0].value = NULL; /* or nothing would be printed */
  return FIRN_OK;
}

static firn_code drive_print(const firn_run *run, firn_error *err) {
  bool speak;
  firn_tensor *own = NULL;
  FIRN_TRY(may_speak(run, &speak, err));
  if (speak) {
    const firn_str message = firn_attr_str_or(run->node, "message", "");
    firn_buf text;
    firn_buf_init(&text, &run->env->alloc);
    firn_buf_append(&text, message.data, message.size);
    for (size_t i = 1; i < run->in_count; i++)
      firn_text_tensor(&text, run->in[i],
                       firn_attr_int_or(run->node, "summarize", 3));
    firn_buf_puts(&text, "\n");
    fwrite(text.data, 1, text.size, stderr);
    firn_buf_fini(&text);
  }
  FIRN_TRY(firn_tensor_keep(run->in[0], &run->env->alloc, &own, err));
  firn_run_give(run, 0, own);
  return FIRN_OK;
}

/* ---- PrintV2 --------------------------------------------------------------
 */

static firn_code infer_print_v2(firn_infer *q, firn_error *err) {
  return firn_infer_rank(q, 0, 0, "the text", NULL, err);
}

/* Appends to the file that "file://PATH" names. */
static firn_code open_file(firn_str stream, FILE **out, firn_error *err) {
  char path[4096];
  const firn_str prefix = FIRN_STR("file://");
  const size_t size = stream.size - prefix.size;
  if (size >= sizeof path)
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "the path is too long");
  memcpy(path, stream.data + prefix.size, size);
  path[size] = 0;
  *out = fopen(path, "a");
  return *out ? FIRN_OK
              : firn_fail(err, FIRN_NOT_FOUND, "cannot append to '%s'", path);
}

static firn_code drive_print_v2(const firn_run *run, firn_error *err) {
  const firn_str stream =
      firn_attr_str_or(run->node, "output_stream", "stderr");
  const firn_str end = firn_attr_str_or(run->node, "end", "\n");
  const firn_str text = firn_tstring_get(run->in[0]->data);
  FILE *file = NULL, *to = stderr;
  if (firn_str_starts(stream, FIRN_STR("file://"))) {
    FIRN_TRY(open_file(stream, &file, err));
    to = file;
  } else if (firn_str_is(stream, "stdout")) {
    to = stdout;
  } else if (!firn_str_is(stream, "stderr") &&
             !firn_str_starts(stream, FIRN_STR("log("))) {
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "attr 'output_stream' is '%.*s', no stream",
                     FIRN_ARG(stream));
  }
  bool good = fwrite(text.data, 1, text.size, to) == text.size;
  good &= fwrite(end.data, 1, end.size, to) == end.size;
  good &= (file ? fclose(file) : fflush(to)) == 0;
  return good ? FIRN_OK
              : firn_fail(err, FIRN_UNAVAILABLE, "cannot write to '%.*s'",
                          FIRN_ARG(stream));
}

/* ---- StringFormat ---------------------------------------------------------
 */

static void put_quoted(firn_buf *text, firn_str s) {
  firn_buf_puts(text, "\"");
  firn_text_escape(text, s);
  firn_buf_puts(text, "\"");
}

static void put_formatted(firn_buf *text, const firn_tensor *x, size_t i) {
  if (x->dtype == FIRN_STRING)
    put_quoted(text, firn_tensor_string(x, i));
  else
    firn_text_element(text, x, i);
}

/* Behind an element: a blank, or new lines, more of them the further out. */
static void put_space(firn_buf *text, int axis, int rank) {
  if (axis == rank - 1) {
    firn_buf_puts(text, " ");
    return;
  }
  for (int k = axis; k < rank - 1; k++) firn_buf_puts(text, "\n");
  for (int k = 0; k <= axis; k++) firn_buf_puts(text, " ");
}

/* One axis from element `at` on: `ends` of its elements from the front, as many
 * from the back. */
static void put_ends(firn_buf *text, const firn_tensor *x, int axis,
                     int64_t ends, size_t at) {
  const int rank = x->shape.rank;
  if (axis == rank) {
    put_formatted(text, x, at);
    return;
  }
  const int64_t n = x->shape.dims[axis];
  const size_t step = (size_t)firn_shape_product(&x->shape, axis + 1, rank);
  firn_buf_puts(text, "[");
  for (int64_t i = 0; i < n && !text->failed; i++) {
    if (i == ends && n - ends > i) {
      put_space(text, axis, rank);
      firn_buf_puts(text, "...");
      i = n - ends;
      if (i >= n) break;
    }
    if (i > 0) put_space(text, axis, rank);
    put_ends(text, x, axis + 1, ends, at + (size_t)i * step);
  }
  firn_buf_puts(text, "]");
}

/* Of an empty tensor only the brackets are there. */
static void put_nothing(firn_buf *text, const firn_tensor *x) {
  firn_buf_puts(text, "[");
  if (x->shape.dims[0] > 0) {
    put_space(text, 0, x->shape.rank);
    firn_buf_puts(text, "...");
  }
  firn_buf_puts(text, "]");
}

/* What TensorFlow has no text for: as many as wanted, axes or not. */
static void put_unknown(firn_buf *text, const firn_tensor *x, int64_t ends) {
  if (x->shape.rank) firn_buf_puts(text, "[");
  for (int64_t i = 0; i < ends; i++) firn_buf_puts(text, i ? " ?" : "?");
  if (ends < (int64_t)x->count) firn_buf_puts(text, "...");
  if (x->shape.rank) firn_buf_puts(text, "]");
}

static void format_tensor(firn_buf *text, const firn_tensor *x, int64_t most) {
  const int64_t count = (int64_t)x->count;
  const int64_t ends = most < 0 || most > count ? count : most;
  const bool known =
      x->dtype == FIRN_STRING ||
      (FIRN_BIT(x->dtype) & (FIRN_INTS | FIRN_FLOATS | FIRN_BIT(FIRN_BOOL) |
                             FIRN_BIT(FIRN_QINT8) | FIRN_BIT(FIRN_QUINT8) |
                             FIRN_BIT(FIRN_QINT16) | FIRN_BIT(FIRN_QUINT16)));
  if (!known)
    put_unknown(text, x, ends);
  else if (x->shape.rank == 0 && ends == 0)
    firn_buf_puts(text, "...");
  else if (x->count == 0)
    put_nothing(text, x);
  else
    put_ends(text, x, 0, ends, 0);
}

/* The next place of `mark` in `text` from `from` on, or SIZE_MAX. */
static size_t find_mark(firn_str text, firn_str mark, size_t from) {
  for (size_t i = from; i + mark.size <= text.size; i++)
    if (!memcmp(text.data + i, mark.data, mark.size)) return i;
  return SIZE_MAX;
}

static firn_code infer_format(firn_infer *q, firn_error *err) {
  const firn_str text = firn_attr_str_or(q->node, "template", "%s"),
                 mark = firn_attr_str_or(q->node, "placeholder", "%s");
  size_t marks = 0;
  if (mark.size)
    for (size_t at = 0; (at = find_mark(text, mark, at)) != SIZE_MAX;
         at += mark.size)
      marks++;
  if (marks != q->in_count)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "attr 'template' has %zu placeholders for %zu inputs",
                     marks, q->in_count);
  return firn_infer_scalar(q, err);
}

static firn_code drive_format(const firn_run *run, firn_error *err) {
  const firn_str text = firn_attr_str_or(run->node, "template", "%s"),
                 mark = firn_attr_str_or(run->node, "placeholder", "%s");
  const int64_t most = firn_attr_int_or(run->node, "summarize", 3);
  firn_buf out;
  size_t from = 0;
  firn_buf_init(&out, &run->env->alloc);
  for (size_t i = 0; i < run->in_count; i++) {
    const size_t at = find_mark(text, mark, from);
    firn_buf_append(&out, text.data + from, at - from);
    format_tensor(&out, run->in[i], most);
    from = at + mark.size;
  }
  firn_buf_append(&out, text.data + from, text.size - from);
  const firn_code code =
      out.failed ? firn_oom(err, out.size)
                 : firn_tensor_set_string(
                       run->out[0], 0,
                       (firn_str){(const char *)out.data, out.size}, err);
  firn_buf_fini(&out);
  return code;
}

/* The one fact that there is. */
static firn_code drive_fact(const firn_run *run, firn_error *err) {
  return firn_tensor_set_string(run->out[0], 0, FIRN_STR("0! == 1"), err);
}

/* ---- The family -----------------------------------------------------------
 */

static const firn_kernel assertion[] = {{.drive = drive_assert},
                                        {.drive = NULL}};
static const firn_kernel print[] = {{.drive = drive_print}, {.drive = NULL}};
static const firn_kernel print_v2[] = {{.drive = drive_print_v2},
                                       {.drive = NULL}};

static const firn_kernel format[] = {{.drive = drive_format}, {.drive = NULL}};
static const firn_kernel fact[] = {{.drive = drive_fact}, {.drive = NULL}};

static const firn_op ops[] = {
    {"Fact", firn_infer_scalar, fact, FIRN_OP_STATEFUL},
    {"StringFormat", infer_format, format, 0},
    {"Assert", infer_assert, assertion, FIRN_OP_STATEFUL},
    {"Print", infer_print, print, FIRN_OP_STATEFUL | FIRN_OP_GIVES},
    {"PrintV2", infer_print_v2, print_v2, FIRN_OP_STATEFUL},
};

FIRN_OP_FAMILY(report, ops);
