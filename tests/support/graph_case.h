/* support/graph_case.h: whole graphs as rows of a table, run by a session.
 *
 *   static const graph_case rows[] = {
 *       {.name = "doubles",
 *        .graph = "x = Placeholder dtype=float;"
 *                 "y = AddV2(x, x) T=float",
 *        .feed = {"x = float[2] 1 2"}, .fetch = {"y"},
 *        .out = {"float[2] 2 4"}},
 *   }, *row;
 *   EACH (row, rows) graph_check(row);
 *
 * A graph is statements that end with `;`. A node is `name = Op(inputs) attrs`,
 * inputs as in a GraphDef ("a", "a:1", "^a"), attrs and tensors as in
 * support/op_case.h; a func attr is @name. A function is
 *
 *   def f(a: float, n: int32) -> (r: float = y:z:0, s: int32 = n) ^effect {
 *     y = Mul(a, a) T=float;
 *     effect = NoOp;
 *   }
 *
 * whose sources are named as in a FunctionDef ("y:z:0"; an argument is "n").
 *
 * graph_check runs the row three times in one session with one thread (once,
 * where `once` says that the graph remembers) and compares the results each
 * time. A row may want an error instead: `says` is the whole message, `line`
 * the further lines.
 *
 * With FIRN_WRITE_GRAPHS=DIR in the environment each row is also written there,
 * for oracle/check_graph_cases.py to ask TensorFlow about it.
 */
#ifndef FIRN_TEST_GRAPH_CASE_H
#define FIRN_TEST_GRAPH_CASE_H

#include "support/op_case.h"

#include <ctype.h>

#include "firn/session.h"
#include "support/failing.h"

enum { GRAPH_CASE_MAX = 8, GRAPH_NODES = 4096, GRAPH_FUNCTIONS = 64 };

typedef struct graph_case {
  const char *name, *graph;
  const char *feed[GRAPH_CASE_MAX], *fetch[GRAPH_CASE_MAX],
      *target[GRAPH_CASE_MAX];
  const char *out[GRAPH_CASE_MAX];
  double tol;
  bool once;
  firn_limits limits;
  firn_code code;
  const char *says, *line[GRAPH_CASE_MAX];
} graph_case;

typedef struct graph_rig {
  op_rig op; /* env, arena and graph are used */
  firn_pb_GraphDef *def;
  firn_session *session;
  firn_tensor *out[GRAPH_CASE_MAX];
  firn_error err;
  firn_code code;
} graph_rig;

/* ---- Reading ------------------------------------------------------------ */

OP_UNUSED void graph_skip(const char **at) {
  while (isspace((unsigned char)**at) || **at == ';') (*at)++;
}

OP_UNUSED void graph_need(const char **at, char c) {
  graph_skip(at);
  if (**at != c) fail_msg("no '%c' at '%.40s'", c, *at);
  (*at)++;
}

OP_UNUSED bool graph_word_char(char c) {
  return isalnum((unsigned char)c) || (c && strchr("_/.:^-", c));
}

OP_UNUSED firn_str graph_word(const char **at) {
  graph_skip(at);
  const char *start = *at;
  while (graph_word_char(**at)) (*at)++;
  if (*at == start) fail_msg("no name at '%.40s'", start);
  return (firn_str){start, (size_t)(*at - start)};
}

/* The end of a statement: `;` or `}` outside of quotes. */
OP_UNUSED const char *graph_end(const char *at) {
  for (char quote = 0; *at; at++) {
    if (quote && *at == '\\' && at[1])
      at++;
    else if (quote)
      quote = *at == quote ? 0 : quote;
    else if (*at == '\'')
      quote = *at;
    else if (*at == ';' || *at == '}')
      break;
  }
  return at;
}

OP_UNUSED firn_pb_NodeDef *graph_node(op_rig *rig, const char **at) {
  const firn_str name = graph_word(at);
  graph_need(at, '=');
  const firn_str op = graph_word(at);
  firn_str inputs[400];
  size_t count = 0;
  if (**at == '(') {
    (*at)++;
    for (graph_skip(at); **at != ')'; graph_skip(at)) {
      if (count == FIRN_COUNT(inputs)) fail_msg("too many inputs");
      inputs[count++] = graph_word(at);
      graph_skip(at);
      if (**at == ',') (*at)++;
    }
    (*at)++;
  }
  const char *end = graph_end(*at);
  const firn_str rest = firn_arena_printf(&rig->arena, "%.*s %.*s",
                                          FIRN_ARG(op), (int)(end - *at), *at);
  *at = end;
  const firn_str own = firn_arena_str(&rig->arena, name);
  firn_pb_NodeDef *def = op_parse(rig, own.data, rest.data);
  def->input = firn_arena_array(&rig->arena, count, sizeof *def->input);
  for (size_t i = 0; i < count; i++)
    def->input[i] = firn_arena_str(&rig->arena, inputs[i]);
  def->input_count = count;
  return def;
}

