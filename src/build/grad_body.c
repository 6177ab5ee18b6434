/* build/grad_body.c: the gradient of a function, as a function. */
#include "build/grad_body.h"

#include <string.h>

#include "graph/inline.h"

/* Functions in functions whose gradients are begun at one time (two graphs
 * each); all of them; and nodes that are looked at to see whether a body can
 * run twice. */
enum { MAX_DEPTH = 64, MAX_BODIES = 1 << 12, MAX_LOOKS = 1 << 20 };

/* ---- Life --------------------------------------------------------------- */

void firn_grad_body_drop(firn_grad_body *body) {
  firn_builder_free(body->b);
  firn_function_free(body->function);
  *body = (firn_grad_body){.b = NULL};
}

/* Hands a failure of the body's builder on. */
static bool is_well(firn_grad_body *body, firn_builder *outer) {
  firn_error err = FIRN_ERROR_INIT;
  if (outer->failed != FIRN_OK) return false;
  firn_code code = firn_builder_check(body->b, &err);
  if (code != FIRN_OK && body->function)
    code = firn_while(&err, code, "function '%.*s'",
                      FIRN_ARG(body->function->def->signature->name));
  return firn_builder_ok(outer, code, &err);
}

static bool begin(firn_builder *outer, const firn_graph *base,
                  firn_grad_body *body) {
  firn_error err = FIRN_ERROR_INIT;
  firn_options options = FIRN_OPTIONS_INIT;
  options.allocator = &outer->env.alloc;
  options.limits = outer->env.limits;
  options.threads = outer->env.threads;
  return firn_builder_ok(outer, firn_builder_on(base, &options, &body->b, &err),
                         &err);
}

/* Whether there are more bodies than anybody wants: a function that calls
 * itself, or ones that call each other twice. */
static bool are_too_many(firn_builder *outer) {
  uint32_t depth = 0;
  for (const firn_graph *g = outer->graph; g; g = g->outer) depth++;
  if (depth > MAX_DEPTH)
    firn_builder_fail(outer, FIRN_RESOURCE_EXHAUSTED,
                      "gradients of calls nested more than %d deep",
                      MAX_DEPTH / 2);
  else if (outer->body_count >= MAX_BODIES)
    firn_builder_fail(outer, FIRN_RESOURCE_EXHAUSTED,
                      "gradients of more than %d calls", MAX_BODIES);
  return outer->failed != FIRN_OK;
}

bool firn_grad_body_new(firn_builder *outer, firn_grad_body *out) {
  firn_error err = FIRN_ERROR_INIT;
  firn_graph *empty = NULL;
  *out = (firn_grad_body){.b = NULL};
  if (outer->failed != FIRN_OK) return false;
  out->function = NULL;
  if (!begin(outer, NULL, out)) return false;
  /* An empty graph of its own that knows the outer one's functions. */
  const firn_code code =
      firn_graph_new(outer->graph, &outer->env, &empty, &err);
  if (!firn_builder_ok(outer, code, &err)) {
    firn_grad_body_drop(out);
    return false;
  }
  empty->def = &out->b->def;
  firn_graph_free(out->b->graph);
  out->b->graph = empty;
  return true;
}

firn_output firn_grad_body_arg(firn_grad_body *body, firn_dtype type) {
  firn_builder *b = body->b;
  const firn_str name = firn_builder_text(b, "arg_%u", body->arg_count);
  firn_op_begin(b, "_Arg", name.data);
  firn_op_attr_type(b, "T", type);
  firn_op_attr_int(b, "index", body->arg_count);
  const firn_output arg = firn_op_end(b);
  if (b->failed == FIRN_OK &&
      firn_builder_grow(b, &body->args, body->arg_count, &body->arg_capacity,
                        sizeof *body->args))
    body->args[body->arg_count++] = arg;
  return arg;
}

/* ---- What can run twice -------------------------------------------------- */

typedef struct look {
  firn_graph *graph;
  uint32_t left;
} look;

static firn_code look_at(look *l, const firn_pb_NodeDef *def, firn_error *err);

static firn_code look_into(void *ud, const firn_pb_NameAttrList *func,
                           firn_error *err) {
  look *l = ud;
  const firn_pb_FunctionDef *def = firn_graph_function(l->graph, func->name);
  for (size_t i = 0; def && i < def->node_def_count; i++)
    FIRN_TRY(look_at(l, def->node_def[i], err));
  return FIRN_OK;
}

/* The op of a node that must not run again: one that changes something, or
 * gives another value each time. */
