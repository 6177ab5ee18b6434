/* tensor/image.c: PNG and JPEG files as tensors, and tensors as such files.
 *
 * Both libraries report errors by longjmp. So everything that must be freed
 * lies in one struct outside of the function that calls setjmp, and that
 * function holds no local that changes after it.
 */
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include "tensor/image.h"
#include "tensor/tensor_file.h"

#ifdef FIRN_HAVE_PNG
#include <png.h>
#endif
#ifdef FIRN_HAVE_JPEG
#include <jpeglib.h>
#endif

bool firn_png_is(firn_bytes file) {
  return file.size >= 8 && !memcmp(file.data, "\x89PNG\r\n\x1a\n", 8);
}

bool firn_jpeg_is(firn_bytes file) {
  return file.size >= 3 && !memcmp(file.data, "\xff\xd8\xff", 3);
}

#if defined FIRN_HAVE_PNG || defined FIRN_HAVE_JPEG
enum { MESSAGE = 200, MAX_SCANS = 500 };

/* What a decoder or an encoder holds. */
typedef struct image {
  jmp_buf escape;
  char message[MESSAGE];
  firn_bytes file;
  size_t next; /* byte of the file */
  const firn_env *env;
  const firn_image_options *options;
  firn_tensor *tensor;
  firn_buf *written;
  const void **rows;
  size_t row_count;
  firn_code code; /* of our own failures */
  firn_error *err;
} image;

/* The tensor for a picture, unless the file is too small for one of that size:
 * `ratio` is what the format can compress at best. */
static firn_code make_picture(image *im, firn_dtype dtype, size_t height,
                              size_t width, size_t channels, size_t ratio) {
  const firn_shape shape = {
      3, {(int64_t)height, (int64_t)width, (int64_t)channels}};
  size_t size = 0;
  if (!firn_mul_size(height, width, &size) ||
      !firn_mul_size(size, channels, &size) ||
      size / ratio > im->file.size + 1024)
    return firn_fail(im->err, FIRN_DATA_LOSS,
                     "%zu bytes cannot hold a picture of %zu x %zu x %zu",
                     im->file.size, height, width, channels);
  FIRN_TRY(firn_tensor_within(dtype, &shape, &im->env->limits, im->err));
  return firn_tensor_make(dtype, &shape, &im->env->alloc, &im->tensor, im->err);
}

static firn_code finish(image *im, const char *format, firn_tensor **out) {
  if (im->code == FIRN_OK && im->message[0])
    im->code = firn_fail(im->err, FIRN_DATA_LOSS, "the %s file is damaged: %s",
                         format, im->message);
  firn_delete(&im->env->alloc, im->rows, im->row_count * sizeof *im->rows);
  if (im->code == FIRN_OK)
    *out = im->tensor;
  else
    firn_tensor_release(im->tensor);
  return im->code;
}

static firn_code written(image *im, const char *format) {
  if (im->code == FIRN_OK && im->message[0])
    im->code =
        firn_fail(im->err, FIRN_INVALID_ARGUMENT,
                  "the %s file cannot be written: %s", format, im->message);
  if (im->code == FIRN_OK && im->written->failed)
    im->code = firn_oom(im->err, 0);
  return im->code;
}
#endif

/* ---- PNG ---------------------------------------------------------------- */

#ifdef FIRN_HAVE_PNG
static void png_fail(png_structp png, png_const_charp message) {
  image *im = png_get_error_ptr(png);
  snprintf(im->message, MESSAGE, "%s", message);
  longjmp(im->escape, 1);
}

static void png_ignore(png_structp png, png_const_charp message) {
  FIRN_UNUSED(png);
  FIRN_UNUSED(message);
}

static void png_take(png_structp png, png_bytep out, size_t size) {
  image *im = png_get_io_ptr(png);
  if (size > im->file.size - im->next) png_error(png, "it ends too early");
  memcpy(out, im->file.data + im->next, size);
  im->next += size;
}

