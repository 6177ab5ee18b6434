/* .npz files: members by name, stored and deflated, zip64; ours are read again;
 * damaged ones are told. */
#include "support/failing.h"
#include "support/golden.h"
#include "support/test.h"
#include "tensor/tensor_file.h"

static const char cases[] = "tests/golden/tensor/npz_cases.json";

static bool can_inflate(void) {
#ifdef FIRN_HAVE_ZLIB
  return true;
#else
  return false;
#endif
}

TEST_FN(members_are_read) {
  const firn_env env = firn_env_from(NULL);
  golden g;
  golden_open(&g, cases);
  while (golden_next(&g)) {
    const firn_bytes npz = golden_bytes(&g, "npz");
    firn_error err = FIRN_ERROR_INIT;
    firn_tensor *t = NULL;
    const firn_code code =
        firn_npz_parse(npz, firn_str_of(golden_str(&g, "member")), FIRN_INVALID,
                       &env, &t, &err);
    if (golden_true(&g, "zlib") && !can_inflate()) {
      CHECK_EQ(code, FIRN_UNIMPLEMENTED);
      CHECK_HAS(err.message, "built without zlib");
    } else {
      CHECK_OK(code, &err);
      char *json = firn_tensor_json(t);
      CHECK_STR(json, golden_str(&g, "json"));
      free(json);
    }
    firn_tensor_release(t);
    free((void *)npz.data);
  }
  golden_close(&g);
}

/* The bytes of the first case, which holds w and b. */
static firn_bytes first_file(golden *g) {
  golden_open(g, cases);
  CHECK(golden_next(g));
  return golden_bytes(g, "npz");
}

TEST_FN(a_wrong_member_is_told_with_the_right_ones) {
  const firn_env env = firn_env_from(NULL);
  firn_error err = FIRN_ERROR_INIT;
  firn_tensor *t = NULL;
  golden g;
  const firn_bytes npz = first_file(&g);
  CHECK_EQ(firn_npz_parse(npz, FIRN_STR("W"), FIRN_INVALID, &env, &t, &err),
           FIRN_NOT_FOUND);
  CHECK_STR(err.message, "the npz file has no member 'W' among its 2");
  CHECK_EQ(firn_error_count(&err), 2);
  CHECK_STR(firn_error_line(&err, 0), "member 'w.npy'");
  CHECK_STR(firn_error_line(&err, 1), "member 'b.npy'");
  CHECK_EQ(firn_npz_parse(npz, FIRN_STR(""), FIRN_INVALID, &env, &t, &err),
           FIRN_INVALID_ARGUMENT);
  CHECK_STR(err.message,
            "the npz file has 2 members: name one as PATH[member]");
  firn_error_clear(&err);
  free((void *)npz.data);
  golden_close(&g);
}

TEST_FN(a_flipped_bit_is_told) {
  firn_env env = firn_env_from(NULL);
  firn_error err = FIRN_ERROR_INIT;
  firn_tensor *t = NULL;
  golden g;
  const firn_bytes npz = first_file(&g);
  const size_t inside = 30 + 5 + 20 + 128 + 3; /* header, name, extra, npy */
  ((uint8_t *)(uintptr_t)npz.data)[inside] ^= 1;
  CHECK_EQ(firn_npz_parse(npz, FIRN_STR("w"), FIRN_INVALID, &env, &t, &err),
           FIRN_DATA_LOSS);
  CHECK_HAS(err.message, "member 'w.npy': the zip member has checksum");
  env.skip_checksums = true;
  CHECK_OK(firn_npz_parse(npz, FIRN_STR("w"), FIRN_INVALID, &env, &t, &err),
           &err);
  firn_tensor_release(t);
  free((void *)npz.data);
  golden_close(&g);
}

