/* base/json.c: JSON in, and JSON strings out.
 *
 * The reader does not call itself: open arrays and objects wait on a stack, and
 * so do their values, which move to the arena together when the bracket closes.
 * Hence depth costs no stack of the thread, whatever the caller allows.
 */
#include "base/json.h"

#include <stdio.h>

typedef struct frame { /* an array or object not yet closed */
  firn_json_kind kind;
  size_t first; /* where its values begin on the stack */
} frame;

typedef struct reader {
  const char *begin, *at, *end;
  firn_arena *arena;
  uint32_t depth;   /* of frames, at most */
  firn_buf frames;  /* of frame           */
  firn_buf values;  /* of firn_json       */
  firn_buf keys;    /* of firn_str; one beside each value, empty in arrays */
  firn_str pending; /* the key of the value that comes next                */
  firn_error *err;
} reader;

/* ---- Complaints. --------------------------------------------------------- */

static firn_code complain(const reader *r, const char *what) {
  size_t line = 1, column = 1;
  for (const char *p = r->begin; p < r->at; p++) {
    column = *p == '\n' ? 1 : column + 1;
    line += *p == '\n';
  }
  return firn_fail(r->err, FIRN_INVALID_ARGUMENT,
                   "JSON, line %zu, column %zu: %s", line, column, what);
}

static firn_code expected(const reader *r, const char *what) {
  char text[96];
  if (r->at == r->end)
    snprintf(text, sizeof text, "expected %s, but the text ends", what);
  else if (*r->at > ' ' && *r->at <= '~')
    snprintf(text, sizeof text, "expected %s, not '%c'", what, *r->at);
  else
    snprintf(text, sizeof text, "expected %s, not byte %02x", what,
             (unsigned)(uint8_t)*r->at);
  return complain(r, text);
}

static firn_code short_of_memory(const reader *r) {
  return firn_oom(r->err, (size_t)(r->end - r->begin));
}

/* ---- Tokens. ------------------------------------------------------------- */

static void skip_blanks(reader *r) {
  while (r->at < r->end &&
         (*r->at == ' ' || *r->at == '\n' || *r->at == '\r' || *r->at == '\t'))
    r->at++;
}

static bool take(reader *r, char c) {
  if (r->at == r->end || *r->at != c) return false;
  r->at++;
  return true;
}

static bool take_word(reader *r, const char *word) {
  const size_t size = strlen(word);
  if ((size_t)(r->end - r->at) < size || memcmp(r->at, word, size))
    return false;
  r->at += size;
  return true;
}

static bool take_digits(reader *r) {
  const char *from = r->at;
  while (r->at < r->end && *r->at >= '0' && *r->at <= '9') r->at++;
  return r->at > from;
}

static firn_code read_number(reader *r, firn_json *value) {
  const char *from = r->at;
  take(r, '-');
  if (!take_word(r, "Infinity")) {
    if (!take(r, '0') && !take_digits(r)) return expected(r, "a digit");
    if (take(r, '.') && !take_digits(r)) return expected(r, "a digit");
    if (take(r, 'e') || take(r, 'E')) {
      if (!take(r, '-')) take(r, '+');
      if (!take_digits(r)) return expected(r, "a digit");
    }
  }
  value->kind = FIRN_JSON_NUMBER;
  value->text = (firn_str){from, (size_t)(r->at - from)};
  return FIRN_OK;
}

/* Four hexadecimal digits, as after \u. */
static firn_code read_unit(reader *r, uint32_t *unit) {
  *unit = 0;
  for (int i = 0; i < 4; i++, r->at++) {
    const char c = r->at < r->end ? *r->at : '\0';
    if (c >= '0' && c <= '9')
      *unit = *unit * 16 + (uint32_t)(c - '0');
    else if ((c | 32) >= 'a' && (c | 32) <= 'f')
      *unit = *unit * 16 + (uint32_t)((c | 32) - 'a' + 10);
    else
      return expected(r, "four hexadecimal digits");
  }
  return FIRN_OK;
}

/* What follows \u: one unit, or a high and a low surrogate. */
static firn_code read_unicode(reader *r, char **to) {
  uint32_t point, low;
  FIRN_TRY(read_unit(r, &point));
  if (point >= 0xdc00 && point < 0xe000)
    return complain(r, "low surrogate without a high one");
  if (point >= 0xd800 && point < 0xdc00) {
    if (!take_word(r, "\\u"))
      return complain(r, "high surrogate without a low one");
    FIRN_TRY(read_unit(r, &low));
    if (low < 0xdc00 || low >= 0xe000)
      return complain(r, "high surrogate without a low one");
    point = 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00);
  }
  *to += firn_utf8_put(*to, point);
  return FIRN_OK;
}