/* Asks libpng for the depth and the channels that are wanted. */
static void png_choose(png_structp png, png_infop info,
                       const firn_image_options *options) {
  const int type = png_get_color_type(png, info);
  const int depth = png_get_bit_depth(png, info);
  const bool has_holes = png_get_valid(png, info, PNG_INFO_tRNS);
  const bool has_color = type & PNG_COLOR_MASK_COLOR;
  const bool has_alpha = type & PNG_COLOR_MASK_ALPHA;
  int channels = options->channels;
  if (channels == 0 && type == PNG_COLOR_TYPE_PALETTE)
    channels = has_holes ? 4 : 3;
  if (channels == 0) channels = png_get_channels(png, info);
  if (!options->wide) png_set_strip_16(png);
  if (options->wide && depth == 16) png_set_swap(png);
  png_set_expand(png);
  png_set_interlace_handling(png);
  if (channels % 2 && (has_alpha || has_holes)) png_set_strip_alpha(png);
  /* TensorFlow fills alpha with the largest value of the file's own depth, so
   * that a picture of 1 bit becomes nearly transparent. We give the same. */
  if (channels % 2 == 0 && !has_alpha && !has_holes)
    png_set_add_alpha(png, (1u << depth) - 1, PNG_FILLER_AFTER);
  if (channels >= 3 && !has_color) png_set_gray_to_rgb(png);
  if (channels < 3 && has_color) png_set_rgb_to_gray(png, 1, 0.299, 0.587);
}

/* Bytes in the last half of the tensor become 16 bits each: 0xab is 0xabab. */
static void png_widen(firn_tensor *t) {
  const uint8_t *from = (const uint8_t *)t->data + t->count;
  uint16_t *to = t->data;
  for (size_t i = 0; i < t->count; i++) to[i] = (uint16_t)(from[i] * 257);
}

static void png_decode(image *im, png_structp png, png_infop info) {
  if (setjmp(im->escape)) return;
  png_set_read_fn(png, im, png_take);
  png_read_info(png, info);
  const bool widen = im->options->wide && png_get_bit_depth(png, info) < 16;
  png_choose(png, info, im->options);
  png_read_update_info(png, info);
  const size_t height = png_get_image_height(png, info);
  const size_t stride = png_get_rowbytes(png, info);
  im->code = make_picture(im, im->options->wide ? FIRN_UINT16 : FIRN_UINT8,
                          height, png_get_image_width(png, info),
                          png_get_channels(png, info), 1032);
  if (im->code != FIRN_OK) return;
  im->rows = firn_new(&im->env->alloc, height * sizeof *im->rows);
  if (!im->rows) {
    im->code = firn_oom(im->err, height * sizeof *im->rows);
    return;
  }
  im->row_count = height;
  for (size_t i = 0; i < height; i++)
    im->rows[i] = (uint8_t *)im->tensor->data + i * stride +
                  (widen ? im->tensor->count : 0);
  png_read_image(png, (png_bytepp)im->rows);
  png_read_end(png, NULL);
  if (widen) png_widen(im->tensor);
}

firn_code firn_png_decode(firn_bytes file, const firn_image_options *options,
                          const firn_env *env, firn_tensor **out,
                          firn_error *err) {
  image im = {.file = file, .env = env, .options = options, .err = err};
  *out = NULL;
  png_structp png =
      png_create_read_struct(PNG_LIBPNG_VER_STRING, &im, png_fail, png_ignore);
  png_infop info = png ? png_create_info_struct(png) : NULL;
  if (info)
    png_decode(&im, png, info);
  else
    im.code = firn_oom(err, 0);
  png_destroy_read_struct(&png, &info, NULL);
  return finish(&im, "PNG", out);
}

static void png_put(png_structp png, png_bytep data, size_t size) {
  image *im = png_get_io_ptr(png);
  firn_buf_append(im->written, data, size);
}

static void png_flush_nothing(png_structp png) { FIRN_UNUSED(png); }

static void png_encode(image *im, png_structp png, png_infop info,
                       const uint8_t *pixels, const firn_shape *shape,
                       int depth, int compression) {
  static const int types[] = {PNG_COLOR_TYPE_GRAY, PNG_COLOR_TYPE_GRAY_ALPHA,
                              PNG_COLOR_TYPE_RGB, PNG_COLOR_TYPE_RGB_ALPHA};
  const size_t stride =
      (size_t)(shape->dims[1] * shape->dims[2]) * (size_t)depth / 8;
  if (setjmp(im->escape)) return;
  png_set_write_fn(png, im, png_put, png_flush_nothing);
  png_set_compression_level(png, compression);
  png_set_compression_mem_level(png, 9);
  png_set_IHDR(png, info, (png_uint_32)shape->dims[1],
               (png_uint_32)shape->dims[0], depth, types[shape->dims[2] - 1],
               PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
               PNG_FILTER_TYPE_DEFAULT);
  png_write_info(png, info);
  if (depth > 8) png_set_swap(png);
  for (int64_t i = 0; i < shape->dims[0]; i++)
    png_write_row(png, pixels + (size_t)i * stride);
  png_write_end(png, NULL);
}

