/* ops/micro/matmul.h: matrix products with a packed or a plain right side.
 *
 *   y[m][n] = sum over k of a[m][k] * b[k][n], then the epilogue
 *
 * A constant b is packed once (firn_matmul_pack) and used by many runs. A b
 * that was just computed goes through firn_matmul_batch, which packs it on the
 * way where that pays.
 *
 * Threads: packed weights are immutable; each run has a scratch of its own.
 */
#ifndef FIRN_OPS_MICRO_MATMUL_H
#define FIRN_OPS_MICRO_MATMUL_H

#include <stdbool.h>

#include "base/pool.h"
#include "ops/micro/micro.h"

/* Where a matrix lies: element (i, j) at data[i * stride + j], or with
 * `transposed` at data[j * stride + i]. */
typedef struct firn_matrix {
  const float *data;
  size_t stride;
  bool transposed;
} firn_matrix;

/* Bytes of a packed b of k x n, and the packing. `scale` multiplies each column
 * (NULL: by one). `packed` is aligned to 64 bytes; b may lie at any address. */
size_t firn_matmul_pack_size(const firn_micro *micro, size_t k, size_t n);
void firn_matmul_pack(const firn_micro *micro, firn_matrix b, size_t k,
                      size_t n, const float *scale, float *packed);

/* Bytes of scratch of firn_matmul_run: 0 unless a is transposed. */
size_t firn_matmul_workspace(size_t m, size_t k, bool a_transposed);

void firn_matmul_run(const firn_micro *micro, size_t m, size_t k, size_t n,
                     firn_matrix a, const float *packed,
                     const firn_epilogue *epilogue, float *y, size_t y_stride,
                     void *scratch, firn_pool *pool);

/* `count` products of plain matrices, one after another in memory. */
typedef struct firn_matmul_batches {
  size_t count, m, k, n;
  firn_matrix a, b;      /* of the first product                      */
  size_t a_step, b_step; /* floats to the next one's; 0 repeats it    */
  float *y;
  size_t y_stride, y_step;
} firn_matmul_batches;

size_t firn_matmul_batch_workspace(const firn_micro *micro,
                                   const firn_matmul_batches *batches,
                                   int threads);
void firn_matmul_batch(const firn_micro *micro,
                       const firn_matmul_batches *batches, void *scratch,
                       firn_pool *pool);

#endif
