/* ops/geometry.h: windows that slide over pictures and volumes.
 *
 * Convolutions and poolings read the same attrs (strides, padding, dilations,
 * data_format) and find their output's extents by the same rule. A picture is
 * taken as a volume one plane deep, so that what is written for three axes in
 * space serves two as well.
 *
 *   firn_geometry g;
 *   FIRN_TRY(firn_geometry_attrs(node, 2, &g, err));
 *   FIRN_TRY(firn_geometry_input(&g, &shape, "input", err));
 *   g.window[1] = kh; g.window[2] = kw;
 *   FIRN_TRY(firn_geometry_place(&g, err));
 *   out = firn_geometry_shape(&g, channels);
 *
 * Unknown extents are -1 and stay so.
 *
 * Threads: pure functions.
 */
#ifndef FIRN_OPS_GEOMETRY_H
#define FIRN_OPS_GEOMETRY_H

#include "ops/infer.h"

typedef struct firn_geometry {
  int space; /* axes in space that the tensor has: 2 or 3 */
  bool channels_first;
  firn_str padding;
  int64_t batch, channels; /* of the input */
  int64_t in[3], out[3], window[3], stride[3], dilation[3];
  int64_t before[3], after[3]; /* padding; `after` is set for EXPLICIT only */
} firn_geometry;

/* Reads data_format, strides, padding, dilations and explicit_paddings, where
 * the op has them. window[] becomes 1. */
FIRN_CHECKED firn_code firn_geometry_attrs(const firn_node *node, int space,
                                           firn_geometry *g, firn_error *err);

/* The same without strides and dilations, which then are 1: poolings have
 * strides over batch and channels, and some get them as inputs. */
FIRN_CHECKED firn_code firn_geometry_padding(const firn_node *node, int space,
                                             firn_geometry *g, firn_error *err);

/* data_format alone. */
FIRN_CHECKED firn_code firn_channels_first(const firn_node *node, bool *out,
                                           firn_error *err);

/* Reads a list with one number for each axis of the tensor ("ksize"), into the
 * axes in space; those of batch and channels go to `others` (2 numbers). An
 * open list may hold FIRN_UNKNOWN_INT. */
FIRN_CHECKED firn_code firn_geometry_list(const firn_geometry *g,
                                          const int64_t *list, size_t count,
                                          const char *name, bool open,
                                          int64_t space[3], int64_t others[2],
                                          firn_error *err);

/* Takes batch, channels and extents from the input's shape (of any known part).
 */
FIRN_CHECKED firn_code firn_geometry_input(firn_geometry *g,
                                           const firn_shape *shape,
                                           const char *what, firn_error *err);

/* Finds out[] and before[]. */
FIRN_CHECKED firn_code firn_geometry_place(firn_geometry *g, firn_error *err);

/* The shape with these extents in space, in the order of data_format. */
firn_shape firn_geometry_shape(const firn_geometry *g, const int64_t space[3],
                               int64_t channels);

/* The taps of one output along an axis that lie inside of the input: the first
 * one's position, and how many (each a dilation further). */
typedef struct firn_span {
  int64_t first, count;
  int64_t skipped; /* taps before the first */
} firn_span;

firn_span firn_geometry_span(const firn_geometry *g, int axis, int64_t out);

/* Calls `window` for every output pixel: with its spans along the three axes,
 * the image's number in the batch, and the pixel's number among all of the
 * output. Shared out by lines of pixels; `work` is about how many operations a
 * window takes. With `by_image` a whole image is done by one thread, so that
 * windows may write to the input's pixels. */
typedef void firn_window_fn(void *ctx, const firn_geometry *g,
                            const firn_span span[3], size_t image,
                            size_t pixel);
void firn_each_window(const firn_geometry *g, firn_window_fn *window, void *ctx,
                      size_t work, bool by_image, firn_pool *pool);

/* The number of the input's pixel (image, z, y, x). */
static inline size_t firn_pixel(const firn_geometry *g, size_t image, int64_t z,
                                int64_t y, int64_t x) {
  return ((image * (size_t)g->in[0] + (size_t)z) * (size_t)g->in[1] +
          (size_t)y) *
             (size_t)g->in[2] +
         (size_t)x;
}

/* The product of known extents in space. */
static inline size_t firn_space(const int64_t space[3]) {
  return (size_t)space[0] * (size_t)space[1] * (size_t)space[2];
}

#endif
