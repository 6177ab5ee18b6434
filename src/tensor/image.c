/* tensor/image.c: PNG and JPEG files as uint8 tensors.
 *
 * Both libraries report errors by longjmp. So everything that must be freed
 * lies in one struct outside of the function that calls setjmp, and that
 * function holds no local that changes after it.
 */
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

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

/* What a decoder holds. */
typedef struct image {
  jmp_buf escape;
  char message[MESSAGE];
  firn_bytes file;
  size_t next; /* byte of the file */
  const firn_env *env;
  firn_tensor *tensor;
  const void **rows;
  size_t row_count;
  firn_code code; /* of our own failures */
  firn_error *err;
} image;

/* The tensor for a picture, unless the file is too small for one of that size:
 * `ratio` is what the format can compress at best. */
static firn_code make_picture(image *im, size_t height, size_t width,
                              size_t channels, size_t ratio) {
  const firn_shape shape = {
      3, {(int64_t)height, (int64_t)width, (int64_t)channels}};
  size_t size = 0;
  if (!firn_mul_size(height, width, &size) ||
      !firn_mul_size(size, channels, &size) ||
      size / ratio > im->file.size + 1024)
    return firn_fail(im->err, FIRN_DATA_LOSS,
                     "%zu bytes cannot hold a picture of %zu x %zu x %zu",
                     im->file.size, height, width, channels);
  FIRN_TRY(firn_tensor_within(FIRN_UINT8, &shape, &im->env->limits, im->err));
  return firn_tensor_make(FIRN_UINT8, &shape, &im->env->alloc, &im->tensor,
                          im->err);
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

/* Asks libpng for 8 bits and the channels that were asked for. */
static void png_choose(png_structp png, png_infop info, int channels) {
  const int type = png_get_color_type(png, info);
  const bool has_holes = png_get_valid(png, info, PNG_INFO_tRNS);
  const bool has_color = type & PNG_COLOR_MASK_COLOR;
  const bool has_alpha = (type & PNG_COLOR_MASK_ALPHA) || has_holes;
  png_set_strip_16(png);
  png_set_expand(png);
  png_set_interlace_handling(png);
  if (channels == 0) return;
  if (channels < 4 && has_alpha) png_set_strip_alpha(png);
  /* TensorFlow fills alpha with the largest value of the file's own depth, so
   * that a picture of 1 bit becomes nearly transparent. We give the same. */
  const unsigned opaque = (1u << png_get_bit_depth(png, info)) - 1;
  if (channels == 4 && !has_alpha)
    png_set_add_alpha(png, opaque, PNG_FILLER_AFTER);
  if (channels >= 3 && !has_color) png_set_gray_to_rgb(png);
  if (channels == 1 && has_color) png_set_rgb_to_gray(png, 1, 0.299, 0.587);
}

static void png_decode(image *im, png_structp png, png_infop info,
                       int channels) {
  if (setjmp(im->escape)) return;
  png_set_read_fn(png, im, png_take);
  png_read_info(png, info);
  png_choose(png, info, channels);
  png_read_update_info(png, info);
  const size_t height = png_get_image_height(png, info);
  const size_t stride = png_get_rowbytes(png, info);
  im->code = make_picture(im, height, png_get_image_width(png, info),
                          png_get_channels(png, info), 1032);
  if (im->code != FIRN_OK) return;
  im->rows = firn_new(&im->env->alloc, height * sizeof *im->rows);
  if (!im->rows) {
    im->code = firn_oom(im->err, height * sizeof *im->rows);
    return;
  }
  im->row_count = height;
  for (size_t i = 0; i < height; i++)
    im->rows[i] = (uint8_t *)im->tensor->data + i * stride;
  png_read_image(png, (png_bytepp)im->rows);
  png_read_end(png, NULL);
}

firn_code firn_png_parse(firn_bytes file, int channels, const firn_env *env,
                         firn_tensor **out, firn_error *err) {
  image im = {.file = file, .env = env, .err = err};
  *out = NULL;
  png_structp png =
      png_create_read_struct(PNG_LIBPNG_VER_STRING, &im, png_fail, png_ignore);
  png_infop info = png ? png_create_info_struct(png) : NULL;
  if (info)
    png_decode(&im, png, info, channels);
  else
    im.code = firn_oom(err, 0);
  png_destroy_read_struct(&png, &info, NULL);
  return finish(&im, "PNG", out);
}
#else
firn_code firn_png_parse(firn_bytes file, int channels, const firn_env *env,
                         firn_tensor **out, firn_error *err) {
  FIRN_UNUSED(file);
  FIRN_UNUSED(channels);
  FIRN_UNUSED(env);
  *out = NULL;
  return firn_fail(err, FIRN_UNIMPLEMENTED,
                   "a PNG image, and firn was built without libpng");
}
#endif

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

/* All bytes were there from the start, so this means that the file is cut. */
static boolean jpeg_more(j_decompress_ptr jpeg) {
  image *im = ((jpeg_errors *)jpeg->err)->im;
  snprintf(im->message, MESSAGE, "it ends too early");
  longjmp(im->escape, 1);
}

static void jpeg_skip(j_decompress_ptr jpeg, long size) {
  if (size <= 0) return;
  if ((size_t)size > jpeg->src->bytes_in_buffer) (void)jpeg_more(jpeg);
  jpeg->src->next_input_byte += size;
  jpeg->src->bytes_in_buffer -= (size_t)size;
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

static void jpeg_rows(image *im, struct jpeg_decompress_struct *jpeg) {
  const bool is_cmyk = jpeg->out_color_space == JCS_CMYK;
  const size_t channels = is_cmyk ? 3 : (size_t)jpeg->output_components;
  const size_t stride = jpeg->output_width * channels;
  JSAMPARRAY scratch = jpeg->mem->alloc_sarray((j_common_ptr)jpeg, JPOOL_IMAGE,
                                               jpeg->output_width * 4, 1);
  im->code =
      make_picture(im, jpeg->output_height, jpeg->output_width, channels, 2048);
  if (im->code != FIRN_OK) return;
  while (jpeg->output_scanline < jpeg->output_height) {
    uint8_t *row = (uint8_t *)im->tensor->data + jpeg->output_scanline * stride;
    jpeg_read_scanlines(jpeg, is_cmyk ? scratch : &row, 1);
    if (is_cmyk)
      cmyk_to_rgb(scratch[0], row, jpeg->output_width, jpeg->saw_Adobe_marker);
  }
  jpeg_finish_decompress(jpeg);
}

static void jpeg_decode(image *im, struct jpeg_decompress_struct *jpeg,
                        int channels) {
  struct jpeg_source_mgr source = {.next_input_byte = im->file.data,
                                   .bytes_in_buffer = im->file.size,
                                   .init_source = jpeg_begin,
                                   .fill_input_buffer = jpeg_more,
                                   .skip_input_data = jpeg_skip,
                                   .resync_to_restart = jpeg_resync_to_restart,
                                   .term_source = jpeg_begin};
  struct jpeg_progress_mgr progress = {.progress_monitor = jpeg_count_scans};
  if (setjmp(im->escape)) return;
  jpeg_create_decompress(jpeg);
  jpeg->src = &source;
  jpeg->progress = &progress;
  jpeg_read_header(jpeg, TRUE);
  /* Before the library takes memory for a picture that cannot be in there. */
  if ((size_t)jpeg->image_width * jpeg->image_height / 2048 >
      im->file.size + 1024) {
    im->code = firn_fail(im->err, FIRN_DATA_LOSS,
                         "%zu bytes cannot hold a picture of %u x %u",
                         im->file.size, jpeg->image_height, jpeg->image_width);
    return;
  }
  if (jpeg->num_components == 4 && channels == 1) {
    im->code = firn_fail(im->err, FIRN_UNIMPLEMENTED,
                         "a JPEG of four inks as one channel");
    return;
  }
  if (jpeg->num_components == 4)
    jpeg->out_color_space = JCS_CMYK;
  else if (channels == 1 || (channels == 0 && jpeg->num_components == 1))
    jpeg->out_color_space = JCS_GRAYSCALE;
  else
    jpeg->out_color_space = JCS_RGB;
  jpeg->dct_method = JDCT_IFAST; /* TensorFlow's choice, to the bit */
  jpeg_start_decompress(jpeg);
  jpeg_rows(im, jpeg);
}

firn_code firn_jpeg_parse(firn_bytes file, int channels, const firn_env *env,
                          firn_tensor **out, firn_error *err) {
  image im = {.file = file, .env = env, .err = err};
  struct jpeg_decompress_struct jpeg = {0};
  jpeg_errors errors = {.im = &im};
  *out = NULL;
  jpeg.err = jpeg_std_error(&errors.base);
  errors.base.error_exit = jpeg_fail;
  errors.base.output_message = jpeg_ignore;
  jpeg_decode(&im, &jpeg, channels);
  jpeg_destroy_decompress(&jpeg);
  return finish(&im, "JPEG", out);
}
#else
firn_code firn_jpeg_parse(firn_bytes file, int channels, const firn_env *env,
                          firn_tensor **out, firn_error *err) {
  FIRN_UNUSED(file);
  FIRN_UNUSED(channels);
  FIRN_UNUSED(env);
  *out = NULL;
  return firn_fail(err, FIRN_UNIMPLEMENTED,
                   "a JPEG image, and firn was built without libjpeg");
}
#endif
