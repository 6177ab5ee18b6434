/* ops/example.c: ParseExample: features of serialised Examples as tensors.
 *
 * Each wanted feature is dense (a fixed shape, or rows of any number, padded),
 * sparse (as indices, values, shape) or ragged (values and row splits). First
 * all wanted features of all examples are found, then each output is made at
 * once.
 */
#include "ops/example_want.h"
#include "ops/example_wire.h"
#include "ops/handle.h"
#include "ops/infer.h"

typedef enum kind { SPARSE, DENSE, RAGGED } kind;

typedef struct wanted {
  kind kind;
  firn_str key;
  firn_dtype dtype, splits;
  firn_shape shape;         /* dense; the first extent may be unknown */
  bool padded;              /* dense of a number of rows that is not known */
  size_t stride;            /* dense: elements of a row, or of the whole */
  const firn_tensor *other; /* dense: the default */
  size_t next;              /* the next one of that key, plus 1; 0: none */
  firn_feature *found;      /* per example */
} wanted;

typedef struct parser {
  const firn_run *run;
  firn_arena arena;
  firn_map index; /* key → the first wanted one, plus 1 */
  wanted *all;
  size_t sparse, dense, ragged, count, examples;
  bool single; /* the input is a scalar: outputs have no batch axis */
} parser;

/* ---- What is wanted ----------------------------------------------------- */

static firn_code dense_shape(const firn_node *node, size_t i, wanted *w,
                             firn_error *err) {
  firn_shape rest;
  int64_t count;
  FIRN_TRY(firn_example_shape(node, "dense_shapes", i, &w->shape, err));
  rest = w->shape;
  w->padded = rest.rank > 0 && rest.dims[0] < 0;
  if (w->padded) rest = firn_shape_rest(&w->shape);
  if (!firn_shape_known(&rest) || !firn_shape_count(&rest, &count))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "dense_shapes[%zu] may be unknown in its first axis only",
                     i);
  w->stride = (size_t)count;
  return FIRN_OK;
}

static firn_code check_default(const wanted *w, firn_error *err) {
  char have[256], want[256];
  if (w->other->dtype != w->dtype)
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "its default is %s, not %s",
                     firn_dtype_name(w->other->dtype),
                     firn_dtype_name(w->dtype));
  if (w->other->count == 0 && !w->padded) return FIRN_OK;
  if (w->padded ? w->other->count == 1
                : firn_shape_equal(&w->other->shape, &w->shape))
    return FIRN_OK;
  return firn_fail(
      err, FIRN_INVALID_ARGUMENT, "its default has shape %s, not %s",
      firn_shape_text(&w->other->shape, have),
      w->padded ? "that of one element" : firn_shape_text(&w->shape, want));
}

/* Key number i of a kind: an input each, a vector of keys, or an attr. */
static firn_code key_at(const parser *p, kind which, size_t i, firn_str *out,
                        firn_error *err) {
  static const char *const attrs[] = {"sparse_keys", "dense_keys",
                                      "ragged_keys"};
  const firn_run *run = p->run;
  if (firn_attr(run->node, attrs[which]))
    return firn_example_key(run->node, attrs[which], i, out, err);
  const bool v2 = firn_str_is(run->node->type->name, "ParseExampleV2");
  const firn_tensor *in = run->in[v2                ? 2 + which
                                  : which == SPARSE ? 2 + i
                                                    : 2 + p->sparse + i];
  const size_t at = v2 ? i : 0;
  if (at >= in->count || (!v2 && in->count != 1))
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "%s has no key %zu",
                     attrs[which], i);
  *out = firn_tensor_string(in, at);
  return FIRN_OK;
}

static firn_code want(parser *p, kind which, size_t i, wanted *w,
                      firn_error *err) {
  static const char *const types[] = {"sparse_types", "Tdense",
                                      "ragged_value_types"};
  const firn_run *run = p->run;
  w->kind = which;
  w->dtype = firn_attr_type_at(run->node, types[which], i);
  FIRN_TRY(key_at(p, which, i, &w->key, err));
  FIRN_TRY(firn_example_check_type(w->key, w->dtype, err));
  if (which == RAGGED)
    w->splits = firn_attr_type_at(run->node, "ragged_split_types", i);
  if (which != DENSE) return FIRN_OK;
  w->other = run->in[run->in_count - p->dense + i];
  FIRN_TRY(dense_shape(run->node, i, w, err));
  const firn_code code = check_default(w, err);
  return code == FIRN_OK
             ? code
             : firn_while(err, code, "feature '%.*s'", FIRN_ARG(w->key));
}