/* "a: float" of a function's signature. */
OP_UNUSED firn_pb_OpDef_ArgDef *graph_arg(op_rig *rig, const char **at) {
  firn_pb_OpDef_ArgDef *arg =
      firn_pb_new(&firn_pb_type_OpDef_ArgDef, &rig->arena);
  firn_str name = graph_word(at);
  if (name.data[name.size - 1] == ':')
    name.size--;
  else
    graph_need(at, ':');
  graph_skip(at);
  arg->name = firn_arena_str(&rig->arena, name);
  arg->type = (int32_t)op_dtype(at);
  graph_skip(at);
  return arg;
}

OP_UNUSED void graph_returns(op_rig *rig, firn_pb_FunctionDef *f,
                             const char **at) {
  f->ret = firn_arena_array(&rig->arena, 64, sizeof *f->ret);
  f->signature->output_arg =
      firn_arena_array(&rig->arena, 64, sizeof *f->signature->output_arg);
  for (graph_skip(at); **at != ')'; graph_skip(at)) {
    firn_pb_OpDef_ArgDef *arg = graph_arg(rig, at);
    firn_pb_FunctionDef_RetEntry *ret =
        firn_pb_new(&firn_pb_type_FunctionDef_RetEntry, &rig->arena);
    graph_need(at, '=');
    ret->key = arg->name;
    ret->value = firn_arena_str(&rig->arena, graph_word(at));
    f->signature->output_arg[f->signature->output_arg_count++] = arg;
    f->ret[f->ret_count++] = ret;
    graph_skip(at);
    if (**at == ',') (*at)++;
  }
  (*at)++;
}

OP_UNUSED void graph_effects(op_rig *rig, firn_pb_FunctionDef *f,
                             const char **at) {
  f->control_ret = firn_arena_array(&rig->arena, 16, sizeof *f->control_ret);
  for (graph_skip(at); **at == '^'; graph_skip(at)) {
    (*at)++;
    firn_pb_FunctionDef_ControlRetEntry *e =
        firn_pb_new(&firn_pb_type_FunctionDef_ControlRetEntry, &rig->arena);
    e->key = e->value = firn_arena_str(&rig->arena, graph_word(at));
    f->control_ret[f->control_ret_count++] = e;
  }
}

OP_UNUSED firn_pb_FunctionDef *graph_function(op_rig *rig, const char **at) {
  firn_pb_FunctionDef *f = firn_pb_new(&firn_pb_type_FunctionDef, &rig->arena);
  f->signature = firn_pb_new(&firn_pb_type_OpDef, &rig->arena);
  f->signature->name = firn_arena_str(&rig->arena, graph_word(at));
  f->signature->input_arg =
      firn_arena_array(&rig->arena, 64, sizeof *f->signature->input_arg);
  f->node_def = firn_arena_array(&rig->arena, 200, sizeof *f->node_def);
  graph_need(at, '(');
  for (graph_skip(at); **at != ')'; graph_skip(at)) {
    f->signature->input_arg[f->signature->input_arg_count++] =
        graph_arg(rig, at);
    if (**at == ',') (*at)++;
  }
  (*at)++;
  graph_need(at, '-');
  graph_need(at, '>');
  graph_need(at, '(');
  graph_returns(rig, f, at);
  graph_effects(rig, f, at);
  graph_need(at, '{');
  for (graph_skip(at); **at != '}'; graph_skip(at))
    f->node_def[f->node_def_count++] = graph_node(rig, at);
  (*at)++;
  return f;
}

OP_UNUSED firn_pb_GraphDef *graph_read(op_rig *rig, const char *text) {
  firn_pb_GraphDef *def = firn_pb_new(&firn_pb_type_GraphDef, &rig->arena);
  def->node = firn_arena_array(&rig->arena, GRAPH_NODES, sizeof *def->node);
  def->library = firn_pb_new(&firn_pb_type_FunctionDefLibrary, &rig->arena);
  def->library->function = firn_arena_array(&rig->arena, GRAPH_FUNCTIONS,
                                            sizeof *def->library->function);
  def->versions = firn_pb_new(&firn_pb_type_VersionDef, &rig->arena);
  def->versions->producer = 2000;
  for (graph_skip(&text); *text; graph_skip(&text)) {
    if (!strncmp(text, "def ", 4)) {
      text += 4;
      def->library->function[def->library->function_count++] =
          graph_function(rig, &text);
    } else {
      if (def->node_count == GRAPH_NODES) fail_msg("too many nodes");
      def->node[def->node_count++] = graph_node(rig, &text);
    }
  }
  return def;
}