static firn_code look_at(look *l, const firn_pb_NodeDef *def, firn_error *err) {
  static const char *const harmless[] = {
      "_Arg",        "Assert",         "Case",
      "If",          "ReadVariableOp", "StatefulPartitionedCall",
      "While",       "VarHandleOp",    "VarIsInitializedOp",
      "Placeholder",
  };
  if (!l->left || !--l->left)
    return firn_fail(err, FIRN_RESOURCE_EXHAUSTED,
                     "gradients of calls of more than %d nodes", MAX_LOOKS);
  firn_op_type *op;
  FIRN_TRY(firn_graph_op(l->graph, def->op, &op, err));
  bool fine = !op->def || !op->def->is_stateful;
  for (size_t i = 0; i < FIRN_COUNT(harmless) && !fine; i++)
    fine = firn_str_is(def->op, harmless[i]);
  if (!fine)
    return firn_fail(err, FIRN_UNIMPLEMENTED,
                     "node '%.*s' (%.*s): this op would run again for the "
                     "gradient of the function it is in, which changes what "
                     "it does",
                     FIRN_ARG(def->name), FIRN_ARG(def->op));
  return firn_each_func(def, look_into, l, err);
}

/* Whether what the gradients read can be computed again. */
static bool can_repeat(firn_grad_body *body, const bool *marks) {
  firn_error err = FIRN_ERROR_INIT;
  look l = {.graph = body->b->graph, .left = MAX_LOOKS};
  firn_code code = FIRN_OK;
  const uint32_t count = body->function ? body->function->graph->node_count : 0;
  for (uint32_t i = 0; code == FIRN_OK && i < count; i++)
    if (marks[i]) code = look_at(&l, body->b->graph->nodes[i]->def, &err);
  return firn_builder_ok(body->b, code, &err);
}

/* ---- Differentiating ----------------------------------------------------- */

/* The arguments as they are, and derivatives that arrive. */
static bool add_args(firn_grad_body *body, const firn_dtype *dy_types,
                     firn_output *ys, firn_output *dys, size_t *count) {
  const firn_function *f = body->function;
  firn_builder *b = body->b;
  for (size_t i = 0; i < f->arg_count; i++) {
    if (!firn_builder_grow(b, &body->args, body->arg_count, &body->arg_capacity,
                           sizeof *body->args))
      return false;
    body->args[body->arg_count++] = (firn_output){f->args[i], 0};
  }
  for (size_t k = 0; k < f->ret_count; k++) {
    if (dy_types[k] == FIRN_INVALID) continue;
    ys[*count] = (firn_output){f->rets[k].node, f->rets[k].output};
    dys[(*count)++] = firn_grad_body_arg(body, dy_types[k]);
  }
  return b->failed == FIRN_OK;
}

static void differentiate(firn_grad_body *body, const firn_dtype *dy_types) {
  const firn_function *f = body->function;
  firn_builder *b = body->b;
  size_t count = 0;
  firn_output *ys = firn_builder_alloc(b, f->ret_count + 1, sizeof *ys);
  firn_output *dys = firn_builder_alloc(b, f->ret_count + 1, sizeof *dys);
  body->dxs = firn_builder_alloc(b, f->arg_count + 1, sizeof *body->dxs);
  if (b->failed == FIRN_OK && add_args(body, dy_types, ys, dys, &count))
    firn_gradients(b, ys, count, body->args, f->arg_count, dys, body->dxs);
}

bool firn_grad_body_open(firn_builder *outer, const firn_pb_NameAttrList *func,
                         const firn_dtype *dy_types, size_t ret_count,
                         firn_grad_body *out) {
  firn_error err = FIRN_ERROR_INIT;
  *out = (firn_grad_body){.b = NULL};
  if (outer->failed != FIRN_OK || are_too_many(outer)) return false;
  const firn_pb_FunctionDef *def =
      func ? firn_graph_function(outer->graph, func->name) : NULL;
  if (!def) {
    firn_builder_fail(
        outer, FIRN_NOT_FOUND, "gradients: there is no function '%.*s'",
        (int)(func ? func->name.size : 0), func ? func->name.data : "");
    return false;
  }
  const firn_code code = firn_function_new(
      outer->graph, def, (firn_pb_NodeDef_AttrEntry *const *)func->attr,
      func->attr_count, &outer->env, &out->function, &err);
  if (!firn_builder_ok(outer, code, &err)) return false;
  bool well = out->function->ret_count == ret_count;
  if (!well)
    firn_builder_fail(outer, FIRN_INVALID_ARGUMENT,
                      "function '%.*s' returns %zu values, not %zu",
                      FIRN_ARG(func->name), out->function->ret_count,
                      ret_count);
  well = well && begin(outer, out->function->graph, out);
  if (well) {
    out->b->body_count = outer->body_count + 1;
    differentiate(out, dy_types);
    outer->body_count = out->b->body_count;
  }
  well = well && is_well(out, outer);
  if (!well) firn_grad_body_drop(out);
  return well;
}