/* What follows a backslash. An escape is never shorter than what it stands for,
 * so the room of the source is enough. */
static firn_code read_escape(reader *r, char **to) {
  static const char names[] = "\"\\/bfnrt", stand_for[] = "\"\\/\b\f\n\r\t";
  if (take(r, 'u')) return read_unicode(r, to);
  const char *name = r->at < r->end && *r->at ? strchr(names, *r->at) : NULL;
  if (!name) return expected(r, "an escape");
  r->at++;
  *(*to)++ = stand_for[name - names];
  return FIRN_OK;
}

static firn_code unescape(reader *r, const char *stop, firn_str *out) {
  char *copy = firn_arena_alloc(r->arena, (size_t)(stop - r->at)), *to = copy;
  if (!copy) return short_of_memory(r);
  while (r->at < stop) {
    if (take(r, '\\'))
      FIRN_TRY(read_escape(r, &to));
    else
      *to++ = *r->at++;
  }
  *out = (firn_str){copy, (size_t)(to - copy)};
  return FIRN_OK;
}

/* What follows the opening quote. */
static firn_code read_string(reader *r, firn_str *out) {
  const char *const from = r->at;
  bool escaped = false;
  uint8_t seen = 0;
  for (; r->at < r->end && *r->at != '"'; r->at++) {
    const uint8_t c = (uint8_t)*r->at;
    if (c < 0x20) return complain(r, "control character in a string");
    seen |= c;
    if (c != '\\') continue;
    escaped = true;
    if (++r->at == r->end) break;
    seen |= (uint8_t)*r->at;
  }
  if (r->at == r->end) return expected(r, "'\"'");
  const char *const stop = r->at;

  *out = (firn_str){from, (size_t)(stop - from)};
  const size_t good = seen < 0x80 ? out->size : firn_utf8_prefix(*out);
  r->at = from + good;
  if (good < out->size) return complain(r, "string is not UTF-8");
  if (escaped) {
    r->at = from;
    FIRN_TRY(unescape(r, stop, out));
  }
  r->at = stop + 1;
  return FIRN_OK;
}

/* ---- Values. ------------------------------------------------------------- */

/* Puts a whole value where the innermost open bracket, or the end, finds it. */
static firn_code push_value(reader *r, const firn_json *value) {
  firn_buf_append(&r->values, value, sizeof *value);
  firn_buf_append(&r->keys, &r->pending, sizeof r->pending);
  r->pending = (firn_str){NULL, 0};
  if (r->values.failed || r->keys.failed) return short_of_memory(r);
  return FIRN_OK;
}

static size_t values_waiting(const reader *r) {
  return r->values.size / sizeof(firn_json);
}

static bool is_open(const reader *r) { return r->frames.size > 0; }

static frame *innermost(const reader *r) {
  return (frame *)(void *)(r->frames.data + r->frames.size) - 1;
}

/* An array or object is pushed first as an empty value, which keeps its key,
 * and is filled in when it closes. */
static firn_code open_bracket(reader *r, firn_json_kind kind) {
  if (r->frames.size / sizeof(frame) >= r->depth) {
    char text[64];
    snprintf(text, sizeof text, "nested more than %u deep", r->depth);
    return complain(r, text);
  }
  const firn_json empty = {.kind = kind};
  FIRN_TRY(push_value(r, &empty));
  const frame opened = {kind, values_waiting(r)};
  firn_buf_append(&r->frames, &opened, sizeof opened);
  return r->frames.failed ? short_of_memory(r) : FIRN_OK;
}

static firn_code close_bracket(reader *r) {
  const frame closed = *innermost(r);
  r->frames.size -= sizeof closed;
  const size_t count = values_waiting(r) - closed.first;
  firn_json *first = (firn_json *)(void *)r->values.data + closed.first;
  firn_str *first_key = (firn_str *)(void *)r->keys.data + closed.first;
  firn_json *whole = first - 1;
  if (count) {
    firn_json *item = firn_arena_alloc(r->arena, count * sizeof *item);
    if (!item) return short_of_memory(r);
    memcpy(item, first, count * sizeof *item);
    whole->item = item;
  }
  if (count && closed.kind == FIRN_JSON_OBJECT) {
    firn_str *key = firn_arena_alloc(r->arena, count * sizeof *key);
    if (!key) return short_of_memory(r);
    memcpy(key, first_key, count * sizeof *key);
    whole->key = key;
  }
  whole->count = count;
  r->values.size -= count * sizeof *first;
  r->keys.size -= count * sizeof *first_key;
  return FIRN_OK;
}