static firn_code want_all(parser *p, firn_error *err) {
  const firn_node *node = p->run->node;
  p->sparse = firn_attr_type_count(node, "sparse_types");
  p->dense = firn_attr_type_count(node, "Tdense");
  p->ragged = firn_attr(node, "ragged_value_types")
                  ? firn_attr_type_count(node, "ragged_value_types")
                  : 0;
  p->count = p->sparse + p->dense + p->ragged;
  if (p->dense > p->run->in_count)
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "defaults are missing");
  p->all = firn_arena_array(&p->arena, p->count + 1, sizeof *p->all);
  if (!p->all) return firn_oom(err, p->count * sizeof *p->all);
  for (size_t i = 0; i < p->count; i++) {
    wanted *w = &p->all[i];
    const kind which = i < p->sparse              ? SPARSE
                       : i < p->sparse + p->dense ? DENSE
                                                  : RAGGED;
    const size_t first[] = {0, p->sparse, p->sparse + p->dense};
    uint64_t before = 0;
    FIRN_TRY(want(p, which, i - first[which], w, err));
    w->found = firn_arena_array(&p->arena, p->examples + 1, sizeof *w->found);
    if (!w->found) return firn_oom(err, p->examples * sizeof *w->found);
    firn_map_get(&p->index, w->key, &before);
    w->next = (size_t)before;
    if (!firn_map_set(&p->index, w->key, i + 1)) return firn_oom(err, 0);
  }
  return FIRN_OK;
}

/* ---- Finding ------------------------------------------------------------ */

static firn_code check_found(const wanted *w, const firn_feature *f,
                             firn_error *err) {
  if (f->dtype == FIRN_INVALID) return FIRN_OK;
  if (f->dtype != w->dtype)
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "feature '%.*s' is %s, not %s",
                     FIRN_ARG(w->key), firn_dtype_name(f->dtype),
                     firn_dtype_name(w->dtype));
  if (w->kind != DENSE) return FIRN_OK;
  if (w->padded ? w->stride && f->count % w->stride == 0
                : f->count == w->stride)
    return FIRN_OK;
  char text[256];
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "feature '%.*s' has %zu values, which is not shape %s",
                   FIRN_ARG(w->key), f->count,
                   firn_shape_text(&w->shape, text));
}

/* Of two entries of one key the later counts. */
static firn_code look_through(parser *p, size_t e, firn_bytes features,
                              firn_error *err) {
  firn_str key;
  firn_bytes value;
  bool damaged = false;
  while (firn_example_entry(&features, &key, &value, &damaged)) {
    uint64_t at = 0;
    firn_feature f;
    if (!firn_map_get(&p->index, key, &at)) continue;
    if (!firn_example_feature(value, &f))
      return firn_fail(err, FIRN_INVALID_ARGUMENT, "feature '%.*s' is damaged",
                       FIRN_ARG(key));
    for (; at; at = p->all[at - 1].next) p->all[at - 1].found[e] = f;
  }
  return damaged
             ? firn_fail(err, FIRN_INVALID_ARGUMENT, "the bytes are no Example")
             : FIRN_OK;
}

static firn_code look_at(parser *p, size_t e, firn_error *err) {
  const firn_str text = firn_tensor_string(p->run->in[0], e);
  firn_bytes features;
  if (!firn_example_part((firn_bytes){(const uint8_t *)text.data, text.size}, 1,
                         &features))
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "the bytes are no Example");
  FIRN_TRY(look_through(p, e, features, err));
  for (size_t i = 0; i < p->count; i++) {
    const wanted *w = &p->all[i];
    FIRN_TRY(check_found(w, &w->found[e], err));
    if (w->kind == DENSE && !w->padded && !w->other->count &&
        w->found[e].dtype == FIRN_INVALID)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "feature '%.*s' is missing, and has no default",
                       FIRN_ARG(w->key));
  }
  return FIRN_OK;
}

