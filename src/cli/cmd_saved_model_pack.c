/* cli/cmd_saved_model_pack.c: `firn saved-model pack MODEL -o DIR` makes a
 * SavedModel of a graph with its checkpoint, of a frozen graph, or of another
 * SavedModel.
 *
 * Without --inputs and --outputs the signature is what inspect guesses, when
 * only one guess is sane; a model that has signatures keeps them. What the new
 * signature feeds and gives is printed, one tensor a line. */
#include <stdlib.h>
#include <string.h>

#include "cli/signature_words.h"

static const char DEFAULT_KEY[] = "serving_default";

typedef struct job {
  const firn_args *args;
  firn_model *model;
  firn_signature_words words;
  bool sign; /* there is a signature to be added */
  firn_saved_model_asset *assets;
  char **files; /* the assets', which are ours */
  firn_saved_model_meta meta;
} job;

static firn_code no_memory(firn_error *err) {
  return firn_fail(err, FIRN_RESOURCE_EXHAUSTED, "out of memory");
}

static firn_code open_model(job *j, firn_error *err) {
  const firn_model_options o = {
      .size = sizeof o,
      .checkpoint = firn_args_get(j->args, "--checkpoint"),
      .tags = firn_args_get(j->args, "--from-tags")};
  return firn_model_open(j->args->value[0], &o, &j->args->options, &j->model,
                         err);
}

/* ---- The signature ------------------------------------------------------ */

static bool is_signed(const job *j) {
  static const char *const flags[] = {"--inputs", "--outputs", "--signature",
                                      "--method"};
  for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++)
    if (firn_args_has(j->args, flags[i])) return true;
  return firn_model_signature_count(j->model) == 0;
}

static firn_code make_signature(job *j, firn_error *err) {
  const char *key = firn_args_get(j->args, "--signature");
  FIRN_TRY(firn_words_read(j->args, key ? key : DEFAULT_KEY, &j->words, err));
  j->sign = is_signed(j);
  if (!j->sign) return FIRN_OK;
  FIRN_TRY(firn_words_guess(&j->words, j->model, err));
  j->meta.signatures = &j->words.signature;
  j->meta.signature_count = 1;
  return FIRN_OK;
}

/* ---- Assets ------------------------------------------------------------- */

static firn_code take_assets(job *j, firn_error *err) {
  char file[4096];
  const size_t count = firn_args_count(j->args, "--asset");
  j->assets = calloc(count + 1, sizeof *j->assets);
  j->files = calloc(count + 1, sizeof *j->files);
  if (!j->assets || !j->files) return no_memory(err);
  for (size_t i = 0; i < count; i++) {
    const char *pair = firn_args_nth(j->args, "--asset", i), *tensor = NULL;
    FIRN_TRY(firn_split_pair(pair, file, sizeof file, &tensor, err));
    if (!tensor || !*tensor)
      return firn_misuse(err, "'--asset %s' is no FILE=TENSOR", pair);
    j->files[i] = strdup(file);
    if (!j->files[i]) return no_memory(err);
    j->assets[i] = (firn_saved_model_asset){j->files[i], tensor};
  }
  j->meta.assets = j->assets;
  j->meta.asset_count = count;
  return FIRN_OK;
}

/* ---- All of it ---------------------------------------------------------- */

static void take_words(job *j) {
  j->meta.size = sizeof j->meta;
  j->meta.tags = firn_args_get(j->args, "--tags");
  j->meta.init_op = firn_args_get(j->args, "--init-op");
  j->meta.train_op = firn_args_get(j->args, "--train-op");
  j->meta.strip_default_attrs = firn_args_has(j->args, "--strip-default-attrs");
  j->meta.clear_devices = firn_args_has(j->args, "--clear-devices");
  j->meta.strip = firn_args_has(j->args, "--strip");
}

static firn_code write_model(const job *j, firn_error *err) {
  firn_saved_model_writer *w = NULL;
  FIRN_TRY(firn_saved_model_writer_new(firn_args_get(j->args, "-o"), NULL,
                                       &j->args->options, &w, err));
  const firn_code code = firn_saved_model_add(w, j->model, NULL, &j->meta, err);
  if (code == FIRN_OK)
    return firn_saved_model_commit(w, firn_args_has(j->args, "--text"), err);
  firn_saved_model_abandon(w);
  return code;
}

static firn_code run(const firn_args *args, FILE *out, firn_error *err) {
  job j = {.args = args};
  if (!firn_args_has(args, "-o"))
    return firn_misuse(err, "where to? Give -o DIR");
  take_words(&j);
  firn_code code = open_model(&j, err);
  if (code == FIRN_OK) code = make_signature(&j, err);
  if (code == FIRN_OK) code = take_assets(&j, err);
  if (code == FIRN_OK) code = write_model(&j, err);
  if (code == FIRN_OK && j.sign) firn_words_print(&j.words, out);
  for (size_t i = 0; j.files && j.files[i]; i++) free(j.files[i]);
  free(j.files);
  free(j.assets);
  firn_words_fini(&j.words);
  firn_model_close(j.model);
  return code;
}

static const firn_flag flags[] = {
    {"-o", "DIR", "the SavedModel; new, or an empty folder", "--output"},
    {"--checkpoint", "PREFIX", "the values of the variables",
     "--input_checkpoint --ckpt"},
    {"--tags", "A,B", "of the result; serve is usual", "--tag_set"},
    {"--from-tags", "A,B", "which meta graph, when MODEL is a SavedModel",
     NULL},
    FIRN_SIGNATURE_FLAGS,
    {"--signature", "KEY", "the signature's; serving_default is usual",
     "--signature_def"},
    {"--asset", "FILE=TENSOR", "a file to bring, and what takes its path",
     NULL},
    {"--init-op", "NODE", "run when the model is loaded", "--main_op"},
    {"--train-op", "NODE", "run to train the model", NULL},
    {"--strip", NULL, "only what signatures need", NULL},
    {"--strip-default-attrs", NULL, "for older readers", NULL},
    {"--clear-devices", NULL, "nodes run wherever they are loaded", NULL},
    {"--text", NULL, "write saved_model.pbtxt", NULL},
    {0},
};

const firn_command firn_cmd_saved_model_pack = {
    .name = "saved-model pack",
    .usage = "MODEL -o DIR [--inputs KEY=TENSOR,...] [--outputs ...]",
    .summary = "make a SavedModel of a model",
    .min_args = 1,
    .max_args = 1,
    .flags = flags,
    .run = run,
};
