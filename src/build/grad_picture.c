/* build/grad_picture.c: gradients of pictures resized, scaled and cropped. */
#include "build/gradient.h"

#define RULE(name) static void name(firn_grad *g)

/* ---- Resizing ------------------------------------------------------------ */

static const char *const resize_attrs[] = {"align_corners",
                                           "half_pixel_centers", NULL};
RULE(resize_bilinear) {
  g->dx[0] = g_like(g, "ResizeBilinearGrad", resize_attrs,
                    (const firn_output[]){g->dy[0], g_in(g, 0)}, 2);
}
RULE(resize_bicubic) {
  g->dx[0] = g_like(g, "ResizeBicubicGrad", resize_attrs,
                    (const firn_output[]){g->dy[0], g_in(g, 0)}, 2);
}
RULE(resize_nearest) {
  const firn_output one = firn_const_int32(g->b, NULL, 1);
  const firn_output three = firn_const_int32(g->b, NULL, 3);
  const firn_output size = g_op3(g, "GatherV2", g_shape(g, g_in(g, 0)),
                                 g_op3(g, "Range", one, three, one),
                                 firn_const_int32(g->b, NULL, 0));
  g->dx[0] = g_like(g, "ResizeNearestNeighborGrad", resize_attrs,
                    (const firn_output[]){g->dy[0], size}, 2);
}

RULE(scale_and_translate) {
  static const char *const attrs[] = {"kernel_type", "antialias", NULL};
  const firn_output inputs[] = {g->dy[0], g_in(g, 0), g_in(g, 2), g_in(g, 3)};
  g->dx[0] = g_like(g, "ScaleAndTranslateGrad", attrs, inputs, 4);
}

/* ---- Cropping ------------------------------------------------------------ */

/* Pictures of integers have no gradient. What boxes get is that of bilinear
 * crops, also where the nearest pixels were taken. */
RULE(crop_and_resize) {
  static const char *const attrs[] = {"T", "method", NULL};
  const firn_output image = g_in(g, 0), boxes = g_in(g, 1), index = g_in(g, 2);
  const firn_dtype type = g_type(g, image);
  if (g->wanted[0] &&
      (type == FIRN_FLOAT || type == FIRN_DOUBLE || type == FIRN_HALF)) {
    const firn_output inputs[] = {g->dy[0], boxes, index, g_shape(g, image)};
    g->dx[0] = g_like(g, "CropAndResizeGradImage", attrs, inputs, 4);
  }
  if (g->wanted[1]) {
    static const char *const none[] = {NULL};
    const firn_output inputs[] = {g->dy[0], image, boxes, index};
    g->dx[1] = g_like(g, "CropAndResizeGradBoxes", none, inputs, 4);
  }
}

/* ---- Patches ------------------------------------------------------------- */

/* Numbers of pixels are cut up as the picture was: where number k comes to lie,
 * pixel k was, and 0 is where there was none. */
RULE(extract_patches) {
  static const char *const attrs[] = {"ksizes", "strides", "rates", "padding",
                                      NULL};
  static const int32_t plane[] = {1, 2}, order[] = {1, 0, 2};
  const firn_output zero = firn_const_int32(g->b, NULL, 0);
  const firn_output one = firn_const_int32(g->b, NULL, 1);
  const firn_output shape = g_shape(g, g_in(g, 0));
  const firn_output sides =
      g_op3(g, "GatherV2", shape, firn_const_ints(g->b, NULL, plane, 2), zero);
  const firn_output count = g_op2(g, "Prod", sides, zero);
  const firn_output unit = g_op2(g, "ExpandDims", one, zero);
  const firn_output numbers =
      g_op3(g, "Range", one, g_op2(g, "AddV2", count, one), one);
  const firn_output whole =
      g_op2(g, "Reshape", numbers, g_concat(g, g_concat(g, unit, sides), unit));
  const firn_output cut = g_like(g, "ExtractImagePatches", attrs, &whole, 1);
  const firn_output each = g_op2(g, "ExpandDims", g_size(g, cut), zero);
  const firn_output ids = g_op2(g, "Sub", g_op2(g, "Reshape", cut, each), one);
  const firn_output batch = g_op3(g, "GatherV2", shape, zero, zero);
  const firn_output channels =
      g_op3(g, "GatherV2", shape, firn_const_int32(g->b, NULL, 3), zero);
  const firn_output flat[] = {batch, g_size(g, cut), channels};
  firn_op_begin(g->b, "Pack", NULL);
  firn_op_inputs(g->b, flat, 3);
  const firn_output dy = g_op2(g, "Reshape", g->dy[0], firn_op_end(g->b));
  const firn_output swap = firn_const_ints(g->b, NULL, order, 3);
  const firn_output sum = g_op3(g, "UnsortedSegmentSum",
                                g_op2(g, "Transpose", dy, swap), ids, count);
  g->dx[0] = g_op2(g, "Reshape", g_op2(g, "Transpose", sum, swap), shape);
}

const firn_grad_rule firn_grad_picture[] = {
    {"ExtractImagePatches", extract_patches},
    {"ResizeBilinear", resize_bilinear},
    {"ResizeBicubic", resize_bicubic},
    {"ResizeNearestNeighbor", resize_nearest},
    {"ScaleAndTranslate", scale_and_translate},
    {"CropAndResize", crop_and_resize},
    {NULL, NULL},
};
