/* ops/einsum.c: Einsum of one or two inputs.
 *
 * Labels (any character, or the axes of an ellipsis counted from its end) fall
 * into kinds by where they occur:
 *
 *   batch      both inputs and the output     free    one input and the output
 *   contract   both inputs only               reduce  one input only
 *
 * An input is brought into the order [batch, free, contract] or [batch,
 * contract, free], unless it lies so already; what is left is a batch of matrix
 * products, and putting its result into the output's order. Sums over reduced
 * labels are products with ones. A label twice in one input walks its diagonal,
 * twice in the output fills one.
 */
#include "ops/infer.h"
#include "ops/products.h"
#include "ops/walk.h"

/* ---- The equation -------------------------------------------------------- */

enum {
  ELLIPSIS = 256, /* label of its last axis; +1 the one before */
  LABELS = ELLIPSIS + FIRN_MAX_RANK,
  ALL_AXES = 2 * FIRN_MAX_RANK
};

/* Labels of an input or the output, one for each axis. */
typedef struct term {
  int rank;
  int label[FIRN_MAX_RANK];
} term;

typedef struct equation {
  firn_str in[2], out;
  size_t count;
} equation;

static firn_code cut_equation(const firn_node *node, equation *e,
                              firn_error *err) {
  firn_str text = {NULL, 0};
  FIRN_TRY(firn_attr_str(node, "equation", &text, err));
  size_t arrows = 0, at = 0;
  for (size_t i = 0; i + 1 < text.size; i++)
    if (text.data[i] == '-' && text.data[i + 1] == '>') {
      arrows++;
      at = i;
    }
  if (arrows != 1)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "equation '%.*s' must have one '->'", FIRN_ARG(text));
  e->out = (firn_str){text.data + at + 2, text.size - at - 2};
  e->in[0] = (firn_str){text.data, at};
  e->in[1] = (firn_str){text.data + at, 0};
  e->count = 1;
  for (size_t i = 0; i < at; i++) {
    if (text.data[i] != ',') continue;
    if (e->count++ == 1) {
      e->in[0].size = i;
      e->in[1] = (firn_str){text.data + i + 1, at - i - 1};
    }
  }
  if (e->count <= 2) return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "equation '%.*s' has %zu inputs, more than 2",
                   FIRN_ARG(text), e->count);
}

/* How many labels `text` names besides an ellipsis. */
static firn_code count_labels(firn_str text, int *names, bool *ellipsis,
                              firn_error *err) {
  size_t dots = 0, last = 0;
  *names = 0;
  for (size_t i = 0; i < text.size; i++) {
    if (text.data[i] != '.') {
      if (++*names > FIRN_MAX_RANK) break;
      continue;
    }
    if (dots && last + 1 != i) dots = 4; /* not three in a row */
    dots++;
    last = i;
  }
  *ellipsis = dots > 0;
  if (dots != 0 && dots != 3)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "'%.*s' may have one ellipsis (...) and no other dots",
                     FIRN_ARG(text));
  if (*names > FIRN_MAX_RANK)
    return firn_fail(err, FIRN_UNIMPLEMENTED, "'%.*s' names more than %d axes",
                     FIRN_ARG(text), FIRN_MAX_RANK);
  return FIRN_OK;
}

/* The labels of a term whose ellipsis stands for `wide` axes. */
static firn_code read_term(firn_str text, int wide, term *t, firn_error *err) {
  t->rank = 0;
  for (size_t i = 0; i < text.size; i++) {
    const bool dot = text.data[i] == '.';
    const int n = dot ? wide : 1;
    if (t->rank + n > FIRN_MAX_RANK)
      return firn_fail(err, FIRN_UNIMPLEMENTED, "'%.*s' is more than %d axes",
                       FIRN_ARG(text), FIRN_MAX_RANK);
    for (int k = 0; k < n; k++)
      t->label[t->rank++] =
          dot ? ELLIPSIS + wide - 1 - k : (unsigned char)text.data[i];
    if (dot) i += 2;
  }
  return FIRN_OK;
}

static bool has(const term *t, int label) {
  for (int i = 0; i < t->rank; i++)
    if (t->label[i] == label) return true;
  return false;
}

/* ---- Extents ------------------------------------------------------------- */

typedef struct sizes {
  int64_t dim[LABELS]; /* -1 unknown */
  bool seen[LABELS];
  int wide; /* axes of the ellipsis of the output */
} sizes;

