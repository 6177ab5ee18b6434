/* cli/words.c: what several commands say and read in the same way. */
#include <inttypes.h>
#include <string.h>

#include "cli/command.h"

static firn_code kind_of(const char *word, firn_model_kind *out,
                         firn_error *err) {
  static const struct {
    const char *word;
    firn_model_kind kind;
  } kinds[] = {{"graph", FIRN_MODEL_GRAPH},
               {"meta", FIRN_MODEL_META_GRAPH},
               {"saved_model", FIRN_MODEL_SAVED_MODEL}};
  *out = FIRN_MODEL_ANY;
  if (!word) return FIRN_OK;
  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
    if (!strcmp(word, kinds[i].word)) {
      *out = kinds[i].kind;
      return FIRN_OK;
    }
  return firn_misuse(err, "'--as' wants graph, meta or saved_model, not '%s'",
                     word);
}

firn_code firn_args_model(const firn_args *args, firn_model **out,
                          firn_error *err) {
  firn_model_options o = {.size = sizeof o};
  static const char *const named[] = {"--input_meta_graph", "--input_graph",
                                      "--input_saved_model_dir"};
  const char *path = args->value_count ? args->value[0] : NULL;
  *out = NULL;
  o.checkpoint = firn_args_get(args, "--checkpoint");
  o.tags = firn_args_get(args, "--tags");
  FIRN_TRY(kind_of(firn_args_get(args, "--as"), &o.as, err));
  for (size_t i = 0; !path && i < sizeof named / sizeof named[0]; i++)
    path = firn_args_get(args, named[i]);
  if (!path) return firn_misuse(err, "which MODEL?");
  return firn_model_open(path, &o, &args->options, out, err);
}

firn_code firn_split_pair(const char *text, char *name, size_t size,
                          const char **file, firn_error *err) {
  const char *equals = strrchr(text, '=');
  const size_t length = equals ? (size_t)(equals - text) : strlen(text);
  if (length == 0 || length >= size)
    return firn_misuse(err, "'%.200s' is no NAME=FILE", text);
  memcpy(name, text, length);
  name[length] = 0;
  *file = equals ? equals + 1 : NULL;
  return FIRN_OK;
}

void firn_print_json(FILE *out, firn_str text) {
  fputc('"', out);
  for (size_t i = 0; i < text.size; i++) {
    const unsigned char c = (unsigned char)text.data[i];
    if (c == '"' || c == '\\')
      fprintf(out, "\\%c", c);
    else if (c < 0x20)
      fprintf(out, "\\u%04x", c);
    else
      fputc(c, out);
  }
  fputc('"', out);
}

static void put_dims(FILE *out, const firn_shape *shape, bool json) {
  fputc('[', out);
  for (int i = 0; i < shape->rank; i++) {
    if (i) fputc(',', out);
    if (shape->dims[i] >= 0)
      fprintf(out, "%" PRId64, shape->dims[i]);
    else
      fputs(json ? "-1" : "?", out);
  }
  fputc(']', out);
}

void firn_print_shape(FILE *out, const firn_shape *shape) {
  if (shape->rank < 0)
    fputc('?', out);
  else
    put_dims(out, shape, false);
}

void firn_print_json_shape(FILE *out, const firn_shape *shape) {
  if (shape->rank < 0)
    fputs("null", out);
  else
    put_dims(out, shape, true);
}
