/* base/regex.c: RE2's language by way of PCRE2; the one file that uses it.
 *
 * What RE2 spells otherwise than PCRE2 is respelled: \C, \pN and \z are alike;
 * (?P<name>) too; \Q..\E too. */
#ifdef FIRN_HAVE_PCRE2
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#endif

#include "base/regex.h"

#ifdef FIRN_HAVE_PCRE2

struct firn_regex {
  pcre2_code *code;
  pcre2_match_data *data;
  pcre2_match_context *limits;
};

static firn_code refuse(const char *what, firn_error *err) {
  return firn_fail(err, FIRN_INVALID_ARGUMENT,
                   "the pattern has %s, which the language of RE2 has not",
                   what);
}

/* Whether the counts after a brace are above what RE2 takes. */
static bool too_many(firn_str p, size_t at) {
  enum { MOST = 1000 };
  unsigned n = 0;
  for (at++; at < p.size && p.data[at] != '}'; at++) {
    if (p.data[at] == ',') {
      n = 0;
    } else if (p.data[at] < '0' || p.data[at] > '9') {
      return false;
    } else {
      n = n * 10 + (unsigned)(p.data[at] - '0');
      if (n > MOST) return at < p.size;
    }
  }
  return false;
}

/* Refuses what PCRE2 knows and RE2 does not. */
static firn_code check_language(firn_str p, firn_error *err) {
  bool in_class = false;
  for (size_t i = 0; i < p.size; i++) {
    const char c = p.data[i];
    const char next = i + 1 < p.size ? p.data[i + 1] : 0;
    if (c == '\\') {
      if (!in_class && next >= '1' && next <= '9')
        return refuse("a backreference", err);
      if (next && strchr("GKRXgkhHNeZ", next) && !in_class)
        return refuse("an escape of Perl", err);
      if (next == 'Q') {
        while (i + 1 < p.size && !(p.data[i] == '\\' && p.data[i + 1] == 'E'))
          i++;
      }
      i++;
    } else if (in_class) {
      in_class = c != ']' || p.data[i - 1] == '[' ||
                 (p.data[i - 1] == '^' && i > 1 && p.data[i - 2] == '[');
      if (c == '[' && next == ':')
        while (i + 1 < p.size && !(p.data[i] == ':' && p.data[i + 1] == ']' &&
                                   p.data[i - 1] != '['))
          i++;
      if (c == '[' && next == ':' && i + 1 < p.size) i++;
    } else if (c == '[') {
      in_class = true;
    } else if (c == '(' && next == '?' && i + 2 < p.size) {
      const char kind = p.data[i + 2],
                 more = i + 3 < p.size ? p.data[i + 3] : 0;
      if (kind == '=' || kind == '!' || (kind == '<' && strchr("=!", more)))
        return refuse("a lookaround", err);
      if (strchr(">|#(&R+0123456789C'xJn", kind))
        return refuse("a group of Perl", err);
      if (kind == 'P' && more != '<') return refuse("a group of Python", err);
    } else if (c == '(' && next == '*') {
      return refuse("a verb", err);
    } else if (c == '{' && too_many(p, i)) {
      return refuse("more than 1000 repeats", err);
    } else if (strchr("*+?}", c) && next == '+') {
      return refuse("a possessive repeat", err);
    }
  }
  return FIRN_OK;
}

static bool has_byte_escape(firn_str p) {
  for (size_t i = 0; i + 1 < p.size; i++)
    if (p.data[i] == '\\' && p.data[++i] == 'C') return true;
  return false;
}

static firn_code compile(firn_str pattern, bool whole, firn_regex *r,
                         firn_error *err) {
  enum { MOST_STEPS = 10000000, MOST_HEAP_KB = 65536 };
  uint32_t options = whole ? PCRE2_ANCHORED | PCRE2_ENDANCHORED : 0;
  int number;
  PCRE2_SIZE at;
  FIRN_TRY(check_language(pattern, err));
  /* \C, a byte of a character, is beyond what PCRE2 can do with unsound text.
   */
  if (!has_byte_escape(pattern)) options |= PCRE2_UTF | PCRE2_MATCH_INVALID_UTF;
  r->code = pcre2_compile((PCRE2_SPTR)(pattern.size ? pattern.data : ""),
                          pattern.size, options | PCRE2_DOLLAR_ENDONLY, &number,
                          &at, NULL);
  if (!r->code) {
    char text[120];
    pcre2_get_error_message(number, (PCRE2_UCHAR *)text, sizeof text);
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "the pattern '%.*s' is wrong at %zu: %s",
                     FIRN_ARG(pattern), (size_t)at, text);
  }
  r->data = pcre2_match_data_create_from_pattern(r->code, NULL);
  r->limits = pcre2_match_context_create(NULL);
  if (!r->data || !r->limits) return firn_oom(err, 0);
  pcre2_set_match_limit(r->limits, MOST_STEPS);
  pcre2_set_heap_limit(r->limits, MOST_HEAP_KB);
  return FIRN_OK;
}

