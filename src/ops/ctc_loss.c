/* ops/ctc_loss.c: CTCLoss, how unlikely the right labels were, and the gradient
 * by the scores.
 *
 * The labels with a blank before, between and after them are the states that
 * a sequence goes through; forward and backward sums over all ways through them
 * give the probability of the whole. All of it in logarithms, and with
 * TensorFlow's float functions for double as well.
 */
#include <math.h>

#include "ops/picture.h"

static firn_code infer_loss(firn_infer *q, firn_error *err) {
  firn_shape inputs, indices, values, lengths;
  int64_t merged;
  FIRN_TRY(firn_infer_rank(q, 0, 3, "inputs", &inputs, err));
  FIRN_TRY(firn_infer_rank(q, 1, 2, "labels_indices", &indices, err));
  FIRN_TRY(firn_infer_rank(q, 2, 1, "labels_values", &values, err));
  FIRN_TRY(firn_infer_rank(q, 3, 1, "sequence_length", &lengths, err));
  if (!firn_dim_merge(indices.dims[0], values.dims[0], &merged) ||
      (indices.dims[1] >= 0 && indices.dims[1] != 2))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "labels_indices and labels_values of %lld labels must "
                     "have shapes [n,2] and [n]",
                     (long long)values.dims[0]);
  if (!firn_dim_merge(inputs.dims[1], lengths.dims[0], &merged) || merged == 0)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "inputs are a batch of %lld, sequence_length of %lld",
                     (long long)inputs.dims[1], (long long)lengths.dims[0]);
  if (inputs.dims[0] == 0 || inputs.dims[2] == 0 || inputs.dims[2] > INT32_MAX)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "inputs of %lld moments and %lld classes",
                     (long long)inputs.dims[0], (long long)inputs.dims[2]);
  inputs.dims[1] = merged;
  q->out[0].shape = firn_shape_vector(merged);
  q->out[1].shape = inputs;
  return FIRN_OK;
}

typedef struct loss {
  const firn_run *run;
  bool narrow, merge;
  size_t batch, classes, time;
  size_t item, length;   /* which sequence, and its moments */
  const int32_t *labels; /* its labels */
  size_t label_count;
  int64_t *states; /* the labels with blanks around each */
  size_t state_count;
  double *y;            /* [length][classes]: softmax */
  double *alpha, *beta; /* [length][states] */
  double *sums;         /* by class */
} loss;

static double rounded(const loss *l, double x) {
  return l->narrow ? (double)(float)x : x;
}

static double log_of(const loss *l, double x) {
  return l->narrow ? (double)logf((float)x) : log(x);
}

static double sum_of(const loss *l, double a, double b) {
  if (a == -INFINITY) return b;
  if (b == -INFINITY) return a;
  const double high = a > b ? a : b, low = a > b ? b : a;
  return rounded(l, high + (double)log1pf(expf((float)rounded(l, low - high))));
}

static size_t place(const loss *l, size_t t) {
  return (t * l->batch + l->item) * l->classes;
}

static double score(const loss *l, size_t at) {
  const void *x = l->run->in[0]->data;
  return l->narrow ? (double)((const float *)x)[at] : ((const double *)x)[at];
}

static void softmax(const loss *l, size_t t) {
  const size_t at = place(l, t);
  double *y = l->y + t * l->classes, most = -INFINITY, sum = 0;
  for (size_t i = 0; i < l->classes; i++)
    if (score(l, at + i) > most) most = score(l, at + i);
  for (size_t i = 0; i < l->classes; i++) {
    const double x = rounded(l, score(l, at + i) - most);
    y[i] = l->narrow ? (double)expf((float)x) : exp(x);
    sum = rounded(l, sum + y[i]);
  }
  for (size_t i = 0; i < l->classes; i++) y[i] = rounded(l, y[i] / sum);
}

/* The states that can be reached at moment t and still lead to the end. */
static void reach(const loss *l, size_t t, size_t *begin, size_t *end) {
  const size_t ahead = 2 * (l->length - t);
  *begin = l->state_count > ahead ? l->state_count - ahead : 0;
  *end = firn_min_size(l->state_count, 2 * (t + 1));
}

static double log_y(const loss *l, size_t t, size_t u) {
  return log_of(l, l->y[t * l->classes + (size_t)l->states[u]]);
}

