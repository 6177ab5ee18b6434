/* ops/micro/product.h: the loops over tiles that every product shares.
 *
 * A product is rows x columns, its depth is taps x depth numbers. Where the
 * rows of the left side lie is the caller's business: it hands out pointers.
 * The right side is packed in panels of nr columns, a panel's rows one after
 * another; the last panel is half as wide when that is enough.
 */
#ifndef FIRN_OPS_MICRO_PRODUCT_H
#define FIRN_OPS_MICRO_PRODUCT_H

#include "base/pool.h"
#include "ops/micro/matmul.h"

/* A number of a constant that lies in a file, at any address. */
typedef float firn_loose_float __attribute__((aligned(1), may_alias));

/* Longest run of numbers that a pointer to firn_zero_run may stand for. */
enum { FIRN_ZERO_RUN = 512 };
extern const float firn_zero_run[FIRN_ZERO_RUN];

/* Writes taps x rows pointers, to out[t * rows + r]: where the numbers of tap
 * `tap + t` of row `row + r` lie, from the k-th on. */
typedef void firn_find_rows(const void *ctx, size_t row, size_t rows,
                            size_t tap, size_t taps, size_t k,
                            const float **out);

typedef struct firn_product {
  const firn_micro *micro;
  size_t rows, columns, taps, depth;
  firn_find_rows *find;
  const void *ctx;
  const float *packed;
  firn_epilogue epilogue;
  float *y;
  size_t y_stride;
} firn_product;

/* Floats of packed panels, and the packing of b (depth x columns), which may
 * lie at any address. */
size_t firn_panels_size(const firn_micro *micro, size_t depth, size_t columns);
void firn_panels_pack(const firn_micro *micro, firn_matrix b, size_t depth,
                      size_t columns, const float *scale, float *packed,
                      firn_pool *pool);

/* Some rows of one panel: `b` begins with row `first` of `depth` rows; without
 * data it is zeros. */
void firn_panel_pack(const firn_micro *micro, firn_matrix b, size_t panel,
                     size_t first, size_t rows, size_t depth, size_t columns,
                     const float *scale, float *packed);

/* out[i * width + j] = b[j * stride + i], for i < rows and j < columns;
 * b may lie at any address. */
void firn_transpose(const float *b, size_t stride, size_t rows, size_t columns,
                    float *out, size_t width);

/* taps and depth are at least 1; rows or columns may be 0. */
void firn_product_run(const firn_product *product, firn_pool *pool);

#endif
