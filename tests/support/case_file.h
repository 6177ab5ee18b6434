/* support/case_file.h: reading a .cases file, whose writer is
 * oracle/case_writer.py.
 *
 *   one_case c;
 *   case_reader r = {cases, false};
 *   case_begin(&r);
 *   while (r.left.size && !r.damaged) {
 *     case_take(&r, &c, NULL);
 *     if (!r.damaged && case_open(&c)) ...
 *     case_end(&c);
 *   }
 */
#ifndef FIRN_TEST_CASE_FILE_H
#define FIRN_TEST_CASE_FILE_H

#include "support/op_case.h"

#ifdef FIRN_HAVE_ZLIB
#include <zlib.h>
#endif

#include "base/file.h"
#include "proto/messages.h"
#include "support/chain.h"

typedef struct case_reader {
  firn_bytes left;
  bool damaged;
} case_reader;

typedef struct one_case {
  char name[160];
  double tol;
  uint32_t code, open;
  firn_bytes graph;
  size_t want_count;
  firn_tensor *want[OP_CASE_MAX];
  op_rig rig;
  chain before;
} one_case;

OP_UNUSED firn_bytes case_bytes(case_reader *r, size_t size) {
  firn_bytes out = {r->left.data, size};
  if (size > r->left.size) {
    r->damaged = true;
    return (firn_bytes){NULL, 0};
  }
  r->left.data += size;
  r->left.size -= size;
  return out;
}

OP_UNUSED uint32_t case_u32(case_reader *r) {
  const firn_bytes b = case_bytes(r, 4);
  return b.data ? firn_load32(b.data) : 0;
}

OP_UNUSED firn_bytes case_text(case_reader *r) {
  return case_bytes(r, case_u32(r));
}

OP_UNUSED firn_tensor *case_tensor(case_reader *r, one_case *c) {
  const firn_bytes bytes = case_text(r);
  firn_pb_TensorProto *pb = NULL;
  firn_tensor *tensor = NULL;
  if (r->damaged ||
      firn_pb_parse(&firn_pb_type_TensorProto, bytes, &c->rig.env.limits,
                    &c->rig.arena, (void **)&pb, &c->rig.err) != FIRN_OK ||
      firn_tensor_from_proto(pb, &c->rig.env, &tensor, &c->rig.err) != FIRN_OK)
    r->damaged = true;
  return tensor;
}

OP_UNUSED void case_tensors(case_reader *r, one_case *c, firn_tensor **to,
                            size_t *count) {
  const uint32_t n = case_u32(r);
  if (n > OP_CASE_MAX) r->damaged = true;
  for (*count = 0; *count < n && !r->damaged; (*count)++)
    to[*count] = case_tensor(r, c);
}

/* Reads one case, with these limits and this memory. */
OP_UNUSED void case_take(case_reader *r, one_case *c,
                         const firn_options *options) {
  memset(c, 0, sizeof *c);
  c->rig.env = firn_env_from(options);
  c->rig.env.threads = 1;
  firn_arena_init(&c->rig.arena, &c->rig.env.alloc);
  const firn_bytes name = case_text(r);
  snprintf(c->name, sizeof c->name, "%.*s", (int)name.size,
           name.data ? (const char *)name.data : "");
  c->graph = case_text(r);
  const firn_bytes tol = case_bytes(r, 8);
  if (tol.data) memcpy(&c->tol, tol.data, 8);
  c->code = case_u32(r);
  c->open = case_u32(r);
  case_tensors(r, c, c->rig.in, &c->rig.in_count);
  case_tensors(r, c, c->want, &c->want_count);
}

OP_UNUSED void case_end(one_case *c) {
  chain_close(&c->before);
  for (size_t i = 0; i < c->want_count; i++) firn_tensor_release(c->want[i]);
  op_close(&c->rig);
}

/* The case's graph as a message; NULL when it is damaged. */
OP_UNUSED firn_pb_GraphDef *case_graph(one_case *c) {
  firn_pb_GraphDef *def = NULL;
  if (firn_pb_parse(&firn_pb_type_GraphDef, c->graph, &c->rig.env.limits,
                    &c->rig.arena, (void **)&def, &c->rig.err) != FIRN_OK)
    return NULL;
  return def;
}

/* Makes the graph and finds the node x. */
OP_UNUSED bool case_import(one_case *c, const firn_pb_GraphDef *def) {
  op_rig *rig = &c->rig;
  if (!def ||
      firn_graph_import(def, NULL, &rig->env, &rig->graph, &rig->err) !=
          FIRN_OK ||
      firn_store_new(&rig->env, NULL, &rig->store, &rig->err) != FIRN_OK ||
      firn_packs_new(&rig->env, &rig->packs, &rig->err) != FIRN_OK)
    return false;
  rig->node = firn_graph_find(rig->graph, FIRN_STR("x"));
  if (!rig->node || rig->node->output_count > OP_CASE_MAX) return false;
  rig->out_count = rig->node->output_count;
  chain_open(&c->before, rig);
  return true;
}

OP_UNUSED bool case_open(one_case *c) { return case_import(c, case_graph(c)); }

/* ---- The file ----------------------------------------------------------- */

static const char case_magic[] = "firn cases 1\n";

/* The cases without compression; *own is to be freed. */
OP_UNUSED bool case_unpack(firn_bytes file, firn_bytes *out, uint8_t **own) {
  *own = NULL;
  *out = file;
  if (file.size >= sizeof case_magic &&
      !memcmp(file.data, case_magic, sizeof case_magic - 1))
    return true;
#ifdef FIRN_HAVE_ZLIB
  uLongf size = file.size > 4 ? firn_load32(file.data) : 0;
  *own = malloc(size ? size : 1);
  if (!*own || uncompress(*own, &size, file.data + 4, file.size - 4) != Z_OK)
    return false;
  *out = (firn_bytes){*own, size};
  return size >= sizeof case_magic &&
         !memcmp(*own, case_magic, sizeof case_magic - 1);
#else
  printf("compressed, and there is no zlib\n");
  exit(77); /* skipped */
#endif
}

OP_UNUSED void case_begin(case_reader *r) {
  case_bytes(r, sizeof case_magic - 1);
}

#endif
