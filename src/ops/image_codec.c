/* ops/image_codec.c: pictures in files: DecodePng, DecodeJpeg, EncodePng, ...
 *
 * TensorFlow looks at the bytes, not at the op's name: DecodePng reads a JPEG
 * as well, and DecodeGif gives any picture four axes. Only BMP wants an op of
 * its own, and cropping a JPEG.
 */
#include <math.h>

#include "ops/picture.h"
#include "tensor/image.h"
#include "tensor/tensor_file.h"

typedef enum decoder { JPEG, CROP, PNG, GIF, BMP, ANY } decoder;

static const decoder as_jpeg = JPEG, as_crop = CROP, as_png = PNG, as_gif = GIF,
                     as_bmp = BMP, as_any = ANY;

/* ---- Shapes ------------------------------------------------------------- */

static firn_code check_channels(const firn_node *node, int64_t *out,
                                firn_error *err) {
  const int64_t channels = firn_attr_int_or(node, "channels", 0);
  if (channels < 0 || channels == 2 || channels > 4)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "attr 'channels' is %lld, not 0, 1, 3 or 4",
                     (long long)channels);
  *out = channels;
  return FIRN_OK;
}

static firn_code infer_picture(firn_infer *q, firn_error *err) {
  int64_t channels;
  FIRN_TRY(firn_infer_is_scalar(q, 0, "contents", err));
  FIRN_TRY(check_channels(q->node, &channels, err));
  if (q->in_count > 1) FIRN_TRY(firn_infer_vector(q, 1, 4, "crop_window", err));
  q->out[0].shape = (firn_shape){3,
                                 {FIRN_UNKNOWN_DIM, FIRN_UNKNOWN_DIM,
                                  channels ? channels : FIRN_UNKNOWN_DIM}};
  return FIRN_OK;
}

static firn_code infer_gif(firn_infer *q, firn_error *err) {
  FIRN_TRY(firn_infer_is_scalar(q, 0, "contents", err));
  q->out[0].shape = (firn_shape){
      4, {FIRN_UNKNOWN_DIM, FIRN_UNKNOWN_DIM, FIRN_UNKNOWN_DIM, 3}};
  return FIRN_OK;
}

static firn_code infer_any(firn_infer *q, firn_error *err) {
  int64_t channels;
  FIRN_TRY(firn_infer_is_scalar(q, 0, "contents", err));
  return check_channels(q->node, &channels, err);
}

static firn_code infer_jpeg_shape(firn_infer *q, firn_error *err) {
  FIRN_TRY(firn_infer_is_scalar(q, 0, "contents", err));
  q->out[0].shape = firn_shape_vector(3);
  return FIRN_OK;
}

/* ---- Decoding ----------------------------------------------------------- */

static firn_code read_options(const firn_run *run, firn_image_options *o,
                              firn_error *err) {
  const firn_node *node = run->node;
  const firn_str dct = firn_attr_str_or(node, "dct_method", "");
  int64_t channels;
  FIRN_TRY(check_channels(node, &channels, err));
  const int64_t ratio = firn_attr_int_or(node, "ratio", 1);
  if (ratio != 1 && ratio != 2 && ratio != 4 && ratio != 8)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "attr 'ratio' is %lld, not 1, 2, 4 or 8",
                     (long long)ratio);
  if (dct.size && !firn_str_is(dct, "INTEGER_FAST") &&
      !firn_str_is(dct, "INTEGER_ACCURATE"))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "attr 'dct_method' is '%.*s', not INTEGER_FAST or "
                     "INTEGER_ACCURATE",
                     FIRN_ARG(dct));
  *o = (firn_image_options){
      .channels = (int)channels,
      .ratio = (int)ratio,
      .plain_upscaling = !firn_attr_bool_or(node, "fancy_upscaling", true),
      .accurate = firn_str_is(dct, "INTEGER_ACCURATE"),
      .recover = firn_attr_bool_or(node, "try_recover_truncated", false),
      .acceptable = firn_attr_float_or(node, "acceptable_fraction", 1)};
  if (o->acceptable <= 0) o->acceptable = 1e-30f; /* any share will do */
  for (size_t i = 0; i < 4 && run->in_count > 1; i++)
    o->window[i] = firn_tensor_i64(run->in[1], i);
  o->crop = run->in_count > 1;
  return FIRN_OK;
}

