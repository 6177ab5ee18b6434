/* ops/add_n.c: AddN and AccumulateNV2, the sum of many tensors of one shape.
 *
 * A block of every input is added up before the next block is looked at: the
 * output may lie over any input, and is written once.
 */
#include "base/complex.h"

#include "ops/elementwise.h"
#include "ops/list_math.h"
#include "ops/micro/micro.h"
#include "ops/widen.h"

enum { BLOCK = 1024 };

#define SUM(NAME, T) FIRN_ROW2(NAME, T, num, a + b)
SUM(add_f32, float)
SUM(add_f64, double)
SUM(add_c64, float complex)
SUM(add_c128, double complex)
SUM(add_8, uint8_t)
SUM(add_16, uint16_t)
SUM(add_32, uint32_t)
SUM(add_64, uint64_t)

/* Integers wrap around, which is the same signed or not. */
static firn_row2 add_row(firn_dtype dtype) {
  switch ((int)dtype) {
    case FIRN_HALF:
    case FIRN_BFLOAT16:
    case FIRN_FLOAT: return add_f32;
    case FIRN_DOUBLE: return add_f64;
    case FIRN_COMPLEX64: return add_c64;
    case FIRN_COMPLEX128: return add_c128;
    default: break;
  }
  switch (firn_dtype_size(dtype)) {
    case 1: return add_8;
    case 2: return add_16;
    case 4: return add_32;
    default: return add_64;
  }
}

typedef struct job {
  const firn_run *run;
  firn_row2 add;
  const firn_micro *micro; /* for float */
  firn_dtype dtype;
  size_t size;
} job;

static void add(const job *j, const void *a, const void *b, void *y, size_t n) {
  if (j->micro)
    j->micro->binary[FIRN_ADD][FIRN_BOTH](a, b, y, n);
  else
    j->add(a, b, y, n);
}

/* Sums elements [at, at + n) of all inputs, in their order. The last one is
 * added straight into the output, which may be any of them. */
static void add_block(const job *j, size_t at, size_t n) {
  const firn_run *run = j->run;
  _Alignas(64) char sum[BLOCK * 16];
  char *out = (char *)run->out[0]->data + at * j->size;
  const void *so_far = (const char *)run->in[0]->data + at * j->size;
  if (run->in_count == 1) memmove(out, so_far, n * j->size);
  for (size_t i = 1; i < run->in_count; i++) {
    void *to = i + 1 < run->in_count ? sum : out;
    add(j, so_far, (const char *)run->in[i]->data + at * j->size, to, n);
    so_far = to;
  }
}

/* The same, widened and rounded once. */
static void add_short_block(const job *j, size_t at, size_t n) {
  const firn_run *run = j->run;
  float sum[BLOCK], wide[BLOCK];
  for (size_t i = 0; i < run->in_count; i++) {
    const char *x = (const char *)run->in[i]->data + at * j->size;
    firn_widen(j->dtype, x, i ? wide : sum, n);
    if (i) add(j, sum, wide, sum, n);
  }
  firn_narrow(j->dtype, sum, (char *)run->out[0]->data + at * j->size, n);
}

static void add_piece(void *ctx, size_t begin, size_t end) {
  const job *j = ctx;
  for (size_t at = begin; at < end; at += BLOCK)
    (firn_is_short_float(j->dtype) ? add_short_block : add_block)(
        j, at, firn_min_size(BLOCK, end - at));
}

static firn_code drive_add_n(const firn_run *run, firn_error *err) {
  const firn_tensor *out = run->out[0];
  FIRN_UNUSED(err);
  job j = {run, add_row(out->dtype), NULL, out->dtype,
           firn_dtype_size(out->dtype)};
  if (out->dtype == FIRN_FLOAT) j.micro = firn_micro_pick(run->cpu);
  if (out->count) firn_parallel_for(run->pool, out->count, 8192, add_piece, &j);
  return FIRN_OK;
}

static firn_code infer_add_n(firn_infer *q, firn_error *err) {
  firn_shape shape = q->in[0].shape;
  for (size_t i = 1; i < q->in_count; i++) {
    const firn_code code =
        firn_shape_merge(&shape, &q->in[i].shape, &shape, err);
    if (code != FIRN_OK)
      return firn_while(err, code, "inputs[%zu] is not like the ones before",
                        i);
  }
  q->out[0].shape = shape;
  q->out[0].handle_dtype = q->in[0].handle_dtype;
  q->out[0].handle_shape = q->in[0].handle_shape;
  return FIRN_OK;
}

static firn_code infer_accumulate(firn_infer *q, firn_error *err) {
  firn_shape shape;
  FIRN_TRY(infer_add_n(q, err));
  FIRN_TRY(firn_attr_shape(q->node, "shape", &shape, err));
  const firn_code code =
      firn_shape_merge(&shape, &q->out[0].shape, &q->out[0].shape, err);
  if (code != FIRN_OK)
    return firn_while(err, code, "the inputs are not of attr 'shape'");
  return FIRN_OK;
}

static const firn_kernel add_n[] = {
    {.types = {{"T", FIRN_NUMBERS}}, .drive = drive_add_n},
    {.types = {{"T", FIRN_BIT(FIRN_VARIANT)}}, .drive = firn_drive_add_lists},
    {.drive = NULL},
};

static const firn_op ops[] = {
    {"AddN", infer_add_n, add_n, FIRN_OP_IN_PLACE},
    {"AccumulateNV2", infer_accumulate, add_n, FIRN_OP_IN_PLACE},
};

FIRN_OP_FAMILY(add_n, ops);
