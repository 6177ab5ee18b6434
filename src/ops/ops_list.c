/* ops/ops_list.c: the op table as its users see it, in name order. */
#include <string.h>

#include "firn/ops.h"
#include "ops/op.h"

size_t firn_ops_count(void) {
  size_t count = 0;
  for (size_t f = 0; f < firn_op_family_count(); f++)
    count += firn_op_family_at(f)->count;
  return count;
}

/* The op with exactly `rank` names before its own. */
static const firn_op *by_rank(size_t rank, const char **family) {
  const char *last = "";
  const firn_op *op = NULL;
  for (size_t i = 0; i <= rank; i++) {
    op = NULL;
    for (size_t f = 0; f < firn_op_family_count(); f++) {
      const firn_op_family *fam = firn_op_family_at(f);
      for (size_t k = 0; k < fam->count; k++)
        if (strcmp(fam->ops[k].name, last) > 0 &&
            (!op || strcmp(fam->ops[k].name, op->name) < 0)) {
          op = &fam->ops[k];
          *family = fam->name;
        }
    }
    if (!op) return NULL;
    last = op->name;
  }
  return op;
}

static void add_types(firn_ops_entry *e, const firn_constraint *c) {
  for (size_t i = 0; i < FIRN_COUNT(e->types) - 1; i++) {
    if (!e->types[i].attr) e->types[i].attr = c->attr;
    if (strcmp(e->types[i].attr, c->attr) != 0) continue;
    e->types[i].types |= c->types;
    return;
  }
}

firn_ops_entry firn_ops_at(size_t i) {
  firn_ops_entry e = {0};
  const firn_op *op = by_rank(i, &e.family);
  if (!op) return e;
  e.name = op->name;
  for (const firn_kernel *k = op->kernels; k && k->drive; k++)
    for (size_t c = 0; c < FIRN_COUNT(k->types) && k->types[c].attr; c++)
      add_types(&e, &k->types[c]);
  return e;
}
