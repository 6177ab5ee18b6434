/* ops/utf8.h: characters of UTF-8 strings, as string ops count them.
 *
 * Threads: pure functions.
 */
#ifndef FIRN_OPS_UTF8_H
#define FIRN_OPS_UTF8_H

#include "ops/op.h"

/* Bytes that are no continuation: how many characters there are, and how many
 * bytes the first `count` of them take. */
size_t firn_utf8_count(firn_str text);
size_t firn_utf8_skip(firn_str text, size_t count);

/* Without the blanks of C's isspace at both ends. */
firn_str firn_str_trim(firn_str text);

/* Appends the text in upper or lower case. UNIMPLEMENTED for what is not ASCII
 * when firn was built without utf8proc. */
FIRN_CHECKED firn_code firn_utf8_case(firn_str text, bool upper, firn_buf *out,
                                      firn_error *err);

/* Takes one character off the front of a text that is not empty; false, and one
 * byte or more taken, when it is none. *point is U+FFFD then. */
bool firn_utf8_take(firn_str *text, uint32_t *point);

/* Appends a code point. */
void firn_utf8_append(firn_buf *out, uint32_t point);

#endif