/* An axis of an ellipsis may be 1 on one side; names must agree. */
static firn_code merge_label(sizes *s, int label, int64_t dim, size_t input,
                             int axis, firn_error *err) {
  int64_t *have = &s->dim[label];
  if (!s->seen[label]) {
    s->seen[label] = true;
    *have = dim;
    return FIRN_OK;
  }
  if (label >= ELLIPSIS && (dim == 1 || *have == 1)) {
    if (dim != 1) *have = dim;
    return FIRN_OK;
  }
  if (firn_dim_merge(*have, dim, have)) return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "axis %d of input %zu is %lld, not %lld as its label says",
                   axis, input, (long long)dim, (long long)*have);
}

/* Reads an input; *known false when its rank is not known. */
static firn_code read_input(const equation *e, size_t i, const firn_shape *x,
                            term *t, sizes *s, bool *known, firn_error *err) {
  int names;
  bool ellipsis;
  FIRN_TRY(count_labels(e->in[i], &names, &ellipsis, err));
  const int wide = x->rank < 0 ? 0 : x->rank - names;
  if (x->rank >= 0 && (wide < 0 || (wide > 0 && !ellipsis))) {
    char text[256];
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "input %zu has shape %s, '%.*s' wants %s%d axes", i,
                     firn_shape_text(x, text), FIRN_ARG(e->in[i]),
                     ellipsis ? "at least " : "", names);
  }
  FIRN_TRY(read_term(e->in[i], wide, t, err));
  if (x->rank < 0) {
    *known &= !ellipsis;
    for (int k = 0; k < t->rank; k++)
      if (!s->seen[t->label[k]])
        FIRN_TRY(merge_label(s, t->label[k], FIRN_UNKNOWN_DIM, i, k, err));
    return FIRN_OK;
  }
  if (wide > s->wide) s->wide = wide;
  for (int k = 0; k < t->rank; k++)
    FIRN_TRY(merge_label(s, t->label[k], x->dims[k], i, k, err));
  return FIRN_OK;
}

/* All terms of a node; *known false when an ellipsis is of unknown width. */
static firn_code read_all(const firn_node *node, const firn_shape *const x[2],
                          size_t count, term in[2], term *out, sizes *s,
                          bool *known, firn_error *err) {
  equation e;
  int names;
  bool ellipsis;
  FIRN_TRY(cut_equation(node, &e, err));
  if (e.count != count)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "the equation has %zu inputs, the node %zu", e.count,
                     count);
  memset(s, 0, sizeof *s);
  in[1].rank = 0;
  *known = true;
  for (size_t i = 0; i < count; i++)
    FIRN_TRY(read_input(&e, i, x[i], &in[i], s, known, err));
  FIRN_TRY(count_labels(e.out, &names, &ellipsis, err));
  if (!ellipsis && s->wide > 0)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "the output '%.*s' lacks the ellipsis of the inputs",
                     FIRN_ARG(e.out));
  FIRN_TRY(read_term(e.out, s->wide, out, err));
  for (int k = 0; k < out->rank; k++)
    if (!s->seen[out->label[k]])
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "output label '%c' is in no input", (char)out->label[k]);
  return FIRN_OK;
}

static firn_code infer(firn_infer *q, firn_error *err) {
  const firn_shape *x[2] = {&q->in[0].shape,
                            q->in_count > 1 ? &q->in[1].shape : NULL};
  term in[2], out;
  sizes s;
  bool known;
  if (q->in_count < 1 || q->in_count > 2)
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "%zu inputs, not 1 or 2",
                     q->in_count);
  FIRN_TRY(read_all(q->node, x, q->in_count, in, &out, &s, &known, err));
  if (!known) {
    q->out[0].shape = firn_shape_unknown();
    return FIRN_OK;
  }
  q->out[0].shape.rank = out.rank;
  for (int k = 0; k < out.rank; k++)
    q->out[0].shape.dims[k] = s.dim[out.label[k]];
  return FIRN_OK;
}

/* ---- Views --------------------------------------------------------------- */

/* Where the elements of a label's run lie. */
typedef struct view {
  const void *data;
  bool has[LABELS];
  int64_t stride[LABELS];
} view;

/* A list of labels. */
typedef struct order {
  int n;
  int label[ALL_AXES];
} order;

/* An axis of an ellipsis that is 1 here but not elsewhere is left out: then it
 * is as if this input did not have it. */