firn_code firn_regex_new(firn_str pattern, bool whole, firn_regex **out,
                         firn_error *err) {
  firn_regex *r = firn_new_zeroed(NULL, sizeof *r);
  *out = NULL;
  if (!r) return firn_oom(err, sizeof *r);
  const firn_code code = compile(pattern, whole, r, err);
  if (code != FIRN_OK)
    firn_regex_free(r);
  else
    *out = r;
  return code;
}

void firn_regex_free(firn_regex *r) {
  if (!r) return;
  pcre2_match_context_free(r->limits);
  pcre2_match_data_free(r->data);
  pcre2_code_free(r->code);
  firn_delete(NULL, r, sizeof *r);
}

size_t firn_regex_groups(const firn_regex *r) {
  uint32_t groups = 0;
  pcre2_pattern_info(r->code, PCRE2_INFO_CAPTURECOUNT, &groups);
  return groups;
}

firn_code firn_regex_search(firn_regex *r, firn_str text, size_t at,
                            firn_match *out, firn_error *err) {
  const int n = pcre2_match(r->code, (PCRE2_SPTR)(text.size ? text.data : ""),
                            text.size, at, 0, r->data, r->limits);
  *out = (firn_match){.found = n > 0};
  if (n > 0) {
    const PCRE2_SIZE *ends = pcre2_get_ovector_pointer(r->data);
    out->begin = ends[0];
    out->end = ends[1];
  }
  if (n > 0 || n == PCRE2_ERROR_NOMATCH) return FIRN_OK;
  char why[120];
  pcre2_get_error_message(n, (PCRE2_UCHAR *)why, sizeof why);
  return firn_fail(err, FIRN_INVALID_ARGUMENT, "matching took too much: %s",
                   why);
}

/* ---- Rewriting ---------------------------------------------------------- */

static void put_rewrite(firn_regex *r, firn_str text, firn_str rewrite,
                        firn_buf *out) {
  const PCRE2_SIZE *ends = pcre2_get_ovector_pointer(r->data);
  for (size_t i = 0; i < rewrite.size; i++) {
    if (rewrite.data[i] != '\\') {
      firn_buf_append(out, rewrite.data + i, 1);
      continue;
    }
    const char c = rewrite.data[++i];
    const size_t g = (size_t)(c - '0') * 2;
    if (c == '\\')
      firn_buf_append(out, "\\", 1);
    else if (ends[g] != PCRE2_UNSET && ends[g + 1] > ends[g])
      firn_buf_append(out, text.data + ends[g], ends[g + 1] - ends[g]);
  }
}

static size_t character_at(firn_str text, size_t at) {
  size_t n = 1;
  while (at + n < text.size && ((uint8_t)text.data[at + n] & 0xc0) == 0x80) n++;
  return n;
}

firn_code firn_regex_replace(firn_regex *r, firn_str text, firn_str rewrite,
                             bool all, firn_buf *out, firn_error *err) {
  size_t at = 0, done = 0;
  bool behind = false;
  firn_match match;
  while (at <= text.size) {
    FIRN_TRY(firn_regex_search(r, text, at, &match, err));
    if (!match.found) break;
    const size_t begin = match.begin, end = match.end;
    /* An empty match right behind the last one does not count. */
    if (begin == end && behind && begin == done) {
      if (at >= text.size) break;
      const size_t n = character_at(text, at);
      firn_buf_append(out, text.data + at, n);
      at = done = at + n;
      behind = false;
      continue;
    }
    if (begin > done) firn_buf_append(out, text.data + done, begin - done);
    put_rewrite(r, text, rewrite, out);
    at = done = end;
    behind = true;
    if (!all) break;
  }
  if (done < text.size)
    firn_buf_append(out, text.data + done, text.size - done);
  return FIRN_OK;
}

#else

firn_code firn_regex_new(firn_str pattern, bool whole, firn_regex **out,
                         firn_error *err) {
  FIRN_UNUSED(pattern);
  FIRN_UNUSED(whole);
  *out = NULL;
  return firn_fail(err, FIRN_UNIMPLEMENTED,
                   "firn was built without PCRE2, which matches patterns");
}

void firn_regex_free(firn_regex *r) { FIRN_UNUSED(r); }

size_t firn_regex_groups(const firn_regex *r) {
  FIRN_UNUSED(r);
  return 0;
}

firn_code firn_regex_search(firn_regex *r, firn_str text, size_t at,
                            firn_match *out, firn_error *err) {
  FIRN_UNUSED(r);
  FIRN_UNUSED(text);
  FIRN_UNUSED(at);
  FIRN_UNUSED(out);
  return firn_fail(err, FIRN_INTERNAL, "there is no pattern");
}

firn_code firn_regex_replace(firn_regex *r, firn_str text, firn_str rewrite,
                             bool all, firn_buf *out, firn_error *err) {
  firn_match match;
  FIRN_UNUSED(rewrite);
  FIRN_UNUSED(all);
  FIRN_UNUSED(out);
  return firn_regex_search(r, text, 0, &match, err);
}

#endif
