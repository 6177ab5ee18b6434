/* base/text.c: comparing strings, and buffers that grow. */
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>

int firn_str_compare(firn_str a, firn_str b) {
  const size_t shared = firn_min_size(a.size, b.size);
  const int order = shared ? memcmp(a.data, b.data, shared) : 0;
  if (order) return order < 0 ? -1 : 1;
  return (a.size > b.size) - (a.size < b.size);
}

enum { DISTANCE_LIMIT = 256 };

/* Levenshtein's table, of which one row is kept. */
size_t firn_str_distance(firn_str a, firn_str b) {
  if (a.size > DISTANCE_LIMIT || b.size > DISTANCE_LIMIT)
    return firn_max_size(a.size, b.size);
  uint16_t row[DISTANCE_LIMIT + 1];
  for (size_t j = 0; j <= b.size; j++) row[j] = (uint16_t)j;
  for (size_t i = 1; i <= a.size; i++) {
    size_t diagonal = row[0];
    row[0] = (uint16_t)i;
    for (size_t j = 1; j <= b.size; j++) {
      const size_t swap = diagonal + (a.data[i - 1] != b.data[j - 1]);
      const size_t step = firn_min_size(row[j], row[j - 1]) + 1u;
      diagonal = row[j];
      row[j] = (uint16_t)firn_min_size(swap, step);
    }
  }
  return row[b.size];
}

/* The length of the character at `p`, or 0. The lead byte sets the length and,
 * for four of them, narrows what the second byte may be. */
static size_t utf8_length(const uint8_t *p, size_t left) {
  const uint8_t lead = p[0];
  uint8_t low = 0x80, high = 0xbf;
  if (lead < 0x80) return 1;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  const size_t length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (length > left) return 0;
  if (lead == 0xe0) low = 0xa0;
  if (lead == 0xed) high = 0x9f;
  if (lead == 0xf0) low = 0x90;
  if (lead == 0xf4) high = 0x8f;
  if (p[1] < low || p[1] > high) return 0;
  for (size_t i = 2; i < length; i++)
    if ((p[i] & 0xc0) != 0x80) return 0;
  return length;
}

size_t firn_utf8_prefix(firn_str text) {
  size_t i = 0;
  while (i < text.size) {
    const size_t length =
        utf8_length((const uint8_t *)text.data + i, text.size - i);
    if (!length) break;
    i += length;
  }
  return i;
}

size_t firn_utf8_put(char *out, uint32_t point) {
  size_t length = 1;
  if (point >= 0x80) length = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  if (length == 1) {
    out[0] = (char)point;
    return 1;
  }
  for (size_t i = length; i-- > 1; point >>= 6)
    out[i] = (char)(0x80 | (point & 0x3f));
  out[0] = (char)((0xf00u >> length & 0xf0) | point);
  return length;
}

void firn_buf_init(firn_buf *buf, const firn_allocator *alloc) {
  *buf = (firn_buf){0};
  if (alloc) buf->alloc = *alloc;
}

void firn_buf_fini(firn_buf *buf) {
  firn_delete(&buf->alloc, buf->data, buf->capacity);
  buf->data = NULL;
  buf->size = buf->capacity = 0;
  buf->failed = false;
}

static bool reserve(firn_buf *buf, size_t size) {
  size_t wanted;
  if (buf->failed) return false;
  if (size <= buf->capacity - buf->size) return true;
  if (!firn_add_size(buf->size, size, &wanted)) goto failed;
  if (buf->capacity <= SIZE_MAX / 2)
    wanted = firn_max_size(wanted, 2 * buf->capacity);
  wanted = firn_max_size(wanted, 64);
  uint8_t *data = firn_resize(&buf->alloc, buf->data, buf->capacity, wanted);
  if (!data) goto failed;
  buf->data = data;
  buf->capacity = wanted;
  return true;

failed:
  buf->failed = true;
  return false;
}

uint8_t *firn_buf_grow(firn_buf *buf, size_t size) {
  if (!reserve(buf, firn_max_size(size, 1))) return NULL;
  uint8_t *room = buf->data + buf->size;
  buf->size += size;
  return room;
}

void firn_buf_append(firn_buf *buf, const void *data, size_t size) {
  if (!size || !reserve(buf, size)) return;
  memcpy(buf->data + buf->size, data, size);
  buf->size += size;
}

void firn_buf_puts(firn_buf *buf, const char *cstr) {
  firn_buf_append(buf, cstr, strlen(cstr));
}

void firn_buf_printf(firn_buf *buf, const char *fmt, ...) {
  va_list args, again;
  va_start(args, fmt);
  va_copy(again, args);
  const int length = vsnprintf(NULL, 0, fmt, args);
  /* The terminator needs room, but does not count. */
  if (length < 0)
    buf->failed = true;
  else if (reserve(buf, (size_t)length + 1)) {
    vsnprintf((char *)buf->data + buf->size, (size_t)length + 1, fmt, again);
    buf->size += (size_t)length;
  }
  va_end(again);
  va_end(args);
}
