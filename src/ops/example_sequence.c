/* ops/example_sequence.c: ParseSequenceExample: features and lists of features
 * of serialised SequenceExamples as tensors.
 *
 * A context feature is one row of values, a feature list any number of them;
 * each is wanted dense, sparse (indices, values, shape) or ragged (values and
 * splits). First the bytes of all wanted ones are found, then their rows are
 * counted and checked, then each output is made at once.
 */
#include "ops/example_want.h"
#include "ops/example_wire.h"
#include "ops/handle.h"
#include "ops/infer.h"

typedef enum kind { SPARSE, DENSE, RAGGED } kind;

/* Features of one kind, in the order of the outputs. V1 has keys in attrs, V2
 * in a vector each, the op for a single example in scalars. */
typedef struct group {
  kind kind;
  bool list;
  const char *types, *count, *keys, *shapes, *splits;
} group;

static const group groups[] = {
    {SPARSE, false, "context_sparse_types", "Ncontext_sparse",
     "context_sparse_keys", NULL, NULL},
    {DENSE, false, "Tcontext_dense", "Ncontext_dense", "context_dense_keys",
     "context_dense_shapes", NULL},
    {RAGGED, false, "context_ragged_value_types", NULL, NULL, NULL,
     "context_ragged_split_types"},
    {SPARSE, true, "feature_list_sparse_types", "Nfeature_list_sparse",
     "feature_list_sparse_keys", NULL, NULL},
    {DENSE, true, "feature_list_dense_types", "Nfeature_list_dense",
     "feature_list_dense_keys", "feature_list_dense_shapes", NULL},
    {RAGGED, true, "feature_list_ragged_value_types", NULL, NULL, NULL,
     "feature_list_ragged_split_types"},
};

/* What one example has of a wanted feature. */
typedef struct cell {
  bool there;
  firn_bytes bytes; /* of the Feature, or the FeatureList */
  size_t rows, values;
} cell;

typedef struct wanted {
  const group *group;
  firn_str key;
  firn_dtype dtype;
  firn_shape shape;         /* dense: of a row */
  size_t stride;            /* dense: values of a row */
  bool optional;            /* dense list: may be missing */
  size_t next;              /* the next one of that key, plus 1; 0: none */
  cell *cells;              /* per example */
  const firn_tensor *other; /* dense context: the default */
  size_t values, rows;      /* of all examples */
  size_t most_rows, most_in_a_row; /* of one */
} wanted;

typedef enum version { V1, V2, ONE } version;

typedef struct parser {
  const firn_run *run;
  version version;
  firn_arena arena;
  firn_map index[2]; /* context, lists: key → the first wanted one, plus 1 */
  wanted *all;
  size_t counts[FIRN_COUNT(groups)], count, examples;
  bool batch; /* outputs have an axis of examples */
} parser;

static version version_of(const firn_node *node) {
  if (firn_str_is(node->type->name, "ParseSingleSequenceExample")) return ONE;
  return firn_str_is(node->type->name, "ParseSequenceExample") ? V1 : V2;
}

/* ---- What is wanted ----------------------------------------------------- */

static firn_code dense_shape(const firn_node *node, const group *g, size_t i,
                             firn_shape *shape, size_t *stride,
                             firn_error *err) {
  int64_t count;
  FIRN_TRY(firn_example_shape(node, g->shapes, i, shape, err));
  if (!firn_shape_known(shape) || !firn_shape_count(shape, &count))
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "%s[%zu] must be known",
                     g->shapes, i);
  if (g->list && count == 0 && version_of(node) != ONE)
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "%s[%zu] has no elements",
                     g->shapes, i);
  *stride = (size_t)count;
  return FIRN_OK;
}

/* Key i of group g; `at` counts the features of all groups. */
static firn_code key_at(const parser *p, size_t g, size_t i, size_t at,
                        firn_str *out, firn_error *err) {
  const firn_run *run = p->run;
  if (p->version == V1)
    return firn_example_key(run->node, groups[g].keys, i, out, err);
  const firn_tensor *in = run->in[p->version == V2 ? 2 + g : 2 + at];
  const size_t want = p->version == V2 ? p->counts[g] : 1;
  if (in->count != want || (p->version == ONE && in->shape.rank))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "the keys of %s are %zu strings, not %zu", groups[g].types,
                     in->count, want);
  *out = firn_tensor_string(in, p->version == V2 ? i : 0);
  return FIRN_OK;
}