/* ---- Writing ------------------------------------------------------------- */

/* How a body says an output: "x" of an argument, else "node:out:0". */
static firn_str say(firn_builder *b, firn_output o) {
  const firn_node *node = firn_node_of(b, o);
  if (!node) return FIRN_STR("");
  const firn_str name = node->def->name;
  const firn_pb_OpDef *op = node->type->def;
  if (firn_str_is(node->def->op, "_Arg")) return name;
  for (size_t i = 0; op && i < op->output_arg_count; i++) {
    const firn_str arg = op->output_arg[i]->name;
    uint32_t first = 0, count = 0;
    if (firn_node_output_named(node, arg, &first, &count) && o.index >= first &&
        o.index - first < count)
      return firn_builder_text(b, "%.*s:%.*s:%u", (int)name.size, name.data,
                               (int)arg.size, arg.data, o.index - first);
  }
  firn_builder_fail(b, FIRN_UNIMPLEMENTED,
                    "output %u of node '%.*s' (%.*s) has no name in a function",
                    o.index, FIRN_ARG(name), FIRN_ARG(node->def->op));
  return FIRN_STR("");
}

static firn_pb_NodeDef *say_node(firn_builder *b, const firn_node *node) {
  firn_pb_NodeDef *def = firn_builder_alloc(b, 1, sizeof *def);
  const size_t inputs = (size_t)node->input_count + node->control_count;
  if (!def) return NULL;
  *def = *node->def;
  def->input = firn_builder_alloc(b, inputs + 1, sizeof *def->input);
  def->attr =
      firn_builder_alloc(b, node->def->attr_count + 1, sizeof(*def->attr));
  if (!def->input || !def->attr) return NULL;
  def->input_count = def->attr_count = 0;
  for (uint32_t i = 0; i < node->input_count; i++)
    def->input[def->input_count++] = say(b, firn_input_of(node, i));
  for (uint32_t i = 0; i < node->control_count; i++) {
    const firn_str name = b->graph->nodes[node->controls[i]]->def->name;
    def->input[def->input_count++] =
        firn_builder_text(b, "^%.*s", (int)name.size, name.data);
  }
  /* Nodes that are not here any more cannot be told to be near. */
  for (size_t i = 0; i < node->def->attr_count; i++)
    if (!firn_str_is(node->def->attr[i]->key, "_class"))
      def->attr[def->attr_count++] = node->def->attr[i];
  return def;
}

static firn_pb_OpDef_ArgDef *say_arg(firn_builder *b, firn_str name,
                                     firn_output o) {
  firn_pb_OpDef_ArgDef *arg = firn_builder_alloc(b, 1, sizeof *arg);
  if (!arg) return NULL;
  arg->name = name;
  arg->type = firn_output_type(b, o);
  return arg;
}

static void say_signature(firn_grad_body *body, firn_pb_FunctionDef *def,
                          const firn_output *rets, size_t count) {
  firn_builder *b = body->b;
  firn_pb_OpDef *sig = def->signature = firn_builder_alloc(b, 1, sizeof *sig);
  if (!sig) return;
  sig->input_arg =
      firn_builder_alloc(b, body->arg_count + 1, sizeof(*sig->input_arg));
  sig->output_arg = firn_builder_alloc(b, count + 1, sizeof(*sig->output_arg));
  def->ret = firn_builder_alloc(b, count + 1, sizeof(*def->ret));
  if (!sig->input_arg || !sig->output_arg || !def->ret) return;
  for (uint32_t i = 0; i < body->arg_count; i++)
    sig->input_arg[sig->input_arg_count++] =
        say_arg(b, firn_node_of(b, body->args[i])->def->name, body->args[i]);
  for (size_t k = 0; k < count && b->failed == FIRN_OK; k++) {
    firn_pb_FunctionDef_RetEntry *ret = firn_builder_alloc(b, 1, sizeof *ret);
    if (!ret) return;
    ret->key = firn_builder_text(b, "ret_%zu", k);
    ret->value = say(b, rets[k]);
    def->ret[def->ret_count++] = ret;
    sig->output_arg[sig->output_arg_count++] = say_arg(b, ret->key, rets[k]);
  }
}