/* ---- Opening and running ------------------------------------------------ */

OP_UNUSED void graph_open(graph_rig *rig, const char *text,
                          const firn_options *options) {
  memset(rig, 0, sizeof *rig);
  rig->op.env = firn_env_from(NULL); /* the literals are not under test */
  firn_arena_init(&rig->op.arena, &rig->op.env.alloc);
  rig->def = graph_read(&rig->op, text);
  CHECK_OK(firn_graph_import(rig->def, NULL, &rig->op.env, &rig->op.graph,
                             &rig->err),
           &rig->err);
  firn_options one = FIRN_OPTIONS_INIT;
  one.threads = 1;
  CHECK_OK(firn_session_new(rig->op.graph, options ? options : &one,
                            &rig->session, &rig->err),
           &rig->err);
}

OP_UNUSED void graph_close(graph_rig *rig) {
  for (size_t i = 0; i < GRAPH_CASE_MAX; i++) firn_tensor_release(rig->out[i]);
  firn_session_free(rig->session);
  firn_graph_free(rig->op.graph);
  firn_error_clear(&rig->err);
  firn_error_clear(&rig->op.err);
  firn_arena_fini(&rig->op.arena);
}

OP_UNUSED size_t graph_list(const char *const *list) {
  size_t n = 0;
  while (n < GRAPH_CASE_MAX && list && list[n]) n++;
  return n;
}

/* "x = float[2] 1 2" as a feed. */
OP_UNUSED firn_feed graph_feed(graph_rig *rig, const char *text) {
  const firn_str name = graph_word(&text);
  graph_need(&text, '=');
  graph_skip(&text);
  return (firn_feed){firn_arena_cstr(&rig->op.arena, name),
                     op_tensor_at(&text, &rig->op.env, &rig->op.arena)};
}

/* Runs once; rig->code, err and out say how it went. Lists end with NULL. */
OP_UNUSED firn_code graph_run(graph_rig *rig, const firn_run_options *options,
                              const char *const *feed, const char *const *fetch,
                              const char *const *target) {
  firn_feed feeds[GRAPH_CASE_MAX];
  const size_t n = graph_list(feed);
  for (size_t i = 0; i < n; i++) feeds[i] = graph_feed(rig, feed[i]);
  for (size_t i = 0; i < GRAPH_CASE_MAX; i++) {
    firn_tensor_release(rig->out[i]);
    rig->out[i] = NULL;
  }
  firn_error_clear(&rig->err);
  rig->code = firn_session_run(rig->session, options, feeds, n, fetch,
                               graph_list(fetch), target, graph_list(target),
                               rig->out, &rig->err);
  for (size_t i = 0; i < n; i++) firn_tensor_release(feeds[i].tensor);
  return rig->code;
}

/* ---- Wanting ------------------------------------------------------------ */

/* Result i of the last run against a literal. */
OP_UNUSED void graph_expect(graph_rig *rig, size_t i, const char *literal,
                            double tol) {
  if (!rig->out[i]) fail_msg("there is no result %zu", i);
  rig->op.out[i] = rig->out[i];
  rig->op.out_count = i + 1;
  op_expect(&rig->op, i, literal, tol);
}

/* The last run failed with this message and these further lines. */
OP_UNUSED void graph_expect_error(graph_rig *rig, firn_code code,
                                  const char *says, const char *const *lines) {
  if (rig->code != code)
    fail_msg("code %s, not %s: %s", firn_code_name(rig->code),
             firn_code_name(code), rig->err.message);
  if (says) CHECK_STR(rig->err.message, says);
  const size_t n = graph_list(lines);
  for (size_t i = 0; i < n; i++) {
    if (i >= firn_error_count(&rig->err)) fail_msg("no line '%s'", lines[i]);
    CHECK_STR(firn_error_line(&rig->err, i), lines[i]);
  }
  if (n) CHECK_EQ(firn_error_count(&rig->err), n);
  for (size_t i = 0; i < GRAPH_CASE_MAX; i++) CHECK(rig->out[i] == NULL);
}

