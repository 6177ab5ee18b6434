/* tensor/bmp.c: BMP files without compression as uint8 tensors.
 *
 * Of the header TensorFlow reads four numbers and wants the pixels to fill the
 * rest of the file exactly. Pixels of one byte are taken for grey.
 */
#include <string.h>

#include "tensor/image.h"

typedef struct bmp {
  int64_t offset, width, height; /* height below 0: top row first */
  int64_t channels, row;         /* bytes of a pixel and of a padded row */
} bmp;

bool firn_bmp_is(firn_bytes file) {
  return file.size >= 2 && !memcmp(file.data, "BM", 2);
}

static int32_t i32(const uint8_t *p) { return (int32_t)firn_load32(p); }

static firn_code read_header(firn_bytes file, bmp *b, firn_error *err) {
  enum { HEADER = 32 };
  if (file.size < HEADER)
    return firn_fail(err, FIRN_DATA_LOSS,
                     "the BMP file is damaged: %zu bytes, fewer than a header",
                     file.size);
  const int bits = file.data[28] | file.data[29] << 8;
  b->offset = i32(file.data + 10);
  b->width = i32(file.data + 18);
  b->height = i32(file.data + 22);
  b->channels = bits / 8;
  if (b->channels != 1 && b->channels != 3 && b->channels != 4)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "a BMP file of %d bits a pixel, not 8, 24 or 32", bits);
  if (b->width <= 0 || b->height == 0 || b->offset < 0)
    return firn_fail(err, FIRN_DATA_LOSS,
                     "the BMP file is damaged: %lld x %lld pixels at %lld",
                     (long long)b->height, (long long)b->width,
                     (long long)b->offset);
  return FIRN_OK;
}

static firn_code check_size(firn_bytes file, bmp *b, firn_error *err) {
  const int64_t rows = b->height < 0 ? -b->height : b->height;
  b->row = (b->channels * b->width + 3) / 4 * 4;
  if (b->width * rows >= INT32_MAX / 8 ||
      b->offset + b->row * rows != (int64_t)file.size)
    return firn_fail(err, FIRN_DATA_LOSS,
                     "the BMP file is damaged: %zu bytes for %lld x %lld "
                     "pixels of %lld bytes",
                     file.size, (long long)rows, (long long)b->width,
                     (long long)b->channels);
  return FIRN_OK;
}

/* Blue comes first in the file. */
static void copy_row(const bmp *b, const uint8_t *from, uint8_t *to,
                     int channels) {
  for (int64_t x = 0; x < b->width; x++, from += b->channels, to += channels) {
    const bool grey = b->channels == 1;
    to[0] = grey ? from[0] : from[2];
    if (channels > 1) {
      to[1] = grey ? from[0] : from[1];
      to[2] = from[0];
    }
    if (channels > 3) to[3] = b->channels == 4 ? from[3] : UINT8_MAX;
  }
}

firn_code firn_bmp_decode(firn_bytes file, int channels, const firn_env *env,
                          firn_tensor **out, firn_error *err) {
  bmp b = {0};
  *out = NULL;
  FIRN_TRY(read_header(file, &b, err));
  FIRN_TRY(check_size(file, &b, err));
  if (channels == 0) channels = (int)b.channels;
  const int64_t rows = b.height < 0 ? -b.height : b.height;
  const firn_shape shape = {3, {rows, b.width, channels}};
  FIRN_TRY(firn_tensor_within(FIRN_UINT8, &shape, &env->limits, err));
  FIRN_TRY(firn_tensor_make(FIRN_UINT8, &shape, &env->alloc, out, err));
  for (int64_t y = 0; y < rows; y++) {
    const int64_t at = b.height < 0 ? y : rows - 1 - y;
    copy_row(&b, file.data + b.offset + at * b.row,
             (uint8_t *)(*out)->data + y * b.width * channels, channels);
  }
  return FIRN_OK;
}
