/* tensor/image.h: pictures in files, with all the choices that TensorFlow's ops
 * leave.
 *
 * Damaged files are DATA_LOSS; a library that firn was built without is
 * UNIMPLEMENTED.
 *
 * Threads: pure functions.
 */
#ifndef FIRN_TENSOR_IMAGE_H
#define FIRN_TENSOR_IMAGE_H

#include "base/text.h"
#include "tensor/tensor.h"

/* Zero is TensorFlow's default for each. */
typedef struct firn_image_options {
  int channels; /* 0: the file's own number; else 1, 3 or 4 (4: PNG only) */
  bool wide;    /* PNG: uint16                                            */
  /* JPEG only: */
  int ratio;            /* 1, 2, 4, 8: smaller by that                     */
  bool plain_upscaling; /* of colours: repeat them                         */
  bool accurate;        /* the slower transform                            */
  bool recover;         /* take a cut file as far as it goes               */
  float acceptable;     /* or if it has that share of its rows; 0: all     */
  bool crop;            /* only a window: top, left, height, width         */
  int64_t window[4];
} firn_image_options;

FIRN_CHECKED firn_code firn_png_decode(firn_bytes file,
                                       const firn_image_options *options,
                                       const firn_env *env, firn_tensor **out,
                                       firn_error *err);
FIRN_CHECKED firn_code firn_jpeg_decode(firn_bytes file,
                                        const firn_image_options *options,
                                        const firn_env *env, firn_tensor **out,
                                        firn_error *err);

/* Height, width and channels, from the header alone. */
FIRN_CHECKED firn_code firn_jpeg_size(firn_bytes file, const firn_env *env,
                                      int64_t size[3], firn_error *err);

/* Pixels of shape [height, width, channels], appended to `out` as a file: 1 to
 * 4 channels of 8 or 16 bits; compression -1 (zlib's default) or 0 to 9. */
FIRN_CHECKED firn_code firn_png_encode(const void *pixels,
                                       const firn_shape *shape, bool wide,
                                       int compression, firn_buf *out,
                                       firn_error *err);

typedef struct firn_jpeg_options {
  int quality; /* 0 to 100 */
  bool progressive, optimize, downsample, per_cm;
  int x_density, y_density;
  firn_str xmp;
} firn_jpeg_options;

/* The same of 1 or 3 channels. */
FIRN_CHECKED firn_code firn_jpeg_encode(const void *pixels,
                                        const firn_shape *shape,
                                        const firn_jpeg_options *options,
                                        firn_buf *out, firn_error *err);

/* uint8 [frames,height,width,3]: each frame as it is to be shown, or the first
 * one only. */
bool firn_gif_is(firn_bytes file);
FIRN_CHECKED firn_code firn_gif_decode(firn_bytes file, bool all_frames,
                                       const firn_env *env, firn_tensor **out,
                                       firn_error *err);

/* uint8 [height,width,channels]; channels 0, 3 or 4. Only without
 * compression. */
bool firn_bmp_is(firn_bytes file);
FIRN_CHECKED firn_code firn_bmp_decode(firn_bytes file, int channels,
                                       const firn_env *env, firn_tensor **out,
                                       firn_error *err);

#endif