/* Cut anywhere, or with any one byte changed: a tensor or a complaint. */
TEST_FN(damage_is_survived) {
  const firn_env env = firn_env_from(NULL);
  golden g;
  golden_open(&g, cases);
  while (golden_next(&g)) {
    const firn_bytes npz = golden_bytes(&g, "npz");
    const firn_str member = firn_str_of(golden_str(&g, "member"));
    uint8_t *copy = malloc(npz.size);
    firn_tensor *t = NULL;
    for (size_t i = 0; i < npz.size; i++) {
      memcpy(copy, npz.data, npz.size);
      CHECK_EQ(firn_npz_parse((firn_bytes){copy, i}, member, FIRN_INVALID, &env,
                              &t, NULL) == FIRN_OK,
               false);
      copy[i] ^= 0xff;
      (void)!firn_npz_parse((firn_bytes){copy, npz.size}, member, FIRN_INVALID,
                            &env, &t, NULL);
      firn_tensor_release(t);
    }
    free(copy);
    free((void *)npz.data);
  }
  golden_close(&g);
}

static firn_tensor *numbers(int64_t n) {
  const firn_shape shape = firn_shape_vector(n);
  firn_tensor *t = NULL;
  firn_error err = FIRN_ERROR_INIT;
  CHECK_OK(firn_tensor_make(FIRN_INT64, &shape, NULL, &t, &err), &err);
  for (int64_t i = 0; i < n; i++) ((int64_t *)firn_tensor_data(t))[i] = i * i;
  return t;
}

TEST_FN(what_is_written_is_read) {
  const firn_env env = firn_env_from(NULL);
  firn_tensor *in[] = {numbers(3), numbers(0), numbers(1000)}, *out = NULL;
  const char *const names[] = {"three", "none", "a/b:0"};
  firn_error err = FIRN_ERROR_INIT;
  firn_buf buf = {0}, again = {0};
  CHECK_OK(firn_npz_write(3, names, (const firn_tensor *const *)in,
                          firn_sink_buf(&buf), &err),
           &err);
  CHECK_OK(firn_npz_write(3, names, (const firn_tensor *const *)in,
                          firn_sink_buf(&again), &err),
           &err);
  CHECK(buf.size == again.size && !memcmp(buf.data, again.data, buf.size));
  const firn_bytes file = {buf.data, buf.size};
  for (int i = 0; i < 3; i++) {
    CHECK_OK(firn_npz_parse(file, firn_str_of(names[i]), FIRN_INVALID, &env,
                            &out, &err),
             &err);
    CHECK(firn_shape_equal(&out->shape, &in[i]->shape));
    CHECK(!memcmp(out->data, in[i]->data, firn_tensor_bytes(out)));
    firn_tensor_release(out);
  }
  const char *const bad[] = {"", "x", "y"};
  CHECK_EQ(firn_npz_write(3, bad, (const firn_tensor *const *)in,
                          firn_sink_buf(&again), &err),
           FIRN_INVALID_ARGUMENT);
  CHECK_STR(err.message, "member 0 needs a name of 1 to 65531 bytes");
  for (int i = 0; i < 3; i++) firn_tensor_release(in[i]);
  firn_buf_fini(&buf);
  firn_buf_fini(&again);
}

static firn_bytes kept;
static firn_str kept_member;
static firn_code scenario(const firn_allocator *alloc, void *ctx) {
  firn_env env = firn_env_from(NULL);
  firn_tensor *t = NULL;
  (void)ctx;
  env.alloc = *alloc;
  const firn_code code =
      firn_npz_parse(kept, kept_member, FIRN_INVALID, &env, &t, NULL);
  firn_tensor_release(t);
  return code;
}

TEST_FN(short_memory_loses_nothing) {
  golden g;
  golden_open(&g, cases);
  while (golden_next(&g)) {
    if (golden_true(&g, "zlib") && !can_inflate()) continue;
    kept = golden_bytes(&g, "npz");
    kept_member = firn_str_of(golden_str(&g, "member"));
    CHECK(failing_check(scenario, NULL) >= 2);
    free((void *)kept.data);
  }
  golden_close(&g);
}

SUITE(tensor_npz, TEST(members_are_read),
      TEST(a_wrong_member_is_told_with_the_right_ones),
      TEST(a_flipped_bit_is_told), TEST(damage_is_survived),
      TEST(what_is_written_is_read), TEST(short_memory_loses_nothing));
