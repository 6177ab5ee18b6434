/* ops/matrix_items.h: runs a function on every matrix of a batch.
 *
 * The last two axes of an input are a matrix, the ones before count them; they
 * broadcast when the op has two matrices. The function gets one matrix of each
 * input, loads it as complex doubles into memory of its own, and stores its
 * results. When it returns a reason, the op fails with it.
 *
 * Threads: items run on many threads at once.
 */
#ifndef FIRN_OPS_MATRIX_ITEMS_H
#define FIRN_OPS_MATRIX_ITEMS_H

#include "ops/infer.h"
#include "ops/linalg.h"

typedef struct firn_item {
  const firn_run *run;
  firn_arena *arena; /* emptied after each item */
  const void *in[4];
  void *out[3];
  size_t m, n; /* of the first matrix          */
  size_t k;    /* columns of the last, if many */
  bool short_of_memory;
} firn_item;

/* NULL, or what is wrong with the matrix: "is not invertible". */
typedef const char *(*firn_item_fn)(firn_item *item);

/* The kernel's micro.any is a firn_item_fn (cast). `matrices` is how many of
 * the inputs are matrices. */
firn_code firn_drive_items(const firn_run *run, size_t matrices,
                           firn_error *err);
firn_code firn_drive_matrix(const firn_run *run, firn_error *err);
firn_code firn_drive_matrices(const firn_run *run, firn_error *err);

/* `count` complex numbers; NULL (and item->short_of_memory) when there is no
 * memory. */
firn_complex *firn_item_space(firn_item *item, size_t count);

/* Input i as [rows][columns]. */
firn_complex *firn_item_load(firn_item *item, size_t i, size_t rows,
                             size_t columns);

/* Output i, of any float or complex type. */
void firn_item_store(const firn_item *item, size_t i, const firn_complex *x,
                     size_t count);

/* The precision of the type of input 0. */
double firn_item_epsilon(const firn_item *item);

/* ---- Shapes ------------------------------------------------------------- */

/* Input i has at least two axes, and with `square` the last two are equal.
 * Splits its shape: batch (unknown rank, if so), rows, columns. */
FIRN_CHECKED firn_code firn_infer_matrix(const firn_infer *q, size_t i,
                                         const char *what, bool square,
                                         firn_shape *batch, int64_t *rows,
                                         int64_t *columns, firn_error *err);
/* A batch of matrices; a batch of vectors. */
FIRN_CHECKED firn_code firn_shape_matrices(const firn_shape *batch,
                                           int64_t rows, int64_t columns,
                                           firn_shape *out, firn_error *err);
firn_shape firn_shape_vectors(const firn_shape *batch, int64_t size);

/* Output 0 like input 0, a square matrix. */
firn_code firn_infer_square(firn_infer *q, firn_error *err);

#define FIRN_ITEM_KERNEL(ID, SET, DRIVE, ITEM)                                 \
  static const firn_kernel ID[] = {{.types = {{"T", SET}},                     \
                                    .drive = DRIVE,                            \
                                    .micro = {.any = (void (*)(void))(ITEM)}}, \
                                   {.drive = NULL}}

#endif
