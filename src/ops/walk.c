/* ops/walk.c: the one loop nest behind the ops that move data.
 *
 * The two innermost axes are done by a loop per element size. Where the source
 * runs along another axis than the target (a transposition), that axis is
 * taken as the second one and the plane is copied in square blocks, so that
 * both sides stay in the cache.
 */
#include "ops/walk.h"

#include <stdatomic.h>
#include <string.h>

enum {
  BLOCK = 16,         /* of a transposed plane, in elements              */
  SHARE_BYTES = 32768 /* what a thread should get to be worth waking     */
};

/* Elements by size; inputs may lie at any address. */
#define RAW __attribute__((aligned(1), may_alias))
typedef uint8_t raw1;
typedef uint16_t raw2 RAW;
typedef uint32_t raw4 RAW;
typedef uint64_t raw8 RAW;
typedef struct RAW raw16 {
  uint64_t words[2];
} raw16;

void firn_strides(const firn_shape *shape, int64_t *strides) {
  uint64_t stride = 1;
  for (int k = shape->rank - 1; k >= 0; k--) {
    strides[k] = (int64_t)stride;
    stride *= (uint64_t)shape->dims[k];
  }
}

void firn_walk_axis(firn_walk *walk, int64_t dim, int64_t from, int64_t to) {
  if (dim == 0) walk->empty = true;
  if (dim == 1 || walk->empty) return;
  const int last = walk->rank - 1;
  int64_t whole_from, whole_to;
  if (last >= 0 && firn_mul_i64(dim, from, &whole_from) &&
      firn_mul_i64(dim, to, &whole_to) && walk->from[last] == whole_from &&
      walk->to[last] == whole_to) {
    walk->dims[last] *= dim;
    walk->from[last] = from;
    walk->to[last] = to;
    return;
  }
  walk->dims[walk->rank] = dim;
  walk->from[walk->rank] = from;
  walk->to[walk->rank] = to;
  walk->rank++;
}

/* ---- A plane of two axes ------------------------------------------------ */

typedef struct plane {
  int64_t rows, columns;
  int64_t from_row, from_column, to_row, to_column;
} plane;

/* A block of a transposed plane, element by element. */
#define TILE(RAWTYPE)                                                          \
  static void tile_##RAWTYPE(const plane *p, const RAWTYPE *from, RAWTYPE *to, \
                             int64_t rows, int64_t columns) {                  \
    for (int64_t i = 0; i < rows; i++)                                         \
      for (int64_t j = 0; j < columns; j++)                                    \
        to[i * p->to_row + j * p->to_column] =                                 \
            from[i * p->from_row + j * p->from_column];                        \
  }

TILE(raw1)
TILE(raw2)
TILE(raw8)
TILE(raw16)
TILE(raw4)

typedef uint32_t four __attribute__((vector_size(16)));

static inline four load_four(const raw4 *from) {
  four out;
  memcpy(&out, from, sizeof out);
  return out;
}

static inline void store_four(raw4 *to, four value) {
  memcpy(to, &value, sizeof value);
}

/* A whole block whose rows lie together in `from`, and columns in `to`: squares
 * of 4 x 4 are turned in registers. */
static void turn_block(const plane *p, const raw4 *from, raw4 *to) {
  for (int64_t i = 0; i < BLOCK; i += 4)
    for (int64_t j = 0; j < BLOCK; j += 4) {
      const raw4 *f = from + i + j * p->from_column;
      raw4 *t = to + i * p->to_row + j;
      const four a = load_four(f), b = load_four(f + p->from_column),
                 c = load_four(f + 2 * p->from_column),
                 d = load_four(f + 3 * p->from_column);
      const four ab = __builtin_shufflevector(a, b, 0, 4, 1, 5),
                 cd = __builtin_shufflevector(c, d, 0, 4, 1, 5),
                 ab2 = __builtin_shufflevector(a, b, 2, 6, 3, 7),
                 cd2 = __builtin_shufflevector(c, d, 2, 6, 3, 7);
      store_four(t, __builtin_shufflevector(ab, cd, 0, 1, 4, 5));
      store_four(t + p->to_row, __builtin_shufflevector(ab, cd, 2, 3, 6, 7));
      store_four(t + 2 * p->to_row,
                 __builtin_shufflevector(ab2, cd2, 0, 1, 4, 5));
      store_four(t + 3 * p->to_row,
                 __builtin_shufflevector(ab2, cd2, 2, 3, 6, 7));
    }
}