firn_code firn_png_encode(const void *pixels, const firn_shape *shape,
                          bool wide, int compression, firn_buf *out,
                          firn_error *err) {
  image im = {.written = out, .err = err};
  png_structp png =
      png_create_write_struct(PNG_LIBPNG_VER_STRING, &im, png_fail, png_ignore);
  png_infop info = png ? png_create_info_struct(png) : NULL;
  if (info)
    png_encode(&im, png, info, pixels, shape, wide ? 16 : 8, compression);
  else
    im.code = firn_oom(err, 0);
  png_destroy_write_struct(&png, &info);
  return written(&im, "PNG");
}
#else
firn_code firn_png_decode(firn_bytes file, const firn_image_options *options,
                          const firn_env *env, firn_tensor **out,
                          firn_error *err) {
  FIRN_UNUSED(file);
  FIRN_UNUSED(options);
  FIRN_UNUSED(env);
  *out = NULL;
  return firn_fail(err, FIRN_UNIMPLEMENTED,
                   "a PNG image, and firn was built without libpng");
}

firn_code firn_png_encode(const void *pixels, const firn_shape *shape,
                          bool wide, int compression, firn_buf *out,
                          firn_error *err) {
  FIRN_UNUSED(pixels);
  FIRN_UNUSED(shape);
  FIRN_UNUSED(wide);
  FIRN_UNUSED(compression);
  FIRN_UNUSED(out);
  return firn_fail(err, FIRN_UNIMPLEMENTED,
                   "a PNG image, and firn was built without libpng");
}
#endif

firn_code firn_png_parse(firn_bytes file, int channels, const firn_env *env,
                         firn_tensor **out, firn_error *err) {
  const firn_image_options options = {.channels = channels};
  return firn_png_decode(file, &options, env, out, err);
}

/* ---- JPEG --------------------------------------------------------------- */

#ifdef FIRN_HAVE_JPEG
typedef struct jpeg_errors {
  struct jpeg_error_mgr base; /* first: the library sees only this */
  image *im;
} jpeg_errors;

static void jpeg_fail(j_common_ptr jpeg) {
  image *im = ((jpeg_errors *)jpeg->err)->im;
  char text[JMSG_LENGTH_MAX];
  jpeg->err->format_message(jpeg, text);
  snprintf(im->message, MESSAGE, "%.*s", MESSAGE - 1, text);
  longjmp(im->escape, 1);
}

/* A progressive file may ask for any number of passes over the whole picture.
 */
static void jpeg_count_scans(j_common_ptr common) {
  j_decompress_ptr jpeg = (j_decompress_ptr)common;
  image *im = ((jpeg_errors *)common->err)->im;
  if (jpeg->input_scan_number <= MAX_SCANS) return;
  snprintf(im->message, MESSAGE, "it has more than %d scans", MAX_SCANS);
  longjmp(im->escape, 1);
}

static void jpeg_ignore(j_common_ptr jpeg) { FIRN_UNUSED(jpeg); }

static void jpeg_begin(j_decompress_ptr jpeg) { FIRN_UNUSED(jpeg); }

/* All bytes were there from the start, so this means that the file is cut: the
 * library stops at the row where it is, or is told that the picture ends. */
static boolean jpeg_more(j_decompress_ptr jpeg) {
  static const JOCTET end[2] = {0xff, JPEG_EOI};
  image *im = ((jpeg_errors *)jpeg->err)->im;
  if (!im->options->recover || jpeg->src->next_input_byte == end + 2)
    return FALSE;
  jpeg->src->next_input_byte = end;
  jpeg->src->bytes_in_buffer = sizeof end;
  return TRUE;
}

static void jpeg_skip(j_decompress_ptr jpeg, long size) {
  if (size <= 0) return;
  const size_t take = firn_min_size((size_t)size, jpeg->src->bytes_in_buffer);
  jpeg->src->next_input_byte += take;
  jpeg->src->bytes_in_buffer -= take;
}

/* Adobe's programs write the four inks inverted, and leave a mark that they
 * did. */
static void cmyk_to_rgb(const uint8_t *in, uint8_t *out, size_t width,
                        bool is_inverted) {
  const uint8_t flip = is_inverted ? 0 : 0xff;
  for (size_t i = 0; i < width; i++)
    for (size_t c = 0; c < 3; c++)
      out[3 * i + c] =
          (uint8_t)((in[4 * i + c] ^ flip) * (in[4 * i + 3] ^ flip) / 255);
}

