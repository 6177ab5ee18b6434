/* What ExtractGlimpse puts where there is no picture. */
#include "support/op_case.h"

/* The mean of a channel of the noise. */
static double mean_of(const firn_tensor *y, size_t channel, size_t channels) {
  double sum = 0;
  size_t n = 0;
  for (size_t i = channel; i < y->count; i += channels, n++)
    sum += (double)((const float *)y->data)[i];
  return sum / (double)n;
}

TEST_FN(noise_is_like_its_channel) {
  static const char *const in[] = {"float[1,1,2,3] 1 10 100 2 12 104",
                                   "int32[2] 40 40", "float[1,2] 900 900",
                                   NULL};
  static const double want[] = {1.5, 11, 102}, spread[] = {1, 2, 4};
  op_rig rig;
  op_open(&rig,
          "ExtractGlimpseV2 centered=false normalized=false "
          "uniform_noise=false noise='gaussian'",
          in);
  op_run(&rig, 0);
  CHECK_OK(rig.code, &rig.err);
  CHECK_EQ(rig.out[0]->count, 40 * 40 * 3);
  for (size_t c = 0; c < 3; c++) {
    const double have = mean_of(rig.out[0], c, 3);
    if (fabs(have - want[c]) > 0.1 * spread[c])
      fail_msg("channel %zu: mean %g, not %g", c, have, want[c]);
  }
  op_close(&rig);
}

SUITE(ops_glimpse, TEST(noise_is_like_its_channel));
