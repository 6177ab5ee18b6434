/* ops/broadcast.c: the one loop of all ops whose operands broadcast. */
#include "ops/broadcast.h"

enum {
  BLOCK = 256,    /* elements gathered at a time              */
  LEAST_RUN = 32, /* innermost extents below this are gathered */
  LARGEST = 16,   /* bytes of an element that may be gathered  */
};

/* ---- What is left of the shapes ----------------------------------------- */

static void natural_strides(const firn_shape *shape, int rank,
                            int64_t *strides) {
  int64_t step = 1;
  for (int i = rank - 1; i >= 0; i--) {
    const int axis = i - (rank - shape->rank);
    const int64_t dim = axis < 0 ? 1 : shape->dims[axis];
    strides[i] = dim == 1 ? 0 : step;
    step *= dim;
  }
}

/* Whether axis `i` goes on where the last one kept ends, in every operand. */
static bool joins(const firn_broadcast *b, const int64_t (*s)[FIRN_MAX_RANK],
                  int i, int64_t dim) {
  if (b->rank == 0) return false;
  for (int k = 0; k < b->count; k++)
    if (b->strides[k][b->rank - 1] != s[k][i] * dim) return false;
  return true;
}

void firn_broadcast_init(firn_broadcast *b, const firn_shape *out,
                         const firn_shape *const *in, int count) {
  int64_t s[FIRN_OPERANDS][FIRN_MAX_RANK];
  *b = (firn_broadcast){.count = count};
  b->total = (size_t)firn_shape_product(out, 0, out->rank);
  if (b->total == 0) return;
  for (int k = 0; k < count; k++) natural_strides(in[k], out->rank, s[k]);
  for (int i = 0; i < out->rank; i++) {
    const int64_t dim = out->dims[i];
    if (dim == 1) continue;
    if (joins(b, (const int64_t(*)[FIRN_MAX_RANK])s, i, dim))
      b->dims[b->rank - 1] *= dim;
    else
      b->dims[b->rank++] = dim;
    for (int k = 0; k < count; k++) b->strides[k][b->rank - 1] = s[k][i];
  }
  if (b->rank == 0) b->dims[b->rank++] = 1;
}

/* ---- Walking ------------------------------------------------------------ */

typedef struct job {
  const firn_broadcast *b;
  firn_span_fn body;
  void *ctx;
} job;

/* Where the walk stands: the index along each axis, and where that is in each
 * operand. */
typedef struct cursor {
  int64_t index[FIRN_MAX_RANK];
  int64_t offset[FIRN_OPERANDS];
} cursor;

static cursor cursor_at(const firn_broadcast *b, size_t at) {
  cursor c = {.offset = {0}};
  for (int i = b->rank - 1; i >= 0; i--) {
    c.index[i] = (int64_t)(at % (size_t)b->dims[i]);
    at /= (size_t)b->dims[i];
    for (int k = 0; k < b->count; k++)
      c.offset[k] += c.index[i] * b->strides[k][i];
  }
  return c;
}

static size_t left_in_run(const firn_broadcast *b, const cursor *c) {
  return (size_t)(b->dims[b->rank - 1] - c->index[b->rank - 1]);
}

/* Goes n elements on, n at most what is left of the innermost axis. */
static void cursor_move(const firn_broadcast *b, cursor *c, size_t n) {
  int i = b->rank - 1;
  c->index[i] += (int64_t)n;
  for (int k = 0; k < b->count; k++)
    c->offset[k] += (int64_t)n * b->strides[k][i];
  while (i > 0 && c->index[i] == b->dims[i]) {
    c->index[i] = 0;
    for (int k = 0; k < b->count; k++)
      c->offset[k] += b->strides[k][i - 1] - b->dims[i] * b->strides[k][i];
    c->index[--i]++;
  }
}

static const void *element(const firn_operand *in, int64_t offset) {
  return (const char *)in->data + (size_t)offset * in->size;
}

static void run_rows(const job *j, size_t begin, size_t end) {
  const firn_broadcast *b = j->b;
  cursor c = cursor_at(b, begin);
  while (begin < end) {
    firn_span span = {.n = firn_min_size(left_in_run(b, &c), end - begin)};
    span.out = (char *)b->out + begin * b->out_size;
    for (int k = 0; k < b->count; k++) {
      span.in[k] = element(&b->in[k], c.offset[k]);
      span.step[k] = (size_t)b->strides[k][b->rank - 1];
    }
    j->body(j->ctx, &span);
    begin += span.n;
    cursor_move(b, &c, span.n);
  }
}

/* ---- Gathering ---------------------------------------------------------- */

/* How an operand gets into a span: it may lie there as it is, be one number,
 * come round again every `period` elements, or be neither. */
