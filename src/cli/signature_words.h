/* cli/signature_words.h: a signature from the words --inputs, --outputs and
 * --method.
 *
 * Ownership: freed by firn_words_fini.
 * Threads:   one.
 */
#ifndef FIRN_CLI_SIGNATURE_WORDS_H
#define FIRN_CLI_SIGNATURE_WORDS_H

#include "cli/command.h"

typedef struct firn_signature_words {
  firn_signature signature;
  char **texts; /* keys and names, all of them ours */
  size_t text_count;
  firn_signature_tensor *inputs, *outputs;
} firn_signature_words;

/* Reads "k=t:0,k2=t2:0", the flag as often as it was given; a tensor without a
 * key gets its node's name, without scopes. */
FIRN_CHECKED firn_code firn_words_read(const firn_args *args, const char *key,
                                       firn_signature_words *out,
                                       firn_error *err);

/* Fills in what was not named: the output that the graph seems to have, and the
 * placeholders that the outputs need. INVALID_ARGUMENT when that is not clear.
 */
FIRN_CHECKED firn_code firn_words_guess(firn_signature_words *words,
                                        const firn_model *model,
                                        firn_error *err);

/* One line for each input and output. */
void firn_words_print(const firn_signature_words *words, FILE *out);

void firn_words_fini(firn_signature_words *words);

#define FIRN_SIGNATURE_FLAGS                                                   \
  {"--inputs", "KEY=TENSOR,...", "what is fed", NULL},                         \
      {"--outputs", "KEY=TENSOR,...", "what comes out", NULL}, {               \
    "--method", "NAME", "predict, classify or regress; predict is usual", NULL \
  }

#endif