const bool *firn_grad_body_marks(firn_grad_body *body, const firn_output *rets,
                                 size_t count) {
  firn_error err = FIRN_ERROR_INIT;
  firn_builder *b = body->b;
  bool *marks =
      firn_builder_alloc(b, (size_t)b->graph->node_count + 1, sizeof *marks);
  uint32_t *roots = firn_builder_alloc(b, count + 1, sizeof *roots);
  if (b->failed != FIRN_OK) return NULL;
  for (size_t k = 0; k < count; k++) roots[k] = rets[k].node;
  const firn_code code =
      firn_graph_reach(b->graph, roots, count, false, marks, &err);
  return firn_builder_ok(b, code, &err) ? marks : NULL;
}

/* The nodes that the return values need. */
static void say_nodes(firn_grad_body *body, firn_pb_FunctionDef *def,
                      const firn_output *rets, size_t count) {
  firn_builder *b = body->b;
  const uint32_t n = b->graph->node_count;
  const bool *marks = firn_grad_body_marks(body, rets, count);
  def->node_def = firn_builder_alloc(b, (size_t)n + 1, sizeof(*def->node_def));
  if (!marks || !def->node_def || !can_repeat(body, marks)) return;
  for (uint32_t i = 0; i < n && b->failed == FIRN_OK; i++) {
    const firn_node *node = b->graph->nodes[i];
    if (!marks[i] || firn_str_is(node->def->op, "_Arg")) continue;
    def->node_def[def->node_def_count++] = say_node(b, node);
    if (node->type->def && node->type->def->is_stateful)
      def->signature->is_stateful = true;
  }
}

/* A copy that owes the body's builder nothing, in the outer one. */
static void hand_over(firn_grad_body *body, firn_builder *outer,
                      const firn_pb_FunctionDef *def) {
  firn_error err = FIRN_ERROR_INIT;
  firn_limits limits = outer->env.limits;
  firn_buf buf;
  void *copy = NULL;
  firn_buf_init(&buf, &body->b->env.alloc);
  firn_code code =
      firn_pb_write(&firn_pb_type_FunctionDef, def, firn_sink_buf(&buf), &err);
  uint8_t *bytes =
      code == FIRN_OK ? firn_builder_alloc(outer, buf.size + 1, 1) : NULL;
  if (bytes) {
    memcpy(bytes, buf.data, buf.size);
    code =
        firn_pb_parse(&firn_pb_type_FunctionDef, (firn_bytes){bytes, buf.size},
                      &limits, &outer->arena, &copy, &err);
  }
  firn_buf_fini(&buf);
  if (firn_builder_ok(outer, code, &err) && copy)
    firn_builder_add_function(outer, copy);
}

static firn_str free_name(firn_builder *outer, const char *name) {
  firn_str text = firn_builder_text(outer, "%s", name);
  for (uint32_t i = 1;
       outer->failed == FIRN_OK && firn_graph_function(outer->graph, text); i++)
    text = firn_builder_text(outer, "%s_%u", name, i);
  return text;
}

const char *firn_grad_body_close(firn_grad_body *body, firn_builder *outer,
                                 const char *name, const firn_output *rets,
                                 size_t ret_count) {
  firn_pb_FunctionDef def = {.signature = NULL};
  firn_builder *b = body->b;
  firn_str free = FIRN_STR("");
  if (b->failed == FIRN_OK) say_signature(body, &def, rets, ret_count);
  if (b->failed == FIRN_OK) say_nodes(body, &def, rets, ret_count);
  if (is_well(body, outer) && def.signature) {
    /* What calls inside were differentiated with comes along. */
    const firn_pb_FunctionDefLibrary *own = b->def.library;
    for (size_t i = 0; own && i < own->function_count; i++)
      hand_over(body, outer, own->function[i]);
    free = free_name(outer, name);
    def.signature->name = free;
    if (outer->failed == FIRN_OK) hand_over(body, outer, &def);
  }
  firn_grad_body_drop(body);
  return outer->failed == FIRN_OK ? free.data : "";
}

/* ---- Words --------------------------------------------------------------- */

firn_output firn_grad_zeros(firn_builder *b, firn_output like,
                            firn_dtype type) {
  if (firn_output_type(b, like) == FIRN_RESOURCE) {
    firn_op_begin(b, "ReadVariableOp", NULL);
    firn_op_input(b, like);
    firn_op_attr_type(b, "dtype", type);
    like = firn_op_end(b);
  }
  firn_op_begin(b, "ZerosLike", NULL);
  firn_op_input(b, like);
  return firn_op_end(b);
}

void firn_grad_attr_types(firn_builder *b, const char *attr,
                          const firn_output *outputs, size_t count) {
  firn_dtype *types = firn_builder_alloc(b, count + 1, sizeof *types);
  if (!types) return;
  for (size_t i = 0; i < count; i++)
    types[i] = (firn_dtype)firn_output_type(b, outputs[i]);
  firn_op_attr_types(b, attr, types, count);
}
