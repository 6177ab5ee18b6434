/* ops/blocks.c: space into depth, space into batch, and patches.
 *
 *   SpaceToDepth, DepthToSpace        a block of pixels as one deeper pixel
 *   SpaceToBatch(ND), BatchToSpace(ND) every block_shape-th pixel, as images
 *   ExtractImagePatches, ExtractVolumePatches   what a window sees, as depth
 *
 * All of them take pixels o * step + offset of a picture, for each offset.
 * Where that lies outside there is a border of zeros.
 */
#include <assert.h>

#include "ops/indices.h"
#include "ops/walk.h"

enum { MOST_SPACE = FIRN_MAX_RANK };

/* ---- Strided pixels ----------------------------------------------------- */

/* One axis: picture pixel grid * step + offset is grid point `grid`. */
typedef struct lattice {
  int64_t picture, grid; /* extents */
  int64_t step, offset;
  int64_t picture_stride, grid_stride;
} lattice;

/* The grid points [*lo, *hi) that lie in the picture. */
static void inside(const lattice *a, int64_t *lo, int64_t *hi) {
  *lo = a->offset >= 0 ? 0 : (-a->offset + a->step - 1) / a->step;
  const int64_t room = a->picture - a->offset;
  *hi = room <= 0 ? 0 : (room + a->step - 1) / a->step;
  if (*hi > a->grid) *hi = a->grid;
  if (*lo > *hi) *lo = *hi;
}

typedef struct pixels {
  int64_t batch, picture_batch, grid_batch; /* extent and strides        */
  int64_t depth;                            /* elements that lie together */
  int axes;
  lattice space[MOST_SPACE];
  char *picture, *grid; /* where they begin */
  bool to_grid;
} pixels;

static firn_code copy_pixels(const firn_run *run, const pixels *p,
                             firn_dtype dtype, firn_error *err) {
  int64_t picture = 0, grid = 0;
  firn_walk w = {0};
  firn_walk_axis(&w, p->batch, p->to_grid ? p->picture_batch : p->grid_batch,
                 p->to_grid ? p->grid_batch : p->picture_batch);
  for (int k = 0; k < p->axes; k++) {
    const lattice *a = &p->space[k];
    int64_t lo, hi;
    inside(a, &lo, &hi);
    const int64_t step = hi - lo > 1 ? a->step * a->picture_stride : 0;
    if (hi > lo) picture += (lo * a->step + a->offset) * a->picture_stride;
    grid += lo * a->grid_stride;
    firn_walk_axis(&w, hi - lo, p->to_grid ? step : a->grid_stride,
                   p->to_grid ? a->grid_stride : step);
  }
  firn_walk_axis(&w, p->depth, 1, 1);
  const void *one = firn_at(p->picture, dtype, picture),
             *other = firn_at(p->grid, dtype, grid);
  return firn_walk_run(&w, dtype, p->to_grid ? one : other,
                       (void *)(uintptr_t)(p->to_grid ? other : one), run, err);
}

/* ---- Space and depth ---------------------------------------------------- */

/* Where the axes lie: NHWC or NCHW. */
typedef struct layout {
  int height, width, depth;
  int64_t block;
} layout;

static firn_code layout_of(const firn_node *node, layout *out,
                           firn_error *err) {
  const firn_str format = firn_attr_str_or(node, "data_format", "NHWC");
  out->block = firn_attr_int_or(node, "block_size", 0);
  if (out->block < 2)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "attr 'block_size' = %lld must be at least 2",
                     (long long)out->block);
  out->height = 1, out->width = 2, out->depth = 3;
  if (firn_str_is(format, "NHWC")) return FIRN_OK;
  out->height = 2, out->width = 3, out->depth = 1;
  if (firn_str_is(format, "NCHW")) return FIRN_OK;
  return firn_fail(err, FIRN_UNIMPLEMENTED, "data_format is '%.*s'",
                   FIRN_ARG(format));
}

static firn_code divide(int64_t *dim, int64_t by, const char *what,
                        firn_error *err) {
  if (*dim < 0) return FIRN_OK;
  if (*dim % by)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "the %s %lld is not divisible by %lld", what,
                     (long long)*dim, (long long)by);
  *dim /= by;
  return FIRN_OK;
}

static firn_code multiply(int64_t *dim, int64_t by, firn_error *err) {
  if (*dim < 0 || firn_mul_i64(*dim, by, dim)) return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT, "an extent of %lld is too large",
                   (long long)*dim);
}

static firn_code block_area(const layout *l, int64_t *out, firn_error *err) {
  if (firn_mul_i64(l->block, l->block, out)) return FIRN_OK;
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "attr 'block_size' = %lld is too large",
                   (long long)l->block);
}

