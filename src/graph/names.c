/* graph/names.c: tensor names taken apart, looked up, and guessed at when
 * wrong.
 *
 * People know the last part of a name ("Softmax" for "final_result/Softmax"),
 * or the scope ("dense_1" for "dense_1/BiasAdd"), or mistype. A candidate gets
 * a score by whichever of the three is nearest; the lowest scores are shown.
 */
#include <ctype.h>
#include <stdio.h>

#include "graph/graph.h"

/* ---- Taking apart ------------------------------------------------------- */

/* Digits as a number, stuck at the largest; false when there are none. */
static bool read_index(firn_str digits, int64_t *out) {
  int64_t value = 0;
  for (size_t i = 0; i < digits.size; i++) {
    const char c = digits.data[i];
    if (c < '0' || c > '9') return false;
    if (!firn_mul_i64(value, 10, &value) ||
        !firn_add_i64(value, c - '0', &value))
      value = INT64_MAX / 10;
  }
  *out = value;
  return digits.size > 0;
}

bool firn_tensor_name_split(firn_str text, firn_str *node, int64_t *output) {
  if (text.size == 0) return false;
  if (text.data[0] == '^') {
    *node = (firn_str){text.data + 1, text.size - 1};
    *output = FIRN_CONTROL;
    return node->size > 0 && !memchr(node->data, ':', node->size);
  }
  *node = text;
  *output = 0;
  const char *colon = memchr(text.data, ':', text.size);
  if (!colon) return true;
  node->size = (size_t)(colon - text.data);
  return node->size > 0 &&
         read_index((firn_str){colon + 1, text.size - node->size - 1}, output);
}

/* ---- Near names --------------------------------------------------------- */

enum {
  FAR = 1000,     /* no candidate at all                                */
  SAME_LAST = 10, /* the last parts agree, the scopes do not            */
  IN_SCOPE = 20,  /* the name is a scope, the candidate lies in it      */
  HOLDS = 30,     /* the name occurs within the candidate               */
  MISTYPED = 8,   /* per letter                                         */
  PLUMBING = 15,  /* variables, constants, savers, gradients   */
  DISTANCE_WORK = 1 << 26,
  MAX_NEAR = 16,
};

static firn_str last_part(firn_str name) {
  size_t start = name.size;
  while (start > 0 && name.data[start - 1] != '/') start--;
  return (firn_str){name.data + start, name.size - start};
}

static bool same_letters(const char *a, const char *b, size_t size) {
  for (size_t i = 0; i < size; i++)
    if (tolower((unsigned char)a[i]) != tolower((unsigned char)b[i]))
      return false;
  return true;
}

static bool same_ignoring_case(firn_str a, firn_str b) {
  return a.size == b.size && same_letters(a.data, b.data, a.size);
}

static bool holds(firn_str text, firn_str part) {
  for (size_t i = 0; part.size >= 3 && i + part.size <= text.size; i++)
    if (same_letters(text.data + i, part.data, part.size)) return true;
  return false;
}

static bool in_scope(firn_str name, firn_str scope) {
  return name.size > scope.size && name.data[scope.size] == '/' &&
         same_letters(name.data, scope.data, scope.size);
}

static int depth(firn_str name) {
  int slashes = 0;
  for (size_t i = 0; i < name.size; i++) slashes += name.data[i] == '/';
  return slashes;
}

static bool is_plumbing(const firn_node *node) {
  static const char *const scopes[] = {"save/", "gradients/", "Initializer/",
                                       "_grad/", "report_"};
  static const char *const ops[] = {
      "Const",         "Assign",      "AssignVariableOp", "VarIsInitializedOp",
      "NoOp",          "VarHandleOp", "VariableV2",       "Variable",
      "ReadVariableOp"};
  for (size_t i = 0; i < FIRN_COUNT(scopes); i++)
    if (holds(node->def->name, firn_str_of(scopes[i]))) return true;
  for (size_t i = 0; i < FIRN_COUNT(ops); i++)
    if (firn_str_is(node->def->op, ops[i])) return true;
  return false;
}

/* The edit distance as a score. `work` keeps a hostile graph from costing
 * minutes. */
static int mistyped(firn_str a, firn_str b, uint64_t *work) {
  const size_t most = firn_max_size(2, firn_min_size(a.size, b.size) / 3);
  const size_t apart = a.size > b.size ? a.size - b.size : b.size - a.size;
  if (apart > most || *work > DISTANCE_WORK) return FAR;
  *work += a.size * b.size;
  const size_t distance = firn_str_distance(a, b);
  /* Of short names, half the letters must be right. */
  if (distance > most || distance * 2 > a.size) return FAR;
  return (int)distance * MISTYPED;
}

