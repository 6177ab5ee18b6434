/* cli/sample.h: a request that could be sent for a signature, with zeros in it.
 *
 * Threads: one.
 */
#ifndef FIRN_CLI_SAMPLE_H
#define FIRN_CLI_SAMPLE_H

#include "cli/command.h"

/* How many elements a sample of this input has: unknown and empty extents count
 * as 1. */
uint64_t firn_sample_count(const firn_signature_tensor *input);

/* The sample as nested JSON lists. */
void firn_put_sample(FILE *out, const firn_signature_tensor *input);

/* The body of a REST request in TensorFlow Serving's form; and the word that
 * ends its address: predict, classify or regress. */
void firn_put_request(FILE *out, const firn_signature *signature);
const char *firn_request_verb(const firn_signature *signature);

#endif