static view view_of(const term *t, const firn_shape *shape, const sizes *s,
                    const void *data) {
  view v = {.data = data};
  int64_t strides[FIRN_MAX_RANK];
  firn_strides(shape, strides);
  for (int k = 0; k < t->rank; k++) {
    const int label = t->label[k];
    if (shape->dims[k] == 1 && s->dim[label] != 1) continue;
    v.has[label] = true;
    v.stride[label] += strides[k];
  }
  return v;
}

static void append(order *o, const order *more) {
  for (int i = 0; i < more->n; i++) o->label[o->n++] = more->label[i];
}

static size_t size_of(const order *o, const sizes *s) {
  size_t size = 1;
  for (int i = 0; i < o->n; i++) size *= (size_t)s->dim[o->label[i]];
  return size;
}

/* Whether the view lies in memory in that order already. */
static bool lies_so(const view *v, const order *o, const sizes *s) {
  int64_t stride = 1;
  for (int i = o->n - 1; i >= 0; i--) {
    const int64_t dim = s->dim[o->label[i]];
    if (dim != 1 && v->stride[o->label[i]] != stride) return false;
    stride *= dim;
  }
  return true;
}

/* ---- The work ------------------------------------------------------------ */

typedef struct work {
  const firn_run *run; /* NULL: only measuring */
  const firn_micro *micro;
  int threads;
  firn_dtype dtype; /* that is computed in  */
  sizes s;
  term in[2], out;
  firn_scratch *scratch;
  firn_error *err;
} work;

/* A dense copy in that order. */
static firn_code copy_in_order(const work *k, const view *v, const order *o,
                               void **out) {
  firn_walk walk = {.rank = 0};
  const size_t size = size_of(o, &k->s);
  int64_t to = (int64_t)size;
  *out = firn_scratch_array(k->scratch, size, firn_dtype_size(k->dtype));
  if (!k->run || size == 0) return FIRN_OK;
  for (int i = 0; i < o->n; i++) {
    const int label = o->label[i];
    to /= k->s.dim[label];
    firn_walk_axis(&walk, k->s.dim[label], v->stride[label], to);
  }
  return firn_walk_run(&walk, k->dtype, v->data, *out, k->run, k->err);
}

static void fill_ones(firn_dtype dtype, void *data, size_t n) {
  for (size_t i = 0; i < n; i++) switch (dtype) {
      case FIRN_FLOAT: ((float *)data)[i] = 1; break;
      case FIRN_DOUBLE: ((double *)data)[i] = 1; break;
      case FIRN_INT32: ((int32_t *)data)[i] = 1; break;
      case FIRN_INT64: ((int64_t *)data)[i] = 1; break;
      case FIRN_COMPLEX64:
        ((float *)data)[2 * i] = 1;
        ((float *)data)[2 * i + 1] = 0;
        break;
      default:
        ((double *)data)[2 * i] = 1;
        ((double *)data)[2 * i + 1] = 0;
        break;
    }
}

static void multiply(const work *k, const firn_products *p, const void *a,
                     const void *b, void *y) {
  void *room = firn_scratch_take(
      k->scratch,
      p->m && p->n ? firn_products_workspace(p, k->micro, k->threads) : 0);
  if (k->run) firn_products_run(p, k->micro, a, b, y, room, k->run->pool);
}

/* Sums a view over `reduce`: what is left lies in order `keep`. */
static firn_code reduce_view(const work *k, view *v, const order *keep,
                             const order *reduce) {
  order all = *keep;
  void *copy, *ones, *sums;
  append(&all, reduce);
  FIRN_TRY(copy_in_order(k, v, &all, &copy));
  const firn_products p = {.dtype = k->dtype,
                           .m = size_of(keep, &k->s),
                           .k = size_of(reduce, &k->s),
                           .n = 1};
  ones = firn_scratch_array(k->scratch, p.k, firn_dtype_size(k->dtype));
  sums = firn_scratch_array(k->scratch, p.m, firn_dtype_size(k->dtype));
  if (k->run) fill_ones(k->dtype, ones, p.k);
  multiply(k, &p, copy, ones, sums);
  int64_t stride = (int64_t)p.m;
  for (int i = 0; i < keep->n; i++) {
    const int64_t dim = k->s.dim[keep->label[i]];
    stride = dim ? stride / dim : 0;
    v->stride[keep->label[i]] = stride;
  }
  v->data = sums;
  return FIRN_OK;
}