typedef enum way { DIRECT, SINGLE, PERIODIC, SCATTERED } way;

static way way_of(const firn_broadcast *b, int k, size_t *period) {
  int64_t natural = 1;
  int i = b->rank - 1;
  while (i >= 0 && b->strides[k][i] == natural) natural *= b->dims[i--];
  *period = (size_t)natural;
  if (i < 0) return DIRECT;
  while (i >= 0 && b->strides[k][i] == 0) i--;
  if (i >= 0) return SCATTERED;
  if (natural == 1) return SINGLE;
  return natural <= BLOCK ? PERIODIC : SCATTERED;
}

static void copy_run(char *to, const char *from, size_t size, size_t n,
                     size_t step) {
  switch (step ? 0 : size) {
    case 0: memcpy(to, from, n * size); break;
    case 1: memset(to, *from, n); break;
    case 4:
      for (size_t i = 0; i < n; i++) memcpy(to + i * 4, from, 4);
      break;
    case 8:
      for (size_t i = 0; i < n; i++) memcpy(to + i * 8, from, 8);
      break;
    default:
      for (size_t i = 0; i < n; i++) memcpy(to + i * size, from, size);
  }
}

/* n elements of operand k, from the place of the cursor on. */
static void gather(const firn_broadcast *b, int k, cursor c, size_t n,
                   char *to) {
  const size_t size = b->in[k].size;
  const size_t step = (size_t)b->strides[k][b->rank - 1];
  while (n > 0) {
    const size_t run = firn_min_size(left_in_run(b, &c), n);
    copy_run(to, element(&b->in[k], c.offset[k]), size, run, step);
    to += run * size;
    n -= run;
    cursor_move(b, &c, run);
  }
}

static void run_gathered(const job *j, size_t begin, size_t end) {
  const firn_broadcast *b = j->b;
  _Alignas(64) char buffer[FIRN_OPERANDS][BLOCK * LARGEST];
  way ways[FIRN_OPERANDS];
  size_t period, longest = 1;
  for (int k = 0; k < b->count; k++) {
    ways[k] = way_of(b, k, &period);
    if (ways[k] == PERIODIC) longest = firn_max_size(longest, period);
  }
  /* Every period divides the longest one: each is a product of extents. */
  const size_t block = BLOCK / longest * longest;
  cursor c = cursor_at(b, begin);
  for (int k = 0; k < b->count; k++)
    if (ways[k] == PERIODIC)
      gather(b, k, c, firn_min_size(block, end - begin), buffer[k]);
  while (begin < end) {
    firn_span span = {.n = firn_min_size(block, end - begin)};
    span.out = (char *)b->out + begin * b->out_size;
    for (int k = 0; k < b->count; k++) {
      span.step[k] = ways[k] != SINGLE;
      span.in[k] = buffer[k];
      if (ways[k] == DIRECT) span.in[k] = element(&b->in[k], (int64_t)begin);
      if (ways[k] == SINGLE) span.in[k] = b->in[k].data;
      if (ways[k] == SCATTERED) gather(b, k, c, span.n, buffer[k]);
    }
    j->body(j->ctx, &span);
    begin += span.n;
    if (begin < end) c = cursor_at(b, begin);
  }
}

static void run_piece(void *ctx, size_t begin, size_t end) {
  const job *j = ctx;
  const firn_broadcast *b = j->b;
  bool small = b->rank > 1 && b->dims[b->rank - 1] < LEAST_RUN;
  for (int k = 0; k < b->count; k++) small &= b->in[k].size <= LARGEST;
  if (small)
    run_gathered(j, begin, end);
  else
    run_rows(j, begin, end);
}

void firn_broadcast_run(const firn_broadcast *b, firn_pool *pool, size_t grain,
                        firn_span_fn body, void *ctx) {
  job j = {b, body, ctx};
  if (b->total > 0) firn_parallel_for(pool, b->total, grain, run_piece, &j);
}

void firn_broadcast_inputs(const firn_run *run, int count, size_t grain,
                           firn_span_fn body, void *ctx) {
  const firn_shape *shapes[FIRN_OPERANDS] = {NULL};
  firn_broadcast b;
  for (int k = 0; k < count; k++) shapes[k] = &run->in[k]->shape;
  firn_broadcast_init(&b, &run->out[0]->shape, shapes, count);
  for (int k = 0; k < count; k++)
    b.in[k] =
        (firn_operand){run->in[k]->data, firn_dtype_size(run->in[k]->dtype)};
  b.out = run->out[0]->data;
  b.out_size = firn_dtype_size(run->out[0]->dtype);
  firn_broadcast_run(&b, run->pool, grain, body, ctx);
}
