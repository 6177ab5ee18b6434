/* ops/utf8.c: characters of UTF-8 strings. Letters of Unicode come from
 * utf8proc, where there is one. */
#include "ops/utf8.h"

#ifdef FIRN_HAVE_UTF8PROC
#include <utf8proc.h>
#endif

static bool continues(char c) { return ((uint8_t)c & 0xc0) == 0x80; }

size_t firn_utf8_count(firn_str text) {
  size_t count = 0;
  for (size_t i = 0; i < text.size; i++) count += !continues(text.data[i]);
  return count;
}

size_t firn_utf8_skip(firn_str text, size_t count) {
  size_t i = 0;
  while (i < text.size) {
    if (!continues(text.data[i]) && count-- == 0) break;
    i++;
  }
  return i;
}

firn_str firn_str_trim(firn_str text) {
  static const char blanks[] = " \t\n\v\f\r";
  while (text.size && memchr(blanks, text.data[0], sizeof blanks - 1))
    text.data++, text.size--;
  while (text.size &&
         memchr(blanks, text.data[text.size - 1], sizeof blanks - 1))
    text.size--;
  return text;
}

/* How many bytes of a sequence make sense together, up to `want`: what one
 * replacement character stands for. */
static size_t sound_prefix(firn_str text, size_t want) {
  const uint8_t *b = (const uint8_t *)text.data;
  const uint8_t low = b[0] == 0xe0 ? 0xa0 : b[0] == 0xf0 ? 0x90 : 0x80;
  const uint8_t high = b[0] == 0xed ? 0x9f : b[0] == 0xf4 ? 0x8f : 0xbf;
  size_t n = 1;
  if (n < want && n < text.size && b[1] >= low && b[1] <= high) n++;
  while (n > 1 && n < want && n < text.size && continues(text.data[n])) n++;
  return n;
}

bool firn_utf8_take(firn_str *text, uint32_t *point) {
  const uint8_t *b = (const uint8_t *)text->data;
  size_t want = 1, have = 1;
  *point = b[0];
  if (b[0] >= 0x80) {
    want = b[0] >= 0xc2 && b[0] < 0xe0   ? 2
           : b[0] >= 0xe0 && b[0] < 0xf0 ? 3
           : b[0] >= 0xf0 && b[0] < 0xf5 ? 4
                                         : 0;
    if (want) have = sound_prefix(*text, want);
    *point = b[0] & (0xffu >> (want + 1));
    for (size_t i = 1; i < have; i++) *point = *point << 6 | (b[i] & 0x3f);
  }
  if (want != have) *point = 0xfffd;
  text->data += have;
  text->size -= have;
  return want == have;
}

void firn_utf8_append(firn_buf *out, uint32_t point) {
  char bytes[4];
  firn_buf_append(out, bytes, firn_utf8_put(bytes, point));
}

#ifdef FIRN_HAVE_UTF8PROC
/* utf8proc maps letter by letter; these are the common ones that become two. */
static bool put_special(uint32_t point, bool upper, firn_buf *out) {
  if (upper && point == 0xdf) return firn_buf_append(out, "SS", 2), true;
  if (!upper && point == 0x130)
    return firn_buf_append(out, "i\xcc\x87", 3), true;
  return false;
}

static void put_letter(uint32_t point, bool upper, firn_buf *out) {
  if (put_special(point, upper, out)) return;
  const utf8proc_int32_t letter = (utf8proc_int32_t)point;
  firn_utf8_append(out, (uint32_t)(upper ? utf8proc_toupper(letter)
                                         : utf8proc_tolower(letter)));
}
#endif

firn_code firn_utf8_case(firn_str text, bool upper, firn_buf *out,
                         firn_error *err) {
  while (text.size) {
    uint32_t point;
    firn_utf8_take(&text, &point);
    if (point < 0x80) {
      char c = (char)point;
      if (upper && c >= 'a' && c <= 'z') c = (char)(c - 'a' + 'A');
      if (!upper && c >= 'A' && c <= 'Z') c = (char)(c - 'A' + 'a');
      firn_buf_append(out, &c, 1);
      continue;
    }
#ifdef FIRN_HAVE_UTF8PROC
    put_letter(point, upper, out);
#else
    return firn_fail(err, FIRN_UNIMPLEMENTED,
                     "firn was built without utf8proc, which knows the case of "
                     "letters that are not ASCII");
#endif
  }
  FIRN_UNUSED(err);
  return FIRN_OK;
}
