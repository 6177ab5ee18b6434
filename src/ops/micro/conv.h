/* ops/micro/conv.h: convolutions of NHWC pictures with weights packed once.
 *
 * A plan is plain data made from the shape alone: it names the algorithm and
 * holds no pointer that needs freeing. Weights are packed once for it. A run
 * needs a scratch of firn_conv_workspace bytes and allocates nothing.
 *
 *   firn_conv_plan plan = firn_conv_choose(&shape, micro, false);
 *   firn_conv_pack(&plan, weights, NULL, packed, pool);
 *   firn_conv_run(&plan, x, packed, &epilogue, y, shape.oc, scratch, pool);
 *
 * Padding is never stored: taps outside of the picture read zeros. y may be a
 * slice of a wider picture: y_stride counts the floats from pixel to pixel.
 * The same plan gives the same bits on any number of threads.
 *
 * Threads: a plan and packed weights are immutable; each run has a scratch of
 *          its own.
 */
#ifndef FIRN_OPS_MICRO_CONV_H
#define FIRN_OPS_MICRO_CONV_H

#include <stdbool.h>

#include "base/pool.h"
#include "ops/micro/micro.h"

/* Weights are [kh][kw][ic / groups][oc]. With groups == ic > 1 they are those
 * of a depthwise convolution, [kh][kw][ic][oc / ic]: the same bytes. What pads
 * below and to the right follows from oh and ow. */
typedef struct firn_conv_shape {
  size_t batch, ih, iw, ic;
  size_t oh, ow, oc;
  size_t kh, kw;
  size_t stride_h, stride_w, dilation_h, dilation_w;
  size_t pad_top, pad_left;
  size_t groups;
} firn_conv_shape;

typedef enum firn_conv_algo {
  FIRN_CONV_POINTWISE, /* 1x1: a matrix product                        */
  FIRN_CONV_DIRECT,    /* taps found through a table of pointers       */
  FIRN_CONV_ROWS,      /* few channels: kw * ic numbers are one tap    */
  FIRN_CONV_WINOGRAD,  /* F(4x4, 3x3): 2.25 instead of 9 products      */
  FIRN_CONV_DEPTHWISE, /* each channel by itself                       */
} firn_conv_algo;

/* How weights lie when packed. Plans with equal packing (and list, and kh, kw,
 * ic, oc, groups) share packed weights, whatever their pictures' sizes. */
typedef enum firn_conv_packing {
  FIRN_PACKING_PANELS,
  FIRN_PACKING_WINOGRAD,
  FIRN_PACKING_DEPTHWISE,
} firn_conv_packing;

typedef struct firn_conv_plan {
  firn_conv_shape shape;
  const firn_micro *micro;
  firn_conv_algo algo;
  firn_conv_packing packing;
} firn_conv_plan;

/* The algorithm for a shape, which must have no zero but pads. `exact` refuses
 * the ones that round differently from a plain sum (Winograd). */
firn_conv_plan firn_conv_choose(const firn_conv_shape *shape,
                                const firn_micro *micro, bool exact);

/* The same where the weights are packed anew for each run. */
firn_conv_plan firn_conv_choose_repacked(const firn_conv_shape *shape,
                                         const firn_micro *micro, bool exact);

/* Bytes of packed weights, and the packing. `scale` multiplies each output
 * channel (NULL: by one); bias and residual belong to the run. `weights` may
 * lie at any address, as a constant in a mapped file does. */
size_t firn_conv_pack_size(const firn_conv_plan *plan);
void firn_conv_pack(const firn_conv_plan *plan, const float *weights,
                    const float *scale, float *packed, firn_pool *pool);

/* Bytes of scratch of one run with a pool of so many threads. */
size_t firn_conv_workspace(const firn_conv_plan *plan, int threads);

/* `scratch` and `packed` are aligned to 64 bytes; `pool` has at most as many
 * threads as the workspace was asked for. */
void firn_conv_run(const firn_conv_plan *plan, const float *x,
                   const float *packed, const firn_epilogue *epilogue, float *y,
                   size_t y_stride, void *scratch, firn_pool *pool);

/* The filter's gradient, dw[kh][kw][ic][oc], from a picture and its output's
 * gradient, by Winograd's algorithm; where it pays, and the bytes of scratch.
 */
bool firn_conv_filter_pays(const firn_conv_shape *shape);
size_t firn_conv_filter_workspace(const firn_conv_shape *shape,
                                  const firn_micro *micro);
void firn_conv_filter_run(const firn_conv_shape *shape, const firn_micro *micro,
                          const float *x, const float *dy, float *dw,
                          void *scratch, firn_pool *pool);

/* Pooling: only batch, ih, iw, ic, oh, ow, kh, kw, strides, dilations and pads
 * of the shape count. The mean is over the pixels inside of the picture. */
void firn_max_pool(const firn_conv_shape *shape, const firn_micro *micro,
                   const float *x, float *y, size_t y_stride, firn_pool *pool);
void firn_mean_pool(const firn_conv_shape *shape, const firn_micro *micro,
                    const float *x, float *y, size_t y_stride, firn_pool *pool);

#endif