/* One run with one thing fed, fetched and wanted. */
OP_UNUSED void graph_gives(graph_rig *rig, const char *feed, const char *fetch,
                           const char *literal) {
  const char *const feeds[] = {feed, NULL}, *const fetches[] = {fetch, NULL};
  CHECK_OK(graph_run(rig, NULL, feeds, fetches, NULL), &rig->err);
  graph_expect(rig, 0, literal, 0);
}

OP_UNUSED void graph_does(graph_rig *rig, const char *feed,
                          const char *target) {
  const char *const feeds[] = {feed, NULL}, *const targets[] = {target, NULL};
  CHECK_OK(graph_run(rig, NULL, feeds, NULL, targets), &rig->err);
}

OP_UNUSED void graph_put_list(FILE *file, const char *key,
                              const char *const *list) {
  for (size_t i = 0; i < graph_list(list); i++)
    fprintf(file, "%s %s\n", key, list[i]);
}

OP_UNUSED void graph_write_row(const graph_case *c, const graph_rig *rig) {
  char path[512];
  const char *folder = getenv("FIRN_WRITE_GRAPHS");
  uint32_t id = 0; /* the same row has the same files */
  if (!folder) return;
  for (const char *at = c->graph; *at; at++) id = id * 31 + (uint8_t)*at;
  for (const char *at = c->name; *at; at++) id = id * 31 + (uint8_t)*at;
  snprintf(path, sizeof path, "%s/%08x.pb", folder, id);
  firn_error err = FIRN_ERROR_INIT;
  CHECK_OK(firn_graph_write(rig->op.graph, path, &err), &err);
  snprintf(path, sizeof path, "%s/%08x.row", folder, id);
  FILE *file = fopen(path, "w");
  if (!file) fail_msg("cannot write '%s'", path);
  fprintf(file, "name %s\ntol %g\ncode %s\n", c->name, c->tol,
          firn_code_name(c->code));
  graph_put_list(file, "feed", c->feed);
  graph_put_list(file, "fetch", c->fetch);
  graph_put_list(file, "target", c->target);
  graph_put_list(file, "out", c->out);
  fclose(file);
}

OP_UNUSED void graph_check_with(const graph_case *c,
                                const firn_options *options) {
  graph_rig rig;
  graph_open(&rig, c->graph, options);
  graph_write_row(c, &rig);
  for (int i = 0; i < (c->once ? 1 : 3); i++) {
    graph_run(&rig, NULL, c->feed, c->fetch, c->target);
    if (c->code != FIRN_OK || c->says) {
      graph_expect_error(&rig, c->code, c->says, c->line);
      continue;
    }
    if (rig.code != FIRN_OK) {
      for (size_t k = 0; k < firn_error_count(&rig.err); k++)
        fprintf(stderr, "%s\n", firn_error_line(&rig.err, k));
      fail_msg("%s", rig.err.message);
    }
    for (size_t k = 0; k < graph_list(c->out); k++)
      graph_expect(&rig, k, c->out[k], c->tol);
  }
  graph_close(&rig);
}

OP_UNUSED void graph_check(const graph_case *c) {
  firn_options options = FIRN_OPTIONS_INIT;
  options.threads = 1;
  options.limits = c->limits;
  graph_check_with(c, &options);
}

/* ---- Short memory ------------------------------------------------------- */

typedef struct graph_scenario {
  const graph_case *row;
  graph_rig *rig;
} graph_scenario;

/* Opens a session, runs the row, closes it, with that allocator. */
OP_UNUSED firn_code graph_with_memory(const firn_allocator *alloc, void *ctx) {
  const graph_scenario *s = ctx;
  firn_options options = FIRN_OPTIONS_INIT;
  options.threads = 1;
  options.allocator = alloc;
  graph_rig *rig = s->rig;
  firn_session *usual = rig->session;
  rig->session = NULL;
  firn_code code =
      firn_session_new(rig->op.graph, &options, &rig->session, &rig->err);
  for (int i = 0; code == FIRN_OK && i < 2; i++)
    code = graph_run(rig, NULL, s->row->feed, s->row->fetch, s->row->target);
  for (size_t i = 0; i < GRAPH_CASE_MAX; i++) {
    firn_tensor_release(rig->out[i]);
    rig->out[i] = NULL;
  }
  firn_session_free(rig->session);
  firn_error_clear(&rig->err);
  rig->session = usual;
  return code;
}

/* Runs the row with allocation 1, 2, 3 ... of its session failing. */
OP_UNUSED void graph_check_memory(const graph_case *c) {
  graph_rig rig;
  graph_open(&rig, c->graph, NULL);
  graph_scenario s = {c, &rig};
  CHECK(failing_check(graph_with_memory, &s) > 5);
  graph_close(&rig);
}

#endif