static void jpeg_cut(image *im) {
  snprintf(im->message, MESSAGE, "it ends too early");
}

/* Which part of the decoded picture is wanted. */
typedef struct window {
  size_t top, left, height, width;
} window;

static firn_code jpeg_window(const image *im,
                             const struct jpeg_decompress_struct *jpeg,
                             window *w) {
  const firn_image_options *o = im->options;
  *w = (window){0, 0, jpeg->output_height, jpeg->output_width};
  if (!o->crop) return FIRN_OK;
  if (o->window[0] < 0 || o->window[1] < 0 || o->window[2] <= 0 ||
      o->window[3] <= 0 ||
      o->window[0] + o->window[2] > (int64_t)jpeg->output_height ||
      o->window[1] + o->window[3] > (int64_t)jpeg->output_width)
    return firn_fail(im->err, FIRN_INVALID_ARGUMENT,
                     "crop_window [%lld, %lld, %lld, %lld] is not within a "
                     "picture of %u x %u",
                     (long long)o->window[0], (long long)o->window[1],
                     (long long)o->window[2], (long long)o->window[3],
                     jpeg->output_height, jpeg->output_width);
  *w = (window){(size_t)o->window[0], (size_t)o->window[1],
                (size_t)o->window[2], (size_t)o->window[3]};
  return FIRN_OK;
}

/* Lets the library skip what lies outside, as TensorFlow does: at the borders
 * of the window colours may come out otherwise than in the whole picture. What
 * is left of it then begins further left, by as much as it is wider. */
static void jpeg_narrow(struct jpeg_decompress_struct *jpeg, window *w) {
#ifdef LIBJPEG_TURBO_VERSION
  JDIMENSION left = (JDIMENSION)w->left, width = (JDIMENSION)w->width;
  jpeg_crop_scanline(jpeg, &left, &width);
  if (w->top) jpeg_skip_scanlines(jpeg, (JDIMENSION)w->top);
  w->left = jpeg->output_width - w->width;
#else
  FIRN_UNUSED(jpeg);
  FIRN_UNUSED(w);
#endif
}

static void jpeg_rows(image *im, struct jpeg_decompress_struct *jpeg) {
  const bool is_cmyk = jpeg->out_color_space == JCS_CMYK;
  const size_t channels = is_cmyk ? 3 : (size_t)jpeg->output_components;
  const size_t bytes = (size_t)jpeg->output_components;
  window w;
  im->code = jpeg_window(im, jpeg, &w);
  if (im->code == FIRN_OK)
    im->code = make_picture(im, FIRN_UINT8, w.height, w.width, channels, 2048);
  if (im->code != FIRN_OK) return;
  memset(im->tensor->data, 0, im->tensor->count);
  if (im->options->crop) jpeg_narrow(jpeg, &w);
  JSAMPARRAY row = jpeg->mem->alloc_sarray(
      (j_common_ptr)jpeg, JPOOL_IMAGE,
      jpeg->output_width * (JDIMENSION)jpeg->output_components, 1);
  size_t done = 0;
  while (jpeg->output_scanline < w.top + w.height) {
    const bool wanted = jpeg->output_scanline >= w.top;
    if (jpeg_read_scanlines(jpeg, row, 1) == 0) break;
    if (!wanted) continue;
    uint8_t *to = (uint8_t *)im->tensor->data + done++ * w.width * channels;
    if (is_cmyk)
      cmyk_to_rgb(row[0] + w.left * bytes, to, w.width, jpeg->saw_Adobe_marker);
    else
      memcpy(to, row[0] + w.left * bytes, w.width * bytes);
  }
  const float least = im->options->acceptable;
  if (done < w.height &&
      (least == 0 || least > 1 || (float)done / (float)w.height < least))
    jpeg_cut(im);
}

static bool jpeg_is_possible(image *im, struct jpeg_decompress_struct *jpeg) {
  /* Before the library takes memory for a picture that cannot be in there. */
  if ((size_t)jpeg->image_width * jpeg->image_height / 2048 >
      im->file.size + 1024)
    im->code = firn_fail(im->err, FIRN_DATA_LOSS,
                         "%zu bytes cannot hold a picture of %u x %u",
                         im->file.size, jpeg->image_height, jpeg->image_width);
  else if (jpeg->num_components == 4 && im->options->channels == 1)
    im->code = firn_fail(im->err, FIRN_UNIMPLEMENTED,
                         "a JPEG of four inks as one channel");
  return im->code == FIRN_OK;
}