/* Whether the dense list number i may be missing. */
static firn_code may_miss(const parser *p, size_t i, firn_str key, bool *out,
                          firn_error *err) {
  static const char name[] = "feature_list_dense_missing_assumed_empty";
  const firn_pb_AttrValue_ListValue *keys;
  const firn_tensor *in;
  *out = false;
  switch (p->version) {
    case V1:
      FIRN_TRY(firn_example_list(p->run->node, name, &keys, err));
      for (size_t k = 0; k < keys->s_count && !*out; k++)
        *out = firn_str_eq(keys->s[k], key);
      return FIRN_OK;
    case V2:
      in = p->run->in[8];
      if (i >= in->count)
        return firn_fail(err, FIRN_INVALID_ARGUMENT, "%s has %zu elements",
                         name, in->count);
      *out = ((const bool *)in->data)[i];
      return FIRN_OK;
    case ONE:
      in = p->run->in[1];
      for (size_t k = 0; k < in->count && !*out; k++)
        *out = firn_str_eq(firn_tensor_string(in, k), key);
  }
  return FIRN_OK;
}

static firn_code want_default(const parser *p, size_t i, wanted *w,
                              firn_error *err) {
  const size_t first = p->version == V1   ? 2
                       : p->version == V2 ? 9
                                          : 2 + p->count;
  char have[256], want[256];
  w->other = p->run->in[first + i];
  if (!w->other->count || firn_shape_equal(&w->other->shape, &w->shape))
    return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "the default of feature '%.*s' has shape %s, not %s",
                   FIRN_ARG(w->key), firn_shape_text(&w->other->shape, have),
                   firn_shape_text(&w->shape, want));
}

static firn_code want(parser *p, size_t g, size_t i, size_t at,
                      firn_error *err) {
  const firn_node *node = p->run->node;
  wanted *w = &p->all[at];
  firn_map *index = &p->index[groups[g].list];
  uint64_t before = 0;
  w->group = &groups[g];
  w->dtype = firn_attr_type_at(node, w->group->types, i);
  FIRN_TRY(key_at(p, g, i, at, &w->key, err));
  FIRN_TRY(firn_example_check_type(w->key, w->dtype, err));
  if (w->group->kind == DENSE) {
    FIRN_TRY(dense_shape(node, w->group, i, &w->shape, &w->stride, err));
    FIRN_TRY(w->group->list ? may_miss(p, i, w->key, &w->optional, err)
                            : want_default(p, i, w, err));
  }
  w->cells = firn_arena_array(&p->arena, p->examples + 1, sizeof *w->cells);
  if (!w->cells) return firn_oom(err, p->examples * sizeof *w->cells);
  if (firn_map_get(index, w->key, &before) && p->version != ONE &&
      p->all[before - 1].group != w->group)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "feature '%.*s' is wanted in two kinds", FIRN_ARG(w->key));
  w->next = (size_t)before;
  return firn_map_set(index, w->key, at + 1) ? FIRN_OK : firn_oom(err, 0);
}

static firn_code want_all(parser *p, firn_error *err) {
  size_t at = 0;
  for (size_t g = 0; g < FIRN_COUNT(groups); g++)
    p->count += p->counts[g] =
        firn_attr_type_count(p->run->node, groups[g].types);
  p->all = firn_arena_array(&p->arena, p->count + 1, sizeof *p->all);
  if (!p->all) return firn_oom(err, p->count * sizeof *p->all);
  for (size_t g = 0; g < FIRN_COUNT(groups); g++)
    for (size_t i = 0; i < p->counts[g]; i++)
      FIRN_TRY(want(p, g, i, at++, err));
  return FIRN_OK;
}

/* ---- Finding ------------------------------------------------------------ */

typedef struct row_walk {
  const wanted *wanted;
  firn_bytes left;
  bool done, damaged;
} row_walk;

