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

#endif
