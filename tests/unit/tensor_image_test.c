/* Images become the pixels that TensorFlow's decoders give; damaged ones are
 * told, and nothing is lost when a decoder gives up. */
#include "support/failing.h"
#include "support/golden.h"
#include "support/test.h"
#include "tensor/tensor_file.h"

static const char cases[] = "tests/golden/tensor/image_cases.json";

static firn_code decode(firn_bytes file, int channels, const firn_env *env,
                        firn_tensor **out, firn_error *err) {
  if (firn_png_is(file)) return firn_png_parse(file, channels, env, out, err);
  return firn_jpeg_parse(file, channels, env, out, err);
}

static bool is_built(firn_bytes file) {
#ifndef FIRN_HAVE_PNG
  if (firn_png_is(file)) return false;
#endif
#ifndef FIRN_HAVE_JPEG
  if (firn_jpeg_is(file)) return false;
#endif
  return file.size > 0;
}

TEST_FN(pixels_are_those_of_tensorflow) {
  const firn_env env = firn_env_from(NULL);
  golden g;
  golden_open(&g, cases);
  while (golden_next(&g)) {
    const firn_bytes file = golden_bytes(&g, "image");
    const firn_bytes want = golden_bytes(&g, "pixels");
    firn_error err = FIRN_ERROR_INIT;
    firn_tensor *t = NULL;
    CHECK(firn_png_is(file) != firn_jpeg_is(file));
    const firn_code code =
        decode(file, (int)golden_i64(&g, "channels", 0), &env, &t, &err);
    if (!is_built(file)) {
      CHECK_EQ(code, FIRN_UNIMPLEMENTED);
      CHECK_HAS(err.message, "firn was built without lib");
    } else {
      CHECK_OK(code, &err);
      CHECK_EQ(t->dtype, FIRN_UINT8);
      CHECK_EQ(t->shape.rank, 3);
      for (int i = 0; i < 3; i++)
        CHECK_EQ(t->shape.dims[i], golden_i64(&g, "shape", (size_t)i));
      CHECK_EQ(firn_tensor_bytes(t), want.size);
      CHECK(!memcmp(t->data, want.data, want.size));
    }
    firn_tensor_release(t);
    free((void *)file.data);
    free((void *)want.data);
  }
  golden_close(&g);
}

TEST_FN(cut_pictures_are_told) {
  const firn_env env = firn_env_from(NULL);
  golden g;
  golden_open(&g, cases);
  while (golden_next(&g)) {
    const firn_bytes file = golden_bytes(&g, "image");
    if (golden_i64(&g, "channels", 0) == 0 && is_built(file))
      for (size_t size = 3; size + 2 < file.size; size++) {
        firn_error err = FIRN_ERROR_INIT;
        firn_tensor *t = NULL;
        uint8_t *cut = malloc(size);
        memcpy(cut, file.data, size);
        const firn_bytes part = {cut, size};
        CHECK_EQ(firn_jpeg_is(file) ? firn_jpeg_parse(part, 0, &env, &t, &err)
                                    : firn_png_parse(part, 0, &env, &t, &err),
                 FIRN_DATA_LOSS);
        CHECK_HAS(err.message, "file is damaged: ");
        CHECK(t == NULL);
        free(cut);
      }
    free((void *)file.data);
  }
  golden_close(&g);
}

TEST_FN(changed_bytes_are_survived) {
  firn_env env = firn_env_from(NULL);
  golden g;
  golden_open(&g, cases);
  env.limits.tensor_bytes = 1 << 20;
  while (golden_next(&g)) {
    const firn_bytes file = golden_bytes(&g, "image");
    if (golden_i64(&g, "channels", 0) == 0 && is_built(file))
      for (size_t i = 8; i < file.size; i++)
        for (int bit = 0; bit < 8; bit += 3) {
          firn_tensor *t = NULL;
          uint8_t *byte = (uint8_t *)(uintptr_t)file.data + i;
          *byte ^= (uint8_t)(1 << bit);
          (void)!decode(file, 0, &env, &t, NULL);
          firn_tensor_release(t);
          *byte ^= (uint8_t)(1 << bit);
        }
    free((void *)file.data);
  }
  golden_close(&g);
}

/* A header of a few bytes that asks for gigabytes. */
TEST_FN(a_huge_picture_in_a_small_file_is_refused) {
  static const uint8_t jpeg[] = {
      0xff, 0xd8, 0xff, 0xc0, 0, 17, 8,    0xff, 0xdc, 0xff, 0xdc, 3,    1,
      0x22, 0,    2,    0x11, 0, 3,  0x11, 0,    0xff, 0xda, 0,    12,   3,
      1,    0,    2,    0,    3, 0,  0,    63,   0,    0,    0,    0xff, 0xd9};
  const firn_env env = firn_env_from(NULL);
  const firn_bytes file = {jpeg, sizeof jpeg};
  firn_error err = FIRN_ERROR_INIT;
  firn_tensor *t = NULL;
  if (!is_built(file)) return;
  CHECK_EQ(firn_jpeg_parse(file, 0, &env, &t, &err), FIRN_DATA_LOSS);
  CHECK_STR(err.message, "39 bytes cannot hold a picture of 65500 x 65500");
}

static firn_bytes kept;
static firn_code scenario(const firn_allocator *alloc, void *ctx) {
  firn_env env = firn_env_from(NULL);
  firn_tensor *t = NULL;
  (void)ctx;
  env.alloc = *alloc;
  const firn_code code = decode(kept, 0, &env, &t, NULL);
  firn_tensor_release(t);
  return code;
}

TEST_FN(short_memory_loses_nothing) {
  golden g;
  golden_open(&g, cases);
  while (golden_next(&g)) {
    kept = golden_bytes(&g, "image");
    if (is_built(kept)) CHECK(failing_check(scenario, NULL) >= 2);
    free((void *)kept.data);
  }
  golden_close(&g);
}

SUITE(tensor_image, TEST(pixels_are_those_of_tensorflow),
      TEST(cut_pictures_are_told), TEST(changed_bytes_are_survived),
      TEST(a_huge_picture_in_a_small_file_is_refused),
      TEST(short_memory_loses_nothing));
