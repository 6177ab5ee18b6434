/* What TensorFlow no longer has, from tf.contrib and Addons: Resampler, and the
 * other spellings of ImageProjectiveTransform. */
#include "support/op_case.h"

static void check_all(const op_case *rows, size_t count) {
  for (size_t i = 0; i < count; i++) op_check(&rows[i]);
}

/* Points are x, y; between pixels it is linear, and beyond them it fades to
 * black within one pixel. */
TEST_FN(resampler_looks_between_pixels) {
  static const op_case rows[] = {
      {.name = "at pixels",
       .op = "Resampler T=float",
       .in = {"float[1,2,2,1] 1 2 3 4", "float[1,4,2] 0 0  1 0  0 1  1 1"},
       .out = {"float[1,4,1] 1 2 3 4"}},
      {.name = "between",
       .op = "Resampler T=float",
       .in = {"float[1,2,2,1] 1 2 3 4", "float[1,3,2] .5 0  0 .5  .25 .5"},
       .out = {"float[1,3,1] 1.5 2 2.25"}},
      {.name = "at the edge",
       .op = "Resampler T=float",
       .in = {"float[1,2,2,1] 1 2 3 4",
              "float[1,4,2] -.5 0  1.5 1  0 -.75  -1 0"},
       .out = {"float[1,4,1] .5 2 .25 0"}},
      {.name = "nowhere",
       .op = "Resampler T=float",
       .in = {"float[1,2,2,1] 1 2 3 4", "float[1,3,2] 2 0  nan 0  inf -inf"},
       .out = {"float[1,3,1] 0"}},
      {.name = "two pictures, two channels, double",
       .op = "Addons>Resampler T=double",
       .in = {"double[2,1,2,2] 1 10 2 20 3 30 4 40", "double[2,2] .5 0  1 0"},
       .out = {"double[2,2] 1.5 15 4 40"}},
      {.name = "half",
       .op = "Resampler T=half",
       .in = {"half[1,1,2,1] 1 2", "half[1,1,2] .5 0"},
       .out = {"half[1,1,1] 1.5"}},
      {.name = "no points",
       .op = "Resampler T=float",
       .in = {"float[1,2,2,1] 1 2 3 4", "float[1,0,2]"},
       .out = {"float[1,0,1]"}},
      {.name = "three coordinates",
       .op = "Resampler T=float",
       .in = {"float[1,2,2,1] 1 2 3 4", "float[1,1,3] 0 0 0"},
       .code = FIRN_INVALID_ARGUMENT,
       .says = "warp must have 2 columns, has 3"},
      {.name = "other batch",
       .op = "Resampler T=float",
       .in = {"float[1,2,2,1] 1 2 3 4", "float[2,1,2] 0"},
       .code = FIRN_INVALID_ARGUMENT,
       .says = "data is a batch of 1, warp of 2"},
  };
  check_all(rows, FIRN_COUNT(rows));
}

TEST_FN(old_projective_transforms_keep_the_size) {
  static const op_case rows[] = {
      {.name = "contrib",
       .op = "ImageProjectiveTransform dtype=float interpolation='NEAREST'",
       .in = {"float[1,2,3,1] 1 2 3 4 5 6", "float[1,8] 1 0 1 0 1 0 0 0"},
       .out = {"float[1,2,3,1] 2 3 0 5 6 0"}},
      {.name = "Addons",
       .op = "Addons>ImageProjectiveTransformV2 dtype=uint8 "
             "interpolation='BILINEAR'",
       .in = {"uint8[1,1,3,1] 10 20 30", "float[1,8] 1 0 .5 0 1 0 0 0",
              "int32[2] 1 2"},
       .out = {"uint8[1,1,2,1] 15 25"}},
  };
  check_all(rows, FIRN_COUNT(rows));
}

SUITE(ops_resampler, TEST(resampler_looks_between_pixels),
      TEST(old_projective_transforms_keep_the_size));