static row_walk rows_of(const wanted *w, size_t e) {
  return (row_walk){w, w->cells[e].bytes, !w->cells[e].there, false};
}

static bool next_row(row_walk *walk, firn_feature *out) {
  firn_bytes bytes = walk->left;
  uint32_t number = 0;
  if (walk->done) return false;
  if (!walk->wanted->group->list) walk->done = true;
  while (!walk->done && number != 1)
    if (!firn_example_field(&walk->left, &number, &bytes, &walk->damaged))
      return false;
  walk->damaged = !firn_example_feature(bytes, out);
  return !walk->damaged;
}

/* Of two entries of one key the later counts. */
static bool look_through(parser *p, size_t e, bool list, firn_bytes features) {
  firn_str key;
  firn_bytes value;
  bool damaged = false;
  while (firn_example_entry(&features, &key, &value, &damaged)) {
    uint64_t at = 0;
    firn_map_get(&p->index[list], key, &at);
    for (; at; at = p->all[at - 1].next)
      p->all[at - 1].cells[e] = (cell){.there = true, .bytes = value};
  }
  return !damaged;
}

static firn_code check_row(const parser *p, const wanted *w, size_t row,
                           const firn_feature *f, firn_error *err) {
  const bool dense = w->group->kind == DENSE;
  char text[256];
  if (f->dtype == FIRN_INVALID ? dense && p->version == ONE
                               : f->dtype != w->dtype)
    return firn_fail(
        err, FIRN_INVALID_ARGUMENT, "row %zu of feature '%.*s' is %s, not %s",
        row, FIRN_ARG(w->key),
        f->dtype == FIRN_INVALID ? "of no type" : firn_dtype_name(f->dtype),
        firn_dtype_name(w->dtype));
  if (!dense || f->count == w->stride) return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "row %zu of feature '%.*s' has %zu values, which is not "
                   "shape %s",
                   row, FIRN_ARG(w->key), f->count,
                   firn_shape_text(&w->shape, text));
}

static firn_code count_rows(const parser *p, wanted *w, size_t e,
                            firn_error *err) {
  cell *c = &w->cells[e];
  row_walk walk = rows_of(w, e);
  firn_feature f;
  for (; next_row(&walk, &f); c->rows++, c->values += f.count) {
    FIRN_TRY(check_row(p, w, c->rows, &f, err));
    w->most_in_a_row = firn_max_size(w->most_in_a_row, f.count);
  }
  if (walk.damaged)
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "feature '%.*s' is damaged",
                     FIRN_ARG(w->key));
  w->rows += c->rows;
  w->values += c->values;
  w->most_rows = firn_max_size(w->most_rows, c->rows);
  return FIRN_OK;
}

static firn_code look_at(parser *p, size_t e, firn_error *err) {
  const firn_str text = firn_tensor_string(p->run->in[0], e);
  firn_bytes left = {(const uint8_t *)text.data, text.size}, part;
  uint32_t number;
  bool damaged = false;
  while (!damaged && firn_example_field(&left, &number, &part, &damaged))
    if (number == 1 || number == 2)
      damaged = !look_through(p, e, number == 2, part);
  if (damaged)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "the bytes are no SequenceExample");
  for (size_t i = 0; i < p->count; i++) {
    wanted *w = &p->all[i];
    const bool missing = w->group->kind == DENSE && !w->cells[e].there;
    if (missing && (w->group->list ? !w->optional : !w->other->count))
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "feature '%.*s' is missing, and %s", FIRN_ARG(w->key),
                       w->group->list ? "must not" : "has no default");
    FIRN_TRY(count_rows(p, w, e, err));
  }
  return FIRN_OK;
}

static firn_code look_at_all(parser *p, firn_error *err) {
  const firn_run *run = p->run;
  const firn_tensor *names = run->in[p->version == ONE ? run->in_count - 1 : 1];
  for (size_t e = 0; e < p->examples; e++) {
    const firn_code code = look_at(p, e, err);
    if (code == FIRN_OK) continue;
    if (e < names->count)
      return firn_while(err, code, "example %zu ('%.*s')", e,
                        FIRN_ARG(firn_tensor_string(names, e)));
    return firn_while(err, code, "example %zu", e);
  }
  return FIRN_OK;
}

