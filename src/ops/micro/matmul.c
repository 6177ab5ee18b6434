/* ops/micro/matmul.c: matrix products, packed and plain. */
#include "ops/micro/matmul.h"

#include <math.h>
#include <stdatomic.h>

#include "base/alloc.h"
#include "ops/micro/product.h"

static void find_plain(const void *ctx, size_t row, size_t rows, size_t tap,
                       size_t taps, size_t k, const float **out) {
  const firn_matrix *a = ctx;
  FIRN_UNUSED(tap);
  FIRN_UNUSED(taps);
  for (size_t r = 0; r < rows; r++)
    out[r] = a->data + (row + r) * a->stride + k;
}

size_t firn_matmul_pack_size(const firn_micro *micro, size_t k, size_t n) {
  return firn_panels_size(micro, k, n) * sizeof(float);
}

void firn_matmul_pack(const firn_micro *micro, firn_matrix b, size_t k,
                      size_t n, const float *scale, float *packed) {
  firn_panels_pack(micro, b, k, n, scale, packed, NULL);
}

size_t firn_matmul_workspace(size_t m, size_t k, bool a_transposed) {
  return a_transposed ? m * k * sizeof(float) : 0;
}

void firn_matmul_run(const firn_micro *micro, size_t m, size_t k, size_t n,
                     firn_matrix a, const float *packed,
                     const firn_epilogue *epilogue, float *y, size_t y_stride,
                     void *scratch, firn_pool *pool) {
  if (a.transposed) {
    firn_transpose(a.data, a.stride, m, k, scratch, k);
    a = (firn_matrix){scratch, k, false};
  }
  const firn_product product = {
      .micro = micro,
      .rows = m,
      .columns = n,
      .taps = 1,
      .depth = k,
      .find = find_plain,
      .ctx = &a,
      .packed = packed,
      .epilogue = *epilogue,
      .y = y,
      .y_stride = y_stride,
  };
  firn_product_run(&product, pool);
}

/* ---- Plain right sides. -------------------------------------------------- */

/* Below so many rows, packing b costs more than it saves. */
enum { ROWS_WORTH_PACKING = 6 };

enum { ITEM_WORK = 1 << 16 }; /* multiplications worth waking a thread for */

typedef struct batch_job {
  const firn_micro *micro;
  firn_matmul_batches b;
  float *scratch;
  size_t slots, slot_size; /* floats */
  atomic_size_t next;
} batch_job;

static size_t align_floats(size_t n) { return (n + 15) / 16 * 16; }

static size_t slot_floats(const firn_micro *micro,
                          const firn_matmul_batches *b) {
  size_t floats = 0;
  if (b->m >= ROWS_WORTH_PACKING)
    floats += align_floats(firn_panels_size(micro, b->k, b->n));
  if (b->a.transposed) floats += align_floats(b->m * b->k);
  return floats;
}

static size_t slots_of(const firn_matmul_batches *b, int threads) {
  return firn_min_size(b->count, threads > 1 ? (size_t)threads : 1);
}

/* Products that share b and lie row after row are one product of more rows. */
static void join(firn_matmul_batches *b) {
  if (b->b_step != 0 || b->a.transposed || b->a_step != b->m * b->a.stride ||
      b->y_step != b->m * b->y_stride)
    return;
  b->m *= b->count;
  b->count = 1;
}

size_t firn_matmul_batch_workspace(const firn_micro *micro,
                                   const firn_matmul_batches *batches,
                                   int threads) {
  firn_matmul_batches joined = *batches;
  join(&joined);
  return slots_of(&joined, threads) * slot_floats(micro, &joined) *
         sizeof(float);
}

/* A strip of columns of y for all the rows, so that b is read once. */
typedef struct few_rows {
  const firn_micro *micro;
  const firn_matmul_batches *b;
  firn_matrix left, right;
  float *y;
} few_rows;

enum { COLUMNS = 64 };

static void run_strip(const few_rows *f, size_t first) {
  const firn_matmul_batches *b = f->b;
  const firn_matrix *right = &f->right;
  const size_t n = firn_min_size(COLUMNS, b->n - first);
  const float *from =
      right->data + first * (right->transposed ? right->stride : 1);
  for (size_t r = 0; r < b->m; r++) {
    const float *row = f->left.data + r * f->left.stride;
    float *y = f->y + r * b->y_stride + first;
    if (right->transposed)
      f->micro->row_dots(row, b->k, from, right->stride, y, n);
    else
      f->micro->row_times(row, b->k, from, right->stride, y, n);
  }
}

static void run_strips(void *ctx, size_t begin, size_t end) {
  for (size_t i = begin; i < end; i++) run_strip(ctx, i * COLUMNS);
}

static void run_few_rows(few_rows *f, firn_pool *pool) {
  const size_t work = f->b->m * f->b->k * COLUMNS;
  firn_parallel_for(pool, (f->b->n + COLUMNS - 1) / COLUMNS,
                    ITEM_WORK / (work + 1) + 1, run_strips, f);
}

static void run_one(const firn_micro *micro, const firn_matmul_batches *b,
                    size_t i, float *scratch, firn_pool *pool) {
  static const firn_epilogue plain = {.min = -INFINITY, .max = INFINITY};
  firn_matrix left = b->a, right = b->b;
  float *y = b->y + i * b->y_step;
  left.data += i * b->a_step;
  right.data += i * b->b_step;
  if (left.transposed) {
    firn_transpose(left.data, left.stride, b->m, b->k, scratch, b->k);
    left = (firn_matrix){scratch, b->k, false};
    scratch += align_floats(b->m * b->k);
  }
  if (b->m < ROWS_WORTH_PACKING) {
    few_rows few = {micro, b, left, right, y};
    run_few_rows(&few, pool);
    return;
  }
  firn_panels_pack(micro, right, b->k, b->n, NULL, scratch, pool);
  firn_matmul_run(micro, b->m, b->k, b->n, left, scratch, &plain, y,
                  b->y_stride, NULL, pool);
}

static void run_slots(void *ctx, size_t begin, size_t end) {
  batch_job *j = ctx;
  for (size_t slot = begin; slot < end; slot++) {
    float *scratch = j->scratch + slot * j->slot_size;
    for (size_t i; (i = atomic_fetch_add(&j->next, 1)) < j->b.count;)
      run_one(j->micro, &j->b, i, scratch, NULL);
  }
}

void firn_matmul_batch(const firn_micro *micro,
                       const firn_matmul_batches *batches, void *scratch,
                       firn_pool *pool) {
  batch_job j = {.micro = micro, .b = *batches, .scratch = scratch};
  const int threads = pool ? firn_pool_threads(pool) : 1;
  join(&j.b);
  j.slots = slots_of(&j.b, threads);
  j.slot_size = slot_floats(micro, &j.b);
  if (j.b.count < (size_t)threads) {
    for (size_t i = 0; i < j.b.count; i++)
      run_one(micro, &j.b, i, scratch, pool);
    return;
  }
  firn_parallel_for(pool, j.slots, 1, run_slots, &j);
}
