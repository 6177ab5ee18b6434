/* ops/text_parse.h: one number out of a string, by TensorFlow's rules.
 *
 * Threads: pure functions.
 */
#ifndef FIRN_OPS_TEXT_PARSE_H
#define FIRN_OPS_TEXT_PARSE_H

#include "ops/op.h"

/* Reads the whole text, blanks at both ends aside, as a float, double, int32,
 * int64, uint32 or uint64 into *out; false when it is none. */
bool firn_text_number(firn_str text, firn_dtype dtype, void *out);

#endif