static firn_code read_value(reader *r) {
  firn_json value = {.kind = FIRN_JSON_NULL};
  if (take(r, '[')) return open_bracket(r, FIRN_JSON_ARRAY);
  if (take(r, '{')) return open_bracket(r, FIRN_JSON_OBJECT);
  if (take(r, '"')) {
    value.kind = FIRN_JSON_STRING;
    FIRN_TRY(read_string(r, &value.text));
  } else if (take_word(r, "true") || take_word(r, "false")) {
    value.kind = FIRN_JSON_BOOL;
    value.truth = r->at[-2] == 'u';
  } else if (take_word(r, "NaN")) {
    value.kind = FIRN_JSON_NUMBER;
    value.text = (firn_str){r->at - 3, 3};
  } else if (!take_word(r, "null")) {
    if (r->at == r->end ||
        (*r->at != '-' && *r->at != 'I' && (*r->at < '0' || *r->at > '9')))
      return expected(r, "a value");
    FIRN_TRY(read_number(r, &value));
  }
  return push_value(r, &value);
}

static firn_code read_key(reader *r) {
  if (!take(r, '"')) return expected(r, "a key in quotes");
  FIRN_TRY(read_string(r, &r->pending));
  skip_blanks(r);
  return take(r, ':') ? FIRN_OK : expected(r, "':'");
}

/* Before each value: closes what ends here and passes the comma. *more is false
 * when the document is whole. */
static firn_code between_values(reader *r, bool *more) {
  for (;;) {
    skip_blanks(r);
    *more = is_open(r);
    if (!*more) return FIRN_OK;
    const frame inner = *innermost(r);
    const bool object = inner.kind == FIRN_JSON_OBJECT;
    const bool first = values_waiting(r) == inner.first;
    if (take(r, object ? '}' : ']')) {
      FIRN_TRY(close_bracket(r));
      continue;
    }
    if (!first && !take(r, ','))
      return expected(r, object ? "',' or '}'" : "',' or ']'");
    skip_blanks(r);
    return object ? read_key(r) : FIRN_OK;
  }
}

static firn_code read_document(reader *r, const firn_json **out) {
  for (bool more = true; more;) {
    skip_blanks(r);
    FIRN_TRY(read_value(r));
    FIRN_TRY(between_values(r, &more));
  }
  if (r->at < r->end) return expected(r, "the end");
  firn_json *root = firn_arena_alloc(r->arena, sizeof *root);
  if (!root) return short_of_memory(r);
  memcpy(root, r->values.data, sizeof *root);
  *out = root;
  return FIRN_OK;
}

firn_code firn_json_parse(firn_bytes input, uint32_t depth, firn_arena *arena,
                          const firn_json **out, firn_error *err) {
  const char *text = input.size ? (const char *)input.data : "";
  reader r = {.begin = text,
              .at = text,
              .end = text + input.size,
              .arena = arena,
              .depth = depth,
              .err = err};
  *out = NULL;
  firn_buf_init(&r.frames, &arena->alloc);
  firn_buf_init(&r.values, &arena->alloc);
  firn_buf_init(&r.keys, &arena->alloc);
  const firn_code code = read_document(&r, out);
  firn_buf_fini(&r.frames);
  firn_buf_fini(&r.values);
  firn_buf_fini(&r.keys);
  return code;
}

const firn_json *firn_json_get(const firn_json *object, const char *key) {
  if (!object || object->kind != FIRN_JSON_OBJECT) return NULL;
  for (size_t i = object->count; i-- > 0;)
    if (firn_str_is(object->key[i], key)) return &object->item[i];
  return NULL;
}

/* ---- Writing. ------------------------------------------------------------ */

static void put_escaped(firn_buf *buf, uint8_t c) {
  static const char plain[] = "\"\\\b\f\n\r\t", names[] = "\"\\bfnrt";
  const char *found = c ? strchr(plain, c) : NULL;
  if (found)
    firn_buf_printf(buf, "\\%c", names[found - plain]);
  else
    firn_buf_printf(buf, "\\u%04x", c);
}

bool firn_json_put_string(firn_buf *buf, firn_str text) {
  if (firn_utf8_prefix(text) != text.size) return false;
  firn_buf_append(buf, "\"", 1);
  for (size_t from = 0, i = 0; i <= text.size; i++) {
    const uint8_t c = i < text.size ? (uint8_t)text.data[i] : 0;
    if (i < text.size && c >= 0x20 && c != '"' && c != '\\') continue;
    if (i > from) firn_buf_append(buf, text.data + from, i - from);
    if (i < text.size) put_escaped(buf, c);
    from = i + 1;
  }
  firn_buf_append(buf, "\"", 1);
  return true;
}