static firn_code look_at_all(parser *p, firn_error *err) {
  const firn_tensor *names =
      p->single || p->run->in_count < 2 ? NULL : p->run->in[1];
  for (size_t e = 0; e < p->examples; e++) {
    const firn_code code = look_at(p, e, err);
    if (code == FIRN_OK) continue;
    if (names && names->dtype == FIRN_STRING && e < names->count)
      return firn_while(err, code, "example %zu ('%.*s')", e,
                        FIRN_ARG(firn_tensor_string(names, e)));
    return firn_while(err, code, "example %zu", e);
  }
  return FIRN_OK;
}

/* ---- Giving ------------------------------------------------------------- */

static size_t total_of(const parser *p, const wanted *w, size_t *most) {
  size_t total = 0;
  *most = 0;
  for (size_t e = 0; e < p->examples; e++) {
    total += w->found[e].count;
    *most = firn_max_size(*most, w->found[e].count);
  }
  return total;
}

static firn_code give_values(const parser *p, const wanted *w, size_t output,
                             size_t total, firn_error *err) {
  const firn_shape shape = firn_shape_vector((int64_t)total);
  firn_tensor *values = NULL;
  size_t at = 0;
  FIRN_TRY(firn_run_output(p->run, output, &shape, &values, err));
  for (size_t e = 0; e < p->examples; e++) {
    if (w->found[e].count)
      FIRN_TRY(firn_example_values(&w->found[e], values, at, err));
    at += w->found[e].count;
  }
  return FIRN_OK;
}

static firn_code give_sparse(const parser *p, size_t i, firn_error *err) {
  const wanted *w = &p->all[i];
  const int axes = p->single ? 1 : 2;
  size_t most;
  const size_t total = total_of(p, w, &most);
  const firn_shape pairs = {.rank = 2, .dims = {(int64_t)total, axes}};
  const firn_shape extents = firn_shape_vector(axes);
  firn_tensor *indices = NULL, *shape = NULL;
  FIRN_TRY(firn_run_output(p->run, i, &pairs, &indices, err));
  FIRN_TRY(give_values(p, w, p->sparse + i, total, err));
  FIRN_TRY(firn_run_output(p->run, 2 * p->sparse + i, &extents, &shape, err));
  int64_t *index = indices->data, *extent = shape->data;
  for (size_t e = 0; e < p->examples; e++)
    for (size_t k = 0; k < w->found[e].count; k++) {
      if (!p->single) *index++ = (int64_t)e;
      *index++ = (int64_t)k;
    }
  if (!p->single) *extent++ = (int64_t)p->examples;
  *extent = (int64_t)most;
  return FIRN_OK;
}

static firn_code give_dense(const parser *p, size_t i, firn_error *err) {
  const wanted *w = &p->all[p->sparse + i];
  firn_shape shape = w->shape;
  firn_tensor *out = NULL;
  size_t most;
  total_of(p, w, &most);
  if (w->padded) shape.dims[0] = w->stride ? (int64_t)(most / w->stride) : 0;
  const size_t width = w->padded ? most : w->stride;
  if (!p->single)
    FIRN_TRY(firn_shape_prepend((int64_t)p->examples, &shape, &shape, err));
  FIRN_TRY(firn_run_output(p->run, 3 * p->sparse + i, &shape, &out, err));
  for (size_t e = 0; e < p->examples; e++) {
    const firn_feature *f = &w->found[e];
    if (f->count) FIRN_TRY(firn_example_values(f, out, e * width, err));
    FIRN_TRY(firn_example_pad(w->other, out, e * width + f->count,
                              width - f->count, err));
  }
  return FIRN_OK;
}

static firn_code give_ragged(const parser *p, size_t i, firn_error *err) {
  const wanted *w = &p->all[p->sparse + p->dense + i];
  const size_t first = 3 * p->sparse + p->dense;
  size_t most;
  const size_t total = total_of(p, w, &most);
  const firn_shape shape =
      firn_shape_vector(p->single ? 0 : (int64_t)p->examples + 1);
  firn_tensor *splits = NULL;
  FIRN_TRY(give_values(p, w, first + i, total, err));
  FIRN_TRY(
      firn_run_output(p->run, first + p->ragged + i, &shape, &splits, err));
  if (splits->dtype == FIRN_INT32 && total > INT32_MAX)
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "%zu values need int64 splits",
                     total);
  int64_t end = 0;
  for (size_t e = 0; e < splits->count; e++) {
    if (e) end += (int64_t)w->found[e - 1].count;
    if (splits->dtype == FIRN_INT64)
      ((int64_t *)splits->data)[e] = end;
    else
      ((int32_t *)splits->data)[e] = (int32_t)end;
  }
  return FIRN_OK;
}

