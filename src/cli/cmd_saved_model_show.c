/* cli/cmd_saved_model_show.c: `firn saved-model show DIR` lists the tag sets
 * and signatures of a SavedModel.
 *
 * One fact a line, tab between columns: tags, signature and method, inputs and
 * outputs (key, type, shape, tensor), and for each signature a request to try
 * it with, for a server and for `firn run`. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/sample.h"

enum {
  LONGEST_SAMPLE = 64
}; /* elements; beyond, the sample is piped or a file */

static const char INIT[] = "__saved_model_init_op";

/* ---- Tags --------------------------------------------------------------- */

static int by_bytes(const void *a, const void *b) {
  return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The tags of a meta graph, sorted and joined by commas; free() it. */
static char *join_tags(const firn_model *model, size_t set) {
  size_t count = 0, size = 1;
  for (firn_str t; (t = firn_model_tag(model, set, count)).data; count++)
    size += t.size + 1;
  char **tags = calloc(count + 1, sizeof *tags);
  char *text = calloc(size, 1);
  bool whole = tags && text;
  for (size_t i = 0; whole && i < count; i++) {
    const firn_str t = firn_model_tag(model, set, i);
    tags[i] = strndup(t.data, t.size);
    whole = tags[i] != NULL;
  }
  if (whole && count) qsort(tags, count, sizeof *tags, by_bytes);
  for (size_t i = 0; whole && i < count; i++) {
    if (i) strcat(text, ",");
    strcat(text, tags[i]);
  }
  for (size_t i = 0; tags && i < count; i++) free(tags[i]);
  free(tags);
  if (whole) return text;
  free(text);
  return NULL;
}

/* ---- Words -------------------------------------------------------------- */

static void put_word(FILE *out, const char *word) {
  firn_print_json(out, (firn_str){word, strlen(word)});
}

/* For a shell, between single quotes. */
static void put_quoted(FILE *out, const char *text) {
  fputc('\'', out);
  for (; *text; text++) {
    if (*text == '\'')
      fputs("'\\''", out);
    else
      fputc(*text, out);
  }
  fputc('\'', out);
}

static bool is_plain(const char *text) {
  return *text && !text[strspn(text,
                               "abcdefghijklmnopqrstuvwxyz"
                               "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                               "0123456789_-./:,=+@")];
}

static void put_shell(FILE *out, const char *text) {
  if (is_plain(text))
    fputs(text, out);
  else
    put_quoted(out, text);
}

/* What a model server would call the model: the folder, or the one above a
 * version. */
static void put_model_name(FILE *out, const char *folder) {
  size_t size = strlen(folder), start;
  for (;;) {
    while (size > 1 && folder[size - 1] == '/') size--;
    start = size;
    while (start && folder[start - 1] != '/') start--;
    if (start < 2 || strspn(folder + start, "0123456789") < size - start) break;
    size = start - 1;
  }
  if (start == size || !strncmp(folder + start, ".", size - start))
    fputs("MODEL", out);
  else
    fprintf(out, "%.*s", (int)(size - start), folder + start);
}

/* ---- One signature ------------------------------------------------------ */

typedef struct show {
  const firn_args *args;
  FILE *out;
  const char *tags; /* of the meta graph being shown           */
  bool several;     /* there are others: say which it is       */
} show;

static void put_tensor(const show *s, const firn_signature *signature,
                       bool input, const firn_signature_tensor *t) {
  FILE *out = s->out;
  const char *what = input ? "input" : "output";
  if (s->args->json) {
    fputs("{\"tags\":", out);
    put_word(out, s->tags);
    fputs(",\"signature\":", out);
    put_word(out, signature->key);
    fprintf(out, ",\"%s\":", what);
    put_word(out, t->key);
    fprintf(out, ",\"dtype\":\"%s\",\"shape\":", firn_dtype_name(t->dtype));
    firn_print_json_shape(out, &t->shape);
    fputs(",\"tensor\":", out);
    put_word(out, t->tensor);
    fprintf(out, "%s}\n", t->optional ? ",\"optional\":true" : "");
    return;
  }
  fprintf(out, "%s\t%s\t%s\t%s\t", what, signature->key, t->key,
          firn_dtype_name(t->dtype));
  firn_print_shape(out, &t->shape);
  fprintf(out, "\t%s%s\n", t->tensor, t->optional ? "\toptional" : "");
}

static bool is_small(const firn_signature *signature) {
  uint64_t count = 0;
  for (size_t i = 0; i < signature->input_count; i++) {
    const uint64_t more = firn_sample_count(&signature->inputs[i]);
    if (more > LONGEST_SAMPLE) return false;
    count += more;
  }
  return count <= LONGEST_SAMPLE;
}

/* Quotes within a sample are JSON's, so that single ones can stand around it.
 */
static void put_curl(const show *s, const firn_signature *signature) {
  FILE *out = s->out;
  if (is_small(signature)) {
    fputs("curl -d '", out);
    firn_put_request(out, signature);
    fputs("'", out);
  } else {
    fputs("firn saved-model show ", out);
    put_shell(out, s->args->value[0]);
    if (s->several) {
      fputs(" --tags ", out);
      put_shell(out, s->tags);
    }
    fputs(" --request ", out);
    put_shell(out, signature->key);
    fputs(" | curl -d @-", out);
  }
  fputs(" http://localhost:8501/v1/models/", out);
  put_model_name(out, s->args->value[0]);
  fprintf(out, ":%s", firn_request_verb(signature));
}

static void put_run(const show *s, const firn_signature *signature) {
  FILE *out = s->out;
  fputs("firn run ", out);
  put_shell(out, s->args->value[0]);
  if (s->several) {
    fputs(" --tags ", out);
    put_shell(out, s->tags);
  }
  fputs(" --signature ", out);
  put_shell(out, signature->key);
  for (size_t i = 0; i < signature->input_count; i++) {
    const firn_signature_tensor *t = &signature->inputs[i];
    fputs(" --feed ", out);
    put_shell(out, t->key);
    if (firn_sample_count(t) > LONGEST_SAMPLE) {
      fputs("=FILE.npy", out);
      continue;
    }
    fputs("=<(echo '", out);
    firn_put_sample(out, t);
    fputs("')", out);
  }
}

/* The text that `put` writes as a JSON string. */
static void put_as_json(const show *s, const firn_signature *signature,
                        void (*put)(const show *s, const firn_signature *)) {
  char *text = NULL;
  size_t size = 0;
  FILE *memory = open_memstream(&text, &size);
  if (!memory) return;
  show inner = *s;
  inner.out = memory;
  put(&inner, signature);
  if (fclose(memory) == 0) firn_print_json(s->out, (firn_str){text, size});
  free(text);
}

static void put_samples(const show *s, const firn_signature *signature) {
  FILE *out = s->out;
  if (s->args->json) {
    fputs("{\"tags\":", out);
    put_word(out, s->tags);
    fputs(",\"signature\":", out);
    put_word(out, signature->key);
    fputs(",\"request\":", out);
    put_as_json(s, signature, put_curl);
    fputs(",\"command\":", out);
    put_as_json(s, signature, put_run);
    fputs("}\n", out);
    return;
  }
  fprintf(out, "request\t%s\t", signature->key);
  put_curl(s, signature);
  fprintf(out, "\ncommand\t%s\t", signature->key);
  put_run(s, signature);
  fputc('\n', out);
}

static void put_signature(const show *s, const firn_signature *signature) {
  FILE *out = s->out;
  if (s->args->json) {
    fputs("{\"tags\":", out);
    put_word(out, s->tags);
    fputs(",\"signature\":", out);
    put_word(out, signature->key);
    fputs(",\"method\":", out);
    put_word(out, signature->method);
    fputs("}\n", out);
  } else {
    fprintf(out, "signature\t%s\t%s\n", signature->key, signature->method);
  }
  for (size_t i = 0; i < signature->input_count; i++)
    put_tensor(s, signature, true, &signature->inputs[i]);
  for (size_t i = 0; i < signature->output_count; i++)
    put_tensor(s, signature, false, &signature->outputs[i]);
  if (strcmp(signature->key, INIT)) put_samples(s, signature);
}

/* ---- A meta graph, all of them ------------------------------------------ */

static firn_code put_body(const show *s, const firn_signature *signature,
                          firn_error *err) {
  enum { MOST = 1 << 24 };
  for (size_t i = 0; i < signature->input_count; i++)
    if (firn_sample_count(&signature->inputs[i]) > MOST)
      return firn_fail(err, FIRN_RESOURCE_EXHAUSTED,
                       "a sample of input '%s' would have %" PRIu64 " elements",
                       signature->inputs[i].key,
                       firn_sample_count(&signature->inputs[i]));
  firn_put_request(s->out, signature);
  fputc('\n', s->out);
  return FIRN_OK;
}

static firn_code show_graph(const show *s, firn_error *err) {
  const char *one = firn_args_get(s->args, "--signature");
  const char *request = firn_args_get(s->args, "--request");
  const firn_signature *signature = NULL;
  firn_model *model = NULL;
  firn_model_options o = {.size = sizeof o, .tags = s->tags};
  FIRN_TRY(
      firn_model_open(s->args->value[0], &o, &s->args->options, &model, err));
  firn_code code = FIRN_OK;
  if (one || request)
    code =
        firn_model_signature(model, request ? request : one, &signature, err);
  if (code == FIRN_OK && request) {
    code = put_body(s, signature, err);
    firn_model_close(model);
    return code;
  }
  if (code == FIRN_OK && !s->args->json) fprintf(s->out, "tags\t%s\n", s->tags);
  if (code == FIRN_OK && signature) put_signature(s, signature);
  for (size_t i = 0; !one && i < firn_model_signature_count(model); i++)
    put_signature(s, firn_model_signature_at(model, i));
  firn_model_close(model);
  return code;
}

/* All tag sets in the order of their names; `all` has room for them. */
static firn_code show_all(show *s, const firn_model *model, char **all,
                          firn_error *err) {
  const size_t count = firn_model_tag_set_count(model);
  for (size_t i = 0; i < count; i++) {
    all[i] = join_tags(model, i);
    if (!all[i])
      return firn_fail(err, FIRN_RESOURCE_EXHAUSTED, "out of memory");
  }
  if (count) qsort(all, count, sizeof *all, by_bytes);
  s->several = count > 1;
  for (size_t i = 0; i < count; i++) {
    s->tags = all[i];
    FIRN_TRY(show_graph(s, err));
  }
  return FIRN_OK;
}

static firn_code run(const firn_args *args, FILE *out, firn_error *err) {
  show s = {.args = args, .out = out, .tags = firn_args_get(args, "--tags")};
  firn_model_options o = {.size = sizeof o, .tags = s.tags ? s.tags : "*"};
  firn_model *model = NULL;
  FIRN_TRY(firn_model_open(args->value[0], &o, &args->options, &model, err));
  const size_t count = firn_model_tag_set_count(model);
  char **all = calloc(count + 1, sizeof *all);
  firn_code code = FIRN_OK;
  if (!all)
    code = firn_fail(err, FIRN_RESOURCE_EXHAUSTED, "out of memory");
  else if (firn_model_what(model) != FIRN_MODEL_SAVED_MODEL)
    code = firn_fail(err, FIRN_INVALID_ARGUMENT, "'%s' is no SavedModel",
                     args->value[0]);
  else if (s.tags || (firn_args_has(args, "--request") && count == 1)) {
    s.several = count > 1;
    if (!s.tags) s.tags = "*";
    code = show_graph(&s, err);
  } else {
    code = show_all(&s, model, all, err);
  }
  for (size_t i = 0; all && i < count; i++) free(all[i]);
  free(all);
  firn_model_close(model);
  return code;
}

static const firn_flag flags[] = {
    {"--tags", "A,B", "only this meta graph", "--tag_set"},
    {"--signature", "KEY", "only this signature", "--signature_def"},
    {"--request", "KEY", "the body of a request for this signature, of zeros",
     NULL},
    {0},
};

const firn_command firn_cmd_saved_model_show = {
    .name = "saved-model show",
    .usage = "DIR [--tags A,B] [--signature KEY]",
    .summary = "list the tag sets and signatures of a SavedModel",
    .min_args = 1,
    .max_args = 1,
    .flags = flags,
    .run = run,
};
