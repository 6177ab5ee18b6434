/* support/chain.h: cases of more than one node.
 *
 * Lists, arrays, tables and other objects cannot be written down as inputs of a
 * case. Such a case is a small graph: placeholders i0.., nodes in an order that
 * works, and the node x whose inputs they make. The nodes before x are run one
 * by one through firn_eval_run, in a store of their own for each run; what
 * infer says of them is held against what came out.
 */
#ifndef FIRN_TEST_CHAIN_H
#define FIRN_TEST_CHAIN_H

#include "support/op_case.h"

enum { CHAIN_NODES = 160, CHAIN_OUTPUTS = 8 };

typedef struct chain {
  bool many; /* there are nodes before x */
  size_t fed;
  firn_tensor *feed[OP_CASE_MAX];
  firn_tensor *out[CHAIN_NODES][CHAIN_OUTPUTS];
} chain;

OP_UNUSED bool chain_is_placeholder(const firn_node *node) {
  return firn_str_is(node->def->op, "Placeholder");
}

OP_UNUSED size_t chain_feed_of(const firn_node *node) {
  return strtoul(node->def->name.data + 1, NULL, 10);
}

OP_UNUSED void chain_forget(chain *c) {
  for (size_t i = 0; i < CHAIN_NODES; i++)
    for (size_t k = 0; k < CHAIN_OUTPUTS; k++) {
      firn_tensor_release(c->out[i][k]);
      c->out[i][k] = NULL;
    }
}

/* Takes the feeds out of the rig; its inputs are x's from here on. */
OP_UNUSED void chain_open(chain *c, op_rig *rig) {
  memset(c, 0, sizeof *c);
  size_t placeholders = 0;
  for (uint32_t i = 0; i < rig->graph->node_count; i++)
    placeholders += chain_is_placeholder(rig->graph->nodes[i]);
  c->many = placeholders + 1 < rig->graph->node_count;
  if (!c->many) return;
  c->fed = rig->in_count;
  memcpy(c->feed, rig->in, sizeof c->feed);
  memset(rig->in, 0, sizeof rig->in);
  rig->in_count = 0;
}

OP_UNUSED void chain_close(chain *c) {
  chain_forget(c);
  for (size_t i = 0; i < c->fed; i++) firn_tensor_release(c->feed[i]);
}

/* Runs one node before x. */
OP_UNUSED firn_code chain_node(chain *c, op_rig *rig, const firn_node *node,
                               uint32_t cpu) {
  firn_tensor *in[OP_CASE_MAX];
  if (chain_is_placeholder(node)) {
    const size_t at = chain_feed_of(node);
    if (at >= c->fed) return FIRN_INTERNAL;
    c->out[node->index][0] = firn_tensor_retain(c->feed[at]);
    return FIRN_OK;
  }
  if (node->input_count > OP_CASE_MAX || node->output_count > CHAIN_OUTPUTS)
    return firn_fail(&rig->err, FIRN_INTERNAL, "too large a node for a chain");
  for (uint32_t k = 0; k < node->input_count; k++)
    in[k] = c->out[node->inputs[k].node][node->inputs[k].output];
  const firn_eval eval = {.node = node,
                          .env = &rig->env,
                          .cpu = cpu,
                          .store = rig->store,
                          .packs = rig->packs};
  return firn_eval_run(&eval, in, node->input_count, c->out[node->index],
                       node->output_count, &rig->err);
}

/* Makes the inputs of x; false when that failed (rig->code, rig->err). */
OP_UNUSED bool chain_run(chain *c, op_rig *rig, uint32_t cpu) {
  if (!c->many) return true;
  const firn_graph *graph = rig->graph;
  chain_forget(c);
  for (size_t i = 0; i < rig->in_count; i++) firn_tensor_release(rig->in[i]);
  rig->in_count = 0;
  firn_store_free(rig->store);
  rig->store = NULL;
  rig->code = firn_store_new(&rig->env, NULL, &rig->store, &rig->err);
  if (graph->node_count > CHAIN_NODES) rig->code = FIRN_INTERNAL;
  for (uint32_t i = 0; i < graph->node_count && rig->code == FIRN_OK; i++)
    if (graph->nodes[i] != rig->node)
      rig->code = chain_node(c, rig, graph->nodes[i], cpu);
  if (rig->code != FIRN_OK) return false;
  for (uint32_t k = 0; k < rig->node->input_count; k++) {
    const firn_edge e = rig->node->inputs[k];
    rig->in[rig->in_count++] = firn_tensor_retain(c->out[e.node][e.output]);
  }
  return true;
}

/* What infer says of the nodes before x with so much known of the feeds. False
 * after saying what is wrong. */
OP_UNUSED bool chain_infer(chain *c, op_rig *rig, int know, const char *name) {
  static firn_info info[CHAIN_NODES][CHAIN_OUTPUTS];
  firn_arena arena;
  bool right = true;
  firn_arena_init(&arena, &rig->env.alloc);
  memset(info, 0, sizeof info);
  for (uint32_t i = 0; c->many && right && i < rig->graph->node_count; i++) {
    const firn_node *node = rig->graph->nodes[i];
    firn_info in[OP_CASE_MAX];
    if (node == rig->node) continue;
    if (chain_is_placeholder(node)) {
      info[i][0] = firn_info_of(c->out[i][0], &arena);
      op_forget(&info[i][0], know);
      continue;
    }
    for (uint32_t k = 0; k < node->input_count; k++)
      in[k] = info[node->inputs[k].node][node->inputs[k].output];
    if (firn_infer_node(node, in, node->input_count, info[i],
                        node->output_count, &arena, &rig->err) != FIRN_OK) {
      printf("FAIL %s: infer (level %d): %s\n", name, know, rig->err.message);
      right = false;
    }
    for (uint32_t k = 0; right && k < node->output_count; k++)
      if (!op_agrees(&info[i][k], c->out[i][k])) {
        char said[256], is[256];
        printf(
            "FAIL %s: infer (level %d) said output %u of '%.*s' is %s, it "
            "is %s\n",
            name, know, k, FIRN_ARG(node->def->name),
            firn_shape_text(&info[i][k].shape, said),
            firn_shape_text(&c->out[i][k]->shape, is));
        right = false;
      }
  }
  firn_arena_fini(&arena);
  return right;
}

#endif
