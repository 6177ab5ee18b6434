/* Whatever bytes come in, decoding ends with a picture or a complaint. */
#include <stdlib.h>

#include "tensor/image.h"

#define MUST(cond)        \
  do {                    \
    if (!(cond)) abort(); \
  } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Every decoder sees every file. */
static firn_code decode(int how, firn_bytes file, const firn_env *env,
                        firn_tensor **out, firn_error *err) {
  const firn_image_options plain = {.channels = how % 2 ? 3 : 0};
  const firn_image_options wide = {.wide = true};
  const firn_image_options odd = {.ratio = 2,
                                  .plain_upscaling = true,
                                  .recover = true,
                                  .acceptable = 0.5f,
                                  .crop = true,
                                  .window = {1, 1, 2, 3}};
  switch (how) {
    case 0:
    case 1: return firn_png_decode(file, &plain, env, out, err);
    case 2: return firn_png_decode(file, &wide, env, out, err);
    case 3:
    case 4: return firn_jpeg_decode(file, &plain, env, out, err);
    case 5: return firn_jpeg_decode(file, &odd, env, out, err);
    case 6:
    case 7: return firn_gif_decode(file, how == 6, env, out, err);
    case 8: return firn_bmp_decode(file, 0, env, out, err);
    default: return firn_bmp_decode(file, 4, env, out, err);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  firn_env env = firn_env_from(NULL);
  env.limits.tensor_bytes = 1 << 22;
  for (int how = 0; how < 10; how++) {
    const firn_bytes file = {data, size};
    firn_error err = FIRN_ERROR_INIT;
    firn_tensor *t = NULL;
    const firn_code code = decode(how, file, &env, &t, &err);
    MUST((code == FIRN_OK) == (t != NULL));
    MUST(code == FIRN_OK || err.message[0]);
    firn_tensor_release(t);
  }
  return 0;
}