/* Whether state u may be reached from, or lead to, one two states away. */
static bool may_skip(const loss *l, size_t u, size_t other) {
  return u % 2 == 1 && !(l->merge && l->states[u] == l->states[other]);
}

static void forward(const loss *l) {
  const size_t n = l->state_count;
  for (size_t i = 0; i < l->length * n; i++) l->alpha[i] = -INFINITY;
  for (size_t u = 0; u < 2 && u < n; u++) l->alpha[u] = log_y(l, 0, u);
  for (size_t t = 1; t < l->length; t++) {
    const double *before = l->alpha + (t - 1) * n;
    size_t begin, end;
    reach(l, t, &begin, &end);
    for (size_t u = begin; u < end; u++) {
      double sum = l->merge || u % 2 == 0 ? before[u] : -INFINITY;
      if (u > 0) sum = sum_of(l, sum, before[u - 1]);
      if (u > 1 && may_skip(l, u, u - 2)) sum = sum_of(l, sum, before[u - 2]);
      l->alpha[t * n + u] = rounded(l, log_y(l, t, u) + sum);
    }
  }
}

static void backward(const loss *l) {
  const size_t n = l->state_count, last = l->length - 1;
  for (size_t i = 0; i < l->length * n; i++) l->beta[i] = -INFINITY;
  for (size_t u = n > 2 ? n - 2 : 0; u < n; u++) l->beta[last * n + u] = 0;
  for (size_t t = last; t-- > 0;) {
    const double *after = l->beta + (t + 1) * n;
    size_t begin, end;
    reach(l, t, &begin, &end);
    for (size_t u = begin; u < end; u++) {
      double sum = -INFINITY;
      for (size_t step = 0; step < 3 && u + step < n; step++) {
        if (step == 0 && !l->merge && u % 2 == 1) continue;
        if (step == 2 && !may_skip(l, u, u + 2)) continue;
        sum = sum_of(l, sum,
                     rounded(l, after[u + step] + log_y(l, t + 1, u + step)));
      }
      l->beta[t * n + u] = sum;
    }
  }
}

static void put(firn_tensor *out, size_t i, double x) {
  if (out->dtype == FIRN_FLOAT)
    ((float *)out->data)[i] = (float)x;
  else
    ((double *)out->data)[i] = x;
}

/* Without any way through, the gradient is the softmax itself. */
static void put_gradient(const loss *l, double total) {
  for (size_t t = 0; t < l->length; t++) {
    const double *y = l->y + t * l->classes;
    for (size_t i = 0; i < l->classes; i++) l->sums[i] = -INFINITY;
    for (size_t u = 0; u < l->state_count; u++) {
      const size_t at = t * l->state_count + u;
      double *sum = &l->sums[l->states[u]];
      *sum = sum_of(l, *sum, rounded(l, l->alpha[at] + l->beta[at]));
    }
    for (size_t i = 0; i < l->classes; i++) {
      const double share =
          total == -INFINITY
              ? 0
              : (double)expf((float)rounded(l, l->sums[i] - total));
      put(l->run->out[1], place(l, t) + i, y[i] - share);
    }
  }
}

/* ---- Labels ------------------------------------------------------------- */

/* Checks the labels and puts blanks around them. A label at or above the blank
 * ends the sequence. */
static firn_code make_states(loss *l, bool ignore, firn_error *err) {
  const bool collapse =
      firn_attr_bool_or(l->run->node, "preprocess_collapse_repeated", false);
  const int32_t blank = (int32_t)l->classes - 1;
  bool ended = false;
  if (l->label_count == 0)
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "sequence %zu has no labels",
                     l->item);
  l->state_count = 0;
  for (size_t i = 0; i < l->label_count; i++) {
    const int32_t label = l->labels[i];
    if (i && collapse && label == l->labels[i - 1]) continue;
    if (label < 0 || (label < blank && ended))
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "label %zu of sequence %zu is %d%s", i, l->item, label,
                       label < 0 ? "" : ", behind a blank");
    ended |= label >= blank;
    if (ended) continue;
    l->states[l->state_count++] = blank;
    l->states[l->state_count++] = label;
  }
  l->states[l->state_count++] = blank;
  if (!ignore && l->label_count > l->length)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "sequence %zu has %zu labels in %zu moments", l->item,
                     l->label_count, l->length);
  return FIRN_OK;
}

