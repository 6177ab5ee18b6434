/* ops/stage.c: bring tensors into the form that inner loops take, and back. */
#include "ops/stage.h"

#include <string.h>

void *firn_scratch_take(firn_scratch *scratch, size_t bytes) {
  const size_t at = scratch->used;
  if (at > SIZE_MAX / 2 || bytes > SIZE_MAX / 2 - 64) {
    scratch->used = SIZE_MAX;
    return NULL;
  }
  scratch->used += (bytes + 63) / 64 * 64;
  return scratch->base ? scratch->base + at : NULL;
}

void *firn_scratch_array(firn_scratch *scratch, size_t count, size_t size) {
  size_t bytes;
  if (!firn_mul_size(count, size, &bytes)) bytes = SIZE_MAX;
  return firn_scratch_take(scratch, bytes);
}

/* ---- Channels first and last -------------------------------------------- */

enum { BLOCK = 16 }; /* so many rows and columns stay in the first cache */

/* One block: elements of `size` bytes, which the compiler knows where this is
 * called. */
static inline void swap_block(const char *x, char *y, size_t rows,
                              size_t columns, size_t size, size_t i0,
                              size_t j0) {
  const size_t i1 = firn_min_size(i0 + BLOCK, rows);
  const size_t j1 = firn_min_size(j0 + BLOCK, columns);
  for (size_t j = j0; j < j1; j++)
    for (size_t i = i0; i < i1; i++)
      memcpy(y + (j * rows + i) * size, x + (i * columns + j) * size, size);
}

static void swap_one(const char *x, char *y, size_t rows, size_t columns,
                     size_t size) {
  for (size_t i = 0; i < rows; i += BLOCK)
    for (size_t j = 0; j < columns; j += BLOCK) switch (size) {
        case 1: swap_block(x, y, rows, columns, 1, i, j); break;
        case 2: swap_block(x, y, rows, columns, 2, i, j); break;
        case 4: swap_block(x, y, rows, columns, 4, i, j); break;
        case 8: swap_block(x, y, rows, columns, 8, i, j); break;
        default: swap_block(x, y, rows, columns, 16, i, j); break;
      }
}

void firn_swap_axes(const void *x, void *y, size_t batch, size_t rows,
                    size_t columns, size_t element_size) {
  const size_t step = rows * columns * element_size;
  for (size_t b = 0; b < batch; b++)
    swap_one((const char *)x + b * step, (char *)y + b * step, rows, columns,
             element_size);
}

/* ---- Stages ------------------------------------------------------------- */

static size_t count_of(const firn_stage *s) {
  return s->batch * s->channels * s->space;
}

const void *firn_stage_in(const firn_stage *s, const void *x,
                          firn_scratch *scratch) {
  const firn_dtype wide = firn_dtype_wide(s->dtype);
  const size_t count = count_of(s), size = firn_dtype_size(wide);
  const bool measuring = !scratch->base;
  if (wide != s->dtype) {
    float *y = firn_scratch_array(scratch, count, size);
    if (!measuring) firn_widen(s->dtype, x, y, count);
    x = y;
  }
  if (s->channels_first) {
    void *y = firn_scratch_array(scratch, count, size);
    if (!measuring) firn_swap_axes(x, y, s->batch, s->channels, s->space, size);
    x = y;
  }
  return x;
}

void *firn_stage_out(const firn_stage *s, void *y, firn_scratch *scratch) {
  const firn_dtype wide = firn_dtype_wide(s->dtype);
  if (wide == s->dtype && !s->channels_first) return y;
  return firn_scratch_array(scratch, count_of(s), firn_dtype_size(wide));
}

void firn_stage_done(const firn_stage *s, const void *computed, void *y,
                     firn_scratch *scratch) {
  const firn_dtype wide = firn_dtype_wide(s->dtype);
  const size_t count = count_of(s), size = firn_dtype_size(wide);
  const bool measuring = !scratch->base;
  if (s->channels_first) {
    void *to = wide == s->dtype ? y : firn_scratch_array(scratch, count, size);
    if (!measuring)
      firn_swap_axes(computed, to, s->batch, s->space, s->channels, size);
    computed = to;
  }
  if (wide != s->dtype && !measuring) firn_narrow(s->dtype, computed, y, count);
}
