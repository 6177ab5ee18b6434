/* ops/micro/conv.c: which algorithm a convolution gets, and the direct ones.
 *
 * A convolution is a product whose rows are output pixels and whose depth is
 * taps x input channels. Nothing is copied to make it one: each tile asks for
 * pointers to the input pixels under its taps, and taps outside of the picture
 * point to a run of zeros.
 */
#include "ops/micro/conv.h"

#include <string.h>

#include "base/alloc.h"
#include "ops/micro/conv_parts.h"
#include "ops/micro/product.h"

/* ---- Choice. ------------------------------------------------------------- */

enum {
  ROWS_CHANNELS = 8, /* up to so many, a row of taps is one tap */
};

static bool is_pointwise(const firn_conv_shape *s) {
  return s->kh == 1 && s->kw == 1 && s->stride_h == 1 && s->stride_w == 1 &&
         s->pad_top == 0 && s->pad_left == 0 && s->oh == s->ih &&
         s->ow == s->iw && s->groups == 1;
}

/* Pads as wide as the window would make the padded copy of ROWS large. */
static bool fits_rows(const firn_conv_shape *s) {
  if ((s->kh - 1) * s->dilation_h > 4 * s->ih + 64) return false; /* padding */
  return s->groups == 1 && s->kw > 1 && s->ic <= ROWS_CHANNELS &&
         s->dilation_w == 1 && s->pad_top < (s->kh - 1) * s->dilation_h + 1 &&
         s->pad_left < s->kw && s->stride_h <= s->kh * s->dilation_h &&
         s->stride_w <= s->kw;
}

firn_conv_plan firn_conv_choose(const firn_conv_shape *shape,
                                const firn_micro *micro, bool exact) {
  firn_conv_plan plan = {*shape, micro, FIRN_CONV_DIRECT, FIRN_PACKING_PANELS};
  if (shape->groups == shape->ic && shape->ic > 1) {
    plan.algo = FIRN_CONV_DEPTHWISE;
    plan.packing = FIRN_PACKING_DEPTHWISE;
  } else if (!exact && firn_winograd_pays(shape)) {
    plan.algo = FIRN_CONV_WINOGRAD;
    plan.packing = FIRN_PACKING_WINOGRAD;
  } else if (is_pointwise(shape)) {
    plan.algo = FIRN_CONV_POINTWISE;
  } else if (fits_rows(shape)) {
    plan.algo = FIRN_CONV_ROWS;
  }
  return plan;
}

firn_conv_plan firn_conv_choose_repacked(const firn_conv_shape *shape,
                                         const firn_micro *micro, bool exact) {
  return firn_conv_choose(shape, micro,
                          exact || !firn_winograd_pays_repacked(shape));
}

/* ---- Packing. ------------------------------------------------------------ */

static size_t group_depth(const firn_conv_shape *s) {
  return s->kh * s->kw * (s->ic / s->groups);
}

size_t firn_conv_pack_size(const firn_conv_plan *plan) {
  const firn_conv_shape *s = &plan->shape;
  switch (plan->packing) {
    case FIRN_PACKING_WINOGRAD: return firn_winograd_pack_size(plan);
    case FIRN_PACKING_DEPTHWISE: return firn_depthwise_pack_size(plan);
    case FIRN_PACKING_PANELS: break;
  }
  return s->groups * sizeof(float) *
         firn_panels_size(plan->micro, group_depth(s), s->oc / s->groups);
}

void firn_conv_pack(const firn_conv_plan *plan, const float *weights,
                    const float *scale, float *packed, firn_pool *pool) {
  const firn_conv_shape *s = &plan->shape;
  switch (plan->packing) {
    case FIRN_PACKING_WINOGRAD:
      firn_winograd_pack(plan, weights, scale, packed, pool);
      return;
    case FIRN_PACKING_DEPTHWISE:
      firn_depthwise_pack(plan, weights, scale, packed);
      return;
    case FIRN_PACKING_PANELS: break;
  }
  const size_t columns = s->oc / s->groups, depth = group_depth(s);
  const size_t size = firn_panels_size(plan->micro, depth, columns);
  for (size_t g = 0; g < s->groups; g++) {
    const firn_matrix b = {weights + g * columns, s->oc, false};
    firn_panels_pack(plan->micro, b, depth, columns,
                     scale ? scale + g * columns : NULL, packed + g * size,
                     pool);
  }
}