/* Floats are what is transposed in earnest. */
static void block_raw4(const plane *p, const raw4 *from, raw4 *to, int64_t rows,
                       int64_t columns) {
  if (rows == BLOCK && columns == BLOCK && p->to_column == 1)
    turn_block(p, from, to);
  else
    tile_raw4(p, from, to, rows, columns);
}
#define block_raw1 tile_raw1
#define block_raw2 tile_raw2
#define block_raw8 tile_raw8
#define block_raw16 tile_raw16

#define PLANE(RAWTYPE)                                                    \
  static void blocks_##RAWTYPE(const plane *p, const RAWTYPE *from,       \
                               RAWTYPE *to) {                             \
    for (int64_t i = 0; i < p->rows; i += BLOCK)                          \
      for (int64_t j = 0; j < p->columns; j += BLOCK)                     \
        block_##RAWTYPE(p, from + i * p->from_row + j * p->from_column,   \
                        to + i * p->to_row + j * p->to_column,            \
                        p->rows - i < BLOCK ? p->rows - i : BLOCK,        \
                        p->columns - j < BLOCK ? p->columns - j : BLOCK); \
  }                                                                       \
  static void plane_##RAWTYPE(const plane *p, const void *from_data,      \
                              void *to_data) {                            \
    const RAWTYPE *from = from_data;                                      \
    RAWTYPE *to = to_data;                                                \
    const int64_t step = p->from_column;                                  \
    if (p->from_row == 1 && step != 1 && p->rows > 1) {                   \
      blocks_##RAWTYPE(p, from, to);                                      \
      return;                                                             \
    }                                                                     \
    for (int64_t i = 0; i < p->rows; i++) {                               \
      const RAWTYPE *f = from + i * p->from_row;                          \
      RAWTYPE *t = to + i * p->to_row;                                    \
      if (p->to_column != 1) {                                            \
        for (int64_t j = 0; j < p->columns; j++)                          \
          t[j * p->to_column] = f[j * step];                              \
      } else if (step == 1) {                                             \
        memcpy(t, f, (size_t)p->columns * sizeof *t);                     \
      } else if (step == 0) {                                             \
        const RAWTYPE value = *f;                                         \
        for (int64_t j = 0; j < p->columns; j++) t[j] = value;            \
      } else {                                                            \
        for (int64_t j = 0; j < p->columns; j++) t[j] = f[j * step];      \
      }                                                                   \
    }                                                                     \
  }

PLANE(raw1)
PLANE(raw2)
PLANE(raw4)
PLANE(raw8)
PLANE(raw16)

/* Strings and handles; false when memory is short. */
static bool plane_objects(const plane *p, firn_dtype dtype, const char *from,
                          char *to) {
  const int64_t size = (int64_t)firn_dtype_size(dtype);
  for (int64_t i = 0; i < p->rows; i++)
    for (int64_t j = 0; j < p->columns; j++)
      if (!firn_elements_copy(
              dtype, to + (i * p->to_row + j * p->to_column) * size,
              from + (i * p->from_row + j * p->from_column) * size, 1))
        return false;
  return true;
}

/* ---- The outer axes ----------------------------------------------------- */

typedef struct job {
  const firn_walk *walk; /* at least two axes */
  firn_dtype dtype;
  const char *from;
  char *to;
  void (*plane)(const plane *p, const void *from, void *to);
  atomic_bool failed;
} job;

/* Where plane number `index` begins, in elements. */
static void find_plane(const firn_walk *w, size_t index, int64_t *from,
                       int64_t *to) {
  *from = *to = 0;
  for (int k = w->rank - 3; k >= 0; k--) {
    const int64_t i = (int64_t)(index % (size_t)w->dims[k]);
    index /= (size_t)w->dims[k];
    *from += i * w->from[k];
    *to += i * w->to[k];
  }
}

/* Rows [begin, end) of all the planes laid one under the other. */
static void run_rows(void *ctx, size_t begin, size_t end) {
  job *j = ctx;
  const firn_walk *w = j->walk;
  const int r = w->rank - 2;
  const size_t rows = (size_t)w->dims[r];
  const int64_t size = (int64_t)firn_dtype_size(j->dtype);
  while (begin < end) {
    const size_t row = begin % rows,
                 take = firn_min_size(rows - row, end - begin);
    const plane p = {(int64_t)take,  w->dims[r + 1], w->from[r],
                     w->from[r + 1], w->to[r],       w->to[r + 1]};
    int64_t from, to;
    find_plane(w, begin / rows, &from, &to);
    from += (int64_t)row * w->from[r];
    to += (int64_t)row * w->to[r];
    if (j->plane)
      j->plane(&p, j->from + from * size, j->to + to * size);
    else if (!plane_objects(&p, j->dtype, j->from + from * size,
                            j->to + to * size))
      atomic_store(&j->failed, true);
    begin += take;
  }
}