static firn_code infer_to_depth(firn_infer *q, firn_error *err) {
  layout l;
  int64_t area;
  FIRN_TRY(layout_of(q->node, &l, err));
  FIRN_TRY(block_area(&l, &area, err));
  FIRN_TRY(firn_infer_rank(q, 0, 4, "input", &q->out[0].shape, err));
  int64_t *dims = q->out[0].shape.dims;
  FIRN_TRY(divide(&dims[l.height], l.block, "height", err));
  FIRN_TRY(divide(&dims[l.width], l.block, "width", err));
  return multiply(&dims[l.depth], area, err);
}

static firn_code infer_to_space(firn_infer *q, firn_error *err) {
  layout l;
  int64_t area;
  FIRN_TRY(layout_of(q->node, &l, err));
  FIRN_TRY(block_area(&l, &area, err));
  FIRN_TRY(firn_infer_rank(q, 0, 4, "input", &q->out[0].shape, err));
  int64_t *dims = q->out[0].shape.dims;
  FIRN_TRY(divide(&dims[l.depth], area, "depth", err));
  FIRN_TRY(multiply(&dims[l.height], l.block, err));
  return multiply(&dims[l.width], l.block, err);
}

/* `deep` is the tensor with the blocks in its depth, `wide` the other one. */
static firn_code move_blocks(const firn_run *run, firn_tensor *wide,
                             firn_tensor *deep, bool to_deep, firn_error *err) {
  layout l;
  int64_t w[4], d[4];
  firn_walk walk = {0};
  FIRN_TRY(layout_of(run->node, &l, err));
  if (wide->count == 0) return FIRN_OK;
  firn_strides(&wide->shape, w);
  firn_strides(&deep->shape, d);
  const int64_t *dims = deep->shape.dims;
  const int64_t depth = wide->shape.dims[l.depth];
  const struct {
    int64_t dim, wide, deep;
  } axes[] = {
      {dims[0], w[0], d[0]},
      {dims[l.height], w[l.height] * l.block, d[l.height]},
      {l.block, w[l.height], d[l.depth] * depth * l.block},
      {dims[l.width], w[l.width] * l.block, d[l.width]},
      {l.block, w[l.width], d[l.depth] * depth},
      {depth, w[l.depth], d[l.depth]},
  };
  for (size_t k = 0; k < FIRN_COUNT(axes); k++)
    firn_walk_axis(&walk, axes[k].dim, to_deep ? axes[k].wide : axes[k].deep,
                   to_deep ? axes[k].deep : axes[k].wide);
  return firn_walk_run(&walk, wide->dtype, to_deep ? wide->data : deep->data,
                       to_deep ? deep->data : wide->data, run, err);
}

static firn_code drive_to_depth(const firn_run *run, firn_error *err) {
  return move_blocks(run, run->in[0], run->out[0], true, err);
}

static firn_code drive_to_space(const firn_run *run, firn_error *err) {
  return move_blocks(run, run->out[0], run->in[0], false, err);
}

/* ---- Space and batch ---------------------------------------------------- */

/* The block shape and the two columns of paddings or crops; entries perhaps
 * FIRN_UNKNOWN_INT. */
typedef struct blocks {
  int axes;
  int64_t block[MOST_SPACE], before[MOST_SPACE], after[MOST_SPACE];
} blocks;

static firn_code check_blocks(const blocks *b, firn_error *err) {
  for (int k = 0; k < b->axes; k++) {
    if (b->block[k] != FIRN_UNKNOWN_INT && b->block[k] < 1)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "block_shape[%d] = %lld must be at least 1", k,
                       (long long)b->block[k]);
    const int64_t both[2] = {b->before[k], b->after[k]};
    for (int i = 0; i < 2; i++)
      if (both[i] != FIRN_UNKNOWN_INT && (both[i] < 0 || both[i] > INT32_MAX))
        return firn_fail(err, FIRN_INVALID_ARGUMENT,
                         "padding or crop [%d,%d] = %lld is not in [0, %d]", k,
                         i, (long long)both[i], INT32_MAX);
    if (b->block[k] > INT32_MAX)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "block_shape[%d] = %lld is too large", k,
                       (long long)b->block[k]);
  }
  return FIRN_OK;
}

static bool has_block_shape(const firn_node *node) {
  return firn_str_ends(node->type->name, FIRN_STR("ND"));
}

