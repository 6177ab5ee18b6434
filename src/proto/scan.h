/* proto/scan.h: protobuf's text form cut into tokens.
 *
 * Comments and blanks are passed over. Strings are left as written: one token a
 * quoted piece, to be unescaped when it is taken.
 *
 * Ownership: tokens borrow the input.
 * Threads:   confined.
 */
#ifndef FIRN_PROTO_SCAN_H
#define FIRN_PROTO_SCAN_H

#include "base/text.h"

typedef enum firn_token {
  FIRN_TOKEN_END,
  FIRN_TOKEN_WORD,   /* a name, true, inf                       */
  FIRN_TOKEN_NUMBER, /* begins with a digit or a point          */
  FIRN_TOKEN_STRING, /* with its quotes                         */
  FIRN_TOKEN_MARK,   /* one character of punctuation            */
} firn_token;

typedef struct firn_scan {
  const char *at, *end, *line_start; /* behind the current token  */
  size_t line;                       /* of `at`, from 1           */
  firn_token kind;                   /* of the current token      */
  firn_str text;
  size_t token_line, token_column;
  firn_error *err;
} firn_scan;

/* Begins at the first token. */
FIRN_CHECKED firn_code firn_scan_init(firn_scan *s, firn_bytes input,
                                      firn_error *err);

/* Goes to the next token. INVALID_ARGUMENT for a string without an end. */
FIRN_CHECKED firn_code firn_scan_next(firn_scan *s);

/* Whether the current token is that character. */
bool firn_scan_is(const firn_scan *s, char mark);

/* Goes past the mark if it is there; `had` may be NULL when it must be. */
FIRN_CHECKED firn_code firn_scan_mark(firn_scan *s, char mark, bool *had);

/* "line 3, column 7: expected <what>, found '<token>'". */
firn_code firn_scan_expected(const firn_scan *s, const char *what);

/* The same with a sentence of the caller's about the current token. */
firn_code firn_scan_fail(const firn_scan *s, const char *fmt, ...)
    FIRN_PRINTF(2, 3);

/* Appends what the current string token stands for. */
FIRN_CHECKED firn_code firn_scan_unescape(const firn_scan *s, firn_buf *out);

/* The URL or name between brackets, when the current token is the `[`. Blanks
 * are dropped. Goes past the `]`. */
FIRN_CHECKED firn_code firn_scan_bracketed(firn_scan *s, firn_buf *out);

#endif