/* ---- Giving ------------------------------------------------------------- */

static firn_code give_values(const parser *p, const wanted *w, size_t output,
                             firn_error *err) {
  const firn_shape shape = firn_shape_vector((int64_t)w->values);
  firn_tensor *values = NULL;
  firn_feature f;
  size_t at = 0;
  FIRN_TRY(firn_run_output(p->run, output, &shape, &values, err));
  for (size_t e = 0; e < p->examples; e++)
    for (row_walk walk = rows_of(w, e); next_row(&walk, &f); at += f.count)
      FIRN_TRY(firn_example_values(&f, values, at, err));
  return FIRN_OK;
}

static firn_code give_sparse(const parser *p, const wanted *w, size_t output,
                             size_t step, firn_error *err) {
  const bool list = w->group->list;
  const int axes = p->batch + list + 1;
  const firn_shape places = {.rank = 2, .dims = {(int64_t)w->values, axes}};
  const firn_shape extents = firn_shape_vector(axes);
  firn_tensor *indices = NULL, *shape = NULL;
  firn_feature f;
  FIRN_TRY(firn_run_output(p->run, output, &places, &indices, err));
  FIRN_TRY(give_values(p, w, output + step, err));
  FIRN_TRY(firn_run_output(p->run, output + 2 * step, &extents, &shape, err));
  int64_t *index = indices->data, *extent = shape->data;
  for (size_t e = 0; e < p->examples; e++) {
    row_walk walk = rows_of(w, e);
    for (int64_t row = 0; next_row(&walk, &f); row++)
      for (size_t k = 0; k < f.count; k++) {
        if (p->batch) *index++ = (int64_t)e;
        if (list) *index++ = row;
        *index++ = (int64_t)k;
      }
  }
  if (p->batch) *extent++ = (int64_t)p->examples;
  if (list) *extent++ = (int64_t)w->most_rows;
  *extent = (int64_t)w->most_in_a_row;
  return FIRN_OK;
}

static firn_code give_lengths(const parser *p, const wanted *w, size_t output,
                              firn_error *err) {
  const firn_shape shape =
      p->batch ? firn_shape_vector((int64_t)p->examples) : firn_shape_scalar();
  firn_tensor *lengths = NULL;
  FIRN_TRY(firn_run_output(p->run, output, &shape, &lengths, err));
  for (size_t e = 0; e < p->examples; e++)
    ((int64_t *)lengths->data)[e] = (int64_t)w->cells[e].rows;
  return FIRN_OK;
}

static firn_code give_dense(const parser *p, const wanted *w, size_t output,
                            size_t step, firn_error *err) {
  const bool list = w->group->list;
  const size_t width = list ? w->most_rows * w->stride : w->stride;
  firn_shape shape = w->shape;
  firn_tensor *out = NULL;
  firn_feature f;
  if (list)
    FIRN_TRY(firn_shape_prepend((int64_t)w->most_rows, &shape, &shape, err));
  if (p->batch)
    FIRN_TRY(firn_shape_prepend((int64_t)p->examples, &shape, &shape, err));
  FIRN_TRY(firn_run_output(p->run, output, &shape, &out, err));
  for (size_t e = 0; e < p->examples; e++) {
    size_t at = e * width;
    for (row_walk walk = rows_of(w, e); next_row(&walk, &f); at += f.count)
      FIRN_TRY(firn_example_values(&f, out, at, err));
    FIRN_TRY(firn_example_pad(w->other, out, at, (e + 1) * width - at, err));
  }
  return list && p->version != ONE ? give_lengths(p, w, output + step, err)
                                   : FIRN_OK;
}

static void put_split(firn_tensor *splits, size_t i, size_t value) {
  if (splits->dtype == FIRN_INT64)
    ((int64_t *)splits->data)[i] = (int64_t)value;
  else
    ((int32_t *)splits->data)[i] = (int32_t)value;
}

/* Splits of the examples: by rows of a list, by values of a context feature. A
 * single one has no splits, but a scalar that nobody sets. */
