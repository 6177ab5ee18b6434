/* cli/cmd_freeze.c: `firn freeze MODEL --outputs A,B -o FILE` turns variables
 * into constants, and with --check runs both graphs on the same input. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"

/* Names between commas; TensorFlow's tool takes blanks out, so do we. */
typedef struct list {
  char *text;
  const char **item;
  size_t count;
} list;

static firn_code no_memory(firn_error *err) {
  return firn_fail(err, FIRN_RESOURCE_EXHAUSTED, "out of memory");
}

static firn_code split(const char *text, list *out, firn_error *err) {
  *out = (list){.text = strdup(text ? text : "")};
  out->item = calloc(strlen(out->text ? out->text : "") + 1, sizeof *out->item);
  if (!out->text || !out->item) return no_memory(err);
  char *to = out->text;
  for (const char *from = out->text; *from; from++)
    if (*from != ' ') *to++ = *from;
  *to = 0;
  for (char *at = out->text; *at;) {
    const size_t n = strcspn(at, ",");
    const bool last = at[n] == 0;
    at[n] = 0;
    if (n) out->item[out->count++] = at;
    at += n + !last;
  }
  return FIRN_OK;
}

static void split_fini(list *l) {
  free(l->text);
  free(l->item);
}

/* ---- --check ------------------------------------------------------------ */

/* Something to feed: unknown extents are 1, floats in [0, 1), integers 0 to 3.
 */
static firn_code some_input(const firn_guess *input, uint64_t *random,
                            firn_tensor **out, firn_error *err) {
  firn_shape shape = input->shape;
  if (shape.rank < 0) shape.rank = 0;
  for (int i = 0; i < shape.rank; i++)
    if (shape.dims[i] < 0) shape.dims[i] = 1;
  FIRN_TRY(
      firn_tensor_new(input->dtype, shape.rank, shape.dims, NULL, out, err));
  char *data = firn_tensor_data(*out);
  const size_t size = firn_dtype_size(input->dtype);
  if (input->dtype == FIRN_STRING) return FIRN_OK;
  memset(data, 0, firn_tensor_bytes(*out));
  for (size_t i = 0; i < firn_tensor_count(*out); i++, data += size) {
    *random = *random * 6364136223846793005u + 1442695040888963407u;
    const double u = (double)(*random >> 40) / (double)(1 << 24);
    if (input->dtype == FIRN_FLOAT)
      *(float *)data = (float)u;
    else if (input->dtype == FIRN_DOUBLE)
      *(double *)data = u;
    else if (input->dtype == FIRN_BOOL)
      *data = 0;
    else
      *data = (char)(u * 4); /* the low byte of an integer */
  }
  return FIRN_OK;
}

typedef struct check {
  const firn_signature *signature; /* NULL: outputs by name     */
  firn_guess *inputs;
  firn_feed *feeds; /* of the frozen graph                      */
  firn_feed *keys;  /* the same tensors by the signature's keys */
  char **names;
  size_t count;
} check;

static bool by_signature(const firn_args *args, const firn_model *model) {
  return firn_args_has(args, "--signature") ||
         (firn_model_what(model) == FIRN_MODEL_SAVED_MODEL &&
          firn_model_signature_count(model) > 0 &&
          !firn_args_has(args, "--outputs"));
}

static firn_code make_room(check *c, firn_error *err) {
  c->inputs = calloc(c->count + 1, sizeof *c->inputs);
  c->feeds = calloc(c->count + 1, sizeof *c->feeds);
  c->keys = calloc(c->count + 1, sizeof *c->keys);
  c->names = calloc(c->count + 1, sizeof *c->names);
  return c->inputs && c->feeds && c->keys && c->names ? FIRN_OK
                                                      : no_memory(err);
}

/* The frozen graph's placeholders, in file order, are the signature's inputs.
 */
static void take_inputs(const firn_graph *graph, check *c) {
  size_t found = 0;
  for (size_t i = 0; i < firn_graph_count(graph) && found < c->count; i++) {
    const firn_graph_node node = firn_graph_at(graph, i);
    const bool is_input =
        node.op.size >= 11 && !memcmp(node.op.data, "Placeholder", 11);
    if (!is_input) continue;
    c->inputs[found] = (firn_guess){.node = node.name,
                                    .dtype = c->signature->inputs[found].dtype,
                                    .shape = c->signature->inputs[found].shape};
    found++;
  }
}