/* ---- Where the rows of the left side lie. -------------------------------- */

typedef struct picture {
  const firn_conv_shape *s;
  const float *x;
  size_t iw, ih; /* of the padded copy, if there is one */
} picture;

typedef struct place {
  size_t n, oy, ox;
} place;

static place place_of(const firn_conv_shape *s, size_t row) {
  const size_t line = row / s->ow;
  return (place){line / s->oh, line % s->oh, row % s->ow};
}

static void step(const firn_conv_shape *s, place *at) {
  if (++at->ox < s->ow) return;
  at->ox = 0;
  if (++at->oy < s->oh) return;
  at->oy = 0;
  at->n++;
}

static void find_pointwise(const void *ctx, size_t row, size_t rows, size_t tap,
                           size_t taps, size_t k, const float **out) {
  const picture *p = ctx;
  FIRN_UNUSED(tap);
  FIRN_UNUSED(taps);
  for (size_t r = 0; r < rows; r++) out[r] = p->x + (row + r) * p->s->ic + k;
}

static void find_taps(const void *ctx, size_t row, size_t rows, size_t tap,
                      size_t taps, size_t k, const float **out) {
  const picture *p = ctx;
  const firn_conv_shape *s = p->s;
  place at = place_of(s, row);
  for (size_t r = 0; r < rows; r++, step(s, &at)) {
    /* Left of or above the picture wraps to a huge number. */
    size_t ky = tap / s->kw, kx = tap % s->kw;
    size_t iy = at.oy * s->stride_h + ky * s->dilation_h - s->pad_top;
    const size_t left = at.ox * s->stride_w - s->pad_left;
    const float *image = p->x + at.n * s->ih * s->iw * s->ic + k;
    for (size_t t = 0; t < taps; t++) {
      const size_t ix = left + kx * s->dilation_w;
      out[t * rows + r] = iy < s->ih && ix < s->iw
                              ? image + (iy * s->iw + ix) * s->ic
                              : firn_zero_run;
      if (++kx == s->kw) {
        kx = 0;
        iy += s->dilation_h;
      }
    }
  }
}

/* The whole row of taps is one run of kw * ic numbers. */
static void find_lines(const void *ctx, size_t row, size_t rows, size_t tap,
                       size_t taps, size_t k, const float **out) {
  const picture *p = ctx;
  const firn_conv_shape *s = p->s;
  place at = place_of(s, row);
  for (size_t r = 0; r < rows; r++, step(s, &at)) {
    const size_t line = at.n * p->ih + at.oy * s->stride_h;
    const float *pixel = p->x + (line * p->iw + at.ox * s->stride_w) * s->ic;
    for (size_t t = 0; t < taps; t++)
      out[t * rows + r] = pixel + (tap + t) * s->dilation_h * p->iw * s->ic + k;
  }
}

/* ---- The padded copy of ROWS. -------------------------------------------- */

static size_t padded_height(const firn_conv_shape *s) {
  return (s->oh - 1) * s->stride_h + (s->kh - 1) * s->dilation_h + 1;
}
static size_t padded_width(const firn_conv_shape *s) {
  return (s->ow - 1) * s->stride_w + s->kw;
}
static bool needs_padding(const firn_conv_shape *s) {
  return s->pad_top > 0 || s->pad_left > 0 || padded_height(s) > s->ih ||
         padded_width(s) > s->iw;
}

typedef struct pad_job {
  const firn_conv_shape *s;
  const float *x;
  float *out;
} pad_job;