static firn_code wrong_format(const char *format, firn_error *err) {
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "contents are a %s file, which this op does not take",
                   format);
}

static firn_code decode_gif(const firn_run *run, decoder d, firn_bytes file,
                            int channels, firn_tensor **out, firn_error *err) {
  const bool all = firn_attr_bool_or(run->node, "expand_animations", true);
  if (d == BMP || d == CROP) return wrong_format("GIF", err);
  if (channels != 0 && channels != 3)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "a GIF file has 3 channels, not %d", channels);
  FIRN_TRY(firn_gif_decode(file, all, run->env, out, err));
  const int64_t frames = (*out)->shape.dims[0];
  if ((d != PNG && d != JPEG) || frames == 1) return FIRN_OK;
  firn_tensor_release(*out);
  *out = NULL;
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "a GIF file of %lld frames, which only DecodeGif and "
                   "DecodeImage take",
                   (long long)frames);
}

static firn_code decode(const firn_run *run, decoder d, firn_bytes file,
                        firn_image_options *o, firn_tensor **out,
                        firn_error *err) {
  if (d == GIF) o->channels = 3;
  if (firn_jpeg_is(file)) {
    if (d == BMP) return wrong_format("JPEG", err);
    if (o->channels == 4)
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "a JPEG file does not give 4 channels");
    return firn_jpeg_decode(file, o, run->env, out, err);
  }
  if (firn_png_is(file)) {
    if (d == BMP || d == CROP) return wrong_format("PNG", err);
    o->wide = firn_attr_type_or(run->node, "dtype", FIRN_UINT8) != FIRN_UINT8;
    return firn_png_decode(file, o, run->env, out, err);
  }
  if (firn_gif_is(file)) return decode_gif(run, d, file, o->channels, out, err);
  if (!firn_bmp_is(file))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "contents are no JPEG, PNG, GIF or BMP file");
  if (d != BMP && d != ANY) return wrong_format("BMP", err);
  if (o->channels == 1)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "a BMP file does not give 1 channel");
  return firn_bmp_decode(file, o->channels, run->env, out, err);
}

/* ---- The tensor that the op wants --------------------------------------- */

static void convert(const firn_tensor *x, firn_tensor *y) {
  const uint8_t *narrow = x->data;
  const uint16_t *wide = x->data;
  const bool is_wide = x->dtype == FIRN_UINT16;
  const float scale = (float)(1.0 / (is_wide ? UINT16_MAX : UINT8_MAX));
  for (size_t i = 0; i < x->count; i++)
    if (y->dtype == FIRN_UINT16)
      ((uint16_t *)y->data)[i] = (uint16_t)(narrow[i] * 256);
    else
      ((float *)y->data)[i] = (float)(is_wide ? wide[i] : narrow[i]) * scale;
}

/* DecodeGif has an axis of frames for every file, the others drop it when there
 * is nothing to tell. */
static firn_shape wanted_shape(const firn_run *run, decoder d,
                               const firn_tensor *x) {
  firn_shape s = x->shape;
  const bool frames = firn_attr_bool_or(run->node, "expand_animations", true);
  if (d == GIF && s.rank == 3)
    return (firn_shape){4, {1, s.dims[0], s.dims[1], s.dims[2]}};
  if (s.rank == 4 && d != GIF && (d != ANY || !frames))
    return (firn_shape){3, {s.dims[1], s.dims[2], s.dims[3]}};
  return s;
}

static firn_code give(const firn_run *run, decoder d, const firn_tensor *x,
                      firn_error *err) {
  const firn_shape shape = wanted_shape(run, d, x);
  const firn_dtype dtype = firn_attr_type_or(run->node, "dtype", FIRN_UINT8);
  firn_tensor *y = NULL;
  if (dtype == x->dtype) {
    FIRN_TRY(firn_tensor_view(x, dtype, &shape, &y, err));
  } else {
    FIRN_TRY(firn_tensor_within(dtype, &shape, &run->env->limits, err));
    FIRN_TRY(firn_tensor_make(dtype, &shape, &run->env->alloc, &y, err));
    convert(x, y);
  }
  firn_run_give(run, 0, y);
  return FIRN_OK;
}

