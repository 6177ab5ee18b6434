/* ops/conv_layout.h: what a convolution is, forwards or backwards.
 *
 * All convolution ops (two or three axes in space, by groups, depthwise,
 * gradients) have an input x, a filter w and an output y whose shapes hang
 * together in one way. A depthwise convolution is one with as many groups as
 * channels: its filter [window][channels][times] has the bytes of
 * [window][1][channels * times].
 *
 * Threads: pure functions.
 */
#ifndef FIRN_OPS_CONV_LAYOUT_H
#define FIRN_OPS_CONV_LAYOUT_H

#include "ops/geometry.h"
#include "ops/micro/conv.h"

typedef struct firn_conv_layout {
  firn_geometry g; /* channels: of x */
  int64_t oc, groups;
} firn_conv_layout;

/* Reads attrs and shapes; unknown parts are -1. Knows by the op's name whether
 * it is depthwise ("Depthwise...") and how many axes it has in space
 * ("Conv3D..."). */
FIRN_CHECKED firn_code firn_conv_layout_of(const firn_node *node,
                                           const firn_shape *x,
                                           const firn_shape *w,
                                           firn_conv_layout *l,
                                           firn_error *err);

/* The shape of y. */
firn_shape firn_conv_layout_out(const firn_conv_layout *l);

/* The two axes of pictures as ops/micro/conv.h has them; batch, in and out are
 * those of all the pictures. */
firn_conv_shape firn_conv_layout_shape(const firn_conv_layout *l);

/* Whether the filter covers all of an image and there is one output pixel: the
 * convolution is a product of matrices, [batch][image] by [image][oc]. */
bool firn_conv_layout_dense(const firn_conv_layout *l);

static inline int firn_conv_space(const firn_node *node) {
  return firn_str_starts(node->type->name, FIRN_STR("Conv3D")) ? 3 : 2;
}

#endif