static void jpeg_decode(image *im, struct jpeg_decompress_struct *jpeg,
                        int64_t *size) {
  struct jpeg_source_mgr source = {.next_input_byte = im->file.data,
                                   .bytes_in_buffer = im->file.size,
                                   .init_source = jpeg_begin,
                                   .fill_input_buffer = jpeg_more,
                                   .skip_input_data = jpeg_skip,
                                   .resync_to_restart = jpeg_resync_to_restart,
                                   .term_source = jpeg_begin};
  struct jpeg_progress_mgr progress = {.progress_monitor = jpeg_count_scans};
  const firn_image_options *o = im->options;
  if (setjmp(im->escape)) return;
  jpeg_create_decompress(jpeg);
  jpeg->src = &source;
  jpeg->progress = &progress;
  if (jpeg_read_header(jpeg, TRUE) != JPEG_HEADER_OK) {
    jpeg_cut(im);
    return;
  }
  if (size) {
    size[0] = jpeg->image_height;
    size[1] = jpeg->image_width;
    size[2] = jpeg->num_components;
    return;
  }
  if (!jpeg_is_possible(im, jpeg)) return;
  if (jpeg->num_components == 4)
    jpeg->out_color_space = JCS_CMYK;
  else if (o->channels == 1 || (o->channels == 0 && jpeg->num_components == 1))
    jpeg->out_color_space = JCS_GRAYSCALE;
  else
    jpeg->out_color_space = JCS_RGB;
  /* Without more words TensorFlow's choice, to the bit. */
  jpeg->dct_method = o->accurate ? JDCT_ISLOW : JDCT_IFAST;
  jpeg->do_fancy_upsampling = !o->plain_upscaling;
  jpeg->scale_num = 1;
  jpeg->scale_denom = o->ratio > 1 ? (unsigned)o->ratio : 1;
  if (!jpeg_start_decompress(jpeg))
    jpeg_cut(im);
  else
    jpeg_rows(im, jpeg);
}

static void jpeg_open(image *im, int64_t *size) {
  struct jpeg_decompress_struct jpeg = {0};
  jpeg_errors errors = {.im = im};
  jpeg.err = jpeg_std_error(&errors.base);
  errors.base.error_exit = jpeg_fail;
  errors.base.output_message = jpeg_ignore;
  jpeg_decode(im, &jpeg, size);
  jpeg_destroy_decompress(&jpeg);
}

firn_code firn_jpeg_decode(firn_bytes file, const firn_image_options *options,
                           const firn_env *env, firn_tensor **out,
                           firn_error *err) {
  image im = {.file = file, .env = env, .options = options, .err = err};
  *out = NULL;
  jpeg_open(&im, NULL);
  return finish(&im, "JPEG", out);
}

firn_code firn_jpeg_size(firn_bytes file, const firn_env *env, int64_t size[3],
                         firn_error *err) {
  const firn_image_options options = {.channels = 0};
  image im = {.file = file, .env = env, .options = &options, .err = err};
  firn_tensor *none = NULL;
  jpeg_open(&im, size);
  return finish(&im, "JPEG", &none);
}

/* ---- Writing JPEG ------------------------------------------------------- */

typedef struct jpeg_target {
  struct jpeg_destination_mgr base; /* first: the library sees only this */
  firn_buf *out;
  JOCTET block[4096];
} jpeg_target;

static void jpeg_room(j_compress_ptr jpeg) {
  jpeg_target *t = (jpeg_target *)jpeg->dest;
  t->base.next_output_byte = t->block;
  t->base.free_in_buffer = sizeof t->block;
}

static boolean jpeg_full(j_compress_ptr jpeg) {
  jpeg_target *t = (jpeg_target *)jpeg->dest;
  firn_buf_append(t->out, t->block, sizeof t->block);
  jpeg_room(jpeg);
  return TRUE;
}

static void jpeg_done(j_compress_ptr jpeg) {
  jpeg_target *t = (jpeg_target *)jpeg->dest;
  firn_buf_append(t->out, t->block, sizeof t->block - t->base.free_in_buffer);
}