static firn_code make_feeds(const firn_model *model, check *c,
                            firn_error *err) {
  uint64_t random = 1;
  c->count = c->signature ? c->signature->input_count
                          : firn_model_guess_inputs(model, NULL, 0);
  FIRN_TRY(make_room(c, err));
  if (c->signature)
    take_inputs(firn_model_graph(model), c);
  else
    firn_model_guess_inputs(model, c->inputs, c->count);
  for (size_t i = 0; i < c->count; i++) {
    c->names[i] = strndup(c->inputs[i].node.data, c->inputs[i].node.size);
    if (!c->names[i]) return no_memory(err);
    c->feeds[i].name = c->names[i];
    FIRN_TRY(some_input(&c->inputs[i], &random, &c->feeds[i].tensor, err));
    if (c->signature)
      c->keys[i] = (firn_feed){c->signature->inputs[i].key, c->feeds[i].tensor};
  }
  return FIRN_OK;
}

static void check_fini(check *c) {
  for (size_t i = 0; i < c->count; i++) {
    if (c->feeds) firn_tensor_release(c->feeds[i].tensor);
    if (c->names) free(c->names[i]);
  }
  free(c->inputs);
  free(c->feeds);
  free(c->keys);
  free(c->names);
}

static firn_code run_once(const firn_args *args, const firn_model *model,
                          const check *c, const list *outputs,
                          firn_tensor **results, firn_error *err) {
  firn_session *session = NULL;
  FIRN_TRY(firn_model_session(model, &args->options, &session, err));
  const firn_code code =
      firn_session_run(session, NULL, c->feeds, c->count, outputs->item,
                       outputs->count, NULL, 0, results, err);
  firn_session_free(session);
  return code;
}

static firn_code run_before(const firn_args *args, const firn_model *model,
                            const check *c, const list *outputs,
                            firn_tensor **results, firn_error *err) {
  firn_session *session = NULL;
  if (!c->signature) return run_once(args, model, c, outputs, results, err);
  const firn_call call = {.size = sizeof call,
                          .signature = c->signature,
                          .inputs = c->keys,
                          .input_count = c->count};
  FIRN_TRY(firn_model_session(model, &args->options, &session, err));
  const firn_code code =
      firn_model_run(model, session, &call, NULL, results, err);
  firn_session_free(session);
  return code;
}

/* The last nodes of a graph that was frozen by signature are its outputs. */
static firn_code last_nodes(const firn_model *frozen, size_t count, list *out,
                            firn_error *err) {
  const firn_graph *graph = firn_model_graph(frozen);
  const size_t all = firn_graph_count(graph);
  size_t size = 1;
  for (size_t i = all - count; i < all; i++)
    size += firn_graph_at(graph, i).name.size + 1;
  char *at = out->text = calloc(size, 1);
  out->item = calloc(count + 1, sizeof *out->item);
  if (!out->text || !out->item) return no_memory(err);
  for (size_t i = all - count; i < all; i++) {
    const firn_str name = firn_graph_at(graph, i).name;
    memcpy(at, name.data, name.size);
    out->item[out->count++] = at;
    at += name.size + 1;
  }
  return FIRN_OK;
}

/* The largest difference of two results; infinite when they are of different
 * kinds. What is not float is compared byte by byte. */
static double difference(const firn_tensor *a, const firn_tensor *b) {
  if (firn_tensor_dtype(a) != firn_tensor_dtype(b) ||
      firn_tensor_count(a) != firn_tensor_count(b))
    return INFINITY;
  double worst = 0;
  for (size_t i = 0; i < firn_tensor_count(a); i++) {
    double x, y;
    if (firn_tensor_dtype(a) == FIRN_FLOAT) {
      x = ((const float *)firn_tensor_const_data(a))[i];
      y = ((const float *)firn_tensor_const_data(b))[i];
    } else if (firn_tensor_dtype(a) == FIRN_DOUBLE) {
      x = ((const double *)firn_tensor_const_data(a))[i];
      y = ((const double *)firn_tensor_const_data(b))[i];
    } else {
      const size_t n = firn_dtype_size(firn_tensor_dtype(a));
      const char *p = firn_tensor_const_data(a), *q = firn_tensor_const_data(b);
      x = 0;
      y = memcmp(p + i * n, q + i * n, n) != 0;
    }
    if (isnan(x) && isnan(y)) continue;
    if (!(fabs(x - y) <= worst)) worst = isnan(x - y) ? INFINITY : fabs(x - y);
  }
  return worst;
}

