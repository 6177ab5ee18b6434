/* ops/column_sums.c: sums down the columns of a matrix of floats. */
#include "ops/column_sums.h"

#include <string.h>

enum { BLOCK_ROWS = 128, STRIP = 64 }; /* a strip of sums lies in registers */

typedef struct job {
  const firn_columns *c; /* of one shape */
  size_t count;
  float *sums; /* blocks x count x columns */
} job;

typedef struct turn_job {
  const firn_columns *c;
  float *out;
} turn_job;

static size_t blocks_of(size_t rows) {
  return (rows + BLOCK_ROWS - 1) / BLOCK_ROWS;
}

size_t firn_column_sums_workspace(size_t rows, size_t columns) {
  return blocks_of(rows) * columns * sizeof(float);
}

static void add_row(const firn_columns *c, size_t row, size_t at, size_t n,
                    float *sums) {
  const float *x = c->x + row * c->columns + at;
  const float *minus = c->minus ? c->minus + at : NULL;
  const float *times = c->times ? c->times + row * c->columns + at : NULL;
  if (!minus && !times)
    for (size_t i = 0; i < n; i++) sums[i] += x[i];
  else if (!minus)
    for (size_t i = 0; i < n; i++) sums[i] += x[i] * times[i];
  else if (times == x)
    for (size_t i = 0; i < n; i++)
      sums[i] += (x[i] - minus[i]) * (x[i] - minus[i]);
  else if (times)
    for (size_t i = 0; i < n; i++) sums[i] += (x[i] - minus[i]) * times[i];
  else
    for (size_t i = 0; i < n; i++) sums[i] += x[i] - minus[i];
}

static void sum_block(const firn_columns *c, size_t first, size_t last,
                      float *out) {
  for (size_t at = 0; at < c->columns; at += STRIP) {
    const size_t n = firn_min_size(c->columns - at, STRIP);
    float sums[STRIP] = {0};
    for (size_t r = first; r < last; r++) add_row(c, r, at, n, sums);
    memcpy(out + at, sums, n * sizeof *sums);
  }
}

static void sum_blocks(void *ctx, size_t begin, size_t end) {
  const job *j = ctx;
  for (size_t b = begin; b < end; b++) {
    const size_t first = b * BLOCK_ROWS;
    const size_t last = firn_min_size(first + BLOCK_ROWS, j->c->rows);
    for (size_t k = 0; k < j->count; k++)
      sum_block(&j->c[k], first, last,
                j->sums + (b * j->count + k) * j->c->columns);
  }
}

static void sum_all(const job *j, double *const *out, firn_pool *pool) {
  enum { WORK = 1 << 14 };
  const size_t columns = j->c->columns, blocks = blocks_of(j->c->rows);
  if (blocks)
    firn_parallel_for(pool, blocks,
                      WORK / (BLOCK_ROWS * j->count * columns + 1) + 1,
                      sum_blocks, (void *)j);
  for (size_t k = 0; k < j->count; k++) {
    for (size_t i = 0; i < columns; i++) out[k][i] = 0;
    for (size_t b = 0; b < blocks; b++)
      for (size_t i = 0; i < columns; i++)
        out[k][i] += (double)j->sums[(b * j->count + k) * columns + i];
  }
}

void firn_column_sums(const firn_columns *c, double *out, void *scratch,
                      firn_pool *pool) {
  sum_all(&(job){c, 1, scratch}, &out, pool);
}

void firn_column_sums_pair(const firn_columns c[2], double *const out[2],
                           void *scratch, firn_pool *pool) {
  sum_all(&(job){c, 2, scratch}, out, pool);
}

enum { LANES = 8, TURNS = 4, FEW_ROWS = 16, WIDE = 512 };

/* Columns [at, at + n): four sums in turn, then the rows that are left. */
static void sum_in_turn(const firn_columns *c, size_t at, size_t n,
                        float *out) {
  float sums[TURNS][WIDE] = {{0}};
  const size_t whole = c->rows < FEW_ROWS ? 0 : c->rows / TURNS * TURNS;
  for (size_t r = 0; r < whole; r++) add_row(c, r, at, n, sums[r % TURNS]);
  for (size_t t = 1; t < TURNS; t++)
    for (size_t i = 0; i < n; i++) sums[0][i] += sums[t][i];
  for (size_t r = whole; r < c->rows; r++) add_row(c, r, at, n, sums[0]);
  memcpy(out + at, sums[0], n * sizeof *out);
}

static void sum_lanes(void *ctx, size_t begin, size_t end) {
  const turn_job *j = ctx;
  for (size_t at = begin * LANES; at < end * LANES; at += WIDE)
    sum_in_turn(j->c, at, firn_min_size(end * LANES - at, WIDE), j->out);
}

/* Each thread goes along rows as wide as can be: memory is read faster so. */
static size_t lanes_each(const firn_columns *c, size_t lanes, firn_pool *pool) {
  enum { LEAST = 4, WORK = 1 << 14 };
  const size_t each = lanes / (pool ? (size_t)firn_pool_threads(pool) : 1);
  return firn_max_size(firn_max_size(each, LEAST),
                       WORK / (c->rows * LANES + 1) + 1);
}

void firn_column_sums_in_turn(const firn_columns *c, float *out,
                              firn_pool *pool) {
  const size_t lanes = c->columns / LANES, begin = lanes * LANES;
  const size_t left = c->columns - begin;
  float rest[LANES] = {0};
  turn_job j = {c, out};
  firn_parallel_for(pool, lanes, lanes_each(c, lanes, pool), sum_lanes, &j);
  for (size_t r = 0; left && r < c->rows; r++) add_row(c, r, begin, left, rest);
  memcpy(out + begin, rest, left * sizeof *out);
}
