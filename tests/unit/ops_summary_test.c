/* The pictures of ImageSummary, decoded: TensorFlow's rule of what becomes
 * which byte. The other summaries are in tests/conformance/summary.cases. */
#include "support/op_case.h"
#include "tensor/tensor_file.h"

/* The bytes of the first picture in a summary. */
static firn_tensor *first_picture(const firn_tensor *summary) {
  static const char start[] = "\x89PNG";
  const firn_str text = firn_tensor_string(summary, 0);
  const firn_env env = firn_env_from(NULL);
  firn_error err = FIRN_ERROR_INIT;
  firn_tensor *out = NULL;
  size_t at = 0;
  while (at + 4 < text.size && memcmp(text.data + at, start, 4) != 0) at++;
  CHECK_OK(firn_png_parse(
               (firn_bytes){(const uint8_t *)text.data + at, text.size - at}, 0,
               &env, &out, &err),
           &err);
  return out;
}

TEST_FN(scales_pictures) {
  static const struct {
    const char *name, *op, *in;
    uint8_t want[4];
  } rows[] =
      {
          {"bytes stay",
           "ImageSummary T=uint8",
           "uint8[1,1,4,1] 0 1 128 255",
           {0, 1, 128, 255}},
          {"from zero on",
           "ImageSummary T=float",
           "float[1,1,4,1] 0 1 2 4",
           {0, 63, 127, 255}},
          {"below zero too",
           "ImageSummary T=float",
           "float[1,1,4,1] -2 0 1 2",
           {1, 128, 191, 255}},
          {"nothing",
           "ImageSummary T=double",
           "double[1,1,4,1] 0 0 0 0",
           {0, 0, 0, 0}},
          {"no numbers",
           "ImageSummary T=half",
           "half[1,1,4,1] nan 1 inf 2",
           {255, 127, 255, 255}},
          {"another color",
           "ImageSummary T=float bad_color=`uint8[4] 7 0 0 255`",
           "float[1,1,4,1] 1 nan 1 1",
           {255, 7, 255, 255}},
      },
    *row;
#ifdef FIRN_HAVE_PNG
  EACH (row, rows) {
    const char *const in[] = {"string 'tag'", row->in, NULL};
    op_rig rig;
    op_open(&rig, row->op, in);
    op_run(&rig, 0);
    CHECK_OK(rig.code, &rig.err);
    firn_tensor *picture = first_picture(rig.out[0]);
    CHECK_EQ(picture->count, 4);
    for (size_t i = 0; i < 4; i++)
      CHECK_EQ(((const uint8_t *)picture->data)[i], row->want[i]);
    firn_tensor_release(picture);
    op_close(&rig);
  }
#else
  FIRN_UNUSED(row);
  FIRN_UNUSED(rows);
  FIRN_UNUSED(first_picture);
#endif
}

SUITE(ops_summary, TEST(scales_pictures));
