/* cli/signature_words.c: a signature from words, and from a graph that has
 * none. */
#include "cli/signature_words.h"

#include <stdlib.h>
#include <string.h>

static firn_code no_memory(firn_error *err) {
  return firn_fail(err, FIRN_RESOURCE_EXHAUSTED, "out of memory");
}

/* ---- Words -------------------------------------------------------------- */

/* A copy that is freed with the words; NULL: no memory. */
static char *keep(firn_signature_words *w, const char *text, size_t size) {
  char **all = realloc(w->texts, (w->text_count + 1) * sizeof *all);
  if (!all) return NULL;
  w->texts = all;
  char *copy = strndup(text, size);
  if (copy) all[w->text_count++] = copy;
  return copy;
}

/* A node stands for its first output. */
static char *keep_tensor(firn_signature_words *w, const char *name,
                         size_t size) {
  char *text = malloc(size + 3);
  if (!text) return NULL;
  memcpy(text, name, size);
  strcpy(text + size, memchr(name, ':', size) ? "" : ":0");
  char *kept = keep(w, text, strlen(text));
  free(text);
  return kept;
}

static firn_code add(firn_signature_words *w, bool input, const char *key,
                     size_t key_size, const char *tensor, size_t tensor_size,
                     firn_error *err) {
  firn_signature_tensor **list = input ? &w->inputs : &w->outputs;
  size_t *count =
      input ? &w->signature.input_count : &w->signature.output_count;
  firn_signature_tensor *all = realloc(*list, (*count + 1) * sizeof *all);
  if (!all) return no_memory(err);
  *list = all;
  w->signature.inputs = w->inputs;
  w->signature.outputs = w->outputs;
  all[*count] = (firn_signature_tensor){.key = keep(w, key, key_size)};
  all[*count].tensor = keep_tensor(w, tensor, tensor_size);
  if (!all[*count].key || !all[*count].tensor) return no_memory(err);
  ++*count;
  return FIRN_OK;
}

/* The last part of a node's name. */
static void default_key(const char *tensor, size_t size, const char **key,
                        size_t *key_size) {
  size_t end = size, at;
  for (size_t i = 0; i < size; i++)
    if (tensor[i] == ':') end = i;
  for (at = end; at && tensor[at - 1] != '/';) at--;
  *key = tensor + at;
  *key_size = end - at;
}

static firn_code read_item(firn_signature_words *w, bool input,
                           const char *text, size_t size, firn_error *err) {
  const char *equals = memchr(text, '=', size), *key = text;
  if (!size)
    return firn_misuse(err, "'%s' has an empty entry",
                       input ? "--inputs" : "--outputs");
  const char *tensor = equals ? equals + 1 : text;
  const size_t tensor_size = size - (size_t)(tensor - text);
  size_t key_size = equals ? (size_t)(equals - text) : 0;
  if (!equals) default_key(tensor, tensor_size, &key, &key_size);
  if (!tensor_size || !key_size)
    return firn_misuse(err, "'%.*s' is no KEY=TENSOR", (int)size, text);
  return add(w, input, key, key_size, tensor, tensor_size, err);
}

static firn_code read_list(firn_signature_words *w, const firn_args *args,
                           bool input, firn_error *err) {
  const char *flag = input ? "--inputs" : "--outputs";
  for (size_t i = 0; i < firn_args_count(args, flag); i++)
    for (const char *at = firn_args_nth(args, flag, i);;) {
      const size_t size = strcspn(at, ",");
      FIRN_TRY(read_item(w, input, at, size, err));
      at += size;
      if (!*at++) break;
    }
  return FIRN_OK;
}

firn_code firn_words_read(const firn_args *args, const char *key,
                          firn_signature_words *out, firn_error *err) {
  *out = (firn_signature_words){.texts = NULL};
  out->signature.key = key;
  out->signature.method = firn_args_get(args, "--method");
  FIRN_TRY(read_list(out, args, true, err));
  return read_list(out, args, false, err);
}

void firn_words_fini(firn_signature_words *words) {
  for (size_t i = 0; i < words->text_count; i++) free(words->texts[i]);
  free(words->texts);
  free(words->inputs);
  free(words->outputs);
}

/* ---- Guesses ------------------------------------------------------------ */