/* Reads the blocks out of `ints` (block shapes, may be NULL) and `table`. */
static void take_blocks(const firn_node *node, const int64_t *ints,
                        const int64_t *table, blocks *b) {
  for (int k = 0; k < b->axes; k++) {
    b->block[k] = has_block_shape(node)
                      ? (ints ? ints[k] : FIRN_UNKNOWN_INT)
                      : firn_attr_int_or(node, "block_size", 0);
    b->before[k] = table ? table[2 * k] : FIRN_UNKNOWN_INT;
    b->after[k] = table ? table[2 * k + 1] : FIRN_UNKNOWN_INT;
  }
}

/* What the inputs say of the blocks; b->axes is -1 when their number is not
 * known. */
static firn_code infer_blocks(const firn_infer *q, blocks *b, firn_error *err) {
  const bool nd = has_block_shape(q->node);
  const size_t last = nd ? 2 : 1;
  const int64_t *ints = NULL, *table = NULL;
  firn_shape pairs, vector = firn_shape_vector(2);
  int64_t axes, two;
  FIRN_TRY(firn_infer_rank(q, last, 2, "paddings or crops", &pairs, err));
  if (nd) FIRN_TRY(firn_infer_rank(q, 1, 1, "block_shape", &vector, err));
  if (!firn_dim_merge(vector.dims[0], pairs.dims[0], &axes) ||
      !firn_dim_merge(2, pairs.dims[1], &two))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "paddings or crops must have shape [%lld,2]",
                     (long long)vector.dims[0]);
  if (axes >= MOST_SPACE)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "block_shape has %lld elements, more than there are axes",
                     (long long)axes);
  if (nd) firn_infer_ints(q, 1, &ints, NULL);
  firn_infer_ints(q, last, &table, NULL);
  b->axes = (int)axes;
  if (axes >= 0) take_blocks(q->node, ints, table, b);
  FIRN_TRY(firn_infer_rank_at_least(q, 0, b->axes < 0 ? 1 : b->axes + 1,
                                    "input", err));
  if (!nd) FIRN_TRY(firn_infer_rank(q, 0, 4, "input", NULL, err));
  return check_blocks(b, err);
}

/* One extent in batches; FIRN_UNKNOWN_DIM where something is not known. */
static firn_code into_batch(const blocks *b, int k, int64_t *dim,
                            firn_error *err) {
  if (*dim < 0 || b->before[k] == FIRN_UNKNOWN_INT ||
      b->after[k] == FIRN_UNKNOWN_INT || b->block[k] == FIRN_UNKNOWN_INT) {
    *dim = FIRN_UNKNOWN_DIM;
    return FIRN_OK;
  }
  if (!firn_add_i64(*dim, b->before[k] + b->after[k], dim))
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "paddings[%d] is too large",
                     k);
  return divide(dim, b->block[k], "padded extent", err);
}

static firn_code out_of_batch(const blocks *b, int k, int64_t *dim,
                              firn_error *err) {
  if (*dim < 0 || b->before[k] == FIRN_UNKNOWN_INT ||
      b->after[k] == FIRN_UNKNOWN_INT || b->block[k] == FIRN_UNKNOWN_INT) {
    *dim = FIRN_UNKNOWN_DIM;
    return FIRN_OK;
  }
  FIRN_TRY(multiply(dim, b->block[k], err));
  const int64_t crop = b->before[k] + b->after[k];
  if (crop > *dim)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "crops[%d] take away %lld of %lld", k, (long long)crop,
                     (long long)*dim);
  *dim -= crop;
  return FIRN_OK;
}

/* The product of the block shape, or FIRN_UNKNOWN_INT. */
static firn_code block_count(const blocks *b, int64_t *out, firn_error *err) {
  *out = 1;
  for (int k = 0; k < b->axes; k++) {
    if (b->block[k] == FIRN_UNKNOWN_INT) {
      *out = FIRN_UNKNOWN_INT;
      return FIRN_OK;
    }
    FIRN_TRY(multiply(out, b->block[k], err));
  }
  return FIRN_OK;
}

static firn_code batch_shape(const blocks *b, bool into, firn_shape *shape,
                             firn_error *err) {
  int64_t count;
  FIRN_TRY(block_count(b, &count, err));
  if (count == FIRN_UNKNOWN_INT)
    shape->dims[0] = FIRN_UNKNOWN_DIM;
  else if (into)
    FIRN_TRY(multiply(&shape->dims[0], count, err));
  else
    FIRN_TRY(divide(&shape->dims[0], count, "batch", err));
  for (int k = 0; k < b->axes; k++)
    FIRN_TRY(into ? into_batch(b, k, &shape->dims[k + 1], err)
                  : out_of_batch(b, k, &shape->dims[k + 1], err));
  return FIRN_OK;
}