/* Dense, as [batch, rows, columns] or the other way about (then *turned). */
static firn_code matrix_of(const work *k, const view *v, const order *batch,
                           const order *rows, const order *columns,
                           const void **out, bool *turned) {
  order plain = *batch, other = *batch;
  append(&plain, rows);
  append(&plain, columns);
  append(&other, columns);
  append(&other, rows);
  *turned = false;
  *out = v->data;
  if (lies_so(v, &plain, &k->s)) return FIRN_OK;
  *turned = lies_so(v, &other, &k->s);
  if (*turned) return FIRN_OK;
  void *copy;
  FIRN_TRY(copy_in_order(k, v, &plain, &copy));
  *out = copy;
  return FIRN_OK;
}

/* Labels of the output that are in `yes` and, as wanted, in `other`; each once.
 */
static order out_labels(const work *k, const view *yes, const view *other,
                        bool in_both) {
  order o = {.n = 0};
  for (int i = 0; i < k->out.rank; i++) {
    const int label = k->out.label[i];
    bool again = false;
    for (int j = 0; j < o.n; j++) again |= o.label[j] == label;
    if (!again && yes->has[label] && other->has[label] == in_both)
      o.label[o.n++] = label;
  }
  return o;
}

/* Labels of input i that are not in the output. */
static order lost_labels(const work *k, size_t i, const view *own,
                         const view *other, bool in_both) {
  order o = {.n = 0};
  for (int a = 0; a < k->in[i].rank; a++) {
    const int label = k->in[i].label[a];
    bool again = !own->has[label];
    for (int j = 0; j < o.n; j++) again |= o.label[j] == label;
    if (!again && !has(&k->out, label) && other->has[label] == in_both)
      o.label[o.n++] = label;
  }
  return o;
}

/* Puts a dense result in order `o` to where the output wants it. */
static firn_code put_result(const work *k, const void *from, const order *o,
                            const firn_shape *shape, void *to) {
  firn_walk walk = {.rank = 0};
  int64_t strides[FIRN_MAX_RANK], stride = (int64_t)size_of(o, &k->s);
  firn_strides(shape, strides);
  for (int i = 0; i < o->n; i++) {
    const int label = o->label[i];
    int64_t of_out = 0;
    for (int a = 0; a < k->out.rank; a++)
      if (k->out.label[a] == label) of_out += strides[a];
    stride /= k->s.dim[label];
    firn_walk_axis(&walk, k->s.dim[label], stride, of_out);
  }
  return firn_walk_run(&walk, k->dtype, from, to, k->run, k->err);
}

static bool is_out_order(const work *k, const order *o) {
  if (o->n != k->out.rank) return false;
  for (int i = 0; i < o->n; i++)
    if (o->label[i] != k->out.label[i]) return false;
  return true;
}

/* Two views: [batch, free a, contract] times [batch, contract, free b]. */
static firn_code contract(const work *k, view v[2], const firn_shape *shape,
                          void *y) {
  order batch = out_labels(k, &v[0], &v[1], true), freed[2], shared[2];
  for (size_t i = 0; i < 2; i++) {
    freed[i] = out_labels(k, &v[i], &v[1 - i], false);
    shared[i] = lost_labels(k, 0, &v[0], &v[1], true);
    const order gone = lost_labels(k, i, &v[i], &v[1 - i], false);
    order keep = batch;
    append(&keep, &freed[i]);
    append(&keep, &shared[i]);
    if (gone.n) FIRN_TRY(reduce_view(k, &v[i], &keep, &gone));
  }
  /* The side whose labels come first in the output is the left one. */
  const size_t l = freed[1].n && k->out.rank > batch.n &&
                           k->out.label[batch.n] == freed[1].label[0]
                       ? 1
                       : 0;
  const size_t r = 1 - l;
  firn_products p = {.dtype = k->dtype,
                     .m = size_of(&freed[l], &k->s),
                     .k = size_of(&shared[0], &k->s),
                     .n = size_of(&freed[r], &k->s),
                     .rank = 1};
  p.dims[0] = size_of(&batch, &k->s);
  p.a.step[0] = p.b.step[0] = 1;
  const void *a, *b;
  FIRN_TRY(
      matrix_of(k, &v[l], &batch, &freed[l], &shared[0], &a, &p.a.transposed));
  FIRN_TRY(
      matrix_of(k, &v[r], &batch, &shared[0], &freed[r], &b, &p.b.transposed));
  order made = batch;
  append(&made, &freed[l]);
  append(&made, &freed[r]);
  const bool direct = is_out_order(k, &made);
  void *to = y;
  if (!direct)
    to = firn_scratch_array(k->scratch, size_of(&made, &k->s),
                            firn_dtype_size(k->dtype));
  multiply(k, &p, a, b, to);
  if (direct || !k->run) return FIRN_OK;
  return put_result(k, to, &made, shape, y);
}