static firn_code give_outer_splits(const parser *p, const wanted *w,
                                   size_t output, firn_error *err) {
  const firn_shape shape = p->batch
                               ? firn_shape_vector((int64_t)p->examples + 1)
                               : firn_shape_scalar();
  firn_tensor *splits = NULL;
  size_t end = 0;
  FIRN_TRY(firn_run_output(p->run, output, &shape, &splits, err));
  put_split(splits, 0, 0);
  for (size_t e = 0; p->batch && e < p->examples; e++) {
    end += w->group->list ? w->cells[e].rows : w->cells[e].values;
    put_split(splits, e + 1, end);
  }
  return FIRN_OK;
}

static firn_code give_inner_splits(const parser *p, const wanted *w,
                                   size_t output, firn_error *err) {
  const firn_shape shape = firn_shape_vector((int64_t)w->rows + 1);
  firn_tensor *splits = NULL;
  firn_feature f;
  size_t row = 0, end = 0;
  FIRN_TRY(firn_run_output(p->run, output, &shape, &splits, err));
  put_split(splits, 0, 0);
  for (size_t e = 0; e < p->examples; e++)
    for (row_walk walk = rows_of(w, e); next_row(&walk, &f);)
      put_split(splits, ++row, end += f.count);
  return FIRN_OK;
}

static firn_code give_ragged(const parser *p, const wanted *w, size_t output,
                             size_t step, firn_error *err) {
  if (firn_max_size(w->values, w->rows) > INT32_MAX &&
      p->run->node->output_types[output + step] == FIRN_INT32)
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "%zu values need int64 splits",
                     w->values);
  FIRN_TRY(give_values(p, w, output, err));
  FIRN_TRY(give_outer_splits(p, w, output + step, err));
  return w->group->list ? give_inner_splits(p, w, output + 2 * step, err)
                        : FIRN_OK;
}

/* Lists of outputs that a group has. */
static size_t lists_of(const group *g, version v) {
  if (g->kind == SPARSE) return 3;
  if (g->kind == DENSE) return g->list && v != ONE ? 2 : 1;
  return g->list ? 3 : 2;
}

static firn_code give_all(const parser *p, firn_error *err) {
  static firn_code (*const give[])(const parser *, const wanted *, size_t,
                                   size_t, firn_error *) = {
      give_sparse, give_dense, give_ragged};
  size_t first = 0, at = 0;
  for (size_t g = 0; g < FIRN_COUNT(groups); g++) {
    for (size_t i = 0; i < p->counts[g]; i++)
      FIRN_TRY(
          give[groups[g].kind](p, &p->all[at++], first + i, p->counts[g], err));
    first += p->counts[g] * lists_of(&groups[g], p->version);
  }
  return FIRN_OK;
}

static firn_code check_inputs(const parser *p, firn_error *err) {
  const firn_run *run = p->run;
  const firn_tensor *in = run->in[0];
  if (in->shape.rank > (p->version == ONE ? 0 : 1))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "serialized must be a scalar%s",
                     p->version == ONE ? "" : " or a vector");
  const firn_tensor *names = run->in[p->version == ONE ? run->in_count - 1 : 1];
  if (names->count && names->count != in->count)
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "%zu names for %zu examples",
                     names->count, in->count);
  return FIRN_OK;
}

/* Without any example only defaults can fill a dense feature, says TensorFlow,
 * although there is nothing to fill. */
static firn_code check_empty(const parser *p, firn_error *err) {
  for (size_t i = 0; i < p->count && !p->examples; i++) {
    const wanted *w = &p->all[i];
    if (w->other && w->other->count != w->stride)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "feature '%.*s' has no default, and there is no example",
                       FIRN_ARG(w->key));
  }
  return FIRN_OK;
}