static void pad_lines(void *ctx, size_t begin, size_t end) {
  const pad_job *j = ctx;
  const firn_conv_shape *s = j->s;
  const size_t high = padded_height(s), wide = padded_width(s);
  const size_t have = firn_min_size(s->iw, wide - s->pad_left);
  for (size_t i = begin; i < end; i++) {
    float *to = j->out + i * wide * s->ic;
    const size_t iy = i % high - s->pad_top; /* wraps above the picture */
    memset(to, 0, wide * s->ic * sizeof *to);
    if (iy < s->ih)
      memcpy(to + s->pad_left * s->ic,
             j->x + (i / high * s->ih + iy) * s->iw * s->ic,
             have * s->ic * sizeof *to);
  }
}

static picture pad(const firn_conv_shape *s, const float *x, float *scratch,
                   firn_pool *pool) {
  enum { GRAIN = 64 };
  if (!needs_padding(s)) return (picture){s, x, s->iw, s->ih};
  pad_job job = {s, x, scratch};
  firn_parallel_for(pool, s->batch * padded_height(s), GRAIN, pad_lines, &job);
  return (picture){s, scratch, padded_width(s), padded_height(s)};
}

/* ---- Running. ------------------------------------------------------------ */

size_t firn_conv_workspace(const firn_conv_plan *plan, int threads) {
  const firn_conv_shape *s = &plan->shape;
  switch (plan->algo) {
    case FIRN_CONV_WINOGRAD: return firn_winograd_workspace(plan, threads);
    case FIRN_CONV_DEPTHWISE: return firn_depthwise_workspace(plan);
    case FIRN_CONV_ROWS:
      if (!needs_padding(s)) return 0;
      return s->batch * padded_height(s) * padded_width(s) * s->ic *
             sizeof(float);
    case FIRN_CONV_DIRECT:
    case FIRN_CONV_POINTWISE: break;
  }
  return 0;
}

static void run_panels(const firn_conv_plan *plan, picture p,
                       firn_product product, firn_pool *pool) {
  const firn_conv_shape *s = &plan->shape;
  product.micro = plan->micro;
  product.rows = s->batch * s->oh * s->ow;
  product.columns = s->oc / s->groups;
  product.taps = s->kh * s->kw;
  product.depth = s->ic / s->groups;
  product.find = find_taps;
  product.ctx = &p;
  if (plan->algo == FIRN_CONV_POINTWISE) {
    product.find = find_pointwise;
  } else if (plan->algo == FIRN_CONV_ROWS) {
    product.find = find_lines;
    product.taps = s->kh;
    product.depth = s->kw * s->ic;
  }
  const size_t size = firn_panels_size(
      plan->micro, product.taps * product.depth, product.columns);
  for (size_t g = 0; g < s->groups; g++) {
    firn_product_run(&product, pool);
    p.x += s->ic / s->groups;
    product.packed += size;
    product.y += product.columns;
    if (product.epilogue.bias) product.epilogue.bias += product.columns;
    if (product.epilogue.residual) product.epilogue.residual += product.columns;
  }
}

void firn_conv_run(const firn_conv_plan *plan, const float *x,
                   const float *packed, const firn_epilogue *epilogue, float *y,
                   size_t y_stride, void *scratch, firn_pool *pool) {
  const firn_conv_shape *s = &plan->shape;
  if (plan->algo == FIRN_CONV_WINOGRAD) {
    firn_winograd_run(plan, x, packed, epilogue, y, y_stride, scratch, pool);
    return;
  }
  if (plan->algo == FIRN_CONV_DEPTHWISE) {
    firn_depthwise_run(plan, x, packed, epilogue, y, y_stride, scratch, pool);
    return;
  }
  picture p = {s, x, s->iw, s->ih};
  if (plan->algo == FIRN_CONV_ROWS) p = pad(s, x, scratch, pool);
  run_panels(plan, p,
             (firn_product){.packed = packed,
                            .epilogue = *epilogue,
                            .y = y,
                            .y_stride = y_stride},
             pool);
}