static firn_code infer_batch(firn_infer *q, bool into, firn_error *err) {
  blocks b;
  FIRN_TRY(infer_blocks(q, &b, err));
  if (q->in[0].shape.rank < 0 || b.axes < 0) return FIRN_OK;
  q->out[0].shape = q->in[0].shape;
  return batch_shape(&b, into, &q->out[0].shape, err);
}

static firn_code infer_into_batch(firn_infer *q, firn_error *err) {
  return infer_batch(q, true, err);
}

static firn_code infer_out_of_batch(firn_infer *q, firn_error *err) {
  return infer_batch(q, false, err);
}

static firn_code read_blocks(const firn_run *run, blocks *b, firn_error *err) {
  const bool nd = has_block_shape(run->node);
  const firn_tensor *table = run->in[nd ? 2 : 1];
  int64_t ints[MOST_SPACE] = {0}, pairs[2 * MOST_SPACE] = {0};
  b->axes = (int)table->shape.dims[0];
  for (int k = 0; nd && k < b->axes; k++)
    ints[k] = firn_tensor_i64(run->in[1], (size_t)k);
  for (size_t k = 0; k < table->count; k++)
    pairs[k] = firn_tensor_i64(table, k);
  take_blocks(run->node, ints, pairs, b);
  return check_blocks(b, err);
}

/* Moves between the picture and the batches, one block offset after another. */
static firn_code move_batches(const firn_run *run, const blocks *b,
                              firn_tensor *picture, firn_tensor *grid,
                              bool to_grid, firn_error *err) {
  const firn_dtype dtype = picture->dtype;
  int64_t ps[FIRN_MAX_RANK], gs[FIRN_MAX_RANK], count;
  FIRN_TRY(block_count(b, &count, err));
  if (grid->count == 0 || picture->count == 0) return FIRN_OK;
  firn_strides(&picture->shape, ps);
  firn_strides(&grid->shape, gs);
  const int64_t batch = picture->shape.dims[0];
  for (int64_t i = 0; i < count; i++) {
    pixels p = {.batch = batch,
                .picture_batch = ps[0],
                .grid_batch = gs[0],
                .axes = b->axes,
                .depth = ps[b->axes],
                .picture = picture->data,
                .grid = firn_at(grid->data, dtype, i * batch * gs[0]),
                .to_grid = to_grid};
    int64_t rest = i;
    for (int k = b->axes - 1; k >= 0; k--) {
      p.space[k] = (lattice){.picture = picture->shape.dims[k + 1],
                             .grid = grid->shape.dims[k + 1],
                             .step = b->block[k],
                             .offset = rest % b->block[k] - b->before[k],
                             .picture_stride = ps[k + 1],
                             .grid_stride = gs[k + 1]};
      rest /= b->block[k];
    }
    FIRN_TRY(copy_pixels(run, &p, dtype, err));
  }
  return FIRN_OK;
}

static firn_code drive_batch(const firn_run *run, bool into, firn_error *err) {
  firn_shape shape = run->in[0]->shape;
  blocks b;
  firn_tensor *out;
  FIRN_TRY(read_blocks(run, &b, err));
  FIRN_TRY(batch_shape(&b, into, &shape, err));
  FIRN_TRY(firn_run_output(run, 0, &shape, &out, err));
  if (!into) return move_batches(run, &b, out, run->in[0], false, err);
  firn_fill_zero(out);
  return move_batches(run, &b, run->in[0], out, true, err);
}

static firn_code drive_to_batches(const firn_run *run, firn_error *err) {
  return drive_batch(run, true, err);
}

static firn_code drive_from_batches(const firn_run *run, firn_error *err) {
  return drive_batch(run, false, err);
}

/* ---- Patches ------------------------------------------------------------ */

/* A window over 2 or 3 axes, of attrs with one entry for each axis of the
 * input. */
typedef struct patches {
  int axes;
  int64_t size[3], stride[3], rate[3];
  int64_t pad[3], out[3]; /* by the picture's extents, as far as known */
} patches;

static firn_code patch_attr(const firn_node *node, const char *name, int axes,
                            int64_t *out, firn_error *err) {
  const int64_t *ints;
  size_t count;
  for (int k = 0; k < axes; k++) out[k] = 1;
  if (axes == 3 && strcmp(name, "rates") == 0) return FIRN_OK;
  FIRN_TRY(firn_attr_ints(node, name, &ints, &count, err));
  if (count != (size_t)axes + 2 || ints[0] != 1 || ints[axes + 1] != 1)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "attr '%s' must be %d numbers, the first and last of them "
                     "1",
                     name, axes + 2);
  for (int k = 0; k < axes; k++) out[k] = ints[k + 1];
  return FIRN_OK;
}