static int score(const firn_node *node, firn_str name, uint64_t *work) {
  const firn_str own = node->def->name;
  if (own.size == 0) return FAR;
  if (same_ignoring_case(own, name)) return 0;

  const firn_str own_last = last_part(own), last = last_part(name);
  int best = mistyped(own, name, work);
  int other = FAR;
  if (same_ignoring_case(own_last, last))
    other = SAME_LAST;
  else if (in_scope(own, name))
    other = IN_SCOPE + 2 * (depth(own) - depth(name));
  else if (holds(own, name))
    other = HOLDS + 2 * depth(own);
  else
    other = SAME_LAST + mistyped(own_last, last, work);
  if (other < best) best = other;
  return best < FAR && is_plumbing(node) ? best + PLUMBING : best;
}

size_t firn_graph_near(const firn_graph *graph, firn_str name, firn_str *out,
                       size_t max) {
  int scores[MAX_NEAR];
  size_t count = 0;
  uint64_t work = 0;
  firn_str node_name;
  int64_t output;
  if (firn_tensor_name_split(name, &node_name, &output)) name = node_name;
  if (max > MAX_NEAR) max = MAX_NEAR;
  if (max == 0 || name.size == 0) return 0;

  for (uint32_t i = 0; i < graph->node_count; i++) {
    const int s = score(graph->nodes[i], name, &work);
    if (s >= FAR || (count == max && s >= scores[count - 1])) continue;
    if (count < max) count++;
    size_t at = count - 1;
    for (; at > 0 && scores[at - 1] > s; at--) {
      scores[at] = scores[at - 1];
      out[at] = out[at - 1];
    }
    scores[at] = s;
    out[at] = graph->nodes[i]->def->name;
  }
  return count;
}

/* ---- Looking up --------------------------------------------------------- */

static firn_code not_found(const firn_graph *graph, firn_str name,
                           firn_error *err) {
  enum { SHOWN = 3 };
  firn_str near[SHOWN];
  const size_t count = firn_graph_near(graph, name, near, SHOWN);
  char text[SHOWN * 100] = "";
  size_t used = 0;
  for (size_t i = 0; i < count; i++) {
    const char *between = i == 0          ? "; did you mean "
                          : i + 1 < count ? ", "
                                          : " or ";
    const int shown = near[i].size > 80 ? 80 : (int)near[i].size;
    used += (size_t)snprintf(text + used, sizeof text - used, "%s'%.*s'",
                             between, shown, near[i].data);
  }
  return firn_fail(err, FIRN_NOT_FOUND, "no node '%.*s' in the graph%s%s",
                   FIRN_ARG(name), text, count ? "?" : "");
}

firn_code firn_graph_need(const firn_graph *graph, firn_str name,
                          const firn_node **out, firn_error *err) {
  firn_str node = name;
  int64_t output;
  *out = firn_graph_find(graph, name);
  if (*out) return FIRN_OK;
  if (firn_tensor_name_split(name, &node, &output))
    *out = firn_graph_find(graph, node);
  return *out ? FIRN_OK : not_found(graph, node, err);
}

firn_code firn_graph_tensor(const firn_graph *graph, firn_str name,
                            firn_edge *out, firn_error *err) {
  firn_str node_name;
  int64_t output;
  if (!firn_tensor_name_split(name, &node_name, &output))
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "'%.*s' is no tensor name, which is 'node' or 'node:0'",
                     FIRN_ARG(name));
  if (output == FIRN_CONTROL)
    return firn_fail(err, FIRN_INVALID_ARGUMENT,
                     "'%.*s' is a control input, not a tensor", FIRN_ARG(name));
  const firn_node *node = firn_graph_find(graph, node_name);
  if (!node) return not_found(graph, node_name, err);
  if (output >= node->output_count && node->outputs_known)
    return firn_fail(err, FIRN_OUT_OF_RANGE,
                     "node '%.*s' (%.*s) has %u output%s, no output %lld",
                     FIRN_ARG(node_name), FIRN_ARG(node->def->op),
                     node->output_count, node->output_count == 1 ? "" : "s",
                     (long long)output);
  if (output > INT32_MAX)
    return firn_fail(err, FIRN_OUT_OF_RANGE, "no node has an output %lld",
                     (long long)output);
  *out = (firn_edge){node->index, (uint32_t)output};
  return FIRN_OK;
}
