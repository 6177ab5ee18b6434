/* ops/text_regex.c: RegexReplace, RegexFullMatch: RE2's language by way of
 * PCRE2.
 *
 * RE2 has no backreferences, lookarounds and possessive or atomic groups: a
 * pattern that has one is refused, as there. What RE2 spells otherwise than
 * PCRE2 is respelled: \C, \pN and \z are alike; (?P<name>) too; \Q..\E too.
 * Bytes that are no UTF-8 match nothing but \C.
 *
 * Leftmost-first matching is the same in both. RE2 never backtracks; here a
 * limit on steps keeps a hostile pattern from running on.
 */
#ifdef FIRN_HAVE_PCRE2
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#endif

#include "ops/infer.h"

#ifdef FIRN_HAVE_PCRE2

typedef struct regex {
  pcre2_code *code;
  pcre2_match_data *data;
  pcre2_match_context *limits;
} regex;

static void fini(regex *r) {
  pcre2_match_context_free(r->limits);
  pcre2_match_data_free(r->data);
  pcre2_code_free(r->code);
}

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

static firn_code init(firn_str pattern, uint32_t options, regex *r,
                      firn_error *err) {
  enum { MOST_STEPS = 10000000, MOST_HEAP_KB = 65536, MOST_DEPTH = 250 };
  int number;
  PCRE2_SIZE at;
  *r = (regex){NULL, NULL, NULL};
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
  if (!r->data || !r->limits) {
    fini(r);
    return firn_oom(err, 0);
  }
  pcre2_set_match_limit(r->limits, MOST_STEPS);
  pcre2_set_heap_limit(r->limits, MOST_HEAP_KB);
  return FIRN_OK;
}

/* Looks for the pattern from `at` on. *found says whether it is there. */
static firn_code search(const regex *r, firn_str text, size_t at, bool *found,
                        firn_error *err) {
  const int n = pcre2_match(r->code, (PCRE2_SPTR)(text.size ? text.data : ""),
                            text.size, at, 0, r->data, r->limits);
  *found = n > 0;
  if (n > 0 || n == PCRE2_ERROR_NOMATCH) return FIRN_OK;
  char why[120];
  pcre2_get_error_message(n, (PCRE2_UCHAR *)why, sizeof why);
  return firn_fail(err, FIRN_INVALID_ARGUMENT, "matching took too much: %s",
                   why);
}

/* ---- Rewriting ---------------------------------------------------------- */

/* \0 .. \9 stand for groups, \\ for a backslash. What TensorFlow makes of a
 * rewrite that is wrong: one that names a group that is not there changes
 * nothing; one with a backslash before anything else ends there, or if only the
 * first match is wanted changes nothing either. False: nothing is to be
 * changed. */
static bool usable_rewrite(const regex *r, firn_str *rewrite, bool all) {
  uint32_t groups = 0;
  size_t end = rewrite->size;
  pcre2_pattern_info(r->code, PCRE2_INFO_CAPTURECOUNT, &groups);
  for (size_t i = 0; i < rewrite->size; i++) {
    if (rewrite->data[i] != '\\') continue;
    const size_t at = i++;
    const char c = i < rewrite->size ? rewrite->data[i] : 0;
    if (c >= '0' && c <= '9' && (uint32_t)(c - '0') > groups) return false;
    if (c != '\\' && (c < '0' || c > '9') && at < end) end = at;
  }
  if (end < rewrite->size && !all) return false;
  rewrite->size = end;
  return true;
}