static firn_code judge(const list *outputs, firn_tensor *const *before,
                       firn_tensor *const *after, FILE *out, firn_error *err) {
  double worst = 0;
  for (size_t i = 0; i < outputs->count; i++) {
    const double d = difference(before[i], after[i]);
    if (d > worst) worst = d;
    fprintf(out, "%s\tlargest difference %g\n", outputs->item[i], d);
  }
  if (worst <= 1e-3) return FIRN_OK;
  return firn_fail(err, FIRN_ABORTED,
                   "the frozen graph gives other values than the restored "
                   "one");
}

static firn_code run_both(const firn_args *args, const firn_model *model,
                          const firn_model *frozen, check *c,
                          const list *outputs, FILE *out, firn_error *err) {
  const size_t n = outputs->count;
  firn_tensor **before = calloc(n, sizeof *before);
  firn_tensor **after = calloc(n, sizeof *after);
  firn_code code = before && after ? FIRN_OK : no_memory(err);
  if (code == FIRN_OK) code = make_feeds(frozen, c, err);
  if (code == FIRN_OK) code = run_before(args, model, c, outputs, before, err);
  if (code == FIRN_OK) code = run_once(args, frozen, c, outputs, after, err);
  if (code == FIRN_OK) code = judge(outputs, before, after, out, err);
  for (size_t i = 0; i < n; i++) {
    if (before) firn_tensor_release(before[i]);
    if (after) firn_tensor_release(after[i]);
  }
  free(before);
  free(after);
  return code;
}

static firn_code compare(const firn_args *args, const firn_model *model,
                         const char *path, const list *outputs, FILE *out,
                         firn_error *err) {
  check c = {0};
  list own = {0};
  firn_model *frozen = NULL;
  firn_code code = firn_model_open(path, NULL, &args->options, &frozen, err);
  if (code == FIRN_OK && by_signature(args, model)) {
    code = firn_model_signature(model, firn_args_get(args, "--signature"),
                                &c.signature, err);
    if (code == FIRN_OK)
      code = last_nodes(frozen, c.signature->output_count, &own, err);
    outputs = &own;
  }
  if (code == FIRN_OK)
    code = run_both(args, model, frozen, &c, outputs, out, err);
  check_fini(&c);
  split_fini(&own);
  firn_model_close(frozen);
  return code;
}

/* ---- The command -------------------------------------------------------- */

/* Fills in the guess, so that --check can name it. */
static firn_code guess_outputs(const firn_args *args, const firn_model *model,
                               list *outputs, firn_error *err) {
  firn_guess guess;
  if (outputs->count || by_signature(args, model) ||
      firn_model_guess_outputs(model, &guess, 1) != 1)
    return FIRN_OK;
  free(outputs->text);
  free(outputs->item);
  outputs->text = strndup(guess.node.data, guess.node.size);
  outputs->item = calloc(1, sizeof *outputs->item);
  if (!outputs->text || !outputs->item) return no_memory(err);
  outputs->item[0] = outputs->text;
  outputs->count = 1;
  return FIRN_OK;
}

static void say_result(const firn_args *args, FILE *out,
                       const firn_freeze_report *report) {
  if (report->was_frozen)
    fputs("firn freeze: there are no variables: the graph was frozen already\n",
          stderr);
  if (args->json)
    fprintf(out, "{\"ops\":%zu,\"variables\":%zu,\"bytes\":%llu}\n",
            report->nodes, report->variables,
            (unsigned long long)report->bytes);
  else
    fprintf(out, "%zu ops in the final graph.\n", report->nodes);
}

/* One of the words that a flag may be given; 0 is the default. */
static firn_code choose(const firn_args *args, const char *flag,
                        const char *const *words, int *out, firn_error *err) {
  const char *word = firn_args_get(args, flag);
  *out = 0;
  for (int i = 0; word && words[i]; i++)
    if (!strcmp(word, words[i])) {
      *out = i;
      return FIRN_OK;
    }
  return word ? firn_misuse(err, "'%s' cannot be '%s'", flag, word) : FIRN_OK;
}

