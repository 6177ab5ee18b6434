/* ops/picture.h: what the ops on batches of pictures have in common.
 *
 * A picture is [batch, height, width, channels]. Resizing and its kin give
 * floats whatever they are given, so they compute on floats: pictures of other
 * types are turned into floats first, in a step's scratch.
 *
 * Threads: pure functions, of which some share work out.
 */
#ifndef FIRN_OPS_PICTURE_H
#define FIRN_OPS_PICTURE_H

#include "ops/infer.h"

/* TensorFlow's "real number types". */
#define FIRN_REALS (FIRN_FLOATS | FIRN_INTS)

typedef struct firn_picture {
  size_t batch, height, width, channels;
} firn_picture;

firn_picture firn_picture_of(const firn_shape *shape);

/* Output 0 is input 0 (a picture, called "images") with the height and width
 * that input 1 says. Refuses pictures without pixels or channels. */
FIRN_CHECKED firn_code firn_infer_resized(firn_infer *q, firn_error *err);

/* Output 0 is that picture with the height and width that input 1, a vector of
 * two, says. */
FIRN_CHECKED firn_code firn_infer_size(firn_infer *q, const firn_shape *shape,
                                       firn_error *err);

/* Fails unless input i is a vector of `count` elements. */
FIRN_CHECKED firn_code firn_infer_vector(const firn_infer *q, size_t i,
                                         int64_t count, const char *what,
                                         firn_error *err);
FIRN_CHECKED firn_code firn_infer_is_scalar(const firn_infer *q, size_t i,
                                            const char *what, firn_error *err);

/* How many input pixels an output pixel is wide. Of one pixel nothing can be
 * aligned. */
float firn_resize_scale(size_t in, size_t out, bool align_corners);

/* Any real type as floats. */
void firn_floats_of(firn_dtype dtype, const void *x, float *y, size_t count,
                    firn_pool *pool);

/* How much scratch firn_run_floats needs for an input; and the input's elements
 * as floats, put into `room` unless they are floats already. */
size_t firn_floats_room(const firn_info *in);
const float *firn_run_floats(const firn_run *run, size_t i, void *room);

/* Cuts n rows into at most FIRN_PARTS runs of neighbours: part i is
 * [i * n / parts, (i + 1) * n / parts). `cost` is the work of a row. */
enum { FIRN_PARTS = 32 };
size_t firn_parts(size_t n, size_t cost);

#endif