static void put_rewrite(const regex *r, firn_str text, firn_str rewrite,
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

static firn_code replace(const regex *r, firn_str text, firn_str rewrite,
                         bool all, firn_buf *out, firn_error *err) {
  size_t at = 0, done = 0;
  const PCRE2_SIZE *ends = pcre2_get_ovector_pointer(r->data);
  bool found = true, behind = false;
  while (at <= text.size) {
    FIRN_TRY(search(r, text, at, &found, err));
    if (!found) break;
    const size_t begin = ends[0], end = ends[1];
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

/* ---- Ops ---------------------------------------------------------------- */

static firn_code single(const firn_run *run, size_t i, const char *attr,
                        firn_str *out, firn_error *err) {
  if (run->in_count <= i) return firn_attr_str(run->node, attr, out, err);
  if (run->in[i]->count != 1)
    return firn_fail(err, FIRN_INVALID_ARGUMENT, "%s must be a scalar", attr);
  *out = firn_tensor_string(run->in[i], 0);
  return FIRN_OK;
}

static firn_code replace_all(const firn_run *run, const regex *r,
                             firn_str rewrite, firn_buf *buf, firn_error *err) {
  const bool all = firn_attr_bool_or(run->node, "replace_global", true);
  const bool usable = usable_rewrite(r, &rewrite, all);
  for (size_t i = 0; i < run->in[0]->count; i++) {
    const firn_str text = firn_tensor_string(run->in[0], i);
    firn_str done = text;
    buf->size = 0;
    if (usable) {
      FIRN_TRY(replace(r, text, rewrite, all, buf, err));
      if (buf->failed) return firn_oom(err, buf->size);
      done = (firn_str){(const char *)buf->data, buf->size};
    }
    FIRN_TRY(firn_tensor_set_string(run->out[0], i, done, err));
  }
  return FIRN_OK;
}

static firn_code drive_replace(const firn_run *run, firn_error *err) {
  firn_str pattern, rewrite;
  firn_buf buf = {0};
  regex r;
  FIRN_TRY(single(run, 1, "pattern", &pattern, err));
  FIRN_TRY(single(run, 2, "rewrite", &rewrite, err));
  FIRN_TRY(init(pattern, 0, &r, err));
  firn_buf_init(&buf, &run->env->alloc);
  const firn_code code = replace_all(run, &r, rewrite, &buf, err);
  firn_buf_fini(&buf);
  fini(&r);
  return code;
}

static firn_code drive_match(const firn_run *run, firn_error *err) {
  firn_str pattern;
  regex r;
  firn_code code = FIRN_OK;
  FIRN_TRY(single(run, 1, "pattern", &pattern, err));
  FIRN_TRY(init(pattern, PCRE2_ANCHORED | PCRE2_ENDANCHORED, &r, err));
  const PCRE2_SIZE *ends = pcre2_get_ovector_pointer(r.data);
  for (size_t i = 0; code == FIRN_OK && i < run->in[0]->count; i++) {
    const firn_str text = firn_tensor_string(run->in[0], i);
    bool found;
    code = search(&r, text, 0, &found, err);
    /* Unsound bytes count as the ends of a text. */
    ((bool *)run->out[0]->data)[i] =
        found && ends[0] == 0 && ends[1] == text.size;
  }
  fini(&r);
  return code;
}

#else

static firn_code drive_replace(const firn_run *run, firn_error *err) {
  FIRN_UNUSED(run);
  return firn_fail(err, FIRN_UNIMPLEMENTED,
                   "firn was built without PCRE2, which matches patterns");
}

static firn_code drive_match(const firn_run *run, firn_error *err) {
  return drive_replace(run, err);
}

#endif

static firn_code infer_regex(firn_infer *q, firn_error *err) {
  for (size_t i = 1; i < q->in_count; i++)
    FIRN_TRY(
        firn_infer_rank(q, i, 0, i == 1 ? "pattern" : "rewrite", NULL, err));
  return firn_infer_same(q, err);
}

static const firn_kernel replacing[] = {{.drive = drive_replace},
                                        {.drive = NULL}};
static const firn_kernel matching[] = {{.drive = drive_match}, {.drive = NULL}};

static const firn_op ops[] = {
    {"RegexReplace", infer_regex, replacing, 0},
    {"StaticRegexReplace", infer_regex, replacing, 0},
    {"RegexFullMatch", infer_regex, matching, 0},
    {"StaticRegexFullMatch", infer_regex, matching, 0},
};

FIRN_OP_FAMILY(text_regex, ops);