/* A damaged file is a wrong argument of the op. */
static firn_code as_argument(firn_code code, firn_error *err) {
  if (code == FIRN_DATA_LOSS) {
    if (err) err->code = FIRN_INVALID_ARGUMENT;
    code = FIRN_INVALID_ARGUMENT;
  }
  return code;
}

static firn_code drive_decode(const firn_run *run, firn_error *err) {
  const decoder d = *(const decoder *)run->kernel->micro.table;
  const firn_str text = firn_tensor_string(run->in[0], 0);
  const firn_bytes file = {(const uint8_t *)text.data, text.size};
  firn_image_options options;
  firn_tensor *picture = NULL;
  FIRN_TRY(read_options(run, &options, err));
  if (file.size == 0)
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "contents are empty");
  firn_code code =
      as_argument(decode(run, d, file, &options, &picture, err), err);
  if (code == FIRN_OK) code = give(run, d, picture, err);
  firn_tensor_release(picture);
  return code;
}

static firn_code drive_jpeg_shape(const firn_run *run, firn_error *err) {
  const firn_str text = firn_tensor_string(run->in[0], 0);
  int64_t size[3];
  FIRN_TRY(as_argument(
      firn_jpeg_size((firn_bytes){(const uint8_t *)text.data, text.size},
                     run->env, size, err),
      err));
  for (size_t i = 0; i < 3; i++)
    if (run->out[0]->dtype == FIRN_INT64)
      ((int64_t *)run->out[0]->data)[i] = size[i];
    else
      ((int32_t *)run->out[0]->data)[i] = (int32_t)size[i];
  return FIRN_OK;
}

/* ---- Encoding ----------------------------------------------------------- */

static firn_code check_encodable(const firn_shape *s, int64_t channels,
                                 firn_error *err) {
  for (int k = s->rank - 3; k < s->rank; k++)
    if (s->dims[k] == 0 ||
        s->dims[k] > (k == s->rank - 1 ? channels : 1 << 27)) {
      char text[256];
      return firn_fail(err, FIRN_INVALID_ARGUMENT,
                       "a picture of shape %s cannot be written",
                       firn_shape_text(s, text));
    }
  return FIRN_OK;
}

static firn_code infer_png_encode(firn_infer *q, firn_error *err) {
  const firn_shape *in = &q->in[0].shape;
  const int64_t level = firn_attr_int_or(q->node, "compression", -1);
  if (level < -1 || level > 9)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "attr 'compression' is %lld, not in [-1, 9]",
                     (long long)level);
  FIRN_TRY(firn_infer_rank_at_least(q, 0, 3, "image", err));
  if (in->rank < 0) return firn_infer_unknown(q, err);
  FIRN_TRY(check_encodable(in, 4, err));
  q->out[0].shape = *in;
  q->out[0].shape.rank -= 3;
  return FIRN_OK;
}

static firn_code infer_jpeg_encode(firn_infer *q, firn_error *err) {
  firn_shape in;
  FIRN_TRY(firn_infer_rank(q, 0, 3, "image", &in, err));
  if (q->in_count > 1) FIRN_TRY(firn_infer_is_scalar(q, 1, "quality", err));
  FIRN_TRY(check_encodable(&in, 3, err));
  const firn_str format = firn_attr_str_or(q->node, "format", "");
  const int64_t want = firn_str_is(format, "rgb")         ? 3
                       : firn_str_is(format, "grayscale") ? 1
                                                          : in.dims[2];
  if (in.dims[2] >= 0 && (in.dims[2] != want || want == 2))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "image has %lld channels, format '%.*s' takes %s",
                     (long long)in.dims[2], FIRN_ARG(format),
                     want == 2   ? "1 or 3"
                     : want == 1 ? "1"
                                 : "3");
  q->out[0].shape = firn_shape_scalar();
  return FIRN_OK;
}

static firn_code put_text(firn_tensor *out, size_t i, firn_buf *buf,
                          firn_code code, firn_error *err) {
  if (code == FIRN_OK)
    code = firn_tensor_set_string(
        out, i, (firn_str){(const char *)buf->data, buf->size}, err);
  firn_buf_fini(buf);
  return code;
}