static firn_code read_choices(const firn_args *args, firn_freeze_options *o,
                              firn_error *err) {
  static const char *const functions[] = {"inline", "keep", "lower", NULL};
  static const char *const tables[] = {"inline", "keep", NULL};
  int choice;
  FIRN_TRY(choose(args, "--functions", functions, &choice, err));
  o->functions = (firn_freeze_functions)choice;
  FIRN_TRY(choose(args, "--tables", tables, &choice, err));
  o->tables = (firn_freeze_tables)choice;
  return FIRN_OK;
}

static firn_code freeze(const firn_args *args, const firn_model *model,
                        list *outputs, FILE *out, firn_error *err) {
  firn_freeze_options o = {.size = sizeof o};
  firn_freeze_report report = {0};
  list only = {0}, except = {0};
  const char *path = firn_args_get(args, "-o");
  const bool piped = !strcmp(path, "-");
  firn_code code = split(firn_args_get(args, "--only-variables"), &only, err);
  if (code == FIRN_OK)
    code = split(firn_args_get(args, "--keep-variables"), &except, err);
  if (code == FIRN_OK) {
    o.outputs = outputs->item;
    o.output_count = outputs->count;
    o.keep_devices = firn_args_has(args, "--keep-devices");
    o.sync = firn_args_has(args, "--sync");
    o.only = only.item;
    o.only_count = only.count;
    o.except = except.item;
    o.signature = firn_args_get(args, "--signature");
    code = read_choices(args, &o, err);
  }
  if (code == FIRN_OK) {
    o.except_count = except.count;
    o.text = strlen(path) > 6 && !strcmp(path + strlen(path) - 6, ".pbtxt");
    code = firn_model_freeze(model, &o, path, &report, err);
  }
  if (code == FIRN_OK && !piped) say_result(args, out, &report);
  if (code == FIRN_OK && firn_args_has(args, "--check"))
    code = piped ? firn_misuse(err, "'--check' needs a file to read back")
                 : compare(args, model, path, outputs, out, err);
  split_fini(&only);
  split_fini(&except);
  return code;
}

static firn_code run(const firn_args *args, FILE *out, firn_error *err) {
  firn_model *model = NULL;
  list outputs = {0};
  if (!firn_args_get(args, "-o"))
    return firn_misuse(err, "where to? Give -o FILE");
  firn_code code = split(firn_args_get(args, "--outputs"), &outputs, err);
  if (code == FIRN_OK && firn_args_has(args, "--outputs") && !outputs.count)
    code = firn_misuse(err, "'--outputs' names nothing");
  if (code == FIRN_OK) code = firn_args_model(args, &model, err);
  if (code == FIRN_OK) code = guess_outputs(args, model, &outputs, err);
  if (code == FIRN_OK) code = freeze(args, model, &outputs, out, err);
  firn_model_close(model);
  split_fini(&outputs);
  return code;
}

static const firn_flag flags[] = {
    FIRN_MODEL_FLAGS,
    {"--outputs", "A,B", "nodes or tensors that must stay",
     "--output_node_names --output"},
    {"--signature", "KEY", "a signature's inputs and outputs instead", NULL},
    {"--functions", "HOW", "inline (default), keep or lower calls", NULL},
    {"--tables", "HOW", "inline (default) or keep lookup tables", NULL},
    {"-o", "FILE", "the frozen graph; - is standard output", "--output_graph"},
    {"--check", NULL, "run both graphs and compare", NULL},
    {"--sync", NULL, "wait until the disk has it", NULL},
    {"--keep-devices", NULL, "leave device names in", NULL},
    {"--only-variables", "A,B", "only these become constants",
     "--variable_names_whitelist --variable_names_allowlist"},
    {"--keep-variables", "A,B", "these stay variables",
     "--variable_names_denylist --variable_names_blacklist"},
    {"--input_meta_graph", "FILE", "MODEL, as TensorFlow's tool names it",
     NULL},
    {"--input_graph", "FILE", "MODEL, as TensorFlow's tool names it", NULL},
    {"--input_saved_model_dir", "DIR", "MODEL, as TensorFlow's tool names it",
     NULL},
    {"--clear_devices", "BOOL", "taken for granted", NULL},
    {"--input_binary", "BOOL", "found out by looking", NULL},
    {0},
};

const firn_command firn_cmd_freeze = {
    .name = "freeze",
    .usage = "MODEL [--outputs A,B] -o FILE",
    .summary = "turn the variables of a model into constants",
    .min_args = 0,
    .max_args = 1,
    .flags = flags,
    .run = run,
};
