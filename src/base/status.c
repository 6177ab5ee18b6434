/* base/status.c: errors as plain values in the caller's hands.
 *
 * The message lies in the error itself, so that "out of memory" can be told
 * without memory. Further lines are allocated; when that fails they are lost
 * and the message stays.
 */
#include "firn/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct firn_error_lines {
  size_t count, capacity;
  char **line;
};

enum { MESSAGE = sizeof(((firn_error *)0)->message) };

/* Names come from files: what would move a terminal's cursor is shown as '?'.
 */
static void tame(char *text) {
  for (; *text; text++)
    if ((unsigned char)*text < 0x20 || *text == 0x7f) *text = '?';
}

/* Marks a message that was cut, at the edge of a UTF-8 character. */
static void mark_cut(char *text, size_t room) {
  size_t end = room - sizeof "...";
  while (end > 0 && ((unsigned char)text[end] & 0xc0) == 0x80) end--;
  memcpy(text + end, "...", sizeof "...");
}

static void format(char *out, size_t room, const char *fmt, va_list args) {
  const int length = vsnprintf(out, room, fmt, args);
  if (length < 0) snprintf(out, room, "%s", fmt);
  if (length >= 0 && (size_t)length >= room) mark_cut(out, room);
  tame(out);
}

firn_code firn_fail(firn_error *err, firn_code code, const char *fmt, ...) {
  if (!err) return code;
  /* The arguments may lie in the old message or its lines. */
  char message[MESSAGE];
  va_list args;
  va_start(args, fmt);
  format(message, sizeof message, fmt, args);
  va_end(args);

  firn_error_clear(err);
  err->code = code;
  memcpy(err->message, message, sizeof message);
  return code;
}

firn_code firn_while(firn_error *err, firn_code code, const char *fmt, ...) {
  if (!err || code == FIRN_OK) return code;
  char context[MESSAGE], whole[2 * MESSAGE];
  va_list args;
  va_start(args, fmt);
  format(context, sizeof context, fmt, args);
  va_end(args);

  snprintf(whole, sizeof whole, err->message[0] ? "%s: %s" : "%s%s", context,
           err->message);
  if (strlen(whole) >= MESSAGE) mark_cut(whole, MESSAGE);
  memcpy(err->message, whole, strlen(whole) + 1);
  err->code = code;
  return code;
}

/* Room for one more pointer; false when memory is short. */
static bool lines_grow(firn_error *err) {
  struct firn_error_lines *lines = err->lines;
  if (!lines) lines = err->lines = calloc(1, sizeof *lines);
  if (!lines) return false;
  if (lines->count < lines->capacity) return true;
  const size_t capacity = lines->capacity ? 2 * lines->capacity : 8;
  char **grown = realloc(lines->line, capacity * sizeof *grown);
  if (!grown) return false;
  lines->line = grown;
  lines->capacity = capacity;
  return true;
}

void firn_error_add(firn_error *err, const char *fmt, ...) {
  if (!err || !lines_grow(err)) return;
  va_list args, again;
  va_start(args, fmt);
  va_copy(again, args);
  const int length = vsnprintf(NULL, 0, fmt, args);
  char *line = length < 0 ? NULL : malloc((size_t)length + 1);
  if (line) {
    vsnprintf(line, (size_t)length + 1, fmt, again);
    tame(line);
    err->lines->line[err->lines->count++] = line;
  }
  va_end(again);
  va_end(args);
}

size_t firn_error_count(const firn_error *err) {
  return err && err->lines ? err->lines->count : 0;
}

const char *firn_error_line(const firn_error *err, size_t i) {
  return i < firn_error_count(err) ? err->lines->line[i] : "";
}

void firn_error_clear(firn_error *err) {
  if (!err) return;
  if (err->lines) {
    for (size_t i = 0; i < err->lines->count; i++) free(err->lines->line[i]);
    free(err->lines->line);
    free(err->lines);
  }
  err->code = FIRN_OK;
  err->message[0] = '\0';
  err->lines = NULL;
}

const char *firn_code_name(firn_code code) {
  static const char *const names[] = {
      [FIRN_OK] = "OK",
      [FIRN_CANCELLED] = "CANCELLED",
      [FIRN_UNKNOWN] = "UNKNOWN",
      [FIRN_INVALID_ARGUMENT] = "INVALID_ARGUMENT",
      [FIRN_DEADLINE_EXCEEDED] = "DEADLINE_EXCEEDED",
      [FIRN_NOT_FOUND] = "NOT_FOUND",
      [FIRN_ALREADY_EXISTS] = "ALREADY_EXISTS",
      [FIRN_PERMISSION_DENIED] = "PERMISSION_DENIED",
      [FIRN_RESOURCE_EXHAUSTED] = "RESOURCE_EXHAUSTED",
      [FIRN_FAILED_PRECONDITION] = "FAILED_PRECONDITION",
      [FIRN_ABORTED] = "ABORTED",
      [FIRN_OUT_OF_RANGE] = "OUT_OF_RANGE",
      [FIRN_UNIMPLEMENTED] = "UNIMPLEMENTED",
      [FIRN_INTERNAL] = "INTERNAL",
      [FIRN_UNAVAILABLE] = "UNAVAILABLE",
      [FIRN_DATA_LOSS] = "DATA_LOSS",
      [FIRN_UNAUTHENTICATED] = "UNAUTHENTICATED",
  };
  const unsigned number = (unsigned)code;
  if (number >= sizeof names / sizeof *names) return "UNKNOWN";
  return names[number];
}