/* Metadata in Adobe's XMP lies in an APP1 segment, behind a name. */
static void jpeg_put_xmp(image *im, struct jpeg_compress_struct *jpeg,
                         firn_str text) {
  static const char name[] = "http://ns.adobe.com/xap/1.0/";
  if (!text.size) return;
  if (text.size > 65533 - sizeof name) {
    snprintf(im->message, MESSAGE, "xmp_metadata of %zu bytes", text.size);
    longjmp(im->escape, 1);
  }
  jpeg_write_m_header(jpeg, JPEG_APP0 + 1, (unsigned)(sizeof name + text.size));
  for (size_t i = 0; i < sizeof name; i++) jpeg_write_m_byte(jpeg, name[i]);
  for (size_t i = 0; i < text.size; i++)
    jpeg_write_m_byte(jpeg, (uint8_t)text.data[i]);
}

static void jpeg_encode(image *im, struct jpeg_compress_struct *jpeg,
                        const uint8_t *pixels, const firn_shape *shape,
                        const firn_jpeg_options *o) {
  jpeg_target target = {.base = {.init_destination = jpeg_room,
                                 .empty_output_buffer = jpeg_full,
                                 .term_destination = jpeg_done},
                        .out = im->written};
  const size_t stride = (size_t)(shape->dims[1] * shape->dims[2]);
  if (setjmp(im->escape)) return;
  jpeg_create_compress(jpeg);
  jpeg->dest = &target.base;
  jpeg->image_height = (JDIMENSION)shape->dims[0];
  jpeg->image_width = (JDIMENSION)shape->dims[1];
  jpeg->input_components = (int)shape->dims[2];
  jpeg->in_color_space = shape->dims[2] == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_set_defaults(jpeg);
  jpeg->optimize_coding = o->optimize;
  jpeg->density_unit = (UINT8)(o->per_cm ? 2 : 1);
  jpeg->X_density = (UINT16)o->x_density;
  jpeg->Y_density = (UINT16)o->y_density;
  jpeg_set_quality(jpeg, o->quality, TRUE);
  if (o->progressive) jpeg_simple_progression(jpeg);
  for (int i = 0; i < jpeg->num_components && !o->downsample; i++)
    jpeg->comp_info[i].h_samp_factor = jpeg->comp_info[i].v_samp_factor = 1;
  jpeg_start_compress(jpeg, TRUE);
  jpeg_put_xmp(im, jpeg, o->xmp);
  while (jpeg->next_scanline < jpeg->image_height) {
    JSAMPROW row = (JSAMPROW)pixels + jpeg->next_scanline * stride;
    jpeg_write_scanlines(jpeg, &row, 1);
  }
  jpeg_finish_compress(jpeg);
}

firn_code firn_jpeg_encode(const void *pixels, const firn_shape *shape,
                           const firn_jpeg_options *options, firn_buf *out,
                           firn_error *err) {
  image im = {.written = out, .err = err};
  struct jpeg_compress_struct jpeg = {0};
  jpeg_errors errors = {.im = &im};
  jpeg.err = jpeg_std_error(&errors.base);
  errors.base.error_exit = jpeg_fail;
  errors.base.output_message = jpeg_ignore;
  jpeg_encode(&im, &jpeg, pixels, shape, options);
  jpeg_destroy_compress(&jpeg);
  return written(&im, "JPEG");
}
#else
firn_code firn_jpeg_decode(firn_bytes file, const firn_image_options *options,
                           const firn_env *env, firn_tensor **out,
                           firn_error *err) {
  FIRN_UNUSED(file);
  FIRN_UNUSED(options);
  FIRN_UNUSED(env);
  *out = NULL;
  return firn_fail(err, FIRN_UNIMPLEMENTED,
                   "a JPEG image, and firn was built without libjpeg");
}

firn_code firn_jpeg_size(firn_bytes file, const firn_env *env, int64_t size[3],
                         firn_error *err) {
  FIRN_UNUSED(file);
  FIRN_UNUSED(env);
  FIRN_UNUSED(size);
  return firn_fail(err, FIRN_UNIMPLEMENTED,
                   "a JPEG image, and firn was built without libjpeg");
}

firn_code firn_jpeg_encode(const void *pixels, const firn_shape *shape,
                           const firn_jpeg_options *options, firn_buf *out,
                           firn_error *err) {
  FIRN_UNUSED(pixels);
  FIRN_UNUSED(shape);
  FIRN_UNUSED(options);
  FIRN_UNUSED(out);
  return firn_fail(err, FIRN_UNIMPLEMENTED,
                   "a JPEG image, and firn was built without libjpeg");
}
#endif

firn_code firn_jpeg_parse(firn_bytes file, int channels, const firn_env *env,
                          firn_tensor **out, firn_error *err) {
  const firn_image_options options = {.channels = channels};
  return firn_jpeg_decode(file, &options, env, out, err);
}