static firn_code drive_png_encode(const firn_run *run, firn_error *err) {
  const firn_tensor *in = run->in[0];
  firn_tensor *out = run->out[0];
  const int level = (int)firn_attr_int_or(run->node, "compression", -1);
  const int rank = in->shape.rank;
  const firn_shape shape = {3,
                            {in->shape.dims[rank - 3], in->shape.dims[rank - 2],
                             in->shape.dims[rank - 1]}};
  const size_t size =
      (size_t)firn_shape_product(&shape, 0, 3) * firn_dtype_size(in->dtype);
  for (size_t i = 0; i < out->count; i++) {
    firn_buf buf;
    firn_buf_init(&buf, &run->env->alloc);
    const firn_code code =
        firn_png_encode((const char *)in->data + i * size, &shape,
                        in->dtype == FIRN_UINT16, level, &buf, err);
    FIRN_TRY(put_text(out, i, &buf, code, err));
  }
  return FIRN_OK;
}

static firn_code drive_jpeg_encode(const firn_run *run, firn_error *err) {
  const firn_node *node = run->node;
  const int64_t quality = run->in_count > 1
                              ? firn_tensor_i64(run->in[1], 0)
                              : firn_attr_int_or(node, "quality", 95);
  if (quality < 0 || quality > 100)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "quality %lld is not in [0, 100]", (long long)quality);
  const firn_jpeg_options options = {
      .quality = (int)quality,
      .progressive = firn_attr_bool_or(node, "progressive", false),
      .optimize = firn_attr_bool_or(node, "optimize_size", false),
      .downsample = firn_attr_bool_or(node, "chroma_downsampling", true),
      .per_cm = firn_str_is(firn_attr_str_or(node, "density_unit", "in"), "cm"),
      .x_density = (int)firn_attr_int_or(node, "x_density", 300),
      .y_density = (int)firn_attr_int_or(node, "y_density", 300),
      .xmp = firn_attr_str_or(node, "xmp_metadata", "")};
  firn_buf buf;
  firn_buf_init(&buf, &run->env->alloc);
  const firn_code code = firn_jpeg_encode(run->in[0]->data, &run->in[0]->shape,
                                          &options, &buf, err);
  return put_text(run->out[0], 0, &buf, code, err);
}

/* ---- The family --------------------------------------------------------- */

#define DECODER(id)                                          \
  static const firn_kernel id##_kernels[] = {                \
      {.drive = drive_decode, .micro = {.table = &as_##id}}, \
      {.drive = NULL},                                       \
  };

DECODER(jpeg)
DECODER(crop)
DECODER(png)
DECODER(gif)
DECODER(bmp)
DECODER(any)

#define PLAIN(id, run_it)                                       \
  static const firn_kernel id##_kernels[] = {{.drive = run_it}, \
                                             {.drive = NULL}};

PLAIN(jpeg_shape, drive_jpeg_shape)
PLAIN(png_encode, drive_png_encode)
PLAIN(jpeg_encode, drive_jpeg_encode)

static const firn_op ops[] = {
    {"DecodeJpeg", infer_picture, jpeg_kernels, FIRN_OP_GIVES},
    {"DecodeAndCropJpeg", infer_picture, crop_kernels, FIRN_OP_GIVES},
    {"DecodePng", infer_picture, png_kernels, FIRN_OP_GIVES},
    {"DecodeGif", infer_gif, gif_kernels, FIRN_OP_GIVES},
    {"DecodeBmp", infer_picture, bmp_kernels, FIRN_OP_GIVES},
    {"DecodeImage", infer_any, any_kernels, FIRN_OP_GIVES},
    {"ExtractJpegShape", infer_jpeg_shape, jpeg_shape_kernels, 0},
    {"EncodePng", infer_png_encode, png_encode_kernels, 0},
    {"EncodeJpeg", infer_jpeg_encode, jpeg_encode_kernels, 0},
    {"EncodeJpegVariableQuality", infer_jpeg_encode, jpeg_encode_kernels, 0},
};

FIRN_OP_FAMILY(image_codec, ops);
