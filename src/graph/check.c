/* graph/check.c: whether what nodes take fits what others give.
 *
 * Import takes everything; this refuses what is wrong in the part of a graph
 * that is going to be used, so that kernels may believe number and types of
 * their inputs.
 */
#include <stdarg.h>
#include <stdio.h>

#include "graph/graph.h"

enum { LINES = 100, LINE = 480 };

typedef struct findings {
  firn_error *err;
  size_t count;
  char first[LINE];
} findings;

static void FIRN_PRINTF(3, 4)
    found(findings *f, const firn_node *node, const char *fmt, ...) {
  char what[LINE - 220], line[LINE];
  va_list args;
  va_start(args, fmt);
  vsnprintf(what, sizeof what, fmt, args);
  va_end(args);
  const firn_str name = node->def->name, op = node->def->op;
  snprintf(line, sizeof line, "node '%.*s' (%.*s): %s",
           name.size > 150 ? 150 : (int)name.size, name.data,
           op.size > 50 ? 50 : (int)op.size, op.data, what);
  if (f->count == 0) {
    memcpy(f->first, line, sizeof line);
    (void)firn_fail(f->err, FIRN_INVALID_ARGUMENT, "%s", line);
  }
  if (f->count == 1) firn_error_add(f->err, "%s", f->first);
  if (f->count > 0 && f->count < LINES) firn_error_add(f->err, "%s", line);
  f->count++;
}

/* The k-th data input, or control input, as the file names it. */
static firn_str input_text(const firn_node *node, bool control, uint32_t k) {
  for (size_t i = 0; i < node->def->input_count; i++) {
    const firn_str text = node->def->input[i];
    if ((text.size > 0 && text.data[0] == '^') == control && k-- == 0)
      return text;
  }
  return (firn_str){"", 0};
}

#define SHORT(str) ((str).size > 80 ? 80 : (int)(str).size), (str).data

static const char *type_name(int type, char *out, size_t size) {
  snprintf(out, size, "%s%s", firn_dtype_is_ref(type) ? "a reference to " : "",
           firn_dtype_name(firn_dtype_base(type)));
  return out;
}

/* A reference serves where a value is wanted, not the other way around. */
static bool fits(int have, int want) {
  if (have == FIRN_INVALID || want == FIRN_INVALID) return true;
  return firn_dtype_is_ref(want) ? have == want
                                 : (int)firn_dtype_base(have) == want;
}

static void check_edge(findings *f, const firn_node *node, uint32_t i,
                       int want) {
  const firn_graph *graph = node->graph;
  const firn_edge e = node->inputs[i];
  const firn_str text = input_text(node, false, i);
  if (e.node >= graph->node_count) {
    found(f, node, "input %u '%.*s' is not in the graph", i, SHORT(text));
    return;
  }
  const firn_node *from = graph->nodes[e.node];
  if (e.output >= from->output_count && from->outputs_known) {
    found(f, node, "input %u is '%.*s', but that node (%.*s) has %u output%s",
          i, SHORT(text), SHORT(from->def->op), from->output_count,
          from->output_count == 1 ? "" : "s");
    return;
  }
  const int have = (int)firn_edge_type(graph, e);
  char a[64], b[64];
  if (!fits(have, want))
    found(f, node, "input %u '%.*s' is %s, not %s", i, SHORT(text),
          type_name(have, a, sizeof a), type_name(want, b, sizeof b));
}

static void check_node(findings *f, const firn_node *node) {
  firn_arg_walk walk = firn_walk_inputs(node);
  walk.unknown |= !node->outputs_known;
  for (uint32_t i = 0; i < node->input_count; i++) {
    const int want = firn_arg_next(&walk);
    if (want < 0 && !walk.unknown) {
      found(f, node, "%u inputs, the op takes %u", node->input_count, i);
      break;
    }
    check_edge(f, node, i, want < 0 ? FIRN_INVALID : want);
  }
  if (firn_arg_next(&walk) >= 0)
    found(f, node, "%u input%s, the op takes more", node->input_count,
          node->input_count == 1 ? "" : "s");

  for (uint32_t i = 0; i < node->control_count; i++) {
    if (node->controls[i] < node->graph->node_count) continue;
    const firn_str text = input_text(node, true, i);
    found(f, node, "control input '%.*s' is not in the graph", SHORT(text));
  }
}

firn_code firn_graph_check(const firn_graph *graph, const bool *marks,
                           firn_error *err) {
  findings f = {.err = err};
  for (uint32_t n = 0; n < graph->node_count; n++)
    if (marks[n]) check_node(&f, graph->nodes[n]);
  if (f.count == 0) return FIRN_OK;
  if (f.count > LINES) firn_error_add(err, "and %zu more", f.count - LINES);
  if (f.count > 1)
    firn_while(err, FIRN_INVALID_ARGUMENT, "%zu inputs are wrong, the first",
               f.count);
  return FIRN_INVALID_ARGUMENT;
}
