/* cli/cmd_saved_model_signature.c: `firn saved-model signature add|remove|
 * rename DIR KEY` changes the signatures of a SavedModel, in place. */
#include <string.h>

#include "cli/signature_words.h"

static firn_code add(const firn_args *args, const char *tags, firn_error *err) {
  firn_signature_words words;
  if (args->value_count != 3)
    return firn_misuse(err, "add wants a DIR and a KEY");
  firn_code code = firn_words_read(args, args->value[2], &words, err);
  if (code == FIRN_OK && !words.signature.output_count)
    code = firn_misuse(err, "what comes out? Give --outputs KEY=TENSOR,...");
  if (code == FIRN_OK)
    code =
        firn_saved_model_signature_add(args->value[1], tags, &words.signature,
                                       firn_args_has(args, "--replace"), err);
  firn_words_fini(&words);
  return code;
}

static firn_code run(const firn_args *args, FILE *out, firn_error *err) {
  const char *what = args->value[0];
  const char *tags = firn_args_get(args, "--tags");
  (void)out;
  if (!strcmp(what, "add")) return add(args, tags, err);
  if (!strcmp(what, "remove")) {
    if (args->value_count != 3)
      return firn_misuse(err, "remove wants a DIR and a KEY");
    return firn_saved_model_signature_remove(args->value[1], tags,
                                             args->value[2], err);
  }
  if (strcmp(what, "rename"))
    return firn_misuse(err, "'%s' is none of add, remove and rename", what);
  if (args->value_count != 4)
    return firn_misuse(err, "rename wants a DIR, a KEY and its new name");
  return firn_saved_model_signature_rename(args->value[1], tags, args->value[2],
                                           args->value[3], err);
}

static const firn_flag flags[] = {
    {"--tags", "A,B", "which meta graph", "--tag_set"},
    FIRN_SIGNATURE_FLAGS,
    {"--replace", NULL, "add: a signature of that key goes", NULL},
    {0},
};

const firn_command firn_cmd_saved_model_signature = {
    .name = "saved-model signature",
    .usage = "add|remove|rename DIR KEY [NEW-KEY]",
    .summary = "change the signatures of a SavedModel",
    .min_args = 2,
    .max_args = 4,
    .flags = flags,
    .run = run,
};