/* One view: its labels are kept or summed over. */
static firn_code rearrange(const work *k, view *v, const firn_shape *shape,
                           void *y) {
  const view none = {.data = NULL};
  order kept = out_labels(k, v, &none, false);
  const order gone = lost_labels(k, 0, v, &none, false);
  if (gone.n) FIRN_TRY(reduce_view(k, v, &kept, &gone));
  if (!k->run) return FIRN_OK;
  firn_walk walk = {.rank = 0};
  int64_t strides[FIRN_MAX_RANK];
  firn_strides(shape, strides);
  for (int i = 0; i < kept.n; i++) {
    const int label = kept.label[i];
    int64_t to = 0;
    for (int a = 0; a < k->out.rank; a++)
      if (k->out.label[a] == label) to += strides[a];
    firn_walk_axis(&walk, k->s.dim[label], v->stride[label], to);
  }
  return firn_walk_run(&walk, k->dtype, v->data, y, k->run, k->err);
}

/* Everything of a run, or with an empty scratch how much it needs. */
static firn_code compute(work *k, const firn_shape *const x[2], size_t count,
                         const firn_shape *shape, firn_dtype dtype) {
  view v[2] = {{.data = NULL}};
  const firn_stage out = {dtype, false, 1, 1,
                          (size_t)firn_shape_product(shape, 0, shape->rank)};
  for (size_t i = 0; i < count; i++) {
    const firn_stage stage = {dtype, false, 1, 1,
                              (size_t)firn_shape_product(x[i], 0, x[i]->rank)};
    const void *data =
        firn_stage_in(&stage, k->run ? k->run->in[i]->data : NULL, k->scratch);
    v[i] = view_of(&k->in[i], x[i], &k->s, data);
  }
  void *y = k->run ? k->run->out[0]->data : NULL;
  void *to = firn_stage_out(&out, y, k->scratch);
  if (k->run) memset(to, 0, out.space * firn_dtype_size(k->dtype));
  FIRN_TRY(count == 2 ? contract(k, v, shape, to)
                      : rearrange(k, &v[0], shape, to));
  firn_stage_done(&out, to, y, k->scratch);
  return FIRN_OK;
}

static firn_code prepare(firn_prepare *p, firn_error *err) {
  const size_t count = p->in_count;
  const firn_shape *x[2] = {&p->in[0].shape,
                            count > 1 ? &p->in[1].shape : NULL};
  firn_scratch need = {NULL, 0};
  bool known;
  work k = {.micro = firn_micro_pick(p->cpu),
            .threads = p->env->threads,
            .dtype = firn_dtype_wide(p->out[0].dtype),
            .scratch = &need,
            .err = err};
  FIRN_TRY(read_all(p->node, x, count, k.in, &k.out, &k.s, &known, err));
  if (firn_shape_product(&p->out[0].shape, 0, p->out[0].shape.rank) == 0)
    return FIRN_OK;
  FIRN_TRY(compute(&k, x, count, &p->out[0].shape, p->out[0].dtype));
  p->scratch = need.used;
  return FIRN_OK;
}

static firn_code drive(const firn_run *run, firn_error *err) {
  const size_t count = run->in_count;
  const firn_shape *x[2] = {&run->in[0]->shape,
                            count > 1 ? &run->in[1]->shape : NULL};
  firn_tensor *y = run->out[0];
  char none[64] __attribute__((aligned(64)));
  firn_scratch scratch = {run->scratch ? run->scratch : none, 0};
  bool known;
  work k = {.run = run,
            .micro = firn_micro_pick(run->cpu),
            .threads = run->env->threads,
            .dtype = firn_dtype_wide(y->dtype),
            .scratch = &scratch,
            .err = err};
  if (y->count == 0) return FIRN_OK;
  FIRN_TRY(read_all(run->node, x, count, k.in, &k.out, &k.s, &known, err));
  return compute(&k, x, count, &y->shape, y->dtype);
}

/* ---- The family ---------------------------------------------------------- */

static const firn_kernel kernels[] = {
    {.types = {{"T", FIRN_FLOATS | FIRN_INDICES | FIRN_COMPLEXES}},
     .prepare = prepare,
     .drive = drive},
    {.drive = NULL},
};

static const firn_op ops[] = {
    {"Einsum", infer, kernels, 0},
};

FIRN_OP_FAMILY(einsum, ops);
