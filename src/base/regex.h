/* base/regex.h: patterns in the language of RE2, which is TensorFlow's, by way
 * of PCRE2.
 *
 * RE2 has no backreferences, lookarounds and possessive or atomic groups: a
 * pattern that has one is refused, as there. Leftmost-first matching is the
 * same in both. RE2 never backtracks; here a limit on steps keeps a hostile
 * pattern from running on. In a firn that was built without PCRE2,
 * firn_regex_new says so.
 *
 *   firn_regex *regex = NULL;
 *   FIRN_TRY(firn_regex_new(FIRN_STR("^dense(_\\d+)?/"), 0, &regex, err));
 *   code = firn_regex_replace(regex, key, FIRN_STR("fc\\1/"), true, &buf, err);
 *   firn_regex_free(regex);
 *
 * Ownership: new/free.
 * Threads:   confined: a match is noted in the pattern.
 */
#ifndef FIRN_BASE_REGEX_H
#define FIRN_BASE_REGEX_H

#include "base/text.h"

typedef struct firn_regex firn_regex;

/* What a search found: bytes [begin, end). */
typedef struct firn_match {
  bool found;
  size_t begin, end;
} firn_match;

/* Compiles a pattern; with `whole` it must match from the first byte to the
 * last. INVALID_ARGUMENT for one that is wrong or not RE2's, UNIMPLEMENTED
 * without PCRE2. */
FIRN_CHECKED firn_code firn_regex_new(firn_str pattern, bool whole,
                                      firn_regex **out, firn_error *err);
void firn_regex_free(firn_regex *regex);

/* How many groups the pattern has. */
size_t firn_regex_groups(const firn_regex *regex);

/* Looks for the pattern from byte `at` on. Bytes that are no UTF-8 match
 * nothing. INVALID_ARGUMENT when matching takes too much. */
FIRN_CHECKED firn_code firn_regex_search(firn_regex *regex, firn_str text,
                                         size_t at, firn_match *out,
                                         firn_error *err);

/* Appends to *out what `text` becomes when the first match, or with `all` every
 * one, is rewritten. In the rewrite \0 .. \9 stand for groups and \\ for a
 * backslash; the caller has made sure that there is nothing else behind a
 * backslash, and no group that is not there. */
FIRN_CHECKED firn_code firn_regex_replace(firn_regex *regex, firn_str text,
                                          firn_str rewrite, bool all,
                                          firn_buf *out, firn_error *err);

#endif