/* Indices must be sorted, within the batch, and no two the same. */
static firn_code check_indices(const firn_run *run, firn_error *err) {
  const int64_t *at = run->in[1]->data;
  const int64_t batch = run->in[0]->shape.dims[1];
  for (size_t i = 0; i < run->in[2]->count; i++, at += 2) {
    const bool sorted =
        i == 0 || at[0] > at[-2] || (at[0] == at[-2] && at[1] > at[-1]);
    if (at[0] < 0 || at[0] >= batch || at[1] < 0 || !sorted)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "labels_indices[%zu] = [%lld, %lld] is %s", i,
                       (long long)at[0], (long long)at[1],
                       sorted ? "outside the batch" : "out of order");
  }
  return FIRN_OK;
}

static firn_code next_sequence(loss *l, size_t *next, bool ignore,
                               firn_error *err) {
  const int64_t *at = l->run->in[1]->data;
  const int32_t *lengths = l->run->in[3]->data;
  const int32_t length = lengths[l->item];
  if (length < 0 || (size_t)length > l->time)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "sequence_length[%zu] = %d is not in [0, %zu]", l->item,
                     length, l->time);
  l->length = (size_t)length;
  l->labels = (const int32_t *)l->run->in[2]->data + *next;
  l->label_count = 0;
  while (*next < l->run->in[2]->count && at[2 * *next] == (int64_t)l->item)
    ++*next, l->label_count++;
  return make_states(l, ignore, err);
}

static firn_code compute(loss *l, firn_error *err) {
  const bool ignore = firn_attr_bool_or(
      l->run->node, "ignore_longer_outputs_than_inputs", false);
  size_t next = 0;
  for (l->item = 0; l->item < l->batch; l->item++) {
    FIRN_TRY(next_sequence(l, &next, ignore, err));
    if (l->length == 0 || (ignore && l->label_count > l->length)) continue;
    for (size_t t = 0; t < l->length; t++) softmax(l, t);
    forward(l);
    backward(l);
    double total = -INFINITY;
    for (size_t u = 0; u < l->state_count; u++)
      total = sum_of(l, total, rounded(l, l->alpha[u] + l->beta[u]));
    put(l->run->out[0], l->item, -total);
    put_gradient(l, total);
  }
  return FIRN_OK;
}

static firn_code drive_loss(const firn_run *run, firn_error *err) {
  const int64_t *dims = run->in[0]->shape.dims;
  loss l = {.run = run,
            .narrow = run->in[0]->dtype == FIRN_FLOAT,
            .merge = firn_attr_bool_or(run->node, "ctc_merge_repeated", true),
            .time = (size_t)dims[0],
            .batch = (size_t)dims[1],
            .classes = (size_t)dims[2]};
  FIRN_TRY(check_indices(run, err));
  memset(run->out[0]->data, 0, firn_tensor_bytes(run->out[0]));
  memset(run->out[1]->data, 0, firn_tensor_bytes(run->out[1]));
  /* labels beyond the moments never come to be computed */
  const size_t states = 2 * run->in[2]->count + 1;
  const firn_shape ways = {2, {dims[0], (int64_t)(2 * states)}};
  FIRN_TRY(firn_tensor_within(FIRN_DOUBLE, &ways, &run->env->limits, err));
  const size_t count = l.time * (l.classes + 2 * states) + l.classes + states;
  const size_t bytes = count * sizeof(double);
  l.y = firn_new(&run->env->alloc, bytes);
  if (!l.y) return firn_oom(err, bytes);
  l.alpha = l.y + l.time * l.classes;
  l.beta = l.alpha + l.time * states;
  l.sums = l.beta + l.time * states;
  l.states = (int64_t *)(l.sums + l.classes);
  const firn_code code = compute(&l, err);
  firn_delete(&run->env->alloc, l.y, bytes);
  return code;
}

static const firn_kernel loss_kernels[] = {
    {.types = {{"T", FIRN_BIT(FIRN_FLOAT) | FIRN_BIT(FIRN_DOUBLE)}},
     .drive = drive_loss},
    {.drive = NULL},
};

static const firn_op ops[] = {
    {"CTCLoss", infer_loss, loss_kernels, 0},
};

FIRN_OP_FAMILY(ctc_loss, ops);
