/* build/grad_fourier.c: gradients of Fourier transforms. */
#include "build/gradient.h"

#define RULE(name) static void name(firn_grad *g)

/* ---- Of complex numbers ---------------------------------------------------
 */

/* The transform back, times the number of points along its axes. */
static void fourier(firn_grad *g, const char *back, int axes, bool forward) {
  const firn_output x = g->dy[0], shape = g_shape(g, x);
  const firn_output zero = firn_const_int32(g->b, NULL, 0);
  const firn_output one = firn_const_int32(g->b, NULL, 1);
  const firn_output rank = g_size(g, shape);
  const firn_output first =
      g_op2(g, "Sub", rank, firn_const_int32(g->b, NULL, axes));
  const firn_output extents =
      g_op3(g, "GatherV2", shape, g_op3(g, "Range", first, rank, one), zero);
  const bool narrow = g_type(g, x) == FIRN_COMPLEX64;
  const firn_output points = g_cast(g, g_op2(g, "Prod", extents, zero),
                                    narrow ? FIRN_FLOAT : FIRN_DOUBLE);
  const firn_output factor = forward ? points : g_op1(g, "Reciprocal", points);
  g->dx[0] = g_mul(g, g_op1(g, back, x), g_cast(g, factor, g_type(g, x)));
}
RULE(fft) { fourier(g, "IFFT", 1, true); }
RULE(ifft) { fourier(g, "FFT", 1, false); }
RULE(fft2d) { fourier(g, "IFFT2D", 2, true); }
RULE(ifft2d) { fourier(g, "FFT2D", 2, false); }
RULE(fft3d) { fourier(g, "IFFT3D", 3, true); }
RULE(ifft3d) { fourier(g, "FFT3D", 3, false); }

/* ---- Of real numbers ------------------------------------------------------
 */

/* How many points there are along the axes of a transform. */
static firn_output point_count(firn_grad *g, firn_output lengths) {
  return g_op2(g, "Prod", lengths, firn_const_int32(g->b, NULL, 0));
}

/* The last length of the transform. */
static firn_output last_length(firn_grad *g) {
  const firn_output zero = firn_const_int32(g->b, NULL, 0);
  const firn_output one = firn_const_int32(g->b, NULL, 1);
  const firn_output last = g_op2(g, "Sub", g_size(g, g_in(g, 1)), one);
  return g_op3(g, "GatherV2", g_in(g, 1), last, zero);
}

/* x filled up with zeros along its last axis. */
static firn_output fill_up(firn_grad *g, firn_output x, firn_output length) {
  const firn_output shape = g_shape(g, x), rank = g_size(g, shape);
  const firn_output zero = firn_const_int32(g->b, NULL, 0);
  const firn_output one = firn_const_int32(g->b, NULL, 1);
  const firn_output last = g_op2(g, "Sub", rank, one);
  const firn_output more =
      g_op2(g, "Sub", length, g_op3(g, "GatherV2", shape, last, zero));
  const firn_output behind =
      g_concat(g, g_op2(g, "Fill", g_op2(g, "ExpandDims", last, zero), zero),
               g_op2(g, "ExpandDims", more, zero));
  const firn_output sides[] = {g_op1(g, "ZerosLike", behind), behind};
  firn_op_begin(g->b, "Pack", NULL);
  firn_op_inputs(g->b, sides, 2);
  firn_op_attr_int(g->b, "axis", 1);
  return g_op2(g, "Pad", x, firn_op_end(g->b));
}

/* The half that is left out of the result is no result: dy is zero there. */
static void real_to_half(firn_grad *g, const char *back) {
  const firn_output x = g_in(g, 0);
  const firn_output all = g_op1(g, back, fill_up(g, g->dy[0], last_length(g)));
  firn_op_begin(g->b, "Real", NULL);
  firn_op_input(g->b, all);
  firn_op_attr_type(g->b, "Tout", g_type(g, x));
  const firn_output real = firn_op_end(g->b);
  g->dx[0] =
      g_mul(g, real, g_cast(g, point_count(g, g_in(g, 1)), g_type(g, x)));
}
RULE(rfft) { real_to_half(g, "IFFT"); }
RULE(rfft2d) { real_to_half(g, "IFFT2D"); }

/* What stands for its mirror image as well counts twice: all but the first and,
 * of an even number, the middle. */
static void half_to_real(firn_grad *g, const char *forth) {
  const firn_output zero = firn_const_int32(g->b, NULL, 0);
  const firn_output one = firn_const_int32(g->b, NULL, 1);
  const firn_output two = firn_const_int32(g->b, NULL, 2);
  const firn_dtype real = g_type(g, g->dy[0]), type = g_type(g, g_in(g, 0));
  const firn_output shape = g_shape(g, g_in(g, 0));
  const firn_output count =
      g_op3(g, "GatherV2", shape, g_op2(g, "Sub", g_size(g, shape), one), zero);
  const firn_output k = g_op3(g, "Range", zero, count, one);
  const firn_output once =
      g_op2(g, "LogicalOr", g_op2(g, "Equal", k, zero),
            g_op2(g, "Equal", g_mul(g, k, two), last_length(g)));
  const firn_output weight = g_op3(g, "SelectV2", once, one, two);
  const firn_output scale = g_op2(g, "RealDiv", g_cast(g, weight, real),
                                  g_cast(g, point_count(g, g_in(g, 1)), real));
  firn_op_begin(g->b, forth, NULL);
  firn_op_input(g->b, g->dy[0]);
  firn_op_input(g->b, g_in(g, 1));
  firn_op_attr_type(g->b, "Tcomplex", type);
  const firn_output y = firn_op_end(g->b);
  g->dx[0] = g_mul(g, y, g_cast(g, scale, type));
}
RULE(irfft) { half_to_real(g, "RFFT"); }
RULE(irfft2d) { half_to_real(g, "RFFT2D"); }

const firn_grad_rule firn_grad_fourier[] = {
    {"FFT", fft},         {"IFFT", ifft},     {"FFT2D", fft2d},
    {"IFFT2D", ifft2d},   {"FFT3D", fft3d},   {"IFFT3D", ifft3d},
    {"RFFT", rfft},       {"RFFT2D", rfft2d}, {"IRFFT", irfft},
    {"IRFFT2D", irfft2d}, {NULL, NULL},
};