static firn_code patches_of(const firn_node *node, const firn_shape *x,
                            patches *p, firn_error *err) {
  const firn_str padding = firn_attr_str_or(node, "padding", "");
  p->axes = x->rank - 2;
  assert(p->axes == 2 || p->axes == 3);
  FIRN_TRY(patch_attr(node, "ksizes", p->axes, p->size, err));
  FIRN_TRY(patch_attr(node, "strides", p->axes, p->stride, err));
  FIRN_TRY(patch_attr(node, "rates", p->axes, p->rate, err));
  for (int k = 0; k < p->axes; k++)
    FIRN_TRY(firn_infer_window(x->dims[k + 1], p->size[k], p->stride[k],
                               p->rate[k], padding, 0, 0, &p->out[k],
                               &p->pad[k], err));
  return FIRN_OK;
}

static firn_code infer_patches(firn_infer *q, int axes, firn_error *err) {
  patches p;
  firn_shape shape;
  FIRN_TRY(firn_infer_rank(q, 0, axes + 2, "input", &shape, err));
  FIRN_TRY(patches_of(q->node, &shape, &p, err));
  for (int k = 0; k < axes; k++) {
    shape.dims[k + 1] = p.out[k];
    FIRN_TRY(multiply(&shape.dims[axes + 1], p.size[k], err));
  }
  q->out[0].shape = shape;
  return FIRN_OK;
}

static firn_code infer_image_patches(firn_infer *q, firn_error *err) {
  return infer_patches(q, 2, err);
}

static firn_code infer_volume_patches(firn_infer *q, firn_error *err) {
  return infer_patches(q, 3, err);
}

static firn_code drive_patches(const firn_run *run, firn_error *err) {
  firn_tensor *x = run->in[0], *y = run->out[0];
  int64_t xs[FIRN_MAX_RANK], ys[FIRN_MAX_RANK], places = 1;
  patches w;
  FIRN_TRY(patches_of(run->node, &x->shape, &w, err));
  firn_fill_zero(y);
  if (x->count == 0 || y->count == 0) return FIRN_OK;
  firn_strides(&x->shape, xs);
  firn_strides(&y->shape, ys);
  const int64_t depth = x->shape.dims[w.axes + 1];
  for (int k = 0; k < w.axes; k++) places *= w.size[k];
  for (int64_t i = 0; i < places; i++) {
    pixels p = {.batch = x->shape.dims[0],
                .picture_batch = xs[0],
                .grid_batch = ys[0],
                .axes = w.axes,
                .depth = depth,
                .picture = x->data,
                .grid = firn_at(y->data, x->dtype, i * depth),
                .to_grid = true};
    int64_t rest = i;
    for (int k = w.axes - 1; k >= 0; k--) {
      p.space[k] = (lattice){.picture = x->shape.dims[k + 1],
                             .grid = w.out[k],
                             .step = w.stride[k],
                             .offset = rest % w.size[k] * w.rate[k] - w.pad[k],
                             .picture_stride = xs[k + 1],
                             .grid_stride = ys[k + 1]};
      rest /= w.size[k];
    }
    FIRN_TRY(copy_pixels(run, &p, x->dtype, err));
  }
  return FIRN_OK;
}

/* ---- The family --------------------------------------------------------- */

#define KERNEL(id)                           \
  static const firn_kernel id[] = {          \
      {.drive = drive_##id, .unaligned = 1}, \
      {.drive = NULL},                       \
  };

KERNEL(to_depth)
KERNEL(to_space)
KERNEL(to_batches)
KERNEL(from_batches)

static const firn_kernel extract[] = {
    {.types = {{"T", FIRN_NUMBERS | FIRN_BIT(FIRN_BOOL)}},
     .drive = drive_patches,
     .unaligned = 1},
    {.drive = NULL},
};

static const firn_op ops[] = {
    {"SpaceToDepth", infer_to_depth, to_depth, 0},
    {"DepthToSpace", infer_to_space, to_space, 0},
    {"SpaceToBatch", infer_into_batch, to_batches, 0},
    {"SpaceToBatchND", infer_into_batch, to_batches, 0},
    {"BatchToSpace", infer_out_of_batch, from_batches, 0},
    {"BatchToSpaceND", infer_out_of_batch, from_batches, 0},
    {"ExtractImagePatches", infer_image_patches, extract, 0},
    {"ExtractVolumePatches", infer_volume_patches, extract, 0},
};

FIRN_OP_FAMILY(blocks, ops);
