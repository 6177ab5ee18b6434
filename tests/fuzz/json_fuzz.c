/* Whatever bytes come in, reading ends with a value or a complaint. And writing
 * is the inverse of reading: what was read, written out, reads the same. */
#include <stdlib.h>

#include "base/json.h"

#define MUST(cond)        \
  do {                    \
    if (!(cond)) abort(); \
  } while (0)

enum { DEPTH = 50 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_value(firn_buf *out, const firn_json *value) {
  static const char *const open[] = {"null", "", "", "", "[", "{"};
  static const char *const close[] = {"", "", "", "", "]", "}"};
  firn_buf_puts(out, open[value->kind]);
  if (value->kind == FIRN_JSON_BOOL)
    firn_buf_puts(out, value->truth ? "true" : "false");
  if (value->kind == FIRN_JSON_NUMBER)
    firn_buf_append(out, value->text.data, value->text.size);
  if (value->kind == FIRN_JSON_STRING)
    MUST(firn_json_put_string(out, value->text));
  for (size_t i = 0; i < value->count; i++) {
    if (i) firn_buf_puts(out, ",");
    if (value->kind == FIRN_JSON_OBJECT) {
      MUST(firn_json_put_string(out, value->key[i]));
      firn_buf_puts(out, ":");
    }
    write_value(out, &value->item[i]);
  }
  firn_buf_puts(out, close[value->kind]);
}

/* What it says of a number or a string must not depend on how it is used. */
static void use_value(const firn_json *value) {
  double number;
  int64_t whole;
  firn_buf bytes = {0}, again = {0};
  if (value->kind == FIRN_JSON_NUMBER &&
      firn_parse_double(value->text, &number)) {
    char text[32];
    double back;
    const int length = firn_print_double(text, number);
    MUST(firn_parse_double((firn_str){text, (size_t)length}, &back));
    MUST(back == number || (back != back && number != number));
    (void)firn_parse_i64(value->text, &whole);
  }
  if (value->kind == FIRN_JSON_STRING &&
      firn_base64_decode(&bytes, value->text)) {
    firn_base64_encode(&again, (firn_bytes){bytes.data, bytes.size});
    MUST(again.size == (value->text.size + 3) / 4 * 4);
  }
  firn_buf_fini(&bytes);
  firn_buf_fini(&again);
  for (size_t i = 0; i < value->count; i++) use_value(&value->item[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  firn_arena arena;
  firn_buf once = {0}, twice = {0};
  const firn_json *first = NULL, *second = NULL;
  firn_error err = FIRN_ERROR_INIT;
  firn_arena_init(&arena, NULL);
  if (firn_json_parse((firn_bytes){data, size}, DEPTH, &arena, &first, &err) ==
      FIRN_OK) {
    use_value(first);
    write_value(&once, first);
    MUST(firn_json_parse((firn_bytes){once.data, once.size}, DEPTH, &arena,
                         &second, NULL) == FIRN_OK);
    write_value(&twice, second);
    MUST(once.size == twice.size && !memcmp(once.data, twice.data, once.size));
  }
  firn_arena_fini(&arena);
  firn_buf_fini(&once);
  firn_buf_fini(&twice);
  return 0;
}