static firn_code parse(parser *p, firn_error *err) {
  FIRN_TRY(want_all(p, err));
  FIRN_TRY(look_at_all(p, err));
  for (size_t i = 0; i < p->sparse; i++) FIRN_TRY(give_sparse(p, i, err));
  for (size_t i = 0; i < p->dense; i++) FIRN_TRY(give_dense(p, i, err));
  for (size_t i = 0; i < p->ragged; i++) FIRN_TRY(give_ragged(p, i, err));
  return FIRN_OK;
}

static firn_code drive_parse(const firn_run *run, firn_error *err) {
  const firn_tensor *in = run->in[0];
  parser p = {.run = run, .examples = in->count, .single = in->shape.rank == 0};
  if (in->shape.rank > 1)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "serialized must be a scalar or a vector");
  if (firn_str_is(run->node->type->name, "ParseSingleExample") && !p.single)
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "serialized must be a scalar");
  if (firn_str_is(run->node->type->name, "ParseExample") && p.single)
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "serialized must be a vector");
  if (!firn_str_is(run->node->type->name, "ParseSingleExample") &&
      run->in[1]->count && run->in[1]->count != in->count)
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "%zu names for %zu examples",
                     run->in[1]->count, in->count);
  firn_arena_init(&p.arena, &run->env->alloc);
  firn_map_init(&p.index, &run->env->alloc);
  const firn_code code = parse(&p, err);
  firn_map_fini(&p.index);
  firn_arena_fini(&p.arena);
  return code;
}

/* ---- Shapes ------------------------------------------------------------- */

static firn_code infer_dense(firn_infer *q, size_t output, size_t i,
                             int64_t batch, bool single, firn_error *err) {
  wanted w = {.kind = DENSE};
  FIRN_TRY(dense_shape(q->node, i, &w, err));
  q->out[output].shape = w.shape;
  if (single) return FIRN_OK;
  return firn_shape_prepend(batch, &w.shape, &q->out[output].shape, err);
}

static firn_code check_counts(const firn_node *node, firn_error *err) {
  FIRN_TRY(firn_example_check_count(node, "Nsparse", "sparse_types", err));
  FIRN_TRY(firn_example_check_count(node, "num_sparse", "sparse_types", err));
  FIRN_TRY(firn_example_check_count(node, "Ndense", "Tdense", err));
  return firn_example_check_lists(node, "ragged_value_types",
                                  "ragged_split_types", err);
}

static firn_code infer_parse(firn_infer *q, firn_error *err) {
  FIRN_TRY(check_counts(q->node, err));
  const firn_shape *in = &q->in[0].shape;
  const bool one = firn_str_is(q->node->type->name, "ParseSingleExample");
  if (in->rank < 0 && !one) return FIRN_OK;
  const bool single = one || in->rank == 0;
  const int64_t batch = single ? 0 : in->dims[0];
  const int axes = single ? 1 : 2;
  const size_t sparse = firn_attr_type_count(q->node, "sparse_types");
  const size_t dense = firn_attr_type_count(q->node, "Tdense");
  if (q->out_count < 3 * sparse + dense) return FIRN_OK;
  for (size_t i = 0; i < sparse; i++) {
    q->out[i].shape = (firn_shape){.rank = 2, .dims = {FIRN_UNKNOWN_DIM, axes}};
    q->out[sparse + i].shape = firn_shape_vector(FIRN_UNKNOWN_DIM);
    q->out[2 * sparse + i].shape = firn_shape_vector(axes);
  }
  for (size_t i = 0; i < dense; i++)
    FIRN_TRY(infer_dense(q, 3 * sparse + i, i, batch, single, err));
  return FIRN_OK;
}

static const firn_kernel parse_kernel[] = {{.drive = drive_parse},
                                           {.drive = NULL}};

static const firn_op ops[] = {
    {"ParseExample", infer_parse, parse_kernel, 0},
    {"ParseExampleV2", infer_parse, parse_kernel, 0},
    {"ParseSingleExample", infer_parse, parse_kernel, 0},
};

FIRN_OP_FAMILY(example, ops);