static firn_code drive_sequence(const firn_run *run, firn_error *err) {
  parser p = {.run = run,
              .version = version_of(run->node),
              .examples = run->in[0]->count,
              .batch = run->in[0]->shape.rank > 0};
  FIRN_TRY(check_inputs(&p, err));
  firn_arena_init(&p.arena, &run->env->alloc);
  for (size_t i = 0; i < 2; i++) firn_map_init(&p.index[i], &run->env->alloc);
  firn_code code = want_all(&p, err);
  if (code == FIRN_OK) code = check_empty(&p, err);
  if (code == FIRN_OK) code = look_at_all(&p, err);
  if (code == FIRN_OK) code = give_all(&p, err);
  for (size_t i = 0; i < 2; i++) firn_map_fini(&p.index[i]);
  firn_arena_fini(&p.arena);
  return code;
}

/* ---- Shapes ------------------------------------------------------------- */

static firn_code check_counts(const firn_node *node, firn_error *err) {
  for (size_t g = 0; g < FIRN_COUNT(groups); g++) {
    const group *own = &groups[g];
    if (own->count && firn_attr(node, own->types))
      FIRN_TRY(firn_example_check_count(node, own->count, own->types, err));
    if (own->splits && firn_attr(node, own->types))
      FIRN_TRY(firn_example_check_lists(node, own->types, own->splits, err));
  }
  return FIRN_OK;
}

static firn_code infer_dense(firn_infer *q, const group *g, size_t i,
                             size_t output, size_t step, bool batch,
                             firn_error *err) {
  const int64_t examples = batch ? q->in[0].shape.dims[0] : 0;
  firn_shape shape;
  size_t stride;
  FIRN_TRY(dense_shape(q->node, g, i, &shape, &stride, err));
  if (g->list)
    FIRN_TRY(firn_shape_prepend(FIRN_UNKNOWN_DIM, &shape, &shape, err));
  if (batch) FIRN_TRY(firn_shape_prepend(examples, &shape, &shape, err));
  q->out[output].shape = shape;
  if (g->list && version_of(q->node) != ONE)
    q->out[output + step].shape =
        batch ? firn_shape_vector(examples) : firn_shape_scalar();
  return FIRN_OK;
}

static firn_code infer_one(firn_infer *q, const group *g, size_t i,
                           size_t output, size_t step, bool batch,
                           firn_error *err) {
  const int axes = batch + g->list + 1;
  const firn_shape any = firn_shape_vector(FIRN_UNKNOWN_DIM);
  switch (g->kind) {
    case SPARSE:
      q->out[output].shape =
          (firn_shape){.rank = 2, .dims = {FIRN_UNKNOWN_DIM, axes}};
      q->out[output + step].shape = any;
      q->out[output + 2 * step].shape = firn_shape_vector(axes);
      return FIRN_OK;
    case DENSE: return infer_dense(q, g, i, output, step, batch, err);
    case RAGGED:
      q->out[output].shape = any;
      q->out[output + step].shape = batch ? any : firn_shape_scalar();
      if (g->list) q->out[output + 2 * step].shape = any;
  }
  return FIRN_OK;
}

static firn_code infer_sequence(firn_infer *q, firn_error *err) {
  const version v = version_of(q->node);
  const firn_shape *in = &q->in[0].shape;
  size_t first = 0;
  FIRN_TRY(check_counts(q->node, err));
  if (in->rank > (v == ONE ? 0 : 1))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "serialized must be a scalar%s",
                     v == ONE ? "" : " or a vector");
  if (in->rank < 0 && v != ONE) return FIRN_OK;
  for (size_t g = 0; g < FIRN_COUNT(groups); g++) {
    const size_t count = firn_attr_type_count(q->node, groups[g].types);
    for (size_t i = 0; i < count; i++)
      FIRN_TRY(infer_one(q, &groups[g], i, first + i, count,
                         v != ONE && in->rank == 1, err));
    first += count * lists_of(&groups[g], v);
  }
  return FIRN_OK;
}

static const firn_kernel sequence_kernel[] = {{.drive = drive_sequence},
                                              {.drive = NULL}};

static const firn_op ops[] = {
    {"ParseSequenceExample", infer_sequence, sequence_kernel, 0},
    {"ParseSequenceExampleV2", infer_sequence, sequence_kernel, 0},
    {"ParseSingleSequenceExample", infer_sequence, sequence_kernel, 0},
};

FIRN_OP_FAMILY(example_sequence, ops);