static firn_code guess_output(firn_signature_words *w, const firn_model *model,
                              firn_error *err) {
  firn_guess guess[5];
  const size_t count = firn_model_guess_outputs(model, guess, 5);
  const char *key;
  size_t size;
  if (count != 1) {
    firn_fail(err, FIRN_INVALID_ARGUMENT,
              count ? "name the outputs: there are %zu nodes that look like one"
                    : "name the outputs: no node looks like one (%zu)",
              count);
    for (size_t i = 0; i < count && i < 5; i++)
      firn_error_add(err, "perhaps '%.*s'", (int)guess[i].node.size,
                     guess[i].node.data);
    return FIRN_INVALID_ARGUMENT;
  }
  default_key(guess[0].node.data, guess[0].node.size, &key, &size);
  return add(w, false, key, size, guess[0].node.data, guess[0].node.size, err);
}

/* Nodes that are still to be looked at. */
typedef struct walk {
  const firn_graph *graph;
  bool *seen;
  size_t *todo, count;
} walk;

/* The node part of "a:1" or "^a". */
static void visit(walk *w, firn_str name) {
  char text[4096];
  size_t size = 0;
  if (name.size && name.data[0] == '^') name.data++, name.size--;
  while (size < name.size && name.data[size] != ':') size++;
  if (size >= sizeof text) return;
  memcpy(text, name.data, size);
  text[size] = 0;
  const size_t node = firn_graph_find_node(w->graph, text);
  if (node == SIZE_MAX || w->seen[node]) return;
  w->seen[node] = true;
  w->todo[w->count++] = node;
}

static void walk_up(walk *w, const firn_signature *s) {
  for (size_t i = 0; i < s->output_count; i++)
    visit(w, (firn_str){s->outputs[i].tensor, strlen(s->outputs[i].tensor)});
  while (w->count) {
    const size_t node = w->todo[--w->count];
    const size_t inputs = firn_graph_at(w->graph, node).inputs;
    for (size_t k = 0; k < inputs; k++)
      visit(w, firn_graph_input(w->graph, node, k));
  }
}

static bool is_placeholder(firn_str op) {
  return (op.size == 11 && !memcmp(op.data, "Placeholder", 11)) ||
         (op.size == 13 && !memcmp(op.data, "PlaceholderV2", 13));
}

static firn_code guess_inputs(firn_signature_words *w, const firn_model *model,
                              firn_error *err) {
  const firn_graph *graph = firn_model_graph(model);
  const size_t count = firn_graph_count(graph);
  walk up = {.graph = graph};
  firn_code code = FIRN_OK;
  up.seen = calloc(count + 1, sizeof *up.seen);
  up.todo = calloc(count + 1, sizeof *up.todo);
  if (!up.seen || !up.todo) code = no_memory(err);
  if (code == FIRN_OK) walk_up(&up, &w->signature);
  for (size_t i = 0; code == FIRN_OK && i < count; i++) {
    const firn_graph_node node = firn_graph_at(graph, i);
    const char *key;
    size_t size;
    if (!up.seen[i] || !is_placeholder(node.op)) continue;
    default_key(node.name.data, node.name.size, &key, &size);
    code = add(w, true, key, size, node.name.data, node.name.size, err);
  }
  free(up.seen);
  free(up.todo);
  return code;
}

firn_code firn_words_guess(firn_signature_words *words, const firn_model *model,
                           firn_error *err) {
  if (!firn_model_graph(model)) return FIRN_OK; /* the writer will say so */
  if (!words->signature.output_count) FIRN_TRY(guess_output(words, model, err));
  if (!words->signature.input_count) FIRN_TRY(guess_inputs(words, model, err));
  return FIRN_OK;
}

void firn_words_print(const firn_signature_words *words, FILE *out) {
  const firn_signature *s = &words->signature;
  for (size_t i = 0; i < s->input_count; i++)
    fprintf(out, "input\t%s\t%s\t%s\n", s->key, s->inputs[i].key,
            s->inputs[i].tensor);
  for (size_t i = 0; i < s->output_count; i++)
    fprintf(out, "output\t%s\t%s\t%s\n", s->key, s->outputs[i].key,
            s->outputs[i].tensor);
}
