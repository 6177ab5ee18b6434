/* model/sniff.h: tell by its bytes what a file holds.
 *
 * Threads: pure functions.
 */
#ifndef FIRN_MODEL_SNIFF_H
#define FIRN_MODEL_SNIFF_H

#include "base/text.h"

typedef enum firn_form {
  FIRN_FORM_UNKNOWN,
  FIRN_FORM_GRAPH,
  FIRN_FORM_META_GRAPH,
  FIRN_FORM_SAVED_MODEL,
  FIRN_FORM_TABLE, /* a table file: a V1 checkpoint or an index */
} firn_form;

/* The form, and whether it is protobuf's text form. */
firn_form firn_sniff(firn_bytes bytes, bool *text);

/* What the file is, for a sentence that begins with "this is": of a form, or
 * where that is unknown, of other files that people take for a model; NULL when
 * nothing is known. */
const char *firn_form_name(firn_form form);
const char *firn_sniff_other(firn_bytes bytes);

#endif