static void swap_axes(firn_walk *w, int a, int b) {
  const int64_t dim = w->dims[a], from = w->from[a], to = w->to[a];
  w->dims[a] = w->dims[b], w->from[a] = w->from[b], w->to[a] = w->to[b];
  w->dims[b] = dim, w->from[b] = from, w->to[b] = to;
}

/* At least two axes; a long plain run is cut so that threads can share it; the
 * axis along which the source runs becomes the second last. */
static firn_walk arrange(const firn_walk *walk, size_t size) {
  const int64_t piece = SHARE_BYTES / (int64_t)size;
  firn_walk w = *walk;
  while (w.rank < 2) {
    for (int k = w.rank; k > 0; k--) {
      w.dims[k] = w.dims[k - 1];
      w.from[k] = w.from[k - 1];
      w.to[k] = w.to[k - 1];
    }
    w.dims[0] = 1;
    w.from[0] = w.to[0] = 0;
    if (w.rank++ == 0) continue;
    if (w.dims[1] % piece == 0 && w.dims[1] > piece) {
      w.dims[0] = w.dims[1] / piece;
      w.dims[1] = piece;
      w.from[0] = w.from[1] * piece;
      w.to[0] = w.to[1] * piece;
    }
  }
  if (w.from[w.rank - 1] != 1)
    for (int k = w.rank - 2; k >= 0; k--)
      if (w.from[k] == 1) {
        swap_axes(&w, k, w.rank - 2);
        break;
      }
  return w;
}

firn_code firn_walk_run(const firn_walk *walk, firn_dtype dtype,
                        const void *from, void *to, const firn_run *run,
                        firn_error *err) {
  if (walk->empty) return FIRN_OK;
  const size_t size = firn_dtype_size(dtype);
  const firn_walk w = arrange(walk, size);
  job j = {.walk = &w, .dtype = dtype, .from = from, .to = to};
  atomic_init(&j.failed, false);
  if (firn_dtype_is_plain(dtype))
    j.plane = size == 1   ? plane_raw1
              : size == 2 ? plane_raw2
              : size == 4 ? plane_raw4
              : size == 8 ? plane_raw8
                          : plane_raw16;
  size_t rows = 1;
  for (int k = 0; k < w.rank - 1; k++) rows *= (size_t)w.dims[k];
  const size_t row_bytes = (size_t)w.dims[w.rank - 1] * size;
  firn_parallel_for(run->pool, rows, SHARE_BYTES / row_bytes + 1, run_rows, &j);
  return atomic_load(&j.failed) ? firn_oom(err, row_bytes) : FIRN_OK;
}

/* ---- Runs of elements --------------------------------------------------- */

firn_code firn_copy(firn_dtype dtype, void *to, const void *from, size_t n,
                    firn_error *err) {
  if (firn_elements_copy(dtype, to, from, n)) return FIRN_OK;
  return firn_oom(err, n * firn_dtype_size(dtype));
}

void firn_fill_zero(firn_tensor *t) {
  static const firn_tstring empty;
  firn_object *const none = NULL;
  const void *zero = t->dtype == FIRN_STRING ? (const void *)&empty : &none;
  if (firn_dtype_is_plain(t->dtype)) {
    if (t->count) memset(t->data, 0, firn_tensor_bytes(t));
    return;
  }
  for (size_t i = 0; i < t->count; i++) /* an empty string needs no memory */
    if (!firn_elements_copy(t->dtype, firn_at(t->data, t->dtype, (int64_t)i),
                            zero, 1))
      return;
}

firn_code firn_fill(firn_dtype dtype, void *to, const void *value, size_t n,
                    firn_error *err) {
  const plane p = {1, (int64_t)n, 0, 0, 0, 1};
  switch (firn_dtype_is_plain(dtype) ? firn_dtype_size(dtype) : 0) {
    case 1: plane_raw1(&p, value, to); return FIRN_OK;
    case 2: plane_raw2(&p, value, to); return FIRN_OK;
    case 4: plane_raw4(&p, value, to); return FIRN_OK;
    case 8: plane_raw8(&p, value, to); return FIRN_OK;
    case 16: plane_raw16(&p, value, to); return FIRN_OK;
    default: break;
  }
  return plane_objects(&p, dtype, value, to) ? FIRN_OK : firn_oom(err, n);
}
