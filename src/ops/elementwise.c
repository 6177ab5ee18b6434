/* ops/elementwise.c: drives the rows of elementwise ops. */
#include "ops/elementwise.h"

#include "ops/broadcast.h"
#include "ops/micro/micro.h"
#include "ops/widen.h"

enum { BLOCK = 256, LARGEST = 24 /* bytes: a string */ };

/* ---- One operand -------------------------------------------------------- */

typedef struct job1 {
  firn_row1 row;
  void (*micro)(const float *x, float *y, size_t n);
  firn_dtype in, out;
  const char *x;
  char *y;
} job1;

static void row1(const job1 *j, const void *x, void *y, size_t n) {
  if (j->micro)
    j->micro(x, y, n);
  else
    j->row(x, y, n);
}

static void widened1(const job1 *j, const char *x, char *y, size_t n) {
  float wide[BLOCK], result[BLOCK];
  const bool narrow = firn_is_short_float(j->out);
  const size_t size = firn_dtype_size(j->out);
  for (size_t i = 0; i < n; i += BLOCK) {
    const size_t some = firn_min_size(BLOCK, n - i);
    firn_widen(j->in, x + i * 2, wide, some);
    row1(j, wide, narrow ? (void *)result : y + i * size, some);
    if (narrow) firn_narrow(j->out, result, y + i * size, some);
  }
}

static void piece1(void *ctx, size_t begin, size_t end) {
  const job1 *j = ctx;
  const char *x = j->x + begin * firn_dtype_size(j->in);
  char *y = j->y + begin * firn_dtype_size(j->out);
  if (firn_is_short_float(j->in))
    widened1(j, x, y, end - begin);
  else
    row1(j, x, y, end - begin);
}

firn_code firn_drive_rows1(const firn_run *run, firn_error *err) {
  const firn_rows1 *rows = run->kernel->micro.table;
  const firn_tensor *x = run->in[0];
  firn_tensor *y = run->out[0];
  FIRN_UNUSED(err);
  job1 j = {.in = x->dtype, .out = y->dtype, .x = x->data, .y = y->data};
  const bool wide = firn_is_short_float(x->dtype);
  j.row = rows->row[wide ? FIRN_FLOAT : x->dtype];
  if (rows->micro && (wide || x->dtype == FIRN_FLOAT))
    j.micro = firn_micro_pick(run->cpu)->unary[rows->micro - 1];
  const size_t grain = rows->grain ? rows->grain : FIRN_SPAN_GRAIN;
  firn_parallel_for(run->pool, x->count, grain, piece1, &j);
  return FIRN_OK;
}

/* ---- Two operands ------------------------------------------------------- */

typedef void (*micro2)(const float *a, const float *b, float *y, size_t n);

typedef struct job2 {
  firn_row2 row;
  const micro2 *micro; /* by firn_form, or NULL */
  firn_dtype in, out;
  size_t in_size, out_size;
} job2;

static firn_form form_of(const firn_span *s) {
  if (s->n == 1 || (s->step[0] && s->step[1])) return FIRN_BOTH;
  return s->step[0] ? FIRN_RIGHT_SCALAR : FIRN_LEFT_SCALAR;
}

static void row2(const job2 *j, const void *a, const void *b, void *y,
                 size_t n) {
  if (j->micro)
    j->micro[FIRN_BOTH](a, b, y, n);
  else
    j->row(a, b, y, n);
}

/* The next elements of an operand as the row wants them: widened, and repeated
 * where it is one number (which is done once, at the first block). */
static const void *operand(const job2 *j, const firn_span *s, int k, size_t at,
                           size_t n, void *buffer) {
  const char *from = s->in[k];
  const bool wide = firn_is_short_float(j->in);
  if (s->step[k]) {
    from += at * j->in_size;
    if (!wide) return from;
    firn_widen(j->in, from, buffer, n);
  } else if (at == 0) {
    const size_t size = wide ? sizeof(float) : j->in_size;
    char *to = buffer;
    if (wide)
      firn_widen(j->in, from, buffer, 1);
    else
      memcpy(to, from, size);
    for (size_t i = 1; i < n; i++) memcpy(to + i * size, to, size);
  }
  return buffer;
}

static void blocks2(const job2 *j, const firn_span *s) {
  _Alignas(64) char buffer[2][BLOCK * LARGEST];
  float result[BLOCK];
  const bool narrow = firn_is_short_float(j->out);
  for (size_t at = 0; at < s->n; at += BLOCK) {
    const size_t n = firn_min_size(BLOCK, s->n - at);
    const void *a = operand(j, s, 0, at, n, buffer[0]);
    const void *b = operand(j, s, 1, at, n, buffer[1]);
    char *y = (char *)s->out + at * j->out_size;
    row2(j, a, b, narrow ? (void *)result : y, n);
    if (narrow) firn_narrow(j->out, result, y, n);
  }
}

static void span2(void *ctx, const firn_span *s) {
  const job2 *j = ctx;
  const firn_form form = form_of(s);
  if (firn_is_short_float(j->in))
    blocks2(j, s);
  else if (j->micro)
    j->micro[form](s->in[0], s->in[1], s->out, s->n);
  else if (form == FIRN_BOTH)
    j->row(s->in[0], s->in[1], s->out, s->n);
  else
    blocks2(j, s);
}

firn_code firn_drive_rows2(const firn_run *run, firn_error *err) {
  const firn_rows2 *rows = run->kernel->micro.table;
  const firn_dtype in = run->in[0]->dtype, out = run->out[0]->dtype;
  if (run->out[0]->count == 0) return FIRN_OK;
  if (rows->check) FIRN_TRY(rows->check(run, err));
  job2 j = {.in = in,
            .out = out,
            .in_size = firn_dtype_size(in),
            .out_size = firn_dtype_size(out)};
  const bool wide = firn_is_short_float(in);
  j.row = rows->row[wide ? FIRN_FLOAT : in];
  if (rows->micro && (wide || in == FIRN_FLOAT))
    j.micro = firn_micro_pick(run->cpu)->binary[rows->micro - 1];
  firn_broadcast_inputs(run, 2, rows->grain ? rows->grain : FIRN_SPAN_GRAIN,
                        span2, &j);
  return FIRN_OK;
}
